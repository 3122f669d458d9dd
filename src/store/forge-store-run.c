/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-hash.h"
#include "store/forge-store-channel-row.h"
#include "store/forge-store-channels.h"
#include "store/forge-store-private.h"

#include <string.h>

#define SECONDS_PER_DAY 86400

/*
 * What is stored when the run begins is read once, so that what the run finds as it was costs no
 * statement: mostly that is nearly all.
 */

typedef struct {
  gint64 id;
  guint64 values; /* hash of what the provider says */
  gboolean gone, promoted;
  gboolean named; /* by the run */
} Channel;

typedef struct {
  gint64 channel_id, stream_id;
  double confidence;
  guint64 reasons; /* hash */
  int rank;
  gboolean decided; /* by the user, either way */
  gboolean gone, named;
} Match;

struct _ForgeStoreRun {
  gint64 now_s;
  GHashTable *channels; /* key → Channel* */
  GArray *matches;      /* Match, by channel and stream */
};

void
forge_store_run_free (ForgeStoreRun *run)
{
  if (!run)
    return;
  g_hash_table_unref (run->channels);
  g_array_unref (run->matches);
  g_free (run);
}

static guint64
hash_values (gint64 guide_channel_id,
             const char *name,
             const char *group,
             const char *logo,
             gboolean enable,
             int shift_minutes,
             const char *audio_track)
{
  guint64 hash = forge_hash_number (FORGE_HASH_SEED, (guint64)guide_channel_id);

  hash = forge_hash_text (forge_hash_text (forge_hash_text (hash, name), group), logo);
  hash = forge_hash_number (hash, enable != FALSE);
  return forge_hash_text (forge_hash_number (hash, (guint64)shift_minutes), audio_track);
}

static guint64
hash_row (const ForgeChannelRow *row)
{
  return hash_values (row->guide_channel_id,
                      row->name ? row->name : "",
                      row->group,
                      row->logo,
                      row->enable,
                      row->shift_minutes,
                      row->audio_track);
}

static gboolean
read_channels (ForgeStore *store, ForgeStoreRun *run, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!forge_statement_prepare (
          &st,
          store,
          "SELECT key, id, guide_channel_id, name, group_name, logo, enabled, gone_at IS NOT NULL,"
          " promoted, shift_minutes, audio_track FROM channel",
          error))
    return FALSE;
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW) {
    Channel *channel = g_new0 (Channel, 1);

    channel->id = forge_column_int (&st, 1);
    channel->values = hash_values (forge_column_int (&st, 2),
                                   forge_column_text (&st, 3),
                                   forge_column_text (&st, 4),
                                   forge_column_text (&st, 5),
                                   forge_column_int (&st, 6) != 0,
                                   (int)forge_column_int (&st, 9),
                                   forge_column_text (&st, 10));
    channel->gone = forge_column_int (&st, 7) != 0;
    channel->promoted = forge_column_int (&st, 8) != 0;
    g_hash_table_insert (run->channels, forge_column_dup (&st, 0), channel);
  }
  return step == FORGE_STEP_DONE;
}

static gboolean
read_matches (ForgeStore *store, ForgeStoreRun *run, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!forge_statement_prepare (
          &st,
          store,
          "SELECT channel_id, stream_id, confidence, reasons, rank, manual OR rejected,"
          " gone_at IS NOT NULL FROM stream_match ORDER BY channel_id, stream_id",
          error))
    return FALSE;
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW) {
    Match match = { .channel_id = forge_column_int (&st, 0),
                    .stream_id = forge_column_int (&st, 1),
                    .confidence = sqlite3_column_double (st.handle, 2),
                    .reasons = forge_hash_text (FORGE_HASH_SEED, forge_column_text (&st, 3)),
                    .rank = (int)forge_column_int (&st, 4),
                    .decided = forge_column_int (&st, 5) != 0,
                    .gone = forge_column_int (&st, 6) != 0 };
    g_array_append_val (run->matches, match);
  }
  return step == FORGE_STEP_DONE;
}

gboolean
forge_store_begin_channels (ForgeStore *store, gint64 now_s, GError **error)
{
  ForgeStoreRun *run;

  g_return_val_if_fail (!sqlite3_get_autocommit (store->db), FALSE);
  g_clear_pointer (&store->run, forge_store_run_free);
  run = store->run = g_new0 (ForgeStoreRun, 1);
  run->now_s = MAX (now_s, 1);
  run->channels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  run->matches = g_array_new (FALSE, FALSE, sizeof (Match));
  return read_channels (store, run, error) && read_matches (store, run, error);
}

gint64
forge_store_put_channel (ForgeStore *store, const ForgeChannelRow *row, GError **error)
{
  Channel *channel;
  gint64 id;

  g_return_val_if_fail (store->run, 0);
  g_return_val_if_fail (row->key && *row->key, 0);

  channel = g_hash_table_lookup (store->run->channels, row->key);
  if (channel && !channel->gone && channel->values == hash_row (row)) {
    channel->named = TRUE;
    return channel->id;
  }
  id = forge_channel_row_put (store, row, error);
  if (id == 0)
    return 0;
  if (!channel) {
    channel = g_new0 (Channel, 1);
    g_hash_table_insert (store->run->channels, g_strdup (row->key), channel);
  }
  channel->id = id;
  channel->values = hash_row (row);
  channel->gone = FALSE;
  channel->named = TRUE;
  return id;
}

/* The pair as it was when the run began, NULL = it was not there. */
static Match *
find_match (const ForgeStoreRun *run, gint64 channel_id, gint64 stream_id)
{
  guint low = 0, high = run->matches->len;

  while (low < high) {
    guint middle = (low + high) / 2;
    Match *match = &g_array_index (run->matches, Match, middle);

    if (match->channel_id == channel_id && match->stream_id == stream_id)
      return match;
    if (match->channel_id < channel_id ||
        (match->channel_id == channel_id && match->stream_id < stream_id))
      low = middle + 1;
    else
      high = middle;
  }
  return NULL;
}

gboolean
forge_store_has_match (ForgeStore *store, gint64 channel_id, gint64 stream_id, double confidence)
{
  const Match *match;

  g_return_val_if_fail (store->run, FALSE);
  match = find_match (store->run, channel_id, stream_id);
  return match && (match->decided || (!match->gone && match->confidence == confidence));
}

static gboolean
write_rank (ForgeStore *store, const Match *match, int rank, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (
          &st,
          store,
          "UPDATE stream_match SET rank = ? WHERE channel_id = ? AND stream_id = ?",
          error))
    return FALSE;
  forge_bind_int (&st, rank);
  forge_bind_int (&st, match->channel_id);
  forge_bind_int (&st, match->stream_id);
  return forge_statement_run (&st, error);
}

static gboolean
write_match (ForgeStore *store,
             gint64 channel_id,
             gint64 stream_id,
             double confidence,
             int rank,
             const char *reasons,
             GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (
          &st,
          store,
          "INSERT INTO stream_match (channel_id, stream_id, confidence, rank, reasons)"
          " VALUES (?, ?, ?, ?, ?) ON CONFLICT (channel_id, stream_id) DO UPDATE"
          " SET confidence = excluded.confidence, rank = excluded.rank,"
          " reasons = excluded.reasons, gone_at = NULL WHERE NOT manual AND NOT rejected",
          error))
    return FALSE;
  forge_bind_int (&st, channel_id);
  forge_bind_int (&st, stream_id);
  forge_bind_real (&st, confidence);
  forge_bind_int (&st, rank);
  forge_bind_text (&st, reasons);
  return forge_statement_run (&st, error);
}

gboolean
forge_store_put_match (ForgeStore *store,
                       gint64 channel_id,
                       gint64 stream_id,
                       double confidence,
                       int rank,
                       const char *reasons,
                       GError **error)
{
  Match *match;

  g_return_val_if_fail (store->run, FALSE);
  match = find_match (store->run, channel_id, stream_id);
  if (match)
    match->named = TRUE;
  if (match && match->decided)
    return TRUE;
  if (match && !match->gone && match->confidence == confidence &&
      (!reasons || match->reasons == forge_hash_text (FORGE_HASH_SEED, reasons)))
    return match->rank == rank || write_rank (store, match, rank, error);
  return write_match (store,
                      channel_id,
                      stream_id,
                      confidence,
                      rank,
                      reasons ? reasons : "[]",
                      error);
}

#define BURY_MATCH         "UPDATE stream_match SET gone_at = ? WHERE channel_id = ? AND stream_id = ?"
#define BURY_CHANNEL       "UPDATE channel SET gone_at = ? WHERE id = ?"
#define DELETE_OLD_MATCHES "DELETE FROM stream_match WHERE gone_at <= ?"
#define DELETE_OLD_CHANNELS                                                               \
  "DELETE FROM channel WHERE gone_at <= ? AND user_name IS NULL AND user_enabled IS NULL" \
  " AND user_group IS NULL AND user_logo IS NULL"                                         \
  " AND NOT user_placed AND NOT promoted AND NOT EXISTS (SELECT 1 FROM stream_match m"    \
  " WHERE m.channel_id = channel.id AND (m.manual OR m.rejected))"

/* `second` 0 = the statement has no third parameter. */
static gboolean
bury (ForgeStore *store, const char *sql, gint64 first, gint64 second, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st, store, sql, error))
    return FALSE;
  forge_bind_int (&st, store->run->now_s);
  forge_bind_int (&st, first);
  if (second > 0)
    forge_bind_int (&st, second);
  return forge_statement_run (&st, error);
}

static gboolean
bury_unnamed (ForgeStore *store, GError **error)
{
  const GArray *matches = store->run->matches;
  GHashTableIter channels;
  Channel *channel;

  for (guint i = 0; i < matches->len; i++) {
    const Match *match = &g_array_index (matches, Match, i);

    if (!match->named && !match->gone && !match->decided &&
        !bury (store, BURY_MATCH, match->channel_id, match->stream_id, error))
      return FALSE;
  }
  g_hash_table_iter_init (&channels, store->run->channels);
  while (g_hash_table_iter_next (&channels, NULL, (gpointer *)&channel))
    if (!channel->named && !channel->gone && !channel->promoted &&
        !bury (store, BURY_CHANNEL, channel->id, 0, error))
      return FALSE;
  return TRUE;
}

gboolean
forge_store_end_channels (ForgeStore *store, int tombstone_days, GError **error)
{
  g_return_val_if_fail (store->run, FALSE);

  gint64 expired_s = store->run->now_s - (gint64)tombstone_days * SECONDS_PER_DAY;
  gboolean ok = bury_unnamed (store, error);

  g_clear_pointer (&store->run, forge_store_run_free);
  return ok && forge_store_run_id (store, DELETE_OLD_MATCHES, expired_s, NULL, error) &&
         forge_store_run_id (store, DELETE_OLD_CHANNELS, expired_s, NULL, error) &&
         forge_store_run (store, "UPDATE lineup_state SET stale = 0 WHERE stale", error) &&
         forge_channel_row_apply_pending (store, error);
}

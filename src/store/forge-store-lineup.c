/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "store/forge-store-channels.h"
#include "store/forge-store-private.h"
#include "store/forge-store-stream-row.h"

#include <string.h>

#define HAS_GUIDE                                                                                 \
  "EXISTS (SELECT 1 FROM guide_channel g JOIN guide_source s ON s.id = g.source_id AND s.enabled" \
  " JOIN guide_entry e ON e.generation = s.generation AND e.guide_channel_id = g.id"              \
  " WHERE g.id = c.guide_channel_id)"
#define HAS_STREAM                                                           \
  "EXISTS (SELECT 1 FROM stream_match m JOIN stream t ON t.id = m.stream_id" \
  " WHERE m.channel_id = c.id AND NOT m.rejected AND m.gone_at IS NULL AND t.gone_at IS NULL)"

#define IS_FAVORITE "EXISTS (SELECT 1 FROM favorite f WHERE f.channel_id = c.id)"

/* The first is word for word the condition of the index channel_lineup. */
#define IF_ENABLED   "c.gone_at IS NULL AND coalesce (c.user_enabled, c.enabled) = 1"
#define IF_ANY       "c.gone_at IS NULL"
#define IF_UNMATCHED "c.gone_at IS NULL AND NOT " HAS_STREAM
#define IF_ID        "c.gone_at IS NULL AND c.id = ?"

#define CHANNELS(condition)                                                                                                  \
  "SELECT c.id, c.number, c.position, c.key, coalesce (c.user_name, c.name),"                                                \
  " coalesce (c.user_group, c.group_name), coalesce (c.user_logo, c.logo), coalesce (c.user_enabled, c.enabled), " HAS_GUIDE \
  ", " IS_FAVORITE ", c.audio_track FROM channel c WHERE " condition " ORDER BY c.position, c.id"

#define IS_SURE "(m.manual OR m.confidence >= " G_STRINGIFY (FORGE_SURE_CONFIDENCE) ")"

#define CANDIDATES(condition)                                                         \
  "SELECT " FORGE_STREAM_COLUMNS ", c.id, m.confidence, m.manual"                     \
  " FROM channel c CROSS JOIN stream_match m ON m.channel_id = c.id"                  \
  " AND NOT m.rejected AND m.gone_at IS NULL"                                         \
  " CROSS JOIN stream t ON t.id = m.stream_id AND t.gone_at IS NULL WHERE " condition \
  " ORDER BY c.position, c.id, m.is_primary DESC, m.manual DESC, " IS_SURE " DESC,"   \
  " t.quality DESC, m.rank,"                                                          \
  " t.account_id, t.position, t.id"

typedef struct {
  const char *channels, *candidates;
  gboolean only_sure; /* where a channel has a sure stream, the unsure ones are left out */
} Queries;

static const Queries queries[] = {
  [FORGE_CHANNELS_ENABLED] = { CHANNELS (IF_ENABLED), CANDIDATES (IF_ENABLED), TRUE },
  [FORGE_CHANNELS_ALL] = { CHANNELS (IF_ANY), CANDIDATES (IF_ANY), FALSE },
  [FORGE_CHANNELS_UNMATCHED] = { CHANNELS (IF_UNMATCHED), NULL, FALSE },
};
static const Queries query_by_id = { CHANNELS (IF_ID), CANDIDATES (IF_ID), FALSE };

static ForgeChannel *
read_channel (ForgeStatement *st)
{
  ForgeChannel *channel = forge_channel_new ();

  channel->id = forge_column_int (st, 0);
  channel->number = (int)forge_column_int (st, 1);
  channel->position = (int)forge_column_int (st, 2);
  channel->key = forge_column_dup (st, 3);
  channel->name = forge_column_dup (st, 4);
  channel->group = forge_column_dup (st, 5);
  channel->logo = forge_column_dup (st, 6);
  channel->enabled = forge_column_int (st, 7) != 0;
  channel->has_guide = forge_column_int (st, 8) != 0;
  channel->favorite = forge_column_int (st, 9) != 0;
  channel->audio_track = forge_column_dup (st, 10);
  channel->guide_id = forge_channel_make_guide_id (channel->id);
  return channel;
}

/* SQLite folds the case of ASCII only, so the search is done here. `needle` is case-folded. */
static gboolean
is_found (ForgeStatement *st, const char *needle)
{
  char number[16];

  if (!needle)
    return TRUE;
  g_snprintf (number, sizeof number, "%" G_GINT64_FORMAT, forge_column_int (st, 1));
  if (strcmp (number, needle) == 0)
    return TRUE;
  g_autofree char *name = g_utf8_casefold (forge_column_text (st, 4), -1);
  return strstr (name, needle) != NULL;
}

static gboolean
read_channels (ForgeStore *store,
               const char *sql,
               gint64 id,
               const char *needle,
               GPtrArray *channels,
               GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!forge_statement_prepare (&st, store, sql, error))
    return FALSE;
  if (id)
    forge_bind_int (&st, id);
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW)
    if (is_found (&st, needle))
      g_ptr_array_add (channels, read_channel (&st));
  return step == FORGE_STEP_DONE;
}

static gboolean
is_sure (double confidence, gboolean manual)
{
  return manual || confidence >= FORGE_SURE_CONFIDENCE;
}

/* A viewer must never be shown another channel while there is one that is surely right. The sure
 * ones come first. */
static gboolean
is_left_out (const ForgeChannel *channel, double confidence, gboolean manual)
{
  if (is_sure (confidence, manual) || channel->candidates->len == 0)
    return FALSE;
  const ForgeCandidate *best = forge_channel_candidate (channel, 0);
  return is_sure (best->confidence, best->manual);
}

static void
add_candidate (ForgeStatement *st, ForgeChannel *channel, gboolean only_sure)
{
  gboolean manual = forge_column_int (st, FORGE_STREAM_COLUMN_COUNT + 2) != 0;
  double confidence = manual ? 1.0
                             : sqlite3_column_double (st->handle, FORGE_STREAM_COLUMN_COUNT + 1);

  if (only_sure && is_left_out (channel, confidence, manual))
    return;
  g_autoptr (ForgeStream) stream = forge_stream_row_read (st, 0);
  forge_channel_add_candidate (channel, stream, confidence, channel->candidates->len == 0, manual);
}

/* The rows come in the channels' order; those of channels that the search left out are skipped. */
static gboolean
read_candidates (ForgeStore *store,
                 const Queries *sql,
                 gint64 id,
                 GPtrArray *channels,
                 GError **error)
{
  g_autoptr (GHashTable) by_id = g_hash_table_new (g_int64_hash, g_int64_equal);
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  for (guint i = 0; i < channels->len; i++) {
    ForgeChannel *channel = g_ptr_array_index (channels, i);
    g_hash_table_insert (by_id, &channel->id, channel);
  }
  if (!forge_statement_prepare (&st, store, sql->candidates, error))
    return FALSE;
  if (id)
    forge_bind_int (&st, id);
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW) {
    gint64 channel_id = forge_column_int (&st, FORGE_STREAM_COLUMN_COUNT);
    ForgeChannel *channel = g_hash_table_lookup (by_id, &channel_id);
    if (channel)
      add_candidate (&st, channel, sql->only_sure);
  }
  return step == FORGE_STEP_DONE;
}

/* Two queries of one snapshot. */
static GPtrArray *
load (ForgeStore *store, const Queries *sql, gint64 id, const char *needle, GError **error)
{
  g_autoptr (GPtrArray) channels =
      g_ptr_array_new_with_free_func ((GDestroyNotify)forge_channel_unref);
  ForgeTransaction transaction = FORGE_TRANSACTION_READ;

  if (!forge_store_enter (store, &transaction, error))
    return NULL;
  gboolean ok =
      read_channels (store, sql->channels, id, needle, channels, error) &&
      (!sql->candidates || channels->len == 0 || read_candidates (store, sql, id, channels, error));
  return forge_store_leave (store, transaction, ok, error) ? g_steal_pointer (&channels) : NULL;
}

GPtrArray *
forge_store_list_channels (ForgeStore *store,
                           ForgeChannelFilter filter,
                           const char *search,
                           GError **error)
{
  g_autofree char *needle = NULL;

  g_return_val_if_fail ((guint)filter < G_N_ELEMENTS (queries), NULL);
  if (search && *search) {
    g_autofree char *valid = g_utf8_make_valid (search, -1);
    needle = g_utf8_casefold (valid, -1);
  }
  return load (store, &queries[filter], 0, needle, error);
}

ForgeChannel *
forge_store_get_channel (ForgeStore *store, gint64 id, GError **error)
{
  g_autoptr (GPtrArray) channels = NULL;

  if (id > 0) {
    channels = load (store, &query_by_id, id, NULL, error);
    if (!channels)
      return NULL;
    if (channels->len > 0)
      return forge_channel_ref (g_ptr_array_index (channels, 0));
  }
  forge_store_not_found ("channel", id, error);
  return NULL;
}

gint64
forge_store_channel_guide (ForgeStore *store, gint64 id)
{
  gint64 guide_channel_id = 0;

  forge_store_get_int (store,
                       "SELECT guide_channel_id FROM channel WHERE id = ? AND gone_at IS NULL",
                       id,
                       &guide_channel_id,
                       NULL);
  return guide_channel_id;
}

gboolean
forge_store_count_channels (ForgeStore *store,
                            int *total,
                            int *enabled,
                            int *matched,
                            GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (
          &st,
          store,
          "SELECT count (*), total (coalesce (c.user_enabled, c.enabled)), total (" HAS_STREAM ")"
          " FROM channel c WHERE c.gone_at IS NULL",
          error) ||
      forge_statement_step (&st, error) != FORGE_STEP_ROW)
    return FALSE;
  *total = (int)forge_column_int (&st, 0);
  *enabled = (int)forge_column_int (&st, 1);
  *matched = (int)forge_column_int (&st, 2);
  return TRUE;
}

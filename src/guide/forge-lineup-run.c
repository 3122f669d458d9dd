/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-guide"

#include "config.h"

#include "guide/forge-lineup-run.h"

#include "base/forge-role.h"
#include "guide/forge-lineup-heirs.h"
#include "guide/forge-lineup-promote.h"
#include "store/forge-store-memo.h"
#include "store/forge-store-streams.h"
#include "store/forge-store-urls.h"

/*
 *   guide channels ──► forge-lineup-guide (one per xmltv id)
 *   streams ─────────► forge-lineup-match ──► Match structs, sorted by channel and rank
 *   one transaction:   channels in guide order, their matches, promoted streams, memos
 *
 * Reading and matching happen before the transaction, so that no other writer waits for them.
 */

/* How often, in streams, the cancellable is asked. */
#define CANCEL_CHECK_INTERVAL 256

/* What a guide channel takes from its best stream. */
typedef struct {
  const char *group, *icon;
  guint32 best; /* rank of the best stream so far, see stream_order () */
  double confidence;
} Best;

typedef struct {
  const ForgeLineupStream *stream;
  guint32 order;
} Match;

typedef struct {
  ForgeStore *store;
  const ForgeLineupRunOptions *options;
  ForgeLineupRunResult *result;
  GCancellable *cancellable;
  ForgeLineupMemory *memory, *own_memory;
  ForgeLineupGuide *guide;
  ForgeLineupMatch *found;
  Best *best;           /* by place in the guide */
  GArray *matches;      /* Match */
  GHashTable *accounts; /* account id → GINT (streams matched) */
  GHashTable *listings; /* forge_store_load_listings () */
  ForgePromotion *promotion;
  guint seen;  /* streams in this pass */
  int enabled; /* channels so far */
} Run;

static void
run_init (Run *run)
{
  run->memory = run->options->memory;
  if (!run->memory)
    run->memory = run->own_memory = forge_lineup_memory_new ();
  run->matches = g_array_new (FALSE, FALSE, sizeof (Match));
  run->accounts = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  run->promotion = forge_promotion_new ();
}

static void
run_clear (Run *run)
{
  g_array_unref (run->matches);
  g_hash_table_unref (run->accounts);
  g_clear_pointer (&run->listings, g_hash_table_unref);
  forge_promotion_free (run->promotion);
  forge_lineup_match_free (run->found);
  forge_lineup_guide_free (run->guide);
  forge_lineup_memory_free (run->own_memory);
  g_free (run->best);
}

/* -- streams ----------------------------------------------------------------------------------- */

/* Smaller is tried earlier: sure before unsure, then by quality, then by confidence. */
static guint32
stream_order (ForgeQuality quality, double confidence)
{
  guint32 unsure = confidence < FORGE_SURE_CONFIDENCE;
  guint32 confidence_steps = (guint32)((1 - CLAMP (confidence, 0, 1)) * 1000);

  return unsure << 20 | (guint32)(FORGE_QUALITY_4K - quality) << 16 | confidence_steps;
}

static void
add_match (Run *run, const ForgeLineupStream *stream)
{
  Best *best = &run->best[stream->guide - 1];
  Match match = { stream, stream_order (stream->quality, stream->confidence) };

  g_array_append_val (run->matches, match);
  run->result->matched_streams++;
  run->result->review += stream->confidence < FORGE_SURE_CONFIDENCE;
  best->confidence = MAX (best->confidence, stream->confidence);
  if (match.order >= best->best)
    return;
  best->best = match.order;
  best->group = stream->group ? stream->group : best->group;
  best->icon = stream->icon ? stream->icon : best->icon;
}

static gboolean
is_cancelled (Run *run)
{
  return run->seen++ % CANCEL_CHECK_INTERVAL == 0 && g_cancellable_is_cancelled (run->cancellable);
}

static void
count_for_account (Run *run, gint64 account_id, gboolean matched)
{
  gpointer key, count;

  if (!g_hash_table_lookup_extended (run->accounts, &account_id, &key, &count))
    g_hash_table_insert (run->accounts,
                         g_memdup2 (&account_id, sizeof account_id),
                         GINT_TO_POINTER (matched));
  else if (matched && !count)
    g_hash_table_insert (run->accounts,
                         g_memdup2 (&account_id, sizeof account_id),
                         GINT_TO_POINTER (1));
}

static gboolean
has_no_match (Run *run, gint64 account_id)
{
  return g_hash_table_lookup (run->accounts, &account_id) == NULL;
}

/* Streams of accounts that no guide channel matches. */
static gboolean
on_stream_to_promote (const ForgeStream *stream, gpointer user_data)
{
  Run *run = user_data;

  if (has_no_match (run, stream->account_id))
    forge_promotion_add_stream (run->promotion, stream);
  return !is_cancelled (run);
}

static int
compare_matches (gconstpointer a, gconstpointer b)
{
  const Match *left = a, *right = b;

  if (left->stream->guide != right->stream->guide)
    return left->stream->guide < right->stream->guide ? -1 : 1;
  if (left->order != right->order)
    return left->order < right->order ? -1 : 1;
  if (left->stream->position != right->stream->position)
    return left->stream->position < right->stream->position ? -1 : 1;
  return left->stream->stream_id < right->stream->stream_id ? -1 : 1;
}

static gboolean
match_streams (Run *run, GError **error)
{
  guint length;

  run->listings = forge_store_load_listings (run->store, error);
  run->guide = run->listings ? forge_lineup_guide_read (run->store, run->cancellable, error) : NULL;
  if (!run->guide)
    return FALSE;
  length = forge_lineup_guide_length (run->guide);
  run->best = g_new0 (Best, length + 1);
  for (guint i = 0; i < length; i++)
    run->best[i].best = G_MAXUINT32;
  run->found = forge_lineup_match_new (run->store,
                                       run->guide,
                                       run->memory,
                                       run->options->anew,
                                       run->cancellable,
                                       error);
  if (!run->found)
    return FALSE;
  for (guint i = 0; i < run->found->streams->len; i++) {
    const ForgeLineupStream *stream = &g_array_index (run->found->streams, ForgeLineupStream, i);

    count_for_account (run, stream->account_id, stream->guide > 0);
    if (stream->guide > 0)
      add_match (run, stream);
    else
      run->result->unmatched_streams++;
  }
  g_array_sort (run->matches, compare_matches);
  return TRUE;
}

static gboolean
promote_streams (Run *run, GError **error)
{
  g_autoptr (GPtrArray) existing = NULL;
  GHashTableIter accounts;
  gpointer id, matched;
  gboolean any = FALSE;

  g_hash_table_iter_init (&accounts, run->accounts);
  while (g_hash_table_iter_next (&accounts, &id, &matched))
    any |= matched == NULL;
  if (!any)
    return TRUE;
  existing = forge_store_list_channels (run->store, FORGE_CHANNELS_ALL, NULL, error);
  if (!existing)
    return FALSE;
  for (guint i = 0; i < existing->len; i++)
    forge_promotion_add_existing (run->promotion, existing->pdata[i]);
  run->seen = 0;
  return forge_store_each_stream (run->store, on_stream_to_promote, run, error) &&
         !g_cancellable_set_error_if_cancelled (run->cancellable, error);
}

/* -- writing ----------------------------------------------------------------------------------- */

/* What the list of the channel's best stream says. A channel behind a parent-code is not switched
 * on by itself. */
static void
apply_listing (Run *run, gint64 stream_id, ForgeChannelRow *row)
{
  const ForgeListing *listing = g_hash_table_lookup (run->listings, &stream_id);

  if (!listing)
    return;
  row->number = listing->number;
  row->shift_minutes = listing->shift_minutes;
  row->audio_track = listing->audio_track;
  row->enable = row->enable && !listing->is_locked;
}

/* `stream_id` of its best stream, 0 = none. */
static gint64
put_channel (Run *run, ForgeChannelRow *row, gint64 stream_id, GError **error)
{
  gint64 id;

  apply_listing (run, stream_id, row);
  row->enable = row->enable && run->enabled < run->options->max_enabled;
  id = forge_store_put_channel (run->store, row, error);
  if (id) {
    run->enabled += row->enable;
    run->result->channels++;
  }
  return id;
}

static gboolean
write_match (Run *run, gint64 channel_id, const ForgeLineupStream *stream, int rank, GError **error)
{
  const char *reasons = stream->reasons;

  /* Known from the last run, but its match is not there: a rule or the user was in its way. */
  if (!reasons &&
      !forge_store_has_match (run->store, channel_id, stream->stream_id, stream->confidence)) {
    reasons = forge_lineup_match_find_reasons (run->found, run->store, stream, error);
    if (!reasons)
      return FALSE;
  }
  return forge_store_put_match (run->store,
                                channel_id,
                                stream->stream_id,
                                stream->confidence,
                                rank,
                                reasons,
                                error);
}

static gint64
best_stream (const Run *run, guint index, guint next)
{
  const Match *match = next < run->matches->len ? &g_array_index (run->matches, Match, next) : NULL;

  return match && match->stream->guide == index + 1 ? match->stream->stream_id : 0;
}

/* `next` is the first match of this or a later guide channel and moves past its own. */
static gboolean
write_guide_channel (Run *run, guint index, guint *next, GError **error)
{
  const ForgeLineupChannel *channel = forge_lineup_guide_at (run->guide, index);
  const Best *best = &run->best[index];
  ForgeChannelRow row = { .key = channel->key,
                          .guide_channel_id = channel->guide_channel_id,
                          .name = channel->name,
                          .group = best->group,
                          .logo = channel->icon ? channel->icon : best->icon,
                          .enable = best->confidence >= FORGE_SURE_CONFIDENCE };
  gint64 id = put_channel (run, &row, best_stream (run, index, *next), error);

  if (!id)
    return FALSE;
  for (int rank = 0; *next < run->matches->len; (*next)++, rank++) {
    const Match *match = &g_array_index (run->matches, Match, *next);

    if (match->stream->guide != index + 1)
      break;
    if (!write_match (run, id, match->stream, rank, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
write_promoted_channel (Run *run, const ForgePromotedChannel *channel, GError **error)
{
  static const char reasons[] = "[\"Promoted without a guide: no guide channel matches this "
                                "account's streams.\"]";
  ForgeChannelRow row = { .key = channel->key,
                          .name = channel->name,
                          .group = channel->group,
                          .logo = channel->logo,
                          .enable = TRUE };
  gint64 best = g_array_index (channel->streams, ForgePromotedStream, 0).stream_id;
  gint64 id = put_channel (run, &row, best, error);

  if (!id)
    return FALSE;
  for (guint i = 0; i < channel->streams->len; i++)
    if (!forge_store_put_match (run->store,
                                id,
                                g_array_index (channel->streams, ForgePromotedStream, i).stream_id,
                                1,
                                (int)i,
                                reasons,
                                error))
      return FALSE;
  return TRUE;
}

static gboolean
write_channels (Run *run, GError **error)
{
  const GPtrArray *promoted = forge_promotion_finish (run->promotion);
  guint next = 0;

  if (!forge_lineup_heirs_apply (run->store, run->guide, run->found->streams, error) ||
      !forge_store_begin_channels (run->store, run->options->now_s, error))
    return FALSE;
  for (guint i = 0; i < forge_lineup_guide_length (run->guide); i++)
    if (!write_guide_channel (run, i, &next, error))
      return FALSE;
  for (guint i = 0; i < promoted->len; i++)
    if (!write_promoted_channel (run, promoted->pdata[i], error))
      return FALSE;
  return !g_cancellable_set_error_if_cancelled (run->cancellable, error) &&
         forge_store_save_memos (run->store,
                                 forge_lineup_guide_hash (run->guide),
                                 run->found->memos,
                                 error) &&
         forge_store_end_channels (run->store, run->options->tombstone_days, error);
}

static gboolean
write_all (Run *run, GError **error)
{
  if (!forge_store_begin (run->store, error))
    return FALSE;
  if (write_channels (run, error) && forge_store_commit (run->store, error))
    return TRUE;
  forge_store_rollback (run->store);
  return FALSE;
}

gboolean
forge_lineup_run (ForgeStore *store,
                  const ForgeLineupRunOptions *options,
                  ForgeLineupRunResult *result,
                  GCancellable *cancellable,
                  GError **error)
{
  Run run = { .store = store, .options = options, .result = result, .cancellable = cancellable };
  gboolean ok;

  g_return_val_if_fail (store && options && result, FALSE);
  g_return_val_if_fail (forge_role_current () == FORGE_ROLE_ANY ||
                            forge_role_current () == FORGE_ROLE_JOB,
                        FALSE);
  *result = (ForgeLineupRunResult){ 0 };
  run_init (&run);
  ok = match_streams (&run, error) && promote_streams (&run, error) && write_all (&run, error);
  g_debug ("lineup: %d channels, %d streams matched, %d not, %d to review",
           result->channels,
           result->matched_streams,
           result->unmatched_streams,
           result->review);
  run_clear (&run);
  return ok;
}

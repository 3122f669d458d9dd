/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-guide"

#include "config.h"

#include "guide/forge-lineup-run.h"

#include "base/forge-role.h"
#include "guide/forge-lineup-promote.h"
#include "guide/forge-match-rules.h"
#include "guide/forge-matcher.h"
#include "store/forge-store-guide.h"
#include "store/forge-store-streams.h"

#include <json-glib/json-glib.h>

#include <string.h>

/*
 *   guide channels ──► Guide rows (one per xmltv id) ──► matcher
 *   streams ─────────► matcher ──► Match structs, sorted by channel and rank
 *   one transaction:   channels in guide order, their matches, promoted streams
 *
 * Reading and matching happen before the transaction, so that no other writer waits for them.
 */

/* Matches below this are not kept; from SURE on they enable a channel by themselves. */
#define MIN_MATCH_CONFIDENCE  0.6
#define SURE_MATCH_CONFIDENCE 0.85
/* Strings are allocated in blocks that the C library maps, so that they go back to the system. */
#define STRINGS_BLOCK_BYTES (256 * 1024)
/* How often, in streams, the cancellable is asked. */
#define CANCEL_CHECK_INTERVAL 256

/* A guide channel; several sources may know it. */
typedef struct {
  gint64 guide_channel_id; /* of the source with the best priority */
  const char *key, *xmltv_id, *name, *icon;
  GPtrArray *names; /* until the matcher has them */
  /* of its best stream */
  const char *group, *stream_icon;
  guint32 best; /* rank of the best stream so far, see stream_order () */
  double confidence;
} Guide;

typedef struct {
  gint64 stream_id;
  const char *reasons; /* JSON */
  guint32 guide, order;
  int position;
  float confidence;
} Match;

typedef struct {
  ForgeStore *store;
  const ForgeLineupRunOptions *options;
  ForgeLineupRunResult *result;
  GCancellable *cancellable;
  GStringChunk *strings, *reasons;
  GHashTable *guide_by_id; /* casefolded xmltv id → index + 1 */
  GArray *guides;          /* Guide, in guide order */
  GArray *matches;         /* Match */
  ForgeMatcher *matcher;
  ForgeMatchRules *rules;
  GHashTable *accounts; /* account id → GINT (streams matched) */
  ForgePromotion *promotion;
  guint seen;  /* streams in this pass */
  int enabled; /* channels so far */
} Run;

static void
guide_clear (gpointer data)
{
  Guide *guide = data;

  g_clear_pointer (&guide->names, g_ptr_array_unref);
}

static void
run_init (Run *run)
{
  run->strings = g_string_chunk_new (STRINGS_BLOCK_BYTES);
  run->reasons = g_string_chunk_new (STRINGS_BLOCK_BYTES);
  run->guide_by_id = g_hash_table_new (g_str_hash, g_str_equal);
  run->guides = g_array_new (FALSE, TRUE, sizeof (Guide));
  g_array_set_clear_func (run->guides, guide_clear);
  run->matches = g_array_new (FALSE, FALSE, sizeof (Match));
  run->matcher = forge_matcher_new ();
  run->accounts = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  run->promotion = forge_promotion_new ();
}

static void
run_clear (Run *run)
{
  g_string_chunk_free (run->strings);
  g_string_chunk_free (run->reasons);
  g_hash_table_unref (run->guide_by_id);
  g_array_unref (run->guides);
  g_array_unref (run->matches);
  forge_matcher_free (run->matcher);
  forge_match_rules_free (run->rules);
  g_hash_table_unref (run->accounts);
  forge_promotion_free (run->promotion);
}

/* -- guide ------------------------------------------------------------------------------------- */

static Guide *
find_or_add_guide (Run *run, const ForgeGuideChannelRow *row)
{
  g_autofree char *folded = g_utf8_casefold (row->xmltv_id, -1);
  g_autofree char *key = NULL;
  gpointer found = g_hash_table_lookup (run->guide_by_id, folded);
  Guide guide = { 0 };

  if (found)
    return &g_array_index (run->guides, Guide, GPOINTER_TO_UINT (found) - 1);
  key = g_strconcat ("guide:", folded, NULL);
  guide.guide_channel_id = row->id;
  guide.key = g_string_chunk_insert (run->strings, key);
  guide.xmltv_id = g_string_chunk_insert (run->strings, row->xmltv_id);
  guide.name =
      g_string_chunk_insert (run->strings,
                             row->names[0] && *row->names[0] ? row->names[0] : row->xmltv_id);
  guide.names = g_ptr_array_new_with_free_func (g_free);
  guide.best = G_MAXUINT32;
  g_array_append_val (run->guides, guide);
  g_hash_table_insert (run->guide_by_id,
                       (gpointer)(guide.key + strlen ("guide:")),
                       GUINT_TO_POINTER (run->guides->len));
  return &g_array_index (run->guides, Guide, run->guides->len - 1);
}

/* Called by priority: the first source that has a channel feeds it, later ones add names. */
static gboolean
on_guide_channel (const ForgeGuideChannelRow *row, gint64 source_id, gpointer user_data)
{
  Run *run = user_data;
  Guide *guide = find_or_add_guide (run, row);

  if (!guide->icon && row->icon)
    guide->icon = g_string_chunk_insert (run->strings, row->icon);
  for (const char *const *name = row->names; *name; name++)
    if (!g_ptr_array_find_with_equal_func (guide->names, *name, g_str_equal, NULL))
      g_ptr_array_add (guide->names, g_strdup (*name));
  return !g_cancellable_is_cancelled (run->cancellable);
}

static gboolean
read_guide (Run *run, GError **error)
{
  if (!forge_store_each_guide_channel (run->store, on_guide_channel, run, error))
    return FALSE;
  for (guint i = 0; i < run->guides->len; i++) {
    Guide *guide = &g_array_index (run->guides, Guide, i);

    g_ptr_array_add (guide->names, NULL);
    forge_matcher_add (run->matcher,
                       i + 1,
                       guide->xmltv_id,
                       (const char *const *)guide->names->pdata);
    g_clear_pointer (&guide->names, g_ptr_array_unref);
  }
  forge_matcher_freeze (run->matcher);
  return !g_cancellable_set_error_if_cancelled (run->cancellable, error);
}

/* -- streams ----------------------------------------------------------------------------------- */

/* Smaller is tried earlier: sure before unsure, then by quality, then by confidence. */
static guint32
stream_order (ForgeQuality quality, double confidence)
{
  guint32 unsure = confidence < SURE_MATCH_CONFIDENCE;
  guint32 confidence_steps = (guint32)((1 - CLAMP (confidence, 0, 1)) * 1000);

  return unsure << 20 | (guint32)(FORGE_QUALITY_4K - quality) << 16 | confidence_steps;
}

/* Returns: (transfer full). */
static char *
reasons_to_json (const GPtrArray *reasons)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_array (builder);
  for (guint i = 0; i < reasons->len; i++)
    json_builder_add_string_value (builder, reasons->pdata[i]);
  json_builder_end_array (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

static void
note_best_stream (Run *run, Guide *guide, const ForgeStream *stream, const Match *match)
{
  guide->confidence = MAX (guide->confidence, match->confidence);
  if (match->order >= guide->best)
    return;
  guide->best = match->order;
  if (stream->group)
    guide->group = g_string_chunk_insert_const (run->strings, stream->group);
  if (stream->icon && !guide->icon)
    guide->stream_icon = g_string_chunk_insert (run->strings, stream->icon);
}

static void
add_match (Run *run, const ForgeStream *stream, const ForgeMatch *found, const GPtrArray *reasons)
{
  g_autofree char *json = reasons_to_json (reasons);
  Match match = { .stream_id = stream->id,
                  .reasons = g_string_chunk_insert (run->reasons, json),
                  .guide = (guint32)found->id - 1,
                  .order = stream_order (stream->quality, found->confidence),
                  .position = stream->position,
                  .confidence = (float)found->confidence };

  note_best_stream (run, &g_array_index (run->guides, Guide, match.guide), stream, &match);
  g_array_append_val (run->matches, match);
  run->result->matched_streams++;
  run->result->review += found->confidence < SURE_MATCH_CONFIDENCE;
}

static gboolean
is_cancelled (Run *run)
{
  return run->seen++ % CANCEL_CHECK_INTERVAL == 0 && g_cancellable_is_cancelled (run->cancellable);
}

static void
count_for_account (Run *run, gint64 account_id, gboolean matched)
{
  gpointer count = g_hash_table_lookup (run->accounts, &account_id);

  g_hash_table_insert (run->accounts,
                       g_memdup2 (&account_id, sizeof account_id),
                       GINT_TO_POINTER (GPOINTER_TO_INT (count) + matched));
}

static gboolean
has_no_match (Run *run, gint64 account_id)
{
  return g_hash_table_lookup (run->accounts, &account_id) == NULL;
}

/* Index + 1 of the guide channel with that key, 0 = the guide does not have it now. */
static guint
find_by_key (Run *run, const char *channel_key)
{
  static const char prefix[] = "guide:";

  return g_str_has_prefix (channel_key, prefix)
             ? GPOINTER_TO_UINT (
                   g_hash_table_lookup (run->guide_by_id, channel_key + strlen (prefix)))
             : 0;
}

/* The user's word on such a name comes before the matcher's. */
static void
follow_rules (Run *run, const ForgeStream *stream, ForgeMatch *match, GPtrArray *reasons)
{
  const ForgeMatchRule *rule = forge_match_rules_find_accepted (run->rules, stream);
  guint guide = rule ? find_by_key (run, rule->channel_key) : 0;

  if (guide > 0) {
    *match = (ForgeMatch){ .id = guide, .confidence = 1 };
    g_ptr_array_set_size (reasons, 0);
    g_ptr_array_add (reasons,
                     g_strdup_printf ("Rule from your choice on “%s”.", rule->stream_name));
  } else if (match->id && forge_match_rules_is_rejected (
                              run->rules,
                              stream,
                              g_array_index (run->guides, Guide, match->id - 1).key)) {
    match->id = 0;
  }
}

static gboolean
on_stream (const ForgeStream *stream, gpointer user_data)
{
  Run *run = user_data;
  ForgeMatchQuery query = { stream->name, stream->epg_id, stream->group };
  g_autoptr (GPtrArray) reasons = g_ptr_array_new_with_free_func (g_free);
  ForgeMatch match = forge_matcher_find (run->matcher, &query, reasons);

  follow_rules (run, stream, &match, reasons);
  gboolean matched = match.id && match.confidence >= MIN_MATCH_CONFIDENCE;

  count_for_account (run, stream->account_id, matched);
  if (matched)
    add_match (run, stream, &match, reasons);
  else
    run->result->unmatched_streams++;
  return !is_cancelled (run);
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

  if (left->guide != right->guide)
    return left->guide < right->guide ? -1 : 1;
  if (left->order != right->order)
    return left->order < right->order ? -1 : 1;
  return left->position < right->position ? -1 : left->position > right->position;
}

static gboolean
match_streams (Run *run, GError **error)
{
  run->rules = forge_match_rules_load (run->store, error);
  if (!run->rules || !forge_store_each_stream (run->store, on_stream, run, error))
    return FALSE;
  g_array_sort (run->matches, compare_matches);
  return !g_cancellable_set_error_if_cancelled (run->cancellable, error);
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

static gint64
put_channel (Run *run, ForgeChannelRow *row, GError **error)
{
  gint64 id;

  row->enable = row->enable && run->enabled < run->options->max_enabled;
  id = forge_store_put_channel (run->store, row, error);
  if (id) {
    run->enabled += row->enable;
    run->result->channels++;
  }
  return id;
}

/* `next` is the first match of this or a later guide channel and moves past its own. */
static gboolean
write_guide_channel (Run *run, guint index, guint *next, GError **error)
{
  const Guide *guide = &g_array_index (run->guides, Guide, index);
  ForgeChannelRow row = { .key = guide->key,
                          .guide_channel_id = guide->guide_channel_id,
                          .name = guide->name,
                          .group = guide->group,
                          .logo = guide->icon ? guide->icon : guide->stream_icon,
                          .enable = guide->confidence >= SURE_MATCH_CONFIDENCE };
  gint64 id = put_channel (run, &row, error);

  if (!id)
    return FALSE;
  for (int rank = 0; *next < run->matches->len; (*next)++, rank++) {
    const Match *match = &g_array_index (run->matches, Match, *next);

    if (match->guide != index)
      break;
    if (!forge_store_put_match (run->store,
                                id,
                                match->stream_id,
                                match->confidence,
                                rank,
                                match->reasons,
                                error))
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
  gint64 id = put_channel (run, &row, error);

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

  if (!forge_store_begin_channels (run->store, run->options->now_s, error))
    return FALSE;
  for (guint i = 0; i < run->guides->len; i++)
    if (!write_guide_channel (run, i, &next, error))
      return FALSE;
  for (guint i = 0; i < promoted->len; i++)
    if (!write_promoted_channel (run, promoted->pdata[i], error))
      return FALSE;
  return !g_cancellable_set_error_if_cancelled (run->cancellable, error) &&
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
  ok = read_guide (&run, error) && match_streams (&run, error) && promote_streams (&run, error) &&
       write_all (&run, error);
  g_debug ("lineup: %d channels, %d streams matched, %d not, %d to review",
           result->channels,
           result->matched_streams,
           result->unmatched_streams,
           result->review);
  run_clear (&run);
  return ok;
}

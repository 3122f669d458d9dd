/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-lineup-match.h"

#include "base/forge-hash.h"
#include "guide/forge-match-batch.h"
#include "guide/forge-match-rules.h"
#include "store/forge-store-memo.h"
#include "store/forge-store-streams.h"

#include <string.h>

/* Streams that wait to be matched together. */
#define BATCH_STREAMS 4096
/* Strings are allocated in blocks that the C library maps, so that they go back to the system. */
#define STRINGS_BLOCK_BYTES (256 * 1024)
/* How often, in streams, the cancellable is asked. */
#define CANCEL_CHECK_INTERVAL 256

struct _ForgeLineupMemory {
  ForgeMatcher *matcher; /* NULL = none */
  gint64 guide;          /* hash of what it was made of */
};

ForgeLineupMemory *
forge_lineup_memory_new (void)
{
  return g_new0 (ForgeLineupMemory, 1);
}

void
forge_lineup_memory_drop (ForgeLineupMemory *memory)
{
  g_clear_pointer (&memory->matcher, forge_matcher_free);
}

void
forge_lineup_memory_free (ForgeLineupMemory *memory)
{
  if (!memory)
    return;
  forge_lineup_memory_drop (memory);
  g_free (memory);
}

/* Made when the first stream asks: mostly none does. */
static const ForgeMatcher *
get_matcher (ForgeLineupMatch *self)
{
  gint64 hash = forge_lineup_guide_hash (self->guide);

  if (self->memory->matcher && self->memory->guide != hash)
    forge_lineup_memory_drop (self->memory);
  if (!self->memory->matcher)
    self->memory->matcher = forge_lineup_guide_make_matcher (self->guide);
  self->memory->guide = hash;
  return self->memory->matcher;
}

/* -- reading ----------------------------------------------------------------------------------- */

typedef struct {
  ForgeLineupMatch *match;
  ForgeMatchRules *rules;
  GArray *known; /* ForgeMatchMemo of the last run */
  GArray *tasks; /* ForgeMatchTask that wait */
  GStringChunk *task_strings;
  GCancellable *cancellable;
  guint seen;
} Reader;

/* All that the matcher is told of a stream. */
static gint64
hash_told (const ForgeStream *stream)
{
  guint64 hash = forge_hash_text (FORGE_HASH_SEED, stream->name);

  return (gint64)forge_hash_text (forge_hash_text (hash, stream->epg_id), stream->group);
}

static const ForgeMatchMemo *
find_memo (const GArray *known, gint64 stream_id)
{
  guint low = 0, high = known->len;

  while (low < high) {
    guint middle = (low + high) / 2;
    const ForgeMatchMemo *memo = &g_array_index (known, ForgeMatchMemo, middle);

    if (memo->stream_id == stream_id)
      return memo;
    if (memo->stream_id < stream_id)
      low = middle + 1;
    else
      high = middle;
  }
  return NULL;
}

static const char *
rule_to_json (ForgeLineupMatch *self, const ForgeMatchRule *rule)
{
  g_autoptr (GPtrArray) reasons = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *json = NULL;

  g_ptr_array_add (reasons, g_strdup_printf ("Rule from your choice on “%s”.", rule->stream_name));
  json = forge_match_reasons_to_json (reasons);
  return g_string_chunk_insert_const (self->strings, json);
}

/* The user's word on such a name comes before the matcher's. */
static void
follow_rules (Reader *reader, const ForgeStream *stream, gint64 name_key, ForgeLineupStream *entry)
{
  const ForgeLineupGuide *guide = reader->match->guide;
  const ForgeMatchRule *rule;
  guint place;

  if (!forge_match_rules_concern (reader->rules, name_key))
    return;
  rule = forge_match_rules_find_accepted (reader->rules, stream);
  place = rule ? forge_lineup_guide_find (guide, rule->channel_key) : 0;
  if (place > 0) {
    entry->guide = place;
    entry->confidence = 1;
    entry->reasons = rule_to_json (reader->match, rule);
  } else if (entry->guide > 0 &&
             forge_match_rules_is_rejected (reader->rules,
                                            stream,
                                            forge_lineup_guide_at (guide, entry->guide - 1)->key)) {
    entry->guide = 0;
  }
}

/* What the matcher found, memo or fresh, as an entry. */
static void
set_match (Reader *reader,
           const ForgeStream *stream,
           const ForgeMatchMemo *memo,
           const char *reasons,
           ForgeLineupStream *entry)
{
  entry->guide = memo->confidence >= FORGE_LINEUP_MIN_CONFIDENCE ? (guint)memo->guide : 0;
  entry->confidence = memo->confidence;
  if (entry->guide > 0 && reasons)
    entry->reasons = g_string_chunk_insert (reader->match->strings, reasons);
  follow_rules (reader, stream, memo->name_key, entry);
}

static void
end_task (Reader *reader, ForgeMatchTask *task)
{
  ForgeLineupStream *entry =
      &g_array_index (reader->match->streams, ForgeLineupStream, task->index);
  const ForgeMatchMemo memo = { .stream_id = task->stream.id,
                                .told = hash_told (&task->stream),
                                .guide = task->match.id,
                                /* as it is stored with the match */
                                .confidence = task->match.confidence,
                                .name_key = task->name_key };

  g_array_append_val (reader->match->memos, memo);
  set_match (reader, &task->stream, &memo, task->reasons, entry);
  g_free (task->reasons);
}

static void
run_tasks (Reader *reader)
{
  if (reader->tasks->len == 0)
    return;
  forge_match_batch_run (get_matcher (reader->match),
                         (ForgeMatchTask *)(void *)reader->tasks->data,
                         reader->tasks->len,
                         reader->cancellable);
  for (guint i = 0; i < reader->tasks->len; i++)
    end_task (reader, &g_array_index (reader->tasks, ForgeMatchTask, i));
  g_array_set_size (reader->tasks, 0);
  g_string_chunk_clear (reader->task_strings);
}

static char *
keep (Reader *reader, const char *text)
{
  return text ? g_string_chunk_insert (reader->task_strings, text) : NULL;
}

static void
add_task (Reader *reader, const ForgeStream *stream)
{
  ForgeMatchTask task = { .stream = *stream, .index = reader->match->streams->len - 1 };

  task.stream.name = keep (reader, stream->name ? stream->name : "");
  task.stream.epg_id = keep (reader, stream->epg_id);
  task.stream.group = keep (reader, stream->group);
  task.stream.icon = NULL;
  g_array_append_val (reader->tasks, task);
  if (reader->tasks->len == BATCH_STREAMS)
    run_tasks (reader);
}

static gboolean
on_stream (const ForgeStream *stream, gpointer user_data)
{
  Reader *reader = user_data;
  GStringChunk *strings = reader->match->strings;
  const ForgeMatchMemo *memo = find_memo (reader->known, stream->id);
  ForgeLineupStream entry = { .stream_id = stream->id,
                              .account_id = stream->account_id,
                              .quality = stream->quality,
                              .position = stream->position };

  entry.group = stream->group ? g_string_chunk_insert_const (strings, stream->group) : NULL;
  entry.icon = stream->icon ? g_string_chunk_insert (strings, stream->icon) : NULL;
  g_array_append_val (reader->match->streams, entry);
  if (memo && memo->told == hash_told (stream))
    set_match (reader,
               stream,
               memo,
               NULL,
               &g_array_index (reader->match->streams,
                               ForgeLineupStream,
                               reader->match->streams->len - 1));
  else
    add_task (reader, stream);
  return reader->seen++ % CANCEL_CHECK_INTERVAL != 0 ||
         !g_cancellable_is_cancelled (reader->cancellable);
}

static gboolean
read_streams (Reader *reader, ForgeStore *store, GError **error)
{
  if (!forge_store_each_stream (store, on_stream, reader, error))
    return FALSE;
  run_tasks (reader);
  return !g_cancellable_set_error_if_cancelled (reader->cancellable, error);
}

void
forge_lineup_match_free (ForgeLineupMatch *self)
{
  if (!self)
    return;
  g_array_unref (self->streams);
  g_array_unref (self->memos);
  g_string_chunk_free (self->strings);
  g_free (self);
}

ForgeLineupMatch *
forge_lineup_match_new (ForgeStore *store,
                        const ForgeLineupGuide *guide,
                        ForgeLineupMemory *memory,
                        gboolean anew,
                        GCancellable *cancellable,
                        GError **error)
{
  g_autoptr (ForgeLineupMatch) self = g_new0 (ForgeLineupMatch, 1);
  g_autoptr (GArray) known = NULL;
  g_autoptr (ForgeMatchRules) rules = NULL;
  Reader reader = { .match = self, .cancellable = cancellable };
  gboolean ok;

  self->guide = guide;
  self->memory = memory;
  self->streams = g_array_new (FALSE, FALSE, sizeof (ForgeLineupStream));
  self->memos = g_array_new (FALSE, FALSE, sizeof (ForgeMatchMemo));
  self->strings = g_string_chunk_new (STRINGS_BLOCK_BYTES);
  rules = forge_match_rules_load (store, error);
  known = !rules ? NULL
          : anew ? g_array_new (FALSE, FALSE, sizeof (ForgeMatchMemo))
                 : forge_store_load_memos (store, forge_lineup_guide_hash (guide), error);
  if (!known)
    return NULL;
  reader.rules = rules;
  reader.known = known;
  reader.tasks = g_array_new (FALSE, FALSE, sizeof (ForgeMatchTask));
  reader.task_strings = g_string_chunk_new (STRINGS_BLOCK_BYTES);
  ok = read_streams (&reader, store, error);
  g_array_unref (reader.tasks);
  g_string_chunk_free (reader.task_strings);
  return ok ? g_steal_pointer (&self) : NULL;
}

const char *
forge_lineup_match_find_reasons (ForgeLineupMatch *self,
                                 ForgeStore *store,
                                 const ForgeLineupStream *entry,
                                 GError **error)
{
  g_autoptr (ForgeStream) stream = forge_store_get_stream (store, entry->stream_id, error);
  g_autoptr (GPtrArray) reasons = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *json = NULL;

  if (!stream)
    return NULL;
  const ForgeMatchQuery query = { stream->name, stream->epg_id, stream->group };
  ForgeMatch match G_GNUC_UNUSED = forge_matcher_find (get_matcher (self), &query, reasons);
  json = forge_match_reasons_to_json (reasons);
  return g_string_chunk_insert (self->strings, json);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-match-batch.h"

#include "guide/forge-match-rules.h"

/* More threads would wait for memory. */
#define MAX_THREADS 8
/* Tasks that a thread takes at once; fewer than that are not worth a second thread. */
#define TASKS_PER_TURN 64

typedef struct {
  const ForgeMatcher *matcher;
  ForgeMatchTask *tasks;
  guint n;
  guint next; /* atomic: first task that nobody took */
  GCancellable *cancellable;
} Batch;

static void
append_escaped (GString *json, const char *text)
{
  for (const char *p = text; *p; p++) {
    if (*p == '"' || *p == '\\')
      g_string_append_c (json, '\\');
    if ((guchar)*p < 0x20)
      g_string_append_printf (json, "\\u%04x", (guint)(guchar)*p);
    else
      g_string_append_c (json, *p);
  }
}

char *
forge_match_reasons_to_json (const GPtrArray *reasons)
{
  GString *json = g_string_new ("[");

  for (guint i = 0; i < reasons->len; i++) {
    g_string_append (json, i > 0 ? ",\"" : "\"");
    append_escaped (json, g_ptr_array_index (reasons, i));
    g_string_append_c (json, '"');
  }
  g_string_append_c (json, ']');
  return g_string_free (json, FALSE);
}

static void
match_one (const ForgeMatcher *matcher, ForgeMatchTask *task, GPtrArray *reasons)
{
  const ForgeMatchQuery query = { task->stream.name, task->stream.epg_id, task->stream.group };

  g_ptr_array_set_size (reasons, 0);
  task->match = forge_matcher_find (matcher, &query, reasons);
  task->name_key = forge_match_rules_name_key (&task->stream);
  if (task->match.id)
    task->reasons = forge_match_reasons_to_json (reasons);
}

static gpointer
run_turns (gpointer data)
{
  Batch *batch = data;
  g_autoptr (GPtrArray) reasons = g_ptr_array_new_with_free_func (g_free);

  for (;;) {
    guint from = (guint)g_atomic_int_add ((gint *)&batch->next, TASKS_PER_TURN);

    if (from >= batch->n || g_cancellable_is_cancelled (batch->cancellable))
      return NULL;
    for (guint i = from; i < MIN (from + TASKS_PER_TURN, batch->n); i++)
      match_one (batch->matcher, &batch->tasks[i], reasons);
  }
}

void
forge_match_batch_run (const ForgeMatcher *matcher,
                       ForgeMatchTask *tasks,
                       guint n,
                       GCancellable *cancellable)
{
  Batch batch = { matcher, tasks, n, 0, cancellable };
  GThread *threads[MAX_THREADS];
  guint turns = (n + TASKS_PER_TURN - 1) / TASKS_PER_TURN;
  guint helpers = MIN (MIN (turns, g_get_num_processors ()), MAX_THREADS);

  /* This thread is one of them. A thread that cannot be had costs time only. */
  helpers = helpers > 0 ? helpers - 1 : 0;
  for (guint i = 0; i < helpers; i++)
    threads[i] = g_thread_try_new ("forge-match", run_turns, &batch, NULL);
  run_turns (&batch);
  for (guint i = 0; i < helpers; i++)
    if (threads[i])
      g_thread_join (threads[i]);
}

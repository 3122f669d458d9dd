/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/forge-work.h"

typedef struct {
  GMutex lock;
  GCond changed;
  gboolean has_begun, may_end;
  GString *trace;
} Shared;

static void
shared_init (Shared *shared)
{
  *shared = (Shared){ .trace = g_string_new (NULL) };
  g_mutex_init (&shared->lock);
  g_cond_init (&shared->changed);
}

static void
shared_clear (Shared *shared)
{
  g_mutex_clear (&shared->lock);
  g_cond_clear (&shared->changed);
  g_string_free (shared->trace, TRUE);
}

static void
set_flag (Shared *shared, gboolean *flag)
{
  g_mutex_lock (&shared->lock);
  *flag = TRUE;
  g_cond_broadcast (&shared->changed);
  g_mutex_unlock (&shared->lock);
}

static void
await_flag (Shared *shared, gboolean *flag)
{
  g_mutex_lock (&shared->lock);
  while (!*flag)
    g_cond_wait (&shared->changed, &shared->lock);
  g_mutex_unlock (&shared->lock);
}

static void
trace_a (gpointer data, GCancellable *cancellable)
{
  g_string_append_c (((Shared *)data)->trace, 'a');
}

static void
trace_b (gpointer data, GCancellable *cancellable)
{
  g_string_append_c (((Shared *)data)->trace, 'b');
}

/* Holds the queue until the test lets go. */
static void
hold (gpointer data, GCancellable *cancellable)
{
  Shared *shared = data;

  set_flag (shared, &shared->has_begun);
  await_flag (shared, &shared->may_end);
}

static void
hold_until_cancelled (gpointer data, GCancellable *cancellable)
{
  Shared *shared = data;
  GPollFD fd;

  set_flag (shared, &shared->has_begun);
  g_assert_true (g_cancellable_make_pollfd (cancellable, &fd));
  g_assert_cmpint (g_poll (&fd, 1, 10000), ==, 1);
  g_cancellable_release_fd (cancellable);
  g_string_append_c (shared->trace, 'c');
}

static void
test_runs_in_order_and_waits (void)
{
  ForgeWork *work = forge_work_new ();
  g_autoptr (GError) error = NULL;
  Shared shared;

  shared_init (&shared);
  forge_work_push (work, trace_a, &shared, NULL);
  g_assert_true (forge_work_run (work, trace_b, &shared, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (shared.trace->str, ==, "ab");
  forge_work_free (work);
  shared_clear (&shared);
}

static void
test_a_full_queue_says_try_again (void)
{
  ForgeWork *work = forge_work_new ();
  g_autoptr (GError) error = NULL;
  Shared shared;

  shared_init (&shared);
  forge_work_push (work, hold, &shared, NULL);
  await_flag (&shared, &shared.has_begun);
  for (guint i = 0; i < FORGE_WORK_MAX_WAITING; i++)
    forge_work_push (work, trace_a, &shared, NULL);
  g_assert_false (forge_work_run (work, trace_b, &shared, NULL, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_RETRY);
  set_flag (&shared, &shared.may_end);
  forge_work_free (work);
  shared_clear (&shared);
}

static void
test_free_cancels_what_runs_and_frees_what_waits (void)
{
  ForgeWork *work = forge_work_new ();
  Shared shared;

  shared_init (&shared);
  forge_work_push (work, hold_until_cancelled, &shared, NULL);
  await_flag (&shared, &shared.has_begun);
  /* Freed by the queue although it never runs: the leak checker would tell. */
  forge_work_push (work, trace_a, g_strdup ("data"), g_free);
  forge_work_free (work);
  g_assert_cmpstr (shared.trace->str, ==, "c");
  shared_clear (&shared);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/work/runs-in-order-and-waits", test_runs_in_order_and_waits);
  g_test_add_func ("/engine/work/a-full-queue-says-try-again", test_a_full_queue_says_try_again);
  g_test_add_func ("/engine/work/free-cancels-what-runs-and-frees-what-waits",
                   test_free_cancels_what_runs_and_frees_what_waits);
  return g_test_run ();
}

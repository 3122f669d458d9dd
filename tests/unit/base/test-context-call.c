/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-context-call.h"

#define CALLERS          4
#define CALLS_PER_CALLER 500

typedef struct {
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
} Owner;

static gpointer
serve (gpointer data)
{
  Owner *owner = data;

  g_main_loop_run (owner->loop);
  return NULL;
}

static void
owner_start (Owner *owner)
{
  owner->context = g_main_context_new ();
  owner->loop = g_main_loop_new (owner->context, FALSE);
  owner->thread = g_thread_new ("owner", serve, owner);
}

static void
quit (gpointer loop)
{
  g_main_loop_quit (loop);
}

static void
owner_stop (Owner *owner)
{
  forge_context_call (owner->context, quit, owner->loop);
  g_thread_join (owner->thread);
}

static void
owner_clear (Owner *owner)
{
  g_main_loop_unref (owner->loop);
  g_main_context_unref (owner->context);
}

static void
note_thread (gpointer data)
{
  GThread **thread = data;

  *thread = g_thread_self ();
}

static void
test_in_the_thread_before_its_loop_runs (void)
{
  /* Many times, so that a call comes before the thread has come to its loop. */
  for (int i = 0; i < 100; i++) {
    Owner owner;
    GThread *thread = NULL;

    owner_start (&owner);
    forge_context_call (owner.context, note_thread, &thread);
    g_assert_true (thread == owner.thread);
    owner_stop (&owner);
    owner_clear (&owner);
  }
}

static void
test_here_in_a_loop_of_our_own_that_does_not_run (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  GThread *thread = NULL;

  g_main_context_push_thread_default (context);
  forge_context_call (context, note_thread, &thread);
  g_main_context_pop_thread_default (context);
  g_assert_true (thread == g_thread_self ());
}

typedef struct {
  Owner *owner;
  GThread *inner;
} Nested;

static void
call_again (gpointer data)
{
  Nested *nested = data;

  forge_context_call (nested->owner->context, note_thread, &nested->inner);
}

static void
test_within_the_thread_itself (void)
{
  Owner owner;
  Nested nested = { &owner, NULL };

  owner_start (&owner);
  forge_context_call (owner.context, call_again, &nested);
  g_assert_true (nested.inner == owner.thread);
  owner_stop (&owner);
  owner_clear (&owner);
}

typedef struct {
  Owner *owner;
  int *count; /* touched on the owner's thread only */
} Caller;

static void
count_up (gpointer data)
{
  int *count = data;

  ++*count;
}

static gpointer
call_often (gpointer data)
{
  Caller *caller = data;

  for (int i = 0; i < CALLS_PER_CALLER; i++)
    forge_context_call (caller->owner->context, count_up, caller->count);
  return NULL;
}

static void
test_from_many_threads (void)
{
  Owner owner;
  int count = 0;
  Caller caller = { &owner, &count };
  GThread *threads[CALLERS];

  owner_start (&owner);
  forge_context_call (owner.context, count_up, &count);
  for (int i = 0; i < CALLERS; i++)
    threads[i] = g_thread_new ("caller", call_often, &caller);
  for (int i = 0; i < CALLERS; i++)
    g_thread_join (threads[i]);
  owner_stop (&owner);
  g_assert_cmpint (count, ==, 1 + CALLERS * CALLS_PER_CALLER);
  owner_clear (&owner);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/context-call/in-the-thread-before-its-loop-runs",
                   test_in_the_thread_before_its_loop_runs);
  g_test_add_func ("/context-call/here-in-a-loop-of-our-own-that-does-not-run",
                   test_here_in_a_loop_of_our_own_that_does_not_run);
  g_test_add_func ("/context-call/within-the-thread-itself", test_within_the_thread_itself);
  g_test_add_func ("/context-call/from-many-threads", test_from_many_threads);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store-fixture.h"
#include "store/forge-store-private.h"
#include "store/forge-store-refresh.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * kill -9 in the middle of refreshes. A child turns the account's list back and forth as the
 * provider layer does it, until it is killed at a random moment. What is found then is one of the
 * two lists, whole, with its record, so that undo leads to the other; the user's choices are there.
 *
 * FORGE_KILLS=N kills N times (a few otherwise), --seed repeats a run.
 */
#define KILLS_IN_SUITE 8
#define STREAMS        400
#define MAX_DELAY_US   60000

typedef enum { LIST_A, LIST_B } List;

static void
stage (ForgeStore *store, gint64 account, List list)
{
  g_assert_true (forge_store_begin_stage (store, account, NULL));
  for (int i = 0; i < STREAMS; i++) {
    g_autoptr (ForgeStream) stream = forge_stream_new ();
    /* A quarter is of both, a quarter is renamed, a half is only in one of them. */
    gboolean is_shared = i < STREAMS / 2;
    stream->remote_id = is_shared || list == LIST_A ? i + 1 : STREAMS + i + 1;
    stream->name =
        g_strdup_printf ("Channel %d%s", i, i >= STREAMS / 4 && list == LIST_B ? " HD" : "");
    stream->quality = forge_quality_from_name (stream->name);
    stream->position = i;
    g_assert_true (forge_store_stage_stream (store, stream, NULL));
  }
}

static void
turn_to (ForgeStore *store, gint64 account, List list)
{
  ForgeStreamPlan plan;
  gint64 id;

  stage (store, account, list);
  g_assert_true (forge_store_plan_streams (store, &plan, NULL));
  g_assert_true (forge_store_begin (store, NULL));
  g_assert_true (forge_store_record_streams (store, NOW_S, FALSE, &plan, "a summary", &id, NULL));
  g_assert_true (forge_store_apply_streams (store, NOW_S, 14, NULL));
  g_assert_true (forge_store_commit (store, NULL));
  forge_store_drop_stage (store);
}

static gboolean
append_stream (const ForgeStream *stream, gpointer user_data)
{
  g_string_append_printf (user_data, "%d:%s ", (int)stream->remote_id, stream->name);
  return TRUE;
}

static char *
streams_text (ForgeStore *store)
{
  GString *text = g_string_new (NULL);

  g_assert_true (forge_store_each_stream (store, append_stream, text, NULL));
  return g_string_free (text, FALSE);
}

/* In the child: never returns. */
static void
refresh_for_ever (const char *path, gint64 account)
{
  ForgeStore *store = forge_store_open (path, NULL, NULL);

  for (guint i = 0;; i++)
    turn_to (store, account, i % 2 ? LIST_B : LIST_A);
}

static void
kill_a_refresh (const char *path, gint64 account)
{
  pid_t child = fork ();
  int status;

  if (child == 0) {
    refresh_for_ever (path, account);
    _exit (1);
  }
  g_assert_cmpint (child, >, 0);
  g_usleep ((gulong)g_test_rand_int_range (0, MAX_DELAY_US));
  g_assert_cmpint (kill (child, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
}

static void
assert_sound (ForgeStore *store, gint64 mine)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  g_assert_true (forge_statement_prepare (&st, store, "PRAGMA integrity_check", NULL));
  g_assert_cmpint (forge_statement_step (&st, NULL), ==, FORGE_STEP_ROW);
  g_assert_cmpstr (forge_column_text (&st, 0), ==, "ok");
  g_autoptr (ForgeChannel) channel = forge_store_get_channel (store, mine, NULL);
  g_assert_nonnull (channel);
  g_assert_cmpstr (channel->name, ==, "My own name");
  g_assert_cmpint (channel->number, ==, 77);
  g_assert_cmpuint (channel->candidates->len, ==, 1);
  g_assert_true (forge_channel_candidate (channel, 0)->manual);
}

static void
assert_one_of_both (ForgeStore *store, char *const *lists)
{
  g_autofree char *found = streams_text (store);
  gboolean is_a = strcmp (found, lists[LIST_A]) == 0;
  gint64 last = 0;

  g_assert_true (is_a || strcmp (found, lists[LIST_B]) == 0);
  g_assert_true (forge_store_undo_refresh (store, &last, NOW_S, NULL));
  g_autofree char *before = streams_text (store);
  g_assert_cmpstr (before, ==, lists[is_a ? LIST_B : LIST_A]);
}

/* A channel with everything that a person can decide. Returns its id. */
static gint64
make_mine (ForgeStore *store, gint64 account)
{
  fixture_run (store, account, "a=1", "b=2");
  gint64 id = fixture_channel_id (store, "b");

  g_assert_true (forge_store_rename_channel (store, id, "My own name", NULL));
  g_assert_true (forge_store_number_channel (store, id, 77, NULL));
  g_assert_true (
      forge_store_set_match (store, id, fixture_stream_id (store, account, 2), TRUE, NULL));
  return id;
}

static guint
kills (void)
{
  const char *text = g_getenv ("FORGE_KILLS");
  guint64 n = KILLS_IN_SUITE;

  if (text && !g_ascii_string_to_unsigned (text, 10, 1, 10000, &n, NULL))
    g_error ("FORGE_KILLS: “%s” is not a number from 1 to 10000", text);
  return (guint)n;
}

static void
test_a_killed_refresh_loses_nothing (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = fixture_add_account (fixture->store, "Main");
  g_autofree char *recovered = NULL;
  char *lists[2];

  turn_to (fixture->store, account, LIST_A);
  gint64 mine = make_mine (fixture->store, account);
  lists[LIST_A] = streams_text (fixture->store);
  turn_to (fixture->store, account, LIST_B);
  lists[LIST_B] = streams_text (fixture->store);
  g_assert_cmpstr (lists[LIST_A], !=, lists[LIST_B]);
  for (guint i = kills (); i > 0; i--) {
    /* A database must not be carried across a fork. */
    g_clear_pointer (&fixture->store, forge_store_close);
    kill_a_refresh (fixture->path, account);
    fixture->store = forge_store_open (fixture->path, &recovered, NULL);
    g_assert_nonnull (fixture->store);
    g_assert_null (recovered);
    assert_sound (fixture->store, mine);
    assert_one_of_both (fixture->store, lists);
    turn_to (fixture->store, account, LIST_A);
    turn_to (fixture->store, account, LIST_B);
  }
  g_free (lists[LIST_A]);
  g_free (lists[LIST_B]);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/store/kill/a-killed-refresh-loses-nothing",
              StoreFixture,
              NULL,
              store_fixture_set_up,
              test_a_killed_refresh_loses_nothing,
              store_fixture_tear_down);
  return g_test_run ();
}

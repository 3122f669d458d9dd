/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "store-fixture.h"
#include "store/forge-store-devices.h"
#include "store/forge-store-private.h"

#include <string.h>

static const char *const streams[] = { "1:One", "2:Two HD", "3:Two 4K", "4:Spare", "5:Own", NULL };

static gint64
refresh (ForgeStore *store, gint64 account)
{
  fixture_set_streams_at (store, account, NOW_S, streams);
  fixture_run (store, account, "a=1", "b=2,3", "-c=", "d=1", "e=1");
  return account;
}

/* Everything that a user can decide. */
static void
decide (ForgeStore *store, gint64 account)
{
  gint64 a = fixture_channel_id (store, "a");
  gint64 b = fixture_channel_id (store, "b");
  gint64 own = forge_store_promote_stream (store, fixture_stream_id (store, account, 5), NULL);

  g_assert_cmpint (own, >, 0);
  g_assert_true (forge_store_rename_channel (store, a, "My \"news\"", NULL));
  g_assert_true (forge_store_rename_channel (store, own, "Mine", NULL));
  g_assert_true (
      forge_store_set_channel_enabled (store, fixture_channel_id (store, "c"), TRUE, NULL));
  g_assert_true (
      forge_store_set_channel_enabled (store, fixture_channel_id (store, "d"), FALSE, NULL));
  g_assert_true (forge_store_number_channel (store, b, 501, NULL));
  g_assert_true (forge_store_move_channel (store, own, 1, NULL));
  g_assert_true (forge_store_move_channel (store, b, 2, NULL));
  g_assert_true (
      forge_store_set_match (store, a, fixture_stream_id (store, account, 4), TRUE, NULL));
  g_assert_true (forge_store_unset_match (store, b, fixture_stream_id (store, account, 3), NULL));
  g_assert_true (forge_store_set_favorite (store, b, TRUE, NULL));
  g_assert_true (forge_store_set_favorite (store, own, TRUE, NULL));
}

static gboolean
has_star (ForgeStore *store, const char *name)
{
  gint64 stars = 0;

  g_assert_true (forge_store_get_int (store,
                                      "SELECT count (*) FROM favorite WHERE channel_id = ?",
                                      fixture_channel_id (store, name),
                                      &stars,
                                      NULL));
  return stars == 1;
}

#define EXPECTED "6:Mine 501:b 1:My \"news\" 3:c 5:e"

static void
assert_decided (ForgeStore *store)
{
  g_autofree char *lineup = fixture_lineup (store, FORGE_CHANNELS_ENABLED);
  g_autofree char *of_a = fixture_candidates (store, fixture_channel_id (store, "My \"news\""));
  g_autofree char *of_b = fixture_candidates (store, fixture_channel_id (store, "b"));
  g_autofree char *of_own = fixture_candidates (store, fixture_channel_id (store, "Mine"));

  g_assert_cmpstr (lineup, ==, EXPECTED);
  g_assert_true (has_star (store, "b"));
  g_assert_true (has_star (store, "Mine"));
  g_assert_false (has_star (store, "e"));
  g_assert_cmpstr (of_a, ==, "Spare One");
  g_assert_cmpstr (of_b, ==, "Two HD");
  g_assert_cmpstr (of_own, ==, "Own");
}

static void
import (ForgeStore *store, const char *json)
{
  g_autoptr (GError) error = NULL;

  forge_store_import_channels (store, json, &error);
  g_assert_no_error (error);
}

/* A second database in the fixture's folder. */
static ForgeStore *
open_other (StoreFixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->folder, "other.db", NULL);
  ForgeStore *store = forge_store_open (path, NULL, NULL);

  g_assert_nonnull (store);
  return store;
}

static char *
export_decided (StoreFixture *fixture)
{
  gint64 account = refresh (fixture->store, fixture_add_account (fixture->store, "Main"));

  decide (fixture->store, account);
  assert_decided (fixture->store);
  return forge_store_export_channels (fixture->store, NULL);
}

static void
test_import_before_the_first_refresh (StoreFixture *fixture, gconstpointer unused)
{
  g_autofree char *json = export_decided (fixture);
  g_autoptr (ForgeStore) other = open_other (fixture);

  import (other, json);
  /* another account first, so that ids differ */
  fixture_add_account (other, "Something else");
  refresh (other, fixture_add_account (other, "Main"));
  assert_decided (other);
  g_autofree char *again = forge_store_export_channels (other, NULL);
  g_assert_nonnull (strstr (again, "\"stream:Main:5\""));
}

static void
test_import_after_a_refresh (StoreFixture *fixture, gconstpointer unused)
{
  g_autofree char *json = export_decided (fixture);
  g_autoptr (ForgeStore) other = open_other (fixture);

  fixture_add_account (other, "Something else");
  gint64 account = refresh (other, fixture_add_account (other, "Main"));
  import (other, json);
  assert_decided (other);
  refresh (other, account);
  assert_decided (other);
  import (other, json);
  assert_decided (other);
}

static void
test_channels_come_before_their_streams (StoreFixture *fixture, gconstpointer unused)
{
  g_autofree char *json = export_decided (fixture);
  g_autoptr (ForgeStore) other = open_other (fixture);
  gint64 account = fixture_add_account (other, "Main");

  import (other, json);
  fixture_run (other, account, "a=", "b=", "-c=", "d=", "e=");
  g_autofree char *half = fixture_lineup (other, FORGE_CHANNELS_ENABLED);
  g_assert_cmpstr (half, ==, "501:b 1:My \"news\" 3:c 5:e");
  refresh (other, account);
  assert_decided (other);
}

static void
test_waiting_decisions_are_exported (StoreFixture *fixture, gconstpointer unused)
{
  g_autofree char *json = export_decided (fixture);
  g_autoptr (ForgeStore) other = open_other (fixture);

  import (other, json);
  g_autofree char *again = forge_store_export_channels (other, NULL);
  g_assert_cmpstr (again, !=, "[\n]\n");
  refresh (other, fixture_add_account (other, "Main"));
  g_autofree char *later = forge_store_export_channels (other, NULL);
  g_assert_nonnull (strstr (again, "\"enabled\":true"));
  /* positions are places in the exported order, so they may differ from the first export's */
  import (other, again);
  assert_decided (other);
  import (other, later);
  assert_decided (other);
}

static void
test_new_channels_go_behind_waiting_ones (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = fixture_add_account (fixture->store, "Main");

  fixture_set_streams_at (fixture->store, account, NOW_S, streams);
  import (fixture->store,
          "[{\"key\":\"guide:late\",\"number\":7,\"position\":0,\"matches\":[]},"
          "{\"key\":\"guide:early\",\"number\":3,\"position\":1}]");
  fixture_run (fixture->store, account, "new=1", "early=1");
  g_autofree char *first = fixture_lineup (fixture->store, FORGE_CHANNELS_ENABLED);
  g_assert_cmpstr (first, ==, "3:early 8:new");
  fixture_run (fixture->store, account, "new=1", "early=1", "late=1");
  g_autofree char *second = fixture_lineup (fixture->store, FORGE_CHANNELS_ENABLED);
  g_assert_cmpstr (second, ==, "7:late 3:early 8:new");
}

/* Channels that the import does not know give way to those that it does. */
static void
test_import_wins_a_contested_number (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = fixture_add_account (fixture->store, "Main");

  fixture_set_streams_at (fixture->store, account, NOW_S, streams);
  fixture_run (fixture->store, account, "x=1", "a=1", "b=1");
  import (fixture->store,
          "[{\"key\":\"guide:b\",\"number\":1,\"position\":0},"
          "{\"key\":\"guide:a\",\"number\":3,\"position\":1}]");
  g_autofree char *lineup = fixture_lineup (fixture->store, FORGE_CHANNELS_ENABLED);
  g_assert_cmpstr (lineup, ==, "1:b 3:a 4:x");
}

static void
test_import_keeps_what_it_does_not_name (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = refresh (fixture->store, fixture_add_account (fixture->store, "Main"));
  gint64 a = fixture_channel_id (fixture->store, "a");

  decide (fixture->store, account);
  import (fixture->store, "[{\"key\":\"guide:a\",\"number\":1,\"position\":0}]");
  g_autoptr (ForgeChannel) channel = forge_store_get_channel (fixture->store, a, NULL);
  g_assert_cmpstr (channel->name, ==, "My \"news\"");
  g_autofree char *candidates = fixture_candidates (fixture->store, a);
  g_assert_cmpstr (candidates, ==, "Spare One");
}

static void
test_bad_import_changes_nothing (StoreFixture *fixture, gconstpointer unused)
{
  static const char *const bad[] = {
    "",
    "not json",
    "{}",
    "[1]",
    "[\"x\"]",
    "[null]",
    "[[]]",
    "[{}]",
    "[{\"key\":5,\"number\":1,\"position\":0}]",
    "[{\"key\":\"guide:a\",\"number\":\"1\",\"position\":0}]",
    "[{\"key\":\"guide:a\",\"number\":0,\"position\":0}]",
    "[{\"key\":\"guide:a\",\"number\":100000,\"position\":0}]",
    "[{\"key\":\"guide:a\",\"number\":99999999999999999999999,\"position\":0}]",
    "[{\"key\":\"guide:a\",\"number\":1}]",
    "[{\"key\":\"guide:a\",\"number\":1,\"position\":0,\"name\":5}]",
    "[{\"key\":\"guide:a\",\"number\":1,\"position\":0,\"enabled\":\"yes\"}]",
    "[{\"key\":\"guide:a\",\"number\":1,\"position\":0,\"matches\":{}}]",
    "[{\"key\":\"guide:a\",\"number\":1,\"position\":0,\"matches\":[1]}]",
    "[{\"key\":\"guide:a\",\"number\":1,\"position\":0,\"matches\":[{\"account\":\"M\"}]}]",
    "[{\"key\":\"guide:a\",\"number\":9,\"position\":0},{\"key\":\"guide:b\"}]",
  };
  g_autofree char *before = export_decided (fixture);

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_false (forge_store_import_channels (fixture->store, bad[i], &error));
    g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  }
  g_autofree char *after = forge_store_export_channels (fixture->store, NULL);
  g_assert_cmpstr (before, ==, after);
}

static void
test_deep_or_large_import_is_refused (StoreFixture *fixture, gconstpointer unused)
{
  g_autofree char *deep = g_strnfill (100000, '[');
  g_autofree char *large = g_strnfill (64 * 1024 * 1024 + 1, ' ');
  g_autoptr (GError) error = NULL;

  g_assert_false (forge_store_import_channels (fixture->store, deep, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_false (forge_store_import_channels (fixture->store, large, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_TOO_LARGE);
}

static void
test_doubled_entries_are_sorted_out (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = fixture_add_account (fixture->store, "Main");

  import (fixture->store,
          "[{\"key\":\"guide:a\",\"number\":7,\"position\":-5},"
          "{\"key\":\"guide:a\",\"number\":8,\"position\":0},"
          "{\"key\":\"guide:b\",\"number\":7,\"position\":0}]");
  fixture_set_streams_at (fixture->store, account, NOW_S, streams);
  fixture_run (fixture->store, account, "b=1", "a=1");
  g_autofree char *lineup = fixture_lineup (fixture->store, FORGE_CHANNELS_ENABLED);
  g_assert_cmpstr (lineup, ==, "8:a 7:b");
}

/* Names with the separator in them, one a prefix of the other. */
static void
test_account_names_with_colons (StoreFixture *fixture, gconstpointer unused)
{
  gint64 plain = fixture_add_account (fixture->store, "A");
  gint64 colon = fixture_add_account (fixture->store, "A:1");
  g_autoptr (ForgeStore) other = open_other (fixture);

  fixture_set_streams (fixture->store, plain, "1:Plain");
  fixture_set_streams (fixture->store, colon, "5:Colon");
  forge_store_promote_stream (fixture->store, fixture_stream_id (fixture->store, colon, 5), NULL);
  g_autofree char *json = forge_store_export_channels (fixture->store, NULL);
  import (other, json);
  colon = fixture_add_account (other, "A:1");
  plain = fixture_add_account (other, "A");
  fixture_set_streams (other, plain, "1:Plain");
  fixture_set_streams (other, colon, "5:Colon");
  fixture_run_at (other, plain, NOW_S, (const char *const[]){ NULL });
  g_autofree char *lineup = fixture_lineup (other, FORGE_CHANNELS_ALL);
  g_assert_cmpstr (lineup, ==, "1:Colon");
}

#define ADD(name, function)          \
  g_test_add ("/store/backup/" name, \
              StoreFixture,          \
              NULL,                  \
              store_fixture_set_up,  \
              function,              \
              store_fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("import-before-the-first-refresh", test_import_before_the_first_refresh);
  ADD ("import-after-a-refresh", test_import_after_a_refresh);
  ADD ("channels-come-before-their-streams", test_channels_come_before_their_streams);
  ADD ("waiting-decisions-are-exported", test_waiting_decisions_are_exported);
  ADD ("new-channels-go-behind-waiting-ones", test_new_channels_go_behind_waiting_ones);
  ADD ("import-wins-a-contested-number", test_import_wins_a_contested_number);
  ADD ("import-keeps-what-it-does-not-name", test_import_keeps_what_it_does_not_name);
  ADD ("bad-import-changes-nothing", test_bad_import_changes_nothing);
  ADD ("deep-or-large-import-is-refused", test_deep_or_large_import_is_refused);
  ADD ("doubled-entries-are-sorted-out", test_doubled_entries_are_sorted_out);
  ADD ("account-names-with-colons", test_account_names_with_colons);
  return g_test_run ();
}

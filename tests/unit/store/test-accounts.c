/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "store-fixture.h"
#include "store/forge-store-learned.h"

static void
test_every_field_comes_back (StoreFixture *fixture, gconstpointer unused)
{
  const char *mirrors[] = { "http://one.example", "https://two.example:8443/x", NULL };
  g_autoptr (ForgeAccount) account = forge_account_new ();

  account->name = g_strdup ("Größe");
  account->server = g_strdup ("http://provider.example");
  account->username = g_strdup ("user");
  account->user_agent = g_strdup ("VLC");
  account->proxy = g_strdup ("socks5://127.0.0.1:1080");
  account->mirrors = g_strdupv ((char **)mirrors);
  account->timezone = g_strdup ("Europe/Berlin");
  account->enabled = FALSE;
  account->status = FORGE_ACCOUNT_EXPIRED;
  account->status_text = g_strdup ("It expired yesterday");
  account->expires_at = NOW_S;
  account->panel_max_connections = 2;
  account->user_max_connections = 1;
  account->active_connections = 3;
  account->streams = 4;
  account->movies = 5;
  account->series = 6;
  account->last_refresh = NOW_S + 1;
  gint64 id = forge_store_add_account (fixture->store, account, NULL);
  g_autoptr (ForgeAccount) stored = forge_store_get_account (fixture->store, id, NULL);
  g_assert_cmpint (stored->id, ==, id);
  g_assert_cmpstr (stored->name, ==, account->name);
  g_assert_cmpstr (stored->server, ==, account->server);
  g_assert_cmpstr (stored->username, ==, account->username);
  g_assert_cmpstr (stored->user_agent, ==, account->user_agent);
  g_assert_cmpstr (stored->proxy, ==, account->proxy);
  g_assert_cmpstrv (stored->mirrors, mirrors);
  g_assert_cmpstr (stored->timezone, ==, account->timezone);
  g_assert_false (stored->enabled);
  g_assert_cmpint (stored->status, ==, FORGE_ACCOUNT_EXPIRED);
  g_assert_cmpstr (stored->status_text, ==, account->status_text);
  g_assert_cmpint (stored->expires_at, ==, NOW_S);
  g_assert_cmpint (stored->panel_max_connections, ==, 2);
  g_assert_cmpint (stored->user_max_connections, ==, 1);
  g_assert_cmpint (stored->active_connections, ==, 3);
  g_assert_cmpint (stored->streams, ==, 4);
  g_assert_cmpint (stored->movies, ==, 5);
  g_assert_cmpint (stored->series, ==, 6);
  g_assert_cmpint (stored->last_refresh, ==, NOW_S + 1);
}

static void
test_absent_fields_stay_absent (StoreFixture *fixture, gconstpointer unused)
{
  gint64 id = fixture_add_account (fixture->store, "Main");
  g_autoptr (ForgeAccount) stored = forge_store_get_account (fixture->store, id, NULL);

  g_assert_null (stored->mirrors);
  g_assert_null (stored->proxy);
  g_assert_null (stored->status_text);
}

static void
test_name_is_unique (StoreFixture *fixture, gconstpointer unused)
{
  gint64 id = fixture_add_account (fixture->store, "Main");
  g_autoptr (ForgeAccount) account = forge_store_get_account (fixture->store, id, NULL);
  g_autoptr (ForgeAccount) other = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (forge_store_add_account (fixture->store, account, &error), ==, 0);
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "Main"));
  g_clear_error (&error);
  gint64 second = fixture_add_account (fixture->store, "Second");
  other = forge_account_copy (account);
  other->id = second;
  g_assert_false (forge_store_update_account (fixture->store, other, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
}

static void
test_update_keeps_the_id (StoreFixture *fixture, gconstpointer unused)
{
  gint64 id = fixture_add_account (fixture->store, "Main");
  g_autoptr (ForgeAccount) account = forge_store_get_account (fixture->store, id, NULL);
  g_autoptr (ForgeAccount) changed = forge_account_copy (account);
  g_autoptr (GError) error = NULL;

  g_free (changed->server);
  changed->server = g_strdup ("http://new.example");
  g_assert_true (forge_store_update_account (fixture->store, changed, &error));
  g_autoptr (ForgeAccount) stored = forge_store_get_account (fixture->store, id, NULL);
  g_assert_cmpstr (stored->server, ==, "http://new.example");
  changed->id = 99;
  g_free (changed->name);
  changed->name = g_strdup ("Other");
  g_assert_false (forge_store_update_account (fixture->store, changed, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND);
}

static void
test_unknown_id_is_not_found (StoreFixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (forge_store_get_account (fixture->store, 7, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (forge_store_remove_account (fixture->store, 7, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND);
}

static void
test_removal_takes_its_own_things_only (StoreFixture *fixture, gconstpointer unused)
{
  gint64 first = fixture_add_account (fixture->store, "First");
  gint64 second = fixture_add_account (fixture->store, "Second");
  g_autoptr (ForgeGuideSource) own = forge_guide_source_new ();
  g_autoptr (GError) error = NULL;

  own->name = g_strdup ("First's guide");
  own->account_id = first;
  gint64 guide = forge_store_add_guide_source (fixture->store, own, NULL);
  fixture_set_streams (fixture->store, first, "1:A");
  fixture_set_streams (fixture->store, second, "1:B");
  gint64 kept = fixture_stream_id (fixture->store, second, 1);
  g_assert_true (forge_store_remove_account (fixture->store, first, &error));
  g_assert_cmpint (fixture_stream_id (fixture->store, first, 1), ==, 0);
  g_assert_cmpint (fixture_stream_id (fixture->store, second, 1), ==, kept);
  g_assert_null (forge_store_get_guide_source (fixture->store, guide, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND);
  g_autoptr (GPtrArray) accounts = forge_store_list_accounts (fixture->store, NULL);
  g_assert_cmpuint (accounts->len, ==, 1);
}

static void
set_up_lineup (StoreFixture *fixture, gint64 account)
{
  fixture_set_streams (fixture->store, account, "1:One", "2:Two", "3:Three", "4:Four");
  fixture_run (fixture->store, account, "a=1", "b=2");
}

/* Removed by mistake, added again: ids, numbers and the user's choices are there again. */
static void
test_account_added_again_finds_everything (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = fixture_add_account (fixture->store, "Main");

  set_up_lineup (fixture, account);
  gint64 a = fixture_channel_id (fixture->store, "a");
  gint64 three = fixture_stream_id (fixture->store, account, 3);
  gint64 four = fixture_stream_id (fixture->store, account, 4);
  gint64 promoted = forge_store_promote_stream (fixture->store, three, NULL);
  g_assert_true (forge_store_set_match (fixture->store, a, four, TRUE, NULL));
  g_assert_true (forge_store_remove_account (fixture->store, account, NULL));
  g_autofree char *empty = fixture_lineup (fixture->store, FORGE_CHANNELS_ALL);
  g_assert_cmpstr (empty, ==, "");

  g_assert_cmpint (fixture_add_account (fixture->store, "Main"), ==, account);
  set_up_lineup (fixture, account);
  g_autofree char *lineup = fixture_lineup (fixture->store, FORGE_CHANNELS_ENABLED);
  g_assert_cmpstr (lineup, ==, "1:a 2:b 3:Three");
  g_assert_cmpint (fixture_channel_id (fixture->store, "a"), ==, a);
  g_assert_cmpint (fixture_channel_id (fixture->store, "Three"), ==, promoted);
  g_autofree char *candidates = fixture_candidates (fixture->store, a);
  g_assert_cmpstr (candidates, ==, "Four One");
  g_autofree char *of_promoted = fixture_candidates (fixture->store, promoted);
  g_assert_cmpstr (of_promoted, ==, "Three");
}

static void
test_another_login_gets_another_id (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = fixture_add_account (fixture->store, "Main");

  g_assert_true (forge_store_remove_account (fixture->store, account, NULL));
  g_assert_cmpint (fixture_add_account (fixture->store, "Other"), !=, account);
}

static void
test_channel_with_other_sources_stays (StoreFixture *fixture, gconstpointer unused)
{
  gint64 first = fixture_add_account (fixture->store, "First");
  gint64 second = fixture_add_account (fixture->store, "Second");

  fixture_set_streams (fixture->store, first, "1:A");
  fixture_set_streams (fixture->store, second, "1:B");
  fixture_run (fixture->store, first, "a=1", "b=1");
  gint64 a = fixture_channel_id (fixture->store, "a");
  gint64 stream = fixture_stream_id (fixture->store, second, 1);
  g_assert_true (forge_store_set_match (fixture->store, a, stream, FALSE, NULL));
  g_assert_true (forge_store_remove_account (fixture->store, first, NULL));
  g_autofree char *lineup = fixture_lineup (fixture->store, FORGE_CHANNELS_ENABLED);
  g_assert_cmpstr (lineup, ==, "1:a");
}

#define ADD(name, function)            \
  g_test_add ("/store/accounts/" name, \
              StoreFixture,            \
              NULL,                    \
              store_fixture_set_up,    \
              function,                \
              store_fixture_tear_down)

static gint64
learned (StoreFixture *fixture, gint64 id, const char *what)
{
  g_autoptr (GError) error = NULL;
  gint64 value = -1;

  forge_store_get_learned (fixture->store, id, what, &value, &error);
  g_assert_no_error (error);
  return value;
}

static void
test_what_was_learned_goes_with_the_account (StoreFixture *fixture, gconstpointer unused)
{
  gint64 id = fixture_add_account (fixture->store, "A");
  gint64 other = fixture_add_account (fixture->store, "B");

  g_assert_cmpint (learned (fixture, id, "x"), ==, -1);
  g_assert_true (forge_store_save_learned (fixture->store, id, "x", 1, NULL));
  g_assert_true (forge_store_save_learned (fixture->store, id, "x", 3, NULL));
  g_assert_true (forge_store_save_learned (fixture->store, id, "y", 4, NULL));
  g_assert_true (forge_store_save_learned (fixture->store, other, "x", 5, NULL));
  g_assert_cmpint (learned (fixture, id, "x"), ==, 3);
  g_assert_true (forge_store_remove_account (fixture->store, id, NULL));
  g_assert_cmpint (learned (fixture, id, "x"), ==, -1);
  g_assert_cmpint (learned (fixture, other, "x"), ==, 5);
  /* It came late: nobody is there to learn about. */
  g_assert_true (forge_store_save_learned (fixture->store, id, "x", 3, NULL));
  g_assert_cmpint (learned (fixture, id, "x"), ==, -1);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("every-field-comes-back", test_every_field_comes_back);
  ADD ("absent-fields-stay-absent", test_absent_fields_stay_absent);
  ADD ("what-was-learned-goes-with-the-account", test_what_was_learned_goes_with_the_account);
  ADD ("name-is-unique", test_name_is_unique);
  ADD ("update-keeps-the-id", test_update_keeps_the_id);
  ADD ("unknown-id-is-not-found", test_unknown_id_is_not_found);
  ADD ("removal-takes-its-own-things-only", test_removal_takes_its_own_things_only);
  ADD ("account-added-again-finds-everything", test_account_added_again_finds_everything);
  ADD ("another-login-gets-another-id", test_another_login_gets_another_id);
  ADD ("channel-with-other-sources-stays", test_channel_with_other_sources_stays);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "provider/forge-provider-refresh.h"
#include "script-server.h"

#include <glib/gstdio.h>

#include <string.h>

#define NOW          1800000000
#define LOGIN_ACTIVE "{\"user_info\":{\"auth\":1,\"status\":\"Active\",\"max_connections\":\"2\"}}"

/* What the panel answers; "!" starts a status code. Set between refreshes only. */
typedef struct {
  const char *login, *categories;
  char *streams;
  gboolean is_cut; /* the list ends in the middle */
} Panel;

typedef struct {
  char *dir;
  ForgeStore *store;
  ForgeSecrets *secrets;
  ForgeHttp *http;
  ScriptServer *server;
  Panel panel;
  gint64 account_id;
  ForgeProviderRefreshOptions options;
  ForgeProviderRefreshResult result;
  GCancellable *cancellable;
} Fixture;

static void
script (ScriptPeer *peer, gpointer user_data)
{
  const Panel *panel = user_data;
  const char *target = script_peer_target (peer);
  const char *body = strstr (target, "get_live_streams")      ? panel->streams
                     : strstr (target, "get_live_categories") ? panel->categories
                                                              : panel->login;
  gsize length = strlen (body) - (panel->is_cut && body == panel->streams ? 10 : 0);

  if (*body == '!')
    script_say (peer, "HTTP/1.1 %s x\r\nContent-Length: 0\r\n\r\n", body + 1);
  else
    script_say (peer,
                "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%.*s",
                length,
                (int)length,
                body);
}

/* A list of the streams from `first` to `last`. */
static void
set_streams (Fixture *fixture, guint first, guint last)
{
  GString *list = g_string_new ("[");

  for (guint i = first; i <= last; i++)
    g_string_append_printf (list,
                            "%s{\"stream_id\":%u,\"name\":\"n%u\",\"category_id\":\"1\"}",
                            i > first ? "," : "",
                            i,
                            i);
  g_string_append_c (list, ']');
  g_free (fixture->panel.streams);
  fixture->panel.streams = g_string_free (list, FALSE);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  ForgeHttpOptions http = { .user_agent = "agent" };
  g_autofree char *name = NULL;
  g_autoptr (ForgeAccount) account = forge_account_new ();

  fixture->dir = g_dir_make_tmp ("forge-refresh-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (fixture->dir, "test.db", NULL);
  fixture->store = forge_store_open (path, NULL, NULL);
  fixture->secrets = forge_secrets_new_memory ();
  fixture->http = forge_http_new (&http);
  fixture->panel.login = LOGIN_ACTIVE;
  fixture->panel.categories = "[{\"category_id\":\"1\",\"category_name\":\"News\"}]";
  fixture->server = script_server_new (script, &fixture->panel, SCRIPT_PLAIN);
  set_streams (fixture, 1, 10);

  account->name = g_strdup ("Mine");
  account->server = script_server_url (fixture->server, "");
  account->username = g_strdup ("bob");
  fixture->account_id = forge_store_add_account (fixture->store, account, NULL);
  g_assert_cmpint (fixture->account_id, >, 0);
  name = forge_provider_secret_name (fixture->account_id);
  g_assert_true (forge_secrets_store (fixture->secrets, name, "s3cret", NULL, NULL));
  fixture->options =
      (ForgeProviderRefreshOptions){ .now_s = NOW, .hold_back_percent = 30, .tombstone_days = 14 };
  fixture->cancellable = g_cancellable_new ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->dir, 0, NULL);

  forge_store_close (fixture->store);
  forge_secrets_free (fixture->secrets);
  forge_http_free (fixture->http);
  script_server_free (fixture->server);
  g_object_unref (fixture->cancellable);
  for (const char *name; (name = g_dir_read_name (dir));) {
    g_autofree char *path = g_build_filename (fixture->dir, name, NULL);
    g_unlink (path);
  }
  g_rmdir (fixture->dir);
  g_free (fixture->dir);
  g_free (fixture->panel.streams);
}

static gboolean
refresh (Fixture *fixture, GError **error)
{
  return forge_provider_refresh (fixture->store,
                                 fixture->secrets,
                                 fixture->http,
                                 fixture->account_id,
                                 &fixture->options,
                                 &fixture->result,
                                 fixture->cancellable,
                                 error);
}

static void
must_refresh (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (refresh (fixture, &error));
  g_assert_no_error (error);
}

/* Refreshes in vain and returns the account as it is then. */
static ForgeAccount *
must_fail (Fixture *fixture, ForgeError code, const char *says)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (refresh (fixture, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, FORGE_ERROR, (gint)code);
  g_assert_nonnull (strstr (error->message, says));
  g_assert_null (strstr (error->message, "s3cret"));
  return forge_store_get_account (fixture->store, fixture->account_id, NULL);
}

static gboolean
count_one (const ForgeStream *stream, gpointer user_data)
{
  ++*(int *)user_data;
  return TRUE;
}

static int
count_streams (Fixture *fixture)
{
  int n = 0;

  g_assert_true (forge_store_each_stream (fixture->store, count_one, &n, NULL));
  return n;
}

static gboolean
check_group (const ForgeStream *stream, gpointer user_data)
{
  g_assert_cmpstr (stream->group, ==, user_data);
  return TRUE;
}

/* ---- cases ---- */

static void
test_first_import (Fixture *fixture, gconstpointer data)
{
  must_refresh (fixture);
  g_autoptr (ForgeAccount) account =
      forge_store_get_account (fixture->store, fixture->account_id, NULL);

  g_assert_cmpint (fixture->result.plan.added, ==, 10);
  g_assert_cmpuint (fixture->result.counts.items, ==, 10);
  g_assert_cmpint (count_streams (fixture), ==, 10);
  g_assert_true (forge_store_each_stream (fixture->store, check_group, (gpointer) "News", NULL));
  g_assert_cmpint (account->status, ==, FORGE_ACCOUNT_ACTIVE);
  g_assert_cmpint (account->panel_max_connections, ==, 2);
  g_assert_cmpint (account->streams, ==, 10);
  g_assert_cmpint (account->last_refresh, ==, NOW);
  g_assert_null (account->status_text);
}

static void
test_small_changes_are_applied (Fixture *fixture, gconstpointer data)
{
  must_refresh (fixture);
  set_streams (fixture, 4, 12); /* three of ten are gone: exactly 30 % */
  must_refresh (fixture);
  g_assert_cmpint (fixture->result.plan.removed, ==, 3);
  g_assert_cmpint (fixture->result.plan.added, ==, 2);
  g_assert_cmpint (count_streams (fixture), ==, 9);
}

static void
test_great_loss_is_held_back (Fixture *fixture, gconstpointer data)
{
  must_refresh (fixture);
  set_streams (fixture, 5, 10);
  g_autoptr (ForgeAccount) account =
      must_fail (fixture, FORGE_ERROR_HELD_BACK, "lacks 4 of 10 streams, more than 30 %");
  g_assert_cmpint (account->status, ==, FORGE_ACCOUNT_ACTIVE);
  g_assert_nonnull (strstr (account->status_text, "lacks 4 of 10"));
  g_assert_cmpint (account->streams, ==, 10);
  g_assert_cmpint (count_streams (fixture), ==, 10);

  fixture->options.force = TRUE;
  must_refresh (fixture);
  g_assert_cmpint (count_streams (fixture), ==, 6);
}

static void
test_what_was_taken_back_is_held_back (Fixture *fixture, gconstpointer data)
{
  must_refresh (fixture);
  set_streams (fixture, 2, 11);
  must_refresh (fixture);
  gint64 id = fixture->result.refresh_id;
  g_assert_cmpint (id, >, 0);
  g_assert_true (forge_store_undo_refresh (fixture->store, &id, NOW, NULL));
  g_autoptr (ForgeAccount) account =
      must_fail (fixture, FORGE_ERROR_HELD_BACK, "what you took back");
  g_assert_cmpint (account->status, ==, FORGE_ACCOUNT_ACTIVE);
  g_assert_true (forge_store_apply_refresh (fixture->store, fixture->result.refresh_id, NOW, NULL));
  must_refresh (fixture);
  g_assert_cmpint (fixture->result.plan.unchanged, ==, 10);
}

/* Declined once: the same list changes nothing and is no trouble; another one is. */
static void
test_what_was_declined_is_not_offered_again (Fixture *fixture, gconstpointer data)
{
  must_refresh (fixture);
  set_streams (fixture, 5, 10);
  g_autoptr (ForgeAccount) held = must_fail (fixture, FORGE_ERROR_HELD_BACK, "lacks 4 of 10");
  gint64 id = fixture->result.refresh_id;
  g_assert_nonnull (held->status_text);
  g_assert_true (forge_store_keep_refresh (fixture->store, id, NULL));
  must_refresh (fixture);
  g_assert_cmpint (fixture->result.kept_refresh, ==, id);
  g_assert_cmpint (fixture->result.refresh_id, ==, 0);
  g_assert_cmpint (count_streams (fixture), ==, 10);

  set_streams (fixture, 7, 10);
  g_autoptr (ForgeAccount) worse = must_fail (fixture, FORGE_ERROR_HELD_BACK, "lacks 6 of 10");
  g_assert_cmpint (worse->streams, ==, 10);
  set_streams (fixture, 1, 11);
  must_refresh (fixture);
  g_assert_cmpint (fixture->result.kept_refresh, ==, 0);
  g_assert_cmpint (count_streams (fixture), ==, 11);
}

static void
test_empty_list_is_held_back (Fixture *fixture, gconstpointer data)
{
  g_free (fixture->panel.streams);
  fixture->panel.streams = g_strdup ("[]");
  g_autoptr (ForgeAccount) first = must_fail (fixture, FORGE_ERROR_HELD_BACK, "the list is empty");
  g_assert_cmpint (first->last_refresh, ==, 0);

  set_streams (fixture, 1, 10);
  must_refresh (fixture);
  g_free (fixture->panel.streams);
  fixture->panel.streams = g_strdup ("{}");
  g_autoptr (ForgeAccount) second =
      must_fail (fixture, FORGE_ERROR_HELD_BACK, "(10 streams before)");
  g_assert_cmpint (second->last_refresh, ==, NOW);
  g_assert_cmpint (count_streams (fixture), ==, 10);
}

static void
test_cut_list_is_never_applied (Fixture *fixture, gconstpointer data)
{
  fixture->panel.is_cut = TRUE;
  fixture->options.force = TRUE;
  g_autoptr (ForgeAccount) account = must_fail (fixture, FORGE_ERROR_INVALID, "in the middle");
  g_assert_cmpint (account->status, ==, FORGE_ACCOUNT_ACTIVE);
  g_assert_cmpint (count_streams (fixture), ==, 0);
}

static void
test_failed_list_leaves_the_lineup (Fixture *fixture, gconstpointer data)
{
  static const struct {
    const char *body;
    ForgeError code;
    const char *says;
  } table[] = { { "!503", FORGE_ERROR_RETRY, "HTTP 503" },
                { "!403", FORGE_ERROR_LIMIT, "HTTP 403" },
                { "<html>", FORGE_ERROR_INVALID, "<html>" },
                { "{\"user_info\":{\"auth\":0}}", FORGE_ERROR_AUTH, "refuses" } };

  must_refresh (fixture);
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++) {
    g_free (fixture->panel.streams);
    fixture->panel.streams = g_strdup (table[i].body);
    g_autoptr (ForgeAccount) account = must_fail (fixture, table[i].code, table[i].says);
    g_assert_cmpint (account->status, ==, FORGE_ACCOUNT_ACTIVE);
    g_assert_nonnull (strstr (account->status_text, table[i].says));
    g_assert_cmpint (count_streams (fixture), ==, 10);
  }
}

static void
test_login_trouble_is_the_accounts_status (Fixture *fixture, gconstpointer data)
{
  static const struct {
    const char *body;
    ForgeError code;
    ForgeAccountStatus status;
    const char *text;
  } table[] = {
    { "{\"user_info\":{\"auth\":0}}", FORGE_ERROR_AUTH, FORGE_ACCOUNT_UNAUTHORIZED, "refuses" },
    { "!503", FORGE_ERROR_RETRY, FORGE_ACCOUNT_UNREACHABLE, "HTTP 503" },
    { "<html>parked</html>", FORGE_ERROR_INVALID, FORGE_ACCOUNT_UNREACHABLE, "parked" },
    { "{\"user_info\":{\"auth\":1,\"status\":\"Expired\",\"exp_date\":\"5\"}}",
      FORGE_ERROR_AUTH,
      FORGE_ACCOUNT_EXPIRED,
      "Expired" },
    { "{\"user_info\":{\"auth\":1,\"status\":\"Banned\"}}",
      FORGE_ERROR_AUTH,
      FORGE_ACCOUNT_BANNED,
      "Banned" },
  };

  must_refresh (fixture);
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++) {
    fixture->panel.login = table[i].body;
    g_autoptr (ForgeAccount) account = must_fail (fixture, table[i].code, "127.0.0.1");
    g_assert_cmpint (account->status, ==, table[i].status);
    g_assert_nonnull (strstr (account->status_text, table[i].text));
    g_assert_cmpint (account->streams, ==, 10);
    g_assert_cmpint (count_streams (fixture), ==, 10);
  }
  fixture->panel.login = LOGIN_ACTIVE;
  must_refresh (fixture);
  g_autoptr (ForgeAccount) account =
      forge_store_get_account (fixture->store, fixture->account_id, NULL);
  g_assert_cmpint (account->status, ==, FORGE_ACCOUNT_ACTIVE);
  g_assert_null (account->status_text);
}

static void
test_categories_may_fail (Fixture *fixture, gconstpointer data)
{
  fixture->panel.categories = "!500";
  must_refresh (fixture);
  g_assert_cmpint (count_streams (fixture), ==, 10);
  g_assert_true (forge_store_each_stream (fixture->store, check_group, NULL, NULL));
}

static void
test_cancelled_refresh_changes_nothing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  must_refresh (fixture);
  g_cancellable_cancel (fixture->cancellable);
  g_assert_false (refresh (fixture, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_autoptr (ForgeAccount) account =
      forge_store_get_account (fixture->store, fixture->account_id, NULL);
  g_assert_cmpint (account->status, ==, FORGE_ACCOUNT_ACTIVE);
  g_assert_null (account->status_text);
}

static void
test_missing_account_or_password (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) no_account = NULL, no_password = NULL;
  g_autofree char *name = forge_provider_secret_name (fixture->account_id);

  g_assert_true (forge_secrets_forget (fixture->secrets, name, NULL, NULL));
  g_assert_false (refresh (fixture, &no_password));
  g_assert_error (no_password, FORGE_ERROR, FORGE_ERROR_NOT_FOUND);
  fixture->account_id += 1000;
  g_assert_false (refresh (fixture, &no_account));
  g_assert_error (no_account, FORGE_ERROR, FORGE_ERROR_NOT_FOUND);
  g_assert_cmpuint (script_server_requests (fixture->server), ==, 0);
}

static void
add (const char *path, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  add ("/provider/refresh/first-import", test_first_import);
  add ("/provider/refresh/small-changes-are-applied", test_small_changes_are_applied);
  add ("/provider/refresh/great-loss-is-held-back", test_great_loss_is_held_back);
  add ("/provider/refresh/what-was-taken-back-is-held-back", test_what_was_taken_back_is_held_back);
  add ("/provider/refresh/what-was-declined-is-not-offered-again",
       test_what_was_declined_is_not_offered_again);
  add ("/provider/refresh/empty-list-is-held-back", test_empty_list_is_held_back);
  add ("/provider/refresh/cut-list-is-never-applied", test_cut_list_is_never_applied);
  add ("/provider/refresh/failed-list-leaves-the-lineup", test_failed_list_leaves_the_lineup);
  add ("/provider/refresh/login-trouble-is-the-accounts-status",
       test_login_trouble_is_the_accounts_status);
  add ("/provider/refresh/categories-may-fail", test_categories_may_fail);
  add ("/provider/refresh/cancelled-refresh-changes-nothing",
       test_cancelled_refresh_changes_nothing);
  add ("/provider/refresh/missing-account-or-password", test_missing_account_or_password);
  return g_test_run ();
}

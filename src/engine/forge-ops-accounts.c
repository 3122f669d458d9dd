/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/forge-hidden-url.h"
#include "engine/forge-ops-checks.h"
#include "engine/forge-ops-library.h"
#include "engine/forge-ops.h"
#include "net/forge-url.h"
#include "provider/forge-xtream.h"
#include "store/forge-store-accounts.h"
#include "store/forge-store-guide.h"

#include <string.h>

/* NULL for "" and NULL. */
static char *
text_or_none (const char *text)
{
  return text && *text ? g_strdup (text) : NULL;
}

static gboolean
normalise_mirrors (const char *const *typed, char ***mirrors, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; typed && typed[i]; i++) {
    if (i == FORGE_MAX_MIRRORS) {
      g_set_error (error,
                   FORGE_ERROR,
                   FORGE_ERROR_INVALID,
                   "More than %d mirrors",
                   FORGE_MAX_MIRRORS);
      return FALSE;
    }
    char *url = forge_url_normalise_server (typed[i], NULL, NULL, error);
    if (!url)
      return FALSE;
    g_ptr_array_add (list, url);
  }
  g_strfreev (*mirrors);
  *mirrors = NULL;
  if (list->len > 0) {
    g_ptr_array_add (list, NULL);
    *mirrors = (char **)g_ptr_array_free (g_steal_pointer (&list), FALSE);
  }
  return TRUE;
}

/* Fills address and login of `account` from what was typed; `password` comes back (transfer full).
 */
static gboolean
apply_login (ForgeAccount *account, const ForgeNewAccount *wanted, char **password, GError **error)
{
  g_autofree char *url_username = NULL;
  g_autoptr (ForgeSecret) url_password = NULL;
  g_autofree char *server = forge_url_normalise_server (wanted->server ? wanted->server : "",
                                                        &url_username,
                                                        &url_password,
                                                        error);
  const char *username = wanted->username && *wanted->username ? wanted->username : url_username;
  const char *secret = wanted->password && *wanted->password ? wanted->password : url_password;

  if (!server)
    return FALSE;
  if (!username || !secret) {
    g_set_error_literal (error,
                         FORGE_ERROR,
                         FORGE_ERROR_INVALID,
                         "The username or the password is missing");
    return FALSE;
  }
  if (!forge_check_username (username, error))
    return FALSE;
  g_free (account->server);
  account->server = g_steal_pointer (&server);
  g_free (account->username);
  account->username = g_strstrip (g_strdup (username));
  *password = g_strstrip (g_strdup (secret));
  return TRUE;
}

/* User agent, proxy and mirrors, where they are given. */
static gboolean
apply_route (ForgeAccount *account, const ForgeNewAccount *wanted, GError **error)
{
  if (!forge_check_user_agent (wanted->user_agent, error) ||
      !forge_check_proxy (wanted->proxy, error) ||
      (wanted->mirrors && !normalise_mirrors (wanted->mirrors, &account->mirrors, error)))
    return FALSE;
  if (wanted->user_agent) {
    g_free (account->user_agent);
    account->user_agent = text_or_none (wanted->user_agent);
  }
  if (wanted->proxy) {
    g_free (account->proxy);
    account->proxy = text_or_none (wanted->proxy);
  }
  return TRUE;
}

static gboolean
log_in (ForgeOps *ops, ForgeAccount *account, const char *password, GError **error)
{
  g_autoptr (ForgeHttp) http = forge_engine_make_login_http (ops->engine, account);
  const ForgeXtreamLogin login = { .server = account->server,
                                   .username = account->username,
                                   .password = password };

  return forge_xtream_login (http, &login, account, ops->cancellable, error);
}

/* An account that the panel calls expired or banned cannot be added: nothing would play. */
static gboolean
log_in_active (ForgeOps *ops, ForgeAccount *account, const char *password, GError **error)
{
  if (!log_in (ops, account, password, error))
    return FALSE;
  if (account->status == FORGE_ACCOUNT_ACTIVE)
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_AUTH,
               "The provider says that this account is %s",
               forge_account_status_name (account->status));
  return FALSE;
}

static gboolean
keep_password (ForgeOps *ops, gint64 id, const char *password, GError **error)
{
  g_autofree char *name = forge_provider_secret_name (id);

  return forge_secrets_store (ops->engine->secrets, name, password, ops->cancellable, error);
}

static gboolean
is_guide_name_taken (GPtrArray *sources, const char *name)
{
  for (guint i = 0; i < sources->len; i++)
    if (g_strcmp0 (((const ForgeGuideSource *)g_ptr_array_index (sources, i))->name, name) == 0)
      return TRUE;
  return FALSE;
}

/* "<account> guide", or with a number behind it if there is one of that name. (transfer full) */
static char *
free_guide_name (GPtrArray *sources, const char *account_name)
{
  char *name = g_strdup_printf ("%s guide", account_name);

  for (guint i = 2; is_guide_name_taken (sources, name); i++) {
    g_free (name);
    name = g_strdup_printf ("%s guide %u", account_name, i);
  }
  return name;
}

static gboolean
add_own_guide (ForgeOps *ops, const ForgeAccount *account, gint64 id, GError **error)
{
  g_autoptr (GPtrArray) sources = forge_store_list_guide_sources (ops->store, error);
  g_autoptr (ForgeGuideSource) source = forge_guide_source_new ();

  if (!sources)
    return FALSE;
  source->name = free_guide_name (sources, account->name);
  source->account_id = id;
  return forge_store_add_guide_source (ops->store, source, error) > 0;
}

/* Puts the proxy's login, if it has one, into the secrets and leaves its shown form. */
static gboolean
hide_proxy (ForgeOps *ops, ForgeAccount *account, gint64 id, GError **error)
{
  g_autofree char *name = forge_hidden_url_name_of_proxy (id);

  if (!account->proxy || forge_hidden_url_is_shown_form (account->proxy))
    return TRUE;
  if (!forge_hidden_url_keep (ops->engine->secrets, name, account->proxy, ops->cancellable, error))
    return FALSE;
  if (forge_hidden_url_has_login (account->proxy)) {
    char *shown = forge_hidden_url_show (account->proxy);
    forge_secret_free (account->proxy);
    account->proxy = shown;
  }
  return TRUE;
}

/* A commit, or everything back. `ok` FALSE: `error` is set already. */
static gboolean
end_change (ForgeOps *ops, gboolean ok, GError **error)
{
  if (ok)
    return forge_store_commit (ops->store, error);
  forge_store_rollback (ops->store);
  return FALSE;
}

/* Stores account, password and guide; on failure nothing of it stays in the database. The proxy's
 * login needs the id, so that the row is written without it first. */
static gint64
insert_account (ForgeOps *ops,
                const ForgeAccount *account,
                const char *password,
                gboolean with_guide,
                GError **error)
{
  g_autoptr (ForgeAccount) row = forge_account_copy (account);

  g_clear_pointer (&row->proxy, forge_secret_free);
  row->id = forge_store_add_account (ops->store, row, error);
  row->proxy = g_strdup (account->proxy);
  if (row->id == 0 || !hide_proxy (ops, row, row->id, error) ||
      !forge_store_update_account (ops->store, row, error) ||
      !keep_password (ops, row->id, password, error) ||
      (with_guide && !add_own_guide (ops, row, row->id, error)))
    return 0;
  return row->id;
}

static gint64
store_account (ForgeOps *ops,
               const ForgeAccount *account,
               const char *password,
               gboolean with_guide,
               GError **error)
{
  if (!forge_store_begin (ops->store, error))
    return 0;
  gint64 id = insert_account (ops, account, password, with_guide, error);
  return end_change (ops, id > 0, error) ? id : 0;
}

static gboolean
scan_account (ForgeOps *ops, gint64 id, gboolean force, GError **error)
{
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (ops->engine);
  g_autoptr (ForgeAccount) account = forge_store_get_account (ops->store, id, error);

  if (!account)
    return FALSE;
  g_autoptr (ForgeHttp) http = forge_engine_make_http (ops->engine, account);
  const ForgeProviderRefreshOptions options = {
    .now_s = forge_clock_wall_s (ops->engine->clock),
    .hold_back_percent = (int)forge_settings_int (snapshot->settings, "hold_back_percent"),
    .tombstone_days = 14,
    .force = force,
  };
  ForgeProviderRefreshResult result = { 0 };
  g_autoptr (GError) failure = NULL;
  if (!forge_provider_refresh (ops->store,
                               ops->engine->secrets,
                               http,
                               id,
                               &options,
                               &result,
                               ops->cancellable,
                               &failure)) {
    gboolean is_held_back = g_error_matches (failure, FORGE_ERROR, FORGE_ERROR_HELD_BACK);
    g_propagate_error (error, g_steal_pointer (&failure));
    if (is_held_back) /* some accounts have films only */
      forge_ops_scan_library (ops, account, http, &options, NULL);
    return FALSE;
  }
  forge_ops_report (ops,
                    FORGE_LOG_INFO,
                    FORGE_EVENT_PROVIDER,
                    "“%s”: %d streams (%d new, %d changed, %d gone, %u unreadable rows skipped)",
                    account->name,
                    result.plan.after,
                    result.plan.added,
                    result.plan.changed,
                    result.plan.removed,
                    result.counts.skipped);
  return forge_ops_scan_library (ops, account, http, &options, error);
}

/* Keeps the first failure as `warning`; later ones are events anyway. */
static void
note_failure (ForgeOps *ops,
              char **warning,
              ForgeEventCategory category,
              const char *what,
              GError *error)
{
  forge_ops_report (ops, FORGE_LOG_WARNING, category, "%s: %s", what, error->message);
  if (!*warning)
    *warning = g_strdup_printf ("%s: %s", what, error->message);
}

static gint64
own_guide_of (ForgeOps *ops, gint64 account_id)
{
  g_autoptr (GPtrArray) sources = forge_store_list_guide_sources (ops->store, NULL);

  for (guint i = 0; sources && i < sources->len; i++) {
    const ForgeGuideSource *source = g_ptr_array_index (sources, i);
    if (source->account_id == account_id)
      return source->id;
  }
  return 0;
}

/* Before the provider is asked: the store would say it only afterwards. */
static gboolean
check_is_new (ForgeOps *ops, const char *name, GError **error)
{
  g_autoptr (GPtrArray) accounts = forge_store_list_accounts (ops->store, error);

  for (guint i = 0; accounts && i < accounts->len; i++)
    if (g_strcmp0 (((const ForgeAccount *)g_ptr_array_index (accounts, i))->name, name) == 0) {
      g_set_error (error,
                   FORGE_ERROR,
                   FORGE_ERROR_INVALID,
                   "There is an account named “%s” already",
                   name);
      return FALSE;
    }
  return accounts != NULL;
}

/* The same login twice counts its connections twice, and the second stream is refused. */
static char *
warn_of_twin (ForgeOps *ops, const ForgeAccount *account)
{
  g_autoptr (GPtrArray) accounts = forge_store_list_accounts (ops->store, NULL);

  for (guint i = 0; accounts && i < accounts->len; i++) {
    const ForgeAccount *other = g_ptr_array_index (accounts, i);
    if (g_strcmp0 (other->server, account->server) == 0 &&
        g_strcmp0 (other->username, account->username) == 0)
      return g_strdup_printf ("This is the login of “%s” once more: both share its connections. "
                              "Remove one of them",
                              other->name);
  }
  return NULL;
}

gint64
forge_ops_add_account (ForgeOps *ops, const ForgeNewAccount *wanted, char **warning, GError **error)
{
  g_autoptr (ForgeAccount) account = forge_account_new ();
  g_autoptr (ForgeSecret) password = NULL;
  g_autoptr (GError) failure = NULL;

  account->name = g_strdup (wanted->name);
  if (!forge_check_name (wanted->name, error) || !check_is_new (ops, wanted->name, error) ||
      !apply_login (account, wanted, &password, error) || !apply_route (account, wanted, error) ||
      !log_in_active (ops, account, password, error))
    return 0;
  *warning = warn_of_twin (ops, account);
  gint64 id = store_account (ops, account, password, !wanted->without_guide, error);
  if (id == 0)
    return 0;
  if (!scan_account (ops, id, FALSE, &failure))
    note_failure (ops, warning, FORGE_EVENT_PROVIDER, "The channel list was not read", failure);
  g_clear_error (&failure);
  if (!wanted->without_guide &&
      !forge_ops_refresh_guides (ops, own_guide_of (ops, id), FALSE, &failure))
    note_failure (ops, warning, FORGE_EVENT_GUIDE, "The provider's guide was not read", failure);
  g_clear_error (&failure);
  if (!forge_ops_run_lineup (ops, &failure))
    note_failure (ops, warning, FORGE_EVENT_MATCH, "The channels were not matched", failure);
  return id;
}

static char *
load_password (ForgeOps *ops, gint64 id, GError **error)
{
  g_autofree char *name = forge_provider_secret_name (id);

  return forge_secrets_lookup (ops->engine->secrets, name, ops->cancellable, error);
}

ForgeAccount *
forge_ops_test_account (ForgeOps *ops, gint64 id, GError **error)
{
  g_autoptr (ForgeAccount) stored = forge_store_get_account (ops->store, id, error);
  g_autoptr (ForgeSecret) password = stored ? load_password (ops, id, error) : NULL;

  if (!password)
    return NULL;
  g_autoptr (ForgeAccount) account = forge_account_copy (stored);
  if (!log_in (ops, account, password, error) ||
      !forge_provider_save_login (ops->store, account, error) ||
      !forge_engine_publish (ops->engine, ops->store, error))
    return NULL;
  return forge_store_get_account (ops->store, id, error);
}

gboolean
forge_ops_refresh_account (ForgeOps *ops, gint64 id, gboolean force, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (!scan_account (ops, id, force, &failure)) {
    forge_ops_report (ops,
                      FORGE_LOG_WARNING,
                      FORGE_EVENT_PROVIDER,
                      "Refresh changed nothing: %s",
                      failure->message);
    /* The account's status may be new all the same. */
    if (!forge_engine_publish (ops->engine, ops->store, NULL))
      forge_ops_report (ops,
                        FORGE_LOG_ERROR,
                        FORGE_EVENT_SYSTEM,
                        "The new state could not be read");
    g_propagate_error (error, g_steal_pointer (&failure));
    return FALSE;
  }
  return forge_ops_run_lineup (ops, error);
}

/* Loads, lets `change` edit a copy, and stores it, in one transaction: a refresh writes its figures
 * into the same row. Then publishes. */
typedef gboolean (*AccountChange) (ForgeOps *ops,
                                   ForgeAccount *account,
                                   gconstpointer data,
                                   GError **error);

static gboolean
write_change (ForgeOps *ops, gint64 id, AccountChange change, gconstpointer data, GError **error)
{
  g_autoptr (ForgeAccount) stored = forge_store_get_account (ops->store, id, error);
  g_autoptr (ForgeAccount) account = stored ? forge_account_copy (stored) : NULL;

  return account && change (ops, account, data, error) &&
         forge_store_update_account (ops->store, account, error);
}

static gboolean
change_account (ForgeOps *ops, gint64 id, AccountChange change, gconstpointer data, GError **error)
{
  return forge_store_begin (ops->store, error) &&
         end_change (ops, write_change (ops, id, change, data, error), error) &&
         forge_engine_publish (ops->engine, ops->store, error);
}

static gboolean
set_enabled (ForgeOps *ops, ForgeAccount *account, gconstpointer data, GError **error)
{
  account->enabled = *(const gboolean *)data;
  return TRUE;
}

/* On the control thread. */
static void
stop_sessions_of (ForgeEngine *engine, gpointer data)
{
  g_autoptr (GPtrArray) sessions = forge_tuner_list_sessions (engine->tuner);

  for (guint i = 0; i < sessions->len; i++) {
    const ForgeSessionInfo *session = g_ptr_array_index (sessions, i);
    if (g_strcmp0 (session->account, data) == 0)
      forge_tuner_stop_session (engine->tuner, session->id);
  }
}

/* Whoever switches an account off wants its connections back now, not when the viewers leave. */
static gboolean
release_account (ForgeOps *ops, const ForgeAccount *account, GError **error)
{
  if (!forge_engine_publish (ops->engine, ops->store, error))
    return FALSE;
  forge_engine_on_control (ops->engine, stop_sessions_of, account->name);
  return TRUE;
}

gboolean
forge_ops_enable_account (ForgeOps *ops, gint64 id, gboolean enabled, GError **error)
{
  g_autoptr (ForgeAccount) account = forge_store_get_account (ops->store, id, error);

  return account && change_account (ops, id, set_enabled, &enabled, error) &&
         (enabled || release_account (ops, account, error));
}

static void
forget_secret (ForgeOps *ops, const char *name)
{
  g_autoptr (GError) error = NULL;

  if (!forge_secrets_forget (ops->engine->secrets, name, ops->cancellable, &error))
    forge_ops_report (ops,
                      FORGE_LOG_WARNING,
                      FORGE_EVENT_PROVIDER,
                      "Its password stays in the keyring: %s",
                      error->message);
}

gboolean
forge_ops_remove_account (ForgeOps *ops, gint64 id, GError **error)
{
  g_autofree char *name = forge_provider_secret_name (id);
  g_autofree char *proxy = forge_hidden_url_name_of_proxy (id);
  g_autoptr (ForgeAccount) account = forge_store_get_account (ops->store, id, error);

  if (!account || !forge_store_remove_account (ops->store, id, error))
    return FALSE;
  forget_secret (ops, name);
  forget_secret (ops, proxy);
  return release_account (ops, account, error) && forge_ops_run_lineup (ops, error);
}

static gboolean
set_max_connections (ForgeAccount *account, const char *value, GError **error)
{
  gint64 number = 0;

  if (*value && !g_ascii_string_to_signed (value, 10, G_MININT, G_MAXINT, &number, NULL)) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "max_connections: “%s” is not a whole number",
                 value);
    return FALSE;
  }
  account->user_max_connections = (int)number;
  return forge_check_connections (number, error);
}

static gboolean
set_server (ForgeAccount *account, const char *value, GError **error)
{
  char *server = forge_url_normalise_server (value, NULL, NULL, error);

  if (!server)
    return FALSE;
  g_free (account->server);
  account->server = server;
  return TRUE;
}

static gboolean
set_mirrors (ForgeAccount *account, const char *value, GError **error)
{
  g_auto (GStrv) typed = *value ? g_strsplit (value, ",", -1) : NULL;

  return normalise_mirrors ((const char *const *)typed, &account->mirrors, error);
}

static gboolean
set_name (ForgeAccount *account, const char *value, GError **error)
{
  if (!forge_check_name (value, error))
    return FALSE;
  g_free (account->name);
  account->name = g_strdup (value);
  return TRUE;
}

static gboolean
set_username (ForgeAccount *account, const char *value, GError **error)
{
  if (!forge_check_username (value, error))
    return FALSE;
  g_free (account->username);
  account->username = g_strdup (value);
  return TRUE;
}

static gboolean
set_user_agent (ForgeAccount *account, const char *value, GError **error)
{
  if (!forge_check_user_agent (value, error))
    return FALSE;
  g_free (account->user_agent);
  account->user_agent = text_or_none (value);
  return TRUE;
}

static gboolean
set_proxy (ForgeAccount *account, const char *value, GError **error)
{
  if (!forge_check_proxy (value, error))
    return FALSE;
  g_free (account->proxy);
  account->proxy = text_or_none (value);
  return TRUE;
}

static gboolean
set_value (ForgeAccount *account, const char *key, const char *value, GError **error)
{
  static const struct {
    const char *key;
    gboolean (*set) (ForgeAccount *account, const char *value, GError **error);
  } setters[] = {
    { "name", set_name },
    { "server", set_server },
    { "username", set_username },
    { "user_agent", set_user_agent },
    { "proxy", set_proxy },
    { "mirrors", set_mirrors },
    { "max_connections", set_max_connections },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (setters); i++)
    if (strcmp (setters[i].key, key) == 0)
      return setters[i].set (account, value, error);
  g_set_error (
      error,
      FORGE_ERROR,
      FORGE_ERROR_INVALID,
      "“%s” is none of name, server, username, user_agent, proxy, mirrors, max_connections",
      key);
  return FALSE;
}

static gboolean
check_password (const char *password, GError **error)
{
  if (*password && strlen (password) <= FORGE_MAX_LOGIN_BYTES)
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "The password must have 1 to %d bytes",
               FORGE_MAX_LOGIN_BYTES);
  return FALSE;
}

/* The password last: it cannot be taken back. */
static gboolean
set_values (ForgeOps *ops, ForgeAccount *account, gconstpointer data, GError **error)
{
  GHashTable *values = (GHashTable *)data;
  const char *password = g_hash_table_lookup (values, "password");
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, values);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (strcmp (key, "password") != 0 && !set_value (account, key, value, error))
      return FALSE;
  if (password && !check_password (password, error))
    return FALSE;
  return hide_proxy (ops, account, account->id, error) &&
         (!password || keep_password (ops, account->id, password, error));
}

gboolean
forge_ops_set_account (ForgeOps *ops, gint64 id, GHashTable *values, GError **error)
{
  return change_account (ops, id, set_values, values, error);
}

static gboolean
count_one (const ForgeStream *stream, gpointer user_data, GError **error)
{
  ++*(int *)user_data;
  return TRUE;
}

/* −1 on error. */
static int
count_live_streams (ForgeOps *ops, ForgeAccount *account, const char *password, GError **error)
{
  g_autoptr (ForgeHttp) http = forge_engine_make_http (ops->engine, account);
  const ForgeXtreamLogin login = { .server = account->server,
                                   .username = account->username,
                                   .password = password };
  g_autoptr (GHashTable) categories = g_hash_table_new (g_str_hash, g_str_equal);
  ForgeJsonCounts counts;
  int n = 0;

  return forge_xtream_live_streams (http,
                                    &login,
                                    categories,
                                    count_one,
                                    &n,
                                    &counts,
                                    ops->cancellable,
                                    error)
             ? n
             : -1;
}

/* What the new login is, laid over the row as it is by then. */
typedef struct {
  const ForgeAccount *found;
  const char *password;
} Replacement;

static void
replace_text (char **slot, const char *text)
{
  char *copy = g_strdup (text);

  g_free (*slot);
  *slot = copy;
}

static gboolean
set_replacement (ForgeOps *ops, ForgeAccount *account, gconstpointer data, GError **error)
{
  const Replacement *replacement = data;
  const ForgeAccount *found = replacement->found;

  replace_text (&account->server, found->server);
  replace_text (&account->username, found->username);
  replace_text (&account->user_agent, found->user_agent);
  replace_text (&account->proxy, found->proxy);
  g_strfreev (account->mirrors);
  account->mirrors = g_strdupv (found->mirrors);
  return hide_proxy (ops, account, account->id, error) &&
         keep_password (ops, account->id, replacement->password, error);
}

/* The mirrors are the old provider's: they must not be shown the new login. */
static gboolean
apply_replacement (ForgeAccount *account,
                   const ForgeNewAccount *wanted,
                   char **password,
                   GError **error)
{
  g_autofree char *old_server = g_strdup (account->server);

  if (!apply_login (account, wanted, password, error))
    return FALSE;
  if (g_strcmp0 (old_server, account->server) != 0)
    g_clear_pointer (&account->mirrors, g_strfreev);
  return apply_route (account, wanted, error);
}

gboolean
forge_ops_replace_account (ForgeOps *ops,
                           gint64 id,
                           const ForgeNewAccount *wanted,
                           gboolean dry_run,
                           char **preview,
                           GError **error)
{
  g_autoptr (ForgeAccount) stored = forge_store_get_account (ops->store, id, error);
  g_autoptr (ForgeSecret) password = NULL;

  if (!stored)
    return FALSE;
  g_autoptr (ForgeAccount) account = forge_account_copy (stored);
  if (!apply_replacement (account, wanted, &password, error) ||
      !log_in_active (ops, account, password, error))
    return FALSE;
  int n = count_live_streams (ops, account, password, error);
  if (n < 0)
    return FALSE;
  *preview =
      g_strdup_printf ("The new login works: %d live streams (there were %d), %d connections",
                       n,
                       stored->streams,
                       forge_account_slots (account));
  if (dry_run)
    return TRUE;
  const Replacement replacement = { account, password };
  /* The user said so: a provider whose list is quite another one is what they want. */
  return change_account (ops, id, set_replacement, &replacement, error) &&
         forge_ops_refresh_account (ops, id, TRUE, error);
}

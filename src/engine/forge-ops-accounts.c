/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/forge-ops-m3u.h"
#include "engine/forge-ops-refresh.h"
#include "net/forge-url.h"
#include "provider/forge-m3u-slots.h"
#include "provider/forge-xtream.h"
#include "store/forge-store-accounts.h"
#include "store/forge-store-guide.h"

#include <string.h>

#define MAX_NAME_BYTES       100
#define MAX_USER_CONNECTIONS 100

static gboolean
check_name (const char *name, GError **error)
{
  if (name && *name && strlen (name) <= MAX_NAME_BYTES && g_utf8_validate (name, -1, NULL))
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "The name must have 1 to %d bytes of text",
               MAX_NAME_BYTES);
  return FALSE;
}

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
  g_free (account->server);
  account->server = g_steal_pointer (&server);
  g_free (account->username);
  account->username = g_strstrip (g_strdup (username));
  *password = g_strstrip (g_strdup (secret));
  return TRUE;
}

static gboolean
log_in (ForgeOps *ops, ForgeAccount *account, const char *password, GError **error)
{
  g_autoptr (ForgeHttp) http = forge_engine_make_http (ops->engine, account);
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
add_own_guide (ForgeOps *ops, const ForgeAccount *account, gint64 id, GError **error)
{
  g_autoptr (ForgeGuideSource) source = forge_guide_source_new ();

  source->name = g_strdup_printf ("%s guide", account->name);
  source->account_id = id;
  return forge_store_add_guide_source (ops->store, source, error) > 0;
}

/* Stores account, password and guide; on failure nothing of it stays. */
static gint64
store_account (ForgeOps *ops,
               const ForgeAccount *account,
               const char *password,
               gboolean with_guide,
               GError **error)
{
  gint64 id = forge_store_add_account (ops->store, account, error);

  if (id == 0)
    return 0;
  if (keep_password (ops, id, password, error) &&
      (!with_guide || add_own_guide (ops, account, id, error)))
    return id;
  g_autoptr (GError) ignored = NULL;
  if (!forge_store_remove_account (ops->store, id, &ignored))
    forge_ops_report (ops,
                      FORGE_LOG_ERROR,
                      FORGE_EVENT_PROVIDER,
                      "A half-added account stays: %s",
                      ignored->message);
  return 0;
}

static gboolean
scan_account (ForgeOps *ops, gint64 id, gboolean force, gint64 *refresh_id, GError **error)
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
  *refresh_id = 0;
  if (!forge_provider_refresh (ops->store,
                               ops->engine->secrets,
                               http,
                               id,
                               &options,
                               &result,
                               ops->cancellable,
                               error)) {
    g_free (result.warning);
    return FALSE;
  }
  g_autofree char *warning = result.warning;
  *refresh_id = result.refresh_id;
  if (warning)
    forge_ops_report (ops,
                      FORGE_LOG_WARNING,
                      FORGE_EVENT_PROVIDER,
                      "“%s”: %s",
                      account->name,
                      warning);
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
  return TRUE;
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

gint64
forge_ops_add_account (ForgeOps *ops, const ForgeNewAccount *wanted, char **warning, GError **error)
{
  g_autoptr (ForgeAccount) account = forge_account_new ();
  g_autoptr (ForgeSecret) password = NULL;
  g_autoptr (GError) failure = NULL;

  account->name = g_strdup (wanted->name);
  account->user_agent = text_or_none (wanted->user_agent);
  account->proxy = text_or_none (wanted->proxy);
  if (!check_name (wanted->name, error) || !apply_login (account, wanted, &password, error) ||
      !normalise_mirrors (wanted->mirrors, &account->mirrors, error) ||
      !log_in_active (ops, account, password, error))
    return 0;
  gint64 id = store_account (ops, account, password, !wanted->without_guide, error);
  if (id == 0)
    return 0;
  gint64 refresh_id;
  if (!scan_account (ops, id, FALSE, &refresh_id, &failure))
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
  if (stored && stored->kind == FORGE_ACCOUNT_M3U)
    return forge_ops_test_m3u (ops, stored, error);
  g_autoptr (ForgeSecret) password = stored ? load_password (ops, id, error) : NULL;

  if (!password)
    return NULL;
  g_autoptr (ForgeAccount) account = forge_account_copy (stored);
  if (!log_in (ops, account, password, error) ||
      !forge_store_update_account (ops->store, account, error) ||
      !forge_engine_publish (ops->engine, ops->store, error))
    return NULL;
  return g_steal_pointer (&account);
}

gboolean
forge_ops_refresh_account (ForgeOps *ops, gint64 id, gboolean force, GError **error)
{
  g_autoptr (GError) failure = NULL;
  gint64 refresh_id;

  if (!scan_account (ops, id, force, &refresh_id, &failure)) {
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
  return forge_ops_run_lineup_after (ops, refresh_id, error);
}

/* Loads, lets `change` edit a copy, stores and publishes. */
typedef gboolean (*AccountChange) (ForgeAccount *account, const void *data, GError **error);

static gboolean
change_account (ForgeOps *ops, gint64 id, AccountChange change, const void *data, GError **error)
{
  g_autoptr (ForgeAccount) stored = forge_store_get_account (ops->store, id, error);

  if (!stored)
    return FALSE;
  g_autoptr (ForgeAccount) account = forge_account_copy (stored);
  return change (account, data, error) && forge_store_update_account (ops->store, account, error) &&
         forge_engine_publish (ops->engine, ops->store, error);
}

static gboolean
set_enabled (ForgeAccount *account, const void *data, GError **error)
{
  account->enabled = *(const gboolean *)data;
  return TRUE;
}

gboolean
forge_ops_enable_account (ForgeOps *ops, gint64 id, gboolean enabled, GError **error)
{
  return change_account (ops, id, set_enabled, &enabled, error);
}

gboolean
forge_ops_remove_account (ForgeOps *ops, gint64 id, GError **error)
{
  g_autofree char *name = forge_provider_secret_name (id);
  g_autoptr (GError) ignored = NULL;

  if (!forge_store_remove_account (ops->store, id, error))
    return FALSE;
  forge_m3u_slots_forget (ops->engine->secrets, id);
  if (!forge_secrets_forget (ops->engine->secrets, name, ops->cancellable, &ignored))
    forge_ops_report (ops,
                      FORGE_LOG_WARNING,
                      FORGE_EVENT_PROVIDER,
                      "Its password stays in the keyring: %s",
                      ignored->message);
  return forge_ops_run_lineup (ops, error);
}

typedef struct {
  const char *key, *value;
} KeyValue;

static gboolean
set_max_connections (ForgeAccount *account, const char *value, GError **error)
{
  guint64 number = 0;

  if (*value && !g_ascii_string_to_unsigned (value, 10, 0, MAX_USER_CONNECTIONS, &number, NULL)) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "max_connections: “%s” is not a whole number from 0 (as the provider says) to %d",
                 value,
                 MAX_USER_CONNECTIONS);
    return FALSE;
  }
  account->user_max_connections = (int)number;
  return TRUE;
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
  g_auto (GStrv) typed = g_strsplit (value, ",", -1);

  return normalise_mirrors ((const char *const *)typed, &account->mirrors, error);
}

static gboolean
set_name (ForgeAccount *account, const char *value, GError **error)
{
  if (!check_name (value, error))
    return FALSE;
  g_free (account->name);
  account->name = g_strdup (value);
  return TRUE;
}

static gboolean
set_username (ForgeAccount *account, const char *value, GError **error)
{
  g_free (account->username);
  account->username = g_strdup (value);
  return TRUE;
}

static gboolean
set_user_agent (ForgeAccount *account, const char *value, GError **error)
{
  g_free (account->user_agent);
  account->user_agent = text_or_none (value);
  return TRUE;
}

static gboolean
set_proxy (ForgeAccount *account, const char *value, GError **error)
{
  g_free (account->proxy);
  account->proxy = text_or_none (value);
  return TRUE;
}

/* What a list does not have. */
static gboolean
check_key_fits (const ForgeAccount *account, const char *key, GError **error)
{
  static const char *const of_panels[] = { "server", "username", "mirrors", NULL };

  if (account->kind != FORGE_ACCOUNT_M3U || !g_strv_contains (of_panels, key))
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "“%s” is a list and has no %s; its address is set with m3u=URL-or-FILE",
               account->name,
               key);
  return FALSE;
}

static gboolean
set_key (ForgeAccount *account, const void *data, GError **error)
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
  const KeyValue *wanted = data;

  if (!check_key_fits (account, wanted->key, error))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (setters); i++)
    if (strcmp (setters[i].key, wanted->key) == 0)
      return setters[i].set (account, wanted->value, error);
  g_set_error (
      error,
      FORGE_ERROR,
      FORGE_ERROR_INVALID,
      "“%s” is none of name, server, username, user_agent, proxy, mirrors, max_connections",
      wanted->key);
  return FALSE;
}

gboolean
forge_ops_set_account (ForgeOps *ops, gint64 id, const char *key, const char *value, GError **error)
{
  const KeyValue wanted = { key, value };

  return change_account (ops, id, set_key, &wanted, error);
}

gboolean
forge_ops_set_password (ForgeOps *ops, gint64 id, const char *password, GError **error)
{
  g_autoptr (ForgeAccount) account = forge_store_get_account (ops->store, id, error);

  if (!account)
    return FALSE;
  if (account->kind == FORGE_ACCOUNT_M3U)
    return forge_ops_set_m3u (ops, id, password, error);
  if (!*password) {
    g_set_error_literal (error, FORGE_ERROR, FORGE_ERROR_INVALID, "The password is empty");
    return FALSE;
  }
  return keep_password (ops, id, password, error);
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
  if (stored->kind == FORGE_ACCOUNT_M3U) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "“%s” is a list: give it another address with “account set”, m3u=URL-or-FILE",
                 stored->name);
    return FALSE;
  }
  g_autoptr (ForgeAccount) account = forge_account_copy (stored);
  if (!apply_login (account, wanted, &password, error) ||
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
  /* The user said so: a provider whose list is quite another one is what they want. */
  return forge_store_update_account (ops->store, account, error) &&
         keep_password (ops, id, password, error) &&
         forge_ops_refresh_account (ops, id, TRUE, error) &&
         forge_store_forget_refreshes (ops->store, id, error);
}

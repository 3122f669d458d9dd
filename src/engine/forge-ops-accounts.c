/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/forge-hidden-url.h"
#include "engine/forge-ops-accounts-private.h"
#include "engine/forge-ops-checks.h"
#include "engine/forge-ops-library.h"
#include "engine/forge-ops-m3u.h"
#include "engine/forge-ops-refresh.h"
#include "engine/forge-ops.h"
#include "net/forge-url.h"
#include "provider/forge-m3u-slots.h"
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

gboolean
forge_ops_normalise_mirrors (const char *const *typed, char ***mirrors, GError **error)
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

gboolean
forge_ops_apply_login (ForgeAccount *account,
                       const ForgeNewAccount *wanted,
                       char **password,
                       GError **error)
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

gboolean
forge_ops_apply_route (ForgeAccount *account, const ForgeNewAccount *wanted, GError **error)
{
  if (!forge_check_user_agent (wanted->user_agent, error) ||
      !forge_check_proxy (wanted->proxy, error) ||
      (wanted->mirrors && !forge_ops_normalise_mirrors (wanted->mirrors, &account->mirrors, error)))
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

gboolean
forge_ops_log_in_active (ForgeOps *ops, ForgeAccount *account, const char *password, GError **error)
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

gboolean
forge_ops_keep_password (ForgeOps *ops, gint64 id, const char *password, GError **error)
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

gboolean
forge_ops_hide_proxy (ForgeOps *ops, ForgeAccount *account, gint64 id, GError **error)
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

/* The proxy's login needs the id, so that the row is written without it first. */
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
  if (row->id == 0 || !forge_ops_hide_proxy (ops, row, row->id, error) ||
      !forge_store_update_account (ops->store, row, error) ||
      !forge_ops_keep_password (ops, row->id, password, error) ||
      (with_guide && !add_own_guide (ops, row, row->id, error)))
    return 0;
  return row->id;
}

gint64
forge_ops_store_account (ForgeOps *ops,
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

static void
report_scan (ForgeOps *ops, const ForgeAccount *account, const ForgeProviderRefreshResult *result)
{
  if (result->warning)
    forge_ops_report (ops,
                      FORGE_LOG_WARNING,
                      FORGE_EVENT_PROVIDER,
                      "“%s”: %s",
                      account->name,
                      result->warning);
  forge_ops_report (ops,
                    FORGE_LOG_INFO,
                    FORGE_EVENT_PROVIDER,
                    "“%s”: %d streams (%d new, %d changed, %d gone, %u unreadable rows skipped)",
                    account->name,
                    result->plan.after,
                    result->plan.added,
                    result->plan.changed,
                    result->plan.removed,
                    result->counts.skipped);
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
  g_autoptr (GError) failure = NULL;
  *refresh_id = 0;
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
    g_free (result.warning);
    if (is_held_back && account->kind == FORGE_ACCOUNT_XTREAM) /* some have films only */
      forge_ops_scan_library (ops, account, http, &options, NULL);
    return FALSE;
  }
  *refresh_id = result.refresh_id;
  if (result.kept_refresh)
    forge_ops_report (ops,
                      FORGE_LOG_INFO,
                      FORGE_EVENT_PROVIDER,
                      "Account “%s”: the list is still the one that you did not want (refresh"
                      " %" G_GINT64_FORMAT "); the streams of before stay",
                      account->name,
                      result.kept_refresh);
  else
    report_scan (ops, account, &result);
  g_free (result.warning);
  return account->kind != FORGE_ACCOUNT_XTREAM ||
         forge_ops_scan_library (ops, account, http, &options, error);
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

gboolean
forge_ops_follow_replacement (ForgeOps *ops, gint64 id, GError **error)
{
  g_autoptr (ForgeAccount) account = forge_store_get_account (ops->store, id, error);
  gint64 guide = own_guide_of (ops, id);
  g_autofree char *unused = NULL;
  GError *failure = NULL;

  if (!account)
    return FALSE;
  /* A list's guide stands in the list and may well be what it was. */
  if (account->kind == FORGE_ACCOUNT_M3U || guide == 0)
    return TRUE;
  if (!forge_ops_refresh_guides (ops, guide, FALSE, &failure)) {
    note_failure (ops, &unused, FORGE_EVENT_GUIDE, "The new provider's guide", failure);
    g_error_free (failure);
  }
  return TRUE;
}

gboolean
forge_ops_check_is_new (ForgeOps *ops, const char *name, GError **error)
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
  if (!forge_check_name (wanted->name, error) ||
      !forge_ops_check_is_new (ops, wanted->name, error) ||
      !forge_ops_apply_login (account, wanted, &password, error) ||
      !forge_ops_apply_route (account, wanted, error) ||
      !forge_ops_log_in_active (ops, account, password, error))
    return 0;
  *warning = warn_of_twin (ops, account);
  gint64 id = forge_ops_store_account (ops, account, password, !wanted->without_guide, error);
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
      !forge_provider_save_login (ops->store, account, error) ||
      !forge_engine_publish (ops->engine, ops->store, error))
    return NULL;
  return forge_store_get_account (ops->store, id, error);
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

static gboolean
write_change (ForgeOps *ops,
              gint64 id,
              ForgeAccountChange change,
              gconstpointer data,
              GError **error)
{
  g_autoptr (ForgeAccount) stored = forge_store_get_account (ops->store, id, error);
  g_autoptr (ForgeAccount) account = stored ? forge_account_copy (stored) : NULL;

  return account && change (ops, account, data, error) &&
         forge_store_update_account (ops->store, account, error);
}

gboolean
forge_ops_change_account (ForgeOps *ops,
                          gint64 id,
                          ForgeAccountChange change,
                          gconstpointer data,
                          GError **error)
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

  return account && forge_ops_change_account (ops, id, set_enabled, &enabled, error) &&
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

/* The guides go with the account. */
static void
forget_guides (ForgeOps *ops, GPtrArray *sources, gint64 account_id)
{
  for (guint i = 0; i < sources->len; i++) {
    const ForgeGuideSource *source = g_ptr_array_index (sources, i);
    if (source->account_id == account_id && forge_hidden_url_is_shown_form (source->location))
      forge_ops_forget_guide_location (ops, source->id);
  }
}

gboolean
forge_ops_remove_account (ForgeOps *ops, gint64 id, GError **error)
{
  g_autofree char *name = forge_provider_secret_name (id);
  g_autofree char *former = forge_ops_former_name (id);
  g_autofree char *proxy = forge_hidden_url_name_of_proxy (id);
  g_autoptr (ForgeAccount) account = forge_store_get_account (ops->store, id, error);
  g_autoptr (GPtrArray) sources = account ? forge_store_list_guide_sources (ops->store, error)
                                          : NULL;

  if (!sources || !forge_store_remove_account (ops->store, id, error))
    return FALSE;
  forget_guides (ops, sources, id);
  forget_secret (ops, name);
  forget_secret (ops, former);
  forget_secret (ops, proxy);
  forge_m3u_slots_forget (ops->engine->secrets, id);
  return release_account (ops, account, error) && forge_ops_run_lineup (ops, error);
}

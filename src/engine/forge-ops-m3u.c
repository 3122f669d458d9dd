/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-ops-m3u.h"

#include "base/forge-error.h"
#include "engine/forge-ops-accounts-private.h"
#include "engine/forge-ops-checks.h"
#include "net/forge-url.h"
#include "provider/forge-m3u-list.h"
#include "provider/forge-m3u-slots.h"
#include "provider/forge-m3u-url.h"
#include "store/forge-store-accounts.h"
#include "store/forge-store-guide.h"

#include <string.h>

#define MAX_LOCATION_BYTES 4000 /* it is a secret, see forge-secrets.h */

static gboolean
check_location (const char *location, GError **error)
{
  if (location && strlen (location) <= MAX_LOCATION_BYTES &&
      forge_check_guide_location (location, NULL))
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "A list is an http:// or https:// address or the full path of a file, of at most %d "
               "bytes",
               MAX_LOCATION_BYTES);
  return FALSE;
}

static gboolean
check_wanted (ForgeOps *ops, const ForgeNewM3u *wanted, GError **error)
{
  return forge_check_name (wanted->name, error) &&
         forge_ops_check_is_new (ops, wanted->name, error) &&
         check_location (wanted->location, error) &&
         forge_check_user_agent (wanted->user_agent, error) &&
         forge_check_proxy (wanted->proxy, error);
}

static void
report_and_free (ForgeOps *ops, const char *what, GError *error)
{
  forge_ops_report (ops, FORGE_LOG_WARNING, FORGE_EVENT_PROVIDER, "%s: %s", what, error->message);
  g_error_free (error);
}

/* ---- a panel's list ---- */

/* "get.php?username=…&password=…" says it by itself, else nine of ten entries do. */
static void
note_login_of_location (const char *location, ForgeM3uFindings *findings)
{
  g_autofree char *username = NULL;
  g_autoptr (ForgeSecret) password = NULL;

  if (g_path_is_absolute (location) || !strstr (location, "get.php"))
    return;
  g_autofree char *server = forge_url_normalise_server (location, &username, &password, NULL);
  if (!server || !username || !password)
    return;
  findings->server = g_steal_pointer (&server);
  findings->username = g_steal_pointer (&username);
  findings->password = g_steal_pointer (&password);
}

/* 0 if there is no such login or it does not work: then the list is taken as it is. */
static gint64
try_panel (ForgeOps *ops,
           const ForgeNewM3u *wanted,
           const ForgeM3uFindings *findings,
           char **warning)
{
  const ForgeNewAccount account = { .name = wanted->name,
                                    .server = findings->server,
                                    .username = findings->username,
                                    .password = findings->password,
                                    .user_agent = wanted->user_agent,
                                    .proxy = wanted->proxy,
                                    .without_guide = wanted->without_guide };
  g_autofree char *later = NULL;
  GError *failure = NULL;

  if (!findings->server)
    return 0;
  gint64 id = forge_ops_add_account (ops, &account, &later, &failure);
  if (id == 0) {
    report_and_free (ops, "The list looks like a panel's, but is added as a list", failure);
    return 0;
  }
  g_autofree char *host = forge_url_host (findings->server);
  *warning = g_strdup_printf ("This list is from an Xtream panel: it was added as the Xtream "
                              "account of “%s” at %s%s%s",
                              findings->username,
                              host,
                              later ? ". " : "",
                              later ? later : "");
  return id;
}

/* ---- a list ---- */

static ForgeAccount *
make_account (const ForgeNewM3u *wanted)
{
  ForgeAccount *account = forge_account_new ();

  account->kind = FORGE_ACCOUNT_M3U;
  account->name = g_strdup (wanted->name);
  forge_ops_show_m3u (account, wanted->location);
  account->user_agent = wanted->user_agent && *wanted->user_agent ? g_strdup (wanted->user_agent)
                                                                  : NULL;
  account->proxy = wanted->proxy && *wanted->proxy ? g_strdup (wanted->proxy) : NULL;
  account->user_max_connections = 1;
  return account;
}

/* The guide that the list names; a login in its address goes into the secrets. Returns its id, 0 =
 * not added. */
static gint64
add_guide (ForgeOps *ops, const ForgeAccount *account, const char *url)
{
  g_autoptr (ForgeGuideSource) source = forge_guide_source_new ();
  GError *failure = NULL;

  source->name = g_strdup_printf ("%s guide", account->name);
  source->location = g_strdup (url);
  source->account_id = account->id;
  gint64 id = forge_ops_store_new_guide (ops, source, &failure);
  if (id == 0)
    report_and_free (ops, "The list's guide was not added", failure);
  return id;
}

static void
take_back (ForgeOps *ops, gint64 id)
{
  GError *failure = NULL;

  if (!forge_ops_remove_account (ops, id, &failure))
    report_and_free (ops, "A half-added account stays", failure);
}

static gint64
add_list (ForgeOps *ops,
          const ForgeNewM3u *wanted,
          const ForgeM3uFindings *findings,
          char **warning,
          GError **error)
{
  g_autoptr (ForgeAccount) account = make_account (wanted);
  GError *failure = NULL;

  account->id = forge_ops_store_account (ops, account, wanted->location, FALSE, error);
  if (account->id == 0)
    return 0;
  if (!forge_ops_refresh_account (ops, account->id, FALSE, error)) {
    take_back (ops, account->id);
    return 0;
  }
  gint64 guide = wanted->without_guide || !findings->guide_url
                     ? 0
                     : add_guide (ops, account, findings->guide_url);
  if (guide && !forge_ops_refresh_guides (ops, guide, FALSE, &failure)) {
    *warning = g_strdup_printf ("The list's guide was not read: %s", failure->message);
    g_clear_error (&failure);
  }
  return account->id;
}

gint64
forge_ops_add_m3u (ForgeOps *ops, const ForgeNewM3u *wanted, char **warning, GError **error)
{
  g_auto (ForgeM3uFindings) findings = { 0 };

  if (!check_wanted (ops, wanted, error))
    return 0;
  g_autoptr (ForgeAccount) account = make_account (wanted);
  note_login_of_location (wanted->location, &findings);
  gint64 id = try_panel (ops, wanted, &findings, warning);
  if (id > 0)
    return id;
  forge_m3u_findings_clear (&findings);
  findings = (ForgeM3uFindings){ 0 };
  g_autoptr (ForgeHttp) http = forge_engine_make_http (ops->engine, account);
  if (!forge_m3u_probe (http, wanted->location, &findings, ops->cancellable, error))
    return 0;
  id = try_panel (ops, wanted, &findings, warning);
  return id > 0 ? id : add_list (ops, wanted, &findings, warning, error);
}

gboolean
forge_ops_check_m3u (ForgeOps *ops,
                     const ForgeAccount *account,
                     const char *location,
                     GError **error)
{
  g_auto (ForgeM3uFindings) findings = { 0 };

  if (!check_location (location, error))
    return FALSE;
  g_autoptr (ForgeHttp) http = forge_engine_make_http (ops->engine, account);
  return forge_m3u_probe (http, location, &findings, ops->cancellable, error);
}

void
forge_ops_show_m3u (ForgeAccount *account, const char *location)
{
  g_free (account->server);
  account->server = forge_m3u_show_location (location);
  g_free (account->username);
  account->username = forge_m3u_account_key (location);
  account->status = FORGE_ACCOUNT_ACTIVE;
  g_clear_pointer (&account->status_text, g_free);
}

ForgeAccount *
forge_ops_test_m3u (ForgeOps *ops, const ForgeAccount *account, GError **error)
{
  g_auto (ForgeM3uFindings) findings = { 0 };
  g_autofree char *name = forge_provider_secret_name (account->id);
  g_autoptr (ForgeSecret) location =
      forge_secrets_lookup (ops->engine->secrets, name, ops->cancellable, error);
  g_autoptr (ForgeHttp) http = forge_engine_make_http (ops->engine, account);

  return location && forge_m3u_probe (http, location, &findings, ops->cancellable, error)
             ? forge_account_copy (account)
             : NULL;
}

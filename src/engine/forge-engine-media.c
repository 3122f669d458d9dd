/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/forge-engine-login.h"
#include "engine/forge-engine-private.h"
#include "engine/forge-web.h"
#include "provider/forge-xtream-library.h"

/* Where films come from: account, secret and URL are put together as late as possible. */

/* Limits of the contract (§3.2). */
#define CONNECT_TIMEOUT_MS 5000
#define HEAD_TIMEOUT_MS    10000

typedef struct {
  ForgeEngine *engine;
  const ForgeMediaAddress *address;
  const ForgeFetchRange *range;
  ForgeFetch *fetch;
  GCancellable *cancellable;
  const ForgeSettings *settings;
  ForgeDialOptions options;
} Call;

static gboolean
open_url (Call *call, const char *url, GError **error)
{
  return forge_fetch_open (url, call->range, &call->options, call->fetch, call->cancellable, error);
}

static gboolean
open_site (Call *call, GError **error)
{
  const ForgeMediaAddress *address = call->address;
  g_autoptr (ForgeGuard) guard =
      forge_guard_new_sites (forge_settings_text (call->settings, "allowed_sites"));
  const ForgeSiteFormat *format = NULL;
  g_autoptr (ForgeExtraction) page G_GNUC_UNUSED =
      address->format.page
          ? forge_web_recall_format (call->engine->web, &address->format, address->url, &format)
          : NULL;
  ForgeFetchRange range = *call->range;

  if (format)
    range.headers = format->headers;
  call->options = (ForgeDialOptions){
    .user_agent = format && format->user_agent ? format->user_agent
                                               : forge_settings_text (call->settings, "user_agent"),
    .verify_tls = TRUE,
    .connect_timeout_ms = CONNECT_TIMEOUT_MS,
    .head_timeout_ms = HEAD_TIMEOUT_MS,
    .first_byte_timeout_ms = HEAD_TIMEOUT_MS,
    .guard = guard,
  };
  call->range = &range;
  return open_url (call, address->url, error);
}

static char *
title_url (const ForgeAccount *account,
           const char *server,
           const char *password,
           const ForgeMediaAddress *address)
{
  const ForgeXtreamLogin login = { .server = server,
                                   .username = account->username,
                                   .password = password };

  return forge_xtream_media_url (&login, address->kind, address->remote_id, address->extension);
}

/* Mirrors are for network trouble only, as with live streams. */
static gboolean
open_title (Call *call, const ForgeAccount *account, const char *password, GError **error)
{
  g_autofree char *url = title_url (account, account->server, password, call->address);
  g_autoptr (GError) failure = NULL;

  if (open_url (call, url, &failure))
    return TRUE;
  for (char **mirror = account->mirrors;
       mirror && *mirror && g_error_matches (failure, FORGE_ERROR, FORGE_ERROR_RETRY) &&
       !g_cancellable_is_cancelled (call->cancellable);
       mirror++) {
    g_autofree char *other = title_url (account, *mirror, password, call->address);
    g_clear_error (&failure);
    forge_fetch_clear (call->fetch);
    *call->fetch = (ForgeFetch){ 0 };
    if (open_url (call, other, &failure))
      return TRUE;
  }
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* What the user typed may be at home; what such a server names must be public, or at home with it.
 */
static ForgeGuard *
guard_of (const ForgeAccount *account)
{
  g_autoptr (GPtrArray) typed = g_ptr_array_new ();

  g_ptr_array_add (typed, account->server);
  for (char **mirror = account->mirrors; mirror && *mirror; mirror++)
    g_ptr_array_add (typed, *mirror);
  g_ptr_array_add (typed, NULL);
  return forge_guard_new (NULL, (const char *const *)typed->pdata);
}

static gboolean
open_with_account (Call *call, const ForgeAccount *account, GError **error)
{
  g_auto (ForgeEngineLogin) login = { 0 };
  g_autoptr (ForgeGuard) guard = guard_of (account);

  if (!forge_engine_login_open (&login,
                                call->engine,
                                account,
                                HEAD_TIMEOUT_MS,
                                call->cancellable,
                                error))
    return FALSE;
  call->options = login.options;
  call->options.connect_timeout_ms = CONNECT_TIMEOUT_MS;
  call->options.head_timeout_ms = HEAD_TIMEOUT_MS;
  call->options.guard = guard;
  return call->address->url ? open_url (call, call->address->url, error)
                            : open_title (call, account, login.password, error);
}

static const ForgeAccount *
find_account (const ForgeSnapshot *snapshot, gint64 id)
{
  for (guint i = 0; i < snapshot->accounts->len; i++) {
    const ForgeAccount *account = g_ptr_array_index (snapshot->accounts, i);
    if (account->id == id)
      return account;
  }
  return NULL;
}

gboolean
forge_engine_open_media (const ForgeMediaAddress *address,
                         const ForgeFetchRange *range,
                         ForgeFetch *fetch,
                         GCancellable *cancellable,
                         gpointer user_data,
                         GError **error)
{
  ForgeEngine *engine = user_data;
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (engine);
  Call call = { .engine = engine,
                .address = address,
                .range = range,
                .fetch = fetch,
                .cancellable = cancellable,
                .settings = snapshot->settings };

  if (address->account_id == 0)
    return open_site (&call, error);
  const ForgeAccount *account = find_account (snapshot, address->account_id);
  if (account)
    return open_with_account (&call, account, error);
  g_set_error_literal (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND, "The account is gone");
  return FALSE;
}

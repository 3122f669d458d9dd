/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/forge-engine-private.h"
#include "provider/forge-m3u-list.h"
#include "provider/forge-provider-refresh.h"
#include "provider/forge-xtream.h"

static void
fill_options (const ForgeAccount *account, const ForgeSettings *settings, ForgeDialOptions *options)
{
  *options = (ForgeDialOptions){
    .user_agent = account->user_agent ? account->user_agent
                                      : forge_settings_text (settings, "user_agent"),
    .proxy = account->proxy,
    .verify_tls = forge_settings_bool (settings, "verify_tls"),
    .connect_timeout_ms = (guint)forge_settings_int (settings, "connect_timeout_ms"),
    .first_byte_timeout_ms = (guint)forge_settings_int (settings, "stall_ms"),
  };
}

typedef struct {
  ForgeEngine *engine;
  const ForgeAccount *account;
  const ForgeStream *stream;
  const char *password;
  ForgeDialOptions options;
  GCancellable *cancellable;
} Call;

static char *
live_url (const Call *call, const char *server, gboolean is_playlist)
{
  const ForgeXtreamLogin login = { .server = server,
                                   .username = call->account->username,
                                   .password = call->password };

  return is_playlist ? forge_xtream_live_playlist_url (&login, call->stream->remote_id)
                     : forge_xtream_live_url (&login, call->stream->remote_id);
}

/* What came decides, not what was asked for: some panels answer .ts with a playlist. */
static gboolean
dial_url (const Call *call, const char *url, ForgeDial *dial, GError **error)
{
  if (!forge_dial_open (url, &call->options, dial, call->cancellable, error))
    return FALSE;
  return dial->kind != FORGE_DIAL_HLS ||
         forge_hls_open (call->engine->hls, url, &call->options, dial, call->cancellable, error);
}

static gboolean
dial_form (const Call *call,
           const char *server,
           gboolean is_playlist,
           ForgeDial *dial,
           GError **error)
{
  g_autofree char *url = live_url (call, server, is_playlist);

  return dial_url (call, url, dial, error);
}

/* A transport stream first, unless the account is known to give playlists only. */
static gboolean
dial_server (const Call *call, const char *server, ForgeDial *dial, GError **error)
{
  ForgeLiveForms *forms = call->engine->live_forms;
  gboolean is_playlist = forge_live_forms_is_playlist (forms, call->account->id);
  g_autoptr (GError) failure = NULL;

  if (dial_form (call, server, is_playlist, dial, &failure))
    return TRUE;
  if (!forge_live_forms_is_refusal (is_playlist, dial->http_status)) {
    g_propagate_error (error, g_steal_pointer (&failure));
    return FALSE;
  }
  forge_dial_clear (dial);
  if (!dial_form (call, server, !is_playlist, dial, error))
    return FALSE;
  forge_live_forms_note (forms, call->account->id, !is_playlist);
  return TRUE;
}

/* Mirrors are for network trouble only: a refusal by the panel is the same on each of its names. */
static gboolean
wants_mirror (const GError *error, GCancellable *cancellable)
{
  return g_error_matches (error, FORGE_ERROR, FORGE_ERROR_RETRY) &&
         !g_cancellable_is_cancelled (cancellable);
}

/* An entry of a list plays where the list says. */
static gboolean
dial_entry (Call *call, ForgeDial *dial, GError **error)
{
  ForgeStore *store = forge_store_pool_take (call->engine->stores, error);
  g_autofree char *user_agent = NULL;

  if (!store)
    return FALSE;
  g_autoptr (ForgeSecret) url = forge_provider_stream_url (store,
                                                           call->engine->secrets,
                                                           call->stream,
                                                           &user_agent,
                                                           call->cancellable,
                                                           error);
  forge_store_pool_give (call->engine->stores, store);
  if (!url)
    return FALSE;
  if (user_agent)
    call->options.user_agent = user_agent;
  return dial_url (call, url, dial, error);
}

gboolean
forge_engine_dial (const ForgeAccount *account,
                   const ForgeStream *stream,
                   ForgeDial *dial,
                   GCancellable *cancellable,
                   gpointer user_data,
                   GError **error)
{
  ForgeEngine *engine = user_data;
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (engine);
  g_autofree char *name = forge_provider_secret_name (account->id);
  g_autoptr (ForgeSecret) password = NULL;
  g_autoptr (GError) failure = NULL;
  Call call = { .engine = engine,
                .account = account,
                .stream = stream,
                .cancellable = cancellable };

  fill_options (account, snapshot->settings, &call.options);
  if (account->kind == FORGE_ACCOUNT_M3U)
    return dial_entry (&call, dial, error);
  password = forge_secrets_lookup (engine->secrets, name, cancellable, error);
  if (!password)
    return FALSE;
  call.password = password;
  if (dial_server (&call, account->server, dial, &failure))
    return TRUE;
  for (char **mirror = account->mirrors; mirror && *mirror && wants_mirror (failure, cancellable);
       mirror++) {
    g_clear_error (&failure);
    forge_dial_clear (dial);
    if (dial_server (&call, *mirror, dial, &failure))
      return TRUE;
  }
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

ForgeHttp *
forge_engine_make_http (ForgeEngine *engine, const ForgeAccount *account)
{
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (engine);
  const char *own = account ? account->user_agent : NULL;
  const ForgeHttpOptions options = {
    .user_agent = own ? own : forge_settings_text (snapshot->settings, "user_agent"),
    .proxy = account ? account->proxy : NULL,
    .verify_tls = forge_settings_bool (snapshot->settings, "verify_tls"),
  };

  return forge_http_new (&options);
}

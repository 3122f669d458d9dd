/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/forge-engine-login.h"
#include "engine/forge-engine-private.h"
#include "provider/forge-xtream.h"

typedef struct {
  ForgeEngine *engine;
  const ForgeAccount *account;
  const ForgeStream *stream;
  const ForgeEngineLogin *login;
  GCancellable *cancellable;
} Call;

static char *
live_url (const Call *call, const char *server, gboolean is_playlist)
{
  const ForgeXtreamLogin login = { .server = server,
                                   .username = call->account->username,
                                   .password = call->login->password };

  return is_playlist ? forge_xtream_live_playlist_url (&login, call->stream->remote_id)
                     : forge_xtream_live_url (&login, call->stream->remote_id);
}

static gboolean
dial_form (const Call *call,
           const char *server,
           gboolean is_playlist,
           ForgeDial *dial,
           GError **error)
{
  g_autofree char *url = live_url (call, server, is_playlist);

  /* What came decides, not what was asked for: some panels answer .ts with a playlist. */
  return forge_engine_dial_url (call->engine,
                                url,
                                &call->login->options,
                                dial,
                                call->cancellable,
                                error);
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

gboolean
forge_engine_dial (const ForgeAccount *account,
                   const ForgeStream *stream,
                   ForgeDial *dial,
                   GCancellable *cancellable,
                   gpointer user_data,
                   GError **error)
{
  ForgeEngine *engine = user_data;
  g_auto (ForgeEngineLogin) login = { 0 };
  g_autoptr (GError) failure = NULL;

  if (!forge_engine_login_open (&login, engine, account, 0, cancellable, error))
    return FALSE;
  const Call call = { .engine = engine,
                      .account = account,
                      .stream = stream,
                      .login = &login,
                      .cancellable = cancellable };
  if (account->kind == FORGE_ACCOUNT_M3U)
    return forge_engine_dial_entry (engine, stream, &login.options, dial, cancellable, error);
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

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/forge-engine-private.h"
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

static gboolean
dial_server (const char *server,
             const char *password,
             const ForgeAccount *account,
             const ForgeStream *stream,
             const ForgeDialOptions *options,
             ForgeDial *dial,
             GCancellable *cancellable,
             GError **error)
{
  const ForgeXtreamLogin login = { .server = server,
                                   .username = account->username,
                                   .password = password };
  g_autofree char *url = forge_xtream_live_url (&login, stream->remote_id);

  return forge_dial_open (url, options, dial, cancellable, error);
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
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (engine);
  g_autofree char *name = forge_provider_secret_name (account->id);
  g_autoptr (ForgeSecret) password =
      forge_secrets_lookup (engine->secrets, name, cancellable, error);
  g_autoptr (GError) failure = NULL;
  ForgeDialOptions options;

  if (!password)
    return FALSE;
  fill_options (account, snapshot->settings, &options);
  if (dial_server (account->server,
                   password,
                   account,
                   stream,
                   &options,
                   dial,
                   cancellable,
                   &failure))
    return TRUE;
  for (char **mirror = account->mirrors; mirror && *mirror && wants_mirror (failure, cancellable);
       mirror++) {
    g_clear_error (&failure);
    forge_dial_clear (dial);
    if (dial_server (*mirror, password, account, stream, &options, dial, cancellable, &failure))
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

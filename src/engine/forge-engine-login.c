/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-engine-login.h"

#include "engine/forge-engine-private.h"
#include "provider/forge-provider-refresh.h"

static void
fill_options (ForgeEngineLogin *login, const ForgeAccount *account, guint first_byte_ms)
{
  const ForgeSettings *settings = login->settings;
  guint stall_ms = (guint)forge_settings_int (settings, "stall_ms");

  login->options = (ForgeDialOptions){
    .user_agent = account->user_agent ? account->user_agent
                                      : forge_settings_text (settings, "user_agent"),
    .proxy = login->proxy,
    .verify_tls = forge_settings_bool (settings, "verify_tls"),
    .connect_timeout_ms = (guint)forge_settings_int (settings, "connect_timeout_ms"),
    .first_byte_timeout_ms = MAX (stall_ms, first_byte_ms),
  };
}

gboolean
forge_engine_login_open (ForgeEngineLogin *login,
                         ForgeEngine *engine,
                         const ForgeAccount *account,
                         guint first_byte_ms,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (engine);
  g_autofree char *name = forge_provider_secret_name (account->id);

  *login = (ForgeEngineLogin){ .settings = forge_settings_ref (snapshot->settings) };
  login->password = forge_secrets_lookup (engine->secrets, name, cancellable, error);
  if (!login->password)
    return FALSE;
  login->proxy = forge_engine_reveal_proxy (engine, account, cancellable, error);
  if (account->proxy && !login->proxy)
    return FALSE;
  fill_options (login, account, first_byte_ms);
  return TRUE;
}

void
forge_engine_login_clear (ForgeEngineLogin *login)
{
  g_clear_pointer (&login->password, forge_secret_free);
  g_clear_pointer (&login->proxy, forge_secret_free);
  g_clear_pointer (&login->settings, forge_settings_unref);
}

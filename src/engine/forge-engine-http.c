/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-engine"

#include "config.h"

#include "engine/forge-engine-private.h"
#include "engine/forge-hidden-url.h"

#include <string.h>

/* A person waits for a login and nothing else runs meanwhile; lists may take the default. */
#define LOGIN_FIRST_BYTE_S 30

char *
forge_engine_reveal_proxy (ForgeEngine *engine,
                           const ForgeAccount *account,
                           GCancellable *cancellable,
                           GError **error)
{
  g_autofree char *name = forge_hidden_url_name_of_proxy (account->id);

  if (!account->proxy)
    return NULL;
  return forge_hidden_url_reveal (engine->secrets, name, account->proxy, cancellable, error);
}

static ForgeHttp *
make_http (ForgeEngine *engine, const ForgeAccount *account, guint first_byte_timeout_s)
{
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (engine);
  const char *own = account ? account->user_agent : NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (ForgeSecret) proxy =
      account ? forge_engine_reveal_proxy (engine, account, NULL, &error) : NULL;

  /* Without its login the proxy refuses, which is right: never around it. */
  if (error)
    g_message ("%s", error->message);
  const ForgeHttpOptions options = {
    .user_agent = own ? own : forge_settings_text (snapshot->settings, "user_agent"),
    .proxy = error ? account->proxy : proxy,
    .verify_tls = forge_settings_bool (snapshot->settings, "verify_tls"),
    .first_byte_timeout_s = first_byte_timeout_s,
  };

  return forge_http_new (&options);
}

ForgeHttp *
forge_engine_make_http (ForgeEngine *engine, const ForgeAccount *account)
{
  return make_http (engine, account, 0);
}

ForgeHttp *
forge_engine_make_login_http (ForgeEngine *engine, const ForgeAccount *account)
{
  return make_http (engine, account, LOGIN_FIRST_BYTE_S);
}

/* Servers and guides that the user typed in. (transfer full) */
static char **
typed_addresses (const ForgeSnapshot *snapshot)
{
  g_autoptr (GStrvBuilder) addresses = g_strv_builder_new ();

  for (guint i = 0; i < snapshot->accounts->len; i++) {
    const ForgeAccount *account = g_ptr_array_index (snapshot->accounts, i);
    g_strv_builder_add (addresses, account->server);
    for (char **mirror = account->mirrors; mirror && *mirror; mirror++)
      g_strv_builder_add (addresses, *mirror);
  }
  for (guint i = 0; i < snapshot->guides->len; i++) {
    const ForgeGuideSource *source = g_ptr_array_index (snapshot->guides, i);
    if (source->location && strstr (source->location, "://"))
      g_strv_builder_add (addresses, source->location);
  }
  return g_strv_builder_end (addresses);
}

void
forge_engine_update_artwork (ForgeEngine *engine, const ForgeSnapshot *snapshot)
{
  g_auto (GStrv) typed = typed_addresses (snapshot);
  g_autoptr (ForgeGuard) guard = forge_guard_new (NULL, (const char *const *)typed);

  forge_tuner_pages_set_guard (engine->pages,
                               guard,
                               forge_settings_text (snapshot->settings, "user_agent"),
                               forge_settings_bool (snapshot->settings, "verify_tls"));
}

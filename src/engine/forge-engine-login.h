/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-engine.h"
#include "model/forge-account.h"
#include "model/forge-settings.h"
#include "net/forge-dial.h"
#include "store/forge-secrets.h"

G_BEGIN_DECLS

/* What it takes to open a stream of an account. */
typedef struct {
  ForgeSecret *password, *proxy;
  ForgeDialOptions options; /* points into the account, the settings and `proxy` */
  ForgeSettings *settings;
} ForgeEngineLogin;

/* Looks the secrets up; `login` is to be cleared either way. `first_byte_ms`: patience for a first
 * byte, if that is more than stall_ms. Thread: job. Blocks. */
gboolean forge_engine_login_open (ForgeEngineLogin *login,
                                  ForgeEngine *engine,
                                  const ForgeAccount *account,
                                  guint first_byte_ms,
                                  GCancellable *cancellable,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
void forge_engine_login_clear (ForgeEngineLogin *login);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ForgeEngineLogin, forge_engine_login_clear)

G_END_DECLS

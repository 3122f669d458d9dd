/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-app-user.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ForgeAppGate: who may use our Xtream API. Apps send name and password with every request, also
 * with those that must be answered on the control thread, so a pair that was right is remembered –
 * as a keyed digest, not as it is. Guesses are few: after two wrong pairs in a second their sender
 * pauses, but for pairs that were right before. Thread: any.
 */
typedef struct _ForgeAppGate ForgeAppGate;

#define FORGE_APP_WRONG_PER_PEER_PER_S 2
#define FORGE_APP_WRONG_PER_S          10

ForgeAppGate *forge_app_gate_new (void) G_GNUC_WARN_UNUSED_RESULT;
void forge_app_gate_free (ForgeAppGate *gate);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeAppGate, forge_app_gate_free)

/* Takes a reference on `users`, of ForgeAppUser*, never changed again. What was right before is
 * asked again. */
void forge_app_gate_set_users (ForgeAppGate *gate, GPtrArray *users);
/* NULL unless the pair is right; either may be NULL. `peer`: address as text. Takes some
 * milliseconds the first time. Returns: (transfer full). */
ForgeAppUser *
forge_app_gate_open (ForgeAppGate *gate, const char *name, const char *password, const char *peer)
    G_GNUC_WARN_UNUSED_RESULT;
/* NULL: there is none of that id. (transfer full) */
ForgeAppUser *forge_app_gate_find (ForgeAppGate *gate, gint64 id) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-media-link.h"
#include "store/forge-secrets.h"

G_BEGIN_DECLS

/* The signing keys from the secret store; made there when they are missing. Blocks. Role: job.
 * Error: STORAGE, INVALID (damaged). Returns: (transfer full). */
ForgeLinkKeys *
forge_link_store_load (ForgeSecrets *secrets, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* A new key for one purpose. Without `keep_old` every link of that purpose given out so far is
 * void. */
gboolean forge_link_store_rotate (ForgeSecrets *secrets,
                                  ForgeLinkPurpose purpose,
                                  gboolean keep_old,
                                  GCancellable *cancellable,
                                  GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "net/forge-guard.h"

G_BEGIN_DECLS

/**
 * ForgeArtwork: pictures of channels, fetched once and kept on disk, so that clients have one
 * address that works, whatever becomes of the source. Whoever writes a guide chooses these URLs:
 * the guard says where they may lead, only pictures of known kinds are passed on, everything is
 * bounded. Thread: any.
 */
typedef struct _ForgeArtwork ForgeArtwork;

#define FORGE_ARTWORK_MAX_BYTES       (2 * 1024 * 1024)
#define FORGE_ARTWORK_MAX_TOTAL_BYTES (64 * 1024 * 1024)
/* Then it is fetched again; the old one serves on if that fails. */
#define FORGE_ARTWORK_FRESH_S (7 * 86400)
/* A source that failed is left alone so long. */
#define FORGE_ARTWORK_RETRY_S 600
/* At the same time; callers wait meanwhile. */
#define FORGE_ARTWORK_MAX_FETCHES 2

/* `folder` is made when it is needed. */
ForgeArtwork *forge_artwork_new (const char *folder) G_GNUC_WARN_UNUSED_RESULT;
void forge_artwork_free (ForgeArtwork *artwork);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeArtwork, forge_artwork_free)

/* Until the first call nothing is fetched. */
void forge_artwork_set_source (ForgeArtwork *artwork,
                               ForgeGuard *guard,
                               const char *user_agent,
                               gboolean verify_tls);
/* The picture and its type (lent, static). LIMIT: enough are being fetched, INVALID: no picture or
 * not allowed, NOT_FOUND and the like: as of the source. Blocks for some seconds at most. Role:
 * job. Returns: (transfer full). */
GBytes *forge_artwork_get (ForgeArtwork *artwork,
                           const char *url,
                           const char **content_type,
                           GCancellable *cancellable,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* TRUE if a client may be sent to `url` itself. */
gboolean forge_artwork_may_redirect (ForgeArtwork *artwork, const char *url);

/* "image/png" and the like by the first bytes, NULL = none that we pass on. Pure. */
const char *forge_artwork_sniff (const void *data, gsize length);

G_END_DECLS

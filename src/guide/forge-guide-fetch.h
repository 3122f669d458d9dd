/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "net/forge-http.h"

G_BEGIN_DECLS

/* A guide's bytes as they came, on disk: whether they changed is known before anything is parsed,
 * and the provider's connection is not held while rows are written. */
typedef struct {
  gboolean is_not_modified; /* 304: nothing else is set */
  GInputStream *bytes;
  guint64 length;
  char *hash;                 /* SHA-256 in hexadecimal */
  char *etag, *last_modified; /* NULL = none */
  GError *cut_off;            /* the download broke here; NULL = it is complete */
} ForgeGuideDocument;

void forge_guide_document_clear (ForgeGuideDocument *document);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ForgeGuideDocument, forge_guide_document_clear)

/* `location`: http(s) URL, file:// URL or absolute path. `http` may be NULL for the last two.
 * `etag` and `last_modified` make a conditional request. Errors: INVALID (another kind of
 * location), NOT_FOUND, TOO_LARGE (above 1 GiB), STORAGE (no place for the download), and those of
 * forge_http_get (). `document` must be zeroed. Blocks. Role: job. */
gboolean forge_guide_fetch (ForgeHttp *http,
                            const char *location,
                            const char *etag,
                            const char *last_modified,
                            ForgeGuideDocument *document,
                            GCancellable *cancellable,
                            GError **error);

G_END_DECLS

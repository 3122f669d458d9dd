/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server/forge-http-server.h"

G_BEGIN_DECLS

/* ForgeGzip: compresses a body piece by piece towards a sink. */
typedef struct _ForgeGzip ForgeGzip;

ForgeGzip *forge_gzip_new (ForgeSink sink, gpointer sink_data) G_GNUC_WARN_UNUSED_RESULT;
void forge_gzip_free (ForgeGzip *gzip);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeGzip, forge_gzip_free)

/* A ForgeSink with the ForgeGzip as its data. */
gboolean forge_gzip_write (const char *data, gsize length, gpointer gzip, GError **error);
/* Writes what is left and the trailer. */
gboolean forge_gzip_finish (ForgeGzip *gzip, GError **error);

/* NULL if it cannot be compressed. Returns: (transfer full). */
GBytes *forge_gzip_bytes (GBytes *bytes);

/* Reads an Accept-Encoding value (NULL = none); q=0 refuses. Spec: RFC 9110 §12.5.3. */
gboolean forge_gzip_is_accepted (const char *accept_encoding);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "formats/forge-hls.h"
#include "net/forge-http.h"

G_BEGIN_DECLS

/* Internal to net: what an HLS session asks its servers for. All block, as ForgeHttp does. */

#define FORGE_HLS_MAX_PLAYLIST_BYTES (4 * 1024 * 1024)
#define FORGE_HLS_MAX_SEGMENT_BYTES  (G_GINT64_CONSTANT (256) * 1024 * 1024)

typedef struct {
  ForgeHttp *http;
  GCancellable *stop;
  /* The key that was fetched last. */
  char *key_url; /* NULL = none */
  guint8 key[16];
} ForgeHlsFetch;

void forge_hls_fetch_clear (ForgeHlsFetch *fetch);

/* `uri` as written in a list that came from `base`. INVALID if it is no http(s) URL. (transfer
 * full)
 */
char *forge_hls_resolve (const char *base, const char *uri, GError **error);
/* `*final_url` receives where it came from in the end (transfer full). Returns: (transfer full). */
ForgeHlsPlaylist *
forge_hls_fetch_playlist (ForgeHlsFetch *fetch, const char *url, char **final_url, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* INVALID if what comes is no key: HTML in its place is common. */
gboolean
forge_hls_fetch_key (ForgeHlsFetch *fetch, const char *url, guint8 key[16], GError **error);
/* So that the next one is fetched anew. TRUE if there was one. */
gboolean forge_hls_fetch_forget_key (ForgeHlsFetch *fetch);

/* The bytes of a resource, or a range of it (`length` -1 = all), without the first `skip`. `begin`
 * gets how many will come, -1 = unknown. Both return FALSE to end it: then so does this, without
 * an error. */
typedef struct {
  gboolean (*begin) (gint64 expected_bytes, gpointer user_data);
  gboolean (*push) (const guint8 *data, gsize length, gpointer user_data);
} ForgeHlsSink;
typedef struct {
  const char *url;
  gint64 offset, length;
  gint64 skip;
} ForgeHlsResource;
gboolean forge_hls_fetch_media (ForgeHlsFetch *fetch,
                                const ForgeHlsResource *resource,
                                const ForgeHlsSink *sink,
                                gpointer user_data,
                                GError **error);

G_END_DECLS

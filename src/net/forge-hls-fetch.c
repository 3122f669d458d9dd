/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/forge-hls-fetch.h"

#include "base/forge-error.h"
#include "net/forge-url.h"

#include <string.h>

#define READ_BYTES (64 * 1024)
/* What a server that ignores Range may send before the range begins. */
#define MAX_LEAD_BYTES (G_GINT64_CONSTANT (64) * 1024 * 1024)

void
forge_hls_fetch_clear (ForgeHlsFetch *fetch)
{
  g_clear_pointer (&fetch->http, forge_http_free);
  g_clear_pointer (&fetch->key_url, g_free);
  memset (fetch->key, 0, sizeof fetch->key);
}

char *
forge_hls_resolve (const char *base, const char *uri, GError **error)
{
  const GUriFlags flags = G_URI_FLAGS_ENCODED | G_URI_FLAGS_PARSE_RELAXED;
  g_autofree char *url = g_uri_resolve_relative (base, uri, flags, NULL);

  if (url && (g_str_has_prefix (url, "http://") || g_str_has_prefix (url, "https://")))
    return g_steal_pointer (&url);
  g_autofree char *host = forge_url_host (base);
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "%s: a playlist names what is no http(s) address",
               host);
  return NULL;
}

static gboolean
fail (const char *url, ForgeError code, GError **error, const char *text)
{
  g_autofree char *host = forge_url_host (url);

  g_set_error (error, FORGE_ERROR, (gint)code, "%s: %s", host, text);
  return FALSE;
}

/* ---- documents ---- */

static gboolean
read_all (ForgeHlsFetch *fetch,
          GInputStream *body,
          const char *url,
          gsize max_bytes,
          GByteArray *out,
          GError **error)
{
  guint8 buffer[4096];
  gssize n;

  while ((n = g_input_stream_read (body, buffer, sizeof buffer, fetch->stop, error)) > 0) {
    if (out->len + (gsize)n > max_bytes)
      return fail (url, FORGE_ERROR_TOO_LARGE, error, "sent more than a playlist or a key has");
    g_byte_array_append (out, buffer, (guint)n);
  }
  return n == 0;
}

/* Small and whole. */
static GByteArray *
fetch_document (ForgeHlsFetch *fetch,
                const char *url,
                gsize max_bytes,
                char **final_url,
                GError **error)
{
  g_autoptr (ForgeHttpReply) reply =
      forge_http_get (fetch->http, url, NULL, NULL, fetch->stop, error);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  if (!reply || !read_all (fetch, reply->body, url, max_bytes, bytes, error))
    return NULL;
  if (final_url)
    *final_url = g_steal_pointer (&reply->final_url);
  return g_steal_pointer (&bytes);
}

ForgeHlsPlaylist *
forge_hls_fetch_playlist (ForgeHlsFetch *fetch, const char *url, char **final_url, GError **error)
{
  g_autofree char *from = NULL;
  g_autoptr (GByteArray) bytes =
      fetch_document (fetch, url, FORGE_HLS_MAX_PLAYLIST_BYTES, &from, error);
  ForgeHlsPlaylist *playlist =
      bytes ? forge_hls_parse ((const char *)bytes->data, bytes->len, error) : NULL;

  if (bytes && !playlist) {
    g_autofree char *host = forge_url_host (url);
    g_prefix_error (error, "%s: ", host);
  }
  if (playlist)
    *final_url = g_steal_pointer (&from);
  return playlist;
}

gboolean
forge_hls_fetch_key (ForgeHlsFetch *fetch, const char *url, guint8 key[16], GError **error)
{
  if (!fetch->key_url || strcmp (fetch->key_url, url) != 0) {
    g_autoptr (GByteArray) bytes = fetch_document (fetch, url, READ_BYTES, NULL, error);
    if (!bytes)
      return FALSE;
    if (bytes->len != sizeof fetch->key)
      return fail (url, FORGE_ERROR_INVALID, error, "sent no key where one was asked for");
    memcpy (fetch->key, bytes->data, sizeof fetch->key);
    g_free (fetch->key_url);
    fetch->key_url = g_strdup (url);
  }
  memcpy (key, fetch->key, sizeof fetch->key);
  return TRUE;
}

gboolean
forge_hls_fetch_forget_key (ForgeHlsFetch *fetch)
{
  gboolean had = fetch->key_url != NULL;

  g_clear_pointer (&fetch->key_url, g_free);
  return had;
}

/* ---- media ---- */

/* Bytes to drop from the start of the body, −1 if it holds something else than what was asked. */
static gint64
bytes_to_drop (const ForgeHlsResource *resource, const ForgeHttpReply *reply)
{
  gint64 start = MAX (reply->range_start, 0);
  gint64 want = resource->length >= 0 ? resource->offset : 0;

  if (start > want || want - start > MAX_LEAD_BYTES)
    return -1;
  return want - start + resource->skip;
}

static gint64
bytes_to_come (const ForgeHlsResource *resource, const ForgeHttpReply *reply, gint64 drop)
{
  if (resource->length >= 0)
    return resource->length - resource->skip;
  return reply->length >= 0 ? MAX (reply->length - drop, 0) : -1;
}

typedef struct {
  gint64 drop, left; /* left -1 = all that comes */
  gint64 taken;
} Window;

/* The part of `n` bytes that is inside of the window. */
static gsize
clip (Window *window, guint8 **data, gsize n)
{
  gsize drop = (gsize)MIN ((gint64)n, window->drop);

  *data += drop;
  n -= drop;
  window->drop -= (gint64)drop;
  if (window->left >= 0) {
    n = (gsize)MIN ((gint64)n, window->left);
    window->left -= (gint64)n;
  }
  window->taken += (gint64)n;
  return n;
}

static gboolean
pump (ForgeHlsFetch *fetch,
      const ForgeHlsResource *resource,
      GInputStream *body,
      Window *window,
      const ForgeHlsSink *sink,
      gpointer user_data,
      GError **error)
{
  g_autofree guint8 *buffer = g_malloc (READ_BYTES);
  gssize n = 1;

  while (window->left != 0 &&
         (n = g_input_stream_read (body, buffer, READ_BYTES, fetch->stop, error)) > 0) {
    guint8 *data = buffer;
    gsize length = clip (window, &data, (gsize)n);
    if (window->taken > FORGE_HLS_MAX_SEGMENT_BYTES)
      return fail (resource->url, FORGE_ERROR_TOO_LARGE, error, "sent a segment above 256 MiB");
    if (length > 0 && !sink->push (data, length, user_data))
      return FALSE;
  }
  if (n == 0 && window->left > 0 && resource->length >= 0)
    return fail (resource->url,
                 FORGE_ERROR_RETRY,
                 error,
                 "sent less than the range that was asked");
  return n >= 0;
}

gboolean
forge_hls_fetch_media (ForgeHlsFetch *fetch,
                       const ForgeHlsResource *resource,
                       const ForgeHlsSink *sink,
                       gpointer user_data,
                       GError **error)
{
  g_autoptr (ForgeHttpReply) reply = forge_http_get_range (fetch->http,
                                                           resource->url,
                                                           resource->offset,
                                                           resource->length,
                                                           fetch->stop,
                                                           error);
  if (!reply)
    return FALSE;
  gint64 drop = bytes_to_drop (resource, reply);
  if (drop < 0)
    return fail (resource->url,
                 FORGE_ERROR_INVALID,
                 error,
                 "sent another range than was asked for");
  gint64 expected = bytes_to_come (resource, reply, drop);
  Window window = { .drop = drop, .left = resource->length >= 0 ? expected : -1 };

  return sink->begin (expected, user_data) &&
         pump (fetch, resource, reply->body, &window, sink, user_data, error);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "fake-http.h"

#include "base/forge-error.h"

#include <string.h>

/* A stream that fails after the bytes that it has. */
typedef struct {
  GInputStream parent;
  const char *data;
  gsize left;
} BrokenStream;

typedef struct {
  GInputStreamClass parent_class;
} BrokenStreamClass;

GType broken_stream_get_type (void);
G_DEFINE_TYPE (BrokenStream, broken_stream, G_TYPE_INPUT_STREAM)

static gssize
broken_stream_read (GInputStream *stream,
                    void *buffer,
                    gsize size,
                    GCancellable *cancellable,
                    GError **error)
{
  BrokenStream *broken = (BrokenStream *)stream;
  gsize n = MIN (size, broken->left);

  if (n == 0) {
    g_set_error (error, FORGE_ERROR, FORGE_ERROR_RETRY, "the connection broke");
    return -1;
  }
  memcpy (buffer, broken->data, n);
  broken->data += n;
  broken->left -= n;
  return (gssize)n;
}

static void
broken_stream_class_init (BrokenStreamClass *klass)
{
  G_INPUT_STREAM_CLASS (klass)->read_fn = broken_stream_read;
}

static void
broken_stream_init (BrokenStream *broken)
{
}

static GInputStream *
body_new (const FakeHttp *fake)
{
  if (!fake->break_after)
    return g_memory_input_stream_new_from_data (fake->body, (gssize)fake->length, NULL);
  BrokenStream *broken = g_object_new (broken_stream_get_type (), NULL);
  broken->data = fake->body;
  broken->left = fake->break_after;
  return G_INPUT_STREAM (broken);
}

ForgeHttpReply *
forge_http_get (ForgeHttp *http,
                const char *url,
                const char *etag,
                const char *last_modified,
                GCancellable *cancellable,
                GError **error)
{
  FakeHttp *fake = (FakeHttp *)http;

  fake->requests++;
  g_free (fake->seen_etag);
  fake->seen_etag = g_strdup (etag);
  g_free (fake->seen_last_modified);
  fake->seen_last_modified = g_strdup (last_modified);
  if (fake->status) {
    g_set_error (error, FORGE_ERROR, FORGE_ERROR_RETRY, "guide.example answered %u", fake->status);
    return NULL;
  }
  ForgeHttpReply *reply = g_new0 (ForgeHttpReply, 1);
  reply->status = fake->body ? 200 : 304;
  reply->etag = g_strdup (fake->etag);
  reply->body = fake->body ? body_new (fake) : NULL;
  return reply;
}

void
forge_http_reply_free (ForgeHttpReply *reply)
{
  g_free (reply->etag);
  g_clear_object (&reply->body);
  g_free (reply);
}

void
fake_http_clear (FakeHttp *http)
{
  g_clear_pointer (&http->seen_etag, g_free);
  g_clear_pointer (&http->seen_last_modified, g_free);
}

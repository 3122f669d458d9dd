/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/forge-fetch.h"

#include "base/forge-error.h"
#include "net/forge-dial-text.h"
#include "net/forge-dial-wire.h"
#include "net/forge-net-error.h"
#include "net/forge-net-poll.h"

#include <errno.h>
#include <string.h>

void
forge_fetch_clear (ForgeFetch *fetch)
{
  forge_dial_clear (&fetch->dial);
  forge_http_head_clear (&fetch->head);
}

/* Coded bodies could not be cut by bytes: identity only. */
static char *
format_headers (const ForgeFetchRange *range)
{
  GString *out = g_string_new ("Accept-Encoding: identity\r\n");

  if (range->first >= 0 && range->last >= 0)
    g_string_append_printf (out,
                            "Range: bytes=%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT "\r\n",
                            range->first,
                            range->last);
  else if (range->first >= 0)
    g_string_append_printf (out, "Range: bytes=%" G_GINT64_FORMAT "-\r\n", range->first);
  if (range->first >= 0 && range->if_range) {
    g_autofree char *validator = forge_net_header_value (range->if_range);
    g_string_append_printf (out, "If-Range: %s\r\n", validator);
  }
  return g_string_free (out, FALSE);
}

gboolean
forge_fetch_open (const char *url,
                  const ForgeFetchRange *range,
                  const ForgeDialOptions *options,
                  ForgeFetch *fetch,
                  GCancellable *cancellable,
                  GError **error)
{
  g_autofree char *headers = format_headers (range);
  const ForgeDialWish wish = { range->is_head ? "HEAD" : "GET", headers, range->headers };

  return forge_dial_wish (url, &wish, options, &fetch->dial, &fetch->head, cancellable, error);
}

void
forge_fetch_set_status_error (const ForgeFetch *fetch, GError **error)
{
  g_set_error (error,
               FORGE_ERROR,
               (gint)forge_dial_code_of_status (fetch->head.status),
               "%s: HTTP %u",
               fetch->dial.final_host,
               fetch->head.status);
}

/* Appends what comes to the leftover. FALSE at the end, or when the time is over. */
static gboolean
read_more (ForgeDial *dial, const ForgeDeadline *deadline)
{
  guint8 buffer[4096];
  ssize_t n;

  while ((n = forge_dial_wire_read (&dial->bytes, buffer, sizeof buffer)) < 0)
    if ((errno != EAGAIN && errno != EINTR) ||
        !forge_deadline_poll (deadline, dial->bytes.fd, G_IO_IN, NULL))
      return FALSE;
  if (n == 0)
    return FALSE;
  dial->leftover = g_realloc (dial->leftover, dial->leftover_bytes + (gsize)n);
  memcpy (dial->leftover + dial->leftover_bytes, buffer, (gsize)n);
  dial->leftover_bytes += (gsize)n;
  return TRUE;
}

/* What of the body is in the leftover, decoded. (transfer full) NULL: broken. */
static GByteArray *
decode_leftover (const ForgeDial *dial, gboolean *is_end)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();

  *is_end = FALSE;
  if (dial->is_chunked) {
    if (!forge_http_peek_chunked (dial->leftover, dial->leftover_bytes, body, is_end))
      return NULL;
  } else {
    g_byte_array_append (body, dial->leftover, (guint)dial->leftover_bytes);
    *is_end = dial->content_length >= 0 && (gint64)body->len >= dial->content_length;
  }
  return g_steal_pointer (&body);
}

/* Reads until `wanted` bytes of the body are there, it ends, or they are not those of `text`
 * (NULL = any). (transfer full) */
static GByteArray *
look_ahead (ForgeFetch *fetch,
            const char *text,
            gsize wanted,
            guint timeout_ms,
            GCancellable *cancellable)
{
  const ForgeDeadline deadline = { .at_us = g_get_monotonic_time () + (gint64)timeout_ms * 1000,
                                   .budget_ms = timeout_ms,
                                   .phase = "nothing",
                                   .host = fetch->dial.final_host,
                                   .stop = cancellable };

  for (;;) {
    gboolean is_end;
    g_autoptr (GByteArray) body = decode_leftover (&fetch->dial, &is_end);
    if (!body)
      return g_byte_array_new ();
    gboolean is_other = text && body->len > 0 &&
                        memcmp (body->data, text, MIN (body->len, wanted)) != 0;
    if (is_other || is_end || body->len >= wanted || !read_more (&fetch->dial, &deadline))
      return g_steal_pointer (&body);
  }
}

GByteArray *
forge_fetch_peek (ForgeFetch *fetch, gsize wanted, guint timeout_ms, GCancellable *cancellable)
{
  return look_ahead (fetch, NULL, wanted, timeout_ms, cancellable);
}

gboolean
forge_fetch_begins_with (ForgeFetch *fetch,
                         const char *text,
                         guint timeout_ms,
                         GCancellable *cancellable)
{
  gsize wanted = strlen (text);
  g_autoptr (GByteArray) body = look_ahead (fetch, text, wanted, timeout_ms, cancellable);

  return body->len >= wanted && memcmp (body->data, text, wanted) == 0;
}

GBytes *
forge_fetch_read_all (ForgeFetch *fetch,
                      gsize max_bytes,
                      guint timeout_ms,
                      GCancellable *cancellable,
                      GError **error)
{
  GByteArray *body = forge_dial_read_text (&fetch->dial, max_bytes, timeout_ms, cancellable, error);

  return body ? g_byte_array_free_to_bytes (body) : NULL;
}

GBytes *
forge_fetch_document (const char *url,
                      const ForgeDialOptions *options,
                      gsize max_bytes,
                      char **content_type,
                      GCancellable *cancellable,
                      GError **error)
{
  g_auto (ForgeFetch) fetch = { 0 };

  if (!forge_fetch_open (url, &FORGE_FETCH_ALL, options, &fetch, cancellable, error))
    return NULL;
  if (fetch.head.status != 200) {
    forge_fetch_set_status_error (&fetch, error);
    return NULL;
  }
  if (content_type)
    *content_type = g_strdup (fetch.head.content_type);
  return forge_fetch_read_all (&fetch,
                               max_bytes,
                               options->first_byte_timeout_ms,
                               cancellable,
                               error);
}

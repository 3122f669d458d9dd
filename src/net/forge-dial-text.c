/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/forge-dial-text.h"

#include "base/forge-error.h"
#include "net/forge-dial-wire.h"
#include "net/forge-http-head.h"
#include "net/forge-net-poll.h"

#include <errno.h>

#define READ_SIZE 16384 /* one TLS record */

/* What came of the body so far, in `body`; `*is_all` if that is the whole. */
static gboolean
decode (const ForgeDial *dial, const GByteArray *input, GByteArray *body, gboolean *is_all)
{
  *is_all = FALSE;
  g_byte_array_set_size (body, 0);
  if (dial->is_chunked)
    return forge_http_peek_chunked (input->data, input->len, body, is_all);
  *is_all = dial->content_length >= 0 && (gint64)input->len >= dial->content_length;
  g_byte_array_append (body, input->data, *is_all ? (guint)dial->content_length : input->len);
  return TRUE;
}

/* FALSE with an error, or without one at the end of the connection. */
static gboolean
read_some (ForgeDial *dial, GByteArray *input, const ForgeDeadline *deadline, GError **error)
{
  guint8 buffer[READ_SIZE];

  for (;;) {
    ssize_t n = forge_dial_wire_read (&dial->bytes, buffer, sizeof buffer);
    if (n > 0) {
      g_byte_array_append (input, buffer, (guint)n);
      return TRUE;
    }
    if (n == 0 || (errno != EAGAIN && errno != EINTR))
      return FALSE;
    if (errno == EAGAIN && !forge_deadline_poll (deadline, dial->bytes.fd, G_IO_IN, error))
      return FALSE;
  }
}

static gboolean
fail (const ForgeDial *dial, ForgeError code, GError **error, const char *text)
{
  g_set_error (error, FORGE_ERROR, (gint)code, "%s: %s", dial->final_host, text);
  return FALSE;
}

/* Chunk coding may take as much again as the text, no more. */
static gboolean
is_too_large (const ForgeDial *dial, const GByteArray *input, const GByteArray *body, gsize max)
{
  return body->len > max || input->len > 2 * max + READ_SIZE ||
         (!dial->is_chunked && dial->content_length > (gint64)max);
}

/* A connection that ends counts as the end of the text unless more was promised: seen from servers
 * that neither chunk nor count. */
static gboolean
read_text (ForgeDial *dial,
           GByteArray *input,
           GByteArray *body,
           gsize max_bytes,
           const ForgeDeadline *deadline,
           GError **error)
{
  g_autoptr (GError) failure = NULL;
  gboolean is_all;

  for (;;) {
    if (!decode (dial, input, body, &is_all))
      return fail (dial, FORGE_ERROR_INVALID, error, "broken chunk coding");
    if (is_too_large (dial, input, body, max_bytes)) {
      g_autofree char *text =
          g_strdup_printf ("sent more than the %" G_GSIZE_FORMAT " bytes that are read", max_bytes);
      return fail (dial, FORGE_ERROR_TOO_LARGE, error, text);
    }
    if (is_all)
      return TRUE;
    if (forge_deadline_left_ms (deadline) == 0) {
      forge_deadline_set_error (deadline, error);
      return FALSE;
    }
    if (read_some (dial, input, deadline, &failure))
      continue;
    if (failure) {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
    if (dial->is_chunked || dial->content_length >= 0)
      return fail (dial, FORGE_ERROR_RETRY, error, "closed the connection within its playlist");
    return TRUE;
  }
}

GByteArray *
forge_dial_read_text (ForgeDial *dial,
                      gsize max_bytes,
                      guint timeout_ms,
                      GCancellable *cancellable,
                      GError **error)
{
  const ForgeDeadline deadline = { .at_us = g_get_monotonic_time () + (gint64)timeout_ms * 1000,
                                   .budget_ms = timeout_ms,
                                   .phase = "no complete playlist",
                                   .host = dial->final_host,
                                   .stop = cancellable };
  g_autoptr (GByteArray) input = g_byte_array_new_take (dial->leftover, dial->leftover_bytes);
  g_autoptr (GByteArray) body = g_byte_array_new ();

  dial->leftover = NULL;
  dial->leftover_bytes = 0;
  gboolean is_read = read_text (dial, input, body, max_bytes, &deadline, error);
  forge_dial_wire_close (&dial->bytes);
  return is_read ? g_steal_pointer (&body) : NULL;
}

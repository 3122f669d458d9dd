/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "net/forge-dial-wire.h"
#include "net/forge-fetch.h"
#include "net/forge-net-poll.h"

#include <errno.h>
#include <string.h>

/* The body of a fetch, read piece by piece on a thread that may wait. */

#define READ_BYTES       16384 /* one TLS record */
#define MAX_LINE_BYTES   1024  /* of chunk coding */
#define MAX_TRAILERS     64
#define MAX_CHUNK_DIGITS 12

typedef struct {
  ForgeFetch *fetch;
  guint idle_ms;
  GCancellable *cancellable;
  GError **error;
} Reader;

static gssize
fail (const Reader *reader, ForgeError code, const char *text)
{
  g_set_error (reader->error,
               FORGE_ERROR,
               (gint)code,
               "%s: %s",
               reader->fetch->dial.final_host,
               text);
  return -1;
}

/* From the connection. 0 at its end. */
static gssize
receive (const Reader *reader, void *buffer, gsize size)
{
  ForgeDial *dial = &reader->fetch->dial;
  const ForgeDeadline deadline = { .at_us = g_get_monotonic_time () +
                                            (gint64)reader->idle_ms * 1000,
                                   .budget_ms = reader->idle_ms,
                                   .phase = "nothing more came",
                                   .host = dial->final_host,
                                   .stop = reader->cancellable };

  for (;;) {
    if (g_cancellable_set_error_if_cancelled (reader->cancellable, reader->error))
      return -1;
    ssize_t n = forge_dial_wire_read (&dial->bytes, buffer, size);
    if (n >= 0)
      return n;
    if (errno != EAGAIN && errno != EINTR)
      return fail (reader, FORGE_ERROR_RETRY, g_strerror (errno));
    if (errno == EAGAIN && !forge_deadline_poll (&deadline, dial->bytes.fd, G_IO_IN, reader->error))
      return -1;
  }
}

/* What was read already comes first. 0 at the end of the connection. */
static gssize
take (const Reader *reader, void *buffer, gsize size)
{
  ForgeDial *dial = &reader->fetch->dial;
  gsize here = dial->leftover_bytes - reader->fetch->taken;

  if (here == 0)
    return receive (reader, buffer, size);
  size = MIN (size, here);
  memcpy (buffer, dial->leftover + reader->fetch->taken, size);
  reader->fetch->taken += size;
  if (size == here) {
    g_clear_pointer (&dial->leftover, g_free);
    dial->leftover_bytes = reader->fetch->taken = 0;
  }
  return (gssize)size;
}

/* ---- chunk coding ---- */

/* So that lines need no system call for each byte. FALSE: error. */
static gboolean
fill (const Reader *reader)
{
  ForgeDial *dial = &reader->fetch->dial;
  guint8 *buffer;

  if (dial->leftover_bytes > reader->fetch->taken)
    return TRUE;
  buffer = g_malloc (READ_BYTES);
  gssize n = receive (reader, buffer, READ_BYTES);
  if (n <= 0) {
    g_free (buffer);
    if (n == 0)
      fail (reader, FORGE_ERROR_RETRY, "the connection ended in the middle");
    return FALSE;
  }
  g_free (dial->leftover);
  dial->leftover = buffer;
  dial->leftover_bytes = (gsize)n;
  reader->fetch->taken = 0;
  return TRUE;
}

/* Without its end. FALSE: error. */
static gboolean
read_line (const Reader *reader, char line[MAX_LINE_BYTES])
{
  gsize length = 0;
  char byte = 0;

  while (fill (reader) && take (reader, &byte, 1) == 1) {
    if (byte == '\n') {
      line[length > 0 && line[length - 1] == '\r' ? length - 1 : length] = '\0';
      return TRUE;
    }
    if (length + 1 >= MAX_LINE_BYTES)
      return fail (reader, FORGE_ERROR_INVALID, "broken chunk coding") > 0;
    line[length++] = byte;
  }
  return FALSE;
}

static gboolean
skip_trailers (const Reader *reader)
{
  char line[MAX_LINE_BYTES];

  for (guint i = 0; i < MAX_TRAILERS; i++) {
    if (!read_line (reader, line))
      return FALSE;
    if (!*line)
      return TRUE;
  }
  return fail (reader, FORGE_ERROR_INVALID, "broken chunk coding") > 0;
}

/* FALSE: error. At the last one `is_over` is set. */
static gboolean
begin_chunk (const Reader *reader)
{
  ForgeFetch *fetch = reader->fetch;
  char line[MAX_LINE_BYTES];

  /* the line end behind the last one's data */
  if (fetch->is_begun && (!read_line (reader, line) || *line))
    return !*reader->error && fail (reader, FORGE_ERROR_INVALID, "broken chunk coding") > 0;
  fetch->is_begun = TRUE;
  if (!read_line (reader, line))
    return FALSE;
  gsize digits = strspn (line, "0123456789abcdefABCDEF");
  if (digits == 0 || digits > MAX_CHUNK_DIGITS)
    return fail (reader, FORGE_ERROR_INVALID, "broken chunk coding") > 0;
  fetch->left = (gint64)g_ascii_strtoull (line, NULL, 16);
  fetch->is_over = fetch->left == 0;
  return !fetch->is_over || skip_trailers (reader);
}

static void
begin (ForgeFetch *fetch)
{
  fetch->is_begun = TRUE;
  fetch->left = fetch->head.content_length;
  fetch->is_over = fetch->left == 0;
}

gssize
forge_fetch_read (ForgeFetch *fetch,
                  void *buffer,
                  gsize size,
                  guint idle_ms,
                  GCancellable *cancellable,
                  GError **error)
{
  g_autoptr (GError) failure = NULL;
  const Reader reader = { fetch, idle_ms, cancellable, &failure };
  gssize n = -1;

  if (!fetch->dial.is_chunked && !fetch->is_begun)
    begin (fetch);
  if (fetch->is_over)
    return 0;
  if (!fetch->dial.is_chunked || fetch->left > 0 || begin_chunk (&reader))
    n = fetch->is_over
            ? 0
            : take (&reader, buffer, fetch->left >= 0 ? MIN (size, (gsize)fetch->left) : size);
  if (n == 0 && !fetch->is_over && (fetch->left > 0 || fetch->dial.is_chunked))
    n = fail (&reader, FORGE_ERROR_RETRY, "the connection ended in the middle");
  if (n > 0 && fetch->left > 0)
    fetch->left -= n;
  fetch->is_over = fetch->is_over || n == 0 || (!fetch->dial.is_chunked && fetch->left == 0);
  if (failure)
    g_propagate_error (error, g_steal_pointer (&failure));
  return n;
}

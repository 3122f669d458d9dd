/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "server/forge-body-writer.h"

#include "server/forge-gzip.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

/* One chunk: large enough that its frame and system call cost nothing. */
#define CHUNK_BYTES 32768
/* How long the client may take to close after us, before unread input of its would reset the
 * connection and with it the end of the body. */
#define LINGER_MS 1000

typedef struct {
  const ForgeBodyTarget *target;
  GCancellable *cancellable;
  GString *pending; /* body bytes not sent yet */
  gint64 waited_us;
  gboolean has_sent;
} Writer;

/* Waits until `events` hold, the deadline passes or the job is cancelled. */
static gboolean
wait_for (Writer *writer, short events, GError **error)
{
  GPollFD stop;
  gboolean has_stop = g_cancellable_make_pollfd (writer->cancellable, &stop);
  struct pollfd fds[2] = {
    { .fd = writer->target->fd, .events = events },
    { .fd = has_stop ? stop.fd : -1, .events = POLLIN },
  };
  gint64 begun_us = g_get_monotonic_time ();
  int ready = poll (fds, 2, (int)writer->target->timeout_ms);

  if (has_stop)
    g_cancellable_release_fd (writer->cancellable);
  writer->waited_us += g_get_monotonic_time () - begun_us;
  if (g_cancellable_set_error_if_cancelled (writer->cancellable, error))
    return FALSE;
  if (ready == 0 || writer->waited_us > FORGE_BODY_MAX_WAIT_US) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "The client does not read");
    return FALSE;
  }
  return TRUE;
}

static gboolean
send_all (Writer *writer, const char *data, gsize length, GError **error)
{
  while (length > 0) {
    ssize_t sent = send (writer->target->fd, data, length, MSG_NOSIGNAL);
    if (sent > 0) {
      data += sent;
      length -= (gsize)sent;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (!wait_for (writer, POLLOUT, error))
        return FALSE;
    } else if (errno != EINTR) {
      int number = errno;
      g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (number), g_strerror (number));
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
send_head (Writer *writer, GError **error)
{
  if (writer->has_sent)
    return TRUE;
  writer->has_sent = TRUE;
  return send_all (writer, writer->target->head, strlen (writer->target->head), error);
}

static gboolean
flush (Writer *writer, GError **error)
{
  char frame[32];

  if (writer->pending->len == 0)
    return TRUE;
  if (!send_head (writer, error))
    return FALSE;
  if (writer->target->is_chunked) {
    g_snprintf (frame, sizeof frame, "%" G_GSIZE_MODIFIER "x\r\n", writer->pending->len);
    if (!send_all (writer, frame, strlen (frame), error))
      return FALSE;
    g_string_append (writer->pending, "\r\n");
  }
  if (!send_all (writer, writer->pending->str, writer->pending->len, error))
    return FALSE;
  g_string_truncate (writer->pending, 0);
  return TRUE;
}

/* Nothing is written for a while: has the client closed meanwhile? */
static gboolean
check_peer (Writer *writer, GError **error)
{
  struct pollfd peer = { .fd = writer->target->fd, .events = POLLRDHUP };

  if (!writer->target->is_immediate || poll (&peer, 1, 0) <= 0 ||
      !(peer.revents & (POLLRDHUP | POLLHUP | POLLERR)))
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "The client is gone");
  return FALSE;
}

static gboolean
on_body (const char *data, gsize length, gpointer user_data, GError **error)
{
  Writer *writer = user_data;

  if (length == 0)
    return check_peer (writer, error);
  while (length > 0) {
    gsize part = MIN (length, CHUNK_BYTES - writer->pending->len);
    g_string_append_len (writer->pending, data, (gssize)part);
    data += part;
    length -= part;
    if (writer->pending->len >= CHUNK_BYTES && !flush (writer, error))
      return FALSE;
  }
  return !writer->target->is_immediate || flush (writer, error);
}

static gboolean
produce (Writer *writer, ForgeBodyFunc write, gpointer write_data, GError **error)
{
  g_autoptr (ForgeGzip) gzip = NULL;

  if (!writer->target->is_gzipped)
    return write (on_body, writer, writer->cancellable, write_data, error);
  gzip = forge_gzip_new (on_body, writer);
  return write (forge_gzip_write, gzip, writer->cancellable, write_data, error) &&
         forge_gzip_finish (gzip, error);
}

static gboolean
end_body (Writer *writer, GError **error)
{
  static const char last_chunk[] = "0\r\n\r\n";

  if (!flush (writer, error) || !send_head (writer, error))
    return FALSE;
  return !writer->target->is_chunked || send_all (writer, last_chunk, sizeof last_chunk - 1, error);
}

static void
linger (int fd)
{
  gint64 end_us = g_get_monotonic_time () + LINGER_MS * G_TIME_SPAN_MILLISECOND;
  struct pollfd pollfd = { .fd = fd, .events = POLLIN };
  char scrap[4096];
  gint64 left_us;

  shutdown (fd, SHUT_WR);
  while ((left_us = end_us - g_get_monotonic_time ()) > 0) {
    if (poll (&pollfd, 1, (int)(left_us / 1000) + 1) <= 0)
      return;
    if (recv (fd, scrap, sizeof scrap, 0) <= 0)
      return;
  }
}

/* A body without length ends with the connection: only a reset tells the client that it broke off.
 */
static void
reset_on_close (int fd)
{
  struct linger no_linger = { .l_onoff = 1, .l_linger = 0 };

  setsockopt (fd, SOL_SOCKET, SO_LINGER, &no_linger, sizeof no_linger);
}

gboolean
forge_body_write (const ForgeBodyTarget *target,
                  ForgeBodyFunc write,
                  gpointer write_data,
                  GCancellable *cancellable,
                  GError **error)
{
  Writer writer = { .target = target, .cancellable = cancellable };
  gboolean is_done;

  writer.pending = g_string_sized_new (CHUNK_BYTES + 2);
  if (target->is_immediate)
    is_done = send_head (&writer, error) && produce (&writer, write, write_data, error);
  else
    is_done = produce (&writer, write, write_data, error);
  if (is_done)
    is_done = end_body (&writer, error);
  else if (!writer.has_sent)
    send_all (&writer, target->failure, strlen (target->failure), NULL);
  if (is_done || !writer.has_sent)
    linger (target->fd);
  else
    reset_on_close (target->fd);
  g_string_free (writer.pending, TRUE);
  return is_done;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "forge-fake-io.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#define GONE (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)

static int
timeout_ms (gint64 until_us)
{
  if (until_us < 0)
    return -1;
  /* Rounded up, or the last millisecond would be spent spinning. */
  return (int)CLAMP ((until_us - g_get_monotonic_time () + 999) / 1000, 0, G_MAXINT);
}

/* The socket's events; 0 when the time is up, -1 when the provider stops. */
static int
poll_socket (ForgeFakeConnection *connection, short events, gint64 until_us)
{
  struct pollfd fds[2] = { { .fd = connection->fd, .events = events },
                           { .fd = connection->provider->stop_fd, .events = POLLIN } };
  int n;

  do {
    n = poll (fds, G_N_ELEMENTS (fds), timeout_ms (until_us));
  } while (n < 0 && errno == EINTR);
  return n < 0 || fds[1].revents ? -1 : fds[0].revents;
}

/* Whatever a client says while it is being served is of no interest. */
static gboolean
discard_input (ForgeFakeConnection *connection)
{
  char scratch[1024];
  ssize_t n = recv (connection->fd, scratch, sizeof scratch, MSG_DONTWAIT);

  return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

gboolean
forge_fake_wait (ForgeFakeConnection *connection, gint64 until_us)
{
  for (;;) {
    int events = poll_socket (connection, POLLIN | POLLRDHUP, until_us);

    if (events == 0)
      return TRUE;
    if (events < 0 || events & GONE || !discard_input (connection))
      return FALSE;
  }
}

gboolean
forge_fake_send (ForgeFakeConnection *connection, const void *data, gsize size)
{
  const char *bytes = data;

  while (size > 0) {
    ssize_t n = send (connection->fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);

    if (n > 0) {
      bytes += n;
      size -= (gsize)n;
    } else if (n < 0 && errno == EAGAIN) {
      int events = poll_socket (connection, POLLOUT | POLLRDHUP, -1);
      if (events < 0 || events & GONE)
        return FALSE;
    } else if (n >= 0 || errno != EINTR) {
      return FALSE;
    }
  }
  return TRUE;
}

gboolean
forge_fake_receive (ForgeFakeConnection *connection, gint64 until_us)
{
  gsize room = sizeof connection->buffer - connection->buffered;

  if (room == 0 || poll_socket (connection, POLLIN, until_us) <= 0)
    return FALSE;

  ssize_t n = recv (connection->fd, connection->buffer + connection->buffered, room, MSG_DONTWAIT);
  if (n > 0)
    connection->buffered += (gsize)n;
  return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

void
forge_fake_gate_init (ForgeFakeGate *gate,
                      ForgeFakeConnection *connection,
                      const ForgeFakeFaults *faults)
{
  static const ForgeFakeVerb endings[] = { FORGE_FAKE_STALL_AFTER,
                                           FORGE_FAKE_DROP_AFTER,
                                           FORGE_FAKE_RESET_AFTER };

  *gate = (ForgeFakeGate){ connection, FORGE_FAKE_N_VERBS, G_MAXUINT64 };
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++) {
    if (forge_fake_has (faults, endings[i]) &&
        (guint64)faults->values[endings[i]] < gate->left_bytes) {
      gate->ending = endings[i];
      gate->left_bytes = (guint64)faults->values[endings[i]];
    }
  }
}

/* Makes close () send RST instead of FIN. */
static void
arm_reset (ForgeFakeConnection *connection)
{
  const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

  setsockopt (connection->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void
forge_fake_tell_live (const ForgeFakeConnection *connection, gboolean begins)
{
  const ForgeFakeProviderOptions *options = &connection->provider->options;

  if (options->on_live && connection->stream_id > 0)
    options->on_live (connection->stream_id, begins, options->user_data);
}

gboolean
forge_fake_gate_send (ForgeFakeGate *gate, const void *data, gsize size)
{
  if (size < gate->left_bytes) {
    gate->left_bytes -= gate->ending == FORGE_FAKE_N_VERBS ? 0 : size;
    return forge_fake_send (gate->connection, data, size);
  }
  if (!forge_fake_send (gate->connection, data, gate->left_bytes))
    return FALSE;
  gate->left_bytes = 0;
  forge_fake_tell_live (gate->connection, FALSE);
  if (gate->ending == FORGE_FAKE_STALL_AFTER)
    (void)forge_fake_wait (gate->connection, -1);
  else if (gate->ending == FORGE_FAKE_RESET_AFTER)
    arm_reset (gate->connection);
  return FALSE;
}

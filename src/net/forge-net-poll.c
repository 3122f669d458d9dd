/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/forge-net-poll.h"

#include "base/forge-error.h"

#include <errno.h>

guint
forge_deadline_left_ms (const ForgeDeadline *deadline)
{
  gint64 left_us = deadline->at_us - g_get_monotonic_time ();

  return left_us <= 0 ? 0 : (guint)MIN ((left_us + 999) / 1000, G_MAXINT);
}

void
forge_deadline_set_error (const ForgeDeadline *deadline, GError **error)
{
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_RETRY,
               "%s: %s within %u ms",
               deadline->host,
               deadline->phase,
               deadline->budget_ms);
}

static gboolean
poll_once (const ForgeDeadline *deadline, GPollFD *fds, guint n, GError **error)
{
  int ready;

  do {
    guint left_ms = forge_deadline_left_ms (deadline);
    ready = left_ms == 0 ? 0 : g_poll (fds, n, (gint)left_ms);
  } while (ready < 0 && errno == EINTR);
  if (g_cancellable_set_error_if_cancelled (deadline->stop, error))
    return FALSE;
  if (ready != 0)
    return TRUE;
  forge_deadline_set_error (deadline, error);
  return FALSE;
}

gboolean
forge_deadline_poll (const ForgeDeadline *deadline, int fd, GIOCondition events, GError **error)
{
  GPollFD fds[2] = { { .fd = fd, .events = (gushort)events } };
  gboolean has_stop = g_cancellable_make_pollfd (deadline->stop, &fds[1]);
  gboolean is_ready = poll_once (deadline, fds, has_stop ? 2 : 1, error);

  if (has_stop)
    g_cancellable_release_fd (deadline->stop);
  return is_ready;
}

gboolean
forge_net_pause (gint64 us, GCancellable *cancellable)
{
  GPollFD stop;

  if (us > 0 && g_cancellable_make_pollfd (cancellable, &stop)) {
    g_poll (&stop, 1, (int)MIN ((us + 999) / 1000, G_MAXINT));
    g_cancellable_release_fd (cancellable);
  } else if (us > 0) { /* none, or no descriptor is left: at least it ends */
    g_usleep ((gulong)MIN (us, cancellable ? G_USEC_PER_SEC : us));
  }
  return !g_cancellable_is_cancelled (cancellable);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "server/forge-control-socket.h"

#include "base/forge-error.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define MAX_PATH_BYTES (sizeof ((struct sockaddr_un *)0)->sun_path - 1)

static void
set_errno_error (GError **error, const char *action, const char *path, int number)
{
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_STORAGE,
               "Cannot %s the control socket %s: %s",
               action,
               path,
               g_strerror (number));
}

static GSocket *
new_socket (GError **error)
{
  return g_socket_new (G_SOCKET_FAMILY_UNIX,
                       G_SOCKET_TYPE_STREAM,
                       G_SOCKET_PROTOCOL_DEFAULT,
                       error);
}

static gboolean
is_somebody_listening (GSocketAddress *address)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) probe = new_socket (NULL);

  if (!probe)
    return TRUE;
  g_socket_set_blocking (probe, FALSE);
  return g_socket_connect (probe, address, NULL, &error) ||
         !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
}

/* Clears the way for a bind: nothing there, or the socket of a dead process. */
static gboolean
remove_stale (const char *path, GSocketAddress *address, GError **error)
{
  struct stat found;

  if (lstat (path, &found) != 0)
    return TRUE;
  if (!S_ISSOCK (found.st_mode)) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "%s exists and is not a socket; choose another place for the control socket",
                 path);
    return FALSE;
  }
  if (is_somebody_listening (address)) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_STORAGE,
                 "Another StreamForge is running: it answers on %s",
                 path);
    return FALSE;
  }
  if (g_unlink (path) != 0 && errno != ENOENT) {
    set_errno_error (error, "replace", path, errno);
    return FALSE;
  }
  return TRUE;
}

static gboolean
make_folder (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  if (g_mkdir_with_parents (folder, 0700) == 0)
    return TRUE;
  set_errno_error (error, "make the folder of", path, errno);
  return FALSE;
}

static gboolean
bind_private (GSocket *socket, GSocketAddress *address, const char *path, GError **error)
{
  g_autoptr (GError) cause = NULL;

  /* Linux gives the file the mode of the descriptor (unix(7), "Pathname socket ownership"), so
   * there is no moment with wider rights; umask () would be for all threads. */
  if (fchmod (g_socket_get_fd (socket), S_IRUSR | S_IWUSR) != 0) {
    set_errno_error (error, "protect", path, errno);
    return FALSE;
  }
  if (g_socket_bind (socket, address, FALSE, &cause))
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_STORAGE,
               "Cannot create the control socket %s: %s",
               path,
               cause->message);
  return FALSE;
}

GSocket *
forge_control_socket_bind (const char *path, GError **error)
{
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocket) socket = NULL;

  if (strlen (path) > MAX_PATH_BYTES) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "The control socket's path %s has %" G_GSIZE_FORMAT
                 " bytes, the system allows %" G_GSIZE_FORMAT,
                 path,
                 strlen (path),
                 (gsize)MAX_PATH_BYTES);
    return NULL;
  }
  address = g_unix_socket_address_new (path);
  if (!make_folder (path, error) || !remove_stale (path, address, error))
    return NULL;
  socket = new_socket (error);
  if (!socket || !bind_private (socket, address, path, error))
    return NULL;
  return g_steal_pointer (&socket);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-instance-lock.h"

#include "base/forge-error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static void
say_who_holds_it (int fd, const char *data_dir, GError **error)
{
  char text[32] = "";
  ssize_t length = pread (fd, text, sizeof text - 1, 0);

  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_STORAGE,
               "Another StreamForge (process %s) is using %s",
               length > 0 ? g_strstrip (text) : "unknown",
               data_dir);
}

int
forge_instance_lock (const char *data_dir, GError **error)
{
  g_autofree char *path = g_build_filename (data_dir, "streamforge.lock", NULL);
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  if (fd < 0) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_STORAGE,
                 "Cannot write in %s: %s",
                 data_dir,
                 g_strerror (errno));
    return -1;
  }
  if (flock (fd, LOCK_EX | LOCK_NB) < 0) {
    say_who_holds_it (fd, data_dir, error);
    close (fd);
    return -1;
  }
  /* Only for the message above: the lock itself is what counts. */
  g_autofree char *pid = g_strdup_printf ("%d\n", (int)getpid ());
  if (ftruncate (fd, 0) < 0 || pwrite (fd, pid, strlen (pid), 0) < 0)
    g_debug ("The lock file holds no process number: %s", g_strerror (errno));
  return fd;
}

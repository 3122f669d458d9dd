/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "library/forge-download-file.h"

#include "base/forge-error.h"
#include "formats/forge-disposition.h"
#include "model/forge-download.h"

#include <glib/gstdio.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Left free on the disk: a full one hurts everything else on it. */
#define SPARE_BYTES     ((gint64)64 * 1024 * 1024)
#define COMPARE_BYTES   (16 * 1024)
#define MAX_NAMES_TRIED 1000
/* " (999)", the extension and ".part" behind the name of at most … */
G_STATIC_ASSERT (FORGE_FILE_NAME_MAX_BYTES + 6 + 10 + 5 <= NAME_MAX);

struct _ForgeDownloadFile {
  char *path, *part_path;
  int fd;
  gint64 size;  /* of the part file */
  gint64 at;    /* where the next byte of the body belongs */
  gint64 total; /* -1 = unknown */
};

static gboolean
set_storage_error (GError **error, const char *what, const char *path)
{
  int saved = errno;
  g_autofree char *name = g_path_get_basename (path);

  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_STORAGE,
               "“%s” cannot be %s: %s",
               name,
               what,
               g_strerror (saved));
  return FALSE;
}

/* A folder that was there when the download began and is not now is on a drive that was taken out:
 * making it again would fill the disk below with a second beginning. */
static gboolean
check_folder (const char *folder, gboolean was_begun, GError **error)
{
  if (!was_begun)
    return g_mkdir_with_parents (folder, 0755) == 0 || set_storage_error (error, "created", folder);
  if (g_file_test (folder, G_FILE_TEST_IS_DIR))
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_STORAGE,
               "The folder “%s” is not there any more: is its disk connected?",
               folder);
  return FALSE;
}

ForgeDownloadFile *
forge_download_file_open (const char *path, gboolean was_begun, GError **error)
{
  g_autoptr (ForgeDownloadFile) file = g_new0 (ForgeDownloadFile, 1);
  g_autofree char *folder = g_path_get_dirname (path);
  struct stat status;

  file->path = g_strdup (path);
  file->part_path = g_strconcat (path, FORGE_DOWNLOAD_PART_SUFFIX, NULL);
  file->total = -1;
  file->fd = -1;
  if (!check_folder (folder, was_begun, error))
    return NULL;
  /* NOFOLLOW: in a shared folder somebody else's link must not decide where we write. */
  file->fd = g_open (file->part_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (file->fd < 0 || fstat (file->fd, &status) != 0) {
    set_storage_error (error, "opened", file->part_path);
    return NULL;
  }
  file->size = status.st_size;
  return g_steal_pointer (&file);
}

void
forge_download_file_close (ForgeDownloadFile *file)
{
  if (!file)
    return;
  if (file->fd >= 0)
    close (file->fd);
  g_free (file->path);
  g_free (file->part_path);
  g_free (file);
}

gint64
forge_download_file_size (const ForgeDownloadFile *file)
{
  return file->size;
}

gint64
forge_download_file_resume_at (const ForgeDownloadFile *file)
{
  return MAX (file->size - FORGE_DOWNLOAD_OVERLAP_BYTES, 0);
}

static gboolean
has_room (ForgeDownloadFile *file, gint64 wanted, GError **error)
{
  struct statvfs disk;
  g_autofree char *needed = NULL;
  g_autofree char *there = NULL;

  if (fstatvfs (file->fd, &disk) != 0)
    return TRUE; /* the write will tell */
  gint64 available = (gint64)disk.f_bavail * (gint64)disk.f_frsize;
  if (available - SPARE_BYTES >= wanted)
    return TRUE;
  needed = g_format_size ((guint64)wanted);
  there = g_format_size ((guint64)available);
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_STORAGE,
               "The disk has %s left and %s are needed",
               there,
               needed);
  return FALSE;
}

gboolean
forge_download_file_begin (ForgeDownloadFile *file, gint64 start, gint64 total, GError **error)
{
  if (start < 0 || start > file->size || (total >= 0 && total < file->size)) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "The provider's file does not fit what is there: it has %" G_GINT64_FORMAT
                 " bytes and begins at %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT " are there",
                 total,
                 start,
                 file->size);
    return FALSE;
  }
  file->at = start;
  file->total = total;
  return total < 0 || has_room (file, total - file->size, error);
}

/* Reads all of `length`. */
static gboolean
read_at (ForgeDownloadFile *file, char *buffer, gsize length, gint64 offset, GError **error)
{
  while (length > 0) {
    ssize_t n = pread (file->fd, buffer, length, offset);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return set_storage_error (error, "read", file->part_path);
    buffer += n;
    length -= (gsize)n;
    offset += n;
  }
  return TRUE;
}

/* Compares with what is there already; `*used` receives how much of `data` that was. */
static gboolean
compare (ForgeDownloadFile *file, const char *data, gsize length, gsize *used, GError **error)
{
  char there[COMPARE_BYTES];

  *used = 0;
  while (*used < length && file->at < file->size) {
    gsize step = MIN (length - *used, sizeof there);
    step = MIN (step, (gsize)(file->size - file->at));
    if (!read_at (file, there, step, file->at, error))
      return FALSE;
    if (memcmp (there, data + *used, step) != 0) {
      g_set_error_literal (error,
                           FORGE_ERROR,
                           FORGE_ERROR_INVALID,
                           "The provider has another file under this address now");
      return FALSE;
    }
    *used += step;
    file->at += (gint64)step;
  }
  return TRUE;
}

gboolean
forge_download_file_write (ForgeDownloadFile *file, const void *data, gsize length, GError **error)
{
  gsize done = 0;

  if (!compare (file, data, length, &done, error))
    return FALSE;
  while (done < length) {
    ssize_t n = pwrite (file->fd, (const char *)data + done, length - done, file->at);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return set_storage_error (error, "written", file->part_path);
    done += (gsize)n;
    file->at += n;
    file->size = file->at;
  }
  return TRUE;
}

gboolean
forge_download_file_reset (ForgeDownloadFile *file, GError **error)
{
  if (ftruncate (file->fd, 0) != 0)
    return set_storage_error (error, "emptied", file->part_path);
  file->size = file->at = 0;
  file->total = -1;
  return TRUE;
}

/* link () fails where the name is taken, which rename () would not. Disks without hard links (FAT)
 * get the check and the rename, with a moment between them. */
static gboolean
give_name (ForgeDownloadFile *file, GError **error)
{
  if (link (file->part_path, file->path) == 0)
    return g_unlink (file->part_path) == 0 || set_storage_error (error, "renamed", file->part_path);
  if (errno != EEXIST && !g_file_test (file->path, G_FILE_TEST_EXISTS))
    return g_rename (file->part_path, file->path) == 0 ||
           set_storage_error (error, "renamed", file->part_path);
  g_autofree char *name = g_path_get_basename (file->path);
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "There is a file “%s” already; the new one is kept beside it as “%s%s”",
               name,
               name,
               FORGE_DOWNLOAD_PART_SUFFIX);
  return FALSE;
}

gboolean
forge_download_file_finish (ForgeDownloadFile *file, GError **error)
{
  if (file->total >= 0 && file->size < file->total) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_RETRY,
                 "The provider ended after %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " bytes",
                 file->size,
                 file->total);
    return FALSE;
  }
  if (fsync (file->fd) != 0)
    return set_storage_error (error, "written", file->part_path);
  return give_name (file, error);
}

static gboolean
is_free (const char *path, GHashTable *taken)
{
  g_autofree char *part = g_strconcat (path, FORGE_DOWNLOAD_PART_SUFFIX, NULL);

  return (!taken || !g_hash_table_contains (taken, path)) &&
         !g_file_test (path, G_FILE_TEST_EXISTS) && !g_file_test (part, G_FILE_TEST_EXISTS);
}

char *
forge_download_file_name (const char *folder,
                          const char *title,
                          const char *extension,
                          GHashTable *taken)
{
  g_autofree char *safe = forge_file_name (title, NULL);
  const char *dot = extension ? "." : "";
  char *path = NULL;

  for (int i = 1; i < MAX_NAMES_TRIED; i++) {
    g_autofree char *count = i > 1 ? g_strdup_printf (" (%d)", i) : g_strdup ("");
    g_autofree char *name = g_strconcat (safe, count, dot, extension ? extension : "", NULL);
    g_free (path);
    path = g_build_filename (folder, name, NULL);
    if (is_free (path, taken))
      break;
  }
  return path;
}

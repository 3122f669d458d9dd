/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-guide-fetch.h"

#include "base/forge-error.h"

#include <gio/gunixinputstream.h>
#include <glib/gstdio.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE_BYTES        (64 * 1024)
#define MAX_DOCUMENT_BYTES (G_GUINT64_CONSTANT (4) << 30)

void
forge_guide_document_clear (ForgeGuideDocument *document)
{
  g_clear_object (&document->bytes);
  g_clear_pointer (&document->hash, g_free);
  g_clear_pointer (&document->etag, g_free);
  g_clear_pointer (&document->last_modified, g_free);
  g_clear_error (&document->cut_off);
}

/* A file without a name in `dir`: it is gone when it is closed, also after a crash. */
static int
open_unnamed_in (const char *dir)
{
  g_autofree char *path = g_build_filename (dir, "streamforge-guide-XXXXXX", NULL);
  int fd = g_mkstemp_full (path, O_RDWR | O_CLOEXEC, 0600);

  if (fd >= 0)
    g_unlink (path);
  return fd;
}

/* On disk if possible: /tmp is often memory. */
static int
open_unnamed (GError **error)
{
  const char *const dirs[] = { "/var/tmp", g_get_user_cache_dir (), g_get_tmp_dir () };

  for (guint i = 0; i < G_N_ELEMENTS (dirs); i++) {
    int fd = open_unnamed_in (dirs[i]);
    if (fd >= 0)
      return fd;
  }
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_STORAGE,
               "no place for the download: %s",
               g_strerror (errno));
  return -1;
}

static gboolean
write_all (int fd, const char *data, gsize length, GError **error)
{
  while (length > 0) {
    ssize_t n = write (fd, data, length);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0) {
      g_set_error (error,
                   FORGE_ERROR,
                   FORGE_ERROR_STORAGE,
                   "cannot keep the download: %s",
                   g_strerror (errno));
      return FALSE;
    }
    data += n;
    length -= (gsize)n;
  }
  return TRUE;
}

static gboolean
check_length (guint64 length, GError **error)
{
  if (length <= MAX_DOCUMENT_BYTES)
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_TOO_LARGE,
               "the guide is larger than %" G_GUINT64_FORMAT " bytes",
               MAX_DOCUMENT_BYTES);
  return FALSE;
}

/* A download that breaks after some bytes is kept: a first guide with a gap is better than none. */
static gboolean
take_cut_off (ForgeGuideDocument *document, GError *problem, GError **error)
{
  if (document->length == 0 || g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    g_propagate_error (error, problem);
    return FALSE;
  }
  document->cut_off = problem;
  return TRUE;
}

/* Reads `source` to its end; what it gives goes to `spool` unless that is −1. */
static gboolean
read_through (ForgeGuideDocument *document,
              GInputStream *source,
              int spool,
              GCancellable *cancellable,
              GError **error)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *piece = g_malloc (PIECE_BYTES);

  for (;;) {
    GError *problem = NULL;
    gssize n = g_input_stream_read (source, piece, PIECE_BYTES, cancellable, &problem);
    if (n < 0 && !take_cut_off (document, problem, error))
      return FALSE;
    if (n <= 0)
      break;
    document->length += (guint64)n;
    if (!check_length (document->length, error) ||
        (spool >= 0 && !write_all (spool, piece, (gsize)n, error)))
      return FALSE;
    g_checksum_update (checksum, (const guchar *)piece, n);
  }
  document->hash = g_strdup (g_checksum_get_string (checksum));
  return TRUE;
}

static gboolean
rewind_to_start (int fd, GError **error)
{
  if (lseek (fd, 0, SEEK_SET) == 0)
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_STORAGE,
               "cannot read it again: %s",
               g_strerror (errno));
  return FALSE;
}

static gboolean
fetch_url (ForgeHttp *http,
           const char *url,
           const char *etag,
           const char *last_modified,
           ForgeGuideDocument *document,
           GCancellable *cancellable,
           GError **error)
{
  if (!http) {
    g_set_error_literal (error,
                         FORGE_ERROR,
                         FORGE_ERROR_INTERNAL,
                         "a guide from the web needs an HTTP client");
    return FALSE;
  }
  g_autoptr (ForgeHttpReply) reply =
      forge_http_get (http, url, etag, last_modified, cancellable, error);
  if (!reply)
    return FALSE;
  document->is_not_modified = reply->body == NULL;
  if (document->is_not_modified)
    return TRUE;
  int fd = open_unnamed (error);
  if (fd < 0)
    return FALSE;
  document->bytes = g_unix_input_stream_new (fd, TRUE);
  document->etag = g_strdup (reply->etag);
  document->last_modified = g_strdup (reply->last_modified);
  return read_through (document, reply->body, fd, cancellable, error) &&
         rewind_to_start (fd, error);
}

static gboolean
set_file_error (GError **error, int saved_errno)
{
  g_set_error (error,
               FORGE_ERROR,
               saved_errno == ENOENT ? FORGE_ERROR_NOT_FOUND : FORGE_ERROR_INVALID,
               "the guide file cannot be read: %s",
               g_strerror (saved_errno));
  return FALSE;
}

static gboolean
fetch_file (const char *path,
            ForgeGuideDocument *document,
            GCancellable *cancellable,
            GError **error)
{
  /* O_NONBLOCK: opening a pipe must not wait for somebody to write. */
  int fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  struct stat info;

  if (fd < 0)
    return set_file_error (error, errno);
  document->bytes = g_unix_input_stream_new (fd, TRUE);
  if (fstat (fd, &info) != 0)
    return set_file_error (error, errno);
  if (!S_ISREG (info.st_mode))
    return set_file_error (error, S_ISDIR (info.st_mode) ? EISDIR : EINVAL);
  return read_through (document, document->bytes, -1, cancellable, error) &&
         rewind_to_start (fd, error);
}

static gboolean
has_scheme (const char *location, const char *scheme)
{
  return g_ascii_strncasecmp (location, scheme, strlen (scheme)) == 0;
}

gboolean
forge_guide_fetch (ForgeHttp *http,
                   const char *location,
                   const char *etag,
                   const char *last_modified,
                   ForgeGuideDocument *document,
                   GCancellable *cancellable,
                   GError **error)
{
  if (has_scheme (location, "http://") || has_scheme (location, "https://"))
    return fetch_url (http, location, etag, last_modified, document, cancellable, error);
  if (g_path_is_absolute (location))
    return fetch_file (location, document, cancellable, error);

  g_autofree char *path =
      has_scheme (location, "file://") ? g_filename_from_uri (location, NULL, NULL) : NULL;
  if (path)
    return fetch_file (path, document, cancellable, error);
  g_set_error_literal (
      error,
      FORGE_ERROR,
      FORGE_ERROR_INVALID,
      "a guide is read from an http or https URL, or from a file by its full path");
  return FALSE;
}

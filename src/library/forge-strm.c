/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "library/forge-strm.h"

#include "base/forge-error.h"
#include "formats/forge-disposition.h"

#include <glib/gstdio.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define LIST_NAME   ".streamforge"
#define LOCK_NAME   ".streamforge.lock"
#define MOVIES      "Movies"
#define SHOWS       "Shows"
#define OUR_MARK    "/strm/stream?"
#define FILE_MODE   0644
#define FOLDER_MODE 0755

struct _ForgeStrm {
  char *folder;
  int lock_fd;
  GHashTable *before; /* relative paths that we wrote once */
  GHashTable *now;    /* those of this export */
  ForgeStrmCounts counts;
};

static gboolean
fail (const char *what, const char *path, GError **error)
{
  int number = errno;

  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_STORAGE,
               "%s “%s”: %s",
               what,
               path,
               g_strerror (number));
  return FALSE;
}

/* ---- the list of what is ours ---- */

static void
read_list (ForgeStrm *strm)
{
  g_autofree char *path = g_build_filename (strm->folder, LIST_NAME, NULL);
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return;
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i]; i++)
    if ((g_str_has_prefix (lines[i], MOVIES "/") || g_str_has_prefix (lines[i], SHOWS "/")) &&
        g_str_has_suffix (lines[i], ".strm") && !strstr (lines[i], "/../"))
      g_hash_table_add (strm->before, g_strdup (lines[i]));
}

static gboolean
write_file (const char *path, const char *text, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (g_file_set_contents_full (path,
                                text,
                                -1,
                                G_FILE_SET_CONTENTS_CONSISTENT,
                                FILE_MODE,
                                &failure))
    return TRUE;
  g_set_error (error, FORGE_ERROR, FORGE_ERROR_STORAGE, "%s", failure->message);
  return FALSE;
}

static gboolean
write_list (ForgeStrm *strm, GError **error)
{
  g_autofree char *path = g_build_filename (strm->folder, LIST_NAME, NULL);
  g_autoptr (GList) paths = g_list_sort (g_hash_table_get_keys (strm->now), (GCompareFunc)strcmp);
  g_autoptr (GString) text = g_string_new (NULL);

  for (GList *l = paths; l; l = l->next)
    g_string_append_printf (text, "%s\n", (const char *)l->data);
  return write_file (path, text->str, error);
}

static gboolean
lock_folder (ForgeStrm *strm, GError **error)
{
  g_autofree char *path = g_build_filename (strm->folder, LOCK_NAME, NULL);

  strm->lock_fd = open (path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (strm->lock_fd < 0)
    return fail ("Cannot write to", strm->folder, error);
  if (flock (strm->lock_fd, LOCK_EX | LOCK_NB) == 0)
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_LIMIT,
               "Another export writes to “%s” now",
               strm->folder);
  return FALSE;
}

ForgeStrm *
forge_strm_new (const char *folder, GError **error)
{
  if (!g_path_is_absolute (folder)) {
    g_set_error (error, FORGE_ERROR, FORGE_ERROR_INVALID, "“%s” is no absolute path", folder);
    return NULL;
  }
  g_autoptr (ForgeStrm) strm = g_new0 (ForgeStrm, 1);
  strm->folder = g_strdup (folder);
  strm->lock_fd = -1;
  strm->before = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  strm->now = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (g_mkdir_with_parents (folder, FOLDER_MODE) != 0) {
    fail ("Cannot make", folder, error);
    return NULL;
  }
  if (!lock_folder (strm, error))
    return NULL;
  read_list (strm);
  return g_steal_pointer (&strm);
}

void
forge_strm_free (ForgeStrm *strm)
{
  if (!strm)
    return;
  if (strm->lock_fd >= 0)
    close (strm->lock_fd);
  g_hash_table_unref (strm->before);
  g_hash_table_unref (strm->now);
  g_free (strm->folder);
  g_free (strm);
}

/* ---- names ---- */

/* "Title (Year) [tmdbid-550]" */
static char *
title_name (const ForgeMedia *media)
{
  g_autoptr (GString) name = g_string_new (media->title);

  if (media->year)
    g_string_append_printf (name, " (%d)", media->year);
  if (media->tmdb_id)
    g_string_append_printf (name, " [tmdbid-%" G_GINT64_FORMAT "]", media->tmdb_id);
  return forge_file_name (name->str, NULL);
}

static char *
show_folder (const ForgeMedia *series)
{
  g_autofree char *name = title_name (series);

  return g_strconcat (SHOWS "/", name, "/", NULL);
}

char *
forge_strm_path (const ForgeMedia *media, const ForgeMedia *series)
{
  if (media->kind == FORGE_MEDIA_MOVIE) {
    g_autofree char *folder = title_name (media);
    g_autofree char *file = forge_file_name (folder, "strm");
    return g_strconcat (MOVIES "/", folder, "/", file, NULL);
  }
  g_autofree char *folder = show_folder (series);
  g_autofree char *name =
      g_strdup_printf ("%s S%02dE%02d", series->title, media->season, media->number);
  g_autofree char *file = forge_file_name (name, "strm");
  return g_strdup_printf ("%sSeason %02d/%s", folder, media->season, file);
}

/* Two titles whose names differ only in what no file name can hold. (transfer full) */
static char *
free_path (const ForgeStrm *strm, const ForgeMedia *media, const ForgeMedia *series)
{
  char *path = forge_strm_path (media, series);

  if (!g_hash_table_contains (strm->now, path))
    return path;
  g_autofree char *taken = path;
  return g_strdup_printf ("%.*s [%" G_GINT64_FORMAT "].strm",
                          (int)(strlen (taken) - strlen (".strm")),
                          taken,
                          media->id);
}

/* ---- writing ---- */

gboolean
forge_strm_add (ForgeStrm *strm,
                const ForgeMedia *media,
                const ForgeMedia *series,
                const char *url,
                GError **error)
{
  g_autofree char *relative = free_path (strm, media, series);
  g_autofree char *path = g_build_filename (strm->folder, relative, NULL);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *text = g_strconcat (url, "\n", NULL);
  g_autofree char *old = NULL;

  if (g_file_get_contents (path, &old, NULL, NULL) && strcmp (old, text) == 0) {
    strm->counts.unchanged++;
  } else {
    if (g_mkdir_with_parents (folder, FOLDER_MODE) != 0)
      return fail ("Cannot make", folder, error);
    if (!write_file (path, text, error))
      return FALSE;
    strm->counts.written++;
  }
  g_hash_table_add (strm->now, g_steal_pointer (&relative));
  return TRUE;
}

static void
keep_below (ForgeStrm *strm, const char *prefix)
{
  GHashTableIter iter;
  gpointer path;

  g_hash_table_iter_init (&iter, strm->before);
  while (g_hash_table_iter_next (&iter, &path, NULL))
    if (g_str_has_prefix (path, prefix))
      g_hash_table_add (strm->now, g_strdup (path));
}

void
forge_strm_keep (ForgeStrm *strm, const ForgeMedia *series)
{
  g_autofree char *prefix = show_folder (series);

  keep_below (strm, prefix);
}

/* The folders above it too, as far as they are empty. */
static void
remove_file (ForgeStrm *strm, const char *relative)
{
  g_autofree char *path = g_build_filename (strm->folder, relative, NULL);
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL) || !strstr (text, OUR_MARK) ||
      g_unlink (path) != 0)
    return;
  strm->counts.removed++;
  for (char *slash; (slash = strrchr (path, '/')) && strlen (path) > strlen (strm->folder) + 1;) {
    *slash = '\0';
    if (g_rmdir (path) != 0)
      return;
  }
}

gboolean
forge_strm_finish (ForgeStrm *strm,
                   gboolean movies,
                   gboolean series,
                   ForgeStrmCounts *counts,
                   GError **error)
{
  GHashTableIter iter;
  gpointer path;

  if (!movies)
    keep_below (strm, MOVIES "/");
  if (!series)
    keep_below (strm, SHOWS "/");
  g_hash_table_iter_init (&iter, strm->before);
  while (g_hash_table_iter_next (&iter, &path, NULL))
    if (!g_hash_table_contains (strm->now, path))
      remove_file (strm, path);
  *counts = strm->counts;
  return write_list (strm, error);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-server"
#include "config.h"

#include "server/forge-artwork.h"

#include "base/forge-error.h"
#include "net/forge-fetch.h"

#include <glib/gstdio.h>

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define CONNECT_TIMEOUT_MS    3000
#define FIRST_BYTE_TIMEOUT_MS 3000
#define MAX_FAILURES          4096
/* The folder is measured again after so many new files. */
#define FILES_PER_SWEEP 32

struct _ForgeArtwork {
  char *folder;
  GMutex lock; /* guards what follows; not held while something is fetched or read */
  ForgeGuard *guard;
  char *user_agent;
  gboolean verify_tls;
  GHashTable *failures; /* name → monotonic time of the next try, as gint64* */
  guint fetching, new_files;
};

ForgeArtwork *
forge_artwork_new (const char *folder)
{
  ForgeArtwork *artwork = g_new0 (ForgeArtwork, 1);

  artwork->folder = g_strdup (folder);
  artwork->failures = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_mutex_init (&artwork->lock);
  return artwork;
}

void
forge_artwork_free (ForgeArtwork *artwork)
{
  g_clear_pointer (&artwork->guard, forge_guard_unref);
  g_hash_table_unref (artwork->failures);
  g_free (artwork->user_agent);
  g_free (artwork->folder);
  g_mutex_clear (&artwork->lock);
  g_free (artwork);
}

void
forge_artwork_set_source (ForgeArtwork *artwork,
                          ForgeGuard *guard,
                          const char *user_agent,
                          gboolean verify_tls)
{
  g_mutex_lock (&artwork->lock);
  g_clear_pointer (&artwork->guard, forge_guard_unref);
  g_free (artwork->user_agent);
  artwork->guard = forge_guard_ref (guard);
  artwork->user_agent = g_strdup (user_agent);
  artwork->verify_tls = verify_tls;
  g_mutex_unlock (&artwork->lock);
}

/* No SVG: it can hold scripts. */
const char *
forge_artwork_sniff (const void *data, gsize length)
{
  static const struct {
    const char *magic;
    gsize length;
    const char *type;
  } kinds[] = {
    { "\x89PNG\r\n\x1a\n", 8, "image/png" },
    { "\xff\xd8\xff", 3, "image/jpeg" },
    { "GIF87a", 6, "image/gif" },
    { "GIF89a", 6, "image/gif" },
  };
  const char *bytes = data;

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (length > kinds[i].length && memcmp (bytes, kinds[i].magic, kinds[i].length) == 0)
      return kinds[i].type;
  if (length > 12 && memcmp (bytes, "RIFF", 4) == 0 && memcmp (bytes + 8, "WEBP", 4) == 0)
    return "image/webp";
  return NULL;
}

static GBytes *
read_file (const char *path)
{
  char *data;
  gsize length;

  if (!g_file_get_contents (path, &data, &length, NULL))
    return NULL;
  return g_bytes_new_take (data, length);
}

static gboolean
is_fresh (const char *path)
{
  GStatBuf info;

  return g_stat (path, &info) == 0 &&
         g_get_real_time () / G_USEC_PER_SEC - info.st_mtime < FORGE_ARTWORK_FRESH_S;
}

typedef struct {
  char *path;
  gint64 size, time;
} Item;

static void
item_clear (gpointer data)
{
  g_free (((Item *)data)->path);
}

static int
newest_first (gconstpointer a, gconstpointer b)
{
  const Item *left = a, *right = b;

  return left->time < right->time ? 1 : left->time > right->time ? -1 : 0;
}

static GArray *
list_folder (const char *folder)
{
  GArray *items = g_array_new (FALSE, FALSE, sizeof (Item));
  GDir *dir = g_dir_open (folder, 0, NULL);
  const char *name;

  g_array_set_clear_func (items, item_clear);
  while (dir && (name = g_dir_read_name (dir))) {
    Item item = { .path = g_build_filename (folder, name, NULL) };
    GStatBuf info;
    if (g_stat (item.path, &info) == 0) {
      item.size = info.st_size;
      item.time = info.st_mtime;
    }
    g_array_append_val (items, item);
  }
  if (dir)
    g_dir_close (dir);
  return items;
}

/* The oldest go when there is too much. */
static void
sweep (const char *folder)
{
  g_autoptr (GArray) items = list_folder (folder);
  gint64 total = 0;

  g_array_sort (items, newest_first);
  for (guint i = 0; i < items->len; i++) {
    const Item *item = &g_array_index (items, Item, i);
    total += item->size;
    if (total > FORGE_ARTWORK_MAX_TOTAL_BYTES)
      g_unlink (item->path);
  }
}

static void
keep (ForgeArtwork *artwork, const char *path, GBytes *picture)
{
  g_autoptr (GError) error = NULL;
  gsize length;
  const char *data = g_bytes_get_data (picture, &length);

  if (g_mkdir_with_parents (artwork->folder, 0700) != 0 ||
      !g_file_set_contents_full (path,
                                 data,
                                 (gssize)length,
                                 G_FILE_SET_CONTENTS_CONSISTENT,
                                 0600,
                                 &error)) {
    g_debug ("A picture is not kept: %s", error ? error->message : g_strerror (errno));
    return;
  }
  g_mutex_lock (&artwork->lock);
  gboolean is_due = artwork->new_files++ % FILES_PER_SWEEP == 0;
  g_mutex_unlock (&artwork->lock);
  if (is_due)
    sweep (artwork->folder);
}

/* FALSE: not now. TRUE: end_fetch () must follow. */
static gboolean
begin_fetch (ForgeArtwork *artwork, const char *name, ForgeDialOptions *options, GError **error)
{
  const gint64 *next;
  gboolean may = FALSE;

  g_mutex_lock (&artwork->lock);
  next = g_hash_table_lookup (artwork->failures, name);
  if (next && *next > g_get_monotonic_time ())
    g_set_error_literal (error,
                         FORGE_ERROR,
                         FORGE_ERROR_NOT_FOUND,
                         "The picture could not be had a while ago");
  else if (!artwork->guard || artwork->fetching >= FORGE_ARTWORK_MAX_FETCHES)
    g_set_error_literal (error,
                         FORGE_ERROR,
                         FORGE_ERROR_LIMIT,
                         "Enough pictures are being fetched");
  else
    may = TRUE;
  if (may) {
    artwork->fetching++;
    *options = (ForgeDialOptions){ .user_agent = g_strdup (artwork->user_agent),
                                   .guard = forge_guard_ref (artwork->guard),
                                   .verify_tls = artwork->verify_tls,
                                   .connect_timeout_ms = CONNECT_TIMEOUT_MS,
                                   .first_byte_timeout_ms = FIRST_BYTE_TIMEOUT_MS };
  }
  g_mutex_unlock (&artwork->lock);
  return may;
}

static void
end_fetch (ForgeArtwork *artwork, const char *name, ForgeDialOptions *options, gboolean is_done)
{
  gint64 next = g_get_monotonic_time () + FORGE_ARTWORK_RETRY_S * G_USEC_PER_SEC;

  g_mutex_lock (&artwork->lock);
  artwork->fetching--;
  if (g_hash_table_size (artwork->failures) >= MAX_FAILURES)
    g_hash_table_remove_all (artwork->failures);
  if (is_done)
    g_hash_table_remove (artwork->failures, name);
  else
    g_hash_table_replace (artwork->failures, g_strdup (name), g_memdup2 (&next, sizeof next));
  g_mutex_unlock (&artwork->lock);
  g_free ((char *)options->user_agent);
  forge_guard_unref (options->guard);
}

static GBytes *
fetch (const char *url,
       const ForgeDialOptions *options,
       const char **content_type,
       GCancellable *cancellable,
       GError **error)
{
  g_autoptr (GBytes) picture =
      forge_fetch_document (url, options, FORGE_ARTWORK_MAX_BYTES, NULL, cancellable, error);

  if (!picture)
    return NULL;
  if (g_bytes_get_size (picture) > FORGE_ARTWORK_MAX_BYTES) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_TOO_LARGE,
                 "The picture has more than %d bytes",
                 FORGE_ARTWORK_MAX_BYTES);
    return NULL;
  }
  *content_type =
      forge_artwork_sniff (g_bytes_get_data (picture, NULL), g_bytes_get_size (picture));
  if (*content_type)
    return g_steal_pointer (&picture);
  g_set_error_literal (error,
                       FORGE_ERROR,
                       FORGE_ERROR_INVALID,
                       "What came is no picture of a kind that is passed on");
  return NULL;
}

static GBytes *
fetch_and_keep (ForgeArtwork *artwork,
                const char *url,
                const char *name,
                const char *path,
                const char **content_type,
                GCancellable *cancellable,
                GError **error)
{
  ForgeDialOptions options;
  GBytes *picture;

  if (!begin_fetch (artwork, name, &options, error))
    return NULL;
  picture = fetch (url, &options, content_type, cancellable, error);
  end_fetch (artwork, name, &options, picture != NULL || g_cancellable_is_cancelled (cancellable));
  if (picture)
    keep (artwork, path, picture);
  return picture;
}

GBytes *
forge_artwork_get (ForgeArtwork *artwork,
                   const char *url,
                   const char **content_type,
                   GCancellable *cancellable,
                   GError **error)
{
  g_autofree char *name = g_compute_checksum_for_string (G_CHECKSUM_SHA256, url, -1);
  g_autofree char *path = g_build_filename (artwork->folder, name, NULL);
  g_autoptr (GBytes) kept = read_file (path);
  g_autoptr (GError) cause = NULL;
  GBytes *picture;

  *content_type =
      kept ? forge_artwork_sniff (g_bytes_get_data (kept, NULL), g_bytes_get_size (kept)) : NULL;
  if (*content_type && is_fresh (path))
    return g_steal_pointer (&kept);
  const char *type = NULL;
  picture = fetch_and_keep (artwork, url, name, path, &type, cancellable, &cause);
  if (picture) {
    *content_type = type;
    return picture;
  }
  if (*content_type)
    return g_steal_pointer (&kept);
  g_propagate_error (error, g_steal_pointer (&cause));
  return NULL;
}

gboolean
forge_artwork_may_redirect (ForgeArtwork *artwork, const char *url)
{
  gboolean may;

  g_mutex_lock (&artwork->lock);
  may = artwork->guard && forge_guard_check_url (artwork->guard, url, NULL);
  g_mutex_unlock (&artwork->lock);
  return may;
}

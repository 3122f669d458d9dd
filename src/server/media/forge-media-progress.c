/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "server/media/forge-media-progress.h"

#include <string.h>

struct _ForgeMediaProgress {
  _Atomic uint64_t sent;
  int state; /* ForgeMediaProgressState, atomic */
  gint64 first, total;
};

struct _ForgeMediaProgressBook {
  GMutex lock;
  GHashTable *entries; /* "client\nname" → ForgeMediaProgress* */
};

const char *
forge_media_progress_state_name (ForgeMediaProgressState state)
{
  static const char *const names[] = { "active", "done", "stopped", "failed" };

  return names[state];
}

static void
progress_unref (gpointer progress)
{
  g_atomic_rc_box_release (progress);
}

ForgeMediaProgressBook *
forge_media_progress_book_new (void)
{
  ForgeMediaProgressBook *book = g_new0 (ForgeMediaProgressBook, 1);

  g_mutex_init (&book->lock);
  book->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, progress_unref);
  return book;
}

void
forge_media_progress_book_free (ForgeMediaProgressBook *book)
{
  g_hash_table_unref (book->entries);
  g_mutex_clear (&book->lock);
  g_free (book);
}

static gboolean
is_name (const char *name)
{
  gsize length = name ? strlen (name) : 0;

  if (length == 0 || length > FORGE_MEDIA_MAX_PROGRESS_NAME)
    return FALSE;
  for (; *name; name++)
    if (!g_ascii_isalnum (*name) && *name != '-')
      return FALSE;
  return TRUE;
}

static char *
make_key (const char *client, const char *name)
{
  return g_strconcat (client, "\n", name, NULL);
}

static gboolean
has_ended (gpointer key, gpointer value, gpointer unused)
{
  ForgeMediaProgress *progress = value;

  return g_atomic_int_get (&progress->state) != FORGE_MEDIA_PROGRESS_ACTIVE;
}

ForgeMediaProgress *
forge_media_progress_begin (ForgeMediaProgressBook *book,
                            const char *client,
                            const char *name,
                            gint64 first,
                            gint64 total)
{
  ForgeMediaProgress *progress = NULL;

  if (!is_name (name))
    return NULL;
  g_mutex_lock (&book->lock);
  if (g_hash_table_size (book->entries) >= FORGE_MEDIA_MAX_PROGRESS)
    g_hash_table_foreach_remove (book->entries, has_ended, NULL);
  if (g_hash_table_size (book->entries) < FORGE_MEDIA_MAX_PROGRESS) {
    progress = g_atomic_rc_box_new0 (ForgeMediaProgress);
    progress->first = first;
    progress->total = total;
    g_hash_table_insert (book->entries,
                         make_key (client, name),
                         g_atomic_rc_box_acquire (progress));
  }
  g_mutex_unlock (&book->lock);
  return progress;
}

_Atomic uint64_t *
forge_media_progress_counter (ForgeMediaProgress *progress)
{
  return progress ? &progress->sent : NULL;
}

void
forge_media_progress_end (ForgeMediaProgress *progress, ForgeMediaProgressState state)
{
  if (!progress)
    return;
  g_atomic_int_set (&progress->state, (int)state);
  progress_unref (progress);
}

gboolean
forge_media_progress_look (ForgeMediaProgressBook *book,
                           const char *client,
                           const char *name,
                           ForgeMediaProgressView *view)
{
  g_autofree char *key = make_key (client, name);

  g_mutex_lock (&book->lock);
  ForgeMediaProgress *progress = g_hash_table_lookup (book->entries, key);
  if (progress) {
    view->state = (ForgeMediaProgressState)g_atomic_int_get (&progress->state);
    /* A figure for a person: nothing else hangs on it. */
    view->bytes = progress->first +
                  (gint64)atomic_load_explicit (&progress->sent, memory_order_relaxed);
    view->total = progress->total;
  }
  g_mutex_unlock (&book->lock);
  return progress != NULL;
}

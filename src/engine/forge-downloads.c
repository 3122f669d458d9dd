/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-engine"

#include "config.h"

#include "engine/forge-downloads.h"

#include "base/forge-error.h"
#include "base/forge-role.h"
#include "engine/forge-download-make.h"
#include "engine/forge-download-run.h"
#include "store/forge-store-downloads.h"

#include <glib/gstdio.h>

#define RETRY_US (5 * G_USEC_PER_SEC) /* what waits for a connection asks again */
/* How often progress goes to the store: a crash costs a little of the figure, never of the file. */
#define SAVE_US (5 * G_USEC_PER_SEC)

/* Speed: over a second, smoothed, because one second jumps about; forgotten when nothing comes. */
#define SPEED_US     G_USEC_PER_SEC
#define SPEED_OLD_US (5 * G_USEC_PER_SEC)
#define NEW_SHARE    0.3

typedef struct {
  ForgeDownload *download;
  GCancellable *cancellable; /* of its run; NULL = it does not run */
  gint64 due_us;             /* waiting: not before */
  gint64 saved_us;
  gint64 speed_us, speed_bytes; /* at the last look; 0 = none yet */
} Entry;

struct _ForgeDownloads {
  ForgeEngine *engine;
  GMutex adding; /* one after the other: each name must be free; held before `lock` */
  GMutex lock;   /* guards all below; never held during I/O */
  GCond changed;
  GPtrArray *list; /* of Entry*, in the order of the queue */
  guint running;
  gboolean is_stopping;
  GThread *threads[FORGE_MAX_DOWNLOADS_AT_ONCE]; /* started with the first download */
};

static Entry *
entry_new (ForgeDownload *download)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->download = download;
  return entry;
}

static void
entry_free (Entry *entry)
{
  forge_download_free (entry->download);
  g_clear_object (&entry->cancellable);
  g_free (entry);
}

static Entry *
find (ForgeDownloads *downloads, gint64 id)
{
  for (guint i = 0; i < downloads->list->len; i++) {
    Entry *entry = g_ptr_array_index (downloads->list, i);
    if (entry->download->id == id)
      return entry;
  }
  return NULL;
}

static void
set_problem (ForgeDownload *download, const char *text)
{
  g_free (download->problem);
  download->problem = g_strdup (text);
}

/* ---- the threads ---- */

static guint
read_limit (ForgeDownloads *downloads)
{
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (downloads->engine);

  return (guint)forge_settings_int (snapshot->settings, "downloads_at_once");
}

/* With the lock held, as all of these. The first in the queue, else the first that waited enough.
 */
static Entry *
next_entry (ForgeDownloads *downloads)
{
  gint64 now_us = g_get_monotonic_time ();
  Entry *waiting = NULL;

  for (guint i = 0; i < downloads->list->len; i++) {
    Entry *entry = g_ptr_array_index (downloads->list, i);
    if (entry->cancellable)
      continue;
    if (entry->download->state == FORGE_DOWNLOAD_QUEUED)
      return entry;
    if (entry->download->state == FORGE_DOWNLOAD_WAITING && entry->due_us <= now_us && !waiting)
      waiting = entry;
  }
  return waiting;
}

static gboolean
has_open (ForgeDownloads *downloads)
{
  for (guint i = 0; i < downloads->list->len; i++) {
    const Entry *entry = g_ptr_array_index (downloads->list, i);
    if (entry->download->state == FORGE_DOWNLOAD_QUEUED ||
        entry->download->state == FORGE_DOWNLOAD_WAITING)
      return TRUE;
  }
  return FALSE;
}

/* The setting may change meanwhile and times pass: with something to do it looks again by itself.
 */
static void
wait_for_change (ForgeDownloads *downloads)
{
  if (has_open (downloads))
    g_cond_wait_until (&downloads->changed, &downloads->lock, g_get_monotonic_time () + RETRY_US);
  else
    g_cond_wait (&downloads->changed, &downloads->lock);
}

/* What waits goes on to be shown as waiting until a byte has come. */
static void
begin_run (ForgeDownloads *downloads, Entry *entry)
{
  if (entry->download->state == FORGE_DOWNLOAD_QUEUED) {
    entry->download->state = FORGE_DOWNLOAD_ACTIVE;
    set_problem (entry->download, NULL);
  }
  entry->cancellable = g_cancellable_new ();
  entry->speed_us = 0;
  downloads->running++;
}

/* Without the lock. Returns a copy of what to do next (transfer full), NULL at the end. */
static ForgeDownload *
take_next (ForgeDownloads *downloads, GCancellable **cancellable)
{
  ForgeDownload *copy = NULL;
  gboolean is_stopping = FALSE;

  while (!copy && !is_stopping) {
    guint limit = read_limit (downloads);
    g_mutex_lock (&downloads->lock);
    Entry *entry = downloads->running < limit ? next_entry (downloads) : NULL;
    is_stopping = downloads->is_stopping;
    if (is_stopping) {
      /* nothing is begun any more */
    } else if (entry) {
      begin_run (downloads, entry);
      *cancellable = g_object_ref (entry->cancellable);
      copy = forge_download_copy (entry->download);
    } else {
      wait_for_change (downloads);
    }
    g_mutex_unlock (&downloads->lock);
  }
  return copy;
}

static void
save (const ForgeDownload *download, ForgeStore *store)
{
  g_autoptr (GError) error = NULL;

  if (!forge_store_save_download (store, download, &error))
    g_message ("A download could not be noted: %s", error->message);
}

static void
note_speed (Entry *entry, gint64 now_us)
{
  ForgeDownload *download = entry->download;
  gint64 passed_us = now_us - entry->speed_us;

  if (entry->speed_us && passed_us < SPEED_US)
    return;
  if (!entry->speed_us || download->bytes < entry->speed_bytes) {
    download->bytes_per_s = 0;
  } else {
    double rate = (double)(download->bytes - entry->speed_bytes) * G_USEC_PER_SEC /
                  (double)passed_us;
    double before = (double)download->bytes_per_s;
    download->bytes_per_s = (gint64)(before > 0 ? before + (rate - before) * NEW_SHARE : rate);
  }
  entry->speed_us = now_us;
  entry->speed_bytes = download->bytes;
}

static void
note_progress (Entry *entry, gint64 bytes, gint64 total)
{
  ForgeDownload *download = entry->download;

  download->bytes = bytes;
  download->total = total;
  if (download->state == FORGE_DOWNLOAD_WAITING) {
    download->state = FORGE_DOWNLOAD_ACTIVE;
    set_problem (download, NULL);
  }
  note_speed (entry, g_get_monotonic_time ());
}

typedef struct {
  ForgeDownloads *downloads;
  ForgeStore *store;
  gint64 id;
} Progress;

static void
on_progress (gint64 bytes, gint64 total, gpointer user_data)
{
  Progress *progress = user_data;
  ForgeDownloads *downloads = progress->downloads;
  g_autoptr (ForgeDownload) copy = NULL;

  g_mutex_lock (&downloads->lock);
  Entry *entry = find (downloads, progress->id);
  if (entry) {
    note_progress (entry, bytes, total);
    if (g_get_monotonic_time () - entry->saved_us > SAVE_US) {
      copy = forge_download_copy (entry->download);
      entry->saved_us = g_get_monotonic_time ();
    }
  }
  g_mutex_unlock (&downloads->lock);
  if (copy)
    save (copy, progress->store);
}

static void
report (ForgeDownloads *downloads, const ForgeDownload *download)
{
  ForgeEventLog *log = downloads->engine->events;
  g_autofree char *text = NULL;

  if (download->state == FORGE_DOWNLOAD_DONE)
    text = g_strdup_printf ("“%s” was downloaded", download->title);
  else if (download->state == FORGE_DOWNLOAD_FAILED)
    text = g_strdup_printf ("“%s” could not be downloaded", download->title);
  else
    return;
  forge_event_log_add (download->state == FORGE_DOWNLOAD_DONE ? FORGE_LOG_INFO : FORGE_LOG_WARNING,
                       FORGE_EVENT_LIBRARY,
                       text,
                       download->problem,
                       log);
}

static ForgeDownloadState
state_after (ForgeDownloadEnd end, ForgeDownloadState now)
{
  gboolean was_ours = now == FORGE_DOWNLOAD_ACTIVE || now == FORGE_DOWNLOAD_WAITING;

  switch (end) {
  case FORGE_DOWNLOAD_ENDED_DONE:
    return FORGE_DOWNLOAD_DONE;
  case FORGE_DOWNLOAD_ENDED_FAILED:
    return FORGE_DOWNLOAD_FAILED;
  case FORGE_DOWNLOAD_ENDED_WAITS:
    return was_ours ? FORGE_DOWNLOAD_WAITING : now;
  case FORGE_DOWNLOAD_ENDED_STOPPED:
  default:
    /* Whoever stopped it said what it is now; at the end of the program it is next again. */
    return was_ours ? FORGE_DOWNLOAD_QUEUED : now;
  }
}

/* A connection may have come free: what waits for one need not wait on. */
static void
make_all_due (ForgeDownloads *downloads)
{
  for (guint i = 0; i < downloads->list->len; i++)
    ((Entry *)g_ptr_array_index (downloads->list, i))->due_us = 0;
}

static void
note_end (Entry *entry, ForgeDownloadEnd end, const GError *error, gint64 wall_s)
{
  ForgeDownload *download = entry->download;

  g_clear_object (&entry->cancellable);
  download->state = state_after (end, download->state);
  download->bytes_per_s = 0;
  set_problem (download, end == FORGE_DOWNLOAD_ENDED_STOPPED || !error ? NULL : error->message);
  if (download->state == FORGE_DOWNLOAD_DONE)
    download->finished = wall_s;
  if (end == FORGE_DOWNLOAD_ENDED_WAITS)
    entry->due_us = g_get_monotonic_time () + RETRY_US;
}

/* Returns a copy of what it is now (transfer full); NULL if it was removed meanwhile. */
static ForgeDownload *
end_run (ForgeDownloads *downloads, gint64 id, ForgeDownloadEnd end, const GError *error)
{
  gint64 wall_s = forge_clock_wall_s (downloads->engine->clock);
  ForgeDownload *copy = NULL;

  g_mutex_lock (&downloads->lock);
  downloads->running--;
  if (end != FORGE_DOWNLOAD_ENDED_WAITS)
    make_all_due (downloads);
  Entry *entry = find (downloads, id);
  if (entry) {
    note_end (entry, end, error, wall_s);
    copy = forge_download_copy (entry->download);
  }
  g_cond_broadcast (&downloads->changed);
  g_mutex_unlock (&downloads->lock);
  return copy;
}

static void
run_with_store (ForgeDownloads *downloads,
                ForgeStore *store,
                const ForgeDownload *download,
                GCancellable *cancellable)
{
  Progress progress = { .downloads = downloads, .store = store, .id = download->id };
  const ForgeDownloadRun run = { .engine = downloads->engine,
                                 .store = store,
                                 .cancellable = cancellable,
                                 .on_progress = on_progress,
                                 .user_data = &progress };
  g_autoptr (GError) error = NULL;

  if (download->state == FORGE_DOWNLOAD_ACTIVE)
    save (download, store);
  ForgeDownloadEnd end = forge_download_run (&run, download, &error);
  g_autoptr (ForgeDownload) now = end_run (downloads, download->id, end, error);
  if (!now)
    return;
  if (now->state != download->state || now->bytes != download->bytes)
    save (now, store);
  report (downloads, now);
}

static gpointer
download_thread (gpointer user_data)
{
  ForgeDownloads *downloads = user_data;
  GCancellable *cancellable = NULL;
  ForgeDownload *next;

  forge_role_enter (FORGE_ROLE_JOB);
  while ((next = take_next (downloads, &cancellable))) {
    g_autoptr (GError) error = NULL;
    ForgeStore *store = forge_store_pool_take (downloads->engine->stores, &error);
    if (store) {
      run_with_store (downloads, store, next, cancellable);
      forge_store_pool_give (downloads->engine->stores, store);
    } else {
      forge_download_free (end_run (downloads, next->id, FORGE_DOWNLOAD_ENDED_FAILED, error));
    }
    forge_download_free (next);
    g_clear_object (&cancellable);
  }
  return NULL;
}

/* With the lock held: something may be begun. All threads at once; those that the setting does not
 * allow to work sleep. */
static void
wake (ForgeDownloads *downloads)
{
  for (guint i = 0; i < G_N_ELEMENTS (downloads->threads); i++)
    if (!downloads->threads[i] && !downloads->is_stopping)
      downloads->threads[i] = g_thread_new ("downloads", download_thread, downloads);
  g_cond_broadcast (&downloads->changed);
}

/* ---- life ---- */

/* What the program's end cut off goes on by itself. */
static void
take_up (ForgeDownloads *downloads, ForgeDownload *download)
{
  if (download->state == FORGE_DOWNLOAD_ACTIVE)
    download->state = FORGE_DOWNLOAD_QUEUED;
  g_ptr_array_add (downloads->list, entry_new (download));
}

ForgeDownloads *
forge_downloads_new (ForgeEngine *engine, ForgeStore *store, GError **error)
{
  g_autoptr (GPtrArray) stored = forge_store_list_downloads (store, error);

  if (!stored)
    return NULL;
  ForgeDownloads *downloads = g_new0 (ForgeDownloads, 1);
  downloads->engine = engine;
  downloads->list = g_ptr_array_new_with_free_func ((GDestroyNotify)entry_free);
  g_mutex_init (&downloads->adding);
  g_mutex_init (&downloads->lock);
  g_cond_init (&downloads->changed);
  for (guint i = 0; i < stored->len; i++)
    take_up (downloads, forge_download_copy (g_ptr_array_index (stored, i)));
  g_mutex_lock (&downloads->lock);
  if (has_open (downloads))
    wake (downloads);
  g_mutex_unlock (&downloads->lock);
  return downloads;
}

static void
cancel_all (ForgeDownloads *downloads)
{
  g_autoptr (GPtrArray) running = g_ptr_array_new_with_free_func (g_object_unref);

  g_mutex_lock (&downloads->lock);
  downloads->is_stopping = TRUE;
  for (guint i = 0; i < downloads->list->len; i++) {
    const Entry *entry = g_ptr_array_index (downloads->list, i);
    if (entry->cancellable)
      g_ptr_array_add (running, g_object_ref (entry->cancellable));
  }
  g_cond_broadcast (&downloads->changed);
  g_mutex_unlock (&downloads->lock);
  for (guint i = 0; i < running->len; i++)
    g_cancellable_cancel (g_ptr_array_index (running, i));
}

void
forge_downloads_stop (ForgeDownloads *downloads)
{
  cancel_all (downloads);
  for (guint i = 0; i < G_N_ELEMENTS (downloads->threads); i++)
    if (downloads->threads[i])
      g_thread_join (g_steal_pointer (&downloads->threads[i]));
}

void
forge_downloads_free (ForgeDownloads *downloads)
{
  forge_downloads_stop (downloads);
  g_ptr_array_unref (downloads->list);
  g_mutex_clear (&downloads->adding);
  g_mutex_clear (&downloads->lock);
  g_cond_clear (&downloads->changed);
  g_free (downloads);
}

/* ---- what a person does ---- */

/* With the lock held. */
static ForgeDownload *
copy_entry (const Entry *entry)
{
  ForgeDownload *copy = forge_download_copy (entry->download);

  if (g_get_monotonic_time () - entry->speed_us > SPEED_OLD_US)
    copy->bytes_per_s = 0;
  return copy;
}

GPtrArray *
forge_downloads_list (ForgeDownloads *downloads)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)forge_download_free);

  g_mutex_lock (&downloads->lock);
  for (guint i = 0; i < downloads->list->len; i++)
    g_ptr_array_add (list, copy_entry (g_ptr_array_index (downloads->list, i)));
  g_mutex_unlock (&downloads->lock);
  return list;
}

/* With the lock held. */
static Entry *
find_open (ForgeDownloads *downloads, const ForgeDownload *wanted)
{
  for (guint i = 0; i < downloads->list->len; i++) {
    Entry *entry = g_ptr_array_index (downloads->list, i);
    const ForgeDownload *there = entry->download;
    if (there->kind == wanted->kind && there->media_id == wanted->media_id &&
        there->state != FORGE_DOWNLOAD_DONE)
      return entry;
  }
  return NULL;
}

static gboolean
may_add (ForgeDownloads *downloads, const ForgeDownload *wanted, GError **error)
{
  g_mutex_lock (&downloads->lock);
  gboolean has_room = downloads->list->len < FORGE_MAX_DOWNLOADS;
  gboolean is_open = find_open (downloads, wanted) != NULL;
  g_mutex_unlock (&downloads->lock);
  if (!has_room)
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_LIMIT,
                 "There are %d downloads; remove finished ones first",
                 FORGE_MAX_DOWNLOADS);
  else if (is_open)
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "“%s” is on its way already",
                 wanted->title);
  return has_room && !is_open;
}

/* Those of the list, finished or not. (transfer full) */
static GHashTable *
list_paths (ForgeDownloads *downloads)
{
  GHashTable *paths = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  g_mutex_lock (&downloads->lock);
  for (guint i = 0; i < downloads->list->len; i++) {
    const Entry *entry = g_ptr_array_index (downloads->list, i);
    g_hash_table_add (paths, g_strdup (entry->download->path));
  }
  g_mutex_unlock (&downloads->lock);
  return paths;
}

gint64
forge_downloads_add (ForgeDownloads *downloads,
                     ForgeStore *store,
                     ForgeMediaKind kind,
                     gint64 media_id,
                     GError **error)
{
  g_autoptr (ForgeDownload) download = NULL;
  gint64 id = 0;

  g_mutex_lock (&downloads->adding);
  g_autoptr (GHashTable) taken = list_paths (downloads);
  download = forge_download_make (downloads->engine, store, kind, media_id, taken, error);
  if (download && may_add (downloads, download, error))
    id = download->id = forge_store_add_download (store, download, error);
  if (id) {
    g_mutex_lock (&downloads->lock);
    g_ptr_array_add (downloads->list, entry_new (g_steal_pointer (&download)));
    wake (downloads);
    g_mutex_unlock (&downloads->lock);
  }
  g_mutex_unlock (&downloads->adding);
  return id;
}

static gboolean
not_found (gint64 id, GError **error)
{
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_NOT_FOUND,
               "There is no download %" G_GINT64_FORMAT,
               id);
  return FALSE;
}

/* With the lock held: waits until its thread let go of it. Returns it, NULL if it was removed
 * meanwhile. */
static Entry *
cut_off (ForgeDownloads *downloads, gint64 id)
{
  Entry *entry = find (downloads, id);
  g_autoptr (GCancellable) cancellable = NULL;

  if (!entry || !entry->cancellable)
    return entry;
  cancellable = g_object_ref (entry->cancellable);
  g_mutex_unlock (&downloads->lock);
  g_cancellable_cancel (cancellable);
  g_mutex_lock (&downloads->lock);
  while ((entry = find (downloads, id)) && entry->cancellable)
    g_cond_wait (&downloads->changed, &downloads->lock);
  return entry;
}

/* With the lock held. What runs already need not be put in the queue. */
static Entry *
set_state (ForgeDownloads *downloads, Entry *entry, ForgeDownloadState state)
{
  gint64 id = entry->download->id;

  if (state != FORGE_DOWNLOAD_PAUSED && entry->cancellable)
    return entry;
  entry->download->state = state;
  entry->due_us = 0;
  if (state == FORGE_DOWNLOAD_PAUSED)
    return cut_off (downloads, id);
  wake (downloads);
  return entry;
}

/* Gives it a new state and returns a copy to be saved (transfer full). */
static ForgeDownload *
change_state (ForgeDownloads *downloads, gint64 id, ForgeDownloadState state, GError **error)
{
  ForgeDownload *copy = NULL;

  g_mutex_lock (&downloads->lock);
  Entry *entry = find (downloads, id);
  if (!entry)
    not_found (id, error);
  else if (entry->download->state == FORGE_DOWNLOAD_DONE)
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "“%s” is finished",
                 entry->download->title);
  else if ((entry = set_state (downloads, entry, state)))
    copy = forge_download_copy (entry->download);
  g_mutex_unlock (&downloads->lock);
  return copy;
}

static gboolean
change_and_save (ForgeDownloads *downloads,
                 ForgeStore *store,
                 gint64 id,
                 ForgeDownloadState state,
                 GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (ForgeDownload) now = change_state (downloads, id, state, &failure);

  if (failure) {
    g_propagate_error (error, g_steal_pointer (&failure));
    return FALSE;
  }
  return !now || forge_store_save_download (store, now, error);
}

gboolean
forge_downloads_pause (ForgeDownloads *downloads, ForgeStore *store, gint64 id, GError **error)
{
  return change_and_save (downloads, store, id, FORGE_DOWNLOAD_PAUSED, error);
}

gboolean
forge_downloads_resume (ForgeDownloads *downloads, ForgeStore *store, gint64 id, GError **error)
{
  return change_and_save (downloads, store, id, FORGE_DOWNLOAD_QUEUED, error);
}

/* Takes it out of the list. (transfer full), NULL: there is none. */
static ForgeDownload *
take_out (ForgeDownloads *downloads, gint64 id)
{
  ForgeDownload *copy = NULL;

  g_mutex_lock (&downloads->lock);
  Entry *entry = find (downloads, id);
  if (entry && entry->download->state != FORGE_DOWNLOAD_DONE)
    entry = set_state (downloads, entry, FORGE_DOWNLOAD_PAUSED);
  if (entry) {
    copy = forge_download_copy (entry->download);
    g_ptr_array_remove (downloads->list, entry);
  }
  g_mutex_unlock (&downloads->lock);
  return copy;
}

gboolean
forge_downloads_remove (ForgeDownloads *downloads, ForgeStore *store, gint64 id, GError **error)
{
  g_autoptr (ForgeDownload) download = take_out (downloads, id);

  if (!download)
    return not_found (id, error);
  if (download->state != FORGE_DOWNLOAD_DONE) {
    g_autofree char *part = g_strconcat (download->path, FORGE_DOWNLOAD_PART_SUFFIX, NULL);
    g_unlink (part);
  }
  return forge_store_remove_download (store, id, error);
}

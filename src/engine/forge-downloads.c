/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-engine"

#include "config.h"

#include "engine/forge-downloads.h"

#include "base/forge-error.h"
#include "base/forge-role.h"
#include "engine/forge-download-run.h"
#include "library/forge-download-file.h"
#include "store/forge-store-downloads.h"
#include "store/forge-store-library.h"

#include <glib/gstdio.h>

#define WAIT_US (10 * G_USEC_PER_SEC)
/* How often progress goes to the store: a crash costs a little of the figure, never of the file. */
#define SAVE_US (5 * G_USEC_PER_SEC)

struct _ForgeDownloads {
  ForgeEngine *engine;
  GThread *thread;
  GMutex lock; /* guards all below; never held during I/O */
  GCond changed;
  GPtrArray *list;           /* of ForgeDownload* */
  gint64 running;            /* id, 0 = none */
  GCancellable *cancellable; /* of what runs */
  gboolean is_stopping;
  gint64 saved_us; /* the thread's own */
};

static ForgeDownload *
find (ForgeDownloads *downloads, gint64 id)
{
  for (guint i = 0; i < downloads->list->len; i++) {
    ForgeDownload *download = g_ptr_array_index (downloads->list, i);
    if (download->id == id)
      return download;
  }
  return NULL;
}

static void
set_problem (ForgeDownload *download, const char *text)
{
  g_free (download->problem);
  download->problem = g_strdup (text);
}

/* ---- the thread ---- */

/* With the lock held. The first one in the queue, else the first that waits if it waited enough. */
static ForgeDownload *
next_download (ForgeDownloads *downloads, gboolean with_waiting)
{
  ForgeDownload *waiting = NULL;

  for (guint i = 0; i < downloads->list->len; i++) {
    ForgeDownload *download = g_ptr_array_index (downloads->list, i);
    if (download->state == FORGE_DOWNLOAD_QUEUED)
      return download;
    if (download->state == FORGE_DOWNLOAD_WAITING && !waiting)
      waiting = download;
  }
  return with_waiting ? waiting : NULL;
}

static gboolean
has_waiting (ForgeDownloads *downloads)
{
  return next_download (downloads, TRUE) != NULL;
}

/* Returns a copy of what to do next (transfer full), NULL at the end. */
static ForgeDownload *
take_next (ForgeDownloads *downloads)
{
  ForgeDownload *next = NULL;
  gboolean is_due = FALSE;

  while (!downloads->is_stopping && !(next = next_download (downloads, is_due))) {
    if (has_waiting (downloads))
      is_due = !g_cond_wait_until (&downloads->changed,
                                   &downloads->lock,
                                   g_get_monotonic_time () + WAIT_US);
    else
      g_cond_wait (&downloads->changed, &downloads->lock);
  }
  if (downloads->is_stopping)
    return NULL;
  next->state = FORGE_DOWNLOAD_ACTIVE;
  set_problem (next, NULL);
  downloads->running = next->id;
  g_set_object (&downloads->cancellable, NULL);
  downloads->cancellable = g_cancellable_new ();
  return forge_download_copy (next);
}

static void
save (ForgeDownloads *downloads, ForgeStore *store, const ForgeDownload *download)
{
  g_autoptr (GError) error = NULL;

  if (!forge_store_save_download (store, download, &error))
    g_message ("A download could not be noted: %s", error->message);
  downloads->saved_us = g_get_monotonic_time ();
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
  ForgeDownload *download = find (downloads, progress->id);
  if (download) {
    download->bytes = bytes;
    download->total = total;
    if (g_get_monotonic_time () - downloads->saved_us > SAVE_US)
      copy = forge_download_copy (download);
  }
  g_mutex_unlock (&downloads->lock);
  if (copy)
    save (downloads, progress->store, copy);
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
  switch (end) {
  case FORGE_DOWNLOAD_ENDED_DONE:
    return FORGE_DOWNLOAD_DONE;
  case FORGE_DOWNLOAD_ENDED_FAILED:
    return FORGE_DOWNLOAD_FAILED;
  case FORGE_DOWNLOAD_ENDED_WAITS:
    return now == FORGE_DOWNLOAD_ACTIVE ? FORGE_DOWNLOAD_WAITING : now;
  case FORGE_DOWNLOAD_ENDED_STOPPED:
  default:
    /* Whoever stopped it said what it is now; at the end of the program it is next again. */
    return now == FORGE_DOWNLOAD_ACTIVE ? FORGE_DOWNLOAD_QUEUED : now;
  }
}

/* Returns a copy of what it is now (transfer full); NULL if it was removed meanwhile. */
static ForgeDownload *
end_run (ForgeDownloads *downloads, gint64 id, ForgeDownloadEnd end, const GError *error)
{
  g_autoptr (ForgeDownload) copy = NULL;

  g_mutex_lock (&downloads->lock);
  downloads->running = 0;
  ForgeDownload *download = find (downloads, id);
  if (download) {
    download->state = state_after (end, download->state);
    set_problem (download, end == FORGE_DOWNLOAD_ENDED_STOPPED || !error ? NULL : error->message);
    if (download->state == FORGE_DOWNLOAD_DONE)
      download->finished = forge_clock_wall_s (downloads->engine->clock);
    copy = forge_download_copy (download);
  }
  g_cond_broadcast (&downloads->changed);
  g_mutex_unlock (&downloads->lock);
  return g_steal_pointer (&copy);
}

static void
run_with_store (ForgeDownloads *downloads, ForgeStore *store, const ForgeDownload *download)
{
  Progress progress = { .downloads = downloads, .store = store, .id = download->id };
  const ForgeDownloadRun run = { .engine = downloads->engine,
                                 .store = store,
                                 .cancellable = downloads->cancellable,
                                 .on_progress = on_progress,
                                 .user_data = &progress };
  g_autoptr (GError) error = NULL;

  save (downloads, store, download);
  ForgeDownloadEnd end = forge_download_run (&run, download, &error);
  g_autoptr (ForgeDownload) now = end_run (downloads, download->id, end, error);
  if (!now)
    return;
  save (downloads, store, now);
  report (downloads, now);
}

static gpointer
download_thread (gpointer user_data)
{
  ForgeDownloads *downloads = user_data;
  ForgeDownload *next;

  forge_role_enter (FORGE_ROLE_JOB);
  for (;;) {
    g_autoptr (GError) error = NULL;
    g_mutex_lock (&downloads->lock);
    next = take_next (downloads);
    g_mutex_unlock (&downloads->lock);
    if (!next)
      return NULL;
    ForgeStore *store = forge_store_pool_take (downloads->engine->stores, &error);
    if (store) {
      run_with_store (downloads, store, next);
      forge_store_pool_give (downloads->engine->stores, store);
    } else {
      forge_download_free (end_run (downloads, next->id, FORGE_DOWNLOAD_ENDED_FAILED, error));
    }
    forge_download_free (next);
  }
}

/* ---- life ---- */

/* What the program's end cut off goes on by itself. */
static void
take_up (ForgeDownload *download)
{
  if (download->state == FORGE_DOWNLOAD_ACTIVE)
    download->state = FORGE_DOWNLOAD_QUEUED;
}

ForgeDownloads *
forge_downloads_new (ForgeEngine *engine, ForgeStore *store, GError **error)
{
  GPtrArray *list = forge_store_list_downloads (store, error);
  ForgeDownloads *downloads;

  if (!list)
    return NULL;
  for (guint i = 0; i < list->len; i++)
    take_up (g_ptr_array_index (list, i));
  downloads = g_new0 (ForgeDownloads, 1);
  downloads->engine = engine;
  downloads->list = list;
  g_mutex_init (&downloads->lock);
  g_cond_init (&downloads->changed);
  downloads->thread = g_thread_new ("downloads", download_thread, downloads);
  return downloads;
}

void
forge_downloads_stop (ForgeDownloads *downloads)
{
  g_autoptr (GCancellable) cancellable = NULL;

  if (!downloads->thread)
    return;
  g_mutex_lock (&downloads->lock);
  downloads->is_stopping = TRUE;
  g_set_object (&cancellable, downloads->cancellable);
  g_cond_broadcast (&downloads->changed);
  g_mutex_unlock (&downloads->lock);
  if (cancellable)
    g_cancellable_cancel (cancellable);
  g_thread_join (g_steal_pointer (&downloads->thread));
}

void
forge_downloads_free (ForgeDownloads *downloads)
{
  forge_downloads_stop (downloads);
  g_clear_object (&downloads->cancellable);
  g_ptr_array_unref (downloads->list);
  g_mutex_clear (&downloads->lock);
  g_cond_clear (&downloads->changed);
  g_free (downloads);
}

/* ---- what a person does ---- */

static gpointer
copy_download (gconstpointer download, gpointer unused)
{
  return forge_download_copy (download);
}

GPtrArray *
forge_downloads_list (ForgeDownloads *downloads)
{
  g_mutex_lock (&downloads->lock);
  GPtrArray *copy = g_ptr_array_copy (downloads->list, copy_download, NULL);
  g_mutex_unlock (&downloads->lock);
  g_ptr_array_set_free_func (copy, (GDestroyNotify)forge_download_free);
  return copy;
}

static char *
title_of (const ForgeMedia *media)
{
  if (media->kind != FORGE_MEDIA_EPISODE)
    return media->year ? g_strdup_printf ("%s (%d)", media->title, media->year)
                       : g_strdup (media->title);
  return g_strdup_printf ("%s S%02dE%02d%s%s",
                          media->series_title ? media->series_title : "",
                          media->season,
                          media->number,
                          media->title ? " " : "",
                          media->title ? media->title : "");
}

static char *
download_folder (ForgeEngine *engine)
{
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (engine);
  const char *chosen = forge_settings_text (snapshot->settings, "download_dir");
  const char *usual = g_get_user_special_dir (G_USER_DIRECTORY_DOWNLOAD);

  if (*chosen)
    return g_strdup (chosen);
  /* A user without the desktop's folders has none by that name. */
  return usual ? g_strdup (usual) : g_build_filename (g_get_home_dir (), "Downloads", NULL);
}

static ForgeDownload *
make_download (ForgeDownloads *downloads,
               ForgeStore *store,
               ForgeMediaKind kind,
               gint64 media_id,
               GError **error)
{
  g_autoptr (ForgeMedia) media = forge_store_get_media (store, kind, media_id, error);
  g_autoptr (GPtrArray) sources = media ? forge_store_media_sources (store, kind, media->id, error)
                                        : NULL;
  g_autofree char *folder = download_folder (downloads->engine);

  if (!sources)
    return NULL;
  if (sources->len == 0) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_NOT_FOUND,
                 "No account has “%s” now",
                 media->title);
    return NULL;
  }
  const ForgeMediaSource *source = g_ptr_array_index (sources, 0);
  ForgeDownload *download = forge_download_new ();
  download->kind = kind;
  download->media_id = media->id;
  download->title = title_of (media);
  download->path = forge_download_file_name (folder, download->title, source->extension);
  download->added = forge_clock_wall_s (downloads->engine->clock);
  return download;
}

/* With the lock held. */
static gboolean
may_add (ForgeDownloads *downloads, const ForgeDownload *wanted, GError **error)
{
  if (downloads->list->len >= FORGE_MAX_DOWNLOADS) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_LIMIT,
                 "There are %d downloads; remove finished ones first",
                 FORGE_MAX_DOWNLOADS);
    return FALSE;
  }
  for (guint i = 0; i < downloads->list->len; i++) {
    const ForgeDownload *there = g_ptr_array_index (downloads->list, i);
    if (there->kind == wanted->kind && there->media_id == wanted->media_id &&
        there->state != FORGE_DOWNLOAD_DONE) {
      g_set_error (error,
                   FORGE_ERROR,
                   FORGE_ERROR_INVALID,
                   "“%s” is on its way already",
                   there->title);
      return FALSE;
    }
  }
  return TRUE;
}

gint64
forge_downloads_add (ForgeDownloads *downloads,
                     ForgeStore *store,
                     ForgeMediaKind kind,
                     gint64 media_id,
                     GError **error)
{
  g_autoptr (ForgeDownload) download = make_download (downloads, store, kind, media_id, error);

  if (!download)
    return 0;
  g_mutex_lock (&downloads->lock);
  gboolean is_free = may_add (downloads, download, error);
  g_mutex_unlock (&downloads->lock);
  if (!is_free)
    return 0;
  download->id = forge_store_add_download (store, download, error);
  gint64 id = download->id;
  if (!id)
    return 0;
  g_mutex_lock (&downloads->lock);
  g_ptr_array_add (downloads->list, g_steal_pointer (&download));
  g_cond_broadcast (&downloads->changed);
  g_mutex_unlock (&downloads->lock);
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

/* With the lock held: waits until the thread let go of it. */
static void
cut_off (ForgeDownloads *downloads, gint64 id)
{
  g_autoptr (GCancellable) cancellable = NULL;

  if (downloads->running != id)
    return;
  g_set_object (&cancellable, downloads->cancellable);
  g_mutex_unlock (&downloads->lock);
  g_cancellable_cancel (cancellable);
  g_mutex_lock (&downloads->lock);
  while (downloads->running == id)
    g_cond_wait (&downloads->changed, &downloads->lock);
}

/* Gives it a new state and returns a copy to be saved (transfer full). */
static ForgeDownload *
change_state (ForgeDownloads *downloads, gint64 id, ForgeDownloadState state, GError **error)
{
  g_autoptr (ForgeDownload) copy = NULL;

  g_mutex_lock (&downloads->lock);
  ForgeDownload *download = find (downloads, id);
  if (!download) {
    not_found (id, error);
  } else if (download->state == FORGE_DOWNLOAD_DONE) {
    g_set_error (error, FORGE_ERROR, FORGE_ERROR_INVALID, "“%s” is finished", download->title);
  } else {
    if (download->state != FORGE_DOWNLOAD_ACTIVE || state == FORGE_DOWNLOAD_PAUSED)
      download->state = state;
    if (state == FORGE_DOWNLOAD_PAUSED)
      cut_off (downloads, id);
    download = find (downloads, id);
    copy = download ? forge_download_copy (download) : NULL;
    g_cond_broadcast (&downloads->changed);
  }
  g_mutex_unlock (&downloads->lock);
  return g_steal_pointer (&copy);
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

gboolean
forge_downloads_remove (ForgeDownloads *downloads, ForgeStore *store, gint64 id, GError **error)
{
  g_autofree char *part = NULL;

  g_mutex_lock (&downloads->lock);
  ForgeDownload *download = find (downloads, id);
  if (download && download->state != FORGE_DOWNLOAD_DONE) {
    download->state = FORGE_DOWNLOAD_PAUSED;
    cut_off (downloads, id);
  }
  download = find (downloads, id);
  if (download) {
    if (download->state != FORGE_DOWNLOAD_DONE)
      part = g_strconcat (download->path, FORGE_DOWNLOAD_PART_SUFFIX, NULL);
    g_ptr_array_remove (downloads->list, download);
  }
  g_mutex_unlock (&downloads->lock);
  if (!download)
    return not_found (id, error);
  if (part)
    g_unlink (part);
  return forge_store_remove_download (store, id, error);
}

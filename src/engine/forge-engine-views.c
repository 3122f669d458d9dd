/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-engine-views.h"

#include "base/forge-error.h"
#include "base/forge-role.h"
#include "engine/forge-engine-private.h"
#include "guide/forge-guide-search.h"
#include "guide/forge-guide-substitute.h"
#include "model/forge-search-fold.h"
#include "store/forge-store-channels.h"
#include "store/forge-store-streams.h"
#include "store/forge-store-table.h"

struct _ForgeEngineViews {
  ForgeEngine *engine;
  GThreadPool *thread;   /* one, of GTask* */
  GThreadPool *pictures; /* the same, for what may take seconds */
  gint is_closing;       /* atomic */
};

typedef struct _Reading Reading;
typedef gpointer (*ReadFunc) (ForgeStore *store,
                              const Reading *reading,
                              GCancellable *cancellable,
                              GError **error);

/* What one call wants; the fields that its function needs. */
struct _Reading {
  ReadFunc read;
  ForgeEngine *engine;
  GDestroyNotify free_answer;
  gint64 *ids;
  guint count;
  gint64 from, to;
  char *search;
};

static void
reading_free (gpointer data)
{
  Reading *reading = data;

  g_free (reading->ids);
  g_free (reading->search);
  g_free (reading);
}

static gpointer
read_channels (ForgeStore *store, const Reading *reading, GCancellable *cancellable, GError **error)
{
  return forge_store_load_channel_table (store, error);
}

/* What a channel shows is appended; the clients' rules decide what stands in place of a guide. */
typedef struct {
  ForgeStore *store;
  const Reading *reading;
  ForgeSnapshot *snapshot;
  gint64 now_s;
  int days;
  ForgeProgrammeTable *table;
  guint appended; /* to the channel */
} ProgrammeReading;

static gboolean
append_programme (const ForgeProgrammeRow *row, gpointer user_data)
{
  ProgrammeReading *wanted = user_data;
  const ForgeProgrammeCell cell = { .start = row->start, .stop = row->stop, .title = row->title };

  forge_programme_table_append (wanted->table, &cell);
  wanted->appended++;
  return TRUE;
}

static gboolean
append_substitute (const ForgeSubstitute *programme, gpointer user_data)
{
  ProgrammeReading *wanted = user_data;
  const ForgeProgrammeCell cell = { .start = programme->start,
                                    .stop = programme->stop,
                                    .title = programme->title,
                                    .is_placeholder = !programme->is_event };

  forge_programme_table_append (wanted->table, &cell);
  return TRUE;
}

static gboolean
read_channel_programmes (ProgrammeReading *wanted, gint64 channel_id, GError **error)
{
  const Reading *reading = wanted->reading;
  const ForgeChannel *channel = forge_lineup_find_id (wanted->snapshot->lineup, channel_id);
  gint64 guide = forge_store_channel_guide (wanted->store, channel_id);

  wanted->appended = 0;
  forge_programme_table_begin_channel (wanted->table, channel_id);
  if (guide && !forge_store_each_programme (wanted->store,
                                            guide,
                                            reading->from,
                                            reading->to,
                                            append_programme,
                                            wanted,
                                            error))
    return FALSE;
  if (wanted->appended == 0 && channel &&
      forge_guide_is_silent (wanted->store, channel, wanted->now_s, wanted->days))
    forge_guide_each_substitute (wanted->store,
                                 channel,
                                 wanted->now_s,
                                 reading->from,
                                 reading->to,
                                 append_substitute,
                                 wanted);
  return TRUE;
}

static gpointer
read_programmes (ForgeStore *store,
                 const Reading *reading,
                 GCancellable *cancellable,
                 GError **error)
{
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (reading->engine);
  g_autoptr (ForgeProgrammeTable) table = forge_programme_table_new (reading->from, reading->to);
  ProgrammeReading wanted = { .store = store,
                              .reading = reading,
                              .snapshot = snapshot,
                              .now_s = forge_clock_wall_s (reading->engine->clock),
                              .days = (int)forge_settings_int (snapshot->settings, "guide_days"),
                              .table = table };

  for (guint i = 0; i < reading->count; i++)
    if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
        !read_channel_programmes (&wanted, reading->ids[i], error))
      return NULL;
  return g_steal_pointer (&table);
}

typedef struct {
  gint64 start;
  ForgeXmltvDetails *details;
} DetailSearch;

static gboolean
take_details (const ForgeProgrammeRow *row, gpointer user_data)
{
  DetailSearch *search = user_data;

  if (row->start != search->start)
    return TRUE;
  search->details = forge_xmltv_details_new (row->inner, row->inner_length);
  return FALSE;
}

static gpointer
read_details (ForgeStore *store, const Reading *reading, GCancellable *cancellable, GError **error)
{
  DetailSearch search = { reading->from, NULL };
  gint64 guide = forge_store_channel_guide (store, reading->ids[0]);

  if (guide && !forge_store_each_programme (store,
                                            guide,
                                            reading->from,
                                            reading->from + 1,
                                            take_details,
                                            &search,
                                            error))
    return NULL;
  if (!search.details)
    g_set_error_literal (error,
                         FORGE_ERROR,
                         FORGE_ERROR_NOT_FOUND,
                         "The guide does not have this programme");
  return search.details;
}

static gpointer
read_picture (ForgeStore *store, const Reading *reading, GCancellable *cancellable, GError **error)
{
  return forge_tuner_pages_get_picture (reading->engine->pages,
                                        (ForgePictureKind)reading->count,
                                        reading->search,
                                        cancellable,
                                        error);
}

typedef struct {
  char **words;
  guint limit;
  GPtrArray *found;
  GCancellable *cancellable;
} StreamSearch;

static ForgeStream *
copy_stream (const ForgeStream *stream)
{
  ForgeStream *copy = forge_stream_new ();

  copy->id = stream->id;
  copy->account_id = stream->account_id;
  copy->remote_id = stream->remote_id;
  copy->name = g_strdup (stream->name);
  copy->epg_id = g_strdup (stream->epg_id);
  copy->group = g_strdup (stream->group);
  copy->icon = g_strdup (stream->icon);
  copy->quality = stream->quality;
  copy->archive_days = stream->archive_days;
  copy->position = stream->position;
  copy->available = stream->available;
  return copy;
}

static gboolean
search_stream (const ForgeStream *stream, gpointer user_data)
{
  StreamSearch *search = user_data;
  g_autofree char *text = g_strconcat (stream->name, " ", stream->group, NULL);
  g_autofree char *folded = forge_search_fold (text);

  if (forge_search_matches (folded, (const char *const *)search->words))
    g_ptr_array_add (search->found, copy_stream (stream));
  return search->found->len < search->limit && !g_cancellable_is_cancelled (search->cancellable);
}

static gpointer
read_streams (ForgeStore *store, const Reading *reading, GCancellable *cancellable, GError **error)
{
  g_auto (GStrv) words = forge_search_words (reading->search);
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func ((GDestroyNotify)forge_stream_unref);
  StreamSearch search = { words, reading->count, found, cancellable };

  if (search.limit == 0)
    return g_steal_pointer (&found);
  return forge_store_each_stream (store, search_stream, &search, error) ? g_steal_pointer (&found)
                                                                        : NULL;
}

static gboolean
append_hit (const ForgeFoundProgramme *found, gpointer user_data)
{
  g_ptr_array_add (user_data,
                   forge_programme_hit_new (found->channel_id,
                                            found->channel,
                                            found->row.start,
                                            found->row.stop,
                                            found->row.title));
  return TRUE;
}

static gpointer
read_search (ForgeStore *store, const Reading *reading, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) hits =
      g_ptr_array_new_with_free_func ((GDestroyNotify)forge_programme_hit_free);

  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (reading->engine);
  const ForgeGuideQuery query = { .typed = reading->search,
                                  .now_s = reading->from,
                                  .limit = reading->count,
                                  .lineup = snapshot->lineup,
                                  .days =
                                      (int)forge_settings_int (snapshot->settings, "guide_days") };

  return forge_guide_search (store, &query, append_hit, hits, error) ? g_steal_pointer (&hits)
                                                                     : NULL;
}

static gpointer
read_one (ForgeEngineViews *views, GTask *task, GError **error)
{
  const Reading *reading = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  if (g_atomic_int_get (&views->is_closing)) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "The engine is going away");
    return NULL;
  }
  if (reading->read == read_picture)
    return reading->read (NULL, reading, cancellable, error);
  ForgeStore *store = forge_store_pool_take (views->engine->stores, error);
  if (!store)
    return NULL;
  gpointer answer = reading->read (store, reading, cancellable, error);
  forge_store_pool_give (views->engine->stores, store);
  return answer;
}

static void
run_task (gpointer data, gpointer user_data)
{
  g_autoptr (GTask) task = data;
  const Reading *reading = g_task_get_task_data (task);
  GError *error = NULL;

  forge_role_enter (FORGE_ROLE_JOB);
  gpointer answer = read_one (user_data, task, &error);
  if (answer)
    g_task_return_pointer (task, answer, reading->free_answer);
  else
    g_task_return_error (task, error);
}

ForgeEngineViews *
forge_engine_views_new (ForgeEngine *engine)
{
  ForgeEngineViews *views = g_new0 (ForgeEngineViews, 1);

  views->engine = engine;
  views->thread = g_thread_pool_new (run_task, views, 1, TRUE, NULL);
  views->pictures = g_thread_pool_new (run_task, views, 1, FALSE, NULL);
  return views;
}

void
forge_engine_views_free (ForgeEngineViews *views)
{
  g_atomic_int_set (&views->is_closing, TRUE);
  g_thread_pool_free (views->thread, FALSE, TRUE);
  g_thread_pool_free (views->pictures, FALSE, TRUE);
  g_free (views);
}

/* Takes `reading`. */
static void
push (ForgeEngineViews *views,
      Reading *reading,
      GCancellable *cancellable,
      GAsyncReadyCallback callback,
      gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);

  reading->engine = views->engine;
  g_task_set_source_tag (task, reading->read);
  g_task_set_task_data (task, reading, reading_free);
  g_thread_pool_push (reading->read == read_picture ? views->pictures : views->thread, task, NULL);
}

static Reading *
reading_new (ReadFunc read, gpointer free_answer)
{
  Reading *reading = g_new0 (Reading, 1);

  reading->read = read;
  reading->free_answer = (GDestroyNotify)free_answer;
  return reading;
}

void
forge_engine_views_channels_async (ForgeEngineViews *views,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  push (views,
        reading_new (read_channels, forge_channel_table_unref),
        cancellable,
        callback,
        user_data);
}

ForgeChannelTable *
forge_engine_views_channels_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
forge_engine_views_programmes_async (ForgeEngineViews *views,
                                     const gint64 *channel_ids,
                                     guint count,
                                     gint64 from,
                                     gint64 to,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  Reading *reading = reading_new (read_programmes, forge_programme_table_unref);

  reading->count = MIN (count, FORGE_VIEW_MAX_GUIDE_ROWS);
  reading->ids = g_memdup2 (channel_ids, reading->count * sizeof (gint64));
  reading->from = from;
  reading->to = to;
  push (views, reading, cancellable, callback, user_data);
}

ForgeProgrammeTable *
forge_engine_views_programmes_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
forge_engine_views_details_async (ForgeEngineViews *views,
                                  gint64 channel_id,
                                  gint64 start,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  Reading *reading = reading_new (read_details, forge_xmltv_details_free);

  reading->ids = g_memdup2 (&channel_id, sizeof channel_id);
  reading->count = 1;
  reading->from = start;
  push (views, reading, cancellable, callback, user_data);
}

ForgeXmltvDetails *
forge_engine_views_details_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
forge_engine_views_picture_async (ForgeEngineViews *views,
                                  ForgePictureKind kind,
                                  const char *what,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  Reading *reading = reading_new (read_picture, g_bytes_unref);

  reading->search = g_strdup (what);
  reading->count = kind;
  push (views, reading, cancellable, callback, user_data);
}

GBytes *
forge_engine_views_picture_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
forge_engine_views_streams_async (ForgeEngineViews *views,
                                  const char *search,
                                  guint limit,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  Reading *reading = reading_new (read_streams, g_ptr_array_unref);

  reading->search = g_strdup (search);
  reading->count = limit;
  push (views, reading, cancellable, callback, user_data);
}

GPtrArray *
forge_engine_views_streams_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
forge_engine_views_search_async (ForgeEngineViews *views,
                                 const char *search,
                                 gint64 from,
                                 guint limit,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  Reading *reading = reading_new (read_search, g_ptr_array_unref);

  reading->search = g_strdup (search);
  reading->from = from;
  reading->count = limit;
  push (views, reading, cancellable, callback, user_data);
}

GPtrArray *
forge_engine_views_search_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

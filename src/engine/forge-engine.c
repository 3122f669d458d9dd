/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-engine"

#include "config.h"

#include "base/forge-context-call.h"
#include "base/forge-error.h"
#include "base/forge-role.h"
#include "engine/forge-api.h"
#include "engine/forge-downloads.h"
#include "engine/forge-engine-audit.h"
#include "engine/forge-engine-demo.h"
#include "engine/forge-engine-private.h"
#include "engine/forge-flights.h"
#include "engine/forge-instance-lock.h"
#include "engine/forge-library-view.h"
#include "engine/forge-metrics.h"
#include "engine/forge-ops.h"
#include "engine/forge-web.h"
#include "model/forge-device-id.h"
#include "store/forge-store-memo.h"
#include "store/forge-store-misc.h"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

/**
 * ForgeEngine: puts the layers together.
 *
 * Start: lock → store → snapshot → control thread's objects → listen → control thread → demo →
 * ready. Stop, in reverse: no new requests → work cancelled → handlers end → control thread ends →
 * sessions closed → store.
 */

#define DATABASE_NAME "streamforge.db"
/* Calls that wait for their turn on the work queue hold a thread each; some more answer the rest.
 */
#define CONTROL_JOB_THREADS (FORGE_WORK_MAX_WAITING + 8)
/* Connections that job threads keep between uses; each holds half a megabyte of pages. */
#define IDLE_CONNECTIONS 2

static gboolean
make_directory (const char *path, GError **error)
{
  if (g_mkdir_with_parents (path, 0700) == 0)
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_STORAGE,
               "Cannot make the directory %s: %s",
               path,
               g_strerror (errno));
  return FALSE;
}

/* Streams need two descriptors each: take what the system gives. */
static void
raise_descriptor_limit (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit (RLIMIT_NOFILE, &limit) < 0)
      g_debug ("The limit of descriptors stays: %s", g_strerror (errno));
  }
}

ForgeSnapshot *
forge_engine_get_snapshot (ForgeEngine *engine)
{
  g_mutex_lock (&engine->snapshot_lock);
  ForgeSnapshot *snapshot = forge_snapshot_ref (engine->snapshot);
  g_mutex_unlock (&engine->snapshot_lock);
  return snapshot;
}

static gint64
oldest_refresh (const ForgeSnapshot *snapshot)
{
  gint64 oldest = G_MAXINT64;

  for (guint i = 0; i < snapshot->accounts->len; i++) {
    const ForgeAccount *account = g_ptr_array_index (snapshot->accounts, i);
    if (account->enabled)
      oldest = MIN (oldest, MAX (account->last_refresh, 1));
  }
  for (guint i = 0; i < snapshot->guides->len; i++) {
    const ForgeGuideSource *source = g_ptr_array_index (snapshot->guides, i);
    if (source->enabled)
      oldest = MIN (oldest, MAX (source->last_refresh, 1));
  }
  return oldest == G_MAXINT64 ? 0 : oldest;
}

/* Two changes read what is stored at the same time; the one that began earlier may know less and
 * must not come last. */
typedef struct {
  guint64 number; /* rises with the beginning of the reading; 0 = the first one */
  ForgeSnapshot *snapshot;
} Publication;

/* Returns the snapshot that is to be shown (lent), or NULL if a newer one is shown already. */
static ForgeSnapshot *
swap_snapshot (ForgeEngine *engine, Publication *publication)
{
  ForgeSnapshot *old = publication->snapshot;

  g_mutex_lock (&engine->snapshot_lock);
  gboolean is_newer = publication->number >= engine->shown_publication;
  if (is_newer) {
    old = engine->snapshot;
    engine->snapshot = publication->snapshot;
    engine->shown_publication = publication->number;
  }
  g_mutex_unlock (&engine->snapshot_lock);
  g_clear_pointer (&old, forge_snapshot_unref);
  return is_newer ? publication->snapshot : NULL;
}

/* Takes over the snapshot of `data`, a publication. */
static void
apply_snapshot (ForgeEngine *engine, gpointer data)
{
  ForgeSnapshot *snapshot = swap_snapshot (engine, data);

  if (!snapshot)
    return;
  forge_engine_apply_accounts (engine, snapshot->accounts);
  forge_tuner_set_settings (engine->tuner, snapshot->settings);
  forge_media_service_set_settings (engine->media, snapshot->settings);
  forge_tuner_pages_set_settings (engine->pages, snapshot->settings);
  forge_http_server_set_cors_origins (engine->server,
                                      forge_settings_text (snapshot->settings, "cors_origins"));
  forge_tuner_pages_set_lineup (engine->pages, snapshot->lineup, snapshot->guide_revision);
  forge_tuner_pages_set_devices (engine->pages, snapshot->devices);
  forge_tuner_pages_set_users (engine->pages, snapshot->users);
  forge_engine_update_artwork (engine, snapshot);
  forge_scheduler_update (engine->scheduler, snapshot->settings, oldest_refresh (snapshot));
  forge_engine_update_discovery (engine);
  if (engine->live)
    forge_engine_update_live (engine);
  forge_engine_tell (engine, FORGE_CHANGE_SNAPSHOT);
}

typedef struct {
  ForgeEngine *engine;
  ForgeControlFunc func;
  gpointer data;
} ControlCall;

static void
run_control_call (gpointer data)
{
  ControlCall *call = data;

  call->func (call->engine, call->data);
}

void
forge_engine_on_control (ForgeEngine *engine, ForgeControlFunc func, gpointer data)
{
  ControlCall call = { engine, func, data };

  forge_context_call (engine->context, run_control_call, &call);
}

gboolean
forge_engine_publish (ForgeEngine *engine, ForgeStore *store, GError **error)
{
  Publication publication = { 0 };

  g_mutex_lock (&engine->snapshot_lock);
  publication.number = ++engine->last_publication;
  g_mutex_unlock (&engine->snapshot_lock);
  publication.snapshot = forge_snapshot_load (store, error);
  if (!publication.snapshot)
    return FALSE;
  forge_engine_on_control (engine, apply_snapshot, &publication);
  forge_engine_update_search_later (engine);
  return TRUE;
}

static gboolean
ensure_setting (ForgeStore *store,
                GHashTable *values,
                const char *key,
                const char *value,
                GError **error)
{
  const char *present = g_hash_table_lookup (values, key);

  return (present && *present) || forge_store_set_setting (store, key, value, error);
}

/* The identity that media servers remember: made once, kept for ever. */
static gboolean
ensure_identity (ForgeStore *store, GError **error)
{
  g_autoptr (GHashTable) values = forge_store_load_settings (store, error);
  g_autofree char *device_id =
      g_strdup_printf ("%08X",
                       forge_device_id_make ((guint16)g_random_int_range (0, G_MAXUINT16 + 1)));
  g_autofree char *uuid = g_uuid_string_random ();

  return values && ensure_setting (store, values, "device_id", device_id, error) &&
         ensure_setting (store, values, "device_uuid", uuid, error);
}

/* The program was killed between a refresh and the lineup run that follows: new streams must not be
 * served with old matches. What cannot be mended stays as it is, and is tried again next time. */
static gboolean
mend_lineup (ForgeEngine *engine, ForgeStore *store, GError **error)
{
  ForgeLineupRunOptions options = forge_ops_lineup_options (engine);
  ForgeLineupRunResult result;
  gboolean stale = FALSE;
  g_autoptr (GError) failure = NULL;

  if (!forge_store_lineup_is_stale (store, &stale, error))
    return FALSE;
  if (!stale)
    return TRUE;
  if (!forge_lineup_run (store, &options, &result, NULL, &failure)) {
    forge_event_log_add (FORGE_LOG_ERROR,
                         FORGE_EVENT_MATCH,
                         "The lineup does not follow the last refresh yet",
                         failure->message,
                         engine->events);
    return TRUE;
  }
  g_clear_pointer (&engine->snapshot, forge_snapshot_unref);
  engine->snapshot = forge_snapshot_load (store, error);
  if (engine->snapshot)
    forge_event_log_add (FORGE_LOG_INFO,
                         FORGE_EVENT_MATCH,
                         "The last refresh had been interrupted; its lineup was made now",
                         NULL,
                         engine->events);
  return engine->snapshot != NULL;
}

static gboolean
open_store (ForgeEngine *engine, const char *data_dir, GError **error)
{
  g_autofree char *path = g_build_filename (data_dir, DATABASE_NAME, NULL);
  g_autofree char *recovered_from = NULL;
  g_autoptr (ForgeStore) store = forge_store_open (path, &recovered_from, error);

  if (!store || !ensure_identity (store, error))
    return FALSE;
  engine->snapshot = forge_snapshot_load (store, error);
  if (!engine->snapshot)
    return FALSE;
  engine->stores = forge_store_pool_new (path, IDLE_CONNECTIONS);
  engine->events = forge_event_log_new (engine->stores, engine->clock);
  if (recovered_from)
    forge_event_log_add (FORGE_LOG_ERROR,
                         FORGE_EVENT_SYSTEM,
                         "The database was damaged; a new one was made and the old one kept",
                         recovered_from,
                         engine->events);
  return mend_lineup (engine, store, error);
}

static void
refresh_due (gpointer data, GCancellable *cancellable)
{
  ForgeEngine *engine = data;
  g_autoptr (GError) error = NULL;
  ForgeStore *store = forge_store_pool_take (engine->stores, &error);

  if (!store) {
    g_message ("The daily refresh did not start: %s", error->message);
    return;
  }
  ForgeOps ops = { .engine = engine, .store = store, .cancellable = cancellable };
  forge_ops_refresh_all (&ops);
  forge_store_pool_give (engine->stores, store);
  malloc_trim (0);
}

static void
on_refresh_due (gpointer user_data)
{
  ForgeEngine *engine = user_data;

  forge_work_push (engine->work, refresh_due, engine, NULL);
}

/* Removes what an import left behind that never became active (the machine went off in the middle).
 */
static void
sweep_orphans (gpointer data, GCancellable *cancellable)
{
  ForgeEngine *engine = data;
  g_autoptr (GError) error = NULL;
  ForgeStore *store = forge_store_pool_take (engine->stores, &error);

  if (store) {
    if (!forge_store_sweep_guide (store, 0, &error))
      g_message ("Old guide rows stay for now: %s", error->message);
    forge_store_pool_give (engine->stores, store);
  }
}

static gboolean
take_part (gint64 user, const char *address, const char *what, ForgeSeat *seat, gpointer pages)
{
  return forge_tuner_pages_take_part (pages, user, address, what, seat);
}

static gboolean
build_media (ForgeEngine *engine, GError **error)
{
  const ForgeMediaServiceConfig config = {
    .tuner = engine->tuner,
    .stores = engine->stores,
    .secrets = engine->secrets,
    .open = forge_engine_open_media,
    .find_again = forge_engine_find_again,
    .open_data = engine,
    .take_part = take_part,
    .seat_data = engine->pages,
    .context = engine->context,
  };

  engine->media = forge_media_service_new (&config, error);
  if (!engine->media)
    return FALSE;
  forge_media_service_register (engine->media, engine->router);
  return TRUE;
}

static gboolean
build_control_side (ForgeEngine *engine, const ForgeEngineOptions *options, GError **error)
{
  const ForgeTunerConfig tuner = {
    .dial = forge_engine_dial,
    .catchup = forge_engine_catchup,
    .dial_data = engine,
    .event = forge_event_log_add,
    .event_data = engine->events,
    .context = engine->context,
  };

  engine->tuner = forge_tuner_new (&tuner, engine->snapshot->settings, error);
  if (!engine->tuner)
    return FALSE;
  engine->pages = forge_tuner_pages_new (engine->tuner, engine->stores, engine->snapshot->settings);
  engine->router = forge_router_new ();
  engine->control_router = forge_router_new ();
  g_autofree char *artwork = g_build_filename (options->cache_dir, "artwork", NULL);
  forge_tuner_pages_keep_artwork (engine->pages, artwork);
  forge_tuner_pages_register (engine->pages, engine->router);
  if (!build_media (engine, error))
    return FALSE;
  forge_engine_give_library (engine);
  forge_metrics_register (engine, engine->router);
  forge_library_view_register (engine, engine->router);
  engine->web = forge_web_new (engine, engine->router);
  forge_api_register (engine, engine->control_router);
  const ForgeHttpServerConfig server = { .router = engine->router,
                                         .context = engine->context,
                                         .control_job_threads = CONTROL_JOB_THREADS,
                                         .server_header = "HDHomeRun/1.0" };
  engine->server = forge_http_server_new (&server);
  forge_engine_make_discovery (engine, options);
  engine->scheduler = forge_scheduler_new (engine->context, engine->clock, on_refresh_due, engine);
  forge_engine_start_audit (engine);
  Publication first = { .snapshot = forge_snapshot_ref (engine->snapshot) };
  apply_snapshot (engine, &first);
  return TRUE;
}

static gboolean
start_listening (ForgeEngine *engine, const ForgeEngineOptions *options, GError **error)
{
  const ForgeSettings *settings = engine->snapshot->settings;
  const char *bind = options->bind ? options->bind : forge_settings_text (settings, "bind");
  guint port = options->port >= 0 ? (guint)options->port
                                  : (guint)forge_settings_int (settings, "port");

  engine->control_path = g_build_filename (options->runtime_dir, "control.sock", NULL);
  engine->bind = g_strdup (bind);
  engine->port = forge_http_server_listen (engine->server, bind, port, error);
  if (!engine->port || !forge_http_server_listen_control (engine->server,
                                                          engine->control_path,
                                                          engine->control_router,
                                                          error))
    return FALSE;
  engine->url = forge_http_server_url (engine->server);
  forge_engine_update_discovery (engine);
  return TRUE;
}

static gpointer
control_thread (gpointer user_data)
{
  ForgeEngine *engine = user_data;

  forge_role_enter (FORGE_ROLE_CONTROL);
  g_main_context_push_thread_default (engine->context);
  g_main_loop_run (engine->loop);
  g_main_context_pop_thread_default (engine->context);
  return NULL;
}

static gboolean
start_downloads (ForgeEngine *engine, GError **error)
{
  ForgeStore *store = forge_store_pool_take (engine->stores, error);

  if (!store)
    return FALSE;
  engine->downloads = forge_downloads_new (engine, store, error);
  forge_store_pool_give (engine->stores, store);
  return engine->downloads != NULL;
}

static void
on_work_idle (gpointer user_data)
{
  ForgeEngine *engine = user_data;

  forge_lineup_memory_drop (engine->lineup_memory);
  malloc_trim (0);
}

static gboolean
start (ForgeEngine *engine, const ForgeEngineOptions *options, GError **error)
{
  if (!make_directory (options->data_dir, error) || !make_directory (options->cache_dir, error) ||
      !make_directory (options->runtime_dir, error))
    return FALSE;
  engine->lock_fd = forge_instance_lock (options->data_dir, error);
  if (engine->lock_fd < 0 || !open_store (engine, options->data_dir, error))
    return FALSE;
  engine->secrets = options->is_demo ? forge_secrets_new_memory ()
                                     : forge_secrets_new_default (options->data_dir, error);
  if (!engine->secrets)
    return FALSE;
  engine->lineup_memory = forge_lineup_memory_new ();
  engine->work = forge_work_new ();
  forge_work_set_idle (engine->work, on_work_idle, engine);
  engine->hls = forge_hls_pool_new ();
  engine->live_forms = forge_live_forms_new ();
  engine->catchup = forge_catchup_new ();

  g_main_context_push_thread_default (engine->context);
  gboolean is_listening = build_control_side (engine, options, error) &&
                          start_listening (engine, options, error);
  if (is_listening)
    forge_engine_start_live (engine);
  g_main_context_pop_thread_default (engine->context);
  if (!is_listening || !start_downloads (engine, error))
    return FALSE;
  engine->thread = g_thread_new ("forge-control", control_thread, engine);
  forge_engine_start_calls (engine);
  forge_work_push (engine->work, sweep_orphans, engine, NULL);
  forge_engine_update_search_later (engine);
  return !options->is_demo || forge_engine_start_demo (engine, error);
}

ForgeEngine *
forge_engine_new (const ForgeEngineOptions *options, GError **error)
{
  g_autoptr (ForgeEngine) engine = g_new0 (ForgeEngine, 1);

  raise_descriptor_limit ();
  engine->lock_fd = -1;
  engine->clock = forge_clock_new_system ();
  engine->started_us = forge_clock_monotonic_us (engine->clock);
  engine->context = g_main_context_new ();
  engine->loop = g_main_loop_new (engine->context, FALSE);
  g_mutex_init (&engine->snapshot_lock);
  g_mutex_init (&engine->watch_lock);
  engine->watches = g_ptr_array_new ();
  engine->flights = forge_flights_new ();
  if (!start (engine, options, error))
    return NULL;
  g_atomic_int_set (&engine->is_ready, TRUE);
  malloc_trim (0);
  return g_steal_pointer (&engine);
}

static void
stop_server (ForgeEngine *engine, gpointer data)
{
  engine->port = 0;
  forge_engine_update_discovery (engine);
  forge_http_server_stop (engine->server);
}

/* The control thread is over: whoever frees the engine, be it the window's thread that lost its
 * display, now is the one that may touch what was its. */
static void
free_control_side (ForgeEngine *engine)
{
  ForgeRole role = forge_role_current ();

  forge_role_enter (FORGE_ROLE_CONTROL);
  g_main_context_push_thread_default (engine->context);
  forge_engine_stop_audit (engine);
  forge_engine_stop_live (engine);
  g_clear_pointer (&engine->scheduler, forge_scheduler_free);
  g_clear_pointer (&engine->discovery, forge_discovery_free);
  g_clear_pointer (&engine->server, forge_http_server_free);
  g_clear_pointer (&engine->control_router, forge_router_free);
  g_clear_pointer (&engine->router, forge_router_free);
  g_clear_pointer (&engine->web, forge_web_free);
  g_clear_pointer (&engine->pages, forge_tuner_pages_free);
  g_clear_pointer (&engine->media, forge_media_service_free);
  g_clear_pointer (&engine->tuner, forge_tuner_free);
  g_main_context_pop_thread_default (engine->context);
  forge_role_enter (role);
}

void
forge_engine_free (ForgeEngine *engine)
{
  /* While the control thread still runs: what the queue and the handlers do may wait for it. */
  if (engine->thread) {
    forge_engine_on_control (engine, stop_server, NULL);
    forge_work_stop (engine->work);
    if (engine->downloads)
      forge_downloads_stop (engine->downloads);
    forge_engine_stop_calls (engine);
    forge_http_server_drain (engine->server);
    forge_media_service_drain (engine->media);
    g_main_loop_quit (engine->loop);
    g_thread_join (engine->thread);
  }
  g_clear_pointer (&engine->downloads, forge_downloads_free);
  free_control_side (engine);
  g_clear_pointer (&engine->hls, forge_hls_pool_free);
  g_clear_pointer (&engine->live_forms, forge_live_forms_free);
  g_clear_pointer (&engine->work, forge_work_free);
  g_clear_pointer (&engine->lineup_memory, forge_lineup_memory_free);
  if (engine->control_path)
    unlink (engine->control_path);
  g_clear_pointer (&engine->demo, forge_fake_provider_free);
  g_clear_pointer (&engine->catchup, forge_catchup_free);
  g_clear_pointer (&engine->events, forge_event_log_free);
  g_clear_pointer (&engine->secrets, forge_secrets_free);
  g_clear_pointer (&engine->stores, forge_store_pool_free);
  g_clear_pointer (&engine->snapshot, forge_snapshot_unref);
  if (engine->lock_fd >= 0)
    close (engine->lock_fd);
  g_main_loop_unref (engine->loop);
  g_main_context_unref (engine->context);
  forge_clock_unref (engine->clock);
  g_mutex_clear (&engine->snapshot_lock);
  g_mutex_clear (&engine->watch_lock);
  g_ptr_array_unref (engine->watches);
  forge_flights_free (engine->flights);
  g_free (engine->bind);
  g_free (engine->control_path);
  g_free (engine->url);
  g_free (engine);
}

const char *
forge_engine_url (ForgeEngine *engine)
{
  return engine->url;
}

const char *
forge_engine_control_path (ForgeEngine *engine)
{
  return engine->control_path;
}

gboolean
forge_engine_has_accounts (const char *data_dir)
{
  g_autofree char *path = g_build_filename (data_dir, DATABASE_NAME, NULL);

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return FALSE;
  g_autoptr (ForgeStore) store = forge_store_open (path, NULL, NULL);
  g_autoptr (GPtrArray) accounts = store ? forge_store_list_accounts (store, NULL) : NULL;
  return accounts && accounts->len > 0;
}

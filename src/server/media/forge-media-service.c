/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-server"
#include "config.h"

#include "base/forge-error.h"
#include "server/media/forge-media-private.h"
#include "store/forge-link-store.h"

#include <errno.h>

#define MAX_OPENERS 16
#define MAX_WORKERS 4u

static gboolean
start_pump (ForgeMediaService *service, GError **error)
{
  const ForgePumpConfig config = { .workers = CLAMP (g_get_num_processors (), 1u, MAX_WORKERS),
                                   .source_idle_ms = FORGE_MEDIA_SOURCE_IDLE_MS,
                                   .client_idle_ms = FORGE_MEDIA_CLIENT_IDLE_MS,
                                   .event = forge_media_body_on_event,
                                   .user_data = service };

  service->pump = forge_pump_new (&config);
  if (service->pump)
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_RETRY,
               "The threads that send files cannot be started: %s",
               g_strerror (errno));
  return FALSE;
}

ForgeMediaService *
forge_media_service_new (const ForgeMediaServiceConfig *config, GError **error)
{
  ForgeMediaService *service = g_new0 (ForgeMediaService, 1);

  service->config = *config;
  service->resolver = forge_resolver_new (config->stores);
  service->openers =
      g_thread_pool_new (forge_media_body_run_opener, service, MAX_OPENERS, FALSE, NULL);
  service->reapers = g_thread_pool_new (forge_media_merge_reap, NULL, 1, FALSE, NULL);
  service->stopping = g_cancellable_new ();
  g_mutex_init (&service->keys_lock);
  g_mutex_init (&service->lock);
  service->progress = forge_media_progress_book_new ();
  service->clients = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  service->running = g_ptr_array_new ();
  service->seats = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_object_unref);
  if (start_pump (service, error))
    return service;
  forge_media_service_free (service);
  return NULL;
}

/* The pump's threads wait for nobody. */
static void
stop_pump (gpointer data)
{
  ForgeMediaService *service = data;

  if (service->tick)
    g_source_destroy (service->tick);
  g_clear_pointer (&service->tick, g_source_unref);
  forge_media_bodies_cut (service);
  g_clear_pointer (&service->pump, forge_pump_free);
}

static void
ignore (gpointer data)
{
}

void
forge_media_service_drain (ForgeMediaService *service)
{
  g_cancellable_cancel (service->stopping);
  forge_media_seats_stop (service);
  forge_media_on_control (service, stop_pump, service);
  /* Now what the pump posted is done with, and nothing is given to the openers any more. */
  forge_media_on_control (service, ignore, NULL);
  if (service->openers)
    g_thread_pool_free (g_steal_pointer (&service->openers), FALSE, TRUE);
  forge_media_on_control (service, ignore, NULL);
}

void
forge_media_service_free (ForgeMediaService *service)
{
  g_clear_pointer (&service->pump, forge_pump_free);
  if (service->openers)
    g_thread_pool_free (service->openers, FALSE, TRUE);
  g_thread_pool_free (service->reapers, FALSE, TRUE);
  if (service->tick)
    g_source_destroy (service->tick);
  g_clear_pointer (&service->tick, g_source_unref);
  forge_resolver_free (service->resolver);
  g_clear_pointer (&service->keys, forge_link_keys_unref);
  g_clear_pointer (&service->settings, forge_settings_unref);
  g_clear_pointer (&service->moved, g_hash_table_unref);
  g_clear_pointer (&service->progress, forge_media_progress_book_free);
  g_hash_table_unref (service->clients);
  g_hash_table_unref (service->seats);
  g_ptr_array_unref (service->running);
  g_object_unref (service->stopping);
  g_mutex_clear (&service->lock);
  g_mutex_clear (&service->keys_lock);
  g_free (service);
}

void
forge_media_service_register (ForgeMediaService *service, ForgeRouter *router)
{
  forge_media_pages_add (service, router);
}

void
forge_media_service_set_settings (ForgeMediaService *service, ForgeSettings *settings)
{
  g_mutex_lock (&service->lock);
  ForgeSettings *old = service->settings;
  service->settings = forge_settings_ref (settings);
  g_mutex_unlock (&service->lock);
  g_clear_pointer (&old, forge_settings_unref);
}

char *
forge_media_setting (ForgeMediaService *service, const char *key)
{
  g_mutex_lock (&service->lock);
  char *value = g_strdup (service->settings ? forge_settings_text (service->settings, key) : "");
  g_mutex_unlock (&service->lock);
  return value;
}

gint64
forge_media_hold_us (ForgeMediaService *service)
{
  g_mutex_lock (&service->lock);
  gint64 hold_ms = service->settings ? forge_settings_int (service->settings, "tune_hold_ms") : 0;
  g_mutex_unlock (&service->lock);
  return hold_ms * 1000;
}

static ForgeLinkKeys *
known_keys (ForgeMediaService *service)
{
  g_mutex_lock (&service->lock);
  ForgeLinkKeys *keys = service->keys ? forge_link_keys_ref (service->keys) : NULL;
  g_mutex_unlock (&service->lock);
  return keys;
}

ForgeLinkKeys *
forge_media_service_keys (ForgeMediaService *service, GCancellable *cancellable, GError **error)
{
  ForgeLinkKeys *keys = known_keys (service);

  if (keys)
    return keys;
  g_mutex_lock (&service->keys_lock);
  keys = known_keys (service);
  if (!keys) {
    keys = forge_link_store_load (service->config.secrets, cancellable, error);
    g_mutex_lock (&service->lock);
    service->keys = keys ? forge_link_keys_ref (keys) : NULL;
    g_mutex_unlock (&service->lock);
  }
  g_mutex_unlock (&service->keys_lock);
  return keys;
}

/* With the keys' lock. */
static gboolean
rotate (ForgeMediaService *service,
        ForgeLinkPurpose purpose,
        gboolean keep_old,
        GCancellable *cancellable,
        GError **error)
{
  gboolean is_all = purpose == FORGE_LINK_PURPOSES;

  for (guint i = 0; i < FORGE_LINK_PURPOSES; i++)
    if ((is_all || i == (guint)purpose) && !forge_link_store_rotate (service->config.secrets,
                                                                     (ForgeLinkPurpose)i,
                                                                     keep_old,
                                                                     cancellable,
                                                                     error))
      return FALSE;
  return TRUE;
}

gboolean
forge_media_service_renew_keys (ForgeMediaService *service,
                                ForgeLinkPurpose purpose,
                                gboolean keep_old,
                                GCancellable *cancellable,
                                GError **error)
{
  g_mutex_lock (&service->keys_lock);
  gboolean ok = rotate (service, purpose, keep_old, cancellable, error);
  /* Whatever was stored counts, also if only a part of it was. */
  ForgeLinkKeys *keys =
      forge_link_store_load (service->config.secrets, cancellable, ok ? error : NULL);
  if (keys) {
    g_mutex_lock (&service->lock);
    ForgeLinkKeys *old = service->keys;
    service->keys = keys;
    g_mutex_unlock (&service->lock);
    g_clear_pointer (&old, forge_link_keys_unref);
  }
  g_mutex_unlock (&service->keys_lock);
  return ok && keys;
}

guint
forge_media_service_bodies (ForgeMediaService *service)
{
  g_mutex_lock (&service->lock);
  guint bodies = service->bodies;
  g_mutex_unlock (&service->lock);
  return bodies;
}

void
forge_media_service_stats (ForgeMediaService *service, ForgeResolverStats *stats)
{
  forge_resolver_stats (service->resolver, stats);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-server"
#include "config.h"

#include "server/media/forge-media-resolver.h"

#include "base/forge-error.h"
#include "base/forge-role.h"
#include "store/forge-store-facts.h"
#include "store/forge-store-library.h"

#define WAIT_US (100 * 1000) /* between looks at the cancellable */

/* One title. Guarded by the resolver's lock. */
typedef struct {
  ForgeResolved *resolved; /* NULL = not read yet */
  gboolean is_reading;
  gint64 refreshed_us;
} Entry;

struct _ForgeResolver {
  ForgeStorePool *stores;
  GThreadPool *readers; /* of what is read in the background */
  GThreadPool *writers; /* of NewFact* */
  GMutex lock;
  GCond changed;
  GHashTable *entries; /* handle → Entry */
  GHashTable *facts;   /* key → ForgeFacts */
  ForgeResolverStats stats;
};

/* ---- what is handed out ---- */

ForgeResolved *
forge_resolved_ref (ForgeResolved *resolved)
{
  g_atomic_ref_count_inc (&resolved->ref_count);
  return resolved;
}

void
forge_resolved_unref (ForgeResolved *resolved)
{
  if (!g_atomic_ref_count_dec (&resolved->ref_count))
    return;
  g_free (resolved->handle);
  g_free (resolved->title);
  g_ptr_array_unref (resolved->sources);
  g_free (resolved);
}

void
forge_facts_clear (ForgeFacts *facts)
{
  g_clear_pointer (&facts->content_type, g_free);
}

static void
facts_free (gpointer facts)
{
  forge_facts_clear (facts);
  g_free (facts);
}

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_clear_pointer (&entry->resolved, forge_resolved_unref);
  g_free (entry);
}

/* ---- reading ---- */

static char *
title_of (const ForgeMedia *media)
{
  if (media->kind == FORGE_MEDIA_EPISODE && media->series_title)
    return g_strdup_printf ("%s S%02dE%02d", media->series_title, media->season, media->number);
  if (media->year > 0)
    return g_strdup_printf ("%s (%d)", media->title, media->year);
  return g_strdup (media->title);
}

static ForgeResolved *
read_from (ForgeStore *store, ForgeMediaKind kind, gint64 id, GError **error)
{
  g_autoptr (ForgeMedia) media = forge_store_get_media (store, kind, id, error);
  GPtrArray *sources = media ? forge_store_media_sources (store, kind, media->id, error) : NULL;

  if (!sources)
    return NULL;
  ForgeResolved *resolved = g_new0 (ForgeResolved, 1);
  g_atomic_ref_count_init (&resolved->ref_count);
  resolved->kind = kind;
  resolved->id = media->id;
  resolved->handle = forge_media_handle (kind, media->id);
  resolved->title = title_of (media);
  resolved->duration_s = media->duration_s;
  resolved->sources = sources;
  resolved->read_us = g_get_monotonic_time ();
  if (sources->len > 0)
    return resolved;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_NOT_FOUND,
               "No account offers “%s” any more",
               resolved->title);
  forge_resolved_unref (resolved);
  return NULL;
}

static ForgeResolved *
read_title (ForgeResolver *resolver, ForgeMediaKind kind, gint64 id, GError **error)
{
  ForgeStore *store = forge_store_pool_take (resolver->stores, error);
  ForgeResolved *resolved = store ? read_from (store, kind, id, error) : NULL;

  if (store)
    forge_store_pool_give (resolver->stores, store);
  return resolved;
}

/* With the lock. */
static Entry *
find_entry (ForgeResolver *resolver, const char *handle)
{
  Entry *entry = g_hash_table_lookup (resolver->entries, handle);

  if (!entry) {
    if (g_hash_table_size (resolver->entries) >= FORGE_RESOLVER_MAX) {
      GHashTableIter iter;
      gpointer value;
      g_hash_table_iter_init (&iter, resolver->entries);
      while (g_hash_table_iter_next (&iter, NULL, &value))
        if (!((Entry *)value)->is_reading)
          g_hash_table_iter_remove (&iter);
    }
    entry = g_new0 (Entry, 1);
    g_hash_table_insert (resolver->entries, g_strdup (handle), entry);
  }
  return entry;
}

/* With the lock, which is let go meanwhile; entry->is_reading is set. */
static ForgeResolved *
read_into (ForgeResolver *resolver,
           const char *handle,
           ForgeMediaKind kind,
           gint64 id,
           GError **error)
{
  g_mutex_unlock (&resolver->lock);
  ForgeResolved *resolved = read_title (resolver, kind, id, error);
  g_mutex_lock (&resolver->lock);
  Entry *entry = find_entry (resolver, handle);
  entry->is_reading = FALSE;
  g_clear_pointer (&entry->resolved, forge_resolved_unref);
  entry->resolved = resolved ? forge_resolved_ref (resolved) : NULL;
  g_cond_broadcast (&resolver->changed);
  return resolved;
}

/* ---- in the background ---- */

static void
run_reader (gpointer data, gpointer user_data)
{
  g_autofree char *handle = data;
  ForgeResolver *resolver = user_data;
  g_autoptr (GError) error = NULL;
  ForgeMediaKind kind;
  gint64 id;

  forge_role_enter (FORGE_ROLE_JOB);
  if (!forge_media_handle_parse (handle, &kind, &id))
    return;
  g_mutex_lock (&resolver->lock);
  ForgeResolved *resolved = read_into (resolver, handle, kind, id, &error);
  g_mutex_unlock (&resolver->lock);
  if (resolved)
    forge_resolved_unref (resolved);
  else
    g_debug ("%s could not be read again: %s", handle, error->message);
}

static void run_writer (gpointer data, gpointer user_data);

ForgeResolver *
forge_resolver_new (ForgeStorePool *stores)
{
  ForgeResolver *resolver = g_new0 (ForgeResolver, 1);

  resolver->stores = stores;
  resolver->readers = g_thread_pool_new (run_reader, resolver, 1, FALSE, NULL);
  resolver->writers = g_thread_pool_new (run_writer, resolver, 1, FALSE, NULL);
  g_mutex_init (&resolver->lock);
  g_cond_init (&resolver->changed);
  resolver->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, entry_free);
  resolver->facts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, facts_free);
  return resolver;
}

void
forge_resolver_free (ForgeResolver *resolver)
{
  g_thread_pool_free (resolver->readers, FALSE, TRUE);
  g_thread_pool_free (resolver->writers, FALSE, TRUE);
  g_hash_table_unref (resolver->entries);
  g_hash_table_unref (resolver->facts);
  g_cond_clear (&resolver->changed);
  g_mutex_clear (&resolver->lock);
  g_free (resolver);
}

/* ---- asking ---- */

static gint64
age_s (const Entry *entry)
{
  return (g_get_monotonic_time () - entry->resolved->read_us) / G_USEC_PER_SEC;
}

/* With the lock. What is remembered, or NULL. */
static ForgeResolved *
recall_title (ForgeResolver *resolver, const char *handle, Entry *entry)
{
  gint64 age = entry->resolved ? age_s (entry) : G_MAXINT64;

  if (age > FORGE_RESOLVER_FRESH_S + FORGE_RESOLVER_STALE_S)
    return NULL;
  if (age <= FORGE_RESOLVER_FRESH_S) {
    resolver->stats.hits++;
  } else {
    resolver->stats.stale_hits++;
    if (!entry->is_reading)
      g_thread_pool_push (resolver->readers, g_strdup (handle), NULL);
    entry->is_reading = TRUE;
  }
  return forge_resolved_ref (entry->resolved);
}

ForgeResolved *
forge_resolver_get (ForgeResolver *resolver,
                    ForgeMediaKind kind,
                    gint64 id,
                    GCancellable *cancellable,
                    GError **error)
{
  g_autofree char *handle = forge_media_handle (kind, id);
  ForgeResolved *resolved = NULL;
  gboolean is_over = FALSE;

  g_mutex_lock (&resolver->lock);
  while (!resolved && !is_over) {
    Entry *entry = find_entry (resolver, handle);
    resolved = recall_title (resolver, handle, entry);
    if (!resolved && !entry->is_reading) {
      entry->is_reading = TRUE;
      resolver->stats.misses++;
      resolved = read_into (resolver, handle, kind, id, error);
      is_over = TRUE;
    } else if (!resolved) {
      g_cond_wait_until (&resolver->changed, &resolver->lock, g_get_monotonic_time () + WAIT_US);
      is_over = g_cancellable_set_error_if_cancelled (cancellable, error);
    }
  }
  g_mutex_unlock (&resolver->lock);
  return resolved;
}

gboolean
forge_resolver_refresh (ForgeResolver *resolver, ForgeMediaKind kind, gint64 id)
{
  g_autofree char *handle = forge_media_handle (kind, id);

  return forge_resolver_refresh_key (resolver, handle);
}

gboolean
forge_resolver_refresh_key (ForgeResolver *resolver, const char *key)
{
  gint64 now_us = g_get_monotonic_time ();

  g_mutex_lock (&resolver->lock);
  Entry *entry = find_entry (resolver, key);
  gboolean may = entry->refreshed_us == 0 ||
                 now_us - entry->refreshed_us >= FORGE_RESOLVER_REFRESH_S * G_USEC_PER_SEC;
  if (may) {
    entry->refreshed_us = now_us;
    g_clear_pointer (&entry->resolved, forge_resolved_unref);
    resolver->stats.refreshes++;
  }
  g_mutex_unlock (&resolver->lock);
  return may;
}

/* ---- facts ---- */

static ForgeFacts
facts_copy (const ForgeFacts *facts)
{
  ForgeFacts copy = *facts;

  copy.content_type = g_strdup (facts->content_type);
  return copy;
}

static gint64
wall_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* Older than this counts for nothing. */
static gint64
oldest_s (void)
{
  return wall_s () - FORGE_RESOLVER_FRESH_S - FORGE_RESOLVER_STALE_S;
}

/* What a key may hold – an address with a token – never reaches the store. */
static char *
hash_key (const char *key)
{
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, key, -1);
}

/* With the lock. */
static void
keep_fact (ForgeResolver *resolver, const char *key, const ForgeFacts *facts)
{
  ForgeFacts *copy = g_new (ForgeFacts, 1);

  *copy = facts_copy (facts);
  if (g_hash_table_size (resolver->facts) >= FORGE_RESOLVER_MAX)
    g_hash_table_remove_all (resolver->facts);
  g_hash_table_replace (resolver->facts, g_strdup (key), copy);
}

static gboolean
recall_stored (ForgeResolver *resolver, const char *key, ForgeFacts *facts)
{
  g_autofree char *hash = hash_key (key);
  g_autoptr (GError) error = NULL;
  ForgeStore *store = forge_store_pool_take (resolver->stores, &error);
  ForgeStoredFact stored = { 0 };
  gboolean is_known = store && forge_store_get_fact (store, hash, oldest_s (), &stored, &error);

  forge_store_pool_give (resolver->stores, store);
  if (error)
    g_debug ("What is known of a file could not be read: %s", error->message);
  if (is_known)
    *facts = (ForgeFacts){ .length = stored.length,
                           .source_id = stored.source_id,
                           .content_type = stored.content_type,
                           .is_playlist = stored.is_playlist,
                           .learned_s = stored.time };
  return is_known;
}

gboolean
forge_resolver_recall (ForgeResolver *resolver, const char *key, ForgeFacts *facts)
{
  g_mutex_lock (&resolver->lock);
  const ForgeFacts *known = g_hash_table_lookup (resolver->facts, key);
  gboolean is_known = known && known->learned_s >= oldest_s ();
  if (is_known)
    *facts = facts_copy (known);
  g_mutex_unlock (&resolver->lock);
  if (is_known || !recall_stored (resolver, key, facts))
    return is_known;
  g_mutex_lock (&resolver->lock);
  keep_fact (resolver, key, facts);
  g_mutex_unlock (&resolver->lock);
  return TRUE;
}

/* ---- facts in the store ---- */

typedef struct {
  char *key_hash;
  ForgeFacts facts;
} NewFact;

static void
run_writer (gpointer data, gpointer user_data)
{
  NewFact *fresh = data;
  ForgeResolver *resolver = user_data;
  g_autoptr (GError) error = NULL;
  const ForgeStoredFact fact = { .length = fresh->facts.length,
                                 .source_id = fresh->facts.source_id,
                                 .content_type = fresh->facts.content_type,
                                 .is_playlist = fresh->facts.is_playlist,
                                 .time = fresh->facts.learned_s };

  forge_role_enter (FORGE_ROLE_JOB);
  ForgeStore *store = forge_store_pool_take (resolver->stores, &error);
  if (!store || !forge_store_save_fact (store, fresh->key_hash, &fact, oldest_s (), &error))
    g_message ("What is known of a file could not be kept: %s", error->message);
  forge_store_pool_give (resolver->stores, store);
  forge_facts_clear (&fresh->facts);
  g_free (fresh->key_hash);
  g_free (fresh);
}

/* With the lock. A file that is read in a hundred parts is noted once. */
static gboolean
is_news (ForgeResolver *resolver, const char *key, const ForgeFacts *facts)
{
  const ForgeFacts *known = g_hash_table_lookup (resolver->facts, key);

  return !known || known->length != facts->length || known->source_id != facts->source_id ||
         known->is_playlist != facts->is_playlist ||
         facts->learned_s - known->learned_s >= FORGE_RESOLVER_FRESH_S / 2;
}

void
forge_resolver_learn (ForgeResolver *resolver, const char *key, const ForgeFacts *facts)
{
  ForgeFacts now = *facts; /* lends its strings */
  NewFact *fresh = NULL;

  now.learned_s = wall_s ();
  g_mutex_lock (&resolver->lock);
  if (is_news (resolver, key, &now)) {
    keep_fact (resolver, key, &now);
    fresh = g_new (NewFact, 1);
    *fresh = (NewFact){ hash_key (key), facts_copy (&now) };
  }
  g_mutex_unlock (&resolver->lock);
  if (fresh)
    g_thread_pool_push (resolver->writers, fresh, NULL);
}

void
forge_resolver_stats (ForgeResolver *resolver, ForgeResolverStats *stats)
{
  g_mutex_lock (&resolver->lock);
  *stats = resolver->stats;
  g_mutex_unlock (&resolver->lock);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ForgeStore: one connection to the database, used by one thread at a time.
 *
 * SQLite with WAL, synchronous=NORMAL, foreign keys, a busy timeout of 5 s and a small page cache
 * (the whole headless program must idle below 40 MB). Schema version in PRAGMA user_version;
 * numbered migrations run in forge_store_open (). Every statement is prepared once per connection
 * and kept. All functions here and in the other forge-store-*.h report FORGE_ERROR_STORAGE unless
 * they say otherwise. Blocks: on disk and on the busy timeout, so never on the ui role; the control
 * role only for single-row reads.
 */
typedef struct _ForgeStore ForgeStore;

/* Opens or creates the database and migrates it. A database of a newer version is refused
 * (UNSUPPORTED), a damaged one is moved aside to "<path>.damaged-<time>" and reported in
 * `*recovered_from` (transfer full, may be NULL) while a new one is created. */
ForgeStore *forge_store_open (const char *path, char **recovered_from, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void forge_store_close (ForgeStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeStore, forge_store_close)

/* Write transaction (BEGIN IMMEDIATE). Not nested. */
gboolean forge_store_begin (ForgeStore *store, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean forge_store_commit (ForgeStore *store, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void forge_store_rollback (ForgeStore *store);

/* Gives page cache and freed heap back; after a large import. */
void forge_store_release_memory (ForgeStore *store);

/**
 * ForgeStorePool: connections for job threads, opened when needed, at most `max_idle` kept.
 * Thread: any.
 */
typedef struct _ForgeStorePool ForgeStorePool;

ForgeStorePool *forge_store_pool_new (const char *path, guint max_idle) G_GNUC_WARN_UNUSED_RESULT;
void forge_store_pool_free (ForgeStorePool *pool);
ForgeStore *forge_store_pool_take (ForgeStorePool *pool, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void forge_store_pool_give (ForgeStorePool *pool, ForgeStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeStorePool, forge_store_pool_free)

G_END_DECLS

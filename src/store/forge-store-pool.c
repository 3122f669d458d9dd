/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-private.h"

struct _ForgeStorePool {
  char *path;
  guint max_idle;
  GMutex lock;
  GPtrArray *idle; /* of ForgeStore*, the last used one at the end */
};

ForgeStorePool *
forge_store_pool_new (const char *path, guint max_idle)
{
  ForgeStorePool *pool = g_new0 (ForgeStorePool, 1);

  pool->path = g_strdup (path);
  pool->max_idle = max_idle;
  pool->idle = g_ptr_array_new_with_free_func ((GDestroyNotify)forge_store_close);
  g_mutex_init (&pool->lock);
  return pool;
}

void
forge_store_pool_free (ForgeStorePool *pool)
{
  if (!pool)
    return;
  g_ptr_array_unref (pool->idle);
  g_mutex_clear (&pool->lock);
  g_free (pool->path);
  g_free (pool);
}

static ForgeStore *
steal_idle (ForgeStorePool *pool)
{
  ForgeStore *store = NULL;

  g_mutex_lock (&pool->lock);
  if (pool->idle->len > 0)
    store = g_ptr_array_steal_index (pool->idle, pool->idle->len - 1);
  g_mutex_unlock (&pool->lock);
  return store;
}

ForgeStore *
forge_store_pool_take (ForgeStorePool *pool, GError **error)
{
  g_autoptr (ForgeStore) store = steal_idle (pool);

  if (store)
    return g_steal_pointer (&store);
  /* Never moves a damaged file aside: other connections still use it. */
  store = forge_store_connect (pool->path, NULL, error);
  return store && forge_store_migrate (store, error) ? g_steal_pointer (&store) : NULL;
}

void
forge_store_pool_give (ForgeStorePool *pool, ForgeStore *store)
{
  g_autoptr (ForgeStore) surplus = store;

  if (!store)
    return;
  forge_store_rollback (store);
  forge_store_narrow_cache (store);
  g_mutex_lock (&pool->lock);
  if (pool->idle->len < pool->max_idle)
    g_ptr_array_add (pool->idle, g_steal_pointer (&surplus));
  g_mutex_unlock (&pool->lock);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-library"
#include "config.h"

#include "library/forge-page-shelf.h"

#include "library/forge-extraction-keep.h"
#include "store/forge-seal.h"
#include "store/forge-store-pages.h"

#define KEY_NAME "key/pages"

struct _ForgePageShelf {
  ForgeStorePool *stores;
  ForgeSecrets *secrets;
  GMutex lock; /* held while the key is loaded, so that only one is made */
  ForgeSealKey key;
  gboolean has_key;
};

ForgePageShelf *
forge_page_shelf_new (ForgeStorePool *stores, ForgeSecrets *secrets)
{
  ForgePageShelf *shelf = g_new0 (ForgePageShelf, 1);

  shelf->stores = stores;
  shelf->secrets = secrets;
  g_mutex_init (&shelf->lock);
  return shelf;
}

void
forge_page_shelf_free (ForgePageShelf *shelf)
{
  if (!shelf)
    return;
  g_mutex_clear (&shelf->lock);
  g_free (shelf);
}

static void
complain (const GError *error)
{
  if (error)
    g_message ("Pages are not remembered over a restart: %s", error->message);
}

/* A connection and the key. NULL: not now. */
static ForgeStore *
begin (ForgePageShelf *shelf)
{
  g_autoptr (GError) error = NULL;

  g_mutex_lock (&shelf->lock);
  if (!shelf->has_key)
    shelf->has_key = forge_seal_key_load (shelf->secrets, KEY_NAME, &shelf->key, NULL, &error);
  gboolean has_key = shelf->has_key;
  g_mutex_unlock (&shelf->lock);
  ForgeStore *store = has_key ? forge_store_pool_take (shelf->stores, &error) : NULL;
  complain (error);
  return store;
}

static char *
hash_page (const char *page)
{
  g_autofree char *text = g_strconcat ("page ", page, NULL);

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
}

/* A row that was moved to another page or another time cannot be opened. */
static char *
context_of (const char *hash, gint64 read_s)
{
  return g_strdup_printf ("page %s %" G_GINT64_FORMAT, hash, read_s);
}

ForgeExtraction *
forge_page_shelf_get (ForgePageShelf *shelf, const char *page, gint64 since_s, gint64 *read_s)
{
  ForgeStore *store = begin (shelf);
  g_autofree char *hash = hash_page (page);
  g_autoptr (GError) error = NULL;

  if (!store)
    return NULL;
  g_autofree char *sealed = forge_store_get_page (store, hash, since_s, read_s, &error);
  forge_store_pool_give (shelf->stores, store);
  complain (error);
  if (!sealed)
    return NULL;
  g_autofree char *context = context_of (hash, *read_s);
  g_autoptr (ForgeSecret) text = forge_unseal (&shelf->key, context, sealed);
  return text ? forge_extraction_unformat (text) : NULL;
}

void
forge_page_shelf_put (ForgePageShelf *shelf,
                      const char *page,
                      const ForgeExtraction *extraction,
                      gint64 read_s,
                      gint64 since_s)
{
  ForgeStore *store = begin (shelf);
  g_autofree char *hash = hash_page (page);
  g_autofree char *context = context_of (hash, read_s);
  g_autoptr (ForgeSecret) text = forge_extraction_format (extraction);
  g_autoptr (GError) error = NULL;

  if (!store)
    return;
  g_autofree char *sealed = forge_seal (&shelf->key, context, text);
  if (sealed)
    forge_store_save_page (store, hash, read_s, sealed, since_s, &error);
  forge_store_pool_give (shelf->stores, store);
  complain (error);
}

void
forge_page_shelf_forget (ForgePageShelf *shelf, const char *page)
{
  ForgeStore *store = begin (shelf);
  g_autofree char *hash = hash_page (page);
  g_autoptr (GError) error = NULL;

  if (!store)
    return;
  forge_store_forget_page (store, hash, &error);
  forge_store_pool_give (shelf->stores, store);
  complain (error);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-engine-private.h"
#include "guide/forge-guide-search.h"

static void
update_search (gpointer data, GCancellable *cancellable)
{
  ForgeEngine *engine = data;
  g_autoptr (GError) error = NULL;

  /* Before it begins: what changes from now on is for the next time. */
  g_atomic_int_set (&engine->search_waits, FALSE);
  ForgeStore *store = forge_store_pool_take (engine->stores, &error);
  if (store) {
    gint64 now_s = forge_clock_wall_s (engine->clock);
    if (forge_guide_update_search (store, now_s, cancellable, &error))
      forge_store_release_memory (store);
    forge_store_pool_give (engine->stores, store);
  }
  if (error && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    forge_event_log_add (FORGE_LOG_WARNING,
                         FORGE_EVENT_GUIDE,
                         "The search of programmes could not be brought up to date",
                         error->message,
                         engine->events);
}

/* Also of one that was dropped because too much waits. */
static void
on_search_done (gpointer data)
{
  ForgeEngine *engine = data;

  g_atomic_int_set (&engine->search_waits, FALSE);
}

void
forge_engine_update_search_later (ForgeEngine *engine)
{
  if (g_atomic_int_compare_and_exchange (&engine->search_waits, FALSE, TRUE))
    forge_work_push (engine->work, update_search, engine, on_search_done);
}

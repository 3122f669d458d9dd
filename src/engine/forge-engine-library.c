/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-engine-private.h"
#include "engine/forge-ops-library.h"

/* Films and series for apps of our Xtream API: what the pages cannot do by themselves. */

static ForgeReply *
serve (ForgeMediaKind kind,
       gint64 id,
       const ForgeRequest *request,
       GCancellable *cancellable,
       gpointer user_data)
{
  ForgeEngine *engine = user_data;

  return forge_media_service_answer (engine->media, kind, id, request, cancellable);
}

static gboolean
read_details (ForgeMediaKind kind,
              gint64 id,
              GCancellable *cancellable,
              gpointer user_data,
              GError **error)
{
  ForgeEngine *engine = user_data;
  ForgeOps ops = { engine, forge_store_pool_take (engine->stores, error), cancellable };
  gboolean is_read = ops.store && forge_ops_read_details (&ops, kind, id, error);

  forge_store_pool_give (engine->stores, ops.store);
  return is_read;
}

void
forge_engine_give_library (ForgeEngine *engine)
{
  const ForgePagesLibrary library = { .serve = serve,
                                      .read_details = read_details,
                                      .user_data = engine };

  forge_tuner_pages_set_library (engine->pages, &library);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-engine-private.h"
#include "engine/forge-ops-library.h"

/* Films and series for apps of our Xtream API: what the pages cannot do by themselves. */

static ForgeReply *
serve (ForgeMediaKind kind,
       gint64 id,
       const ForgeSeat *seat,
       const ForgeRequest *request,
       GCancellable *cancellable,
       gpointer user_data)
{
  ForgeEngine *engine = user_data;

  return forge_media_service_answer (engine->media, kind, id, seat, request, cancellable);
}

static void
end_on_control (ForgeEngine *engine, gpointer data)
{
  const GArray *seats = data;

  for (guint i = 0; i < seats->len; i++) {
    forge_tuner_end_seat (engine->tuner, g_array_index (seats, guint64, i));
    forge_media_service_end_seat (engine->media, g_array_index (seats, guint64, i));
  }
}

static void
end_seats (const GArray *seats, gpointer user_data)
{
  forge_engine_on_control (user_data, end_on_control, (gpointer)seats);
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
                                      .end_seats = end_seats,
                                      .user_data = engine };

  forge_tuner_pages_set_library (engine->pages, &library);
}

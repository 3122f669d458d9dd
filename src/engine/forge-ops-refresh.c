/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-ops-refresh.h"

#include "base/forge-error.h"
#include "store/forge-store-guide.h"

gboolean
forge_ops_run_lineup_after (ForgeOps *ops, gint64 refresh_id, GError **error)
{
  if (refresh_id == 0)
    return forge_ops_run_lineup (ops, error);
  return forge_store_remember_channels (ops->store, error) && forge_ops_run_lineup (ops, error) &&
         forge_store_record_channels (ops->store, refresh_id, error);
}

static void
report (ForgeOps *ops, gint64 id, const char *what)
{
  g_autoptr (ForgeRefresh) refresh = forge_store_get_refresh (ops->store, id, NULL);

  if (refresh)
    forge_ops_report (ops,
                      FORGE_LOG_INFO,
                      refresh->account_id ? FORGE_EVENT_PROVIDER : FORGE_EVENT_GUIDE,
                      "Refresh %" G_GINT64_FORMAT " of “%s” was %s by you (%s)",
                      id,
                      refresh->name,
                      what,
                      refresh->summary);
}

gboolean
forge_ops_apply_refresh (ForgeOps *ops, gint64 id, GError **error)
{
  gint64 now_s = forge_clock_wall_s (ops->engine->clock);

  if (!forge_store_apply_refresh (ops->store, id, now_s, error))
    return FALSE;
  report (ops, id, "applied");
  return forge_store_sweep_guide (ops->store, 0, error) &&
         forge_ops_run_lineup_after (ops, id, error);
}

gboolean
forge_ops_keep_refresh (ForgeOps *ops, gint64 id, GError **error)
{
  if (!forge_store_keep_refresh (ops->store, id, error))
    return FALSE;
  report (ops, id, "declined");
  return forge_store_sweep_guide (ops->store, 0, error) &&
         forge_engine_publish (ops->engine, ops->store, error);
}

gboolean
forge_ops_undo_refresh (ForgeOps *ops, gint64 *id, GError **error)
{
  gint64 now_s = forge_clock_wall_s (ops->engine->clock);

  if (!forge_store_undo_refresh (ops->store, id, now_s, error))
    return FALSE;
  report (ops, *id, "taken back");
  return forge_store_sweep_guide (ops->store, 0, error) && forge_ops_run_lineup (ops, error);
}

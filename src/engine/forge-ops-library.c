/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-ops-library.h"

#include "base/forge-error.h"
#include "provider/forge-provider-library.h"
#include "store/forge-store-accounts.h"

static void
report_titles (ForgeOps *ops,
               const ForgeAccount *account,
               ForgeMediaKind kind,
               const ForgeProviderTitlesResult *result)
{
  const ForgeTitlePlan *plan = &result->plan;

  if (plan->added + plan->changed + plan->removed == 0)
    return;
  forge_ops_report (ops,
                    FORGE_LOG_INFO,
                    FORGE_EVENT_LIBRARY,
                    "“%s”: %d %s (%d new, %d changed, %d gone, %u unreadable rows skipped)",
                    account->name,
                    plan->after,
                    kind == FORGE_MEDIA_MOVIE ? "films" : "series",
                    plan->added,
                    plan->changed,
                    plan->removed,
                    result->counts.skipped);
}

/* A panel without films may answer with anything: that is no warning. */
static void
scan_kind (ForgeOps *ops,
           const ForgeAccount *account,
           ForgeHttp *http,
           const ForgeProviderRefreshOptions *options,
           ForgeMediaKind kind)
{
  ForgeProviderTitlesResult result;
  g_autoptr (GError) error = NULL;
  int before = kind == FORGE_MEDIA_MOVIE ? account->movies : account->series;

  if (forge_provider_refresh_titles (ops->store,
                                     ops->engine->secrets,
                                     http,
                                     account->id,
                                     kind,
                                     options,
                                     &result,
                                     ops->cancellable,
                                     &error))
    report_titles (ops, account, kind, &result);
  else if (!g_cancellable_is_cancelled (ops->cancellable))
    forge_ops_report (ops,
                      before > 0 ? FORGE_LOG_WARNING : FORGE_LOG_INFO,
                      FORGE_EVENT_LIBRARY,
                      "“%s”: %s",
                      account->name,
                      error->message);
}

gboolean
forge_ops_scan_library (ForgeOps *ops,
                        const ForgeAccount *account,
                        ForgeHttp *http,
                        const ForgeProviderRefreshOptions *options,
                        GError **error)
{
  if (account->kind != FORGE_ACCOUNT_XTREAM) /* a list has no films that could be asked for */
    return TRUE;
  scan_kind (ops, account, http, options, FORGE_MEDIA_MOVIE);
  if (!g_cancellable_is_cancelled (ops->cancellable))
    scan_kind (ops, account, http, options, FORGE_MEDIA_SERIES);
  return !g_cancellable_set_error_if_cancelled (ops->cancellable, error);
}

static gboolean
read_from (ForgeOps *ops, const ForgeMediaSource *source, GError **error)
{
  g_autoptr (ForgeAccount) account =
      forge_store_get_account (ops->store, source->account_id, error);

  if (!account)
    return FALSE;
  g_autoptr (ForgeHttp) http = forge_engine_make_login_http (ops->engine, account);
  return forge_provider_read_details (ops->store,
                                      ops->engine->secrets,
                                      http,
                                      source,
                                      forge_clock_wall_s (ops->engine->clock),
                                      ops->cancellable,
                                      error);
}

gboolean
forge_ops_read_details (ForgeOps *ops, ForgeMediaKind kind, gint64 id, GError **error)
{
  g_autoptr (GPtrArray) sources = forge_store_media_sources (ops->store, kind, id, error);
  gint64 now_s = forge_clock_wall_s (ops->engine->clock);
  g_autoptr (GError) failure = NULL;
  gboolean is_known = FALSE;

  if (!sources)
    return FALSE;
  for (guint i = 0; i < sources->len; i++) {
    const ForgeMediaSource *source = g_ptr_array_index (sources, i);
    g_autoptr (GError) own = NULL;
    is_known = is_known || source->info_at > 0;
    if (!forge_provider_details_are_old (source, now_s))
      continue;
    if (read_from (ops, source, &own))
      is_known = TRUE;
    else if (!failure)
      failure = g_steal_pointer (&own);
  }
  if (is_known || !failure)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-ops-library.h"

#include "base/forge-error.h"
#include "engine/forge-flights.h"
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

/* ---- details ---- */

typedef struct {
  ForgeOps *ops;
  ForgeMediaKind kind;
  gint64 id, now_s;
  ForgeDetailsState state;
} Details;

static gboolean
are_old (const Details *details, const GPtrArray *sources)
{
  for (guint i = 0; i < sources->len; i++)
    if (forge_provider_details_are_old (g_ptr_array_index (sources, i), details->now_s))
      return TRUE;
  return FALSE;
}

static gboolean
ask_sources (Details *details, GPtrArray *sources, GError **error)
{
  g_autoptr (GError) failure = NULL;
  gboolean is_known = FALSE;

  for (guint i = 0; i < sources->len; i++) {
    const ForgeMediaSource *source = g_ptr_array_index (sources, i);
    g_autoptr (GError) own = NULL;
    is_known = is_known || source->info_at > 0;
    if (!forge_provider_details_are_old (source, details->now_s))
      continue;
    if (read_from (details->ops, source, &own))
      is_known = TRUE;
    else if (!failure)
      failure = g_steal_pointer (&own);
  }
  details->state = failure ? FORGE_DETAILS_STALE : FORGE_DETAILS_READ;
  if (is_known || !failure)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* Somebody else may have asked between the caller's look and this. */
static gboolean
ask (gpointer user_data, GError **error)
{
  Details *details = user_data;
  g_autoptr (GPtrArray) sources =
      forge_store_media_sources (details->ops->store, details->kind, details->id, error);

  if (!sources)
    return FALSE;
  return !are_old (details, sources) || ask_sources (details, sources, error);
}

gboolean
forge_ops_look_up_details (ForgeOps *ops,
                           ForgeMediaKind kind,
                           gint64 id,
                           ForgeDetailsState *state,
                           GError **error)
{
  g_autoptr (GPtrArray) sources = forge_store_media_sources (ops->store, kind, id, error);
  Details details = { .ops = ops,
                      .kind = kind,
                      .id = id,
                      .now_s = forge_clock_wall_s (ops->engine->clock),
                      .state = FORGE_DETAILS_READ };
  g_autofree char *handle = forge_media_handle (kind, id);

  *state = FORGE_DETAILS_KNOWN;
  if (!sources)
    return FALSE;
  if (!are_old (&details, sources))
    return TRUE;
  gboolean ok =
      forge_flights_run (ops->engine->flights, handle, ask, &details, ops->cancellable, error);
  *state = ok ? details.state : FORGE_DETAILS_STALE;
  return ok;
}

gboolean
forge_ops_read_details (ForgeOps *ops, ForgeMediaKind kind, gint64 id, GError **error)
{
  ForgeDetailsState state;

  return forge_ops_look_up_details (ops, kind, id, &state, error);
}

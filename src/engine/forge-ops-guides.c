/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/forge-hidden-url.h"
#include "engine/forge-ops-checks.h"
#include "engine/forge-ops-guide-set.h"
#include "engine/forge-ops-refresh.h"
#include "engine/forge-ops.h"
#include "engine/forge-shift-text.h"
#include "guide/forge-guide-import.h"
#include "guide/forge-lineup-run.h"
#include "provider/forge-xtream.h"
#include "store/forge-store-accounts.h"
#include "store/forge-store-guide.h"

#include <malloc.h>
#include <stdarg.h>
#include <string.h>

#define TOMBSTONE_DAYS   14
#define GUIDE_PAST_HOURS 6

void
forge_ops_report (ForgeOps *ops,
                  ForgeLogLevel level,
                  ForgeEventCategory category,
                  const char *format,
                  ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *message = g_strdup_vprintf (format, args);
  va_end (args);
  forge_event_log_add (level, category, message, NULL, ops->engine->events);
}

/* The URL of an account's own guide; holds the password, so wipe and free it with forge_secret_free
 * (). */
static char *
account_guide_url (ForgeOps *ops, const ForgeAccount *account, GError **error)
{
  g_autofree char *name = forge_provider_secret_name (account->id);
  g_autoptr (ForgeSecret) password =
      forge_secrets_lookup (ops->engine->secrets, name, ops->cancellable, error);

  if (!password)
    return NULL;
  const ForgeXtreamLogin login = { .server = account->server,
                                   .username = account->username,
                                   .password = password };
  return forge_xtream_guide_url (&login);
}

/* As import_source () needs it: with its login. Free it with forge_secret_free (). */
static char *
find_location (ForgeOps *ops,
               const ForgeGuideSource *source,
               const ForgeAccount *account,
               GError **error)
{
  g_autofree char *name = forge_hidden_url_name_of_guide (source->id);

  if (account && !source->location)
    return account_guide_url (ops, account, error);
  return forge_hidden_url_reveal (ops->engine->secrets,
                                  name,
                                  source->location,
                                  ops->cancellable,
                                  error);
}

static gboolean
import_source (ForgeOps *ops,
               const ForgeGuideSource *source,
               gboolean force,
               ForgeGuideImportResult *result,
               GError **error)
{
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (ops->engine);
  g_autoptr (ForgeAccount) account =
      source->account_id ? forge_store_get_account (ops->store, source->account_id, error) : NULL;
  g_autoptr (ForgeSecret) location = NULL;

  if (source->account_id && !account)
    return FALSE;
  location = find_location (ops, source, account, error);
  if (!location)
    return FALSE;
  g_autoptr (ForgeHttp) http = forge_engine_make_http (ops->engine, account);
  const ForgeGuideImportOptions options = {
    .now_s = forge_clock_wall_s (ops->engine->clock),
    .days = (int)forge_settings_int (snapshot->settings, "guide_days"),
    .past_hours = GUIDE_PAST_HOURS,
    .hold_back_percent = (int)forge_settings_int (snapshot->settings, "hold_back_percent"),
    .force = force,
  };
  return forge_guide_import (ops->store,
                             http,
                             source->id,
                             location,
                             &options,
                             result,
                             ops->cancellable,
                             error);
}

static gboolean
refresh_source (ForgeOps *ops,
                const ForgeGuideSource *source,
                gboolean force,
                gint64 *refresh_id,
                GError **error)
{
  ForgeGuideImportResult result = { 0 };
  g_autoptr (GError) failure = NULL;

  if (!import_source (ops, source, force, &result, &failure)) {
    forge_ops_report (ops,
                      FORGE_LOG_WARNING,
                      FORGE_EVENT_GUIDE,
                      "Guide “%s” was not updated: %s",
                      source->name,
                      failure->message);
    g_propagate_error (error, g_steal_pointer (&failure));
    return FALSE;
  }
  if (result.refresh_id)
    *refresh_id = result.refresh_id;
  if (result.unchanged)
    forge_ops_report (ops,
                      FORGE_LOG_DEBUG,
                      FORGE_EVENT_GUIDE,
                      "Guide “%s” has not changed",
                      source->name);
  else
    forge_ops_report (ops,
                      FORGE_LOG_INFO,
                      FORGE_EVENT_GUIDE,
                      "Guide “%s”: %" G_GUINT64_FORMAT " programmes of %" G_GUINT64_FORMAT
                      " channels%s%s",
                      source->name,
                      result.programmes,
                      result.channels,
                      *result.warning ? "; " : "",
                      result.warning);
  return TRUE;
}

static gboolean
refresh_all_sources (ForgeOps *ops,
                     GPtrArray *sources,
                     gint64 id,
                     gboolean force,
                     gint64 *refresh_id,
                     GError **error)
{
  gboolean ok = TRUE;

  for (guint i = 0; i < sources->len; i++) {
    const ForgeGuideSource *source = g_ptr_array_index (sources, i);
    gboolean is_wanted = id ? source->id == id : source->enabled;
    if (is_wanted && !refresh_source (ops, source, force, refresh_id, ok ? error : NULL))
      ok = FALSE;
  }
  return ok;
}

gboolean
forge_ops_refresh_guides (ForgeOps *ops, gint64 id, gboolean force, GError **error)
{
  g_autoptr (GPtrArray) sources = forge_store_list_guide_sources (ops->store, error);

  if (!sources)
    return FALSE;
  if (id) {
    g_autoptr (ForgeGuideSource) source = forge_store_get_guide_source (ops->store, id, error);
    if (!source)
      return FALSE;
  }
  gint64 refresh_id = 0; /* of the last that changed: it takes note of the channels */
  gboolean ok = refresh_all_sources (ops, sources, id, force, &refresh_id, error);
  g_autoptr (GError) leftover = NULL;
  /* Only here, where no other import can run: it deletes whatever is in nobody's use. */
  if (!forge_store_sweep_guide (ops->store, 0, &leftover))
    forge_ops_report (ops,
                      FORGE_LOG_WARNING,
                      FORGE_EVENT_GUIDE,
                      "Old guide rows stay for now: %s",
                      leftover->message);
  forge_ops_suggest_shifts (ops);
  gboolean has_lineup = forge_ops_run_lineup_after (ops, refresh_id, ok ? error : NULL);
  return ok && has_lineup;
}

ForgeLineupRunOptions
forge_ops_lineup_options (ForgeEngine *engine)
{
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (engine);

  return (ForgeLineupRunOptions){
    .now_s = forge_clock_wall_s (engine->clock),
    .max_enabled = (int)forge_settings_int (snapshot->settings, "max_enabled_channels"),
    .tombstone_days = TOMBSTONE_DAYS,
    .memory = engine->lineup_memory,
  };
}

static gboolean
run_lineup (ForgeOps *ops, gboolean anew, GError **error)
{
  ForgeLineupRunOptions options = forge_ops_lineup_options (ops->engine);
  ForgeLineupRunResult result = { 0 };

  options.anew = anew;

  if (!forge_lineup_run (ops->store, &options, &result, ops->cancellable, error))
    return FALSE;
  forge_ops_report (ops,
                    FORGE_LOG_DEBUG,
                    FORGE_EVENT_MATCH,
                    "%d channels; %d streams matched, %d not, %d to review",
                    result.channels,
                    result.matched_streams,
                    result.unmatched_streams,
                    result.review);
  gboolean ok = forge_engine_publish (ops->engine, ops->store, error);
  /* Matching a large account leaves tens of megabytes of freed heap behind. */
  forge_store_release_memory (ops->store);
  malloc_trim (0);
  return ok;
}

gboolean
forge_ops_run_lineup (ForgeOps *ops, GError **error)
{
  return run_lineup (ops, FALSE, error);
}

gboolean
forge_ops_match_anew (ForgeOps *ops, GError **error)
{
  return run_lineup (ops, TRUE, error);
}

void
forge_ops_refresh_all (ForgeOps *ops)
{
  g_autoptr (GPtrArray) accounts = forge_store_list_accounts (ops->store, NULL);

  for (guint i = 0; accounts && i < accounts->len; i++) {
    const ForgeAccount *account = g_ptr_array_index (accounts, i);
    g_autoptr (GError) error = NULL;
    if (account->enabled && !g_cancellable_is_cancelled (ops->cancellable) &&
        !forge_ops_refresh_account (ops, account->id, FALSE, &error))
      g_clear_error (&error); /* it is an event already */
  }
  g_autoptr (GError) error = NULL;
  if (!g_cancellable_is_cancelled (ops->cancellable) &&
      !forge_ops_refresh_guides (ops, 0, FALSE, &error))
    g_clear_error (&error);
}

void
forge_ops_forget_guide_location (ForgeOps *ops, gint64 id)
{
  g_autofree char *name = forge_hidden_url_name_of_guide (id);
  g_autoptr (GError) error = NULL;

  if (!forge_secrets_forget (ops->engine->secrets, name, NULL, &error))
    forge_ops_report (ops,
                      FORGE_LOG_WARNING,
                      FORGE_EVENT_GUIDE,
                      "A guide's address stays in the keyring: %s",
                      error->message);
}

gint64
forge_ops_store_guide (ForgeOps *ops, const ForgeGuideSource *wanted, GError **error)
{
  g_autoptr (ForgeGuideSource) source = forge_guide_source_copy (wanted);

  if (forge_hidden_url_has_login (wanted->location)) {
    g_free (source->location);
    source->location = forge_hidden_url_show (wanted->location);
  }
  gint64 id = forge_store_add_guide_source (ops->store, source, error);
  if (id == 0 || !forge_hidden_url_has_login (wanted->location))
    return id;
  g_autofree char *name = forge_hidden_url_name_of_guide (id);
  return forge_hidden_url_keep (ops->engine->secrets,
                                name,
                                wanted->location,
                                ops->cancellable,
                                error)
             ? id
             : 0;
}

gint64
forge_ops_store_new_guide (ForgeOps *ops, const ForgeGuideSource *source, GError **error)
{
  if (!forge_store_begin (ops->store, error))
    return 0;
  gint64 id = forge_ops_store_guide (ops, source, error);
  if (id > 0)
    return forge_store_commit (ops->store, error) ? id : 0;
  forge_store_rollback (ops->store);
  return 0;
}

/* The guide could not be read: nothing of it stays. */
static void
take_back_guide (ForgeOps *ops, gint64 id)
{
  g_autoptr (GError) ignored = NULL;

  if (!forge_store_remove_guide_source (ops->store, id, &ignored))
    forge_ops_report (ops,
                      FORGE_LOG_ERROR,
                      FORGE_EVENT_GUIDE,
                      "A half-added guide stays: %s",
                      ignored->message);
  forge_ops_forget_guide_location (ops, id);
  if (!forge_engine_publish (ops->engine, ops->store, NULL))
    forge_ops_report (ops, FORGE_LOG_ERROR, FORGE_EVENT_SYSTEM, "The new state could not be read");
}

gint64
forge_ops_add_guide (ForgeOps *ops,
                     const char *name,
                     const char *location,
                     const char *shift,
                     GError **error)
{
  g_autoptr (ForgeGuideSource) source = forge_guide_source_new ();

  if (!forge_check_name (name, error) || !forge_check_guide_location (location, error) ||
      !forge_shift_parse (shift ? shift : "", &source->shift_minutes, &source->zone, error))
    return 0;
  source->name = g_strdup (name);
  source->location = g_strdup (location);
  gint64 id = forge_ops_store_new_guide (ops, source, error);
  if (id == 0 || forge_ops_refresh_guides (ops, id, FALSE, error))
    return id;
  take_back_guide (ops, id);
  return 0;
}

gboolean
forge_ops_enable_guide (ForgeOps *ops, gint64 id, gboolean enabled, GError **error)
{
  g_autoptr (ForgeGuideSource) stored = forge_store_get_guide_source (ops->store, id, error);

  if (!stored)
    return FALSE;
  g_autoptr (ForgeGuideSource) source = forge_guide_source_copy (stored);
  source->enabled = enabled;
  return forge_store_update_guide_source (ops->store, source, error) &&
         forge_ops_run_lineup (ops, error);
}

gboolean
forge_ops_remove_guide (ForgeOps *ops, gint64 id, GError **error)
{
  if (!forge_store_remove_guide_source (ops->store, id, error))
    return FALSE;
  forge_ops_forget_guide_location (ops, id);
  return forge_store_sweep_guide (ops->store, 0, error) && forge_ops_run_lineup (ops, error);
}

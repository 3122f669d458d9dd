/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-provider"

#include "config.h"

#include "provider/forge-provider-library.h"

#include "base/forge-error.h"
#include "net/forge-url.h"
#include "provider/forge-xtream-library.h"

#define DETAILS_LIFE_S       86400
#define KNOWN_DETAILS_LIFE_S (7 * 86400)

typedef struct {
  ForgeStore *store;
  ForgeHttp *http;
  ForgeMediaKind kind;
  const ForgeProviderRefreshOptions *options;
  ForgeProviderTitlesResult *result;
  ForgeAccount *account;
  ForgeSecret *password;
  ForgeXtreamLogin login;
  GCancellable *cancellable;
} Refresh;

static void
refresh_clear (Refresh *refresh)
{
  g_clear_pointer (&refresh->account, forge_account_unref);
  g_clear_pointer (&refresh->password, forge_secret_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Refresh, refresh_clear)

/* Account, password and login. */
static gboolean
find_login (Refresh *refresh, ForgeSecrets *secrets, gint64 account_id, GError **error)
{
  g_autofree char *name = forge_provider_secret_name (account_id);

  refresh->account = forge_store_get_account (refresh->store, account_id, error);
  if (refresh->account)
    refresh->password = forge_secrets_lookup (secrets, name, refresh->cancellable, error);
  if (!refresh->password)
    return FALSE;
  refresh->login = (ForgeXtreamLogin){ .server = refresh->account->server,
                                       .username = refresh->account->username,
                                       .password = refresh->password };
  return TRUE;
}

/* Titles without groups are better than none. */
static GHashTable *
fetch_categories (Refresh *refresh)
{
  g_autoptr (GError) error = NULL;
  GHashTable *categories = forge_xtream_media_categories (refresh->http,
                                                          &refresh->login,
                                                          refresh->kind,
                                                          refresh->cancellable,
                                                          &error);

  if (categories)
    return categories;
  if (!g_cancellable_is_cancelled (refresh->cancellable))
    g_message ("%s; going on without groups", error->message);
  return g_hash_table_new (g_str_hash, g_str_equal);
}

static gboolean
on_media (const ForgeMediaListing *listing, gpointer user_data, GError **error)
{
  Refresh *refresh = user_data;

  return forge_store_stage_title (refresh->store, listing, error);
}

static gboolean
stage (Refresh *refresh, GError **error)
{
  g_autoptr (GHashTable) categories = fetch_categories (refresh);

  return !g_cancellable_set_error_if_cancelled (refresh->cancellable, error) &&
         forge_store_begin_titles (refresh->store, refresh->account->id, refresh->kind, error) &&
         forge_xtream_media_list (refresh->http,
                                  &refresh->login,
                                  refresh->kind,
                                  categories,
                                  on_media,
                                  refresh,
                                  &refresh->result->counts,
                                  refresh->cancellable,
                                  error) &&
         forge_store_plan_titles (refresh->store, &refresh->result->plan, error);
}

/* Facts §1.7: a shorter or empty list must not wipe what is there. */
static gboolean
check_plan (Refresh *refresh, GError **error)
{
  const ForgeTitlePlan *plan = &refresh->result->plan;
  int percent = refresh->options->hold_back_percent;
  const char *what = refresh->kind == FORGE_MEDIA_MOVIE ? "films" : "series";

  if (refresh->options->force || plan->before == 0 ||
      (plan->after > 0 && (gint64)plan->removed * 100 <= (gint64)plan->before * percent))
    return TRUE;
  g_autofree char *host = forge_url_host (refresh->account->server);
  if (plan->after == 0)
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_HELD_BACK,
                 "%s: the list of %s is empty (%d before)",
                 host,
                 what,
                 plan->before);
  else
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_HELD_BACK,
                 "%s: the new list lacks %d of %d %s, more than %d %%",
                 host,
                 plan->removed,
                 plan->before,
                 what,
                 percent);
  return FALSE;
}

static gboolean
apply (Refresh *refresh, GError **error)
{
  if (!forge_store_begin (refresh->store, error))
    return FALSE;
  if (forge_store_apply_titles (refresh->store,
                                refresh->options->now_s,
                                refresh->options->tombstone_days,
                                error))
    return forge_store_commit (refresh->store, error);
  forge_store_rollback (refresh->store);
  return FALSE;
}

gboolean
forge_provider_refresh_titles (ForgeStore *store,
                               ForgeSecrets *secrets,
                               ForgeHttp *http,
                               gint64 account_id,
                               ForgeMediaKind kind,
                               const ForgeProviderRefreshOptions *options,
                               ForgeProviderTitlesResult *result,
                               GCancellable *cancellable,
                               GError **error)
{
  g_auto (Refresh) refresh = { .store = store,
                               .http = http,
                               .kind = kind,
                               .options = options,
                               .result = result,
                               .cancellable = cancellable };

  *result = (ForgeProviderTitlesResult){ 0 };
  gboolean is_applied = find_login (&refresh, secrets, account_id, error) &&
                        stage (&refresh, error) && check_plan (&refresh, error) &&
                        apply (&refresh, error);
  forge_store_drop_titles (store);
  return is_applied;
}

/* ---- details ---- */

gboolean
forge_provider_details_are_old (const ForgeMediaSource *source, gint64 now_s)
{
  gboolean is_known = source->modified > 0 && source->info_seen == source->modified;

  return source->info_at == 0 || source->info_at > now_s ||
         now_s - source->info_at > (is_known ? KNOWN_DETAILS_LIFE_S : DETAILS_LIFE_S);
}

static gboolean
read_movie (Refresh *refresh, const ForgeMediaSource *source, gint64 now_s, GError **error)
{
  g_autoptr (ForgeMediaListing) info = forge_xtream_movie_info (refresh->http,
                                                                &refresh->login,
                                                                source->remote_id,
                                                                refresh->cancellable,
                                                                error);

  return info && forge_store_save_movie_info (refresh->store, source->id, info, now_s, error);
}

static gboolean
read_series (Refresh *refresh, const ForgeMediaSource *source, gint64 now_s, GError **error)
{
  g_auto (ForgeSeriesInfo) info = { 0 };

  return forge_xtream_series_info (refresh->http,
                                   &refresh->login,
                                   source->remote_id,
                                   &info,
                                   refresh->cancellable,
                                   error) &&
         forge_store_save_episodes (refresh->store,
                                    source->id,
                                    info.tmdb_id,
                                    info.episodes,
                                    now_s,
                                    error);
}

gboolean
forge_provider_read_details (ForgeStore *store,
                             ForgeSecrets *secrets,
                             ForgeHttp *http,
                             const ForgeMediaSource *source,
                             gint64 now_s,
                             GCancellable *cancellable,
                             GError **error)
{
  g_auto (Refresh) refresh = { .store = store, .http = http, .cancellable = cancellable };

  g_return_val_if_fail (source->kind != FORGE_MEDIA_EPISODE, FALSE);
  if (!find_login (&refresh, secrets, source->account_id, error))
    return FALSE;
  return source->kind == FORGE_MEDIA_MOVIE ? read_movie (&refresh, source, now_s, error)
                                           : read_series (&refresh, source, now_s, error);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-provider"

#include "config.h"

#include "provider/forge-provider-refresh.h"

#include "base/forge-error.h"
#include "net/forge-url.h"
#include "provider/forge-m3u-list.h"
#include "provider/forge-xtream.h"
#include "store/forge-store-urls.h"

/* A list that does more than this share of what was taken back again does it again. */
#define REPEATED_PERCENT 50
/* And one that does nearly all of it, and hardly more, is the same. */
#define SAME_PERCENT 95

/**
 * The steps of a refresh and what each failure leaves behind:
 *
 *   step       | on failure the account says
 *   secret     | what it said
 *   login      | UNAUTHORIZED or UNREACHABLE, and why
 *   status     | EXPIRED, BANNED, DISABLED as the panel has it
 *   categories | nothing: streams without groups are better than none
 *   stage      | ACTIVE, and why the list could not be read
 *   hold back  | ACTIVE, and what was held back
 *   apply      | what it said (the transaction takes all of it back)
 *
 * A cancellation changes nothing at all.
 */
typedef struct {
  ForgeStore *store;
  ForgeSecrets *secrets;
  ForgeHttp *http;
  const ForgeProviderRefreshOptions *options;
  ForgeProviderRefreshResult *result;
  ForgeAccount *account; /* our private copy: figures are collected here */
  ForgeXtreamLogin login;
  GCancellable *cancellable;
} Refresh;

char *
forge_provider_secret_name (gint64 account_id)
{
  return g_strdup_printf ("account/%" G_GINT64_FORMAT, account_id);
}

/* ---- the account's figures ---- */

static void
set_text (char **slot, const char *value)
{
  char *copy = g_strdup (value);

  g_free (*slot);
  *slot = copy;
}

typedef enum {
  LOGIN_FIGURES,
  ALL_FIGURES,
} Figures;

/* Writes only what was found out: the user may have edited the rest meanwhile. */
static gboolean
write_figures (ForgeStore *store, const ForgeAccount *found, Figures which, GError **error)
{
  g_autoptr (ForgeAccount) stored = forge_store_get_account (store, found->id, error);

  if (!stored)
    return FALSE;
  g_autoptr (ForgeAccount) account = forge_account_copy (stored);
  account->status = found->status;
  set_text (&account->status_text, found->status_text);
  set_text (&account->timezone, found->timezone);
  account->expires_at = found->expires_at;
  account->panel_max_connections = found->panel_max_connections;
  account->active_connections = found->active_connections;
  if (which == ALL_FIGURES) {
    account->streams = found->streams;
    account->last_refresh = found->last_refresh;
  }
  return forge_store_update_account (store, account, error);
}

gboolean
forge_provider_save_login (ForgeStore *store, const ForgeAccount *found, GError **error)
{
  if (!forge_store_begin (store, error))
    return FALSE;
  if (write_figures (store, found, LOGIN_FIGURES, error))
    return forge_store_commit (store, error);
  forge_store_rollback (store);
  return FALSE;
}

/* Notes a failure with the account; the failure itself matters more than that this fails. */
static void
note_failure (Refresh *refresh, ForgeAccountStatus status, const GError *failure)
{
  g_autoptr (GError) error = NULL;

  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED) || refresh->options->move)
    return;
  refresh->account->status = status;
  set_text (&refresh->account->status_text, failure->message);
  if (!forge_provider_save_login (refresh->store, refresh->account, &error))
    g_debug ("account %" G_GINT64_FORMAT ": %s", refresh->account->id, error->message);
}

/* ---- login ---- */

static gboolean
log_in (Refresh *refresh, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (forge_xtream_login (refresh->http,
                          &refresh->login,
                          refresh->account,
                          refresh->cancellable,
                          &failure))
    return TRUE;
  gboolean is_auth = g_error_matches (failure, FORGE_ERROR, FORGE_ERROR_AUTH);
  note_failure (refresh, is_auth ? FORGE_ACCOUNT_UNAUTHORIZED : FORGE_ACCOUNT_UNREACHABLE, failure);
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gboolean
check_status (Refresh *refresh, GError **error)
{
  const ForgeAccount *account = refresh->account;

  if (account->status == FORGE_ACCOUNT_ACTIVE)
    return TRUE;
  if (!refresh->options->move &&
      !forge_provider_save_login (refresh->store, refresh->account, error))
    return FALSE;
  g_autofree char *host = forge_url_host (account->server);
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_AUTH,
               "the account at %s is %s",
               host,
               forge_account_status_name (account->status));
  return FALSE;
}

/* ---- the list ---- */

static GHashTable *
fetch_categories (Refresh *refresh)
{
  g_autoptr (GError) error = NULL;
  GHashTable *categories =
      forge_xtream_live_categories (refresh->http, &refresh->login, refresh->cancellable, &error);

  if (categories)
    return categories;
  if (!g_cancellable_is_cancelled (refresh->cancellable))
    g_message ("%s; going on without groups", error->message);
  return g_hash_table_new (g_str_hash, g_str_equal);
}

static gboolean
on_stream (const ForgeStream *stream, gpointer user_data, GError **error)
{
  Refresh *refresh = user_data;

  return forge_store_stage_stream (refresh->store, stream, error);
}

static gboolean
is_preview (const Refresh *refresh)
{
  return refresh->options->move && refresh->options->move->is_preview;
}

/* The account's secret is the list's location. */
static gboolean
stage_m3u (Refresh *refresh, GError **error)
{
  g_auto (ForgeM3uFindings) findings = { 0 };
  ForgeAccount *account = refresh->account;

  if (!forge_m3u_stage (refresh->store,
                        is_preview (refresh) ? NULL : refresh->secrets,
                        refresh->http,
                        account->id,
                        refresh->login.password,
                        &findings,
                        refresh->cancellable,
                        error))
    return FALSE;
  refresh->result->counts.items = findings.channels;
  refresh->result->counts.skipped = findings.skipped;
  if (findings.no_room > 0)
    refresh->result->warning =
        g_strdup_printf ("%u entries of the list were left out: each has a login of its own, "
                         "which is more than can be kept safely",
                         findings.no_room);
  account->status = FORGE_ACCOUNT_ACTIVE;
  set_text (&account->status_text, NULL);
  return forge_store_plan_streams (refresh->store, &refresh->result->plan, error);
}

static gboolean
is_m3u (const Refresh *refresh)
{
  return refresh->account->kind == FORGE_ACCOUNT_M3U;
}

static gboolean
stage_list (Refresh *refresh, GError **error)
{
  if (is_m3u (refresh))
    return stage_m3u (refresh, error);
  g_autoptr (GHashTable) categories = fetch_categories (refresh);

  return !g_cancellable_set_error_if_cancelled (refresh->cancellable, error) &&
         forge_store_begin_stage (refresh->store, refresh->account->id, error) &&
         forge_xtream_live_streams (refresh->http,
                                    &refresh->login,
                                    categories,
                                    on_stream,
                                    refresh,
                                    &refresh->result->counts,
                                    refresh->cancellable,
                                    error) &&
         forge_store_plan_streams (refresh->store, &refresh->result->plan, error);
}

/* For messages. A list may be a file. (transfer full) */
static char *
origin (const Refresh *refresh)
{
  return is_m3u (refresh) ? g_strdup (refresh->account->name)
                          : forge_url_host (refresh->account->server);
}

static gboolean
check_not_undone (Refresh *refresh, const char *host, GError **error)
{
  ForgeRefusal refusal;

  if (!forge_store_find_refusal (refresh->store, &refusal, error))
    return FALSE;
  if (refusal.percent <= REPEATED_PERCENT)
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_HELD_BACK,
               "%s: the new list does again what you %s (refresh %" G_GINT64_FORMAT ")",
               host,
               refusal.state == FORGE_REFRESH_KEPT ? "did not want" : "took back",
               refusal.id);
  return FALSE;
}

/* The user was asked about such a list and chose the old one: not asked again, as long as it is
 * just about that list. */
static gboolean
find_kept (Refresh *refresh, GError **error)
{
  const ForgeStreamPlan *plan = &refresh->result->plan;
  int changes = plan->added + plan->removed + plan->changed;
  ForgeRefusal refusal;

  if (refresh->options->force)
    return TRUE;
  if (!forge_store_find_refusal (refresh->store, &refusal, error))
    return FALSE;
  if (refusal.state == FORGE_REFRESH_KEPT && refusal.percent >= SAME_PERCENT &&
      (gint64)changes * SAME_PERCENT <= (gint64)refusal.changes * 100)
    refresh->result->kept_refresh = refusal.id;
  return TRUE;
}

/* Facts §1.7: a shorter or empty list must not wipe the lineup. */
static gboolean
check_plan (Refresh *refresh, GError **error)
{
  const ForgeStreamPlan *plan = &refresh->result->plan;
  int percent = refresh->options->hold_back_percent;
  g_autofree char *host = origin (refresh);

  if (refresh->options->force)
    return TRUE;
  if (plan->after == 0)
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_HELD_BACK,
                 "%s: the list is empty (%d streams before)",
                 host,
                 plan->before);
  else if (plan->before > 0 && (gint64)plan->removed * 100 > (gint64)plan->before * percent)
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_HELD_BACK,
                 "%s: the new list lacks %d of %d streams, more than %d %%",
                 host,
                 plan->removed,
                 plan->before,
                 percent);
  else
    return check_not_undone (refresh, host, error);
  return FALSE;
}

static gboolean
record (Refresh *refresh, gboolean is_held, const char *summary, GError **error)
{
  return forge_store_record_streams (refresh->store,
                                     refresh->options->now_s,
                                     is_held,
                                     &refresh->result->plan,
                                     summary,
                                     &refresh->result->refresh_id,
                                     error);
}

/* So that the user can look at it and apply it all the same. */
static void
hold_back (Refresh *refresh, const char *summary)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = forge_store_begin (refresh->store, &error);

  ok = ok && (!is_m3u (refresh) ||
              forge_store_apply_urls (refresh->store, refresh->account->id, TRUE, &error));
  if (ok && record (refresh, TRUE, summary, &error) && forge_store_commit (refresh->store, &error))
    return;
  forge_store_rollback (refresh->store);
  g_message ("what was held back could not be stored: %s", error->message);
}

static gboolean
write_list (Refresh *refresh, GError **error)
{
  const ForgeStreamPlan *plan = &refresh->result->plan;
  g_autofree char *summary = g_strdup_printf ("%d streams: %d new, %d gone, %d changed",
                                              plan->after,
                                              plan->added,
                                              plan->removed,
                                              plan->changed);

  refresh->account->streams = refresh->result->plan.after;
  refresh->account->last_refresh = refresh->options->now_s;
  const ForgeProviderMove *move = refresh->options->move;

  return (move ? move->settle (refresh->store, move->user_data, error)
               : record (refresh, FALSE, summary, error)) &&
         forge_store_apply_streams (refresh->store,
                                    refresh->options->now_s,
                                    refresh->options->tombstone_days,
                                    error) &&
         (!is_m3u (refresh) ||
          forge_store_apply_urls (refresh->store, refresh->account->id, FALSE, error)) &&
         write_figures (refresh->store, refresh->account, ALL_FIGURES, error) &&
         forge_store_commit (refresh->store, error);
}

/* In the transaction: rows go over, then it is a list like any other. */
static gboolean
adopt (Refresh *refresh, GError **error)
{
  const ForgeProviderMove *move = refresh->options->move;

  return !move || (move->adopt (refresh->store, move->user_data, error) &&
                   forge_store_plan_streams (refresh->store, &refresh->result->plan, error));
}

static gboolean
apply_list (Refresh *refresh, GError **error)
{
  if (!forge_store_begin (refresh->store, error))
    return FALSE;
  gboolean ok = adopt (refresh, error);
  if (ok && !is_preview (refresh) && write_list (refresh, error))
    return TRUE;
  forge_store_rollback (refresh->store);
  return ok && is_preview (refresh);
}

/* The account was read and is well; its streams stay. */
static gboolean
note_kept (Refresh *refresh, GError **error)
{
  g_autoptr (ForgeAccount) stored =
      forge_store_get_account (refresh->store, refresh->account->id, error);

  if (!stored)
    return FALSE;
  refresh->account->streams = stored->streams;
  refresh->account->last_refresh = refresh->options->now_s;
  return write_figures (refresh->store, refresh->account, ALL_FIGURES, error);
}

static gboolean
read_list (Refresh *refresh, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (stage_list (refresh, &failure) && find_kept (refresh, &failure) &&
      (refresh->result->kept_refresh || check_plan (refresh, &failure)))
    return TRUE;
  if (g_error_matches (failure, FORGE_ERROR, FORGE_ERROR_HELD_BACK))
    hold_back (refresh, failure->message);
  note_failure (refresh, FORGE_ACCOUNT_ACTIVE, failure);
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gboolean
run (Refresh *refresh, GError **error)
{
  if (!is_m3u (refresh) && (!log_in (refresh, error) || !check_status (refresh, error)))
    return FALSE;
  gboolean ok =
      read_list (refresh, error) &&
      (refresh->result->kept_refresh ? note_kept (refresh, error) : apply_list (refresh, error));
  forge_store_drop_stage (refresh->store);
  return ok;
}

gboolean
forge_provider_refresh (ForgeStore *store,
                        ForgeSecrets *secrets,
                        ForgeHttp *http,
                        gint64 account_id,
                        const ForgeProviderRefreshOptions *options,
                        ForgeProviderRefreshResult *result,
                        GCancellable *cancellable,
                        GError **error)
{
  const ForgeProviderMove *move = options->move;
  g_autoptr (ForgeAccount) stored = move ? forge_account_copy (move->account)
                                         : forge_store_get_account (store, account_id, error);
  g_autofree char *name = forge_provider_secret_name (account_id);

  *result = (ForgeProviderRefreshResult){ 0 };
  if (!stored)
    return FALSE;
  g_autoptr (ForgeSecret) password =
      move ? g_strdup (move->password) : forge_secrets_lookup (secrets, name, cancellable, error);
  if (!password)
    return FALSE;
  g_autoptr (ForgeAccount) account = forge_account_copy (stored);
  Refresh refresh = { .store = store,
                      .secrets = secrets,
                      .http = http,
                      .options = options,
                      .result = result,
                      .account = account,
                      .login = { account->server, account->username, password },
                      .cancellable = cancellable };
  return run (&refresh, error);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "formats/forge-json-items.h"
#include "net/forge-http.h"
#include "store/forge-secrets.h"
#include "store/forge-store-accounts.h"
#include "store/forge-store-refresh.h"
#include "store/forge-store-streams.h"

G_BEGIN_DECLS

/* The account goes to another provider or login: all of it, or nothing. What is stored says nothing
 * of a login that failed, and the refresh is not recorded: the list of before plays no more. */
typedef struct {
  const ForgeAccount *account; /* as it will be, with the id that it has */
  const char *password;        /* or the list's location */
  gboolean is_preview;         /* only counts */
  /* Lets the streams' rows go over to what is staged, and, last in the transaction, stores the
   * account and its secret. */
  gboolean (*adopt) (ForgeStore *store, gpointer user_data, GError **error);
  gboolean (*settle) (ForgeStore *store, gpointer user_data, GError **error);
  gpointer user_data;
} ForgeProviderMove;

typedef struct {
  gint64 now_s;
  int hold_back_percent; /* a list that loses more than this share is held back */
  int tombstone_days;
  gboolean force;                /* the user said: apply it all the same */
  const ForgeProviderMove *move; /* NULL = the account as it is stored */
} ForgeProviderRefreshOptions;

typedef struct {
  ForgeStreamPlan plan;
  ForgeJsonCounts counts;
  char *warning;     /* what of an M3U list was left out, for a person; NULL = nothing. Owned by the
                        caller */
  gint64 refresh_id; /* what was recorded of it, applied or held; 0 = nothing */
  gint64 kept_refresh; /* the list does again what the user did not want in this one, so that
                          nothing was changed; 0 = no */
} ForgeProviderRefreshResult;

/* Reads an M3U account's list, or logs in, fetches categories and live streams, and applies them in
 * one transaction with the account's new figures – or changes nothing but the account's status:
 * HELD_BACK when the list is empty or lost too much, INVALID/RETRY/AUTH when it could not be read.
 * `store` must have no open transaction. What was applied or held back is recorded
 * (forge-store-refresh.h). Role: job. */
gboolean forge_provider_refresh (ForgeStore *store,
                                 ForgeSecrets *secrets,
                                 ForgeHttp *http,
                                 gint64 account_id,
                                 const ForgeProviderRefreshOptions *options,
                                 ForgeProviderRefreshResult *result,
                                 GCancellable *cancellable,
                                 GError **error);

/* Writes what a login found out (status, expiry, connections, time zone) into the stored row of
 * found->id, and nothing else: the user or a refresh may have written the rest meanwhile. */
gboolean forge_provider_save_login (ForgeStore *store, const ForgeAccount *found, GError **error);

/* "account/<id>": the name of its password in ForgeSecrets. (transfer full) */
char *forge_provider_secret_name (gint64 account_id) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

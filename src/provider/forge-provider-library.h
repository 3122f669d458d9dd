/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "provider/forge-provider-refresh.h"
#include "store/forge-store-library.h"

G_BEGIN_DECLS

typedef struct {
  ForgeTitlePlan plan;
  ForgeJsonCounts counts;
} ForgeProviderTitlesResult;

/* Fetches the account's films (MOVIE) or series and applies them in one transaction, or changes
 * nothing: HELD_BACK when the list is empty or lost too much, INVALID/RETRY/AUTH when it could not
 * be read. An account that never had any and has none is fine. Touches neither the account's status
 * nor its live streams. `store` must have no open transaction. Role: job. Blocks. */
gboolean forge_provider_refresh_titles (ForgeStore *store,
                                        ForgeSecrets *secrets,
                                        ForgeHttp *http,
                                        gint64 account_id,
                                        ForgeMediaKind kind,
                                        const ForgeProviderRefreshOptions *options,
                                        ForgeProviderTitlesResult *result,
                                        GCancellable *cancellable,
                                        GError **error);

/* TRUE if the details of a film or the episodes of a series should be asked for (again): never
 * read, or a day old, unless the provider says when it changed last and that is long known. */
gboolean forge_provider_details_are_old (const ForgeMediaSource *source, gint64 now_s);

/* Asks one account for the details of one film or the episodes of one series, and stores them.
 * Asked for one by one, when somebody wants them: panels ban who asks for all. `source` is of
 * forge_store_media_sources () for a film or a series. Role: job. Blocks. */
gboolean forge_provider_read_details (ForgeStore *store,
                                      ForgeSecrets *secrets,
                                      ForgeHttp *http,
                                      const ForgeMediaSource *source,
                                      gint64 now_s,
                                      GCancellable *cancellable,
                                      GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-channel.h"
#include "store/forge-store.h"

G_BEGIN_DECLS

/**
 * A refresh of an account's live list is staged row by row into a temporary table, compared with
 * what is stored, and applied in one transaction – or not at all.
 *
 *   begin_stage → stage_stream × n → plan → (caller decides) → apply   or   drop_stage
 *
 * Streams are upserted by (account, remote id), so ids are permanent; a vanished one becomes a
 * tombstone (available = FALSE, gone_at set) and is deleted after `tombstone_days` unless a user's
 * match names it.
 */
typedef struct {
  int added, changed, removed, unchanged; /* of available streams; a new place is no change */
  int before, after;                      /* available streams before and after */
} ForgeStreamPlan;

gboolean forge_store_begin_stage (ForgeStore *store, gint64 account_id, GError **error);
/* A repeated remote id keeps the first row (panels repeat a stream once per category). The strings
 * are copied. `stream->account_id` and `id` are ignored. */
gboolean forge_store_stage_stream (ForgeStore *store, const ForgeStream *stream, GError **error);
gboolean forge_store_plan_streams (ForgeStore *store, ForgeStreamPlan *plan, GError **error);
/* Inside the caller's transaction. `now_s` UTC seconds for gone_at. */
gboolean
forge_store_apply_streams (ForgeStore *store, gint64 now_s, int tombstone_days, GError **error);
void forge_store_drop_stage (ForgeStore *store);

/* Calls `each` for every available stream, ordered by account, position; stops when it returns
 * FALSE. The stream is only lent and reused between calls: memory stays flat for 60,000. */
typedef gboolean (*ForgeStreamFunc) (const ForgeStream *stream, gpointer user_data);
gboolean forge_store_each_stream (ForgeStore *store,
                                  ForgeStreamFunc each,
                                  gpointer user_data,
                                  GError **error);
/* NOT_FOUND if there is none. Returns: (transfer full). */
ForgeStream *forge_store_get_stream (ForgeStore *store, gint64 id, GError **error);

G_END_DECLS

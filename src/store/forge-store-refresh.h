/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-guide-source.h"
#include "store/forge-store-streams.h"

G_BEGIN_DECLS

/**
 * What refreshes of accounts and guides did, so that a person can look at it, apply what was held
 * back and take back what was applied.
 *
 *   held ──apply──▶ applied ──undo──▶ undone
 *     └───keep───▶ kept: the old one stays, and nobody is asked again for the same
 *
 * Of each account and guide the newest FORGE_REFRESHES_KEPT are kept, with at most
 * FORGE_REFRESH_CHANGES_KEPT rows of changes together (the newest always). A held one lives until
 * the next refresh of its account or guide brings something.
 */
#define FORGE_REFRESHES_KEPT       10
#define FORGE_REFRESH_CHANGES_KEPT 100000

typedef enum {
  FORGE_REFRESH_APPLIED,
  FORGE_REFRESH_HELD,
  FORGE_REFRESH_UNDONE,
  FORGE_REFRESH_KEPT,
} ForgeRefreshState;

const char *forge_refresh_state_name (ForgeRefreshState state);

typedef struct {
  gint64 id, time;              /* UTC seconds */
  gint64 account_id, source_id; /* one of them */
  ForgeRefreshState state;
  int added, removed, changed; /* streams, or channels of a guide */
  int before, after;           /* streams, or programmes of a guide */
  char *name;                  /* of the account or guide */
  char *summary;               /* one sentence */
} ForgeRefresh;

void forge_refresh_free (ForgeRefresh *refresh);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeRefresh, forge_refresh_free)

/* ---- recording; inside the caller's transaction ---- */

/* What the staged list changes, before it is applied or instead of it. `*id` is 0 if it changes
 * nothing. An account's first list is recorded without its rows: it cannot be taken back. */
gboolean forge_store_record_streams (ForgeStore *store,
                                     gint64 now_s,
                                     gboolean is_held,
                                     const ForgeStreamPlan *plan,
                                     const char *summary,
                                     gint64 *id,
                                     GError **error);
typedef struct {
  gint64 id;               /* 0 = none */
  ForgeRefreshState state; /* UNDONE or KEPT */
  int changes;             /* that it did or would have done */
  int percent;             /* of them the staged list would do (again) */
} ForgeRefusal;

/* The refresh of the staged account that the user took back or did not want last, if nothing was
 * applied since. */
gboolean forge_store_find_refusal (ForgeStore *store, ForgeRefusal *refusal, GError **error);

/* A guide import that is about to be activated (before forge_store_activate_guide ()) or is held
 * back. `now` is the source with what the import found out, `generation` its rows, `file_hash` of
 * what was read. */
gboolean forge_store_record_guide (ForgeStore *store,
                                   gint64 now_s,
                                   gboolean is_held,
                                   const ForgeGuideSource *now,
                                   gint64 generation,
                                   const char *file_hash,
                                   const char *summary,
                                   gint64 *id,
                                   GError **error);
/* TRUE if the user took back or did not want the last refresh of the guide and `hash` is the file
 * that it read. */
gboolean forge_store_guide_was_refused (ForgeStore *store, gint64 source_id, const char *hash);

/* Which channels a lineup run added, removed, switched on or off: remember before, record after it
 * on the same connection. Outside of a transaction. */
gboolean forge_store_remember_channels (ForgeStore *store, GError **error);
gboolean forge_store_record_channels (ForgeStore *store, gint64 refresh_id, GError **error);

/* ---- looking ---- */

/* Of ForgeRefresh*, newest first. Returns: (transfer full). */
GPtrArray *forge_store_list_refreshes (ForgeStore *store, GError **error);
/* NOT_FOUND if there is none. Returns: (transfer full). */
ForgeRefresh *forge_store_get_refresh (ForgeStore *store, gint64 id, GError **error);

/* `old` and `new` are JSON objects or NULL. Stops after `limit` rows (0 = all). */
typedef void (*ForgeRefreshChangeFunc) (const char *what,
                                        gint64 item_id,
                                        const char *name,
                                        const char *old,
                                        const char *new,
                                        gpointer user_data);
gboolean forge_store_each_refresh_change (ForgeStore *store,
                                          gint64 id,
                                          guint limit,
                                          ForgeRefreshChangeFunc each,
                                          gpointer user_data,
                                          GError **error);

/* ---- deciding; one transaction each; matches and channels follow in the next lineup run ---- */

/* A held one; INVALID if it is not. */
gboolean forge_store_apply_refresh (ForgeStore *store, gint64 id, gint64 now_s, GError **error);
/* Declines one that is held back: what is in use stays, and its rows go with the next sweep.
 * INVALID if it is not held. */
gboolean forge_store_keep_refresh (ForgeStore *store, gint64 id, GError **error);
/* `id` 0 = the last that was applied (NOT_FOUND if there is none), which comes back. INVALID if it
 * is not the last applied one of its account or guide, or what was before is not kept. */
gboolean forge_store_undo_refresh (ForgeStore *store, gint64 *id, gint64 now_s, GError **error);
/* The account's past no longer fits it: it has another provider now. */
gboolean forge_store_forget_refreshes (ForgeStore *store, gint64 account_id, GError **error);

G_END_DECLS

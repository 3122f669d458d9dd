/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "provider/forge-xtream.h"

G_BEGIN_DECLS

/* Internal to provider: one call of player_api.php, and what its answers mean. */

/* GETs an action (NULL = the login itself) and hands its items to `each`, never more than one in
 * memory. `what` names it in messages. Fails if the body cannot be fetched or unpacked; that it is
 * no JSON, or cut off, is told by `*end`. */
gboolean forge_xtream_fetch (ForgeHttp *http,
                             const ForgeXtreamLogin *login,
                             const char *action,
                             const char *what,
                             ForgeJsonItemFunc each,
                             gpointer user_data,
                             ForgeJsonEnd *end,
                             ForgeJsonCounts *counts,
                             GCancellable *cancellable,
                             GError **error);

/* The same for an answer about one thing: `action` with its id, "get_vod_info&vod_id". Members may
 * be long. Fails too if it is no JSON or cut off. */
gboolean forge_xtream_fetch_one (ForgeHttp *http,
                                 const ForgeXtreamLogin *login,
                                 const char *action,
                                 gint64 remote_id,
                                 const char *what,
                                 ForgeJsonItemFunc each,
                                 gpointer user_data,
                                 GCancellable *cancellable,
                                 GError **error);

/* How a list is read: what becomes of each of its objects. `position` counts those taken. */
typedef enum {
  FORGE_XTREAM_ROW_TAKEN,
  FORGE_XTREAM_ROW_UNUSABLE, /* counted, and the list goes on */
  FORGE_XTREAM_ROW_STOP,     /* with the error */
} ForgeXtreamRow;
typedef ForgeXtreamRow (*ForgeXtreamRowFunc) (JsonObject *row,
                                              guint position,
                                              gpointer user_data,
                                              GError **error);
/* `counts` (may be NULL) tells rows taken and skipped. Errors: as forge_xtream_live_streams (). */
gboolean forge_xtream_list (ForgeHttp *http,
                            const ForgeXtreamLogin *login,
                            const char *action,
                            const char *what,
                            ForgeXtreamRowFunc take,
                            gpointer user_data,
                            ForgeJsonCounts *counts,
                            GCancellable *cancellable,
                            GError **error);
/* Category id → name. Returns: (transfer full). */
GHashTable *forge_xtream_categories (ForgeHttp *http,
                                     const ForgeXtreamLogin *login,
                                     const char *action,
                                     const char *what,
                                     GCancellable *cancellable,
                                     GError **error);
/* An http(s) URL, or NULL. Returns: (transfer full). */
char *forge_xtream_read_picture (JsonObject *row, const char *member);
/* `category_id`, else the first of `category_ids` that has a name; orphans occur. `categories` may
 * be NULL. Returns: (transfer full). */
char *forge_xtream_read_group (JsonObject *row, GHashTable *categories);

/* What came, fit for a message: redacted, without the password, at most 60 characters.
 * Returns: (transfer full). */
char *forge_xtream_quote (const char *text, const ForgeXtreamLogin *login);
/* Words that panels send with 200 in place of JSON when they refuse. Facts §1.2. */
gboolean forge_xtream_is_refusal (const char *text);
/* Sets AUTH, or INVALID with a quote, for a body that is no JSON. */
void forge_xtream_set_not_json (const ForgeXtreamLogin *login,
                                const char *what,
                                const ForgeJsonCounts *counts,
                                GError **error);

/* `text` (taken over) trimmed, without control characters, at most `max_bytes` of whole
 * characters; NULL if nothing is left. Returns: (transfer full). */
char *forge_xtream_clean (char *text, gsize max_bytes);

/* The parts of a login answer. */
typedef struct {
  JsonObject *user_info, *server_info; /* NULL = absent */
  JsonObject *loose;                   /* single values of the top level */
  ForgeJsonEnd end;
  ForgeJsonCounts counts;
} ForgeXtreamAnswer;

void forge_xtream_answer_clear (ForgeXtreamAnswer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ForgeXtreamAnswer, forge_xtream_answer_clear)
/* A ForgeJsonItemFunc whose user data is the answer. */
gboolean forge_xtream_answer_collect (JsonNode *item, const char *key, gpointer answer);
/* NULL if there is nothing like it. (transfer none) */
JsonObject *forge_xtream_answer_user (const ForgeXtreamAnswer *answer);
/* Fills `account`, which stays as it is on failure: AUTH if refused, INVALID if it says neither
 * auth nor status. The answer must have a user. */
gboolean forge_xtream_answer_apply (const ForgeXtreamAnswer *answer,
                                    const char *host,
                                    ForgeAccount *account,
                                    GError **error);

G_END_DECLS

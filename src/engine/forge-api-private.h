/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-json-shapes.h"
#include "engine/forge-ops.h"

G_BEGIN_DECLS

/* One call as a handler sees it. */
typedef struct {
  ForgeOps ops; /* with a connection of this thread */
  const ForgeRequest *request;
  JsonObject *body; /* never NULL: empty without a body */
  gint64 ids[2];    /* what stood for {id} in the path, in order */
  const char *word; /* what stood for {word} */
} ForgeApiCall;

/* Returns a node (transfer full), or NULL with `error`. */
typedef JsonNode *(*ForgeApiFunc) (ForgeApiCall *call, GError **error);

typedef struct {
  const char *method, *path; /* "/v1/accounts/{id}/refresh" */
  gboolean is_work;          /* runs on the engine's work queue */
  ForgeApiFunc func;
} ForgeApiRoute;

extern const ForgeApiRoute forge_api_account_routes[];
extern const ForgeApiRoute forge_api_channel_routes[];
extern const ForgeApiRoute forge_api_device_routes[];
extern const ForgeApiRoute forge_api_download_routes[];
extern const ForgeApiRoute forge_api_library_routes[];
extern const ForgeApiRoute forge_api_strm_routes[];
extern const ForgeApiRoute forge_api_guide_health_routes[];
extern const ForgeApiRoute forge_api_guide_search_routes[];
extern const ForgeApiRoute forge_api_refresh_routes[];
extern const ForgeApiRoute forge_api_rule_routes[];
extern const ForgeApiRoute forge_api_match_routes[];
extern const ForgeApiRoute forge_api_user_routes[];
extern const ForgeApiRoute forge_api_system_routes[];

/* Members of the body. A wrongly typed one is INVALID, naming it: a "dry_run":"yes" that counted as
 * no would do what was not wanted. null is absent; an absent one leaves the fallback in `*value`,
 * except with forge_api_text () and forge_api_int (), where it is INVALID too. (transfer none) */
const char *forge_api_text (ForgeApiCall *call, const char *member, GError **error);
gboolean forge_api_optional_text (ForgeApiCall *call,
                                  const char *member,
                                  const char **value,
                                  GError **error);
gboolean forge_api_int (ForgeApiCall *call, const char *member, gint64 *value, GError **error);
gboolean
forge_api_optional_int (ForgeApiCall *call, const char *member, gint64 *value, GError **error);
gboolean forge_api_flag (ForgeApiCall *call, const char *member, gboolean *value, GError **error);
/* An array of whole numbers; at least one. (transfer full) */
GArray *forge_api_ids (ForgeApiCall *call, const char *member, GError **error);
/* An array of texts, NULL-terminated; NULL = absent. (transfer full) */
gboolean forge_api_texts (ForgeApiCall *call, const char *member, char ***value, GError **error);

/* {"ok": true} if `ok`, else NULL: ends the many handlers that only change something. */
JsonNode *forge_api_done (gboolean ok);

G_END_DECLS

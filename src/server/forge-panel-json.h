/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-channel.h"
#include "store/forge-store.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * The answers of an Xtream panel about our lineup, with the mix of types that panels send, because
 * apps rely on it: active_cons and auth are numbers, max_connections and dates are texts. Every key
 * is always there. Spec: facts xtream-xmltv-hls.md §1.2, §1.3, §1.6. Pure unless said otherwise.
 */

typedef struct {
  const char *username, *password; /* as they came */
  gint64 created_at, now_s;        /* UTC seconds */
  int max_connections, active_connections;
  const char *base_url; /* "http://host:port" */
} ForgePanelLogin;

/* What an app asks first. Returns: (transfer full). */
char *forge_panel_login (const ForgePanelLogin *login) G_GNUC_WARN_UNUSED_RESULT;

/* Of a group name (NULL = none): digits, the same for ever. Never 0. */
guint32 forge_panel_category_id (const char *group);
char *forge_panel_categories (const ForgeLineup *lineup) G_GNUC_WARN_UNUSED_RESULT;
/* `category` "" or NULL = all. Icons are on our side: `base_url`/logo/ID. */
char *forge_panel_streams (const ForgeLineup *lineup, const char *category, const char *base_url)
    G_GNUC_WARN_UNUSED_RESULT;
/* The guide of one channel from `now_s` on, at most `limit` programmes; with `is_table` as
 * get_simple_data_table has it: also what the archive holds. `channel` NULL = no such one. Reads
 * the store. Role: job. */
char *forge_panel_guide (ForgeStore *store,
                         const ForgeChannel *channel,
                         guint limit,
                         gboolean is_table,
                         gint64 now_s) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * ForgeStreamRow: one stream of a channel: name, quality, account, how sure the match is and why,
 * and buttons. Signal "wanted" (const char *action, gint64 stream_id, const char *name), action one
 * of FORGE_DEED_STREAM_*.
 */
#define FORGE_TYPE_STREAM_ROW (forge_stream_row_get_type ())
G_DECLARE_FINAL_TYPE (ForgeStreamRow, forge_stream_row, FORGE, STREAM_ROW, GtkListBoxRow)

/* `stream`: of /v1/channels/ID, NULL for one that was rejected; `reasons`: of its explanation, may
 * be NULL otherwise. Returns: (transfer floating). */
GtkWidget *forge_stream_row_new (JsonObject *stream, JsonObject *reasons, gboolean is_first);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-state.h"
#include "app/forge-engine-host.h"
#include "engine/forge-engine-views.h"
#include "engine/forge-engine-watch.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * ForgeAppModel: what every page gets. It holds the newest pictures of the engine, says when they
 * change, carries out operations and lets a page speak to the window. It survives a restart of the
 * engine: pages never hold a ForgeEngine. Role: ui.
 *
 * Signals, without arguments unless noted:
 *
 * "state-changed": the engine started, failed or stopped.
 *
 * "snapshot-changed": accounts, guides, lineup or settings.
 *
 * "live-changed": sessions, tuner use, problems, addresses; once a second while something plays.
 *
 * "events-changed": the event log has more lines.
 *
 * "notice" (const char *text, gboolean is_error): for the window to show.
 *
 * "badge" (const char *page, guint number): for the sidebar; 0 = none.
 *
 * "navigate" (const char *page, const char *detail): where the window goes; detail may be NULL.
 */
#define FORGE_TYPE_APP_MODEL (forge_app_model_get_type ())
G_DECLARE_FINAL_TYPE (ForgeAppModel, forge_app_model, FORGE, APP_MODEL, GObject)

/* `state` is lent and must outlive the model. */
ForgeAppModel *forge_app_model_new (ForgeEngineHost *host, ForgeAppState *state)
    G_GNUC_WARN_UNUSED_RESULT;

/* All (transfer none); NULL while no engine runs. Pictures are replaced on the next change: take a
 * reference to keep one. */
ForgeEngineHost *forge_app_model_get_host (ForgeAppModel *self);
/* What the window remembers. Never NULL. */
ForgeAppState *forge_app_model_get_state (ForgeAppModel *self);
ForgeEngine *forge_app_model_get_engine (ForgeAppModel *self);
ForgeSnapshot *forge_app_model_get_snapshot (ForgeAppModel *self);
ForgeLive *forge_app_model_get_live (ForgeAppModel *self);
ForgeEngineViews *forge_app_model_get_views (ForgeAppModel *self);

/* Any operation of /v1 (docs/api.md). `body` an object, (transfer full), NULL = none. */
void forge_app_model_call (ForgeAppModel *self,
                           const char *method,
                           const char *path,
                           JsonNode *body,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
/* Returns: (transfer full). Error: as the operation says; RETRY while no engine runs. */
JsonNode *forge_app_model_call_finish (GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The same for a click: failure becomes a notice; so does success if `done_text` is not NULL. */
void forge_app_model_do (ForgeAppModel *self,
                         const char *method,
                         const char *path,
                         JsonNode *body,
                         const char *done_text);

/* The same without a word: the event log has it. */
void forge_app_model_do_quietly (ForgeAppModel *self, const char *method, const char *path);

/* A short line at the foot of the window. */
void forge_app_model_notice (ForgeAppModel *self, const char *text);
/* The same in red; a cancelled operation is none. */
void forge_app_model_notice_error (ForgeAppModel *self, const GError *error);
void forge_app_model_notice_text_error (ForgeAppModel *self, const char *text);
/* A number beside the page in the sidebar. */
void forge_app_model_badge (ForgeAppModel *self, const char *page, guint number);
/* Shows a page; `detail` is for the page (an id, a setting), NULL = none. */
void forge_app_model_navigate (ForgeAppModel *self, const char *page, const char *detail);

/* The address that other devices can use best: LAN, else loopback; NULL while no engine runs. */
const char *forge_app_model_get_url (ForgeAppModel *self);

/* One-member and two-member objects, as most calls want them. Returns: (transfer full). */
JsonNode *forge_json_text_body (const char *name, const char *value) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ForgeAppState: what the window remembers about itself on this machine – its size, what closing it
 * means, what was told already. Not a setting of the tuner, so not in its database: a small key
 * file. Role: ui.
 */
typedef struct _ForgeAppState ForgeAppState;

/* `folder` is made when something is stored. */
ForgeAppState *forge_app_state_new (const char *folder) G_GNUC_WARN_UNUSED_RESULT;
void forge_app_state_free (ForgeAppState *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeAppState, forge_app_state_free)

/* 0, FALSE or NULL when it was never stored. */
int forge_app_state_get_int (ForgeAppState *self, const char *key);
gboolean forge_app_state_get_bool (ForgeAppState *self, const char *key);
char *forge_app_state_get_text (ForgeAppState *self, const char *key) G_GNUC_WARN_UNUSED_RESULT;
/* Stored at once; a disk that refuses is only logged. */
void forge_app_state_set_int (ForgeAppState *self, const char *key, int value);
void forge_app_state_set_bool (ForgeAppState *self, const char *key, gboolean value);
void forge_app_state_set_text (ForgeAppState *self, const char *key, const char *value);

/* Keys. */
#define FORGE_STATE_WIDTH        "width"
#define FORGE_STATE_HEIGHT       "height"
#define FORGE_STATE_CLOSE        "close"        /* "hide" or "quit" */
#define FORGE_STATE_TOLD         "told"         /* ids of what was notified, separated by blanks */
#define FORGE_STATE_AUTOSTART    "autostart"    /* as the portal was last told */
#define FORGE_STATE_LOGS_SEEN    "logs-seen"    /* the newest event that the page Logs showed */
#define FORGE_STATE_WELCOME_DONE "welcome-done" /* the first-run assistant was finished or left */

G_END_DECLS

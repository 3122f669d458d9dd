/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * The groups of an account's channels with a check each: what a person keeps of a provider's
 * thousands. Role: ui.
 */
typedef struct _ForgeWelcomeGroups ForgeWelcomeGroups;

/* Rows go into `list`, a list box. */
ForgeWelcomeGroups *forge_welcome_groups_new (GtkListBox *list) G_GNUC_WARN_UNUSED_RESULT;
void forge_welcome_groups_free (ForgeWelcomeGroups *self);

/* Shows the groups of `table`, largest first; checked where a channel is on. Keeps a reference. */
void forge_welcome_groups_show (ForgeWelcomeGroups *self, ForgeChannelTable *table);
/* Channels that the checks would switch, of gint64; NULL = none. Returns: (transfer full). */
GArray *forge_welcome_groups_changed (ForgeWelcomeGroups *self, gboolean to_enabled)
    G_GNUC_WARN_UNUSED_RESULT;
guint forge_welcome_groups_count (ForgeWelcomeGroups *self);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* What a page shows while it has nothing: an icon, what is missing, what to do about it. `text` may
 * be NULL. Returns: (transfer floating). */
GtkWidget *forge_empty_state_new (const char *icon, const char *title, const char *text);
/* A button below the text that activates `action` ("app.…", "win.…") with `target` (NULL = none).
 */
void forge_empty_state_add_action (GtkWidget *empty_state,
                                   const char *label,
                                   const char *action,
                                   GVariant *target);

G_END_DECLS

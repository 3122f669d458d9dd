/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ForgeColorScheme: GTK 3 does not know the desktop's wish for dark windows; the settings portal
 * does. Follows it as long as it lives. Role: ui.
 */
typedef struct _ForgeColorScheme ForgeColorScheme;

ForgeColorScheme *forge_color_scheme_new (GtkSettings *settings) G_GNUC_WARN_UNUSED_RESULT;
void forge_color_scheme_free (ForgeColorScheme *self);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ForgeApplication: one per session; a second start shows the window of the first. Owns the
 * engine's host, the model, the window and the tray.
 */
#define FORGE_TYPE_APPLICATION (forge_application_get_type ())
G_DECLARE_FINAL_TYPE (ForgeApplication, forge_application, FORGE, APPLICATION, GtkApplication)

ForgeApplication *forge_application_new (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ForgeSidebar: a stack's pages as rows of icon, title and badge; icons only when it is narrow.
 */
#define FORGE_TYPE_SIDEBAR (forge_sidebar_get_type ())
G_DECLARE_FINAL_TYPE (ForgeSidebar, forge_sidebar, FORGE, SIDEBAR, GtkListBox)

GtkWidget *forge_sidebar_new (GtkStack *stack);
void forge_sidebar_add (ForgeSidebar *self, const char *name, const char *title, const char *icon);
/* A number beside the title; 0 = none. An unknown page is ignored. */
void forge_sidebar_set_badge (ForgeSidebar *self, const char *name, guint number);
void forge_sidebar_set_narrow (ForgeSidebar *self, gboolean is_narrow);

G_END_DECLS

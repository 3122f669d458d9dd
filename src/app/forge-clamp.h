/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ForgeClamp: keeps its child in the middle and no wider than "max-width" pixels, so that lines
 * stay readable in a wide window.
 */
#define FORGE_TYPE_CLAMP (forge_clamp_get_type ())
G_DECLARE_FINAL_TYPE (ForgeClamp, forge_clamp, FORGE, CLAMP, GtkBin)

G_END_DECLS

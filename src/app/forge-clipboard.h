/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Puts `text` into the clipboard wherever the request comes from. On Wayland only a focused window
 * may do so and a tray menu has none: then a small window says that the address was copied, and
 * copies it when it gets the focus. Role: ui. */
void forge_clipboard_copy (GtkApplication *application, const char *text);

G_END_DECLS

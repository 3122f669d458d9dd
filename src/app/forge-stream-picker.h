/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ForgeStreamPicker: a popover that searches all streams of all accounts as one types. Signal
 * "picked" (gint64 stream_id, const char *name). Role: ui.
 */
#define FORGE_TYPE_STREAM_PICKER (forge_stream_picker_get_type ())
G_DECLARE_FINAL_TYPE (ForgeStreamPicker, forge_stream_picker, FORGE, STREAM_PICKER, GtkPopover)

/* Returns: (transfer floating). */
GtkWidget *forge_stream_picker_new (ForgeAppModel *model, GtkWidget *relative_to);

G_END_DECLS

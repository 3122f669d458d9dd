/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-guide-geometry.h"
#include "model/forge-channel-table.h"
#include "model/forge-programme-table.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* All that the guide's grid draws, as values. */
typedef struct {
  ForgeGuideGeometry geometry;
  GPtrArray *lines;                /* of const ForgeChannelLine* */
  ForgeProgrammeTable *programmes; /* what was read; NULL = nothing yet */
  guint cursor_row;
  gint64 cursor_time;
  gboolean has_cursor; /* the widget has the focus */
  gint64 now;
} ForgeGuidePicture;

/* Only what can be seen. Role: ui. */
void forge_guide_paint (GtkWidget *widget, cairo_t *cr, const ForgeGuidePicture *picture);

/* "20:15 – 21:00" in the desktop's way. Returns: (transfer full). */
char *forge_guide_time_span (gint64 start, gint64 stop) G_GNUC_WARN_UNUSED_RESULT;
/* "20:15". Returns: (transfer full). */
char *forge_guide_clock (gint64 time) G_GNUC_WARN_UNUSED_RESULT;

/* The programme of a row that runs at `time`, NULL = none or not read. (transfer none) */
const ForgeProgrammeCell *
forge_guide_picture_cell (const ForgeGuidePicture *picture, guint row, gint64 time);

G_END_DECLS

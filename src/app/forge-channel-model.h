/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-channel-table.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ForgeChannelModel: selected lines of a ForgeChannelTable as the rows of a tree view, without a
 * copy. A newer table is taken over row by row, so that selection, cursor and scroll stay. Rows can
 * be dragged while "is-reorderable"; then the signal below tells what the user wants, and nothing
 * moves until a newer table says so.
 *
 * Signal "move-wanted" (gint64 id, gint64 before_id): before_id 0 = to the end. Role: ui.
 */
#define FORGE_TYPE_CHANNEL_MODEL (forge_channel_model_get_type ())
G_DECLARE_FINAL_TYPE (ForgeChannelModel, forge_channel_model, FORGE, CHANNEL_MODEL, GObject)

/* Columns exist so that generic code (search, screen readers) can ask; views draw from the line. */
typedef enum {
  FORGE_CHANNEL_COLUMN_ID,      /* gint64 */
  FORGE_CHANNEL_COLUMN_NUMBER,  /* int */
  FORGE_CHANNEL_COLUMN_NAME,    /* text */
  FORGE_CHANNEL_COLUMN_ENABLED, /* boolean */
  FORGE_CHANNEL_COLUMN_COUNT,
} ForgeChannelColumn;

ForgeChannelModel *forge_channel_model_new (void) G_GNUC_WARN_UNUSED_RESULT;

/* Shows `lines` (of const ForgeChannelLine*, lent by `table`). TRUE if the rows that views have
 * were adapted one by one. FALSE if too much differs: then nothing was done, and the caller
 * detaches the views, calls forge_channel_model_replace () and attaches them again. */
gboolean
forge_channel_model_update (ForgeChannelModel *self, ForgeChannelTable *table, GPtrArray *lines);
/* Without telling anybody: no view may be attached. Only the first rows are there at once: */
void
forge_channel_model_replace (ForgeChannelModel *self, ForgeChannelTable *table, GPtrArray *lines);
/* the others come by calls of this, some hundreds at a time (a view needs 10 µs for each if a
 * screen reader listens). TRUE while there are more. */
gboolean forge_channel_model_show_more (ForgeChannelModel *self);

/* The line of a row, lent until the next update. */
const ForgeChannelLine *forge_channel_model_line (ForgeChannelModel *self, GtkTreeIter *iter);
/* NULL if there is no such row. */
const ForgeChannelLine *forge_channel_model_line_at (ForgeChannelModel *self, int row);
/* The row of a channel, −1 if it is not chosen. It may be one that is still to come. */
int forge_channel_model_find (ForgeChannelModel *self, gint64 id);
/* All chosen lines, those to come too. */
guint forge_channel_model_length (ForgeChannelModel *self);
/* All channels, shown or not; NULL before the first update. Returns: (transfer none). */
ForgeChannelTable *forge_channel_model_table (ForgeChannelModel *self);

void forge_channel_model_set_reorderable (ForgeChannelModel *self, gboolean is_reorderable);

G_END_DECLS

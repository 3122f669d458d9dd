/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-channel-columns.h"

#include "app/forge-cell-badge.h"
#include "app/forge-channel-model.h"

#include <glib/gi18n.h>

#define SORT_KEY "forge-sort"

static const ForgeChannelLine *
line_of (GtkTreeModel *model, GtkTreeIter *iter)
{
  return forge_channel_model_line (FORGE_CHANNEL_MODEL (model), iter);
}

static void
draw_enabled (GtkTreeViewColumn *column,
              GtkCellRenderer *cell,
              GtkTreeModel *model,
              GtkTreeIter *iter,
              gpointer unused)
{
  g_object_set (cell, "active", (gboolean)line_of (model, iter)->enabled, NULL);
}

static void
draw_number (GtkTreeViewColumn *column,
             GtkCellRenderer *cell,
             GtkTreeModel *model,
             GtkTreeIter *iter,
             gpointer unused)
{
  const ForgeChannelLine *line = line_of (model, iter);
  char text[16];

  g_snprintf (text, sizeof text, "%d", line->number);
  g_object_set (cell, "text", text, "sensitive", (gboolean)line->enabled, NULL);
}

static void
draw_name (GtkTreeViewColumn *column,
           GtkCellRenderer *cell,
           GtkTreeModel *model,
           GtkTreeIter *iter,
           gpointer unused)
{
  const ForgeChannelLine *line = line_of (model, iter);

  g_object_set (cell, "text", line->name, "sensitive", (gboolean)line->enabled, NULL);
}

static void
draw_group (GtkTreeViewColumn *column,
            GtkCellRenderer *cell,
            GtkTreeModel *model,
            GtkTreeIter *iter,
            gpointer unused)
{
  g_object_set (cell, "text", line_of (model, iter)->group, NULL);
}

static void
draw_match (GtkTreeViewColumn *column,
            GtkCellRenderer *cell,
            GtkTreeModel *model,
            GtkTreeIter *iter,
            gpointer unused)
{
  const ForgeChannelLine *line = line_of (model, iter);
  double percent = line->confidence * 100;
  char text[64];

  switch ((ForgeMatchState)line->match) {
  case FORGE_MATCH_REVIEW:
    g_snprintf (text, sizeof text, _ ("Check, %.0f %%"), percent);
    g_object_set (cell, "text", text, "tint", "warning_color", NULL);
    break;
  case FORGE_MATCH_SURE:
    g_snprintf (text, sizeof text, _ ("Sure, %.0f %%"), percent);
    g_object_set (cell, "text", text, "tint", "success_color", NULL);
    break;
  case FORGE_MATCH_MANUAL:
    g_object_set (cell, "text", _ ("Your choice"), "tint", "theme_selected_bg_color", NULL);
    break;
  case FORGE_MATCH_NONE:
  default:
    g_object_set (cell, "text", _ ("No stream"), "tint", NULL, NULL);
  }
}

static void
draw_quality (GtkTreeViewColumn *column,
              GtkCellRenderer *cell,
              GtkTreeModel *model,
              GtkTreeIter *iter,
              gpointer unused)
{
  const ForgeChannelLine *line = line_of (model, iter);
  gboolean is_known = line->streams > 0 && line->quality != FORGE_QUALITY_UNKNOWN;

  g_object_set (cell,
                "text",
                is_known ? forge_quality_name ((ForgeQuality)line->quality) : "",
                NULL);
}

static void
draw_streams (GtkTreeViewColumn *column,
              GtkCellRenderer *cell,
              GtkTreeModel *model,
              GtkTreeIter *iter,
              gpointer unused)
{
  char text[16];

  g_snprintf (text, sizeof text, "%u", line_of (model, iter)->streams);
  g_object_set (cell, "text", text, NULL);
}

static GtkCellRenderer *
make_toggle (GCallback on_toggled, gpointer user_data)
{
  GtkCellRenderer *cell = gtk_cell_renderer_toggle_new ();

  g_object_set (cell, "xpad", 6, NULL);
  g_signal_connect (cell, "toggled", on_toggled, user_data);
  return cell;
}

static GtkCellRenderer *
make_text (double xalign, gboolean shortens)
{
  GtkCellRenderer *cell = gtk_cell_renderer_text_new ();

  g_object_set (cell, "xalign", xalign, "ypad", 7, "xpad", 6, NULL);
  if (shortens)
    g_object_set (cell, "ellipsize", PANGO_ELLIPSIZE_END, NULL);
  return cell;
}

static GtkTreeViewColumn *
add (GtkTreeView *view,
     const char *title,
     GtkCellRenderer *cell,
     GtkTreeCellDataFunc draw,
     int width,
     ForgeChannelSort sort)
{
  GtkTreeViewColumn *column = gtk_tree_view_column_new ();

  gtk_tree_view_column_set_title (column, title);
  gtk_tree_view_column_pack_start (column, cell, TRUE);
  gtk_tree_view_column_set_cell_data_func (column, cell, draw, NULL, NULL);
  gtk_tree_view_column_set_sizing (column, GTK_TREE_VIEW_COLUMN_FIXED);
  gtk_tree_view_column_set_fixed_width (column, width);
  gtk_tree_view_column_set_resizable (column, TRUE);
  g_object_set_data (G_OBJECT (column), SORT_KEY, GINT_TO_POINTER (sort));
  gtk_tree_view_append_column (view, column);
  return column;
}

static void
make_sortable (GtkTreeViewColumn *column, GCallback on_sort, gpointer user_data)
{
  gtk_tree_view_column_set_clickable (column, TRUE);
  g_signal_connect (column, "clicked", on_sort, user_data);
}

void
forge_channel_columns_add (GtkTreeView *view,
                           GCallback on_toggled,
                           GCallback on_sort,
                           gpointer user_data)
{
  GtkTreeViewColumn *number, *name, *match, *quality;
  GtkCellRenderer *badge = g_object_new (FORGE_TYPE_CELL_BADGE, NULL);
  GtkCellRenderer *group = make_text (0, TRUE);

  g_object_set (group, "sensitive", FALSE, NULL);
  /* Translators: heading of a column of check boxes, four letters wide. */
  add (view,
       C_ ("column", "On"),
       make_toggle (on_toggled, user_data),
       draw_enabled,
       44,
       FORGE_SORT_PLACE);
  number = add (view, _ ("No."), make_text (1, FALSE), draw_number, 60, FORGE_SORT_NUMBER);
  name = add (view, _ ("Channel"), make_text (0, TRUE), draw_name, 120, FORGE_SORT_NAME);
  gtk_tree_view_column_set_expand (name, TRUE);
  gtk_tree_view_column_set_min_width (name, 110);
  gtk_tree_view_column_set_alignment (number, 1);
  add (view, _ ("Group"), group, draw_group, 104, FORGE_SORT_PLACE);
  match = add (view, _ ("Match"), badge, draw_match, 112, FORGE_SORT_MATCH);
  quality = add (view, _ ("Quality"), make_text (0, FALSE), draw_quality, 70, FORGE_SORT_QUALITY);
  add (view, _ ("Streams"), make_text (1, FALSE), draw_streams, 72, FORGE_SORT_PLACE);
  make_sortable (number, on_sort, user_data);
  make_sortable (name, on_sort, user_data);
  make_sortable (match, on_sort, user_data);
  make_sortable (quality, on_sort, user_data);
}

ForgeChannelSort
forge_channel_column_sort (GtkTreeViewColumn *column)
{
  return (ForgeChannelSort)GPOINTER_TO_INT (g_object_get_data (G_OBJECT (column), SORT_KEY));
}

void
forge_channel_columns_show_sort (GtkTreeView *view, ForgeChannelSort sort, gboolean is_descending)
{
  g_autoptr (GList) columns = gtk_tree_view_get_columns (view);

  for (GList *item = columns; item; item = item->next) {
    gboolean is_it = sort != FORGE_SORT_PLACE && forge_channel_column_sort (item->data) == sort;
    gtk_tree_view_column_set_sort_indicator (item->data, is_it);
    gtk_tree_view_column_set_sort_order (item->data,
                                         is_descending ? GTK_SORT_DESCENDING : GTK_SORT_ASCENDING);
  }
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-ui.h"

void
forge_ui_clear (GtkContainer *container)
{
  g_autoptr (GList) children = gtk_container_get_children (container);

  for (GList *each = children; each; each = each->next)
    gtk_widget_destroy (each->data);
}

void
forge_ui_set_name (GtkWidget *widget, const char *name)
{
  atk_object_set_name (gtk_widget_get_accessible (widget), name);
}

GtkWidget *
forge_ui_label (const char *text, const char *class_name)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_line_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  if (class_name)
    gtk_style_context_add_class (gtk_widget_get_style_context (label), class_name);
  return label;
}

/* To the nearest row in this direction that takes it: the list itself tries one only. */
static gboolean
pass_focus_on (GtkListBoxRow *row, GtkDirectionType direction)
{
  GtkListBox *list = GTK_LIST_BOX (gtk_widget_get_parent (GTK_WIDGET (row)));
  gboolean is_back = direction == GTK_DIR_TAB_BACKWARD || direction == GTK_DIR_UP;
  int at = gtk_list_box_row_get_index (row);
  GtkListBoxRow *next;

  do {
    at += is_back ? -1 : 1;
    next = at >= 0 ? gtk_list_box_get_row_at_index (list, at) : NULL;
  } while (next && !gtk_widget_get_mapped (GTK_WIDGET (next)));
  return next && gtk_widget_child_focus (GTK_WIDGET (next), direction);
}

static gboolean
on_row_focus (GtkWidget *row, GtkDirectionType direction)
{
  GtkWidget *child = gtk_bin_get_child (GTK_BIN (row));
  gboolean is_leaving = gtk_container_get_focus_child (GTK_CONTAINER (row)) != NULL;

  g_signal_stop_emission_by_name (row, "focus");
  if (child && gtk_widget_child_focus (child, direction))
    return TRUE;
  return !is_leaving && pass_focus_on (GTK_LIST_BOX_ROW (row), direction);
}

void
forge_ui_row_is_no_control (GtkListBoxRow *row)
{
  gtk_list_box_row_set_activatable (row, FALSE);
  gtk_widget_set_can_focus (GTK_WIDGET (row), FALSE);
  g_signal_connect (row, "focus", G_CALLBACK (on_row_focus), NULL);
}

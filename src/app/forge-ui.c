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

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-widgets.h"

#include "app/forge-ui.h"

GtkWidget *
forge_name_label (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_tooltip_text (label, text);
  return label;
}

GtkWidget *
forge_caption_label (const char *text)
{
  GtkWidget *label = gtk_label_new (text);
  GtkStyleContext *style = gtk_widget_get_style_context (label);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_line_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_style_context_add_class (style, "dim-label");
  gtk_style_context_add_class (style, "forge-caption");
  return label;
}

GtkWidget *
forge_icon_button (const char *icon, const char *label, const char *name)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon, GTK_ICON_SIZE_BUTTON);

  gtk_widget_set_tooltip_text (button, label);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_style_context_add_class (gtk_widget_get_style_context (button), "flat");
  forge_ui_set_name (button, name ? name : label);
  return button;
}

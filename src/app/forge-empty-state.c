/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-empty-state.h"

#define ICON_PX        96
#define TEXT_MAX_CHARS 46

static GtkWidget *
make_label (const char *text, const char *class_name)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
  gtk_label_set_max_width_chars (GTK_LABEL (label), TEXT_MAX_CHARS);
  gtk_style_context_add_class (gtk_widget_get_style_context (label), class_name);
  return label;
}

GtkWidget *
forge_empty_state_new (const char *icon, const char *title, const char *text)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *image = gtk_image_new_from_icon_name (icon, GTK_ICON_SIZE_DIALOG);

  gtk_image_set_pixel_size (GTK_IMAGE (image), ICON_PX);
  gtk_style_context_add_class (gtk_widget_get_style_context (image), "dim-label");
  gtk_style_context_add_class (gtk_widget_get_style_context (box), "forge-empty");
  gtk_container_add (GTK_CONTAINER (box), image);
  gtk_container_add (GTK_CONTAINER (box), make_label (title, "forge-empty-title"));
  if (text)
    gtk_container_add (GTK_CONTAINER (box), make_label (text, "dim-label"));
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  gtk_widget_set_vexpand (box, TRUE);
  gtk_widget_show_all (box);
  return box;
}

void
forge_empty_state_add_action (GtkWidget *empty_state,
                              const char *label,
                              const char *action,
                              GVariant *target)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_actionable_set_action_target_value (GTK_ACTIONABLE (button), target);
  gtk_style_context_add_class (gtk_widget_get_style_context (button), "suggested-action");
  gtk_widget_set_halign (button, GTK_ALIGN_CENTER);
  gtk_widget_show (button);
  gtk_container_add (GTK_CONTAINER (empty_state), button);
}

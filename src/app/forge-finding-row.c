/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-finding-row.h"

#include "app/forge-engine-text.h"
#include "app/forge-finding-fix.h"
#include "app/forge-json-read.h"
#include "app/forge-ui.h"

#include <glib/gi18n.h>

static void
on_fix_clicked (GtkButton *button, gpointer model)
{
  const char *id = g_object_get_data (G_OBJECT (button), "id");
  const ForgeFindingFix *fix = g_object_get_data (G_OBJECT (button), "fix");

  if (fix->page) {
    g_autofree char *detail = forge_finding_fix_detail (fix, id);
    forge_app_model_navigate (model, fix->page, detail);
    return;
  }
  g_autofree char *path = forge_finding_fix_path (fix, id);
  gtk_widget_set_sensitive (GTK_WIDGET (button), FALSE);
  forge_app_model_do (model,
                      fix->method,
                      path,
                      fix->member ? forge_json_text_body (fix->member, fix->value) : NULL,
                      _ (fix->done));
}

static const struct {
  const char *severity, *icon, *class_name, *name;
} looks[] = {
  { "error", "dialog-error-symbolic", "error", N_ ("Error") },
  { "warning", "dialog-warning-symbolic", "warning", N_ ("Warning") },
  { "info", "dialog-information-symbolic", "dim-label", N_ ("Information") },
  { "ok", "emblem-ok-symbolic", "forge-good", N_ ("In order") },
  { "skipped", "action-unavailable-symbolic", "dim-label", N_ ("Not tried") },
};

static gsize
look_of (const char *severity)
{
  gsize i = 0;

  while (i < G_N_ELEMENTS (looks) - 1 && g_strcmp0 (looks[i].severity, severity) != 0)
    i++;
  return i;
}

static GtkWidget *
make_icon (const char *severity)
{
  gsize look = look_of (severity);
  GtkWidget *icon = gtk_image_new_from_icon_name (looks[look].icon, GTK_ICON_SIZE_MENU);

  gtk_style_context_add_class (gtk_widget_get_style_context (icon), looks[look].class_name);
  gtk_widget_set_valign (icon, GTK_ALIGN_CENTER);
  forge_ui_set_name (icon, _ (looks[look].name));
  return icon;
}

static GtkWidget *
make_button (ForgeAppModel *model, const char *id, const ForgeFindingFix *fix, const char *text)
{
  GtkWidget *button = gtk_button_new_with_label (_ (fix->label));
  g_autofree char *name = g_strdup_printf ("%s: %s", _ (fix->label), text);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_object_set_data_full (G_OBJECT (button), "id", g_strdup (id), g_free);
  g_object_set_data (G_OBJECT (button), "fix", (gpointer)fix);
  forge_ui_set_name (button, name);
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_fix_clicked), model, 0);
  return button;
}

/* The best way out stands last, where the eye ends. */
static void
add_buttons (GtkWidget *box,
             ForgeAppModel *model,
             const char *id,
             const char *text,
             gboolean is_step)
{
  const ForgeFindingFix *found[FORGE_FINDING_MAX_FIXES];
  guint n = forge_finding_fixes (id, found);

  for (guint i = 0; i < n; i++)
    if (!is_step || g_strcmp0 (found[i]->page, "doctor") != 0)
      gtk_box_pack_end (GTK_BOX (box), make_button (model, id, found[i], text), FALSE, FALSE, 0);
}

GtkWidget *
forge_finding_row_new (ForgeAppModel *model,
                       const char *id,
                       const char *severity,
                       const char *text,
                       const char *fix,
                       gboolean is_step)
{
  g_autofree char *shown = forge_engine_text (text), *help = forge_engine_text (fix);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *row = gtk_list_box_row_new ();
  gboolean is_ok = g_strcmp0 (severity, "ok") == 0;

  gtk_container_add (GTK_CONTAINER (texts), forge_ui_label (shown, is_ok ? NULL : "forge-strong"));
  if (*help)
    gtk_container_add (GTK_CONTAINER (texts), forge_ui_label (help, "dim-label"));
  gtk_widget_set_valign (texts, GTK_ALIGN_CENTER);
  gtk_style_context_add_class (gtk_widget_get_style_context (box), "forge-row");
  gtk_box_pack_start (GTK_BOX (box), make_icon (severity), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), texts, TRUE, TRUE, 0);
  if (!is_ok)
    add_buttons (box, model, id, shown, is_step);
  gtk_container_add (GTK_CONTAINER (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_show_all (row);
  return row;
}

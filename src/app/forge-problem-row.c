/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-problem-row.h"

#include "app/forge-ui.h"

#include <glib/gi18n.h>

#include <string.h>

#define SHOWN_KEY "forge-shown"

/* What the button of a problem does, by the beginning of its id; the first that fits. */
static const struct {
  const char *prefix, *label;
  const char *page, *detail; /* where it leads, or … */
  const char *method, *path, *done;
} fixes[] = {
  { "no-account", N_ ("Add account"), "welcome", NULL, NULL, NULL, NULL },
  { "account-", N_ ("Show account"), "sources", NULL, NULL, NULL, NULL },
  { "refresh-", N_ ("Show account"), "sources", NULL, NULL, NULL, NULL },
  { "guide-short",
    N_ ("Refresh guide"),
    NULL,
    NULL,
    "POST",
    "/v1/guides/refresh",
    N_ ("The guide was refreshed.") },
  { "guide-", N_ ("Show guide source"), "sources", NULL, NULL, NULL, NULL },
  { "lineup-", N_ ("Show channels"), "channels", NULL, NULL, NULL, NULL },
  { "secrets", N_ ("Settings"), "settings", NULL, NULL, NULL, NULL },
  { "", N_ ("Settings"), "settings", "discovery", NULL, NULL, NULL },
};

static gsize
find_fix (const char *id)
{
  gsize i = 0;

  while (!g_str_has_prefix (id, fixes[i].prefix))
    i++;
  return i;
}

static void
on_fix_clicked (GtkButton *button, gpointer model)
{
  const char *id = g_object_get_data (G_OBJECT (button), "id");
  gsize i = find_fix (id);

  if (fixes[i].page) {
    forge_app_model_navigate (model, fixes[i].page, fixes[i].detail ? fixes[i].detail : id);
    return;
  }
  gtk_widget_set_sensitive (GTK_WIDGET (button), FALSE);
  forge_app_model_do (model, fixes[i].method, fixes[i].path, NULL, _ (fixes[i].done));
}

static GtkWidget *
make_icon (const char *severity)
{
  gboolean is_error = strcmp (severity, "error") == 0, is_info = strcmp (severity, "info") == 0;
  GtkWidget *icon = gtk_image_new_from_icon_name (is_error  ? "dialog-error-symbolic"
                                                  : is_info ? "dialog-information-symbolic"
                                                            : "dialog-warning-symbolic",
                                                  GTK_ICON_SIZE_MENU);

  gtk_style_context_add_class (gtk_widget_get_style_context (icon),
                               is_error  ? "error"
                               : is_info ? "dim-label"
                                         : "warning");
  gtk_widget_set_valign (icon, GTK_ALIGN_START);
  atk_object_set_name (gtk_widget_get_accessible (icon),
                       is_error  ? _ ("Error")
                       : is_info ? _ ("Information")
                                 : _ ("Warning"));
  return icon;
}

static GtkWidget *
make_button (ForgeAppModel *model, const ForgeProblem *problem)
{
  const char *label = _ (fixes[find_fix (problem->id)].label);
  GtkWidget *button = gtk_button_new_with_label (label);
  g_autofree char *name = g_strdup_printf ("%s: %s", label, problem->text);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_object_set_data_full (G_OBJECT (button), "id", g_strdup (problem->id), g_free);
  atk_object_set_name (gtk_widget_get_accessible (button), name);
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_fix_clicked), model, 0);
  return button;
}

static void
add_row (GtkListBox *list, ForgeAppModel *model, const ForgeProblem *problem)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *row = gtk_list_box_row_new ();

  gtk_container_add (GTK_CONTAINER (texts), forge_ui_label (problem->text, "forge-strong"));
  gtk_container_add (GTK_CONTAINER (texts), forge_ui_label (problem->fix, "dim-label"));
  gtk_style_context_add_class (gtk_widget_get_style_context (box), "forge-row");
  gtk_box_pack_start (GTK_BOX (box), make_icon (problem->severity), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), texts, TRUE, TRUE, 0);
  gtk_box_pack_end (GTK_BOX (box), make_button (model, problem), FALSE, FALSE, 0);
  gtk_container_add (GTK_CONTAINER (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_show_all (row);
  gtk_container_add (GTK_CONTAINER (list), row);
}

static char *
describe (GPtrArray *problems)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; problems && i < problems->len; i++) {
    const ForgeProblem *problem = g_ptr_array_index (problems, i);
    g_string_append_printf (text, "%s\n%s\n", problem->id, problem->text);
  }
  return g_string_free (text, FALSE);
}

void
forge_problem_rows_update (GtkListBox *list, ForgeAppModel *model)
{
  ForgeLive *live = forge_app_model_get_live (model);
  GPtrArray *problems = live ? live->problems : NULL;
  g_autofree char *shown = describe (problems);

  if (g_strcmp0 (g_object_get_data (G_OBJECT (list), SHOWN_KEY), shown) == 0)
    return;
  forge_ui_clear (GTK_CONTAINER (list));
  for (guint i = 0; problems && i < problems->len; i++)
    add_row (list, model, g_ptr_array_index (problems, i));
  g_object_set_data_full (G_OBJECT (list), SHOWN_KEY, g_steal_pointer (&shown), g_free);
}

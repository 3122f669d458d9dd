/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-source-changes.h"

#include "app/forge-engine-text.h"
#include "app/forge-json-read.h"
#include "app/forge-ui.h"

#include <glib/gi18n.h>

typedef struct {
  GtkWidget *dialog; /* weak */
  GtkListStore *store;
} Changes;

static const char *
what_text (const char *what)
{
  static const struct {
    const char *what, *text;
  } texts[] = {
    { "stream-added", N_ ("New stream") },       { "stream-removed", N_ ("Stream gone") },
    { "stream-changed", N_ ("Stream changed") }, { "channel-added", N_ ("New channel") },
    { "channel-removed", N_ ("Channel gone") },  { "channel-enabled", N_ ("Channel on") },
    { "channel-disabled", N_ ("Channel off") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (g_strcmp0 (texts[i].what, what) == 0)
      return _ (texts[i].text);
  return what ? what : "";
}

static void
add_change (Changes *changes, JsonObject *change)
{
  const char *old = forge_json_read_text (change, "old");
  const char *new = forge_json_read_text (change, "new");
  const char *name = forge_json_read_text (change, "name");
  g_autofree char *text = old && new ? g_strdup_printf ("%s → %s", old, new)
                                     : g_strdup (name ? name : "");

  gtk_list_store_insert_with_values (changes->store,
                                     NULL,
                                     -1,
                                     0,
                                     what_text (forge_json_read_text (change, "what")),
                                     1,
                                     text,
                                     -1);
}

static void
on_changes (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Changes *changes = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = forge_app_model_call_finish (result, &error);
  JsonArray *array = answer ? forge_json_read_array (forge_json_as_object (answer), "changes")
                            : NULL;

  if (changes->dialog && error) {
    g_autofree char *text = forge_engine_text (error->message);
    gtk_list_store_insert_with_values (changes->store, NULL, -1, 0, "", 1, text, -1);
  }
  for (guint i = 0; changes->dialog && array && i < json_array_get_length (array); i++)
    add_change (changes, json_array_get_object_element (array, i));
  g_clear_weak_pointer (&changes->dialog);
  g_object_unref (changes->store);
  g_free (changes);
}

static GtkWidget *
make_list (GtkListStore *store)
{
  GtkWidget *list = gtk_tree_view_new_with_model (GTK_TREE_MODEL (store));
  GtkWidget *scrolled = gtk_scrolled_window_new (NULL, NULL);

  gtk_tree_view_insert_column_with_attributes (GTK_TREE_VIEW (list),
                                               -1,
                                               _ ("Change"),
                                               gtk_cell_renderer_text_new (),
                                               "text",
                                               0,
                                               NULL);
  gtk_tree_view_insert_column_with_attributes (GTK_TREE_VIEW (list),
                                               -1,
                                               _ ("Name"),
                                               gtk_cell_renderer_text_new (),
                                               "text",
                                               1,
                                               NULL);
  forge_ui_set_name (list, _ ("Changes of the refresh"));
  gtk_container_add (GTK_CONTAINER (scrolled), list);
  gtk_widget_set_size_request (scrolled, 460, 340);
  gtk_widget_set_vexpand (scrolled, TRUE);
  return scrolled;
}

void
forge_source_changes_show (ForgeAppModel *model, GtkWindow *parent, const char *path)
{
  Changes *changes = g_new0 (Changes, 1);
  GtkWidget *dialog = gtk_dialog_new_with_buttons (
      _ ("Changes of the refresh"),
      parent,
      GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT | GTK_DIALOG_USE_HEADER_BAR,
      _ ("_Close"),
      GTK_RESPONSE_CLOSE,
      NULL);

  changes->store = gtk_list_store_new (2, G_TYPE_STRING, G_TYPE_STRING);
  g_set_weak_pointer (&changes->dialog, dialog);
  gtk_container_add (GTK_CONTAINER (gtk_dialog_get_content_area (GTK_DIALOG (dialog))),
                     make_list (changes->store));
  g_signal_connect (dialog, "response", G_CALLBACK (gtk_widget_destroy), NULL);
  gtk_widget_show_all (dialog);
  forge_app_model_call (model, "GET", path, NULL, NULL, on_changes, changes);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-api-list.h"

#include "app/forge-json-read.h"

#define KEY "forge-api-list"
#define ROW "forge-api-row"

typedef struct {
  GtkListBox *list;
  ForgeAppModel *model;
  char *path;
  ForgeApiRowFunc make_row;
  char *shown; /* the answer that the rows are of */
  GCancellable *cancellable;
  gboolean is_reading, is_stale;
} ApiList;

static void read_list (ApiList *self);

static void
api_list_free (gpointer data)
{
  ApiList *self = data;

  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  g_object_unref (self->model);
  g_free (self->path);
  g_free (self->shown);
  g_free (self);
}

static void
remove_rows (GtkListBox *list)
{
  g_autoptr (GList) rows = gtk_container_get_children (GTK_CONTAINER (list));

  for (GList *each = rows; each; each = each->next)
    if (g_object_get_data (each->data, ROW))
      gtk_widget_destroy (each->data);
}

static void
show (ApiList *self, JsonNode *answer)
{
  g_autofree char *text = json_to_string (answer, FALSE);
  JsonArray *array = forge_json_as_array (answer);

  if (!array || g_strcmp0 (text, self->shown) == 0)
    return;
  g_free (self->shown);
  self->shown = g_steal_pointer (&text);
  remove_rows (self->list);
  for (guint i = 0; i < json_array_get_length (array); i++) {
    GtkWidget *row = self->make_row (self->model, json_array_get_object_element (array, i));
    g_object_set_data (G_OBJECT (row), ROW, row);
    gtk_widget_show (row);
    gtk_list_box_insert (self->list, row, (int)i);
  }
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GtkListBox) list = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = forge_app_model_call_finish (result, &error);
  ApiList *self = g_object_get_data (G_OBJECT (list), KEY);

  if (!self) /* the list is gone */
    return;
  self->is_reading = FALSE;
  if (answer)
    show (self, answer);
  if (self->is_stale)
    read_list (self);
}

static void
read_list (ApiList *self)
{
  self->is_stale = TRUE;
  if (self->is_reading || !gtk_widget_get_mapped (GTK_WIDGET (self->list)) ||
      !forge_app_model_get_engine (self->model))
    return;
  self->is_stale = FALSE;
  self->is_reading = TRUE;
  forge_app_model_call (self->model,
                        "GET",
                        self->path,
                        NULL,
                        self->cancellable,
                        on_read,
                        g_object_ref (self->list));
}

static void
on_changed (GtkListBox *list)
{
  ApiList *self = g_object_get_data (G_OBJECT (list), KEY);

  if (self)
    read_list (self);
}

static void
on_map (GtkListBox *list)
{
  ApiList *self = g_object_get_data (G_OBJECT (list), KEY);

  if (self && self->is_stale)
    read_list (self);
}

static void
on_destroy (GtkListBox *list)
{
  g_object_set_data (G_OBJECT (list), KEY, NULL);
}

void
forge_api_list_bind (GtkListBox *list,
                     ForgeAppModel *model,
                     const char *path,
                     ForgeApiRowFunc make_row)
{
  ApiList *self = g_new0 (ApiList, 1);

  self->list = list;
  self->model = g_object_ref (model);
  self->path = g_strdup (path);
  self->make_row = make_row;
  self->cancellable = g_cancellable_new ();
  self->is_stale = TRUE;
  g_object_set_data_full (G_OBJECT (list), KEY, self, api_list_free);
  g_signal_connect_object (model,
                           "snapshot-changed",
                           G_CALLBACK (on_changed),
                           list,
                           G_CONNECT_SWAPPED);
  g_signal_connect_after (list, "map", G_CALLBACK (on_map), NULL);
  g_signal_connect (list, "destroy", G_CALLBACK (on_destroy), NULL);
}

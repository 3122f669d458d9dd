/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-page-library.h"

#include "app/forge-download-row.h"
#include "app/forge-empty-state.h"
#include "app/forge-json-read.h"
#include "app/forge-media-details.h"
#include "app/forge-ui.h"
#include "app/forge-widgets.h"

#include <glib/gi18n.h>

#include <string.h>

/* Titles at a time: as many as make a person search instead. */
#define PAGE_TITLES 100
#define POLL_S      1

struct _ForgePageLibrary {
  GtkBox parent;
  ForgeAppModel *model;
  GCancellable *cancellable; /* of the list that is on the way */
  GCancellable *polling;
  guint poll;  /* while the downloads are shown */
  guint shown; /* titles in the list */
  GtkToggleButton *films, *series, *downloads;
  GtkSearchEntry *search;
  GtkComboBox *sort;
  GtkBox *content;
  GtkStack *stack;
  GtkListBox *list, *download_list;
  GtkWidget *more, *details;
};

G_DEFINE_FINAL_TYPE (ForgePageLibrary, forge_page_library, GTK_TYPE_BOX)

static void
add_title (ForgePageLibrary *self, JsonObject *media)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  const char *title = forge_json_read_text (media, "title");
  g_autofree char *summary = forge_media_summary (media);

  gtk_style_context_add_class (gtk_widget_get_style_context (box), "forge-row");
  gtk_container_add (GTK_CONTAINER (box), forge_name_label (title));
  gtk_container_add (GTK_CONTAINER (box), forge_caption_label (summary));
  gtk_container_add (GTK_CONTAINER (row), box);
  forge_ui_set_name (row, title ? title : "");
  g_object_set_data_full (G_OBJECT (row),
                          "media",
                          json_object_ref (media),
                          (GDestroyNotify)json_object_unref);
  gtk_widget_show_all (row);
  gtk_container_add (GTK_CONTAINER (self->list), row);
}

static const char *
empty_page (ForgePageLibrary *self)
{
  return *gtk_entry_get_text (GTK_ENTRY (self->search)) ? "nothing" : "empty";
}

static void
on_titles (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ForgePageLibrary) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = forge_app_model_call_finish (result, &error);
  JsonArray *titles = answer ? forge_json_as_array (answer) : NULL;
  guint count = titles ? json_array_get_length (titles) : 0;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || !self->model)
    return;
  for (guint i = 0; i < count; i++)
    add_title (self, json_array_get_object_element (titles, i));
  self->shown += count;
  gtk_widget_set_visible (self->more, count == PAGE_TITLES);
  gtk_stack_set_visible_child_name (self->stack, self->shown > 0 ? "list" : empty_page (self));
}

static void
ask_titles (ForgePageLibrary *self)
{
  const char *typed = gtk_entry_get_text (GTK_ENTRY (self->search));
  const char *sort = gtk_combo_box_get_active_id (self->sort);
  g_autofree char *search = g_uri_escape_string (typed, NULL, FALSE);
  g_autofree char *path =
      g_strdup_printf ("/v1/library/%s?search=%s&sort=%s&offset=%u&limit=%d",
                       gtk_toggle_button_get_active (self->series) ? "series" : "movies",
                       search,
                       sort ? sort : "title",
                       self->shown,
                       PAGE_TITLES);

  forge_app_model_call (self->model,
                        "GET",
                        path,
                        NULL,
                        self->cancellable,
                        on_titles,
                        g_object_ref (self));
}

static void
start_list (ForgePageLibrary *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  forge_ui_clear (GTK_CONTAINER (self->list));
  self->shown = 0;
  gtk_widget_hide (self->details);
  ask_titles (self);
}

static ForgeDownloadRow *
find_download (ForgePageLibrary *self, gint64 id)
{
  g_autoptr (GList) rows = gtk_container_get_children (GTK_CONTAINER (self->download_list));

  for (GList *row = rows; row; row = row->next)
    if (forge_download_row_get_id (row->data) == id)
      return row->data;
  return NULL;
}

static gboolean
is_listed (JsonArray *downloads, gint64 id)
{
  for (guint i = 0; i < json_array_get_length (downloads); i++)
    if (forge_json_read_int (json_array_get_object_element (downloads, i), "id") == id)
      return TRUE;
  return FALSE;
}

/* Rows stay while their download does: a button must not vanish under the pointer. */
static void
show_downloads (ForgePageLibrary *self, JsonArray *downloads)
{
  g_autoptr (GList) rows = gtk_container_get_children (GTK_CONTAINER (self->download_list));

  for (GList *row = rows; row; row = row->next)
    if (!is_listed (downloads, forge_download_row_get_id (row->data)))
      gtk_widget_destroy (row->data);
  for (guint i = 0; i < json_array_get_length (downloads); i++) {
    JsonObject *download = json_array_get_object_element (downloads, i);
    ForgeDownloadRow *row = find_download (self, forge_json_read_int (download, "id"));
    if (row)
      forge_download_row_update (row, download);
    else
      gtk_container_add (GTK_CONTAINER (self->download_list),
                         forge_download_row_new (self->model, download));
  }
  gtk_stack_set_visible_child_name (self->stack,
                                    json_array_get_length (downloads) > 0 ? "downloads"
                                                                          : "no-downloads");
}

static void
on_downloads (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ForgePageLibrary) self = user_data;
  g_autoptr (JsonNode) answer = forge_app_model_call_finish (result, NULL);

  g_clear_object (&self->polling);
  if (self->model && answer && forge_json_as_array (answer) &&
      gtk_toggle_button_get_active (self->downloads))
    show_downloads (self, forge_json_as_array (answer));
}

static gboolean
on_poll (gpointer user_data)
{
  ForgePageLibrary *self = user_data;

  if (self->polling)
    return G_SOURCE_CONTINUE;
  self->polling = g_cancellable_new ();
  forge_app_model_call (self->model,
                        "GET",
                        "/v1/downloads",
                        NULL,
                        self->polling,
                        on_downloads,
                        g_object_ref (self));
  return G_SOURCE_CONTINUE;
}

/* Looks once a second while somebody looks at the downloads. */
static void
update_polling (ForgePageLibrary *self)
{
  gboolean is_wanted = gtk_toggle_button_get_active (self->downloads) &&
                       gtk_widget_get_mapped (GTK_WIDGET (self));

  if (is_wanted && !self->poll) {
    self->poll = g_timeout_add_seconds (POLL_S, on_poll, self);
    on_poll (self);
  } else if (!is_wanted) {
    g_clear_handle_id (&self->poll, g_source_remove);
  }
}

static void
on_search_changed (ForgePageLibrary *self)
{
  if (self->model && !gtk_toggle_button_get_active (self->downloads))
    start_list (self);
}

static void
on_kind_toggled (ForgePageLibrary *self, GtkToggleButton *button)
{
  gboolean is_downloads = gtk_toggle_button_get_active (self->downloads);

  if (!self->model || !gtk_toggle_button_get_active (button))
    return;
  gtk_widget_set_sensitive (GTK_WIDGET (self->search), !is_downloads);
  gtk_widget_set_sensitive (GTK_WIDGET (self->sort), !is_downloads);
  update_polling (self);
  if (is_downloads)
    gtk_widget_hide (self->details);
  else
    start_list (self);
}

static void
on_more_clicked (ForgePageLibrary *self)
{
  ask_titles (self);
}

static void
on_row_selected (ForgePageLibrary *self, GtkListBoxRow *row)
{
  if (row)
    forge_media_details_show (FORGE_MEDIA_DETAILS (self->details),
                              g_object_get_data (G_OBJECT (row), "media"));
  gtk_widget_set_visible (self->details, row != NULL);
}

static void
on_map (ForgePageLibrary *self)
{
  if (self->shown == 0 && !gtk_toggle_button_get_active (self->downloads))
    start_list (self);
  update_polling (self);
}

/* A refresh brought other titles: shown when the list is still at its beginning. */
static void
on_snapshot (ForgePageLibrary *self)
{
  if (self->shown == 0 && gtk_widget_get_mapped (GTK_WIDGET (self)))
    on_search_changed (self);
}

static void
on_navigate (ForgePageLibrary *self, const char *page, const char *detail)
{
  if (g_str_equal (page, "library") && g_strcmp0 (detail, "downloads") == 0)
    gtk_toggle_button_set_active (self->downloads, TRUE);
}

static void
add_empty (ForgePageLibrary *self,
           const char *name,
           const char *icon,
           const char *title,
           const char *text)
{
  GtkWidget *state = forge_empty_state_new (icon, title, text);

  gtk_widget_show (state);
  gtk_stack_add_named (self->stack, state, name);
}

static void
add_empty_states (ForgePageLibrary *self)
{
  add_empty (self,
             "empty",
             "folder-videos-symbolic",
             _ ("No films or series"),
             _ ("They appear here when an account offers them."));
  add_empty (self,
             "nothing",
             "edit-find-symbolic",
             _ ("No title like this"),
             _ ("Try a part of the title."));
  add_empty (self,
             "no-downloads",
             "folder-download-symbolic",
             _ ("No downloads"),
             _ ("Choose a film or an episode and press Download."));
}

static void
forge_page_library_dispose (GObject *object)
{
  ForgePageLibrary *self = FORGE_PAGE_LIBRARY (object);

  g_clear_handle_id (&self->poll, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_cancellable_cancel (self->polling);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->polling);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (forge_page_library_parent_class)->dispose (object);
}

static void
forge_page_library_class_init (ForgePageLibraryClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = forge_page_library_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/streamforge/StreamForge/ui/page-library.ui");
  gtk_widget_class_bind_template_child (widget_class, ForgePageLibrary, films);
  gtk_widget_class_bind_template_child (widget_class, ForgePageLibrary, series);
  gtk_widget_class_bind_template_child (widget_class, ForgePageLibrary, downloads);
  gtk_widget_class_bind_template_child (widget_class, ForgePageLibrary, search);
  gtk_widget_class_bind_template_child (widget_class, ForgePageLibrary, sort);
  gtk_widget_class_bind_template_child (widget_class, ForgePageLibrary, content);
  gtk_widget_class_bind_template_child (widget_class, ForgePageLibrary, stack);
  gtk_widget_class_bind_template_child (widget_class, ForgePageLibrary, list);
  gtk_widget_class_bind_template_child (widget_class, ForgePageLibrary, download_list);
  gtk_widget_class_bind_template_child (widget_class, ForgePageLibrary, more);
  gtk_widget_class_bind_template_callback (widget_class, on_kind_toggled);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_row_selected);
  gtk_widget_class_bind_template_callback (widget_class, on_more_clicked);
}

static void
forge_page_library_init (ForgePageLibrary *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  add_empty_states (self);
  g_signal_connect_after (self, "map", G_CALLBACK (on_map), NULL);
  g_signal_connect_after (self, "unmap", G_CALLBACK (update_polling), NULL);
}

GtkWidget *
forge_page_library_new (ForgeAppModel *model)
{
  ForgePageLibrary *self = g_object_new (FORGE_TYPE_PAGE_LIBRARY, NULL);

  self->model = g_object_ref (model);
  self->details = forge_media_details_new (model);
  gtk_widget_set_no_show_all (self->details, TRUE);
  gtk_box_pack_start (self->content, self->details, FALSE, FALSE, 0);
  g_signal_connect_object (model, "navigate", G_CALLBACK (on_navigate), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model,
                           "snapshot-changed",
                           G_CALLBACK (on_snapshot),
                           self,
                           G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

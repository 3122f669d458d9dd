/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-media-details.h"

#include "app/forge-json-read.h"
#include "app/forge-picture.h"
#include "app/forge-session-text.h"
#include "app/forge-ui.h"
#include "app/forge-widgets.h"

#include <glib/gi18n.h>

#include <string.h>

#define POSTER_WIDTH  140
#define POSTER_HEIGHT 210

struct _ForgeMediaDetails {
  GtkBin parent;
  ForgeAppModel *model;
  GtkWidget *all, *picture, *box;
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (ForgeMediaDetails, forge_media_details, GTK_TYPE_BIN)

static void
add_part (GString *text, const char *part)
{
  if (part && *part)
    g_string_append_printf (text, "%s%s", text->len > 0 ? " · " : "", part);
}

/* Nobody wants to read that it is not known. */
static void
add_quality (GString *text, JsonObject *media)
{
  const char *quality = forge_json_read_text (media, "quality");

  if (g_strcmp0 (quality, "unknown") != 0)
    add_part (text, quality);
}

char *
forge_media_summary (JsonObject *media)
{
  GString *text = g_string_new (NULL);
  gint64 year = forge_json_read_int (media, "year");
  gint64 seconds = forge_json_read_int (media, "duration_s");

  if (year > 0)
    g_string_append_printf (text, "%d", (int)year);
  add_quality (text, media);
  if (seconds > 0) {
    g_autofree char *length = forge_duration_text (seconds);
    add_part (text, length);
  }
  add_part (text, forge_json_read_text (media, "genre"));
  return g_string_free (text, FALSE);
}

static void
on_download_clicked (GtkWidget *button, gpointer user_data)
{
  ForgeMediaDetails *self = user_data;

  forge_app_model_do (
      self->model,
      "POST",
      "/v1/downloads",
      forge_json_body ("s", "media", g_object_get_data (G_OBJECT (button), "handle"), NULL),
      _ ("The download is in the queue"));
}

/* A press on `button` downloads the media. */
static GtkWidget *
make_download (ForgeMediaDetails *self, GtkWidget *button, JsonObject *media)
{
  g_object_set_data_full (G_OBJECT (button),
                          "handle",
                          g_strdup (forge_json_read_text (media, "handle")),
                          g_free);
  g_signal_connect (button, "clicked", G_CALLBACK (on_download_clicked), self);
  return button;
}

static void
add (ForgeMediaDetails *self, GtkWidget *widget)
{
  gtk_box_pack_start (GTK_BOX (self->box), widget, FALSE, FALSE, 0);
}

static void
add_head (ForgeMediaDetails *self, JsonObject *media)
{
  const char *title = forge_json_read_text (media, "title");
  const char *plot = forge_json_read_text (media, "plot");
  g_autofree char *summary = forge_media_summary (media);

  forge_ui_clear (GTK_CONTAINER (self->box));
  add (self, forge_ui_label (title, "forge-empty-title"));
  if (*summary)
    add (self, forge_caption_label (summary));
  if (plot) {
    GtkWidget *text = forge_ui_label (plot, NULL);
    gtk_widget_set_margin_top (text, 6);
    add (self, text);
  }
}

static void
add_film (ForgeMediaDetails *self, JsonObject *media)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("_Download"));
  JsonArray *variants = forge_json_read_array (media, "variants");

  gtk_widget_set_halign (button, GTK_ALIGN_START);
  gtk_widget_set_margin_top (button, 9);
  add (self, make_download (self, button, media));
  for (guint i = 0; variants && i < json_array_get_length (variants); i++) {
    JsonObject *variant = json_array_get_object_element (variants, i);
    GString *text = g_string_new (NULL);
    add_part (text, forge_json_read_text (variant, "account"));
    add_quality (text, variant);
    add_part (text, forge_json_read_text (variant, "language"));
    add_part (text, forge_json_read_text (variant, "container"));
    add (self, forge_caption_label (text->str));
    g_string_free (text, TRUE);
  }
}

static GtkWidget *
make_episode (ForgeMediaDetails *self, JsonObject *episode)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  const char *title = forge_json_read_text (episode, "title");
  g_autofree char *name =
      g_strdup_printf ("%d. %s", (int)forge_json_read_int (episode, "episode"), title ? title : "");
  g_autofree char *label = g_strdup_printf (_ ("Download: %s"), name);
  GtkWidget *button = forge_icon_button ("document-save-symbolic", _ ("Download"), label);

  gtk_widget_set_margin_start (box, 9);
  gtk_box_pack_start (GTK_BOX (box), forge_name_label (name), TRUE, TRUE, 0);
  gtk_box_pack_end (GTK_BOX (box), make_download (self, button, episode), FALSE, FALSE, 0);
  gtk_container_add (GTK_CONTAINER (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  forge_ui_set_name (row, name);
  return row;
}

static void
add_season (ForgeMediaDetails *self, JsonObject *season)
{
  JsonArray *episodes = forge_json_read_array (season, "episodes");
  g_autofree char *title =
      g_strdup_printf (_ ("Season %d"), (int)forge_json_read_int (season, "season"));
  GtkWidget *list = gtk_list_box_new ();

  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_style_context_add_class (gtk_widget_get_style_context (list), "forge-card");
  forge_ui_set_name (list, title);
  for (guint i = 0; episodes && i < json_array_get_length (episodes); i++)
    gtk_container_add (GTK_CONTAINER (list),
                       make_episode (self, json_array_get_object_element (episodes, i)));
  add (self, forge_ui_label (title, "forge-heading"));
  add (self, list);
}

static void
show_all (ForgeMediaDetails *self, JsonObject *media)
{
  JsonArray *seasons = forge_json_read_array (media, "seasons");

  add_head (self, media);
  if (g_strcmp0 (forge_json_read_text (media, "kind"), "series") != 0)
    add_film (self, media);
  for (guint i = 0; seasons && i < json_array_get_length (seasons); i++)
    add_season (self, json_array_get_object_element (seasons, i));
  gtk_widget_show_all (self->box);
}

static void
on_media (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ForgeMediaDetails) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = forge_app_model_call_finish (result, &error);

  if (!self->model)
    return;
  if (answer && forge_json_as_object (answer))
    show_all (self, forge_json_as_object (answer));
  else if (error)
    forge_app_model_notice_error (self->model, error);
}

void
forge_media_details_show (ForgeMediaDetails *self, JsonObject *media)
{
  const char *handle = forge_json_read_text (media, "handle");
  g_autofree char *path = g_strconcat ("/v1/library/", handle, NULL);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  add_head (self, media);
  gtk_widget_show_all (self->box);
  forge_picture_show (FORGE_PICTURE (self->picture),
                      FORGE_PICTURE_POSTER,
                      handle,
                      forge_json_read_text (media, "title"));
  if (handle)
    forge_app_model_call (self->model,
                          "GET",
                          path,
                          NULL,
                          self->cancellable,
                          on_media,
                          g_object_ref (self));
}

static void
forge_media_details_dispose (GObject *object)
{
  ForgeMediaDetails *self = FORGE_MEDIA_DETAILS (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (forge_media_details_parent_class)->dispose (object);
}

static void
forge_media_details_class_init (ForgeMediaDetailsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = forge_media_details_dispose;
}

static void
forge_media_details_init (ForgeMediaDetails *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new (NULL, NULL);

  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  self->all = gtk_box_new (GTK_ORIENTATION_VERTICAL, 9);
  gtk_container_set_border_width (GTK_CONTAINER (self->all), 16);
  gtk_container_add (GTK_CONTAINER (self->all), self->box);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled),
                                  GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_widget_set_size_request (scrolled, 320, -1);
  gtk_container_add (GTK_CONTAINER (scrolled), self->all);
  gtk_style_context_add_class (gtk_widget_get_style_context (scrolled), "forge-top-line");
  gtk_style_context_add_class (gtk_widget_get_style_context (scrolled), "forge-side-pane");
  gtk_container_add (GTK_CONTAINER (self), scrolled);
  gtk_widget_show_all (scrolled);
}

GtkWidget *
forge_media_details_new (ForgeAppModel *model)
{
  ForgeMediaDetails *self = g_object_new (FORGE_TYPE_MEDIA_DETAILS, NULL);

  self->model = g_object_ref (model);
  self->picture = forge_picture_new (model, POSTER_WIDTH, POSTER_HEIGHT);
  gtk_container_add (GTK_CONTAINER (self->all), self->picture);
  gtk_box_reorder_child (GTK_BOX (self->all), self->picture, 0);
  return GTK_WIDGET (self);
}

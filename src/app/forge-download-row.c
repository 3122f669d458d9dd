/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-download-row.h"

#include "app/forge-engine-text.h"
#include "app/forge-json-read.h"
#include "app/forge-session-text.h"
#include "app/forge-ui.h"
#include "app/forge-widgets.h"

#include <glib/gi18n.h>

#include <string.h>

struct _ForgeDownloadRow {
  GtkListBoxRow parent;
  ForgeAppModel *model;
  gint64 id;
  char *path;
  GtkWidget *bar, *caption, *pause, *resume, *open;
};

G_DEFINE_FINAL_TYPE (ForgeDownloadRow, forge_download_row, GTK_TYPE_LIST_BOX_ROW)

static const char *
state_text (const char *state)
{
  static const struct {
    const char *state, *text;
  } texts[] = {
    { "queued", N_ ("In the queue") },
    { "active", N_ ("Downloading") },
    { "waiting", N_ ("Waiting for a free connection; television comes first") },
    { "paused", N_ ("Paused") },
    { "done", N_ ("Done") },
    { "failed", N_ ("Failed") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (g_strcmp0 (texts[i].state, state) == 0)
      return _ (texts[i].text);
  return "";
}

static char *
describe_progress (JsonObject *download)
{
  g_autofree char *bytes = g_format_size ((guint64)forge_json_read_int (download, "bytes"));
  gint64 total = forge_json_read_int (download, "total");
  g_autofree char *problem = forge_engine_text (forge_json_read_text (download, "problem"));
  const char *state = state_text (forge_json_read_text (download, "state"));

  if (*problem)
    return g_strdup_printf ("%s: %s", state, problem);
  if (total <= 0)
    return g_strdup_printf ("%s · %s", state, bytes);
  g_autofree char *all = g_format_size ((guint64)total);
  return g_strdup_printf (_ ("%s · %s of %s"), state, bytes, all);
}

static char *
describe (JsonObject *download)
{
  g_autofree char *progress = describe_progress (download);
  gint64 bytes_per_s = forge_json_read_int (download, "bytes_per_s");
  gint64 seconds_left = forge_json_read_int (download, "seconds_left");

  if (bytes_per_s <= 0)
    return g_steal_pointer (&progress);
  g_autofree char *speed = g_format_size ((guint64)bytes_per_s);
  if (seconds_left <= 0)
    return g_strdup_printf (_ ("%s · %s/s"), progress, speed);
  g_autofree char *time = forge_duration_text (seconds_left);
  return g_strdup_printf (_ ("%s · %s/s · %s left"), progress, speed, time);
}

void
forge_download_row_update (ForgeDownloadRow *self, JsonObject *download)
{
  const char *state = forge_json_read_text (download, "state");
  double total = (double)forge_json_read_int (download, "total");
  g_autofree char *text = describe (download);
  gboolean is_paused = g_strcmp0 (state, "paused") == 0 || g_strcmp0 (state, "failed") == 0;
  gboolean is_done = g_strcmp0 (state, "done") == 0;

  gtk_label_set_text (GTK_LABEL (self->caption), text);
  gtk_progress_bar_set_fraction (
      GTK_PROGRESS_BAR (self->bar),
      total > 0 ? CLAMP ((double)forge_json_read_int (download, "bytes") / total, 0, 1) : 0);
  gtk_widget_set_visible (self->bar, !is_done);
  gtk_widget_set_visible (self->pause, !is_paused && !is_done);
  gtk_widget_set_visible (self->resume, is_paused);
  gtk_widget_set_visible (self->open, is_done);
}

static void
call (ForgeDownloadRow *self, const char *method, const char *action)
{
  g_autofree char *path =
      g_strdup_printf ("/v1/downloads/%" G_GINT64_FORMAT "%s", self->id, action);

  forge_app_model_do (self->model, method, path, NULL, NULL);
}

static void
on_pause_clicked (ForgeDownloadRow *self)
{
  call (self, "POST", "/pause");
}

static void
on_resume_clicked (ForgeDownloadRow *self)
{
  call (self, "POST", "/resume");
}

static void
on_remove_clicked (ForgeDownloadRow *self)
{
  call (self, "DELETE", "");
}

/* In a sandbox the portal asks the file manager outside. */
static void
on_open_clicked (ForgeDownloadRow *self)
{
  g_autofree char *folder = g_path_get_dirname (self->path);
  g_autofree char *uri = g_filename_to_uri (folder, NULL, NULL);
  g_autoptr (GError) error = NULL;

  GtkWidget *window = gtk_widget_get_toplevel (GTK_WIDGET (self));

  if (uri &&
      !gtk_show_uri_on_window (GTK_WINDOW (window), uri, gtk_get_current_event_time (), &error))
    forge_app_model_notice_error (self->model, error);
}

static GtkWidget *
add_button (ForgeDownloadRow *self,
            GtkWidget *box,
            const char *icon,
            const char *label,
            const char *title,
            GCallback on_clicked)
{
  g_autofree char *name = g_strdup_printf ("%s: %s", label, title);
  GtkWidget *button = forge_icon_button (icon, label, name);

  g_signal_connect_swapped (button, "clicked", on_clicked, self);
  gtk_box_pack_start (GTK_BOX (box), button, FALSE, FALSE, 0);
  return button;
}

static GtkWidget *
make_texts (ForgeDownloadRow *self, const char *title)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  GtkWidget *name = forge_name_label (title);

  gtk_style_context_add_class (gtk_widget_get_style_context (name), "forge-row-title");
  self->bar = gtk_progress_bar_new ();
  self->caption = forge_caption_label (NULL);
  forge_ui_set_name (self->bar, title);
  gtk_container_add (GTK_CONTAINER (box), name);
  gtk_container_add (GTK_CONTAINER (box), self->bar);
  gtk_container_add (GTK_CONTAINER (box), self->caption);
  return box;
}

static void
forge_download_row_dispose (GObject *object)
{
  g_clear_object (&FORGE_DOWNLOAD_ROW (object)->model);
  G_OBJECT_CLASS (forge_download_row_parent_class)->dispose (object);
}

static void
forge_download_row_finalize (GObject *object)
{
  g_free (FORGE_DOWNLOAD_ROW (object)->path);
  G_OBJECT_CLASS (forge_download_row_parent_class)->finalize (object);
}

static void
forge_download_row_class_init (ForgeDownloadRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = forge_download_row_finalize;
  G_OBJECT_CLASS (klass)->dispose = forge_download_row_dispose;
}

static void
forge_download_row_init (ForgeDownloadRow *self)
{
}

GtkWidget *
forge_download_row_new (ForgeAppModel *model, JsonObject *download)
{
  ForgeDownloadRow *self = g_object_new (FORGE_TYPE_DOWNLOAD_ROW, "activatable", FALSE, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  const char *stored = forge_json_read_text (download, "title");
  const char *title = stored ? stored : "";

  self->model = g_object_ref (model);
  self->id = forge_json_read_int (download, "id");
  self->path = g_strdup (forge_json_read_text (download, "path"));
  gtk_style_context_add_class (gtk_widget_get_style_context (box), "forge-row");
  gtk_box_pack_start (GTK_BOX (box), make_texts (self, title), TRUE, TRUE, 0);
  self->pause = add_button (self,
                            box,
                            "media-playback-pause-symbolic",
                            _ ("Pause"),
                            title,
                            G_CALLBACK (on_pause_clicked));
  self->resume = add_button (self,
                             box,
                             "media-playback-start-symbolic",
                             _ ("Resume"),
                             title,
                             G_CALLBACK (on_resume_clicked));
  self->open = add_button (self,
                           box,
                           "folder-open-symbolic",
                           _ ("Open folder"),
                           title,
                           G_CALLBACK (on_open_clicked));
  add_button (self,
              box,
              "list-remove-symbolic",
              _ ("Remove from the list"),
              title,
              G_CALLBACK (on_remove_clicked));
  gtk_container_add (GTK_CONTAINER (self), box);
  forge_ui_set_name (GTK_WIDGET (self), title);
  gtk_widget_show_all (GTK_WIDGET (self));
  forge_download_row_update (self, download);
  return GTK_WIDGET (self);
}

gint64
forge_download_row_get_id (ForgeDownloadRow *self)
{
  return self->id;
}

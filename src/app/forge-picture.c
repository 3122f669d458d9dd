/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-picture.h"

#include "app/forge-ui.h"
#include "base/forge-error.h"

struct _ForgePicture {
  GtkBin parent;
  ForgeAppModel *model;
  GtkWidget *image;
  int width, height;
  GCancellable *cancellable; /* of the picture that is on its way */
};

G_DEFINE_FINAL_TYPE (ForgePicture, forge_picture, GTK_TYPE_BIN)

/* ---- taking it apart ---- */

typedef struct {
  int width, height; /* to fit */
  gboolean is_too_large;
} Bounds;

/* Called when the head is read, before there is memory for the rest; 0 stops there. */
static void
on_size (GdkPixbufLoader *loader, int width, int height, gpointer user_data)
{
  Bounds *bounds = user_data;
  double scale = MIN (1.0, MIN ((double)bounds->width / width, (double)bounds->height / height));

  bounds->is_too_large = (gint64)width * height > FORGE_PICTURE_MAX_PIXELS;
  if (bounds->is_too_large)
    gdk_pixbuf_loader_set_size (loader, 0, 0);
  else
    gdk_pixbuf_loader_set_size (loader,
                                MAX ((int)(width * scale), 1),
                                MAX ((int)(height * scale), 1));
}

static GdkPixbuf *
load (GBytes *data, Bounds *bounds)
{
  g_autoptr (GdkPixbufLoader) loader = gdk_pixbuf_loader_new ();

  g_signal_connect (loader, "size-prepared", G_CALLBACK (on_size), bounds);
  gboolean is_whole = gdk_pixbuf_loader_write_bytes (loader, data, NULL);
  is_whole = gdk_pixbuf_loader_close (loader, NULL) && is_whole;
  GdkPixbuf *pixbuf = is_whole && !bounds->is_too_large ? gdk_pixbuf_loader_get_pixbuf (loader)
                                                        : NULL;
  return pixbuf ? gdk_pixbuf_apply_embedded_orientation (pixbuf) : NULL;
}

GdkPixbuf *
forge_picture_decode (GBytes *data, int width, int height, GError **error)
{
  Bounds bounds = { .width = width, .height = height };
  GdkPixbuf *pixbuf = load (data, &bounds);

  if (!pixbuf && bounds.is_too_large)
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_TOO_LARGE,
                 "The picture has more than %d pixels",
                 FORGE_PICTURE_MAX_PIXELS);
  else if (!pixbuf)
    g_set_error_literal (error, FORGE_ERROR, FORGE_ERROR_INVALID, "The picture cannot be read");
  return pixbuf;
}

/* ---- on its way ---- */

typedef struct {
  GBytes *data;
  int width, height;
} Raw;

static void
raw_free (gpointer data)
{
  Raw *raw = data;

  g_bytes_unref (raw->data);
  g_free (raw);
}

static void
decode_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Raw *raw = data;
  GError *error = NULL;
  GdkPixbuf *pixbuf = forge_picture_decode (raw->data, raw->width, raw->height, &error);

  if (pixbuf)
    g_task_return_pointer (task, pixbuf, g_object_unref);
  else
    g_task_return_error (task, error);
}

static void
on_decoded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ForgePicture *self = FORGE_PICTURE (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkPixbuf) pixbuf = g_task_propagate_pointer (G_TASK (result), &error);

  if (!pixbuf) {
    g_debug ("A picture is not shown: %s", error->message);
    return;
  }
  int scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  cairo_surface_t *surface = gdk_cairo_surface_create_from_pixbuf (pixbuf, scale, NULL);
  gtk_image_set_from_surface (GTK_IMAGE (self->image), surface);
  cairo_surface_destroy (surface);
  gtk_widget_show (GTK_WIDGET (self));
}

/* A newer wish has cancelled this one: its error is all that comes. */
static void
on_fetched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ForgePicture) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) data = forge_engine_views_picture_finish (result, &error);

  if (!data) {
    g_debug ("A picture is not shown: %s", error->message);
    return;
  }
  if (!self->model)
    return;
  int scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  g_autoptr (GTask) task = g_task_new (self, self->cancellable, on_decoded, NULL);
  Raw *raw = g_new0 (Raw, 1);
  raw->data = g_bytes_ref (data);
  raw->width = self->width * scale;
  raw->height = self->height * scale;
  g_task_set_task_data (task, raw, raw_free);
  g_task_run_in_thread (task, decode_in_thread);
}

void
forge_picture_show (ForgePicture *self, ForgePictureKind kind, const char *what, const char *name)
{
  ForgeEngineViews *views = forge_app_model_get_views (self->model);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  gtk_widget_hide (GTK_WIDGET (self));
  gtk_image_clear (GTK_IMAGE (self->image));
  if (!what || !views)
    return;
  forge_ui_set_name (self->image, name);
  forge_engine_views_picture_async (views,
                                    kind,
                                    what,
                                    self->cancellable,
                                    on_fetched,
                                    g_object_ref (self));
}

static void
forge_picture_dispose (GObject *object)
{
  ForgePicture *self = FORGE_PICTURE (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (forge_picture_parent_class)->dispose (object);
}

static void
forge_picture_class_init (ForgePictureClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = forge_picture_dispose;
}

static void
forge_picture_init (ForgePicture *self)
{
  self->image = gtk_image_new ();
  self->cancellable = g_cancellable_new ();
  gtk_widget_set_halign (self->image, GTK_ALIGN_START);
  gtk_widget_show (self->image);
  gtk_container_add (GTK_CONTAINER (self), self->image);
  gtk_widget_set_no_show_all (GTK_WIDGET (self), TRUE);
}

GtkWidget *
forge_picture_new (ForgeAppModel *model, int width, int height)
{
  ForgePicture *self = g_object_new (FORGE_TYPE_PICTURE, NULL);

  self->model = g_object_ref (model);
  self->width = width;
  self->height = height;
  return GTK_WIDGET (self);
}

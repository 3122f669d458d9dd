/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-stream-picker.h"

#include "app/forge-ui.h"
#include "app/forge-widgets.h"
#include "model/forge-channel.h"

#include <glib/gi18n.h>

/* A person who does not see it among these types another word. */
#define MAX_SHOWN 50

struct _ForgeStreamPicker {
  GtkPopover parent;
  ForgeAppModel *model;
  GtkWidget *search, *list;
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (ForgeStreamPicker, forge_stream_picker, GTK_TYPE_POPOVER)

enum { PICKED, N_SIGNALS };
static guint signals[N_SIGNALS];

static const char *
account_name (ForgeStreamPicker *self, gint64 id)
{
  ForgeSnapshot *snapshot = forge_app_model_get_snapshot (self->model);
  ForgeAccount *account = snapshot ? forge_snapshot_account (snapshot, id) : NULL;

  return account ? account->name : "";
}

static void
add_stream (ForgeStreamPicker *self, ForgeStream *stream)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  const char *quality =
      stream->quality == FORGE_QUALITY_UNKNOWN ? "" : forge_quality_name (stream->quality);
  g_autofree char *about = g_strdup_printf ("%s%s%s%s%s",
                                            account_name (self, stream->account_id),
                                            stream->group ? " · " : "",
                                            stream->group ? stream->group : "",
                                            *quality ? " · " : "",
                                            quality);

  gtk_container_add (GTK_CONTAINER (box), forge_name_label (stream->name));
  gtk_container_add (GTK_CONTAINER (box), forge_caption_label (about));
  gtk_widget_set_margin_start (box, 6);
  gtk_widget_set_margin_end (box, 6);
  gtk_container_add (GTK_CONTAINER (row), box);
  atk_object_set_name (gtk_widget_get_accessible (row), stream->name);
  g_object_set_data_full (G_OBJECT (row),
                          "stream",
                          forge_stream_ref (stream),
                          (GDestroyNotify)forge_stream_unref);
  gtk_widget_show_all (row);
  gtk_container_add (GTK_CONTAINER (self->list), row);
}

static void
on_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ForgeStreamPicker) self = user_data;
  g_autoptr (GPtrArray) found = forge_engine_views_streams_finish (result, NULL);

  if (!found || !self->model)
    return;
  forge_ui_clear (GTK_CONTAINER (self->list));
  for (guint i = 0; i < found->len; i++)
    add_stream (self, g_ptr_array_index (found, i));
}

static void
search (ForgeStreamPicker *self)
{
  ForgeEngineViews *views = forge_app_model_get_views (self->model);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  if (views)
    forge_engine_views_streams_async (views,
                                      gtk_entry_get_text (GTK_ENTRY (self->search)),
                                      MAX_SHOWN,
                                      self->cancellable,
                                      on_found,
                                      g_object_ref (self));
}

static void
on_row_activated (ForgeStreamPicker *self, GtkListBoxRow *row)
{
  ForgeStream *stream = g_object_get_data (G_OBJECT (row), "stream");

  g_signal_emit (self, signals[PICKED], 0, stream->id, stream->name);
  gtk_popover_popdown (GTK_POPOVER (self));
}

static void
forge_stream_picker_dispose (GObject *object)
{
  ForgeStreamPicker *self = FORGE_STREAM_PICKER (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (forge_stream_picker_parent_class)->dispose (object);
}

static void
forge_stream_picker_class_init (ForgeStreamPickerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = forge_stream_picker_dispose;
  signals[PICKED] = g_signal_new ("picked",
                                  FORGE_TYPE_STREAM_PICKER,
                                  G_SIGNAL_RUN_LAST,
                                  0,
                                  NULL,
                                  NULL,
                                  NULL,
                                  G_TYPE_NONE,
                                  2,
                                  G_TYPE_INT64,
                                  G_TYPE_STRING);
}

static GtkWidget *
make_list (ForgeStreamPicker *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new (NULL, NULL);
  GtkWidget *nothing = forge_caption_label (_ ("No stream found"));

  self->list = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->list), GTK_SELECTION_NONE);
  gtk_widget_show (nothing);
  gtk_list_box_set_placeholder (GTK_LIST_BOX (self->list), nothing);
  atk_object_set_name (gtk_widget_get_accessible (self->list), _ ("Streams found"));
  g_signal_connect_swapped (self->list, "row-activated", G_CALLBACK (on_row_activated), self);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled),
                                  GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_widget_set_size_request (scrolled, 340, 280);
  gtk_container_add (GTK_CONTAINER (scrolled), self->list);
  return scrolled;
}

static void
forge_stream_picker_init (ForgeStreamPicker *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  gtk_container_set_border_width (GTK_CONTAINER (box), 9);
  self->search = gtk_search_entry_new ();
  atk_object_set_name (gtk_widget_get_accessible (self->search), _ ("Search streams"));
  g_signal_connect_swapped (self->search, "search-changed", G_CALLBACK (search), self);
  gtk_container_add (GTK_CONTAINER (box), self->search);
  gtk_container_add (GTK_CONTAINER (box), make_list (self));
  gtk_widget_show_all (box);
  gtk_container_add (GTK_CONTAINER (self), box);
  g_signal_connect (self, "show", G_CALLBACK (search), NULL);
}

GtkWidget *
forge_stream_picker_new (ForgeAppModel *model, GtkWidget *relative_to)
{
  ForgeStreamPicker *self =
      g_object_new (FORGE_TYPE_STREAM_PICKER, "relative-to", relative_to, NULL);

  self->model = g_object_ref (model);
  return GTK_WIDGET (self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-channel-details.h"

#include "app/forge-stream-picker.h"
#include "app/forge-stream-row.h"
#include "app/forge-ui.h"
#include "app/forge-widgets.h"

#include <glib/gi18n.h>

#include <stdlib.h>

struct _ForgeChannelDetails {
  GtkBin parent;
  ForgeAppModel *model;
  ForgeLineupEditor *editor;
  ForgeChannelTable *table; /* NULL until the first channel is shown */
  gint64 id;
  JsonNode *channel; /* while its explanation is on the way */
  GCancellable *cancellable;
  GtkLabel *title, *caption;
  GtkEntry *name, *number;
  GtkListBox *streams;
  GtkMenuButton *pick;
  gint64 first_stream; /* the one that is tried first, 0 = none */
};

G_DEFINE_FINAL_TYPE (ForgeChannelDetails, forge_channel_details, GTK_TYPE_BIN)

static const ForgeChannelLine *
get_line (ForgeChannelDetails *self)
{
  int index = self->table ? forge_channel_table_find (self->table, self->id) : -1;

  return index < 0 ? NULL : forge_channel_table_line (self->table, (guint)index);
}

static void
on_name_entered (ForgeChannelDetails *self)
{
  forge_lineup_editor_do (
      self->editor,
      self->table ? forge_deed_rename (self->table, self->id, gtk_entry_get_text (self->name))
                  : NULL);
}

static gboolean
on_name_left (ForgeChannelDetails *self)
{
  on_name_entered (self);
  return GDK_EVENT_PROPAGATE;
}

static void
show_number (ForgeChannelDetails *self, const ForgeChannelLine *line)
{
  g_autofree char *text = g_strdup_printf ("%d", line->number);

  gtk_entry_set_text (self->number, text);
}

static void
on_number_entered (ForgeChannelDetails *self)
{
  const ForgeChannelLine *line = get_line (self);
  guint64 number = 0;

  if (!line)
    return;
  if (g_ascii_string_to_unsigned (gtk_entry_get_text (self->number), 10, 1, 99999, &number, NULL)) {
    forge_lineup_editor_do (self->editor, forge_deed_number (self->table, self->id, (int)number));
    return;
  }
  forge_app_model_notice (self->model, _ ("A channel’s number is from 1 to 99999"));
  show_number (self, line);
}

static gboolean
on_number_left (ForgeChannelDetails *self)
{
  on_number_entered (self);
  return GDK_EVENT_PROPAGATE;
}

static JsonArray *
member_array (JsonNode *node, const char *name)
{
  JsonObject *object = node && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;

  return object && json_object_has_member (object, name)
             ? json_object_get_array_member (object, name)
             : NULL;
}

static gboolean
is_chosen (ForgeChannelDetails *self, gint64 stream_id)
{
  JsonArray *streams = member_array (self->channel, "streams");

  for (guint i = 0; streams && i < json_array_get_length (streams); i++) {
    JsonObject *stream = json_array_get_object_element (streams, i);
    if (json_object_get_int_member_with_default (stream, "id", 0) == stream_id)
      return json_object_get_boolean_member_with_default (stream, "manual", FALSE);
  }
  return FALSE;
}

static void
on_stream_wanted (ForgeChannelDetails *self, const char *action, gint64 stream_id, const char *name)
{
  forge_lineup_editor_do (self->editor,
                          forge_deed_stream (self->id,
                                             stream_id,
                                             name,
                                             action,
                                             self->first_stream,
                                             is_chosen (self, stream_id)));
}

static void
on_picked (ForgeChannelDetails *self, gint64 stream_id, const char *name)
{
  on_stream_wanted (self, FORGE_DEED_STREAM_ADD, stream_id, name);
}

/* The explanation of a stream, NULL = none. (transfer none) */
static JsonObject *
find_reasons (JsonArray *explained, gint64 stream_id)
{
  for (guint i = 0; explained && i < json_array_get_length (explained); i++) {
    JsonObject *object = json_array_get_object_element (explained, i);
    if (json_object_get_int_member_with_default (object, "stream_id", 0) == stream_id)
      return object;
  }
  return NULL;
}

static void
add_row (ForgeChannelDetails *self, JsonObject *stream, JsonObject *reasons, gboolean is_first)
{
  GtkWidget *row = forge_stream_row_new (stream, reasons, is_first);

  g_signal_connect_object (row, "wanted", G_CALLBACK (on_stream_wanted), self, G_CONNECT_SWAPPED);
  gtk_container_add (GTK_CONTAINER (self->streams), row);
}

static void
show_streams (ForgeChannelDetails *self, JsonNode *explanation)
{
  JsonArray *streams = member_array (self->channel, "streams");
  JsonArray *explained = member_array (explanation, "streams");

  forge_ui_clear (GTK_CONTAINER (self->streams));
  self->first_stream = 0;
  for (guint i = 0; streams && i < json_array_get_length (streams); i++) {
    JsonObject *stream = json_array_get_object_element (streams, i);
    gint64 id = json_object_get_int_member_with_default (stream, "id", 0);
    if (i == 0)
      self->first_stream = id;
    add_row (self, stream, find_reasons (explained, id), i == 0);
  }
  for (guint i = 0; explained && i < json_array_get_length (explained); i++) {
    JsonObject *reasons = json_array_get_object_element (explained, i);
    if (json_object_get_boolean_member_with_default (reasons, "rejected", FALSE))
      add_row (self, NULL, reasons, FALSE);
  }
}

static void
on_explained (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ForgeChannelDetails) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) explanation = forge_app_model_call_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || !self->model)
    return;
  show_streams (self, explanation);
}

static void
call (ForgeChannelDetails *self, const char *action, GAsyncReadyCallback callback)
{
  g_autofree char *path = g_strdup_printf ("/v1/channels/%" G_GINT64_FORMAT "%s", self->id, action);

  forge_app_model_call (self->model,
                        "GET",
                        path,
                        NULL,
                        self->cancellable,
                        callback,
                        g_object_ref (self));
}

static void
on_channel (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ForgeChannelDetails) self = user_data;
  JsonNode *channel = forge_app_model_call_finish (result, NULL);

  if (!channel)
    return;
  g_clear_pointer (&self->channel, json_node_unref);
  self->channel = channel;
  if (self->model)
    call (self, "/explain", on_explained);
}

static void
show_line (ForgeChannelDetails *self, const ForgeChannelLine *line)
{
  g_autofree char *caption = line->group
                                 ? g_strdup_printf (_ ("Number %d · %s"), line->number, line->group)
                                 : g_strdup_printf (_ ("Number %d"), line->number);
  g_autofree char *with_guide =
      g_strdup_printf ("%s · %s",
                       caption,
                       line->guide_channel_id ? _ ("with guide") : _ ("without guide"));

  gtk_label_set_text (self->title, line->name);
  gtk_label_set_text (self->caption, with_guide);
  if (!gtk_widget_has_focus (GTK_WIDGET (self->name)))
    gtk_entry_set_text (self->name, line->name);
  if (!gtk_widget_has_focus (GTK_WIDGET (self->number)))
    show_number (self, line);
}

void
forge_channel_details_show (ForgeChannelDetails *self, ForgeChannelTable *table, gint64 id)
{
  forge_channel_table_ref (table);
  g_clear_pointer (&self->table, forge_channel_table_unref);
  self->table = table;
  self->id = id;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  const ForgeChannelLine *line = get_line (self);
  if (!line)
    return;
  show_line (self, line);
  call (self, "", on_channel);
}

static void
forge_channel_details_dispose (GObject *object)
{
  ForgeChannelDetails *self = FORGE_CHANNEL_DETAILS (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->editor);
  g_clear_object (&self->model);
  g_clear_pointer (&self->channel, json_node_unref);
  g_clear_pointer (&self->table, forge_channel_table_unref);
  G_OBJECT_CLASS (forge_channel_details_parent_class)->dispose (object);
}

static void
forge_channel_details_class_init (ForgeChannelDetailsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = forge_channel_details_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/streamforge/StreamForge/ui/channel-details.ui");
  gtk_widget_class_bind_template_child (widget_class, ForgeChannelDetails, title);
  gtk_widget_class_bind_template_child (widget_class, ForgeChannelDetails, caption);
  gtk_widget_class_bind_template_child (widget_class, ForgeChannelDetails, name);
  gtk_widget_class_bind_template_child (widget_class, ForgeChannelDetails, number);
  gtk_widget_class_bind_template_child (widget_class, ForgeChannelDetails, streams);
  gtk_widget_class_bind_template_child (widget_class, ForgeChannelDetails, pick);
  gtk_widget_class_bind_template_callback (widget_class, on_name_entered);
  gtk_widget_class_bind_template_callback (widget_class, on_name_left);
  gtk_widget_class_bind_template_callback (widget_class, on_number_entered);
  gtk_widget_class_bind_template_callback (widget_class, on_number_left);
}

static void
forge_channel_details_init (ForgeChannelDetails *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
forge_channel_details_new (ForgeAppModel *model, ForgeLineupEditor *editor)
{
  ForgeChannelDetails *self = g_object_new (FORGE_TYPE_CHANNEL_DETAILS, "visible", TRUE, NULL);

  self->model = g_object_ref (model);
  self->editor = g_object_ref (editor);
  GtkWidget *picker = forge_stream_picker_new (model, GTK_WIDGET (self->pick));
  g_signal_connect_object (picker, "picked", G_CALLBACK (on_picked), self, G_CONNECT_SWAPPED);
  gtk_menu_button_set_popover (self->pick, picker);
  return GTK_WIDGET (self);
}

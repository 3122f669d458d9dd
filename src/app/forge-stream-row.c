/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-stream-row.h"

#include "app/forge-deed.h"
#include "app/forge-engine-text.h"
#include "app/forge-widgets.h"

#include <glib/gi18n.h>

struct _ForgeStreamRow {
  GtkListBoxRow parent;
  gint64 id;
  char *name;
};

G_DEFINE_FINAL_TYPE (ForgeStreamRow, forge_stream_row, GTK_TYPE_LIST_BOX_ROW)

enum { WANTED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
on_button_clicked (GtkButton *button, gpointer user_data)
{
  ForgeStreamRow *self = user_data;

  g_signal_emit (self,
                 signals[WANTED],
                 0,
                 g_object_get_data (G_OBJECT (button), "action"),
                 self->id,
                 self->name);
}

/* `action`: one of the literals FORGE_DEED_STREAM_*. */
static void
add_button (ForgeStreamRow *self,
            GtkWidget *box,
            const char *icon,
            const char *label,
            const char *action)
{
  g_autofree char *name = g_strdup_printf ("%s: %s", label, self->name);
  GtkWidget *button = forge_icon_button (icon, label, name);

  g_object_set_data (G_OBJECT (button), "action", (gpointer)action);
  g_signal_connect (button, "clicked", G_CALLBACK (on_button_clicked), self);
  gtk_box_pack_start (GTK_BOX (box), button, FALSE, FALSE, 0);
}

static const char *
text_of (JsonObject *object, const char *member)
{
  return object ? json_object_get_string_member_with_default (object, member, NULL) : NULL;
}

static gboolean
is_set (JsonObject *object, const char *member)
{
  return object && json_object_get_boolean_member_with_default (object, member, FALSE);
}

static char *
describe_match (JsonObject *stream)
{
  double confidence = json_object_get_double_member_with_default (stream, "confidence", 0);

  if (is_set (stream, "manual"))
    return g_strdup (_ ("chosen by you"));
  return g_strdup_printf (_ ("%.0f %% sure"), confidence * 100);
}

static char *
describe (JsonObject *stream)
{
  if (!stream)
    return g_strdup (_ ("Rejected by you"));
  g_autofree char *match = describe_match (stream);
  const char *quality = text_of (stream, "quality");
  const char *account = text_of (stream, "account");
  gboolean is_known = quality && g_strcmp0 (quality, "unknown") != 0;

  return g_strconcat (is_known ? quality : "",
                      is_known ? " · " : "",
                      account ? account : "",
                      account ? " · " : "",
                      match,
                      is_set (stream, "available") ? NULL : " · ",
                      _ ("not offered at present"),
                      NULL);
}

static char *
join_reasons (JsonObject *reasons)
{
  JsonArray *array = reasons && json_object_has_member (reasons, "reasons")
                         ? json_object_get_array_member (reasons, "reasons")
                         : NULL;
  GString *text = g_string_new (NULL);

  for (guint i = 0; array && i < json_array_get_length (array); i++) {
    g_autofree char *reason = forge_engine_text (json_array_get_string_element (array, i));
    g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "", reason);
  }
  return g_string_free (text, FALSE);
}

static GtkWidget *
make_texts (ForgeStreamRow *self, JsonObject *stream, JsonObject *reasons)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  g_autofree char *about = describe (stream);
  g_autofree char *why = join_reasons (reasons);

  gtk_container_add (GTK_CONTAINER (box), forge_name_label (self->name));
  gtk_container_add (GTK_CONTAINER (box), forge_caption_label (about));
  if (*why)
    gtk_container_add (GTK_CONTAINER (box), forge_caption_label (why));
  return box;
}

static void
add_buttons (ForgeStreamRow *self, GtkWidget *box, JsonObject *stream, gboolean is_first)
{
  double confidence = stream ? json_object_get_double_member_with_default (stream, "confidence", 0)
                             : 0;

  if (!stream) {
    add_button (self, box, "edit-undo-symbolic", _ ("Use it again"), FORGE_DEED_STREAM_ADD);
    return;
  }
  if (!is_set (stream, "manual") && confidence < FORGE_SURE_CONFIDENCE)
    add_button (self, box, "object-select-symbolic", _ ("Accept"), FORGE_DEED_STREAM_ACCEPT);
  if (!is_first)
    add_button (self, box, "go-top-symbolic", _ ("Try it first"), FORGE_DEED_STREAM_FIRST);
  add_button (self, box, "list-remove-symbolic", _ ("Reject"), FORGE_DEED_STREAM_REJECT);
}

static void
forge_stream_row_finalize (GObject *object)
{
  g_free (FORGE_STREAM_ROW (object)->name);
  G_OBJECT_CLASS (forge_stream_row_parent_class)->finalize (object);
}

static void
forge_stream_row_class_init (ForgeStreamRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = forge_stream_row_finalize;
  signals[WANTED] = g_signal_new ("wanted",
                                  FORGE_TYPE_STREAM_ROW,
                                  G_SIGNAL_RUN_LAST,
                                  0,
                                  NULL,
                                  NULL,
                                  NULL,
                                  G_TYPE_NONE,
                                  3,
                                  G_TYPE_STRING,
                                  G_TYPE_INT64,
                                  G_TYPE_STRING);
}

static void
forge_stream_row_init (ForgeStreamRow *self)
{
}

GtkWidget *
forge_stream_row_new (JsonObject *stream, JsonObject *reasons, gboolean is_first)
{
  ForgeStreamRow *self = g_object_new (FORGE_TYPE_STREAM_ROW, "activatable", FALSE, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 2);
  const char *name = stream ? text_of (stream, "name") : text_of (reasons, "stream");

  self->id = stream ? json_object_get_int_member_with_default (stream, "id", 0)
                    : json_object_get_int_member_with_default (reasons, "stream_id", 0);
  self->name = g_strdup (name ? name : "");
  gtk_style_context_add_class (gtk_widget_get_style_context (box), "forge-row");
  gtk_box_pack_start (GTK_BOX (box), make_texts (self, stream, reasons), TRUE, TRUE, 0);
  add_buttons (self, box, stream, is_first);
  gtk_container_add (GTK_CONTAINER (self), box);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self)), self->name);
  gtk_widget_show_all (GTK_WIDGET (self));
  return GTK_WIDGET (self);
}

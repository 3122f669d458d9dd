/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-device-dialog.h"

#include "app/forge-form.h"
#include "app/forge-json-read.h"
#include "app/forge-ui.h"

#include <glib/gi18n.h>

#define MAX_CHANNELS     99999
#define GROUPS_HEIGHT_PX 170

#define FORGE_TYPE_DEVICE_DIALOG (forge_device_dialog_get_type ())
G_DECLARE_FINAL_TYPE (ForgeDeviceDialog, forge_device_dialog, FORGE, DEVICE_DIALOG, ForgeForm)

struct _ForgeDeviceDialog {
  ForgeForm parent;
  gint64 id;                 /* 0 = it will be a new one */
  gboolean is_main;          /* its name and port are settings */
  GHashTable *wanted_groups; /* names that are chosen */
  GtkWidget *name, *filter, *groups, *groups_scrolled, *limit, *port, *enabled, *counter;
  gboolean is_counting, is_stale;
};

G_DEFINE_FINAL_TYPE (ForgeDeviceDialog, forge_device_dialog, FORGE_TYPE_FORM)

static void count (ForgeDeviceDialog *self);

static const char *
filter_of (ForgeDeviceDialog *self)
{
  const char *id = gtk_combo_box_get_active_id (GTK_COMBO_BOX (self->filter));

  return id ? id : "all";
}

static JsonArray *
chosen_groups (ForgeDeviceDialog *self)
{
  JsonArray *array = json_array_new ();
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, self->wanted_groups);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    json_array_add_string_element (array, name);
  return array;
}

/* What both a preview and the device itself are made of. */
static JsonNode *
choice_body (ForgeDeviceDialog *self)
{
  gint64 limit = gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (self->limit));
  JsonNode *body = forge_json_body ("s", "filter", filter_of (self), "i", "limit", limit, NULL);

  json_object_set_array_member (json_node_get_object (body), "groups", chosen_groups (self));
  return body;
}

static void
send (ForgeForm *form)
{
  ForgeDeviceDialog *self = FORGE_DEVICE_DIALOG (form);
  g_autofree char *path = self->id ? g_strdup_printf ("/v1/devices/%" G_GINT64_FORMAT, self->id)
                                   : g_strdup ("/v1/devices");
  JsonNode *body = choice_body (self);
  JsonObject *object = json_node_get_object (body);

  if (!self->is_main) {
    json_object_set_string_member (object, "name", gtk_entry_get_text (GTK_ENTRY (self->name)));
    json_object_set_int_member (object,
                                "port",
                                gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (self->port)));
    json_object_set_boolean_member (object,
                                    "enabled",
                                    gtk_switch_get_active (GTK_SWITCH (self->enabled)));
  }
  forge_form_call (form, self->id ? "PATCH" : "POST", path, body);
}

static void
show_count (ForgeDeviceDialog *self, JsonObject *counts)
{
  gint64 channels = forge_json_read_int (counts, "channels"),
         most = forge_json_read_int (counts, "plex_limit");
  gboolean fits = forge_json_read_flag (counts, "fits_plex");
  GtkStyleContext *style = gtk_widget_get_style_context (self->counter);
  g_autofree char *text =
      g_strdup_printf (fits ? _ ("%d channels; Plex takes %d.")
                            : _ ("%d channels are more than the %d that Plex takes."),
                       (int)channels,
                       (int)most);

  gtk_label_set_text (GTK_LABEL (self->counter), text);
  if (fits)
    gtk_style_context_remove_class (style, "forge-warning");
  else
    gtk_style_context_add_class (style, "forge-warning");
}

static void
on_counted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ForgeDeviceDialog) self = user_data;
  g_autoptr (JsonNode) answer = forge_app_model_call_finish (result, NULL);

  if (!forge_form_get_model (FORGE_FORM (self)))
    return;
  self->is_counting = FALSE;
  if (answer)
    show_count (self, forge_json_as_object (answer));
  if (self->is_stale)
    count (self);
}

/* One question at a time; what changed meanwhile is asked after it. */
static void
count (ForgeDeviceDialog *self)
{
  self->is_stale = self->is_counting;
  if (self->is_counting)
    return;
  self->is_counting = TRUE;
  forge_app_model_call (forge_form_get_model (FORGE_FORM (self)),
                        "POST",
                        "/v1/devices/preview",
                        choice_body (self),
                        NULL,
                        on_counted,
                        g_object_ref (self));
}

static void
on_changed (ForgeDeviceDialog *self)
{
  gboolean has_name = self->is_main || *gtk_entry_get_text (GTK_ENTRY (self->name));
  gboolean is_groups = g_str_equal (filter_of (self), "groups");

  gtk_widget_set_visible (self->groups_scrolled, is_groups);
  forge_form_set_complete (FORGE_FORM (self),
                           has_name && (!is_groups || g_hash_table_size (self->wanted_groups)));
  count (self);
}

static void
on_group_toggled (ForgeDeviceDialog *self, GtkToggleButton *button)
{
  const char *name = g_object_get_data (G_OBJECT (button), "group");

  if (gtk_toggle_button_get_active (button))
    g_hash_table_add (self->wanted_groups, g_strdup (name));
  else
    g_hash_table_remove (self->wanted_groups, name);
  on_changed (self);
}

static void
add_group (ForgeDeviceDialog *self, JsonObject *group)
{
  const char *name = forge_json_read_text (group, "name");
  g_autofree char *label =
      g_strdup_printf ("%s  (%d)", name, (int)forge_json_read_int (group, "channels"));
  GtkWidget *button = gtk_check_button_new_with_label (label);

  g_object_set_data_full (G_OBJECT (button), "group", g_strdup (name), g_free);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button),
                                g_hash_table_contains (self->wanted_groups, name));
  g_signal_connect_object (button,
                           "toggled",
                           G_CALLBACK (on_group_toggled),
                           self,
                           G_CONNECT_SWAPPED);
  gtk_widget_show (button);
  gtk_container_add (GTK_CONTAINER (self->groups), button);
}

static void
on_groups (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ForgeDeviceDialog) self = user_data;
  g_autoptr (JsonNode) answer = forge_app_model_call_finish (result, NULL);
  JsonArray *groups = answer ? forge_json_as_array (answer) : NULL;

  if (!forge_form_get_model (FORGE_FORM (self)))
    return;
  for (guint i = 0; groups && i < json_array_get_length (groups); i++)
    add_group (self, json_array_get_object_element (groups, i));
}

static GtkWidget *
make_filter (void)
{
  GtkWidget *combo = gtk_combo_box_text_new ();

  gtk_combo_box_text_append (GTK_COMBO_BOX_TEXT (combo), "all", _ ("All channels that are on"));
  gtk_combo_box_text_append (GTK_COMBO_BOX_TEXT (combo), "groups", _ ("Some groups"));
  gtk_combo_box_text_append (GTK_COMBO_BOX_TEXT (combo), "favorites", _ ("Channels with a star"));
  return combo;
}

static GtkWidget *
make_groups (ForgeDeviceDialog *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new (NULL, NULL);

  self->groups = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  gtk_container_set_border_width (GTK_CONTAINER (self->groups), 6);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled),
                                  GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_shadow_type (GTK_SCROLLED_WINDOW (scrolled), GTK_SHADOW_IN);
  gtk_widget_set_size_request (scrolled, -1, GROUPS_HEIGHT_PX);
  gtk_container_add (GTK_CONTAINER (scrolled), self->groups);
  forge_ui_set_name (self->groups, _ ("Groups"));
  return scrolled;
}

static void
add_identity (ForgeDeviceDialog *self)
{
  ForgeForm *form = FORGE_FORM (self);
  GtkWidget *entry = gtk_entry_new ();

  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), _ ("What media servers call it"));
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  gtk_entry_set_width_chars (GTK_ENTRY (entry), 30);
  self->name = forge_form_add (form, _ ("_Name"), entry);
  g_signal_connect_swapped (entry, "changed", G_CALLBACK (on_changed), self);
}

static void
add_place (ForgeDeviceDialog *self)
{
  ForgeForm *form = FORGE_FORM (self);

  self->port =
      forge_form_add (form, _ ("_Port"), gtk_spin_button_new_with_range (0, G_MAXUINT16, 1));
  gtk_widget_set_tooltip_text (self->port, _ ("0 takes any free one."));
  self->enabled = gtk_switch_new ();
  gtk_widget_set_halign (self->enabled, GTK_ALIGN_START);
  gtk_switch_set_active (GTK_SWITCH (self->enabled), TRUE);
  forge_form_add (form, _ ("_On"), self->enabled);
}

static void
build (ForgeDeviceDialog *self)
{
  ForgeForm *form = FORGE_FORM (self);

  if (!self->is_main)
    add_identity (self);
  self->filter = forge_form_add (form, _ ("_Shows"), make_filter ());
  self->groups_scrolled = make_groups (self);
  forge_form_add_wide (form, self->groups_scrolled);
  self->limit =
      forge_form_add (form, _ ("_At most"), gtk_spin_button_new_with_range (0, MAX_CHANNELS, 10));
  gtk_widget_set_tooltip_text (self->limit, _ ("The first so many of those; 0 = all."));
  self->counter = forge_ui_label (NULL, NULL);
  forge_form_add_wide (form, self->counter);
  if (!self->is_main)
    add_place (self);
}

static void
fill (ForgeDeviceDialog *self, JsonObject *device)
{
  JsonArray *groups = forge_json_read_array (device, "groups");

  for (guint i = 0; groups && i < json_array_get_length (groups); i++)
    g_hash_table_add (self->wanted_groups, g_strdup (json_array_get_string_element (groups, i)));
  gtk_combo_box_set_active_id (GTK_COMBO_BOX (self->filter),
                               forge_json_read_text (device, "filter"));
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->limit),
                             (double)forge_json_read_int (device, "limit"));
  if (self->is_main)
    return;
  gtk_entry_set_text (GTK_ENTRY (self->name), forge_json_read_text (device, "name"));
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->port),
                             (double)forge_json_read_int (device, "port"));
  gtk_switch_set_active (GTK_SWITCH (self->enabled), forge_json_read_flag (device, "enabled"));
}

static void
forge_device_dialog_finalize (GObject *object)
{
  g_hash_table_unref (FORGE_DEVICE_DIALOG (object)->wanted_groups);
  G_OBJECT_CLASS (forge_device_dialog_parent_class)->finalize (object);
}

static void
forge_device_dialog_class_init (ForgeDeviceDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = forge_device_dialog_finalize;
  FORGE_FORM_CLASS (klass)->send = send;
}

static void
forge_device_dialog_init (ForgeDeviceDialog *self)
{
  self->wanted_groups = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

void
forge_device_dialog_show (ForgeAppModel *model, GtkWindow *parent, JsonObject *device)
{
  const char *title = device ? forge_json_read_text (device, "name") : _ ("Add a tuner");
  ForgeDeviceDialog *self = forge_form_create (FORGE_TYPE_DEVICE_DIALOG,
                                               model,
                                               parent,
                                               title ? title : "",
                                               device ? _ ("_Save") : _ ("_Add"));

  self->id = device ? forge_json_read_int (device, "id") : 0;
  self->is_main = device && forge_json_read_flag (device, "main");
  build (self);
  gtk_combo_box_set_active (GTK_COMBO_BOX (self->filter), 0);
  if (device)
    fill (self, device);
  g_signal_connect_swapped (self->filter, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect_swapped (self->limit, "value-changed", G_CALLBACK (on_changed), self);
  forge_form_present (FORGE_FORM (self));
  on_changed (self);
  forge_app_model_call (model, "GET", "/v1/groups", NULL, NULL, on_groups, g_object_ref (self));
}

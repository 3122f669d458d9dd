/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-user-dialog.h"

#include "app/forge-address-row.h"
#include "app/forge-form.h"
#include "app/forge-json-read.h"
#include "app/forge-ui.h"

#include <glib/gi18n.h>

#define MAX_CONNECTIONS 100

#define FORGE_TYPE_USER_DIALOG (forge_user_dialog_get_type ())
G_DECLARE_FINAL_TYPE (ForgeUserDialog, forge_user_dialog, FORGE, USER_DIALOG, ForgeForm)

struct _ForgeUserDialog {
  ForgeForm parent;
  gint64 id; /* 0 = it will be a new one */
  GtkWidget *name, *device, *password, *connections, *library;
};

G_DEFINE_FINAL_TYPE (ForgeUserDialog, forge_user_dialog, FORGE_TYPE_FORM)

static void
send (ForgeForm *form)
{
  ForgeUserDialog *self = FORGE_USER_DIALOG (form);
  const char *device = gtk_combo_box_get_active_id (GTK_COMBO_BOX (self->device));
  gint64 connections = gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (self->connections));
  const char *password = gtk_entry_get_text (GTK_ENTRY (self->password));
  g_autofree char *path = self->id ? g_strdup_printf ("/v1/users/%" G_GINT64_FORMAT, self->id)
                                   : g_strdup ("/v1/users");

  forge_form_call (form,
                   self->id ? "PATCH" : "POST",
                   path,
                   forge_json_body ("s",
                                    "name",
                                    self->id ? NULL : gtk_entry_get_text (GTK_ENTRY (self->name)),
                                    "s",
                                    "password",
                                    *password ? password : NULL,
                                    "i",
                                    "device",
                                    device ? g_ascii_strtoll (device, NULL, 10) : (gint64)1,
                                    "i",
                                    "max_connections",
                                    connections,
                                    "b",
                                    "library",
                                    gtk_switch_get_active (GTK_SWITCH (self->library)),
                                    NULL));
}

static void
add_value (GtkWidget *list, const char *title, const char *value)
{
  GtkWidget *row = g_object_new (FORGE_TYPE_ADDRESS_ROW, "title", title, NULL);

  forge_address_row_set_address (FORGE_ADDRESS_ROW (row), value ? value : "");
  gtk_container_add (GTK_CONTAINER (list), row);
}

/* The only time that the password is shown: later nobody knows it. */
static void
show_login (ForgeUserDialog *self, JsonObject *user)
{
  GtkWidget *dialog = gtk_dialog_new_with_buttons (
      _ ("Login for the app"),
      gtk_window_get_transient_for (GTK_WINDOW (self)),
      GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT | GTK_DIALOG_USE_HEADER_BAR,
      _ ("_Close"),
      GTK_RESPONSE_CLOSE,
      NULL);
  GtkWidget *content = gtk_dialog_get_content_area (GTK_DIALOG (dialog));
  GtkWidget *list = gtk_list_box_new ();

  gtk_container_set_border_width (GTK_CONTAINER (content), 18);
  gtk_box_set_spacing (GTK_BOX (content), 12);
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_style_context_add_class (gtk_widget_get_style_context (list), "forge-card");
  forge_ui_set_name (list, _ ("Login for the app"));
  add_value (list, _ ("Server"), forge_json_read_text (user, "server"));
  add_value (list, _ ("User name"), forge_json_read_text (user, "name"));
  add_value (list, _ ("Password"), forge_json_read_text (user, "password"));
  gtk_container_add (GTK_CONTAINER (content),
                     forge_ui_label (_ ("Enter these in the app. The password is not shown again."),
                                     NULL));
  gtk_container_add (GTK_CONTAINER (content), list);
  g_signal_connect (dialog, "response", G_CALLBACK (gtk_widget_destroy), NULL);
  gtk_widget_show_all (content);
  gtk_window_present (GTK_WINDOW (dialog));
}

static gboolean
done (ForgeForm *form, JsonNode *answer)
{
  JsonObject *user = forge_json_as_object (answer);

  if (forge_json_read_text (user, "password"))
    show_login (FORGE_USER_DIALOG (form), user);
  return TRUE;
}

static void
on_changed (ForgeUserDialog *self)
{
  forge_form_set_complete (FORGE_FORM (self),
                           self->id || *gtk_entry_get_text (GTK_ENTRY (self->name)));
}

static void
add_devices (ForgeUserDialog *self, gint64 chosen)
{
  ForgeSnapshot *snapshot = forge_app_model_get_snapshot (forge_form_get_model (FORGE_FORM (self)));
  g_autofree char *wanted = g_strdup_printf ("%" G_GINT64_FORMAT, chosen);

  for (guint i = 0; snapshot && i < snapshot->devices->len; i++) {
    const ForgeDeviceView *view = g_ptr_array_index (snapshot->devices, i);
    g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, view->device->id);
    gtk_combo_box_text_append (GTK_COMBO_BOX_TEXT (self->device), id, view->device->name);
  }
  gtk_combo_box_set_active_id (GTK_COMBO_BOX (self->device), wanted);
}

static GtkWidget *
make_entry (ForgeUserDialog *self, const char *placeholder)
{
  GtkWidget *entry = gtk_entry_new ();

  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), placeholder);
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  gtk_entry_set_width_chars (GTK_ENTRY (entry), 30);
  g_signal_connect_swapped (entry, "changed", G_CALLBACK (on_changed), self);
  return entry;
}

static void
build (ForgeUserDialog *self, JsonObject *user)
{
  ForgeForm *form = FORGE_FORM (self);

  if (!user)
    self->name = forge_form_add (form, _ ("_User name"), make_entry (self, NULL));
  self->device = forge_form_add (form, _ ("_Sees the tuner"), gtk_combo_box_text_new ());
  self->password = forge_form_add (form,
                                   _ ("_Password"),
                                   make_entry (self,
                                               user ? _ ("Stays as it is if this is empty")
                                                    : _ ("One is made if this is empty")));
  gtk_entry_set_visibility (GTK_ENTRY (self->password), FALSE);
  gtk_entry_set_input_purpose (GTK_ENTRY (self->password), GTK_INPUT_PURPOSE_PASSWORD);
  self->connections = forge_form_add (form,
                                      _ ("At the same _time"),
                                      gtk_spin_button_new_with_range (0, MAX_CONNECTIONS, 1));
  gtk_widget_set_tooltip_text (self->connections,
                               _ ("Streams of this login at once; 0 = no limit."));
  self->library = forge_form_add (form, _ ("_Films and series"), gtk_switch_new ());
  gtk_widget_set_halign (self->library, GTK_ALIGN_START);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->connections),
                             user ? (double)forge_json_read_int (user, "max_connections") : 0);
  gtk_switch_set_active (GTK_SWITCH (self->library),
                         !user || forge_json_read_flag (user, "library"));
  add_devices (self, user ? forge_json_read_int (user, "device") : FORGE_DEVICE_MAIN);
}

static void
forge_user_dialog_class_init (ForgeUserDialogClass *klass)
{
  FORGE_FORM_CLASS (klass)->send = send;
  FORGE_FORM_CLASS (klass)->done = done;
}

static void
forge_user_dialog_init (ForgeUserDialog *self)
{
}

void
forge_user_dialog_show (ForgeAppModel *model, GtkWindow *parent, JsonObject *user)
{
  const char *title = user ? forge_json_read_text (user, "name") : _ ("Add a login for an app");
  ForgeUserDialog *self = forge_form_create (FORGE_TYPE_USER_DIALOG,
                                             model,
                                             parent,
                                             title ? title : "",
                                             user ? _ ("_Save") : _ ("_Add"));

  self->id = user ? forge_json_read_int (user, "id") : 0;
  build (self, user);
  on_changed (self);
  forge_form_present (FORGE_FORM (self));
}

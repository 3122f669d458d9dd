/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-app-settings.h"

#include "app/forge-autostart.h"
#include "app/forge-engine-text.h"
#include "app/forge-json-read.h"
#include "app/forge-setting-row.h"
#include "app/forge-ui.h"

#include <glib/gi18n.h>

#include <string.h>

/* As much as the control socket takes. */
#define MAX_BACKUP_BYTES (32 * 1024 * 1024)

static GtkWindow *
window_of (gpointer widget)
{
  return GTK_WINDOW (gtk_widget_get_toplevel (widget));
}

/* ── Start with the desktop ── */

typedef struct {
  ForgeAppModel *model;
  GtkSwitch *control;
  gboolean is_on;
} Autostart;

static void on_autostart_switched (GtkSwitch *control, GParamSpec *pspec, gpointer model);

static void
on_autostart_set (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Autostart *change = user_data;
  g_autoptr (GError) error = NULL;

  if (forge_autostart_set_finish (result, &error)) {
    forge_app_state_set_bool (forge_app_model_get_state (change->model),
                              FORGE_STATE_AUTOSTART,
                              change->is_on);
  } else {
    forge_app_model_notice_error (change->model, error);
    g_signal_handlers_block_by_func (change->control, on_autostart_switched, change->model);
    gtk_switch_set_active (change->control, !change->is_on);
    g_signal_handlers_unblock_by_func (change->control, on_autostart_switched, change->model);
  }
  g_object_unref (change->model);
  g_object_unref (change->control);
  g_free (change);
}

static void
on_autostart_switched (GtkSwitch *control, GParamSpec *pspec, gpointer model)
{
  Autostart *change = g_new0 (Autostart, 1);

  change->model = g_object_ref (model);
  change->control = g_object_ref (control);
  change->is_on = gtk_switch_get_active (control);
  forge_autostart_set_async (change->is_on, on_autostart_set, change);
}

static GtkWidget *
make_autostart (ForgeAppModel *model)
{
  GtkWidget *control = gtk_switch_new ();

  gtk_switch_set_active (GTK_SWITCH (control),
                         forge_autostart_is_portal ()
                             ? forge_app_state_get_bool (forge_app_model_get_state (model),
                                                         FORGE_STATE_AUTOSTART)
                             : forge_autostart_has_file ());
  g_signal_connect_object (control, "notify::active", G_CALLBACK (on_autostart_switched), model, 0);
  return forge_setting_row_new_custom (
      _ ("Start with the desktop"),
      _ ("In the tray, so that media servers find it after every start of the computer."),
      control);
}

/* ── Closing ── */

static void
on_close_changed (GtkComboBox *combo, gpointer model)
{
  forge_app_state_set_text (forge_app_model_get_state (model),
                            FORGE_STATE_CLOSE,
                            gtk_combo_box_get_active_id (combo));
}

static GtkWidget *
make_close (ForgeAppModel *model)
{
  GtkWidget *combo = gtk_combo_box_text_new ();
  g_autofree char *choice =
      forge_app_state_get_text (forge_app_model_get_state (model), FORGE_STATE_CLOSE);

  gtk_combo_box_text_append (GTK_COMBO_BOX_TEXT (combo), "hide", _ ("Keep running"));
  gtk_combo_box_text_append (GTK_COMBO_BOX_TEXT (combo), "quit", _ ("Quit"));
  gtk_combo_box_set_active_id (GTK_COMBO_BOX (combo), choice ? choice : "hide");
  g_signal_connect_object (combo, "changed", G_CALLBACK (on_close_changed), model, 0);
  return forge_setting_row_new_custom (_ ("When the window is closed"), NULL, combo);
}

/* ── Passwords ── */

static void
show_secrets (GtkLabel *label, gpointer model)
{
  ForgeLive *live = forge_app_model_get_live (model);

  if (!live)
    return;
  gtk_label_set_text (label,
                      strcmp (live->secrets, "keyring") == 0 ? _ ("In the keyring of this desktop.")
                      : strcmp (live->secrets, "file") == 0
                          ? _ ("In an encrypted file, because no keyring answers on this desktop.")
                          : _ ("Only in memory: this is the demo."));
}

static void
on_live_changed (ForgeAppModel *model, gpointer label)
{
  show_secrets (label, model);
}

static GtkWidget *
make_secrets (ForgeAppModel *model)
{
  GtkWidget *label = forge_ui_label ("", "dim-label");

  gtk_label_set_max_width_chars (GTK_LABEL (label), 36);
  g_signal_connect_object (model, "live-changed", G_CALLBACK (on_live_changed), label, 0);
  show_secrets (GTK_LABEL (label), model);
  return forge_setting_row_new_custom (_ ("Where passwords are kept"), NULL, label);
}

/* ── Backup ── */

static void
on_written (GObject *file, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ForgeAppModel) model = user_data;
  g_autoptr (GError) error = NULL;

  if (g_file_replace_contents_finish (G_FILE (file), result, NULL, &error))
    forge_app_model_notice (model, _ ("The backup was saved. It holds no passwords."));
  else
    forge_app_model_notice_error (model, error);
}

typedef struct {
  ForgeAppModel *model;
  GFile *file;
} Backup;

static Backup *
backup_new (ForgeAppModel *model, GtkNativeDialog *chooser)
{
  Backup *backup = g_new0 (Backup, 1);

  backup->model = g_object_ref (model);
  backup->file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
  return backup;
}

static void
backup_free (Backup *backup)
{
  g_object_unref (backup->model);
  g_object_unref (backup->file);
  g_free (backup);
}

static void
on_exported (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Backup *backup = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = forge_app_model_call_finish (result, &error);

  if (answer) {
    char *text = json_to_string (answer, TRUE);
    g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));
    g_file_replace_contents_bytes_async (backup->file,
                                         bytes,
                                         NULL,
                                         FALSE,
                                         G_FILE_CREATE_REPLACE_DESTINATION,
                                         NULL,
                                         on_written,
                                         g_object_ref (backup->model));
  } else {
    forge_app_model_notice_error (backup->model, error);
  }
  backup_free (backup);
}

static void
on_imported (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ForgeAppModel) model = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = forge_app_model_call_finish (result, &error);
  g_autofree char *summary =
      forge_engine_text (forge_json_read_text (forge_json_as_object (answer), "summary"));

  if (answer)
    forge_app_model_notice (model, *summary ? summary : _ ("The backup was restored."));
  else
    forge_app_model_notice_error (model, error);
}

static void
import (ForgeAppModel *model, const char *text, gsize length)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;

  if (length > MAX_BACKUP_BYTES ||
      !json_parser_load_from_data (parser, text, (gssize)length, &error)) {
    forge_app_model_notice_text_error (model, _ ("This file is no backup of StreamForge."));
    return;
  }
  JsonNode *body = forge_json_body (NULL);
  json_object_set_member (json_node_get_object (body), "backup", json_parser_steal_root (parser));
  forge_app_model_call (model, "POST", "/v1/config", body, NULL, on_imported, g_object_ref (model));
}

static void
on_read (GObject *file, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ForgeAppModel) model = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gsize length;

  if (g_file_load_contents_finish (G_FILE (file), result, &text, &length, NULL, &error))
    import (model, text, length);
  else
    forge_app_model_notice_error (model, error);
}

static void
on_save_chosen (GtkNativeDialog *chooser, int response, gpointer model)
{
  if (response == GTK_RESPONSE_ACCEPT)
    forge_app_model_call (model,
                          "GET",
                          "/v1/config",
                          NULL,
                          NULL,
                          on_exported,
                          backup_new (model, chooser));
  g_object_unref (chooser);
}

static void
on_open_chosen (GtkNativeDialog *chooser, int response, gpointer model)
{
  if (response == GTK_RESPONSE_ACCEPT) {
    g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
    g_file_load_contents_async (file, NULL, on_read, g_object_ref (model));
  }
  g_object_unref (chooser);
}

static void
choose (GtkButton *button,
        ForgeAppModel *model,
        const char *title,
        GtkFileChooserAction action,
        GCallback func)
{
  GtkFileChooserNative *chooser =
      gtk_file_chooser_native_new (title, window_of (button), action, NULL, NULL);

  if (action == GTK_FILE_CHOOSER_ACTION_SAVE) {
    gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), "streamforge-backup.json");
    gtk_file_chooser_set_do_overwrite_confirmation (GTK_FILE_CHOOSER (chooser), TRUE);
  }
  g_signal_connect_object (chooser, "response", func, model, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static void
on_save_clicked (GtkButton *button, gpointer model)
{
  choose (button,
          model,
          _ ("Save a Backup"),
          GTK_FILE_CHOOSER_ACTION_SAVE,
          G_CALLBACK (on_save_chosen));
}

static void
on_restore_clicked (GtkButton *button, gpointer model)
{
  choose (button,
          model,
          _ ("Restore a Backup"),
          GTK_FILE_CHOOSER_ACTION_OPEN,
          G_CALLBACK (on_open_chosen));
}

static GtkWidget *
make_button_row (ForgeAppModel *model,
                 const char *title,
                 const char *meaning,
                 const char *label,
                 GCallback func)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  g_signal_connect_object (button, "clicked", func, model, 0);
  return forge_setting_row_new_custom (title, meaning, button);
}

static void
on_welcome_clicked (GtkButton *button, gpointer model)
{
  forge_app_model_navigate (model, "welcome", NULL);
}

void
forge_app_settings_fill (GtkWidget *list, ForgeAppModel *model)
{
  GtkContainer *container = GTK_CONTAINER (list);

  gtk_container_add (container, make_autostart (model));
  gtk_container_add (container, make_close (model));
  gtk_container_add (container, make_secrets (model));
  gtk_container_add (
      container,
      make_button_row (model,
                       _ ("Save a backup"),
                       _ ("Accounts, guides, channels and settings, without passwords."),
                       _ ("Save…"),
                       G_CALLBACK (on_save_clicked)));
  gtk_container_add (container,
                     make_button_row (model,
                                      _ ("Restore a backup"),
                                      _ ("Adds what is missing and keeps what is there."),
                                      _ ("Open…"),
                                      G_CALLBACK (on_restore_clicked)));
  gtk_container_add (
      container,
      make_button_row (model,
                       _ ("Set up again"),
                       _ ("Add an account and get the address for Plex, step by step."),
                       _ ("Start"),
                       G_CALLBACK (on_welcome_clicked)));
}

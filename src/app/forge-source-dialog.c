/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-source-dialog.h"

#include "app/forge-engine-text.h"
#include "app/forge-json-read.h"
#include "app/forge-ui.h"

#include <glib/gi18n.h>

#include <string.h>

#define MAX_SHIFT_MIN (24 * 60)

typedef enum { NAME, SERVER, USERNAME, PASSWORD, LIST, LOCATION, N_FIELDS } Field;
typedef enum { ADD_ACCOUNT, ADD_LIST, REPLACE, ADD_GUIDE } Kind;

struct _ForgeSourceDialog {
  GtkDialog parent;
  ForgeAppModel *model;
  Kind kind;
  gint64 account_id; /* of REPLACE */
  GtkGrid *grid;
  GtkWidget *entries[N_FIELDS]; /* NULL = not asked */
  GtkWidget *shift;             /* NULL = not asked */
  GtkWidget *message, *spinner, *ok;
  GCancellable *cancellable;
  gboolean is_previewed; /* REPLACE: what would happen was said */
  int rows;
};

G_DEFINE_FINAL_TYPE (ForgeSourceDialog, forge_source_dialog, GTK_TYPE_DIALOG)

static const char *
text_of (ForgeSourceDialog *self, Field field)
{
  return self->entries[field] ? gtk_entry_get_text (GTK_ENTRY (self->entries[field])) : "";
}

static void
on_changed (ForgeSourceDialog *self)
{
  gboolean is_complete = TRUE;

  for (guint i = 0; i < N_FIELDS; i++)
    if (self->entries[i] && !*text_of (self, (Field)i))
      is_complete = FALSE;
  gtk_widget_set_sensitive (self->ok, is_complete && !self->cancellable);
  if (self->kind == REPLACE && self->is_previewed) {
    self->is_previewed = FALSE;
    gtk_button_set_label (GTK_BUTTON (self->ok), _ ("_Check"));
  }
}

static void
set_busy (ForgeSourceDialog *self, gboolean is_busy)
{
  g_clear_object (&self->cancellable);
  if (is_busy)
    self->cancellable = g_cancellable_new ();
  gtk_widget_set_sensitive (GTK_WIDGET (self->grid), !is_busy);
  gtk_widget_set_sensitive (self->ok, !is_busy);
  gtk_widget_set_visible (self->spinner, is_busy);
  g_object_set (self->spinner, "active", is_busy, NULL);
}

static void
say (ForgeSourceDialog *self, const char *text, gboolean is_error)
{
  GtkStyleContext *style = gtk_widget_get_style_context (self->message);
  g_autofree char *shown = forge_engine_text (text);

  if (is_error)
    gtk_style_context_add_class (style, "forge-warning");
  else
    gtk_style_context_remove_class (style, "forge-warning");
  gtk_label_set_text (GTK_LABEL (self->message), shown);
  gtk_widget_set_visible (self->message, text && *text);
}

static void
show_preview (ForgeSourceDialog *self, JsonNode *answer)
{
  const char *preview = forge_json_read_text (forge_json_as_object (answer), "preview");

  say (self, preview, FALSE);
  self->is_previewed = TRUE;
  gtk_button_set_label (GTK_BUTTON (self->ok), _ ("_Replace"));
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ForgeSourceDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = forge_app_model_call_finish (result, &error);

  if (!self->model)
    return;
  set_busy (self, FALSE);
  if (!answer) {
    say (self, error->message, TRUE);
  } else if (self->kind == REPLACE && !self->is_previewed) {
    show_preview (self, answer);
  } else {
    const char *warning = forge_json_read_text (forge_json_as_object (answer), "warning");
    forge_app_model_notice (self->model, warning ? warning : _ ("Done"));
    gtk_widget_destroy (GTK_WIDGET (self));
  }
}

static JsonNode *
account_body (ForgeSourceDialog *self)
{
  return forge_json_body ("s",
                          "name",
                          self->entries[NAME] ? text_of (self, NAME) : NULL,
                          "s",
                          "server",
                          text_of (self, SERVER),
                          "s",
                          "username",
                          text_of (self, USERNAME),
                          "s",
                          "password",
                          text_of (self, PASSWORD),
                          "b",
                          "dry_run",
                          self->kind == REPLACE && !self->is_previewed,
                          NULL);
}

static JsonNode *
guide_body (ForgeSourceDialog *self)
{
  int shift = gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (self->shift));

  return forge_json_body ("s",
                          "name",
                          text_of (self, NAME),
                          "s",
                          "location",
                          text_of (self, LOCATION),
                          "i",
                          "shift_minutes",
                          (gint64)shift,
                          NULL);
}

static void
send (ForgeSourceDialog *self)
{
  g_autofree char *replace =
      g_strdup_printf ("/v1/accounts/%" G_GINT64_FORMAT "/replace", self->account_id);
  const char *path = self->kind == REPLACE     ? replace
                     : self->kind == ADD_GUIDE ? "/v1/guides"
                                               : "/v1/accounts";
  JsonNode *body = self->kind == ADD_GUIDE  ? guide_body (self)
                   : self->kind == ADD_LIST ? forge_json_body ("s",
                                                               "name",
                                                               text_of (self, NAME),
                                                               "s",
                                                               "m3u",
                                                               text_of (self, LIST),
                                                               NULL)
                                            : account_body (self);

  say (self, NULL, FALSE);
  set_busy (self, TRUE);
  forge_app_model_call (self->model,
                        "POST",
                        path,
                        body,
                        self->cancellable,
                        on_done,
                        g_object_ref (self));
}

static void
on_response (ForgeSourceDialog *self, int response)
{
  if (response == GTK_RESPONSE_OK && !self->cancellable) {
    send (self);
  } else if (response != GTK_RESPONSE_OK) {
    g_cancellable_cancel (self->cancellable);
    gtk_widget_destroy (GTK_WIDGET (self));
  }
}

static GtkWidget *
add_labelled (ForgeSourceDialog *self, const char *label, GtkWidget *widget)
{
  GtkWidget *text = gtk_label_new_with_mnemonic (label);

  gtk_label_set_xalign (GTK_LABEL (text), 0);
  gtk_label_set_mnemonic_widget (GTK_LABEL (text), widget);
  gtk_widget_set_hexpand (widget, TRUE);
  gtk_grid_attach (self->grid, text, 0, self->rows, 1, 1);
  gtk_grid_attach (self->grid, widget, 1, self->rows++, 1, 1);
  return widget;
}

static void
ask (ForgeSourceDialog *self, Field field, const char *label, const char *placeholder)
{
  GtkWidget *entry = gtk_entry_new ();

  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), placeholder);
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  gtk_entry_set_width_chars (GTK_ENTRY (entry), 34);
  if (field == PASSWORD) {
    gtk_entry_set_visibility (GTK_ENTRY (entry), FALSE);
    gtk_entry_set_input_purpose (GTK_ENTRY (entry), GTK_INPUT_PURPOSE_PASSWORD);
  }
  g_signal_connect_swapped (entry, "changed", G_CALLBACK (on_changed), self);
  self->entries[field] = add_labelled (self, label, entry);
}

static void
ask_login (ForgeSourceDialog *self)
{
  ask (self, SERVER, _ ("_Server"), "http://provider.example:8080");
  ask (self, USERNAME, _ ("_User name"), NULL);
  ask (self, PASSWORD, _ ("_Password"), NULL);
}

static void
on_file_chosen (GtkNativeDialog *chooser, int response, gpointer user_data)
{
  GtkEntry *entry = user_data;
  g_autofree char *path = response == GTK_RESPONSE_ACCEPT
                              ? gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (chooser))
                              : NULL;

  if (path)
    gtk_entry_set_text (entry, path);
  g_object_unref (chooser);
}

static void
on_file_wanted (GtkEntry *entry)
{
  GtkWidget *top = gtk_widget_get_toplevel (GTK_WIDGET (entry));
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (_ ("Choose a file"),
                                                               GTK_WINDOW (top),
                                                               GTK_FILE_CHOOSER_ACTION_OPEN,
                                                               NULL,
                                                               NULL);

  g_signal_connect_object (chooser, "response", G_CALLBACK (on_file_chosen), entry, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static void
ask_place (ForgeSourceDialog *self, Field field, const char *label)
{
  ask (self, field, label, _ ("Web address, or a file on this computer"));
  GtkEntry *entry = GTK_ENTRY (self->entries[field]);
  gtk_entry_set_icon_from_icon_name (entry, GTK_ENTRY_ICON_SECONDARY, "document-open-symbolic");
  gtk_entry_set_icon_tooltip_text (entry, GTK_ENTRY_ICON_SECONDARY, _ ("Choose a file"));
  g_signal_connect (entry, "icon-press", G_CALLBACK (on_file_wanted), NULL);
}

static void
forge_source_dialog_dispose (GObject *object)
{
  ForgeSourceDialog *self = FORGE_SOURCE_DIALOG (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (forge_source_dialog_parent_class)->dispose (object);
}

static void
forge_source_dialog_class_init (ForgeSourceDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = forge_source_dialog_dispose;
}

static void
forge_source_dialog_init (ForgeSourceDialog *self)
{
}

/* The rest of construction: "use-header-bar" is set at construction only. */
static void
build (ForgeSourceDialog *self, const char *ok_label)
{
  GtkWidget *content = gtk_dialog_get_content_area (GTK_DIALOG (self));

  self->grid = GTK_GRID (gtk_grid_new ());
  gtk_grid_set_row_spacing (self->grid, 9);
  gtk_grid_set_column_spacing (self->grid, 12);
  self->message = forge_ui_label (NULL, NULL);
  gtk_label_set_max_width_chars (GTK_LABEL (self->message), 48);
  self->spinner = gtk_spinner_new ();
  gtk_container_set_border_width (GTK_CONTAINER (content), 18);
  gtk_box_set_spacing (GTK_BOX (content), 12);
  gtk_container_add (GTK_CONTAINER (content), GTK_WIDGET (self->grid));
  gtk_container_add (GTK_CONTAINER (content), self->message);
  gtk_container_add (GTK_CONTAINER (content), self->spinner);
  gtk_dialog_add_button (GTK_DIALOG (self), _ ("_Cancel"), GTK_RESPONSE_CANCEL);
  self->ok = gtk_dialog_add_button (GTK_DIALOG (self), ok_label, GTK_RESPONSE_OK);
  gtk_widget_set_sensitive (self->ok, FALSE);
  gtk_dialog_set_default_response (GTK_DIALOG (self), GTK_RESPONSE_OK);
  gtk_style_context_add_class (gtk_widget_get_style_context (self->ok), "suggested-action");
  g_signal_connect (self, "response", G_CALLBACK (on_response), NULL);
}

static ForgeSourceDialog *
dialog_new (ForgeAppModel *model,
            GtkWindow *parent,
            Kind kind,
            const char *title,
            const char *ok_label)
{
  ForgeSourceDialog *self = g_object_new (FORGE_TYPE_SOURCE_DIALOG,
                                          "use-header-bar",
                                          TRUE,
                                          "title",
                                          title,
                                          "modal",
                                          TRUE,
                                          "transient-for",
                                          parent,
                                          "destroy-with-parent",
                                          TRUE,
                                          "resizable",
                                          FALSE,
                                          NULL);

  self->model = g_object_ref (model);
  self->kind = kind;
  build (self, ok_label);
  return self;
}

static void
show (ForgeSourceDialog *self)
{
  gtk_widget_show_all (gtk_dialog_get_content_area (GTK_DIALOG (self)));
  gtk_widget_hide (self->message);
  gtk_widget_hide (self->spinner);
  gtk_window_present (GTK_WINDOW (self));
}

void
forge_source_dialog_add_account (ForgeAppModel *model, GtkWindow *parent)
{
  ForgeSourceDialog *self =
      dialog_new (model, parent, ADD_ACCOUNT, _ ("Add an account"), _ ("_Connect"));

  ask (self, NAME, _ ("_Name"), _ ("What you call it"));
  ask_login (self);
  show (self);
}

void
forge_source_dialog_add_list (ForgeAppModel *model, GtkWindow *parent)
{
  ForgeSourceDialog *self =
      dialog_new (model, parent, ADD_LIST, _ ("Add a channel list"), _ ("_Add"));

  ask (self, NAME, _ ("_Name"), _ ("What you call it"));
  ask_place (self, LIST, _ ("_M3U list"));
  show (self);
}

void
forge_source_dialog_replace (ForgeAppModel *model, GtkWindow *parent, const ForgeAccount *account)
{
  g_autofree char *title = g_strdup_printf (_ ("Replace “%s”"), account->name);
  ForgeSourceDialog *self = dialog_new (model, parent, REPLACE, title, _ ("_Check"));

  self->account_id = account->id;
  gtk_grid_attach (
      self->grid,
      forge_ui_label (_ ("Channels, their numbers and everything you chose stay as they are."),
                      NULL),
      0,
      self->rows++,
      2,
      1);
  ask_login (self);
  gtk_entry_set_text (GTK_ENTRY (self->entries[SERVER]), account->server ? account->server : "");
  gtk_entry_set_text (GTK_ENTRY (self->entries[USERNAME]),
                      account->username ? account->username : "");
  show (self);
}

void
forge_source_dialog_add_guide (ForgeAppModel *model, GtkWindow *parent)
{
  ForgeSourceDialog *self = dialog_new (model, parent, ADD_GUIDE, _ ("Add a guide"), _ ("_Add"));

  ask (self, NAME, _ ("_Name"), _ ("What you call it"));
  ask_place (self, LOCATION, _ ("_XMLTV guide"));
  self->shift = add_labelled (self,
                              _ ("_Shift in minutes"),
                              gtk_spin_button_new_with_range (-MAX_SHIFT_MIN, MAX_SHIFT_MIN, 15));
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->shift), 0);
  show (self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-source-dialog.h"

#include "app/forge-engine-text.h"
#include "app/forge-form.h"
#include "app/forge-json-read.h"
#include "app/forge-ui.h"

#include <glib/gi18n.h>

#include <string.h>

#define MAX_SHIFT_MIN (24 * 60)

typedef enum { NAME, SERVER, USERNAME, PASSWORD, LIST, LOCATION, N_FIELDS } Field;
typedef enum { ADD_ACCOUNT, ADD_LIST, REPLACE, CHANGE_LIST, ADD_GUIDE } Kind;

struct _ForgeSourceDialog {
  ForgeForm parent;
  Kind kind;
  gint64 account_id;            /* of REPLACE and CHANGE_LIST */
  GtkWidget *entries[N_FIELDS]; /* NULL = not asked */
  GtkWidget *shift;             /* NULL = not asked */
  gboolean is_previewed;        /* REPLACE: what would happen was said */
};

G_DEFINE_FINAL_TYPE (ForgeSourceDialog, forge_source_dialog, FORGE_TYPE_FORM)

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
  forge_form_set_complete (FORGE_FORM (self), is_complete);
  if (self->kind == REPLACE && self->is_previewed) {
    self->is_previewed = FALSE;
    forge_form_set_ok_label (FORGE_FORM (self), _ ("_Check"));
  }
}

static void
show_preview (ForgeSourceDialog *self, JsonNode *answer)
{
  const char *preview = forge_json_read_text (forge_json_as_object (answer), "preview");

  forge_form_say (FORGE_FORM (self), preview, FALSE);
  self->is_previewed = TRUE;
  forge_form_set_ok_label (FORGE_FORM (self), _ ("_Replace"));
}

/* The page does it, where progress is seen. */
static void
read_new_list (ForgeSourceDialog *self)
{
  g_autofree char *detail = g_strdup_printf ("refresh:account-%" G_GINT64_FORMAT, self->account_id);

  forge_app_model_navigate (forge_form_get_model (FORGE_FORM (self)), "sources", detail);
}

static gboolean
done (ForgeForm *form, JsonNode *answer)
{
  ForgeSourceDialog *self = FORGE_SOURCE_DIALOG (form);
  const char *warning = forge_json_read_text (forge_json_as_object (answer), "warning");
  g_autofree char *shown = warning ? forge_engine_text (warning) : g_strdup (_ ("Done"));

  if (self->kind == REPLACE && !self->is_previewed) {
    show_preview (self, answer);
    return FALSE;
  }
  if (self->kind == CHANGE_LIST)
    read_new_list (self);
  else
    forge_app_model_notice (forge_form_get_model (form), shown);
  return TRUE;
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

static JsonNode *
list_body (ForgeSourceDialog *self)
{
  return forge_json_body ("s",
                          "name",
                          self->entries[NAME] ? text_of (self, NAME) : NULL,
                          "s",
                          "m3u",
                          text_of (self, LIST),
                          NULL);
}

static void
send (ForgeForm *form)
{
  ForgeSourceDialog *self = FORGE_SOURCE_DIALOG (form);
  g_autofree char *account = g_strdup_printf ("/v1/accounts/%" G_GINT64_FORMAT, self->account_id);
  g_autofree char *replace = g_strconcat (account, "/replace", NULL);

  switch (self->kind) {
  case REPLACE:
    forge_form_call (form, "POST", replace, account_body (self));
    break;
  case CHANGE_LIST:
    forge_form_call (form, "PATCH", account, list_body (self));
    break;
  case ADD_LIST:
    forge_form_call (form, "POST", "/v1/accounts", list_body (self));
    break;
  case ADD_GUIDE:
    forge_form_call (form, "POST", "/v1/guides", guide_body (self));
    break;
  case ADD_ACCOUNT:
  default:
    forge_form_call (form, "POST", "/v1/accounts", account_body (self));
  }
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
  self->entries[field] = forge_form_add (FORGE_FORM (self), label, entry);
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
forge_source_dialog_class_init (ForgeSourceDialogClass *klass)
{
  FORGE_FORM_CLASS (klass)->send = send;
  FORGE_FORM_CLASS (klass)->done = done;
}

static void
forge_source_dialog_init (ForgeSourceDialog *self)
{
}

static ForgeSourceDialog *
dialog_new (ForgeAppModel *model,
            GtkWindow *parent,
            Kind kind,
            const char *title,
            const char *ok_label)
{
  ForgeSourceDialog *self =
      forge_form_create (FORGE_TYPE_SOURCE_DIALOG, model, parent, title, ok_label);

  self->kind = kind;
  return self;
}

void
forge_source_dialog_add_account (ForgeAppModel *model, GtkWindow *parent)
{
  ForgeSourceDialog *self =
      dialog_new (model, parent, ADD_ACCOUNT, _ ("Add an account"), _ ("_Connect"));

  ask (self, NAME, _ ("_Name"), _ ("What you call it"));
  ask_login (self);
  forge_form_present (FORGE_FORM (self));
}

void
forge_source_dialog_add_list (ForgeAppModel *model, GtkWindow *parent)
{
  ForgeSourceDialog *self =
      dialog_new (model, parent, ADD_LIST, _ ("Add a channel list"), _ ("_Add"));

  ask (self, NAME, _ ("_Name"), _ ("What you call it"));
  ask_place (self, LIST, _ ("_M3U list"));
  forge_form_present (FORGE_FORM (self));
}

void
forge_source_dialog_replace (ForgeAppModel *model, GtkWindow *parent, const ForgeAccount *account)
{
  gboolean is_list = account->kind == FORGE_ACCOUNT_M3U;
  g_autofree char *title = g_strdup_printf (_ ("Replace “%s”"), account->name);
  ForgeSourceDialog *self = dialog_new (model,
                                        parent,
                                        is_list ? CHANGE_LIST : REPLACE,
                                        title,
                                        is_list ? _ ("_Replace") : _ ("_Check"));

  self->account_id = account->id;
  forge_form_add_wide (
      FORGE_FORM (self),
      forge_ui_label (_ ("Channels, their numbers and everything you chose stay as they are."),
                      NULL));
  if (is_list) {
    ask_place (self, LIST, _ ("_M3U list"));
    forge_form_present (FORGE_FORM (self));
    return;
  }
  ask_login (self);
  gtk_entry_set_text (GTK_ENTRY (self->entries[SERVER]), account->server ? account->server : "");
  gtk_entry_set_text (GTK_ENTRY (self->entries[USERNAME]),
                      account->username ? account->username : "");
  forge_form_present (FORGE_FORM (self));
}

void
forge_source_dialog_add_guide (ForgeAppModel *model, GtkWindow *parent)
{
  ForgeSourceDialog *self = dialog_new (model, parent, ADD_GUIDE, _ ("Add a guide"), _ ("_Add"));

  ask (self, NAME, _ ("_Name"), _ ("What you call it"));
  ask_place (self, LOCATION, _ ("_XMLTV guide"));
  self->shift = forge_form_add (FORGE_FORM (self),
                                _ ("_Shift in minutes"),
                                gtk_spin_button_new_with_range (-MAX_SHIFT_MIN, MAX_SHIFT_MIN, 15));
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->shift), 0);
  forge_form_present (FORGE_FORM (self));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-device-rows.h"

#include "app/forge-api-list.h"
#include "app/forge-clipboard.h"
#include "app/forge-device-dialog.h"
#include "app/forge-json-read.h"
#include "app/forge-question.h"
#include "app/forge-setting-row.h"
#include "app/forge-user-dialog.h"
#include "app/forge-widgets.h"

#include <glib/gi18n.h>

/* A button's object of the answer, and what is asked before it is carried out. */
typedef struct {
  ForgeAppModel *model;
  JsonObject *object;
} Bound;

static void
bound_free (gpointer data, GClosure *closure)
{
  Bound *bound = data;

  g_object_unref (bound->model);
  json_object_unref (bound->object);
  g_free (bound);
}

static GtkWindow *
window_of (GtkWidget *widget)
{
  return GTK_WINDOW (gtk_widget_get_toplevel (widget));
}

static const char *
name_of (JsonObject *object)
{
  const char *name = forge_json_read_text (object, "name");

  return name ? name : "";
}

/* An icon button of a row; `func` gets the button and a Bound. */
static void
add_button (GtkWidget *box,
            ForgeAppModel *model,
            JsonObject *object,
            const char *icon,
            const char *label,
            GCallback func)
{
  g_autofree char *name = g_strdup_printf ("%s: %s", label, name_of (object));
  GtkWidget *button = forge_icon_button (icon, label, name);
  Bound *bound = g_new (Bound, 1);

  bound->model = g_object_ref (model);
  bound->object = json_object_ref (object);
  g_signal_connect_data (button, "clicked", func, bound, bound_free, 0);
  gtk_box_pack_start (GTK_BOX (box), button, FALSE, FALSE, 0);
}

typedef struct {
  ForgeAppModel *model;
  const char *method;
  char *path;
} Deed;

static void
on_answer (gboolean is_yes, gpointer user_data)
{
  Deed *deed = user_data;

  if (is_yes)
    forge_app_model_do (deed->model, deed->method, deed->path, NULL, NULL);
  g_object_unref (deed->model);
  g_free (deed->path);
  g_free (deed);
}

/* Takes `title` and `path`. */
static void
ask (GtkWidget *button,
     const Bound *bound,
     char *title,
     const char *text,
     const char *yes,
     const char *method,
     char *path)
{
  Deed *deed = g_new (Deed, 1);
  g_autofree char *named = title;

  deed->model = g_object_ref (bound->model);
  deed->method = method;
  deed->path = path;
  forge_question_ask (window_of (button), named, text, _ ("_Cancel"), yes, TRUE, on_answer, deed);
}

static char *
path_of (const Bound *bound, const char *collection, const char *action)
{
  return g_strdup_printf ("/v1/%s/%" G_GINT64_FORMAT "%s",
                          collection,
                          forge_json_read_int (bound->object, "id"),
                          action);
}

/* ── Tuners ── */

static const char *
address_of (JsonObject *device)
{
  const char *url = forge_json_read_text (device, "lan_url");

  return url ? url : forge_json_read_text (device, "url");
}

static void
on_copy_clicked (GtkButton *button, gpointer user_data)
{
  const Bound *bound = user_data;

  forge_clipboard_copy (GTK_APPLICATION (g_application_get_default ()), address_of (bound->object));
}

static void
on_edit_device_clicked (GtkButton *button, gpointer user_data)
{
  const Bound *bound = user_data;

  forge_device_dialog_show (bound->model, window_of (GTK_WIDGET (button)), bound->object);
}

static void
on_new_id_clicked (GtkButton *button, gpointer user_data)
{
  const Bound *bound = user_data;

  ask (GTK_WIDGET (button),
       bound,
       g_strdup_printf (_ ("Give “%s” a new identity?"), name_of (bound->object)),
       _ ("Media servers then see another tuner, and it must be set up in them again."),
       _ ("New _Identity"),
       "POST",
       path_of (bound, "devices", "/new-id"));
}

static void
on_remove_device_clicked (GtkButton *button, gpointer user_data)
{
  const Bound *bound = user_data;

  ask (GTK_WIDGET (button),
       bound,
       g_strdup_printf (_ ("Remove the tuner “%s”?"), name_of (bound->object)),
       _ ("Media servers that use it lose their channels. The channels themselves stay."),
       _ ("_Remove"),
       "DELETE",
       path_of (bound, "devices", ""));
}

static char *
describe_device (JsonObject *device)
{
  int channels = (int)forge_json_read_int (device, "channels"),
      most = (int)forge_json_read_int (device, "plex_limit");
  gboolean fits = forge_json_read_flag (device, "fits_plex");
  const char *address = address_of (device);
  g_autofree char *count =
      fits ? g_strdup_printf (_ ("%d of the %d channels that Plex takes"), channels, most)
           : g_strdup_printf (_ ("%d channels: more than the %d that Plex takes"), channels, most);

  if (!forge_json_read_flag (device, "enabled"))
    return g_strdup_printf ("%s · %s", _ ("Off"), count);
  return address ? g_strdup_printf ("%s · %s", address, count) : g_steal_pointer (&count);
}

static GtkWidget *
make_device (ForgeAppModel *model, JsonObject *device)
{
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  g_autofree char *text = describe_device (device);

  if (address_of (device))
    add_button (buttons,
                model,
                device,
                "edit-copy-symbolic",
                _ ("Copy the address"),
                G_CALLBACK (on_copy_clicked));
  add_button (buttons,
              model,
              device,
              "document-edit-symbolic",
              _ ("Choose its channels"),
              G_CALLBACK (on_edit_device_clicked));
  if (!forge_json_read_flag (device, "main")) {
    add_button (buttons,
                model,
                device,
                "view-refresh-symbolic",
                _ ("Give it a new identity"),
                G_CALLBACK (on_new_id_clicked));
    add_button (buttons,
                model,
                device,
                "user-trash-symbolic",
                _ ("Remove"),
                G_CALLBACK (on_remove_device_clicked));
  }
  return forge_setting_row_new_custom (name_of (device), text, buttons);
}

static void
on_add_device_clicked (GtkButton *button, gpointer model)
{
  forge_device_dialog_show (model, window_of (GTK_WIDGET (button)), NULL);
}

static void
add_last_row (GtkWidget *list,
              ForgeAppModel *model,
              const char *title,
              const char *meaning,
              GCallback func)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("_Add…"));

  g_signal_connect_object (button, "clicked", func, model, 0);
  gtk_container_add (GTK_CONTAINER (list), forge_setting_row_new_custom (title, meaning, button));
}

void
forge_device_rows_fill (GtkWidget *list, ForgeAppModel *model)
{
  add_last_row (list,
                model,
                _ ("Add a tuner"),
                _ ("For a media server that is to see other channels, like one of 480 for Plex."),
                G_CALLBACK (on_add_device_clicked));
  forge_api_list_bind (GTK_LIST_BOX (list), model, "/v1/devices", make_device);
}

/* ── Logins of apps ── */

static void
on_edit_user_clicked (GtkButton *button, gpointer user_data)
{
  const Bound *bound = user_data;

  forge_user_dialog_show (bound->model, window_of (GTK_WIDGET (button)), bound->object);
}

static void
on_remove_user_clicked (GtkButton *button, gpointer user_data)
{
  const Bound *bound = user_data;

  ask (GTK_WIDGET (button),
       bound,
       g_strdup_printf (_ ("Remove the login “%s”?"), name_of (bound->object)),
       _ ("The app that uses it is signed out."),
       _ ("_Remove"),
       "DELETE",
       path_of (bound, "users", ""));
}

static GtkWidget *
make_user (ForgeAppModel *model, JsonObject *user)
{
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  const char *device = forge_json_read_text (user, "device_name"),
             *server = forge_json_read_text (user, "server");
  g_autofree char *text =
      server ? g_strdup_printf (_ ("Server %s · sees “%s”"), server, device ? device : "")
             : g_strdup_printf (_ ("Sees “%s”"), device ? device : "");

  add_button (buttons,
              model,
              user,
              "document-edit-symbolic",
              _ ("Change password or tuner"),
              G_CALLBACK (on_edit_user_clicked));
  add_button (buttons,
              model,
              user,
              "user-trash-symbolic",
              _ ("Remove"),
              G_CALLBACK (on_remove_user_clicked));
  return forge_setting_row_new_custom (name_of (user), text, buttons);
}

static void
on_add_user_clicked (GtkButton *button, gpointer model)
{
  forge_user_dialog_show (model, window_of (GTK_WIDGET (button)), NULL);
}

void
forge_user_rows_fill (GtkWidget *list, ForgeAppModel *model)
{
  add_last_row (list,
                model,
                _ ("Add a login"),
                _ ("For an app that asks for an Xtream server, user name and password."),
                G_CALLBACK (on_add_user_clicked));
  forge_api_list_bind (GTK_LIST_BOX (list), model, "/v1/users", make_user);
}

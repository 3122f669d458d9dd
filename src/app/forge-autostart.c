/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-autostart.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include <errno.h>

/* Spec: xdg-desktop-portal, org.freedesktop.portal.Background.RequestBackground. */
#define PORTAL_NAME  "org.freedesktop.portal.Desktop"
#define PORTAL_PATH  "/org/freedesktop/portal/desktop"
#define REQUEST_FACE "org.freedesktop.portal.Request"

typedef struct {
  GDBusConnection *bus;
  guint subscription;
} Request;

gboolean
forge_autostart_is_portal (void)
{
  return g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS) ||
         g_getenv ("STREAMFORGE_USE_PORTAL") != NULL;
}

static char *
file_path (void)
{
  return g_build_filename (g_get_user_config_dir (), "autostart", FORGE_APP_ID ".desktop", NULL);
}

gboolean
forge_autostart_has_file (void)
{
  g_autofree char *path = file_path ();

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* The program as it was started now: also right for one that is not installed. */
static char *
file_text (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *quoted = g_shell_quote (program ? program : "streamforge");

  return g_strdup_printf ("[Desktop Entry]\n"
                          "Type=Application\n"
                          "Name=StreamForge\n"
                          "Exec=%s --minimized\n"
                          "Icon=" FORGE_APP_ID "\n"
                          "X-GNOME-Autostart-enabled=true\n",
                          quoted);
}

static gboolean
write_file (GError **error)
{
  g_autofree char *path = file_path (), *folder = g_path_get_dirname (path), *text = file_text ();

  g_mkdir_with_parents (folder, 0700);
  return g_file_set_contents (path, text, -1, error);
}

static gboolean
remove_file (GError **error)
{
  g_autofree char *path = file_path ();

  if (g_unlink (path) == 0 || errno == ENOENT)
    return TRUE;
  g_set_error (error,
               G_IO_ERROR,
               g_io_error_from_errno (errno),
               "%s: %s",
               path,
               g_strerror (errno));
  return FALSE;
}

static void
request_free (gpointer data)
{
  Request *request = data;

  if (request->subscription)
    g_dbus_connection_signal_unsubscribe (request->bus, request->subscription);
  g_clear_object (&request->bus);
  g_free (request);
}

/* Ends the request: the answer is there. */
static void
on_response (GDBusConnection *bus,
             const char *sender,
             const char *path,
             const char *face,
             const char *signal,
             GVariant *parameters,
             gpointer user_data)
{
  GTask *task = user_data;
  Request *request = g_task_get_task_data (task);
  guint code;
  g_autoptr (GVariant) results = NULL;

  g_dbus_connection_signal_unsubscribe (bus, request->subscription);
  request->subscription = 0;
  g_variant_get (parameters, "(u@a{sv})", &code, &results);
  if (code == 0)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task,
                             G_IO_ERROR,
                             G_IO_ERROR_PERMISSION_DENIED,
                             "%s",
                             _ ("The desktop did not allow it."));
  g_object_unref (task);
}

static void
on_requested (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;
  Request *request = g_task_get_task_data (task);
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  const char *path;

  if (!reply) {
    g_task_return_error (task, error);
    g_object_unref (task);
    return;
  }
  g_variant_get (reply, "(&o)", &path);
  request->subscription = g_dbus_connection_signal_subscribe (request->bus,
                                                              PORTAL_NAME,
                                                              REQUEST_FACE,
                                                              "Response",
                                                              path,
                                                              NULL,
                                                              G_DBUS_SIGNAL_FLAGS_NONE,
                                                              on_response,
                                                              task,
                                                              NULL);
}

static GVariant *
portal_options (gboolean is_on)
{
  static const char *const command[] = { "streamforge", "--minimized", NULL };
  GVariantBuilder options;

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options,
                         "{sv}",
                         "reason",
                         g_variant_new_string (_ ("Media servers need it to show television")));
  g_variant_builder_add (&options, "{sv}", "autostart", g_variant_new_boolean (is_on));
  g_variant_builder_add (&options, "{sv}", "commandline", g_variant_new_strv (command, -1));
  return g_variant_new ("(sa{sv})", "", &options);
}

/* Takes over `task`. */
static void
ask_portal (gboolean is_on, GTask *task)
{
  GError *error = NULL;
  Request *request = g_new0 (Request, 1);

  g_task_set_task_data (task, request, request_free);
  request->bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);
  if (!request->bus) {
    g_task_return_error (task, error);
    g_object_unref (task);
    return;
  }
  g_dbus_connection_call (request->bus,
                          PORTAL_NAME,
                          PORTAL_PATH,
                          "org.freedesktop.portal.Background",
                          "RequestBackground",
                          portal_options (is_on),
                          G_VARIANT_TYPE ("(o)"),
                          G_DBUS_CALL_FLAGS_NONE,
                          -1,
                          NULL,
                          on_requested,
                          task);
}

void
forge_autostart_set_async (gboolean is_on, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  GError *error = NULL;

  if (forge_autostart_is_portal ()) {
    ask_portal (is_on, task);
    return;
  }
  if (is_on ? write_file (&error) : remove_file (&error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
  g_object_unref (task);
}

gboolean
forge_autostart_set_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

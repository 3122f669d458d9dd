/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-autostart.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include <errno.h>
#include <string.h>

/* Spec: xdg-desktop-portal, org.freedesktop.portal.Background.RequestBackground. */
#define PORTAL_NAME  "org.freedesktop.portal.Desktop"
#define PORTAL_PATH  "/org/freedesktop/portal/desktop"
#define REQUEST_FACE "org.freedesktop.portal.Request"

typedef struct {
  GDBusConnection *bus;
  gboolean is_on;
  char *path;         /* of the request at the portal */
  guint subscription; /* to its response; holds a reference to the task */
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

/* Spec: Desktop Entry, The Exec key. Quoted first, then escaped as a string: two backslashes each.
 */
static char *
quote_for_exec (const char *program)
{
  GString *quoted = g_string_new ("\"");

  for (const char *c = program; *c; c++) {
    if (strchr ("\"`$\\", *c))
      g_string_append (quoted, "\\\\");
    if (*c == '%' || *c == '\\')
      g_string_append_c (quoted, *c);
    g_string_append_c (quoted, *c);
  }
  g_string_append_c (quoted, '"');
  return g_string_free (quoted, FALSE);
}

/* The program as it was started now: also right for one that is not installed. */
static char *
file_text (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *quoted = quote_for_exec (program ? program : "streamforge");

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
  g_free (request->path);
  g_free (request);
}

/* Allowed is not yet done: a desktop may say yes to the question and keep no autostart. */
static gboolean
is_granted (GVariant *parameters, gboolean is_on)
{
  g_autoptr (GVariant) results = NULL;
  gboolean is_autostart = is_on;
  guint code;

  g_variant_get (parameters, "(u@a{sv})", &code, &results);
  g_variant_lookup (results, "autostart", "b", &is_autostart);
  return code == 0 && is_autostart == is_on;
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

  g_dbus_connection_signal_unsubscribe (bus, request->subscription);
  request->subscription = 0;
  if (g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ua{sv})")) &&
      is_granted (parameters, request->is_on))
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
listen_for_response (GTask *task, const char *path)
{
  Request *request = g_task_get_task_data (task);

  if (request->subscription)
    g_dbus_connection_signal_unsubscribe (request->bus, request->subscription);
  g_free (request->path);
  request->path = g_strdup (path);
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

static void
return_refusal (GTask *task, GError *error)
{
  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
      g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER) ||
      g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_INTERFACE) ||
      g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD)) {
    g_clear_error (&error);
    g_set_error_literal (&error,
                         G_IO_ERROR,
                         G_IO_ERROR_NOT_SUPPORTED,
                         _ ("This desktop offers sandboxed programs no start at login."));
  } else {
    g_dbus_error_strip_remote_error (error);
  }
  g_task_return_error (task, error);
}

static void
on_requested (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  Request *request = g_task_get_task_data (task);
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  const char *path;

  if (!reply && request->subscription) {
    return_refusal (task, error);
    g_object_unref (task); /* no response will come */
    return;
  }
  if (!reply) {
    g_error_free (error);
    return;
  }
  g_variant_get (reply, "(&o)", &path);
  /* Portals before 0.9 choose the path themselves. */
  if (request->subscription && strcmp (path, request->path) != 0)
    listen_for_response (task, path);
}

static GVariant *
portal_options (const char *token, gboolean is_on)
{
  static const char *const command[] = { "streamforge", "--minimized", NULL };
  GVariantBuilder options;

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "handle_token", g_variant_new_string (token));
  g_variant_builder_add (&options,
                         "{sv}",
                         "reason",
                         g_variant_new_string (_ ("Media servers need it to show television")));
  g_variant_builder_add (&options, "{sv}", "autostart", g_variant_new_boolean (is_on));
  g_variant_builder_add (&options, "{sv}", "commandline", g_variant_new_strv (command, -1));
  return g_variant_new ("(sa{sv})", "", &options);
}

/* Where the answer to a request with this token comes from. */
static char *
request_path (GDBusConnection *bus, const char *token)
{
  g_autofree char *sender = g_strdup (g_dbus_connection_get_unique_name (bus) + 1);

  return g_strconcat (PORTAL_PATH "/request/", g_strdelimit (sender, ".", '_'), "/", token, NULL);
}

/* Takes over `task`. */
static void
ask_portal (gboolean is_on, GTask *task)
{
  GError *error = NULL;
  Request *request = g_new0 (Request, 1);

  request->is_on = is_on;
  g_task_set_task_data (task, request, request_free);
  request->bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);
  if (!request->bus) {
    g_task_return_error (task, error);
    g_object_unref (task);
    return;
  }
  g_autofree char *token = g_strdup_printf ("streamforge%u", g_random_int ());
  g_autofree char *path = request_path (request->bus, token);
  /* Before it is asked: an answer that is known already comes at once. */
  listen_for_response (task, path);
  g_dbus_connection_call (request->bus,
                          PORTAL_NAME,
                          PORTAL_PATH,
                          "org.freedesktop.portal.Background",
                          "RequestBackground",
                          portal_options (token, is_on),
                          G_VARIANT_TYPE ("(o)"),
                          G_DBUS_CALL_FLAGS_NONE,
                          -1,
                          NULL,
                          on_requested,
                          g_object_ref (task));
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

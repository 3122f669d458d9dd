/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/doctor/forge-doctor.h"
#include "engine/doctor/forge-interfaces.h"
#include "engine/doctor/forge-probe.h"

#include <glib/gstdio.h>

#include <string.h>

static void
test_names_of_interfaces (void)
{
  static const struct {
    const char *name;
    ForgeInterfaceKind kind;
  } cases[] = {
    { "lo", FORGE_INTERFACE_LOOPBACK },    { "eth0", FORGE_INTERFACE_HOME },
    { "enp3s0", FORGE_INTERFACE_HOME },    { "wlan0", FORGE_INTERFACE_HOME },
    { "br0", FORGE_INTERFACE_HOME },       { "docker0", FORGE_INTERFACE_BRIDGE },
    { "br-1f2e", FORGE_INTERFACE_BRIDGE }, { "virbr0", FORGE_INTERFACE_BRIDGE },
    { "wg0", FORGE_INTERFACE_VPN },        { "tun0", FORGE_INTERFACE_VPN },
    { "tailscale0", FORGE_INTERFACE_VPN },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (forge_interface_kind_of_name (cases[i].name), ==, cases[i].kind);
}

static void
test_loopback_is_listed (void)
{
  g_autoptr (GPtrArray) interfaces = forge_interfaces_list ();
  gboolean is_found = FALSE;

  for (guint i = 0; i < interfaces->len; i++) {
    const ForgeInterface *interface = g_ptr_array_index (interfaces, i);
    g_assert_nonnull (strchr (interface->subnet, '/'));
    if (strcmp (interface->address, "127.0.0.1") != 0)
      continue;
    is_found = TRUE;
    g_assert_cmpint (interface->kind, ==, FORGE_INTERFACE_LOOPBACK);
    g_assert_cmpstr (interface->subnet, ==, "127.0.0.0/8");
  }
  g_assert_true (is_found);
}

static void
put (const char *root, const char *file, const char *text)
{
  g_autofree char *path = g_strconcat (root, file, NULL);
  g_autofree char *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
test_firewalls_are_seen (void)
{
  g_autofree char *root = g_dir_make_tmp ("forge-doctor-XXXXXX", NULL);

  g_assert_null (forge_firewall_name (root));
  put (root, "/etc/ufw/ufw.conf", "# comment\nENABLED=no\n");
  g_assert_null (forge_firewall_name (root));
  put (root, "/etc/ufw/ufw.conf", "# comment\nENABLED=yes\nLOGLEVEL=low\n");
  g_assert_cmpstr (forge_firewall_name (root), ==, "ufw");
  put (root, "/etc/ufw/ufw.conf", "ENABLED=no\n");
  put (root, "/run/firewalld/pid", "1\n");
  g_assert_cmpstr (forge_firewall_name (root), ==, "firewalld");
  g_autofree char *command = g_strdup_printf ("rm -r '%s'", root);
  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
}

static void
test_clients_by_name (void)
{
  ForgeDoctorClient client;

  for (int i = FORGE_DOCTOR_ALL; i <= FORGE_DOCTOR_CHANNELS; i++) {
    g_assert_true (
        forge_doctor_client_parse (forge_doctor_client_name ((ForgeDoctorClient)i), &client));
    g_assert_cmpint ((int)client, ==, i);
  }
  g_assert_false (forge_doctor_client_parse ("kodi", &client));
}

/* Something that accepts and says `text`. */
static gpointer
say (gpointer data)
{
  GSocketListener *listener = g_object_get_data (data, "listener");
  const char *text = g_object_get_data (data, "text");
  g_autoptr (GSocketConnection) connection = g_socket_listener_accept (listener, NULL, NULL, NULL);
  char buffer[1024];

  g_input_stream_read (g_io_stream_get_input_stream (G_IO_STREAM (connection)),
                       buffer,
                       sizeof buffer,
                       NULL,
                       NULL);
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)),
                             text,
                             strlen (text),
                             NULL,
                             NULL,
                             NULL);
  g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
  return NULL;
}

static gboolean
probe_what_says (const char *text, ForgeProbeReply *reply, GError **error)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GObject) stage = g_object_new (G_TYPE_OBJECT, NULL);
  guint port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);
  const ForgeProbeAsk ask = { .address = "127.0.0.1",
                              .port = port,
                              .method = "GET",
                              .path = "/",
                              .max_bytes = 100 };

  g_object_set_data (stage, "listener", listener);
  g_object_set_data (stage, "text", (gpointer)text);
  GThread *thread = g_thread_new ("say", say, stage);
  gboolean ok = forge_probe_http (&ask, reply, NULL, error);
  g_thread_join (thread);
  return ok;
}

static void
test_answers_of_strangers (void)
{
  g_auto (ForgeProbeReply) good = { 0 };
  g_auto (ForgeProbeReply) bad = { 0 };
  g_auto (ForgeProbeReply) none = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (
      probe_what_says ("HTTP/1.0 503 Busy\r\nX-HDHomeRun-Error: 805 All\r\n\r\n", &good, &error));
  g_assert_no_error (error);
  g_autofree char *header = forge_probe_header (&good, "x-hdhomerun-error");
  g_assert_cmpuint (good.status, ==, 503);
  g_assert_cmpstr (header, ==, "805 All");
  g_assert_cmpuint (good.body->len, ==, 0);
  g_assert_false (probe_what_says ("SSH-2.0-OpenSSH_9.2\r\n", &bad, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_false (probe_what_says ("", &none, &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/doctor/names-of-interfaces", test_names_of_interfaces);
  g_test_add_func ("/engine/doctor/loopback-is-listed", test_loopback_is_listed);
  g_test_add_func ("/engine/doctor/firewalls-are-seen", test_firewalls_are_seen);
  g_test_add_func ("/engine/doctor/clients-by-name", test_clients_by_name);
  g_test_add_func ("/engine/doctor/answers-of-strangers", test_answers_of_strangers);
  return g_test_run ();
}

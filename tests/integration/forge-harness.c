/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tests/integration/forge-harness.h"

#include "base/forge-role.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <libsoup/soup.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define KEPT_BYTES (16u << 20)
#define STEP_US    5000

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir))) {
    g_autofree char *child = g_build_filename (path, name, NULL);
    if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
      remove_tree (child);
    else
      g_assert_cmpint (g_unlink (child), ==, 0);
  }
  g_assert_cmpint (g_rmdir (path), ==, 0);
}

static void
start_engine (Harness *h)
{
  g_autofree char *data = g_build_filename (h->root, "data", NULL);
  g_autofree char *cache = g_build_filename (h->root, "cache", NULL);
  g_autofree char *runtime = g_build_filename (h->root, "run", NULL);
  const ForgeEngineOptions options = { .data_dir = data,
                                       .cache_dir = cache,
                                       .runtime_dir = runtime,
                                       .bind = "loopback",
                                       .port = 0 };
  g_autoptr (GError) error = NULL;

  h->engine = forge_engine_new (&options, &error);
  g_assert_no_error (error);
}

void
harness_init (Harness *h, guint channels, guint max_connections)
{
  const ForgeFakeProviderOptions options = { .channels = channels,
                                             .max_connections = max_connections };
  g_autoptr (GError) error = NULL;

  /* The file backend: no test may touch a person's keyring. */
  g_unsetenv ("DBUS_SESSION_BUS_ADDRESS");
  g_unsetenv ("XDG_RUNTIME_DIR");
  h->root = g_dir_make_tmp ("streamforge-test-XXXXXX", &error);
  g_assert_no_error (error);
  h->provider = forge_fake_provider_new (&options, &error);
  g_assert_no_error (error);
  start_engine (h);
  g_autofree char *body = g_strdup_printf (
      "{\"name\":\"Test\",\"server\":\"%s\",\"username\":\"%s\",\"password\":\"%s\"}",
      forge_fake_provider_url (h->provider),
      forge_fake_provider_username (h->provider),
      forge_fake_provider_password (h->provider));
  json_node_unref (harness_call (h, "POST", "/v1/accounts", body, 200));
}

/* As the window's thread does when its display is gone. */
static void
stop_engine (Harness *h)
{
  forge_role_enter (FORGE_ROLE_UI);
  g_clear_pointer (&h->engine, forge_engine_free);
  forge_role_enter (FORGE_ROLE_ANY);
}

void
harness_clear (Harness *h)
{
  stop_engine (h);
  g_clear_pointer (&h->provider, forge_fake_provider_free);
  remove_tree (h->root);
  g_free (h->root);
}

void
harness_restart (Harness *h)
{
  stop_engine (h);
  start_engine (h);
}

void
harness_say (Harness *h, const char *sentence)
{
  g_autoptr (GError) error = NULL;

  forge_fake_provider_say (h->provider, sentence, &error);
  g_assert_no_error (error);
}

/* `remote` NULL = TCP. */
static char *
request (GSocketConnectable *remote,
         const char *method,
         const char *url,
         const char *body,
         guint want_status)
{
  g_autoptr (SoupSession) session =
      remote ? soup_session_new_with_options ("remote-connectable", remote, NULL)
             : soup_session_new ();
  g_autoptr (SoupMessage) message = soup_message_new (method, url);
  g_autoptr (GError) error = NULL;

  if (body) {
    g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));
    soup_message_set_request_body_from_bytes (message, "application/json", bytes);
  }
  g_autoptr (GBytes) answer = soup_session_send_and_read (session, message, NULL, &error);
  g_assert_no_error (error);
  char *text = g_strndup (g_bytes_get_data (answer, NULL), g_bytes_get_size (answer));
  if (want_status == HARNESS_ANY_STATUS)
    return text;
  if (want_status == 0) {
    g_assert_cmpuint (soup_message_get_status (message), >=, 400);
    return text;
  }
  if (soup_message_get_status (message) != want_status)
    g_test_message ("%s %s: %s", method, url, text);
  g_assert_cmpuint (soup_message_get_status (message), ==, want_status);
  return text;
}

JsonNode *
harness_call (Harness *h, const char *method, const char *path, const char *body, guint want_status)
{
  g_autoptr (GSocketAddress) address =
      g_unix_socket_address_new (forge_engine_control_path (h->engine));
  g_autofree char *url = g_strconcat ("http://localhost", path, NULL);
  g_autofree char *text = request (G_SOCKET_CONNECTABLE (address), method, url, body, want_status);
  g_autoptr (GError) error = NULL;
  JsonNode *node = json_from_string (text, &error);

  g_assert_no_error (error);
  return node;
}

char *
harness_get (Harness *h, const char *path, guint want_status)
{
  g_autofree char *url = g_strconcat (forge_engine_url (h->engine), path, NULL);

  return request (NULL, "GET", url, NULL, want_status);
}

static JsonArray *
enabled_channels (JsonNode *node)
{
  return json_node_get_array (node);
}

gint64
harness_channel (Harness *h, const char *name)
{
  g_autoptr (JsonNode) node = harness_call (h, "GET", "/v1/channels?filter=enabled", NULL, 200);
  JsonArray *channels = enabled_channels (node);

  for (guint i = 0; i < json_array_get_length (channels); i++) {
    JsonObject *channel = json_array_get_object_element (channels, i);
    if (strcmp (json_object_get_string_member (channel, "name"), name) == 0)
      return json_object_get_int_member (channel, "id");
  }
  g_error ("no channel “%s”", name);
}

char *
harness_channel_name (Harness *h, guint index)
{
  g_autoptr (JsonNode) node = harness_call (h, "GET", "/v1/channels?filter=enabled", NULL, 200);

  return g_strdup (
      json_object_get_string_member (json_array_get_object_element (enabled_channels (node), index),
                                     "name"));
}

guint
harness_sessions (Harness *h)
{
  g_autoptr (JsonNode) node = harness_call (h, "GET", "/v1/sessions", NULL, 200);

  return json_array_get_length (json_node_get_array (node));
}

void
harness_await (HarnessCondition condition, gpointer data, guint seconds, const char *what)
{
  gint64 deadline = g_get_monotonic_time () + (gint64)seconds * G_USEC_PER_SEC;

  while (!condition (data)) {
    if (g_get_monotonic_time () > deadline)
      g_error ("%s: not within %u s", what, seconds);
    g_usleep (STEP_US);
  }
}

static gboolean
has_no_sessions (gpointer h)
{
  return harness_sessions (h) == 0;
}

void
harness_await_no_sessions (Harness *h)
{
  harness_await (has_no_sessions, h, 15, "all sessions gone");
}

struct _Viewer {
  GThread *thread;
  GSocket *socket;
  GMutex lock; /* guards all below */
  GCond changed;
  char *head;       /* response head, NULL until it is complete */
  GByteArray *data; /* body, the first KEPT_BYTES */
  GString *pending; /* bytes before the head is complete */
  guint64 bytes;    /* of body */
  gboolean has_ended;
};

static void
take_bytes (Viewer *viewer, const char *bytes, gsize length)
{
  if (!viewer->head) {
    g_string_append_len (viewer->pending, bytes, (gssize)length);
    char *end = strstr (viewer->pending->str, "\r\n\r\n");
    if (!end)
      return;
    gsize head_length = (gsize)(end - viewer->pending->str) + 4;
    viewer->head = g_strndup (viewer->pending->str, head_length);
    bytes = viewer->pending->str + head_length;
    length = viewer->pending->len - head_length;
  }
  viewer->bytes += length;
  if (viewer->data->len < KEPT_BYTES)
    g_byte_array_append (viewer->data, (const guint8 *)bytes, (guint)length);
}

static gpointer
viewer_thread (gpointer user_data)
{
  Viewer *viewer = user_data;
  char buffer[32768];
  gssize length;

  while ((length = g_socket_receive (viewer->socket, buffer, sizeof buffer, NULL, NULL)) > 0) {
    g_mutex_lock (&viewer->lock);
    take_bytes (viewer, buffer, (gsize)length);
    g_cond_broadcast (&viewer->changed);
    g_mutex_unlock (&viewer->lock);
  }
  g_mutex_lock (&viewer->lock);
  viewer->has_ended = TRUE;
  g_cond_broadcast (&viewer->changed);
  g_mutex_unlock (&viewer->lock);
  return NULL;
}

static GSocket *
connect_to (Harness *h)
{
  g_autoptr (GUri) uri = g_uri_parse (forge_engine_url (h->engine), G_URI_FLAGS_NONE, NULL);
  g_autoptr (GSocketAddress) address =
      g_inet_socket_address_new_from_string (g_uri_get_host (uri), (guint)g_uri_get_port (uri));
  g_autoptr (GError) error = NULL;
  GSocket *socket =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);

  g_assert_no_error (error);
  g_socket_connect (socket, address, NULL, &error);
  g_assert_no_error (error);
  return socket;
}

Viewer *
viewer_new (Harness *h, const char *path, const char *user_agent)
{
  Viewer *viewer = g_new0 (Viewer, 1);
  g_autofree char *head =
      g_strdup_printf ("GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: %s\r\n\r\n",
                       path,
                       user_agent);

  viewer->socket = connect_to (h);
  viewer->data = g_byte_array_new ();
  viewer->pending = g_string_new (NULL);
  g_mutex_init (&viewer->lock);
  g_cond_init (&viewer->changed);
  g_assert_cmpint (g_socket_send (viewer->socket, head, strlen (head), NULL, NULL),
                   ==,
                   (gssize)strlen (head));
  viewer->thread = g_thread_new ("viewer", viewer_thread, viewer);
  return viewer;
}

static gboolean
has_bytes (Viewer *viewer, guint64 bytes)
{
  return viewer->bytes >= bytes;
}

static gboolean
has_head (Viewer *viewer, guint64 unused)
{
  return viewer->head != NULL;
}

static gboolean
has_ended (Viewer *viewer, guint64 unused)
{
  return viewer->has_ended;
}

static gboolean
await (Viewer *viewer,
       gboolean (*condition) (Viewer *viewer, guint64 value),
       guint64 value,
       guint seconds)
{
  gint64 deadline = g_get_monotonic_time () + (gint64)seconds * G_USEC_PER_SEC;

  g_mutex_lock (&viewer->lock);
  while (!condition (viewer, value) && !viewer->has_ended)
    if (!g_cond_wait_until (&viewer->changed, &viewer->lock, deadline))
      break;
  gboolean ok = condition (viewer, value);
  g_mutex_unlock (&viewer->lock);
  return ok;
}

gboolean
viewer_await_bytes (Viewer *viewer, guint64 bytes, guint seconds)
{
  return await (viewer, has_bytes, bytes, seconds);
}

guint
viewer_await_status (Viewer *viewer, guint seconds)
{
  if (!await (viewer, has_head, 0, seconds))
    return 0;
  return (guint)g_ascii_strtoull (viewer->head + strlen ("HTTP/1.1 "), NULL, 10);
}

gboolean
viewer_await_end (Viewer *viewer, guint seconds)
{
  return await (viewer, has_ended, 0, seconds);
}

gboolean
viewer_is_open (Viewer *viewer)
{
  g_mutex_lock (&viewer->lock);
  gboolean is_open = !viewer->has_ended;
  g_mutex_unlock (&viewer->lock);
  return is_open;
}

const char *
viewer_header (Viewer *viewer, const char *name)
{
  g_autofree char *line = g_strdup_printf ("\r\n%s: ", name);
  const char *at = viewer->head ? strstr (viewer->head, line) : NULL;

  return at ? at + strlen (line) : NULL;
}

const guint8 *
viewer_data (Viewer *viewer, gsize *length)
{
  *length = viewer->data->len;
  return viewer->data->data;
}

void
viewer_close (Viewer *viewer)
{
  if (!viewer->thread)
    return;
  g_socket_shutdown (viewer->socket, TRUE, TRUE, NULL);
  g_thread_join (g_steal_pointer (&viewer->thread));
  g_socket_close (viewer->socket, NULL);
}

void
viewer_free (Viewer *viewer)
{
  viewer_close (viewer);
  g_object_unref (viewer->socket);
  g_byte_array_unref (viewer->data);
  g_string_free (viewer->pending, TRUE);
  g_mutex_clear (&viewer->lock);
  g_cond_clear (&viewer->changed);
  g_free (viewer->head);
  g_free (viewer);
}

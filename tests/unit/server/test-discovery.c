/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "forge-test-hdhr.h"
#include "forge-test-server.h"
#include "server/discovery/forge-discovery.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANYBODY "0002000c0104ffffffff0204ffffffff73cc7d8f"
#define UUID    "0f3ad2a4-6b1e-4b52-9f0e-b1a0c7d4e5f6"

typedef struct {
  FakeTuner tuner;
  GMainContext *context;
  ForgeRouter *router;
  ForgeHttpServer *server;
  ForgeDiscovery *discovery;
  guint events;
  char last_event[200];
} Fixture;

static void
on_event (ForgeLogLevel level,
          ForgeEventCategory category,
          const char *message,
          const char *details,
          gpointer user_data)
{
  Fixture *f = user_data;

  f->events++;
  g_strlcpy (f->last_event, message, sizeof f->last_event);
}

static ForgeReply *
on_hello (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  return forge_reply_new_text ("text/plain", g_strdup (request->base_url));
}

static void
fixture_init (Fixture *f, guint hdhr_port, guint web_port)
{
  g_autoptr (GError) error = NULL;

  *f = (Fixture){ .tuner = { .total = 4 }, .context = g_main_context_new () };
  g_main_context_push_thread_default (f->context);
  f->router = forge_router_new ();
  forge_router_add (f->router, "GET", "/hello", FORGE_RUN_CONTROL, on_hello, NULL);
  const ForgeHttpServerConfig http = { .router = f->router,
                                       .context = f->context,
                                       .server_header = "test" };
  f->server = forge_http_server_new (&http);
  const ForgeDiscoveryConfig config = { .context = f->context,
                                        .tuner = fake_tuner_cast (&f->tuner),
                                        .server = f->server,
                                        .event = on_event,
                                        .event_data = f,
                                        .hdhr_port = hdhr_port,
                                        .web_port = web_port };
  f->discovery = forge_discovery_new (&config);
}

static void
fixture_clear (Fixture *f)
{
  forge_discovery_free (f->discovery);
  forge_http_server_free (f->server);
  test_settle (f->context);
  g_main_context_pop_thread_default (f->context);
  forge_router_free (f->router);
  g_main_context_unref (f->context);
}

static ForgeDiscoveryState
listen_on (Fixture *f, const char *bind)
{
  g_autoptr (GError) error = NULL;
  guint port = forge_http_server_listen (f->server, bind, 0, &error);

  g_assert_no_error (error);
  return (ForgeDiscoveryState){ .wants_hdhr = TRUE,
                                .bind = bind,
                                .http_port = port,
                                .device_id = "1040ABC5",
                                .uuid = UUID,
                                .channels = 12 };
}

static gboolean
has_problem (Fixture *f, const char *id)
{
  g_autoptr (GPtrArray) problems = forge_discovery_problems (f->discovery);

  for (guint i = 0; i < problems->len; i++)
    if (strcmp (((ForgeDiscoveryProblem *)g_ptr_array_index (problems, i))->id, id) == 0)
      return TRUE;
  return FALSE;
}

/* A TCP port that somebody else listens on. */
static int
occupy (guint *port)
{
  struct sockaddr_in name = { .sin_family = AF_INET };
  socklen_t size = sizeof name;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (bind (fd, (struct sockaddr *)(void *)&name, sizeof name), ==, 0);
  g_assert_cmpint (listen (fd, 1), ==, 0);
  g_assert_cmpint (getsockname (fd, (struct sockaddr *)(void *)&name, &size), ==, 0);
  *port = ntohs (name.sin_port);
  return fd;
}

static void
expect_discovery (Fixture *f)
{
  g_autoptr (GByteArray) request = test_unhex (ANYBODY);
  int fd = test_udp_client (forge_discovery_hdhr_port (f->discovery));

  test_put (fd, request->data, request->len);
  g_autofree char *reply = test_take_datagram (f->context, fd);
  g_assert_true (g_str_has_prefix (reply, "0003"));
  close (fd);
}

static void
expect_control (Fixture *f)
{
  g_autoptr (GByteArray) request = test_unhex ("0004000d030b2f7379732f6d6f64656c008f5b54b5");
  int fd = test_tcp_client (f->context, forge_discovery_hdhr_port (f->discovery));

  test_put (fd, request->data, request->len);
  g_autofree char *reply = test_take_bytes (f->context, fd, 39);
  g_assert_true (g_str_has_prefix (reply, "0005"));
  close (fd);
}

static void
test_follows_its_settings (void)
{
  Fixture f;

  fixture_init (&f, 0, 0);
  ForgeDiscoveryState state = listen_on (&f, "loopback");
  forge_discovery_apply (f.discovery, &state);
  expect_discovery (&f);
  expect_control (&f);
  guint port = forge_discovery_hdhr_port (f.discovery);
  g_assert_cmpuint (forge_discovery_ssdp_port (f.discovery), ==, 0);
  /* More channels restart nothing. */
  state.channels = 13;
  forge_discovery_apply (f.discovery, &state);
  g_assert_cmpuint (forge_discovery_hdhr_port (f.discovery), ==, port);
  state.wants_ssdp = TRUE;
  forge_discovery_apply (f.discovery, &state);
  g_assert_cmpuint (forge_discovery_ssdp_port (f.discovery), !=, 0);
  expect_discovery (&f);
  state.wants_hdhr = state.wants_ssdp = FALSE;
  forge_discovery_apply (f.discovery, &state);
  g_assert_cmpuint (forge_discovery_hdhr_port (f.discovery), ==, 0);
  g_assert_cmpuint (forge_discovery_ssdp_port (f.discovery), ==, 0);
  g_assert_cmpuint (f.events, ==, 0);
  fixture_clear (&f);
}

static void
test_an_invalid_id_is_never_shown (void)
{
  static const char *const ids[] = { "12345678", "00000000", "FFFFFFFF", "", "1040ABC", NULL };
  Fixture f;

  fixture_init (&f, 0, 0);
  ForgeDiscoveryState state = listen_on (&f, "loopback");
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++) {
    state.device_id = ids[i];
    forge_discovery_apply (f.discovery, &state);
    g_assert_cmpuint (forge_discovery_hdhr_port (f.discovery), ==, 0);
  }
  fixture_clear (&f);
}

/* Without the control protocol no UDP: Tvheadend would crash. */
static void
test_a_taken_control_port_means_no_discovery (void)
{
  guint port;
  int other = occupy (&port);
  Fixture f;

  fixture_init (&f, port, 0);
  ForgeDiscoveryState state = listen_on (&f, "loopback");
  forge_discovery_apply (f.discovery, &state);
  g_assert_cmpuint (forge_discovery_hdhr_port (f.discovery), ==, 0);
  g_assert_cmpuint (f.events, ==, 1);
  g_assert_nonnull (strstr (f.last_event, "in use by another program"));
  g_assert_true (has_problem (&f, "discovery-off"));
  /* The UDP port was left alone. */
  struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons ((guint16)port) };
  int udp = socket (AF_INET, SOCK_DGRAM, 0);
  g_assert_cmpint (bind (udp, (struct sockaddr *)(void *)&name, sizeof name), ==, 0);
  close (udp);
  /* Told once; it goes with the setting, and comes back when the port is free. */
  forge_discovery_apply (f.discovery, &state);
  g_assert_cmpuint (f.events, ==, 1);
  state.wants_hdhr = FALSE;
  forge_discovery_apply (f.discovery, &state);
  g_assert_false (has_problem (&f, "discovery-off"));
  close (other);
  state.wants_hdhr = TRUE;
  forge_discovery_apply (f.discovery, &state);
  g_assert_cmpuint (forge_discovery_hdhr_port (f.discovery), ==, port);
  g_assert_false (has_problem (&f, "discovery-off"));
  fixture_clear (&f);
}

static gboolean
take_reply (gpointer data)
{
  char text[2000];
  int fd = *(int *)data;
  ssize_t got = recv (fd, text, sizeof text - 1, 0);

  if (got <= 0)
    return FALSE;
  text[got] = '\0';
  g_assert_true (g_str_has_prefix (text, "HTTP/1.1 200"));
  return TRUE;
}

static void
expect_hello (Fixture *f, guint port)
{
  int fd = test_tcp_client (f->context, port);

  test_put (fd, "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n", 40);
  test_await (f->context, take_reply, &fd);
  close (fd);
}

static guint
free_port (void)
{
  guint port;

  close (occupy (&port));
  return port;
}

static void
test_the_second_http_port (void)
{
  guint web_port = free_port ();
  Fixture f;

  fixture_init (&f, 0, web_port);
  /* Not without the switch that opens us to the home. */
  ForgeDiscoveryState state = listen_on (&f, "loopback");
  forge_discovery_apply (f.discovery, &state);
  int fd = test_tcp_client (f.context, web_port);
  test_await_closed (f.context, fd);
  close (fd);

  state = listen_on (&f, "lan");
  forge_discovery_apply (f.discovery, &state);
  expect_hello (&f, web_port);
  expect_hello (&f, state.http_port);
  g_assert_false (has_problem (&f, "port-80"));

  state = listen_on (&f, "loopback");
  forge_discovery_apply (f.discovery, &state);
  fd = test_tcp_client (f.context, web_port);
  test_await_closed (f.context, fd);
  close (fd);
  fixture_clear (&f);
}

static void
test_without_the_second_http_port_a_hint (void)
{
  guint web_port;
  int other = occupy (&web_port);
  Fixture f;

  fixture_init (&f, 0, web_port);
  ForgeDiscoveryState state = listen_on (&f, "lan");
  forge_discovery_apply (f.discovery, &state);
  g_assert_true (has_problem (&f, "port-80"));
  g_assert_cmpuint (f.events, ==, 0);
  expect_hello (&f, state.http_port);
  state = listen_on (&f, "loopback");
  forge_discovery_apply (f.discovery, &state);
  g_assert_false (has_problem (&f, "port-80"));
  close (other);
  fixture_clear (&f);
}

/* Who may be answered is decided by the first port. */
static void
test_the_second_port_opens_no_wider_than_the_first (void)
{
  g_autoptr (GError) error = NULL;
  Fixture f;

  fixture_init (&f, 0, 0);
  listen_on (&f, "loopback");
  g_assert_false (forge_http_server_listen_extra (f.server, "lan", free_port (), &error));
  g_assert_nonnull (error);
  fixture_clear (&f);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server/discovery/follows-its-settings", test_follows_its_settings);
  g_test_add_func ("/server/discovery/an-invalid-id-is-never-shown",
                   test_an_invalid_id_is_never_shown);
  g_test_add_func ("/server/discovery/a-taken-control-port-means-no-discovery",
                   test_a_taken_control_port_means_no_discovery);
  g_test_add_func ("/server/discovery/the-second-http-port", test_the_second_http_port);
  g_test_add_func ("/server/discovery/without-the-second-http-port-a-hint",
                   test_without_the_second_http_port_a_hint);
  g_test_add_func ("/server/discovery/the-second-port-opens-no-wider-than-the-first",
                   test_the_second_port_opens_no_wider_than_the_first);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "forge-test-hdhr.h"
#include "forge-test-server.h"
#include "server/discovery/forge-hdhr-discovery.h"
#include "server/discovery/forge-rate-limit.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANYBODY "0002000c0104ffffffff0204ffffffff73cc7d8f"

typedef struct {
  FakeTuner tuner;
  GMainContext *context;
  ForgeHdhrDiscovery *discovery;
} Fixture;

static ForgeHdhrDiscovery *
make_with (Fixture *f,
           const char *bind,
           const ForgeHdhrDevice *devices,
           guint n_devices,
           guint port)
{
  g_auto (ForgeBindPlan) plan = { 0 };
  g_autoptr (GError) error = NULL;
  const ForgeHdhrDiscoveryConfig config = { .context = f->context,
                                            .tuners = &f->tuner.total,
                                            .devices = devices,
                                            .n_devices = n_devices,
                                            .port = port };

  g_assert_true (forge_bind_plan_parse (bind, &plan, &error));
  ForgeHdhrDiscovery *discovery = forge_hdhr_discovery_new (&config, &plan, &error);
  g_assert_no_error (error);
  return discovery;
}

static ForgeHdhrDiscovery *
make (Fixture *f, const char *bind, guint port)
{
  const ForgeHdhrDevice device = { 0x1040ABC5, 5004 };

  return make_with (f, bind, &device, 1, port);
}

static void
fixture_init (Fixture *f, const char *bind)
{
  *f = (Fixture){ .tuner = { .total = 4 }, .context = g_main_context_new () };
  f->discovery = make (f, bind, 0);
}

static void
fixture_clear (Fixture *f)
{
  forge_hdhr_discovery_free (f->discovery);
  g_main_context_unref (f->context);
}

static void
put_hex (int fd, const char *hex)
{
  g_autoptr (GByteArray) bytes = test_unhex (hex);

  test_put (fd, bytes->data, bytes->len);
}

static char *
want_reply (const char *base_url, guint8 tuners)
{
  g_autofree char *url = test_hex (base_url, strlen (base_url));
  g_autofree char *lineup = test_hex ("/lineup.json", strlen ("/lineup.json"));
  g_autofree char *payload =
      g_strdup_printf ("010400000001 02041040abc5 2a%02x%s 1001%02x 27%02x%s%s",
                       (guint)strlen (base_url),
                       url,
                       tuners,
                       (guint)(strlen (base_url) + strlen ("/lineup.json")),
                       url,
                       lineup);
  g_autoptr (GByteArray) frame = test_frame (3, payload);

  return test_hex (frame->data, frame->len);
}

static void
expect_reply (Fixture *f, int fd, const char *base_url)
{
  g_autofree char *want = want_reply (base_url, 4);
  g_autofree char *reply = test_take_datagram (f->context, fd);

  g_assert_cmpstr (reply, ==, want);
}

static void
test_each_shape_is_answered (void)
{
  static const char *const shapes[] = {
    ANYBODY,
    "0002000c0104000000010204ffffffff4e507f35",
    "000200060104ffffffff4c20cb4e",
    "0002000a2d0800000001000000054f63391f",
    "0002000c0104ffffffff02041040abc5d265b8d7",
  };
  Fixture f;

  fixture_init (&f, "loopback");
  int fd = test_udp_client (forge_hdhr_discovery_port (f.discovery));
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++) {
    put_hex (fd, shapes[i]);
    expect_reply (&f, fd, "http://127.0.0.1:5004");
  }
  close (fd);
  fixture_clear (&f);
}

/* One reply per device, each with its own id and port; one that is asked for by id answers alone.
 */
static void
test_several_devices_answer_for_themselves (void)
{
  const ForgeHdhrDevice devices[] = { { 0x1040ABC5, 5004 }, { 0x105DEAD3, 5005 } };
  g_autofree char *first = want_reply ("http://127.0.0.1:5004", 4);
  Fixture f;

  fixture_init (&f, "loopback");
  forge_hdhr_discovery_free (f.discovery);
  f.discovery = make_with (&f, "loopback", devices, G_N_ELEMENTS (devices), 0);
  int fd = test_udp_client (forge_hdhr_discovery_port (f.discovery));
  put_hex (fd, ANYBODY);
  g_autofree char *one = test_take_datagram (f.context, fd);
  g_autofree char *two = test_take_datagram (f.context, fd);
  g_assert_cmpstr (one, ==, first);
  g_assert_nonnull (strstr (two, "0204105dead3"));
  g_assert_nonnull (strstr (two, "3a35303035")); /* ":5005" */
  put_hex (fd, "0002000c0104ffffffff02041040abc5d265b8d7");
  g_autofree char *asked = test_take_datagram (f.context, fd);
  g_assert_cmpstr (asked, ==, first);
  close (fd);
  fixture_clear (&f);
}

/* The URL holds the address that was asked, and the reply comes from it: the client's connected
 * socket takes no other. */
static void
test_the_address_that_was_asked_answers (void)
{
  struct sockaddr_in name = { .sin_family = AF_INET };
  Fixture f;

  fixture_init (&f, "lan");
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  name.sin_port = htons ((guint16)forge_hdhr_discovery_port (f.discovery));
  name.sin_addr.s_addr = htonl (0x7f000003);
  g_assert_cmpint (connect (fd, (struct sockaddr *)(void *)&name, sizeof name), ==, 0);
  put_hex (fd, ANYBODY);
  expect_reply (&f, fd, "http://127.0.0.3:5004");
  close (fd);
  fixture_clear (&f);
}

static void
test_ipv6 (void)
{
  struct sockaddr_in6 name = { .sin6_family = AF_INET6, .sin6_addr = in6addr_loopback };
  Fixture f;

  fixture_init (&f, "loopback");
  int fd = socket (AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  name.sin6_port = htons ((guint16)forge_hdhr_discovery_port (f.discovery));
  if (fd < 0 || connect (fd, (struct sockaddr *)(void *)&name, sizeof name) < 0) {
    g_test_skip ("this machine has no IPv6");
  } else {
    put_hex (fd, ANYBODY);
    expect_reply (&f, fd, "http://[::1]:5004");
  }
  if (fd >= 0)
    close (fd);
  fixture_clear (&f);
}

/* Open on one address: what came for another gets no answer. */
static void
test_open_on_one_address_only (void)
{
  Fixture f;

  fixture_init (&f, "192.0.2.1"); /* none of this machine: the wildcard socket opens all the same */
  int fd = test_udp_client (forge_hdhr_discovery_port (f.discovery));
  put_hex (fd, ANYBODY);
  ForgeHdhrDiscoveryStats stats;
  do {
    g_main_context_iteration (f.context, TRUE);
    forge_hdhr_discovery_stats (f.discovery, &stats);
  } while (stats.datagrams == 0);
  g_assert_cmpuint (stats.answered, ==, 0);
  close (fd);
  fixture_clear (&f);
}

static void
test_bound_to_loopback_only (void)
{
  Fixture f, other;

  fixture_init (&f, "loopback");
  /* On 127.0.0.1 and no more: another address of this machine has the port still free, without
   * sharing it. */
  struct sockaddr_in name = { .sin_family = AF_INET };
  name.sin_port = htons ((guint16)forge_hdhr_discovery_port (f.discovery));
  name.sin_addr.s_addr = htonl (0x7f000002);
  int fd = socket (AF_INET, SOCK_DGRAM, 0);
  g_assert_cmpint (bind (fd, (struct sockaddr *)(void *)&name, sizeof name), ==, 0);
  name.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  int second = socket (AF_INET, SOCK_DGRAM, 0);
  g_assert_cmpint (bind (second, (struct sockaddr *)(void *)&name, sizeof name), <, 0);
  close (second);
  close (fd);
  /* Another emulator may share it. */
  other = f;
  other.discovery = make (&f, "loopback", forge_hdhr_discovery_port (f.discovery));
  forge_hdhr_discovery_free (other.discovery);
  fixture_clear (&f);
}

static gboolean
has_seen_many (gpointer data)
{
  ForgeHdhrDiscoveryStats stats;

  forge_hdhr_discovery_stats (((Fixture *)data)->discovery, &stats);
  return stats.datagrams >= 60;
}

static void
test_a_source_gets_so_many_replies (void)
{
  ForgeHdhrDiscoveryStats stats;
  Fixture f;

  fixture_init (&f, "loopback");
  int fd = test_udp_client (forge_hdhr_discovery_port (f.discovery));
  gint64 start_us = g_get_monotonic_time ();
  for (guint i = 0; i < 60; i++)
    put_hex (fd, ANYBODY);
  test_await (f.context, has_seen_many, &f);
  double seconds = (double)(g_get_monotonic_time () - start_us) / G_USEC_PER_SEC;
  forge_hdhr_discovery_stats (f.discovery, &stats);
  g_assert_cmpuint (stats.answered, >=, FORGE_HDHR_REPLIES_PER_SOURCE_PER_S);
  g_assert_cmpfloat ((double)stats.answered,
                     <=,
                     FORGE_HDHR_REPLIES_PER_SOURCE_PER_S * (1 + seconds));
  g_assert_cmpuint (stats.answered + stats.limited, ==, 60);
  close (fd);
  fixture_clear (&f);
}

static void
test_the_limit_refills_and_is_per_source (void)
{
  g_autoptr (ForgeRateLimit) limit = forge_rate_limit_new (20, 100);
  g_autoptr (GInetAddress) one = g_inet_address_new_from_string ("192.168.1.7");
  gint64 now_us = 5 * G_USEC_PER_SEC;

  for (guint i = 0; i < 20; i++)
    g_assert_true (forge_rate_limit_take (limit, one, now_us));
  g_assert_false (forge_rate_limit_take (limit, one, now_us));
  g_assert_true (forge_rate_limit_take (limit, one, now_us + G_USEC_PER_SEC / 20));
  g_assert_false (forge_rate_limit_take (limit, one, now_us + G_USEC_PER_SEC / 20));
  /* However long it was silent, a second's worth. */
  now_us += (gint64)3600 * G_USEC_PER_SEC;
  for (guint i = 0; i < 20; i++)
    g_assert_true (forge_rate_limit_take (limit, one, now_us));
  g_assert_false (forge_rate_limit_take (limit, one, now_us));
}

static void
test_all_sources_together_have_a_limit (void)
{
  g_autoptr (ForgeRateLimit) limit = forge_rate_limit_new (20, 100);
  guint taken = 0;

  for (guint i = 0; i < 4096; i++) {
    const guint8 bytes[] = { 10, 0, (guint8)(i >> 8), (guint8)i };
    g_autoptr (GInetAddress) source = g_inet_address_new_from_bytes (bytes, G_SOCKET_FAMILY_IPV4);
    if (forge_rate_limit_take (limit, source, G_USEC_PER_SEC))
      taken++;
  }
  g_assert_cmpuint (taken, ==, 100);
}

static void
test_a_flood_of_noise_changes_nothing (void)
{
  g_autoptr (GByteArray) valid = test_unhex (ANYBODY);
  g_autoptr (GRand) random = g_rand_new_with_seed (2);
  ForgeHdhrDiscoveryStats stats;
  Fixture f;

  fixture_init (&f, "loopback");
  guint descriptors = test_count_descriptors ();
  int fd = test_udp_client (forge_hdhr_discovery_port (f.discovery));
  for (guint i = 0; i < 50000; i++) {
    guint8 bytes[1500] = { 0 };
    gsize length = i % 100 ? valid->len : sizeof bytes;
    memcpy (bytes, valid->data, valid->len);
    bytes[g_rand_int_range (random, 0, (gint32)valid->len)] ^=
        (guint8)g_rand_int_range (random, 1, 256);
    if (send (fd, bytes, length, MSG_NOSIGNAL) < 0)
      g_usleep (1);
    if (i % 16 == 0)
      test_settle (f.context);
  }
  test_settle (f.context);
  forge_hdhr_discovery_stats (f.discovery, &stats);
  g_assert_cmpuint (stats.datagrams, >, 40000);
  g_assert_cmpuint (stats.answered, ==, 0);
  put_hex (fd, ANYBODY);
  expect_reply (&f, fd, "http://127.0.0.1:5004");
  close (fd);
  g_assert_cmpuint (test_count_descriptors (), ==, descriptors);
  fixture_clear (&f);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server/hdhr-discovery/each-shape-is-answered", test_each_shape_is_answered);
  g_test_add_func ("/server/hdhr-discovery/several-devices-answer-for-themselves",
                   test_several_devices_answer_for_themselves);
  g_test_add_func ("/server/hdhr-discovery/the-address-that-was-asked-answers",
                   test_the_address_that_was_asked_answers);
  g_test_add_func ("/server/hdhr-discovery/ipv6", test_ipv6);
  g_test_add_func ("/server/hdhr-discovery/open-on-one-address-only",
                   test_open_on_one_address_only);
  g_test_add_func ("/server/hdhr-discovery/bound-to-loopback-only", test_bound_to_loopback_only);
  g_test_add_func ("/server/hdhr-discovery/a-source-gets-so-many-replies",
                   test_a_source_gets_so_many_replies);
  g_test_add_func ("/server/hdhr-discovery/the-limit-refills-and-is-per-source",
                   test_the_limit_refills_and_is_per_source);
  g_test_add_func ("/server/hdhr-discovery/all-sources-together-have-a-limit",
                   test_all_sources_together_have_a_limit);
  g_test_add_func ("/server/hdhr-discovery/a-flood-of-noise-changes-nothing",
                   test_a_flood_of_noise_changes_nothing);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "forge-test-hdhr.h"
#include "server/discovery/forge-ssdp-text.h"
#include "server/discovery/forge-ssdp.h"

#include <string.h>
#include <unistd.h>

#define UUID "0f3ad2a4-6b1e-4b52-9f0e-b1a0c7d4e5f6"
#define SEARCH(st)                                                                                  \
  "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 2\r\nST: " st \
  "\r\n\r\n"

static guint
targets_of (const char *text)
{
  ForgeSsdpSearch search;

  return forge_ssdp_parse_search ((const guint8 *)text, strlen (text), UUID, &search)
             ? search.targets
             : 0;
}

static void
test_searches_for_us (void)
{
  ForgeSsdpSearch search;
  const char *bare = "M-SEARCH * HTTP/1.0\nman:\"ssdp:discover\"\nst :x\nst: upnp:rootdevice\n";

  g_assert_cmpuint (targets_of (SEARCH ("ssdp:all")), ==, FORGE_SSDP_ALL);
  g_assert_cmpuint (targets_of (SEARCH ("upnp:rootdevice")), ==, FORGE_SSDP_ROOT);
  g_assert_cmpuint (targets_of (SEARCH ("uuid:" UUID)), ==, FORGE_SSDP_UUID);
  g_assert_cmpuint (targets_of (SEARCH ("urn:schemas-upnp-org:device:MediaServer:1")),
                    ==,
                    FORGE_SSDP_MEDIA_SERVER);
  g_assert_true (forge_ssdp_parse_search ((const guint8 *)bare, strlen (bare), UUID, &search));
  g_assert_cmpuint (search.mx_s, ==, 1);
  bare = "M-SEARCH * HTTP/1.1\r\nMX: 99999999999\r\nMAN: \"ssdp:discover\"\r\nST: ssdp:all\r\n\r\n";
  g_assert_true (forge_ssdp_parse_search ((const guint8 *)bare, strlen (bare), UUID, &search));
  g_assert_cmpuint (search.mx_s, ==, 120);
}

static void
test_what_is_no_search_for_us (void)
{
  static const guint8 with_nul[] = SEARCH ("ssdp:all") "\0";
  ForgeSsdpSearch search;

  g_assert_cmpuint (targets_of (SEARCH ("uuid:00000000-0000-0000-0000-000000000000")), ==, 0);
  g_assert_cmpuint (targets_of (SEARCH ("urn:plex-tv:device:Media:1")), ==, 0);
  g_assert_cmpuint (targets_of (SEARCH ("urn:schemas-upnp-org:service:ContentDirectory:1")), ==, 0);
  g_assert_cmpuint (targets_of (""), ==, 0);
  g_assert_cmpuint (targets_of ("NOTIFY * HTTP/1.1\r\nNT: upnp:rootdevice\r\n\r\n"), ==, 0);
  g_assert_cmpuint (targets_of ("M-SEARCH * HTTP/1.1\r\nST: ssdp:all\r\n\r\n"), ==, 0);
  g_assert_cmpuint (targets_of ("M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:alive\"\r\nST: ssdp:all\r\n"),
                    ==,
                    0);
  g_assert_cmpuint (targets_of ("GET / HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\nST: ssdp:all\r\n"),
                    ==,
                    0);
  g_assert_false (forge_ssdp_parse_search (with_nul, sizeof with_nul, UUID, &search));
}

static void
test_texts (void)
{
  g_autofree char *response =
      forge_ssdp_response (FORGE_SSDP_MEDIA_SERVER, UUID, "http://10.0.0.2:5004/device.xml");
  g_autofree char *alive =
      forge_ssdp_notify (FORGE_SSDP_ROOT, UUID, "http://10.0.0.2:5004/device.xml");
  g_autofree char *goodbye = forge_ssdp_notify (FORGE_SSDP_UUID, UUID, NULL);

  g_assert_cmpstr (response,
                   ==,
                   "HTTP/1.1 200 OK\r\n"
                   "CACHE-CONTROL: max-age=1800\r\n"
                   "EXT:\r\n"
                   "LOCATION: http://10.0.0.2:5004/device.xml\r\n"
                   "SERVER: Linux UPnP/1.0 StreamForge/" FORGE_VERSION "\r\n"
                   "ST: urn:schemas-upnp-org:device:MediaServer:1\r\n"
                   "USN: uuid:" UUID "::urn:schemas-upnp-org:device:MediaServer:1\r\n"
                   "Content-Length: 0\r\n\r\n");
  g_assert_cmpstr (alive,
                   ==,
                   "NOTIFY * HTTP/1.1\r\n"
                   "HOST: 239.255.255.250:1900\r\n"
                   "CACHE-CONTROL: max-age=1800\r\n"
                   "LOCATION: http://10.0.0.2:5004/device.xml\r\n"
                   "NT: upnp:rootdevice\r\n"
                   "NTS: ssdp:alive\r\n"
                   "SERVER: Linux UPnP/1.0 StreamForge/" FORGE_VERSION "\r\n"
                   "USN: uuid:" UUID "::upnp:rootdevice\r\n\r\n");
  g_assert_cmpstr (goodbye,
                   ==,
                   "NOTIFY * HTTP/1.1\r\n"
                   "HOST: 239.255.255.250:1900\r\n"
                   "NT: uuid:" UUID "\r\n"
                   "NTS: ssdp:byebye\r\n"
                   "USN: uuid:" UUID "\r\n\r\n");
}

typedef struct {
  GMainContext *context;
  ForgeSsdp *ssdp;
  int fd;
} Fixture;

static void
fixture_init (Fixture *f)
{
  g_auto (ForgeBindPlan) plan = { 0 };
  g_autoptr (GError) error = NULL;

  f->context = g_main_context_new ();
  const ForgeSsdpConfig config = { .context = f->context, .uuid = UUID, .http_port = 5004 };
  g_assert_true (forge_bind_plan_parse ("loopback", &plan, &error));
  f->ssdp = forge_ssdp_new (&config, &plan, &error);
  g_assert_no_error (error);
  f->fd = test_udp_client (forge_ssdp_port (f->ssdp));
}

static void
fixture_clear (Fixture *f)
{
  close (f->fd);
  forge_ssdp_free (f->ssdp);
  g_main_context_unref (f->context);
}

static char *
take_text (Fixture *f)
{
  g_autofree char *hex = test_take_datagram (f->context, f->fd);
  g_autoptr (GByteArray) bytes = test_unhex (hex);

  return g_strndup ((const char *)bytes->data, bytes->len);
}

static void
test_a_search_for_all_gets_three_answers (void)
{
  static const char search[] =
      "M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\nMX: 0\r\nST: ssdp:all\r\n\r\n";
  static const char *const names[] = { "ST: upnp:rootdevice\r\n",
                                       "ST: uuid:" UUID "\r\n",
                                       "ST: urn:schemas-upnp-org:device:MediaServer:1\r\n" };
  Fixture f;

  fixture_init (&f);
  test_put (f.fd, search, strlen (search));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *text = take_text (&f);
    g_assert_nonnull (strstr (text, names[i]));
    g_assert_nonnull (strstr (text, "LOCATION: http://127.0.0.1:5004/device.xml\r\n"));
  }
  fixture_clear (&f);
}

static void
test_noise_and_too_many_searches (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (3);
  g_autofree char *noise = g_strdup (SEARCH ("ssdp:all"));
  Fixture f;

  fixture_init (&f);
  for (guint i = 0; i < 2000; i++) {
    noise[g_rand_int_range (random, 0, (gint32)strlen (noise))] =
        (char)g_rand_int_range (random, 1, 256);
    test_put (f.fd, noise, strlen (noise));
    test_put (f.fd, SEARCH ("upnp:rootdevice"), strlen (SEARCH ("upnp:rootdevice")));
    if (i % 16 == 0)
      test_settle (f.context);
  }
  g_autofree char *text = take_text (&f);
  g_assert_true (g_str_has_prefix (text, "HTTP/1.1 200 OK\r\n"));
  fixture_clear (&f); /* with answers still waiting */
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server/ssdp/searches-for-us", test_searches_for_us);
  g_test_add_func ("/server/ssdp/what-is-no-search-for-us", test_what_is_no_search_for_us);
  g_test_add_func ("/server/ssdp/texts", test_texts);
  g_test_add_func ("/server/ssdp/a-search-for-all-gets-three-answers",
                   test_a_search_for_all_gets_three_answers);
  g_test_add_func ("/server/ssdp/noise-and-too-many-searches", test_noise_and_too_many_searches);
  return g_test_run ();
}

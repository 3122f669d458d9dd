/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "net/forge-address-class.h"
#include "net/forge-dial.h"
#include "net/forge-fetch.h"
#include "net/forge-guard.h"
#include "script-server.h"

#include <string.h>

static const char *const sites[] = { "youtube.com", "tiktokcdn.com", NULL };

static ForgeAddressClass
class_of (const char *text)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (text);

  g_assert_nonnull (address);
  return forge_address_classify (address);
}

static void
test_classes (void)
{
  static const struct {
    const char *text;
    ForgeAddressClass class;
  } cases[] = {
    { "8.8.8.8", FORGE_ADDRESS_PUBLIC },
    { "172.15.255.255", FORGE_ADDRESS_PUBLIC },
    { "172.16.0.0", FORGE_ADDRESS_PRIVATE },
    { "172.31.255.255", FORGE_ADDRESS_PRIVATE },
    { "172.32.0.0", FORGE_ADDRESS_PUBLIC },
    { "10.255.0.1", FORGE_ADDRESS_PRIVATE },
    { "11.0.0.0", FORGE_ADDRESS_PUBLIC },
    { "192.168.178.1", FORGE_ADDRESS_PRIVATE },
    { "127.255.255.254", FORGE_ADDRESS_LOOPBACK },
    { "0.0.0.0", FORGE_ADDRESS_SPECIAL },
    { "100.63.255.255", FORGE_ADDRESS_PUBLIC },
    { "100.64.0.1", FORGE_ADDRESS_SPECIAL },
    { "100.127.255.255", FORGE_ADDRESS_SPECIAL },
    { "100.128.0.0", FORGE_ADDRESS_PUBLIC },
    { "169.254.169.254", FORGE_ADDRESS_SPECIAL },
    { "192.0.0.8", FORGE_ADDRESS_SPECIAL },
    { "198.19.255.255", FORGE_ADDRESS_SPECIAL },
    { "198.20.0.0", FORGE_ADDRESS_PUBLIC },
    { "223.255.255.255", FORGE_ADDRESS_PUBLIC },
    { "224.0.0.1", FORGE_ADDRESS_SPECIAL },
    { "255.255.255.255", FORGE_ADDRESS_SPECIAL },
    { "::1", FORGE_ADDRESS_LOOPBACK },
    { "::", FORGE_ADDRESS_SPECIAL },
    { "::ffff:127.0.0.1", FORGE_ADDRESS_EMBEDDED },
    { "::ffff:8.8.8.8", FORGE_ADDRESS_EMBEDDED },
    { "::7f00:1", FORGE_ADDRESS_EMBEDDED },
    { "2002:7f00:1::", FORGE_ADDRESS_EMBEDDED },
    { "64:ff9b::7f00:1", FORGE_ADDRESS_EMBEDDED },
    { "64:ff9b:1::7f00:1", FORGE_ADDRESS_EMBEDDED },
    { "2001::7f00:1", FORGE_ADDRESS_EMBEDDED },
    { "2001:db8::1", FORGE_ADDRESS_SPECIAL },
    { "2001:4860:4860::8888", FORGE_ADDRESS_PUBLIC },
    { "fe80::1", FORGE_ADDRESS_SPECIAL },
    { "fec0::1", FORGE_ADDRESS_SPECIAL },
    { "fd12::1", FORGE_ADDRESS_PRIVATE },
    { "fc00::1", FORGE_ADDRESS_PRIVATE },
    { "ff02::1", FORGE_ADDRESS_SPECIAL },
    { "4000::1", FORGE_ADDRESS_SPECIAL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    if (class_of (cases[i].text) != cases[i].class)
      g_error ("%s is taken for %s",
               cases[i].text,
               forge_address_class_name (class_of (cases[i].text)));
}

static void
test_urls_on_the_list (void)
{
  g_autoptr (ForgeGuard) guard = forge_guard_new (sites, NULL);
  static const char *const good[] = {
    "https://youtube.com/watch?v=1",
    "http://www.YouTube.com:8080/",
    "https://youtube.com./x",
    "https://a.b.tiktokcdn.com/v",
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_true (forge_guard_check_url (guard, good[i], &error));
    g_assert_no_error (error);
  }
}

static void
test_urls_refused (void)
{
  g_autoptr (ForgeGuard) listed = forge_guard_new (sites, NULL);
  g_autoptr (ForgeGuard) open = forge_guard_new (NULL, NULL);
  static const char *const bad[] = {
    "http://127.0.0.1:80/player_api.php",
    "http://169.254.169.254/latest",
    "http://localhost/",
    "http://x.localhost/",
    "file:///etc/passwd",
    "gopher://youtube.com/",
    "javascript:alert(1)",
    "data:text/plain,x",
    "youtube.com",
    "//youtube.com/",
    "",
    "http://user@youtube.com@127.0.0.1/",
    "http://user:secret@youtube.com/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::1]/",
    "http://[fe80::1%25eth0]/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://0x7f000001/",
    "http://127.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://127.0.0.1./",
    "http:///x",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL, error_open = NULL;
    if (forge_guard_check_url (listed, bad[i], &error) ||
        forge_guard_check_url (open, bad[i], &error_open))
      g_error ("%s passes", bad[i]);
    g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
    g_assert_null (strstr (error->message, "secret"));
  }
}

static void
test_neighbours_of_the_list (void)
{
  g_autoptr (ForgeGuard) guard = forge_guard_new (sites, NULL);
  static const char *const bad[] = {
    "http://youtube.com.evil.example/a",
    "http://notyoutube.com/",
    "http://evil.example/?youtube.com",
    "http://com/",
    "http://tiktok.com/",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    if (forge_guard_check_url (guard, bad[i], NULL))
      g_error ("%s passes", bad[i]);
}

static void
test_trusted_hosts (void)
{
  const char *const typed[] = { "http://192.168.1.20:8080/panel", "http://panel.example", NULL };
  g_autoptr (ForgeGuard) guard = forge_guard_new (NULL, typed);
  g_autoptr (GInetAddress) home = g_inet_address_new_from_string ("10.1.2.3");
  g_autoptr (GInetAddress) loopback = g_inet_address_new_from_string ("127.0.0.1");

  g_assert_true (forge_guard_check_url (guard, "http://192.168.1.20:8080/live", NULL));
  g_assert_true (forge_guard_check_address (guard, "PANEL.example", loopback, NULL));
  /* a panel in the home may name its other machines, but not this one */
  g_assert_true (forge_guard_check_url (guard, "http://192.168.1.21/edge", NULL));
  g_assert_true (forge_guard_check_address (guard, "edge.lan", home, NULL));
  g_assert_false (forge_guard_check_url (guard, "http://127.0.0.1/", NULL));
  g_assert_false (forge_guard_check_address (guard, "edge.lan", loopback, NULL));
  /* one far away may not */
  const char *const far[] = { "http://panel.example", NULL };
  g_autoptr (ForgeGuard) strict = forge_guard_new (NULL, far);
  g_assert_false (forge_guard_check_url (strict, "http://192.168.1.21/edge", NULL));
  g_assert_false (forge_guard_check_address (strict, "edge.lan", home, NULL));
}

/* ---- at connect time ---- */

#define FAKE_TYPE_RESOLVER (fake_resolver_get_type ())
G_DECLARE_FINAL_TYPE (FakeResolver, fake_resolver, FAKE, RESOLVER, GResolver)
struct _FakeResolver {
  GResolver parent_instance;
};
G_DEFINE_FINAL_TYPE (FakeResolver, fake_resolver, G_TYPE_RESOLVER)

/* Whatever is asked: this machine. What a hostile name server would say. */
static GList *
fake_answer (GResolverNameLookupFlags flags)
{
  gboolean is_v6 = (flags & G_RESOLVER_NAME_LOOKUP_FLAGS_IPV6_ONLY) != 0;

  return g_list_append (NULL, g_inet_address_new_from_string (is_v6 ? "::1" : "127.0.0.1"));
}

static void
fake_lookup_async (GResolver *resolver,
                   const char *name,
                   GResolverNameLookupFlags flags,
                   GCancellable *cancellable,
                   GAsyncReadyCallback callback,
                   gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (resolver, cancellable, callback, user_data);

  g_task_return_pointer (task, fake_answer (flags), NULL);
}

static void
fake_lookup_plain_async (GResolver *resolver,
                         const char *name,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  fake_lookup_async (resolver, name, 0, cancellable, callback, user_data);
}

static GList *
fake_lookup_finish (GResolver *resolver, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
fake_resolver_class_init (FakeResolverClass *klass)
{
  GResolverClass *resolver = G_RESOLVER_CLASS (klass);

  resolver->lookup_by_name_with_flags_async = fake_lookup_async;
  resolver->lookup_by_name_with_flags_finish = fake_lookup_finish;
  resolver->lookup_by_name_async = fake_lookup_plain_async;
  resolver->lookup_by_name_finish = fake_lookup_finish;
}

static void
fake_resolver_init (FakeResolver *self)
{
}

static void
say_sized (ScriptPeer *peer, gsize bytes, gboolean is_chunked)
{
  g_autofree char *body = g_strnfill (bytes, 'x');

  if (is_chunked)
    script_say (peer,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n",
                (guint)bytes,
                body);
  else
    script_say (peer, "HTTP/1.1 200 OK\r\nContent-Length: %u\r\n\r\n%s", (guint)bytes, body);
}

static void
answer (ScriptPeer *peer, gpointer user_data)
{
  const char *target = script_peer_target (peer);
  guint port = script_server_port (script_peer_server (peer));

  if (g_str_equal (target, "/to-name"))
    script_say (peer, "HTTP/1.1 302 Found\r\nLocation: http://edge.example:%u/x\r\n\r\n", port);
  else if (g_str_equal (target, "/to-literal"))
    script_say (peer, "HTTP/1.1 302 Found\r\nLocation: http://[::1]:%u/x\r\n\r\n", port);
  else if (g_str_equal (target, "/to-self"))
    script_say (peer, "HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n");
  else if (g_str_equal (target, "/part"))
    script_say (peer,
                "HTTP/1.1 206 Partial Content\r\nContent-Type: video/mp4\r\nETag: \"e1\"\r\n"
                "Content-Range: bytes 5-8/20\r\nContent-Length: 4\r\n\r\nfour");
  else if (g_str_equal (target, "/none"))
    script_say (peer, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  else if (g_str_has_prefix (target, "/sized-"))
    say_sized (peer, (gsize)g_ascii_strtoull (target + 7, NULL, 10), FALSE);
  else if (g_str_has_prefix (target, "/chunked-"))
    say_sized (peer, (gsize)g_ascii_strtoull (target + 9, NULL, 10), TRUE);
  else
    script_say (peer, "HTTP/1.1 200 OK\r\n\r\n");
  script_send_packets (peer, 10);
}

static gboolean
dial (ScriptServer *server, const char *host, const char *path, ForgeGuard *guard, GError **error)
{
  g_autofree char *url =
      g_strdup_printf ("http://%s:%u%s", host, script_server_port (server), path);
  ForgeDialOptions options = { .user_agent = "x",
                               .connect_timeout_ms = 10000,
                               .first_byte_timeout_ms = 10000,
                               .guard = guard };
  g_auto (ForgeDial) opened = { 0 };

  return forge_dial_open (url, &options, &opened, NULL, error);
}

static void
test_names_that_lead_home (void)
{
  g_autoptr (ScriptServer) server = script_server_new (answer, NULL, SCRIPT_PLAIN);
  g_autoptr (ForgeGuard) guard = forge_guard_new (sites, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (dial (server, "www.youtube.com", "/", guard, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "www.youtube.com leads to a loopback address"));
  g_assert_cmpuint (script_server_requests (server), ==, 0);
}

static void
test_redirects_that_lead_home (void)
{
  g_autoptr (ScriptServer) server = script_server_new (answer, NULL, SCRIPT_PLAIN);
  const char *const typed[] = { "http://panel.example", NULL };
  g_autoptr (ForgeGuard) guard = forge_guard_new (NULL, typed);
  static const char *const paths[] = { "/to-name", "/to-literal" };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_false (dial (server, "panel.example", paths[i], guard, &error));
    g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
    g_assert_nonnull (strstr (error->message, "loopback"));
    g_assert_cmpuint (script_server_requests (server), ==, i + 1);
  }
  g_autoptr (GError) error = NULL;
  g_assert_true (dial (server, "panel.example", "/to-self", guard, &error));
  g_assert_no_error (error);
}

static const ForgeDialOptions plain = { .user_agent = "x",
                                        .connect_timeout_ms = 10000,
                                        .first_byte_timeout_ms = 10000 };

static void
test_fetch_part (void)
{
  g_autoptr (ScriptServer) server = script_server_new (answer, NULL, SCRIPT_PLAIN);
  g_autofree char *url = script_server_url (server, "/part");
  const ForgeFetchRange range = { .first = 5, .last = 8, .if_range = "\"e\r\n1\"" };
  g_auto (ForgeFetch) fetch = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (forge_fetch_open (url, &range, &plain, &fetch, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fetch.head.status, ==, 206);
  g_assert_cmpstr (fetch.head.content_range, ==, "bytes 5-8/20");
  g_assert_cmpstr (fetch.head.content_type, ==, "video/mp4");
  g_assert_cmpstr (fetch.head.etag, ==, "\"e1\"");
  g_autofree char *asked = script_server_request (server, 0);
  g_assert_nonnull (strstr (asked, "\r\nRange: bytes=5-8\r\nIf-Range: \"e1\"\r\n"));
  g_assert_nonnull (strstr (asked, "\r\nAccept-Encoding: identity\r\n"));
  g_autoptr (GBytes) body = forge_fetch_read_all (&fetch, 100, 10000, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (body, NULL), g_bytes_get_size (body), "four", 4);
}

static void
test_fetch_document_status (void)
{
  g_autoptr (ScriptServer) server = script_server_new (answer, NULL, SCRIPT_PLAIN);
  g_autofree char *url = script_server_url (server, "/none");
  g_autoptr (GError) error = NULL;

  g_assert_null (forge_fetch_document (url, &plain, 100, NULL, NULL, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND);
}

static void
assert_document (ScriptServer *server, const char *path, gboolean is_read)
{
  g_autofree char *url = script_server_url (server, path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = forge_fetch_document (url, &plain, 100, NULL, NULL, &error);

  if (is_read) {
    g_assert_no_error (error);
    g_assert_cmpuint (g_bytes_get_size (body), ==, 100);
  } else {
    g_assert_null (body);
    g_assert_error (error, FORGE_ERROR, FORGE_ERROR_TOO_LARGE);
    g_assert_nonnull (strstr (error->message, "100 bytes"));
  }
}

/* To the byte, however it is sent. */
static void
test_fetch_document_size (void)
{
  g_autoptr (ScriptServer) server = script_server_new (answer, NULL, SCRIPT_PLAIN);

  assert_document (server, "/sized-100", TRUE);
  assert_document (server, "/sized-101", FALSE);
  assert_document (server, "/chunked-100", TRUE);
  assert_document (server, "/chunked-101", FALSE);
  assert_document (server, "/unsized", FALSE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_autoptr (GResolver) resolver = g_object_new (FAKE_TYPE_RESOLVER, NULL);
  g_resolver_set_default (resolver);
  g_test_add_func ("/net/guard/address-classes", test_classes);
  g_test_add_func ("/net/guard/hosts-on-the-list", test_urls_on_the_list);
  g_test_add_func ("/net/guard/urls-refused", test_urls_refused);
  g_test_add_func ("/net/guard/neighbours-of-the-list", test_neighbours_of_the_list);
  g_test_add_func ("/net/guard/trusted-hosts", test_trusted_hosts);
  g_test_add_func ("/net/guard/names-that-lead-home", test_names_that_lead_home);
  g_test_add_func ("/net/guard/redirects-that-lead-home", test_redirects_that_lead_home);
  g_test_add_func ("/net/fetch/part-of-a-file", test_fetch_part);
  g_test_add_func ("/net/fetch/size-of-a-document", test_fetch_document_size);
  g_test_add_func ("/net/fetch/document-that-is-not-there", test_fetch_document_status);
  return g_test_run ();
}

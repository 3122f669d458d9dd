/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "server/forge-gzip.h"
#include "server/forge-host-guard.h"
#include "server/forge-reply-private.h"
#include "server/forge-request-private.h"
#include "server/forge-router-private.h"

#include <string.h>
#include <unistd.h>

/* The decisions that need no socket. */

static gboolean
is_near (ForgeLocalAddresses *addresses, const char *text)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (text);

  return forge_local_addresses_is_near (addresses, address);
}

static ForgeLocalAddresses *
make_addresses (void)
{
  static const char *const cidrs[] = {
    "127.0.0.1/8",  "192.168.1.5/24", "10.0.0.7/20",    "203.0.113.5/24",
    "fd00:1::5/64", "fe80::1/64",     "2001:db8::5/64", NULL,
  };

  return forge_local_addresses_new_fixed (cidrs);
}

static void
test_peers_of_our_private_subnets_are_near (void)
{
  static const char *const near[] = {
    "127.0.0.1",  "::1",        "192.168.1.200", "10.0.15.255",
    "fd00:1::77", "fe80::abcd", "203.0.113.5",   "2001:db8::5",
  };
  static const char *const far[] = {
    "192.168.2.1", "10.0.16.0",   "172.16.0.1",  "203.0.113.6", "8.8.8.8",
    "fd00:2::77",  "2001:db8::6", "169.254.1.1", "::",          "fe80:0:0:1::1",
  };
  g_autoptr (ForgeLocalAddresses) addresses = make_addresses ();

  for (guint i = 0; i < G_N_ELEMENTS (near); i++)
    if (!is_near (addresses, near[i]))
      g_error ("%s is refused", near[i]);
  for (guint i = 0; i < G_N_ELEMENTS (far); i++)
    if (is_near (addresses, far[i]))
      g_error ("%s is let in", far[i]);
}

static void
test_lan_address_is_private_ipv4 (void)
{
  static const char *const none[] = { "127.0.0.1/8", "203.0.113.5/24", "fd00::1/64", NULL };
  g_autoptr (ForgeLocalAddresses) addresses = make_addresses ();
  g_autoptr (ForgeLocalAddresses) lonely = forge_local_addresses_new_fixed (none);
  g_autoptr (ForgeLocalAddresses) real = forge_local_addresses_new ();
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autofree char *address = forge_local_addresses_lan_ipv4 (addresses);
  g_autofree char *missing = forge_local_addresses_lan_ipv4 (lonely);

  g_assert_cmpstr (address, ==, "192.168.1.5");
  g_assert_null (missing);
  g_assert_true (forge_local_addresses_is_own (real, loopback));
}

static void
test_hosts_that_mean_us (void)
{
  char name[256] = "";
  g_autoptr (ForgeLocalAddresses) addresses = make_addresses ();
  g_autoptr (GInetAddress) local = g_inet_address_new_from_string ("198.51.100.1");
  static const char *const ours[] = {
    "localhost", "LOCALHOST.", "127.0.0.1", "127.9.9.9", "::1", "192.168.1.5", "198.51.100.1",
  };
  static const char *const foreign[] = {
    "evil.example",
    "localhost.evil.example",
    "192.168.1.6",
    "0.0.0.0",
    "::",
    "1",
    "127.0.0.1.evil.example",
    "",
    "local",
    "localhos",
  };

  for (guint i = 0; i < G_N_ELEMENTS (ours); i++)
    if (!forge_host_guard_allows (addresses, local, ours[i]))
      g_error ("%s is refused", ours[i]);
  for (guint i = 0; i < G_N_ELEMENTS (foreign); i++)
    if (forge_host_guard_allows (addresses, local, foreign[i]))
      g_error ("%s is let in", foreign[i]);
  g_assert_cmpint (gethostname (name, sizeof name - 1), ==, 0);
  name[strcspn (name, ".")] = '\0';
  g_autofree char *dot_local = g_strconcat (name, ".local", NULL);
  g_autofree char *dot_evil = g_strconcat (name, ".evil.example", NULL);
  g_assert_true (forge_host_guard_allows (addresses, NULL, name));
  g_assert_true (forge_host_guard_allows (addresses, NULL, dot_local));
  g_assert_false (forge_host_guard_allows (addresses, NULL, dot_evil));
}

static ForgeReply *
handler (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  return NULL;
}

static void
assert_route (ForgeRouter *router, const char *method, const char *path, int wanted)
{
  ForgeRouteMatch match;

  forge_router_find (router, method, path, &match);
  g_free (match.allow);
  g_assert_cmpint (match.route ? GPOINTER_TO_INT (match.route->user_data) : 0, ==, wanted);
}

static void
test_longest_pattern_wins (void)
{
  g_autoptr (ForgeRouter) router = forge_router_new ();
  ForgeRouteMatch match;

  forge_router_add (router, "GET", "/*", FORGE_RUN_JOB, handler, GINT_TO_POINTER (1));
  forge_router_add (router, "GET", "/a/*", FORGE_RUN_JOB, handler, GINT_TO_POINTER (2));
  forge_router_add (router, "GET", "/a/b", FORGE_RUN_JOB, handler, GINT_TO_POINTER (3));
  forge_router_add (router, "GET", "/a/b*", FORGE_RUN_JOB, handler, GINT_TO_POINTER (4));
  forge_router_add (router, "POST|PURGE", "/a/b", FORGE_RUN_JOB, handler, GINT_TO_POINTER (5));
  assert_route (router, "GET", "/", 1);
  assert_route (router, "GET", "/a", 1);
  assert_route (router, "GET", "/a/x", 2);
  assert_route (router, "HEAD", "/a/b", 3);
  assert_route (router, "GET", "/a/bc", 4);
  assert_route (router, "PURGE", "/a/b", 5);
  assert_route (router, "POST", "/a/bc", 0);
  assert_route (router, "GET", "a", 0);
  forge_router_find (router, "DELETE", "/a/b", &match);
  g_assert_nonnull (match.allow);
  g_assert_nonnull (strstr (match.allow, "GET, HEAD"));
  g_assert_nonnull (strstr (match.allow, "POST, PURGE"));
  g_free (match.allow);
  forge_router_find (router, "GET", "/a/x%2", &match);
  g_assert_cmpstr (match.tail, ==, "x%2");
}

static void
test_paths_are_decoded_strictly (void)
{
  static const struct {
    const char *encoded, *decoded;
  } cases[] = {
    { "/a%20b", "/a b" },
    { "//a///b/", "/a/b/" },
    { "/%C3%A9", "/é" },
    { "/a+b", "/a+b" },
    { "/%2541", "/%41" },
    { "/a%2Fb", "/a/b" },
    { "/...", "/..." },
    { "/", "/" },
    { "", NULL },
    { "a", NULL },
    { "/%", NULL },
    { "/%4", NULL },
    { "/%4g", NULL },
    { "/%00", NULL },
    { "/%ff", NULL },
    { "/..", NULL },
    { "/a/../b", NULL },
    { "/%2e%2E/b", NULL },
    { "/.", NULL },
    { "/a/%2e", NULL },
    { "/a%2f..%2fb", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *decoded = forge_request_decode_path (cases[i].encoded);
    g_test_message ("%s", cases[i].encoded);
    g_assert_cmpstr (decoded, ==, cases[i].decoded);
  }
}

static void
test_queries_are_decoded (void)
{
  g_autoptr (GHashTable) query =
      forge_request_decode_query ("a=1&b=x+y%2B&c&a=2&&=e&d=%3D=&long%20name=%26");
  g_autoptr (GHashTable) empty = forge_request_decode_query (NULL);

  g_assert_cmpstr (g_hash_table_lookup (query, "a"), ==, "2");
  g_assert_cmpstr (g_hash_table_lookup (query, "b"), ==, "x y+");
  g_assert_cmpstr (g_hash_table_lookup (query, "c"), ==, "");
  g_assert_cmpstr (g_hash_table_lookup (query, "d"), ==, "==");
  g_assert_cmpstr (g_hash_table_lookup (query, "long name"), ==, "&");
  g_assert_cmpuint (g_hash_table_size (empty), ==, 0);
  g_assert_null (forge_request_decode_query ("a=%00"));
  g_assert_null (forge_request_decode_query ("%f=1"));
  g_assert_null (forge_request_decode_query ("a=%fe"));
}

static void
test_accepted_codings (void)
{
  g_assert_true (forge_gzip_is_accepted ("gzip"));
  g_assert_true (forge_gzip_is_accepted ("deflate, GZIP;q=0.5"));
  g_assert_true (forge_gzip_is_accepted ("*"));
  g_assert_true (forge_gzip_is_accepted ("br, x-gzip ; q=1"));
  g_assert_false (forge_gzip_is_accepted (NULL));
  g_assert_false (forge_gzip_is_accepted (""));
  g_assert_false (forge_gzip_is_accepted ("identity, br"));
  g_assert_false (forge_gzip_is_accepted ("gzip;q=0"));
  g_assert_false (forge_gzip_is_accepted ("gzip; q=0.000, *"));
  g_assert_false (forge_gzip_is_accepted ("*;q=0"));
  g_assert_false (forge_gzip_is_accepted ("gzipped"));
}

static void
test_media_is_never_compressed (void)
{
  ForgeReplyTerms terms = { .is_get = TRUE, .accepts_gzip = TRUE };
  g_autoptr (ForgeReply) media = forge_reply_new_text ("video/mp2t", g_strnfill (9000, 'a'));
  g_autoptr (ForgeReply) posted = forge_reply_new_text ("application/json", g_strdup ("{}"));

  forge_reply_finish (media, &terms);
  g_assert_cmpuint (g_bytes_get_size (forge_reply_body (media)), ==, 9000);
  g_assert_false (media->is_gzipped);
  terms.is_get = FALSE;
  terms.if_none_match = "*";
  forge_reply_finish (posted, &terms);
  g_assert_cmpuint (forge_reply_status (posted), ==, 200);
  g_assert_null (posted->etag);
}

static void
test_errors_become_statuses_without_secrets (void)
{
  static const struct {
    ForgeError code;
    guint status;
  } cases[] = {
    { FORGE_ERROR_RETRY, 503 },     { FORGE_ERROR_AUTH, 403 },
    { FORGE_ERROR_LIMIT, 503 },     { FORGE_ERROR_NOT_FOUND, 404 },
    { FORGE_ERROR_INVALID, 400 },   { FORGE_ERROR_TOO_LARGE, 413 },
    { FORGE_ERROR_STORAGE, 500 },   { FORGE_ERROR_UNSUPPORTED, 501 },
    { FORGE_ERROR_HELD_BACK, 409 }, { FORGE_ERROR_INTERNAL, 500 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error =
        g_error_new_literal (FORGE_ERROR,
                             cases[i].code,
                             "http://panel.example/live/me/secret/1.ts failed");
    g_autoptr (ForgeReply) reply = forge_reply_new_error (0, error);
    const char *body = g_bytes_get_data (forge_reply_body (reply), NULL);
    g_assert_cmpuint (forge_reply_status (reply), ==, cases[i].status);
    g_assert_nonnull (strstr (body, "panel.example"));
    g_assert_null (strstr (body, "secret"));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server/rules/peers-of-our-private-subnets-are-near",
                   test_peers_of_our_private_subnets_are_near);
  g_test_add_func ("/server/rules/lan-address-is-private-ipv4", test_lan_address_is_private_ipv4);
  g_test_add_func ("/server/rules/hosts-that-mean-us", test_hosts_that_mean_us);
  g_test_add_func ("/server/rules/longest-pattern-wins", test_longest_pattern_wins);
  g_test_add_func ("/server/rules/paths-are-decoded-strictly", test_paths_are_decoded_strictly);
  g_test_add_func ("/server/rules/queries-are-decoded", test_queries_are_decoded);
  g_test_add_func ("/server/rules/accepted-codings", test_accepted_codings);
  g_test_add_func ("/server/rules/media-is-never-compressed", test_media_is_never_compressed);
  g_test_add_func ("/server/rules/errors-become-statuses-without-secrets",
                   test_errors_become_statuses_without_secrets);
  return g_test_run ();
}

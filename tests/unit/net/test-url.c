/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "net/forge-url.h"

#include <gio/gio.h>

typedef struct {
  const char *typed, *server, *username, *password;
} Good;

static void
test_every_form_is_normalised (void)
{
  static const Good table[] = {
    { "example.com", "http://example.com", NULL, NULL },
    { "  Example.COM:8080/ ", "http://example.com:8080", NULL, NULL },
    { "http://example.com:80/", "http://example.com", NULL, NULL },
    { "HTTPS://example.com:443", "https://example.com", NULL, NULL },
    { "https://example.com:8443", "https://example.com:8443", NULL, NULL },
    { "example.com:443", "https://example.com", NULL, NULL },
    { "http://example.com:443", "http://example.com:443", NULL, NULL },
    { "//example.com", "http://example.com", NULL, NULL },
    { "http://http://example.com", "http://example.com", NULL, NULL },
    { "http://example.com:", "http://example.com", NULL, NULL },
    { "example.com.", "http://example.com", NULL, NULL },
    { "http://example.com/sub/path/", "http://example.com/sub/path", NULL, NULL },
    { "http://example.com/a b", NULL, NULL, NULL },
    { "http://example.com/tv/player_api.php", "http://example.com/tv", NULL, NULL },
    { "http://example.com/player_api.php/", "http://example.com", NULL, NULL },
    { "http://example.com/GET.PHP?x=1#frag", "http://example.com", NULL, NULL },
    { "http://e.com/player_api.php?username=bob&password=s%40c%2Fr%26t",
      "http://e.com",
      "bob",
      "s@c/r&t" },
    { "http://e.com:8080/get.php?username=bob%20&password=pw&type=m3u_plus&output=ts",
      "http://e.com:8080",
      "bob",
      "pw" },
    { "e.com/xmltv.php?username=a%40b.de&amp;password=x", "http://e.com", "a@b.de", "x" },
    { "http://e.com/get.php?username=&password=x", "http://e.com", NULL, "x" },
    { "http://bob:p@ss@e.com/", "http://e.com", "bob", "p@ss" },
    { "http://e.com/live/bob/p%40ss/123.ts", "http://e.com", "bob", "p@ss" },
    { "http://e.com/sub/movie/bob/pw/9.mkv", "http://e.com/sub", "bob", "pw" },
    { "http://münchen.example/", "http://xn--mnchen-3ya.example", NULL, NULL },
    { "http://[2001:DB8::1]:8080/x/", "http://[2001:db8::1]:8080/x", NULL, NULL },
    { "2001:db8::1", "http://[2001:db8::1]", NULL, NULL },
    { "192.168.1.5:25461", "http://192.168.1.5:25461", NULL, NULL },
    { "\"http://e.com\"", "http://e.com", NULL, NULL },
    { "\xE2\x80\x8Bhttp://e.com\xC2\xA0", "http://e.com", NULL, NULL },
    { "http://e.com/ümlaut", "http://e.com/%C3%BCmlaut", NULL, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autofree char *username = NULL, *password = NULL;
    g_autoptr (GError) error = NULL;
    g_autofree char *server =
        forge_url_normalise_server (table[i].typed, &username, &password, &error);
    g_autofree char *shown = g_strescape (table[i].typed, NULL);
    g_test_message ("%s → %s", shown, error ? "refused" : server);
    g_assert_cmpstr (server, ==, table[i].server);
    g_assert_cmpstr (username, ==, table[i].username);
    g_assert_cmpstr (password, ==, table[i].password);
    /* Normal form is a fixed point. */
    if (server) {
      g_autofree char *again = forge_url_normalise_server (server, NULL, NULL, NULL);
      g_assert_cmpstr (again, ==, server);
    }
  }
}

static void
test_wrong_ones_say_what_is_wrong (void)
{
  static const struct {
    const char *typed, *says;
  } table[] = {
    { "", "empty" },
    { " \t\n", "empty" },
    { "ftp://example.com", "ftp://" },
    { "file:///etc/passwd", "file://" },
    { "http://", "no host" },
    { "http:///path", "no host" },
    { "http://example.com:0", "\"0\"" },
    { "http://example.com:65536", "65535" },
    { "http://example.com:abc", "\"abc\"" },
    { "http://example.com:-1", "\"-1\"" },
    { "http://exa mple.com", "space" },
    { "http://exa\001mple.com", "control" },
    { "http://exa$mple.com", "\"$\"" },
    { "http://a..b", "empty part" },
    { "http://[::1", "bracket" },
    { "http://[::g]", "IPv6" },
    { "http://[::1]x", "port" },
    { "1:2:3", "IPv6" },
    { "\xFF\xFE", "text" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *server = forge_url_normalise_server (table[i].typed, NULL, NULL, &error);
    g_autofree char *shown = g_strescape (table[i].typed, NULL);
    g_test_message ("%s: %s", shown, error ? "refused" : server);
    g_assert_null (server);
    g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
    g_assert_nonnull (strstr (error->message, table[i].says));
  }
}

static void
test_long_input_is_refused (void)
{
  g_autofree char *host = g_strnfill (300, 'a');
  g_autofree char *huge = g_strnfill (100000, 'a');

  g_assert_null (forge_url_normalise_server (host, NULL, NULL, NULL));
  g_assert_null (forge_url_normalise_server (huge, NULL, NULL, NULL));
}

static void
test_escape_survives_path_and_query (void)
{
  static const char password[] = "p@ss/w:rd&1%+ ü?#";
  g_autofree char *coded = forge_url_escape (password);
  g_autofree char *query =
      g_strdup_printf ("http://e.com/player_api.php?username=u&password=%s", coded);
  g_autofree char *play = g_strdup_printf ("http://e.com/live/u/%s/7.ts", coded);
  const char *const urls[] = { query, play };

  g_assert_null (strpbrk (coded, "@/:&+ ?#"));
  for (gsize i = 0; i < G_N_ELEMENTS (urls); i++) {
    g_autofree char *username = NULL, *back = NULL;
    g_autofree char *server = forge_url_normalise_server (urls[i], &username, &back, NULL);
    g_assert_cmpstr (server, ==, "http://e.com");
    g_assert_cmpstr (username, ==, "u");
    g_assert_cmpstr (back, ==, password);
  }
}

static void
test_host_names_no_secret (void)
{
  static const struct {
    const char *url, *host;
  } table[] = {
    { "http://e.com:80/live/u/p/1.ts", "e.com" },
    { "http://u:p@e.com/x", "e.com" },
    { "https://[::1]:8/x", "[::1]" },
    { "http://u:p@ss@e.com:1?q", "e.com" },
    { "nothing", "?" },
    { "http://", "?" },
    { "http://?password=x", "?" },
    { NULL, "?" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autofree char *host = forge_url_host (table[i].url);
    g_assert_cmpstr (host, ==, table[i].host);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/url/every-form-is-normalised", test_every_form_is_normalised);
  g_test_add_func ("/net/url/wrong-ones-say-what-is-wrong", test_wrong_ones_say_what_is_wrong);
  g_test_add_func ("/net/url/long-input-is-refused", test_long_input_is_refused);
  g_test_add_func ("/net/url/escape-survives-path-and-query", test_escape_survives_path_and_query);
  g_test_add_func ("/net/url/host-names-no-secret", test_host_names_no_secret);
  return g_test_run ();
}

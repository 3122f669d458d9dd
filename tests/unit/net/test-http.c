/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "net/forge-http-private.h"
#include "script-server.h"

#include <stdio.h>
#include <string.h>

#define AGENT "VLC/3.0.20 LibVLC/3.0.20"

static ForgeHttp *
http_new (const char *proxy, gboolean verify_tls)
{
  ForgeHttpOptions options = { .user_agent = AGENT,
                               .proxy = proxy,
                               .verify_tls = verify_tls,
                               .connect_timeout_s = 5,
                               .first_byte_timeout_s = 1,
                               .idle_timeout_s = 1 };

  return forge_http_new (&options);
}

static ForgeHttpReply *
get (ForgeHttp *http, ScriptServer *server, const char *path, GError **error)
{
  g_autofree char *url = script_server_url (server, path);

  return forge_http_get (http, url, NULL, NULL, NULL, error);
}

static char *
read_all (ForgeHttpReply *reply, GError **error)
{
  GString *text = g_string_new (NULL);
  char buffer[4096];
  gssize n;

  while ((n = g_input_stream_read (reply->body, buffer, sizeof buffer, NULL, error)) > 0)
    g_string_append_len (text, buffer, n);
  return g_string_free (text, n < 0);
}

/* Every path is one behaviour. */
static void
script (ScriptPeer *peer, gpointer user_data)
{
  const char *target = script_peer_target (peer);
  guint code;

  if (g_str_equal (target, "/plain"))
    script_say (peer,
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nETag: \"e1\"\r\n"
                "Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT\r\nRetry-After: 7\r\n"
                "Set-Cookie: a=b\r\nContent-Length: 5\r\n\r\nhello");
  else if (g_str_equal (target, "/chunked"))
    script_say (peer, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  else if (g_str_equal (target, "/not-modified"))
    script_say (peer, "HTTP/1.1 304 Not Modified\r\nETag: \"e1\"\r\n\r\n");
  else if (sscanf (target, "/status/%u", &code) == 1)
    script_say (peer, "HTTP/1.1 %u Nope\r\nContent-Length: 2\r\n\r\nno", code);
  else if (g_str_equal (target, "/slow-down"))
    script_say (peer, "HTTP/1.1 429 Slow\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n");
  else if (g_str_equal (target, "/hop"))
    script_say (peer, "HTTP/1.1 302 Found\r\nLocation: /plain\r\nContent-Length: 0\r\n\r\n");
  else if (g_str_equal (target, "/loop"))
    script_say (peer, "HTTP/1.1 302 Found\r\nLocation: /loop\r\nContent-Length: 0\r\n\r\n");
  else if (g_str_equal (target, "/to-file"))
    script_say (peer,
                "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n");
  else if (g_str_equal (target, "/silent"))
    script_hold (peer, 0);
  else if (g_str_equal (target, "/stall")) {
    script_say (peer, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
    script_hold (peer, 0);
  } else if (g_str_equal (target, "/short"))
    script_say (peer, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
  else if (g_str_equal (target, "/not-gzip"))
    script_say (peer,
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 16\r\n\r\n"
                "this is no gzip!");
  else if (g_str_equal (target, "/part"))
    script_say (peer,
                "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 10-14/100\r\n"
                "Content-Length: 5\r\n\r\nhello");
  else if (g_str_equal (target, "/parts"))
    script_say (peer, "HTTP/1.1 206 Partial Content\r\nContent-Length: 5\r\n\r\nhello");
  else if (g_str_equal (target, "/reset"))
    script_reset (peer);
}

static void
test_plain_document (void)
{
  g_autoptr (ScriptServer) server = script_server_new (script, NULL, SCRIPT_PLAIN);
  g_autoptr (ForgeHttp) http = http_new (NULL, TRUE);
  g_autoptr (GError) error = NULL;
  g_autofree char *url = script_server_url (server, "/plain");

  for (guint i = 0; i < 2; i++) {
    g_autoptr (ForgeHttpReply) reply =
        forge_http_get (http, url, i ? "\"e\r\nX: 1\"" : NULL, NULL, NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (reply->status, ==, 200);
    g_assert_cmpstr (reply->content_type, ==, "application/json");
    g_assert_cmpstr (reply->etag, ==, "\"e1\"");
    g_assert_cmpstr (reply->last_modified, ==, "Mon, 01 Jan 2024 00:00:00 GMT");
    g_assert_cmpint (reply->length, ==, 5);
    g_assert_cmpuint (reply->retry_after_s, ==, 7);
    g_autofree char *body = read_all (reply, &error);
    g_assert_cmpstr (body, ==, "hello");
  }
  g_autofree char *first = script_server_request (server, 0);
  g_autofree char *second = script_server_request (server, 1);
  g_assert_nonnull (strstr (first, "User-Agent: " AGENT "\r\n"));
  g_assert_nonnull (strstr (first, "Accept-Encoding: gzip\r\n"));
  g_assert_null (strstr (first, "If-None-Match"));
  g_assert_null (strstr (second, "Cookie"));
  g_assert_null (strstr (second, "\r\nX: 1"));
  g_assert_nonnull (strstr (second, "If-None-Match: \"eX: 1\""));
}

static void
test_chunked_redirect_and_304 (void)
{
  g_autoptr (ScriptServer) server = script_server_new (script, NULL, SCRIPT_PLAIN);
  g_autoptr (ForgeHttp) http = http_new (NULL, TRUE);
  g_autoptr (ForgeHttpReply) chunked = get (http, server, "/chunked", NULL);
  g_autofree char *abc = read_all (chunked, NULL);
  g_assert_cmpstr (abc, ==, "abc");
  g_assert_cmpint (chunked->length, ==, -1);

  g_autoptr (ForgeHttpReply) hop = get (http, server, "/hop", NULL);
  g_autofree char *hello = read_all (hop, NULL);
  g_assert_cmpstr (hello, ==, "hello");

  g_autofree char *url = script_server_url (server, "/not-modified");
  g_autoptr (ForgeHttpReply) same = forge_http_get (http, url, "\"e1\"", "then", NULL, NULL);
  g_assert_cmpuint (same->status, ==, 304);
  g_assert_null (same->body);
}

static void
test_ranges (void)
{
  g_autoptr (ScriptServer) server = script_server_new (script, NULL, SCRIPT_PLAIN);
  g_autoptr (ForgeHttp) http = http_new (NULL, TRUE);
  g_autofree char *url = script_server_url (server, "/part");
  g_autofree char *odd = script_server_url (server, "/parts");
  g_autofree char *hop = script_server_url (server, "/hop");
  g_autofree char *plain = script_server_url (server, "/plain");
  g_autoptr (GError) error = NULL;

  g_autoptr (ForgeHttpReply) part = forge_http_get_range (http, url, 10, 5, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (part->status, ==, 206);
  g_assert_cmpint (part->range_start, ==, 10);
  g_autofree char *body = read_all (part, &error);
  g_assert_cmpstr (body, ==, "hello");
  g_autofree char *request = script_server_request (server, 0);
  g_assert_nonnull (strstr (request, "Range: bytes=10-14\r\n"));
  g_assert_nonnull (strstr (request, "Accept-Encoding: identity\r\n"));
  /* one that does not say where it begins begins nowhere */
  g_autoptr (ForgeHttpReply) parts = forge_http_get_range (http, odd, 10, 5, NULL, &error);
  g_assert_cmpint (parts->range_start, ==, G_MAXINT64);
  /* all of it, and where it came from */
  g_autoptr (ForgeHttpReply) whole = forge_http_get_range (http, hop, 0, -1, NULL, &error);
  g_assert_cmpint (whole->range_start, ==, -1);
  g_assert_cmpstr (whole->final_url, ==, plain);
  g_autofree char *last = script_server_request (server, 3);
  g_assert_null (strstr (last, "Range:"));
  /* a 206 that nobody asked for is none of ours */
  g_assert_null (forge_http_get_range (http, url, 0, -1, NULL, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
}

static void
test_cookies_only_if_asked (void)
{
  const ForgeHttpOptions options = { .user_agent = AGENT, .keeps_cookies = TRUE };
  g_autoptr (ScriptServer) server = script_server_new (script, NULL, SCRIPT_PLAIN);
  g_autoptr (ForgeHttp) http = forge_http_new (&options);

  for (guint i = 0; i < 2; i++) {
    g_autoptr (ForgeHttpReply) reply = get (http, server, "/plain", NULL);
    g_assert_nonnull (reply);
  }
  g_autofree char *second = script_server_request (server, 1);
  g_assert_nonnull (strstr (second, "Cookie: a=b\r\n"));
}

static void
test_statuses_map_to_codes (void)
{
  static const struct {
    guint status;
    ForgeError code;
  } table[] = {
    { 401, FORGE_ERROR_AUTH },      { 403, FORGE_ERROR_LIMIT },   { 429, FORGE_ERROR_LIMIT },
    { 458, FORGE_ERROR_LIMIT },     { 509, FORGE_ERROR_LIMIT },   { 404, FORGE_ERROR_NOT_FOUND },
    { 410, FORGE_ERROR_NOT_FOUND }, { 408, FORGE_ERROR_RETRY },   { 500, FORGE_ERROR_RETRY },
    { 503, FORGE_ERROR_RETRY },     { 521, FORGE_ERROR_RETRY },   { 400, FORGE_ERROR_INVALID },
    { 406, FORGE_ERROR_INVALID },   { 451, FORGE_ERROR_INVALID }, { 884, FORGE_ERROR_INVALID },
    { 999, FORGE_ERROR_INVALID },   { 204, FORGE_ERROR_INVALID }, { 300, FORGE_ERROR_INVALID },
  };
  g_autoptr (ScriptServer) server = script_server_new (script, NULL, SCRIPT_PLAIN);
  g_autoptr (ForgeHttp) http = http_new (NULL, TRUE);

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autofree char *path = g_strdup_printf ("/status/%u/secret?password=pw", table[i].status);
    g_autofree char *says = g_strdup_printf ("127.0.0.1: HTTP %u", table[i].status);
    g_autoptr (GError) error = NULL;
    g_assert_null (get (http, server, path, &error));
    g_assert_error (error, FORGE_ERROR, (gint)table[i].code);
    g_assert_cmpstr (error->message, ==, says);
    g_assert_cmpuint (forge_http_last_status (http), ==, table[i].status);
  }
  g_autoptr (GError) error = NULL;
  g_assert_null (get (http, server, "/slow-down", &error));
  g_assert_cmpstr (error->message, ==, "127.0.0.1: HTTP 429, asks to wait 120 s");
}

static void
test_failures_end_cleanly (void)
{
  static const struct {
    const char *path;
    ForgeError code;
    const char *says;
  } table[] = {
    { "/loop", FORGE_ERROR_INVALID, "more than 5" },
    { "/to-file", FORGE_ERROR_UNSUPPORTED, "file://" },
    { "/silent", FORGE_ERROR_RETRY, "no answer within 1 s" },
    { "/reset", FORGE_ERROR_RETRY, "127.0.0.1" },
  };
  g_autoptr (ScriptServer) server = script_server_new (script, NULL, SCRIPT_PLAIN);
  g_autoptr (ForgeHttp) http = http_new (NULL, TRUE);

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (get (http, server, table[i].path, &error));
    g_test_message ("%s: %s", table[i].path, error->message);
    g_assert_error (error, FORGE_ERROR, (gint)table[i].code);
    g_assert_nonnull (strstr (error->message, table[i].says));
    g_assert_null (strstr (error->message, table[i].path));
  }
}

static void
test_bodies_that_break (void)
{
  static const struct {
    const char *path;
    ForgeError code;
  } table[] = { { "/stall", FORGE_ERROR_RETRY }, { "/short", FORGE_ERROR_RETRY } };
  g_autoptr (ScriptServer) server = script_server_new (script, NULL, SCRIPT_PLAIN);
  g_autoptr (ForgeHttp) http = http_new (NULL, TRUE);

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (ForgeHttpReply) reply = get (http, server, table[i].path, &error);
    g_assert_no_error (error);
    g_assert_null (read_all (reply, &error));
    g_test_message ("%s: %s", table[i].path, error->message);
    g_assert_error (error, FORGE_ERROR, (gint)table[i].code);
    g_assert_true (g_str_has_prefix (error->message, "127.0.0.1: "));
  }
}

static void
test_plain_body_called_gzip_is_read (void)
{
  g_autoptr (ScriptServer) server = script_server_new (script, NULL, SCRIPT_PLAIN);
  g_autoptr (ForgeHttp) http = http_new (NULL, TRUE);
  g_autoptr (ForgeHttpReply) reply = get (http, server, "/not-gzip", NULL);
  g_autofree char *body = read_all (reply, NULL);

  g_assert_cmpstr (body, ==, "this is no gzip!");
}

static void
script_gzip (ScriptPeer *peer, gpointer user_data)
{
  GBytes *body = user_data;

  script_say (peer,
              "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n",
              g_bytes_get_size (body));
  script_send (peer, g_bytes_get_data (body, NULL), g_bytes_get_size (body));
}

static GBytes *
gzip (gsize zeros)
{
  g_autoptr (GConverter) compressor =
      G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9));
  g_autofree guint8 *data = g_malloc0 (zeros);
  g_autoptr (GInputStream) plain = g_memory_input_stream_new_from_data (data, (gssize)zeros, NULL);
  g_autoptr (GInputStream) packed = g_converter_input_stream_new (plain, compressor);
  guint8 *out = g_malloc (zeros + 1024);
  gsize n;

  g_assert_true (g_input_stream_read_all (packed, out, zeros + 1024, &n, NULL, NULL));
  return g_bytes_new_take (out, n);
}

static void
test_gzip_is_decoded_and_capped (void)
{
  g_autoptr (GBytes) body = gzip (3000000);
  g_autoptr (ScriptServer) server = script_server_new (script_gzip, body, SCRIPT_PLAIN);
  g_autoptr (ForgeHttp) http = http_new (NULL, TRUE);
  g_autoptr (GError) error = NULL;
  gsize total = 0;
  char buffer[65536];

  g_autoptr (ForgeHttpReply) reply = get (http, server, "/", NULL);
  for (gssize n; (n = g_input_stream_read (reply->body, buffer, sizeof buffer, NULL, NULL)) > 0;)
    total += (gsize)n;
  g_assert_cmpuint (total, ==, 3000000);

  forge_http_set_max_body (http, 1000000);
  g_autoptr (ForgeHttpReply) again = get (http, server, "/", NULL);
  g_assert_null (read_all (again, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_TOO_LARGE);
}

static void
test_damaged_gzip_is_an_error (void)
{
  g_autoptr (GBytes) good = gzip (3000000);
  gsize size = g_bytes_get_size (good);
  guint8 *copy = g_memdup2 (g_bytes_get_data (good, NULL), size);

  memset (copy + size / 2, 0xFF, 64);
  g_autoptr (GBytes) damaged = g_bytes_new_take (copy, size);
  g_autoptr (ScriptServer) server = script_server_new (script_gzip, damaged, SCRIPT_PLAIN);
  g_autoptr (ForgeHttp) http = http_new (NULL, TRUE);
  g_autoptr (GError) error = NULL;
  g_autoptr (ForgeHttpReply) reply = get (http, server, "/", NULL);
  g_assert_null (read_all (reply, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
}

static void
test_bad_addresses_are_refused (void)
{
  static const struct {
    const char *url;
    ForgeError code;
  } table[] = { { "ftp://e.com/", FORGE_ERROR_UNSUPPORTED },
                { "http://", FORGE_ERROR_INVALID },
                { "nonsense", FORGE_ERROR_INVALID } };
  g_autoptr (ForgeHttp) http = http_new (NULL, TRUE);
  g_autoptr (ForgeHttp) odd = http_new ("gopher://u:secret@proxy:1", TRUE);
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autoptr (GError) wrong = NULL;
    g_assert_null (forge_http_get (http, table[i].url, NULL, NULL, NULL, &wrong));
    g_assert_error (wrong, FORGE_ERROR, (gint)table[i].code);
  }
  g_assert_null (forge_http_get (odd, "http://127.0.0.1/", NULL, NULL, NULL, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_UNSUPPORTED);
  g_assert_null (strstr (error->message, "secret"));
}

static gpointer
cancel_when_asked (gpointer data)
{
  gpointer *pair = data;

  while (script_server_requests (pair[0]) == 0)
    g_thread_yield ();
  g_cancellable_cancel (pair[1]);
  return NULL;
}

static void
test_cancel_from_another_thread (void)
{
  g_autoptr (ScriptServer) server = script_server_new (script, NULL, SCRIPT_PLAIN);
  g_autoptr (ForgeHttp) http = http_new (NULL, TRUE);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *url = script_server_url (server, "/silent");
  g_autoptr (GError) error = NULL;
  gpointer pair[2] = { server, cancellable };
  GThread *thread = g_thread_new ("cancel", cancel_when_asked, pair);

  g_assert_null (forge_http_get (http, url, NULL, NULL, cancellable, &error));
  g_thread_join (thread);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_certificate_is_checked (void)
{
  g_autoptr (ScriptServer) server = script_server_new (script, NULL, SCRIPT_TLS);
  g_autoptr (ForgeHttp) strict = http_new (NULL, TRUE);
  g_autoptr (ForgeHttp) lax = http_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;

  g_assert_null (get (strict, server, "/plain", &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  g_assert_cmpuint (script_server_requests (server), ==, 0);
  g_autoptr (ForgeHttpReply) reply = get (lax, server, "/plain", NULL);
  g_autofree char *body = read_all (reply, NULL);
  g_assert_cmpstr (body, ==, "hello");
}

static void
test_proxy_is_used (void)
{
  g_autoptr (ScriptServer) server = script_server_new (script, NULL, SCRIPT_PLAIN);
  g_autofree char *proxy = script_server_url (server, "");
  g_autoptr (ForgeHttp) http = http_new (proxy, TRUE);
  g_autoptr (GError) error = NULL;

  /* Nobody resolves the name: the proxy is asked. The script answers what it does not know by
   * closing. */
  g_assert_null (forge_http_get (http, "http://panel.invalid/x", NULL, NULL, NULL, &error));
  g_autofree char *request = script_server_request (server, 0);
  g_assert_nonnull (request);
  g_assert_true (g_str_has_prefix (request, "GET http://panel.invalid/x HTTP/1.1\r\n"));
}

static void
use_and_drop (ScriptServer *server)
{
  g_autoptr (ForgeHttp) http = http_new (NULL, TRUE);
  g_autoptr (ForgeHttpReply) unread = get (http, server, "/plain", NULL);
  g_autoptr (ForgeHttpReply) none = get (http, server, "/status/404", NULL);

  g_assert_nonnull (unread);
  g_assert_null (none);
}

static void
test_no_descriptor_leaks (void)
{
  guint before = script_count_fds ();

  for (guint round = 0; round < 2; round++) {
    g_autoptr (ScriptServer) server = script_server_new (script, NULL, SCRIPT_PLAIN);
    for (guint i = 0; i < 20; i++)
      use_and_drop (server);
    g_clear_pointer (&server, script_server_free);
    if (round == 0) /* GLib's worker thread has come up and stays */
      before = script_count_fds ();
  }
  g_assert_cmpuint (script_count_fds (), ==, before);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/http/ranges", test_ranges);
  g_test_add_func ("/net/http/cookies-only-if-asked", test_cookies_only_if_asked);
  g_test_add_func ("/net/http/plain-document", test_plain_document);
  g_test_add_func ("/net/http/chunked-redirect-and-304", test_chunked_redirect_and_304);
  g_test_add_func ("/net/http/statuses-map-to-codes", test_statuses_map_to_codes);
  g_test_add_func ("/net/http/failures-end-cleanly", test_failures_end_cleanly);
  g_test_add_func ("/net/http/bodies-that-break", test_bodies_that_break);
  g_test_add_func ("/net/http/plain-body-called-gzip-is-read", test_plain_body_called_gzip_is_read);
  g_test_add_func ("/net/http/gzip-is-decoded-and-capped", test_gzip_is_decoded_and_capped);
  g_test_add_func ("/net/http/damaged-gzip-is-an-error", test_damaged_gzip_is_an_error);
  g_test_add_func ("/net/http/bad-addresses-are-refused", test_bad_addresses_are_refused);
  g_test_add_func ("/net/http/cancel-from-another-thread", test_cancel_from_another_thread);
  g_test_add_func ("/net/http/certificate-is-checked", test_certificate_is_checked);
  g_test_add_func ("/net/http/proxy-is-used", test_proxy_is_used);
  g_test_add_func ("/net/http/no-descriptor-leaks", test_no_descriptor_leaks);
  return g_test_run ();
}

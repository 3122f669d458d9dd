/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "forge-fake-tuner.h"
#include "forge-test-server.h"
#include "server/forge-listener.h"
#include "server/forge-tuner-pages.h"

#include <json-glib/json-glib.h>

#include <string.h>
#include <unistd.h>

typedef struct {
  TestServer server;
  FakeTuner tuner;
  FakeStores stores;
  ForgeTunerPages *pages;
} Fixture;

static ForgeSettings *
make_settings (void)
{
  g_autoptr (GHashTable) values = g_hash_table_new (g_str_hash, g_str_equal);

  g_hash_table_insert (values, (char *)"friendly_name", (char *)"Tom & <Jerry>");
  g_hash_table_insert (values, (char *)"device_id", (char *)"105DEAD3");
  g_hash_table_insert (values,
                       (char *)"device_uuid",
                       (char *)"11111111-2222-3333-4444-555555555555");
  return forge_settings_new (values);
}

static ForgeChannel *
make_channel (gint64 id, int number, const char *name, ForgeQuality quality)
{
  ForgeChannel *channel = forge_channel_new ();
  g_autoptr (ForgeStream) stream = forge_stream_new ();

  channel->id = id;
  channel->number = number;
  channel->name = g_strdup (name);
  channel->guide_id = forge_channel_make_guide_id (id);
  stream->quality = quality;
  if (quality)
    forge_channel_add_candidate (channel, stream, 1, TRUE, FALSE);
  return channel;
}

static ForgeLineup *
make_lineup (guint64 revision)
{
  g_autoptr (GPtrArray) channels =
      g_ptr_array_new_with_free_func ((GDestroyNotify)forge_channel_unref);
  ForgeChannel *news = make_channel (7, 101, "News \"One\" & Co\x01", FORGE_QUALITY_FHD);

  forge_channel_candidate (news, 0)->stream->archive_days = 2;
  news->group = g_strdup ("UK|\nNews");
  news->logo = g_strdup ("https://logos.example/a.png");
  g_ptr_array_add (channels, news);
  g_ptr_array_add (channels, make_channel (9, 5, "Süd <TV>", FORGE_QUALITY_SD));
  g_ptr_array_add (channels, make_channel (11, 6, "Unmapped", 0));
  return forge_lineup_new (channels, revision);
}

static void
set_up (Fixture *fixture, gconstpointer with_lineup)
{
  g_autoptr (ForgeSettings) settings = make_settings ();
  g_autoptr (ForgeLineup) lineup = make_lineup (1);

  *fixture = (Fixture){ 0 };
  fixture->tuner.total = 2;
  test_server_init (&fixture->server, 0);
  fixture->pages = forge_tuner_pages_new (fake_tuner_cast (&fixture->tuner),
                                          fake_stores_cast (&fixture->stores),
                                          settings);
  forge_tuner_pages_register (fixture->pages, fixture->server.router);
  if (with_lineup)
    forge_tuner_pages_set_lineup (fixture->pages, lineup, 1);
  test_server_start (&fixture->server);
}

static void
tear_down (Fixture *fixture, gconstpointer with_lineup)
{
  test_server_clear (&fixture->server);
  forge_tuner_pages_free (fixture->pages);
  g_clear_pointer (&fixture->tuner.sessions, g_ptr_array_unref);
  g_assert_cmpint (fixture->stores.taken, ==, 0);
}

static TestReply *
get (Fixture *fixture, const char *path)
{
  return test_get (fixture->server.port, path, "");
}

static JsonNode *
get_json (Fixture *fixture, const char *path)
{
  g_autoptr (TestReply) reply = get (fixture, path);
  g_autofree char *type = test_reply_header (reply, "Content-Type");
  g_autofree char *cache = test_reply_header (reply, "Cache-Control");
  JsonNode *node = json_from_string (reply->body->str, NULL);

  g_assert_cmpint (reply->status, ==, 200);
  g_assert_cmpstr (type, ==, "application/json; charset=utf-8");
  g_assert_cmpstr (cache, ==, "no-cache");
  g_assert_nonnull (node);
  return node;
}

static void
assert_has (const TestReply *reply, const char *part)
{
  if (!strstr (reply->body->str, part))
    g_error ("“%s” is not in “%s”", part, reply->body->str);
}

/* Well-formedness by GLib's strict little parser. */
static void
assert_is_xml (const TestReply *reply)
{
  static const GMarkupParser nothing = { 0 };
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&nothing, 0, NULL, NULL);
  g_autoptr (GError) error = NULL;

  g_markup_parse_context_parse (context, reply->body->str, (gssize)reply->body->len, &error);
  g_assert_no_error (error);
  g_markup_parse_context_end_parse (context, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < reply->body->len; i++)
    g_assert_true ((guchar)reply->body->str[i] >= 0x20 || reply->body->str[i] == '\n');
}

static void
test_discover_has_the_fields_of_a_device_in_order (Fixture *fixture, gconstpointer with_lineup)
{
  static const char *const keys[] = {
    "FriendlyName", "ModelNumber", "FirmwareName", "FirmwareVersion", "DeviceID",
    "DeviceAuth",   "BaseURL",     "LineupURL",    "TunerCount",
  };
  g_autoptr (JsonNode) node = get_json (fixture, "/discover.json");
  JsonObject *object = json_node_get_object (node);
  g_autoptr (GList) members = json_object_get_members (object);
  g_autofree char *base = g_strdup_printf ("http://127.0.0.1:%u", fixture->server.port);
  g_autofree char *lineup = g_strconcat (base, "/lineup.json", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    g_assert_cmpstr (g_list_nth_data (members, i), ==, keys[i]);
  g_assert_cmpstr (json_object_get_string_member (object, "FriendlyName"), ==, "Tom & <Jerry>");
  g_assert_cmpstr (json_object_get_string_member (object, "DeviceID"), ==, "105DEAD3");
  g_assert_cmpstr (json_object_get_string_member (object, "BaseURL"), ==, base);
  g_assert_cmpstr (json_object_get_string_member (object, "LineupURL"), ==, lineup);
  g_assert_cmpuint (strlen (json_object_get_string_member (object, "DeviceAuth")), ==, 24);
  g_assert_cmpint (json_node_get_value_type (json_object_get_member (object, "TunerCount")),
                   ==,
                   G_TYPE_INT64);
  g_assert_cmpint (json_object_get_int_member (object, "TunerCount"), ==, 2);
}

static void
test_tuner_count_is_never_zero (Fixture *fixture, gconstpointer with_lineup)
{
  g_autoptr (JsonNode) node = NULL;

  fixture->tuner.total = 0;
  node = get_json (fixture, "/discover.json");
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (node), "TunerCount"), ==, 1);
}

static void
test_lineup_json (Fixture *fixture, gconstpointer with_lineup)
{
  g_autoptr (JsonNode) node = get_json (fixture, "/lineup.json");
  JsonArray *array = json_node_get_array (node);
  JsonObject *news = json_array_get_object_element (array, 0);
  JsonObject *south = json_array_get_object_element (array, 1);
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u/auto/v101", fixture->server.port);

  g_assert_cmpuint (json_array_get_length (array), ==, 3);
  g_assert_cmpint (json_node_get_value_type (json_object_get_member (news, "GuideNumber")),
                   ==,
                   G_TYPE_STRING);
  g_assert_cmpstr (json_object_get_string_member (news, "GuideNumber"), ==, "101");
  g_assert_cmpstr (json_object_get_string_member (news, "URL"), ==, url);
  g_assert_cmpint (json_object_get_int_member (news, "HD"), ==, 1);
  g_assert_cmpstr (json_object_get_string_member (south, "GuideName"), ==, "Süd <TV>");
  g_assert_false (json_object_has_member (south, "HD"));
}

static void
test_lineup_without_channels_is_an_empty_array (Fixture *fixture, gconstpointer with_lineup)
{
  g_autoptr (TestReply) lineup = get (fixture, "/lineup.json");
  g_autoptr (TestReply) xml = get (fixture, "/lineup.xml");
  g_autoptr (TestReply) ready = get (fixture, "/ready");
  g_autoptr (TestReply) health = get (fixture, "/health");
  g_autoptr (TestReply) guide = get (fixture, "/epg.xml");
  g_autoptr (TestReply) stream = get (fixture, "/auto/v5");

  g_assert_cmpstr (lineup->body->str, ==, "[]");
  assert_is_xml (xml);
  g_assert_cmpint (ready->status, ==, 503);
  g_assert_cmpstr (health->body->str, ==, "{\"status\":\"ok\"}");
  g_assert_cmpint (guide->status, ==, 503);
  g_assert_cmpint (stream->status, ==, 503);
  g_assert_cmpuint (stream->body->len, ==, 0);
}

static void
test_names_are_escaped_everywhere (Fixture *fixture, gconstpointer with_lineup)
{
  static const char *const documents[] = { "/lineup.xml", "/device.xml", "/capability" };
  g_autoptr (TestReply) m3u = get (fixture, "/playlist.m3u");
  g_autoptr (TestReply) home = get (fixture, "/");
  g_autoptr (TestReply) html = get (fixture, "/lineup.html");

  for (guint i = 0; i < G_N_ELEMENTS (documents); i++) {
    g_autoptr (TestReply) reply = get (fixture, documents[i]);
    g_assert_cmpint (reply->status, ==, 200);
    assert_is_xml (reply);
  }
  assert_has (m3u, ",News 'One' & Co\n");
  assert_has (m3u, "group-title=\"UK|News\"");
  assert_has (home, "<h1>Tom &amp; &lt;Jerry&gt;</h1>");
  assert_has (home, "3 channels");
  assert_has (html, "Süd &lt;TV&gt;");
  g_assert_null (strstr (html->body->str, "<TV>"));
}

static void
test_page_loads_only_its_own_files (Fixture *fixture, gconstpointer with_lineup)
{
  static const char *const files[][2] = {
    { "/web/page.css", "text/css; charset=utf-8" },
    { "/web/page.js", "text/javascript; charset=utf-8" },
    { "/web/icon.svg", "image/svg+xml" },
  };
  g_autoptr (TestReply) home = get (fixture, "/");
  g_autofree char *policy = test_reply_header (home, "Content-Security-Policy");
  g_autofree char *base = g_strdup_printf ("http://127.0.0.1:%u/epg.xml<", fixture->server.port);

  assert_has (home, base);
  g_assert_null (strchr (home->body->str, '@'));
  g_assert_nonnull (strstr (policy, "default-src 'none'"));
  g_assert_null (strstr (policy, "unsafe"));
  g_assert_null (strstr (home->body->str, "<style"));
  g_assert_null (strstr (home->body->str, " style="));
  g_assert_null (strstr (home->body->str, " onclick="));
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autoptr (TestReply) file = get (fixture, files[i][0]);
    g_autofree char *type = test_reply_header (file, "Content-Type");
    g_assert_cmpint (file->status, ==, 200);
    g_assert_cmpstr (type, ==, files[i][1]);
    assert_has (home, files[i][0]);
  }
}

static void
test_playlist_names_guide_logo_and_stream (Fixture *fixture, gconstpointer with_lineup)
{
  g_autoptr (TestReply) m3u = get (fixture, "/playlist.m3u");
  g_autofree char *type = test_reply_header (m3u, "Content-Type");
  g_autofree char *base = g_strdup_printf ("http://127.0.0.1:%u", fixture->server.port);
  g_autofree char *head = g_strdup_printf ("#EXTM3U url-tvg=\"%s/epg.xml\"", base);
  g_autofree char *logo = g_strdup_printf ("tvg-logo=\"%s/logo/7\"", base);
  g_autofree char *url = g_strdup_printf ("\n%s/stream/7\n", base);

  g_assert_cmpstr (type, ==, "audio/x-mpegurl; charset=utf-8");
  g_assert_true (g_str_has_prefix (m3u->body->str, head));
  assert_has (m3u, "tvg-id=\"C7.streamforge.local\" tvg-chno=\"101\"");
  assert_has (m3u, logo);
  assert_has (m3u, url);
}

static void
test_logo_redirects_to_web_addresses_only (Fixture *fixture, gconstpointer with_lineup)
{
  g_autoptr (TestReply) logo = get (fixture, "/logo/7");
  g_autoptr (TestReply) none = get (fixture, "/logo/9");
  g_autoptr (TestReply) wrong = get (fixture, "/logo/../../etc/passwd");
  g_autofree char *location = test_reply_header (logo, "Location");

  g_assert_cmpint (logo->status, ==, 302);
  g_assert_cmpstr (location, ==, "https://logos.example/a.png");
  g_assert_cmpint (none->status, ==, 404);
  g_assert_cmpint (wrong->status, ==, 404);
}

static void
test_scan_is_always_done (Fixture *fixture, gconstpointer with_lineup)
{
  static const struct {
    const char *request;
    int status;
  } cases[] = {
    { "POST /lineup.post?scan=start&source=Cable", 200 },
    { "GET /lineup.post?scan=abort", 200 },
    { "POST /lineup.post?favorite=+5", 200 },
    { "POST /lineup.post?favorite=%2B5", 200 },
    { "POST /lineup.post?favorite=-5", 200 },
    { "POST /lineup.post?favorite=x5", 200 },
    { "POST /lineup.post?favorite=x9999", 400 },
    { "POST /lineup.post?favorite=5", 400 },
    { "POST /lineup.post?favorite=", 400 },
    { "POST /lineup.post", 400 },
    { "POST /lineup.post?scan=later", 400 },
  };
  g_autoptr (JsonNode) state = get_json (fixture, "/lineup_status.json");

  g_assert_cmpint (json_object_get_int_member (json_node_get_object (state), "ScanInProgress"),
                   ==,
                   0);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *request =
        g_strconcat (cases[i].request,
                     " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
                     NULL);
    g_autoptr (TestReply) reply = test_ask (fixture->server.port, request);
    g_assert_cmpint (reply->status, ==, cases[i].status);
    g_assert_cmpuint (reply->body->len, ==, 0);
  }
}

static ForgeSessionInfo *
make_session (void)
{
  ForgeSessionInfo *session = forge_session_info_new ();
  ForgeViewerInfo *viewer = forge_session_info_add_viewer (session);

  session->channel_number = 101;
  session->channel = g_strdup ("News & Co");
  session->health = FORGE_HEALTH_HEALTHY;
  session->bitrate_kbps = 8000;
  viewer->address = g_strdup ("192.168.1.9");
  return session;
}

static void
test_status_of_busy_and_idle_tuners (Fixture *fixture, gconstpointer with_lineup)
{
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (TestReply) html = NULL;
  JsonObject *busy, *idle;

  fixture->tuner.sessions =
      g_ptr_array_new_with_free_func ((GDestroyNotify)forge_session_info_free);
  g_ptr_array_add (fixture->tuner.sessions, make_session ());
  node = get_json (fixture, "/status.json");
  html = get (fixture, "/tuners.html");
  g_assert_cmpuint (json_array_get_length (json_node_get_array (node)), ==, 2);
  busy = json_array_get_object_element (json_node_get_array (node), 0);
  idle = json_array_get_object_element (json_node_get_array (node), 1);
  g_assert_cmpstr (json_object_get_string_member (busy, "VctNumber"), ==, "101");
  g_assert_cmpstr (json_object_get_string_member (busy, "TargetIP"), ==, "192.168.1.9");
  g_assert_cmpint (json_object_get_int_member (busy, "NetworkRate"), ==, 8000000);
  g_assert_cmpuint (json_object_get_size (idle), ==, 1);
  g_assert_cmpstr (json_object_get_string_member (idle, "Resource"), ==, "tuner1");
  assert_has (html, "Tuner 0 Channel</td><td>101 News &amp; Co");
  assert_has (html, "Tuner 1 Channel</td><td>not in use");
}

static void
test_guide_is_streamed_and_cacheable (Fixture *fixture, gconstpointer with_lineup)
{
  g_autoptr (TestReply) guide = get (fixture, "/epg.xml");
  g_autofree char *etag = test_reply_header (guide, "ETag");
  g_autofree char *type = test_reply_header (guide, "Content-Type");
  g_autofree char *line = g_strdup_printf ("If-None-Match: %s\r\n", etag);
  g_autoptr (TestReply) same = test_get (fixture->server.port, "/epg.xml", line);
  g_autoptr (TestReply) head =
      test_ask (fixture->server.port, "HEAD /epg.xml HTTP/1.1\r\nHost: localhost\r\n\r\n");
  g_autofree char *head_type = test_reply_header (head, "Content-Type");
  g_autoptr (ForgeLineup) changed = make_lineup (2);

  g_assert_cmpint (guide->status, ==, 200);
  g_assert_cmpstr (type, ==, "application/xml; charset=utf-8");
  g_assert_cmpuint (guide->body->len, >, 260000);
  g_assert_true (g_str_has_suffix (guide->body->str, "</tv>"));
  assert_has (guide, "channels=\"3\" days=\"14\"");
  g_assert_cmpint (same->status, ==, 304);
  g_assert_cmpint (head->status, ==, 200);
  g_assert_cmpstr (head_type, ==, type);
  g_assert_cmpint (fixture->stores.written, ==, 1);
  forge_tuner_pages_set_lineup (fixture->pages, changed, 1);
  g_autoptr (TestReply) other = test_get (fixture->server.port, "/epg.xml", line);
  g_assert_cmpint (other->status, ==, 200);
}

static void
listen_extra (TestServer *server, gpointer data)
{
  g_autoptr (GError) error = NULL;

  forge_http_server_listen_extra (server->server, "loopback", GPOINTER_TO_UINT (data), &error);
  g_assert_no_error (error);
}

static void
close_extra (TestServer *server, gpointer data)
{
  forge_http_server_close_extra (server->server, GPOINTER_TO_UINT (data));
}

typedef struct {
  ForgeTunerPages *pages;
  GPtrArray *views;
} SetDevices;

static void
set_devices (TestServer *server, gpointer data)
{
  SetDevices *call = data;

  forge_tuner_pages_set_devices (call->pages, call->views);
}

static void
add_device (GPtrArray *views, ForgeLineup *all, gint64 id, const char *device_id, guint port)
{
  g_autoptr (ForgeDevice) device = forge_device_new ();

  device->id = id;
  device->name = g_strdup_printf ("Device %" G_GINT64_FORMAT, id);
  device->device_id = g_strdup (device_id);
  device->uuid = g_strdup ("16fd2706-8baf-433b-82eb-8c7fada847da");
  device->port = port;
  device->limit = id == FORGE_DEVICE_MAIN ? 0 : 1;
  g_ptr_array_add (views, forge_device_view_new (device, all));
}

static guint
unused_port (void)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  guint port = 0;
  g_autoptr (GSocket) probe = forge_listener_bind_tcp (loopback, &port, NULL);

  g_assert_nonnull (probe);
  return port;
}

static void
test_a_request_on_the_port_of_a_device_gets_its_lineup (Fixture *fixture, gconstpointer with_lineup)
{
  g_autoptr (ForgeLineup) all = make_lineup (1);
  g_autoptr (GPtrArray) views =
      g_ptr_array_new_with_free_func ((GDestroyNotify)forge_device_view_unref);
  SetDevices call = { fixture->pages, views };
  guint port = unused_port ();

  add_device (views, all, FORGE_DEVICE_MAIN, "1040ABC5", 0);
  add_device (views, all, 2, "105DEAD3", port);
  test_server_on_control (&fixture->server, set_devices, &call);
  test_server_on_control (&fixture->server, listen_extra, GUINT_TO_POINTER (port));

  g_autoptr (TestReply) device = test_get (port, "/discover.json", "");
  assert_has (device, "\"DeviceID\":\"105DEAD3\"");
  assert_has (device, "\"FriendlyName\":\"Device 2\"");
  g_autoptr (TestReply) lineup = test_get (port, "/lineup.json", "");
  assert_has (lineup, "/auto/v101\"");
  g_assert_null (strstr (lineup->body->str, "/auto/v5\""));
  g_autoptr (TestReply) hidden = test_get (port, "/auto/v5", "");
  g_assert_cmpint (hidden->status, ==, 404);
  g_autoptr (TestReply) first = get (fixture, "/discover.json");
  assert_has (first, "\"DeviceID\":\"1040ABC5\"");
  g_autoptr (TestReply) whole = get (fixture, "/lineup.json");
  assert_has (whole, "/auto/v5\"");

  test_server_on_control (&fixture->server, close_extra, GUINT_TO_POINTER (port));
  g_assert_cmpuint (port, !=, fixture->server.port);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocket) again = forge_listener_bind_tcp (loopback, &port, NULL);
  g_assert_nonnull (again);
  g_autoptr (TestReply) still = get (fixture, "/discover.json");
  g_assert_cmpint (still->status, ==, 200);
}

static GBytes *
gunzip (const GString *data)
{
  g_autoptr (GConverter) converter =
      G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
  g_autoptr (GInputStream) memory =
      g_memory_input_stream_new_from_data (data->str, (gssize)data->len, NULL);
  g_autoptr (GInputStream) stream = g_converter_input_stream_new (memory, converter);
  g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();
  g_autoptr (GError) error = NULL;

  g_output_stream_splice (output, stream, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL, &error);
  g_assert_no_error (error);
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (output));
}

static void
test_guide_compressed_on_the_way_and_as_a_file (Fixture *fixture, gconstpointer with_lineup)
{
  g_autoptr (TestReply) coded =
      test_get (fixture->server.port, "/epg.xml", "Accept-Encoding: gzip\r\n");
  g_autoptr (TestReply) file =
      test_get (fixture->server.port, "/epg.xml.gz", "Accept-Encoding: gzip\r\n");
  g_autofree char *coding = test_reply_header (coded, "Content-Encoding");
  g_autofree char *file_coding = test_reply_header (file, "Content-Encoding");
  g_autofree char *file_type = test_reply_header (file, "Content-Type");
  g_autoptr (GBytes) text = gunzip (coded->body);
  g_autoptr (GBytes) file_text = gunzip (file->body);

  g_assert_cmpstr (coding, ==, "gzip");
  g_assert_null (file_coding);
  g_assert_cmpstr (file_type, ==, "application/gzip");
  g_assert_true (g_bytes_equal (text, file_text));
  g_assert_cmpuint (g_bytes_get_size (text), >, 260000);
}

static void
test_guide_without_a_store_is_503 (Fixture *fixture, gconstpointer with_lineup)
{
  g_autoptr (TestReply) reply = NULL;
  g_autofree char *retry = NULL;

  fixture->stores.is_broken = TRUE;
  reply = get (fixture, "/epg.xml");
  retry = test_reply_header (reply, "Retry-After");
  g_assert_cmpint (reply->status, ==, 503);
  g_assert_nonnull (retry);
  g_assert_cmpuint (reply->body->len, ==, 0);
}

static void
test_streams_go_to_the_tuner (Fixture *fixture, gconstpointer with_lineup)
{
  g_autoptr (TestReply) by_id = test_get (fixture->server.port,
                                          "/stream/7?duration=2?transcode=none",
                                          "User-Agent: VLC/3\r\n");

  g_assert_cmpint (by_id->status, ==, 200);
  g_assert_cmpstr (by_id->body->str, ==, "TS");
  g_assert_cmpint (fixture->tuner.channel_id, ==, 7);
  g_assert_cmpuint (fixture->tuner.duration_s, ==, 2);
  g_assert_cmpint (fixture->tuner.wanted_tuner, ==, -1);
  g_assert_cmpstr (fixture->tuner.address, ==, "127.0.0.1");
  g_assert_cmpstr (fixture->tuner.user_agent, ==, "VLC/3");
  g_autoptr (TestReply) by_number =
      test_get (fixture->server.port, "/auto/v5?duration=x", "Range: bytes=0-\r\n");
  g_assert_cmpint (by_number->status, ==, 200);
  g_assert_cmpint (fixture->tuner.channel_id, ==, 9);
  g_assert_cmpuint (fixture->tuner.duration_s, ==, 0);
  g_autoptr (TestReply) by_tuner = get (fixture, "/tuner1/v101");
  g_assert_cmpint (by_tuner->status, ==, 200);
  g_assert_cmpint (fixture->tuner.channel_id, ==, 7);
  g_assert_cmpint (fixture->tuner.wanted_tuner, ==, 1);
}

/* `path` with the time `ago_s` before now, as `format` writes it. */
static int
catch_up (Fixture *fixture, const char *path, gint64 ago_s, const char *format, gint64 *start_s)
{
  *start_s = g_get_real_time () / G_USEC_PER_SEC - ago_s;
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (*start_s);
  g_autofree char *start = g_date_time_format (time, format);
  g_autofree char *full = g_strdup_printf ("%s?start=%s&duration=60", path, start);
  g_autoptr (TestReply) reply = get (fixture, full);

  return reply->status;
}

static void
test_catch_up_goes_to_the_tuner (Fixture *fixture, gconstpointer with_lineup)
{
  static const char *const formats[] = { "%s",
                                         "%Y-%m-%dT%H:%M:%SZ",
                                         "%Y-%m-%dT%H:%M:%S+00:00",
                                         "%Y-%m-%dT%H:%M:%S%%2B00:00",
                                         "%Y-%m-%dT%H:%M:%S" };
  gint64 start_s;

  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++) {
    fixture->tuner.start_s = 0;
    g_assert_cmpint (catch_up (fixture, "/stream/7", 7200, formats[i], &start_s), ==, 200);
    g_assert_cmpint (fixture->tuner.start_s, ==, start_s);
    g_assert_cmpuint (fixture->tuner.duration_s, ==, 60);
  }
  g_assert_cmpint (catch_up (fixture, "/auto/v101", 7200, "%s", &start_s), ==, 200);
  g_assert_cmpint (fixture->tuner.start_s, ==, 0); /* only where we name the address */
}

static void
test_catch_up_out_of_reach_is_refused (Fixture *fixture, gconstpointer with_lineup)
{
  gint64 start_s;
  int tunes = fixture->tuner.tunes;

  g_assert_cmpint (catch_up (fixture, "/stream/7", 3 * 86400, "%s", &start_s), ==, 404);
  g_assert_cmpint (catch_up (fixture, "/stream/7", -60, "%s", &start_s), ==, 404);
  g_assert_cmpint (catch_up (fixture, "/stream/9", 7200, "%s", &start_s), ==, 404);
  g_assert_cmpint (catch_up (fixture, "/stream/7", 7200, "yesterday", &start_s), ==, 400);
  g_assert_cmpint (catch_up (fixture, "/stream/7", 7200, "-5", &start_s), ==, 400);
  g_assert_cmpint (catch_up (fixture, "/stream/7", 7200, "", &start_s), ==, 400);
  g_assert_cmpint (fixture->tuner.tunes, ==, tunes);
}

static void
test_streams_that_do_not_exist (Fixture *fixture, gconstpointer with_lineup)
{
  static const struct {
    const char *path;
    int status;
  } cases[] = {
    { "/stream/abc", 400 },
    { "/stream/-1", 400 },
    { "/stream/+7", 400 },
    { "/stream/", 400 },
    { "/stream/7/x", 400 },
    { "/stream/99999999999999999999", 400 },
    { "/stream/999999", 404 },
    { "/stream/11", 404 },
    { "/auto/vx", 400 },
    { "/auto/v", 400 },
    { "/auto/v99999", 404 },
    { "/auto/v5.1", 404 },
    { "/auto/ch503000000-3", 404 },
    { "/auto/", 404 },
    { "/tuner2/v5", 404 },
    { "/tuner-1/v5", 404 },
    { "/tuner0", 404 },
    { "/tuner0/vx", 400 },
    { "/tuners", 404 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (TestReply) reply = get (fixture, cases[i].path);
    g_autofree char *error = test_reply_header (reply, "X-HDHomeRun-Error");
    g_test_message ("%s", cases[i].path);
    g_assert_cmpint (reply->status, ==, cases[i].status);
    g_assert_cmpstr (error, ==, "801 Unknown Channel");
    g_assert_cmpuint (reply->body->len, ==, 0);
  }
  g_assert_cmpint (fixture->tuner.tunes, ==, 0);
}

static void
test_head_of_a_stream_takes_no_tuner (Fixture *fixture, gconstpointer with_lineup)
{
  g_autoptr (TestReply) head =
      test_ask (fixture->server.port, "HEAD /auto/v101 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  g_autoptr (TestReply) missing =
      test_ask (fixture->server.port, "HEAD /auto/v9 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  g_autofree char *type = test_reply_header (head, "Content-Type");
  g_autofree char *length = test_reply_header (head, "Content-Length");

  g_assert_cmpint (head->status, ==, 200);
  g_assert_cmpstr (type, ==, "video/mp2t");
  g_assert_null (length);
  g_assert_cmpint (missing->status, ==, 404);
  g_assert_cmpint (fixture->tuner.tunes, ==, 0);
}

static void
add (const char *path, void (*test) (Fixture *fixture, gconstpointer with_lineup))
{
  g_test_add (path, Fixture, GINT_TO_POINTER (TRUE), set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/server/pages/discover-has-the-fields-of-a-device-in-order",
       test_discover_has_the_fields_of_a_device_in_order);
  add ("/server/pages/tuner-count-is-never-zero", test_tuner_count_is_never_zero);
  add ("/server/pages/lineup-json", test_lineup_json);
  g_test_add ("/server/pages/lineup-without-channels-is-an-empty-array",
              Fixture,
              NULL,
              set_up,
              test_lineup_without_channels_is_an_empty_array,
              tear_down);
  add ("/server/pages/names-are-escaped-everywhere", test_names_are_escaped_everywhere);
  add ("/server/pages/page-loads-only-its-own-files", test_page_loads_only_its_own_files);
  add ("/server/pages/playlist-names-guide-logo-and-stream",
       test_playlist_names_guide_logo_and_stream);
  add ("/server/pages/logo-redirects-to-web-addresses-only",
       test_logo_redirects_to_web_addresses_only);
  add ("/server/pages/scan-is-always-done", test_scan_is_always_done);
  add ("/server/pages/status-of-busy-and-idle-tuners", test_status_of_busy_and_idle_tuners);
  add ("/server/pages/guide-is-streamed-and-cacheable", test_guide_is_streamed_and_cacheable);
  add ("/server/pages/a-request-on-the-port-of-a-device-gets-its-lineup",
       test_a_request_on_the_port_of_a_device_gets_its_lineup);
  add ("/server/pages/guide-compressed-on-the-way-and-as-a-file",
       test_guide_compressed_on_the_way_and_as_a_file);
  add ("/server/pages/guide-without-a-store-is-503", test_guide_without_a_store_is_503);
  add ("/server/pages/streams-go-to-the-tuner", test_streams_go_to_the_tuner);
  add ("/server/pages/catch-up-goes-to-the-tuner", test_catch_up_goes_to_the_tuner);
  add ("/server/pages/catch-up-out-of-reach-is-refused", test_catch_up_out_of_reach_is_refused);
  add ("/server/pages/streams-that-do-not-exist", test_streams_that_do_not_exist);
  add ("/server/pages/head-of-a-stream-takes-no-tuner", test_head_of_a_stream_takes_no_tuner);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "fake-client.h"
#include "forge-fake-clip.h"
#include "forge-fake-provider.h"
#include "mpegts/forge-ts-restamp.h"

#include <json-glib/json-glib.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define AWAIT_MS 10000u

typedef struct {
  ForgeFakeProvider *provider;
} Fixture;

static ForgeFakeProvider *
provider_with (ForgeFakeProviderOptions options)
{
  g_autoptr (GError) error = NULL;
  ForgeFakeProvider *provider = forge_fake_provider_new (&options, &error);

  g_assert_no_error (error);
  return provider;
}

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  fixture->provider = provider_with ((ForgeFakeProviderOptions){ .channels = 12 });
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  forge_fake_provider_free (fixture->provider);
}

static void
say (Fixture *fixture, const char *sentence)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (forge_fake_provider_say (fixture->provider, sentence, &error));
  g_assert_no_error (error);
}

static ForgeFakeProviderCounts
counts_of (Fixture *fixture)
{
  ForgeFakeProviderCounts counts;

  forge_fake_provider_counts (fixture->provider, &counts);
  return counts;
}

static void
await_open (ForgeFakeProvider *provider, guint open)
{
  gint64 until_us = g_get_monotonic_time () + AWAIT_MS * G_GINT64_CONSTANT (1000);
  ForgeFakeProviderCounts counts;

  do {
    forge_fake_provider_counts (provider, &counts);
    g_thread_yield ();
  } while (counts.open != open && g_get_monotonic_time () < until_us);
  g_assert_cmpuint (counts.open, ==, open);
}

static FakeClient *
api (Fixture *fixture, const char *script, const char *more, const char *headers)
{
  g_autofree char *path = fake_client_api (fixture->provider, script, more);

  return fake_client_fetch (fixture->provider, path, headers);
}

/* NULL if it is no JSON. */
static JsonNode *
json_of (FakeClient *client)
{
  return json_from_string (fake_client_text (client), NULL);
}

static guint
count_streams (Fixture *fixture)
{
  g_autoptr (FakeClient) client = api (fixture, "player_api.php", "&action=get_live_streams", NULL);
  g_autoptr (JsonNode) node = json_of (client);

  return node ? json_array_get_length (json_node_get_array (node)) : G_MAXUINT;
}

/* -- login ------------------------------------------------------------------------------------ */

static JsonObject *
user_info (JsonNode *node)
{
  return json_object_get_object_member (json_node_get_object (node), "user_info");
}

static void
test_login (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FakeClient) right = api (fixture, "player_api.php", NULL, NULL);
  g_autoptr (FakeClient) wrong =
      fake_client_fetch (fixture->provider, "/player_api.php?username=a&password=b", NULL);
  g_autoptr (JsonNode) accepted = json_of (right);
  g_autoptr (JsonNode) refused = json_of (wrong);

  g_assert_cmpuint (right->status, ==, 200);
  g_assert_cmpstr (json_object_get_string_member (user_info (accepted), "status"), ==, "Active");
  g_assert_cmpstr (json_object_get_string_member (user_info (accepted), "max_connections"),
                   ==,
                   "4");
  g_assert_cmpstr (json_object_get_string_member (user_info (accepted), "password"),
                   ==,
                   forge_fake_provider_password (fixture->provider));
  g_assert_cmpint (json_object_get_int_member (user_info (refused), "auth"), ==, 0);
  g_assert_false (json_object_has_member (user_info (refused), "status"));
}

static void
test_login_faults (Fixture *fixture, gconstpointer unused)
{
  static const struct {
    const char *sentence;
    guint status;
    const char *has;
    gboolean is_json;
  } cases[] = {
    { "login status 512", 512, "refused", FALSE },
    { "login html", 200, "<html>", FALSE },
    { "login truncated", 200, "user_info", FALSE },
    { "login strings", 200, "\"auth\":\"1\"", TRUE },
    { "account expired", 200, "\"Expired\"", TRUE },
    { "account banned", 200, "\"Banned\"", TRUE },
    { "account limit 7 kick", 200, "\"max_connections\":\"7\"", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    say (fixture, "login ok");
    say (fixture, "account ok");
    say (fixture, cases[i].sentence);
    g_autoptr (FakeClient) client = api (fixture, "player_api.php", NULL, NULL);
    g_autoptr (JsonNode) node = json_of (client);
    g_assert_cmpuint (client->status, ==, cases[i].status);
    g_assert_nonnull (strstr (fake_client_text (client), cases[i].has));
    g_assert_cmpint (node != NULL, ==, cases[i].is_json);
  }
  say (fixture, "login empty");
  g_autoptr (FakeClient) client = api (fixture, "player_api.php", NULL, NULL);
  g_assert_cmpuint (client->body->len, ==, 0);
}

static void
test_account_stops_streams (Fixture *fixture, gconstpointer unused)
{
  say (fixture, "account expired");
  g_autoptr (FakeClient) expired = fake_client_live (fixture->provider, 13);
  g_assert_true (fake_client_read (expired, 0, AWAIT_MS));
  g_assert_cmpuint (expired->status, ==, 404);

  say (fixture, "account banned");
  g_autoptr (FakeClient) banned = fake_client_live (fixture->provider, 13);
  g_assert_true (fake_client_read (banned, 0, AWAIT_MS));
  g_assert_cmpuint (banned->status, ==, 403);
}

/* -- lists and guide -------------------------------------------------------------------------- */

static void
test_list (Fixture *fixture, gconstpointer unused)
{
  static const struct {
    const char *sentence;
    guint rows;
  } cases[] = {
    { "list ok", 48 },
    { "list empty", 0 },
    { "list half", 24 },
    { "list strings", 52 },
    { "list truncated", G_MAXUINT },
    { "list html", G_MAXUINT },
    { "list duplicates", 96 },
    { "list drop-after 500", G_MAXUINT },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    say (fixture, "list ok");
    say (fixture, cases[i].sentence);
    g_assert_cmpuint (count_streams (fixture), ==, cases[i].rows);
  }
}

static void
test_list_generated (void)
{
  Fixture fixture = { provider_with (
      (ForgeFakeProviderOptions){ .channels = 12, .generated_streams = 20000 }) };

  g_assert_cmpuint (count_streams (&fixture), ==, 20048);
  g_autoptr (FakeClient) client = fake_client_live (fixture.provider, 1000013);
  g_assert_true (fake_client_read (client, 188, AWAIT_MS));
  g_assert_cmpuint (client->body->data[0], ==, FORGE_TS_SYNC);
  g_clear_pointer (&client, fake_client_free);
  forge_fake_provider_free (fixture.provider);
}

static void
test_fault_count (Fixture *fixture, gconstpointer unused)
{
  say (fixture, "list empty x 2");
  g_assert_cmpuint (count_streams (fixture), ==, 0);
  g_assert_cmpuint (count_streams (fixture), ==, 0);
  g_assert_cmpuint (count_streams (fixture), ==, 48);
}

static void
test_library (Fixture *fixture, gconstpointer unused)
{
  static const char *const actions[] = {
    "&action=get_live_categories",
    "&action=get_vod_categories",
    "&action=get_vod_streams",
    "&action=get_vod_info&vod_id=7001",
    "&action=get_series_categories",
    "&action=get_series",
    "&action=get_short_epg&stream_id=13",
    "&action=get_series_info&series_id=8001",
  };

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++) {
    g_autoptr (FakeClient) client = api (fixture, "player_api.php", actions[i], NULL);
    g_autoptr (JsonNode) node = json_of (client);
    g_assert_nonnull (node);
    g_assert_cmpuint (client->body->len, >, 50);
  }
}

static guint
count_text (FakeClient *client, const char *text)
{
  guint n = 0;

  for (const char *at = fake_client_text (client); (at = strstr (at, text)); at++)
    n++;
  return n;
}

/* NULL if what came does not unpack to its end. */
static GByteArray *
gunzip (FakeClient *client)
{
  g_autoptr (GInputStream) packed =
      g_memory_input_stream_new_from_data (client->body->data, client->body->len, NULL);
  g_autoptr (GConverter) converter =
      G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
  g_autoptr (GInputStream) stream = g_converter_input_stream_new (packed, converter);
  g_autoptr (GByteArray) plain = g_byte_array_new ();
  guint8 buffer[4096];
  gssize n;

  while ((n = g_input_stream_read (stream, buffer, sizeof buffer, NULL, NULL)) > 0)
    g_byte_array_append (plain, buffer, (guint)n);
  return n == 0 ? g_steal_pointer (&plain) : NULL;
}

static void
test_guide (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FakeClient) plain = api (fixture, "xmltv.php", NULL, NULL);

  g_assert_cmpuint (plain->status, ==, 200);
  g_assert_cmpuint (count_text (plain, "<channel "), ==, 12);
  /* 78 hours on each channel, of which none is longer than two. */
  g_assert_cmpuint (count_text (plain, "<programme "), >=, 12 * 39);
  g_assert_true (g_str_has_suffix (fake_client_text (plain), "</tv>\n"));

  g_autoptr (FakeClient) gzipped = api (fixture, "xmltv.php", NULL, "Accept-Encoding: gzip\r\n");
  g_assert_nonnull (strstr (gzipped->head, "content-encoding: gzip"));
  g_autoptr (GByteArray) unpacked = gunzip (gzipped);
  g_assert_nonnull (unpacked);
  g_assert_cmpmem (unpacked->data, unpacked->len, plain->body->data, plain->body->len);
}

static void
test_guide_conditional (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FakeClient) first = api (fixture, "xmltv.php", NULL, NULL);
  const char *etag = strstr (first->head, "etag: ") + strlen ("etag: ");
  g_autofree char *header =
      g_strdup_printf ("If-None-Match: %.*s\r\n", (int)strcspn (etag, "\r"), etag);
  g_autoptr (FakeClient) second = api (fixture, "xmltv.php", NULL, header);

  /* The hour may have turned between the two. */
  g_assert_true (second->status == 304 ||
                 g_strcmp0 (strstr (second->head, "etag"), strstr (first->head, "etag")) != 0);
  g_assert_cmpuint (counts_of (fixture).conditional, ==, 1);
  g_assert_cmpuint (counts_of (fixture).requests, ==, 2);
}

static void
test_guide_faults (Fixture *fixture, gconstpointer unused)
{
  say (fixture, "guide truncated x 1");
  g_autoptr (FakeClient) truncated = api (fixture, "xmltv.php", NULL, NULL);
  g_assert_cmpuint (count_text (truncated, "<programme "), >, 100);
  g_assert_cmpuint (count_text (truncated, "</tv>"), ==, 0);

  say (fixture, "guide empty x 1");
  g_autoptr (FakeClient) empty = api (fixture, "xmltv.php", NULL, NULL);
  g_assert_cmpuint (count_text (empty, "<channel "), ==, 0);
  g_assert_cmpuint (count_text (empty, "</tv>"), ==, 1);

  say (fixture, "guide wrong-length x 1");
  g_autoptr (FakeClient) wrong = api (fixture, "xmltv.php", NULL, NULL);
  const char *length = strstr (wrong->head, "content-length: ") + strlen ("content-length: ");
  g_assert_cmpuint (g_ascii_strtoull (length, NULL, 10), >, wrong->body->len);

  say (fixture, "guide truncated-gzip x 1");
  g_autoptr (FakeClient) cut = api (fixture, "xmltv.php", NULL, "Accept-Encoding: gzip\r\n");
  g_autoptr (GByteArray) unpacked = gunzip (cut);
  g_assert_cmpuint (cut->body->len, >, 1000);
  g_assert_null (unpacked);
}

static void
test_guide_generated (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FakeClient) before = api (fixture, "xmltv.php", NULL, NULL);
  say (fixture, "guide programmes 5000");
  g_autoptr (FakeClient) after = api (fixture, "xmltv.php", NULL, NULL);

  g_assert_cmpuint (count_text (after, "<programme "),
                    ==,
                    count_text (before, "<programme ") + 5000);
}

/* -- connection limit ------------------------------------------------------------------------- */

static FakeClient *
watch (Fixture *fixture, guint stream_id)
{
  FakeClient *client = fake_client_live (fixture->provider, stream_id);

  g_assert_true (fake_client_read (client, 188, AWAIT_MS));
  return client;
}

static guint
status_of (Fixture *fixture, guint stream_id)
{
  g_autoptr (FakeClient) client = fake_client_live (fixture->provider, stream_id);

  g_assert_true (fake_client_read (client, 0, AWAIT_MS));
  return client->status;
}

static void
test_limit_refuse (Fixture *fixture, gconstpointer unused)
{
  say (fixture, "account limit 2 refuse");
  g_autoptr (FakeClient) first = watch (fixture, 13);
  g_autoptr (FakeClient) second = watch (fixture, 23);

  g_assert_cmpuint (status_of (fixture, 33), ==, 403);
  g_assert_cmpuint (counts_of (fixture).refused, ==, 1);
  g_assert_cmpuint (counts_of (fixture).peak, ==, 2);
  /* A slot is free the moment its client has closed. */
  for (guint i = 0; i < 30; i++) {
    g_clear_pointer (&second, fake_client_free);
    second = watch (fixture, 33);
  }
  g_assert_cmpuint (counts_of (fixture).refused, ==, 1);
  g_assert_false (first->is_ended);
  g_assert_cmpuint (counts_of (fixture).opens, ==, 33);
  g_assert_cmpuint (forge_fake_provider_opens_of (fixture->provider, 33), ==, 31);
  g_assert_cmpuint (counts_of (fixture).peak, ==, 2);
}

static void
test_limit_kick (Fixture *fixture, gconstpointer unused)
{
  say (fixture, "account limit 1 kick");
  g_autoptr (FakeClient) first = watch (fixture, 13);
  g_autoptr (FakeClient) second = watch (fixture, 23);

  (void)fake_client_read (first, G_MAXSIZE, AWAIT_MS);
  g_assert_true (first->is_ended);
  g_assert_true (fake_client_read (second, 376, AWAIT_MS));
  g_assert_cmpuint (counts_of (fixture).kicked, ==, 1);
  g_assert_cmpuint (counts_of (fixture).peak, ==, 1);
  await_open (fixture->provider, 1);
}

static void
test_limit_slate (Fixture *fixture, gconstpointer unused)
{
  say (fixture, "account limit 1 slate");
  g_autoptr (FakeClient) first = watch (fixture, 13);
  g_autoptr (FakeClient) second = watch (fixture, 23);

  (void)fake_client_read (second, G_MAXSIZE, AWAIT_MS);
  g_assert_true (second->is_ended);
  g_assert_cmpuint (second->body->len, >, 50000);
  g_assert_cmpuint (second->body->len % FORGE_TS_PACKET_BYTES, ==, 0);
  g_assert_false (first->is_ended);
  g_assert_cmpuint (counts_of (fixture).open, ==, 1);
}

static void
test_release_delay (Fixture *fixture, gconstpointer unused)
{
  say (fixture, "account limit 1 refuse");
  say (fixture, "account release-delay 400");
  g_autoptr (FakeClient) first = watch (fixture, 13);
  gint64 closed_us = g_get_monotonic_time ();

  g_clear_pointer (&first, fake_client_free);
  g_assert_cmpuint (status_of (fixture, 23), ==, 403);
  while (status_of (fixture, 23) == 403)
    g_assert_cmpint (g_get_monotonic_time () - closed_us, <, 10 * G_USEC_PER_SEC);
  g_assert_cmpint (g_get_monotonic_time () - closed_us, >=, 400000);
}

/* -- streams that fail ------------------------------------------------------------------------ */

static void
test_say_rejects (Fixture *fixture, gconstpointer unused)
{
  static const char *const wrong[] = {
    "",
    "stream",
    "stream x silent",
    "stream 13",
    "stream 13 silnet",
    "stream 13 stall-after",
    "stream 13 stall-after many",
    "stream 13 stall-after -1",
    "stream 13 silent 5",
    "stream 13 silent x",
    "stream 13 silent x 0",
    "stream 13 silent x 1 more",
    "stream 13 ok x 1",
    "stream 13 empty",
    "list slate",
    "guide strings",
    "account silent",
    "account limit 2",
    "account limit 2 politely",
    "account expired x 1",
    "login status 99",
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_false (forge_fake_provider_say (fixture->provider, wrong[i], &error));
    g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  }
  g_autoptr (GError) error = NULL;
  g_assert_false (forge_fake_provider_say (fixture->provider, "streams silnet", &error));
  g_assert_nonnull (strstr (error->message, "silnet"));
}

static void
test_status_and_html (Fixture *fixture, gconstpointer unused)
{
  say (fixture, "streams status 458");
  say (fixture, "stream 13 status 429");
  g_assert_cmpuint (status_of (fixture, 13), ==, 429);
  g_assert_cmpuint (status_of (fixture, 23), ==, 458);
  say (fixture, "stream 13 ok");
  g_assert_cmpuint (status_of (fixture, 13), ==, 458);
  say (fixture, "streams ok");
  say (fixture, "stream 13 html x 1");
  g_autoptr (FakeClient) html = fake_client_live (fixture->provider, 13);
  g_assert_true (fake_client_read (html, 10, AWAIT_MS));
  g_assert_true (g_str_has_prefix (fake_client_text (html), "<html>"));
  g_assert_cmpuint (counts_of (fixture).open, ==, 0);
  g_assert_cmpuint (status_of (fixture, 13), ==, 200);
}

static void
test_delay (Fixture *fixture, gconstpointer unused)
{
  gint64 begun_us = g_get_monotonic_time ();

  say (fixture, "stream 13 delay 300");
  g_assert_cmpuint (status_of (fixture, 13), ==, 200);
  g_assert_cmpint (g_get_monotonic_time () - begun_us, >=, 300000);
}

static void
test_silent (Fixture *fixture, gconstpointer unused)
{
  say (fixture, "stream 13 silent");
  say (fixture, "stream 23 headers-only");
  g_autoptr (FakeClient) silent = fake_client_live (fixture->provider, 13);
  g_autoptr (FakeClient) mute = fake_client_live (fixture->provider, 23);

  g_assert_true (fake_client_read (mute, 0, AWAIT_MS));
  await_open (fixture->provider, 2);
  g_assert_false (fake_client_read (mute, 1, 200));
  g_assert_false (fake_client_read (silent, 0, 100));
  g_assert_false (silent->is_ended || mute->is_ended);
  g_assert_cmpuint (mute->status, ==, 200);
  g_clear_pointer (&silent, fake_client_free);
  await_open (fixture->provider, 1);
}

static void
test_stall_drop_reset (Fixture *fixture, gconstpointer unused)
{
  say (fixture, "stream 13 stall-after 20000");
  say (fixture, "stream 23 drop-after 20001");
  say (fixture, "stream 33 reset-after 0");
  g_autoptr (FakeClient) stalled = fake_client_live (fixture->provider, 13);
  g_autoptr (FakeClient) dropped = fake_client_live (fixture->provider, 23);
  g_autoptr (FakeClient) reset = fake_client_live (fixture->provider, 33);

  g_assert_true (fake_client_read (stalled, 20000, AWAIT_MS));
  g_assert_false (fake_client_read (stalled, 20001, 200));
  g_assert_false (stalled->is_ended);

  (void)fake_client_read (dropped, G_MAXSIZE, AWAIT_MS);
  g_assert_true (dropped->is_ended);
  g_assert_cmpuint (dropped->body->len, ==, 20001);

  (void)fake_client_read (reset, G_MAXSIZE, AWAIT_MS);
  g_assert_cmpint (reset->failure, ==, ECONNRESET);
  await_open (fixture->provider, 1);
}

static void
test_useless_bytes (Fixture *fixture, gconstpointer unused)
{
  say (fixture, "stream 13 null-only");
  g_autoptr (FakeClient) nulls = fake_client_live (fixture->provider, 13);
  g_assert_true (fake_client_read (nulls, 20 * FORGE_TS_PACKET_BYTES, AWAIT_MS));
  for (guint i = 0; i < 20; i++)
    g_assert_cmpuint (forge_ts_pid (nulls->body->data + i * FORGE_TS_PACKET_BYTES),
                      ==,
                      FORGE_TS_NULL_PID);

  say (fixture, "stream 23 misalign");
  g_autoptr (FakeClient) shifted = fake_client_live (fixture->provider, 23);
  g_assert_true (fake_client_read (shifted, 20 * FORGE_TS_PACKET_BYTES, AWAIT_MS));
  for (guint i = 0; i < 19; i++)
    g_assert_cmpuint (shifted->body->data[88 + i * FORGE_TS_PACKET_BYTES], ==, FORGE_TS_SYNC);

  say (fixture, "stream 33 wrong-length");
  g_autoptr (FakeClient) wrong = fake_client_live (fixture->provider, 33);
  g_assert_true (fake_client_read (wrong, 0, AWAIT_MS));
  g_assert_nonnull (strstr (wrong->head, "content-length: 188000"));

  say (fixture, "stream 43 slate");
  g_autoptr (FakeClient) slate = fake_client_live (fixture->provider, 43);
  (void)fake_client_read (slate, G_MAXSIZE, AWAIT_MS);
  g_assert_true (slate->is_ended);
}

static void
test_redirect (Fixture *fixture, gconstpointer unused)
{
  say (fixture, "stream 13 redirect");
  say (fixture, "stream 13 drop-after 1880");
  g_autoptr (FakeClient) first = fake_client_live (fixture->provider, 13);
  g_assert_true (fake_client_read (first, 0, AWAIT_MS));
  g_assert_cmpuint (first->status, ==, 302);
  g_assert_cmpuint (forge_fake_provider_opens_of (fixture->provider, 13), ==, 0);

  const char *edge = strstr (first->head, "/edge/");
  g_assert_nonnull (edge);
  g_autofree char *path = g_strndup (edge, strcspn (edge, "\r"));
  g_autoptr (FakeClient) second = fake_client_fetch (fixture->provider, path, NULL);
  g_assert_cmpuint (second->status, ==, 200);
  g_assert_cmpuint (second->body->len, ==, 1880);
  g_assert_cmpuint (forge_fake_provider_opens_of (fixture->provider, 13), ==, 1);

  g_autoptr (FakeClient) third = fake_client_fetch (fixture->provider, path, NULL);
  g_assert_cmpuint (third->status, ==, 403);
}

/* -- the picture ------------------------------------------------------------------------------ */

/* What a decoder would notice while reading packets one after another. */
typedef struct {
  gint counters[FORGE_TS_NULL_PID + 1]; /* -1 = not seen */
  guint64 first_pcr, last_pcr, last_pts[FORGE_TS_NULL_PID + 1];
  guint n_pcr, n_pts, n_jumps;
  guint64 max_pcr_gap;
} Decoder;

static Decoder *
decoder_new (void)
{
  Decoder *decoder = g_new0 (Decoder, 1);

  memset (decoder->counters, 0xFF, sizeof decoder->counters);
  return decoder;
}

static void
decoder_time (Decoder *decoder, const guint8 *packet)
{
  guint64 pcr, pts, dts;
  guint pid = forge_ts_pid (packet);

  if (forge_ts_read_pcr (packet, &pcr)) {
    if (decoder->n_pcr++ == 0)
      decoder->first_pcr = pcr;
    else
      decoder->max_pcr_gap = MAX (decoder->max_pcr_gap, pcr - decoder->last_pcr);
    decoder->last_pcr = pcr;
  }
  if (forge_ts_read_pts (packet, &pts, &dts)) {
    /* One picture at 25 fps or five AAC frames later than the one before. */
    guint64 step = pts - decoder->last_pts[pid];
    decoder->n_jumps += decoder->last_pts[pid] && step != 3600 && step != 9600;
    decoder->last_pts[pid] = pts;
    decoder->n_pts++;
  }
}

static void
decoder_read (Decoder *decoder, const guint8 *bytes, gsize size)
{
  g_assert_cmpuint (size % FORGE_TS_PACKET_BYTES, ==, 0);
  for (gsize at = 0; at < size; at += FORGE_TS_PACKET_BYTES) {
    const guint8 *packet = bytes + at;
    guint pid = forge_ts_pid (packet);

    g_assert_cmpuint (packet[0], ==, FORGE_TS_SYNC);
    if (pid == FORGE_TS_NULL_PID)
      continue;
    gint counter = (gint)forge_ts_counter (packet);
    gint step = forge_ts_has_payload (packet) ? 1 : 0;
    if (decoder->counters[pid] >= 0)
      g_assert_cmpint (counter, ==, (decoder->counters[pid] + step) & 15);
    decoder->counters[pid] = counter;
    decoder_time (decoder, packet);
  }
}

static void
test_seam (gconstpointer data)
{
  guint tier = GPOINTER_TO_UINT (data) / 2;
  g_autofree ForgeFakeClip *clip = g_new0 (ForgeFakeClip, 1);
  g_autofree Decoder *decoder = decoder_new ();

  g_assert_true (forge_fake_clip_load (clip, tier, NULL));
  g_assert_true (g_str_has_prefix (clip->codec, "avc1."));
  ForgeFakeFeed feed = forge_fake_feed (clip, GPOINTER_TO_UINT (data) % 2);
  gsize size = 4 * forge_fake_feed_loop_bytes (&feed);
  g_autofree guint8 *bytes = g_malloc (size);
  /* From amid the 100th loop, in pieces that fit nothing. */
  guint64 from = 100 * forge_fake_feed_loop_bytes (&feed) + 300 * FORGE_TS_PACKET_BYTES;
  for (gsize at = 0; at < size; at += 1009)
    forge_fake_feed_read (&feed, from + at, bytes + at, MIN (1009, size - at));

  decoder_read (decoder, bytes, size);
  g_assert_cmpuint (decoder->n_jumps, ==, 0);
  g_assert_cmpuint (decoder->n_pts, >, 4 * clip->gops * (24 + 9) - 3);
  g_assert_cmpuint (decoder->max_pcr_gap, <=, 100 * 90);
  /* The clock says what the number of bytes says, within a packet or two. */
  gint64 lacking = (gint64)(4 * clip->gops * FORGE_FAKE_GOP_TICKS) -
                   (gint64)(decoder->last_pcr - decoder->first_pcr);
  g_assert_cmpint (lacking, >=, 0);
  g_assert_cmpint (lacking, <=, 2 * 9000);
}

static guint64
first_pcr (FakeClient *client)
{
  guint64 pcr = 0;

  g_assert_true (fake_client_read (client, 180 * FORGE_TS_PACKET_BYTES, AWAIT_MS));
  for (guint i = 0; i < 180; i++)
    if (forge_ts_read_pcr (client->body->data + i * FORGE_TS_PACKET_BYTES, &pcr))
      return pcr;
  g_assert_not_reached ();
}

static void
test_same_position (Fixture *fixture, gconstpointer unused)
{
  gint64 begun_us = g_get_monotonic_time ();
  g_autoptr (FakeClient) one = fake_client_live (fixture->provider, 13);
  guint64 early = first_pcr (one);
  g_autoptr (FakeClient) two = fake_client_live (fixture->provider, 13);
  guint64 late = first_pcr (two);
  gint64 apart_ticks = (g_get_monotonic_time () - begun_us) * 9 / 100;

  g_assert_cmpint ((gint64)(late - early), >=, -9000);
  g_assert_cmpint ((gint64)(late - early), <=, apart_ticks + 9000);
  g_autofree Decoder *decoder = decoder_new ();
  decoder_read (decoder, one->body->data, one->body->len / 188 * 188);
}

/* Never faster than the clip's rate with a quarter of a second ahead. */
static void
test_pace (Fixture *fixture, gconstpointer unused)
{
  gint64 begun_us = g_get_monotonic_time ();
  g_autoptr (FakeClient) client = fake_client_live (fixture->provider, 13);

  g_assert_true (fake_client_read (client, 150000, AWAIT_MS));
  gint64 allowed = (g_get_monotonic_time () - begun_us + 250000) * 175 / 1000;
  g_assert_cmpuint (client->body->len, <=, (guint)allowed);
  g_assert_cmpint (g_get_monotonic_time () - begun_us, >=, 500000);
}

static void
test_paths (Fixture *fixture, gconstpointer unused)
{
  static const struct {
    const char *kind, *name;
    guint status;
  } cases[] = {
    { "", "13", 200 },         { "", "13.ts", 200 },        { "live", "13.ts", 200 },
    { "live", "19.ts", 404 },  { "live", "x.ts", 404 },     { "live", "1300.ts", 404 },
    { "movie", "13.ts", 404 }, { "nothing", "13.ts", 404 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = fake_client_media (fixture->provider, cases[i].kind, cases[i].name);
    g_autofree char *rooted = *path == '/' ? g_strdup (path) : g_strconcat ("/", path, NULL);
    g_autoptr (FakeClient) client = fake_client_open (fixture->provider, rooted, NULL);
    g_assert_true (fake_client_read (client, 0, AWAIT_MS));
    g_assert_cmpuint (client->status, ==, cases[i].status);
  }
  g_autoptr (FakeClient) wrong =
      fake_client_fetch (fixture->provider, "/live/ann+marie@home/wrong/13.ts", NULL);
  g_assert_cmpuint (wrong->status, ==, 404);
}

/* The addresses that the playlist names can be played as they are. */
static void
test_m3u (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FakeClient) list = api (fixture, "get.php", "&type=m3u_plus&output=ts", NULL);
  const char *url = strstr (fake_client_text (list), "http://");

  g_assert_cmpuint (count_text (list, "#EXTINF:"), ==, 48);
  g_assert_true (g_str_has_prefix (url, forge_fake_provider_url (fixture->provider)));
  url += strlen (forge_fake_provider_url (fixture->provider));
  g_autofree char *path = g_strndup (url, strcspn (url, "\n"));
  g_autoptr (FakeClient) client = fake_client_open (fixture->provider, path, NULL);
  g_assert_true (fake_client_read (client, 188, AWAIT_MS));
  g_assert_cmpuint (client->status, ==, 200);
}

/* -- HLS and films ---------------------------------------------------------------------------- */

static void
test_hls (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *path = fake_client_media (fixture->provider, "live", "13.m3u8");
  g_autoptr (FakeClient) master = fake_client_fetch (fixture->provider, path, NULL);
  const char *variant = strstr (fake_client_text (master), "/hls/");
  g_autofree Decoder *decoder = decoder_new ();

  g_assert_cmpuint (count_text (master, "#EXT-X-STREAM-INF:"), ==, 3);
  g_autofree char *media_path = g_strndup (variant, strcspn (variant, "\n"));
  g_autoptr (FakeClient) media = fake_client_fetch (fixture->provider, media_path, NULL);
  g_assert_cmpuint (count_text (media, "#EXTINF:1.920,"), ==, 6);
  g_auto (GStrv) lines = g_strsplit (fake_client_text (media), "\n", -1);
  g_autofree char *folder = g_path_get_dirname (media_path);
  for (guint i = 0; lines[i]; i++) {
    if (lines[i][0] == '#' || !lines[i][0])
      continue;
    g_autofree char *segment_path = g_build_path ("/", folder, lines[i], NULL);
    g_autoptr (FakeClient) segment = fake_client_fetch (fixture->provider, segment_path, NULL);
    g_assert_cmpuint (segment->status, ==, 200);
    g_assert_cmpuint (forge_ts_pid (segment->body->data), ==, 0);
    decoder_read (decoder, segment->body->data, segment->body->len);
  }
  g_assert_cmpuint (decoder->n_jumps, ==, 0);
  g_assert_cmpuint (decoder->n_pts, ==, 12 * (24 + 9));
  /* On the provider's clock, like all variants: a minute and some since it began. */
  g_assert_cmpuint (decoder->last_pcr, >, 55 * FORGE_TS_CLOCK_HZ);
  g_assert_cmpuint (decoder->last_pcr, <, 600 * FORGE_TS_CLOCK_HZ);
  g_assert_cmpuint (counts_of (fixture).open, ==, 1);
  g_autoptr (FakeClient) unknown =
      fake_client_fetch (fixture->provider, "/hls/0123456789abcdef/13.m3u8", NULL);
  g_assert_cmpuint (unknown->status, ==, 404);
}

static void
test_film (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *path = fake_client_media (fixture->provider, "movie", "7004.ts");
  g_autoptr (FakeClient) whole = fake_client_fetch (fixture->provider, path, NULL);
  g_autofree Decoder *decoder = decoder_new ();

  g_assert_cmpuint (whole->status, ==, 200);
  g_assert_nonnull (strstr (whole->head, "accept-ranges: bytes"));
  decoder_read (decoder, whole->body->data, whole->body->len);
  g_assert_cmpuint (decoder->n_jumps, ==, 0);

  g_autoptr (FakeClient) part =
      fake_client_fetch (fixture->provider, path, "Range: bytes=1000001-2000000\r\n");
  g_assert_cmpuint (part->status, ==, 206);
  g_assert_nonnull (strstr (part->head, "content-range: bytes 1000001-2000000/"));
  g_assert_cmpmem (part->body->data, part->body->len, whole->body->data + 1000001, 1000000);

  g_autoptr (FakeClient) tail = fake_client_fetch (fixture->provider, path, "Range: bytes=-77\r\n");
  g_assert_cmpmem (tail->body->data,
                   tail->body->len,
                   whole->body->data + whole->body->len - 77,
                   77);

  g_autoptr (FakeClient) beyond =
      fake_client_fetch (fixture->provider, path, "Range: bytes=999999999-\r\n");
  g_assert_cmpuint (beyond->status, ==, 416);

  g_autoptr (FakeClient) changed =
      fake_client_fetch (fixture->provider, path, "Range: bytes=5-6\r\nIf-Range: \"other\"\r\n");
  g_assert_cmpuint (changed->status, ==, 200);
}

static void
test_film_redirect (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *path = fake_client_media (fixture->provider, "series", "9202.ts");

  say (fixture, "streams redirect");
  g_autoptr (FakeClient) first = fake_client_fetch (fixture->provider, path, NULL);
  g_assert_cmpuint (first->status, ==, 302);
  const char *edge = strstr (first->head, "/edge/");
  g_autofree char *edge_path = g_strndup (edge, strcspn (edge, "\r"));
  g_autoptr (FakeClient) second =
      fake_client_fetch (fixture->provider, edge_path, "Range: bytes=0-9\r\n");
  g_assert_cmpuint (second->status, ==, 206);
  g_assert_cmpuint (second->body->len, ==, 10);
}

static void
test_film_faults (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *path = fake_client_media (fixture->provider, "series", "9101.ts");

  say (fixture, "stream 9101 drop-after 100000 x 1");
  g_autoptr (FakeClient) dropped = fake_client_fetch (fixture->provider, path, NULL);
  g_assert_cmpuint (dropped->body->len, ==, 100000);
  g_assert_cmpuint (forge_fake_provider_opens_of (fixture->provider, 9101), ==, 1);
  g_assert_cmpuint (counts_of (fixture).opens, ==, 0);

  g_autofree char *head_path = g_strconcat ("HEAD ", path, NULL);
  g_autoptr (FakeClient) head = fake_client_fetch (fixture->provider, head_path, NULL);
  g_assert_cmpuint (head->status, ==, 200);
  g_assert_cmpuint (head->body->len, ==, 0);
}

/* -- connections ------------------------------------------------------------------------------ */

static guint
count_descriptors (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir))
    n++;
  return n;
}

static void
test_no_leak (Fixture *fixture, gconstpointer unused)
{
  guint before = count_descriptors ();

  for (guint i = 0; i < 50; i++) {
    g_autoptr (FakeClient) client = fake_client_live (fixture->provider, 13);
    if (i % 2 == 0)
      g_assert_true (fake_client_read (client, 188, AWAIT_MS));
  }
  await_open (fixture->provider, 0);
  gint64 until_us = g_get_monotonic_time () + AWAIT_MS * G_GINT64_CONSTANT (1000);
  while (count_descriptors () != before && g_get_monotonic_time () < until_us)
    g_thread_yield ();
  g_assert_cmpuint (count_descriptors (), ==, before);
}

static void
test_free_while_streaming (void)
{
  guint before = count_descriptors ();
  ForgeFakeProvider *provider = provider_with ((ForgeFakeProviderOptions){ .is_demo = TRUE });
  g_autoptr (GError) error = NULL;

  g_assert_true (forge_fake_provider_say (provider, "stream 23 silent", &error));
  g_autoptr (FakeClient) playing = fake_client_live (provider, 13);
  g_autoptr (FakeClient) silent = fake_client_live (provider, 23);
  int idle = fake_client_dial (provider);
  g_assert_true (fake_client_read (playing, 188, AWAIT_MS));
  await_open (provider, 2);

  gint64 begun_us = g_get_monotonic_time ();
  forge_fake_provider_free (provider);
  g_assert_cmpint (g_get_monotonic_time () - begun_us, <, 3 * G_USEC_PER_SEC);
  (void)fake_client_read (playing, G_MAXSIZE, AWAIT_MS);
  (void)fake_client_read (silent, G_MAXSIZE, AWAIT_MS);
  g_assert_true (playing->is_ended || playing->failure);
  g_assert_true (silent->is_ended || silent->failure);
  close (idle);
  g_clear_pointer (&playing, fake_client_free);
  g_clear_pointer (&silent, fake_client_free);
  g_assert_cmpuint (count_descriptors (), ==, before);
}

static void
test_slow_reader (Fixture *fixture, gconstpointer unused)
{
  /* Nobody reads: the thread waits for room, and still sees the close. */
  g_autofree char *path = fake_client_media (fixture->provider, "movie", "7002.ts");
  g_autoptr (FakeClient) film = fake_client_open (fixture->provider, path, NULL);
  g_autoptr (FakeClient) live = fake_client_live (fixture->provider, 14);

  await_open (fixture->provider, 1);
  g_clear_pointer (&live, fake_client_free);
  await_open (fixture->provider, 0);
  g_assert_true (fake_client_read (film, 0, AWAIT_MS));
}

static void
test_bad_requests (Fixture *fixture, gconstpointer unused)
{
  static const char *const requests[] = { "hello\r\n\r\n",
                                          "DELETE / HTTP/1.1\r\n\r\n",
                                          "GET /%00/%zz HTTP/1.1\r\n\r\n",
                                          "GET / HTTP/1.1\r\nno colon\r\n\r\n",
                                          "GET /x HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n" };

  for (guint i = 0; i < G_N_ELEMENTS (requests); i++) {
    FakeClient client = { .fd = fake_client_dial (fixture->provider), .body = g_byte_array_new () };
    g_assert_cmpint (send (client.fd, requests[i], strlen (requests[i]), MSG_NOSIGNAL), >, 0);
    (void)fake_client_read (&client, G_MAXSIZE, AWAIT_MS);
    g_assert_cmpuint (client.status, ==, 400);
    close (client.fd);
    g_free (client.head);
    g_byte_array_unref (client.body);
  }

  /* A head without end: the connection is given up, not the memory. */
  g_autofree char *endless = g_strnfill (40000, 'a');
  int fd = fake_client_dial (fixture->provider);
  char byte;
  (void)!send (fd, endless, 40000, MSG_NOSIGNAL);
  g_assert_cmpint (recv (fd, &byte, 1, 0), <=, 0);
  close (fd);
}

static void
test_keep_alive (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *path = fake_client_api (fixture->provider, "player_api.php", NULL);
  g_autofree char *request = g_strdup_printf ("GET %s HTTP/1.1\r\n\r\n", path);
  g_autoptr (FakeClient) client = fake_client_open (fixture->provider, path, NULL);

  g_assert_true (fake_client_read (client, 100, AWAIT_MS));
  for (guint i = 0; i < 20; i++)
    g_assert_cmpint (send (client->fd, request, strlen (request), MSG_NOSIGNAL), >, 0);
  gint64 until_us = g_get_monotonic_time () + AWAIT_MS * G_GINT64_CONSTANT (1000);
  while (count_text (client, "server_info") < 21 && g_get_monotonic_time () < until_us)
    (void)fake_client_read (client, client->body->len + 1, 1000);
  g_assert_cmpuint (count_text (client, "server_info"), ==, 21);
  g_assert_cmpuint (counts_of (fixture).requests, ==, 21);
}

static void
test_too_many_connections (Fixture *fixture, gconstpointer unused)
{
  int fds[140];
  guint n_closed = 0;

  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    fds[i] = fake_client_dial (fixture->provider);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++) {
    struct pollfd closed = { .fd = fds[i], .events = POLLRDHUP };
    /* The last ones are closed at once, the others would stay until they are idle too long. */
    n_closed += poll (&closed, 1, i < 128 ? 0 : (int)AWAIT_MS) > 0 ? 1 : 0;
  }
  g_assert_cmpuint (n_closed, ==, 12);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    close (fds[i]);
}

static void
test_demo (void)
{
  Fixture fixture = { provider_with ((ForgeFakeProviderOptions){ .is_demo = TRUE }) };
  g_autoptr (FakeClient) guide = api (&fixture, "xmltv.php", NULL, NULL);

  g_assert_cmpstr (forge_fake_provider_username (fixture.provider), ==, "demo");
  g_assert_cmpuint (strlen (forge_fake_provider_password (fixture.provider)), >=, 12);
  g_assert_cmpuint (count_text (guide, "<channel "), ==, 24);
  g_assert_cmpuint (count_text (guide, "lang=\"fr\""), >, 100);
  g_assert_cmpuint (count_text (guide, "xmltv_ns"), >, 100);
  g_assert_cmpuint (count_streams (&fixture), >, 48);
  g_assert_cmpuint (count_streams (&fixture), <, 96);
  forge_fake_provider_free (fixture.provider);
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

static void
add_seams (void)
{
  for (guint i = 0; i < 2 * FORGE_FAKE_TIERS; i++) {
    g_autofree char *path =
        g_strdup_printf ("/fake-provider/clip/no-seam/%s-%s",
                         (const char *[]){ "slate", "sd", "hd", "fhd", "4k" }[i / 2],
                         i % 2 ? "stuffed" : "plain");
    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_seam);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/fake-provider/login/right-and-wrong", test_login);
  ADD ("/fake-provider/login/faults", test_login_faults);
  ADD ("/fake-provider/account/stops-streams", test_account_stops_streams);
  ADD ("/fake-provider/list/faults", test_list);
  ADD ("/fake-provider/list/fault-ends-after-count", test_fault_count);
  g_test_add_func ("/fake-provider/list/generated", test_list_generated);
  ADD ("/fake-provider/list/m3u-can-be-played", test_m3u);
  ADD ("/fake-provider/library/answers", test_library);
  ADD ("/fake-provider/guide/whole-and-gzipped", test_guide);
  ADD ("/fake-provider/guide/conditional", test_guide_conditional);
  ADD ("/fake-provider/guide/faults", test_guide_faults);
  ADD ("/fake-provider/guide/generated", test_guide_generated);
  ADD ("/fake-provider/limit/refuse", test_limit_refuse);
  ADD ("/fake-provider/limit/kick", test_limit_kick);
  ADD ("/fake-provider/limit/slate", test_limit_slate);
  ADD ("/fake-provider/limit/release-delay", test_release_delay);
  ADD ("/fake-provider/say/rejects-misspelt", test_say_rejects);
  ADD ("/fake-provider/fault/status-and-html", test_status_and_html);
  ADD ("/fake-provider/fault/delay", test_delay);
  ADD ("/fake-provider/fault/silent-and-headers-only", test_silent);
  ADD ("/fake-provider/fault/stall-drop-reset", test_stall_drop_reset);
  ADD ("/fake-provider/fault/useless-bytes", test_useless_bytes);
  ADD ("/fake-provider/fault/redirect", test_redirect);
  add_seams ();
  ADD ("/fake-provider/live/same-position", test_same_position);
  ADD ("/fake-provider/live/pace", test_pace);
  ADD ("/fake-provider/live/paths", test_paths);
  ADD ("/fake-provider/hls/window-is-continuous", test_hls);
  ADD ("/fake-provider/film/ranges", test_film);
  ADD ("/fake-provider/film/faults", test_film_faults);
  ADD ("/fake-provider/film/redirect", test_film_redirect);
  ADD ("/fake-provider/connection/no-leak", test_no_leak);
  g_test_add_func ("/fake-provider/connection/free-while-streaming", test_free_while_streaming);
  ADD ("/fake-provider/connection/slow-reader", test_slow_reader);
  ADD ("/fake-provider/connection/bad-requests", test_bad_requests);
  ADD ("/fake-provider/connection/keep-alive", test_keep_alive);
  ADD ("/fake-provider/connection/too-many", test_too_many_connections);
  g_test_add_func ("/fake-provider/demo/looks-real", test_demo);
  return g_test_run ();
}

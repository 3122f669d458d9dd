/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "formats/forge-hls-attributes.h"
#include "formats/forge-hls.h"

#include <string.h>

static ForgeHlsPlaylist *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  ForgeHlsPlaylist *playlist = forge_hls_parse (text, strlen (text), &error);

  g_assert_no_error (error);
  return playlist;
}

static void
assert_attribute (GHashTable *attributes, const char *name, const char *value)
{
  g_assert_cmpstr (forge_hls_attribute (attributes, name), ==, value);
}

static void
test_attributes (void)
{
  g_autoptr (GHashTable) attributes = forge_hls_attributes_parse (
      "METHOD=AES-128 , uri=\"http://k.example/a?b=c,d=e\" ,IV=0xAB,IV=0xCD,EMPTY=\"\",BARE,"
      "BANDWIDTH=12345.6,NEGATIVE=-4,LAST=\"never closed, IV=1");

  assert_attribute (attributes, "METHOD", "AES-128");
  assert_attribute (attributes, "URI", "http://k.example/a?b=c,d=e");
  assert_attribute (attributes, "IV", "0xAB");
  assert_attribute (attributes, "EMPTY", NULL);
  assert_attribute (attributes, "BARE", NULL);
  assert_attribute (attributes, "LAST", "never closed, IV=1");
  g_assert_cmpuint (forge_hls_attribute_number (attributes, "BANDWIDTH"), ==, 12345);
  g_assert_cmpuint (forge_hls_attribute_number (attributes, "NEGATIVE"), ==, 0);
  g_assert_cmpuint (forge_hls_attribute_number (attributes, "METHOD"), ==, 0);
}

static void
test_live_window (void)
{
  g_autoptr (ForgeHlsPlaylist) playlist = parse ("#EXTM3U\n#EXT-X-VERSION:3\n"
                                                 "#EXT-X-TARGETDURATION:8\n"
                                                 "#EXT-X-MEDIA-SEQUENCE:2680\n"
                                                 "#EXTINF:7.975,\nhttps://a.example/2680.ts\n"
                                                 "#EXTINF:7,Title, with a comma\n2681.ts?t=1\n"
                                                 "#EXT-X-DISCONTINUITY\n#EXTINF:8\n../x/2682.ts");
  g_assert_false (playlist->is_master);
  g_assert_false (playlist->has_end);
  g_assert_cmpint (playlist->target_us, ==, 8 * G_USEC_PER_SEC);
  g_assert_cmpuint (playlist->segments->len, ==, 3);
  g_assert_cmpint (forge_hls_segment (playlist, 0)->duration_us, ==, 7975000);
  g_assert_cmpstr (forge_hls_segment (playlist, 1)->uri, ==, "2681.ts?t=1");
  g_assert_cmpuint (forge_hls_segment (playlist, 2)->sequence, ==, 2682);
  g_assert_true (forge_hls_segment (playlist, 2)->is_discontinuity);
  g_assert_false (forge_hls_segment (playlist, 1)->is_discontinuity);
  g_assert_cmpint (forge_hls_segment (playlist, 1)->length, ==, -1);
  g_assert_cmpint (forge_hls_total_us (playlist), ==, 22975000);
  g_assert_null (forge_hls_segment (playlist, 3));
}

/* Seen: a byte-order mark, CRLF and CR, blanks around, tags that miss, no #EXTINF before a URI. */
static void
test_sloppy_text (void)
{
  g_autoptr (ForgeHlsPlaylist) playlist =
      parse ("\xEF\xBB\xBF\r\n #EXTM3U\r\n\r\n#EXT-X-MEDIA-SEQUENCE: 12 \r#EXTINF:nan,\r\n"
             "/hls/TOKEN \r\n\r\nno-extinf.ts\r\n#EXTINF\r\n//edge.example/b.ts\r\n"
             "#EXT-X-SOMETHING-NEW:A=1\r\n# comment\r\n#extinf:4\r\nc.ts");

  g_assert_cmpuint (playlist->segments->len, ==, 4);
  g_assert_cmpuint (playlist->media_sequence, ==, 12);
  g_assert_cmpint (playlist->target_us, ==, 4 * G_USEC_PER_SEC);
  g_assert_cmpstr (forge_hls_segment (playlist, 0)->uri, ==, "/hls/TOKEN");
  g_assert_cmpint (forge_hls_segment (playlist, 0)->duration_us, ==, 4 * G_USEC_PER_SEC);
  g_assert_cmpstr (forge_hls_segment (playlist, 2)->uri, ==, "//edge.example/b.ts");
}

static void
test_no_header_is_forgiven (void)
{
  g_autoptr (ForgeHlsPlaylist) playlist = parse ("#EXTINF:4,\na.ts\n");

  g_assert_cmpuint (playlist->segments->len, ==, 1);
}

static void
test_what_is_no_playlist (void)
{
  static const char *const texts[] = { "",
                                       "<html><head>\n</head></html>",
                                       "{\"error\":\"#EXTM3U\"}",
                                       "blocked" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (forge_hls_parse (texts[i], strlen (texts[i]), &error));
    g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  }
  g_autoptr (GError) error = NULL;
  const char leak[] = "see http://tv.example/live/u/secret/1.ts";
  g_assert_null (forge_hls_parse (leak, strlen (leak), &error));
  g_assert_null (strstr (error->message, "secret"));
}

static void
test_byte_ranges_follow_each_other (void)
{
  g_autoptr (ForgeHlsPlaylist) playlist =
      parse ("#EXTM3U\n#EXTINF:4,\n#EXT-X-BYTERANGE:100@50\na.ts\n#EXTINF:4,\n"
             "#EXT-X-BYTERANGE:200\na.ts\n#EXT-X-BYTERANGE:300\n#EXTINF:4,\na.ts\n"
             "#EXT-X-BYTERANGE:30\nb.ts\nb.ts\n#EXT-X-BYTERANGE:7\nb.ts\n#EXT-X-BYTERANGE:x\nc.ts");
  static const gint64 want[][2] = { { 50, 100 }, { 150, 200 }, { 350, 300 }, { 0, 30 },
                                    { 0, -1 },   { 0, 7 },     { 0, -1 } };

  g_assert_cmpuint (playlist->segments->len, ==, G_N_ELEMENTS (want));
  for (guint i = 0; i < G_N_ELEMENTS (want); i++) {
    g_assert_cmpint (forge_hls_segment (playlist, i)->offset, ==, want[i][0]);
    g_assert_cmpint (forge_hls_segment (playlist, i)->length, ==, want[i][1]);
  }
  g_assert_cmpuint (playlist->skipped, ==, 1);
}

static void
test_keys_stay_in_force (void)
{
  static const guint8 iv[16] = { [14] = 0x0A, [15] = 0xBC };
  g_autoptr (ForgeHlsPlaylist) playlist =
      parse ("#EXTM3U\na.ts\n#EXT-X-KEY:METHOD=AES-128,URI=\"k1\",IV=0xabc\nb.ts\nc.ts\n"
             "#EXT-X-KEY:METHOD=AES-128,URI=\"k2\"\nd.ts\n#EXT-X-KEY:METHOD=NONE\ne.ts\n");

  g_assert_null (forge_hls_segment (playlist, 0)->key);
  const ForgeHlsKey *key = forge_hls_segment (playlist, 2)->key;
  g_assert_true (key == forge_hls_segment (playlist, 1)->key);
  g_assert_cmpint (key->method, ==, FORGE_HLS_METHOD_AES_128);
  g_assert_cmpstr (key->uri, ==, "k1");
  g_assert_true (key->has_iv);
  g_assert_cmpmem (key->iv, 16, iv, 16);
  g_assert_cmpstr (forge_hls_segment (playlist, 3)->key->uri, ==, "k2");
  g_assert_false (forge_hls_segment (playlist, 3)->key->has_iv);
  g_assert_null (forge_hls_segment (playlist, 4)->key);
}

static void
test_keys_of_drm (void)
{
  g_autoptr (ForgeHlsPlaylist) playlist = parse (
      "#EXTM3U\n"
      "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://1\",KEYFORMAT=\"com.apple.streamingkeydelivery\"\n"
      "a.ts\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\",KEYFORMAT=\"identity\"\nb.ts\n"
      "#EXT-X-KEY:METHOD=NONE\n#EXT-X-KEY:METHOD=AES-128\nc.ts\n#EXT-X-KEY:URI=\"k\"\nd.ts");

  g_assert_cmpint (forge_hls_segment (playlist, 0)->key->method, ==, FORGE_HLS_METHOD_OTHER);
  g_assert_cmpstr (forge_hls_segment (playlist, 0)->key->method_name, ==, "SAMPLE-AES");
  g_assert_cmpint (forge_hls_segment (playlist, 1)->key->method, ==, FORGE_HLS_METHOD_AES_128);
  /* a key that cannot be fetched */
  g_assert_cmpint (forge_hls_segment (playlist, 2)->key->method, ==, FORGE_HLS_METHOD_OTHER);
  g_assert_cmpuint (playlist->skipped, ==, 1);
}

static void
test_maps_gaps_and_dates (void)
{
  g_autoptr (ForgeHlsPlaylist) playlist = parse (
      "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-MAP:URI=\"init.mp4\",BYTERANGE=\"720\"\n"
      "#EXT-X-PROGRAM-DATE-TIME:2026-01-31T20:15:00.500+01:00\n#EXTINF:6,\na.m4s\n"
      "#EXT-X-GAP\n#EXTINF:6,\nb.m4s\n#EXT-X-MAP:URI=\"init2.mp4\"\nc.m4s\n#EXT-X-ENDLIST\n");
  const ForgeHlsSegment *first = forge_hls_segment (playlist, 0);

  g_assert_cmpstr (first->map->uri, ==, "init.mp4");
  g_assert_cmpint (first->map->length, ==, 720);
  g_assert_cmpint (first->map->offset, ==, 0);
  g_assert_cmpint (first->program_us, ==, G_GINT64_CONSTANT (1769886900500000));
  g_assert_true (forge_hls_segment (playlist, 1)->is_gap);
  g_assert_cmpint (forge_hls_segment (playlist, 1)->program_us, ==, 0);
  g_assert_cmpstr (forge_hls_segment (playlist, 2)->map->uri, ==, "init2.mp4");
  g_assert_cmpint (forge_hls_segment (playlist, 2)->map->length, ==, -1);
  g_assert_true (playlist->has_end);
}

static void
test_master (void)
{
  g_autoptr (ForgeHlsPlaylist) playlist =
      parse ("#EXTM3U\n"
             "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"fr\",URI=\"fr.m3u8\"\n"
             "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"en, hi\",DEFAULT=YES,URI=\"en.m3u8\"\n"
             "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"m\",NAME=\"x\",DEFAULT=YES\n"
             "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"m\",NAME=\"y\",URI=\"y.m3u8\"\n"
             "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"a\",NAME=\"s\",DEFAULT=YES,URI=\"s.m3u8\"\n"
             "#EXT-X-STREAM-INF:BANDWIDTH=6000000,RESOLUTION=1920x1080,"
             "CODECS=\"avc1.640028,mp4a.40.2\",AUDIO=\"a\"\n# between\n\nhd.m3u8\n"
             "#EXT-X-STREAM-INF:BANDWIDTH=1000,AUDIO=\"m\"\nsd.m3u8?x=1,2\n"
             "#EXT-X-STREAM-INF:RESOLUTION=bad\n#EXT-X-STREAM-INF:BANDWIDTH=5\nlow.m3u8\n"
             "stray.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=9\n");
  const ForgeHlsVariant *hd = forge_hls_variant (playlist, 0);

  g_assert_true (playlist->is_master);
  g_assert_cmpuint (playlist->segments->len, ==, 0);
  g_assert_cmpuint (playlist->variants->len, ==, 3);
  g_assert_cmpstr (hd->uri, ==, "hd.m3u8");
  g_assert_cmpuint (hd->bandwidth, ==, 6000000);
  g_assert_cmpuint (hd->width, ==, 1920);
  g_assert_cmpuint (hd->height, ==, 1080);
  g_assert_cmpstr (hd->codecs, ==, "avc1.640028,mp4a.40.2");
  g_assert_cmpstr (forge_hls_separate_audio (playlist, hd)->uri, ==, "en.m3u8");
  g_assert_null (forge_hls_separate_audio (playlist, forge_hls_variant (playlist, 1)));
  g_assert_null (forge_hls_separate_audio (playlist, forge_hls_variant (playlist, 2)));
  g_assert_cmpuint (playlist->skipped, ==, 2); /* the two STREAM-INF without a URI */
}

static void
test_choice_of_variant (void)
{
  static const struct {
    const char *text, *want;
  } cases[] = {
    { "#EXT-X-STREAM-INF:BANDWIDTH=5\nlow\n#EXT-X-STREAM-INF:BANDWIDTH=9\nhigh\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=9\nequal\n",
      "high" },
    { "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",URI=\"x\"\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=9,AUDIO=\"a\"\napart\n#EXT-X-STREAM-INF:BANDWIDTH=5\nwhole\n",
      "whole" },
    { "#EXT-X-STREAM-INF:BANDWIDTH=9,CODECS=\"mp4a.40.2\"\nsound\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=5,CODECS=\"hvc1.1.6.L93.B0,ec-3\"\npictures\n",
      "pictures" },
    { "#EXT-X-STREAM-INF:BANDWIDTH=9,CODECS=\"mp4a.40.2\"\nradio\n", "radio" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (ForgeHlsPlaylist) playlist = parse (cases[i].text);
    g_assert_cmpstr (forge_hls_choose_variant (playlist)->uri, ==, cases[i].want);
  }
  g_autoptr (ForgeHlsPlaylist) none = parse ("#EXTM3U\n");
  g_assert_null (forge_hls_choose_variant (none));
}

static void
test_bounds (void)
{
  g_autoptr (GString) text = g_string_new ("#EXTM3U\n#EXT-X-TARGETDURATION:1e9\n");

  for (guint i = 0; i < FORGE_HLS_MAX_SEGMENTS + 5; i++)
    g_string_append (text, "#EXTINF:1e300,\na\n");
  for (guint i = 0; i < FORGE_HLS_MAX_LINE_BYTES + 1; i++)
    g_string_append_c (text, 'x');
  g_string_append_len (text, "\nnul\0byte\n", 10);
  g_autoptr (ForgeHlsPlaylist) playlist = forge_hls_parse (text->str, text->len, NULL);
  g_assert_cmpuint (playlist->segments->len, ==, FORGE_HLS_MAX_SEGMENTS);
  g_assert_cmpuint (playlist->skipped, ==, 5 + 2);
  g_assert_cmpint (playlist->target_us, ==, 60 * G_USEC_PER_SEC);
  g_assert_cmpint (forge_hls_segment (playlist, 0)->duration_us,
                   ==,
                   G_GINT64_CONSTANT (3600000000));
}

static void
test_numbers_cannot_overflow (void)
{
  g_autoptr (ForgeHlsPlaylist) playlist =
      parse ("#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:99999999999999999999999\n"
             "#EXT-X-BYTERANGE:99999999999999999999@99999999999999999999\na\n"
             "#EXT-X-BYTERANGE:99999999999999999999\na\n#EXT-X-BYTERANGE:5\na\n");

  g_assert_cmpuint (forge_hls_segment (playlist, 2)->sequence, ==, G_MAXUINT64 / 2 + 2);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (forge_hls_segment (playlist, i)->offset, >=, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/formats/hls/attributes", test_attributes);
  g_test_add_func ("/formats/hls/live-window", test_live_window);
  g_test_add_func ("/formats/hls/sloppy-text", test_sloppy_text);
  g_test_add_func ("/formats/hls/no-header-is-forgiven", test_no_header_is_forgiven);
  g_test_add_func ("/formats/hls/what-is-no-playlist", test_what_is_no_playlist);
  g_test_add_func ("/formats/hls/byte-ranges-follow-each-other",
                   test_byte_ranges_follow_each_other);
  g_test_add_func ("/formats/hls/keys-stay-in-force", test_keys_stay_in_force);
  g_test_add_func ("/formats/hls/keys-of-drm", test_keys_of_drm);
  g_test_add_func ("/formats/hls/maps-gaps-and-dates", test_maps_gaps_and_dates);
  g_test_add_func ("/formats/hls/master", test_master);
  g_test_add_func ("/formats/hls/choice-of-variant", test_choice_of_variant);
  g_test_add_func ("/formats/hls/bounds", test_bounds);
  g_test_add_func ("/formats/hls/numbers-cannot-overflow", test_numbers_cannot_overflow);
  return g_test_run ();
}

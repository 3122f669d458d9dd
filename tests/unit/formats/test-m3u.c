/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-m3u.h"

#include <string.h>

#define OR_DASH(text) ((text) ? (text) : "-")

static void
on_entry (const ForgeM3uEntry *entry, gpointer user_data)
{
  g_string_append_printf (user_data,
                          "%s|%s|id=%s|tvg=%s|logo=%s|group=%s|no=%s|ua=%s|ref=%s|%+.1f|%d%s\n",
                          entry->name,
                          entry->url,
                          OR_DASH (entry->tvg_id),
                          OR_DASH (entry->tvg_name),
                          OR_DASH (entry->logo),
                          OR_DASH (entry->group),
                          OR_DASH (entry->number),
                          OR_DASH (entry->user_agent),
                          OR_DASH (entry->referrer),
                          entry->shift_hours,
                          entry->catchup_days,
                          entry->is_radio ? "|radio" : "");
}

/* Returns: (transfer full), one line per entry. */
static char *
read_split (const char *data, gsize length, gsize piece, ForgeM3uCounts *counts)
{
  GString *log = g_string_new (NULL);
  g_autoptr (ForgeM3u) m3u = forge_m3u_new (on_entry, log);

  for (gsize at = 0; at < length; at += piece)
    forge_m3u_push (m3u, data + at, MIN (piece, length - at));
  forge_m3u_end (m3u, counts);
  return g_string_free (log, FALSE);
}

static char *
load (const char *name, gsize *length)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", "m3u", name, NULL);
  g_autoptr (GError) error = NULL;
  char *data = NULL;

  g_file_get_contents (path, &data, length, &error);
  g_assert_no_error (error);
  return data;
}

static const char quirks[] =
    "One, the first|http://tv.example/live/u/p/1.ts|id=one.example|tvg=One|"
    "logo=http://l.example/1.png?x=abc==|group=News, World|no=5.1|ua=Agent/1.0|"
    "ref=http://ref.example/|+1.0|3\n"
    "Two|http://tv.example/live/u/p/2.ts|id=two.example|tvg=-|logo=-|group=Sport|no=-|"
    "ua=My Agent|ref=http://r.example/|+1.0|3|radio\n"
    "Three|rtsp://tv.example/3|id=three.example|tvg=Ca\xC3\xB1"
    "al|logo=-|group=-|no=-|ua=-|ref=-|-2.5|7\n"
    "basename.ts|http://tv.example/dir/basename.ts?token=1|id=-|tvg=-|logo=-|group=-|no=-|ua=-|"
    "ref=-|+1.0|3\n"
    "Four|udp://@239.0.0.1:1234|id=four.example|tvg=missing quote|logo=-|group=Films|no=-|ua=-|"
    "ref=-|+1.0|3\n"
    "plugin.video.example|plugin://plugin.video.example/?id=5|id=-|tvg=-|logo=-|group=-|no=-|ua=-|ref=-|+1.0|3\n"
    "Last|http://tv.example/6|id=six|tvg=-|logo=-|group=-|no=-|ua=-|ref=-|+1.0|3\n";

static void
test_every_quirk_is_survived_in_any_split (void)
{
  gsize length;
  g_autofree char *data = load ("quirks.m3u", &length);
  static const gsize pieces[] = { 1, 2, 3, 17, 100000 };

  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++) {
    ForgeM3uCounts counts;
    g_autofree char *log = read_split (data, length, pieces[i], &counts);
    g_assert_cmpstr (log, ==, quirks);
    g_assert_cmpuint (counts.entries, ==, 7);
    g_assert_cmpuint (counts.skipped, ==, 2);
    g_assert_false (counts.is_media_playlist);
    g_assert_cmpstr (counts.guide_url, ==, "http://epg.example/a.xml.gz");
    g_free (counts.guide_url);
  }
}

static void
test_a_media_playlist_has_no_channels (void)
{
  gsize length;
  ForgeM3uCounts counts;
  g_autofree char *data = load ("media.m3u8", &length);
  g_autofree char *log = read_split (data, length, length, &counts);

  g_assert_true (counts.is_media_playlist);
  g_assert_cmpuint (counts.entries, ==, 0);
  g_assert_cmpstr (log, ==, "");
}

static void
test_line_ends_and_utf16 (void)
{
  ForgeM3uCounts counts;
  const char *text = "#EXTM3U\r#EXTINF:-1,A\rhttp://a/1\r#EXTINF:-1,B\r\nhttp://a/2";
  g_autofree char *log = read_split (text, strlen (text), 1, &counts);
  gsize length;
  g_autofree char *utf16 = g_convert (text, -1, "UTF-16LE", "UTF-8", NULL, &length, NULL);
  g_autofree char *wide = read_split (utf16, length, 3, &counts);

  g_assert_cmpuint (counts.entries, ==, 2);
  g_assert_true (g_str_has_prefix (log, "A|http://a/1|"));
  g_assert_cmpstr (wide, ==, log);
}

static void
test_an_endless_line_costs_one_entry (void)
{
  g_autoptr (GString) text = g_string_new ("#EXTM3U\n#EXTINF:-1 tvg-logo=\"data:");
  ForgeM3uCounts counts;

  for (int i = 0; i < 300 * 1024; i++)
    g_string_append_c (text, 'x');
  g_string_append (text, "\",Long\nhttp://a/1\n#EXTINF:-1,B\nhttp://a/2\n");
  g_autofree char *log = read_split (text->str, text->len, 1000, &counts);
  g_assert_cmpuint (counts.entries, ==, 2);
  g_assert_cmpuint (counts.skipped, ==, 1);
  g_assert_true (g_str_has_prefix (log, "1|http://a/1|id=-"));
  g_assert_nonnull (strstr (log, "\nB|http://a/2|"));
}

static void
test_numbers_out_of_range_are_ignored (void)
{
  ForgeM3uCounts counts;
  const char *text = "#EXTINF:-1 tvg-shift=\"1e9\" catchup-days=\"99999999999\",A\nhttp://a/1\n"
                     "#EXTINF:-1 tvg-shift=\"nan\" timeshift=\"-5\",B\nhttp://a/2\n";
  g_autofree char *log = read_split (text, strlen (text), 1000, &counts);

  g_assert_nonnull (strstr (log, "ref=-|+0.0|365\n"));
  g_assert_nonnull (strstr (log, "ref=-|+0.0|0\n"));
}

static void
test_what_is_written_can_be_read (void)
{
  static const char *const attributes[] = {
    "tvg-id", "C1.streamforge.local", "group-title", "a \"b\",\nc", "tvg-logo", NULL, NULL
  };
  g_autoptr (GString) out = g_string_new ("#EXTM3U\n");
  ForgeM3uCounts counts;

  forge_m3u_append_entry (out,
                          attributes,
                          "News \"24\", live\r\n#EXTINF",
                          "http://h/1\nhttp://evil");
  g_assert_cmpstr (out->str,
                   ==,
                   "#EXTM3U\n#EXTINF:-1 tvg-id=\"C1.streamforge.local\" group-title=\"a 'b', c\","
                   "News '24', live  #EXTINF\nhttp://h/1 http://evil\n");
  g_autofree char *log = read_split (out->str, out->len, 1000, &counts);
  g_assert_cmpuint (counts.entries, ==, 1);
  g_assert_true (g_str_has_prefix (log, "News '24', live  #EXTINF|http://h/1 "));
}

/* ---- one attribute at a time ---- */

static void
log_all (const ForgeM3uEntry *entry, gpointer user_data)
{
  g_string_append_printf (user_data,
                          "id=%s name=%s logo=%s group=%s no=%s ua=%s ref=%s track=%s shift=%.2f"
                          " catchup=%d source=%s days=%d correction=%.2f radio=%d locked=%d",
                          OR_DASH (entry->tvg_id),
                          entry->name,
                          OR_DASH (entry->logo),
                          OR_DASH (entry->group),
                          OR_DASH (entry->number),
                          OR_DASH (entry->user_agent),
                          OR_DASH (entry->referrer),
                          OR_DASH (entry->audio_track),
                          entry->shift_hours,
                          entry->catchup,
                          OR_DASH (entry->catchup_source),
                          entry->catchup_days,
                          entry->correction_hours,
                          entry->is_radio,
                          entry->is_locked);
}

static void
assert_says (const char *list, const char *part)
{
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (ForgeM3u) m3u = forge_m3u_new (log_all, log);
  ForgeM3uCounts counts;

  forge_m3u_push (m3u, list, strlen (list));
  forge_m3u_end (m3u, &counts);
  g_free (counts.guide_url);
  if (!strstr (log->str, part))
    g_error ("%s\nsays: %s\nwanted: %s", list, log->str, part);
}

/* What stands in #EXTINF, and what is read of it. */
static void
test_every_attribute_of_an_entry (void)
{
  static const struct {
    const char *attributes, *says;
  } cases[] = {
    { "tvg-id=\"a.uk\"", "id=a.uk " },
    { "tvg-ID=\"a.uk\"", "id=a.uk " },
    { "tvh-epg=\"a.uk\"", "id=a.uk " },
    { "tvc-guide-stationid=\"123\"", "id=123 " },
    { "tvg-logo=\"http://l/1\"", "logo=http://l/1 " },
    { "tvg-logo-small=\"http://l/2\"", "logo=http://l/2 " },
    { "logo=\"http://l/3\"", "logo=http://l/3 " },
    { "tvg-chno=\"5\"", "no=5 " },
    { "tvg-chno=\"5.1\"", "no=5.1 " },
    { "tvh-chnum=\"6\"", "no=6 " },
    { "channel-number=\"7\"", "no=7 " },
    { "ch-number=\"8\"", "no=8 " },
    { "group-title=\"News;UK\"", "group=News " },
    { "tvh-tags=\"News|UK\"", "group=News " },
    { "tvg-shift=\"-2.5\"", "shift=-2.50 " },
    { "tvg-shift=\"+1\"", "shift=1.00 " },
    { "catchup=\"default\" catchup-source=\"http://a/{utc}\" catchup-days=\"7\"",
      "catchup=1 source=http://a/{utc} days=7 " },
    { "catchup=\"append\" catchup-source=\"?utc={utc}\" catchup-days=\"7\"",
      "catchup=2 source=?utc={utc} days=7 " },
    { "catchup-type=\"shift\" catchup-days=\"2\"", "catchup=3 source=- days=2 " },
    { "catchup=\"flussonic\" catchup-days=\"3\"", "catchup=4 source=- days=3 " },
    { "catchup=\"fs\" catchup-days=\"3\"", "catchup=4 source=- days=3 " },
    { "catchup=\"flussonic-hls\" catchup-days=\"3\"", "catchup=5 " },
    { "catchup=\"flussonic-ts\" catchup-days=\"3\"", "catchup=6 " },
    { "catchup=\"xc\" catchup-days=\"3\"", "catchup=7 " },
    { "catchup=\"vod\" catchup-days=\"3\"", "catchup=8 " },
    { "catchup=\"xc\"", "catchup=7 source=- days=5 " },
    { "catchup-source=\"http://a/{utc}\"", "catchup=1 source=http://a/{utc} days=5 " },
    { "catchup=\"xc\" catchup-days=\"0\"", "days=0 " },
    { "timeshift=\"7\"", "catchup=3 source=- days=7 " },
    { "tvg-rec=\"4\"", "catchup=3 source=- days=4 " },
    { "catchup=\"xc\" catchup-correction=\"-1.5\"", "correction=-1.50 " },
    { "catchup-days=\"7\"", "catchup=0 source=- days=7 " },
    { "audio-track=\"deu\"", "track=deu " },
    { "parent-code=\"1234\"", "locked=1" },
    { "parent-code=\"\"", "locked=0" },
    { "radio=\"true\"", "radio=1 " },
    { "user-agent=\"Odd/1\"", "ua=Odd/1 " },
    { "http-referrer=\"http://r/\"", "ref=http://r/ " },
    { "m3u-http-headers=\"User-Agent=Odd%2F1&Referer=http://r/\"", "ua=Odd/1 ref=http://r/ " },
    { "provider=\"x\" media=\"1\" realtime=\"0\" vlc-program=\"2\" xui-id=\"3\" cuid=\"4\"",
      "name=N " },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *list =
        g_strdup_printf ("#EXTM3U\n#EXTINF:-1 %s,N\nhttp://h/1\n", cases[i].attributes);
    assert_says (list, cases[i].says);
  }
}

static void
test_every_line_of_an_entry (void)
{
  static const struct {
    const char *line, *says;
  } cases[] = {
    { "#EXTGRP:News", "group=News " },
    { "#EXTVLCOPT:http-user-agent=Odd/1", "ua=Odd/1 " },
    { "#EXTVLCOPT--http-user-agent=Odd/1", "ua=Odd/1 " },
    { "#EXTVLCOPT:http-referrer=http://r/", "ref=http://r/ " },
    { "#EXTVLCOPT:http-reconnect=true", "ua=- ref=- " },
    { "#KODIPROP:http-user-agent=Odd/1", "ua=Odd/1 " },
    { "#KODIPROP:http-referrer=http://r/", "ref=http://r/ " },
    { "#KODIPROP:inputstream.adaptive.stream_headers=User-Agent=Odd%2F1&Referer=http://r/",
      "ua=Odd/1 ref=http://r/ " },
    { "#KODIPROP:inputstream=inputstream.adaptive", "ua=- ref=- " },
    { "#EXTHTTP:{\"User-Agent\":\"Odd/1\",\"Referer\":\"http://r/\",\"X\":[1]}",
      "ua=Odd/1 ref=http://r/ " },
    { "#EXTHTTP:{broken", "ua=- ref=- " },
    { "#EXTIMG:http://l/1", "logo=http://l/1 " },
    { "#EXT-X-PLAYLIST-TYPE:VOD", "name=N " },
    { "#PLAYLIST:Mine", "name=N " },
    { "#SOMETHING-ELSE:x", "name=N " },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *list =
        g_strdup_printf ("#EXTM3U\n#EXTINF:-1,N\n%s\nhttp://h/1\n", cases[i].line);
    assert_says (list, cases[i].says);
  }
  assert_says ("#EXTINF:-1,N\nhttp://h/1|User-Agent=Odd%2F1&!Referer=http%3A%2F%2Fr%2F\n",
               "ua=Odd/1 ref=http://r/ ");
}

static void
test_the_header_speaks_for_all_entries (void)
{
  static const char header[] = "#EXTM3U catchup=\"append\" catchup-source=\"?u={utc}\""
                               " catchup-days=\"3\" catchup-correction=\"2\" tvg-shift=\"1\"\n";
  static const struct {
    const char *entry, *says;
  } cases[] = {
    { "#EXTINF:-1,N\nhttp://h/1\n",
      "shift=1.00 catchup=2 source=?u={utc} days=3 correction=2.00 " },
    { "http://h/1\n", "shift=1.00 catchup=2 source=?u={utc} days=3 correction=2.00 " },
    { "#EXTINF:-1 catchup=\"xc\" catchup-days=\"9\" tvg-shift=\"0\",N\nhttp://h/1\n",
      "shift=0.00 catchup=7 source=?u={utc} days=9 " },
    { "#EXTINF:-1 catchup=\"none\",N\nhttp://h/1\n", "catchup=0 source=- days=0 " },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *list = g_strconcat (header, cases[i].entry, NULL);
    assert_says (list, cases[i].says);
  }
}

static void
test_the_guide_has_three_names (void)
{
  static const char *const names[] = { "url-tvg", "x-tvg-url", "tvg-url" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *list =
        g_strdup_printf ("#EXTM3U %s=\"http://g/1.xml,http://g/2.xml\"\nhttp://h/1\n", names[i]);
    ForgeM3uCounts counts;
    g_autofree char *log G_GNUC_UNUSED = read_split (list, strlen (list), 1000, &counts);
    g_assert_cmpstr (counts.guide_url, ==, "http://g/1.xml");
    g_free (counts.guide_url);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/formats/m3u/every-quirk-is-survived-in-any-split",
                   test_every_quirk_is_survived_in_any_split);
  g_test_add_func ("/formats/m3u/a-media-playlist-has-no-channels",
                   test_a_media_playlist_has_no_channels);
  g_test_add_func ("/formats/m3u/line-ends-and-utf16", test_line_ends_and_utf16);
  g_test_add_func ("/formats/m3u/an-endless-line-costs-one-entry",
                   test_an_endless_line_costs_one_entry);
  g_test_add_func ("/formats/m3u/numbers-out-of-range-are-ignored",
                   test_numbers_out_of_range_are_ignored);
  g_test_add_func ("/formats/m3u/what-is-written-can-be-read", test_what_is_written_can_be_read);
  g_test_add_func ("/formats/m3u/every-attribute-of-an-entry", test_every_attribute_of_an_entry);
  g_test_add_func ("/formats/m3u/every-line-of-an-entry", test_every_line_of_an_entry);
  g_test_add_func ("/formats/m3u/the-header-speaks-for-all-entries",
                   test_the_header_speaks_for_all_entries);
  g_test_add_func ("/formats/m3u/the-guide-has-three-names", test_the_guide_has_three_names);
  return g_test_run ();
}

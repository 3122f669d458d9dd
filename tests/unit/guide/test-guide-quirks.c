/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "fake-http.h"
#include "guide/forge-guide-import.h"
#include "guide/forge-guide-write.h"
#include "guide/forge-lineup-run.h"
#include "store/forge-store-channels.h"

#include <glib/gstdio.h>

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

/* Each row of facts xtream-xmltv-hls.md §3.2, from the file to what clients get of it. The names of
 * the tests are the rows. */

/* 2026-01-31 20:15:00 UTC */
#define NOW G_GINT64_CONSTANT (1769890500)

typedef struct {
  ForgeStore *store;
  gint64 source_id;
  char *dir;
  ForgeGuideImportResult result;
  GError *error;
  FakeHttp http;
} Fixture;

static gint64
add_source (Fixture *fixture, const char *name, int priority)
{
  g_autoptr (ForgeGuideSource) source = forge_guide_source_new ();

  source->name = g_strdup (name);
  source->location = g_strdup ("/guide.xml");
  source->priority = priority;
  gint64 id = forge_store_add_guide_source (fixture->store, source, &fixture->error);
  g_assert_no_error (fixture->error);
  return id;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->dir = g_dir_make_tmp ("forge-quirks-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (fixture->dir, "test.db", NULL);
  fixture->store = forge_store_open (path, NULL, &fixture->error);
  g_assert_no_error (fixture->error);
  fixture->source_id = add_source (fixture, "A guide", 0);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->dir, 0, NULL);

  forge_store_close (fixture->store);
  for (const char *name; (name = g_dir_read_name (dir));) {
    g_autofree char *path = g_build_filename (fixture->dir, name, NULL);
    g_unlink (path);
  }
  g_rmdir (fixture->dir);
  g_free (fixture->dir);
  g_clear_error (&fixture->error);
  fake_http_clear (&fixture->http);
}

static gboolean
import_named (Fixture *fixture, gint64 source_id, const char *name, const void *data, gsize length)
{
  const ForgeGuideImportOptions options = { .now_s = NOW,
                                            .days = 7,
                                            .past_hours = 12,
                                            .hold_back_percent = 30 };
  g_autofree char *path = g_build_filename (fixture->dir, name, NULL);

  g_clear_error (&fixture->error);
  g_assert_true (g_file_set_contents (path, data, (gssize)length, NULL));
  return forge_guide_import (fixture->store,
                             (ForgeHttp *)&fixture->http,
                             source_id,
                             path,
                             &options,
                             &fixture->result,
                             NULL,
                             &fixture->error);
}

static gboolean
import_text (Fixture *fixture, const char *text)
{
  return import_named (fixture, fixture->source_id, "guide.xml", text, strlen (text));
}

static void
must_import (Fixture *fixture, const char *text)
{
  import_text (fixture, text);
  g_assert_no_error (fixture->error);
}

static gboolean
collect (const char *piece, gsize length, gpointer user_data, GError **error)
{
  g_string_append_len (user_data, piece, (gssize)length);
  return TRUE;
}

/* /epg.xml of all channels. Returns: (transfer full). */
static char *
write_guide (Fixture *fixture)
{
  const ForgeLineupRunOptions run = { .now_s = NOW, .max_enabled = 480, .tombstone_days = 14 };
  const ForgeGuideWriteOptions options = { .now_s = NOW, .days = 7, .past_hours = 12 };
  ForgeLineupRunResult result;
  GString *out = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  forge_lineup_run (fixture->store, &run, &result, NULL, &error);
  g_assert_no_error (error);
  GPtrArray *channels =
      forge_store_list_channels (fixture->store, FORGE_CHANNELS_ALL, NULL, &error);
  g_autoptr (ForgeLineup) lineup = forge_lineup_new (channels, 1);
  forge_guide_write (fixture->store, lineup, &options, collect, out, NULL, &error);
  g_assert_no_error (error);
  return g_string_free (out, FALSE);
}

/* What stands between `open` and `close` in `line`. (transfer full) */
static char *
between (const char *line, const char *open, const char *close)
{
  const char *start = strstr (line, open),
             *end = start ? strstr (start + strlen (open), close) : NULL;

  return end ? g_strndup (start + strlen (open), (gsize)(end - start) - strlen (open)) : NULL;
}

/* "ddhhmm-ddhhmm title" of each programme but placeholders, which are named after their channel. */
static char *
describe (const char *guide)
{
  GString *text = g_string_new (NULL);
  g_auto (GStrv) lines = g_strsplit (guide, "\n", -1);
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (char **line = lines; *line; line++) {
    char *name = between (*line, "<display-name>", "</display-name>");
    if (name)
      g_hash_table_add (names, name);
    g_autofree char *start = between (*line, "start=\"", " ");
    g_autofree char *stop = between (*line, "stop=\"", " ");
    g_autofree char *title = between (*line, "<title>", "</title>");
    if (start && stop && title && !g_hash_table_contains (names, title))
      g_string_append_printf (text, "%.6s-%.6s %s; ", start + 6, stop + 6, title);
  }
  return g_string_free (text, FALSE);
}

static void
assert_shows (Fixture *fixture, const char *expected)
{
  g_autofree char *guide = write_guide (fixture);
  g_autofree char *text = describe (guide);

  g_assert_cmpstr (text, ==, expected);
}

#define CHANNEL "<channel id=\"c\"><display-name>Chan</display-name></channel>"
#define PROGRAMME(times, title) \
  "<programme " times " channel=\"c\"><title>" title "</title></programme>"
#define PLAIN             PROGRAMME ("start=\"20260131200000 +0000\" stop=\"20260131210000 +0000\"", "A")
#define GUIDE(programmes) "<?xml version=\"1.0\"?>\n<tv>\n" CHANNEL programmes "</tv>"

/* ---- rows that one document shows ---- */

typedef struct {
  const char *name, *document, *shows;
} Row;

static const Row rows[] = {
  { "no-stop",
    GUIDE (PROGRAMME ("start=\"20260131200000 +0000\"", "A")
               PROGRAMME ("start=\"20260131203000 +0000\"", "B")
                   PROGRAMME ("start=\"20260201100000 +0000\"", "Last")),
    "312000-312030 A; 312030-010230 B; 011000-011100 Last; " },
  { "no-zone-is-utc",
    GUIDE (PROGRAMME ("start=\"20260131200000\" stop=\"20260131210000\"", "A")),
    "312000-312100 A; " },
  { "trailing-blank",
    GUIDE (PROGRAMME ("start=\"20260131200000 \" stop=\" 20260131210000 \"", "A")),
    "312000-312100 A; " },
  { "zone-with-colon",
    GUIDE (PROGRAMME ("start=\"20260131200000 +02:00\" stop=\"20260131210000+02:00\"", "A")),
    "311800-311900 A; " },
  { "zone-z",
    GUIDE (PROGRAMME ("start=\"20260131200000Z\" stop=\"20260131210000 Z\"", "A")),
    "312000-312100 A; " },
  { "zone-gmt-plus-2",
    GUIDE (PROGRAMME ("start=\"20260131200000 GMT+2\" stop=\"20260131210000 GMT+2\"", "A")),
    "311800-311900 A; " },
  { "zone-name-bst",
    GUIDE (PROGRAMME ("start=\"20260131200000 BST\" stop=\"20260131210000 BST\"", "A")),
    "311900-312000 A; " },
  { "minified",
    "<?xml version=\"1.0\"?><tv>" CHANNEL PLAIN
        PROGRAMME ("start=\"20260131210000+0000\"stop=\"20260131220000+0000\"", "B") "</tv>",
    "312000-312100 A; 312100-312200 B; " },
  { "unsorted",
    GUIDE (PROGRAMME ("start=\"20260131210000 +0000\" stop=\"20260131220000 +0000\"", "B") PLAIN),
    "312000-312100 A; 312100-312200 B; " },
  { "identical-twice", GUIDE (PLAIN PLAIN), "312000-312100 A; " },
  { "overlap-cuts-the-earlier",
    GUIDE (PROGRAMME ("start=\"20260131200000 +0000\" stop=\"20260131220000 +0000\"", "A")
               PROGRAMME ("start=\"20260131213000 +0000\" stop=\"20260131230000 "
                          "+0000\"",
                          "B")),
    "312000-312130 A; 312130-312300 B; " },
  { "stop-not-after-start",
    GUIDE (PROGRAMME ("start=\"20260131200000 +0000\" stop=\"20260131200000 +0000\"", "Zero")
               PROGRAMME ("start=\"20260131210000 +0000\" stop=\"20260131203000 "
                          "+0000\"",
                          "Back") PROGRAMME ("start=\"20260131220000 +0000\" "
                                             "stop=\"20260131230000 +0000\"",
                                             "B")),
    "312200-312300 B; " },
  { "longer-than-48-hours-beside-others",
    GUIDE (PROGRAMME ("start=\"20260131000000 +0000\" stop=\"20260203000100 +0000\"", "Filler")
               PLAIN),
    "312000-312100 A; " },
  { "longer-than-48-hours-alone",
    GUIDE (PROGRAMME ("start=\"20260131000000 +0000\" stop=\"20260203000100 +0000\"", "Filler")),
    "310815-030001 Filler; " },
  { "filler-of-24-hours",
    GUIDE (PROGRAMME ("start=\"20260131000000 +0000\" stop=\"20260201000000 +0000\"", "Day")),
    "310000-010000 Day; " },
  { "years-1970-and-2099",
    GUIDE (PROGRAMME ("start=\"19700101000000 +0000\" stop=\"19700101010000 +0000\"", "Old")
               PROGRAMME ("start=\"20990101000000 +0000\" stop=\"20990101010000 "
                          "+0000\"",
                          "Far") PLAIN),
    "312000-312100 A; " },
  { "bare-ampersand-and-less-than",
    GUIDE (PROGRAMME ("start=\"20260131200000 +0000\" stop=\"20260131210000 +0000\"",
                      "Tom & Jerry < 3 &amp; &#233;")),
    "312000-312100 Tom &amp; Jerry &lt; 3 &amp; &#233;; " },
  { "html-entities",
    GUIDE (PROGRAMME ("start=\"20260131200000 +0000\" stop=\"20260131210000 +0000\"",
                      "Caf&eacute;&nbsp;&mdash; &unknown;")),
    "312000-312100 Caf\xC3\xA9\xC2\xA0\xE2\x80\x94 &amp;unknown;; " },
  { "byte-order-mark",
    "\xEF\xBB\xBF<?xml version=\"1.0\"?><tv>" CHANNEL PLAIN "</tv>",
    "312000-312100 A; " },
  { "text-before-the-declaration",
    "Warning: undefined index\n\n<?xml version=\"1.0\"?><tv>" CHANNEL PLAIN "</tv>",
    "312000-312100 A; " },
  { "no-declaration", "<tv>" CHANNEL PLAIN "</tv>", "312000-312100 A; " },
  { "doctype-is-skipped",
    "<?xml version=\"1.0\"?><!DOCTYPE tv SYSTEM \"xmltv.dtd\" [<!ENTITY x \"y\">]><tv>" CHANNEL
        PLAIN "</tv>",
    "312000-312100 A; " },
  { "invalid-utf8",
    GUIDE (
        PROGRAMME ("start=\"20260131200000 +0000\" stop=\"20260131210000 +0000\"", "Caf\xE9 \x80")),
    "312000-312100 Caf\xC3\xA9 \xE2\x82\xAC; " },
  { "wrong-encoding-said",
    "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><tv>" CHANNEL PROGRAMME (
        "start=\"20260131200000 +0000\" stop=\"20260131210000 +0000\"",
        "Caf\xC3\xA9") "</tv>",
    "312000-312100 Caf\xC3\xA9; " },
  { "control-characters",
    GUIDE (PROGRAMME ("start=\"20260131200000 +0000\" stop=\"20260131210000 +0000\"",
                      "A\x01"
                      "B\x0B"
                      "C&#x1A;D&#0;E")),
    "312000-312100 ABCDE; " },
  { "another-root",
    "<?xml version=\"1.0\"?><xmltv>" CHANNEL PLAIN "</xmltv>",
    "312000-312100 A; " },
  { "tags-do-not-match",
    GUIDE ("<programme start=\"20260131200000 +0000\" stop=\"20260131210000 +0000\" "
           "channel=\"c\"><title>A</title><desc>x</b></programme>"),
    "312000-312100 A; " },
  { "truncated-first-import",
    "<tv>" CHANNEL PLAIN "<programme start=\"2026013121",
    "312000-312100 A; " },
  { "no-blank-between-attributes",
    GUIDE ("<programme start=\"20260131200000 +0000\"stop=\"20260131210000 +0000\"channel=\"c\">"
           "<title>A</title></programme>"),
    "312000-312100 A; " },
  { "programmes-for-unknown-ids",
    "<tv><programme start=\"20260131200000 +0000\" stop=\"20260131210000 +0000\" channel=\"who\">"
    "<title>A</title></programme></tv>",
    "312000-312100 A; " },
  { "ids-that-differ-in-case",
    "<tv><channel id=\"C\"><display-name>Chan</display-name></channel>" PLAIN "</tv>",
    "312000-312100 A; " },
};

static void
test_row (Fixture *fixture, gconstpointer data)
{
  const Row *row = data;

  must_import (fixture, row->document);
  assert_shows (fixture, row->shows);
}

/* ---- rows with a life of their own ---- */

static void
edit_source (Fixture *fixture, int shift_minutes, const char *zone)
{
  g_autoptr (ForgeGuideSource) stored =
      forge_store_get_guide_source (fixture->store, fixture->source_id, NULL);
  g_autoptr (ForgeGuideSource) source = forge_guide_source_copy (stored);

  source->shift_minutes = shift_minutes;
  g_free (source->zone);
  source->zone = g_strdup (zone);
  g_assert_true (forge_store_update_guide_source (fixture->store, source, NULL));
}

static void
test_local_times_labelled_utc (Fixture *fixture, gconstpointer data)
{
  edit_source (fixture, -60, NULL);
  must_import (fixture, GUIDE (PLAIN));
  assert_shows (fixture, "311900-312000 A; ");
}

static void
test_a_zone_for_times_without_one (Fixture *fixture, gconstpointer data)
{
  edit_source (fixture, 0, "Europe/Berlin");
  must_import (fixture,
               GUIDE (PROGRAMME ("start=\"20260131200000\" stop=\"20260131210000\"", "A")));
  assert_shows (fixture, "311900-312000 A; ");
}

static void
test_two_sources_are_not_mixed (Fixture *fixture, gconstpointer data)
{
  static const char other[] =
      GUIDE (PROGRAMME ("start=\"20260131193000 +0000\" stop=\"20260131223000 +0000\"", "Longer"));
  gint64 second = add_source (fixture, "Another", 1);

  must_import (fixture, GUIDE (PLAIN));
  g_assert_true (import_named (fixture, second, "other.xml", other, strlen (other)));
  assert_shows (fixture, "312000-312100 A; ");
}

static void
test_a_fuller_guide_stays (Fixture *fixture, gconstpointer data)
{
  must_import (
      fixture,
      GUIDE (
          PLAIN PROGRAMME ("start=\"20260131210000 +0000\" stop=\"20260131220000 +0000\"", "B")));
  g_assert_false (import_text (fixture, "<tv>" CHANNEL PLAIN "<programme start="));
  g_assert_error (fixture->error, FORGE_ERROR, FORGE_ERROR_HELD_BACK);
  assert_shows (fixture, "312000-312100 A; 312100-312200 B; ");
}

/* 256 elements inside each other, and a text of a megabyte: that item goes, the others stay. */
static void
test_depth_and_huge_texts_cost_their_item (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) guide = g_string_new ("<tv>" CHANNEL PLAIN);

  g_string_append (guide,
                   "<programme start=\"20260131210000 +0000\" channel=\"c\"><title>B</title>");
  for (int i = 0; i < 256; i++)
    g_string_append (guide, "<x>");
  for (int i = 0; i < 256; i++)
    g_string_append (guide, "</x>");
  g_string_append (guide,
                   "</programme><programme start=\"20260131220000 +0000\" channel=\"c\"><desc>");
  for (int i = 0; i < 1200 * 1024; i++)
    g_string_append_c (guide, 'x');
  g_string_append (guide, "</desc><title>C</title></programme>");
  g_string_append (guide,
                   PROGRAMME ("start=\"20260131230000 +0000\" stop=\"20260201000000 +0000\"", "D"));
  g_string_append (guide, "</tv>");
  must_import (fixture, guide->str);
  g_assert_cmpuint (fixture->result.skipped, >=, 2);
  g_assert_cmpstr (fixture->result.warning, !=, "");
  assert_shows (fixture, "312000-312100 A; 312300-010000 D; ");
}

static void
test_long_names_are_cut_between_characters (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) guide = g_string_new ("<tv><channel id=\"c\"><display-name>");

  for (int i = 0; i < 300; i++)
    g_string_append (guide, "\xC3\xA9");
  g_string_append (guide, "</display-name></channel>" PLAIN "</tv>");
  must_import (fixture, guide->str);
  g_autofree char *written = write_guide (fixture);
  g_autofree char *name = between (written, "<display-name>", "</display-name>");
  g_assert_cmpuint (strlen (name), <=, 512);
  g_assert_cmpuint (strlen (name), >=, 250);
  g_assert_true (g_utf8_validate (name, -1, NULL));
}

static void
test_a_channel_twice_has_all_its_names (Fixture *fixture, gconstpointer data)
{
  must_import (fixture,
               "<tv>" CHANNEL "<channel id=\"C\"><display-name>Chan</display-name>"
               "<display-name>Other</display-name></channel>" PLAIN "</tv>");
  g_autofree char *written = write_guide (fixture);
  g_assert_nonnull (strstr (written, "<display-name>Chan</display-name>"));
  g_assert_null (strstr (strstr (written, "<channel") + 1, "<channel"));
  assert_shows (fixture, "312000-312100 A; ");
}

/* ---- packing ---- */

static la_ssize_t
on_packed (struct archive *archive, void *user_data, const void *data, size_t length)
{
  g_byte_array_append (user_data, data, (guint)length);
  return (la_ssize_t)length;
}

static void
add_file (struct archive *archive, const char *name, const void *data, gsize length)
{
  struct archive_entry *entry = archive_entry_new ();

  archive_entry_set_pathname (entry, name);
  archive_entry_set_size (entry, (la_int64_t)length);
  archive_entry_set_filetype (entry, AE_IFREG);
  archive_entry_set_perm (entry, 0644);
  g_assert_cmpint (archive_write_header (archive, entry), ==, ARCHIVE_OK);
  g_assert_cmpint (archive_write_data (archive, data, length), ==, length);
  archive_entry_free (entry);
}

/* With a note beside the guide where the format holds several files. */
static GByteArray *
pack (const char *format, const char *filter, const void *data, gsize length)
{
  GByteArray *packed = g_byte_array_new ();
  struct archive *archive = archive_write_new ();

  g_assert_cmpint (archive_write_set_format_by_name (archive, format), ==, ARCHIVE_OK);
  if (filter)
    g_assert_cmpint (archive_write_add_filter_by_name (archive, filter), ==, ARCHIVE_OK);
  archive_write_set_bytes_in_last_block (archive, 1);
  g_assert_cmpint (archive_write_open (archive, packed, NULL, on_packed, NULL), ==, ARCHIVE_OK);
  if (strcmp (format, "raw") != 0)
    add_file (archive, "readme.txt", "not this", 8);
  add_file (archive, "guide.xml", data, length);
  g_assert_cmpint (archive_write_close (archive), ==, ARCHIVE_OK);
  archive_write_free (archive);
  return packed;
}

static void
test_magic_counts_not_the_name (Fixture *fixture, gconstpointer data)
{
  static const char guide[] = GUIDE (PLAIN);
  static const struct {
    const char *name, *format, *filter;
    gboolean is_packed_twice;
  } cases[] = {
    { "plain.xml.gz", NULL, NULL, FALSE },    { "gzip.xml", "raw", "gzip", FALSE },
    { "double.xml.gz", "raw", "gzip", TRUE }, { "several.zip", "zip", NULL, FALSE },
    { "tar.xml.xz", "ustar", "xz", FALSE },   { "bzip2.xml", "raw", "bzip2", FALSE },
    { "zstd.xml", "raw", "zstd", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GByteArray) bytes = g_byte_array_new ();
    gint64 source = i == 0 ? fixture->source_id : add_source (fixture, cases[i].name, (int)i);
    g_byte_array_append (bytes, (const guint8 *)guide, strlen (guide));
    for (int n = 0; cases[i].format && n <= cases[i].is_packed_twice; n++) {
      GByteArray *packed = pack (cases[i].format, cases[i].filter, bytes->data, bytes->len);
      g_byte_array_unref (g_steal_pointer (&bytes));
      bytes = packed;
    }
    import_named (fixture, source, cases[i].name, bytes->data, bytes->len);
    g_assert_no_error (fixture->error);
    g_assert_cmpuint (fixture->result.programmes, ==, 1);
  }
}

static void
test_what_is_no_guide_keeps_the_old (Fixture *fixture, gconstpointer data)
{
  static const char *const documents[] = { "<!DOCTYPE html><html><body>503 busy</body></html>",
                                           "<tv/>",
                                           "<?xml version=\"1.0\"?>\n<tv></tv>",
                                           "" };

  must_import (fixture, GUIDE (PLAIN));
  for (gsize i = 0; i < G_N_ELEMENTS (documents); i++) {
    g_assert_false (import_text (fixture, documents[i]));
    g_assert_nonnull (fixture->error);
    g_autoptr (ForgeGuideSource) source =
        forge_store_get_guide_source (fixture->store, fixture->source_id, NULL);
    g_assert_nonnull (source->status_text);
    assert_shows (fixture, "312000-312100 A; ");
  }
}

#define ADD(name, function) \
  g_test_add ("/guide/quirks/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *path = g_strconcat ("/guide/quirks/", rows[i].name, NULL);
    g_test_add (path, Fixture, &rows[i], set_up, test_row, tear_down);
  }
  ADD ("local-times-labelled-utc", test_local_times_labelled_utc);
  ADD ("a-zone-for-times-without-one", test_a_zone_for_times_without_one);
  ADD ("two-sources-are-not-mixed", test_two_sources_are_not_mixed);
  ADD ("a-fuller-guide-stays", test_a_fuller_guide_stays);
  ADD ("depth-and-huge-texts-cost-their-item", test_depth_and_huge_texts_cost_their_item);
  ADD ("long-names-are-cut-between-characters", test_long_names_are_cut_between_characters);
  ADD ("a-channel-twice-has-all-its-names", test_a_channel_twice_has_all_its_names);
  ADD ("magic-counts-not-the-name", test_magic_counts_not_the_name);
  ADD ("what-is-no-guide-keeps-the-old", test_what_is_no_guide_keeps_the_old);
  return g_test_run ();
}

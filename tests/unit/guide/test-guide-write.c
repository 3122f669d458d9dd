/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "guide/forge-guide-write.h"
#include "store/forge-store-channels.h"

#include <glib/gstdio.h>

#include <expat.h>
#include <string.h>

/* 2026-01-31 20:15:00 UTC */
#define NOW G_GINT64_CONSTANT (1769890500)

static const ForgeGuideWriteOptions options = { .base_url = "http://192.168.1.2:5004",
                                                .now_s = NOW,
                                                .past_hours = 2,
                                                .days = 1 };

typedef struct {
  char *dir;
  ForgeStore *store;
  gint64 source_id, generation, guide_channel;
  GPtrArray *channels;
  GString *out;
  guint pieces, fail_at;
  gsize largest;
  GError *error;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "Name", NULL };
  const ForgeGuideChannelRow row = { .xmltv_id = "one.example", .names = names };
  g_autoptr (ForgeGuideSource) source = forge_guide_source_new ();

  fixture->dir = g_dir_make_tmp ("forge-guide-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (fixture->dir, "test.db", NULL);
  fixture->store = forge_store_open (path, NULL, NULL);
  source->name = g_strdup ("A guide");
  source->location = g_strdup ("/guide.xml");
  fixture->source_id = forge_store_add_guide_source (fixture->store, source, NULL);
  fixture->generation = forge_store_begin_guide (fixture->store, fixture->source_id, NULL);
  g_assert_true (forge_store_begin (fixture->store, NULL));
  fixture->guide_channel = forge_store_add_guide_channel (fixture->store,
                                                          fixture->source_id,
                                                          fixture->generation,
                                                          &row,
                                                          NULL);
  g_assert_true (forge_store_commit (fixture->store, NULL));
  g_assert_cmpint (fixture->guide_channel, >, 0);
  fixture->channels = g_ptr_array_new_with_free_func ((GDestroyNotify)forge_channel_unref);
  fixture->out = g_string_new (NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->dir, 0, NULL);
  const char *name;

  forge_store_close (fixture->store);
  while ((name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (fixture->dir, name, NULL);
    g_unlink (path);
  }
  g_rmdir (fixture->dir);
  g_free (fixture->dir);
  g_ptr_array_unref (fixture->channels);
  g_string_free (fixture->out, TRUE);
  g_clear_error (&fixture->error);
}

/* `start` and `length` in minutes from now. */
static void
add (Fixture *fixture, int start, int length, const char *title, const char *inner)
{
  const ForgeProgrammeRow row = { .start = NOW + start * 60,
                                  .stop = NOW + (start + length) * 60,
                                  .title = title,
                                  .attributes = " clumpidx=\"0/1\"",
                                  .inner = inner,
                                  .inner_length = strlen (inner) };

  g_assert_true (forge_store_begin (fixture->store, NULL));
  g_assert_true (forge_store_add_programme (fixture->store,
                                            fixture->guide_channel,
                                            fixture->generation,
                                            &row,
                                            NULL));
  g_assert_true (forge_store_commit (fixture->store, NULL));
}

static void
activate (Fixture *fixture)
{
  g_autoptr (ForgeGuideSource) stored =
      forge_store_get_guide_source (fixture->store, fixture->source_id, NULL);
  g_autoptr (ForgeGuideSource) source = forge_guide_source_copy (stored);

  source->generation = fixture->generation;
  g_assert_true (forge_store_activate_guide (fixture->store, source, fixture->generation, NULL));
}

static void
add_channel (Fixture *fixture, const char *name, int number, const char *logo, gint64 guide)
{
  g_autofree char *key = g_strdup_printf ("guide:%d", number);
  const ForgeChannelRow row = { .key = key, .guide_channel_id = guide, .name = name };
  ForgeChannel *channel = forge_channel_new ();

  g_assert_true (forge_store_begin (fixture->store, NULL));
  g_assert_true (forge_store_begin_channels (fixture->store, NOW, NULL));
  channel->id = forge_store_put_channel (fixture->store, &row, NULL);
  g_assert_true (forge_store_end_channels (fixture->store, 14, NULL));
  g_assert_true (forge_store_commit (fixture->store, NULL));
  channel->number = number;
  channel->name = g_strdup (name);
  channel->guide_id = forge_channel_make_guide_id (channel->id);
  channel->logo = g_strdup (logo);
  g_ptr_array_add (fixture->channels, channel);
}

/* Channels that the store does not know: they get placeholders, too. */
static void
add_unknown_channels (Fixture *fixture, int n)
{
  for (int i = 1; i <= n; i++) {
    ForgeChannel *channel = forge_channel_new ();
    channel->id = 1000000 + i;
    channel->number = i;
    channel->name = g_strdup ("A channel");
    channel->guide_id = forge_channel_make_guide_id (channel->id);
    g_ptr_array_add (fixture->channels, channel);
  }
}

static gboolean
on_piece (const char *data, gsize length, gpointer user_data, GError **error)
{
  Fixture *fixture = user_data;

  fixture->pieces++;
  fixture->largest = MAX (fixture->largest, length);
  g_string_append_len (fixture->out, data, (gssize)length);
  if (fixture->pieces != fixture->fail_at)
    return TRUE;
  g_set_error (error, FORGE_ERROR, FORGE_ERROR_STORAGE, "disk full");
  return FALSE;
}

static gboolean
write_guide (Fixture *fixture, GCancellable *cancellable)
{
  g_autoptr (ForgeLineup) lineup = forge_lineup_new (fixture->channels, 1);

  activate (fixture);
  return forge_guide_write (fixture->store,
                            lineup,
                            &options,
                            on_piece,
                            fixture,
                            cancellable,
                            &fixture->error);
}

/* The document, which must be well-formed. */
static const char *
written (Fixture *fixture)
{
  XML_Parser parser = XML_ParserCreateNS ("UTF-8", ' ');

  g_assert_true (write_guide (fixture, NULL));
  g_assert_no_error (fixture->error);
  g_assert_cmpint (XML_Parse (parser, fixture->out->str, (int)fixture->out->len, 1),
                   ==,
                   XML_STATUS_OK);
  XML_ParserFree (parser);
  return fixture->out->str;
}

static void
test_the_document_is_as_clients_want_it (Fixture *fixture, gconstpointer data)
{
  add_channel (fixture, "One & <Only>", 7, "http://l.example/1.png?a&b", fixture->guide_channel);
  add (fixture, 0, 60, "T", "<title lang=\"de\">T &amp; x</title><x-own a='1'/>");
  g_assert_cmpstr (
      written (fixture),
      ==,
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<tv generator-info-name=\"StreamForge\">\n"
      "  <channel id=\"C1.streamforge.local\">\n"
      "    <display-name>One &amp; &lt;Only&gt;</display-name>\n"
      "    <display-name>7</display-name>\n"
      "    <lcn>7</lcn>\n"
      "    <icon src=\"http://l.example/1.png?a&amp;b\"/>\n"
      "  </channel>\n"
      "  <programme start=\"20260131201500 +0000\" stop=\"20260131211500 +0000\" "
      "channel=\"C1.streamforge.local\" clumpidx=\"0/1\"><title lang=\"de\">T &amp; x</title>"
      "<x-own a='1'/></programme>\n"
      "</tv>\n");
}

static void
test_overlaps_are_cut_and_same_starts_dropped (Fixture *fixture, gconstpointer data)
{
  add_channel (fixture, "One", 1, NULL, fixture->guide_channel);
  add (fixture, 0, 60, "A", "A");
  add (fixture, 0, 90, "B", "B");
  add (fixture, 30, 60, "C", "C");
  add (fixture, 90, 30, "D", "D");
  add (fixture, 200, 30, "E", "E");
  const char *text = written (fixture);
  g_assert_nonnull (strstr (text, "start=\"20260131201500 +0000\" stop=\"20260131204500 +0000\""));
  g_assert_nonnull (strstr (text, "start=\"20260131204500 +0000\" stop=\"20260131214500 +0000\""));
  g_assert_nonnull (strstr (text, "start=\"20260131214500 +0000\" stop=\"20260131221500 +0000\""));
  g_assert_nonnull (strstr (text, "start=\"20260131233500 +0000\" stop=\"20260201000500 +0000\""));
  g_assert_null (strstr (text, ">B</programme>"));
}

static guint
count (const char *text, const char *part)
{
  guint n = 0;

  for (; (text = strstr (text, part)); text++)
    n++;
  return n;
}

static void
test_channels_without_guide_get_placeholders (Fixture *fixture, gconstpointer data)
{
  add_channel (fixture, "Un & known", 5, "file:///etc/passwd", 0);
  add_channel (fixture, "Silent", 6, NULL, fixture->guide_channel);
  const char *text = written (fixture);
  /* From 18:00 to beyond 20:15 of the next day: 14 blocks for each. */
  g_assert_cmpuint (count (text, "<title>Un &amp; known</title>"), ==, 14);
  g_assert_cmpuint (count (text, "<title>Silent</title>"), ==, 14);
  g_assert_nonnull (strstr (text, "start=\"20260131180000 +0000\" stop=\"20260131200000 +0000\""));
  g_assert_nonnull (strstr (text, "start=\"20260201200000 +0000\" stop=\"20260201220000 +0000\""));
  g_assert_null (strstr (text, "<icon"));
}

/* The event is read from the stream's name each time: another name is another event. */
static void
test_events_come_from_the_name (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ForgeStream) stream = forge_stream_new ();

  add_channel (fixture, "PPV 3", 5, NULL, 0);
  stream->name = g_strdup ("UK: PPV 3 | Fury v Usyk 22:30 UTC");
  forge_channel_add_candidate (g_ptr_array_index (fixture->channels, 0), stream, 1, TRUE, FALSE);
  const char *text = written (fixture);
  g_assert_nonnull (strstr (text, "start=\"20260131223000 +0000\" stop=\"20260201013000 +0000\""));
  g_assert_nonnull (strstr (text, "start=\"20260131220000 +0000\" stop=\"20260131223000 +0000\""));
  g_assert_nonnull (strstr (text, "start=\"20260201013000 +0000\" stop=\"20260201020000 +0000\""));
  g_assert_cmpuint (count (text, "<title>Fury v Usyk</title>"), ==, 1);

  g_string_truncate (fixture->out, 0);
  g_free (stream->name);
  stream->name = g_strdup ("UK: PPV 3 | A & B vs C tomorrow 11:00 UTC");
  text = written (fixture);
  g_assert_null (strstr (text, "Fury"));
  g_assert_nonnull (strstr (text, "start=\"20260201110000 +0000\" stop=\"20260201140000 +0000\""));
  g_assert_cmpuint (count (text, "<title>A &amp; B vs C</title>"), ==, 1);
}

static void
test_a_missing_title_is_made_up (Fixture *fixture, gconstpointer data)
{
  add_channel (fixture, "One", 1, NULL, fixture->guide_channel);
  add (fixture, 0, 60, "", "<desc>x</desc>");
  g_assert_nonnull (strstr (written (fixture), "><title>One</title><desc>x</desc></programme>"));
}

static void
test_it_comes_in_pieces (Fixture *fixture, gconstpointer data)
{
  add_unknown_channels (fixture, 2000);
  written (fixture);
  g_assert_cmpuint (fixture->pieces, >, 10);
  g_assert_cmpuint (fixture->largest, <, 70 * 1024);
}

static void
test_a_failing_reader_stops_it (Fixture *fixture, gconstpointer data)
{
  add_unknown_channels (fixture, 2000);
  fixture->fail_at = 2;
  g_assert_false (write_guide (fixture, NULL));
  g_assert_error (fixture->error, FORGE_ERROR, FORGE_ERROR_STORAGE);
  g_assert_cmpuint (fixture->pieces, ==, 2);
}

static void
test_cancelling_stops_it (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  add_channel (fixture, "One", 1, NULL, 0);
  g_cancellable_cancel (cancellable);
  g_assert_false (write_guide (fixture, cancellable));
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (fixture->pieces, ==, 0);
}

static void
test_an_empty_lineup_is_a_document (Fixture *fixture, gconstpointer data)
{
  g_assert_nonnull (strstr (written (fixture), "</tv>"));
}

#define ADD(name, function) \
  g_test_add ("/guide/write/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("the-document-is-as-clients-want-it", test_the_document_is_as_clients_want_it);
  ADD ("overlaps-are-cut-and-same-starts-dropped", test_overlaps_are_cut_and_same_starts_dropped);
  ADD ("channels-without-guide-get-placeholders", test_channels_without_guide_get_placeholders);
  ADD ("events-come-from-the-name", test_events_come_from_the_name);
  ADD ("a-missing-title-is-made-up", test_a_missing_title_is_made_up);
  ADD ("it-comes-in-pieces", test_it_comes_in_pieces);
  ADD ("a-failing-reader-stops-it", test_a_failing_reader_stops_it);
  ADD ("cancelling-stops-it", test_cancelling_stops_it);
  ADD ("an-empty-lineup-is-a-document", test_an_empty_lineup_is_a_document);
  return g_test_run ();
}

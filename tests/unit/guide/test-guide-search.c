/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-guide-search.h"
#include "store/forge-store-channels.h"

#include <glib/gstdio.h>

#include <string.h>

#define NOW  G_GINT64_CONSTANT (1769890500)
#define HOUR 3600

typedef struct {
  char *folder;
  ForgeStore *store;
  gint64 source;
  gint64 channels[3];  /* of the guide */
  ForgeLineup *lineup; /* NULL = none */
} Fixture;

static gint64
add_source (ForgeStore *store)
{
  g_autoptr (ForgeGuideSource) source = forge_guide_source_new ();
  g_autoptr (GError) error = NULL;

  source->name = g_strdup ("guide");
  source->location = g_strdup ("/guide.xml");
  gint64 id = forge_store_add_guide_source (store, source, &error);
  g_assert_no_error (error);
  return id;
}

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  fixture->folder = g_dir_make_tmp ("forge-search-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (fixture->folder, "db", NULL);
  g_autoptr (GError) error = NULL;

  fixture->store = forge_store_open (path, NULL, &error);
  g_assert_no_error (error);
  fixture->source = add_source (fixture->store);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  static const char *const names[] = { "db", "db-wal", "db-shm" };

  g_clear_pointer (&fixture->lineup, forge_lineup_unref);
  forge_store_close (fixture->store);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = g_build_filename (fixture->folder, names[i], NULL);
    g_unlink (path);
  }
  g_rmdir (fixture->folder);
  g_free (fixture->folder);
}

static void
add_programme (Fixture *fixture, guint channel, gint64 generation, gint64 start, const char *inner)
{
  const char *from = strstr (inner, "<title>") + strlen ("<title>");
  g_autofree char *title = g_strndup (from, (gsize)(strchr (from, '<') - from));
  const ForgeProgrammeRow row = { .start = start,
                                  .stop = start + HOUR,
                                  .title = title,
                                  .inner = inner,
                                  .inner_length = strlen (inner) };
  g_autoptr (GError) error = NULL;

  forge_store_add_programme (fixture->store, fixture->channels[channel], generation, &row, &error);
  g_assert_no_error (error);
}

/* A new generation with three channels, not in use yet. */
static gint64
begin_guide (Fixture *fixture)
{
  static const char *const ids[] = { "one", "two", "three" };
  g_autoptr (GError) error = NULL;
  gint64 generation = forge_store_begin_guide (fixture->store, fixture->source, &error);

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++) {
    const char *const names[] = { ids[i], NULL };
    const ForgeGuideChannelRow row = { .xmltv_id = ids[i], .names = names };
    fixture->channels[i] =
        forge_store_add_guide_channel (fixture->store, fixture->source, generation, &row, &error);
    g_assert_no_error (error);
  }
  return generation;
}

static void
use_guide (Fixture *fixture, gint64 generation)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ForgeGuideSource) source =
      forge_store_get_guide_source (fixture->store, fixture->source, &error);

  forge_store_activate_guide (fixture->store, source, generation, &error);
  g_assert_no_error (error);
}

/* Channels of the lineup: the first `enabled` are on. */
static void
set_lineup (Fixture *fixture, guint enabled)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (forge_store_begin (fixture->store, &error));
  g_assert_true (forge_store_begin_channels (fixture->store, NOW, &error));
  for (guint i = 0; i < 3; i++) {
    g_autofree char *key = g_strdup_printf ("guide:%u", i);
    const ForgeChannelRow row = { .key = key,
                                  .guide_channel_id = fixture->channels[i],
                                  .name = key,
                                  .enable = i < enabled };
    forge_store_put_channel (fixture->store, &row, &error);
    g_assert_no_error (error);
  }
  g_assert_true (forge_store_end_channels (fixture->store, 14, &error));
  g_assert_true (forge_store_commit (fixture->store, &error));
}

static void
update (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  forge_guide_update_search (fixture->store, NOW, NULL, &error);
  g_assert_no_error (error);
}

/* A guide with something to find, in use, with two channels on. */
static void
fill (Fixture *fixture)
{
  gint64 generation = begin_guide (fixture);

  add_programme (fixture, 0, generation, NOW - HOUR / 2, "<title>On the air</title>");
  add_programme (fixture,
                 0,
                 generation,
                 NOW + 3 * HOUR,
                 "<title>Die Straße</title><sub-title lang=\"fr\">L&apos;été à Zürich</sub-title>");
  add_programme (fixture,
                 1,
                 generation,
                 NOW + HOUR,
                 "<title>News</title><desc><![CDATA[Of the street & the air]]></desc>");
  add_programme (fixture, 1, generation, NOW - 3 * HOUR, "<title>Air of yesterday</title>");
  add_programme (fixture, 2, generation, NOW + HOUR, "<title>Air of a channel that is off</title>");
  add_programme (fixture, 1, generation, NOW + 5 * HOUR, "<title>今日の料理</title>");
  use_guide (fixture, generation);
  set_lineup (fixture, 2);
  update (fixture);
}

static gboolean
on_found (const ForgeFoundProgramme *found, gpointer user_data)
{
  GString *text = user_data;

  g_string_append_printf (text,
                          "%s@%+d ",
                          found->row.title,
                          (int)((found->row.start - NOW) / (HOUR / 2)));
  return TRUE;
}

static void
assert_found (Fixture *fixture, const char *typed, guint limit, guint offset, const char *expected)
{
  const ForgeGuideQuery query = { typed, NOW, limit, offset, fixture->lineup, 7 };
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  forge_guide_search (fixture->store, &query, on_found, text, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (g_strchomp (text->str), ==, expected);
}

static void
test_words_are_found_wherever_they_stand (Fixture *fixture, gconstpointer unused)
{
  fill (fixture);
  assert_found (fixture, "air", 9, 0, "On the air@-1 News@+2");
  assert_found (fixture, "AIR the", 9, 0, "On the air@-1 News@+2");
  assert_found (fixture, "stras", 9, 0, "Die Straße@+6");
  assert_found (fixture, "zurich ete", 9, 0, "Die Straße@+6");
  assert_found (fixture, "street news", 9, 0, "News@+2");
  assert_found (fixture, "料", 9, 0, "今日の料理@+10");
  assert_found (fixture, "street nothing", 9, 0, "");
}

static void
test_answers_come_in_pages (Fixture *fixture, gconstpointer unused)
{
  fill (fixture);
  assert_found (fixture, "air", 1, 0, "On the air@-1");
  assert_found (fixture, "air", 1, 1, "News@+2");
  assert_found (fixture, "air", 1, 2, "");
}

static void
add_event_channel (GPtrArray *channels, gint64 id, const char *stream_name)
{
  ForgeChannel *channel = forge_channel_new ();
  g_autoptr (ForgeStream) stream = forge_stream_new ();

  channel->id = id;
  channel->name = g_strdup ("Events");
  stream->name = g_strdup (stream_name);
  forge_channel_add_candidate (channel, stream, 1, TRUE, FALSE);
  g_ptr_array_add (channels, channel);
}

/* A clock time of the day in question, `minutes` after NOW, as a list says it. */
static char *
name_event (const char *title, int minutes)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (NOW + minutes * 60);
  g_autofree char *clock = g_date_time_format (time, "%d.%m.%Y %H:%M UTC");

  return g_strdup_printf ("PPV 3: %s %s", title, clock);
}

/* As in /epg.xml: of channels that no guide knows, between what the guide says. */
static void
test_events_are_found_among_programmes (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GPtrArray) channels =
      g_ptr_array_new_with_free_func ((GDestroyNotify)forge_channel_unref);
  g_autofree char *soon = name_event ("Air race & more", 30);
  g_autofree char *late = name_event ("The Air Cup", 240);
  g_autofree char *over = name_event ("Air of old", -240);
  g_autofree char *known = name_event ("Air of a channel with a guide", 60);

  fill (fixture);
  add_event_channel (channels, 1000001, late);
  add_event_channel (channels, 1000002, soon);
  add_event_channel (channels, 1000003, over);
  add_event_channel (channels, 1000004, "Air 24");
  add_event_channel (channels, 1, known); /* of the store: the guide speaks of it */
  fixture->lineup = forge_lineup_new (channels, 1);
  assert_found (fixture, "air", 9, 0, "On the air@-1 Air race & more@+1 News@+2 The Air Cup@+8");
  assert_found (fixture, "cup AIR", 9, 0, "The Air Cup@+8");
  assert_found (fixture, "race", 9, 0, "Air race & more@+1");
  assert_found (fixture, "ace", 9, 0, "");
  for (guint i = 0; i < 4; i++) {
    static const char *const pages[] = { "On the air@-1 Air race & more@+1",
                                         "Air race & more@+1 News@+2",
                                         "News@+2 The Air Cup@+8",
                                         "The Air Cup@+8" };
    assert_found (fixture, "air", 2, i, pages[i]);
  }
  assert_found (fixture, "air", 2, 4, "");
  assert_found (fixture, "", 2, 0, "");
}

/* What FTS5 would take for its own language. */
static void
test_no_text_is_a_command (Fixture *fixture, gconstpointer unused)
{
  static const char *const texts[] = { "\"",
                                       "air\"",
                                       "air OR news",
                                       "NOT",
                                       "(",
                                       "*",
                                       "words:air",
                                       "NEAR(a, b)",
                                       "air AND",
                                       "a - b",
                                       "",
                                       "^air",
                                       "'; DROP TABLE programme; --" };
  g_autoptr (GString) text = g_string_new (NULL);

  fill (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    const ForgeGuideQuery query = { texts[i], NOW, 9, 0, NULL, 7 };
    g_autoptr (GError) error = NULL;
    forge_guide_search (fixture->store, &query, on_found, text, &error);
    g_assert_no_error (error);
  }
  assert_found (fixture, "air\" *", 9, 0, "On the air@-1 News@+2");
}

static void
test_a_channel_that_is_switched_on_is_added (Fixture *fixture, gconstpointer unused)
{
  fill (fixture);
  set_lineup (fixture, 3);
  update (fixture);
  assert_found (fixture, "air", 9, 0, "On the air@-1 News@+2 Air of a channel that is off@+2");
}

static void
test_a_new_guide_takes_the_place_of_the_old_one (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  fill (fixture);
  for (guint i = 0; i < 3; i++) {
    gint64 generation = begin_guide (fixture);
    add_programme (fixture, 0, generation, NOW + HOUR, "<title>Fresh air</title>");
    use_guide (fixture, generation);
    /* Nothing of the old one is found before the index knows the new one. */
    assert_found (fixture, "street", 9, 0, "");
    g_assert_true (forge_store_sweep_guide (fixture->store, 0, &error));
    update (fixture);
    assert_found (fixture, "air", 9, 0, "Fresh air@+2");
  }
}

static void
test_a_shift_moves_what_is_found (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  fill (fixture);
  g_autoptr (ForgeGuideSource) stored =
      forge_store_get_guide_source (fixture->store, fixture->source, &error);
  g_autoptr (ForgeGuideSource) source = forge_guide_source_copy (stored);
  source->shift_minutes = 120;
  g_assert_true (forge_store_update_guide_source (fixture->store, source, &error));
  assert_found (fixture, "news", 9, 0, "News@+6");
  update (fixture);
  assert_found (fixture, "air", 9, 0, "On the air@+3 News@+6");
}

/* An update that was cut off begins anew, and until then the search knows what it knew. */
static void
test_a_cut_off_update_is_made_up_for (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  fill (fixture);
  set_lineup (fixture, 3);
  g_cancellable_cancel (cancellable);
  g_assert_false (forge_guide_update_search (fixture->store, NOW, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_found (fixture, "air", 9, 0, "On the air@-1 News@+2");
  update (fixture);
  assert_found (fixture, "off", 9, 0, "Air of a channel that is off@+2");
  assert_found (fixture, "street", 9, 0, "News@+2");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/guide/search/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("words-are-found-wherever-they-stand", test_words_are_found_wherever_they_stand);
  ADD ("answers-come-in-pages", test_answers_come_in_pages);
  ADD ("events-are-found-among-programmes", test_events_are_found_among_programmes);
  ADD ("no-text-is-a-command", test_no_text_is_a_command);
  ADD ("a-channel-that-is-switched-on-is-added", test_a_channel_that_is_switched_on_is_added);
  ADD ("a-new-guide-takes-the-place-of-the-old-one",
       test_a_new_guide_takes_the_place_of_the_old_one);
  ADD ("a-shift-moves-what-is-found", test_a_shift_moves_what_is_found);
  ADD ("a-cut-off-update-is-made-up-for", test_a_cut_off_update_is_made_up_for);
  return g_test_run ();
}

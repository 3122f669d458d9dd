/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "store-fixture.h"
#include "store/forge-store-private.h"

#include <string.h>

static gint64
add_source (StoreFixture *fixture, const char *name, int priority, int shift_minutes)
{
  g_autoptr (ForgeGuideSource) source = forge_guide_source_new ();
  g_autoptr (GError) error = NULL;

  source->name = g_strdup (name);
  source->location = g_strdup ("http://guide.example/epg.xml");
  source->priority = priority;
  source->shift_minutes = shift_minutes;
  gint64 id = forge_store_add_guide_source (fixture->store, source, &error);
  g_assert_no_error (error);
  g_assert_cmpint (id, >, 0);
  return id;
}

static gint64
add_channel (StoreFixture *fixture, gint64 source, gint64 generation, const char *id)
{
  const char *names[] = { id, NULL };
  ForgeGuideChannelRow row = { .xmltv_id = id, .names = names };
  g_autoptr (GError) error = NULL;

  gint64 channel = forge_store_add_guide_channel (fixture->store, source, generation, &row, &error);
  g_assert_no_error (error);
  return channel;
}

static void
add_programme (StoreFixture *fixture,
               gint64 channel,
               gint64 generation,
               gint64 start,
               const char *title)
{
  g_autofree char *inner = g_strdup_printf ("<title>%s</title>", title);
  g_autoptr (GError) error = NULL;
  ForgeProgrammeRow row = { .start = start,
                            .stop = start + 1800,
                            .title = title,
                            .inner = inner,
                            .inner_length = strlen (inner) };

  forge_store_add_programme (fixture->store, channel, generation, &row, &error);
  g_assert_no_error (error);
}

static void
activate (StoreFixture *fixture, gint64 source_id, gint64 generation, int programmes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ForgeGuideSource) source =
      forge_store_get_guide_source (fixture->store, source_id, &error);
  g_autoptr (ForgeGuideSource) now = forge_guide_source_copy (source);

  now->programmes = programmes;
  now->channels = 1;
  now->last_stop = NOW_S + DAY_S;
  forge_store_activate_guide (fixture->store, now, generation, &error);
  g_assert_no_error (error);
}

/* One generation of one channel with a programme of that title at NOW_S. Returns the channel. */
static gint64
import (StoreFixture *fixture, gint64 source, const char *channel_id, const char *title)
{
  gint64 generation = forge_store_begin_guide (fixture->store, source, NULL);
  gint64 channel = add_channel (fixture, source, generation, channel_id);

  add_programme (fixture, channel, generation, NOW_S, title);
  activate (fixture, source, generation, 1);
  return channel;
}

static gboolean
on_programme (const ForgeProgrammeRow *row, gpointer user_data)
{
  GString *text = user_data;

  g_string_append_printf (text, "%" G_GINT64_FORMAT ":%s ", (row->start - NOW_S) / 60, row->title);
  return TRUE;
}

/* "minutes after NOW_S:title " of each programme. */
static char *
programmes (StoreFixture *fixture, gint64 channel, gint64 from, gint64 to)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  forge_store_each_programme (fixture->store, channel, from, to, on_programme, text, &error);
  g_assert_no_error (error);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
assert_programmes (StoreFixture *fixture, gint64 channel, const char *expected)
{
  g_autofree char *text = programmes (fixture, channel, 0, G_MAXINT32);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_import_is_unseen_until_activated (StoreFixture *fixture, gconstpointer unused)
{
  gint64 source = add_source (fixture, "Guide", 0, 0);
  gint64 channel = import (fixture, source, "bbc1.uk", "Old");
  gint64 generation = forge_store_begin_guide (fixture->store, source, NULL);

  g_assert_cmpint (add_channel (fixture, source, generation, "BBC1.uk"), ==, channel);
  add_programme (fixture, channel, generation, NOW_S, "New");
  assert_programmes (fixture, channel, "0:Old ");
  activate (fixture, source, generation, 1);
  assert_programmes (fixture, channel, "0:New ");
  g_assert_true (forge_store_sweep_guide (fixture->store, 0, NULL));
  assert_programmes (fixture, channel, "0:New ");
}

static gint64
count (StoreFixture *fixture, const char *sql)
{
  gint64 value;

  g_assert_true (forge_store_get_int (fixture->store, sql, 0, &value, NULL));
  return value;
}

static void
test_sweep_removes_orphans_only (StoreFixture *fixture, gconstpointer unused)
{
  gint64 source = add_source (fixture, "Guide", 0, 0);
  gint64 channel = import (fixture, source, "a", "Kept");
  gint64 crashed = forge_store_begin_guide (fixture->store, source, NULL);
  gint64 running = forge_store_begin_guide (fixture->store, source, NULL);

  add_channel (fixture, source, crashed, "a");
  g_assert_true (forge_store_begin (fixture->store, NULL));
  for (int i = 0; i < 5000; i++)
    add_programme (fixture, channel, crashed, NOW_S + i * 1800, "Orphan");
  g_assert_true (forge_store_commit (fixture->store, NULL));
  add_channel (fixture, source, running, "a");
  add_programme (fixture, channel, running, NOW_S, "Running");
  g_assert_true (forge_store_sweep_guide (fixture->store, running, NULL));
  g_assert_cmpint (count (fixture, "SELECT count (*) FROM programme"), ==, 2);
  activate (fixture, source, running, 1);
  assert_programmes (fixture, channel, "0:Running ");
}

static void
test_removed_source_is_swept (StoreFixture *fixture, gconstpointer unused)
{
  gint64 source = add_source (fixture, "Guide", 0, 0);
  gint64 channel = import (fixture, source, "a", "Gone");

  g_assert_true (forge_store_remove_guide_source (fixture->store, source, NULL));
  assert_programmes (fixture, channel, "");
  g_assert_true (forge_store_sweep_guide (fixture->store, 0, NULL));
  g_assert_cmpint (count (fixture, "SELECT count (*) FROM programme"), ==, 0);
  g_assert_cmpint (count (fixture, "SELECT count (*) FROM guide_entry"), ==, 0);
  g_assert_cmpint (count (fixture, "SELECT count (*) FROM guide_generation"), ==, 0);
}

static void
test_vanished_guide_channel_keeps_its_id_while_used (StoreFixture *fixture, gconstpointer unused)
{
  gint64 source = add_source (fixture, "Guide", 0, 0);
  gint64 used = import (fixture, source, "used", "One");
  ForgeChannelRow row = { .key = "guide:used", .name = "Used", .guide_channel_id = used };

  g_assert_true (forge_store_begin (fixture->store, NULL));
  g_assert_true (forge_store_begin_channels (fixture->store, NOW_S, NULL));
  gint64 id = forge_store_put_channel (fixture->store, &row, NULL);
  g_assert_true (forge_store_end_channels (fixture->store, 14, NULL));
  g_assert_true (forge_store_commit (fixture->store, NULL));
  g_assert_cmpint (forge_store_channel_guide (fixture->store, id), ==, used);

  g_autoptr (ForgeChannel) before = forge_store_get_channel (fixture->store, id, NULL);
  g_assert_true (before->has_guide);
  import (fixture, source, "other", "Two");
  g_assert_true (forge_store_sweep_guide (fixture->store, 0, NULL));
  g_autoptr (ForgeChannel) without = forge_store_get_channel (fixture->store, id, NULL);
  g_assert_false (without->has_guide);
  g_assert_cmpint (import (fixture, source, "used", "Three"), ==, used);
}

static void
test_channel_ids_ignore_case_in_any_script (StoreFixture *fixture, gconstpointer unused)
{
  gint64 source = add_source (fixture, "Guide", 0, 0);
  gint64 other = add_source (fixture, "Other", 0, 0);
  gint64 generation = forge_store_begin_guide (fixture->store, source, NULL);
  gint64 others = forge_store_begin_guide (fixture->store, other, NULL);
  gint64 id = add_channel (fixture, source, generation, "Éire.ie");

  g_assert_cmpint (add_channel (fixture, source, generation, "éIRE.ie"), ==, id);
  g_assert_cmpint (add_channel (fixture, other, others, "Éire.ie"), !=, id);
}

typedef struct {
  GString *text;
  int stop_after;
} Listing;

static gboolean
on_channel (const ForgeGuideChannelRow *row, gint64 source_id, gpointer user_data)
{
  Listing *listing = user_data;
  g_autofree char *names = g_strjoinv ("/", (char **)row->names);

  g_string_append_printf (listing->text,
                          "%s=%s,%s,%s ",
                          row->xmltv_id,
                          names,
                          row->icon ? row->icon : "-",
                          row->extra ? row->extra : "-");
  return --listing->stop_after != 0;
}

static void
assert_channels (StoreFixture *fixture, int stop_after, const char *expected)
{
  Listing listing = { g_string_new (NULL), stop_after };

  g_assert_true (forge_store_each_guide_channel (fixture->store, on_channel, &listing, NULL));
  g_assert_cmpstr (listing.text->str, ==, expected);
  g_string_free (listing.text, TRUE);
}

static void
test_duplicate_channel_unites_its_names (StoreFixture *fixture, gconstpointer unused)
{
  gint64 source = add_source (fixture, "Guide", 0, 0);
  gint64 generation = forge_store_begin_guide (fixture->store, source, NULL);
  const char *first[] = { "BBC One", "BBC 1", NULL };
  const char *second[] = { "BBC 1", "", "BBC1 HD", NULL };
  const char *none[] = { "", NULL };
  ForgeGuideChannelRow rows[] = {
    { .xmltv_id = "bbc1", .names = first, .extra = "<url>x</url>" },
    { .xmltv_id = "BBC1", .names = second, .icon = "http://i/1", .extra = "<url>y</url>" },
    { .xmltv_id = "nameless", .names = none },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpint (
        forge_store_add_guide_channel (fixture->store, source, generation, &rows[i], NULL),
        >,
        0);
  activate (fixture, source, generation, 0);
  assert_channels (fixture,
                   0,
                   "bbc1=BBC One/BBC 1/BBC1 HD,http://i/1,<url>x</url> "
                   "nameless=nameless,-,- ");
}

static void
test_names_of_one_channel_are_bounded (StoreFixture *fixture, gconstpointer unused)
{
  gint64 source = add_source (fixture, "Guide", 0, 0);
  gint64 generation = forge_store_begin_guide (fixture->store, source, NULL);
  Listing listing = { g_string_new (NULL), 0 };

  for (int i = 0; i < 500; i++) {
    g_autofree char *name = g_strdup_printf ("Name %d", i);
    const char *names[] = { name, NULL };
    ForgeGuideChannelRow row = { .xmltv_id = "a", .names = names };
    forge_store_add_guide_channel (fixture->store, source, generation, &row, NULL);
  }
  activate (fixture, source, generation, 0);
  g_assert_true (forge_store_each_guide_channel (fixture->store, on_channel, &listing, NULL));
  g_assert_nonnull (strstr (listing.text->str, "Name 63"));
  g_assert_null (strstr (listing.text->str, "Name 64"));
  g_string_free (listing.text, TRUE);
}

static void
test_channels_come_by_priority_then_file_order (StoreFixture *fixture, gconstpointer unused)
{
  gint64 second = add_source (fixture, "Second", 5, 0);
  gint64 first = add_source (fixture, "First", 1, 0);
  gint64 off = add_source (fixture, "Off", 0, 0);
  gint64 generation = forge_store_begin_guide (fixture->store, second, NULL);

  add_channel (fixture, second, generation, "z");
  add_channel (fixture, second, generation, "a");
  activate (fixture, second, generation, 0);
  import (fixture, first, "m", "x");
  import (fixture, off, "hidden", "x");
  g_autoptr (ForgeGuideSource) source = forge_store_get_guide_source (fixture->store, off, NULL);
  g_autoptr (ForgeGuideSource) disabled = forge_guide_source_copy (source);
  disabled->enabled = FALSE;
  g_assert_true (forge_store_update_guide_source (fixture->store, disabled, NULL));
  assert_channels (fixture, 0, "m=m,-,- z=z,-,- a=a,-,- ");
  assert_channels (fixture, 2, "m=m,-,- z=z,-,- ");
}

static void
test_programmes_overlap_the_window (StoreFixture *fixture, gconstpointer unused)
{
  gint64 source = add_source (fixture, "Guide", 0, 0);
  gint64 generation = forge_store_begin_guide (fixture->store, source, NULL);
  gint64 channel = add_channel (fixture, source, generation, "a");

  add_programme (fixture, channel, generation, NOW_S + 3600, "third");
  add_programme (fixture, channel, generation, NOW_S, "first");
  add_programme (fixture, channel, generation, NOW_S + 1800, "second");
  activate (fixture, source, generation, 3);
  g_autofree char *edge = programmes (fixture, channel, NOW_S + 1800, NOW_S + 3600);
  g_assert_cmpstr (edge, ==, "30:second ");
  g_autofree char *running = programmes (fixture, channel, NOW_S + 1799, NOW_S + 3601);
  g_assert_cmpstr (running, ==, "0:first 30:second 60:third ");
}

static void
test_shift_moves_times_and_window (StoreFixture *fixture, gconstpointer unused)
{
  gint64 source = add_source (fixture, "Guide", 0, -90);
  gint64 channel = import (fixture, source, "a", "A");
  g_autofree char *shifted = programmes (fixture, channel, NOW_S - 5400, NOW_S - 5399);
  g_autofree char *unshifted = programmes (fixture, channel, NOW_S, NOW_S + 1800);
  ForgeGuideTotals totals;

  g_assert_cmpstr (shifted, ==, "-90:A ");
  g_assert_cmpstr (unshifted, ==, "");
  g_assert_true (forge_store_guide_totals (fixture->store, &totals, NULL));
  g_assert_cmpint (totals.last_stop, ==, NOW_S + DAY_S - 5400);
}

static void
test_a_channel_may_have_a_shift_of_its_own (StoreFixture *fixture, gconstpointer unused)
{
  gint64 source = add_source (fixture, "Guide", 0, 60);
  gint64 channel = import (fixture, source, "a", "A"), other = import (fixture, source, "b", "B");
  const ForgeChannelRow row = { .key = "guide:a",
                                .name = "A",
                                .guide_channel_id = channel,
                                .shift_minutes = 30 };

  g_assert_true (forge_store_begin (fixture->store, NULL));
  g_assert_true (forge_store_begin_channels (fixture->store, NOW_S, NULL));
  g_assert_cmpint (forge_store_put_channel (fixture->store, &row, NULL), >, 0);
  g_assert_true (forge_store_end_channels (fixture->store, 14, NULL));
  g_assert_true (forge_store_commit (fixture->store, NULL));
  channel = import (fixture, source, "a", "A");
  assert_programmes (fixture, channel, "90:A ");
  other = import (fixture, source, "b", "B");
  assert_programmes (fixture, other, "60:B ");
}

static gboolean
keep_copy (const ForgeProgrammeRow *row, gpointer user_data)
{
  ForgeProgrammeRow *copy = user_data;

  *copy = *row;
  copy->title = g_strdup (row->title);
  copy->attributes = g_strdup (row->attributes);
  copy->inner = g_strndup (row->inner, row->inner_length);
  return FALSE;
}

static void
test_programme_comes_back_byte_for_byte (StoreFixture *fixture, gconstpointer unused)
{
  static const char buffer[] = "<title lang=\"de\">Ä &amp; B</title><x:y/>and what follows";
  gint64 source = add_source (fixture, "Guide", 0, 0);
  gint64 generation = forge_store_begin_guide (fixture->store, source, NULL);
  gint64 channel = add_channel (fixture, source, generation, "a");
  ForgeProgrammeRow row = { .start = NOW_S,
                            .stop = NOW_S + 60,
                            .title = "Ä & B",
                            .attributes = " clumpidx=\"0/1\"",
                            .inner = buffer,
                            .inner_length = strlen (buffer) - strlen ("and what follows") };
  ForgeProgrammeRow stored = { 0 };

  g_assert_true (forge_store_add_programme (fixture->store, channel, generation, &row, NULL));
  activate (fixture, source, generation, 1);
  forge_store_each_programme (fixture->store, channel, 0, NOW_S + 1, keep_copy, &stored, NULL);
  g_assert_cmpint (stored.start, ==, NOW_S);
  g_assert_cmpint (stored.stop, ==, NOW_S + 60);
  g_assert_cmpstr (stored.title, ==, "Ä & B");
  g_assert_cmpstr (stored.attributes, ==, " clumpidx=\"0/1\"");
  g_assert_cmpmem (stored.inner, stored.inner_length, row.inner, row.inner_length);
  g_free ((char *)stored.title);
  g_free ((char *)stored.attributes);
  g_free ((char *)stored.inner);
}

/* An import that was rolled back in the middle must not leave its programmes to a wrong channel. */
static void
test_rollback_forgets_the_current_channel (StoreFixture *fixture, gconstpointer unused)
{
  gint64 source = add_source (fixture, "Guide", 0, 0);
  gint64 generation = forge_store_begin_guide (fixture->store, source, NULL);
  g_autoptr (GError) error = NULL;
  ForgeProgrammeRow row = { .start = NOW_S,
                            .stop = NOW_S + 1,
                            .title = "x",
                            .inner = "",
                            .inner_length = 0 };

  g_assert_true (forge_store_begin (fixture->store, NULL));
  gint64 channel = add_channel (fixture, source, generation, "a");
  add_programme (fixture, channel, generation, NOW_S, "A");
  forge_store_rollback (fixture->store);
  g_assert_false (forge_store_add_programme (fixture->store, channel, generation, &row, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND);
}

static void
test_old_snapshot_does_not_undo_an_import (StoreFixture *fixture, gconstpointer unused)
{
  gint64 source = add_source (fixture, "Guide", 0, 0);
  gint64 channel = import (fixture, source, "a", "First");
  g_autoptr (ForgeGuideSource) old = forge_store_get_guide_source (fixture->store, source, NULL);
  g_autoptr (ForgeGuideSource) edited = forge_guide_source_copy (old);
  gint64 generation = forge_store_begin_guide (fixture->store, source, NULL);

  add_channel (fixture, source, generation, "a");
  add_programme (fixture, channel, generation, NOW_S, "Second");
  activate (fixture, source, generation, 77);
  g_free (edited->name);
  edited->name = g_strdup ("Renamed");
  g_assert_true (forge_store_update_guide_source (fixture->store, edited, NULL));
  g_autoptr (ForgeGuideSource) now = forge_store_get_guide_source (fixture->store, source, NULL);
  g_assert_cmpstr (now->name, ==, "Renamed");
  g_assert_cmpint (now->generation, ==, generation);
  g_assert_cmpint (now->programmes, ==, 77);
  g_assert_true (forge_store_sweep_guide (fixture->store, 0, NULL));
  assert_programmes (fixture, channel, "0:Second ");
}

static void
test_update_writes_every_field (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = fixture_add_account (fixture->store, "Main");
  gint64 id = add_source (fixture, "Guide", 0, 0);
  g_autoptr (ForgeGuideSource) source = forge_guide_source_new ();

  source->id = id;
  source->name = g_strdup ("Own");
  source->account_id = account;
  source->shift_minutes = 60;
  source->priority = 3;
  source->etag = g_strdup ("\"e\"");
  source->last_modified = g_strdup ("Mon");
  source->content_hash = g_strdup ("abc");
  source->last_refresh = NOW_S;
  source->status_text = g_strdup ("Fine");
  source->channels = 1;
  source->programmes = 2;
  source->skipped = 3;
  source->first_start = 4;
  source->last_stop = 5;
  g_assert_true (forge_store_update_guide_source (fixture->store, source, NULL));
  g_autoptr (GPtrArray) sources = forge_store_list_guide_sources (fixture->store, NULL);
  const ForgeGuideSource *stored = g_ptr_array_index (sources, 0);
  g_assert_cmpstr (stored->name, ==, "Own");
  g_assert_null (stored->location);
  g_assert_cmpint (stored->account_id, ==, account);
  g_assert_cmpint (stored->shift_minutes, ==, 60);
  g_assert_cmpint (stored->priority, ==, 3);
  g_assert_cmpstr (stored->etag, ==, "\"e\"");
  g_assert_cmpstr (stored->last_modified, ==, "Mon");
  g_assert_cmpstr (stored->content_hash, ==, "abc");
  g_assert_cmpint (stored->last_refresh, ==, NOW_S);
  g_assert_cmpstr (stored->status_text, ==, "Fine");
  g_assert_cmpint (stored->channels + stored->programmes + stored->skipped, ==, 6);
  g_assert_cmpint (stored->first_start + stored->last_stop, ==, 9);
}

static void
test_totals_count_enabled_sources (StoreFixture *fixture, gconstpointer unused)
{
  gint64 first = add_source (fixture, "First", 0, 0);
  ForgeGuideTotals totals;

  g_assert_true (forge_store_guide_totals (fixture->store, &totals, NULL));
  g_assert_cmpint (totals.sources, ==, 1);
  g_assert_cmpint (totals.last_stop, ==, 0);
  import (fixture, first, "a", "A");
  import (fixture, add_source (fixture, "Second", 0, 0), "b", "B");
  g_assert_true (forge_store_guide_totals (fixture->store, &totals, NULL));
  g_assert_cmpint (totals.sources, ==, 2);
  g_assert_cmpint (totals.channels, ==, 2);
  g_assert_cmpint (totals.programmes, ==, 2);
  g_assert_cmpint (totals.last_stop, ==, NOW_S + DAY_S);
}

static void
test_unknown_sources_and_generations (StoreFixture *fixture, gconstpointer unused)
{
  gint64 first = add_source (fixture, "First", 0, 0);
  gint64 second = add_source (fixture, "Second", 0, 0);
  gint64 of_first = forge_store_begin_guide (fixture->store, first, NULL);
  g_autoptr (ForgeGuideSource) source = forge_store_get_guide_source (fixture->store, second, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (forge_store_begin_guide (fixture->store, 99, &error), ==, 0);
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (forge_store_activate_guide (fixture->store, source, of_first, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (forge_store_remove_guide_source (fixture->store, 99, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_cmpint (forge_store_add_guide_source (fixture->store, source, &error), ==, 0);
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
}

#define ADD(name, function)         \
  g_test_add ("/store/guide/" name, \
              StoreFixture,         \
              NULL,                 \
              store_fixture_set_up, \
              function,             \
              store_fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("import-is-unseen-until-activated", test_import_is_unseen_until_activated);
  ADD ("sweep-removes-orphans-only", test_sweep_removes_orphans_only);
  ADD ("removed-source-is-swept", test_removed_source_is_swept);
  ADD ("vanished-guide-channel-keeps-its-id-while-used",
       test_vanished_guide_channel_keeps_its_id_while_used);
  ADD ("channel-ids-ignore-case-in-any-script", test_channel_ids_ignore_case_in_any_script);
  ADD ("duplicate-channel-unites-its-names", test_duplicate_channel_unites_its_names);
  ADD ("names-of-one-channel-are-bounded", test_names_of_one_channel_are_bounded);
  ADD ("channels-come-by-priority-then-file-order", test_channels_come_by_priority_then_file_order);
  ADD ("programmes-overlap-the-window", test_programmes_overlap_the_window);
  ADD ("shift-moves-times-and-window", test_shift_moves_times_and_window);
  ADD ("a-channel-may-have-a-shift-of-its-own", test_a_channel_may_have_a_shift_of_its_own);
  ADD ("programme-comes-back-byte-for-byte", test_programme_comes_back_byte_for_byte);
  ADD ("rollback-forgets-the-current-channel", test_rollback_forgets_the_current_channel);
  ADD ("old-snapshot-does-not-undo-an-import", test_old_snapshot_does_not_undo_an_import);
  ADD ("update-writes-every-field", test_update_writes_every_field);
  ADD ("totals-count-enabled-sources", test_totals_count_enabled_sources);
  ADD ("unknown-sources-and-generations", test_unknown_sources_and_generations);
  return g_test_run ();
}

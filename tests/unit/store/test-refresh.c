/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "store-fixture.h"
#include "store/forge-store-private.h"
#include "store/forge-store-refresh.h"

#include <string.h>

/* ---- providers ---- */

static void
stage (ForgeStore *store, gint64 account, const char *const *streams)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (forge_store_begin_stage (store, account, &error));
  for (int i = 0; streams[i]; i++) {
    g_autoptr (ForgeStream) stream = forge_stream_new ();
    g_auto (GStrv) parts = g_strsplit (streams[i], ":", 3);

    stream->remote_id = g_ascii_strtoll (parts[0], NULL, 10);
    stream->name = g_strdup (parts[1]);
    stream->group = g_strdup (parts[2]);
    stream->quality = forge_quality_from_name (parts[1]);
    stream->position = i;
    g_assert_true (forge_store_stage_stream (store, stream, &error));
  }
  g_assert_no_error (error);
}

/* A refresh as the provider layer does it. Returns the record's id. */
static gint64
refresh_at (ForgeStore *store,
            gint64 account,
            gint64 now_s,
            gboolean is_held,
            const char *const *streams)
{
  g_autoptr (GError) error = NULL;
  ForgeStreamPlan plan;
  gint64 id;

  stage (store, account, streams);
  g_assert_true (forge_store_plan_streams (store, &plan, &error));
  g_assert_true (forge_store_begin (store, &error));
  forge_store_record_streams (store, now_s, is_held, &plan, "a summary", &id, &error);
  g_assert_no_error (error);
  if (is_held)
    forge_store_drop_stage (store);
  else
    g_assert_true (forge_store_apply_streams (store, now_s, 14, &error));
  g_assert_true (forge_store_commit (store, &error));
  return id;
}
#define refresh(store, account, ...) \
  refresh_at (store, account, NOW_S, FALSE, (const char *const[]){ __VA_ARGS__, NULL })
#define hold(store, account, ...) \
  refresh_at (store, account, NOW_S, TRUE, (const char *const[]){ __VA_ARGS__, NULL })

static gboolean
append_stream (const ForgeStream *stream, gpointer user_data)
{
  GString *text = user_data;

  g_string_append_printf (text,
                          "%s%d:%s%s%s",
                          text->len ? " " : "",
                          (int)stream->remote_id,
                          stream->name,
                          stream->group ? "@" : "",
                          stream->group ? stream->group : "");
  return TRUE;
}

static char *
streams_text (ForgeStore *store)
{
  GString *text = g_string_new (NULL);

  g_assert_true (forge_store_each_stream (store, append_stream, text, NULL));
  return g_string_free (text, FALSE);
}

static void
assert_streams (ForgeStore *store, const char *expected)
{
  g_autofree char *text = streams_text (store);

  g_assert_cmpstr (text, ==, expected);
}

static void
append_change (const char *what,
               gint64 item_id,
               const char *name,
               const char *old,
               const char *new,
               gpointer user_data)
{
  g_string_append_printf (user_data,
                          "%s %d %s%s%s; ",
                          what,
                          (int)item_id,
                          name,
                          old ? " -" : "",
                          new ? " +" : "");
}

static char *
changes_text (ForgeStore *store, gint64 id)
{
  GString *text = g_string_new (NULL);

  g_assert_true (forge_store_each_refresh_change (store, id, 0, append_change, text, NULL));
  return g_string_free (text, FALSE);
}

static void
must_undo (ForgeStore *store, gint64 id)
{
  g_autoptr (GError) error = NULL;

  forge_store_undo_refresh (store, &id, NOW_S + 60, &error);
  g_assert_no_error (error);
}

static void
must_not_undo (ForgeStore *store, gint64 id, ForgeError code, const char *says)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (forge_store_undo_refresh (store, &id, NOW_S, &error));
  g_assert_error (error, FORGE_ERROR, (gint)code);
  g_assert_nonnull (strstr (error->message, says));
}

static void
test_undo_brings_streams_back (StoreFixture *fixture, gconstpointer unused)
{
  ForgeStore *store = fixture->store;
  gint64 account = fixture_add_account (store, "Main");

  refresh (store, account, "1:A:News", "2:B:News", "3:C:Film");
  gint64 kept = fixture_stream_id (store, account, 3);
  gint64 id = refresh (store, account, "1:A HD:Sport", "2:B:News", "4:D:Film");
  g_autofree char *changes = changes_text (store, id);
  g_assert_cmpstr (changes,
                   ==,
                   "stream-added 4 D +; stream-changed 1 A - +; stream-removed 3 C -; ");
  assert_streams (store, "1:A HD@Sport 2:B@News 4:D@Film");
  must_undo (store, id);
  assert_streams (store, "1:A@News 2:B@News 3:C@Film");
  g_assert_cmpint (fixture_stream_id (store, account, 3), ==, kept);
  g_autoptr (ForgeAccount) stored = forge_store_get_account (store, account, NULL);
  g_assert_cmpint (stored->streams, ==, 3);
  must_not_undo (store, id, FORGE_ERROR_INVALID, "undone already");
}

static void
test_undo_goes_back_step_by_step (StoreFixture *fixture, gconstpointer unused)
{
  ForgeStore *store = fixture->store;
  gint64 account = fixture_add_account (store, "Main");

  refresh (store, account, "1:A");
  gint64 second = refresh (store, account, "1:A", "2:B");
  gint64 third = refresh (store, account, "1:A", "2:B", "3:C");
  must_not_undo (store, second, FORGE_ERROR_INVALID, "take that back first");
  gint64 last = 0;
  g_assert_true (forge_store_undo_refresh (store, &last, NOW_S, NULL));
  g_assert_cmpint (last, ==, third);
  must_undo (store, second);
  assert_streams (store, "1:A");
  must_not_undo (store, 0, FORGE_ERROR_INVALID, "no streams");
  must_not_undo (store, 4711, FORGE_ERROR_NOT_FOUND, "4711");
}

static void
test_nothing_changed_leaves_no_record (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = fixture_add_account (fixture->store, "Main");

  refresh (fixture->store, account, "1:A", "2:B");
  g_assert_cmpint (refresh (fixture->store, account, "2:B", "1:A"), ==, 0);
  g_autoptr (GPtrArray) list = forge_store_list_refreshes (fixture->store, NULL);
  g_assert_cmpuint (list->len, ==, 1);
}

static void
test_held_is_applied_later (StoreFixture *fixture, gconstpointer unused)
{
  ForgeStore *store = fixture->store;
  gint64 account = fixture_add_account (store, "Main");
  g_autoptr (GError) error = NULL;

  refresh (store, account, "1:A:News", "2:B:News", "3:C:News");
  gint64 id = hold (store, account, "3:C HD:Sport", "9:Z:Sport");
  assert_streams (store, "1:A@News 2:B@News 3:C@News");
  must_not_undo (store, id, FORGE_ERROR_INVALID, "held back");
  g_assert_true (forge_store_apply_refresh (store, id, NOW_S, &error));
  assert_streams (store, "3:C HD@Sport 9:Z@Sport");
  g_assert_false (forge_store_apply_refresh (store, id, NOW_S, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  /* and it can be taken back like any other */
  must_undo (store, id);
  assert_streams (store, "1:A@News 2:B@News 3:C@News");
}

static void
test_next_refresh_replaces_a_held_one (StoreFixture *fixture, gconstpointer unused)
{
  ForgeStore *store = fixture->store;
  gint64 account = fixture_add_account (store, "Main");
  gint64 other = fixture_add_account (store, "Other");

  refresh (store, account, "1:A", "2:B");
  refresh (store, other, "1:A", "2:B");
  gint64 first = hold (store, account, "1:A");
  gint64 others = hold (store, other, "1:A");
  gint64 second = hold (store, account, "2:B");
  g_assert_null (forge_store_get_refresh (store, first, NULL));
  refresh (store, account, "1:A", "2:B"); /* the provider is well again */
  g_assert_null (forge_store_get_refresh (store, second, NULL));
  g_autoptr (ForgeRefresh) left = forge_store_get_refresh (store, others, NULL);
  g_assert_cmpint (left->state, ==, FORGE_REFRESH_HELD);
  g_assert_cmpstr (left->name, ==, "Other");
}

/* What the staged list is to what was refused last. */
static ForgeRefusal
refusal (ForgeStore *store)
{
  ForgeRefusal found;

  g_assert_true (forge_store_find_refusal (store, &found, NULL));
  return found;
}

static void
test_what_was_undone_is_recognised (StoreFixture *fixture, gconstpointer unused)
{
  static const char *const same[] = { "1:A", "3:C", "4:D", "5:E", NULL };
  static const char *const other[] = { "1:A", "2:B", "3:C", "6:F", NULL };
  ForgeStore *store = fixture->store;
  gint64 account = fixture_add_account (store, "Main");

  refresh (store, account, "1:A", "2:B", "3:C");
  stage (store, account, same);
  g_assert_cmpint (refusal (store).id, ==, 0);
  forge_store_drop_stage (store);
  gint64 id = refresh (store, account, "1:A", "3:C", "4:D");
  must_undo (store, id);
  stage (store, account, same);
  g_assert_cmpint (refusal (store).id, ==, id);
  g_assert_cmpint (refusal (store).state, ==, FORGE_REFRESH_UNDONE);
  g_assert_cmpint (refusal (store).percent, ==, 100);
  g_assert_cmpint (refusal (store).changes, ==, 2);
  stage (store, account, other);
  g_assert_cmpint (refusal (store).percent, ==, 0);
  forge_store_drop_stage (store);
  /* forgotten once something else was applied */
  refresh (store, account, "1:A", "2:B", "3:C", "6:F");
  stage (store, account, same);
  g_assert_cmpint (refusal (store).id, ==, 0);
}

static void
test_a_held_list_can_be_declined (StoreFixture *fixture, gconstpointer unused)
{
  static const char *const same[] = { "1:A", NULL };
  g_autoptr (GError) error = NULL;
  ForgeStore *store = fixture->store;
  gint64 account = fixture_add_account (store, "Main");

  gint64 applied = refresh (store, account, "1:A", "2:B", "3:C");
  g_assert_false (forge_store_keep_refresh (store, applied, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  g_clear_error (&error);
  gint64 id = hold (store, account, "1:A");
  g_assert_true (forge_store_keep_refresh (store, id, &error));
  g_autoptr (ForgeRefresh) kept = forge_store_get_refresh (store, id, NULL);
  g_assert_cmpint (kept->state, ==, FORGE_REFRESH_KEPT);
  g_assert_cmpstr (forge_refresh_state_name (kept->state), ==, "kept");
  /* It can be neither applied nor taken back now. */
  g_assert_false (forge_store_apply_refresh (store, id, NOW_S, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  must_not_undo (store, id, FORGE_ERROR_INVALID, "did not want");
  stage (store, account, same);
  g_assert_cmpint (refusal (store).state, ==, FORGE_REFRESH_KEPT);
  g_assert_cmpint (refusal (store).percent, ==, 100);
  forge_store_drop_stage (store);
}

static void
test_old_records_go (StoreFixture *fixture, gconstpointer unused)
{
  ForgeStore *store = fixture->store;
  gint64 account = fixture_add_account (store, "Main"), rows = 0, last = 0;

  for (int i = 0; i < FORGE_REFRESHES_KEPT + 5; i++) {
    g_autofree char *name = g_strdup_printf ("1:name %d", i);
    last = refresh (store, account, name);
  }
  g_autoptr (GPtrArray) list = forge_store_list_refreshes (store, NULL);
  g_assert_cmpuint (list->len, ==, FORGE_REFRESHES_KEPT);
  g_assert_cmpint (((ForgeRefresh *)g_ptr_array_index (list, 0))->id, ==, last);
  g_assert_true (
      forge_store_get_int (store, "SELECT count (*) FROM refresh_change", 0, &rows, NULL));
  g_assert_cmpint (rows, ==, FORGE_REFRESHES_KEPT);
  g_assert_true (forge_store_remove_account (store, account, NULL));
  g_assert_true (
      forge_store_get_int (store, "SELECT count (*) FROM refresh_change", 0, &rows, NULL));
  g_assert_cmpint (rows, ==, 0);
}

static void
test_channels_of_a_run_are_recorded (StoreFixture *fixture, gconstpointer unused)
{
  ForgeStore *store = fixture->store;
  gint64 account = fixture_add_account (store, "Main");
  g_autoptr (GError) error = NULL;

  refresh (store, account, "1:A", "2:B", "3:C");
  fixture_run (store, account, "a=1", "b=2", "-c=3", "d=1");
  gint64 id = refresh (store, account, "1:A", "3:C");
  g_assert_true (forge_store_remember_channels (store, &error));
  fixture_run (store, account, "-a=1", "c=3", "d=1", "e=1");
  g_assert_true (forge_store_record_channels (store, id, &error));
  g_assert_no_error (error);
  g_autofree char *changes = changes_text (store, id);
  g_assert_cmpstr (changes,
                   ==,
                   "channel-added 5 e; channel-disabled 1 a; channel-enabled 3 c;"
                   " channel-removed 2 b; stream-removed 2 B -; ");
}

static void
test_users_choices_survive_an_undo (StoreFixture *fixture, gconstpointer unused)
{
  ForgeStore *store = fixture->store;
  gint64 account = fixture_add_account (store, "Main");

  refresh (store, account, "1:A", "2:B");
  fixture_run (store, account, "a=1", "b=2");
  gint64 channel = fixture_channel_id (store, "b");
  gint64 stream = fixture_stream_id (store, account, 2);
  g_assert_true (forge_store_set_match (store, channel, stream, TRUE, NULL));
  g_assert_true (forge_store_rename_channel (store, channel, "Mine", NULL));
  gint64 id = refresh (store, account, "1:A", "3:C");
  fixture_run (store, account, "a=1", "b=");
  must_undo (store, id);
  fixture_run (store, account, "a=1", "b=2");
  g_autofree char *candidates = fixture_candidates (store, channel);
  g_assert_cmpstr (candidates, ==, "B");
  g_assert_cmpint (fixture_channel_id (store, "Mine"), ==, channel);
}

/* ---- guides ---- */

static gint64
add_source (ForgeStore *store)
{
  g_autoptr (ForgeGuideSource) source = forge_guide_source_new ();

  source->name = g_strdup ("Guide");
  source->location = g_strdup ("/guide.xml");
  return forge_store_add_guide_source (store, source, NULL);
}

/* An import of one channel with one programme of that title, applied or held. */
static gint64
import_guide (ForgeStore *store, gint64 source_id, const char *title, gboolean is_held)
{
  const char *const names[] = { "Channel", NULL };
  const ForgeGuideChannelRow channel = { .xmltv_id = "a", .names = names };
  const ForgeProgrammeRow programme = { .start = NOW_S,
                                        .stop = NOW_S + 3600,
                                        .title = title,
                                        .inner = "<title>x</title>",
                                        .inner_length = strlen ("<title>x</title>") };
  g_autoptr (GError) error = NULL;
  gint64 id, generation = forge_store_begin_guide (store, source_id, &error);
  gint64 row = forge_store_add_guide_channel (store, source_id, generation, &channel, &error);

  g_assert_true (forge_store_add_programme (store, row, generation, &programme, &error));
  g_autoptr (ForgeGuideSource) stored = forge_store_get_guide_source (store, source_id, &error);
  g_autoptr (ForgeGuideSource) now = forge_guide_source_copy (stored);
  g_free (now->etag);
  now->etag = g_strconcat ("etag of ", title, NULL);
  now->programmes = 1;
  g_assert_true (forge_store_begin (store, &error));
  g_assert_true (forge_store_record_guide (store,
                                           NOW_S,
                                           is_held,
                                           now,
                                           generation,
                                           title,
                                           "a summary",
                                           &id,
                                           &error));
  if (!is_held)
    g_assert_true (forge_store_activate_guide (store, now, generation, &error));
  g_assert_true (forge_store_commit (store, &error));
  g_assert_true (forge_store_sweep_guide (store, 0, &error));
  g_assert_no_error (error);
  return id;
}

static gboolean
take_title (const ForgeProgrammeRow *row, gpointer user_data)
{
  g_free (*(char **)user_data);
  *(char **)user_data = g_strdup (row->title);
  return TRUE;
}

static void
assert_guide (ForgeStore *store, gint64 source_id, const char *title)
{
  g_autoptr (ForgeGuideSource) source = forge_store_get_guide_source (store, source_id, NULL);
  g_autofree char *etag = g_strconcat ("etag of ", title, NULL);
  g_autofree char *found = NULL;

  g_assert_true (
      forge_store_each_programme (store, 1, NOW_S, NOW_S + 60, take_title, &found, NULL));
  g_assert_cmpstr (found, ==, title);
  g_assert_cmpstr (source->etag, ==, etag);
}

static gint64
generations (ForgeStore *store)
{
  gint64 n = 0;

  g_assert_true (
      forge_store_get_int (store, "SELECT count (*) FROM guide_generation", 0, &n, NULL));
  return n;
}

static void
test_undo_brings_the_guide_back (StoreFixture *fixture, gconstpointer unused)
{
  ForgeStore *store = fixture->store;
  gint64 source = add_source (store);

  import_guide (store, source, "first", FALSE);
  gint64 second = import_guide (store, source, "second", FALSE);
  gint64 third = import_guide (store, source, "third", FALSE);
  g_assert_cmpint (generations (store), ==, 2);
  assert_guide (store, source, "third");
  must_undo (store, third);
  assert_guide (store, source, "second");
  g_assert_true (forge_store_sweep_guide (store, 0, NULL));
  g_assert_cmpint (generations (store), ==, 1);
  /* only one generation is kept */
  must_not_undo (store, second, FORGE_ERROR_INVALID, "nothing is kept");
  g_assert_true (forge_store_guide_was_refused (store, source, "third"));
  g_assert_false (forge_store_guide_was_refused (store, source, "fourth"));
  import_guide (store, source, "fourth", FALSE);
  g_assert_false (forge_store_guide_was_refused (store, source, "third"));
}

static void
test_a_held_guide_can_be_declined (StoreFixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  ForgeStore *store = fixture->store;
  gint64 source = add_source (store);

  import_guide (store, source, "first", FALSE);
  gint64 held = import_guide (store, source, "second", TRUE);
  g_assert_true (forge_store_keep_refresh (store, held, &error));
  assert_guide (store, source, "first");
  g_assert_true (forge_store_sweep_guide (store, 0, NULL));
  g_assert_cmpint (generations (store), ==, 1);
  g_assert_true (forge_store_guide_was_refused (store, source, "second"));
  import_guide (store, source, "third", FALSE);
  g_assert_false (forge_store_guide_was_refused (store, source, "second"));
}

static void
test_held_guide_is_applied_later (StoreFixture *fixture, gconstpointer unused)
{
  ForgeStore *store = fixture->store;
  gint64 source = add_source (store);
  g_autoptr (GError) error = NULL;

  import_guide (store, source, "good", FALSE);
  import_guide (store, source, "held before", TRUE);
  gint64 held = import_guide (store, source, "held", TRUE);
  g_assert_cmpint (generations (store), ==, 2);
  assert_guide (store, source, "good");
  g_assert_true (forge_store_apply_refresh (store, held, NOW_S, &error));
  assert_guide (store, source, "held");
  g_assert_true (forge_store_sweep_guide (store, 0, &error));
  g_assert_cmpint (generations (store), ==, 2);
  must_undo (store, held);
  assert_guide (store, source, "good");
  g_assert_true (forge_store_remove_guide_source (store, source, &error));
  g_assert_true (forge_store_sweep_guide (store, 0, &error));
  g_assert_cmpint (generations (store), ==, 0);
}

static void
test_a_first_guide_goes_back_to_nothing (StoreFixture *fixture, gconstpointer unused)
{
  ForgeStore *store = fixture->store;
  gint64 source = add_source (store);
  gint64 id = import_guide (store, source, "first", FALSE);

  must_undo (store, id);
  g_autoptr (ForgeGuideSource) empty = forge_store_get_guide_source (store, source, NULL);
  g_assert_cmpint (empty->generation, ==, 0);
  g_assert_cmpint (empty->programmes, ==, 0);
  g_assert_null (empty->content_hash);
  g_assert_true (forge_store_sweep_guide (store, 0, NULL));
  g_assert_cmpint (generations (store), ==, 0);
  import_guide (store, source, "again", FALSE);
  g_assert_cmpint (generations (store), ==, 1);
}

/* ---- migration ---- */

static void
test_version_1_is_migrated (StoreFixture *fixture, gconstpointer unused)
{
  g_autofree char *path = g_build_filename (fixture->folder, "old.db", NULL);
  g_autofree char *dump =
      g_test_build_filename (G_TEST_DIST, "fixtures", "store", "version-1.sql", NULL);
  g_autofree char *sql = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *recovered = NULL;
  sqlite3 *db;

  g_assert_true (g_file_get_contents (dump, &sql, NULL, &error));
  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
  g_autoptr (ForgeStore) store = forge_store_open (path, &recovered, &error);
  g_assert_no_error (error);
  g_assert_null (recovered);

  g_autoptr (GPtrArray) accounts = forge_store_list_accounts (store, &error);
  g_assert_cmpuint (accounts->len, ==, 1);
  g_autofree char *lineup = fixture_lineup (store, FORGE_CHANNELS_ALL);
  g_assert_cmpstr (lineup, ==, "1:Albion One 2:Mine 3:Thames Drama 4:Harbour News");
  g_autofree char *enabled = fixture_lineup (store, FORGE_CHANNELS_ENABLED);
  g_assert_cmpstr (enabled, ==, "1:Albion One 3:Thames Drama 4:Harbour News");
  /* and what is new works on what is old */
  gint64 id = refresh (store, 1, "14:UK| Albion One 4K", "99:New");
  must_undo (store, id);
  g_autofree char *candidates = fixture_candidates (store, fixture_channel_id (store, "Mine"));
  g_assert_cmpstr (candidates, ==, "UK| Albion Two FHD UK| Albion Two HD UK| Albion Two SD");
}

#define ADD(name, function)           \
  g_test_add ("/store/refresh/" name, \
              StoreFixture,           \
              NULL,                   \
              store_fixture_set_up,   \
              function,               \
              store_fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("undo-brings-streams-back", test_undo_brings_streams_back);
  ADD ("undo-goes-back-step-by-step", test_undo_goes_back_step_by_step);
  ADD ("nothing-changed-leaves-no-record", test_nothing_changed_leaves_no_record);
  ADD ("held-is-applied-later", test_held_is_applied_later);
  ADD ("next-refresh-replaces-a-held-one", test_next_refresh_replaces_a_held_one);
  ADD ("what-was-undone-is-recognised", test_what_was_undone_is_recognised);
  ADD ("a-held-list-can-be-declined", test_a_held_list_can_be_declined);
  ADD ("a-held-guide-can-be-declined", test_a_held_guide_can_be_declined);
  ADD ("old-records-go", test_old_records_go);
  ADD ("channels-of-a-run-are-recorded", test_channels_of_a_run_are_recorded);
  ADD ("users-choices-survive-an-undo", test_users_choices_survive_an_undo);
  ADD ("undo-brings-the-guide-back", test_undo_brings_the_guide_back);
  ADD ("held-guide-is-applied-later", test_held_guide_is_applied_later);
  ADD ("a-first-guide-goes-back-to-nothing", test_a_first_guide_goes_back_to_nothing);
  ADD ("version-1-is-migrated", test_version_1_is_migrated);
  return g_test_run ();
}

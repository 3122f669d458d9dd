/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store-fixture.h"

static void
test_settings_are_set_and_unset (StoreFixture *fixture, gconstpointer unused)
{
  g_assert_true (forge_store_set_setting (fixture->store, "port", "5005", NULL));
  g_assert_true (forge_store_set_setting (fixture->store, "port", "5006", NULL));
  g_assert_true (forge_store_set_setting (fixture->store, "bind", "lan", NULL));
  g_assert_true (forge_store_set_setting (fixture->store, "bind", NULL, NULL));
  g_assert_true (forge_store_set_setting (fixture->store, "never-set", NULL, NULL));
  g_autoptr (GHashTable) settings = forge_store_load_settings (fixture->store, NULL);
  g_assert_cmpuint (g_hash_table_size (settings), ==, 1);
  g_assert_cmpstr (g_hash_table_lookup (settings, "port"), ==, "5006");
}

static void
add_event (StoreFixture *fixture,
           ForgeLogLevel level,
           ForgeEventCategory category,
           gint64 time,
           const char *message)
{
  ForgeEvent event = { .time = time,
                       .level = level,
                       .category = category,
                       .message = (char *)message };
  g_autoptr (GError) error = NULL;

  forge_store_add_event (fixture->store, &event, &error);
  g_assert_no_error (error);
}

static void
assert_events (StoreFixture *fixture,
               ForgeLogLevel max_level,
               int category,
               gint64 since,
               guint limit,
               const char *expected)
{
  g_autoptr (GPtrArray) events =
      forge_store_list_events (fixture->store, max_level, category, since, 0, limit, NULL);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < events->len; i++)
    g_string_append (text, ((ForgeEvent *)g_ptr_array_index (events, i))->message);
  g_assert_cmpstr (text->str, ==, expected);
}

static void
test_events_are_filtered_newest_last (StoreFixture *fixture, gconstpointer unused)
{
  add_event (fixture, FORGE_LOG_ERROR, FORGE_EVENT_STREAM, 100, "a");
  add_event (fixture, FORGE_LOG_WARNING, FORGE_EVENT_GUIDE, 200, "b");
  add_event (fixture, FORGE_LOG_INFO, FORGE_EVENT_GUIDE, 300, "c");
  add_event (fixture, FORGE_LOG_DEBUG, FORGE_EVENT_SYSTEM, 400, "d");
  assert_events (fixture, FORGE_LOG_DEBUG, -1, 0, 0, "abcd");
  assert_events (fixture, FORGE_LOG_WARNING, -1, 0, 0, "ab");
  assert_events (fixture, FORGE_LOG_DEBUG, FORGE_EVENT_GUIDE, 0, 0, "bc");
  assert_events (fixture, FORGE_LOG_DEBUG, -1, 300, 0, "cd");
  assert_events (fixture, FORGE_LOG_DEBUG, -1, 0, 2, "cd");
}

static void
test_follower_sees_only_newer_events (StoreFixture *fixture, gconstpointer unused)
{
  ForgeEvent full = { .time = NOW_S,
                      .level = FORGE_LOG_WARNING,
                      .category = FORGE_EVENT_PROVIDER,
                      .message = (char *)"It expires soon",
                      .details = (char *)"In 3 days",
                      .read = TRUE };

  add_event (fixture, FORGE_LOG_INFO, FORGE_EVENT_SYSTEM, NOW_S, "a");
  g_autoptr (GPtrArray) first =
      forge_store_list_events (fixture->store, FORGE_LOG_DEBUG, -1, 0, 0, 0, NULL);
  gint64 seen = ((ForgeEvent *)g_ptr_array_index (first, 0))->id;
  g_assert_true (forge_store_clear_events (fixture->store, NULL));
  g_assert_true (forge_store_add_event (fixture->store, &full, NULL));
  g_autoptr (GPtrArray) newer =
      forge_store_list_events (fixture->store, FORGE_LOG_DEBUG, -1, 0, seen, 0, NULL);
  g_assert_cmpuint (newer->len, ==, 1);
  const ForgeEvent *event = g_ptr_array_index (newer, 0);
  g_assert_cmpint (event->time, ==, NOW_S);
  g_assert_cmpint (event->level, ==, FORGE_LOG_WARNING);
  g_assert_cmpint (event->category, ==, FORGE_EVENT_PROVIDER);
  g_assert_cmpstr (event->details, ==, "In 3 days");
  g_assert_true (event->read);
}

static void
test_log_keeps_the_newest (StoreFixture *fixture, gconstpointer unused)
{
  g_assert_true (forge_store_begin (fixture->store, NULL));
  for (int i = 1; i <= 10600; i++)
    add_event (fixture, FORGE_LOG_INFO, FORGE_EVENT_SYSTEM, i, "x");
  g_assert_true (forge_store_commit (fixture->store, NULL));
  g_autoptr (GPtrArray) events =
      forge_store_list_events (fixture->store, FORGE_LOG_DEBUG, -1, 0, 0, 20000, NULL);
  /* trimmed in batches of 256 */
  g_assert_cmpuint (events->len, >=, 10000);
  g_assert_cmpuint (events->len, <, 10256);
  g_assert_cmpint (((ForgeEvent *)g_ptr_array_index (events, events->len - 1))->time, ==, 10600);
}

#define ADD(name, function)         \
  g_test_add ("/store/misc/" name,  \
              StoreFixture,         \
              NULL,                 \
              store_fixture_set_up, \
              function,             \
              store_fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("settings-are-set-and-unset", test_settings_are_set_and_unset);
  ADD ("events-are-filtered-newest-last", test_events_are_filtered_newest_last);
  ADD ("follower-sees-only-newer-events", test_follower_sees_only_newer_events);
  ADD ("log-keeps-the-newest", test_log_keeps_the_newest);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-lineup-run.h"
#include "guide/forge-match-rules.h"
#include "store/forge-store-accounts.h"
#include "store/forge-store-guide.h"
#include "store/forge-store-memo.h"
#include "store/forge-store-rules.h"
#include "store/forge-store-streams.h"

#include <glib/gstdio.h>

#include <sqlite3.h>

/*
 * Two stores live through the same changes. One matches what is new, the other everything anew each
 * time: what they hold must be the same.
 */

#define NOW_S         1700000000
#define GUIDE         40
#define STREAMS       120
#define ROUNDS        30
#define EDITS_A_ROUND 6

typedef struct {
  ForgeStore *store;
  char *path;
  gint64 account_id, source_id;
  ForgeLineupMemory *memory;
  gboolean anew;
} Side;

typedef struct {
  char *directory;
  Side sides[2];
  GPtrArray *streams; /* ForgeStream* */
  GPtrArray *guide;   /* char*: "id|name" */
  GRand *random;
  int next_stream, next_channel;
} World;

static const char *const words[] = { "Alpha", "Beta",  "Gamma",  "Delta",  "News", "Sport",
                                     "Kids",  "Movie", "Planet", "Comedy", "Gold", "One" };
static const char *const countries[] = { "UK", "DE", "FR" };
static const char *const tags[] = { "", " HD", " FHD", " 4K", " SD", " +1", " RAW" };

static const char *
pick (World *world, const char *const *list, guint n)
{
  return list[g_rand_int_range (world->random, 0, (int)n)];
}
#define PICK(world, list) pick (world, list, G_N_ELEMENTS (list))

static char *
make_title (World *world)
{
  return g_strdup_printf ("%s %s %d",
                          PICK (world, words),
                          PICK (world, words),
                          g_rand_int_range (world->random, 1, 4));
}

static void
add_guide_channel (World *world)
{
  g_autofree char *title = make_title (world);

  g_ptr_array_add (world->guide,
                   g_strdup_printf ("c%d.%s|%s",
                                    world->next_channel++,
                                    g_rand_boolean (world->random) ? "uk" : "de",
                                    title));
}

/* Mostly of a channel that the guide has. */
static char *
make_name (World *world)
{
  guint index = (guint)g_rand_int_range (world->random, 0, (int)world->guide->len);
  g_auto (GStrv) known = g_strsplit (g_ptr_array_index (world->guide, index), "|", 2);
  g_autofree char *title = g_rand_int_range (world->random, 0, 4) > 0 ? g_strdup (known[1])
                                                                      : make_title (world);

  return g_strdup_printf ("%s| %s%s", PICK (world, countries), title, PICK (world, tags));
}

static void
add_stream (World *world)
{
  ForgeStream *stream = forge_stream_new ();

  stream->remote_id = ++world->next_stream;
  stream->position = world->next_stream;
  stream->name = make_name (world);
  stream->quality = forge_quality_from_name (stream->name);
  stream->group = g_strdup (PICK (world, countries));
  stream->epg_id = g_rand_int_range (world->random, 0, 4) == 0
                       ? g_strdup_printf ("c%d.uk", g_rand_int_range (world->random, 0, GUIDE))
                       : NULL;
  g_ptr_array_add (world->streams, stream);
}

static void
check (gboolean ok, const GError *error)
{
  g_assert_no_error (error);
  g_assert_true (ok);
}

static void
write_guide (World *world, Side *side)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ForgeGuideSource) source =
      forge_store_get_guide_source (side->store, side->source_id, &error);
  gint64 generation;

  check (source != NULL, error);
  generation = forge_store_begin_guide (side->store, side->source_id, &error);
  check (generation > 0 && forge_store_begin (side->store, &error), error);
  for (guint i = 0; i < world->guide->len; i++) {
    g_auto (GStrv) parts = g_strsplit (g_ptr_array_index (world->guide, i), "|", 2);
    const char *names[] = { parts[1], NULL };
    ForgeGuideChannelRow row = { .xmltv_id = parts[0], .names = names };

    check (forge_store_add_guide_channel (side->store, side->source_id, generation, &row, &error) >
               0,
           error);
  }
  check (forge_store_commit (side->store, &error) &&
             forge_store_activate_guide (side->store, source, generation, &error) &&
             forge_store_sweep_guide (side->store, 0, &error),
         error);
}

static void
write_streams (World *world, Side *side)
{
  g_autoptr (GError) error = NULL;
  ForgeStreamPlan plan;

  check (forge_store_begin_stage (side->store, side->account_id, &error), error);
  for (guint i = 0; i < world->streams->len; i++)
    check (forge_store_stage_stream (side->store, g_ptr_array_index (world->streams, i), &error),
           error);
  check (forge_store_plan_streams (side->store, &plan, &error) &&
             forge_store_begin (side->store, &error) &&
             forge_store_apply_streams (side->store, NOW_S, 14, &error) &&
             forge_store_commit (side->store, &error),
         error);
}

static void
run (Side *side)
{
  const ForgeLineupRunOptions options = { .now_s = NOW_S,
                                          .max_enabled = 12,
                                          .tombstone_days = 14,
                                          .anew = side->anew,
                                          .memory = side->memory };
  g_autoptr (GError) error = NULL;
  ForgeLineupRunResult result;

  check (forge_lineup_run (side->store, &options, &result, NULL, &error), error);
}

/* All that a run decides, as text. */
static char *
describe (const Side *side)
{
  static const char sql[] =
      "SELECT 'c ' || id || ' ' || key || ' ' || number || ' ' || name || ' ' ||"
      " coalesce (group_name, '-') || ' ' || enabled || ' ' || (gone_at IS NOT NULL) FROM channel"
      " UNION ALL SELECT 'm ' || channel_id || ' ' || stream_id || ' ' || confidence || ' ' ||"
      " rank || ' ' || reasons || ' ' || manual || rejected || (gone_at IS NOT NULL)"
      " FROM stream_match ORDER BY 1";
  GString *text = g_string_new (NULL);
  sqlite3_stmt *statement;
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (side->path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_prepare_v2 (db, sql, -1, &statement, NULL), ==, SQLITE_OK);
  while (sqlite3_step (statement) == SQLITE_ROW)
    g_string_append_printf (text, "%s\n", (const char *)sqlite3_column_text (statement, 0));
  sqlite3_finalize (statement);
  sqlite3_close (db);
  return g_string_free (text, FALSE);
}

static void
side_open (World *world, Side *side, const char *name)
{
  g_autoptr (ForgeGuideSource) source = forge_guide_source_new ();
  g_autoptr (ForgeAccount) account = forge_account_new ();
  g_autoptr (GError) error = NULL;

  side->path = g_build_filename (world->directory, name, NULL);
  side->store = forge_store_open (side->path, NULL, &error);
  check (side->store != NULL, error);
  account->name = g_strdup ("Home");
  account->server = g_strdup ("http://panel.example");
  account->username = g_strdup ("user");
  account->enabled = TRUE;
  side->account_id = forge_store_add_account (side->store, account, &error);
  check (side->account_id > 0, error);
  source->name = g_strdup ("Guide");
  source->location = g_strdup ("/guide.xml");
  source->enabled = TRUE;
  side->source_id = forge_store_add_guide_source (side->store, source, &error);
  check (side->source_id > 0, error);
}

static World *
world_new (guint32 seed)
{
  World *world = g_new0 (World, 1);

  world->directory = g_dir_make_tmp ("lineup-memo-XXXXXX", NULL);
  world->random = g_rand_new_with_seed (seed);
  world->streams = g_ptr_array_new_with_free_func ((GDestroyNotify)forge_stream_unref);
  world->guide = g_ptr_array_new_with_free_func (g_free);
  for (int i = 0; i < GUIDE; i++)
    add_guide_channel (world);
  for (int i = 0; i < STREAMS; i++)
    add_stream (world);
  side_open (world, &world->sides[0], "new.db");
  side_open (world, &world->sides[1], "all.db");
  world->sides[0].memory = forge_lineup_memory_new ();
  world->sides[1].anew = TRUE;
  return world;
}

static void
world_free (World *world)
{
  for (int i = 0; i < 2; i++) {
    static const char *const suffixes[] = { "", "-wal", "-shm" };

    forge_store_close (world->sides[i].store);
    for (guint j = 0; j < G_N_ELEMENTS (suffixes); j++) {
      g_autofree char *file = g_strconcat (world->sides[i].path, suffixes[j], NULL);
      g_unlink (file);
    }
    g_free (world->sides[i].path);
    forge_lineup_memory_free (world->sides[i].memory);
  }
  g_rmdir (world->directory);
  g_free (world->directory);
  g_ptr_array_unref (world->streams);
  g_ptr_array_unref (world->guide);
  g_rand_free (world->random);
  g_free (world);
}

static void
edit_stream (World *world)
{
  guint index = (guint)g_rand_int_range (world->random, 0, (int)world->streams->len);
  ForgeStream *stream = g_ptr_array_index (world->streams, index);

  switch (g_rand_int_range (world->random, 0, 5)) {
  case 0:
    g_ptr_array_remove_index (world->streams, index);
    break;
  case 1:
    add_stream (world);
    break;
  case 2:
    stream->position = g_rand_int_range (world->random, 0, 1000);
    break;
  case 3:
    g_free (stream->group);
    stream->group = g_strdup (PICK (world, countries));
    break;
  default:
    g_free (stream->name);
    stream->name = make_name (world);
    stream->quality = forge_quality_from_name (stream->name);
    break;
  }
}

/* What a person does, on both sides. */
static void
decide (World *world)
{
  guint index = (guint)g_rand_int_range (world->random, 0, (int)world->streams->len);
  const ForgeStream *wanted = g_ptr_array_index (world->streams, index);
  gboolean accept = g_rand_boolean (world->random);
  int channel = g_rand_int_range (world->random, 1, GUIDE);
  g_autofree char *key = forge_match_rules_key (wanted, accept);

  for (int i = 0; i < 2; i++) {
    g_autoptr (ForgeChannel) found = forge_store_get_channel (world->sides[i].store, channel, NULL);
    ForgeMatchRule rule = { .name_key = key,
                            .channel_key = found ? found->key : NULL,
                            .accept = accept,
                            .account_id = accept ? world->sides[i].account_id : 99,
                            .stream_name = wanted->name,
                            .time = NOW_S };

    if (found && key)
      g_assert_true (forge_store_put_rule (world->sides[i].store, &rule, NULL));
  }
}

static void
test_same_as_anew (void)
{
  guint32 seed = g_test_rand_int ();
  World *world = world_new (seed);

  g_test_message ("seed %u", seed);
  for (int round = 0; round < ROUNDS; round++) {
    gboolean new_guide = round % 7 == 3;
    int edits = round == 0 ? 0 : EDITS_A_ROUND;

    for (int i = 0; i < edits; i++)
      edit_stream (world);
    if (new_guide) {
      g_ptr_array_remove_index (world->guide, 0);
      add_guide_channel (world);
    }
    if (round % 5 == 4)
      decide (world);
    if (round % 6 == 5)
      forge_lineup_memory_drop (world->sides[0].memory);
    for (int i = 0; i < 2; i++) {
      if (round == 0 || new_guide)
        write_guide (world, &world->sides[i]);
      write_streams (world, &world->sides[i]);
      run (&world->sides[i]);
    }
    g_autofree char *some = describe (&world->sides[0]), *all = describe (&world->sides[1]);
    g_assert_cmpstr (some, ==, all);
  }
  world_free (world);
}

static sqlite3 *
open_beside (const Side *side)
{
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (side->path, &db), ==, SQLITE_OK);
  return db;
}

static int
ask (sqlite3 *db, const char *sql)
{
  sqlite3_stmt *statement;
  int value;

  g_assert_cmpint (sqlite3_prepare_v2 (db, sql, -1, &statement, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  value = sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);
  return value;
}

#define CHANNEL_OF_FIRST \
  "SELECT m.channel_id FROM stream_match m WHERE m.stream_id = 1 AND m.gone_at IS NULL"

/* Or the test above would show nothing: what is written in a memo is believed, until the provider
 * says something else of the stream. */
static void
test_known_stream_is_not_asked (void)
{
  World *world = world_new (7);
  Side *side = &world->sides[0];
  ForgeStream *stream = g_ptr_array_index (world->streams, 0);

  write_guide (world, side);
  write_streams (world, side);
  run (side);
  sqlite3 *db = open_beside (side);
  g_assert_cmpint (ask (db, "SELECT count (*) FROM match_memo"), ==, STREAMS);
  g_assert_cmpint (sqlite3_exec (db,
                                 "UPDATE match_memo SET guide = 9, confidence = 0.95"
                                 " WHERE stream_id = 1",
                                 NULL,
                                 NULL,
                                 NULL),
                   ==,
                   SQLITE_OK);
  run (side);
  g_assert_cmpint (ask (db, CHANNEL_OF_FIRST), ==, 9);

  g_auto (GStrv) third = g_strsplit (g_ptr_array_index (world->guide, 2), "|", 2);
  g_free (stream->name);
  stream->name = g_strconcat (third[1], " HD", NULL);
  g_free (stream->epg_id);
  stream->epg_id = g_strdup (third[0]);
  g_clear_pointer (&stream->group, g_free);
  write_streams (world, side);
  run (side);
  g_assert_cmpint (ask (db, CHANNEL_OF_FIRST), ==, 3);

  /* Of another guide they say nothing. */
  add_guide_channel (world);
  write_guide (world, side);
  g_assert_cmpint (sqlite3_exec (db, "UPDATE match_memo SET guide = 9", NULL, NULL, NULL),
                   ==,
                   SQLITE_OK);
  run (side);
  g_assert_cmpint (ask (db, CHANNEL_OF_FIRST), ==, 3);
  sqlite3_close (db);
  world_free (world);
}

static void
test_unchanged_run_writes_nothing (void)
{
  World *world = world_new (11);
  Side *side = &world->sides[0];

  write_guide (world, side);
  write_streams (world, side);
  run (side);
  sqlite3 *db = open_beside (side);
  int version = ask (db, "PRAGMA data_version");
  run (side);
  g_assert_cmpint (ask (db, "PRAGMA data_version"), ==, version);
  sqlite3_close (db);
  world_free (world);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/guide/lineup-memo/same-as-anew", test_same_as_anew);
  g_test_add_func ("/guide/lineup-memo/known-stream-is-not-asked", test_known_stream_is_not_asked);
  g_test_add_func ("/guide/lineup-memo/unchanged-run-writes-nothing",
                   test_unchanged_run_writes_nothing);
  return g_test_run ();
}

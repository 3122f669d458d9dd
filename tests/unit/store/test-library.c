/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/forge-error.h"
#include "model/forge-media-name.h"
#include "store-fixture.h"
#include "store/forge-store-library.h"

#include <stdlib.h>
#include <string.h>

/* A row of a list: "<remote id>|<tmdb id or 0>|<added or 0>|<name>"; with "@<group>" behind the
 * name. */
static void
stage (ForgeStore *store, const char *row, int position)
{
  g_autoptr (ForgeMediaListing) listing = forge_media_listing_new ();
  g_auto (GStrv) parts = g_strsplit (row, "|", 4);
  g_auto (ForgeMediaName) name = { 0 };
  char *group = strchr (parts[3], '@');
  g_autoptr (GError) error = NULL;

  if (group) {
    *group = '\0';
    listing->group = g_strdup (group + 1);
  }
  listing->remote_id = atoll (parts[0]);
  listing->tmdb_id = atoll (parts[1]);
  listing->added = atoll (parts[2]);
  listing->name = g_strdup (parts[3]);
  forge_media_name_parse (parts[3], &name);
  listing->title = g_strdup (name.title);
  listing->folded = forge_media_fold (name.title);
  listing->year = name.year;
  listing->quality = name.quality;
  listing->extension = g_strdup ("mp4");
  listing->position = position;
  forge_store_stage_title (store, listing, &error);
  g_assert_no_error (error);
}

static ForgeTitlePlan
set_titles_at (ForgeStore *store,
               gint64 account_id,
               ForgeMediaKind kind,
               gint64 now_s,
               const char *const *rows)
{
  g_autoptr (GError) error = NULL;
  ForgeTitlePlan plan = { 0 };

  g_assert_true (forge_store_begin_titles (store, account_id, kind, &error));
  for (int i = 0; rows[i]; i++)
    stage (store, rows[i], i);
  forge_store_plan_titles (store, &plan, &error);
  g_assert_no_error (error);
  g_assert_true (forge_store_begin (store, &error));
  forge_store_apply_titles (store, now_s, 14, &error);
  g_assert_no_error (error);
  g_assert_true (forge_store_commit (store, &error));
  return plan;
}

#define set_films(store, account, ...) \
  set_titles_at (store,                \
                 account,              \
                 FORGE_MEDIA_MOVIE,    \
                 NOW_S,                \
                 (const char *const[]){ __VA_ARGS__, NULL })

/* "Title (year)=id/sources" … in the order of the list. */
static char *
show (ForgeStore *store, const ForgeMediaQuery *query)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list = forge_store_list_media (store, query, NULL, &error);
  g_autoptr (GString) out = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < list->len; i++) {
    const ForgeMedia *media = g_ptr_array_index (list, i);
    g_string_append_printf (out,
                            "%s%s (%d)=%" G_GINT64_FORMAT "/%d",
                            i ? ", " : "",
                            media->title,
                            media->year,
                            media->id,
                            media->sources);
  }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* Pages come from other statements than the whole list, out of what triggers keep. */
static void
assert_pages (ForgeStore *store, ForgeMediaQuery query)
{
  guint total, all;

  query.limit = 0;
  g_autoptr (GPtrArray) list = forge_store_list_media (store, &query, &all, NULL);
  g_assert_cmpuint (all, ==, list->len);
  query.limit = 2;
  for (query.offset = 0; query.offset <= all; query.offset++) {
    g_autoptr (GPtrArray) page = forge_store_list_media (store, &query, &total, NULL);
    g_assert_cmpuint (total, ==, all);
    g_assert_cmpuint (page->len, ==, MIN (2, all - query.offset));
    for (guint i = 0; i < page->len; i++) {
      const ForgeMedia *a = g_ptr_array_index (list, query.offset + i);
      const ForgeMedia *b = g_ptr_array_index (page, i);
      g_assert_cmpint (a->id, ==, b->id);
      g_assert_cmpint (a->sources, ==, b->sources);
    }
  }
}

static void
assert_films (ForgeStore *store, const char *expected)
{
  ForgeMediaQuery query = { .kind = FORGE_MEDIA_MOVIE };
  g_autofree char *films = show (store, &query);

  g_assert_cmpstr (films, ==, expected);
  for (query.account_id = 0; query.account_id <= 2; query.account_id++)
    for (int order = FORGE_MEDIA_BY_TITLE; order <= FORGE_MEDIA_BY_NOTICE; order++) {
      query.order = (ForgeMediaOrder)order;
      assert_pages (store, query);
    }
}

static void
assert_search (ForgeStore *store, const char *search, const char *expected)
{
  const ForgeMediaQuery query = { .kind = FORGE_MEDIA_MOVIE, .search = search };
  g_autofree char *films = show (store, &query);

  g_assert_cmpstr (films, ==, expected);
  assert_pages (store, query);
}

/* ---- identity ---- */

static void
test_same_film_of_two_accounts (StoreFixture *fixture, gconstpointer unused)
{
  gint64 one = fixture_add_account (fixture->store, "One");
  gint64 two = fixture_add_account (fixture->store, "Two");

  set_films (fixture->store, one, "10|550|0|EN - Fight Club (1999)", "11|0|0|Alone (2001)");
  set_films (fixture->store,
             two,
             "90|550|0|4K| El club de la lucha (1999)",
             "91|0|0|FR - Alone (2001)",
             "92|0|0|Alone (1950)");
  assert_films (fixture->store, "Alone (1950)=3/1, Alone (2001)=2/2, Fight Club (1999)=1/2");
}

static void
test_ids_are_permanent (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = fixture_add_account (fixture->store, "One");
  ForgeTitlePlan plan;

  plan = set_films (fixture->store, account, "1|0|77|Solaris (1972)", "2|603|78|The Matrix (1999)");
  g_assert_cmpint (plan.added, ==, 2);
  /* Another order, other labels, a corrected name: the same ids. */
  plan = set_films (fixture->store,
                    account,
                    "2|603|78|FHD| The Matrix (1999)",
                    "1|0|77|Solyaris (1972)");
  g_assert_cmpint (plan.added, ==, 0);
  g_assert_cmpint (plan.changed, ==, 2);
  assert_films (fixture->store, "Solaris (1972)=2/1, The Matrix (1999)=1/1");
  /* Gone for a night, and back. */
  set_films (fixture->store, account, "9|0|0|Other (2000)");
  assert_films (fixture->store, "Other (2000)=3/1");
  set_films (fixture->store, account, "1|0|77|Solaris (1972)", "2|603|78|The Matrix (1999)");
  assert_films (fixture->store, "Solaris (1972)=2/1, The Matrix (1999)=1/1");
}

/* A new provider gives the old numbers to other films. */
static void
test_replaced_account (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = fixture_add_account (fixture->store, "One");

  set_films (fixture->store, account, "1|550|10|Fight Club (1999)", "2|0|11|Alone (2001)");
  set_films (fixture->store,
             account,
             "1|0|98|Alone (2001)",
             "2|680|99|Pulp Fiction (1994)",
             "500|550|97|Fight Club");
  assert_films (fixture->store, "Alone (2001)=2/1, Fight Club (1999)=1/1, Pulp Fiction (1994)=3/1");
}

static void
test_unchanged_list (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = fixture_add_account (fixture->store, "One");
  ForgeTitlePlan plan;

  set_films (fixture->store, account, "1|550|0|Fight Club (1999)", "2|0|0|Alone (2001)");
  plan = set_films (fixture->store, account, "1|550|0|Fight Club (1999)", "2|0|0|Alone (2001)");
  g_assert_cmpint (plan.added + plan.changed + plan.removed, ==, 0);
  g_assert_cmpint (plan.before, ==, 2);
  g_assert_cmpint (plan.after, ==, 2);
}

/* The same film three times in one list is one film with three sources. */
static void
test_twins_in_one_list (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = fixture_add_account (fixture->store, "One");

  set_films (fixture->store,
             account,
             "1|0|0|SD| Heat (1995)",
             "2|949|0|4K| Heat (1995)",
             "3|0|0|Heat (1995) FHD",
             "3|1|0|a repeated number");
  assert_films (fixture->store, "Heat (1995)=1/3");
  g_autoptr (GPtrArray) sources =
      forge_store_media_sources (fixture->store, FORGE_MEDIA_MOVIE, 1, NULL);
  g_assert_cmpint (sources->len, ==, 3);
  g_assert_cmpint (((ForgeMediaSource *)g_ptr_array_index (sources, 0))->remote_id, ==, 2);
  g_assert_cmpint (((ForgeMediaSource *)g_ptr_array_index (sources, 1))->remote_id, ==, 3);
  g_assert_cmpint (((ForgeMediaSource *)g_ptr_array_index (sources, 2))->remote_id, ==, 1);
}

/* Same name and year, but the ids say that they are two. */
static void
test_different_tmdb_ids_are_different (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = fixture_add_account (fixture->store, "One");
  gint64 two = fixture_add_account (fixture->store, "Two");

  set_films (fixture->store, account, "1|0|0|Home (2015)");
  set_films (fixture->store, two, "5|100|0|Home (2015)", "6|200|0|Home (2015)");
  assert_films (fixture->store, "Home (2015)=1/2, Home (2015)=2/1");
  g_assert_cmpint (forge_store_find_tmdb (fixture->store, FORGE_MEDIA_MOVIE, 100, NULL), ==, 1);
  g_assert_cmpint (forge_store_find_tmdb (fixture->store, FORGE_MEDIA_MOVIE, 200, NULL), ==, 2);
}

/* Links to the poorer title go on working after it turned out to be another one. */
static void
test_signposts (StoreFixture *fixture, gconstpointer unused)
{
  gint64 one = fixture_add_account (fixture->store, "One");
  gint64 two = fixture_add_account (fixture->store, "Two");
  g_autoptr (GError) error = NULL;

  set_films (fixture->store, one, "1|0|0|Le Samurai (1967)");
  set_films (fixture->store, two, "1|5511|0|Le Samouraï (1967)");
  assert_films (fixture->store, "Le Samouraï (1967)=2/1, Le Samurai (1967)=1/1");
  set_films (fixture->store, one, "1|5511|0|Le Samurai (1967)");
  assert_films (fixture->store, "Le Samouraï (1967)=2/2");
  g_autoptr (ForgeMedia) media =
      forge_store_get_media (fixture->store, FORGE_MEDIA_MOVIE, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (media->id, ==, 2);
  g_autoptr (GPtrArray) sources =
      forge_store_media_sources (fixture->store, FORGE_MEDIA_MOVIE, 1, &error);
  g_assert_cmpint (sources->len, ==, 2);
}

static void
test_one_tmdb_id_for_two_titles (StoreFixture *fixture, gconstpointer unused)
{
  gint64 one = fixture_add_account (fixture->store, "One");

  set_films (fixture->store, one, "1|0|0|Seven (1995)", "2|0|0|Se7en (1995)");
  set_films (fixture->store, one, "1|807|0|Seven (1995)", "2|807|0|Se7en (1995)");
  assert_films (fixture->store, "Seven (1995)=1/2");
}

/* ---- what is shown ---- */

static void
test_vanished (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = fixture_add_account (fixture->store, "One");
  g_autoptr (GError) error = NULL;

  set_films (fixture->store, account, "1|550|0|Fight Club (1999)", "2|0|0|Alone (2001)");
  set_films (fixture->store, account, "2|0|0|Alone (2001)");
  assert_films (fixture->store, "Alone (2001)=2/1");
  assert_search (fixture->store, "fight", "");
  g_autoptr (ForgeMedia) gone =
      forge_store_get_media (fixture->store, FORGE_MEDIA_MOVIE, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (gone->sources, ==, 0);
  g_assert_null (forge_store_get_media (fixture->store, FORGE_MEDIA_MOVIE, 99, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (forge_store_get_media (fixture->store, FORGE_MEDIA_SERIES, 2, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND);

  /* After the tombstone the row goes, the id stays; after a year and more the id goes too. */
  const char *const rest[] = { "2|0|0|Alone (2001)", NULL };
  set_titles_at (fixture->store, account, FORGE_MEDIA_MOVIE, NOW_S + 15 * DAY_S, rest);
  g_autoptr (ForgeMedia) kept = forge_store_get_media (fixture->store, FORGE_MEDIA_MOVIE, 1, NULL);
  g_assert_nonnull (kept);
  set_titles_at (fixture->store,
                 account,
                 FORGE_MEDIA_MOVIE,
                 NOW_S + (16 + FORGE_TITLE_KEEP_DAYS) * DAY_S,
                 rest);
  g_assert_null (forge_store_get_media (fixture->store, FORGE_MEDIA_MOVIE, 1, NULL));
}

static void
test_accounts (StoreFixture *fixture, gconstpointer unused)
{
  gint64 one = fixture_add_account (fixture->store, "One");
  gint64 two = fixture_add_account (fixture->store, "Two");
  g_autoptr (GError) error = NULL;

  set_films (fixture->store, one, "1|550|0|Fight Club (1999)", "2|0|0|Alone (2001)");
  set_films (fixture->store, two, "1|550|0|4K| Fight Club (1999)");
  g_autoptr (ForgeAccount) stored = forge_store_get_account (fixture->store, one, &error);
  g_assert_cmpint (stored->movies, ==, 2);
  g_autoptr (ForgeAccount) off = forge_account_copy (stored);
  off->enabled = FALSE;
  g_assert_true (forge_store_update_account (fixture->store, off, &error));
  assert_films (fixture->store, "Fight Club (1999)=1/1");
  g_assert_true (forge_store_remove_account (fixture->store, two, &error));
  g_assert_no_error (error);
  assert_films (fixture->store, "");
  const ForgeMediaQuery of_one = { .kind = FORGE_MEDIA_MOVIE, .account_id = one };
  off->enabled = TRUE;
  g_assert_true (forge_store_update_account (fixture->store, off, &error));
  g_autofree char *films = show (fixture->store, &of_one);
  g_assert_cmpstr (films, ==, "Alone (2001)=2/1, Fight Club (1999)=1/1");
}

static void
test_search (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = fixture_add_account (fixture->store, "One");

  set_films (fixture->store,
             account,
             "1|0|0|Ocean's Eleven (2001)",
             "2|0|0|The Ocean (1990)",
             "3|0|0|Amélie (2001)",
             "4|0|0|千と千尋の神隠し (2001)",
             "5|0|0|Брат 2 (2000)",
             "6|0|0|Ocean (1980)",
             "7|0|0|+++ (1970)");
  assert_search (fixture->store,
                 "OCEAN",
                 "Ocean (1980)=6/1, Ocean's Eleven (2001)=1/1, The Ocean (1990)=2/1");
  assert_search (fixture->store, "oceans elev", "Ocean's Eleven (2001)=1/1");
  assert_search (fixture->store, "elev ocean", "");
  assert_search (fixture->store, "amelie", "Amélie (2001)=3/1");
  assert_search (fixture->store, "брат", "Брат 2 (2000)=5/1");
  assert_search (fixture->store, "千尋", "千と千尋の神隠し (2001)=4/1");
  assert_search (fixture->store, "+++", "+++ (1970)=7/1");
  assert_search (fixture->store, "\"; DROP TABLE title; --", "");
  assert_search (fixture->store, "NEAR( OR * ^", "");
  assert_search (fixture->store, "%", "");
}

static void
test_pages (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = fixture_add_account (fixture->store, "One");
  ForgeMediaQuery query = { .kind = FORGE_MEDIA_MOVIE, .limit = 2, .offset = 1 };
  guint total = 0;

  set_films (fixture->store, account, "1|0|0|C (2003)", "2|0|0|A (2001)", "3|0|0|B (2002)");
  g_autofree char *page = show (fixture->store, &query);
  g_assert_cmpstr (page, ==, "B (2002)=3/1, C (2003)=1/1");
  query.order = FORGE_MEDIA_BY_YEAR;
  query.offset = 0;
  g_autoptr (GPtrArray) list = forge_store_list_media (fixture->store, &query, &total, NULL);
  g_assert_cmpint (list->len, ==, 2);
  g_assert_cmpint (total, ==, 3);
  g_assert_cmpint (((ForgeMedia *)g_ptr_array_index (list, 0))->year, ==, 2003);
}

/* ---- details ---- */

static gint64
source_of (ForgeStore *store, ForgeMediaKind kind, gint64 id)
{
  g_autoptr (GPtrArray) sources = forge_store_media_sources (store, kind, id, NULL);

  g_assert_cmpint (sources->len, >, 0);
  return ((ForgeMediaSource *)g_ptr_array_index (sources, 0))->id;
}

static void
test_movie_info (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = fixture_add_account (fixture->store, "One");
  g_autoptr (ForgeMediaListing) info = forge_media_listing_new ();
  g_autoptr (GError) error = NULL;

  set_films (fixture->store, account, "1|0|0|Alone (2001)");
  info->tmdb_id = 42;
  info->duration_s = 5400;
  info->plot = g_strdup ("Nobody comes.");
  g_assert_true (forge_store_save_movie_info (fixture->store,
                                              source_of (fixture->store, FORGE_MEDIA_MOVIE, 1),
                                              info,
                                              NOW_S,
                                              &error));
  g_assert_no_error (error);
  /* The next list, which does not know them, takes nothing away. */
  set_films (fixture->store, account, "1|0|0|Alone (2001)");
  g_autoptr (ForgeMedia) media =
      forge_store_get_media (fixture->store, FORGE_MEDIA_MOVIE, 1, &error);
  g_assert_cmpint (media->tmdb_id, ==, 42);
  g_assert_cmpint (media->duration_s, ==, 5400);
  g_assert_cmpstr (media->plot, ==, "Nobody comes.");
}

static GPtrArray *
episodes (guint season, guint n, gint64 first_remote_id)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)forge_media_listing_free);

  for (guint i = 1; i <= n; i++) {
    ForgeMediaListing *episode = forge_media_listing_new ();
    episode->remote_id = first_remote_id + i;
    episode->name = g_strdup_printf ("Part %u", i);
    episode->extension = g_strdup ("mkv");
    episode->season = (int)season;
    episode->number = (int)i;
    g_ptr_array_add (list, episode);
  }
  return list;
}

static void
save_episodes (ForgeStore *store, gint64 source_id, gint64 tmdb_id, GPtrArray *list)
{
  g_autoptr (GError) error = NULL;

  forge_store_save_episodes (store, source_id, tmdb_id, list, NOW_S, &error);
  g_assert_no_error (error);
}

#define set_series(store, account, ...) \
  set_titles_at (store,                 \
                 account,               \
                 FORGE_MEDIA_SERIES,    \
                 NOW_S,                 \
                 (const char *const[]){ __VA_ARGS__, NULL })

static void
test_episodes (StoreFixture *fixture, gconstpointer unused)
{
  gint64 one = fixture_add_account (fixture->store, "One");
  gint64 two = fixture_add_account (fixture->store, "Two");
  g_autoptr (GPtrArray) season_1 = episodes (1, 3, 900);
  g_autoptr (GPtrArray) other = episodes (1, 3, 500);
  g_autoptr (GPtrArray) none = episodes (1, 0, 0);

  set_series (fixture->store, one, "8|1396|0|Breaking Bad");
  set_series (fixture->store, two, "4|1396|0|Breaking Bad (2008)");
  g_autoptr (GPtrArray) sources =
      forge_store_media_sources (fixture->store, FORGE_MEDIA_SERIES, 1, NULL);
  g_assert_cmpint (sources->len, ==, 2);
  gint64 first = ((ForgeMediaSource *)g_ptr_array_index (sources, 0))->id;
  gint64 second = ((ForgeMediaSource *)g_ptr_array_index (sources, 1))->id;
  save_episodes (fixture->store, first, 1396, season_1);
  save_episodes (fixture->store, second, 0, other);
  gint64 id = forge_store_find_episode (fixture->store, 1, 1, 2, NULL);
  g_assert_cmpint (id, ==, 2);
  g_autoptr (ForgeMedia) episode =
      forge_store_get_media (fixture->store, FORGE_MEDIA_EPISODE, id, NULL);
  g_assert_cmpstr (episode->title, ==, "Part 2");
  g_assert_cmpstr (episode->series_title, ==, "Breaking Bad");
  g_assert_cmpint (episode->tmdb_id, ==, 1396);
  g_assert_cmpint (episode->sources, ==, 2);

  /* Read again with other numbers, then answered with nothing: ids and sources stay. */
  g_autoptr (GPtrArray) again = episodes (1, 4, 700);
  save_episodes (fixture->store, first, 0, again);
  save_episodes (fixture->store, first, 0, none);
  g_assert_cmpint (forge_store_find_episode (fixture->store, 1, 1, 2, NULL), ==, id);
  g_autoptr (GPtrArray) of_episode =
      forge_store_media_sources (fixture->store, FORGE_MEDIA_EPISODE, id, NULL);
  g_assert_cmpint (of_episode->len, ==, 2);
  const ForgeMediaSource *source = g_ptr_array_index (of_episode, 0);
  g_assert_cmpint (source->remote_id, ==, 702);
  g_assert_cmpstr (source->extension, ==, "mkv");
  g_autoptr (GPtrArray) all = forge_store_list_episodes (fixture->store, 1, -1, NULL);
  g_assert_cmpint (all->len, ==, 4);
  g_autoptr (GPtrArray) specials = forge_store_list_episodes (fixture->store, 1, 0, NULL);
  g_assert_cmpint (specials->len, ==, 0);
  g_assert_cmpint (forge_store_find_episode (fixture->store, 1, 9, 9, NULL), ==, 0);
}

/* The details say which series it is: its episodes' ids lead to the known one. */
static void
test_series_learn_their_id (StoreFixture *fixture, gconstpointer unused)
{
  gint64 one = fixture_add_account (fixture->store, "One");
  gint64 two = fixture_add_account (fixture->store, "Two");
  g_autoptr (GPtrArray) list = episodes (1, 2, 900);
  g_autoptr (GPtrArray) known = episodes (1, 3, 100);

  set_series (fixture->store, one, "8|0|0|BrBa");
  set_series (fixture->store, two, "4|1396|0|Breaking Bad");
  gint64 mine = source_of (fixture->store, FORGE_MEDIA_SERIES, 1);
  save_episodes (fixture->store, mine, 0, list);
  save_episodes (fixture->store, source_of (fixture->store, FORGE_MEDIA_SERIES, 2), 1396, known);
  gint64 old = forge_store_find_episode (fixture->store, 1, 1, 2, NULL);
  save_episodes (fixture->store, mine, 1396, list);

  g_autoptr (ForgeMedia) series =
      forge_store_get_media (fixture->store, FORGE_MEDIA_SERIES, 1, NULL);
  g_assert_cmpint (series->id, ==, 2);
  g_autoptr (ForgeMedia) episode =
      forge_store_get_media (fixture->store, FORGE_MEDIA_EPISODE, old, NULL);
  g_assert_cmpint (episode->series_id, ==, 2);
  g_assert_cmpint (episode->number, ==, 2);
  g_autoptr (GPtrArray) sources =
      forge_store_media_sources (fixture->store, FORGE_MEDIA_EPISODE, old, NULL);
  g_assert_cmpint (sources->len, ==, 2);
}

/* A refresh that is dropped or rolled back changes nothing. */
static void
test_nothing_or_all (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = fixture_add_account (fixture->store, "One");
  g_autoptr (GError) error = NULL;
  ForgeTitlePlan plan;

  set_films (fixture->store, account, "1|550|0|Fight Club (1999)");
  g_assert_true (forge_store_begin_titles (fixture->store, account, FORGE_MEDIA_MOVIE, &error));
  stage (fixture->store, "2|0|0|Alone (2001)", 0);
  g_assert_true (forge_store_plan_titles (fixture->store, &plan, &error));
  g_assert_cmpint (plan.removed, ==, 1);
  g_assert_true (forge_store_begin (fixture->store, &error));
  g_assert_true (forge_store_apply_titles (fixture->store, NOW_S, 14, &error));
  forge_store_rollback (fixture->store);
  assert_films (fixture->store, "Fight Club (1999)=1/1");
  assert_search (fixture->store, "alone", "");
}

#define ADD(path, func)               \
  g_test_add ("/store/library/" path, \
              StoreFixture,           \
              NULL,                   \
              store_fixture_set_up,   \
              func,                   \
              store_fixture_tear_down)

static gboolean
note_title (ForgeMedia *media, gpointer user_data)
{
  GString *out = user_data;

  g_string_append_printf (out, "%s ", media->title);
  return strcmp (media->title, "Heat") != 0; /* and no further */
}

static void
assert_group (ForgeStore *store, const char *group, const char *expected)
{
  const ForgeMediaQuery query = { .kind = FORGE_MEDIA_MOVIE, .group = group };
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (forge_store_each_media (store, &query, note_title, out, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (out->str, ==, expected);
}

static void
test_groups (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = fixture_add_account (fixture->store, "One");
  g_autoptr (GError) error = NULL;

  set_films (fixture->store,
             account,
             "1|0|0|Solaris@Old",
             "2|0|0|Heat@New",
             "3|0|0|Ikiru",
             "4|0|0|Alien@Old");
  g_autoptr (GPtrArray) groups =
      forge_store_list_media_groups (fixture->store, FORGE_MEDIA_MOVIE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (groups->len, ==, 3);
  g_assert_cmpstr (g_ptr_array_index (groups, 0), ==, "Old");
  g_assert_cmpstr (g_ptr_array_index (groups, 1), ==, "New");
  g_assert_cmpstr (g_ptr_array_index (groups, 2), ==, "");
  assert_group (fixture->store, "Old", "Alien Solaris ");
  assert_group (fixture->store, "", "Ikiru ");
  assert_group (fixture->store, "None", "");
  assert_group (fixture->store, NULL, "Alien Heat ");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("one-film-of-two-accounts", test_same_film_of_two_accounts);
  ADD ("ids-are-permanent", test_ids_are_permanent);
  ADD ("replaced-account-keeps-films", test_replaced_account);
  ADD ("unchanged-list-changes-nothing", test_unchanged_list);
  ADD ("twins-in-one-list", test_twins_in_one_list);
  ADD ("different-tmdb-ids-are-different", test_different_tmdb_ids_are_different);
  ADD ("one-tmdb-id-for-two-titles", test_one_tmdb_id_for_two_titles);
  ADD ("old-ids-lead-to-the-merged-title", test_signposts);
  ADD ("vanished-films-are-hidden-then-forgotten", test_vanished);
  ADD ("switched-off-and-removed-accounts", test_accounts);
  ADD ("search", test_search);
  ADD ("pages-and-orders", test_pages);
  ADD ("groups", test_groups);
  ADD ("movie-info", test_movie_info);
  ADD ("episodes", test_episodes);
  ADD ("series-learn-their-id", test_series_learn_their_id);
  ADD ("nothing-or-all", test_nothing_or_all);
  return g_test_run ();
}

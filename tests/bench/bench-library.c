/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Measures a library of 60,000 films of two accounts and prints one JSON object of milliseconds,
 * the medians of some runs each. Usage: bench-library [DIRECTORY]. */
#include "config.h"

#include "model/forge-media-name.h"
#include "store/forge-store-accounts.h"
#include "store/forge-store-library.h"

#include <glib/gstdio.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define FILMS    60000
#define PAGE     50
#define RUNS     15
#define ACCOUNTS 2
#define NOW_S    1700000000

static const char *const words[] = { "Ocean",  "Night",  "Élan",   "Wolf",    "Paper",  "Summer",
                                     "Ruin",   "Moon",   "Garden", "Signal",  "Winter", "Harbour",
                                     "Mirror", "Desert", "Clock",  "Lantern", "Storm" };

static void
check (gboolean ok, GError *error)
{
  if (ok)
    return;
  fprintf (stderr, "bench-library: %s\n", error ? error->message : "failed");
  exit (1);
}

/* CPU time, not time: this machine may be busy. */
static gint64
cpu_us (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static void
report (const char *name, double value, gboolean is_last)
{
  printf ("  \"%s\": %.2f%s\n", name, value, is_last ? "" : ",");
}

static void
stage_film (ForgeStore *store, int n)
{
  g_autoptr (ForgeMediaListing) film = forge_media_listing_new ();
  g_autoptr (GError) error = NULL;

  film->remote_id = n + 1;
  film->position = n;
  film->tmdb_id = n % 3 ? n + 1000 : 0;
  film->title = g_strdup_printf ("%s of the %s %d",
                                 words[n % (int)G_N_ELEMENTS (words)],
                                 words[n / 7 % (int)G_N_ELEMENTS (words)],
                                 n);
  film->year = 1950 + n % 75;
  film->name = g_strdup_printf ("EN - %s (%d)", film->title, film->year);
  film->folded = forge_media_fold (film->title);
  film->group = g_strdup_printf ("Group %d", n / 1000);
  film->poster = g_strdup_printf ("http://images.example/posters/w600/%d.jpg", n);
  film->extension = g_strdup ("mkv");
  film->added = NOW_S - n;
  check (forge_store_stage_title (store, film, &error), error);
}

static void
import (ForgeStore *store, gint64 account_id)
{
  g_autoptr (GError) error = NULL;
  ForgeTitlePlan plan;

  check (forge_store_begin_titles (store, account_id, FORGE_MEDIA_MOVIE, &error), error);
  for (int i = 0; i < FILMS; i++)
    stage_film (store, i);
  check (forge_store_plan_titles (store, &plan, &error), error);
  check (forge_store_begin (store, &error), error);
  check (forge_store_apply_titles (store, NOW_S, 14, &error), error);
  check (forge_store_commit (store, &error), error);
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

static double
median_ms (ForgeStore *store, const ForgeMediaQuery *query)
{
  double times[RUNS];

  for (int i = 0; i < RUNS; i++) {
    g_autoptr (GError) error = NULL;
    guint total;
    gint64 start_us = cpu_us ();
    g_autoptr (GPtrArray) list = forge_store_list_media (store, query, &total, &error);
    times[i] = (double)(cpu_us () - start_us) / 1000;
    check (list && list->len > 0, error);
  }
  qsort (times, RUNS, sizeof *times, compare_doubles);
  return times[RUNS / 2];
}

static void
bench_pages (ForgeStore *store, gint64 account_id)
{
  ForgeMediaQuery query = { .kind = FORGE_MEDIA_MOVIE, .limit = PAGE };

  report ("first_page", median_ms (store, &query), FALSE);
  query.offset = FILMS - PAGE;
  report ("last_page", median_ms (store, &query), FALSE);
  query.order = FORGE_MEDIA_BY_YEAR;
  report ("last_page_by_year", median_ms (store, &query), FALSE);
  query.order = FORGE_MEDIA_BY_NOTICE;
  report ("last_page_newest_first", median_ms (store, &query), FALSE);
  query.order = FORGE_MEDIA_BY_TITLE;
  query.account_id = account_id;
  report ("last_page_of_one_account", median_ms (store, &query), FALSE);
}

static void
bench_searches (ForgeStore *store)
{
  ForgeMediaQuery query = { .kind = FORGE_MEDIA_MOVIE, .limit = PAGE };

  query.search = "o";
  report ("search_one_letter", median_ms (store, &query), FALSE);
  query.search = "elan";
  report ("search_3500_hits", median_ms (store, &query), FALSE);
  query.search = "WOLF of the pap";
  report ("search_three_words", median_ms (store, &query), FALSE);
  query.search = "n of the";
  report ("search_inside_words", median_ms (store, &query), TRUE);
}

static gint64
add_account (ForgeStore *store, const char *name)
{
  g_autoptr (ForgeAccount) account = forge_account_new ();
  g_autoptr (GError) error = NULL;

  account->name = g_strdup (name);
  account->server = g_strdup ("http://provider.example");
  account->username = g_strdup (name);
  gint64 id = forge_store_add_account (store, account, &error);
  check (id > 0, error);
  return id;
}

int
main (int argc, char *argv[])
{
  g_autofree char *folder = argc > 1 ? g_strdup (argv[1]) : g_dir_make_tmp ("bench-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "library.db", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *recovered = NULL;
  ForgeStore *store = forge_store_open (path, &recovered, &error);
  gint64 ids[ACCOUNTS];

  check (store != NULL, error);
  printf ("{\n");
  for (int i = 0; i < ACCOUNTS; i++) {
    g_autofree char *name = g_strdup_printf ("account %d", i + 1);
    ids[i] = add_account (store, name);
    gint64 start_us = cpu_us ();
    import (store, ids[i]);
    report (i ? "import_second_account" : "import_60000",
            (double)(cpu_us () - start_us) / 1000,
            FALSE);
  }
  gint64 start_us = cpu_us ();
  import (store, ids[0]);
  report ("import_again_unchanged", (double)(cpu_us () - start_us) / 1000, FALSE);
  forge_store_release_memory (store);
  bench_pages (store, ids[1]);
  bench_searches (store);
  printf ("}\n");
  forge_store_close (store);
  g_unlink (path);
  if (argc <= 1)
    g_rmdir (folder);
  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "server/media/forge-media-progress.h"

static void
assert_is (ForgeMediaProgressBook *book,
           const char *client,
           const char *name,
           ForgeMediaProgressState state,
           gint64 bytes,
           gint64 total)
{
  ForgeMediaProgressView view;

  g_assert_true (forge_media_progress_look (book, client, name, &view));
  g_assert_cmpint (view.state, ==, state);
  g_assert_cmpint (view.bytes, ==, bytes);
  g_assert_cmpint (view.total, ==, total);
}

static void
test_counts_and_ends (void)
{
  ForgeMediaProgressBook *book = forge_media_progress_book_new ();
  ForgeMediaProgress *progress = forge_media_progress_begin (book, "10.0.0.2", "a-1", 100, 1000);
  ForgeMediaProgressView view;

  atomic_fetch_add (forge_media_progress_counter (progress), 50);
  assert_is (book, "10.0.0.2", "a-1", FORGE_MEDIA_PROGRESS_ACTIVE, 150, 1000);
  g_assert_false (forge_media_progress_look (book, "10.0.0.3", "a-1", &view));
  forge_media_progress_end (progress, FORGE_MEDIA_PROGRESS_DONE);
  assert_is (book, "10.0.0.2", "a-1", FORGE_MEDIA_PROGRESS_DONE, 150, 1000);
  progress = forge_media_progress_begin (book, "10.0.0.2", "a-1", 0, -1);
  assert_is (book, "10.0.0.2", "a-1", FORGE_MEDIA_PROGRESS_ACTIVE, 0, -1);
  forge_media_progress_book_free (book);
  forge_media_progress_end (progress, FORGE_MEDIA_PROGRESS_STOPPED);
}

static void
test_names_and_number_are_bounded (void)
{
  ForgeMediaProgressBook *book = forge_media_progress_book_new ();
  g_autofree char *longest = g_strnfill (FORGE_MEDIA_MAX_PROGRESS_NAME + 1, 'a');
  const char *const bad[] = { "", "a b", "a\nb", "../x", longest };

  g_assert_null (forge_media_progress_begin (book, "c", NULL, 0, 1));
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (forge_media_progress_begin (book, "c", bad[i], 0, 1));
  for (int i = 0; i < FORGE_MEDIA_MAX_PROGRESS; i++) {
    g_autofree char *name = g_strdup_printf ("n%d", i);
    ForgeMediaProgress *progress = forge_media_progress_begin (book, "c", name, 0, 1);
    g_assert_nonnull (progress);
    forge_media_progress_end (progress,
                              i == 0 ? FORGE_MEDIA_PROGRESS_ACTIVE : FORGE_MEDIA_PROGRESS_DONE);
  }
  /* One more: those that ended make room, the one that runs stays. */
  forge_media_progress_end (forge_media_progress_begin (book, "c", "more", 0, 1),
                            FORGE_MEDIA_PROGRESS_STOPPED);
  assert_is (book, "c", "n0", FORGE_MEDIA_PROGRESS_ACTIVE, 0, 1);
  assert_is (book, "c", "more", FORGE_MEDIA_PROGRESS_STOPPED, 0, 1);
  forge_media_progress_book_free (book);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server/media-progress/counts-and-ends", test_counts_and_ends);
  g_test_add_func ("/server/media-progress/names-and-number-are-bounded",
                   test_names_and_number_are_bounded);
  return g_test_run ();
}

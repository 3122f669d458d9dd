/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "store-fixture.h"
#include "store/forge-store-downloads.h"

static gint64
add (StoreFixture *fixture, const char *path, GError **error)
{
  g_autoptr (ForgeDownload) download = forge_download_new ();

  download->media_id = 7;
  download->title = g_strdup ("Nosferatu (1922)");
  download->path = g_strdup (path);
  download->added = NOW_S;
  return forge_store_add_download (fixture->store, download, error);
}

static void
test_queue_survives_in_order (StoreFixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  gint64 first = add (fixture, "/films/a.mp4", &error);
  gint64 second = add (fixture, "/films/b.mp4", &error);
  g_autoptr (ForgeDownload) changed = NULL;

  g_assert_no_error (error);
  g_autoptr (GPtrArray) before = forge_store_list_downloads (fixture->store, &error);
  changed = forge_download_copy (g_ptr_array_index (before, 1));
  changed->state = FORGE_DOWNLOAD_FAILED;
  changed->bytes = 12;
  changed->total = (gint64)5 << 40;
  changed->problem = g_strdup ("The disk is full");
  g_assert_true (forge_store_save_download (fixture->store, changed, &error));

  g_autoptr (GPtrArray) after = forge_store_list_downloads (fixture->store, &error);
  g_assert_cmpuint (after->len, ==, 2);
  const ForgeDownload *one = g_ptr_array_index (after, 0), *two = g_ptr_array_index (after, 1);
  g_assert_cmpint (one->id, ==, first);
  g_assert_cmpint (one->state, ==, FORGE_DOWNLOAD_QUEUED);
  g_assert_cmpint (one->total, ==, -1);
  g_assert_null (one->problem);
  g_assert_cmpint (two->id, ==, second);
  g_assert_cmpint (two->state, ==, FORGE_DOWNLOAD_FAILED);
  g_assert_cmpint (two->total, ==, (gint64)5 << 40);
  g_assert_cmpstr (two->problem, ==, "The disk is full");
}

static void
test_one_file_is_written_by_one_download (StoreFixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  gint64 id = add (fixture, "/films/a.mp4", &error);

  g_assert_cmpint (add (fixture, "/films/a.mp4", &error), ==, 0);
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_true (forge_store_remove_download (fixture->store, id, &error));
  g_assert_false (forge_store_remove_download (fixture->store, id, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_cmpint (add (fixture, "/films/a.mp4", &error), >, id);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/store/downloads/queue-survives-in-order",
              StoreFixture,
              NULL,
              store_fixture_set_up,
              test_queue_survives_in_order,
              store_fixture_tear_down);
  g_test_add ("/store/downloads/one-file-is-written-by-one-download",
              StoreFixture,
              NULL,
              store_fixture_set_up,
              test_one_file_is_written_by_one_download,
              store_fixture_tear_down);
  return g_test_run ();
}

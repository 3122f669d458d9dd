/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store-fixture.h"

#include <glib/gstdio.h>

#include <string.h>

void
store_fixture_set_up (StoreFixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("forge-store-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->path = g_build_filename (fixture->folder, "streamforge.db", NULL);
  fixture->store = forge_store_open (fixture->path, NULL, &error);
  g_assert_no_error (error);
}

void
store_fixture_remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    g_remove (path);
  }
  g_rmdir (folder);
}

void
store_fixture_tear_down (StoreFixture *fixture, gconstpointer unused)
{
  g_clear_pointer (&fixture->store, forge_store_close);
  store_fixture_remove_folder (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
}

gint64
fixture_add_account (ForgeStore *store, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ForgeAccount) account = forge_account_new ();

  account->name = g_strdup (name);
  account->server = g_strdup ("http://provider.example:8080");
  account->username = g_strdup_printf ("user-of-%s", name);
  gint64 id = forge_store_add_account (store, account, &error);
  g_assert_no_error (error);
  g_assert_cmpint (id, >, 0);
  return id;
}

static void
stage (ForgeStore *store, const char *text, int position)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ForgeStream) stream = forge_stream_new ();
  const char *colon = strchr (text, ':');

  stream->remote_id = g_ascii_strtoll (text, NULL, 10);
  stream->name = g_strdup (colon + 1);
  stream->position = position;
  stream->quality = forge_quality_from_name (stream->name);
  forge_store_stage_stream (store, stream, &error);
  g_assert_no_error (error);
}

ForgeStreamPlan
fixture_set_streams_at (ForgeStore *store,
                        gint64 account_id,
                        gint64 now_s,
                        const char *const *streams)
{
  g_autoptr (GError) error = NULL;
  ForgeStreamPlan plan;

  forge_store_begin_stage (store, account_id, &error);
  g_assert_no_error (error);
  for (int i = 0; streams[i]; i++)
    stage (store, streams[i], i);
  g_assert_true (forge_store_plan_streams (store, &plan, &error));
  g_assert_true (forge_store_begin (store, &error));
  g_assert_true (forge_store_apply_streams (store, now_s, 14, &error));
  g_assert_true (forge_store_commit (store, &error));
  g_assert_no_error (error);
  return plan;
}

typedef struct {
  gint64 account_id, remote_id, id;
} Search;

static gboolean
on_stream (const ForgeStream *stream, gpointer user_data)
{
  Search *search = user_data;

  if (stream->account_id == search->account_id && stream->remote_id == search->remote_id)
    search->id = stream->id;
  return search->id == 0;
}

gint64
fixture_stream_id (ForgeStore *store, gint64 account_id, gint64 remote_id)
{
  Search search = { account_id, remote_id, 0 };

  g_assert_true (forge_store_each_stream (store, on_stream, &search, NULL));
  return search.id;
}

static void
put (ForgeStore *store, gint64 account_id, const char *text)
{
  g_autoptr (GError) error = NULL;
  gboolean off = *text == '-';
  g_auto (GStrv) parts = g_strsplit (text + off, "=", 2);
  g_auto (GStrv) streams = g_strsplit (parts[1], ",", -1);
  g_autofree char *key = g_strconcat (strchr (parts[0], ':') ? "" : "guide:", parts[0], NULL);
  ForgeChannelRow row = { .key = key, .name = parts[0], .enable = !off };

  gint64 channel = forge_store_put_channel (store, &row, &error);
  g_assert_no_error (error);
  g_assert_cmpint (channel, >, 0);
  for (int i = 0; streams[i]; i++) {
    gint64 remote = g_ascii_strtoll (streams[i], NULL, 10);
    gint64 stream = fixture_stream_id (store, account_id, remote);
    forge_store_put_match (store, channel, stream, 0.9, i, "[\"The names agree\"]", &error);
    g_assert_no_error (error);
  }
}

void
fixture_run_at (ForgeStore *store, gint64 account_id, gint64 now_s, const char *const *channels)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (forge_store_begin (store, &error));
  g_assert_true (forge_store_begin_channels (store, now_s, &error));
  for (int i = 0; channels[i]; i++)
    put (store, account_id, channels[i]);
  g_assert_true (forge_store_end_channels (store, 14, &error));
  g_assert_true (forge_store_commit (store, &error));
  g_assert_no_error (error);
}

char *
fixture_lineup (ForgeStore *store, ForgeChannelFilter filter)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) channels = forge_store_list_channels (store, filter, NULL, &error);
  g_autoptr (GString) text = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < channels->len; i++) {
    const ForgeChannel *channel = g_ptr_array_index (channels, i);
    g_string_append_printf (text, "%s%d:%s", i ? " " : "", channel->number, channel->name);
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

gint64
fixture_channel_id (ForgeStore *store, const char *name)
{
  g_autoptr (GPtrArray) channels =
      forge_store_list_channels (store, FORGE_CHANNELS_ALL, NULL, NULL);

  for (guint i = 0; i < channels->len; i++) {
    const ForgeChannel *channel = g_ptr_array_index (channels, i);
    if (strcmp (channel->name, name) == 0)
      return channel->id;
  }
  return 0;
}

char *
fixture_candidates (ForgeStore *store, gint64 channel_id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ForgeChannel) channel = forge_store_get_channel (store, channel_id, &error);
  g_autoptr (GString) text = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < channel->candidates->len; i++)
    g_string_append_printf (text,
                            "%s%s",
                            i ? " " : "",
                            forge_channel_candidate (channel, i)->stream->name);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

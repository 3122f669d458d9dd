/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "provider/forge-m3u-list.h"
#include "provider/forge-provider-refresh.h"
#include "store/forge-store-accounts.h"
#include "store/forge-store-streams.h"
#include "store/forge-store-urls.h"

#include <glib/gstdio.h>

#include <string.h>

#define NOW 1800000000

typedef struct {
  char *dir, *list;
  ForgeStore *store;
  ForgeSecrets *secrets;
  ForgeHttp *http;
  gint64 account_id;
  ForgeProviderRefreshOptions options;
  ForgeProviderRefreshResult result;
} Fixture;

static void
write_list (Fixture *fixture, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (fixture->list, text, -1, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  const ForgeHttpOptions http = { .user_agent = "agent" };
  g_autoptr (ForgeAccount) account = forge_account_new ();

  fixture->dir = g_dir_make_tmp ("forge-m3u-XXXXXX", NULL);
  fixture->list = g_build_filename (fixture->dir, "list.m3u", NULL);
  g_autofree char *path = g_build_filename (fixture->dir, "test.db", NULL);
  fixture->store = forge_store_open (path, NULL, NULL);
  fixture->secrets = forge_secrets_new_memory ();
  fixture->http = forge_http_new (&http);
  account->kind = FORGE_ACCOUNT_M3U;
  account->name = g_strdup ("List");
  account->server = forge_m3u_show_location (fixture->list);
  account->username = forge_m3u_account_key (fixture->list);
  fixture->account_id = forge_store_add_account (fixture->store, account, NULL);
  g_autofree char *name = forge_provider_secret_name (fixture->account_id);
  g_assert_true (forge_secrets_store (fixture->secrets, name, fixture->list, NULL, NULL));
  fixture->options =
      (ForgeProviderRefreshOptions){ .now_s = NOW, .hold_back_percent = 30, .tombstone_days = 14 };
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->dir, 0, NULL);

  forge_store_close (fixture->store);
  forge_secrets_free (fixture->secrets);
  forge_http_free (fixture->http);
  for (const char *name; (name = g_dir_read_name (dir));) {
    g_autofree char *path = g_build_filename (fixture->dir, name, NULL);
    g_unlink (path);
  }
  g_rmdir (fixture->dir);
  g_free (fixture->dir);
  g_free (fixture->list);
}

static gboolean
refresh (Fixture *fixture, GError **error)
{
  return forge_provider_refresh (fixture->store,
                                 fixture->secrets,
                                 fixture->http,
                                 fixture->account_id,
                                 &fixture->options,
                                 &fixture->result,
                                 NULL,
                                 error);
}

static void
must_refresh (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  refresh (fixture, &error);
  g_assert_no_error (error);
}

typedef struct {
  const char *name;
  ForgeStream *stream;
} Search;

static gboolean
find_name (const ForgeStream *stream, gpointer user_data)
{
  Search *search = user_data;

  if (strcmp (stream->name, search->name) != 0)
    return TRUE;
  search->stream = forge_stream_new ();
  search->stream->id = stream->id;
  search->stream->account_id = stream->account_id;
  search->stream->remote_id = stream->remote_id;
  search->stream->epg_id = g_strdup (stream->epg_id);
  search->stream->group = g_strdup (stream->group);
  search->stream->icon = g_strdup (stream->icon);
  return FALSE;
}

/* NULL if there is none. (transfer full) */
static ForgeStream *
find_stream (Fixture *fixture, const char *name)
{
  Search search = { name, NULL };

  g_assert_true (forge_store_each_stream (fixture->store, find_name, &search, NULL));
  return search.stream;
}

static void
read_address (Fixture *fixture, const ForgeStream *stream, ForgeStreamAddress *address)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (forge_provider_stream_address (fixture->store,
                                                fixture->secrets,
                                                stream,
                                                address,
                                                NULL,
                                                &error));
  g_assert_no_error (error);
}

static void
assert_plays (Fixture *fixture, const char *name, const char *url, const char *user_agent)
{
  g_autoptr (ForgeStream) stream = find_stream (fixture, name);
  g_auto (ForgeStreamAddress) address = { 0 };

  g_assert_nonnull (stream);
  read_address (fixture, stream, &address);
  g_assert_cmpstr (address.live, ==, url);
  g_assert_cmpstr (address.user_agent, ==, user_agent);
}

/* What the database file and its log hold. */
static gboolean
is_on_disk (Fixture *fixture, const char *text)
{
  static const char *const names[] = { "test.db", "test.db-wal" };
  gboolean found = FALSE;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = g_build_filename (fixture->dir, names[i], NULL);
    g_autofree char *bytes = NULL;
    gsize length = 0;
    if (g_file_get_contents (path, &bytes, &length, NULL))
      found |= memmem (bytes, length, text, strlen (text)) != NULL;
  }
  return found;
}

static void
test_a_list_becomes_streams (Fixture *fixture, gconstpointer unused)
{
  write_list (fixture,
              "#EXTM3U url-tvg=\"http://guide.example/epg.xml\"\n"
              "#EXTINF:-1 tvg-id=\"one.uk\" tvg-logo=\"http://i.example/1.png\""
              " group-title=\"News\" tvg-chno=\"5\",UK| One HD\n"
              "#EXTVLCOPT:http-user-agent=Odd/1.0\n"
              "http://bob:s3cretpw@tv.example/one?token=t0kenvalue\n"
              "#EXTINF:-1,Two\n"
              "http://tv.example/two.m3u8\n"
              "#EXTINF:-1,Film\n"
              "http://tv.example/film.mkv\n"
              "#EXTINF:-1,Radio\n"
              "rtsp://tv.example/radio\n"
              "#EXTINF:-1 tvg-logo=\"data:image/png;base64,AAAA\",Two\n"
              "http://tv.example/two.m3u8\n");
  must_refresh (fixture);
  g_assert_cmpint (fixture->result.plan.added, ==, 2);
  g_assert_cmpuint (fixture->result.counts.skipped, ==, 2);
  g_autoptr (ForgeStream) one = find_stream (fixture, "UK| One HD");
  g_assert_cmpstr (one->epg_id, ==, "one.uk");
  g_assert_cmpstr (one->group, ==, "News");
  g_assert_cmpstr (one->icon, ==, "http://i.example/1.png");
  assert_plays (fixture,
                "UK| One HD",
                "http://bob:s3cretpw@tv.example/one?token=t0kenvalue",
                "Odd/1.0");
  assert_plays (fixture, "Two", "http://tv.example/two.m3u8", NULL);
  g_assert_false (is_on_disk (fixture, "s3cretpw"));
  g_assert_false (is_on_disk (fixture, "t0kenvalue"));
  g_assert_true (is_on_disk (fixture, "tv.example"));
  g_autoptr (ForgeAccount) account =
      forge_store_get_account (fixture->store, fixture->account_id, NULL);
  g_assert_cmpint (account->kind, ==, FORGE_ACCOUNT_M3U);
  g_assert_cmpint (account->status, ==, FORGE_ACCOUNT_ACTIVE);
  g_assert_cmpint (account->streams, ==, 2);
  g_assert_cmpint (forge_account_slots (account), ==, 1);
}

typedef struct {
  const char *name, *pattern;
  int days, offset;
} Archive;

static int
days_of (Fixture *fixture, gint64 id)
{
  g_autoptr (ForgeStream) stream = forge_store_get_stream (fixture->store, id, NULL);

  return stream->archive_days;
}

static void
test_archives_are_where_the_list_says (Fixture *fixture, gconstpointer unused)
{
  static const Archive archives[] = {
    { "Default", "http://a.example/{utc}?key=s3cretkey", 7, -60 + 90 },
    { "Append", "http://h.example/two?token=t0kenvalue&utc={utc}", 2, 0 },
    { "Xc",
      "http://h.example/timeshift/bob/s3cretpw/{duration:60}/{Y}-{m}-{d}:{H}-{M}/9.ts",
      5,
      0 },
    { "Days",
      "http://h.example/timeshift/bob/s3cretpw/{duration:60}/{Y}-{m}-{d}:{H}-{M}/10.ts",
      3,
      0 },
    { "Vod", "{catchup-id}", 5, 0 },
    { "Plain", NULL, 0, 0 },
  };

  write_list (
      fixture,
      "#EXTM3U\n"
      "#EXTINF:-1 tvg-shift=\"-1.5\" catchup-correction=\"-1\" catchup-days=\"7\""
      " catchup-source=\"http://a.example/{utc}?key=s3cretkey|User-Agent=x\",Default\n"
      "http://h.example/one\n"
      "#EXTINF:-1 catchup=\"append\" catchup-source=\"&utc={utc}\" catchup-days=\"2\",Append\n"
      "http://h.example/two?token=t0kenvalue\n"
      "#EXTINF:-1 catchup=\"xc\",Xc\nhttp://h.example/bob/s3cretpw/9\n"
      "#EXTINF:-1 catchup-days=\"3\",Days\nhttp://h.example/live/bob/s3cretpw/10.ts\n"
      "#EXTINF:-1 catchup=\"vod\",Vod\nhttp://h.example/vod\n"
      "#EXTINF:-1 catchup-days=\"3\",Plain\nhttp://h.example/plain\n");
  must_refresh (fixture);
  for (gsize i = 0; i < G_N_ELEMENTS (archives); i++) {
    g_autoptr (ForgeStream) stream = find_stream (fixture, archives[i].name);
    g_auto (ForgeStreamAddress) address = { 0 };
    read_address (fixture, stream, &address);
    g_assert_cmpstr (address.catchup, ==, archives[i].pattern);
    g_assert_cmpint (address.catchup_offset, ==, archives[i].offset);
    g_assert_cmpint (days_of (fixture, stream->id), ==, archives[i].days);
  }
  g_assert_false (is_on_disk (fixture, "s3cretkey"));
  g_assert_false (is_on_disk (fixture, "s3cretpw"));
  g_assert_false (is_on_disk (fixture, "t0kenvalue"));
  /* a second time: the secrets of templates are still there */
  must_refresh (fixture);
  g_autoptr (ForgeStream) again = find_stream (fixture, "Xc");
  g_auto (ForgeStreamAddress) address = { 0 };
  read_address (fixture, again, &address);
  g_assert_cmpstr (address.catchup, ==, archives[2].pattern);
}

static void
test_lists_say_more_than_addresses (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  write_list (
      fixture,
      "#EXTM3U\n"
      "#EXTINF:-1 tvg-chno=\"205\" audio-track=\"deu\" tvg-shift=\"1.5\" parent-code=\"1234\""
      ",One\n#EXTVLCOPT:http-referrer=http://r.example/\nhttp://h.example/one\n"
      "#EXTINF:-1 tvg-chno=\"5.1\",Two\nhttp://h.example/two\n");
  must_refresh (fixture);
  g_autoptr (ForgeStream) one = find_stream (fixture, "One");
  g_autoptr (ForgeStream) two = find_stream (fixture, "Two");
  g_auto (ForgeStreamAddress) address = { 0 };
  read_address (fixture, one, &address);
  g_assert_cmpstr (address.referrer, ==, "http://r.example/");
  g_autoptr (GHashTable) listings = forge_store_load_listings (fixture->store, &error);
  g_assert_no_error (error);
  const ForgeListing *listing = g_hash_table_lookup (listings, &one->id);
  g_assert_cmpint (listing->number, ==, 205);
  g_assert_cmpint (listing->shift_minutes, ==, 90);
  g_assert_cmpstr (listing->audio_track, ==, "deu");
  g_assert_true (listing->is_locked);
  g_assert_null (g_hash_table_lookup (listings, &two->id));
  g_assert_false (is_on_disk (fixture, "1234"));
}

static void
test_new_tokens_keep_the_streams (Fixture *fixture, gconstpointer unused)
{
  write_list (fixture, "#EXTM3U\n#EXTINF:-1,One\nhttp://a.example/one?token=old\n");
  must_refresh (fixture);
  g_autoptr (ForgeStream) before = find_stream (fixture, "One");
  write_list (fixture, "#EXTM3U\n#EXTINF:-1,One\nhttp://b.example/one?token=new\n");
  must_refresh (fixture);
  g_assert_cmpint (fixture->result.plan.unchanged, ==, 1);
  g_autoptr (ForgeStream) after = find_stream (fixture, "One");
  g_assert_cmpint (after->id, ==, before->id);
  assert_plays (fixture, "One", "http://b.example/one?token=new", NULL);
}

static void
test_a_held_list_plays_once_applied (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  write_list (fixture,
              "#EXTM3U\n#EXTINF:-1,One\nhttp://a.example/one?token=old\n"
              "#EXTINF:-1,Two\nhttp://a.example/two?token=old\n");
  must_refresh (fixture);
  write_list (fixture, "#EXTM3U\n#EXTINF:-1,New\nhttp://a.example/new?token=new\n");
  g_assert_false (refresh (fixture, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_HELD_BACK);
  assert_plays (fixture, "One", "http://a.example/one?token=old", NULL);
  gint64 id = fixture->result.refresh_id;
  g_assert_true (forge_store_apply_refresh (fixture->store, id, NOW, NULL));
  assert_plays (fixture, "New", "http://a.example/new?token=new", NULL);
  g_assert_true (forge_store_undo_refresh (fixture->store, &id, NOW, NULL));
  assert_plays (fixture, "Two", "http://a.example/two?token=old", NULL);
}

static void
test_what_is_no_list_changes_nothing (Fixture *fixture, gconstpointer unused)
{
  static const struct {
    const char *text, *says;
  } cases[] = {
    { "", "no M3U list" },
    { "<html>go away</html>", "no M3U list" },
    { "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\nseg1.ts\n", "HLS" },
    { "#EXTM3U\n#EXTINF:-1,A\nrtmp://x/y\n", "none of the list's 1" },
  };

  write_list (fixture, "#EXTM3U\n#EXTINF:-1,One\nhttp://a.example/one\n");
  must_refresh (fixture);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    write_list (fixture, cases[i].text);
    g_assert_false (refresh (fixture, &error));
    g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
    g_assert_nonnull (strstr (error->message, cases[i].says));
    assert_plays (fixture, "One", "http://a.example/one", NULL);
  }
  g_assert_cmpint (g_unlink (fixture->list), ==, 0);
  g_autoptr (GError) error = NULL;
  g_assert_false (refresh (fixture, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND);
  g_autoptr (ForgeAccount) account =
      forge_store_get_account (fixture->store, fixture->account_id, NULL);
  /* what is known may still play */
  g_assert_cmpint (account->status, ==, FORGE_ACCOUNT_ACTIVE);
  g_assert_nonnull (account->status_text);
}

static void
test_a_panels_list_is_told (Fixture *fixture, gconstpointer unused)
{
  g_auto (ForgeM3uFindings) panel = { 0 };
  g_auto (ForgeM3uFindings) mixed = { 0 };
  g_autoptr (GString) text = g_string_new ("#EXTM3U x-tvg-url=\"http://g.example/x.xml\"\n");

  for (int i = 1; i <= 20; i++)
    g_string_append_printf (text,
                            "#EXTINF:-1,C %d\nhttp://p.example:80/live/u/p%%26w/%d.ts\n",
                            i,
                            i);
  g_string_append (text, "#EXTINF:-1,Other\nhttp://other.example/x\n");
  write_list (fixture, text->str);
  g_assert_true (forge_m3u_probe (fixture->http, fixture->list, &panel, NULL, NULL));
  g_assert_cmpuint (panel.channels, ==, 21);
  g_assert_cmpstr (panel.server, ==, "http://p.example:80");
  g_assert_cmpstr (panel.username, ==, "u");
  g_assert_cmpstr (panel.password, ==, "p&w");
  g_assert_cmpstr (panel.guide_url, ==, "http://g.example/x.xml");

  write_list (fixture,
              "#EXTM3U\n#EXTINF:-1,A\nhttp://p.example/live/u/p/1.ts\n"
              "#EXTINF:-1,B\nhttp://p.example/live/other/p/2.ts\n");
  g_assert_true (forge_m3u_probe (fixture->http, fixture->list, &mixed, NULL, NULL));
  g_assert_null (mixed.server);
  g_assert_null (mixed.password);
}

static void
test_locations_are_shown_without_login (void)
{
  g_autofree char *url = forge_m3u_show_location ("http://u:p@tv.example/get.php?password=x");
  g_autofree char *path = forge_m3u_show_location ("/home/me/tv.m3u");
  g_autofree char *one = forge_m3u_account_key ("http://tv.example/list?token=a");
  g_autofree char *same = forge_m3u_account_key ("http://tv.example/list?token=b");
  g_autofree char *other = forge_m3u_account_key ("http://tv.example/other?token=a");

  g_assert_cmpstr (url, ==, "http://tv.example");
  g_assert_cmpstr (path, ==, "/home/me/tv.m3u");
  g_assert_cmpstr (one, ==, same);
  g_assert_cmpstr (one, !=, other);
}

#define ADD(name, function) \
  g_test_add ("/provider/m3u-list/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("a-list-becomes-streams", test_a_list_becomes_streams);
  ADD ("archives-are-where-the-list-says", test_archives_are_where_the_list_says);
  ADD ("lists-say-more-than-addresses", test_lists_say_more_than_addresses);
  ADD ("new-tokens-keep-the-streams", test_new_tokens_keep_the_streams);
  ADD ("a-held-list-plays-once-applied", test_a_held_list_plays_once_applied);
  ADD ("what-is-no-list-changes-nothing", test_what_is_no_list_changes_nothing);
  ADD ("a-panels-list-is-told", test_a_panels_list_is_told);
  g_test_add_func ("/provider/m3u-list/locations-are-shown-without-login",
                   test_locations_are_shown_without_login);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "guide/forge-lineup-run.h"
#include "store/forge-store-guide.h"
#include "store/forge-store-memo.h"
#include "store/forge-store-rules.h"
#include "store/forge-store-streams.h"
#include "store/forge-store-urls.h"

#include <string.h>

/* A store that holds what a test puts in and records what the run writes. */

typedef struct {
  gint64 source_id;
  ForgeGuideChannelRow row;
} FakeGuideChannel;

typedef struct {
  gint64 id, guide_channel_id;
  char *key, *name, *group, *logo;
  gboolean enable;
} FakeChannel;

typedef struct {
  gint64 channel_id, stream_id;
  double confidence;
  int rank;
  char *reasons;
} FakeMatch;

struct _ForgeStore {
  GPtrArray *guide;    /* FakeGuideChannel */
  GPtrArray *streams;  /* ForgeStream */
  GPtrArray *existing; /* ForgeChannel */
  GPtrArray *channels; /* FakeChannel */
  GPtrArray *matches;  /* FakeMatch */
  int begun, committed, rolled_back, ended;
  int fail_put_after; /* < 0 = never */
};

static void
free_channel (gpointer data)
{
  FakeChannel *channel = data;

  g_free (channel->key);
  g_free (channel->name);
  g_free (channel->group);
  g_free (channel->logo);
  g_free (channel);
}

static void
free_match (gpointer data)
{
  FakeMatch *match = data;

  g_free (match->reasons);
  g_free (match);
}

static ForgeStore *
fake_store_new (void)
{
  ForgeStore *store = g_new0 (ForgeStore, 1);

  store->guide = g_ptr_array_new_with_free_func (g_free);
  store->streams = g_ptr_array_new_with_free_func ((GDestroyNotify)forge_stream_unref);
  store->existing = g_ptr_array_new_with_free_func ((GDestroyNotify)forge_channel_unref);
  store->channels = g_ptr_array_new_with_free_func (free_channel);
  store->matches = g_ptr_array_new_with_free_func (free_match);
  store->fail_put_after = -1;
  return store;
}

void
forge_store_close (ForgeStore *store)
{
  g_ptr_array_unref (store->guide);
  g_ptr_array_unref (store->streams);
  g_ptr_array_unref (store->existing);
  g_ptr_array_unref (store->channels);
  g_ptr_array_unref (store->matches);
  g_free (store);
}

gboolean
forge_store_begin (ForgeStore *store, GError **error)
{
  store->begun++;
  return TRUE;
}

gboolean
forge_store_commit (ForgeStore *store, GError **error)
{
  store->committed++;
  return TRUE;
}

void
forge_store_rollback (ForgeStore *store)
{
  store->rolled_back++;
}

gboolean
forge_store_begin_channels (ForgeStore *store, gint64 now_s, GError **error)
{
  g_assert_cmpint (store->begun, ==, store->committed + store->rolled_back + 1);
  g_ptr_array_set_size (store->channels, 0);
  g_ptr_array_set_size (store->matches, 0);
  return TRUE;
}

gint64
forge_store_put_channel (ForgeStore *store, const ForgeChannelRow *row, GError **error)
{
  FakeChannel *channel;

  if (store->fail_put_after == 0) {
    g_set_error_literal (error, FORGE_ERROR, FORGE_ERROR_STORAGE, "disk full");
    return 0;
  }
  store->fail_put_after--;
  channel = g_new0 (FakeChannel, 1);
  channel->id = 1000 + store->channels->len;
  channel->guide_channel_id = row->guide_channel_id;
  channel->key = g_strdup (row->key);
  channel->name = g_strdup (row->name);
  channel->group = g_strdup (row->group);
  channel->logo = g_strdup (row->logo);
  channel->enable = row->enable;
  g_ptr_array_add (store->channels, channel);
  return channel->id;
}

gboolean
forge_store_put_match (ForgeStore *store,
                       gint64 channel_id,
                       gint64 stream_id,
                       double confidence,
                       int rank,
                       const char *reasons,
                       GError **error)
{
  FakeMatch *match = g_new0 (FakeMatch, 1);

  *match = (FakeMatch){ channel_id, stream_id, confidence, rank, g_strdup (reasons) };
  g_ptr_array_add (store->matches, match);
  return TRUE;
}

gboolean
forge_store_end_channels (ForgeStore *store, int tombstone_days, GError **error)
{
  store->ended++;
  return TRUE;
}

gboolean
forge_store_each_guide_channel (ForgeStore *store,
                                ForgeGuideChannelFunc each,
                                gpointer user_data,
                                GError **error)
{
  for (guint i = 0; i < store->guide->len; i++) {
    const FakeGuideChannel *channel = store->guide->pdata[i];

    if (!each (&channel->row, channel->source_id, user_data))
      break;
  }
  return TRUE;
}

gboolean
forge_store_each_stream (ForgeStore *store,
                         ForgeStreamFunc each,
                         gpointer user_data,
                         GError **error)
{
  for (guint i = 0; i < store->streams->len; i++)
    if (!each (store->streams->pdata[i], user_data))
      break;
  return TRUE;
}

GPtrArray *
forge_store_list_channels (ForgeStore *store,
                           ForgeChannelFilter filter,
                           const char *search,
                           GError **error)
{
  return g_ptr_array_ref (store->existing);
}

/* Nothing is known from earlier runs: test-lineup-memo has that. */
GArray *
forge_store_load_memos (ForgeStore *store, gint64 guide, GError **error)
{
  return g_array_new (FALSE, FALSE, sizeof (ForgeMatchMemo));
}

gboolean
forge_store_save_memos (ForgeStore *store, gint64 guide, const GArray *memos, GError **error)
{
  g_assert_cmpuint (memos->len, ==, store->streams->len);
  return TRUE;
}

gboolean
forge_store_has_match (ForgeStore *store, gint64 channel_id, gint64 stream_id, double confidence)
{
  return FALSE;
}

ForgeStream *
forge_store_get_stream (ForgeStore *store, gint64 id, GError **error)
{
  g_assert_not_reached ();
}

/* No rules here: test-match-rules has them. */
GHashTable *
forge_store_load_listings (ForgeStore *store, GError **error)
{
  return g_hash_table_new (g_int64_hash, g_int64_equal);
}

gboolean
forge_store_each_guide_key (ForgeStore *store,
                            ForgeGuideKeyFunc each,
                            gpointer user_data,
                            GError **error)
{
  return TRUE;
}

GArray *
forge_store_list_channel_streams (ForgeStore *store, gint64 id, GError **error)
{
  g_assert_not_reached ();
}

gboolean
forge_store_each_promoted_stream (ForgeStore *store,
                                  ForgePromotedStreamFunc each,
                                  gpointer user_data,
                                  GError **error)
{
  return TRUE;
}

gboolean
forge_store_rekey_channel (ForgeStore *store,
                           gint64 id,
                           gint64 source_id,
                           const char *key,
                           gint64 guide_channel_id,
                           GError **error)
{
  g_assert_not_reached ();
}

GPtrArray *
forge_store_list_rules (ForgeStore *store, GError **error)
{
  return g_ptr_array_new ();
}

void
forge_match_rule_free (ForgeMatchRule *rule)
{
  g_assert_not_reached ();
}

/* -- helpers ----------------------------------------------------------------------------------- */

static void
add_guide (ForgeStore *store,
           gint64 id,
           gint64 source_id,
           const char *xmltv_id,
           const char *const *names,
           const char *icon)
{
  FakeGuideChannel *channel = g_new0 (FakeGuideChannel, 1);

  channel->source_id = source_id;
  channel->row =
      (ForgeGuideChannelRow){ .id = id, .xmltv_id = xmltv_id, .names = names, .icon = icon };
  g_ptr_array_add (store->guide, channel);
}

#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static ForgeStream *
add_stream (ForgeStore *store, gint64 account_id, gint64 remote_id, const char *name)
{
  ForgeStream *stream = forge_stream_new ();

  stream->id = account_id * 100000 + remote_id;
  stream->account_id = account_id;
  stream->remote_id = remote_id;
  stream->name = g_strdup (name);
  stream->quality = forge_quality_from_name (name);
  stream->position = (int)store->streams->len;
  stream->available = TRUE;
  g_ptr_array_add (store->streams, stream);
  return stream;
}

static ForgeLineupRunResult
run (ForgeStore *store, int max_enabled)
{
  ForgeLineupRunOptions options = { .now_s = 1700000000,
                                    .max_enabled = max_enabled,
                                    .tombstone_days = 14 };
  ForgeLineupRunResult result;
  g_autoptr (GError) error = NULL;
  gboolean ok = forge_lineup_run (store, &options, &result, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (ok);
  g_assert_cmpint (store->committed, ==, store->begun);
  return result;
}

static const FakeChannel *
channel_at (const ForgeStore *store, guint index)
{
  g_assert_cmpuint (index, <, store->channels->len);
  return store->channels->pdata[index];
}

static const FakeMatch *
match_of (const ForgeStore *store, gint64 stream_id)
{
  for (guint i = 0; i < store->matches->len; i++) {
    const FakeMatch *match = store->matches->pdata[i];

    if (match->stream_id == stream_id)
      return match;
  }
  return NULL;
}

static ForgeStore *
news_and_sport (void)
{
  static const char *const news[] = { "Alpha News", NULL },
                           *const sport[] = { "Beta Sport 1", NULL },
                           *const empty[] = { "Gamma Drama", NULL };
  ForgeStore *store = fake_store_new ();

  add_guide (store, 11, 1, "News.uk", news, "http://icons.example/news.png");
  add_guide (store, 12, 1, "gamma.uk", empty, NULL);
  add_guide (store, 13, 1, "Sport.uk", sport, NULL);
  return store;
}

/* -- tests ------------------------------------------------------------------------------------- */

static void
test_guide_order_and_enabled (void)
{
  g_autoptr (ForgeStore) store = news_and_sport ();
  ForgeLineupRunResult result;

  add_stream (store, 1, 1, "UK| Beta Sport 1 HD");
  add_stream (store, 1, 2, "UK| Alpha News HD");
  add_stream (store, 1, 3, "##### UK #####");
  result = run (store, 480);

  g_assert_cmpint (result.channels, ==, 3);
  g_assert_cmpint (result.matched_streams, ==, 2);
  g_assert_cmpint (result.unmatched_streams, ==, 1);
  g_assert_cmpint (result.review, ==, 0);
  g_assert_cmpstr (channel_at (store, 0)->key, ==, "guide:news.uk");
  g_assert_cmpstr (channel_at (store, 0)->name, ==, "Alpha News");
  g_assert_cmpint (channel_at (store, 0)->guide_channel_id, ==, 11);
  g_assert_true (channel_at (store, 0)->enable);
  g_assert_cmpstr (channel_at (store, 1)->key, ==, "guide:gamma.uk");
  g_assert_false (channel_at (store, 1)->enable);
  g_assert_true (channel_at (store, 2)->enable);
  g_assert_cmpint (store->ended, ==, 1);
}

static void
test_only_so_many_enabled (void)
{
  g_autoptr (ForgeStore) store = news_and_sport ();

  add_stream (store, 1, 1, "UK| Beta Sport 1 HD");
  add_stream (store, 1, 2, "UK| Alpha News HD");
  run (store, 1);
  g_assert_true (channel_at (store, 0)->enable);
  g_assert_false (channel_at (store, 2)->enable);
}

static void
test_streams_ranked_by_quality (void)
{
  static const char *const tiers[] = { "SD", "FHD", "4K", "HD" };
  static const int ranks[] = { 3, 1, 0, 2 };
  g_autoptr (ForgeStore) store = news_and_sport ();

  for (guint i = 0; i < 4; i++) {
    g_autofree char *name = g_strdup_printf ("UK| Alpha News %s", tiers[i]);
    ForgeStream *stream = add_stream (store, 1, i, name);

    stream->group = g_strdup_printf ("group %s", tiers[i]);
    stream->icon = g_strdup ("http://icons.example/stream.png");
  }
  run (store, 480);
  for (guint i = 0; i < 4; i++) {
    const FakeMatch *match = match_of (store, 100000 + i);

    g_assert_nonnull (match);
    g_assert_cmpint (match->rank, ==, ranks[i]);
    g_assert_cmpfloat (match->confidence, >=, 0.85);
  }
  g_assert_cmpstr (channel_at (store, 0)->group, ==, "group 4K");
  g_assert_cmpstr (channel_at (store, 0)->logo, ==, "http://icons.example/news.png");
}

static void
test_logo_of_stream_when_guide_has_none (void)
{
  g_autoptr (ForgeStore) store = news_and_sport ();

  add_stream (store, 1, 1, "UK| Beta Sport 1")->icon = g_strdup ("http://icons.example/s.png");
  run (store, 480);
  g_assert_cmpstr (channel_at (store, 2)->logo, ==, "http://icons.example/s.png");
}

static void
test_reasons_are_json_with_the_name (void)
{
  g_autoptr (ForgeStore) store = news_and_sport ();
  const FakeMatch *match;

  add_stream (store, 1, 1, "UK| Beta \"Sport\" 1 HD");
  run (store, 480);
  match = match_of (store, 100001);
  g_assert_nonnull (match);
  g_assert_true (g_str_has_prefix (match->reasons, "[\""));
  g_assert_nonnull (strstr (match->reasons, "Beta Sport 1"));
  g_assert_nonnull (strstr (match->reasons, "\\\"Sport\\\""));
}

static void
test_same_id_in_two_sources_is_one_channel (void)
{
  static const char *const first[] = { "Alpha", NULL }, *const second[] = { "Alpha News 24", NULL };
  g_autoptr (ForgeStore) store = fake_store_new ();

  add_guide (store, 11, 1, "Alpha.uk", first, NULL);
  add_guide (store, 21, 2, "ALPHA.UK", second, "http://icons.example/2.png");
  add_stream (store, 1, 1, "UK| Alpha News 24 HD");
  run (store, 480);
  g_assert_cmpuint (store->channels->len, ==, 1);
  g_assert_cmpint (channel_at (store, 0)->guide_channel_id, ==, 11);
  g_assert_cmpstr (channel_at (store, 0)->name, ==, "Alpha");
  g_assert_cmpstr (channel_at (store, 0)->logo, ==, "http://icons.example/2.png");
  g_assert_nonnull (match_of (store, 100001));
}

/* Similar, but not the same: some of these end between "review" and "sure". */
static void
test_unsure_match_never_before_a_sure_one (void)
{
  static const char *const similar[] = { "UK| Alpha News World 4K",    "UK| Alfa News 4K",
                                         "UK| Alpha News Live Now 4K", "Alpha News Extra 4K",
                                         "FR| Alpha News 4K",          "IE| Alpha News 4K" };
  g_autoptr (ForgeStore) store = news_and_sport ();
  ForgeLineupRunResult result;
  int unsure = 0;

  add_stream (store, 1, 99, "UK| Alpha News SD");
  for (guint i = 0; i < G_N_ELEMENTS (similar); i++)
    add_stream (store, 1, i, similar[i]);
  result = run (store, 480);
  for (guint i = 0; i < store->matches->len; i++) {
    const FakeMatch *match = store->matches->pdata[i];

    g_test_message ("rank %d: %.3f", match->rank, match->confidence);
    g_assert_cmpfloat (match->confidence, >=, 0.6);
    if (match->confidence >= 0.85)
      g_assert_cmpint (unsure, ==, 0);
    else
      unsure++;
  }
  g_assert_cmpint (unsure, >, 0);
  g_assert_cmpint (unsure, ==, result.review);
}

static void
test_failed_write_rolls_back (void)
{
  g_autoptr (ForgeStore) store = news_and_sport ();
  ForgeLineupRunOptions options = { .max_enabled = 480 };
  ForgeLineupRunResult result;
  g_autoptr (GError) error = NULL;

  store->fail_put_after = 1;
  g_assert_false (forge_lineup_run (store, &options, &result, NULL, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_STORAGE);
  g_assert_cmpint (store->rolled_back, ==, 1);
  g_assert_cmpint (store->committed, ==, 0);
}

static void
test_cancelled_writes_nothing (void)
{
  g_autoptr (ForgeStore) store = news_and_sport ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  ForgeLineupRunOptions options = { .max_enabled = 480 };
  ForgeLineupRunResult result;
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (forge_lineup_run (store, &options, &result, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (store->begun, ==, 0);
}

static void
test_without_guide_streams_are_grouped (void)
{
  g_autoptr (ForgeStore) store = fake_store_new ();
  ForgeLineupRunResult result;

  add_stream (store, 1, 7, "UK| Alpha News HD")->group = g_strdup ("News");
  add_stream (store, 1, 5, "UK: ALPHA NEWS ᶠᴴᴰ");
  add_stream (store, 1, 9, "DE| Alpha News HD");
  add_stream (store, 1, 8, "UK| Alpha News +1 HD");
  add_stream (store, 1, 6, "##### UK #####");
  add_stream (store, 2, 5, "UK| Alpha News SD");
  result = run (store, 3);

  g_assert_cmpint (result.channels, ==, 4);
  g_assert_cmpstr (channel_at (store, 0)->key, ==, "stream:1:5");
  g_assert_cmpstr (channel_at (store, 0)->name, ==, "Alpha News");
  g_assert_cmpstr (channel_at (store, 0)->group, ==, "News");
  g_assert_cmpint (channel_at (store, 0)->guide_channel_id, ==, 0);
  g_assert_cmpstr (channel_at (store, 1)->key, ==, "stream:1:9");
  g_assert_cmpstr (channel_at (store, 2)->key, ==, "stream:1:8");
  g_assert_cmpstr (channel_at (store, 2)->name, ==, "Alpha News +1");
  g_assert_cmpstr (channel_at (store, 3)->key, ==, "stream:2:5");
  g_assert_true (channel_at (store, 2)->enable);
  g_assert_false (channel_at (store, 3)->enable);
  g_assert_cmpint (match_of (store, 100005)->rank, ==, 0);
  g_assert_cmpint (match_of (store, 100007)->rank, ==, 1);
}

static void
add_existing (ForgeStore *store, const char *key, ForgeStream *stream)
{
  ForgeChannel *channel = forge_channel_new ();

  channel->key = g_strdup (key);
  if (stream)
    forge_channel_add_candidate (channel, stream, 1, FALSE, FALSE);
  g_ptr_array_add (store->existing, channel);
}

static void
test_promoted_key_survives_a_new_lower_id (void)
{
  g_autoptr (ForgeStore) store = fake_store_new ();

  add_stream (store, 1, 7, "UK| Alpha News HD");
  add_stream (store, 1, 3, "UK| Alpha News SD");
  add_existing (store, "stream:1:7", NULL);
  run (store, 480);
  g_assert_cmpuint (store->channels->len, ==, 1);
  g_assert_cmpstr (channel_at (store, 0)->key, ==, "stream:1:7");
}

static void
test_promoted_key_survives_its_stream (void)
{
  g_autoptr (ForgeStore) store = fake_store_new ();
  ForgeStream *rest = add_stream (store, 1, 7, "UK| Alpha News HD");

  add_existing (store, "stream:1:3", rest);
  run (store, 480);
  g_assert_cmpstr (channel_at (store, 0)->key, ==, "stream:1:3");
}

static void
test_promoted_key_goes_to_one_channel_only (void)
{
  g_autoptr (ForgeStore) store = fake_store_new ();
  ForgeStream *moved = add_stream (store, 1, 7, "UK| Alpha News HD");

  add_stream (store, 1, 3, "UK| Beta Sport SD");
  add_existing (store, "stream:1:3", moved);
  run (store, 480);
  g_assert_cmpuint (store->channels->len, ==, 2);
  g_assert_cmpstr (channel_at (store, 0)->key, ==, "stream:1:7");
  g_assert_cmpstr (channel_at (store, 1)->key, ==, "stream:1:3");
}

static void
test_account_that_matches_nothing_is_promoted (void)
{
  g_autoptr (ForgeStore) store = news_and_sport ();

  add_stream (store, 1, 1, "UK| Alpha News HD");
  add_stream (store, 1, 2, "UK| Unheard Of");
  add_stream (store, 2, 1, "GR| Omega Musik");
  run (store, 480);
  g_assert_cmpuint (store->channels->len, ==, 4);
  g_assert_cmpstr (channel_at (store, 3)->key, ==, "stream:2:1");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/guide/lineup-run/guide-order-and-enabled", test_guide_order_and_enabled);
  g_test_add_func ("/guide/lineup-run/only-so-many-enabled", test_only_so_many_enabled);
  g_test_add_func ("/guide/lineup-run/streams-ranked-by-quality", test_streams_ranked_by_quality);
  g_test_add_func ("/guide/lineup-run/logo-of-stream-when-guide-has-none",
                   test_logo_of_stream_when_guide_has_none);
  g_test_add_func ("/guide/lineup-run/reasons-are-json-with-the-name",
                   test_reasons_are_json_with_the_name);
  g_test_add_func ("/guide/lineup-run/same-id-in-two-sources-is-one-channel",
                   test_same_id_in_two_sources_is_one_channel);
  g_test_add_func ("/guide/lineup-run/unsure-match-never-before-a-sure-one",
                   test_unsure_match_never_before_a_sure_one);
  g_test_add_func ("/guide/lineup-run/failed-write-rolls-back", test_failed_write_rolls_back);
  g_test_add_func ("/guide/lineup-run/cancelled-writes-nothing", test_cancelled_writes_nothing);
  g_test_add_func ("/guide/lineup-run/without-guide-streams-are-grouped",
                   test_without_guide_streams_are_grouped);
  g_test_add_func ("/guide/lineup-run/promoted-key-survives-a-new-lower-id",
                   test_promoted_key_survives_a_new_lower_id);
  g_test_add_func ("/guide/lineup-run/promoted-key-survives-its-stream",
                   test_promoted_key_survives_its_stream);
  g_test_add_func ("/guide/lineup-run/promoted-key-goes-to-one-channel-only",
                   test_promoted_key_goes_to_one_channel_only);
  g_test_add_func ("/guide/lineup-run/account-that-matches-nothing-is-promoted",
                   test_account_that_matches_nothing_is_promoted);
  return g_test_run ();
}

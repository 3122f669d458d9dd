/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "guide/forge-lineup-run.h"
#include "guide/forge-match-rules.h"
#include "store/forge-store-accounts.h"
#include "store/forge-store-guide.h"
#include "store/forge-store-streams.h"

#include <glib/gstdio.h>

#include <string.h>

#define NOW 1800000000

typedef struct {
  char *folder;
  ForgeStore *store;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("forge-rules-XXXXXX", &error);
  g_autofree char *path = g_build_filename (fixture->folder, "test.db", NULL);
  fixture->store = forge_store_open (path, NULL, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->folder, 0, NULL);

  forge_store_close (fixture->store);
  for (const char *name; (name = g_dir_read_name (dir));) {
    g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
    g_unlink (path);
  }
  g_rmdir (fixture->folder);
  g_free (fixture->folder);
}

/* An account with these streams, remote ids from 1. */
static gint64
add_account (ForgeStore *store, const char *name, const char *const *streams)
{
  g_autoptr (ForgeAccount) account = forge_account_new ();
  g_autoptr (GError) error = NULL;

  account->name = g_strdup (name);
  account->server = g_strdup ("http://provider.example");
  account->username = g_strdup (name);
  gint64 id = forge_store_add_account (store, account, &error);
  g_assert_true (forge_store_begin_stage (store, id, &error));
  for (int i = 0; streams[i]; i++) {
    g_autoptr (ForgeStream) stream = forge_stream_new ();
    stream->remote_id = i + 1;
    stream->name = g_strdup (streams[i]);
    stream->quality = forge_quality_from_name (streams[i]);
    stream->position = i;
    g_assert_true (forge_store_stage_stream (store, stream, &error));
  }
  g_assert_true (forge_store_begin (store, &error));
  g_assert_true (forge_store_apply_streams (store, NOW, 14, &error));
  g_assert_true (forge_store_commit (store, &error));
  g_assert_no_error (error);
  return id;
}
#define ACCOUNT(store, name, ...) \
  add_account (store, name, (const char *const[]){ __VA_ARGS__, NULL })

/* A guide with channels of these names; their ids are "c0", "c1" … */
static void
add_guide (ForgeStore *store, const char *const *channels)
{
  g_autoptr (ForgeGuideSource) source = forge_guide_source_new ();
  g_autoptr (GError) error = NULL;

  source->name = g_strdup ("Guide");
  source->location = g_strdup ("/guide.xml");
  source->id = forge_store_add_guide_source (store, source, &error);
  gint64 generation = forge_store_begin_guide (store, source->id, &error);
  for (int i = 0; channels[i]; i++) {
    const char *const names[] = { channels[i], NULL };
    g_autofree char *id = g_strdup_printf ("c%d", i);
    const ForgeGuideChannelRow row = { .xmltv_id = id, .names = names };
    forge_store_add_guide_channel (store, source->id, generation, &row, &error);
    g_assert_no_error (error);
  }
  g_assert_true (forge_store_activate_guide (store, source, generation, &error));
}
#define GUIDE(store, ...) add_guide (store, (const char *const[]){ __VA_ARGS__, NULL })

/* "channel: stream, stream; …" of the automatic run. */
static char *
match_all (ForgeStore *store)
{
  const ForgeLineupRunOptions options = { .now_s = NOW, .max_enabled = 480, .tombstone_days = 14 };
  ForgeLineupRunResult result;
  g_autoptr (GError) error = NULL;
  GString *text = g_string_new (NULL);

  g_assert_true (forge_lineup_run (store, &options, &result, NULL, &error));
  g_autoptr (GPtrArray) channels =
      forge_store_list_channels (store, FORGE_CHANNELS_ALL, NULL, &error);
  for (guint i = 0; i < channels->len; i++) {
    const ForgeChannel *channel = g_ptr_array_index (channels, i);
    g_string_append_printf (text, "%s%s:", i ? "; " : "", channel->name);
    for (guint k = 0; k < channel->candidates->len; k++) {
      const ForgeStream *stream = forge_channel_candidate (channel, k)->stream;
      g_string_append_printf (text, " %d/%d", (int)stream->account_id, (int)stream->remote_id);
    }
  }
  return g_string_free (text, FALSE);
}

static void
assert_matches (ForgeStore *store, const char *expected)
{
  g_autofree char *text = match_all (store);

  g_assert_cmpstr (text, ==, expected);
}

static void
put_rule (ForgeStore *store,
          gint64 account_id,
          const char *stream_name,
          const char *channel_key,
          gboolean accept)
{
  ForgeStream stream = { .name = (char *)stream_name,
                         .quality = forge_quality_from_name (stream_name) };
  g_autofree char *key = forge_match_rules_key (&stream, accept);
  const ForgeMatchRule rule = { .name_key = key,
                                .channel_key = (char *)channel_key,
                                .accept = accept,
                                .account_id = account_id,
                                .stream_name = (char *)stream_name,
                                .time = NOW };
  g_autoptr (GError) error = NULL;

  forge_store_put_rule (store, &rule, &error);
  g_assert_no_error (error);
}

static void
keep_first_reason (gint64 stream_id,
                   const char *stream_name,
                   double confidence,
                   const char *reasons,
                   gboolean manual,
                   gboolean rejected,
                   gpointer user_data)
{
  char **text = user_data;

  if (!*text)
    *text = g_strdup (reasons);
}

static void
test_accepted_name_is_that_channel_everywhere (Fixture *fixture, gconstpointer unused)
{
  ForgeStore *store = fixture->store;
  g_autofree char *reasons = NULL;

  GUIDE (store, "Alpha News", "Zebra Vision");
  ACCOUNT (store, "A", "UK| Quux Extra HD", "UK| Alpha News");
  ACCOUNT (store, "B", "UK: Quux Extra FHD", "DE| Quux Extra FHD", "UK| Quux Extra 2");
  assert_matches (
      store,
      "Alpha News: 1/2; Zebra Vision:; Quux Extra: 2/1; Quux Extra: 2/2; Quux Extra 2: 2/3");
  put_rule (store, 1, "UK| Quux Extra HD", "guide:c1", TRUE);
  /* in any quality and on both accounts, but neither the other country's nor the sister channel */
  assert_matches (store, "Alpha News: 1/2; Zebra Vision: 2/1 1/1");
  g_assert_true (forge_store_each_match (store, 2, keep_first_reason, &reasons, NULL));
  g_assert_nonnull (strstr (reasons, "Rule from your choice on “UK| Quux Extra HD”."));
}

static void
test_rejected_name_stays_away_on_other_accounts (Fixture *fixture, gconstpointer unused)
{
  ForgeStore *store = fixture->store;

  GUIDE (store, "Alpha News", "Beta Sport");
  ACCOUNT (store, "A", "UK| Alpha News HD", "UK| Alpha News FHD", "UK| Beta Sport");
  ACCOUNT (store, "B", "UK| Alpha News HD", "UK| Alpha News FHD", "UK| Beta Sport");
  put_rule (store, 1, "UK| Alpha News HD", "guide:c0", FALSE);
  assert_matches (store, "Alpha News: 1/2 2/2 1/1; Beta Sport: 1/3 2/3");
}

static void
test_last_word_counts (Fixture *fixture, gconstpointer unused)
{
  ForgeStore *store = fixture->store;
  g_autoptr (GError) error = NULL;

  GUIDE (store, "Alpha News", "Beta Sport");
  ACCOUNT (store, "A", "UK| Alpha News", "UK| Beta Sport");
  put_rule (store, 1, "UK| Alpha News", "guide:c0", TRUE);
  put_rule (store, 1, "UK| Alpha News", "guide:c1", TRUE);
  assert_matches (store, "Alpha News:; Beta Sport: 1/1 1/2");
  g_autoptr (GPtrArray) rules = forge_store_list_rules (store, NULL);
  g_assert_cmpuint (rules->len, ==, 1);
  const ForgeMatchRule *rule = g_ptr_array_index (rules, 0);
  g_assert_cmpstr (rule->channel_key, ==, "guide:c1");
  g_assert_true (forge_store_delete_rule (store, rule->id, NULL));
  assert_matches (store, "Alpha News: 1/1; Beta Sport: 1/2");
  g_assert_false (forge_store_delete_rule (store, rule->id, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND);
}

static void
test_rule_for_a_vanished_channel_is_idle (Fixture *fixture, gconstpointer unused)
{
  ForgeStore *store = fixture->store;

  GUIDE (store, "Alpha News");
  ACCOUNT (store, "A", "UK| Alpha News");
  put_rule (store, 1, "UK| Alpha News", "guide:gone", TRUE);
  put_rule (store, 9, "UK| Alpha News", "stream:1:1", FALSE);
  assert_matches (store, "Alpha News: 1/1");
}

static void
test_names_that_say_nothing_make_no_rule (void)
{
  ForgeStream separator = { .name = (char *)"##### UK #####" }, none = { 0 };
  ForgeStream one = { .name = (char *)"UK| Sky News +1 HD" },
              other = { .name = (char *)"UK| Sky News HD" };
  g_autofree char *key = forge_match_rules_key (&one, TRUE);
  g_autofree char *other_key = forge_match_rules_key (&other, TRUE);

  g_assert_null (forge_match_rules_key (&separator, TRUE));
  g_assert_null (forge_match_rules_key (&none, FALSE));
  g_assert_cmpstr (key, !=, other_key);
}

#define ADD(name, function) \
  g_test_add ("/guide/match-rules/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("accepted-name-is-that-channel-everywhere", test_accepted_name_is_that_channel_everywhere);
  ADD ("rejected-name-stays-away-on-other-accounts",
       test_rejected_name_stays_away_on_other_accounts);
  ADD ("last-word-counts", test_last_word_counts);
  ADD ("rule-for-a-vanished-channel-is-idle", test_rule_for_a_vanished_channel_is_idle);
  g_test_add_func ("/guide/match-rules/names-that-say-nothing-make-no-rule",
                   test_names_that_say_nothing_make_no_rule);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-problems.h"

#include <string.h>

#define NOW 1769890500

typedef struct {
  GPtrArray *accounts, *guides;
  ForgeSnapshot snapshot;
} Fixture;

static void
fixture_init (Fixture *f)
{
  f->accounts = g_ptr_array_new_with_free_func ((GDestroyNotify)forge_account_unref);
  f->guides = g_ptr_array_new_with_free_func ((GDestroyNotify)forge_guide_source_unref);
  f->snapshot = (ForgeSnapshot){ .accounts = f->accounts, .guides = f->guides };
}

static void
fixture_clear (Fixture *f)
{
  g_ptr_array_unref (f->accounts);
  g_ptr_array_unref (f->guides);
}

static ForgeAccount *
add_account (Fixture *f)
{
  ForgeAccount *account = forge_account_new ();

  account->id = 7;
  account->name = g_strdup ("Home");
  g_ptr_array_add (f->accounts, account);
  return account;
}

static gboolean
has_problem (Fixture *f, const char *id)
{
  g_autoptr (GPtrArray) problems = forge_problems_find (&f->snapshot, NOW);

  for (guint i = 0; i < problems->len; i++)
    if (g_strcmp0 (((ForgeProblem *)g_ptr_array_index (problems, i))->id, id) == 0)
      return TRUE;
  return FALSE;
}

static void
test_nothing_is_wrong_with_a_healthy_state (void)
{
  Fixture f;

  fixture_init (&f);
  add_account (&f)->expires_at = NOW + 30 * 86400;
  f.snapshot.channels_total = f.snapshot.channels_enabled = 12;
  f.snapshot.guide = (ForgeGuideTotals){ .programmes = 10, .last_stop = NOW + 5 * 86400 };
  g_autoptr (GPtrArray) problems = forge_problems_find (&f.snapshot, NOW);
  g_assert_cmpuint (problems->len, ==, 0);
  fixture_clear (&f);
}

static void
test_a_shared_account_is_named (void)
{
  Fixture f;

  fixture_init (&f);
  const ForgeAccount *account = add_account (&f);
  g_autoptr (GPtrArray) problems = forge_problems_find (&f.snapshot, NOW);
  forge_problems_add_shared (problems, account);
  const ForgeProblem *problem = g_ptr_array_index (problems, problems->len - 1);
  g_assert_cmpstr (problem->id, ==, "account-7-shared");
  g_assert_nonnull (strstr (problem->text, "Home"));
  fixture_clear (&f);
}

static void
test_accounts_in_trouble_are_named (void)
{
  Fixture f;

  fixture_init (&f);
  g_assert_true (has_problem (&f, "no-account"));
  ForgeAccount *account = add_account (&f);
  account->expires_at = NOW + 3 * 86400;
  g_assert_true (has_problem (&f, "account-7-expiry"));
  account->status = FORGE_ACCOUNT_BANNED;
  g_assert_true (has_problem (&f, "account-7-status"));
  g_assert_false (has_problem (&f, "account-7-expiry"));
  account->enabled = FALSE;
  g_assert_false (has_problem (&f, "account-7-status"));
  fixture_clear (&f);
}

static ForgeLineup *
make_lineup (guint size)
{
  g_autoptr (GPtrArray) channels =
      g_ptr_array_new_with_free_func ((GDestroyNotify)forge_channel_unref);

  for (guint i = 0; i < size; i++) {
    ForgeChannel *channel = forge_channel_new ();
    channel->id = channel->number = (int)i + 1;
    channel->name = g_strdup_printf ("Channel %u", i);
    g_ptr_array_add (channels, channel);
  }
  return forge_lineup_new (channels, 1);
}

static void
add_device (GPtrArray *views, ForgeLineup *all, gint64 id, guint limit)
{
  g_autoptr (ForgeDevice) device = forge_device_new ();

  device->id = id;
  device->name = g_strdup_printf ("Device %d", (int)id);
  device->enabled = TRUE;
  device->limit = limit;
  g_ptr_array_add (views, forge_device_view_new (device, all));
}

/* What counts is what a device shows, not what is on. */
static void
test_each_device_is_held_against_plex (void)
{
  Fixture f;

  fixture_init (&f);
  add_account (&f);
  g_autoptr (ForgeLineup) all = make_lineup (481);
  g_autoptr (GPtrArray) views =
      g_ptr_array_new_with_free_func ((GDestroyNotify)forge_device_view_unref);
  add_device (views, all, FORGE_DEVICE_MAIN, 480);
  f.snapshot.channels_total = f.snapshot.channels_enabled = 481;
  f.snapshot.devices = views;
  g_assert_false (has_problem (&f, "lineup-plex-limit"));
  add_device (views, all, 3, 0);
  g_assert_false (has_problem (&f, "lineup-plex-limit"));
  g_assert_true (has_problem (&f, "device-3-plex-limit"));
  g_ptr_array_set_size (views, 0);
  add_device (views, all, FORGE_DEVICE_MAIN, 0);
  g_assert_true (has_problem (&f, "lineup-plex-limit"));
  fixture_clear (&f);
}

static void
test_lineup_and_guide_limits (void)
{
  Fixture f;

  fixture_init (&f);
  add_account (&f);
  f.snapshot.channels_total = f.snapshot.channels_enabled = 481;
  f.snapshot.guide = (ForgeGuideTotals){ .programmes = 10, .last_stop = NOW + 3600 };
  g_assert_true (has_problem (&f, "guide-short"));
  f.snapshot.channels_enabled = 0;
  g_assert_true (has_problem (&f, "lineup-empty"));
  fixture_clear (&f);
}

static void
test_trouble_with_discovery_is_among_them (void)
{
  Fixture f;
  ForgeDiscoveryProblem trouble = { .id = (char *)"port-80",
                                    .severity = "info",
                                    .text = (char *)"Jellyfin and Emby look on port 80",
                                    .fix = (char *)"Add it by hand." };

  fixture_init (&f);
  g_autoptr (GPtrArray) problems = forge_problems_find (&f.snapshot, NOW);
  g_autoptr (GPtrArray) found = g_ptr_array_new ();
  g_ptr_array_add (found, &trouble);
  guint before = problems->len;
  forge_problems_add_discovery (problems, found);
  g_assert_cmpuint (problems->len, ==, before + 1);
  const ForgeProblem *last = g_ptr_array_index (problems, before);
  g_assert_cmpstr (last->id, ==, "port-80");
  g_assert_cmpstr (last->fix, ==, "Add it by hand.");
  fixture_clear (&f);
}

static void
test_what_is_held_back_names_its_command (void)
{
  ForgeRefresh held = { .id = 12, .account_id = 7, .name = (char *)"Home", .summary = (char *)"s" };
  Fixture f;

  fixture_init (&f);
  f.snapshot.held = g_ptr_array_new ();
  g_ptr_array_add (f.snapshot.held, &held);
  ForgeAccount *account = add_account (&f);
  account->status_text = g_strdup ("held back");
  g_autoptr (GPtrArray) problems = forge_problems_find (&f.snapshot, NOW);
  g_assert_cmpuint (problems->len, ==, 1);
  const ForgeProblem *problem = g_ptr_array_index (problems, 0);
  g_assert_cmpstr (problem->id, ==, "refresh-12-held");
  g_assert_nonnull (strstr (problem->fix, "streamforgectl refresh apply 12"));
  account->enabled = FALSE;
  g_assert_false (has_problem (&f, "refresh-12-held"));
  g_ptr_array_unref (f.snapshot.held);
  fixture_clear (&f);
}

static void
test_a_shift_is_suggested (void)
{
  ForgeGuideSource *source = forge_guide_source_new ();
  Fixture f;

  fixture_init (&f);
  add_account (&f);
  source->id = 3;
  source->name = g_strdup ("Other");
  source->shift_minutes = source->suggested_shift_minutes = 60;
  g_ptr_array_add (f.guides, source);
  g_assert_false (has_problem (&f, "guide-3-shift"));
  source->suggested_shift_minutes = -60;
  g_autoptr (GPtrArray) problems = forge_problems_find (&f.snapshot, NOW);
  const ForgeProblem *problem = g_ptr_array_index (problems, 0);
  g_assert_cmpstr (problem->id, ==, "guide-3-shift");
  g_assert_nonnull (strstr (problem->text, "2 h behind"));
  g_assert_nonnull (strstr (problem->fix, "guide set 3 shift=-60"));
  source->enabled = FALSE;
  g_assert_false (has_problem (&f, "guide-3-shift"));
  fixture_clear (&f);
}

static void
test_kinds_have_no_numbers (void)
{
  g_autofree char *account = forge_problem_kind ("account-12-status");
  g_autofree char *port = forge_problem_kind ("port-80");
  g_autofree char *plain = forge_problem_kind ("guide-short");

  g_assert_cmpstr (account, ==, "account-N-status");
  g_assert_cmpstr (port, ==, "port-N");
  g_assert_cmpstr (plain, ==, "guide-short");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/problems/each-device-is-held-against-plex",
                   test_each_device_is_held_against_plex);
  g_test_add_func ("/engine/problems/nothing-is-wrong-with-a-healthy-state",
                   test_nothing_is_wrong_with_a_healthy_state);
  g_test_add_func ("/engine/problems/accounts-in-trouble-are-named",
                   test_accounts_in_trouble_are_named);
  g_test_add_func ("/engine/problems/what-is-held-back-names-its-command",
                   test_what_is_held_back_names_its_command);
  g_test_add_func ("/engine/problems/a-shift-is-suggested", test_a_shift_is_suggested);
  g_test_add_func ("/engine/problems/lineup-and-guide-limits", test_lineup_and_guide_limits);
  g_test_add_func ("/engine/problems/trouble-with-discovery-is-among-them",
                   test_trouble_with_discovery_is_among_them);
  g_test_add_func ("/engine/problems/a-shared-account-is-named", test_a_shared_account_is_named);
  g_test_add_func ("/engine/problems/kinds-have-no-numbers", test_kinds_have_no_numbers);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tuner/forge-slots.h"

#define MS(n) ((gint64)(n)*1000)

static void
set_accounts (ForgeSlots *slots, int max_of_1, int max_of_2)
{
  g_autoptr (GPtrArray) accounts =
      g_ptr_array_new_with_free_func ((GDestroyNotify)forge_account_unref);
  int max[] = { max_of_1, max_of_2 };

  for (int i = 0; i < 2; i++) {
    if (max[i] == 0)
      continue;
    ForgeAccount *account = forge_account_new ();
    account->id = i + 1;
    account->panel_max_connections = max[i];
    g_ptr_array_add (accounts, account);
  }
  forge_slots_set_accounts (slots, accounts);
}

/* A connection that was open and that we closed at `now_us`. */
static void
play_and_close (ForgeSlots *slots, gint64 now_us)
{
  ForgeSlot *slot = forge_slots_acquire (slots, 1);

  g_assert_nonnull (slot);
  forge_slots_note_opened (slots, slot, 7, now_us);
  forge_slots_release (slots, &slot, now_us);
  g_assert_null (slot);
}

static void
test_never_more_than_max (void)
{
  g_autoptr (ForgeSlots) slots = forge_slots_new ();
  int total, used;

  set_accounts (slots, 2, 1);
  ForgeSlot *a = forge_slots_acquire (slots, 1), *b = forge_slots_acquire (slots, 1);
  g_assert_null (forge_slots_acquire (slots, 1));
  g_assert_cmpint (forge_slots_room (slots, 1, FALSE, 0), ==, FORGE_ROOM_FULL);
  g_assert_cmpint (forge_slots_room (slots, 1, TRUE, 0), ==, FORGE_ROOM_FREE);
  g_assert_cmpint (forge_slots_room (slots, 2, FALSE, 0), ==, FORGE_ROOM_FREE);
  forge_slots_count (slots, &total, &used);
  g_assert_cmpint (total, ==, 3);
  g_assert_cmpint (used, ==, 2);

  forge_slots_release (slots, &a, MS (1));
  forge_slots_release (slots, &a, MS (1)); /* consumed: nothing happens */
  g_assert_cmpint (forge_slots_room (slots, 1, FALSE, MS (1)), ==, FORGE_ROOM_FREE);
  forge_slots_count (slots, &total, &used);
  g_assert_cmpint (used, ==, 1);
  forge_slots_release (slots, &b, MS (2));
}

static void
test_unknown_and_disabled_accounts_have_no_room (void)
{
  g_autoptr (ForgeSlots) slots = forge_slots_new ();
  g_autoptr (GPtrArray) accounts =
      g_ptr_array_new_with_free_func ((GDestroyNotify)forge_account_unref);
  ForgeAccount *account = forge_account_new ();

  account->id = 1;
  account->status = FORGE_ACCOUNT_EXPIRED;
  g_ptr_array_add (accounts, account);
  forge_slots_set_accounts (slots, accounts);
  g_assert_cmpint (forge_slots_room (slots, 1, FALSE, 0), ==, FORGE_ROOM_UNUSABLE);
  g_assert_cmpint (forge_slots_room (slots, 99, FALSE, 0), ==, FORGE_ROOM_UNUSABLE);
  g_assert_null (forge_slots_acquire (slots, 1));
  g_assert_null (forge_slots_acquire (slots, 99));
}

static void
test_a_slot_outlives_its_account (void)
{
  g_autoptr (ForgeSlots) slots = forge_slots_new ();
  int total, used;

  set_accounts (slots, 2, 1);
  ForgeSlot *slot = forge_slots_acquire (slots, 1), *other = forge_slots_acquire (slots, 1);
  set_accounts (slots, 1, 1);
  forge_slots_release (slots, &other, 0);
  g_assert_null (forge_slots_acquire (slots, 1)); /* it shrank to what is held */
  set_accounts (slots, 0, 1);
  g_assert_cmpint (forge_slot_account (slot)->id, ==, 1);
  g_assert_cmpint (forge_slots_room (slots, 1, FALSE, 0), ==, FORGE_ROOM_UNUSABLE);
  forge_slots_count (slots, &total, &used);
  g_assert_cmpint (total, ==, 1);
  g_assert_cmpint (used, ==, 1);
  forge_slots_release (slots, &slot, 0);
  forge_slots_count (slots, &total, &used);
  g_assert_cmpint (used, ==, 0);
}

static void
test_refusal_without_own_close_is_no_drain (void)
{
  g_autoptr (ForgeSlots) slots = forge_slots_new ();

  set_accounts (slots, 2, 0);
  ForgeSlot *slot = forge_slots_acquire (slots, 1);
  g_assert_false (forge_slots_note_refused (slots, slot, 7, MS (1)));
  forge_slots_release (slots, &slot, MS (2)); /* was never connected */
  play_and_close (slots, MS (3));
  /* One held and one closed fit into two. */
  slot = forge_slots_acquire (slots, 1);
  g_assert_false (forge_slots_note_refused (slots, slot, 7, MS (4)));
  forge_slots_release (slots, &slot, MS (5));
}

static void
test_slow_release_is_learned_and_waited_for (void)
{
  g_autoptr (ForgeSlots) slots = forge_slots_new ();

  set_accounts (slots, 1, 0);
  play_and_close (slots, MS (0));
  ForgeSlot *slot = forge_slots_acquire (slots, 1);
  g_assert_cmpint (forge_slots_dial_delay_us (slots, slot, MS (1)), ==, 0); /* nothing known yet */
  g_assert_true (forge_slots_note_refused (slots, slot, 8, MS (10)));
  g_assert_true (forge_slots_note_refused (slots, slot, 9, MS (500)));
  forge_slots_note_opened (slots, slot, 8, MS (2000));
  forge_slots_release (slots, &slot, MS (60000));

  g_assert_cmpint (forge_slots_room (slots, 1, FALSE, MS (60001)), ==, FORGE_ROOM_DRAINING);
  slot = forge_slots_acquire (slots, 1);
  gint64 delay_us = forge_slots_dial_delay_us (slots, slot, MS (60100));
  g_assert_cmpint (delay_us, >, MS (1700)); /* 2 s, a little faded, from the close on */
  g_assert_cmpint (delay_us, <, MS (1900));
  g_assert_cmpint (forge_slots_dial_delay_us (slots, slot, MS (62001)), ==, 0);
  forge_slots_release (slots, &slot, MS (62001));
}

/* Who fetches playlists is counted long after the last of them. */
static void
test_playlists_are_counted_for_longer (void)
{
  g_autoptr (ForgeSlots) slots = forge_slots_new ();

  set_accounts (slots, 1, 2);
  for (gint64 id = 1; id <= 2; id++) {
    ForgeSlot *slot = forge_slots_acquire (slots, id);
    forge_slots_note_dialled (slots, slot, MS (0));
    forge_slots_note_opened (slots, slot, 7, MS (1));
    if (id == 1)
      forge_slots_note_polled (slots, slot);
    forge_slots_release (slots, &slot, MS (1000));
    g_assert_cmpint (forge_slots_countable (slots, id, MS (2000)), ==, 1);
  }
  ForgeSlot *slot = forge_slots_acquire (slots, 1);
  g_assert_cmpint (forge_slots_dial_delay_us (slots, slot, MS (2000)), ==, 0); /* not all do */
  g_assert_true (forge_slots_note_refused (slots, slot, 8, MS (60000)));
  g_assert_cmpint (forge_slots_countable (slots, 1, MS (60000)), ==, 1);
  g_assert_cmpint (forge_slots_countable (slots, 2, MS (60000)), ==, 0);
  g_assert_cmpint (forge_slots_countable (slots, 1, MS (91000)), ==, 0);
  g_assert_false (forge_slots_note_refused (slots, slot, 8, MS (91000)));
  forge_slots_release (slots, &slot, MS (91000));
}

static void
test_a_spare_slot_needs_no_wait (void)
{
  g_autoptr (ForgeSlots) slots = forge_slots_new ();

  set_accounts (slots, 1, 0);
  play_and_close (slots, MS (0));
  ForgeSlot *slot = forge_slots_acquire (slots, 1);
  g_assert_true (forge_slots_note_refused (slots, slot, 8, MS (10)));
  forge_slots_note_opened (slots, slot, 8, MS (2000));
  forge_slots_release (slots, &slot, MS (3000));
  set_accounts (slots, 2, 0);
  g_assert_cmpint (forge_slots_room (slots, 1, FALSE, MS (3001)), ==, FORGE_ROOM_FREE);
}

static void
test_what_is_learned_is_bounded_and_fades (void)
{
  g_autoptr (ForgeSlots) slots = forge_slots_new ();
  gint64 now = 0;

  set_accounts (slots, 1, 0);
  for (int i = 0; i < 40; i++) {
    play_and_close (slots, now);
    ForgeSlot *slot = forge_slots_acquire (slots, 1);
    g_assert_cmpint (forge_slots_dial_delay_us (slots, slot, now), <=, MS (i == 0 ? 0 : 10000));
    if (i == 1) /* the first lesson is kept short */
      g_assert_cmpint (forge_slots_dial_delay_us (slots, slot, now), <=, MS (3000));
    g_assert_true (forge_slots_note_refused (slots, slot, 8, now + MS (1)));
    forge_slots_note_opened (slots, slot, 8, now + MS (14000));
    forge_slots_note_closed (slots, slot, FALSE, now + MS (14000));
    forge_slots_release (slots, &slot, now + MS (14000));
    now += MS (20000);
  }
  now += MS (3600 * 1000 * 3);
  play_and_close (slots, now);
  g_assert_cmpint (forge_slots_room (slots, 1, FALSE, now), ==, FORGE_ROOM_FREE);
}

static void
test_what_the_provider_closed_does_not_drain (void)
{
  g_autoptr (ForgeSlots) slots = forge_slots_new ();

  set_accounts (slots, 1, 0);
  ForgeSlot *slot = forge_slots_acquire (slots, 1);
  forge_slots_note_opened (slots, slot, 7, 0);
  forge_slots_note_closed (slots, slot, FALSE, MS (1));
  g_assert_false (forge_slots_note_refused (slots, slot, 7, MS (2)));
  forge_slots_note_opened (slots, slot, 7, MS (3));
  forge_slots_note_closed (slots, slot, TRUE, MS (4));
  g_assert_true (forge_slots_note_refused (slots, slot, 7, MS (5)));
  forge_slots_release (slots, &slot, MS (6));
}

/* A dial that succeeds at once. */
static ForgeSlot *
open_at (ForgeSlots *slots, gint64 now_us)
{
  ForgeSlot *slot = forge_slots_acquire (slots, 1);

  g_assert_nonnull (slot);
  forge_slots_note_dialled (slots, slot, now_us);
  forge_slots_note_opened (slots, slot, 7, now_us);
  return slot;
}

static void
reopen_at (ForgeSlots *slots, ForgeSlot *slot, gint64 now_us)
{
  forge_slots_note_dialled (slots, slot, now_us);
  forge_slots_note_opened (slots, slot, 7, now_us);
}

/* Leaves `a` and `b` held, `b` killed, limit 1 learned of 3. */
static void
learn_limit (ForgeSlots *slots, ForgeSlot **a, ForgeSlot **b)
{
  set_accounts (slots, 3, 0);
  *a = open_at (slots, MS (1000));
  *b = open_at (slots, MS (60000));
  g_assert_cmpint (forge_slots_note_ended (slots, *a, MS (60500)), ==, FORGE_END_SUSPECT);
  g_assert_cmpint (forge_slots_learned_limit (slots, 1, MS (60500)), ==, 0);
  reopen_at (slots, *a, MS (60600));
  g_assert_cmpint (forge_slots_note_ended (slots, *b, MS (61000)), ==, FORGE_END_LEARNED);
  g_assert_cmpint (forge_slots_learned_limit (slots, 1, MS (61000)), ==, 1);
}

static void
test_a_panel_that_kills_is_learned (void)
{
  g_autoptr (ForgeSlots) slots = forge_slots_new ();
  ForgeSlot *a, *b;
  int total, used;

  learn_limit (slots, &a, &b);
  forge_slots_release (slots, &b, MS (61000));
  g_assert_cmpint (forge_slots_room (slots, 1, FALSE, MS (61000)), ==, FORGE_ROOM_FULL);
  g_assert_null (forge_slots_acquire (slots, 1));
  forge_slots_count (slots, &total, &used);
  g_assert_cmpint (total, ==, 3); /* what clients were told */
  g_assert_cmpint (used, ==, 1);
  forge_slots_release (slots, &a, MS (62000));
}

/* The killed one dials again before its rival has the panel's answer: that is not the newer one. */
static void
test_kills_are_judged_by_the_order_of_dials (void)
{
  g_autoptr (ForgeSlots) slots = forge_slots_new ();

  set_accounts (slots, 3, 0);
  ForgeSlot *a = open_at (slots, MS (1000)), *b = forge_slots_acquire (slots, 1);
  forge_slots_note_dialled (slots, b, MS (60000));
  g_assert_cmpint (forge_slots_note_ended (slots, a, MS (60001)), ==, FORGE_END_SUSPECT);
  forge_slots_note_dialled (slots, a, MS (60002));
  forge_slots_note_opened (slots, b, 7, MS (60003));
  g_assert_cmpint (forge_slots_note_ended (slots, b, MS (60004)), ==, FORGE_END_LEARNED);
  forge_slots_release (slots, &a, MS (60005));
  forge_slots_release (slots, &b, MS (60005));
}

static void
test_a_learned_limit_is_forgotten (void)
{
  g_autoptr (ForgeSlots) slots = forge_slots_new ();
  ForgeSlot *a, *b;

  learn_limit (slots, &a, &b);
  forge_slots_release (slots, &b, MS (61000));
  gint64 later_us = MS (61000) + 30 * 60 * (gint64)G_USEC_PER_SEC;
  g_assert_cmpint (forge_slots_room (slots, 1, FALSE, later_us - 1), ==, FORGE_ROOM_FULL);
  g_assert_cmpint (forge_slots_room (slots, 1, FALSE, later_us), ==, FORGE_ROOM_FREE);
  forge_slots_release (slots, &a, later_us);
}

static void
test_a_changed_account_starts_afresh (void)
{
  g_autoptr (ForgeSlots) slots = forge_slots_new ();
  ForgeSlot *a, *b;

  learn_limit (slots, &a, &b);
  forge_slots_release (slots, &b, MS (61000));
  set_accounts (slots, 3, 0); /* the same */
  g_assert_cmpint (forge_slots_learned_limit (slots, 1, MS (61001)), ==, 1);
  set_accounts (slots, 2, 0);
  g_assert_cmpint (forge_slots_learned_limit (slots, 1, MS (61002)), ==, 0);
  forge_slots_release (slots, &a, MS (61003));
}

static void
test_other_ends_are_no_kills (void)
{
  g_autoptr (ForgeSlots) slots = forge_slots_new ();

  set_accounts (slots, 2, 0);
  ForgeSlot *a = open_at (slots, MS (1000));
  /* Alone. */
  g_assert_cmpint (forge_slots_note_ended (slots, a, MS (2000)), ==, FORGE_END_PLAIN);
  reopen_at (slots, a, MS (3000));
  ForgeSlot *b = open_at (slots, MS (4000));
  /* The newer one. */
  g_assert_cmpint (forge_slots_note_ended (slots, b, MS (4500)), ==, FORGE_END_PLAIN);
  reopen_at (slots, b, MS (5000));
  /* Too long after. */
  g_assert_cmpint (forge_slots_note_ended (slots, a, MS (10001)), ==, FORGE_END_PLAIN);
  reopen_at (slots, a, MS (30000));
  /* A dial counts as soon as it begins; but evidence fades. */
  g_assert_cmpint (forge_slots_note_ended (slots, b, MS (30100)), ==, FORGE_END_SUSPECT);
  forge_slots_note_dialled (slots, b, MS (400000));
  g_assert_cmpint (forge_slots_note_ended (slots, a, MS (400100)), ==, FORGE_END_SUSPECT);
  forge_slots_release (slots, &a, MS (400200));
  forge_slots_release (slots, &b, MS (400200));
}

/* Many play, and one after the other ends soon after another began: not the oldest ones. */
static void
test_younger_ones_that_end_are_no_kills (void)
{
  g_autoptr (ForgeSlots) slots = forge_slots_new ();

  set_accounts (slots, 3, 0);
  ForgeSlot *a = open_at (slots, MS (1000)), *b = open_at (slots, MS (2000));
  ForgeSlot *c = open_at (slots, MS (60000));
  g_assert_cmpint (forge_slots_note_ended (slots, b, MS (60500)), ==, FORGE_END_PLAIN);
  reopen_at (slots, b, MS (80000));
  g_assert_cmpint (forge_slots_note_ended (slots, c, MS (80500)), ==, FORGE_END_PLAIN);
  g_assert_cmpint (forge_slots_learned_limit (slots, 1, MS (80500)), ==, 0);
  reopen_at (slots, c, MS (100000));
  g_assert_cmpint (forge_slots_note_ended (slots, a, MS (100500)), ==, FORGE_END_SUSPECT);
  forge_slots_release (slots, &a, MS (100600));
  forge_slots_release (slots, &b, MS (100600));
  forge_slots_release (slots, &c, MS (100600));
}

static void
test_a_provider_in_trouble_teaches_no_limit (void)
{
  g_autoptr (ForgeSlots) slots = forge_slots_new ();

  set_accounts (slots, 3, 0);
  ForgeSlot *a = open_at (slots, MS (1000)), *b = open_at (slots, MS (60000));
  /* It looks like a kill, but the newer one breaks as well. */
  g_assert_cmpint (forge_slots_note_ended (slots, a, MS (60500)), ==, FORGE_END_SUSPECT);
  forge_slots_note_closed (slots, b, FALSE, MS (61000));
  reopen_at (slots, b, MS (61100));
  reopen_at (slots, a, MS (61200));
  g_assert_cmpint (forge_slots_note_ended (slots, b, MS (62000)), ==, FORGE_END_PLAIN);
  reopen_at (slots, b, MS (62100));
  g_assert_cmpint (forge_slots_note_ended (slots, a, MS (63000)), ==, FORGE_END_PLAIN);
  g_assert_cmpint (forge_slots_learned_limit (slots, 1, MS (63000)), ==, 0);
  forge_slots_release (slots, &a, MS (64000));
  forge_slots_release (slots, &b, MS (64000));
}

static void
test_a_kill_during_a_slow_release_teaches_patience (void)
{
  g_autoptr (ForgeSlots) slots = forge_slots_new ();

  set_accounts (slots, 2, 0);
  ForgeSlot *a = open_at (slots, MS (1000)), *b = open_at (slots, MS (60000));
  forge_slots_release (slots, &b, MS (70000)); /* a zap: still counted by the panel */
  b = open_at (slots, MS (70100));
  g_assert_cmpint (forge_slots_note_ended (slots, a, MS (70200)), ==, FORGE_END_SUSPECT);
  g_assert_cmpint (forge_slots_learned_limit (slots, 1, MS (70200)), ==, 0);
  g_assert_cmpint (forge_slots_dial_delay_us (slots, a, MS (70200)), >, MS (2000));
  forge_slots_release (slots, &a, MS (70300));
  forge_slots_release (slots, &b, MS (70300));
}

static void
test_what_the_provider_may_count (void)
{
  g_autoptr (ForgeSlots) slots = forge_slots_new ();

  set_accounts (slots, 3, 0);
  g_assert_cmpint (forge_slots_countable (slots, 1, 0), ==, 0);
  g_assert_cmpint (forge_slots_countable (slots, 99, 0), ==, 0);
  ForgeSlot *a = open_at (slots, MS (1000)), *b = forge_slots_acquire (slots, 1);
  g_assert_cmpint (forge_slots_countable (slots, 1, MS (1000)), ==, 1); /* b dials nothing */
  forge_slots_note_dialled (slots, b, MS (2000));
  g_assert_cmpint (forge_slots_countable (slots, 1, MS (2000)), ==, 2);
  forge_slots_note_closed (slots, b, FALSE, MS (3000));
  forge_slots_release (slots, &a, MS (3000));
  g_assert_cmpint (forge_slots_countable (slots, 1, MS (3000)), ==, 1); /* draining */
  g_assert_cmpint (forge_slots_countable (slots, 1, MS (30000)), ==, 0);
  forge_slots_release (slots, &b, MS (30000));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tuner/slots/never-more-than-max", test_never_more_than_max);
  g_test_add_func ("/tuner/slots/unknown-and-disabled-accounts-have-no-room",
                   test_unknown_and_disabled_accounts_have_no_room);
  g_test_add_func ("/tuner/slots/a-slot-outlives-its-account", test_a_slot_outlives_its_account);
  g_test_add_func ("/tuner/slots/refusal-without-own-close-is-no-drain",
                   test_refusal_without_own_close_is_no_drain);
  g_test_add_func ("/tuner/slots/slow-release-is-learned-and-waited-for",
                   test_slow_release_is_learned_and_waited_for);
  g_test_add_func ("/tuner/slots/playlists-are-counted-for-longer",
                   test_playlists_are_counted_for_longer);
  g_test_add_func ("/tuner/slots/a-spare-slot-needs-no-wait", test_a_spare_slot_needs_no_wait);
  g_test_add_func ("/tuner/slots/what-is-learned-is-bounded-and-fades",
                   test_what_is_learned_is_bounded_and_fades);
  g_test_add_func ("/tuner/slots/what-the-provider-closed-does-not-drain",
                   test_what_the_provider_closed_does_not_drain);
  g_test_add_func ("/tuner/slots/a-panel-that-kills-is-learned",
                   test_a_panel_that_kills_is_learned);
  g_test_add_func ("/tuner/slots/kills-are-judged-by-the-order-of-dials",
                   test_kills_are_judged_by_the_order_of_dials);
  g_test_add_func ("/tuner/slots/a-learned-limit-is-forgotten", test_a_learned_limit_is_forgotten);
  g_test_add_func ("/tuner/slots/a-changed-account-starts-afresh",
                   test_a_changed_account_starts_afresh);
  g_test_add_func ("/tuner/slots/other-ends-are-no-kills", test_other_ends_are_no_kills);
  g_test_add_func ("/tuner/slots/younger-ones-that-end-are-no-kills",
                   test_younger_ones_that_end_are_no_kills);
  g_test_add_func ("/tuner/slots/a-provider-in-trouble-teaches-no-limit",
                   test_a_provider_in_trouble_teaches_no_limit);
  g_test_add_func ("/tuner/slots/a-kill-during-a-slow-release-teaches-patience",
                   test_a_kill_during_a_slow_release_teaches_patience);
  g_test_add_func ("/tuner/slots/what-the-provider-may-count", test_what_the_provider_may_count);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tuner/forge-attempts.h"

/* Streams 1…4 on account 1, 5 on account 2; freed with the fixture. */
typedef struct {
  ForgeAttempts *attempts;
  ForgeStream *streams[6];
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->attempts = forge_attempts_new ();
  for (int i = 1; i <= 5; i++) {
    fixture->streams[i] = forge_stream_new ();
    fixture->streams[i]->id = i;
    fixture->streams[i]->account_id = i == 5 ? 2 : 1;
  }
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  for (int i = 1; i <= 5; i++)
    forge_stream_unref (fixture->streams[i]);
  forge_attempts_free (fixture->attempts);
}

static gboolean
note (Fixture *fixture, int stream, ForgeAttemptResult result)
{
  return forge_attempts_note (fixture->attempts, fixture->streams[stream], result);
}

static void
assert_left (Fixture *fixture, const char *wanted)
{
  g_autoptr (GString) left = g_string_new (NULL);

  for (int i = 1; i <= 5; i++)
    if (!forge_attempts_is_tried (fixture->attempts, fixture->streams[i]))
      g_string_append_printf (left, "%d", i);
  g_assert_cmpstr (left->str, ==, wanted);
}

static void
test_a_round_tries_each_once (Fixture *fixture, gconstpointer data)
{
  g_assert_true (forge_attempts_is_empty (fixture->attempts));
  assert_left (fixture, "12345");
  g_assert_true (note (fixture, 2, FORGE_ATTEMPT_HARD));
  assert_left (fixture, "1345");
  g_assert_false (forge_attempts_is_empty (fixture->attempts));
  g_assert_false (forge_attempts_is_limited (fixture->attempts));
  forge_attempts_restart (fixture->attempts);
  assert_left (fixture, "12345");
}

static void
test_news_is_told_once (Fixture *fixture, gconstpointer data)
{
  g_assert_true (note (fixture, 1, FORGE_ATTEMPT_LIMIT));
  g_assert_false (note (fixture, 1, FORGE_ATTEMPT_LIMIT));
  g_assert_true (note (fixture, 1, FORGE_ATTEMPT_HARD));
}

static void
test_only_limits_are_tried_again_before_the_first_byte (Fixture *fixture, gconstpointer data)
{
  note (fixture, 1, FORGE_ATTEMPT_HARD);
  note (fixture, 2, FORGE_ATTEMPT_LIMIT);
  note (fixture, 3, FORGE_ATTEMPT_NO_VIDEO);
  g_assert_true (forge_attempts_is_limited (fixture->attempts));
  g_assert_true (forge_attempts_has_no_video (fixture->attempts));
  forge_attempts_next_round (fixture->attempts, FALSE);
  assert_left (fixture, "245");
  g_assert_false (forge_attempts_is_limited (fixture->attempts));
  forge_attempts_next_round (fixture->attempts, TRUE);
  assert_left (fixture, "12345");
  g_assert_cmpuint (forge_attempts_round (fixture->attempts), ==, 2);
}

static void
test_a_refused_login_takes_its_account_out (Fixture *fixture, gconstpointer data)
{
  note (fixture, 3, FORGE_ATTEMPT_AUTH);
  assert_left (fixture, "5");
}

static void
test_a_full_account_is_asked_once_per_round (Fixture *fixture, gconstpointer data)
{
  note (fixture, 1, FORGE_ATTEMPT_DRAIN);
  assert_left (fixture, "2345"); /* it may be this stream */
  note (fixture, 2, FORGE_ATTEMPT_DRAIN);
  assert_left (fixture, "5"); /* it is the account */
  forge_attempts_next_round (fixture->attempts, FALSE);
  assert_left (fixture, "12345");
  note (fixture, 1, FORGE_ATTEMPT_DRAIN);
  assert_left (fixture, "5");
  forge_attempts_next_round (fixture->attempts, FALSE);
  note (fixture, 1, FORGE_ATTEMPT_DRAIN);
  assert_left (fixture, "2345"); /* now and then it is doubted */
}

static void
test_clips_are_a_limit_of_the_account (Fixture *fixture, gconstpointer data)
{
  g_assert_false (forge_attempts_is_all_limited (fixture->attempts)); /* nothing was tried */
  note (fixture, 1, FORGE_ATTEMPT_CLIP);
  note (fixture, 2, FORGE_ATTEMPT_CLIP);
  assert_left (fixture, "5");
  g_assert_true (forge_attempts_is_limited (fixture->attempts));
  forge_attempts_next_round (fixture->attempts, FALSE);
  assert_left (fixture, "12345");
  g_assert_true (forge_attempts_is_all_limited (fixture->attempts));
  note (fixture, 5, FORGE_ATTEMPT_HARD);
  g_assert_false (forge_attempts_is_all_limited (fixture->attempts));
}

/* Milliseconds. */
static gint64
pause_after (Fixture *fixture, gboolean is_watched, gint64 since_ms)
{
  return forge_attempts_pause_us (fixture->attempts, is_watched, since_ms * 1000) / 1000;
}

static void
test_pauses_count_from_the_last_attempt (Fixture *fixture, gconstpointer data)
{
  static const gint64 watched[] = { 0, 250, 500, 1000, 2000, 2000 };
  static const gint64 tuned[] = { 250, 500, 500, 500, 500, 500 };

  for (guint round = 0; round < G_N_ELEMENTS (watched); round++) {
    g_assert_cmpint (pause_after (fixture, TRUE, 0), ==, watched[round]);
    g_assert_cmpint (pause_after (fixture, TRUE, 100), ==, MAX (watched[round] - 100, 0));
    g_assert_cmpint (pause_after (fixture, TRUE, 4000), ==, 0); /* it played that long */
    g_assert_cmpint (pause_after (fixture, FALSE, 4000), ==, tuned[round]);
    forge_attempts_next_round (fixture->attempts, TRUE);
  }
}

/* A provider's clip instead of the channel plays for seconds and is no source. */
static void
test_clips_count_for_nothing (Fixture *fixture, gconstpointer data)
{
  note (fixture, 1, FORGE_ATTEMPT_CLIP);
  forge_attempts_next_round (fixture->attempts, TRUE);
  note (fixture, 1, FORGE_ATTEMPT_CLIP);
  g_assert_cmpint (pause_after (fixture, TRUE, 4000), ==, 250);
  note (fixture, 5, FORGE_ATTEMPT_HARD);
  g_assert_cmpint (pause_after (fixture, TRUE, 4000), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add ("/tuner/attempts/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("a-round-tries-each-once", test_a_round_tries_each_once);
  ADD ("news-is-told-once", test_news_is_told_once);
  ADD ("only-limits-are-tried-again-before-the-first-byte",
       test_only_limits_are_tried_again_before_the_first_byte);
  ADD ("a-refused-login-takes-its-account-out", test_a_refused_login_takes_its_account_out);
  ADD ("a-full-account-is-asked-once-per-round", test_a_full_account_is_asked_once_per_round);
  ADD ("clips-are-a-limit-of-the-account", test_clips_are_a_limit_of_the_account);
  ADD ("pauses-count-from-the-last-attempt", test_pauses_count_from_the_last_attempt);
  ADD ("clips-count-for-nothing", test_clips_count_for_nothing);
#undef ADD
  return g_test_run ();
}

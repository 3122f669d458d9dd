/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tuner/forge-attempts.h"

/* Streams of one account refused before the account, not the stream, is taken for full; every
 * PROBE_ROUND-th round asks all of them nevertheless, in case each had its own reason. */
#define ACCOUNT_EVIDENCE 2
#define PROBE_ROUND      3

#define PAUSE_MS          250  /* between rounds, doubled after each one */
#define MAX_PAUSE_MS      2000 /* while viewers watch */
#define MAX_TUNE_PAUSE_MS 500  /* while a client waits for its first byte */
#define MAX_DOUBLINGS     4

typedef struct {
  gint64 stream_id, account_id;
  gboolean is_tried; /* in this round */
  ForgeAttemptResult result;
} Attempt;

struct _ForgeAttempts {
  GArray *list; /* of Attempt, one per stream */
  guint round;
};

ForgeAttempts *
forge_attempts_new (void)
{
  ForgeAttempts *attempts = g_new0 (ForgeAttempts, 1);

  attempts->list = g_array_new (FALSE, FALSE, sizeof (Attempt));
  return attempts;
}

void
forge_attempts_free (ForgeAttempts *attempts)
{
  g_array_unref (attempts->list);
  g_free (attempts);
}

static Attempt *
nth (const ForgeAttempts *attempts, guint index)
{
  return &g_array_index (attempts->list, Attempt, index);
}

static Attempt *
find (const ForgeAttempts *attempts, gint64 stream_id)
{
  for (guint i = 0; i < attempts->list->len; i++)
    if (nth (attempts, i)->stream_id == stream_id)
      return nth (attempts, i);
  return NULL;
}

gboolean
forge_attempts_note (ForgeAttempts *attempts, const ForgeStream *stream, ForgeAttemptResult result)
{
  Attempt *attempt = find (attempts, stream->id);
  Attempt fresh = { stream->id, stream->account_id, TRUE, result };
  gboolean is_news = !attempt || attempt->result != result;

  if (attempt)
    *attempt = fresh;
  else
    g_array_append_val (attempts->list, fresh);
  return is_news;
}

/* Refusals that hold for the account rather than for the stream. */
static gboolean
is_of_account (const Attempt *attempt)
{
  return attempt->result == FORGE_ATTEMPT_DRAIN || attempt->result == FORGE_ATTEMPT_CLIP;
}

static gboolean
is_account_done (const ForgeAttempts *attempts, gint64 account_id)
{
  gboolean is_refused_now = FALSE;
  guint evidence = 0;

  for (guint i = 0; i < attempts->list->len; i++) {
    const Attempt *attempt = nth (attempts, i);
    if (attempt->account_id != account_id)
      continue;
    if (attempt->is_tried && attempt->result == FORGE_ATTEMPT_AUTH)
      return TRUE;
    evidence += is_of_account (attempt);
    is_refused_now |= attempt->is_tried && is_of_account (attempt);
  }
  return is_refused_now && evidence >= ACCOUNT_EVIDENCE &&
         attempts->round % PROBE_ROUND != PROBE_ROUND - 1;
}

gboolean
forge_attempts_is_tried (const ForgeAttempts *attempts, const ForgeStream *stream)
{
  const Attempt *attempt = find (attempts, stream->id);

  return (attempt && attempt->is_tried) || is_account_done (attempts, stream->account_id);
}

gboolean
forge_attempts_is_empty (const ForgeAttempts *attempts)
{
  return attempts->list->len == 0;
}

static gboolean
is_limit (const Attempt *attempt)
{
  return attempt->result == FORGE_ATTEMPT_LIMIT || is_of_account (attempt);
}

gboolean
forge_attempts_is_limited (const ForgeAttempts *attempts)
{
  for (guint i = 0; i < attempts->list->len; i++)
    if (nth (attempts, i)->is_tried && is_limit (nth (attempts, i)))
      return TRUE;
  return FALSE;
}

gboolean
forge_attempts_is_all_limited (const ForgeAttempts *attempts)
{
  for (guint i = 0; i < attempts->list->len; i++)
    if (!is_limit (nth (attempts, i)))
      return FALSE;
  return attempts->list->len > 0;
}

gboolean
forge_attempts_has_no_video (const ForgeAttempts *attempts)
{
  for (guint i = 0; i < attempts->list->len; i++)
    if (nth (attempts, i)->result == FORGE_ATTEMPT_NO_VIDEO)
      return TRUE;
  return FALSE;
}

void
forge_attempts_next_round (ForgeAttempts *attempts, gboolean everything)
{
  for (guint i = 0; i < attempts->list->len; i++)
    if (everything || is_limit (nth (attempts, i)))
      nth (attempts, i)->is_tried = FALSE;
  attempts->round++;
}

/* A source that was fine is reopened at once when nothing else works: some panels just end a
 * connection now and then. So is one that keeps dying but lives for seconds: that hammers nobody.
 */
gint64
forge_attempts_pause_us (const ForgeAttempts *attempts, gboolean is_watched, gint64 since_us)
{
  guint round = attempts->round;

  if (is_watched && round == 0)
    return 0;
  gint64 pause_ms = PAUSE_MS << MIN (is_watched ? round - 1 : round, MAX_DOUBLINGS);
  gint64 pause_us = MIN (pause_ms, is_watched ? MAX_PAUSE_MS : MAX_TUNE_PAUSE_MS) *
                    G_TIME_SPAN_MILLISECOND;
  /* A provider's clip instead of the channel lives for seconds, too. */
  gboolean has_played = is_watched && !forge_attempts_is_all_limited (attempts);
  return has_played ? MAX (pause_us - since_us, 0) : pause_us;
}

guint
forge_attempts_round (const ForgeAttempts *attempts)
{
  return attempts->round;
}

void
forge_attempts_restart (ForgeAttempts *attempts)
{
  g_array_set_size (attempts->list, 0);
  attempts->round = 0;
}

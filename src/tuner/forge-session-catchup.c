/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tuner/forge-session-private.h"

/*
 * Catch-up: a session of its own per request, which ends with its source. Panels send it as fast as
 * it is taken; the relay holds the source back, so at the end some of it is still in the ring.
 */

/* Panels keep a little more than they say; clocks differ. */
#define ARCHIVE_SLACK_S 3600
#define DAY_S           86400

/* The relay's figures are at most half of this old. */
#define FINISH_CHECK_MS 500
/* The biggest ring (16 MiB) at the lowest rate worth watching takes about this long. */
#define FINISH_MAX_US (120 * G_USEC_PER_SEC)
#define MAX_VIEWERS   8 /* a session like this has one */

gboolean
forge_session_can_catch_up (const ForgeSession *session, const ForgeStream *stream)
{
  gint64 age_s = g_get_real_time () / G_USEC_PER_SEC - session->start_s;

  return stream->archive_days > 0 &&
         age_s <= (gint64)stream->archive_days * DAY_S + ARCHIVE_SLACK_S;
}

static gboolean
has_taken_all (const ForgeSession *session)
{
  ForgeFeedStats stats;
  ForgeViewerStats viewers[MAX_VIEWERS];
  unsigned n = 0;

  if (!forge_relay_feed_stats (session->host->relay,
                               session->feed,
                               &stats,
                               viewers,
                               MAX_VIEWERS,
                               &n))
    return TRUE;
  for (unsigned i = 0; i < n; i++)
    if (viewers[i].behind_bytes > 0)
      return FALSE;
  return TRUE;
}

static gboolean
on_finish_check (gpointer user_data)
{
  ForgeSession *session = user_data;
  gint64 finishing_us = g_get_monotonic_time () - session->last_data_us;

  if (!has_taken_all (session) && finishing_us < FINISH_MAX_US)
    return G_SOURCE_CONTINUE;
  forge_session_clear_timer (&session->timer);
  forge_session_end (session, FORGE_TUNE_FAILED);
  return G_SOURCE_REMOVE;
}

void
forge_session_finish (ForgeSession *session)
{
  session->last_data_us = g_get_monotonic_time ();
  forge_session_set_state (session, FORGE_SESSION_FINISHING);
  forge_session_set_timer (session,
                           &session->timer,
                           FINISH_CHECK_MS * G_TIME_SPAN_MILLISECOND,
                           on_finish_check);
  forge_slots_release (session->host->slots, &session->slot, session->last_data_us);
  session->host->changed (session->host->changed_data);
}

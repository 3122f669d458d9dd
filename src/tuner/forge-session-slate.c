/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tuner/forge-session-private.h"

/*
 * Stills for viewers who had a picture, while nothing plays: never before the first real data,
 * because clients take what they get then for the channel. The slate is a source of the relay like
 * any other, without a slot; dialling goes on behind it, and the next source simply replaces it.
 */

gboolean
forge_session_is_expired (const ForgeAccount *account)
{
  return account->status == FORGE_ACCOUNT_EXPIRED ||
         (account->expires_at > 0 && account->expires_at <= g_get_real_time () / G_USEC_PER_SEC);
}

/* Every account that has the channel. */
static gboolean
has_only_expired_accounts (const ForgeSession *session)
{
  const GPtrArray *candidates = session->channel->candidates;
  guint n_expired = 0;

  for (guint i = 0; i < candidates->len; i++) {
    const ForgeStream *stream = forge_channel_candidate (session->channel, i)->stream;
    const ForgeAccount *account = forge_slots_account (session->host->slots, stream->account_id);
    if (!account || !stream->available)
      continue;
    if (!forge_session_is_expired (account))
      return FALSE;
    n_expired++;
  }
  return n_expired > 0;
}

static ForgeSlate
pick_slate (const ForgeSession *session)
{
  if (has_only_expired_accounts (session))
    return FORGE_SLATE_EXPIRED;
  if (session->state == FORGE_SESSION_WAITING || forge_attempts_is_all_limited (session->attempts))
    return FORGE_SLATE_BUSY;
  return FORGE_SLATE_RECONNECTING;
}

static void
show (ForgeSession *session, ForgeSlate slate)
{
  ForgeSessionHost *host = session->host;
  ForgeSourceSpec spec = { .bytes = { .fd = -1 } };

  if (!forge_slate_player_play (host->slates, slate, &spec.bytes))
    return;
  spec.tag = ++host->last_source_tag;
  session->slate_tag = spec.tag;
  session->slate = slate;
  forge_relay_set_source (host->relay, session->feed, &spec);
}

static gboolean
on_slate_due (gpointer user_data)
{
  ForgeSession *session = user_data;

  forge_session_clear_timer (&session->slate_timer);
  show (session, pick_slate (session));
  return G_SOURCE_REMOVE;
}

static gboolean
wants_slate (const ForgeSession *session)
{
  if (!session->has_flowed || session->start_s > 0 || session->viewers->len == 0)
    return FALSE;
  return session->state == FORGE_SESSION_WAITING || session->state == FORGE_SESSION_PAUSED ||
         session->state == FORGE_SESSION_DIALLING;
}

void
forge_session_mind_slate (ForgeSession *session)
{
  gint64 due_us = session->no_source_us + session->host->slate_after_us;

  if (!wants_slate (session)) {
    forge_session_clear_timer (&session->slate_timer);
    return;
  }
  if (session->slate_tag == 0) {
    if (!session->slate_timer)
      forge_session_set_timer (session,
                               &session->slate_timer,
                               due_us - g_get_monotonic_time (),
                               on_slate_due);
    return;
  }
  /* A dial alone is no news. */
  if (session->state != FORGE_SESSION_DIALLING && pick_slate (session) != session->slate)
    show (session, pick_slate (session));
}

void
forge_session_forget_slate (ForgeSession *session)
{
  session->slate_tag = 0;
}

void
forge_session_on_slate (ForgeSession *session, const ForgeRelayEvent *event)
{
  if (event->type == FORGE_RELAY_SOURCE_FLOWING)
    return;
  session->slate_tag = 0;
  forge_session_mind_slate (session);
}

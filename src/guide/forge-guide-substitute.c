/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-guide-substitute.h"

#include "store/forge-store-accounts.h"
#include "store/forge-store-channels.h"
#include "store/forge-store-guide.h"

#include <string.h>

#define BLOCK_S (2 * 60 * 60)

typedef struct {
  const ForgeChannel *channel;
  ForgeSubstituteFunc each;
  gpointer user_data;
} Row;

static gint64
round_down (gint64 time_s)
{
  gint64 rest = time_s % BLOCK_S;

  return time_s - (rest < 0 ? rest + BLOCK_S : rest);
}

static gboolean
put (const Row *row, gint64 start, gint64 stop, const char *title, gboolean is_event)
{
  const ForgeSubstitute programme = { start, stop, title, is_event };

  return row->each (&programme, row->user_data);
}

/* Up to `to` exactly. */
static gboolean
put_blocks (const Row *row, gint64 from, gint64 to)
{
  for (gint64 at = from; at < to;) {
    gint64 stop = MIN (round_down (at) + BLOCK_S, to);

    if (!put (row, at, stop, row->channel->name, FALSE))
      return FALSE;
    at = stop;
  }
  return TRUE;
}

/* The clock of whoever wrote the stream's name, as far as it is known. Returns: (transfer full). */
static GTimeZone *
find_zone (ForgeStore *store, const ForgeStream *stream)
{
  g_autoptr (ForgeAccount) account = forge_store_get_account (store, stream->account_id, NULL);
  GTimeZone *zone = account && account->timezone ? g_time_zone_new_identifier (account->timezone)
                                                 : NULL;

  return zone ? zone : g_time_zone_new_local ();
}

gboolean
forge_guide_find_event (ForgeStore *store,
                        const ForgeChannel *channel,
                        gint64 now_s,
                        ForgeEventName *event)
{
  const ForgeStream *stream =
      channel->candidates->len > 0 ? forge_channel_candidate (channel, 0)->stream : NULL;
  g_autoptr (GTimeZone) zone = NULL;

  if (!stream || !stream->name || !strpbrk (stream->name, "0123456789"))
    return FALSE;
  zone = find_zone (store, stream);
  return forge_event_name_parse (stream->name, now_s, zone, event);
}

gboolean
forge_guide_each_substitute (ForgeStore *store,
                             const ForgeChannel *channel,
                             gint64 now_s,
                             gint64 from,
                             gint64 to,
                             ForgeSubstituteFunc each,
                             gpointer user_data)
{
  const Row row = { channel, each, user_data };
  g_auto (ForgeEventName) event = { 0 };

  from = round_down (from);
  to = round_down (to + BLOCK_S - 1);
  if (!forge_guide_find_event (store, channel, now_s, &event) || event.start >= to ||
      event.stop <= from)
    return put_blocks (&row, from, to);
  gint64 end = event.stop;
  return put_blocks (&row, from, event.start) && put (&row, event.start, end, event.title, TRUE) &&
         put_blocks (&row, end, to);
}

static gboolean
on_programme (const ForgeProgrammeRow *row, gpointer user_data)
{
  *(gboolean *)user_data = FALSE;
  return FALSE;
}

gboolean
forge_guide_is_silent (ForgeStore *store, const ForgeChannel *channel, gint64 now_s, int days)
{
  gint64 guide = forge_store_channel_guide (store, channel->id);
  gboolean is_silent = TRUE;

  if (guide && !forge_store_each_programme (store,
                                            guide,
                                            now_s - FORGE_GUIDE_PAST_HOURS * 3600,
                                            now_s + days * G_GINT64_CONSTANT (86400),
                                            on_programme,
                                            &is_silent,
                                            NULL))
    return FALSE;
  return is_silent;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "server/forge-tuner-pages-private.h"

#include <string.h>

/* Spec: facts hdhomerun.md §3.8 and §3.9. Errors have no body: Jellyfin copies one into its stream.
 */
#define UNKNOWN_CHANNEL "801 Unknown Channel"
#define SYSTEM_BUSY     "803 System Busy"
#define NO_VIDEO        "807 No Video Data"

/* Panels keep a little more than they say; clocks differ. */
#define ARCHIVE_SLACK_S 3600
#define DAY_S           86400
/* The longest archive anybody offers, a hundred times over: bounds the arithmetic. */
#define MAX_ARCHIVE_DAYS 3650

/* The relay counts milliseconds in 32 bits. */
#define MAX_DURATION_S 4000000

typedef enum {
  BY_ID,     /* /stream/{id} */
  BY_NUMBER, /* /auto/v{number} */
  BY_TUNER,  /* /tuner{N}/v{number} */
} Naming;

/* What a stream URL names. */
typedef struct {
  gint64 value; /* channel id or number */
  int tuner;    /* -1 = any */
} Target;

/* Digits to the end of `text`. */
static gboolean
parse_number (const char *text, gint64 max, gint64 *value)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (text, 10, 0, (guint64)max, &number, NULL))
    return FALSE;
  *value = (gint64)number;
  return TRUE;
}

/* "v5", or "v5.1": a number that exists elsewhere but never here. Returns 0 or a status. */
static guint
parse_guide_number (const char *text, Target *target)
{
  const char *dot;

  if (text[0] != 'v')
    return 404; /* "ch503000000" tunes a frequency on real devices */
  dot = strchr (text, '.');
  if (dot && dot[1] && strspn (dot + 1, "0123456789") == strlen (dot + 1) && dot > text + 1)
    return 404;
  return parse_number (text + 1, G_MAXINT, &target->value) ? 0 : 400;
}

static guint
parse_tuner (const char *text, Target *target)
{
  const char *slash = strchr (text, '/');
  g_autofree char *digits = slash ? g_strndup (text, (gsize)(slash - text)) : NULL;
  gint64 tuner;

  if (!slash || !parse_number (digits, 254, &tuner))
    return 404;
  target->tuner = (int)tuner;
  return parse_guide_number (slash + 1, target);
}

static guint
parse_target (Naming naming, const char *tail, Target *target)
{
  target->tuner = -1;
  switch (naming) {
  case BY_TUNER:
    return parse_tuner (tail, target);
  case BY_NUMBER:
    return parse_guide_number (tail, target);
  case BY_ID:
  default:
    return parse_number (tail, G_MAXINT64, &target->value) ? 0 : 400;
  }
}

gboolean
forge_pages_has_source (const ForgeChannel *channel)
{
  for (guint i = 0; i < channel->candidates->len; i++)
    if (forge_channel_candidate (channel, i)->stream->available)
      return TRUE;
  return FALSE;
}

static ForgeChannel *
find_channel (ForgeLineup *lineup, Naming naming, const Target *target)
{
  ForgeChannel *channel = naming == BY_ID ? forge_lineup_find_id (lineup, target->value)
                                          : forge_lineup_find_number (lineup, (int)target->value);

  return channel && forge_pages_has_source (channel) ? channel : NULL;
}

/* NULL and `*channel` (transfer full), or the refusal. */
static ForgeReply *
resolve (ForgeTunerPages *pages,
         Naming naming,
         const ForgeRequest *request,
         Target *target,
         ForgeChannel **channel)
{
  g_auto (ForgePagesSnapshot) now = { 0 };
  guint problem = parse_target (naming, request->tail, target);
  ForgeChannel *found;

  if (problem)
    return forge_reply_new_tuner_error (problem, UNKNOWN_CHANNEL);
  forge_pages_snapshot (pages, request->local_port, &now);
  if (!now.lineup)
    return forge_reply_new_tuner_error (503, SYSTEM_BUSY);
  found = find_channel (now.lineup, naming, target);
  if (!found || target->tuner >= forge_pages_tuner_count (pages))
    return forge_reply_new_tuner_error (404, UNKNOWN_CHANNEL);
  *channel = forge_channel_ref (found);
  return NULL;
}

/* Leading digits only: some clients append their options with a second "?". */
static guint
read_duration (const ForgeRequest *request)
{
  const char *text = forge_request_query (request, "duration");

  if (!text || !g_ascii_isdigit (*text))
    return 0;
  return (guint)MIN (g_ascii_strtoull (text, NULL, 10), MAX_DURATION_S);
}

/* "+" came as a blank: "2026-01-31T20:15:00 01:00". */
static char *
restore_plus (const char *text)
{
  char *copy = g_strdup (text), *blank = strrchr (copy, ' '), *colon = strchr (copy, ':');

  if (blank && colon && colon < blank)
    *blank = '+';
  return copy;
}

/* Seconds since 1970, or ISO 8601 (UTC unless it says otherwise). FALSE if it is neither. */
static gboolean
parse_start (const char *text, gint64 *start_s)
{
  g_autofree char *plain = restore_plus (text);
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) time = NULL;

  if (parse_number (text, G_MAXINT64, start_s))
    return *start_s > 0;
  time = g_date_time_new_from_iso8601 (plain, utc);
  *start_s = time ? g_date_time_to_unix (time) : 0;
  return *start_s > 0;
}

int
forge_pages_archive_days (const ForgeChannel *channel)
{
  int days = 0;

  for (guint i = 0; i < channel->candidates->len; i++) {
    const ForgeStream *stream = forge_channel_candidate (channel, i)->stream;
    if (stream->available)
      days = MAX (days, stream->archive_days);
  }
  return MIN (days, MAX_ARCHIVE_DAYS);
}

gboolean
forge_pages_is_in_archive (const ForgeChannel *channel, gint64 start_s)
{
  gint64 now_s = g_get_real_time () / G_USEC_PER_SEC, days = forge_pages_archive_days (channel);

  return days > 0 && start_s <= now_s && start_s >= now_s - days * DAY_S - ARCHIVE_SLACK_S;
}

/* NULL and `*start_s` (0 = live), or the refusal. */
static ForgeReply *
read_start (const ForgeRequest *request,
            Naming naming,
            const ForgeChannel *channel,
            gint64 *start_s)
{
  const char *text = naming == BY_ID ? forge_request_query (request, "start") : NULL;

  *start_s = 0;
  if (!text)
    return NULL;
  if (!parse_start (text, start_s))
    return forge_reply_new_tuner_error (400, NO_VIDEO);
  if (!forge_pages_is_in_archive (channel, *start_s))
    return forge_reply_new_tuner_error (404, NO_VIDEO);
  return NULL;
}

static ForgeReply *
tune (ForgeTunerPages *pages, Naming naming, const ForgeRequest *request, int fd)
{
  g_autoptr (ForgeChannel) channel = NULL;
  Target target;
  ForgeReply *refusal = resolve (pages, naming, request, &target, &channel);
  ForgeTuneRequest order = {
    .fd = fd,
    .address = request->peer,
    .user_agent = request->user_agent,
    .request_id = request->request_id,
    .duration_s = read_duration (request),
  };

  if (!refusal)
    refusal = read_start (request, naming, channel, &order.start_s);
  if (refusal)
    return refusal;
  order.wanted_tuner = target.tuner;
  forge_tuner_tune (pages->tuner, channel, &order);
  forge_pages_note_tuners (pages);
  return NULL;
}

static ForgeReply *
describe (ForgeTunerPages *pages, Naming naming, const ForgeRequest *request)
{
  g_autoptr (ForgeChannel) channel = NULL;
  Target target;
  ForgeReply *reply = resolve (pages, naming, request, &target, &channel);
  gint64 start_s;

  if (!reply)
    reply = read_start (request, naming, channel, &start_s);
  if (reply)
    return reply;
  reply = forge_reply_new_endless (FORGE_TYPE_TS);
  forge_reply_add_header (reply, "Cache-Control", "no-cache");
  return reply;
}

static ForgeReply *
on_stream (const ForgeRequest *request, int fd, gpointer user_data)
{
  return tune (user_data, BY_ID, request, fd);
}

static ForgeReply *
on_stream_head (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  return describe (user_data, BY_ID, request);
}

static ForgeReply *
on_auto (const ForgeRequest *request, int fd, gpointer user_data)
{
  return tune (user_data, BY_NUMBER, request, fd);
}

static ForgeReply *
on_auto_head (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  return describe (user_data, BY_NUMBER, request);
}

static ForgeReply *
on_tuner (const ForgeRequest *request, int fd, gpointer user_data)
{
  return tune (user_data, BY_TUNER, request, fd);
}

static ForgeReply *
on_tuner_head (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  return describe (user_data, BY_TUNER, request);
}

void
forge_pages_add_streams (ForgeTunerPages *pages, ForgeRouter *router)
{
  forge_router_add_takeover (router, "/stream/*", on_stream, on_stream_head, pages);
  forge_router_add_takeover (router, "/auto/*", on_auto, on_auto_head, pages);
  forge_router_add_takeover (router, "/tuner*", on_tuner, on_tuner_head, pages);
}

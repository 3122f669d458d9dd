/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "forge-fake-api.h"
#include "forge-fake-trouble.h"

#include <stdio.h>
#include <string.h>

/* Catch-up: what ran from the start that is asked for, as one file of so many minutes. Only the
 * shape that the account was told to understand is answered ("account timeshift N", else 1); the
 * others end like a PHP error, the query form with live, as on some panels. */

#define DEFAULT_SHAPE 1
#define QUERY_SHAPE   4
#define MAX_MINUTES   1440u

typedef struct {
  int year, month, day, hour, minute, second;
} Stamp;

/* 1 = "2026-01-31:20-15", 2 = "2026-01-31_20-15", 3 = "2026-01-31:20:15:00", 0 = none of them. */
static guint
parse_stamp (const char *text, Stamp *stamp)
{
  int shape_1 = 0, shape_2 = 0, shape_3 = 0;
  int *year = &stamp->year, *month = &stamp->month, *day = &stamp->day;
  int *hour = &stamp->hour, *minute = &stamp->minute, *second = &stamp->second;

  *stamp = (Stamp){ 0 };
  sscanf (text, "%4d-%2d-%2d_%2d-%2d%n", year, month, day, hour, minute, &shape_2);
  if (shape_2 > 0 && text[shape_2] == '\0')
    return 2;
  sscanf (text, "%4d-%2d-%2d:%2d-%2d%n", year, month, day, hour, minute, &shape_1);
  if (shape_1 > 0 && text[shape_1] == '\0')
    return 1;
  sscanf (text, "%4d-%2d-%2d:%2d:%2d:%2d%n", year, month, day, hour, minute, second, &shape_3);
  return shape_3 > 0 && text[shape_3] == '\0' ? 3 : 0;
}

/* The panel's clock is UTC. 0 if there is no such time. */
static gint64
stamp_to_unix (const Stamp *stamp)
{
  g_autoptr (GDateTime) time = g_date_time_new_utc (stamp->year,
                                                    stamp->month,
                                                    stamp->day,
                                                    stamp->hour,
                                                    stamp->minute,
                                                    stamp->second);

  return time ? g_date_time_to_unix (time) : 0;
}

static guint
understood_shape (ForgeFakeProvider *provider)
{
  ForgeFakeFaults state;

  pthread_mutex_lock (&provider->lock);
  forge_fake_script_take (provider->script,
                          FORGE_FAKE_TARGET_ACCOUNT,
                          0,
                          FORGE_FAKE_ALL_VERBS,
                          &state);
  pthread_mutex_unlock (&provider->lock);
  return forge_fake_has (&state, FORGE_FAKE_TIMESHIFT) ? (guint)state.values[FORGE_FAKE_TIMESHIFT]
                                                       : DEFAULT_SHAPE;
}

static ForgeFakeAdmission
admit (ForgeFakeConnection *connection, guint stream_id)
{
  ForgeFakeProvider *provider = connection->provider;
  ForgeFakeAllowance allowance;
  ForgeFakeViewer *viewer = NULL;

  pthread_mutex_lock (&provider->lock);
  forge_fake_slots_note_open (provider->slots, stream_id);
  forge_fake_allowance_locked (provider, &allowance);
  ForgeFakeAdmission admission =
      forge_fake_slots_admit (provider->slots, &allowance, stream_id, connection->fd, &viewer);
  pthread_mutex_unlock (&provider->lock);
  return admission;
}

static gboolean
send_archive (ForgeFakeConnection *connection,
              const ForgeFakeFaults *faults,
              guint stream_id,
              gint64 start_s,
              guint minutes)
{
  ForgeFakeProvider *provider = connection->provider;
  ForgeFakeFeed feed = forge_fake_feed (&provider->clips[stream_id % 10], TRUE);
  guint8 buffer[128 * FORGE_TS_PACKET_BYTES];
  guint64 offset = forge_fake_feed_position (&feed, start_s % 86400 * G_USEC_PER_SEC);
  guint64 size = forge_fake_feed_position (&feed, minutes * 60 * (gint64)G_USEC_PER_SEC);
  ForgeFakeGate gate;

  connection->must_close = TRUE;
  forge_fake_gate_init (&gate, connection, faults);
  if (!forge_fake_reply_head (connection, 200, "video/mp2t", (gint64)size, NULL))
    return FALSE;
  for (gsize part; size > 0; size -= part, offset += part) {
    part = MIN (size, sizeof buffer);
    forge_fake_feed_read (&feed, offset, buffer, part);
    if (!forge_fake_gate_send (&gate, buffer, part))
      return FALSE;
  }
  return FALSE;
}

static gboolean
reply (ForgeFakeConnection *connection,
       const ForgeFakeRequest *request,
       guint stream_id,
       const Stamp *stamp,
       guint minutes)
{
  ForgeFakeProvider *provider = connection->provider;
  gint64 start_s = stamp_to_unix (stamp);
  ForgeFakeFaults faults;

  if (start_s == 0 || minutes == 0 || minutes > MAX_MINUTES ||
      !forge_fake_catalogue_has (provider->catalogue, stream_id))
    return forge_fake_reply (connection, request, 404, "text/html", NULL, "");
  forge_fake_stream_faults (connection, stream_id, FORGE_FAKE_ALL_VERBS, &faults);
  if (!forge_fake_trouble (connection, request, &faults) ||
      !forge_fake_trouble_mute (connection, &faults, "video/mp2t"))
    return !connection->must_close;
  if (admit (connection, stream_id) != FORGE_FAKE_ADMITTED)
    return forge_fake_reply (connection, request, 403, "text/html", NULL, "");
  return send_archive (connection, &faults, stream_id, start_s, minutes);
}

static guint
parse_number (const char *text)
{
  guint64 value = g_ascii_strtoull (text, NULL, 10);

  return value <= G_MAXINT32 ? (guint)value : 0;
}

gboolean
forge_fake_timeshift_reply (ForgeFakeConnection *connection, const ForgeFakeRequest *request)
{
  char **parts = request->parts;
  guint shape = understood_shape (connection->provider);
  Stamp stamp;

  if (parse_stamp (parts[4], &stamp) != shape)
    return forge_fake_reply (connection, request, 500, "text/html", NULL, "PHP Fatal error");
  return reply (connection, request, parse_number (parts[5]), &stamp, parse_number (parts[3]));
}

gboolean
forge_fake_timeshift_query_reply (ForgeFakeConnection *connection, const ForgeFakeRequest *request)
{
  guint stream_id = parse_number (forge_fake_request_query (request, "stream"));
  Stamp stamp;

  if (understood_shape (connection->provider) != QUERY_SHAPE)
    return forge_fake_live_reply (connection, request, stream_id);
  if (parse_stamp (forge_fake_request_query (request, "start"), &stamp) == 0)
    return forge_fake_reply (connection, request, 500, "text/html", NULL, "PHP Fatal error");
  return reply (connection,
                request,
                stream_id,
                &stamp,
                parse_number (forge_fake_request_query (request, "duration")));
}

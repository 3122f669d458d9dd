/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/doctor/forge-doctor-private.h"
#include "store/forge-store-misc.h"

#include <string.h>

/* Does it play: one channel for a moment, as the client asks for it. */

#define PACKET_BYTES 188
#define SYNC_BYTE    0x47
#define WANTED_BYTES (PACKET_BYTES * 400)
#define MAX_WAIT_S   20

static ForgeChannel *
first_with_source (ForgeLineup *lineup)
{
  for (guint i = 0; i < forge_lineup_size (lineup); i++) {
    ForgeChannel *channel = forge_lineup_channel (lineup, i);
    for (guint k = 0; k < channel->candidates->len; k++)
      if (forge_channel_candidate (channel, k)->stream->available)
        return channel;
  }
  return NULL;
}

static gboolean
is_transport_stream (const GByteArray *body)
{
  if (body->len < PACKET_BYTES * 5)
    return FALSE;
  for (guint at = 0; at + PACKET_BYTES <= body->len; at += PACKET_BYTES)
    if (body->data[at] != SYNC_BYTE)
      return FALSE;
  return TRUE;
}

/* What the provider said to the sources that were tried since `since_s`, by the log: the last one's
 * words; NULL = none was tried. (transfer full) */
static char *
find_reason (ForgeDoctor *doctor, gint64 since_s)
{
  g_autoptr (GPtrArray) events = NULL;
  char *reason = NULL;

  forge_event_log_flush (doctor->ops->engine->events);
  events =
      forge_store_list_events (doctor->ops->store, FORGE_LOG_WARNING, -1, since_s, 0, 20, NULL);
  for (guint i = 0; events && i < events->len; i++) {
    const ForgeEvent *event = g_ptr_array_index (events, i);
    if (event->category != FORGE_EVENT_STREAM || !event->details)
      continue;
    g_free (reason);
    reason = g_strdup (event->details);
  }
  return reason;
}

#define FIX_LIMIT                                                                                 \
  "The provider counts another connection of this account: end what plays elsewhere with it, or " \
  "wait a minute; if it allows fewer, account set ID max_connections=N."
#define FIX_GONE                                                                                 \
  "The provider does not have this channel any more: account refresh, or choose another stream " \
  "for it."
#define FIX_NETWORK "Is the internet there, and the address right? Try account test."
#define FIX_REFUSED                                                                          \
  "The provider refused or sent nothing: account test, another channel, another user agent " \
  "(account set ID user_agent=…)."

/* What helps, by what the provider said last; the first that fits. */
static const char *
fix_of (const ForgeDoctor *doctor, const char *reason)
{
  static const struct {
    const char *words, *fix;
  } table[] = {
    { "HTTP 429", FIX_LIMIT },        { "HTTP 458", FIX_LIMIT },  { "HTTP 509", FIX_LIMIT },
    { "HTTP 404", FIX_GONE },         { "HTTP 406", FIX_GONE },   { "HTTP 410", FIX_GONE },
    { "no connection", FIX_NETWORK }, { "resolve", FIX_NETWORK }, { "unreachable", FIX_NETWORK },
  };

  for (gsize i = 0; reason && i < G_N_ELEMENTS (table); i++)
    if (strstr (reason, table[i].words))
      return table[i].fix;
  return doctor->is_used_elsewhere ? FIX_LIMIT : FIX_REFUSED;
}

static void
explain_refusal (ForgeDoctor *doctor,
                 const char *address,
                 const ForgeChannel *channel,
                 const ForgeProbeReply *reply,
                 gint64 since_s)
{
  g_autofree char *error = forge_probe_header (reply, "X-HDHomeRun-Error");
  g_autofree char *reason = find_reason (doctor, since_s);
  /* A panel that refuses looks like one whose connections are all in use. */
  gboolean is_full = error && strncmp (error, "805", 3) == 0 && !reason;

  forge_doctor_add (doctor,
                    "stream",
                    is_full ? FORGE_CHECK_WARNING : FORGE_CHECK_ERROR,
                    address,
                    g_strdup_printf ("“%s” does not play: %u %s%s%s",
                                     channel->name,
                                     reply->status,
                                     error ? error : "",
                                     reason ? "; " : "",
                                     reason ? reason : ""),
                    is_full ? "Every connection of your accounts is in use; end a stream (session "
                              "stop) or add an account."
                            : fix_of (doctor, reason));
}

static void
judge_stream (ForgeDoctor *doctor,
              const char *address,
              const ForgeChannel *channel,
              const ForgeProbeReply *reply,
              gint64 since_s)
{
  if (reply->status != 200) {
    explain_refusal (doctor, address, channel, reply, since_s);
    return;
  }
  gboolean is_good = is_transport_stream (reply->body);
  forge_doctor_add (doctor,
                    "stream",
                    is_good ? FORGE_CHECK_OK : FORGE_CHECK_ERROR,
                    address,
                    is_good ? g_strdup_printf ("“%s” plays; its first picture was here after %d ms",
                                               channel->name,
                                               (int)(reply->first_us / 1000))
                            : g_strdup_printf ("“%s” began to play and sent %u bytes only",
                                               channel->name,
                                               reply->body->len),
                    is_good
                        ? NULL
                        : "The provider's stream ended at once; try another channel, or account "
                          "test.");
}

static void
try_channel (ForgeDoctor *doctor, const ForgeChannel *channel)
{
  g_autofree char *path = g_strdup_printf ("/auto/v%d", channel->number);
  const ForgeProbeAsk ask = { .address = forge_doctor_main_address (doctor),
                              .port = doctor->http_port,
                              .method = "GET",
                              .path = path,
                              .user_agent = "Lavf/60.16.100",
                              .max_bytes = WANTED_BYTES,
                              .max_time_s = MAX_WAIT_S };
  gint64 since_s = forge_clock_wall_s (doctor->ops->engine->clock);
  g_auto (ForgeProbeReply) reply = { 0 };
  g_autoptr (GError) error = NULL;

  if (forge_probe_http (&ask, &reply, doctor->ops->cancellable, &error))
    judge_stream (doctor, ask.address, channel, &reply, since_s);
  else
    forge_doctor_add (doctor,
                      "stream",
                      FORGE_CHECK_ERROR,
                      ask.address,
                      g_strdup_printf ("“%s” does not play: %s", channel->name, error->message),
                      "See session list and log for what the provider does.");
}

void
forge_doctor_check_stream (ForgeDoctor *doctor)
{
  const ForgeDeviceView *first =
      forge_device_views_find (doctor->snapshot->devices, FORGE_DEVICE_MAIN);
  ForgeChannel *channel = first ? first_with_source (first->lineup) : NULL;

  if (!channel)
    forge_doctor_add (doctor,
                      "stream",
                      FORGE_CHECK_SKIPPED,
                      NULL,
                      g_strdup ("There is no channel to try"),
                      "Add an account, or switch channels on.");
  else if (doctor->tuners_used >= MAX (doctor->tuners_total, 1))
    forge_doctor_add (doctor,
                      "stream",
                      FORGE_CHECK_SKIPPED,
                      NULL,
                      g_strdup_printf ("All %u tuners are in use; nobody is disturbed for a test",
                                       doctor->tuners_total),
                      "Ask again when one is free.");
  else
    try_channel (doctor, channel);
}

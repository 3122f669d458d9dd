/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "forge-fake-api.h"
#include "forge-fake-trouble.h"

#include <string.h>

/* How far ahead of the clock a panel sends; also the burst at the start. */
#define AHEAD_US    (250 * G_TIME_SPAN_MILLISECOND)
#define TICK_US     (20 * G_TIME_SPAN_MILLISECOND)
#define BATCH_BYTES (7u * FORGE_TS_PACKET_BYTES)
#define BURST_BYTES (340u * FORGE_TS_PACKET_BYTES)
/* Where a misaligned stream begins within its first packet. */
#define MISALIGN_BYTES 100u
#define SLOWER_BY      10u
#define SPOILING_VERBS                                                                        \
  (FORGE_FAKE_BIT (FORGE_FAKE_NO_TABLES_AFTER) | FORGE_FAKE_BIT (FORGE_FAKE_NO_VIDEO_AFTER) | \
   FORGE_FAKE_BIT (FORGE_FAKE_SCRAMBLED_AFTER) | FORGE_FAKE_BIT (FORGE_FAKE_SLOW_AFTER))
/* What a live stream with a wrong length claims to have, before it goes on beyond. */
#define WRONG_LENGTH_BYTES (1000 * (gint64)FORGE_TS_PACKET_BYTES)

typedef struct {
  ForgeFakeGate gate;
  ForgeFakeFeed feed;
  guint64 offset, left; /* bytes; left G_MAXUINT64 = endless */
  gint64 ahead_us;      /* sent at once, then so far ahead of the clock */
  guint64 sent;
  const ForgeFakeFaults *faults;
  guint video_pid; /* 0 = not seen yet */
  gboolean is_null_only, is_noise;
} Play;

/* Said of it, and it has sent so much. */
static gboolean
is_spoilt (const Play *play, ForgeFakeVerb verb)
{
  return forge_fake_has (play->faults, verb) && play->sent >= (guint64)play->faults->values[verb];
}

static gboolean
is_table (const guint8 *packet)
{
  static const guint8 pmt_start[2] = { 0, 2 }; /* pointer field, table id */
  gsize at = forge_ts_payload_offset (packet);

  return forge_ts_pid (packet) == 0 ||
         (forge_ts_starts_unit (packet) && at + 2 < FORGE_TS_PACKET_BYTES &&
          memcmp (packet + at, pmt_start, 2) == 0);
}

static void
follow_video (Play *play, const guint8 *packet)
{
  static const guint8 pes_start[4] = { 0, 0, 1, 0xE0 };
  gsize at = forge_ts_payload_offset (packet);

  if (forge_ts_starts_unit (packet) && at + 4 < FORGE_TS_PACKET_BYTES &&
      memcmp (packet + at, pes_start, 4) == 0)
    play->video_pid = forge_ts_pid (packet);
}

/* What still comes, but is of no use. Whole packets. */
static void
spoil (Play *play, guint8 *packets, gsize size)
{
  if (!(play->faults->verbs & SPOILING_VERBS))
    return;
  for (guint8 *packet = packets; packet + FORGE_TS_PACKET_BYTES <= packets + size;
       packet += FORGE_TS_PACKET_BYTES) {
    guint pid = forge_ts_pid (packet);
    gboolean is_tables = is_table (packet);
    follow_video (play, packet);
    if ((is_tables && is_spoilt (play, FORGE_FAKE_NO_TABLES_AFTER)) ||
        (pid == play->video_pid && pid != 0 && is_spoilt (play, FORGE_FAKE_NO_VIDEO_AFTER)))
      memcpy (packet, "\x47\x1F\xFF\x10", 4);
    else if (!is_tables && pid != FORGE_TS_NULL_PID && is_spoilt (play, FORGE_FAKE_SCRAMBLED_AFTER))
      packet[3] |= 0x80;
    play->sent += FORGE_TS_PACKET_BYTES;
  }
}

static void
fill (const Play *play, guint8 *buffer, gsize size)
{
  static const guint8 head[4] = { FORGE_TS_SYNC, 0x1F, 0xFF, 0x10 };

  if (play->is_noise) {
    memset (buffer, 0x55, size); /* no sync byte anywhere */
    return;
  }
  if (!play->is_null_only) {
    forge_fake_feed_read (&play->feed, play->offset, buffer, size);
    return;
  }
  for (gsize i = 0; i < size; i++) {
    gsize at = (play->offset + i) % FORGE_TS_PACKET_BYTES;
    buffer[i] = at < sizeof head ? head[at] : 0xFF;
  }
}

static gboolean
play_bytes (Play *play, guint64 size)
{
  guint8 buffer[64 * FORGE_TS_PACKET_BYTES];

  while (size > 0) {
    gsize part = MIN (size, sizeof buffer);

    fill (play, buffer, part);
    spoil (play, buffer, part);
    if (!forge_fake_gate_send (&play->gate, buffer, part))
      return FALSE;
    play->offset += part;
    play->left -= part;
    size -= part;
  }
  return TRUE;
}

/* Sends at the clip's own rate until the client goes, the clip ends or the gate falls. */
static void
play_paced (Play *play)
{
  ForgeFakeConnection *connection = play->gate.connection;
  guint64 bytes_per_s = forge_fake_feed_bytes_per_s (&play->feed);
  gint64 begun_us = g_get_monotonic_time ();
  gboolean is_slow = FALSE;
  guint64 sent = 0;

  while (play->left > 0) {
    gint64 now_us = g_get_monotonic_time ();
    if (!is_slow && is_spoilt (play, FORGE_FAKE_SLOW_AFTER)) {
      is_slow = TRUE;
      bytes_per_s /= SLOWER_BY;
      begun_us = now_us;
      sent = 0;
    }
    guint64 target = (guint64)(now_us - begun_us + play->ahead_us) * bytes_per_s / G_USEC_PER_SEC;
    guint64 due = target > sent ? MIN (target - sent, BURST_BYTES) : 0;

    due = MIN (due - due % FORGE_TS_PACKET_BYTES, play->left);
    if (due < MIN (BATCH_BYTES, play->left)) {
      if (!forge_fake_wait (connection, now_us + TICK_US))
        return;
      continue;
    }
    /* A client that is served without a break is looked at as well. */
    if (!forge_fake_wait (connection, 0) || !play_bytes (play, due))
      return;
    sent += due;
  }
}

static void
play_init (Play *play,
           ForgeFakeConnection *connection,
           guint tier,
           gboolean is_slate,
           const ForgeFakeFaults *faults)
{
  ForgeFakeProvider *provider = connection->provider;

  *play = (Play){ .faults = faults };
  play->feed = forge_fake_feed (&provider->clips[is_slate ? 0 : tier], !provider->options.is_demo);
  play->is_null_only = forge_fake_has (faults, FORGE_FAKE_NULL_ONLY);
  play->ahead_us = AHEAD_US;
  play->is_noise = forge_fake_has (faults, FORGE_FAKE_NOISE);
  gint64 from_us = g_get_monotonic_time () - provider->started_us;
  if (forge_fake_has (faults, FORGE_FAKE_BURST)) {
    play->ahead_us = faults->values[FORGE_FAKE_BURST] * G_TIME_SPAN_MILLISECOND;
    from_us = MAX (from_us - play->ahead_us, 0);
  }
  play->offset = is_slate ? 0 : forge_fake_feed_position (&play->feed, from_us);
  play->left = is_slate ? forge_fake_feed_loop_bytes (&play->feed) : G_MAXUINT64;
  if (forge_fake_has (faults, FORGE_FAKE_MISALIGN))
    play->offset += MISALIGN_BYTES;
  forge_fake_gate_init (&play->gate, connection, faults);
}

static void
play_stream (ForgeFakeConnection *connection,
             const ForgeFakeRequest *request,
             guint tier,
             gboolean is_slate,
             const ForgeFakeFaults *faults)
{
  gint64 length = forge_fake_has (faults, FORGE_FAKE_WRONG_LENGTH) ? WRONG_LENGTH_BYTES : -1;
  Play play;

  if (!forge_fake_trouble_mute (connection, faults, "video/mp2t"))
    return;
  play_init (&play, connection, tier, is_slate, faults);
  if (forge_fake_reply_head (connection, 200, "video/mp2t", length, NULL) && !request->is_head)
    play_paced (&play);
}

/* Books a slot; a HEAD request takes none. */
static ForgeFakeAdmission
admit (ForgeFakeConnection *connection, const ForgeFakeRequest *request, guint stream_id)
{
  ForgeFakeProvider *provider = connection->provider;
  ForgeFakeAdmission admission = FORGE_FAKE_ADMITTED;
  ForgeFakeAllowance allowance;
  ForgeFakeViewer *viewer = NULL;

  pthread_mutex_lock (&provider->lock);
  forge_fake_allowance_locked (provider, &allowance);
  if (!request->is_head)
    admission =
        forge_fake_slots_admit (provider->slots, &allowance, stream_id, connection->fd, &viewer);
  pthread_mutex_unlock (&provider->lock);
  return admission;
}

static void
note_open (ForgeFakeProvider *provider, guint stream_id)
{
  pthread_mutex_lock (&provider->lock);
  forge_fake_slots_note_open (provider->slots, stream_id);
  pthread_mutex_unlock (&provider->lock);
}

gboolean
forge_fake_live_reply (ForgeFakeConnection *connection,
                       const ForgeFakeRequest *request,
                       guint stream_id)
{
  ForgeFakeFaults faults;

  if (!request->is_head)
    note_open (connection->provider, stream_id);
  forge_fake_stream_faults (connection,
                            stream_id,
                            FORGE_FAKE_ALL_VERBS & ~FORGE_FAKE_ROUTE_VERBS,
                            &faults);
  if (!forge_fake_trouble (connection, request, &faults))
    return !connection->must_close;

  ForgeFakeAdmission admission = admit (connection, request, stream_id);
  if (admission == FORGE_FAKE_REFUSED)
    return forge_fake_reply (connection, request, 403, "text/html", NULL, "");
  connection->must_close = TRUE;
  connection->stream_id = stream_id;
  forge_fake_tell_live (connection, TRUE);
  play_stream (connection,
               request,
               stream_id % 10,
               admission == FORGE_FAKE_GETS_SLATE || forge_fake_has (&faults, FORGE_FAKE_SLATE),
               &faults);
  return FALSE;
}

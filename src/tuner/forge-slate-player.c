/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-tuner"

#include "config.h"

#include "tuner/forge-slate-player.h"

#include "mpegts/forge-ts-restamp.h"
#include "tuner/forge-slates.h"

#include <gio/gio.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A loop of every slate (scripts/make-slates): one GOP, so that n loops shift the clock by n GOPs.
 */
#define LOOP_US    G_GINT64_CONSTANT (960000)
#define LOOP_TICKS 86400u

#define TICK_MS 40
/* Sent ahead of the clock: the whole picture is there at once, and a player has some reserve. */
#define AHEAD_US (500 * G_TIME_SPAN_MILLISECOND)
/* A reader that was held up does not get more than this at once. */
#define MAX_BEHIND_US  (2 * G_USEC_PER_SEC)
#define BUFFER_PACKETS 64u

typedef struct {
  const guint8 *data;
  guint packets;
  /* Payload packets per loop and PID, modulo 16: what a loop adds to continuity counters. */
  guint8 counter_steps[FORGE_TS_NULL_PID + 1];
} Clip;

typedef struct {
  const Clip *clip;
  int fd;
  gint64 begun_us;
  guint64 offset; /* bytes sent */
} Play;

struct _ForgeSlatePlayer {
  GMainContext *context;
  GSource *tick; /* NULL while nothing plays */
  GArray *plays; /* of Play */
  Clip clips[FORGE_N_SLATES];
};

static void
load_clip (Clip *clip, const char *name)
{
  g_autofree char *path = g_strdup_printf ("/streamforge/slates/%s.ts", name);
  g_autoptr (GBytes) bytes = g_resource_lookup_data (forge_slates_get_resource (),
                                                     path,
                                                     G_RESOURCE_LOOKUP_FLAGS_NONE,
                                                     NULL);
  gsize size = 0;

  /* Uncompressed resources are part of the program: the bytes outlive the GBytes. */
  clip->data = bytes ? g_bytes_get_data (bytes, &size) : NULL;
  clip->packets = (guint)(size / FORGE_TS_PACKET_BYTES);
  for (guint i = 0; i < clip->packets; i++) {
    const guint8 *packet = clip->data + (gsize)i * FORGE_TS_PACKET_BYTES;
    guint8 *step = &clip->counter_steps[forge_ts_pid (packet)];
    *step = (*step + (forge_ts_has_payload (packet) ? 1u : 0u)) & 0x0Fu;
  }
}

static void
play_clear (gpointer data)
{
  close (((Play *)data)->fd);
}

ForgeSlatePlayer *
forge_slate_player_new (GMainContext *context)
{
  static const char *const names[FORGE_N_SLATES] = { "reconnecting", "busy", "expired" };
  ForgeSlatePlayer *player = g_new0 (ForgeSlatePlayer, 1);

  player->context = g_main_context_ref (context);
  player->plays = g_array_new (FALSE, FALSE, sizeof (Play));
  g_array_set_clear_func (player->plays, play_clear);
  for (guint i = 0; i < FORGE_N_SLATES; i++)
    load_clip (&player->clips[i], names[i]);
  return player;
}

static void
stop_tick (ForgeSlatePlayer *player)
{
  if (!player->tick)
    return;
  g_source_destroy (player->tick);
  g_clear_pointer (&player->tick, g_source_unref);
}

void
forge_slate_player_free (ForgeSlatePlayer *player)
{
  stop_tick (player);
  g_array_unref (player->plays);
  g_main_context_unref (player->context);
  g_free (player);
}

static void
render_packet (const Clip *clip, guint64 index, guint8 *packet)
{
  guint64 loop = index / clip->packets;

  memcpy (packet,
          clip->data + index % clip->packets * FORGE_TS_PACKET_BYTES,
          FORGE_TS_PACKET_BYTES);
  unsigned pid = forge_ts_pid (packet);
  if (pid == FORGE_TS_NULL_PID)
    return;
  forge_ts_shift_packet (packet, loop * LOOP_TICKS & FORGE_TS_CLOCK_MASK);
  unsigned counter = forge_ts_counter (packet) + (unsigned)(loop % 16) * clip->counter_steps[pid];
  forge_ts_set_counter (packet, counter);
}

/* FALSE once the reader closed its end. */
static gboolean
send_up_to (Play *play, guint64 target)
{
  guint8 buffer[BUFFER_PACKETS * FORGE_TS_PACKET_BYTES];

  while (play->offset < target) {
    guint64 first = play->offset / FORGE_TS_PACKET_BYTES;
    gsize skip = play->offset % FORGE_TS_PACKET_BYTES;
    guint n = (guint)MIN (target / FORGE_TS_PACKET_BYTES - first, BUFFER_PACKETS);

    for (guint i = 0; i < n; i++)
      render_packet (play->clip, first + i, buffer + (gsize)i * FORGE_TS_PACKET_BYTES);
    gssize sent = send (play->fd,
                        buffer + skip,
                        (gsize)n * FORGE_TS_PACKET_BYTES - skip,
                        MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0)
      return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    play->offset += (guint64)sent;
  }
  return TRUE;
}

static gboolean
is_reader_gone (int fd)
{
  char byte;

  return recv (fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
}

static gint64
packets_to_us (const Clip *clip, guint64 packets)
{
  return (gint64)(packets * (guint64)LOOP_US / clip->packets);
}

static gboolean
serve (Play *play, gint64 now_us)
{
  const Clip *clip = play->clip;
  gint64 ahead_us = now_us - play->begun_us + AHEAD_US;
  gint64 sent_us = packets_to_us (clip, play->offset / FORGE_TS_PACKET_BYTES);

  if (is_reader_gone (play->fd))
    return FALSE;
  if (ahead_us - sent_us > MAX_BEHIND_US) {
    play->begun_us += ahead_us - sent_us - AHEAD_US;
    ahead_us = sent_us + AHEAD_US;
  }
  guint64 packets = (guint64)ahead_us * clip->packets / (guint64)LOOP_US;
  return send_up_to (play, packets * FORGE_TS_PACKET_BYTES);
}

static gboolean
on_tick (gpointer user_data)
{
  ForgeSlatePlayer *player = user_data;
  gint64 now_us = g_get_monotonic_time ();

  for (guint i = player->plays->len; i-- > 0;)
    if (!serve (&g_array_index (player->plays, Play, i), now_us))
      g_array_remove_index_fast (player->plays, i);
  if (player->plays->len == 0)
    stop_tick (player);
  return G_SOURCE_CONTINUE;
}

static void
start_tick (ForgeSlatePlayer *player)
{
  if (player->tick)
    return;
  player->tick = g_timeout_source_new (TICK_MS);
  g_source_set_callback (player->tick, on_tick, player, NULL);
  g_source_attach (player->tick, player->context);
}

gboolean
forge_slate_player_play (ForgeSlatePlayer *player, ForgeSlate slate, ForgeByteSource *bytes)
{
  const Clip *clip = &player->clips[slate];
  int ends[2];

  g_return_val_if_fail (clip->packets > 0, FALSE);
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0) {
    g_message ("no slate: %s", g_strerror (errno));
    return FALSE;
  }
  Play play = { .clip = clip, .fd = ends[0], .begun_us = g_get_monotonic_time () };
  g_array_append_val (player->plays, play);
  serve (&g_array_index (player->plays, Play, player->plays->len - 1), play.begun_us);
  start_tick (player);
  *bytes = (ForgeByteSource){ .fd = ends[1] };
  return TRUE;
}

guint
forge_slate_player_count (const ForgeSlatePlayer *player)
{
  return player->plays->len;
}

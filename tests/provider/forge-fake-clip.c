/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "forge-fake-clip.h"

#include "base/forge-error.h"
#include "forge-demo-clips.h"
#include "mpegts/forge-ts-restamp.h"

#include <string.h>

static const struct {
  const char *label, *file;
  guint width, height, gops;
  guint64 first_s;     /* as in scripts/make-demo-clips */
  guint64 stuffed_bps; /* a household's rates, at which the relay's limits make sense */
} tiers[FORGE_FAKE_TIERS] = {
  { "slate", "slate", 320, 180, 3, 0, 800000 }, { "SD", "sd", 320, 180, 5, 7, 1000000 },
  { "HD", "hd", 384, 216, 5, 1200, 1200000 },   { "FHD", "fhd", 480, 270, 5, 60000, 1400000 },
  { "4K", "uhd", 640, 360, 5, 40000, 1600000 },
};

static void
count_payloads (ForgeFakeClip *clip)
{
  for (guint i = 0; i < clip->packets; i++) {
    const guint8 *packet = clip->data + (gsize)i * FORGE_TS_PACKET_BYTES;
    guint8 *step = &clip->counter_steps[forge_ts_pid (packet)];

    *step = (*step + (forge_ts_has_payload (packet) ? 1u : 0u)) & 0x0Fu;
  }
}

/* Spec: RFC 6381 §3.3: profile, constraint flags and level, as they stand in the SPS. */
static void
read_codec (ForgeFakeClip *clip)
{
  static const guint8 sps_start[] = { 0, 0, 1, 0x67 };
  gsize searched_bytes = MIN (clip->packets, 16u) * (gsize)FORGE_TS_PACKET_BYTES - 8;
  const guint8 *sps = memmem (clip->data, searched_bytes, sps_start, sizeof sps_start);

  if (sps)
    g_snprintf (clip->codec, sizeof clip->codec, "avc1.%02x%02x%02x", sps[4], sps[5], sps[6]);
}

gboolean
forge_fake_clip_load (ForgeFakeClip *clip, guint tier, GError **error)
{
  g_autofree char *path = g_strdup_printf ("/streamforge/demo/%s.ts", tiers[tier].file);
  g_autoptr (GBytes) bytes =
      g_resource_lookup_data (forge_demo_get_resource (), path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  gsize size = bytes ? g_bytes_get_size (bytes) : 0;

  if (size == 0 || size % (tiers[tier].gops * FORGE_TS_PACKET_BYTES) != 0) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INTERNAL,
                 "the clip %s.ts has %" G_GSIZE_FORMAT " bytes, which is not %u GOPs of one length",
                 tiers[tier].file,
                 size,
                 tiers[tier].gops);
    return FALSE;
  }
  memset (clip, 0, sizeof *clip);
  clip->label = tiers[tier].label;
  clip->width = tiers[tier].width;
  clip->height = tiers[tier].height;
  clip->gops = tiers[tier].gops;
  clip->first_ticks = tiers[tier].first_s * FORGE_TS_CLOCK_HZ;
  /* Uncompressed resources are part of the program: the bytes outlive the GBytes. */
  clip->data = g_bytes_get_data (bytes, NULL);
  clip->packets = (guint)(size / FORGE_TS_PACKET_BYTES);
  clip->stuffed_packets = clip->gops *
                          (guint)(tiers[tier].stuffed_bps * FORGE_FAKE_GOP_US /
                                  (8 * FORGE_TS_PACKET_BYTES * (guint64)G_USEC_PER_SEC));
  count_payloads (clip);
  read_codec (clip);
  return TRUE;
}

ForgeFakeFeed
forge_fake_feed (const ForgeFakeClip *clip, gboolean is_stuffed)
{
  return (ForgeFakeFeed){ clip, is_stuffed ? clip->stuffed_packets : clip->packets, 0 };
}

ForgeFakeFeed
forge_fake_feed_common_time (const ForgeFakeClip *clip)
{
  return (ForgeFakeFeed){ clip, clip->packets, FORGE_TS_CLOCK_MASK + 1 - clip->first_ticks };
}

guint64
forge_fake_feed_loop_bytes (const ForgeFakeFeed *feed)
{
  return (guint64)feed->packets * FORGE_TS_PACKET_BYTES;
}

guint64
forge_fake_feed_bytes_per_s (const ForgeFakeFeed *feed)
{
  return forge_fake_feed_loop_bytes (feed) * G_USEC_PER_SEC /
         (feed->clip->gops * (guint64)FORGE_FAKE_GOP_US);
}

guint64
forge_fake_feed_position (const ForgeFakeFeed *feed, gint64 elapsed_us)
{
  guint64 packets_per_gop = feed->packets / feed->clip->gops;

  return (guint64)elapsed_us * packets_per_gop / (guint64)FORGE_FAKE_GOP_US * FORGE_TS_PACKET_BYTES;
}

static void
null_packet (guint8 *packet)
{
  static const guint8 head[4] = { FORGE_TS_SYNC, 0x1F, 0xFF, 0x10 };

  memset (packet, 0xFF, FORGE_TS_PACKET_BYTES);
  memcpy (packet, head, sizeof head);
}

/* Packet `index` of the endless stream. The clip's packets are spread evenly among the loop's; the
 * first of a GOP stays in place, so that PCR stays true and GOPs stay equally long. */
static void
render_packet (const ForgeFakeFeed *feed, guint64 index, guint8 *packet)
{
  const ForgeFakeClip *clip = feed->clip;
  guint64 loop = index / feed->packets;
  guint64 scaled = index % feed->packets * clip->packets;

  if (scaled % feed->packets >= clip->packets) {
    null_packet (packet);
    return;
  }
  memcpy (packet,
          clip->data + scaled / feed->packets * FORGE_TS_PACKET_BYTES,
          FORGE_TS_PACKET_BYTES);
  if (forge_ts_pid (packet) == FORGE_TS_NULL_PID)
    return;
  guint64 shift_ticks = feed->shift_ticks + loop * clip->gops * FORGE_FAKE_GOP_TICKS;
  forge_ts_shift_packet (packet, shift_ticks & FORGE_TS_CLOCK_MASK);
  forge_ts_set_counter (
      packet,
      (guint)(forge_ts_counter (packet) + loop % 16 * clip->counter_steps[forge_ts_pid (packet)]));
}

void
forge_fake_feed_read (const ForgeFakeFeed *feed, guint64 offset, guint8 *buffer, gsize size)
{
  guint8 packet[FORGE_TS_PACKET_BYTES];

  while (size > 0) {
    gsize skip = offset % FORGE_TS_PACKET_BYTES;
    gsize part = MIN (size, FORGE_TS_PACKET_BYTES - skip);

    render_packet (feed, offset / FORGE_TS_PACKET_BYTES, packet);
    memcpy (buffer, packet + skip, part);
    offset += part;
    buffer += part;
    size -= part;
  }
}

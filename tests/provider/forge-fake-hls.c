/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "forge-fake-api.h"
#include "forge-fake-trouble.h"

#include <gnutls/crypto.h>
#include <stdio.h>
#include <string.h>

/* Spec: RFC 8216. A segment is two GOPs, the window six segments; the two before it can still be
 * fetched (§6.2.2 asks for more, but nobody who waits that long is helped by them). */
#define SEGMENT_GOPS    2
#define SEGMENT_US      (SEGMENT_GOPS * FORGE_FAKE_GOP_US)
#define WINDOW_SEGMENTS 6
#define KEPT_SEGMENTS   (WINDOW_SEGMENTS + 2)
#define PLAYLIST_TYPE   "application/vnd.apple.mpegurl"
#define NOT_CACHED      "Cache-Control: no-cache\r\n"

#define KEY_NAME "key"
#define MAP_NAME "init.mp4"
/* As much of it as tells what it is. */
#define MAP "\0\0\0\020ftypiso6\0\0\0\0"
#define KEY "streamforge demo"
/* How far the clock jumps at a discontinuity, and how often there is one. */
#define JUMP_SEGMENTS 3
#define JUMP_TICKS    (1000 * (guint64)FORGE_TS_CLOCK_HZ)
/* A minute after the live streams began, which is when the provider does. */
#define STALE_EDGE ((guint64)(60 * G_USEC_PER_SEC / SEGMENT_US))

/* The first segment that is not complete yet. */
static guint64
live_edge (const ForgeFakeProvider *provider)
{
  return (guint64)((g_get_monotonic_time () - provider->started_us) / SEGMENT_US);
}

static void
append_variant (GString *out, const ForgeFakeClip *clip, const char *token, guint stream_id)
{
  ForgeFakeFeed feed = forge_fake_feed (clip, FALSE);

  g_string_append_printf (out,
                          "#EXT-X-STREAM-INF:BANDWIDTH=%" G_GUINT64_FORMAT
                          ",RESOLUTION=%ux%u,FRAME-RATE=25.000,CODECS=\"%s,mp4a.40.2\"\n"
                          "/hls/%s/%u.m3u8\n",
                          forge_fake_feed_bytes_per_s (&feed) * 8,
                          clip->width,
                          clip->height,
                          clip->codec,
                          token,
                          stream_id);
}

/* The stream that was asked for and the channel's lower tiers. */
static char *
master_playlist (const ForgeFakeProvider *provider, const char *token, guint stream_id)
{
  g_autoptr (GString) out = g_string_new ("#EXTM3U\n#EXT-X-VERSION:3\n");

  for (guint tier = stream_id % 10; tier > 0; tier--) {
    guint variant = stream_id - stream_id % 10 + tier;
    if (forge_fake_catalogue_has (provider->catalogue, variant))
      append_variant (out, &provider->clips[tier], token, variant);
  }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static ForgeFakeAdmission
admit_hls (ForgeFakeProvider *provider, guint stream_id, char token[FORGE_FAKE_TOKEN_CHARS + 1])
{
  ForgeFakeAllowance allowance;
  ForgeFakeViewer *viewer = NULL;

  pthread_mutex_lock (&provider->lock);
  forge_fake_slots_note_open (provider->slots, stream_id);
  forge_fake_allowance_locked (provider, &allowance);
  ForgeFakeAdmission admission =
      forge_fake_slots_admit (provider->slots, &allowance, stream_id, -1, &viewer);
  if (viewer)
    memcpy (token, viewer->token, FORGE_FAKE_TOKEN_CHARS + 1);
  pthread_mutex_unlock (&provider->lock);
  return admission;
}

gboolean
forge_fake_hls_master_reply (ForgeFakeConnection *connection,
                             const ForgeFakeRequest *request,
                             guint stream_id)
{
  const guint64 verbs = FORGE_FAKE_BIT (FORGE_FAKE_DELAY) | FORGE_FAKE_BIT (FORGE_FAKE_SILENT) |
                        FORGE_FAKE_BIT (FORGE_FAKE_HEADERS_ONLY) |
                        FORGE_FAKE_BIT (FORGE_FAKE_STATUS) | FORGE_FAKE_BIT (FORGE_FAKE_HTML);
  char token[FORGE_FAKE_TOKEN_CHARS + 1] = "";
  ForgeFakeFaults faults;

  forge_fake_stream_faults (connection, stream_id, verbs, &faults);
  if (!forge_fake_trouble (connection, request, &faults) ||
      !forge_fake_trouble_mute (connection, &faults, PLAYLIST_TYPE))
    return !connection->must_close;
  if (!request->is_head &&
      admit_hls (connection->provider, stream_id, token) != FORGE_FAKE_ADMITTED)
    return forge_fake_reply (connection, request, 403, "text/html", NULL, "");

  g_autofree char *text = master_playlist (connection->provider, token, stream_id);
  return forge_fake_reply (connection, request, 200, PLAYLIST_TYPE, NOT_CACHED, text);
}

/* The window's end; a list that stands still ends where the provider began. */
static guint64
window_end (const ForgeFakeProvider *provider, const ForgeFakeFaults *faults)
{
  return forge_fake_has (faults, FORGE_FAKE_HLS_STALE) ? STALE_EDGE : live_edge (provider);
}

static gboolean
has_jump (const ForgeFakeFaults *faults, guint64 sequence)
{
  return forge_fake_has (faults, FORGE_FAKE_HLS_JUMPS) && sequence % JUMP_SEGMENTS == 0;
}

static gboolean
media_reply (ForgeFakeConnection *connection,
             const ForgeFakeRequest *request,
             guint stream_id,
             const ForgeFakeFaults *faults)
{
  guint64 edge = window_end (connection->provider, faults);
  g_autoptr (GString) out = g_string_new (NULL);

  g_string_printf (out,
                   "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n"
                   "#EXT-X-MEDIA-SEQUENCE:%" G_GUINT64_FORMAT "\n",
                   edge - WINDOW_SEGMENTS);
  if (forge_fake_has (faults, FORGE_FAKE_HLS_AES))
    g_string_append (out, "#EXT-X-KEY:METHOD=AES-128,URI=\"" KEY_NAME "\"\n");
  if (forge_fake_has (faults, FORGE_FAKE_HLS_SAMPLED))
    g_string_append (out, "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"" KEY_NAME "\"\n");
  if (forge_fake_has (faults, FORGE_FAKE_HLS_FRAGMENTS))
    g_string_append (out, "#EXT-X-MAP:URI=\"" MAP_NAME "\"\n");
  for (guint64 i = edge - WINDOW_SEGMENTS; i < edge; i++)
    g_string_append_printf (out,
                            "%s#EXTINF:%.3f,\n%u_%" G_GUINT64_FORMAT ".ts\n",
                            has_jump (faults, i) ? "#EXT-X-DISCONTINUITY\n" : "",
                            (double)SEGMENT_US / G_USEC_PER_SEC,
                            stream_id,
                            i);
  return forge_fake_reply (connection, request, 200, PLAYLIST_TYPE, NOT_CACHED, out->str);
}

/* Spec: RFC 8216 §5.2: PKCS#7 padding, the sequence number as IV. Returns the new size. */
static gsize
encrypt_segment (guint8 *bytes, gsize size, guint64 sequence)
{
  guint8 key[] = KEY, iv[16] = { 0 }, padding = (guint8)(16 - size % 16);
  const gnutls_datum_t key_datum = { key, 16 }, iv_datum = { iv, sizeof iv };
  gnutls_cipher_hd_t cipher;

  for (guint i = 0; i < 8; i++)
    iv[15 - i] = (guint8)(sequence >> 8 * i);
  memset (bytes + size, padding, padding);
  if (gnutls_cipher_init (&cipher, GNUTLS_CIPHER_AES_128_CBC, &key_datum, &iv_datum) == 0) {
    gnutls_cipher_encrypt (cipher, bytes, size + padding);
    gnutls_cipher_deinit (cipher);
  }
  return size + padding;
}

static gboolean
is_kept (const ForgeFakeProvider *provider, const ForgeFakeFaults *faults, guint64 sequence)
{
  guint64 edge = live_edge (provider);

  return sequence < edge &&
         (sequence + KEPT_SEGMENTS >= edge || forge_fake_has (faults, FORGE_FAKE_HLS_STALE));
}

static gboolean
segment_reply (ForgeFakeConnection *connection,
               const ForgeFakeRequest *request,
               guint stream_id,
               guint64 sequence,
               const ForgeFakeFaults *faults)
{
  ForgeFakeProvider *provider = connection->provider;
  ForgeFakeFeed feed = forge_fake_feed_common_time (&provider->clips[stream_id % 10]);
  gsize size = (gsize)SEGMENT_GOPS * feed.packets / feed.clip->gops * FORGE_TS_PACKET_BYTES;

  if (!is_kept (provider, faults, sequence))
    return forge_fake_reply (connection, request, 404, "text/html", NULL, "");
  if (forge_fake_has (faults, FORGE_FAKE_HLS_JUMPS))
    feed.shift_ticks += sequence / JUMP_SEGMENTS * JUMP_TICKS;

  g_autofree guint8 *bytes = g_malloc (size + 16);
  forge_fake_feed_read (&feed, sequence * size, bytes, size);
  if (forge_fake_has (faults, FORGE_FAKE_HLS_AES))
    size = encrypt_segment (bytes, size, sequence);
  return forge_fake_reply_head (connection, 200, "video/mp2t", (gint64)size, NULL) &&
         (request->is_head || forge_fake_send (connection, bytes, size));
}

/* What the name behind the token says. */
typedef struct {
  guint stream_id;
  guint64 sequence;
  gboolean is_segment, is_known;
} Asked;

static Asked
parse_name (const char *name)
{
  Asked asked = { 0 };
  char end = '\0';

  asked.is_segment =
      sscanf (name, "%7u_%18" G_GINT64_MODIFIER "u.t%c", &asked.stream_id, &asked.sequence, &end) ==
      3;
  asked.is_known = asked.is_segment ? end == 's'
                                    : sscanf (name, "%7u.m3u%c", &asked.stream_id, &end) == 2;
  return asked;
}

/* The channel that the token is good for, 0 = none. `is_worn` if it has had its segments. */
static guint
use_token (ForgeFakeProvider *provider,
           const char *token,
           const Asked *asked,
           const ForgeFakeFaults *faults,
           gboolean *is_worn)
{
  pthread_mutex_lock (&provider->lock);
  ForgeFakeViewer *viewer = forge_fake_slots_touch (provider->slots, token);
  guint channel = viewer ? viewer->stream_id / 10 : 0;
  *is_worn = viewer && asked->is_segment && forge_fake_has (faults, FORGE_FAKE_HLS_TOKEN) &&
             viewer->segments++ >= (guint)faults->values[FORGE_FAKE_HLS_TOKEN];
  pthread_mutex_unlock (&provider->lock);
  return channel;
}

gboolean
forge_fake_hls_reply (ForgeFakeConnection *connection,
                      const ForgeFakeRequest *request,
                      const char *token,
                      const char *name)
{
  ForgeFakeProvider *provider = connection->provider;
  Asked asked = parse_name (name);
  ForgeFakeFaults faults;
  gboolean is_worn;

  forge_fake_stream_faults (connection, asked.stream_id, FORGE_FAKE_HLS_VERBS, &faults);
  guint channel = use_token (provider, token, &asked, &faults, &is_worn);
  if (is_worn)
    return forge_fake_reply (connection, request, 403, "text/html", NULL, "");
  if (channel > 0 && strcmp (name, KEY_NAME) == 0)
    return forge_fake_reply (connection, request, 200, "application/octet-stream", NULL, KEY);
  if (channel > 0 && strcmp (name, MAP_NAME) == 0)
    return forge_fake_reply_head (connection, 200, "video/mp4", sizeof MAP - 1, NULL) &&
           forge_fake_send (connection, MAP, sizeof MAP - 1);
  if (!asked.is_known || channel == 0 || asked.stream_id / 10 != channel ||
      !forge_fake_catalogue_has (provider->catalogue, asked.stream_id))
    return forge_fake_reply (connection, request, 404, "text/html", NULL, "");
  return asked.is_segment
             ? segment_reply (connection, request, asked.stream_id, asked.sequence, &faults)
             : media_reply (connection, request, asked.stream_id, &faults);
}

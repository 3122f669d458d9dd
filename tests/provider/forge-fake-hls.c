/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "forge-fake-api.h"
#include "forge-fake-trouble.h"

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
  const guint32 verbs = 1u << FORGE_FAKE_DELAY | 1u << FORGE_FAKE_SILENT |
                        1u << FORGE_FAKE_HEADERS_ONLY | 1u << FORGE_FAKE_STATUS |
                        1u << FORGE_FAKE_HTML;
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

static gboolean
media_reply (ForgeFakeConnection *connection, const ForgeFakeRequest *request, guint stream_id)
{
  guint64 edge = live_edge (connection->provider);
  g_autoptr (GString) out = g_string_new (NULL);

  g_string_printf (out,
                   "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n"
                   "#EXT-X-MEDIA-SEQUENCE:%" G_GUINT64_FORMAT "\n",
                   edge - WINDOW_SEGMENTS);
  for (guint64 i = edge - WINDOW_SEGMENTS; i < edge; i++)
    g_string_append_printf (out,
                            "#EXTINF:%.3f,\n%u_%" G_GUINT64_FORMAT ".ts\n",
                            (double)SEGMENT_US / G_USEC_PER_SEC,
                            stream_id,
                            i);
  return forge_fake_reply (connection, request, 200, PLAYLIST_TYPE, NOT_CACHED, out->str);
}

static gboolean
segment_reply (ForgeFakeConnection *connection,
               const ForgeFakeRequest *request,
               guint stream_id,
               guint64 sequence)
{
  ForgeFakeProvider *provider = connection->provider;
  ForgeFakeFeed feed = forge_fake_feed_common_time (&provider->clips[stream_id % 10]);
  gsize size = (gsize)SEGMENT_GOPS * feed.packets / feed.clip->gops * FORGE_TS_PACKET_BYTES;
  guint64 edge = live_edge (provider);

  if (sequence >= edge || sequence + KEPT_SEGMENTS < edge)
    return forge_fake_reply (connection, request, 404, "text/html", NULL, "");

  g_autofree guint8 *bytes = g_malloc (size);
  forge_fake_feed_read (&feed, sequence * size, bytes, size);
  return forge_fake_reply_head (connection, 200, "video/mp2t", (gint64)size, NULL) &&
         (request->is_head || forge_fake_send (connection, bytes, size));
}

gboolean
forge_fake_hls_reply (ForgeFakeConnection *connection,
                      const ForgeFakeRequest *request,
                      const char *token,
                      const char *name)
{
  ForgeFakeProvider *provider = connection->provider;
  guint stream_id = 0;
  guint64 sequence = 0;
  char end = '\0';

  pthread_mutex_lock (&provider->lock);
  const ForgeFakeViewer *viewer = forge_fake_slots_touch (provider->slots, token);
  guint channel = viewer ? viewer->stream_id / 10 : 0;
  pthread_mutex_unlock (&provider->lock);

  gboolean is_segment =
      sscanf (name, "%7u_%18" G_GINT64_MODIFIER "u.t%c", &stream_id, &sequence, &end) == 3;
  gboolean is_known =
      (is_segment ? end == 's' : sscanf (name, "%7u.m3u%c", &stream_id, &end) == 2) &&
      channel > 0 && stream_id / 10 == channel &&
      forge_fake_catalogue_has (provider->catalogue, stream_id);
  if (!is_known)
    return forge_fake_reply (connection, request, 404, "text/html", NULL, "");
  return is_segment ? segment_reply (connection, request, stream_id, sequence)
                    : media_reply (connection, request, stream_id);
}

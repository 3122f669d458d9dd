/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "net/forge-hls-source.h"
#include "script-server.h"

#include <gnutls/crypto.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* HLS streams against a server whose every folder is one kind of stream. Segments are 0.4 s long
 * and hold PACKETS packets that are numbered through, so what comes out can be checked to the
 * packet. */

#define PACKET_BYTES  188
#define PACKETS       20
#define SEGMENT_BYTES (PACKETS * PACKET_BYTES)
#define SEGMENT_US    400000
#define WINDOW        75  /* on a busy machine a client falls behind by seconds */
#define BEFORE        100 /* segments that were there before the server was */
#define OK            "HTTP/1.1 200 OK\r\n"
#define LIST          OK "Content-Type: text/plain\r\n\r\n"
#define KEY           "0123456789abcdef"

typedef struct {
  ScriptServer *server;
  ForgeHlsPool *pool;
  gint64 begun_us;
  gint tokens;         /* canonical addresses asked in /token; atomic */
  gint served;         /* requests that did not go as usual; atomic */
  gint new_key;        /* atomic */
  gint is_short_lived; /* the first token is; atomic */
} Origin;

/* ---- the server ---- */

static guint
edge (const Origin *origin)
{
  return BEFORE + (guint)((g_get_monotonic_time () - origin->begun_us) / SEGMENT_US);
}

static void
fill_segment (guint sequence, guint8 *out)
{
  for (guint i = 0; i < PACKETS; i++, out += PACKET_BYTES) {
    guint32 number = GUINT32_TO_BE (sequence * PACKETS + i);
    memset (out, 0xFF, PACKET_BYTES);
    memcpy (out, "\x47\x01\x00\x10", 4);
    memcpy (out + 4, &number, 4);
  }
}

/* Returns the length with padding. */
static gsize
encrypt (guint8 *data, gsize length, const char *key, const guint8 iv[16])
{
  guint8 key_copy[16], iv_copy[16];
  const gnutls_datum_t key_datum = { key_copy, 16 }, iv_datum = { iv_copy, 16 };
  gnutls_cipher_hd_t cipher;
  guint8 padding = (guint8)(16 - length % 16);

  memcpy (key_copy, key, 16);
  memcpy (iv_copy, iv, 16);
  memset (data + length, padding, padding);
  g_assert_cmpint (gnutls_cipher_init (&cipher, GNUTLS_CIPHER_AES_128_CBC, &key_datum, &iv_datum),
                   ==,
                   0);
  g_assert_cmpint (gnutls_cipher_encrypt (cipher, data, length + padding), ==, 0);
  gnutls_cipher_deinit (cipher);
  return length + padding;
}

static void
say_list (ScriptPeer *peer, const Origin *origin, const char *tags, const char *before_segment)
{
  guint end = edge (origin);

  script_say (peer,
              LIST "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:%u\n%s",
              end - WINDOW,
              tags);
  for (guint i = end - WINDOW; i < end; i++)
    script_say (peer, "#EXTINF:0.4,\n%sseg%u.ts\n", before_segment, i);
}

static void
say_range_list (ScriptPeer *peer, const Origin *origin)
{
  guint end = edge (origin);

  script_say (peer,
              LIST "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:%u\n",
              end - WINDOW);
  for (guint i = end - WINDOW; i < end; i++)
    script_say (peer,
                "#EXTINF:0.4,\n#EXT-X-BYTERANGE:%u@%u\nall.ts\n",
                SEGMENT_BYTES,
                (i - BEFORE + WINDOW) * SEGMENT_BYTES);
}

/* One resource with everything from the first window on. */
static void
say_range (ScriptPeer *peer, gboolean has_ranges)
{
  const char *range = strstr (script_peer_request (peer), "Range: bytes=");
  g_autofree guint8 *all = g_malloc ((WINDOW + 50) * SEGMENT_BYTES);
  unsigned long first = 0, last = 0;

  for (guint i = 0; i < WINDOW + 50; i++)
    fill_segment (BEFORE - WINDOW + i, all + (gsize)i * SEGMENT_BYTES);
  g_assert_nonnull (range);
  g_assert_cmpint (sscanf (range, "Range: bytes=%lu-%lu", &first, &last), ==, 2);
  g_assert_cmpuint (last - first + 1, ==, SEGMENT_BYTES);
  if (!has_ranges) {
    script_say (peer, OK "Content-Length: %u\r\n\r\n", (WINDOW + 50) * SEGMENT_BYTES);
    script_send (peer, all, (WINDOW + 50) * SEGMENT_BYTES);
    return;
  }
  script_say (peer,
              "HTTP/1.1 206 Partial\r\nContent-Length: %lu\r\nContent-Range: bytes %lu-%lu/*\r\n"
              "\r\n",
              last - first + 1,
              first,
              last);
  script_send (peer, all + first, last - first + 1);
}

static void
say_media (ScriptPeer *peer, const void *data, gsize length)
{
  script_say (peer, OK "Content-Type: video/mp2t\r\nContent-Length: %zu\r\n\r\n", length);
  script_send (peer, data, length);
}

static void
say_encrypted (ScriptPeer *peer, guint sequence, const char *key, gboolean has_iv)
{
  guint8 data[SEGMENT_BYTES + 16], iv[16] = { 0 };

  fill_segment (sequence, data);
  if (has_iv)
    iv[0] = 0xAB;
  else
    iv[15] = (guint8)sequence;
  say_media (peer, data, encrypt (data, SEGMENT_BYTES, key, iv));
}

static void
say_junk_around (ScriptPeer *peer, const guint8 *segment)
{
  guint8 data[SEGMENT_BYTES + 60];

  memcpy (data, "ID3\x04\0\0\0\0\0\x14GGGGGGGGGGGGGGGGGGGG", 30);
  memcpy (data + 30, segment, SEGMENT_BYTES);
  memcpy (data + 30 + SEGMENT_BYTES, "G the tail is no packet, cut..", 30);
  say_media (peer, data, sizeof data);
}

static void
say_segment (ScriptPeer *peer, Origin *origin, const char *folder, guint sequence)
{
  guint8 data[SEGMENT_BYTES];

  fill_segment (sequence, data);
  if (strcmp (folder, "aes") == 0)
    say_encrypted (peer, sequence, KEY, FALSE);
  else if (strcmp (folder, "iv") == 0)
    say_encrypted (peer, sequence, KEY, TRUE);
  else if (strcmp (folder, "newkey") == 0) {
    gboolean is_new = sequence % 10 >= 5;
    g_atomic_int_set (&origin->new_key, is_new);
    say_encrypted (peer, sequence, is_new ? "fedcba9876543210" : KEY, TRUE);
  } else if (strcmp (folder, "junk") == 0)
    say_junk_around (peer, data);
  else if (strcmp (folder, "cut") == 0 && g_atomic_int_add (&origin->served, 1) % 3 == 0) {
    script_say (peer, OK "Content-Length: %u\r\n\r\n", SEGMENT_BYTES);
    script_send (peer, data, 1000);
  } else if (strcmp (folder, "hole") == 0 && sequence % 4 == 0)
    script_say (peer, "HTTP/1.1 503 Nope\r\nContent-Length: 0\r\n\r\n");
  else
    say_media (peer, data, sizeof data);
}

/* /edge/N/…: good for four segments, then the token is old; the second one lives on. */
static void
say_edge (ScriptPeer *peer, Origin *origin, const char *target)
{
  guint sequence;
  int token;

  if (sscanf (target, "/edge/%d/seg%u.ts", &token, &sequence) == 2) {
    if (token != g_atomic_int_get (&origin->tokens) ||
        (g_atomic_int_get (&origin->is_short_lived) && token == 1 &&
         g_atomic_int_add (&origin->served, 1) >= 4))
      script_say (peer, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    else
      say_segment (peer, origin, "edge", sequence);
  } else {
    say_list (peer, origin, "", "");
  }
}

static void
say_fixed (ScriptPeer *peer, const char *target)
{
  static const struct {
    const char *path, *answer;
  } table[] = {
    { "/still/live.m3u8",
      LIST "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:5\n#EXTINF:0.4,\nseg5.ts\n"
           "#EXTINF:0.4,\nseg6.ts\n#EXTINF:0.4,\nseg7.ts\n" },
    { "/slate/live.m3u8", LIST "#EXTM3U\n#EXTINF:10,\nseg1.ts\n#EXT-X-ENDLIST\n" },
    { "/empty/live.m3u8", LIST "#EXTM3U\n#EXT-X-TARGETDURATION:1\n" },
    { "/html/live.m3u8", LIST "<html>http://h/live/u/secret/1.ts</html>" },
    { "/master/live.m3u8",
      LIST "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=5\n../gone/live.m3u8\n"
           "#EXT-X-STREAM-INF:BANDWIDTH=9\n../plain/live.m3u8\n"
           "#EXT-X-STREAM-INF:BANDWIDTH=7\n../gone/live.m3u8\n" },
    { "/loop/live.m3u8", LIST "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=5\nlive.m3u8\n" },
    { "/sample/live.m3u8",
      LIST "#EXTM3U\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"key\"\n#EXT-X-MAP:URI=\"/init.mp4\"\n"
           "#EXTINF:1,\nseg1.ts\n" },
    { "/drm/live.m3u8",
      LIST "#EXTM3U\n#EXT-X-KEY:METHOD=SAMPLE-AES-CTR,URI=\"key\"\n#EXTINF:1,\nseg1.ts\n" },
    { "/htmlkey/live.m3u8",
      LIST "#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"/text\"\n#EXTINF:1,\nseg1.ts\n" },
    { "/text/live.m3u8", LIST "#EXTM3U\n#EXTINF:1,\n/text\n" },
    { "/file/live.m3u8", LIST "#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n" },
    { "/fmp4/live.m3u8", LIST "#EXTM3U\n#EXT-X-MAP:URI=\"/init.mp4\"\n#EXTINF:1,\n/init.mp4\n" },
    { "/init.mp4", OK "\r\n....ftypiso5" },
    { "/text", OK "Content-Type: text/html\r\n\r\n<html>a word or two</html>" },
    { "/refused/live.m3u8", "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n" },
    { "/full/live.m3u8", "HTTP/1.1 458 No\r\nContent-Length: 0\r\n\r\n" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    if (strcmp (table[i].path, target) == 0) {
      script_say (peer, "%s", table[i].answer);
      return;
    }
  script_say (peer, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
}

static void
say_live_list (ScriptPeer *peer, Origin *origin, const char *folder)
{
  g_autofree char *path = g_strdup_printf ("/%s/live.m3u8", folder);

  if (strcmp (folder, "aes") == 0)
    say_list (peer, origin, "#EXT-X-KEY:METHOD=AES-128,URI=\"key\"\n", "");
  else if (strcmp (folder, "iv") == 0 || strcmp (folder, "newkey") == 0)
    say_list (peer,
              origin,
              "#EXT-X-KEY:METHOD=AES-128,URI=\"key\",IV=0xAB000000000000000000000000000000\n",
              "");
  else if (g_str_has_prefix (folder, "range"))
    say_range_list (peer, origin);
  else if (strcmp (folder, "token") == 0)
    script_say (peer,
                "HTTP/1.1 302 Found\r\nLocation: /edge/%d/live.m3u8\r\nContent-Length: 0\r\n\r\n",
                g_atomic_int_add (&origin->tokens, 1) + 1);
  else if (strcmp (folder, "slow") == 0)
    script_hold (peer, 0);
  else if (strstr ("plain junk cut hole", folder))
    say_list (peer, origin, "#EXT-X-DISCONTINUITY\n", "");
  else
    say_fixed (peer, path);
}

static void
script (ScriptPeer *peer, gpointer user_data)
{
  Origin *origin = user_data;
  const char *target = script_peer_target (peer);
  char folder[16], name[32];
  guint sequence;

  if (g_str_has_prefix (target, "/edge/"))
    say_edge (peer, origin, target);
  else if (sscanf (target, "/%15[a-z0-9]/%31s", folder, name) != 2)
    say_fixed (peer, target);
  else if (strcmp (name, "live.m3u8") == 0)
    say_live_list (peer, origin, folder);
  else if (strcmp (name, "key") == 0)
    script_say (peer,
                OK "Content-Length: 16\r\n\r\n%s",
                g_atomic_int_get (&origin->new_key) ? "fedcba9876543210" : KEY);
  else if (strcmp (name, "all.ts") == 0)
    say_range (peer, strcmp (folder, "range") == 0);
  else if (sscanf (name, "seg%u.ts", &sequence) == 1)
    say_segment (peer, origin, folder, sequence);
  else
    say_fixed (peer, target);
}

static void
origin_init (Origin *origin)
{
  *origin = (Origin){ .begun_us = g_get_monotonic_time () };
  origin->server = script_server_new (script, origin, SCRIPT_PLAIN);
  origin->pool = forge_hls_pool_new ();
}

static void
origin_clear (Origin *origin)
{
  forge_hls_pool_free (origin->pool);
  script_server_free (origin->server);
}

/* ---- the client ---- */

static const ForgeDialOptions options = { .user_agent = "VLC/3.0.20 LibVLC/3.0.20",
                                          .verify_tls = TRUE,
                                          .connect_timeout_ms = 1500,
                                          .first_byte_timeout_ms = 1500 };

static gboolean
open_stream (Origin *origin, const char *folder, ForgeDial *dial, GError **error)
{
  g_autofree char *path = g_strdup_printf ("/%s/live.m3u8", folder);
  g_autofree char *url = script_server_url (origin->server, path);

  return forge_hls_open (origin->pool, url, &options, dial, NULL, error);
}

/* Bytes, 0 at the end; waits for them. */
static gsize
read_some (int fd, guint8 *buffer, gsize size)
{
  struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

  g_assert_cmpint (poll (&poll_fd, 1, 15000), ==, 1);
  ssize_t n = recv (fd, buffer, size, 0);
  g_assert_cmpint (n, >=, 0);
  return (gsize)n;
}

static gboolean
read_packet (int fd, guint32 *number)
{
  guint8 packet[PACKET_BYTES];
  gsize got = 0;

  while (got < sizeof packet) {
    gsize n = read_some (fd, packet + got, sizeof packet - got);
    if (n == 0)
      break;
    got += n;
  }
  g_assert_true (got == 0 || got == sizeof packet);
  if (got == 0)
    return FALSE;
  g_assert_cmpuint (packet[0], ==, 0x47);
  memcpy (number, packet + 4, 4);
  *number = GUINT32_FROM_BE (*number);
  return TRUE;
}

/* `n` packets without a hole or a repetition. */
static void
assert_continuous (int fd, guint n)
{
  guint32 first, number;

  g_assert_true (read_packet (fd, &first));
  g_assert_cmpuint (first % PACKETS, ==, 0);
  for (guint i = 1; i < n; i++) {
    g_assert_true (read_packet (fd, &number));
    g_assert_cmpuint (number, ==, first + i);
  }
}

static void
test_streams_come_out_whole (gconstpointer folder)
{
  g_auto (ForgeDial) dial = { .bytes.fd = -1 };
  g_autoptr (GError) error = NULL;
  Origin origin;

  origin_init (&origin);
  g_assert_true (open_stream (&origin, folder, &dial, &error));
  g_assert_no_error (error);
  g_assert_cmpint (dial.kind, ==, FORGE_DIAL_TS);
  g_assert_cmpint (dial.content_length, ==, -1);
  g_assert_true (dial.bytes.fd > 2 && !dial.bytes.ops && !dial.is_chunked && !dial.leftover);
  assert_continuous (dial.bytes.fd, 8 * PACKETS);
  forge_dial_clear (&dial);
  origin_clear (&origin);
}

static void
test_paced (void)
{
  g_auto (ForgeDial) dial = { .bytes.fd = -1 };
  guint32 number;
  Origin origin;

  origin_init (&origin);
  g_assert_true (open_stream (&origin, "plain", &dial, NULL));
  gint64 begun_us = g_get_monotonic_time ();
  for (guint i = 0; i < 7 * PACKETS; i++)
    g_assert_true (read_packet (dial.bytes.fd, &number));
  /* 2.8 s of media, of which 0.8 s come at once */
  g_assert_cmpint (g_get_monotonic_time () - begun_us, >=, 1700000);
  forge_dial_clear (&dial);
  origin_clear (&origin);
}

static void
test_missing_segment_is_skipped (void)
{
  g_auto (ForgeDial) dial = { .bytes.fd = -1 };
  guint32 last = 0, number;
  guint holes = 0;
  Origin origin;

  origin_init (&origin);
  g_assert_true (open_stream (&origin, "hole", &dial, NULL));
  for (guint i = 0; i < 6 * PACKETS; i++) {
    g_assert_true (read_packet (dial.bytes.fd, &number));
    holes += i > 0 && number != last + 1;
    g_assert_true (i == 0 || number == last + 1 || number == last + 1 + PACKETS);
    last = number;
  }
  g_assert_cmpuint (holes, >=, 1);
  forge_dial_clear (&dial);
  origin_clear (&origin);
}

static void
test_token_is_renewed (void)
{
  g_auto (ForgeDial) dial = { .bytes.fd = -1 };
  Origin origin;

  origin_init (&origin);
  g_atomic_int_set (&origin.is_short_lived, TRUE);
  g_assert_true (open_stream (&origin, "token", &dial, NULL));
  assert_continuous (dial.bytes.fd, 9 * PACKETS);
  g_assert_cmpint (g_atomic_int_get (&origin.tokens), ==, 2);
  forge_dial_clear (&dial);
  origin_clear (&origin);
}

static void
test_what_stands_still_ends (void)
{
  g_auto (ForgeDial) dial = { .bytes.fd = -1 };
  Origin origin;
  guint32 number;

  origin_init (&origin);
  g_assert_true (open_stream (&origin, "still", &dial, NULL));
  assert_continuous (dial.bytes.fd, 3 * PACKETS);
  gint64 begun_us = g_get_monotonic_time ();
  g_assert_false (read_packet (dial.bytes.fd, &number));
  g_assert_cmpint (g_get_monotonic_time () - begun_us, <, 6 * G_USEC_PER_SEC);
  forge_dial_clear (&dial);
  origin_clear (&origin);
}

static void
test_slate_is_reported (void)
{
  g_auto (ForgeDial) dial = { .bytes.fd = -1 };
  g_autoptr (GError) error = NULL;
  Origin origin;

  origin_init (&origin);
  g_assert_true (open_stream (&origin, "slate", &dial, &error));
  g_assert_cmpint (dial.kind, ==, FORGE_DIAL_TS);
  g_assert_cmpint (dial.content_length, ==, 0);
  g_assert_cmpint (dial.bytes.fd, ==, -1);
  origin_clear (&origin);
}

static void
test_refusals (void)
{
  static const struct {
    const char *folder;
    ForgeError code;
    const char *text;
  } cases[] = {
    { "gone", FORGE_ERROR_NOT_FOUND, "404" },
    { "refused", FORGE_ERROR_AUTH, "401" },
    { "full", FORGE_ERROR_LIMIT, "458" },
    { "html", FORGE_ERROR_INVALID, "no HLS playlist" },
    { "loop", FORGE_ERROR_INVALID, "another one" },
    { "sample", FORGE_ERROR_UNSUPPORTED, "SAMPLE-AES in fragments" },
    { "drm", FORGE_ERROR_UNSUPPORTED, "SAMPLE-AES-CTR" },
    { "htmlkey", FORGE_ERROR_INVALID, "no key" },
    { "text", FORGE_ERROR_INVALID, "no media" },
    { "file", FORGE_ERROR_INVALID, "no http(s)" },
    { "empty", FORGE_ERROR_RETRY, "within 3000 ms" },
  };
  Origin origin;

  origin_init (&origin);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_auto (ForgeDial) dial = { .bytes.fd = -1 };
    g_autoptr (GError) error = NULL;
    g_assert_false (open_stream (&origin, cases[i].folder, &dial, &error));
    g_test_message ("%s: %s", cases[i].folder, error->message);
    g_assert_error (error, FORGE_ERROR, (gint)cases[i].code);
    g_assert_nonnull (strstr (error->message, cases[i].text));
    g_assert_true (g_str_has_prefix (error->message, "127.0.0.1: "));
    g_assert_null (strstr (error->message, "secret"));
  }
  origin_clear (&origin);
}

static void
test_fragments_need_ffmpeg (void)
{
  g_auto (ForgeDial) dial = { .bytes.fd = -1 };
  g_autofree char *path = g_strdup (g_getenv ("PATH"));
  g_autoptr (GError) error = NULL;
  Origin origin;

  g_setenv ("PATH", "/nonexistent", TRUE);
  origin_init (&origin);
  g_assert_false (open_stream (&origin, "fmp4", &dial, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, "needs ffmpeg (fMP4), which is not installed"));
  origin_clear (&origin);
  g_setenv ("PATH", path, TRUE);
}

static void
await_none_running (Origin *origin)
{
  gint64 deadline_us = g_get_monotonic_time () + 2 * G_USEC_PER_SEC;

  while (forge_hls_pool_running (origin->pool) > 0) {
    g_assert_cmpint (g_get_monotonic_time (), <, deadline_us);
    g_usleep (1000);
  }
}

static void
test_closing_ends_it (void)
{
  Origin origin;

  origin_init (&origin);
  guint fds = 0;
  for (guint i = 0; i < 4; i++) {
    g_auto (ForgeDial) dial = { .bytes.fd = -1 };
    g_assert_true (open_stream (&origin, "plain", &dial, NULL));
    g_assert_cmpuint (forge_hls_pool_running (origin.pool), ==, 1);
    forge_dial_clear (&dial);
    await_none_running (&origin);
    if (i == 0) /* GLib and libsoup keep some of their own */
      fds = script_count_fds ();
  }
  g_assert_cmpuint (script_count_fds (), <=, fds + 4); /* the server's side may still close */
  origin_clear (&origin);
}

static gpointer
cancel_soon (gpointer cancellable)
{
  g_usleep (100000);
  g_cancellable_cancel (cancellable);
  return NULL;
}

static void
test_opening_can_be_cancelled (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (ForgeDial) dial = { .bytes.fd = -1 };
  g_autoptr (GError) error = NULL;
  Origin origin;

  origin_init (&origin);
  g_autofree char *url = script_server_url (origin.server, "/slow/live.m3u8");
  GThread *thread = g_thread_new ("cancel", cancel_soon, cancellable);
  gint64 begun_us = g_get_monotonic_time ();
  g_assert_false (forge_hls_open (origin.pool, url, &options, &dial, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (g_get_monotonic_time () - begun_us, <, G_USEC_PER_SEC);
  g_thread_join (thread);
  origin_clear (&origin);
}

static gpointer
open_again_and_again (gpointer data)
{
  Origin *origin = data;

  for (guint i = 0; i < 20; i++) {
    g_auto (ForgeDial) dial = { .bytes.fd = -1 };
    g_autoptr (GError) error = NULL;
    g_assert_false (open_stream (origin, "gone", &dial, &error));
    g_assert_error (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND);
  }
  return NULL;
}

/* Who opens one clears away the others that are over, but none whose outcome is still to be read.
 */
static void
test_opened_by_many (void)
{
  GThread *threads[6];
  Origin origin;

  origin_init (&origin);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("open", open_again_and_again, &origin);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  origin_clear (&origin);
}

static void
test_pool_ends_what_runs (void)
{
  g_auto (ForgeDial) first = { .bytes.fd = -1 }, second = { .bytes.fd = -1 };
  guint8 buffer[65536];
  Origin origin;

  origin_init (&origin);
  g_assert_true (open_stream (&origin, "plain", &first, NULL));
  g_assert_true (open_stream (&origin, "aes", &second, NULL));
  gint64 begun_us = g_get_monotonic_time ();
  origin_clear (&origin);
  g_assert_cmpint (g_get_monotonic_time () - begun_us, <, G_USEC_PER_SEC);
  while (read_some (first.bytes.fd, buffer, sizeof buffer) > 0)
    continue;
}

/* Panels count each request for a channel: what the dial has begun to read is not asked again. */
static void
test_dial_is_taken_over (void)
{
  g_auto (ForgeDial) dial = { .bytes.fd = -1 };
  g_autoptr (GError) error = NULL;
  Origin origin;

  origin_init (&origin);
  g_autofree char *url = script_server_url (origin.server, "/token/live.m3u8");
  g_assert_true (forge_dial_open (url, &options, &dial, NULL, &error));
  g_assert_cmpint (dial.kind, ==, FORGE_DIAL_HLS);
  g_assert_true (forge_hls_open (origin.pool, url, &options, &dial, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_atomic_int_get (&origin.tokens), ==, 1);
  assert_continuous (dial.bytes.fd, 2 * PACKETS);
  forge_dial_clear (&dial);
  origin_clear (&origin);
}

int
main (int argc, char *argv[])
{
  static const char *const whole[] = { "plain",  "aes",  "iv",  "newkey", "range",
                                       "ranges", "junk", "cut", "master" };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (whole); i++) {
    g_autofree char *path = g_strdup_printf ("/net/hls/comes-out-whole/%s", whole[i]);
    g_test_add_data_func (path, whole[i], test_streams_come_out_whole);
  }
  g_test_add_func ("/net/hls/paced", test_paced);
  g_test_add_func ("/net/hls/missing-segment-is-skipped", test_missing_segment_is_skipped);
  g_test_add_func ("/net/hls/token-is-renewed", test_token_is_renewed);
  g_test_add_func ("/net/hls/what-stands-still-ends", test_what_stands_still_ends);
  g_test_add_func ("/net/hls/slate-is-reported", test_slate_is_reported);
  g_test_add_func ("/net/hls/refusals", test_refusals);
  g_test_add_func ("/net/hls/fragments-need-ffmpeg", test_fragments_need_ffmpeg);
  g_test_add_func ("/net/hls/closing-ends-it", test_closing_ends_it);
  g_test_add_func ("/net/hls/opening-can-be-cancelled", test_opening_can_be_cancelled);
  g_test_add_func ("/net/hls/opened-by-many", test_opened_by_many);
  g_test_add_func ("/net/hls/pool-ends-what-runs", test_pool_ends_what_runs);
  g_test_add_func ("/net/hls/dial-is-taken-over", test_dial_is_taken_over);
  return g_test_run ();
}

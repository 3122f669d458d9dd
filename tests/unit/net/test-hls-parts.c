/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/forge-hls-crypt.h"
#include "net/forge-hls-cut.h"
#include "net/forge-hls-fragments.h"
#include "net/forge-hls-pacer.h"
#include "net/forge-hls-track.h"
#include "net/forge-remux.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- crypt ---- */

/* NIST SP 800-38A F.2.2, CBC-AES128, and a last block that is all padding. */
static const guint8 nist_key[16] = { 0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6,
                                     0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c };
static const guint8 nist_plain[16] = { 0x6b, 0xc1, 0xbe, 0xe2, 0x2e, 0x40, 0x9f, 0x96,
                                       0xe9, 0x3d, 0x7e, 0x11, 0x73, 0x93, 0x17, 0x2a };
static const guint8 nist_coded[16] = { 0x76, 0x49, 0xab, 0xac, 0x81, 0x19, 0xb2, 0x46,
                                       0xce, 0xe9, 0x8e, 0x9b, 0x12, 0xe9, 0x19, 0x7d };

static GByteArray *
decrypt (const guint8 *data, gsize length, gsize piece)
{
  guint8 iv[16];
  GByteArray *out = g_byte_array_new ();

  for (guint i = 0; i < 16; i++)
    iv[i] = (guint8)i;
  g_autoptr (ForgeHlsCrypt) crypt = forge_hls_crypt_new (nist_key, iv);
  for (gsize at = 0; at < length; at += piece)
    forge_hls_crypt_push (crypt, data + at, MIN (piece, length - at), out);
  forge_hls_crypt_end (crypt, out);
  return out;
}

static void
test_crypt_knows_the_standard (void)
{
  for (gsize piece = 1; piece <= 16; piece++) {
    g_autoptr (GByteArray) out = decrypt (nist_coded, sizeof nist_coded, piece);
    /* its last byte, 0x2a, is no padding, so all of it stays */
    g_assert_cmpmem (out->data, out->len, nist_plain, sizeof nist_plain);
  }
}

static void
test_crypt_drops_what_is_cut (void)
{
  guint8 data[16 + 7];

  memcpy (data, nist_coded, 16);
  memset (data + 16, 1, 7);
  g_autoptr (GByteArray) out = decrypt (data, sizeof data, 5);
  g_assert_cmpmem (out->data, out->len, nist_plain, sizeof nist_plain);
  g_autoptr (GByteArray) none = decrypt (data, 15, 15);
  g_assert_cmpuint (none->len, ==, 0);
}

static void
test_crypt_default_iv (void)
{
  static const guint8 want[16] = { [8] = 1, [15] = 2 };
  guint8 iv[16];

  forge_hls_crypt_default_iv ((G_GUINT64_CONSTANT (1) << 56) + 2, iv);
  g_assert_cmpmem (iv, 16, want, 16);
}

/* ---- cut ---- */

static void
add_packets (GByteArray *data, guint first, guint n)
{
  guint8 packet[FORGE_HLS_PACKET_BYTES] = { 0x47, 0x01, 0x00, 0x10 };

  for (guint i = first; i < first + n; i++) {
    packet[4] = (guint8)i;
    g_byte_array_append (data, packet, sizeof packet);
  }
}

static GByteArray *
cut (const GByteArray *data, gsize piece, gboolean *is_media)
{
  GByteArray *out = g_byte_array_new ();
  ForgeHlsCut state;

  forge_hls_cut_init (&state);
  *is_media = TRUE;
  for (gsize at = 0; at < data->len && *is_media; at += piece)
    *is_media = forge_hls_cut_push (&state, data->data + at, MIN (piece, data->len - at), out);
  *is_media &= forge_hls_cut_end (&state, out);
  forge_hls_cut_clear (&state);
  return out;
}

static void
assert_packets (const GByteArray *data, guint n)
{
  g_assert_cmpuint (data->len, ==, n * FORGE_HLS_PACKET_BYTES);
  for (guint i = 0; i < n; i++) {
    g_assert_cmpuint (data->data[i * FORGE_HLS_PACKET_BYTES], ==, 0x47);
    g_assert_cmpuint (data->data[i * FORGE_HLS_PACKET_BYTES + 4], ==, i);
  }
}

static void
test_cut_keeps_whole_packets (void)
{
  g_autoptr (GByteArray) data = g_byte_array_new ();
  static const gsize pieces[] = { 1, 7, 188, 189, 1000, 100000 };
  gboolean is_media;

  g_byte_array_append (data, (const guint8 *)"ID3\x04G in a tag G", 17);
  add_packets (data, 0, 5);
  g_byte_array_append (data, (const guint8 *)"junk between", 12);
  add_packets (data, 5, 6);
  g_byte_array_append (data, (const guint8 *)"G a part of a packet", 20);
  for (gsize i = 0; i < G_N_ELEMENTS (pieces); i++) {
    g_autoptr (GByteArray) out = cut (data, pieces[i], &is_media);
    g_assert_true (is_media);
    assert_packets (out, 11);
  }
}

static void
test_cut_takes_a_short_segment (void)
{
  gboolean is_media;

  for (guint n = 1; n <= 3; n++) {
    g_autoptr (GByteArray) data = g_byte_array_new ();
    add_packets (data, 0, n);
    g_autoptr (GByteArray) out = cut (data, 50, &is_media);
    g_assert_true (is_media);
    assert_packets (out, n);
  }
}

static void
test_cut_knows_noise (void)
{
  g_autoptr (GByteArray) data = g_byte_array_new ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  gboolean is_media;

  for (guint i = 0; i < 2 * FORGE_HLS_CUT_MAX_BYTES; i++) {
    guint8 byte = (guint8)g_rand_int (rand);
    g_byte_array_append (data, &byte, 1);
  }
  g_autoptr (GByteArray) out = cut (data, 4096, &is_media);
  g_assert_false (is_media);
  g_assert_cmpuint (out->len, ==, 0);
  g_autoptr (GByteArray) empty = g_byte_array_new ();
  g_autoptr (GByteArray) nothing = cut (empty, 1, &is_media);
  g_assert_false (is_media);
  g_assert_cmpuint (nothing->len, ==, 0);
}

/* ---- track ---- */

static ForgeHlsPlaylist *
list (guint64 sequence, guint n, const char *format)
{
  g_autoptr (GString) text = g_string_new ("#EXTM3U\n#EXT-X-TARGETDURATION:4\n");

  g_string_append_printf (text, "#EXT-X-MEDIA-SEQUENCE:%" G_GUINT64_FORMAT "\n", sequence);
  for (guint64 i = sequence; i < sequence + n; i++) {
    g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, i);
    g_autoptr (GString) uri = g_string_new (format);
    g_string_replace (uri, "#", number, 0);
    g_string_append_printf (text, "#EXTINF:4,\n%s\n", uri->str);
  }
  return forge_hls_parse (text->str, text->len, NULL);
}

static void
assert_next (ForgeHlsTrack *track, const char *uri)
{
  const ForgeHlsSegment *segment = forge_hls_track_peek (track);

  g_assert_cmpstr (segment ? segment->uri : NULL, ==, uri);
  if (segment)
    forge_hls_track_advance (track);
}

static void
test_track_follows_the_numbers (void)
{
  ForgeHlsTrack track = { 0 };

  forge_hls_track_update (&track, list (10, 8, "#.ts?t=1"), "http://a/", 0);
  /* three targets before the end */
  assert_next (&track, "15.ts?t=1");
  assert_next (&track, "16.ts?t=1");
  assert_next (&track, "17.ts?t=1");
  assert_next (&track, NULL);
  g_assert_cmpint (forge_hls_track_reload_us (&track), ==, 4 * G_USEC_PER_SEC);
  forge_hls_track_update (&track, list (10, 8, "#.ts?t=2"), "http://a/", G_USEC_PER_SEC);
  assert_next (&track, NULL);
  g_assert_cmpint (forge_hls_track_reload_us (&track), ==, 3 * G_USEC_PER_SEC);
  forge_hls_track_update (&track, list (12, 8, "#.ts?t=3"), "http://a/", 0);
  assert_next (&track, "18.ts?t=3");
  /* tokens in the path: the numbers are all there is */
  forge_hls_track_update (&track, list (14, 7, "TOKEN/x#"), "http://a/", 0);
  assert_next (&track, "TOKEN/x19");
  forge_hls_track_clear (&track);
}

static void
test_track_finds_its_segment_when_numbers_stand_still (void)
{
  ForgeHlsTrack track = { 0 };

  forge_hls_track_update (&track, list (0, 3, "a#.ts"), "http://a/", 0);
  for (guint i = 0; i < 3; i++)
    forge_hls_track_advance (&track);
  /* a1 a2 a3, but numbered from 0 */
  ForgeHlsPlaylist *moved = list (1, 3, "a#.ts");
  moved->media_sequence = 0;
  for (guint i = 0; i < 3; i++)
    ((ForgeHlsSegment *)g_ptr_array_index (moved->segments, i))->sequence = i;
  forge_hls_track_update (&track, moved, "http://a/", 0);
  assert_next (&track, "a3.ts");
  assert_next (&track, NULL);
  forge_hls_track_clear (&track);
}

static void
test_track_survives_an_encoder_restart (void)
{
  ForgeHlsTrack track = { 0 };

  forge_hls_track_update (&track, list (1000, 5, "a#.ts"), "http://a/", 0);
  for (guint i = 0; i < 3; i++)
    forge_hls_track_advance (&track);
  /* an older copy from a cache: wait */
  forge_hls_track_update (&track, list (995, 5, "a#.ts"), "http://a/", 0);
  assert_next (&track, NULL);
  forge_hls_track_update (&track, list (1001, 5, "a#.ts"), "http://a/", 0);
  assert_next (&track, "a1005.ts");
  /* numbers from 0 */
  forge_hls_track_update (&track, list (0, 5, "b#.ts"), "http://a/", 0);
  assert_next (&track, "b2.ts");
  /* far behind */
  forge_hls_track_update (&track, list (500, 5, "b#.ts"), "http://a/", 0);
  assert_next (&track, "b502.ts");
  forge_hls_track_clear (&track);
}

static void
test_track_ends (void)
{
  ForgeHlsTrack track = { 0 };

  forge_hls_track_update (&track, list (0, 3, "a#.ts"), "http://a/", 0);
  g_assert_false (forge_hls_track_is_stale (&track, 12 * G_USEC_PER_SEC));
  g_assert_true (forge_hls_track_is_stale (&track, 13 * G_USEC_PER_SEC));
  ForgeHlsPlaylist *last = list (0, 3, "a#.ts");
  last->has_end = TRUE;
  forge_hls_track_update (&track, last, "http://a/", 0);
  while (forge_hls_track_peek (&track)) {
    g_assert_false (forge_hls_track_is_over (&track));
    forge_hls_track_advance (&track);
  }
  g_assert_true (forge_hls_track_is_over (&track));
  forge_hls_track_clear (&track);
}

static void
test_track_passes_over_gaps (void)
{
  ForgeHlsTrack track = { 0 };
  ForgeHlsPlaylist *playlist = list (7, 3, "a#.ts");

  ((ForgeHlsSegment *)g_ptr_array_index (playlist->segments, 1))->is_gap = TRUE;
  forge_hls_track_update (&track, playlist, "http://a/", 0);
  assert_next (&track, "a7.ts");
  assert_next (&track, "a9.ts");
  forge_hls_track_clear (&track);
  forge_hls_track_update (&track, list (7, 0, ""), "http://a/", 0);
  track.last_uri = NULL;
  assert_next (&track, NULL);
  g_assert_cmpint (forge_hls_track_reload_us (&track), ==, G_USEC_PER_SEC);
  forge_hls_track_clear (&track);
}

/* ---- pacer ---- */

typedef struct {
  GMainContext *context;
  ForgeHlsPacer *pacer;
  int fd;
  gsize received;
} Pacing;

static void
pacing_init (Pacing *p, gint64 lead_us)
{
  const ForgeHlsPace pace = { .lead_us = lead_us, .plenty_us = 60 * G_USEC_PER_SEC };
  int pair[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  *p = (Pacing){ .context = g_main_context_new (), .fd = pair[0] };
  p->pacer = forge_hls_pacer_new (p->context, &pace);
  forge_hls_pacer_attach (p->pacer, pair[1]);
}

static void
pacing_clear (Pacing *p)
{
  forge_hls_pacer_free (p->pacer);
  if (p->fd >= 0)
    close (p->fd);
  g_main_context_unref (p->context);
}

static void
add_part (Pacing *p, gint64 duration_us, guint packets)
{
  g_autoptr (GByteArray) data = g_byte_array_new ();

  add_packets (data, 0, packets);
  forge_hls_pacer_begin (p->pacer, duration_us, -1);
  forge_hls_pacer_append (p->pacer, data->data, data->len);
  forge_hls_pacer_finish (p->pacer);
}

static gboolean
on_time (gpointer is_over)
{
  *(gboolean *)is_over = TRUE;
  return G_SOURCE_CONTINUE;
}

/* Lets it work for `ms` and reads what comes. Returns all packets so far. */
static guint
run_pacer (Pacing *p, guint ms)
{
  g_autoptr (GSource) timer = g_timeout_source_new (ms);
  gboolean is_over = FALSE;
  char buffer[65536];
  ssize_t n;

  g_source_set_callback (timer, on_time, &is_over, NULL);
  g_source_attach (timer, p->context);
  while (!is_over) {
    g_main_context_iteration (p->context, TRUE);
    while ((n = recv (p->fd, buffer, sizeof buffer, MSG_DONTWAIT)) > 0)
      p->received += (gsize)n;
  }
  g_source_destroy (timer);
  return (guint)(p->received / FORGE_HLS_PACKET_BYTES);
}

static void
test_pacer_sends_the_lead_at_once_and_the_rest_in_time (void)
{
  Pacing p;

  pacing_init (&p, 2 * G_USEC_PER_SEC);
  for (guint i = 0; i < 4; i++)
    add_part (&p, G_USEC_PER_SEC, 1000);
  guint burst = run_pacer (&p, 100);
  g_assert_cmpuint (burst, >=, 2000);
  g_assert_cmpuint (burst, <, 2600);
  gint64 begun_us = g_get_monotonic_time ();
  guint later = run_pacer (&p, 500);
  gint64 took_us = g_get_monotonic_time () - begun_us;
  /* 1000 packets per second, however late this machine is */
  g_assert_cmpuint (later - burst, <=, took_us / 1000 + 100);
  g_assert_cmpuint (later - burst, >=, 300);
  g_assert_cmpint (forge_hls_pacer_stored_us (p.pacer), >, 0);
  g_assert_cmpuint (forge_hls_pacer_stored_bytes (p.pacer), ==, (4000 - later) * 188);
  pacing_clear (&p);
}

static void
test_pacer_does_not_heap_up_after_running_dry (void)
{
  Pacing p;

  pacing_init (&p, G_USEC_PER_SEC / 10);
  add_part (&p, G_USEC_PER_SEC / 5, 200);
  g_assert_cmpuint (run_pacer (&p, 600), ==, 200);
  add_part (&p, G_USEC_PER_SEC, 1000);
  gint64 begun_us = g_get_monotonic_time ();
  guint got = run_pacer (&p, 200) - 200;
  g_assert_cmpuint (got, <=, (g_get_monotonic_time () - begun_us) / 1000 + 100);
  pacing_clear (&p);
}

static void
test_pacer_notices_that_the_reader_went (void)
{
  Pacing p;

  pacing_init (&p, G_USEC_PER_SEC);
  close (p.fd);
  add_part (&p, G_USEC_PER_SEC, 10);
  while (!forge_hls_pacer_is_broken (p.pacer))
    g_main_context_iteration (p.context, TRUE);
  p.fd = -1;
  pacing_clear (&p);
}

static void
test_pacer_waits_for_a_slow_reader (void)
{
  Pacing p;

  pacing_init (&p, 10 * G_USEC_PER_SEC);
  add_part (&p, G_USEC_PER_SEC, 20000); /* more than a socket holds */
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (p.context, TRUE);
  g_assert_false (forge_hls_pacer_is_broken (p.pacer));
  g_assert_cmpuint (forge_hls_pacer_stored_bytes (p.pacer), >, 0);
  for (guint i = 0; i < 100 && p.received < 20000 * 188; i++)
    run_pacer (&p, 50);
  g_assert_cmpuint (p.received, ==, 20000 * 188);
  pacing_clear (&p);
}

/* ---- remux ---- */

static void
test_remux_sniff (void)
{
  static const char id3[] = "ID3\x04\0\0\0\0\0\x3F"
                            "PRIV\0\0\0\x35\0\0com.apple.streaming.transportStreamTimestamp\0"
                            "\0\0\0\0\0\x15\xF9\x00\xFF\xF1\x50\x80\0\0\0\0";
  static const struct {
    const char *bytes;
    gsize length;
    const char *want;
  } cases[] = {
    { "G\x40\0\x10", 4, "mpegts" },
    { "\0\0\0\x18"
      "ftypiso5",
      12,
      "mp4" },
    { "\0\0\0\x18"
      "moof....",
      12,
      "mp4" },
    { "\xFF\xF1\x50\x80\x04\x3F", 6, "aac" },
    { "\xFF\xFB\x90\x64\0\0", 6, "mp3" },
    { "\x0B\x77\0\0\0\x40", 6, "ac3" },
    { "\x0B\x77\0\0\0\x80", 6, "eac3" },
    { "\x1A\x45\xDF\xA3\x01\0", 6, "matroska" },
    { "OggS\0\x02", 6, "ogg" },
    { "FLV\x01\x05\0", 6, "flv" },
    { "WEBVTT\n\n", 8, NULL },
    { "", 0, NULL },
    { "ID3\x04\0\0\x7F\x7F\x7F\x7F", 10, NULL },
  };
  double offset_s;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_assert_cmpstr (forge_remux_sniff ((const guint8 *)cases[i].bytes, cases[i].length, &offset_s),
                     ==,
                     cases[i].want);
    g_assert_cmpfloat (offset_s, ==, 0);
  }
  g_assert_cmpstr (forge_remux_sniff ((const guint8 *)id3, sizeof id3 - 1, &offset_s), ==, "aac");
  g_assert_cmpfloat (offset_s, ==, 16.0);
}

/* ---- fragments ---- */

static void
put (GByteArray *out, const char *text, gsize length)
{
  g_byte_array_append (out, (const guint8 *)text, (guint)length);
}

/* What was put since `from` is inside. */
static void
wrap (GByteArray *out, gsize from, const char *type)
{
  guint8 head[8] = { 0 };

  g_byte_array_set_size (out, out->len + sizeof head);
  memmove (out->data + from + sizeof head, out->data + from, out->len - sizeof head - from);
  head[2] = (guint8)((out->len - from) >> 8);
  head[3] = (guint8)(out->len - from);
  memcpy (head + 4, type, 4);
  memcpy (out->data + from, head, sizeof head);
}

#define BOX(out, type, text)                \
  G_STMT_START                              \
  {                                         \
    gsize box_at = (out)->len;              \
    put ((out), (text), sizeof (text) - 1); \
    wrap ((out), box_at, (type));           \
  }                                         \
  G_STMT_END

/* A track of sound, number 7, with samples of 18 bytes; all whole blocks are encrypted with one IV,
 * that of nist_coded. */
static GByteArray *
make_init (void)
{
  GByteArray *out = g_byte_array_new ();

  BOX (out, "ftyp", "iso6\0\0\0\0");
  gsize moov = out->len, trak = moov;
  BOX (out,
       "tkhd",
       "\0\0\0\0"
       "\0\0\0\0"
       "\0\0\0\0"
       "\0\0\0\7");
  gsize mdia = out->len, entry = mdia;
  put (out,
       "\0\0\0\0\0\0\0\1"
       "\0\0\0\0\0\0\0\0\0\2\0\x10\0\0\0\0\0\0\0\0",
       28);
  gsize sinf = out->len;
  BOX (out, "frma", "mp4a");
  BOX (out,
       "schm",
       "\0\0\0\0"
       "cbcs"
       "\0\1\0\0");
  gsize schi = out->len;
  BOX (out,
       "tenc",
       "\1\0\0\0\0\0\1\0"
       "0123456789abcdef"
       "\x10"
       "\0\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe\xf");
  wrap (out, schi, "schi");
  wrap (out, sinf, "sinf");
  wrap (out, entry, "enca");
  g_byte_array_set_size (out, out->len + 8);
  memmove (out->data + entry + 8, out->data + entry, out->len - 8 - entry);
  memcpy (out->data + entry, "\0\0\0\0\0\0\0\1", 8);
  wrap (out, entry, "stsd");
  wrap (out, mdia, "stbl");
  wrap (out, mdia, "minf");
  wrap (out, mdia, "mdia");
  wrap (out, trak, "trak");
  gsize mvex = out->len;
  BOX (out,
       "trex",
       "\0\0\0\0"
       "\0\0\0\7"
       "\0\0\0\1"
       "\0\0\4\0"
       "\0\0\0\x12"
       "\0\0\0\0");
  wrap (out, mvex, "mvex");
  wrap (out, moov, "moov");
  return out;
}

/* Two samples. */
static GByteArray *
make_segment (void)
{
  GByteArray *out = g_byte_array_new ();

  BOX (out,
       "tfhd",
       "\0\2\0\0"
       "\0\0\0\7");
  BOX (out,
       "trun",
       "\0\0\0\1"
       "\0\0\0\2"
       "\0\0\0\x3c"); /* behind four heads and 28 bytes */
  wrap (out, 0, "traf");
  wrap (out, 0, "moof");
  gsize mdat = out->len;
  for (guint i = 0; i < 2; i++) {
    g_byte_array_append (out, nist_coded, sizeof nist_coded);
    put (out, "xy", 2);
  }
  wrap (out, mdat, "mdat");
  return out;
}

static void
test_fragments_are_decrypted (void)
{
  g_autoptr (GByteArray) init = make_init ();
  g_autoptr (GByteArray) segment = make_segment ();
  ForgeHlsFragments fragments;

  g_assert_true (forge_hls_fragments_open (&fragments, init->data, init->len));
  g_assert_nonnull (memmem (init->data, init->len, "mp4a", 4));
  g_assert_null (memmem (init->data, init->len, "enca", 4));
  g_assert_null (memmem (init->data, init->len, "sinf", 4));
  g_assert_true (forge_hls_fragments_decrypt (&fragments, nist_key, segment->data, segment->len));
  const guint8 *sample = segment->data + segment->len - 36;
  for (guint i = 0; i < 2; i++, sample += 18) {
    g_assert_cmpmem (sample, 16, nist_plain, 16);
    g_assert_cmpmem (sample + 16, 2, "xy", 2);
  }
}

/* Cut or changed anywhere, it is refused or something else comes out; it never reads beyond. */
static void
test_fragments_of_any_kind_are_survived (void)
{
  g_autoptr (GByteArray) init = make_init ();
  g_autoptr (GByteArray) segment = make_segment ();
  ForgeHlsFragments fragments;
  guint n_refused = 0;

  for (guint cut = 1; cut < init->len; cut++) {
    g_autofree guint8 *copy = g_memdup2 (init->data, cut);
    n_refused += !forge_hls_fragments_open (&fragments, copy, cut);
  }
  g_assert_cmpuint (n_refused, ==, init->len - 1);
  for (guint i = 0; i < 20000; i++) {
    g_autofree guint8 *copy = g_memdup2 (init->data, init->len);
    gsize length = (gsize)g_test_rand_int_range (1, (gint32)segment->len + 1);
    g_autofree guint8 *data = g_memdup2 (segment->data, length);
    if (i % 2 == 0)
      copy[g_test_rand_int_range (0, (gint32)init->len)] = (guint8)g_test_rand_int_range (0, 256);
    if (i % 4 > 1)
      data[g_test_rand_int_range (0, (gint32)length)] = (guint8)g_test_rand_int_range (0, 256);
    if (forge_hls_fragments_open (&fragments, copy, init->len))
      (void)!forge_hls_fragments_decrypt (&fragments, nist_key, data, length);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/hls-crypt/knows-the-standard", test_crypt_knows_the_standard);
  g_test_add_func ("/net/hls-crypt/drops-what-is-cut", test_crypt_drops_what_is_cut);
  g_test_add_func ("/net/hls-crypt/default-iv", test_crypt_default_iv);
  g_test_add_func ("/net/hls-fragments/are-decrypted", test_fragments_are_decrypted);
  g_test_add_func ("/net/hls-fragments/of-any-kind-are-survived",
                   test_fragments_of_any_kind_are_survived);
  g_test_add_func ("/net/hls-cut/keeps-whole-packets", test_cut_keeps_whole_packets);
  g_test_add_func ("/net/hls-cut/takes-a-short-segment", test_cut_takes_a_short_segment);
  g_test_add_func ("/net/hls-cut/knows-noise", test_cut_knows_noise);
  g_test_add_func ("/net/hls-track/follows-the-numbers", test_track_follows_the_numbers);
  g_test_add_func ("/net/hls-track/finds-its-segment-when-numbers-stand-still",
                   test_track_finds_its_segment_when_numbers_stand_still);
  g_test_add_func ("/net/hls-track/survives-an-encoder-restart",
                   test_track_survives_an_encoder_restart);
  g_test_add_func ("/net/hls-track/ends", test_track_ends);
  g_test_add_func ("/net/hls-track/passes-over-gaps", test_track_passes_over_gaps);
  g_test_add_func ("/net/hls-pacer/sends-the-lead-at-once-and-the-rest-in-time",
                   test_pacer_sends_the_lead_at_once_and_the_rest_in_time);
  g_test_add_func ("/net/hls-pacer/does-not-heap-up-after-running-dry",
                   test_pacer_does_not_heap_up_after_running_dry);
  g_test_add_func ("/net/hls-pacer/notices-that-the-reader-went",
                   test_pacer_notices_that_the_reader_went);
  g_test_add_func ("/net/hls-pacer/waits-for-a-slow-reader", test_pacer_waits_for_a_slow_reader);
  g_test_add_func ("/net/remux/sniff", test_remux_sniff);
  return g_test_run ();
}

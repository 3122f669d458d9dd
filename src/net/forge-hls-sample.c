/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/forge-hls-sample.h"

#include "mpegts/forge-ts-audio.h"
#include "mpegts/forge-ts-psi.h"

#include <gnutls/crypto.h>
#include <string.h>

#define BLOCK_BYTES FORGE_HLS_KEY_BYTES
/* H.264 */
#define MIN_SLICE_BYTES  49
#define SLICE_LEAD_BYTES 32
#define SLICE_SKIP_BYTES 144
/* of a frame of sound, behind an ADTS header */
#define FRAME_LEAD_BYTES 16
#define PES_HEAD_BYTES   9
#define CODING_H264      0x1B

typedef struct {
  gnutls_cipher_hd_t cipher;
  const guint8 *iv;
} Sample;

/* What the tables call a stream whose samples are encrypted, and what it is. */
static guint
coding_of (guint stream_type)
{
  switch (stream_type) {
  case 0xDB:
    return CODING_H264;
  case 0xCF:
    return FORGE_TS_CODING_ADTS;
  case 0xC1:
    return FORGE_TS_CODING_AC3;
  case 0xC2:
    return FORGE_TS_CODING_EAC3;
  default:
    return 0;
  }
}

/* Each sample begins with the IV anew. */
static void
begin_sample (const Sample *sample)
{
  guint8 iv[BLOCK_BYTES];

  memcpy (iv, sample->iv, sizeof iv);
  gnutls_cipher_set_iv (sample->cipher, iv, sizeof iv);
}

/* ---- pictures ---- */

/* Takes the bytes out that keep start codes from appearing. Returns the new length. */
static gsize
unescape (guint8 *nal, gsize length)
{
  gsize to = 0;
  guint zeros = 0;

  for (gsize from = 0; from < length; from++) {
    gboolean is_escape = zeros >= 2 && nal[from] == 3;
    zeros = !is_escape && nal[from] == 0 ? zeros + 1 : 0;
    if (!is_escape)
      nal[to++] = nal[from];
  }
  return to;
}

static void
decrypt_slice (const Sample *sample, guint8 *nal, gsize length)
{
  gsize clear = unescape (nal, length), at = SLICE_LEAD_BYTES;

  memset (nal + clear, 0, length - clear);
  begin_sample (sample);
  while (at + BLOCK_BYTES < clear) {
    gnutls_cipher_decrypt (sample->cipher, nal + at, BLOCK_BYTES);
    at += BLOCK_BYTES + SLICE_SKIP_BYTES;
  }
}

static gsize
find_start_code (const guint8 *data, gsize at, gsize length)
{
  while (at + 3 <= length && !(data[at] == 0 && data[at + 1] == 0 && data[at + 2] == 1))
    at++;
  return at + 3 <= length ? at : length;
}

static void
decrypt_pictures (const Sample *sample, guint8 *data, gsize length)
{
  gsize start = find_start_code (data, 0, length);

  while (start < length) {
    gsize next = find_start_code (data, start + 3, length), end = next;
    guint8 *nal = data + start + 3;
    while (end > start + 3 && data[end - 1] == 0)
      end--;
    gsize size = end - (start + 3);
    guint type = size > 0 ? nal[0] & 0x1Fu : 0;
    if ((type == 1 || type == 5) && size >= MIN_SLICE_BYTES)
      decrypt_slice (sample, nal, size);
    start = next;
  }
}

/* ---- sound ---- */

/* Bytes of the frame at the start, 0 = it is none. */
static gsize
frame_bytes (const guint8 *data, gsize length, guint coding)
{
  ForgeTsAudio audio;

  if (length < FORGE_TS_AUDIO_HEADER_BYTES || !forge_ts_audio_begin (&audio, coding))
    return 0;
  forge_ts_audio_walk (&audio, data, FORGE_TS_AUDIO_HEADER_BYTES, G_MAXUINT64);
  gsize size = FORGE_TS_AUDIO_HEADER_BYTES + audio.left;
  return audio.is_broken || size > length ? 0 : size;
}

static gsize
frame_lead (const guint8 *frame, guint coding)
{
  if (coding != FORGE_TS_CODING_ADTS)
    return FRAME_LEAD_BYTES;
  return FRAME_LEAD_BYTES + (frame[1] & 1 ? 7 : 9); /* protection_absent: no checksum */
}

static void
decrypt_frames (const Sample *sample, guint8 *data, gsize length, guint coding)
{
  for (gsize at = 0; at < length;) {
    gsize size = frame_bytes (data + at, length - at, coding), lead;
    if (size == 0) { /* lost a piece: the next header */
      at++;
      continue;
    }
    lead = frame_lead (data + at, coding);
    if (size >= lead + BLOCK_BYTES) {
      begin_sample (sample);
      gnutls_cipher_decrypt (sample->cipher,
                             data + at + lead,
                             (size - lead) / BLOCK_BYTES * BLOCK_BYTES);
    }
    at += size;
  }
}

static void
decrypt_stream (const Sample *sample, guint8 *data, gsize length, guint coding)
{
  if (coding == CODING_H264)
    decrypt_pictures (sample, data, length);
  else
    decrypt_frames (sample, data, length, coding);
}

/* ---- packets ---- */

/* Where the packet's part of its stream begins: behind a PES header. 188 = it has none. */
static gsize
stream_offset (const guint8 *packet)
{
  gsize at = forge_ts_payload_offset (packet);

  if (!forge_ts_starts_unit (packet))
    return at;
  if (at + PES_HEAD_BYTES > FORGE_TS_PACKET_BYTES)
    return FORGE_TS_PACKET_BYTES;
  return MIN (at + PES_HEAD_BYTES + packet[at + PES_HEAD_BYTES - 1], FORGE_TS_PACKET_BYTES);
}

/* Copies the stream's bytes out of the packets, or back into them. */
static void
move_stream (guint8 *data, gsize length, guint pid, GByteArray *bytes, gboolean is_back)
{
  gsize at = 0;

  for (guint8 *packet = data; packet < data + length; packet += FORGE_TS_PACKET_BYTES) {
    gsize offset = stream_offset (packet), n = FORGE_TS_PACKET_BYTES - offset;
    if (forge_ts_pid (packet) != pid || n == 0)
      continue;
    if (is_back)
      memcpy (packet + offset, bytes->data + at, n);
    else
      g_byte_array_append (bytes, packet + offset, (guint)n);
    at += n;
  }
}

/* So that nobody takes the streams for encrypted ones. FALSE: the table is too large. */
static gboolean
name_plainly (const ForgeTsPsi *psi, guint8 *packet)
{
  g_autofree guint8 *section = g_memdup2 (psi->pmt.section, psi->pmt.section_bytes);
  gsize size = psi->pmt.section_bytes, body = size - 4;
  guint8 written[FORGE_TS_TABLE_MAX_PACKETS * FORGE_TS_PACKET_BYTES];

  for (guint i = 0; i < psi->n_streams; i++)
    if (coding_of (psi->streams[i].stream_type) > 0)
      section[psi->streams[i].entry_at] = (guint8)coding_of (psi->streams[i].stream_type);
  guint32 crc = GUINT32_TO_BE (forge_ts_crc32 (section, body));
  memcpy (section + body, &crc, sizeof crc);
  if (psi->pmt.n_packets != 1 ||
      forge_ts_section_write (section, size, psi->pmt_pid, forge_ts_counter (packet), written) !=
          FORGE_TS_PACKET_BYTES)
    return FALSE;
  memcpy (packet, written, FORGE_TS_PACKET_BYTES);
  return TRUE;
}

/* Reads the tables and replaces each PMT. */
static gboolean
rewrite_tables (ForgeTsPsi *psi, guint8 *data, gsize length)
{
  forge_ts_psi_reset (psi);
  for (guint8 *packet = data; packet < data + length; packet += FORGE_TS_PACKET_BYTES) {
    guint pid = forge_ts_pid (packet), seen = psi->pmt.n_seen;
    if (pid != FORGE_TS_PAT_PID && pid != psi->pmt_pid)
      continue;
    forge_ts_psi_push (psi, packet);
    if (psi->pmt.n_seen > seen && !name_plainly (psi, packet))
      return FALSE;
  }
  return forge_ts_psi_is_complete (psi);
}

static gboolean
decrypt_packets (const Sample *sample, guint8 *data, gsize length)
{
  g_autofree ForgeTsPsi *psi = g_new (ForgeTsPsi, 1);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  length -= length % FORGE_TS_PACKET_BYTES;
  if (!rewrite_tables (psi, data, length))
    return FALSE;
  for (guint i = 0; i < psi->n_streams; i++) {
    guint coding = coding_of (psi->streams[i].stream_type);
    if (coding == 0)
      continue;
    g_byte_array_set_size (bytes, 0);
    move_stream (data, length, psi->streams[i].pid, bytes, FALSE);
    decrypt_stream (sample, bytes->data, bytes->len, coding);
    move_stream (data, length, psi->streams[i].pid, bytes, TRUE);
  }
  return TRUE;
}

static guint
coding_of_format (const char *format)
{
  if (g_str_equal (format, "aac"))
    return FORGE_TS_CODING_ADTS;
  if (g_str_equal (format, "ac3"))
    return FORGE_TS_CODING_AC3;
  return g_str_equal (format, "eac3") ? FORGE_TS_CODING_EAC3 : 0;
}

static gboolean
decrypt_format (const Sample *sample, const char *format, guint8 *data, gsize length)
{
  guint coding = coding_of_format (format);

  if (g_str_equal (format, "mpegts"))
    return decrypt_packets (sample, data, length);
  if (coding == 0)
    return FALSE;
  decrypt_frames (sample, data, length, coding);
  return TRUE;
}

gboolean
forge_hls_sample_decrypt (const guint8 key[FORGE_HLS_KEY_BYTES],
                          const guint8 iv[FORGE_HLS_KEY_BYTES],
                          const char *format,
                          guint8 *data,
                          gsize length)
{
  guint8 key_copy[FORGE_HLS_KEY_BYTES], iv_copy[FORGE_HLS_KEY_BYTES];
  const gnutls_datum_t key_datum = { key_copy, sizeof key_copy };
  const gnutls_datum_t iv_datum = { iv_copy, sizeof iv_copy };
  Sample sample = { .iv = iv };

  memcpy (key_copy, key, sizeof key_copy);
  memcpy (iv_copy, iv, sizeof iv_copy);
  if (!format ||
      gnutls_cipher_init (&sample.cipher, GNUTLS_CIPHER_AES_128_CBC, &key_datum, &iv_datum) < 0)
    return FALSE;
  gboolean is_done = decrypt_format (&sample, format, data, length);
  gnutls_cipher_deinit (sample.cipher);
  return is_done;
}

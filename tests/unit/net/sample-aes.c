/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "sample-aes.h"

#include "mpegts/forge-ts-psi.h"

#include <gnutls/crypto.h>
#include <string.h>

#define PMT_PID   0x1000u
#define VIDEO_PID 0x100u
#define AUDIO_PID 0x101u

typedef struct {
  gnutls_cipher_hd_t cipher;
  guint8 iv[16];
  guint counters[2]; /* of pictures and sound */
  GByteArray *out;
} Encryptor;

static void
begin_sample (Encryptor *encryptor)
{
  gnutls_cipher_set_iv (encryptor->cipher, encryptor->iv, 16);
}

/* ---- one unit's bytes ---- */

static void
append_escaped (GByteArray *out, const guint8 *nal, gsize length)
{
  static const guint8 escape = 3;
  guint zeros = 0;

  for (gsize i = 0; i < length; i++) {
    if (zeros >= 2 && nal[i] <= 3) {
      g_byte_array_append (out, &escape, 1);
      zeros = 0;
    }
    g_byte_array_append (out, nal + i, 1);
    zeros = nal[i] == 0 ? zeros + 1 : 0;
  }
}

static void
append_nal (Encryptor *encryptor, GByteArray *out, guint8 *nal, gsize length)
{
  guint type = nal[0] & 0x1Fu;

  if ((type != 1 && type != 5) || length <= 48) {
    g_byte_array_append (out, nal, (guint)length);
    return;
  }
  begin_sample (encryptor);
  for (gsize at = 32; at < length; at += 144) {
    if (length - at <= 16)
      break;
    gnutls_cipher_encrypt (encryptor->cipher, nal + at, 16);
    at += 16;
  }
  append_escaped (out, nal, length);
}

static gsize
next_start (const guint8 *data, gsize at, gsize length)
{
  for (; at + 3 <= length; at++)
    if (data[at] == 0 && data[at + 1] == 0 && data[at + 2] == 1)
      return at;
  return length;
}

static GByteArray *
encrypt_pictures (Encryptor *encryptor, guint8 *data, gsize length)
{
  GByteArray *out = g_byte_array_new ();
  gsize start = next_start (data, 0, length);

  g_byte_array_append (out, data, (guint)start);
  while (start < length) {
    gsize next = next_start (data, start + 3, length), end = next;
    while (data[end - 1] == 0)
      end--;
    g_byte_array_append (out, data + start, 3);
    append_nal (encryptor, out, data + start + 3, end - start - 3);
    g_byte_array_append (out, data + end, (guint)(next - end));
    start = next;
  }
  return out;
}

static GByteArray *
encrypt_sound (Encryptor *encryptor, guint8 *data, gsize length)
{
  GByteArray *out = g_byte_array_new ();

  for (gsize at = 0; at < length;) {
    gsize size = (data[at + 3] & 3u) << 11 | data[at + 4] << 3 | data[at + 5] >> 5;
    gsize lead = 16 + (data[at + 1] & 1 ? 7 : 9);
    g_assert_cmpint (data[at], ==, 0xFF);
    begin_sample (encryptor);
    if (size > lead)
      gnutls_cipher_encrypt (encryptor->cipher, data + at + lead, (size - lead) / 16 * 16);
    at += size;
  }
  g_byte_array_append (out, data, (guint)length);
  return out;
}

/* ---- packets ---- */

static void
append_packet (Encryptor *encryptor,
               const guint8 *first,
               guint pid,
               const guint8 **at,
               const guint8 *end)
{
  guint8 packet[188] = { 0x47, (guint8)(pid >> 8), (guint8)pid, 0x10 };
  gsize head = 4, room;

  if (first && first[3] & 0x20) { /* with its PCR */
    head += 1u + first[4];
    memcpy (packet, first, head);
  }
  if (first)
    packet[1] |= 0x40;
  packet[3] = (packet[3] & 0x30u) | (encryptor->counters[pid - VIDEO_PID]++ & 0xFu);
  room = 188 - head;
  if ((gsize)(end - *at) < room) { /* the rest is stuffing */
    gsize n = (gsize)(end - *at), stuffing = room - n;
    if (!(packet[3] & 0x20)) {
      packet[3] |= 0x20;
      packet[4] = (guint8)(stuffing - 1);
      if (stuffing > 1)
        packet[5] = 0;
      memset (packet + 6, 0xFF, stuffing > 2 ? stuffing - 2 : 0);
    } else {
      memset (packet + head, 0xFF, stuffing);
      packet[4] = (guint8)(packet[4] + stuffing);
    }
    head += stuffing;
    room = n;
  }
  memcpy (packet + head, *at, room);
  *at += room;
  g_byte_array_append (encryptor->out, packet, sizeof packet);
}

/* The PES that begins with `packet`, encrypted and in packets of its own. */
static void
append_unit (Encryptor *encryptor, const guint8 *packet, const guint8 *end)
{
  g_autoptr (GByteArray) unit = g_byte_array_new ();
  guint pid = forge_ts_pid (packet);

  for (const guint8 *p = packet; p < end; p += 188) {
    if (forge_ts_pid (p) != pid)
      continue;
    if (p != packet && forge_ts_starts_unit (p))
      break;
    gsize offset = forge_ts_payload_offset (p);
    g_byte_array_append (unit, p + offset, (guint)(188 - offset));
  }
  gsize head = 9u + unit->data[8];
  g_autoptr (GByteArray) stream =
      pid == VIDEO_PID ? encrypt_pictures (encryptor, unit->data + head, unit->len - head)
                       : encrypt_sound (encryptor, unit->data + head, unit->len - head);
  g_byte_array_set_size (unit, (guint)head);
  if (pid == VIDEO_PID)
    unit->data[4] = unit->data[5] = 0;
  g_byte_array_append (unit, stream->data, stream->len);
  const guint8 *at = unit->data, *first = packet;
  while (at < unit->data + unit->len) {
    append_packet (encryptor, first, pid, &at, unit->data + unit->len);
    first = NULL;
  }
}

static void
append_pmt (Encryptor *encryptor, const guint8 *packet)
{
  guint8 changed[188];
  guint8 *section = changed + 5;

  memcpy (changed, packet, sizeof changed);
  gsize body = 3u + ((section[1] & 0xFu) << 8 | section[2]) - 4u;
  for (gsize at = 12; at < body; at += 5u + section[at + 4])
    section[at] |= 0xC0; /* 1B → DB, 0F → CF */
  guint32 crc = GUINT32_TO_BE (forge_ts_crc32 (section, body));
  memcpy (section + body, &crc, sizeof crc);
  g_byte_array_append (encryptor->out, changed, sizeof changed);
}

GByteArray *
sample_aes_encrypt (const guint8 *data, gsize length, const guint8 key[16], const guint8 iv[16])
{
  guint8 key_copy[16], iv_copy[16] = { 0 };
  const gnutls_datum_t key_datum = { key_copy, 16 }, iv_datum = { iv_copy, 16 };
  Encryptor encryptor = { .out = g_byte_array_new () };
  const guint8 *end = data + length;

  memcpy (key_copy, key, 16);
  memcpy (encryptor.iv, iv, 16);
  g_assert_cmpint (
      gnutls_cipher_init (&encryptor.cipher, GNUTLS_CIPHER_AES_128_CBC, &key_datum, &iv_datum),
      ==,
      0);
  for (const guint8 *packet = data; packet < end; packet += 188) {
    guint pid = forge_ts_pid (packet);
    if (pid == PMT_PID)
      append_pmt (&encryptor, packet);
    else if (pid != VIDEO_PID && pid != AUDIO_PID)
      g_byte_array_append (encryptor.out, packet, 188);
    else if (forge_ts_starts_unit (packet))
      append_unit (&encryptor, packet, end);
  }
  gnutls_cipher_deinit (encryptor.cipher);
  return encryptor.out;
}

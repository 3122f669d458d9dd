/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "server/discovery/forge-hdhr-packet.h"

#include <string.h>
#include <zlib.h>

#define HEAD_BYTES      4
#define CRC_BYTES       4
#define SHORT_LENGTH    0x7f /* the largest that fits one byte */
#define LONG_LENGTH_BIT 0x80

static guint
read_u16 (const guint8 *bytes)
{
  return (guint)bytes[0] << 8 | bytes[1];
}

static guint32
read_crc (const guint8 *bytes)
{
  return (guint32)bytes[3] << 24 | (guint32)bytes[2] << 16 | (guint32)bytes[1] << 8 | bytes[0];
}

static guint32
crc_of (const guint8 *bytes, gsize length)
{
  return (guint32)crc32 (crc32 (0, NULL, 0), bytes, (uInt)length);
}

ForgeHdhrFrameState
forge_hdhr_frame_parse (const guint8 *bytes, gsize length, ForgeHdhrFrame *frame)
{
  gsize payload_bytes, covered_bytes;

  if (length < HEAD_BYTES)
    return FORGE_HDHR_FRAME_PARTIAL;
  payload_bytes = read_u16 (bytes + 2);
  covered_bytes = HEAD_BYTES + payload_bytes;
  if (payload_bytes > FORGE_HDHR_MAX_PAYLOAD_BYTES)
    return FORGE_HDHR_FRAME_BROKEN;
  if (length < covered_bytes + CRC_BYTES)
    return FORGE_HDHR_FRAME_PARTIAL;
  if (crc_of (bytes, covered_bytes) != read_crc (bytes + covered_bytes))
    return FORGE_HDHR_FRAME_BROKEN;
  *frame = (ForgeHdhrFrame){ .type = read_u16 (bytes),
                             .payload = bytes + HEAD_BYTES,
                             .payload_bytes = payload_bytes,
                             .frame_bytes = covered_bytes + CRC_BYTES };
  return FORGE_HDHR_FRAME_COMPLETE;
}

void
forge_hdhr_reader_init (ForgeHdhrReader *reader, const ForgeHdhrFrame *frame)
{
  *reader = (ForgeHdhrReader){ .at = frame->payload, .end = frame->payload + frame->payload_bytes };
}

/* Low seven bits first. */
static gboolean
read_length (ForgeHdhrReader *reader, gsize *length)
{
  if (reader->at == reader->end)
    return FALSE;
  *length = *reader->at++;
  if (!(*length & LONG_LENGTH_BIT))
    return TRUE;
  if (reader->at == reader->end)
    return FALSE;
  *length = (*length & SHORT_LENGTH) | (gsize)*reader->at++ << 7;
  return TRUE;
}

gboolean
forge_hdhr_reader_next (ForgeHdhrReader *reader, ForgeHdhrTag *tag)
{
  if (reader->is_broken || reader->at == reader->end)
    return FALSE;
  tag->name = *reader->at++;
  if (!read_length (reader, &tag->value_bytes) ||
      tag->value_bytes > (gsize)(reader->end - reader->at)) {
    reader->is_broken = TRUE;
    return FALSE;
  }
  tag->value = reader->at;
  reader->at += tag->value_bytes;
  return TRUE;
}

gboolean
forge_hdhr_tag_u32 (const ForgeHdhrTag *tag, guint32 *value)
{
  if (tag->value_bytes != 4)
    return FALSE;
  *value = (guint32)read_u16 (tag->value) << 16 | read_u16 (tag->value + 2);
  return TRUE;
}

void
forge_hdhr_writer_begin (ForgeHdhrWriter *writer, ForgeHdhrType type)
{
  writer->bytes[0] = (guint8)(type >> 8);
  writer->bytes[1] = (guint8)type;
  writer->length = HEAD_BYTES;
  writer->is_overfull = FALSE;
}

static void
put (ForgeHdhrWriter *writer, gsize byte)
{
  writer->bytes[writer->length++] = (guint8)byte;
}

void
forge_hdhr_writer_add (ForgeHdhrWriter *writer,
                       ForgeHdhrTagName name,
                       gconstpointer value,
                       gsize value_bytes)
{
  gsize overhead_bytes = value_bytes > SHORT_LENGTH ? 3 : 2;

  if (writer->is_overfull || value_bytes > FORGE_HDHR_MAX_VALUE_BYTES ||
      writer->length + overhead_bytes + value_bytes > sizeof writer->bytes - CRC_BYTES) {
    writer->is_overfull = TRUE;
    return;
  }
  put (writer, name);
  if (value_bytes > SHORT_LENGTH) {
    put (writer, (value_bytes & SHORT_LENGTH) | LONG_LENGTH_BIT);
    put (writer, value_bytes >> 7);
  } else {
    put (writer, value_bytes);
  }
  if (value_bytes)
    memcpy (writer->bytes + writer->length, value, value_bytes);
  writer->length += value_bytes;
}

void
forge_hdhr_writer_add_u8 (ForgeHdhrWriter *writer, ForgeHdhrTagName name, guint8 value)
{
  forge_hdhr_writer_add (writer, name, &value, 1);
}

void
forge_hdhr_writer_add_u32 (ForgeHdhrWriter *writer, ForgeHdhrTagName name, guint32 value)
{
  const guint32 big_endian = GUINT32_TO_BE (value);

  forge_hdhr_writer_add (writer, name, &big_endian, sizeof big_endian);
}

void
forge_hdhr_writer_add_text (ForgeHdhrWriter *writer, ForgeHdhrTagName name, const char *text)
{
  forge_hdhr_writer_add (writer, name, text, strlen (text));
}

void
forge_hdhr_writer_add_string (ForgeHdhrWriter *writer, ForgeHdhrTagName name, const char *text)
{
  forge_hdhr_writer_add (writer, name, text, strlen (text) + 1);
}

gsize
forge_hdhr_writer_end (ForgeHdhrWriter *writer)
{
  gsize payload_bytes = writer->length - HEAD_BYTES;
  guint32 crc;

  if (writer->is_overfull)
    return 0;
  writer->bytes[2] = (guint8)(payload_bytes >> 8);
  writer->bytes[3] = (guint8)payload_bytes;
  crc = GUINT32_TO_LE (crc_of (writer->bytes, writer->length));
  memcpy (writer->bytes + writer->length, &crc, sizeof crc);
  writer->length += CRC_BYTES;
  return writer->length;
}

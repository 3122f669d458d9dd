/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * The frame that HDHomeRun discovery (UDP) and control (TCP) share. Pure. Thread: any.
 *
 *   type u16 · payload length u16 · payload: (tag u8 · length · value)… · CRC-32, little end first
 *
 * All other numbers are big-endian. Spec: libhdhomerun, hdhomerun_pkt.h.
 */
#define FORGE_HDHR_MAX_FRAME_BYTES   1460
#define FORGE_HDHR_MAX_PAYLOAD_BYTES 1452
/* A length takes one byte up to 127, else two. */
#define FORGE_HDHR_MAX_VALUE_BYTES 32767

typedef enum {
  FORGE_HDHR_DISCOVER_REQUEST = 2,
  FORGE_HDHR_DISCOVER_REPLY = 3,
  FORGE_HDHR_GETSET_REQUEST = 4,
  FORGE_HDHR_GETSET_REPLY = 5,
} ForgeHdhrType;

typedef enum {
  FORGE_HDHR_TAG_DEVICE_TYPE = 0x01,
  FORGE_HDHR_TAG_DEVICE_ID = 0x02,
  FORGE_HDHR_TAG_NAME = 0x03,
  FORGE_HDHR_TAG_VALUE = 0x04,
  FORGE_HDHR_TAG_ERROR = 0x05,
  FORGE_HDHR_TAG_TUNER_COUNT = 0x10,
  FORGE_HDHR_TAG_LOCK_KEY = 0x15,
  FORGE_HDHR_TAG_LINEUP_URL = 0x27,
  FORGE_HDHR_TAG_BASE_URL = 0x2A,
  FORGE_HDHR_TAG_DEVICE_AUTH = 0x2B,
  FORGE_HDHR_TAG_MULTI_TYPE = 0x2D,
} ForgeHdhrTagName;

typedef struct {
  guint type; /* a ForgeHdhrType or any other number */
  const guint8 *payload;
  gsize payload_bytes;
  gsize frame_bytes; /* with head and CRC: where the next frame of a stream begins */
} ForgeHdhrFrame;

typedef enum {
  FORGE_HDHR_FRAME_COMPLETE,
  FORGE_HDHR_FRAME_PARTIAL, /* more bytes are needed */
  FORGE_HDHR_FRAME_BROKEN,  /* too long or a wrong CRC: nothing after it can be trusted */
} ForgeHdhrFrameState;

/* `frame` points into `bytes` and is filled only when complete. */
ForgeHdhrFrameState
forge_hdhr_frame_parse (const guint8 *bytes, gsize length, ForgeHdhrFrame *frame);

typedef struct {
  guint8 name;
  const guint8 *value;
  gsize value_bytes;
} ForgeHdhrTag;

/* Walks the tags of a payload. */
typedef struct {
  const guint8 *at, *end;
  gboolean is_broken; /* a tag went beyond the payload */
} ForgeHdhrReader;

void forge_hdhr_reader_init (ForgeHdhrReader *reader, const ForgeHdhrFrame *frame);
/* FALSE at the end, and when what follows is broken. */
gboolean forge_hdhr_reader_next (ForgeHdhrReader *reader, ForgeHdhrTag *tag);
/* FALSE unless the value has exactly four bytes. */
gboolean forge_hdhr_tag_u32 (const ForgeHdhrTag *tag, guint32 *value);

/* Builds one frame. What does not fit makes the whole frame void, never a cut one. */
typedef struct {
  guint8 bytes[FORGE_HDHR_MAX_FRAME_BYTES];
  gsize length;
  gboolean is_overfull;
} ForgeHdhrWriter;

void forge_hdhr_writer_begin (ForgeHdhrWriter *writer, ForgeHdhrType type);
void forge_hdhr_writer_add (ForgeHdhrWriter *writer,
                            ForgeHdhrTagName name,
                            gconstpointer value,
                            gsize value_bytes);
void forge_hdhr_writer_add_u8 (ForgeHdhrWriter *writer, ForgeHdhrTagName name, guint8 value);
void forge_hdhr_writer_add_u32 (ForgeHdhrWriter *writer, ForgeHdhrTagName name, guint32 value);
/* As discovery has it: without the NUL. */
void forge_hdhr_writer_add_text (ForgeHdhrWriter *writer, ForgeHdhrTagName name, const char *text);
/* As getset has it: with the NUL. */
void
forge_hdhr_writer_add_string (ForgeHdhrWriter *writer, ForgeHdhrTagName name, const char *text);
/* Closes the frame. Returns: its length in `bytes`, 0 when it was overfull. */
gsize forge_hdhr_writer_end (ForgeHdhrWriter *writer);

G_END_DECLS

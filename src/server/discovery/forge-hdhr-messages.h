/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server/discovery/forge-hdhr-packet.h"

G_BEGIN_DECLS

/**
 * What the frames mean: discover and getset, requests in, replies out. Pure. Thread: any.
 */

/* What discover.json, UDP and TCP say alike. Not HDTC-*: clients would then ask us to transcode.
 * "_atsc" steers how Tvheadend and libhdhomerun treat us. */
#define FORGE_HDHR_MODEL            "HDHR5-4US"
#define FORGE_HDHR_FIRMWARE         "hdhomerun5_atsc"
#define FORGE_HDHR_FIRMWARE_VERSION "20250815"

/* What structs of libhdhomerun hold; longer ones are dropped there. IPv4 fits by nature. */
#define FORGE_HDHR_MAX_BASE_URL_BYTES    28
#define FORGE_HDHR_MAX_DEVICE_AUTH_BYTES 24

/* TRUE if the datagram asks for a tuner with this id, in any of the shapes that clients use: type
 * and id, either a wildcard, either left out, or a list of types. Bytes after the frame are ignored
 * as libhdhomerun does. */
gboolean forge_hdhr_discover_is_for (const guint8 *bytes, gsize length, guint32 device_id);

typedef struct {
  guint32 device_id;
  guint tuner_count;       /* 1…255 */
  const char *base_url;    /* no trailing slash; 28 bytes for IPv4 */
  const char *device_auth; /* NULL = leave out: vendors' guide servers know no such device */
} ForgeHdhrAnswer;

/* The reply in the order of a real device. Returns: its length in `writer`, 0 = does not fit. */
gsize forge_hdhr_discover_reply (ForgeHdhrWriter *writer, const ForgeHdhrAnswer *answer);

/* Longer names and values are no request. */
#define FORGE_HDHR_MAX_NAME_BYTES     127
#define FORGE_HDHR_MAX_ARGUMENT_BYTES 1023

typedef struct {
  char name[FORGE_HDHR_MAX_NAME_BYTES + 1];
  gboolean is_set; /* a value came with it, perhaps an empty one */
  char value[FORGE_HDHR_MAX_ARGUMENT_BYTES + 1];
  guint32 lock_key; /* 0 = none came */
} ForgeHdhrGetset;

/* FALSE unless the frame is a well-formed getset request. */
gboolean forge_hdhr_getset_parse (const ForgeHdhrFrame *frame, ForgeHdhrGetset *request);
/* Name first: some clients read by position. `is_error`: `text` is the reason. Returns: the length,
 * 0 = does not fit. */
gsize forge_hdhr_getset_reply (ForgeHdhrWriter *writer,
                               const char *name,
                               gboolean is_error,
                               const char *text);

G_END_DECLS

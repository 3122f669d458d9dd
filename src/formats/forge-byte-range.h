/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Byte ranges of HTTP. Spec: RFC 9110 §13.1.5, §14. Thread: any. */

typedef struct {
  gint64 first, last; /* inclusive; last -1 = to the end */
  gint64 suffix;      /* ≥ 0: that many last bytes, and first is -1; else -1 */
} ForgeByteRange;

/* A Range header. FALSE: it is to be ignored: absent (NULL), another unit, malformed, or several
 * ranges, which we answer with all of it (allowed by §14.2). */
gboolean forge_byte_range_parse (const char *header, ForgeByteRange *range);

/* Where the range lies in something of `length` bytes: clipped at its end. FALSE: nowhere (416). */
gboolean
forge_byte_range_place (const ForgeByteRange *range, gint64 length, gint64 *first, gint64 *last);

/* Content-Range: "bytes 0-99/1234"; `*total` -1 for "*". Of a 416, "bytes" star slash length,
 * `*first` and
 * `*last` are -1. FALSE if it is malformed. */
gboolean forge_content_range_parse (const char *header, gint64 *first, gint64 *last, gint64 *total);

/* Does If-Range (NULL = absent: yes) name exactly what we have? Only strong tags and exact dates
 * count (§13.1.5); `etag` with quotes, either may be NULL. */
gboolean forge_if_range_matches (const char *header, const char *etag, const char *last_modified);

/* If-None-Match: a list or "*", compared weakly (§13.1.2). `etag` with quotes. */
gboolean forge_if_none_match (const char *header, const char *etag);

G_END_DECLS

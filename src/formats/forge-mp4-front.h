/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * MP4 files whose index ("moov") stands behind the media: whoever reads them from a pipe never gets
 * to it. With the index taken from the end, its offsets moved and put in front, the rest may follow
 * as it is. Spec: ISO/IEC 14496-12 §4.2, §8.7.5.
 */
typedef struct {
  gint64 front_end; /* the first byte behind "ftyp": here the index goes in */
  gint64 media_end; /* the first byte behind the media: here the index is to be looked for */
} ForgeMp4Layout;

/* More is no index: a film of four hours has one of 8 MiB. */
#define FORGE_MP4_MAX_INDEX_BYTES (32u << 20)

/* `data`: the first bytes of a file of `file_length` (-1 = not known). FALSE: it is no such file,
 * or its index is in front, or that cannot be told. */
gboolean forge_mp4_has_index_behind (const guint8 *data,
                                     gsize length,
                                     gint64 file_length,
                                     ForgeMp4Layout *layout);

/* The index from what stands behind the media, made for standing in front of it. Error: INVALID
 * (none, or a broken one), UNSUPPORTED (compressed, or 32 bits are too few). Returns: (transfer
 * full). */
GBytes *forge_mp4_take_index (GBytes *tail, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

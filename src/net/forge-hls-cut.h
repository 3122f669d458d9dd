/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define FORGE_HLS_PACKET_BYTES 188
/* What may stand before the first packet of a segment: ID3 tags, PHP warnings. */
#define FORGE_HLS_CUT_MAX_BYTES (64 * 1024)

/* Internal to net: whole packets of a transport stream segment; what is before, between and behind
 * them is dropped. */
typedef struct {
  GByteArray *rest; /* not sure yet */
  gboolean is_synced;
  guint64 packets;
  guint64 dropped_bytes;
} ForgeHlsCut;

void forge_hls_cut_init (ForgeHlsCut *cut);
void forge_hls_cut_clear (ForgeHlsCut *cut);
/* Appends whole packets to `out`. FALSE: nothing that looks like packets came for
 * FORGE_HLS_CUT_MAX_BYTES. */
gboolean forge_hls_cut_push (ForgeHlsCut *cut, const guint8 *data, gsize length, GByteArray *out);
/* The end of the segment. FALSE: there was no packet in it. */
gboolean forge_hls_cut_end (ForgeHlsCut *cut, GByteArray *out);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Internal to net: what the first bytes of a live stream are. Facts §7 "Sync". */
typedef enum {
  FORGE_SNIFF_TS,     /* packets found */
  FORGE_SNIFF_HLS,    /* "#EXTM3U" */
  FORGE_SNIFF_TEXT,   /* HTML, JSON or words, so far */
  FORGE_SNIFF_BINARY, /* undecided: no packets found so far */
} ForgeSniff;

/* 64 KiB may stand before the first packet (PHP warnings, a broken packet). */
#define FORGE_SNIFF_MAX_BYTES (64 * 1024)

ForgeSniff forge_sniff (const guint8 *data, gsize length);

G_END_DECLS

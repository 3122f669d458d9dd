/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "net/forge-hls-crypt.h"
#include "net/forge-hls-cut.h"
#include "net/forge-hls-fetch.h"
#include "net/forge-hls-fragments.h"
#include "net/forge-hls-pacer.h"
#include "net/forge-hls-track.h"

G_BEGIN_DECLS

/**
 * ForgeHlsLine: one media playlist and its segments on their way to a pacer. Internal to net. A
 * session has one, or two when pictures and sound come apart.
 */
typedef struct _ForgeHlsLine ForgeHlsLine;
struct _ForgeHlsLine {
  char *url; /* of the media playlist */
  ForgeHlsTrack track;
  ForgeHlsPacer *pacer;
  ForgeHlsFetch *fetch;
  gboolean is_packets;    /* cut at packets; else the bytes as they are */
  gboolean is_kind_known; /* is_packets says something */
  const char *format;     /* what it is for ffmpeg, NULL = not known */
  double offset_s;        /* and where its clock begins */
  char *map_uri;          /* the initialisation that was sent, NULL = none */
  GByteArray *map;
  guint segments; /* that came through */

  /* called when is_kind_known comes true, in the middle of a take */
  void (*on_kind) (ForgeHlsLine *line, gpointer user_data);
  gpointer on_kind_data;

  /* the segment at hand */
  gboolean is_open; /* the pacer has it */
  guint64 sequence;
  gint64 duration_us;
  gint64 done_bytes; /* of it, as it comes from the server */
  guint attempts;
  gboolean has_new_key; /* the key was fetched again for it */
  ForgeHlsCut cut;
  ForgeHlsCrypt *crypt;        /* NULL = in the clear */
  GByteArray *plain, *packets; /* scratch */
  /* SAMPLE-AES: all of it, decrypted when it is whole */
  gboolean is_sampled;
  guint8 key[FORGE_HLS_KEY_BYTES], iv[FORGE_HLS_KEY_BYTES];
  GByteArray *held;
  ForgeHlsFragments fragments; /* what the initialisation says of it, if there is one */
};

void forge_hls_line_init (ForgeHlsLine *line, ForgeHlsFetch *fetch);
void forge_hls_line_clear (ForgeHlsLine *line);

/* Fetches the segment whose turn it is, from where it was left. Error: the fetch's; INVALID when it
 * holds no media; UNSUPPORTED when it cannot be decrypted. */
gboolean forge_hls_line_take (ForgeHlsLine *line, GError **error);
/* Gives the segment at hand up and goes on with the next. */
void forge_hls_line_skip (ForgeHlsLine *line);

G_END_DECLS

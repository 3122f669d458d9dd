/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ForgeHlsPlaylist: a master or media playlist (RFC 8216), read from the whole text, which is never
 * large. URIs stay as they were written: whoever fetches resolves them against the address that the
 * playlist came from in the end.
 */

#define FORGE_HLS_MAX_LINE_BYTES (256 * 1024)
#define FORGE_HLS_MAX_SEGMENTS   20000
/* Variants and renditions, each. */
#define FORGE_HLS_MAX_VARIANTS 1000

typedef enum {
  FORGE_HLS_METHOD_AES_128,    /* whole segments, with a key that can simply be fetched */
  FORGE_HLS_METHOD_SAMPLE_AES, /* parts of pictures and sound, with such a key */
  FORGE_HLS_METHOD_OTHER,      /* DRM and what is not known */
} ForgeHlsMethod;

typedef struct {
  ForgeHlsMethod method;
  char *method_name; /* as written, e.g. "SAMPLE-AES" */
  char *key_format;  /* NULL = identity */
  char *uri;         /* never NULL but with OTHER */
  gboolean has_iv;   /* FALSE: the media sequence number is the IV */
  guint8 iv[16];
} ForgeHlsKey;

typedef struct {
  char *uri;
  gint64 offset, length;  /* bytes; length -1 = all of it */
  const ForgeHlsKey *key; /* NULL = in the clear */
} ForgeHlsMap;

typedef struct {
  char *uri;
  guint64 sequence;
  gint64 duration_us;     /* that of the target if none was said */
  gint64 offset, length;  /* bytes; length -1 = all of it */
  const ForgeHlsKey *key; /* NULL = in the clear */
  const ForgeHlsMap *map; /* NULL = none: a transport stream */
  gint64 program_us;      /* EXT-X-PROGRAM-DATE-TIME, µs since 1970; 0 = not said */
  gboolean is_discontinuity, is_gap;
} ForgeHlsSegment;

typedef struct {
  char *uri;
  guint64 bandwidth; /* bit/s, 0 = not said */
  guint width, height;
  char *codecs;      /* NULL = not said */
  char *audio_group; /* NULL = the sound is in the variant */
} ForgeHlsVariant;

typedef struct {
  char *type, *group; /* "AUDIO", … */
  char *name, *language;
  char *uri; /* NULL = it is in the variants */
  gboolean is_default;
} ForgeHlsRendition;

typedef struct {
  gboolean is_master;
  GPtrArray *variants;   /* ForgeHlsVariant */
  GPtrArray *renditions; /* ForgeHlsRendition */
  GPtrArray *segments;   /* ForgeHlsSegment */
  gint64 target_us;      /* 1 s … 60 s */
  guint64 media_sequence, discontinuity_sequence;
  gboolean has_end; /* EXT-X-ENDLIST: nothing will follow */
  guint skipped;    /* lines that made no sense or broke a bound */

  GPtrArray *keys, *maps; /* what the segments point to */
} ForgeHlsPlaylist;

/* Tolerates a byte-order mark, any line ends, blanks, unknown tags, missing #EXTM3U, #EXTINF and
 * #EXT-X-TARGETDURATION, byte ranges without offset. FALSE with INVALID if it is no playlist at
 * all. Returns: (transfer full). Thread: any. */
ForgeHlsPlaylist *forge_hls_parse (const char *text, gsize length, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void forge_hls_playlist_free (ForgeHlsPlaylist *playlist);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeHlsPlaylist, forge_hls_playlist_free)

/* The n-th one, NULL behind the last. (transfer none) */
const ForgeHlsSegment *forge_hls_segment (const ForgeHlsPlaylist *playlist, guint n);
const ForgeHlsVariant *forge_hls_variant (const ForgeHlsPlaylist *playlist, guint n);
/* The rendition with an address of its own that the variant's sound comes from: the group's default
 * or its first. NULL if the variant brings its sound itself. (transfer none) */
const ForgeHlsRendition *
forge_hls_separate_audio (const ForgeHlsPlaylist *playlist, const ForgeHlsVariant *variant);
/* What to play of a master playlist: a variant with pictures before one without, one that brings
 * its sound before one that does not, then the highest bandwidth. NULL if it has none. (transfer
 * none)
 */
const ForgeHlsVariant *forge_hls_choose_variant (const ForgeHlsPlaylist *playlist);
gint64 forge_hls_total_us (const ForgeHlsPlaylist *playlist);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* One way to get a page's video: a file of picture and sound, or one of both. */
typedef struct {
  char *id; /* the extractor's */
  char *url;
  char *audio_url; /* of the sound that is to be joined with it; NULL = one file */
  char *extension; /* "mp4" */
  int height;      /* lines, 0 = unknown or no picture */
  gboolean has_video, has_audio, is_hls, is_watermarked;
  gint64 size;      /* bytes, 0 = unknown; may be an estimate, of a pair it always is */
  int bitrate_kbps; /* 0 = unknown */
  char *codec;      /* NULL = unknown */
  /* How the site wants to be asked for it; never shown (library/forge-site-headers.h). A pair has
   * none: its parts do. */
  char *user_agent, *headers; /* NULL = as any other */
} ForgeSiteFormat;

/**
 * ForgeExtraction: what a page of an allowed site holds. Immutable, ref-counted.
 */
typedef struct {
  char *title;
  char *thumbnail;    /* URL, NULL = none */
  int duration_s;     /* 0 = unknown */
  GPtrArray *formats; /* of ForgeSiteFormat*, the best first: with picture and sound before the
                         rest, then by height and bitrate */
} ForgeExtraction;

/* An empty one. (transfer full) */
ForgeExtraction *forge_extraction_new (void) G_GNUC_WARN_UNUSED_RESULT;
ForgeExtraction *forge_extraction_ref (ForgeExtraction *extraction);
void forge_extraction_unref (ForgeExtraction *extraction);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeExtraction, forge_extraction_unref)

/* Reads what `yt-dlp -J` prints. Storyboards, formats without an http(s) address and DRM are left
 * out. Error: INVALID when it is no such document, NOT_FOUND without a usable format. Returns:
 * (transfer full). */
ForgeExtraction *forge_extraction_parse (const char *json, gssize length, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Adds a format of both for each that is only picture and has sound to go with it, if ffmpeg can
 * join them. Before it is shared. */
void forge_extraction_add_pairs (ForgeExtraction *extraction);

/* By the extractor's id; NULL = there is none. (transfer none) */
const ForgeSiteFormat *forge_extraction_find (const ForgeExtraction *extraction, const char *id);

/* What the caller likes. */
typedef struct {
  int height;            /* lines, 0 = as many as there are */
  const char *extension; /* NULL = any; counts for nothing if it would leave nothing */
  gboolean watermark;    /* FALSE: rather without */
} ForgeFormatWish;

/* The format nearest to the wish among those with picture and sound, else among those with picture,
 * else the first. NULL only without formats. (transfer none) */
const ForgeSiteFormat *
forge_extraction_choose (const ForgeExtraction *extraction, const ForgeFormatWish *wish);
G_END_DECLS

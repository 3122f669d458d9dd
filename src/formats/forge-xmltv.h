/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "formats/forge-local-time.h"

#include <glib.h>

G_BEGIN_DECLS

/**
 * ForgeXmltv: reads XMLTV while it arrives. The document is cut into its <channel> and <programme>
 * elements, each of which is read on its own (by expat, unless it is so plain that a scan proves it
 * well-formed): one bad item is skipped and counted, never the file; DTDs and entity declarations
 * never reach the parser. An item that expat refuses is
 * repaired once (bare &, HTML entities, invalid UTF-8 as windows-1252, control characters).
 * Bounds: item 1 MiB, depth 64, 64 attributes. Quirks: facts xtream-xmltv-hls.md §3.2.
 */
typedef struct _ForgeXmltv ForgeXmltv;

/* All strings are lent until the callback returns. */
typedef struct {
  const char *id;
  const char *const
      *names;        /* NULL-terminated display names, trimmed, at least one (the id if none) */
  const char *icon;  /* NULL = none */
  const char *extra; /* inner XML other than display-name and first icon; NULL = none */
} ForgeXmltvChannel;

typedef struct {
  const char *channel;
  gint64 start;           /* UTC seconds */
  gint64 stop;            /* UTC seconds; 0 = the file does not say */
  const char *title;      /* "" if it has none */
  const char *attributes; /* others than start, stop, channel: escaped, ready to print with leading
                             blank; NULL = none */
  const char *inner;      /* inner XML, well-formed UTF-8 */
  gsize inner_length;
} ForgeXmltvProgramme;

typedef struct {
  void (*channel) (const ForgeXmltvChannel *channel, gpointer user_data);
  void (*programme) (const ForgeXmltvProgramme *programme, gpointer user_data);
} ForgeXmltvHandler;

typedef struct {
  guint64 channels, programmes; /* handed out */
  guint64 skipped;              /* items that could not be read */
  guint64 repaired;
  gboolean saw_root;     /* a <tv> (or any item) was there */
  gboolean truncated;    /* no </tv> */
  char head[64];         /* first printable characters, for "this is not XMLTV but …" */
  char first_error[160]; /* what was wrong with the first skipped item, with its place; "" = none */
} ForgeXmltvCounts;

/* `zone_minutes` applies to times without a zone. */
ForgeXmltv *forge_xmltv_new (const ForgeXmltvHandler *handler, gpointer user_data, int zone_minutes)
    G_GNUC_WARN_UNUSED_RESULT;
/* The guide shows the clock of `zone` (an IANA name): times without a zone, or said to be UTC, are
 * read by it. Before the first push. FALSE if this machine does not know the zone. */
gboolean forge_xmltv_set_zone (ForgeXmltv *xmltv, const char *zone) G_GNUC_WARN_UNUSED_RESULT;
void forge_xmltv_free (ForgeXmltv *xmltv);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeXmltv, forge_xmltv_free)

void forge_xmltv_push (ForgeXmltv *xmltv, const char *data, gsize length);
void forge_xmltv_end (ForgeXmltv *xmltv, ForgeXmltvCounts *counts);

/* "20260131201500 +0100", any leading part of it, "Z", "+01:00", "GMT+2", "BST". FALSE if it is no
 * time. `zone_minutes` if it names no zone. Thread: any. */
gboolean forge_xmltv_parse_time (const char *text, int zone_minutes, gint64 *utc_s);
/* The same, but a time without a zone, or of UTC, is one of `local`. */
gboolean forge_xmltv_parse_local_time (const char *text, ForgeLocalTime *local, gint64 *utc_s);
/* "20260131191500 +0000" into `out`. */
void forge_xmltv_format_time (gint64 utc_s, char out[21]);
/* Appends `text` with & < > " escaped and characters that XML 1.0 forbids left out. */
void forge_xml_append_escaped (GString *out, const char *text);

G_END_DECLS

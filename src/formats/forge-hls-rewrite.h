/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ForgeHlsRewrite: a playlist with every address in it replaced, line by line as it arrives.
 * Whatever holds no address goes through byte for byte.
 *
 *   input            | output
 *   URI lines        | what `map` says, of segments and of variants
 *   tags             | quoted attributes URI, …-URI, …-URL: what `map` says; data: and skd: stay;
 *                    | …-LIST too, if an absolute address stands there
 *   EXT-X-PREFETCH   | its value likewise
 *   EXT-X-DEFINE     | gone: its variables are put in everywhere (RFC 8216bis §4.3)
 *   EXT-X-CONTENT-STEERING, dates with X-ASSET-LIST | gone: their documents hold more addresses
 *   addresses that are neither http nor https | gone; counted as skipped
 *
 * Spec: RFC 8216, draft-pantos-hls-rfc8216bis. No fetching: relative addresses are resolved against
 * the address that the playlist came from in the end.
 */
typedef enum {
  FORGE_HLS_URI_PLAYLIST, /* a variant, rendition, report */
  FORGE_HLS_URI_SEGMENT,  /* or a part of one */
  FORGE_HLS_URI_KEY,
  FORGE_HLS_URI_MAP,
  FORGE_HLS_URI_DATA, /* session data and what is not known */
} ForgeHlsUriKind;

const char *forge_hls_uri_kind_name (ForgeHlsUriKind kind);

typedef struct {
  ForgeHlsUriKind kind;
  const char *url; /* absolute, http or https */
  guint ordinal;   /* the how manieth address of the playlist it is, from 0 */
  gint64 sequence; /* media sequence number of the segment that it is or stands before; -1 in a
                      multivariant playlist */
  GHashTable *variables; /* those of the playlist so far, name → value; for EXT-X-DEFINE:IMPORT */
} ForgeHlsUri;

/* Returns: (transfer full) what is written instead, without quotes and line ends; NULL leaves the
 * absolute address. */
typedef char *(*ForgeHlsMapFunc) (const ForgeHlsUri *uri, gpointer user_data);

typedef struct {
  const char *base_url; /* where the playlist came from, after redirects */
  GHashTable *imports;  /* variables of the multivariant playlist, NULL = none */
  ForgeHlsMapFunc map;
  gpointer user_data;
} ForgeHlsRewriteConfig;

#define FORGE_HLS_MAX_VARIABLES 128

typedef struct _ForgeHlsRewrite ForgeHlsRewrite;

/* The strings of `config` are copied. INVALID: the base is no URL. */
ForgeHlsRewrite *forge_hls_rewrite_new (const ForgeHlsRewriteConfig *config, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void forge_hls_rewrite_free (ForgeHlsRewrite *rewrite);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeHlsRewrite, forge_hls_rewrite_free)

/* Appends to `out` what is known of the output. INVALID: no playlist, or a variable that is not
 * defined; TOO_LARGE: a line above FORGE_HLS_MAX_LINE_BYTES, too many variables. */
gboolean forge_hls_rewrite_push (ForgeHlsRewrite *rewrite,
                                 const char *data,
                                 gsize length,
                                 GString *out,
                                 GError **error);
/* The last line, if it has no end; INVALID if nothing came. */
gboolean forge_hls_rewrite_end (ForgeHlsRewrite *rewrite, GString *out, GError **error);

typedef struct {
  gboolean is_multivariant;
  gboolean has_end; /* EXT-X-ENDLIST or type VOD: it does not change any more */
  guint addresses, skipped;
  gint64 duration_us; /* of all segments */
} ForgeHlsRewriteSummary;

void forge_hls_rewrite_summary (const ForgeHlsRewrite *rewrite, ForgeHlsRewriteSummary *summary);

/* All at once. Returns: (transfer full). */
GString *forge_hls_rewrite_all (const ForgeHlsRewriteConfig *config,
                                const char *data,
                                gsize length,
                                ForgeHlsRewriteSummary *summary,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

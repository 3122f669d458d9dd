/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "formats/forge-catchup.h"

#include <glib.h>

G_BEGIN_DECLS

/* One entry of a channel list. Strings are lent until the callback returns; NULL = absent. */
typedef struct {
  const char *name;
  const char *url; /* without a "|Header=…" suffix */
  const char *tvg_id, *tvg_name, *logo, *group, *number;
  const char *user_agent, *referrer; /* of #EXTVLCOPT, #KODIPROP, #EXTHTTP or the URL suffix */
  const char *audio_track;           /* the language that a player is to choose */
  ForgeCatchupMode catchup;
  const char *catchup_source; /* see forge_catchup_template () */
  int catchup_days;
  double correction_hours; /* catchup-correction: later is more */
  double shift_hours;      /* tvg-shift */
  gboolean is_radio;
  gboolean is_locked; /* has a parent-code; the code itself is nobody's business */
} ForgeM3uEntry;

typedef void (*ForgeM3uFunc) (const ForgeM3uEntry *entry, gpointer user_data);

typedef struct {
  guint entries, skipped;
  gboolean is_media_playlist; /* an HLS media playlist, not a channel list */
  char *guide_url; /* url-tvg / x-tvg-url of the header, first of a list; owned by the caller */
} ForgeM3uCounts;

/* Push parser of channel lists, tolerant as in facts xtream-xmltv-hls.md §2. Lines up to 256 KiB.
 */
typedef struct _ForgeM3u ForgeM3u;
ForgeM3u *forge_m3u_new (ForgeM3uFunc each, gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void forge_m3u_free (ForgeM3u *m3u);
void forge_m3u_push (ForgeM3u *m3u, const char *data, gsize length);
void forge_m3u_end (ForgeM3u *m3u, ForgeM3uCounts *counts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeM3u, forge_m3u_free)

/* Appends one #EXTINF line and the URL; quotes and line ends in values are replaced. `attributes`
 * are NULL-terminated pairs name, value; pairs with a NULL value are left out. */
void forge_m3u_append_entry (GString *out,
                             const char *const *attributes,
                             const char *name,
                             const char *url);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "formats/forge-m3u.h"

G_BEGIN_DECLS

/* What is known of an entry whose URL has not come yet. Strings are owned, NULL = absent. */
typedef struct {
  char *name, *tvg_id, *tvg_name, *logo, *group, *number, *user_agent, *referrer;
  char *catchup_source, *audio_track;
  ForgeCatchupMode catchup;
  double shift_hours, correction_hours;
  int catchup_days;
  gboolean is_radio, is_locked, has_extinf;
} ForgeM3uPending;

/* What the header says for all entries. */
typedef struct {
  ForgeCatchupMode catchup;
  char *catchup_source; /* owned */
  double shift_hours, correction_hours;
  int catchup_days; /* -1 = not said */
} ForgeM3uDefaults;

void forge_m3u_pending_clear (ForgeM3uPending *pending);

/* `text` without blanks around it; NULL for the words that generators write for "none". (transfer
 * full) */
char *forge_m3u_meaningful (const char *text);

/* Of #EXTM3U: reads the defaults. Returns the guide's address or NULL. (transfer full) */
char *forge_m3u_defaults_read (ForgeM3uDefaults *defaults, GHashTable *attributes);
/* Of #EXTINF; `title` may be NULL. What came before it of the entry stays. */
void forge_m3u_pending_read (ForgeM3uPending *pending,
                             GHashTable *attributes,
                             const char *title,
                             const ForgeM3uDefaults *defaults);
/* "name=value" of #EXTVLCOPT or #KODIPROP. */
void forge_m3u_pending_option (ForgeM3uPending *pending, const char *text);
/* "User-Agent=x&Referer=y", percent-encoded, as Kodi takes it behind the last '|' of a URL. */
void forge_m3u_pending_suffix (ForgeM3uPending *pending, const char *text);
/* {"User-Agent":"x"} of #EXTHTTP. */
void forge_m3u_pending_json (ForgeM3uPending *pending, const char *text);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * Where a channel list's entry plays what has been: a template in which the time is a variable.
 * The modes and variables are those of Kodi's IPTV Simple, which lists are written for.
 */
typedef enum {
  FORGE_CATCHUP_NONE,
  FORGE_CATCHUP_DEFAULT,   /* catchup-source is the whole address */
  FORGE_CATCHUP_APPEND,    /* catchup-source goes behind the live address */
  FORGE_CATCHUP_SHIFT,     /* ?utc=…&lutc=… behind the live address */
  FORGE_CATCHUP_FLUSSONIC, /* as the live address is: transport stream or playlist */
  FORGE_CATCHUP_FLUSSONIC_HLS,
  FORGE_CATCHUP_FLUSSONIC_TS,
  FORGE_CATCHUP_XC,  /* /timeshift/USER/PASSWORD/… of the live address */
  FORGE_CATCHUP_VOD, /* an address per programme: its catchup-id */
} ForgeCatchupMode;

/* The value of `catchup` or `catchup-type`, any case; NONE for NULL and for what is not known. */
ForgeCatchupMode forge_catchup_mode_from_text (const char *text);

/* The template for an entry that plays at `url`. `source` (may be NULL) is its catchup-source. NULL
 * if the mode needs what is not there. (transfer full) */
char *forge_catchup_template (ForgeCatchupMode mode, const char *source, const char *url)
    G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
  gint64 start_s, duration_s, now_s; /* UTC seconds */
  GTimeZone *zone;                   /* of {Y} and the like */
  const char *catchup_id;            /* of the programme; NULL = none is known */
} ForgeCatchupTime;

/* TRUE if the template cannot do without the programme's catchup-id. */
gboolean forge_catchup_wants_id (const char *pattern);

/* The address. What is no variable stays as it is; NULL if a time is out of range or the programme
 * has no catchup-id that is asked for. (transfer full) */
char *forge_catchup_fill (const char *pattern, const ForgeCatchupTime *time)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

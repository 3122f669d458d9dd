/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ForgeGuideSource: one XMLTV source as stored. Immutable once shared, ref-counted.
 */
typedef struct {
  gint64 id; /* 0 until stored */
  char *name;
  char *location;    /* http(s) URL or absolute file path; NULL for an account's own guide */
  gint64 account_id; /* the account whose xmltv.php this is; 0 = none */
  char *zone;        /* IANA name of the clock that it shows; NULL = times are what they say */
  int shift_minutes; /* added to every time in it */
  int suggested_shift_minutes; /* what that should be, by comparison with other guides */
  int priority;                /* smaller wins where two sources know the same channel */
  gboolean enabled;
  /* what the last download said, for the next conditional request */
  char *etag, *last_modified, *content_hash; /* NULL = none */
  gint64 generation;                         /* the rows in use; 0 = nothing imported yet */
  gint64 last_refresh; /* UTC seconds of the last successful or unchanged one; 0 = never */
  char *status_text;   /* what went wrong last; NULL = fine */
  int channels, programmes, skipped; /* of the generation in use */
  gint64 first_start, last_stop;     /* UTC seconds as in the file, before the shift; 0 = none */
} ForgeGuideSource;

ForgeGuideSource *forge_guide_source_new (void) G_GNUC_WARN_UNUSED_RESULT;
ForgeGuideSource *forge_guide_source_copy (const ForgeGuideSource *source)
    G_GNUC_WARN_UNUSED_RESULT;
ForgeGuideSource *forge_guide_source_ref (ForgeGuideSource *source);
void forge_guide_source_unref (ForgeGuideSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeGuideSource, forge_guide_source_unref)

G_END_DECLS

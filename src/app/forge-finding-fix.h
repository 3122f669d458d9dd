/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ForgeFindingFix: what a button beside a problem or a step of the doctor does. One of two: it
 * leads to a place in the window, or it calls the engine.
 */
typedef struct {
  const char *kind;           /* of the finding, as forge_problem_kind () says it */
  const char *label;          /* N_ () */
  const char *page, *detail;  /* where it leads; `detail` NULL = the finding's id, "VERB:" is put
                                 before that: the page does it there, where progress is seen */
  const char *method, *path;  /* what it calls; "%ID" is the number in the finding's id */
  const char *member, *value; /* of the call's body; NULL = none */
  const char *done;           /* N_ () */
} ForgeFindingFix;

/* More buttons would compete. */
#define FORGE_FINDING_MAX_FIXES 2

/* The ways out of a finding, the best first. Pure. Returns how many. */
guint forge_finding_fixes (const char *id, const ForgeFindingFix *found[FORGE_FINDING_MAX_FIXES]);
/* The page's detail for a finding. Returns: (transfer full). */
char *forge_finding_fix_detail (const ForgeFindingFix *fix, const char *id)
    G_GNUC_WARN_UNUSED_RESULT;
/* The call's path for a finding. Returns: (transfer full). */
char *forge_finding_fix_path (const ForgeFindingFix *fix, const char *id) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

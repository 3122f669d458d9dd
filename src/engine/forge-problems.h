/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-snapshot.h"
#include "server/discovery/forge-discovery.h"

G_BEGIN_DECLS

/* Something the user should know or do. `id` is stable, so that a window can remember it as
 * dismissed. */
typedef struct {
  char *id;
  const char *severity; /* "error", "warning" or "info" */
  char *text, *fix;
} ForgeProblem;

/* Every kind of problem that can come: its id, with "N" for a number; NULL at the end. Whoever
 * shows problems knows a way out of each (a test holds them against each other). */
extern const char *const forge_problem_kinds[];
/* "account-7-status" → "account-N-status". Returns: (transfer full). */
char *forge_problem_kind (const char *id) G_GNUC_WARN_UNUSED_RESULT;

/* What is wrong with this state, worst first. Pure. Of ForgeProblem*. Returns: (transfer full). */
GPtrArray *forge_problems_find (const ForgeSnapshot *snapshot, gint64 now_s)
    G_GNUC_WARN_UNUSED_RESULT;
/* Adds what forge_discovery_problems () found. */
void forge_problems_add_discovery (GPtrArray *problems, GPtrArray *found);

/* What only the tuner knows: somebody else plays on this account. */
void forge_problems_add_shared (GPtrArray *problems, const ForgeAccount *account);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/forge-store-guide.h"

G_BEGIN_DECLS

/**
 * How good the guide of one channel is. Pure, but for forge_guide_health_list ().
 *
 * Begin, add its programmes by start, finish.
 */
#define FORGE_GUIDE_HEALTH_WINDOW_S \
  (24 * 3600)                              /* gaps, overlaps and duplicates are looked for in */
#define FORGE_GUIDE_HEALTH_GAP_S (30 * 60) /* shorter ones are normal */

typedef struct {
  gint64 channel_id;
  int number;
  char *name;            /* owned */
  int programmes;        /* that have not ended */
  int hours_left;        /* until the last one ends */
  int gaps, gap_minutes; /* longer than 30 min within 24 h, the time until the first one too; all
                            of them together */
  int overlaps;          /* programmes that begin before the one ahead ends */
  int duplicates;        /* of these, with the same title */
  /* while adding */
  gint64 now_s, until_s;
  char *last_title;
} ForgeGuideHealth;

ForgeGuideHealth *forge_guide_health_new (gint64 now_s) G_GNUC_WARN_UNUSED_RESULT;
void forge_guide_health_free (ForgeGuideHealth *health);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeGuideHealth, forge_guide_health_free)

void
forge_guide_health_add (ForgeGuideHealth *health, gint64 start, gint64 stop, const char *title);
void forge_guide_health_finish (ForgeGuideHealth *health);
/* "ok"; "none" without a programme; "short" with less than 24 h; "gaps"; "overlaps". The worst. */
const char *forge_guide_health_state (const ForgeGuideHealth *health);

/* Of ForgeGuideHealth*, one per enabled channel in lineup order, from one pass over their
 * programmes. Blocks. Role: job. Returns: (transfer full). */
GPtrArray *forge_guide_health_list (ForgeStore *store, gint64 now_s, GError **error);

G_END_DECLS

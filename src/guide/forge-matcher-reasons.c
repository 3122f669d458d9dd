/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-matcher-private.h"

/* Filled in below. */
void
forge_match_explain (const ForgeMatchIndex *index,
                     const ForgeMatchQuery *asked,
                     const ForgeQuery *query,
                     const ForgeMatchDecision *decision,
                     GPtrArray *reasons)
{
}

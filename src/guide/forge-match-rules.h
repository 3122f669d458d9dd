/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-channel.h"
#include "store/forge-store-rules.h"

G_BEGIN_DECLS

/**
 * ForgeMatchRules: the user's choices, found by stream name.
 *
 * A stream that the user gave to a guide channel: every stream of that name, in whatever quality
 * and on whatever account, is that channel. One that was taken away: the same name in the same
 * quality on *other* accounts is not – on its own account it may just be the broken one of two.
 * Names are equal if country, region, time shift and words are.
 */
typedef struct _ForgeMatchRules ForgeMatchRules;

/* NULL if the name says nothing (a separator). (transfer full) */
char *forge_match_rules_key (const ForgeStream *stream, gboolean accept) G_GNUC_WARN_UNUSED_RESULT;

/* The same as a number: without the quality, 0 if the name says nothing. */
gint64 forge_match_rules_name_key (const ForgeStream *stream);

ForgeMatchRules *forge_match_rules_load (ForgeStore *store, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void forge_match_rules_free (ForgeMatchRules *rules);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeMatchRules, forge_match_rules_free)

/* FALSE if no rule is about such a name: then neither of the following has anything to say. */
gboolean forge_match_rules_concern (const ForgeMatchRules *rules, gint64 name_key);
/* The rule that gives the stream to a channel, NULL = none. (transfer none) */
const ForgeMatchRule *
forge_match_rules_find_accepted (const ForgeMatchRules *rules, const ForgeStream *stream);
/* TRUE if a rule keeps the stream away from `channel_key`. */
gboolean forge_match_rules_is_rejected (const ForgeMatchRules *rules,
                                        const ForgeStream *stream,
                                        const char *channel_key);

G_END_DECLS

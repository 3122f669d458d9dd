/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/forge-store.h"

G_BEGIN_DECLS

/* What the user decided on one stream, as a rule for others with an equal name. */
typedef struct {
  gint64 id;
  char *name_key;    /* what makes names equal (guide/forge-match-rules.h) */
  char *channel_key; /* ForgeChannel.key of a guide channel */
  gboolean accept;   /* else: rejected */
  gint64 account_id; /* of the stream it was decided on */
  char *stream_name; /* of that stream, for people */
  gint64 time;       /* UTC seconds */
} ForgeMatchRule;

void forge_match_rule_free (ForgeMatchRule *rule);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeMatchRule, forge_match_rule_free)

/* More are not kept: the oldest go. */
#define FORGE_MATCH_RULES_KEPT 5000

/* Replaces an earlier rule on the same pair; a name is accepted for one channel only. `rule->id` is
 * ignored. */
gboolean forge_store_put_rule (ForgeStore *store, const ForgeMatchRule *rule, GError **error);
/* Notes what the decision says of one stream, and returns in `*times` how often the same was said
 * of streams of that name by now: of how many of them, and in how many decisions, whichever is
 * less. What was said last of a stream counts. Inside the caller's transaction. */
gboolean forge_store_note_saying (ForgeStore *store,
                                  gint64 decision_id,
                                  gint64 stream_id,
                                  const ForgeMatchRule *rule,
                                  int *times,
                                  GError **error);
/* Forgets all that was said of the stream and the channel. */
gboolean forge_store_drop_sayings (ForgeStore *store,
                                   const char *channel_key,
                                   gint64 stream_id,
                                   GError **error);
/* Forgets what was said of this pair; no error if nothing was. */
gboolean forge_store_drop_rule (ForgeStore *store,
                                const char *name_key,
                                const char *channel_key,
                                GError **error);
gboolean forge_store_delete_rule (ForgeStore *store, gint64 id, GError **error); /* or NOT_FOUND */
/* Of ForgeMatchRule*, newest first. Returns: (transfer full). */
GPtrArray *forge_store_list_rules (ForgeStore *store, GError **error);

G_END_DECLS

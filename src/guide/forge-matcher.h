/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ForgeMatcher: finds the guide channel that a provider's stream is. Pure: no store, no network.
 * Add all guide channels, freeze, then ask. After the freeze any number of threads may ask.
 */
typedef struct _ForgeMatcher ForgeMatcher;

ForgeMatcher *forge_matcher_new (void) G_GNUC_WARN_UNUSED_RESULT;
void forge_matcher_free (ForgeMatcher *matcher);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeMatcher, forge_matcher_free)

/* `names` NULL-terminated. Strings are copied as far as needed. `id` comes back in matches. */
void forge_matcher_add (ForgeMatcher *matcher,
                        gint64 id,
                        const char *xmltv_id,
                        const char *const *names);
void forge_matcher_freeze (ForgeMatcher *matcher);

typedef struct {
  const char *name;   /* as the provider writes it */
  const char *epg_id; /* its epg_channel_id, NULL = none */
  const char *group;  /* category name, NULL = none */
} ForgeMatchQuery;

typedef struct {
  gint64 id;         /* guide channel, 0 = no match */
  double confidence; /* 0…1; ≥ 0.85 means: right in 99 of 100 */
} ForgeMatch;

/* The best match. `reasons` (NULL = not wanted) receives one sentence per piece of evidence; may be
 * called for an unmatched stream too: then they say why not. */
ForgeMatch
forge_matcher_find (const ForgeMatcher *matcher, const ForgeMatchQuery *query, GPtrArray *reasons);

/* Changes with every version that may judge otherwise: what an older one found is to be found
 * again. */
guint64 forge_matcher_revision (void);

/* `name` without prefix, decoration and quality tokens, for people and for grouping promoted
 * streams: "UK| Sky News FHD" → "Sky News". Returns: (transfer full). */
char *forge_matcher_clean_name (const char *name) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "guide/forge-matcher.h"
#include "store/forge-store.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* A guide channel of the lineup; several sources may know it. */
typedef struct {
  gint64 guide_channel_id; /* of the source with the best priority */
  const char *key;         /* ForgeChannel.key */
  const char *xmltv_id, *name, *icon;
  GPtrArray *names;
} ForgeLineupChannel;

/**
 * ForgeLineupGuide: all guide channels of all enabled sources, one per XMLTV id, in guide order.
 */
typedef struct _ForgeLineupGuide ForgeLineupGuide;

ForgeLineupGuide *
forge_lineup_guide_read (ForgeStore *store, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void forge_lineup_guide_free (ForgeLineupGuide *guide);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeLineupGuide, forge_lineup_guide_free)

guint forge_lineup_guide_length (const ForgeLineupGuide *guide);
const ForgeLineupChannel *forge_lineup_guide_at (const ForgeLineupGuide *guide, guint index);
/* Place + 1 of the channel with that key, 0 = the guide does not have it now. */
guint forge_lineup_guide_find (const ForgeLineupGuide *guide, const char *channel_key);
/* Told by what a matcher sees of the channels, and by the matcher's own revision: where it is the
 * same, a stream finds the same. Never 0. */
gint64 forge_lineup_guide_hash (const ForgeLineupGuide *guide);
/* Ids of its matches are place + 1. */
ForgeMatcher *forge_lineup_guide_make_matcher (const ForgeLineupGuide *guide)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

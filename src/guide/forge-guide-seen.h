/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ForgeGuideSeen: which programmes an import has had already, 8 bytes each. Beyond 1.5 million it
 * remembers no more: memory is bounded, and a duplicate only costs a row.
 */
typedef struct _ForgeGuideSeen ForgeGuideSeen;

ForgeGuideSeen *forge_guide_seen_new (void) G_GNUC_WARN_UNUSED_RESULT;
void forge_guide_seen_free (ForgeGuideSeen *seen);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeGuideSeen, forge_guide_seen_free)

/* FALSE if the same three were added before. */
gboolean forge_guide_seen_add (ForgeGuideSeen *seen, gint64 channel_id, gint64 start, gint64 stop);

G_END_DECLS

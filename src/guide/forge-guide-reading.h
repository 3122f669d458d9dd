/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "formats/forge-xmltv.h"
#include "guide/forge-guide-pipe.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ForgeGuideReading: a thread that unpacks and reads a guide and puts what is to be stored into a
 * pipe. It gives way to whatever else wants the processor.
 */
typedef struct _ForgeGuideReading ForgeGuideReading;

typedef struct {
  ForgeXmltvCounts xmltv;
  ForgeGuideRowsCounts counts;
  GError *damage; /* of the unpacking: what came before it counts; NULL = none */
} ForgeGuideFound;

void forge_guide_found_clear (ForgeGuideFound *found);

/* Begins to read `packed` (which nobody else may use meanwhile), whose times are of `zone` (as
 * ForgeGuideSource has it); programmes between `from` and `to` (UTC seconds, before any shift) are
 * kept. INVALID if the zone is not known here, else an error of GThread. */
ForgeGuideReading *forge_guide_reading_start (GInputStream *packed,
                                              const char *zone,
                                              gint64 from,
                                              gint64 to,
                                              GCancellable *cancellable,
                                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Joins the thread if that was not done: drain the pipe before. */
void forge_guide_reading_free (ForgeGuideReading *reading);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeGuideReading, forge_guide_reading_free)

/* Drain it, in the thread that began the reading. (transfer none) */
ForgeGuidePipe *forge_guide_reading_pipe (ForgeGuideReading *reading);

/* Waits for the end, after the pipe was drained. FALSE if the guide could not be read to its end
 * for a reason that spoils the import: a bomb, a cancellation, a full disk. Damage is none:
 * `found->damage`. Once. */
gboolean
forge_guide_reading_join (ForgeGuideReading *reading, ForgeGuideFound *found, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "formats/forge-xmltv.h"
#include "store/forge-store-guide.h"

G_BEGIN_DECLS

/**
 * ForgeGuideRows: decides what of a guide is stored. Pure: it gets what the XMLTV reader found and
 * hands rows to a sink.
 *
 *   stop missing        next start on the channel, at most 6 h; 1 h for the last one
 *   stop ≤ start, > 48 h    dropped
 *   outside of the window   dropped
 *   channel unknown         made, named after its id; ids compare case-insensitively
 *   channel, start and stop as before   dropped
 */
typedef struct _ForgeGuideRows ForgeGuideRows;

typedef struct {
  /* Both return FALSE to stop. A channel has the same number each time, from 1 in the order of the
   * file. */
  gboolean (*channel) (guint number, const ForgeGuideChannelRow *row, gpointer user_data);
  gboolean (*programme) (guint channel, const ForgeProgrammeRow *row, gpointer user_data);
} ForgeGuideRowsSink;

typedef struct {
  guint64 channels, programmes; /* handed to the sink */
  guint64 out_of_range, bad_times, duplicates;
  guint64 beyond;                /* of out_of_range: too far ahead, so wanted some day */
  guint64 without_place;         /* beyond the number of channels that a guide may have */
  gint64 first_start, last_stop; /* of what was handed out; 0 = nothing */
} ForgeGuideRowsCounts;

/* Programmes that end after `from` and start before `to` (UTC seconds as in the file) are kept. */
ForgeGuideRows *
forge_guide_rows_new (gint64 from, gint64 to, const ForgeGuideRowsSink *sink, gpointer user_data)
    G_GNUC_WARN_UNUSED_RESULT;
void forge_guide_rows_free (ForgeGuideRows *rows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeGuideRows, forge_guide_rows_free)

void forge_guide_rows_channel (ForgeGuideRows *rows, const ForgeXmltvChannel *channel);
void forge_guide_rows_programme (ForgeGuideRows *rows, const ForgeXmltvProgramme *programme);
/* Hands out what waited for its stop. */
void forge_guide_rows_end (ForgeGuideRows *rows, ForgeGuideRowsCounts *counts);

G_END_DECLS

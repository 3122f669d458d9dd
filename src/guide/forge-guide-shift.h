/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/forge-store.h"

G_BEGIN_DECLS

/**
 * ForgeGuideShift: finds out by how many whole hours one guide is off another, by programmes of
 * the same title. Pure. Only titles that occur once on a channel count: the hourly news fits any
 * shift.
 */
#define FORGE_GUIDE_SHIFT_MAX_HOURS 12

typedef struct {
  gint64 start; /* UTC seconds */
  guint title;  /* forge_guide_shift_title () */
} ForgeGuideShiftEntry;

typedef struct {
  guint votes[2 * FORGE_GUIDE_SHIFT_MAX_HOURS + 1]; /* titles that agree, by shift */
  guint misfits; /* titles in both guides that no whole hour explains */
} ForgeGuideShift;

/* A number for a title: case and blanks do not matter. */
guint forge_guide_shift_title (const char *title);
/* Counts one channel: both arrays are of ForgeGuideShiftEntry, and are sorted here. */
void forge_guide_shift_add (ForgeGuideShift *shift, GArray *reference, GArray *other);
/* Hours to add to the other guide's times; 0 = none, or too little to go by. */
int forge_guide_shift_hours (const ForgeGuideShift *shift);

/* Compares the enabled sources with those of better priority, on channels of the same id or name,
 * over the next 48 h, and stores what shift each should have (forge_store_suggest_shift ()).
 * Blocks. Role: job. */
gboolean forge_guide_shift_find (ForgeStore *store, gint64 now_s, GError **error);

G_END_DECLS

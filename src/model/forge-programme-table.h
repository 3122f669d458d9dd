/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  gint64 start, stop; /* UTC seconds */
  const char *title;
  gboolean is_placeholder; /* the guide says nothing: the title is the channel's name */
} ForgeProgrammeCell;

/**
 * ForgeProgrammeTable: the programmes of some channels in a window of time, by channel and
 * start. Immutable after its builder let go of it; ref-counted; any thread may hold one.
 */
typedef struct _ForgeProgrammeTable ForgeProgrammeTable;

/* `from` and `to`: UTC seconds that it covers. */
ForgeProgrammeTable *forge_programme_table_new (gint64 from, gint64 to) G_GNUC_WARN_UNUSED_RESULT;
ForgeProgrammeTable *forge_programme_table_ref (ForgeProgrammeTable *table);
void forge_programme_table_unref (ForgeProgrammeTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeProgrammeTable, forge_programme_table_unref)

/* For the builder: cells that follow belong to this channel of the lineup. */
void forge_programme_table_begin_channel (ForgeProgrammeTable *table, gint64 channel_id);
/* The title is copied. */
void forge_programme_table_append (ForgeProgrammeTable *table, const ForgeProgrammeCell *cell);

gint64 forge_programme_table_from (const ForgeProgrammeTable *table);
gint64 forge_programme_table_to (const ForgeProgrammeTable *table);
/* NULL and 0 in `count` for a channel without programmes; `*is_known` (may be NULL) tells whether
 * it was asked for at all. Returns: (transfer none). */
const ForgeProgrammeCell *forge_programme_table_cells (const ForgeProgrammeTable *table,
                                                       gint64 channel_id,
                                                       guint *count,
                                                       gboolean *is_known);

/* A programme that a search found. */
typedef struct {
  gint64 channel_id; /* of the lineup */
  gint64 start, stop;
  char *channel, *title;
} ForgeProgrammeHit;

ForgeProgrammeHit *forge_programme_hit_new (gint64 channel_id,
                                            const char *channel,
                                            gint64 start,
                                            gint64 stop,
                                            const char *title) G_GNUC_WARN_UNUSED_RESULT;
void forge_programme_hit_free (ForgeProgrammeHit *hit);

G_END_DECLS

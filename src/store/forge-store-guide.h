/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-guide-source.h"
#include "store/forge-store.h"

G_BEGIN_DECLS

/* Sources. As in forge-store-accounts.h, but an update never changes `generation`, and writes what
 * an import found out (etag … last_stop) only if the caller's `generation` is the one in use: an
 * older snapshot must not undo an import. */
gint64
forge_store_add_guide_source (ForgeStore *store, const ForgeGuideSource *source, GError **error);
gboolean
forge_store_update_guide_source (ForgeStore *store, const ForgeGuideSource *source, GError **error);
gboolean forge_store_remove_guide_source (ForgeStore *store, gint64 id, GError **error);
ForgeGuideSource *forge_store_get_guide_source (ForgeStore *store, gint64 id, GError **error);
GPtrArray *forge_store_list_guide_sources (ForgeStore *store, GError **error); /* by priority, id */

/* What the source's shift should be; the shift that it has = nothing to suggest. */
gboolean
forge_store_suggest_shift (ForgeStore *store, gint64 source_id, int minutes, GError **error);

/**
 * An import writes a new generation beside the one in use, in short transactions (so that nobody
 * waits for it), and is then activated in one. A crash in between leaves the old generation;
 * forge_store_sweep_guide () removes the orphan.
 */

/* A guide channel as read. Strings are lent. `names` is NULL-terminated, at least one. `extra` is
 * the inner XML of the channel element beyond display-name and icon, well-formed UTF-8, or NULL. */
typedef struct {
  gint64 id; /* filled by readers: permanent row id by (source, xmltv id) */
  const char *xmltv_id;
  const char *const *names;
  const char *icon;
  const char *extra;
} ForgeGuideChannelRow;

/* A programme as read. `inner` is the XML between its tags, well-formed UTF-8, not NULL-terminated
 * by necessity. `attributes` are the start tag's attributes other than start, stop and channel,
 * escaped and ready to print (' clumpidx="0/1"'), or NULL. */
typedef struct {
  gint64 start, stop; /* UTC seconds, stop > start */
  const char *title;  /* first title as plain text, for lists; never NULL */
  const char *attributes;
  const char *inner;
  gsize inner_length;
} ForgeProgrammeRow;

/* Returns the new generation number (> 0), or 0. */
gint64 forge_store_begin_guide (ForgeStore *store, gint64 source_id, GError **error);
/* Upserts a channel by (source, xmltv id, case-insensitive) for this generation and returns its
 * permanent row id, or 0. A duplicate unites the names. */
gint64 forge_store_add_guide_channel (ForgeStore *store,
                                      gint64 source_id,
                                      gint64 generation,
                                      const ForgeGuideChannelRow *row,
                                      GError **error);
gboolean forge_store_add_programme (ForgeStore *store,
                                    gint64 guide_channel_id,
                                    gint64 generation,
                                    const ForgeProgrammeRow *row,
                                    GError **error);
/* Makes `generation` the one in use and stores what the import found out from `source` (its counts,
 * etag …, not its name or settings). One transaction. The old one is deleted by
 * forge_store_sweep_guide (). NOT_FOUND if the generation is not this source's. */
gboolean forge_store_activate_guide (ForgeStore *store,
                                     const ForgeGuideSource *source,
                                     gint64 generation,
                                     GError **error);
/* Deletes generations that are in nobody's use, in steps of a few thousand rows so that no other
 * writer waits long. `keep_generation` ≠ 0 spares an import that runs. */
gboolean forge_store_sweep_guide (ForgeStore *store, gint64 keep_generation, GError **error);

/* Channels of all enabled sources' generations in use, by source priority, then as in the file. */
typedef gboolean (*ForgeGuideChannelFunc) (const ForgeGuideChannelRow *row,
                                           gint64 source_id,
                                           gpointer user_data);
gboolean forge_store_each_guide_channel (ForgeStore *store,
                                         ForgeGuideChannelFunc each,
                                         gpointer user_data,
                                         GError **error);

/* Programmes of one guide channel that end after `from` and start before `to` (UTC seconds), by
 * start; times include the source's shift. */
typedef gboolean (*ForgeProgrammeFunc) (const ForgeProgrammeRow *row, gpointer user_data);
gboolean forge_store_each_programme (ForgeStore *store,
                                     gint64 guide_channel_id,
                                     gint64 from,
                                     gint64 to,
                                     ForgeProgrammeFunc each,
                                     gpointer user_data,
                                     GError **error);

/* A programme of an enabled channel; lent. `title` is NULL, and start and stop say nothing, for a
 * channel without any. */
typedef struct {
  gint64 channel_id;
  int number;
  const char *name;
  gint64 start, stop; /* UTC seconds, with the source's shift */
  const char *title;
} ForgeLineupProgramme;
typedef void (*ForgeLineupProgrammeFunc) (const ForgeLineupProgramme *row, gpointer user_data);
/* Programmes of all enabled channels that end after `from`, in lineup order and by start; each
 * channel occurs at least once. */
gboolean forge_store_each_lineup_programme (ForgeStore *store,
                                            gint64 from,
                                            ForgeLineupProgrammeFunc each,
                                            gpointer user_data,
                                            GError **error);

/* Totals over enabled sources: number of sources, channels, programmes, and the latest stop,
 * shifted as the programmes are. */
typedef struct {
  int sources, channels, programmes;
  gint64 last_stop; /* UTC seconds, 0 = no guide */
} ForgeGuideTotals;
gboolean forge_store_guide_totals (ForgeStore *store, ForgeGuideTotals *totals, GError **error);

/* The catchup-id of the programme that ran at `time_s` on a channel of the stream; `*catchup_id`
 * (transfer full) is NULL if the guide names none. */
gboolean forge_store_find_catchup_id (ForgeStore *store,
                                      gint64 stream_id,
                                      gint64 time_s,
                                      char **catchup_id,
                                      GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-channel.h"

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  FORGE_MATCH_NONE,   /* no stream feeds it */
  FORGE_MATCH_REVIEW, /* an automatic match that is not sure */
  FORGE_MATCH_SURE,
  FORGE_MATCH_MANUAL, /* chosen by the user */
} ForgeMatchState;

/**
 * ForgeChannelLine: one channel as a list shows it, 64 bytes without its strings.
 */
typedef struct {
  gint64 id;
  gint64 guide_channel_id; /* whose programmes it shows; 0 = placeholders */
  const char *name;        /* effective */
  const char *group;       /* NULL = none */
  const char *folded;      /* name, group, other names, number for forge_search_matches (); sorts */
  int number;
  float confidence; /* of its best stream, 0…1 */
  guint16 streams;  /* available ones */
  guint8 quality;   /* ForgeQuality, the best */
  guint8 match;     /* ForgeMatchState */
  guint8 enabled;
  guint8 renamed; /* the name is the user's */
} ForgeChannelLine;

/**
 * ForgeChannelTable: all channels in their order, for lists of 20,000 rows. Strings are kept once
 * for all rows. Immutable after its builder let go of it; ref-counted; any thread may hold one.
 */
typedef struct _ForgeChannelTable ForgeChannelTable;

ForgeChannelTable *forge_channel_table_new (void) G_GNUC_WARN_UNUSED_RESULT;
ForgeChannelTable *forge_channel_table_ref (ForgeChannelTable *table);
void forge_channel_table_unref (ForgeChannelTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeChannelTable, forge_channel_table_unref)

/* For the builder. The strings of `line` are copied, its `folded` is made; `other_names` (NULL =
 * none) are found by search too. */
void forge_channel_table_append (ForgeChannelTable *table,
                                 const ForgeChannelLine *line,
                                 const char *other_names);
/* For the builder: what its streams say. An unknown id is ignored. `unsure` is the lowest
 * confidence of its automatic matches, 1 without any. */
void forge_channel_table_set_streams (ForgeChannelTable *table,
                                      gint64 id,
                                      int streams,
                                      ForgeQuality quality,
                                      double confidence,
                                      double unsure,
                                      gboolean manual);

guint forge_channel_table_length (const ForgeChannelTable *table);
/* Returns: (transfer none), as long as the table lives. */
const ForgeChannelLine *forge_channel_table_line (const ForgeChannelTable *table, guint index);
/* The place of a channel, -1 if it is not there. */
int forge_channel_table_find (const ForgeChannelTable *table, gint64 id);

/* TRUE if both show the same (ids apart). */
gboolean forge_channel_line_equal (const ForgeChannelLine *a, const ForgeChannelLine *b);

G_END_DECLS

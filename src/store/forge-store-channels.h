/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-channel.h"
#include "store/forge-store.h"

G_BEGIN_DECLS

/**
 * Channels are the user's data. Rows are upserted by natural key and never re-inserted: id and
 * number are given once. Provider values and user values live in separate columns; the user's win.
 */

/* What an automatic run knows of a channel. Strings are lent. */
typedef struct {
  const char *key;         /* ForgeChannel.key */
  gint64 guide_channel_id; /* 0 = placeholder programmes */
  const char *name, *group, *logo;
  gboolean enable; /* enabled unless the user said otherwise */
  /* What a channel list says of it (forge-store-urls.h). */
  int number;              /* for a new channel, if no other has it; 0 = none */
  int shift_minutes;       /* of the guide's times */
  const char *audio_track; /* NULL = none */
} ForgeChannelRow;

/* Brackets an automatic run inside the caller's transaction: channels and automatic matches that
 * are not named between the two become tombstones (gone_at = now; deleted after `tombstone_days`
 * unless the user touched them). New channels take the next free number (LIMIT when all
 * are used) and position. */
gboolean forge_store_begin_channels (ForgeStore *store, gint64 now_s, GError **error);
gint64 forge_store_put_channel (ForgeStore *store,
                                const ForgeChannelRow *row,
                                GError **error); /* id or 0 */
/* An automatic match; leaves a manual or rejected one of the same pair alone. `rank` orders (0
 * first); `reasons` is a JSON array of sentences, NULL = those that are stored (see below). */
gboolean forge_store_put_match (ForgeStore *store,
                                gint64 channel_id,
                                gint64 stream_id,
                                double confidence,
                                int rank,
                                const char *reasons,
                                GError **error);
/* TRUE if an automatic match of the pair with just that confidence was there when the run began,
 * or the user has decided on it: then its reasons need not be found again. */
gboolean
forge_store_has_match (ForgeStore *store, gint64 channel_id, gint64 stream_id, double confidence);
gboolean forge_store_end_channels (ForgeStore *store, int tombstone_days, GError **error);

/* Every channel of a guide that is no tombstone, with the guide source that feeds it. */
typedef void (*ForgeGuideKeyFunc) (gint64 id,
                                   const char *key,
                                   gint64 source_id,
                                   gpointer user_data);
gboolean forge_store_each_guide_key (ForgeStore *store,
                                     ForgeGuideKeyFunc each,
                                     gpointer user_data,
                                     GError **error);
/* Of gint64: the channel's available streams that were not rejected. Returns: (transfer full). */
GArray *forge_store_list_channel_streams (ForgeStore *store, gint64 id, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Every stream of a promoted channel that is no tombstone. */
typedef void (*ForgePromotedStreamFunc) (gint64 channel_id, gint64 stream_id, gpointer user_data);
gboolean forge_store_each_promoted_stream (ForgeStore *store,
                                           ForgePromotedStreamFunc each,
                                           gpointer user_data,
                                           GError **error);
/* The channel goes on under another key and guide channel, and so does what was said of it; nothing
 * happens if that key is in use or the guide channel is not of `source_id` (0 = any). Inside the
 * caller's transaction. */
gboolean forge_store_rekey_channel (ForgeStore *store,
                                    gint64 id,
                                    gint64 source_id,
                                    const char *key,
                                    gint64 guide_channel_id,
                                    GError **error);

typedef enum {
  FORGE_CHANNELS_ENABLED,   /* what clients see */
  FORGE_CHANNELS_ALL,       /* all but tombstones */
  FORGE_CHANNELS_UNMATCHED, /* without an available stream */
} ForgeChannelFilter;

/* Of ForgeChannel* with their candidates in the order in which they are tried: manual primary,
 * then manual, then quality (best first), rank, account, position. `search` (NULL = all) is a
 * case-insensitive part of the name or the exact number. Returns: (transfer full). */
GPtrArray *forge_store_list_channels (ForgeStore *store,
                                      ForgeChannelFilter filter,
                                      const char *search,
                                      GError **error);
/* Any channel that is no tombstone; NOT_FOUND otherwise. Returns: (transfer full). */
ForgeChannel *forge_store_get_channel (ForgeStore *store, gint64 id, GError **error);
/* The guide channel that feeds it, 0 = none. */
gint64 forge_store_channel_guide (ForgeStore *store, gint64 id);
/* total (no tombstones), enabled, with and without an available stream. */
gboolean forge_store_count_channels (ForgeStore *store,
                                     int *total,
                                     int *enabled,
                                     int *matched,
                                     GError **error);

/* The user's changes. NOT_FOUND for an unknown id. */
gboolean
forge_store_set_channel_enabled (ForgeStore *store, gint64 id, gboolean enabled, GError **error);
gboolean forge_store_rename_channel (ForgeStore *store,
                                     gint64 id,
                                     const char *name,
                                     GError **error); /* NULL = back */
gboolean forge_store_set_channel_group (ForgeStore *store,
                                        gint64 id,
                                        const char *group,
                                        GError **error); /* NULL = back */
/* INVALID if it is no http or https address. */
gboolean forge_store_set_channel_logo (ForgeStore *store,
                                       gint64 id,
                                       const char *url,
                                       GError **error); /* NULL = back */
/* Forgets the user's name, group, logo and switch: the provider's count again. Number and place
 * stay, for clients know them. */
gboolean forge_store_reset_channel (ForgeStore *store, gint64 id, GError **error);
/* Puts the channel at place `to` (1 = first, clamped) of the enabled channels; the others close
 * ranks. INVALID if it is not enabled. */
gboolean forge_store_move_channel (ForgeStore *store, gint64 id, int to, GError **error);
/* INVALID if another channel (also a tombstone) has the number, or it is not 1…99999. */
gboolean forge_store_number_channel (ForgeStore *store, gint64 id, int number, GError **error);
/* A stream as a channel of its own, enabled, with placeholder programmes. Returns its id or 0. */
gint64 forge_store_promote_stream (ForgeStore *store, gint64 stream_id, GError **error);

/* A manual match; `primary` moves it to the front and unsets another primary. */
gboolean forge_store_set_match (ForgeStore *store,
                                gint64 channel_id,
                                gint64 stream_id,
                                gboolean primary,
                                GError **error);
/* Removes a pair for good: remembered as rejected, so that no run brings it back. */
gboolean
forge_store_unset_match (ForgeStore *store, gint64 channel_id, gint64 stream_id, GError **error);
/* Takes back what the user said of the pair, by set_match () or unset_match (): it is again what
 * the matcher made of it. No word, no change. */
gboolean
forge_store_withdraw_match (ForgeStore *store, gint64 channel_id, gint64 stream_id, GError **error);
/* Calls `each` for all pairs of the channel, rejected ones too. `reasons` is a JSON array. */
typedef void (*ForgeMatchFunc) (gint64 stream_id,
                                const char *stream_name,
                                double confidence,
                                const char *reasons,
                                gboolean manual,
                                gboolean rejected,
                                gpointer user_data);
gboolean forge_store_each_match (ForgeStore *store,
                                 gint64 channel_id,
                                 ForgeMatchFunc each,
                                 gpointer user_data,
                                 GError **error);

/* The user's decisions as natural keys, for export, and back. JSON text: an array of objects
 * {key, number, position, name?, enabled?, promoted?, matches:[{account, remote_id, primary,
 * rejected}]}; accounts by name, also in "stream:" keys. Import keeps entries whose channel or
 * stream does not exist yet and applies them when it appears (at the latest in end_channels). It
 * adds to the decisions made here and wins where both speak. INVALID or TOO_LARGE change nothing.
 */
char *forge_store_export_channels (ForgeStore *store, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean forge_store_import_channels (ForgeStore *store, const char *json, GError **error);

G_END_DECLS

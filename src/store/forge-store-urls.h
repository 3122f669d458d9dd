/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/forge-store.h"

G_BEGIN_DECLS

/**
 * Where the streams of an M3U account play, staged beside its streams (forge-store-streams.h).
 * `url` holds no credentials but references to them (provider/forge-m3u-slots.h): the store does
 * not look at it.
 */
typedef struct {
  char *url;
  char *user_agent, *referrer; /* to be sent there; NULL = none of its own */
  char *catchup;          /* template (formats/forge-catchup.h), closed like `url`; NULL = none */
  int catchup_correction; /* minutes, added to the time that is asked for */
  int shift_minutes;      /* of the guide, as the list says (tvg-shift) */
  int number;             /* that the list gives it (tvg-chno); 0 = none */
  char *audio_track;      /* NULL = none */
  gboolean is_locked;     /* behind a parent-code */
} ForgeStreamUrl;

void forge_stream_url_clear (ForgeStreamUrl *url);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ForgeStreamUrl, forge_stream_url_clear)

gboolean forge_store_begin_urls (ForgeStore *store, GError **error);
/* The first of a remote id stays, as for streams. */
gboolean forge_store_stage_url (ForgeStore *store,
                                gint64 remote_id,
                                const ForgeStreamUrl *url,
                                GError **error);
/* Inside the caller's transaction. `only_new`: leaves those that are there (for a list that is held
 * back); else what is staged replaces them, and those of deleted streams go. */
gboolean
forge_store_apply_urls (ForgeStore *store, gint64 account_id, gboolean only_new, GError **error);
/* NOT_FOUND if there is none. `url` must be zeroed and is to be cleared. */
gboolean forge_store_get_url (ForgeStore *store,
                              gint64 account_id,
                              gint64 remote_id,
                              ForgeStreamUrl *url,
                              GError **error);
/* What lists say of channels: for the streams of which they say something. */
typedef struct {
  int number, shift_minutes; /* 0 = none */
  char *audio_track;         /* NULL = none */
  gboolean is_locked;
} ForgeListing;

/* Stream id (gint64*) → ForgeListing*. Empty where no list says anything. Returns: (transfer full).
 */
GHashTable *forge_store_load_listings (ForgeStore *store, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Addresses and templates alike. */
typedef void (*ForgeUrlFunc) (const char *url, gpointer user_data);
gboolean forge_store_each_url (ForgeStore *store,
                               gint64 account_id,
                               ForgeUrlFunc each,
                               gpointer user_data,
                               GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "tuner/forge-slots.h"

G_BEGIN_DECLS

/**
 * ForgeMediaSlot: the right to have one connection to an account for something that can wait: a
 * film, a download. Live TV comes first: when it needs the connection, `yield` is called, and the
 * holder closes it and releases the slot within a second.
 *
 *   forge_tuner_acquire_media () ──▶ held ──yield ()──▶ asked ──forge_media_slot_release ()──▶ –
 *                                     └──────────forge_media_slot_release ()─────────────────▶ –
 *
 * One slot may carry several connections one after the other (a player that seeks), never two at
 * once. Role of everything here: control; holders on other threads post.
 */
typedef struct _ForgeMediaSlot ForgeMediaSlot;

typedef struct {
  /* Live TV needs the slot. Called once, from the main context and never from within a call of the
   * holder; the slot is still its own. It may release right away. */
  void (*yield) (ForgeMediaSlot *slot, gpointer user_data);
  gpointer user_data;
  gboolean is_watched; /* somebody sees it stop: downloads are asked first */
  /* One of several that run by themselves: all but the first on an account take a connection only
   * if that leaves one free, so that a channel need not wait for it. */
  gboolean is_background;
} ForgeMediaHolder;

/* How live TV fared: so often it asked for a slot back, and what the slowest holder took. */
typedef struct {
  guint yields;
  gint64 slowest_us;
} ForgeMediaYields;

/* Gives it back; clears *slot, NULL is fine. Only when its connection is closed. `was_connected`:
 * the provider had one and we ended it, so it may go on counting it for a while. */
void forge_media_slot_release (ForgeMediaSlot **slot, gboolean was_connected);
const ForgeAccount *forge_media_slot_account (const ForgeMediaSlot *slot);
/* So long before the next connection on it, so that the provider is not asked in vain. */
gint64 forge_media_slot_dial_delay_us (const ForgeMediaSlot *slot);
/* A connection of it is over, another one may follow; `by_us` as in release (). */
void forge_media_slot_note_closed (ForgeMediaSlot *slot, gboolean by_us);

/* ── for the tuner ──────────────────────────────────────────────────────────────────────────── */

typedef struct _ForgeMediaSlots ForgeMediaSlots;

/* `changed`: a slot came free. */
ForgeMediaSlots *
forge_media_slots_new (ForgeSlots *slots, void (*changed) (gpointer user_data), gpointer user_data)
    G_GNUC_WARN_UNUSED_RESULT;
/* Slots that are still held go back to the ledger; their holders may release them later. */
void forge_media_slots_free (ForgeMediaSlots *media);

/* NULL if the ledger has none, or none for a holder in the background. */
ForgeMediaSlot *forge_media_slots_acquire (ForgeMediaSlots *media,
                                           gint64 account_id,
                                           const ForgeMediaHolder *holder)
    G_GNUC_WARN_UNUSED_RESULT;

void forge_media_slots_yields (const ForgeMediaSlots *media, ForgeMediaYields *yields);

typedef gboolean (*ForgeMediaFitsFunc) (const ForgeAccount *account, gpointer user_data);

/* One whose account `fits` and that is not in `promised` yet: one that was asked already or, with
 * `may_ask`, the one to ask now: downloads first, then the newest. Adds it to `promised`. FALSE if
 * there is none. */
gboolean forge_media_slots_promise (ForgeMediaSlots *media,
                                    GHashTable *promised,
                                    gboolean may_ask,
                                    ForgeMediaFitsFunc fits,
                                    gpointer user_data);

G_END_DECLS

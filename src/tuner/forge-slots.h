/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-account.h"

G_BEGIN_DECLS

/**
 * ForgeSlots: the ledger of provider connections, and what each account taught us about how long
 * it goes on counting a connection that we closed.
 *
 * A ForgeSlot is the right to have one connection to an account. It has one owner; releasing it
 * consumes the pointer. Times are monotonic microseconds, passed in. Role: control.
 */
typedef struct _ForgeSlots ForgeSlots;
typedef struct _ForgeSlot ForgeSlot;

typedef enum {
  FORGE_ROOM_FREE,     /* a slot is free and may be dialled at once */
  FORGE_ROOM_DRAINING, /* one is free, but the provider may still count what we closed */
  FORGE_ROOM_FULL,     /* every slot is held */
  FORGE_ROOM_UNUSABLE, /* unknown, disabled, expired … */
} ForgeRoom;

ForgeSlots *forge_slots_new (void) G_GNUC_WARN_UNUSED_RESULT;
/* Every slot must have been released. */
void forge_slots_free (ForgeSlots *slots);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeSlots, forge_slots_free)

/* `accounts` of ForgeAccount*. Held slots of accounts that are gone or shrank stay valid. */
void forge_slots_set_accounts (ForgeSlots *slots, GPtrArray *accounts);
void forge_slots_count (ForgeSlots *slots, int *total, int *used);
/* `is_held`: the asker has a slot of the account and would use that one. */
ForgeRoom forge_slots_room (ForgeSlots *slots, gint64 account_id, gboolean is_held, gint64 now_us);
/* How many slots of the account could be acquired now. */
int forge_slots_left (ForgeSlots *slots, gint64 account_id);

/* NULL if every slot is held or the account is not usable. Returns: (transfer full). */
ForgeSlot *forge_slots_acquire (ForgeSlots *slots, gint64 account_id) G_GNUC_WARN_UNUSED_RESULT;
/* Clears *slot; NULL is fine. Only when no connection of the slot is open any more: what was opened
 * and not noted as closed counts as closed by us just now. */
void forge_slots_release (ForgeSlots *slots, ForgeSlot **slot, gint64 now_us);
ForgeAccount *forge_slot_account (const ForgeSlot *slot);

/* The account as last set, NULL if it is not configured (any more). Returns: (transfer none). */
const ForgeAccount *forge_slots_account (ForgeSlots *slots, gint64 account_id);
/* What the account was seen to allow, 0 = nothing was learned. */
int forge_slots_learned_limit (ForgeSlots *slots, gint64 account_id, gint64 now_us);
/* Connections that the provider may count as ours: open ones, dials, those closed lately. */
int forge_slots_countable (ForgeSlots *slots, gint64 account_id, gint64 now_us);

/* How long to wait before dialling on `slot`, so that the provider is not asked in vain. */
gint64 forge_slots_dial_delay_us (ForgeSlots *slots, const ForgeSlot *slot, gint64 now_us);
/* A dial on `slot` begins: from here on the provider may act on it. */
void forge_slots_note_dialled (ForgeSlots *slots, ForgeSlot *slot, gint64 now_us);

/* What was opened on `slot` fetches playlists: providers count that on for up to 90 s after the
 * last request. Until the next dial. */
void forge_slots_note_polled (ForgeSlots *slots, ForgeSlot *slot);

typedef enum {
  FORGE_END_PLAIN,
  FORGE_END_SUSPECT, /* another connection of ours began just before: perhaps the panel's doing */
  FORGE_END_KILLED,  /* so again: the panel ends an older stream for each one above its limit */
  FORGE_END_LEARNED, /* the same, and that is news: the account now has a learned limit */
} ForgeSlotsEnd;

/* The connection of `slot` was ended cleanly by the provider. Includes note_closed (). */
ForgeSlotsEnd forge_slots_note_ended (ForgeSlots *slots, ForgeSlot *slot, gint64 now_us);
/* A connection of the slot ended. Only one that we ended can go on being counted. */
void forge_slots_note_closed (ForgeSlots *slots, ForgeSlot *slot, gboolean by_us, gint64 now_us);
/* A dial on `slot` got a limit-like refusal. TRUE if what we closed lately explains it: the account
 * is slow to release, the same stream is worth another try. */
gboolean forge_slots_note_refused (ForgeSlots *slots,
                                   const ForgeSlot *slot,
                                   gint64 stream_id,
                                   gint64 now_us);
/* What we closed lately may still be counted, so that our open connections are too many. */
gboolean forge_slots_is_tight (ForgeSlots *slots, const ForgeSlot *slot, gint64 now_us);
/* A dial on `slot` succeeded: ends what note_refused () began and learns from it. */
void forge_slots_note_opened (ForgeSlots *slots, ForgeSlot *slot, gint64 stream_id, gint64 now_us);

G_END_DECLS

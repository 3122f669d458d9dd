/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tuner/forge-media-slots.h"

struct _ForgeMediaSlots {
  ForgeSlots *slots;
  GPtrArray *held; /* of ForgeMediaSlot*, oldest first */
  ForgeMediaYields yields;
  void (*changed) (gpointer user_data);
  gpointer changed_data;
};

struct _ForgeMediaSlot {
  ForgeMediaSlots *owner; /* NULL once that is gone */
  ForgeSlot *slot;
  ForgeAccount *account;
  ForgeMediaHolder holder;
  gboolean is_asked;
  gint64 asked_us;
};

ForgeMediaSlots *
forge_media_slots_new (ForgeSlots *slots, void (*changed) (gpointer user_data), gpointer user_data)
{
  ForgeMediaSlots *media = g_new0 (ForgeMediaSlots, 1);

  media->slots = slots;
  media->held = g_ptr_array_new ();
  media->changed = changed;
  media->changed_data = user_data;
  return media;
}

static void
return_slot (ForgeMediaSlot *slot)
{
  forge_slots_release (slot->owner->slots, &slot->slot, g_get_monotonic_time ());
  slot->owner = NULL;
}

void
forge_media_slots_free (ForgeMediaSlots *media)
{
  for (guint i = 0; i < media->held->len; i++)
    return_slot (g_ptr_array_index (media->held, i));
  g_ptr_array_unref (media->held);
  g_free (media);
}

static gboolean
may_take (const ForgeMediaSlots *media, gint64 account_id, const ForgeMediaHolder *holder)
{
  for (guint i = 0; holder->is_background && i < media->held->len; i++) {
    const ForgeMediaSlot *slot = g_ptr_array_index (media->held, i);
    if (slot->holder.is_background && slot->account->id == account_id)
      return forge_slots_left (media->slots, account_id) > 1;
  }
  return TRUE;
}

ForgeMediaSlot *
forge_media_slots_acquire (ForgeMediaSlots *media,
                           gint64 account_id,
                           const ForgeMediaHolder *holder)
{
  ForgeSlot *taken =
      may_take (media, account_id, holder) ? forge_slots_acquire (media->slots, account_id) : NULL;

  if (!taken)
    return NULL;
  ForgeMediaSlot *slot = g_new0 (ForgeMediaSlot, 1);
  slot->owner = media;
  slot->slot = taken;
  slot->account = forge_account_ref (forge_slot_account (taken));
  slot->holder = *holder;
  forge_slots_note_dialled (media->slots, taken, g_get_monotonic_time ());
  g_ptr_array_add (media->held, slot);
  return slot;
}

void
forge_media_slot_release (ForgeMediaSlot **slot, gboolean was_connected)
{
  ForgeMediaSlot *taken = g_steal_pointer (slot);

  if (!taken)
    return;
  ForgeMediaSlots *owner = taken->owner;
  if (owner) {
    if (taken->is_asked)
      owner->yields.slowest_us =
          MAX (owner->yields.slowest_us, g_get_monotonic_time () - taken->asked_us);
    forge_media_slot_note_closed (taken, was_connected);
    return_slot (taken);
    g_ptr_array_remove (owner->held, taken);
    owner->changed (owner->changed_data);
  }
  forge_account_unref (taken->account);
  g_free (taken);
}

void
forge_media_slots_yields (const ForgeMediaSlots *media, ForgeMediaYields *yields)
{
  *yields = media->yields;
}

const ForgeAccount *
forge_media_slot_account (const ForgeMediaSlot *slot)
{
  return slot->account;
}

gint64
forge_media_slot_dial_delay_us (const ForgeMediaSlot *slot)
{
  if (!slot->owner)
    return 0;
  return forge_slots_dial_delay_us (slot->owner->slots, slot->slot, g_get_monotonic_time ());
}

void
forge_media_slot_note_closed (ForgeMediaSlot *slot, gboolean by_us)
{
  gint64 now_us = g_get_monotonic_time ();

  if (!slot->owner)
    return;
  forge_slots_note_closed (slot->owner->slots, slot->slot, by_us, now_us);
  /* The next connection may begin at any time: it goes on to count as open. */
  forge_slots_note_dialled (slot->owner->slots, slot->slot, now_us);
}

/* Whether `a` is to be asked rather than `b`, which is older. */
static gboolean
goes_before (const ForgeMediaSlot *a, const ForgeMediaSlot *b)
{
  if (!b || a->is_asked != b->is_asked)
    return !b || a->is_asked;
  return !a->holder.is_watched || b->holder.is_watched;
}

gboolean
forge_media_slots_promise (ForgeMediaSlots *media,
                           GHashTable *promised,
                           gboolean may_ask,
                           ForgeMediaFitsFunc fits,
                           gpointer user_data)
{
  ForgeMediaSlot *best = NULL;

  for (guint i = 0; i < media->held->len; i++) {
    ForgeMediaSlot *slot = g_ptr_array_index (media->held, i);
    if ((may_ask || slot->is_asked) && !g_hash_table_contains (promised, slot) &&
        fits (slot->account, user_data) && goes_before (slot, best))
      best = slot;
  }
  if (!best)
    return FALSE;
  g_hash_table_add (promised, best);
  if (!best->is_asked) {
    best->is_asked = TRUE;
    best->asked_us = g_get_monotonic_time ();
    media->yields.yields++;
    best->holder.yield (best, best->holder.user_data);
  }
  return TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tuner/forge-slots.h"

#include <math.h>

/* A refusal this long after our last close has other reasons. Seen: panels notice a dead viewer
 * at their next write, at the latest in a check every 5 s. */
#define RECENT_US (15 * G_USEC_PER_SEC)
/* Who fetches playlists is counted until the last request is 30 s old, and that is looked at once a
 * minute. */
#define RECENT_POLLED_US (90 * (gint64)G_USEC_PER_SEC)
#define MAX_CLOSED       64 /* remembered closes per account */
/* Bounds of what is learned. The first lesson is kept short: it may have had another cause, and
 * everybody who zaps pays for it. */
#define MAX_DRAIN_US       (10 * G_USEC_PER_SEC)
#define FIRST_DRAIN_US     (3 * G_USEC_PER_SEC)
#define MIN_DRAIN_US       (10 * G_TIME_SPAN_MILLISECOND)
#define DRAIN_HALF_LIFE_US (10 * 60 * G_USEC_PER_SEC)
#define RISE_WEIGHT        0.5  /* of a new, longer sample */
#define EASE_FACTOR        0.97 /* per wait that was long enough: finds the way down again */

/* Panels that are over their limit end the oldest stream cleanly, within a second or so. It takes
 * two such ends to tell them from chance, and what was learned is not for ever. */
#define KILL_WINDOW_US (5 * G_USEC_PER_SEC)
#define KILL_EVIDENCE  2
#define KILL_MEMORY_US (5 * 60 * (gint64)G_USEC_PER_SEC)
/* Streams that end for other reasons this close by say that the provider is in trouble: no
 * evidence. */
#define STORM_WINDOW_US    (10 * G_USEC_PER_SEC)
#define LIMIT_MEMORY_US    (30 * 60 * (gint64)G_USEC_PER_SEC)
#define DRAIN_KILL_PENALTY 1.5 /* of the learned drain, when even that was too short */

typedef struct {
  gint64 at_us, until_us; /* when; how long the provider may count it */
} Close;

typedef struct {
  gint64 id;
  ForgeAccount *account; /* NULL while it is not configured any more */
  int in_use;
  GPtrArray *slots; /* of ForgeSlot*, those in use */
  int n_open;       /* slots with a dial or a connection */
  int kills;        /* ends that looked like kills, the last one at: */
  gint64 killed_us;
  gint64 lost_us; /* when a stream last ended for another reason; 0 = never */
  int limit;      /* learned at `limit_us`; 0 = none */
  gint64 limit_us;
  GArray *closed;  /* of Close, oldest first, while they may explain a refusal */
  double drain_us; /* learned at `drain_at_us`; 0 = releases at once */
  gint64 drain_at_us;
  gint64 refused_stream; /* the stream whose refusal began an episode; 0 = none */
  gint64 refused_us, refused_close_us;
} Ledger;

struct _ForgeSlots {
  GHashTable *ledgers; /* account id → Ledger */
};

struct _ForgeSlot {
  Ledger *ledger;
  ForgeAccount *account;
  gboolean is_open, is_connected; /* a dial or a connection; a connection */
  gboolean is_polled;             /* it fetches playlists and segments */
  gint64 dialled_us;              /* in this order providers see them begin … */
  gint64 began_us;                /* … and about now */
};

static void
ledger_free (gpointer data)
{
  Ledger *ledger = data;

  g_warn_if_fail (ledger->in_use == 0);
  g_clear_pointer (&ledger->account, forge_account_unref);
  g_array_unref (ledger->closed);
  g_ptr_array_unref (ledger->slots);
  g_free (ledger);
}

ForgeSlots *
forge_slots_new (void)
{
  ForgeSlots *slots = g_new0 (ForgeSlots, 1);

  slots->ledgers = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, ledger_free);
  return slots;
}

void
forge_slots_free (ForgeSlots *slots)
{
  g_hash_table_unref (slots->ledgers);
  g_free (slots);
}

static Ledger *
find (ForgeSlots *slots, gint64 account_id)
{
  return g_hash_table_lookup (slots->ledgers, &account_id);
}

static Ledger *
find_or_add (ForgeSlots *slots, gint64 account_id)
{
  Ledger *ledger = find (slots, account_id);

  if (ledger)
    return ledger;
  ledger = g_new0 (Ledger, 1);
  ledger->id = account_id;
  ledger->slots = g_ptr_array_new ();
  ledger->closed = g_array_new (FALSE, FALSE, sizeof (Close));
  g_hash_table_insert (slots->ledgers, &ledger->id, ledger);
  return ledger;
}

static gboolean
is_forgotten (gpointer key, gpointer value, gpointer user_data)
{
  const Ledger *ledger = value;

  return !ledger->account && ledger->in_use == 0;
}

/* What was learned about limits held for the account as it was. */
static gboolean
is_other_account (const ForgeAccount *old, const ForgeAccount *new)
{
  return forge_account_slots (old) != forge_account_slots (new) ||
         g_strcmp0 (old->server, new->server) != 0 || g_strcmp0 (old->username, new->username) != 0;
}

static void
set_account (Ledger *ledger, ForgeAccount *account, const ForgeAccount *old)
{
  ledger->account = forge_account_ref (account);
  if (old && is_other_account (old, account))
    ledger->limit = ledger->kills = 0;
}

/* Takes the ledgers' accounts away. Returns: (transfer full). */
static GHashTable *
steal_accounts (ForgeSlots *slots)
{
  GHashTable *old = g_hash_table_new_full (g_int64_hash,
                                           g_int64_equal,
                                           NULL,
                                           (GDestroyNotify)forge_account_unref);
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, slots->ledgers);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    Ledger *ledger = value;
    if (ledger->account)
      g_hash_table_insert (old, &ledger->id, g_steal_pointer (&ledger->account));
  }
  return old;
}

void
forge_slots_set_accounts (ForgeSlots *slots, GPtrArray *accounts)
{
  g_autoptr (GHashTable) old = steal_accounts (slots);

  for (guint i = 0; i < accounts->len; i++) {
    ForgeAccount *account = g_ptr_array_index (accounts, i);
    Ledger *ledger = find_or_add (slots, account->id);
    if (!ledger->account)
      set_account (ledger, account, g_hash_table_lookup (old, &account->id));
  }
  g_hash_table_foreach_remove (slots->ledgers, is_forgotten, NULL);
}

static gboolean
is_usable (const Ledger *ledger)
{
  return ledger && ledger->account && forge_account_is_usable (ledger->account);
}

/* What we allow ourselves at once; an account that is gone allows what it still has. */
static int
max_of (const Ledger *ledger)
{
  if (!ledger->account)
    return ledger->in_use;
  int max = forge_account_slots (ledger->account);
  return ledger->limit > 0 ? MIN (ledger->limit, max) : max;
}

static void
forget_limit_if_old (Ledger *ledger, gint64 now_us)
{
  if (ledger->limit > 0 && ledger->limit_us + LIMIT_MEMORY_US <= now_us)
    ledger->limit = 0;
}

void
forge_slots_count (ForgeSlots *slots, int *total, int *used)
{
  GHashTableIter iter;
  gpointer value;

  *total = *used = 0;
  g_hash_table_iter_init (&iter, slots->ledgers);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    /* Not the learned limit: clients remember how many tuners there are. */
    *total += is_usable (value) ? forge_account_slots (((Ledger *)value)->account) : 0;
    *used += ((Ledger *)value)->in_use;
  }
}

/* The learned drain time fades, so that a lesson of a bad evening does not last. */
static gint64
drain_us (const Ledger *ledger, gint64 now_us)
{
  double age = (double)(now_us - ledger->drain_at_us) / DRAIN_HALF_LIFE_US;
  double drain = ledger->drain_us * exp2 (-age);

  return drain < MIN_DRAIN_US ? 0 : (gint64)drain;
}

static Close *
nth_close (Ledger *ledger, guint index)
{
  return &g_array_index (ledger->closed, Close, index);
}

static void
forget_old_closes (Ledger *ledger, gint64 now_us)
{
  for (guint i = ledger->closed->len; i-- > 0;)
    if (nth_close (ledger, i)->until_us <= now_us)
      g_array_remove_index (ledger->closed, i);
}

/* Until so many of our closes have drained that `in_use` connections fit. */
static gint64
delay_us (Ledger *ledger, int in_use, gint64 now_us)
{
  gint64 drain = drain_us (ledger, now_us);
  guint drained = 0;

  forget_old_closes (ledger, now_us);
  while (drained < ledger->closed->len && nth_close (ledger, drained)->at_us + drain <= now_us)
    drained++;

  int draining = (int)(ledger->closed->len - drained);
  int excess = MIN (in_use + draining - max_of (ledger), draining);
  if (excess <= 0)
    return 0;
  return nth_close (ledger, drained + (guint)excess - 1)->at_us + drain - now_us;
}

ForgeRoom
forge_slots_room (ForgeSlots *slots, gint64 account_id, gboolean is_held, gint64 now_us)
{
  Ledger *ledger = find (slots, account_id);

  if (!is_usable (ledger))
    return FORGE_ROOM_UNUSABLE;
  forget_limit_if_old (ledger, now_us);
  int wanted = ledger->in_use + (is_held ? 0 : 1);
  if (!is_held && wanted > max_of (ledger))
    return FORGE_ROOM_FULL;
  return delay_us (ledger, wanted, now_us) > 0 ? FORGE_ROOM_DRAINING : FORGE_ROOM_FREE;
}

int
forge_slots_left (ForgeSlots *slots, gint64 account_id)
{
  Ledger *ledger = find (slots, account_id);

  return is_usable (ledger) ? MAX (max_of (ledger) - ledger->in_use, 0) : 0;
}

ForgeSlot *
forge_slots_acquire (ForgeSlots *slots, gint64 account_id)
{
  Ledger *ledger = find (slots, account_id);

  if (!is_usable (ledger) || ledger->in_use >= max_of (ledger))
    return NULL;

  ForgeSlot *slot = g_new0 (ForgeSlot, 1);
  slot->ledger = ledger;
  slot->account = forge_account_ref (ledger->account);
  ledger->in_use++;
  g_ptr_array_add (ledger->slots, slot);
  return slot;
}

static void
remember_close (const ForgeSlot *slot, gint64 now_us)
{
  Ledger *ledger = slot->ledger;
  const Close close = { now_us, now_us + (slot->is_polled ? RECENT_POLLED_US : RECENT_US) };

  forget_old_closes (ledger, now_us);
  if (ledger->closed->len == MAX_CLOSED)
    g_array_remove_index (ledger->closed, 0);
  g_array_append_val (ledger->closed, close);
}

void
forge_slots_release (ForgeSlots *slots, ForgeSlot **slot, gint64 now_us)
{
  ForgeSlot *taken = g_steal_pointer (slot);

  if (!taken)
    return;
  taken->ledger->in_use--;
  g_ptr_array_remove_fast (taken->ledger->slots, taken);
  taken->ledger->n_open -= taken->is_open;
  if (taken->is_connected)
    remember_close (taken, now_us);
  if (is_forgotten (NULL, taken->ledger, NULL))
    g_hash_table_remove (slots->ledgers, &taken->ledger->id);
  forge_account_unref (taken->account);
  g_free (taken);
}

ForgeAccount *
forge_slot_account (const ForgeSlot *slot)
{
  return slot->account;
}

const ForgeAccount *
forge_slots_account (ForgeSlots *slots, gint64 account_id)
{
  const Ledger *ledger = find (slots, account_id);

  return ledger ? ledger->account : NULL;
}

int
forge_slots_learned_limit (ForgeSlots *slots, gint64 account_id, gint64 now_us)
{
  Ledger *ledger = find (slots, account_id);

  if (!ledger)
    return 0;
  forget_limit_if_old (ledger, now_us);
  return ledger->limit;
}

int
forge_slots_countable (ForgeSlots *slots, gint64 account_id, gint64 now_us)
{
  Ledger *ledger = find (slots, account_id);

  if (!ledger)
    return 0;
  forget_old_closes (ledger, now_us);
  return ledger->n_open + (int)ledger->closed->len;
}

gint64
forge_slots_dial_delay_us (ForgeSlots *slots, const ForgeSlot *slot, gint64 now_us)
{
  return delay_us (slot->ledger, slot->ledger->in_use, now_us);
}

static void
set_open (ForgeSlot *slot, gboolean is_open)
{
  slot->ledger->n_open += (int)is_open - (int)slot->is_open;
  slot->is_open = is_open;
}

void
forge_slots_note_dialled (ForgeSlots *slots, ForgeSlot *slot, gint64 now_us)
{
  set_open (slot, TRUE);
  slot->is_polled = FALSE;
  slot->dialled_us = slot->began_us = now_us;
}

void
forge_slots_note_polled (ForgeSlots *slots, ForgeSlot *slot)
{
  slot->is_polled = TRUE;
}

/* An end that is no kill; one that was taken for a kill just before may have been the same trouble.
 */
static void
note_loss (Ledger *ledger, gint64 now_us)
{
  ledger->lost_us = now_us;
  if (now_us - ledger->killed_us < STORM_WINDOW_US)
    ledger->kills = 0;
}

static gboolean
is_storm (const Ledger *ledger, gint64 now_us)
{
  return ledger->lost_us > 0 && now_us - ledger->lost_us < STORM_WINDOW_US;
}

void
forge_slots_note_closed (ForgeSlots *slots, ForgeSlot *slot, gboolean by_us, gint64 now_us)
{
  gboolean was_connected = slot->is_connected;

  set_open (slot, FALSE);
  slot->is_connected = FALSE;
  if (by_us)
    remember_close (slot, now_us);
  else if (was_connected)
    note_loss (slot->ledger, now_us);
}

static gboolean
is_tight (Ledger *ledger, gint64 now_us)
{
  forget_old_closes (ledger, now_us);
  return ledger->closed->len > 0 && ledger->in_use + (int)ledger->closed->len > max_of (ledger);
}

gboolean
forge_slots_is_tight (ForgeSlots *slots, const ForgeSlot *slot, gint64 now_us)
{
  return is_tight (slot->ledger, now_us);
}

gboolean
forge_slots_note_refused (ForgeSlots *slots, const ForgeSlot *slot, gint64 stream_id, gint64 now_us)
{
  Ledger *ledger = slot->ledger;

  if (!is_tight (ledger, now_us))
    return FALSE;
  if (ledger->refused_stream == 0 || ledger->refused_us + RECENT_US <= now_us) {
    ledger->refused_stream = stream_id;
    ledger->refused_us = now_us;
    ledger->refused_close_us = nth_close (ledger, ledger->closed->len - 1)->at_us;
  }
  return TRUE;
}

static void
learn (Ledger *ledger, gint64 sample_us, gint64 now_us)
{
  double old = (double)drain_us (ledger, now_us), sample = (double)MIN (sample_us, MAX_DRAIN_US);

  if (old <= 0)
    ledger->drain_us = MIN (sample, FIRST_DRAIN_US);
  else
    ledger->drain_us = sample > old ? old + RISE_WEIGHT * (sample - old) : old;
  ledger->drain_at_us = now_us;
}

void
forge_slots_note_opened (ForgeSlots *slots, ForgeSlot *slot, gint64 stream_id, gint64 now_us)
{
  Ledger *ledger = slot->ledger;
  gboolean is_episode_over = ledger->refused_stream != 0 &&
                             ledger->refused_us + RECENT_US <= now_us;

  if (!slot->is_open)
    slot->dialled_us = now_us;
  set_open (slot, TRUE);
  slot->is_connected = TRUE;
  slot->began_us = now_us;
  if (ledger->refused_stream == stream_id && !is_episode_over) {
    learn (ledger, now_us - ledger->refused_close_us, now_us);
    ledger->refused_stream = 0;
  } else if (ledger->drain_us > 0 && is_tight (ledger, now_us)) {
    ledger->drain_us *= EASE_FACTOR;
  }
  if (is_episode_over)
    ledger->refused_stream = 0;
}

/* One of ours that began later, just now, and is still there. Its end may be known to us before the
 * answer to that one is, so the order is that of the dials. */
static gboolean
has_newer_rival (const ForgeSlot *slot, gint64 now_us)
{
  const GPtrArray *slots = slot->ledger->slots;

  for (guint i = 0; slot->is_open && i < slots->len; i++) {
    const ForgeSlot *other = g_ptr_array_index (slots, i);
    if (other->is_open && other->dialled_us > slot->dialled_us &&
        now_us - other->began_us <= KILL_WINDOW_US)
      return TRUE;
  }
  return FALSE;
}

/* Panels end the oldest one. Of many streams that die for other reasons it is seldom that. */
static gboolean
is_oldest (const ForgeSlot *slot)
{
  const GPtrArray *slots = slot->ledger->slots;

  for (guint i = 0; i < slots->len; i++) {
    const ForgeSlot *other = g_ptr_array_index (slots, i);
    if (other->is_connected && other->dialled_us < slot->dialled_us)
      return FALSE;
  }
  return TRUE;
}

static ForgeSlotsEnd
note_kill (Ledger *ledger, int n_open, gint64 now_us)
{
  if (ledger->killed_us + KILL_MEMORY_US <= now_us)
    ledger->kills = 0;
  ledger->kills++;
  ledger->killed_us = now_us;
  if (ledger->kills < KILL_EVIDENCE)
    return FORGE_END_SUSPECT;
  int limit = MAX (n_open - 1, 1);
  gboolean is_news = ledger->limit == 0 || limit < ledger->limit;
  ledger->limit = limit;
  ledger->limit_us = now_us;
  return is_news ? FORGE_END_LEARNED : FORGE_END_KILLED;
}

ForgeSlotsEnd
forge_slots_note_ended (ForgeSlots *slots, ForgeSlot *slot, gint64 now_us)
{
  Ledger *ledger = slot->ledger;
  gboolean is_suspect = has_newer_rival (slot, now_us) && is_oldest (slot) &&
                        !is_storm (ledger, now_us);
  int n_open = ledger->n_open;

  set_open (slot, FALSE);
  slot->is_connected = FALSE;
  if (!is_suspect) {
    note_loss (ledger, now_us);
    return FORGE_END_PLAIN;
  }
  /* One stream too many, because one that we closed was still counted: wait longer next time. */
  if (is_tight (ledger, now_us)) {
    gint64 longer_us = (gint64)((double)drain_us (ledger, now_us) * DRAIN_KILL_PENALTY);
    learn (ledger, MAX (longer_us, FIRST_DRAIN_US), now_us);
    return FORGE_END_SUSPECT;
  }
  return note_kill (ledger, n_open, now_us);
}

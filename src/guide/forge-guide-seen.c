/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-guide-seen.h"

#define FIRST_SLOTS (16 * 1024)
#define MAX_SLOTS   (2 * 1024 * 1024)

/* An open-addressing set of 64-bit fingerprints; 0 marks a free slot. Two different programmes of
 * one guide share a fingerprint once in a million imports. */
struct _ForgeGuideSeen {
  guint64 *slots;
  gsize n_slots, n_used;
};

ForgeGuideSeen *
forge_guide_seen_new (void)
{
  ForgeGuideSeen *seen = g_new0 (ForgeGuideSeen, 1);

  seen->n_slots = FIRST_SLOTS;
  seen->slots = g_new0 (guint64, seen->n_slots);
  return seen;
}

void
forge_guide_seen_free (ForgeGuideSeen *seen)
{
  g_free (seen->slots);
  g_free (seen);
}

/* The finaliser of SplitMix64. */
static guint64
mix (guint64 value)
{
  value = (value ^ value >> 30) * G_GUINT64_CONSTANT (0xBF58476D1CE4E5B9);
  value = (value ^ value >> 27) * G_GUINT64_CONSTANT (0x94D049BB133111EB);
  return value ^ value >> 31;
}

static guint64
fingerprint (gint64 channel_id, gint64 start, gint64 stop)
{
  guint64 print = mix ((guint64)channel_id + G_GUINT64_CONSTANT (0x9E3779B97F4A7C15));

  print = mix (print ^ (guint64)start);
  print = mix (print + (guint64)stop);
  return print ? print : 1;
}

static gboolean
put (guint64 *slots, gsize n_slots, guint64 print)
{
  gsize at = (gsize)print & (n_slots - 1);

  while (slots[at]) {
    if (slots[at] == print)
      return FALSE;
    at = (at + 1) & (n_slots - 1);
  }
  slots[at] = print;
  return TRUE;
}

static void
grow (ForgeGuideSeen *seen)
{
  gsize n_slots = seen->n_slots * 2;
  guint64 *slots = g_new0 (guint64, n_slots);

  for (gsize i = 0; i < seen->n_slots; i++)
    if (seen->slots[i])
      put (slots, n_slots, seen->slots[i]);
  g_free (seen->slots);
  seen->slots = slots;
  seen->n_slots = n_slots;
}

static gboolean
has (const ForgeGuideSeen *seen, guint64 print)
{
  gsize at = (gsize)print & (seen->n_slots - 1);

  while (seen->slots[at] && seen->slots[at] != print)
    at = (at + 1) & (seen->n_slots - 1);
  return seen->slots[at] == print;
}

gboolean
forge_guide_seen_add (ForgeGuideSeen *seen, gint64 channel_id, gint64 start, gint64 stop)
{
  guint64 print = fingerprint (channel_id, start, stop);

  if (seen->n_used >= seen->n_slots / 4 * 3) {
    if (seen->n_slots >= MAX_SLOTS)
      return !has (seen, print);
    grow (seen);
  }
  if (!put (seen->slots, seen->n_slots, print))
    return FALSE;
  seen->n_used++;
  return TRUE;
}

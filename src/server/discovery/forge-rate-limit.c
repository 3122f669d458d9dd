/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "server/discovery/forge-rate-limit.h"

/* A household has some dozens of devices. */
#define SLOTS 256

typedef struct {
  double left;
  gint64 filled_at_us; /* 0 = never used: full */
} Bucket;

struct _ForgeRateLimit {
  guint per_source_per_s, total_per_s;
  guint32 seed; /* so that nobody can choose an address that shares a given slot */
  Bucket total;
  Bucket slots[SLOTS];
};

ForgeRateLimit *
forge_rate_limit_new (guint per_source_per_s, guint total_per_s)
{
  ForgeRateLimit *limit = g_new0 (ForgeRateLimit, 1);

  limit->per_source_per_s = per_source_per_s;
  limit->total_per_s = total_per_s;
  limit->seed = g_random_int ();
  return limit;
}

void
forge_rate_limit_free (ForgeRateLimit *limit)
{
  g_free (limit);
}

static Bucket *
slot_of (ForgeRateLimit *limit, GInetAddress *source)
{
  const guint8 *bytes = g_inet_address_to_bytes (source);
  guint32 hash = 2166136261u ^ limit->seed; /* FNV-1a */

  for (gsize i = 0; i < g_inet_address_get_native_size (source); i++)
    hash = (hash ^ bytes[i]) * 16777619u;
  return &limit->slots[(hash ^ hash >> 16) % SLOTS];
}

static void
refill (Bucket *bucket, guint per_s, gint64 now_us)
{
  double gained = bucket->filled_at_us
                      ? (double)(now_us - bucket->filled_at_us) * per_s / G_USEC_PER_SEC
                      : per_s;

  bucket->left = MIN (bucket->left + gained, per_s);
  bucket->filled_at_us = now_us;
}

gboolean
forge_rate_limit_take (ForgeRateLimit *limit, GInetAddress *source, gint64 now_us)
{
  Bucket *slot = slot_of (limit, source);

  refill (slot, limit->per_source_per_s, now_us);
  refill (&limit->total, limit->total_per_s, now_us);
  if (slot->left < 1 || limit->total.left < 1)
    return FALSE;
  slot->left -= 1;
  limit->total.left -= 1;
  return TRUE;
}

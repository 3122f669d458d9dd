/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "relay/forge-joins.h"

#include "mpegts/forge-ts-restamp.h"

#include <string.h>

void
forge_joins_set_psi (ForgeJoins *joins, const ForgeTsPsi *psi)
{
  joins->n = 0;
  joins->psi_bytes = forge_ts_psi_write (psi, 0, 0, joins->psi);
  joins->pat_bytes = joins->psi_bytes ? psi->pat.n_packets * FORGE_TS_PACKET_BYTES : 0;
}

void
forge_joins_set_tables (ForgeJoins *joins, const uint8_t *packets, size_t pat_bytes, size_t bytes)
{
  joins->n = 0;
  joins->pat_bytes = pat_bytes;
  joins->psi_bytes = bytes;
  memcpy (joins->psi, packets, bytes);
}

static void
drop_first (ForgeJoins *joins, unsigned n)
{
  joins->n -= n;
  memmove (joins->items, joins->items + n, joins->n * sizeof joins->items[0]);
}

void
forge_joins_add (ForgeJoins *joins, const ForgeJoin *join)
{
  const ForgeJoin *newest = forge_joins_newest (joins);

  if (newest && newest->offset >= join->offset)
    return;
  if (joins->n == FORGE_JOINS_MAX)
    drop_first (joins, 1);
  joins->items[joins->n++] = *join;
}

unsigned
forge_joins_count_from (const ForgeJoins *joins, uint64_t floor)
{
  unsigned before = 0;

  while (before < joins->n && joins->items[before].offset < floor)
    before++;
  return joins->n - before;
}

void
forge_joins_trim (ForgeJoins *joins, uint64_t floor)
{
  unsigned n_before = joins->n - forge_joins_count_from (joins, floor);

  if (n_before > 0)
    drop_first (joins, n_before);
}

void
forge_joins_cut (ForgeJoins *joins, uint64_t end)
{
  joins->n -= forge_joins_count_from (joins, end);
}

const ForgeJoin *
forge_joins_newest (const ForgeJoins *joins)
{
  return joins->n ? &joins->items[joins->n - 1] : NULL;
}

/* The last of the packets gets `last_counter`. */
static void
set_counters (uint8_t *packets, size_t bytes, unsigned last_counter)
{
  for (size_t at = bytes; at > 0; at -= FORGE_TS_PACKET_BYTES)
    forge_ts_set_counter (packets + at - FORGE_TS_PACKET_BYTES, last_counter--);
}

size_t
forge_joins_write_psi (const ForgeJoins *joins, const ForgeJoin *join, uint8_t *out)
{
  memcpy (out, joins->psi, joins->psi_bytes);
  set_counters (out, joins->pat_bytes, join->pat_counter);
  set_counters (out + joins->pat_bytes, joins->psi_bytes - joins->pat_bytes, join->pmt_counter);
  return joins->psi_bytes;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "relay/forge-ring.h"

#include <glib.h>

#include <string.h>

#define CAPACITY 65536u

static void
fill (const ForgeRing *ring, uint64_t from, uint64_t to)
{
  uint8_t *at = forge_ring_at (ring, from);

  for (uint64_t i = 0; i < to - from; i++)
    at[i] = (uint8_t)((from + i) * 7 / 3);
}

static void
assert_filled (const ForgeRing *ring, uint64_t from, uint64_t to)
{
  const uint8_t *at = forge_ring_at (ring, from);

  for (uint64_t i = 0; i < to - from; i++)
    g_assert_cmpuint (at[i], ==, (uint8_t)((from + i) * 7 / 3));
}

static void
test_ranges_are_contiguous_across_the_end (void)
{
  ForgeRing ring;

  g_assert_true (forge_ring_open (&ring, CAPACITY));
  fill (&ring, 3 * CAPACITY - 100, 3 * CAPACITY + 100);
  assert_filled (&ring, 3 * CAPACITY, 3 * CAPACITY + 100);
  g_assert_cmpmem (ring.memory, 100, ring.memory + CAPACITY, 100);
  forge_ring_close (&ring);
  g_assert_null (ring.memory);
}

static void
test_offsets_stay_valid_when_it_grows (void)
{
  for (uint64_t start = 0; start < 4 * CAPACITY; start += CAPACITY / 2 + 1000) {
    ForgeRing ring;
    g_assert_true (forge_ring_open (&ring, CAPACITY));
    fill (&ring, start, start + CAPACITY);
    g_assert_true (forge_ring_grow (&ring, 2 * CAPACITY, start, start + CAPACITY));
    g_assert_cmpuint (ring.capacity, ==, 2 * CAPACITY);
    assert_filled (&ring, start, start + CAPACITY);
    forge_ring_close (&ring);
  }
}

static void
test_impossible_sizes_are_refused (void)
{
  ForgeRing ring;

  g_assert_false (forge_ring_open (&ring, (size_t)1 << 60));
  g_assert_null (ring.memory);
  g_assert_true (forge_ring_open (&ring, CAPACITY));
  fill (&ring, 0, CAPACITY);
  g_assert_false (forge_ring_grow (&ring, (size_t)1 << 60, 0, CAPACITY));
  assert_filled (&ring, 0, CAPACITY);
  forge_ring_close (&ring);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/ring/ranges-are-contiguous-across-the-end",
                   test_ranges_are_contiguous_across_the_end);
  g_test_add_func ("/relay/ring/offsets-stay-valid-when-it-grows",
                   test_offsets_stay_valid_when_it_grows);
  g_test_add_func ("/relay/ring/impossible-sizes-are-refused", test_impossible_sizes_are_refused);
  return g_test_run ();
}

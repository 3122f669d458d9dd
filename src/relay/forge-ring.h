/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * ForgeRing: memory that is mapped twice in a row, so that any range of up to `capacity` bytes is
 * contiguous wherever it begins. Addressed by 64-bit stream offsets that never wrap, which stay
 * valid when it grows.
 */
typedef struct {
  uint8_t *memory; /* NULL = closed */
  size_t capacity; /* power of two, multiple of the page size */
} ForgeRing;

/* False with errno set. */
bool forge_ring_open (ForgeRing *ring, size_t capacity);
/* Moves the bytes of stream offsets `from` … `to` into a larger ring. False with errno set; the
 * ring is unchanged then. */
bool forge_ring_grow (ForgeRing *ring, size_t capacity, uint64_t from, uint64_t to);
void forge_ring_close (ForgeRing *ring);

static inline uint8_t *
forge_ring_at (const ForgeRing *ring, uint64_t offset)
{
  return ring->memory + (offset & (ring->capacity - 1));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "relay/forge-ring.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Both halves show the same pages. */
static uint8_t *
map_twice (int fd, size_t capacity)
{
  uint8_t *memory =
      mmap (NULL, 2 * capacity, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  if (memory == MAP_FAILED)
    return NULL;
  for (size_t half = 0; half < 2; half++) {
    void *want = memory + half * capacity;
    if (mmap (want, capacity, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) ==
        MAP_FAILED) {
      int saved = errno;
      munmap (memory, 2 * capacity);
      errno = saved;
      return NULL;
    }
  }
  return memory;
}

bool
forge_ring_open (ForgeRing *ring, size_t capacity)
{
  *ring = (ForgeRing){ 0 };
  int fd = memfd_create ("forge-ring", MFD_CLOEXEC);
  if (fd < 0)
    return false;
  if (ftruncate (fd, (off_t)capacity) == 0)
    ring->memory = map_twice (fd, capacity);
  int saved = errno;
  /* The mappings keep the memory: a ring costs no descriptor. */
  close (fd);
  errno = saved;
  if (!ring->memory)
    return false;
  ring->capacity = capacity;
  return true;
}

bool
forge_ring_grow (ForgeRing *ring, size_t capacity, uint64_t from, uint64_t to)
{
  ForgeRing larger;

  if (!forge_ring_open (&larger, capacity))
    return false;
  memcpy (forge_ring_at (&larger, from), forge_ring_at (ring, from), (size_t)(to - from));
  forge_ring_close (ring);
  *ring = larger;
  return true;
}

void
forge_ring_close (ForgeRing *ring)
{
  if (ring->memory)
    munmap (ring->memory, 2 * ring->capacity);
  *ring = (ForgeRing){ 0 };
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Spec: Fowler–Noll–Vo, FNV-1a with 64 bits: tells values apart that nobody forges. */
#define FORGE_HASH_SEED  G_GUINT64_CONSTANT (0xcbf29ce484222325)
#define FORGE_HASH_PRIME G_GUINT64_CONSTANT (0x100000001b3)

/* Adds a text and its end, so that "a", "b" is not "ab"; NULL is not "". */
static inline guint64
forge_hash_text (guint64 hash, const char *text)
{
  if (!text)
    return (hash ^ 0xff) * FORGE_HASH_PRIME;
  do
    hash = (hash ^ (guchar)*text) * FORGE_HASH_PRIME;
  while (*text++);
  return hash;
}

static inline guint64
forge_hash_number (guint64 hash, guint64 number)
{
  for (int i = 0; i < 8; i++, number >>= 8)
    hash = (hash ^ (number & 0xff)) * FORGE_HASH_PRIME;
  return hash;
}

G_END_DECLS

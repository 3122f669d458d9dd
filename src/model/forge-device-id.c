/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/forge-device-id.h"

static guint
digit (guint32 id, guint index_from_top)
{
  return id >> (28 - 4 * index_from_top) & 0xF;
}

/* XOR over all eight digits, the even ones through the permutation; 0 for a valid id. */
static guint
checksum (guint32 id)
{
  static const guint8 permuted[16] = { 0xA, 0x5, 0xF, 0x6, 0x7, 0xC, 0x1, 0xB,
                                       0x9, 0x2, 0x8, 0xD, 0x4, 0x3, 0xE, 0x0 };
  guint sum = 0;

  for (guint i = 0; i < 8; i++)
    sum ^= i % 2 == 0 ? permuted[digit (id, i)] : digit (id, i);
  return sum;
}

gboolean
forge_device_id_is_valid (guint32 id)
{
  return id != 0 && id != G_MAXUINT32 && checksum (id) == 0;
}

guint32
forge_device_id_make (guint16 entropy)
{
  guint32 id = 0x10500000u | (guint32)entropy << 4;

  /* The last digit is not permuted, so it is just what the others lack. */
  return id | checksum (id);
}

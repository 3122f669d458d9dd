/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-unpack.h"

#include <stdint.h>

#define MAX_OUT_BYTES (4 * 1024 * 1024)

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const ForgeUnpackLimits limits = { .max_out_bytes = MAX_OUT_BYTES };
  g_autoptr (GInputStream) source = g_memory_input_stream_new_from_data (data, (gssize)size, NULL);
  g_autoptr (ForgeUnpack) unpack = forge_unpack_new (source, &limits);
  g_autoptr (GError) error = NULL;
  char buffer[8192];
  guint64 total = 0;
  gssize n;

  while ((n = forge_unpack_read (unpack, buffer, sizeof buffer, NULL, &error)) > 0)
    total += (guint64)n;
  g_assert (total <= MAX_OUT_BYTES && (n == 0) == (error == NULL));
  return 0;
}

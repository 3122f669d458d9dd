/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whatever comes in: what is handed out keeps its promises. */
#include "config.h"

#include "formats/forge-hls.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check_segment (const ForgeHlsPlaylist *playlist, guint n)
{
  const ForgeHlsSegment *segment = forge_hls_segment (playlist, n);

  g_assert (*segment->uri && segment->duration_us > 0 && segment->offset >= 0);
  g_assert (segment->length == -1 || segment->length > 0);
  g_assert (segment->sequence == playlist->media_sequence + n);
  g_assert (!segment->key || segment->key->method != FORGE_HLS_METHOD_AES_128 || segment->key->uri);
  g_assert (!segment->map || (*segment->map->uri && segment->map->offset >= 0));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ForgeHlsPlaylist) playlist = forge_hls_parse ((const char *)data, size, &error);

  g_assert ((playlist == NULL) == (error != NULL));
  if (!playlist)
    return 0;
  g_assert (playlist->segments->len <= FORGE_HLS_MAX_SEGMENTS);
  g_assert (playlist->target_us >= G_USEC_PER_SEC && playlist->target_us <= 60 * G_USEC_PER_SEC);
  g_assert (!playlist->is_master || playlist->segments->len == 0);
  for (guint i = 0; i < playlist->segments->len; i++)
    check_segment (playlist, i);
  for (guint i = 0; i < playlist->variants->len; i++) {
    const ForgeHlsRendition *audio =
        forge_hls_separate_audio (playlist, forge_hls_variant (playlist, i));
    g_assert (*forge_hls_variant (playlist, i)->uri && (!audio || audio->uri));
  }
  return 0;
}

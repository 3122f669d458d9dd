/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whatever yt-dlp prints: formats with an address and picture or sound, in order, with one to
 * choose. */
#include "config.h"

#include "library/forge-extraction.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check_format (const ForgeSiteFormat *format)
{
  g_assert (g_str_has_prefix (format->url, "http://") ||
            g_str_has_prefix (format->url, "https://"));
  g_assert (format->has_video || format->has_audio);
  g_assert (format->height >= 0 && format->height <= 20000);
  g_assert (format->size >= 0 && format->bitrate_kbps >= 0);
  g_assert (!format->audio_url || (format->has_video && format->has_audio && !format->is_hls));
}

static int
rank (const ForgeSiteFormat *format)
{
  return format->has_video * 2 + format->has_audio;
}

static void
check_choice (const ForgeExtraction *found)
{
  static const char *const extensions[] = { NULL, "mp4", "webm" };

  for (int height = 0; height <= 4320; height += 720)
    for (gsize i = 0; i < G_N_ELEMENTS (extensions); i++) {
      const ForgeFormatWish wish = { .height = height, .extension = extensions[i] };
      const ForgeSiteFormat *chosen = forge_extraction_choose (found, &wish);
      g_assert (g_ptr_array_find (found->formats, chosen, NULL));
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ForgeExtraction) found =
      forge_extraction_parse (size > 0 ? (const char *)data : "", (gssize)size, &error);

  g_assert ((found == NULL) == (error != NULL));
  if (!found)
    return 0;
  g_assert (found->formats->len > 0 && found->title && found->duration_s >= 0);
  forge_extraction_add_pairs (found);
  for (guint i = 0; i < found->formats->len; i++) {
    const ForgeSiteFormat *format = g_ptr_array_index (found->formats, i);
    check_format (format);
    g_assert (i == 0 || rank (g_ptr_array_index (found->formats, i - 1)) >= rank (format));
  }
  check_choice (found);
  return 0;
}

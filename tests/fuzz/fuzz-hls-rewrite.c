/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whatever comes in: no address but ours comes out of a URI line, and no line end is lost. */
#include "config.h"

#include "formats/forge-hls-rewrite.h"
#include "formats/forge-hls.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static char *
map (const ForgeHlsUri *uri, gpointer user_data)
{
  g_assert (g_str_has_prefix (uri->url, "http://") || g_str_has_prefix (uri->url, "https://"));
  g_assert (!strpbrk (uri->url, "\"\r\n"));
  return g_strdup ("OURS");
}

static void
check_line (const char *line)
{
  g_autofree char *text = g_strstrip (g_strdup (line));

  g_assert (!*text || *text == '#' || g_str_equal (text, "OURS") ||
            g_str_has_prefix (text, "\xef\xbb\xbf"));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const ForgeHlsRewriteConfig config = { .base_url = "http://a.example/b/c.m3u8?d=e", .map = map };
  g_autoptr (GError) error = NULL;
  ForgeHlsRewriteSummary summary;
  g_autoptr (GString) out =
      forge_hls_rewrite_all (&config, (const char *)data, size, &summary, &error);

  g_assert ((out == NULL) == (error != NULL));
  if (!out)
    return 0;
  g_auto (GStrv) lines = g_strsplit (out->str, "\n", -1);
  for (char **line = lines; *line; line++)
    check_line (*line);
  return 0;
}

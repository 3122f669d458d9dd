/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli/forge-tool.h"
#include "formats/forge-hls-rewrite.h"

#include <stdio.h>
#include <string.h>

/* rewrite-hls FILE --base URL: the playlist as /strm/stream would give it, without signatures. */
typedef struct {
  ForgeHlsRewrite *rewrite;
  GError *error;
} Run;

static char *
map (const ForgeHlsUri *uri, gpointer user_data)
{
  g_autofree char *coded = g_uri_escape_string (uri->url, NULL, FALSE);

  return g_strdup_printf ("/strm/proxy?kind=%s&u=%s", forge_hls_uri_kind_name (uri->kind), coded);
}

static void
print (GString *out)
{
  fwrite (out->str, 1, out->len, stdout);
}

static void
push (const char *data, gsize length, gpointer user_data)
{
  Run *run = user_data;
  g_autoptr (GString) out = g_string_new (NULL);

  if (!run->error)
    forge_hls_rewrite_push (run->rewrite, data, length, out, &run->error);
  print (out);
}

int
forge_tool_rewrite_hls (const char *path, const char *base)
{
  const ForgeHlsRewriteConfig config = { .base_url = base, .map = map };
  g_autoptr (GError) error = NULL;
  g_autoptr (ForgeHlsRewrite) rewrite = forge_hls_rewrite_new (&config, &error);
  g_autoptr (GString) out = g_string_new (NULL);
  Run run = { .rewrite = rewrite };

  if (!rewrite)
    return forge_tool_fail ("--base: %s", error->message);
  if (!forge_tool_read (path, push, &run))
    return 1;
  if (!run.error)
    forge_hls_rewrite_end (rewrite, out, &run.error);
  print (out);
  error = run.error;
  return error ? forge_tool_fail ("%s", error->message) : 0;
}

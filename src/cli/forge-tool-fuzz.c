/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli/forge-tool.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The targets of tests/fuzz under names of their own: what a fuzzer found can be looked at with the
 * program that is at hand, in a debugger or under a sanitizer. A target that finds something wrong
 * aborts. */

typedef int (*Target) (const uint8_t *data, size_t size);

int forge_fuzz_hls (const uint8_t *data, size_t size);
int forge_fuzz_hls_rewrite (const uint8_t *data, size_t size);
int forge_fuzz_json_items (const uint8_t *data, size_t size);
int forge_fuzz_m3u (const uint8_t *data, size_t size);
int forge_fuzz_unpack (const uint8_t *data, size_t size);
int forge_fuzz_xmltv (const uint8_t *data, size_t size);
int forge_fuzz_hdhr (const uint8_t *data, size_t size);

static const struct {
  const char *name;
  Target run;
} targets[] = {
  { "hls", forge_fuzz_hls },
  { "hls-rewrite", forge_fuzz_hls_rewrite },
  { "json-items", forge_fuzz_json_items },
  { "m3u", forge_fuzz_m3u },
  { "unpack", forge_fuzz_unpack },
  { "xmltv", forge_fuzz_xmltv },
  { "hdhr", forge_fuzz_hdhr },
};

static Target
find_target (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (targets); i++)
    if (strcmp (targets[i].name, name) == 0)
      return targets[i].run;
  return NULL;
}

static char *
target_names (void)
{
  GString *names = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (targets); i++)
    g_string_append_printf (names, "%s%s", i ? ", " : "", targets[i].name);
  return g_string_free (names, FALSE);
}

int
forge_tool_fuzz (const char *target, const char *path)
{
  Target run = find_target (target);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gsize length;

  if (!run) {
    g_autofree char *names = target_names ();
    return forge_tool_fail ("there is no target “%s”; there are %s", target, names);
  }
  if (!g_file_get_contents (path, &text, &length, &error))
    return forge_tool_fail ("%s", error->message);
  /* A copy of the exact size, so that a sanitizer sees the first byte behind it. */
  g_autofree uint8_t *copy = g_memdup2 (text, length);
  run (copy, length);
  printf ("{\"target\":\"%s\",\"bytes\":%" G_GSIZE_FORMAT ",\"ok\":true}\n", target, length);
  return 0;
}

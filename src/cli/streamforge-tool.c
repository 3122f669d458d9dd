/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli/forge-tool.h"
#include "net/forge-dial.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

/* Runs one layer on a file from the shell. */

#define EXIT_USAGE       2
#define PROBE_TIMEOUT_MS 10000

int
forge_tool_probe (const char *url)
{
  const ForgeDialOptions options = {
    .user_agent = "VLC/3.0.20 LibVLC/3.0.20",
    .verify_tls = TRUE,
    .connect_timeout_ms = PROBE_TIMEOUT_MS,
    .first_byte_timeout_ms = PROBE_TIMEOUT_MS,
  };
  g_auto (ForgeDial) dial = { .bytes.fd = -1 };
  g_autoptr (GError) error = NULL;

  if (!forge_dial_open (url, &options, &dial, NULL, &error))
    return forge_tool_fail ("%s", error->message);
  printf (
      "{\"kind\":\"%s\",\"host\":\"%s\",\"http_status\":%u,\"chunked\":%s,\"content_length\":%" G_GINT64_FORMAT
      ",\"connect_us\":%" G_GINT64_FORMAT ",\"first_byte_us\":%" G_GINT64_FORMAT "}\n",
      dial.kind == FORGE_DIAL_HLS ? "hls" : "ts",
      dial.final_host,
      dial.http_status,
      dial.is_chunked ? "true" : "false",
      dial.content_length,
      dial.connect_us,
      dial.first_byte_us);
  return 0;
}

static int
usage (void)
{
  g_printerr ("Usage: streamforge-tool parse xmltv|m3u|hls|ts|xtream FILE\n"
              "       streamforge-tool match GUIDE STREAMS.json [CATEGORIES.json]\n"
              "       streamforge-tool rewrite-hls FILE --base URL\n"
              "       streamforge-tool probe URL\n"
              "       streamforge-tool fuzz TARGET FILE\n");
  return EXIT_USAGE;
}

static int
parse (const char *kind, const char *path)
{
  static const struct {
    const char *kind;
    int (*run) (const char *path);
  } parsers[] = {
    { "xmltv", forge_tool_parse_xmltv },   { "m3u", forge_tool_parse_m3u },
    { "hls", forge_tool_parse_hls },       { "ts", forge_tool_parse_ts },
    { "xtream", forge_tool_parse_xtream },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (parsers); i++)
    if (strcmp (kind, parsers[i].kind) == 0)
      return parsers[i].run (path);
  return usage ();
}

int
main (int argc, char *argv[])
{
  setlocale (LC_ALL, "");
  if (argc == 2 && strcmp (argv[1], "--version") == 0) {
    printf ("streamforge-tool %s\n", FORGE_VERSION);
    return 0;
  }
  if (argc == 4 && strcmp (argv[1], "parse") == 0)
    return parse (argv[2], argv[3]);
  if ((argc == 4 || argc == 5) && strcmp (argv[1], "match") == 0)
    return forge_tool_match (argv[2], argv[3], argc == 5 ? argv[4] : NULL);
  if (argc == 5 && strcmp (argv[1], "rewrite-hls") == 0 && strcmp (argv[3], "--base") == 0)
    return forge_tool_rewrite_hls (argv[2], argv[4]);
  if (argc == 3 && strcmp (argv[1], "probe") == 0)
    return forge_tool_probe (argv[2]);
  if (argc == 4 && strcmp (argv[1], "fuzz") == 0)
    return forge_tool_fuzz (argv[2], argv[3]);
  return usage ();
}

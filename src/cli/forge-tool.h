/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The subcommands of streamforge-tool. Each prints on standard output and returns the exit status:
 * 0, or 1 after one line on standard error. */
int forge_tool_parse_xmltv (const char *path);
int forge_tool_parse_m3u (const char *path);
int forge_tool_parse_hls (const char *path);
int forge_tool_parse_ts (const char *path);
int forge_tool_parse_xtream (const char *path);
/* `categories` NULL = none. */
int forge_tool_match (const char *guide, const char *streams, const char *categories);
int forge_tool_probe (const char *url);
/* Runs one target of tests/fuzz on a file. */
int forge_tool_fuzz (const char *target, const char *path);
/* Prints the playlist with its addresses replaced; relative ones are resolved against `base`. */
int forge_tool_rewrite_hls (const char *path, const char *base);

/* Feeds a file, unpacked, to `push` in pieces; prints what goes wrong. FALSE if it could not be
 * read at all. */
typedef void (*ForgeToolPush) (const char *data, gsize length, gpointer user_data);
gboolean forge_tool_read (const char *path, ForgeToolPush push, gpointer user_data);

int forge_tool_fail (const char *format, ...) G_GNUC_PRINTF (1, 2);

G_END_DECLS

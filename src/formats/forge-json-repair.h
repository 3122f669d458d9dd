/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* TRUE if `text` has something that json-glib would refuse or die of: invalid UTF-8, NUL, a \u
 * escape of a surrogate or of no number, an escape that JSON does not know. Thread: any. */
gboolean forge_json_needs_repair (const char *text, gsize length);

/* Writes `text` to `out` (emptied first) with invalid UTF-8 read as windows-1252, pairs of
 * surrogate escapes as their character, lone ones as U+FFFD, control characters dropped. */
void forge_json_repair (const char *text, gsize length, GString *out);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Reads ` key="value" key='value' key=value,Title`. Keys come out in lower case; of a repeated one
 * the first counts. `title` (may be NULL) receives what stands behind the comma, a part of `text`,
 * or NULL. Quotes that miss are guessed: facts xtream-xmltv-hls.md §2.2.
 * Returns: (transfer full), char* → char*. Thread: any. */
GHashTable *forge_m3u_attributes_parse (const char *text, const char **title)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

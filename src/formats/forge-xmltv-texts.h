/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Appends what a programme's <title>, <sub-title> and <desc> say, in all languages, to `out`, a
 * line break before each; several times as fast as forge-xmltv-details.h. `inner`: the XML between
 * the tags of a <programme>, as forge-xmltv.h hands it out. Thread: any. */
void forge_xmltv_append_texts (GString *out, const char *inner, gsize length);

G_END_DECLS

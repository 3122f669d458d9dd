/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define FORGE_XML_MAX_DEPTH      64
#define FORGE_XML_MAX_ATTRIBUTES 64

/* Writes a well-formed version of the one element `item` to `out` (emptied first): bare & and <
 * escaped, HTML 4 entities as characters, invalid UTF-8 read as windows-1252, forbidden characters
 * and references to them left out, blanks and quotes put around attributes where they miss, second
 * attributes of a name dropped, tags balanced, namespace prefixes made part of the name, CDATA
 * turned into text, comments and processing instructions dropped. What stands behind the element's
 * end is ignored.
 * `inner_start` and `inner_end` receive the offsets of the content in `out`.
 * Returns FALSE if it is beyond repair or breaks a limit. Thread: any. */
gboolean forge_xml_repair (const char *item,
                           gsize length,
                           GString *out,
                           gsize *inner_start,
                           gsize *inner_end);

/* Appends a run of character data, or an attribute's value if `is_attribute`, repaired. */
void
forge_xml_append_repaired (GString *out, const char *data, gsize length, gboolean is_attribute);

G_END_DECLS

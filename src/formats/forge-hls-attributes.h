/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* An attribute list (RFC 8216 §4.2): NAME=value pairs between commas; a quoted value may hold
 * commas and '='. Names come out in upper case, values without their quotes; of a repeated name the
 * first counts. A quote that is never closed ends with the line. Returns: (transfer full), char* →
 * char*. Thread: any. */
GHashTable *forge_hls_attributes_parse (const char *text) G_GNUC_WARN_UNUSED_RESULT;

/* NULL for absent and "". (transfer none) */
const char *forge_hls_attribute (GHashTable *attributes, const char *name);
/* A decimal number, its fraction cut off; 0 if it is none. */
guint64 forge_hls_attribute_number (GHashTable *attributes, const char *name);

G_END_DECLS

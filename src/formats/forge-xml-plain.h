/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * A reader of plain XML: elements with short ASCII names and few attributes, text, the five named
 * and the common numeric references. It proves that something is well-formed several times as fast
 * as a parser, and declines everything else (prefixes, CDATA, comments, odd blanks, damage) without
 * a judgement: then expat has to be asked. What it accepts, expat accepts and reads the same.
 */
#define FORGE_XML_PLAIN_MAX_ATTRIBUTES 8

typedef struct {
  const char *at;
  gsize length;
} ForgeXmlSlice;

typedef struct {
  ForgeXmlSlice name;
  ForgeXmlSlice names[FORGE_XML_PLAIN_MAX_ATTRIBUTES], values[FORGE_XML_PLAIN_MAX_ATTRIBUTES];
  guint n_attributes;
  gboolean is_empty; /* ended with "/>" */
} ForgeXmlTag;

/* Reads the start tag at `at`. Returns what follows it, NULL if it is not plain. UTF-8 is not
 * checked. Thread: any. */
const char *forge_xml_plain_tag (const char *at, const char *end, ForgeXmlTag *tag);

/* TRUE if `data` is the plain content of an element. `found` receives the text of the first child
 * `wanted` that has any, or length 0. UTF-8 is not checked. Thread: any. */
gboolean
forge_xml_plain_content (const char *data, gsize length, const char *wanted, ForgeXmlSlice *found);

/* TRUE if `data` is UTF-8 that holds only characters that XML allows, as far as those are not
 * ASCII. */
gboolean forge_xml_plain_encoding (const char *data, gsize length);

/* Appends text that one of the above accepted, its references as characters. */
void forge_xml_plain_append_text (GString *out, const ForgeXmlSlice *text);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-xmltv-texts.h"

#include "formats/forge-xml-plain.h"

#include <string.h>

#define CDATA_START "<![CDATA["
#define CDATA_END   "]]>"

/* What `at` … `end` begins with. */
static gboolean
begins_with (const char *at, const char *end, const char *text)
{
  gsize length = strlen (text);

  return (gsize)(end - at) >= length && memcmp (at, text, length) == 0;
}

/* The tag at `at` is one of those whose text is wanted. */
static gboolean
is_wanted (const char *at, const char *end)
{
  static const char *const names[] = { "<title", "<sub-title", "<desc" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    gsize length = strlen (names[i]);
    if (begins_with (at, end, names[i]) && at + length < end &&
        strchr ("> \t\r\n", at[length]) != NULL)
      return TRUE;
  }
  return FALSE;
}

static void
append_text (GString *out, const char *at, const char *end)
{
  const ForgeXmlSlice text = { at, (gsize)(end - at) };

  forge_xml_plain_append_text (out, &text);
}

/* Behind the markup at `at`; what a CDATA section says is appended (`out` NULL: dropped). */
static const char *
pass_markup (GString *out, const char *at, const char *end)
{
  gboolean is_cdata = begins_with (at, end, CDATA_START);
  const char *terminator = is_cdata ? CDATA_END : begins_with (at, end, "<!--") ? "-->" : ">";
  const char *close = memmem (at, (gsize)(end - at), terminator, strlen (terminator));

  if (!close)
    return end;
  if (is_cdata && out)
    g_string_append_len (out, at + strlen (CDATA_START), close - at - (gssize)strlen (CDATA_START));
  return close + strlen (terminator);
}

/* From behind the start tag to the end tag of the same depth, as far as a guide nests: texts hold
 * no elements. Returns: where it stopped. */
static const char *
append_content (GString *out, const char *at, const char *end)
{
  while (at < end) {
    const char *bracket = memchr (at, '<', (gsize)(end - at));
    append_text (out, at, bracket ? bracket : end);
    if (!bracket)
      return end;
    if (begins_with (bracket, end, "</"))
      return bracket;
    at = pass_markup (out, bracket, end);
  }
  return end;
}

void
forge_xmltv_append_texts (GString *out, const char *inner, gsize length)
{
  const char *at = inner, *end = inner + length;

  while (at < end && (at = memchr (at, '<', (gsize)(end - at)))) {
    gboolean is_text = is_wanted (at, end);

    at = pass_markup (NULL, at, end);
    if (!is_text || at[-1] != '>' || at[-2] == '/')
      continue;
    g_string_append_c (out, '\n');
    at = append_content (out, at, end);
  }
}

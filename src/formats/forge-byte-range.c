/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-byte-range.h"

#include <string.h>

#define UNIT "bytes"

/* Digits at *text, which moves behind them. Too large a number is the largest: it lies behind every
 * end. FALSE without a digit. */
static gboolean
take_number (const char **text, gint64 *number)
{
  const char *p = *text;

  *number = 0;
  for (; g_ascii_isdigit (*p); p++) {
    gint64 digit = *p - '0';
    *number = *number > (G_MAXINT64 - digit) / 10 ? G_MAXINT64 : *number * 10 + digit;
  }
  gboolean has_any = p > *text;
  *text = p;
  return has_any;
}

static const char *
skip_blanks (const char *text)
{
  return text + strspn (text, " \t");
}

static gboolean
parse_spec (const char *text, ForgeByteRange *range)
{
  *range = (ForgeByteRange){ -1, -1, -1 };
  if (*text == '-') {
    text++;
    if (!take_number (&text, &range->suffix))
      return FALSE;
  } else {
    if (!take_number (&text, &range->first) || *text++ != '-')
      return FALSE;
    if (g_ascii_isdigit (*text) && take_number (&text, &range->last) && range->last < range->first)
      return FALSE;
  }
  return *skip_blanks (text) == '\0';
}

gboolean
forge_byte_range_parse (const char *header, ForgeByteRange *range)
{
  gsize unit = strlen (UNIT);

  if (!header || g_ascii_strncasecmp (header, UNIT, unit) != 0 || header[unit] != '=')
    return FALSE;
  return parse_spec (skip_blanks (header + unit + 1), range);
}

gboolean
forge_byte_range_place (const ForgeByteRange *range, gint64 length, gint64 *first, gint64 *last)
{
  if (range->suffix >= 0) {
    *first = length - MIN (range->suffix, length);
    *last = length - 1;
    return range->suffix > 0 && length > 0;
  }
  *first = range->first;
  *last = range->last < 0 ? length - 1 : MIN (range->last, length - 1);
  return range->first < length;
}

gboolean
forge_content_range_parse (const char *header, gint64 *first, gint64 *last, gint64 *total)
{
  gsize unit = strlen (UNIT);
  const char *p = header;

  *first = *last = *total = -1;
  if (!p || g_ascii_strncasecmp (p, UNIT, unit) != 0 || (p[unit] != ' ' && p[unit] != '='))
    return FALSE;
  p = skip_blanks (p + unit + 1);
  if (*p == '*')
    p++;
  else if (!take_number (&p, first) || *p++ != '-' || !take_number (&p, last) || *last < *first)
    return FALSE;
  p = skip_blanks (p);
  if (*p++ != '/')
    return FALSE;
  p = skip_blanks (p);
  if (*p == '*')
    return *first >= 0;
  return take_number (&p, total) && *skip_blanks (p) == '\0' && *last < *total;
}

gboolean
forge_if_range_matches (const char *header, const char *etag, const char *last_modified)
{
  if (!header)
    return TRUE;
  if (*header == '"')
    return etag && *etag == '"' && g_str_equal (header, etag);
  return last_modified && g_str_equal (header, last_modified);
}

static const char *
opaque_part (const char *tag)
{
  return g_str_has_prefix (tag, "W/") ? tag + 2 : tag;
}

gboolean
forge_if_none_match (const char *header, const char *etag)
{
  g_auto (GStrv) tags = g_strsplit (header ? header : "", ",", -1);

  for (char **tag = tags; *tag; tag++) {
    const char *text = g_strstrip (*tag);
    if (g_str_equal (text, "*") || (*text && g_str_equal (opaque_part (text), opaque_part (etag))))
      return TRUE;
  }
  return FALSE;
}

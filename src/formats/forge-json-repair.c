/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-json-repair.h"

#include "formats/forge-text.h"

#include <string.h>

#define ESCAPE_BYTES 6 /* \uXXXX */

#define NOT_HEX G_MAXUINT32

/* The unit that the \u escape at `at` names, NOT_HEX if it names none. */
static guint32
escape_unit (const char *at, const char *end)
{
  guint32 unit = 0;

  if (end - at < ESCAPE_BYTES || at[0] != '\\' || at[1] != 'u')
    return NOT_HEX;
  for (int i = 2; i < ESCAPE_BYTES; i++) {
    int digit = g_ascii_xdigit_value (at[i]);
    if (digit < 0)
      return NOT_HEX;
    unit = unit << 4 | (guint32)digit;
  }
  return unit;
}

static gboolean
is_high (guint32 unit)
{
  return unit >= 0xD800 && unit < 0xDC00;
}

static gboolean
is_low (guint32 unit)
{
  return unit >= 0xDC00 && unit < 0xE000;
}

/* Spec: RFC 8259 §7. json-glib also takes C's octal escapes, and makes invalid UTF-8 of them. */
static gboolean
is_escapable (char c)
{
  return c != '\0' && strchr ("\"\\/bfnrt", c);
}

gboolean
forge_json_needs_repair (const char *text, gsize length)
{
  const char *end = text + length;

  if (!g_utf8_validate_len (text, length, NULL))
    return TRUE;
  for (const char *at = text; (at = memchr (at, '\\', (gsize)(end - at)));) {
    if (end - at < 2)
      return TRUE;
    if (at[1] == 'u') {
      guint32 unit = escape_unit (at, end);
      if (unit == NOT_HEX || unit == 0 || is_high (unit) || is_low (unit))
        return TRUE;
    } else if (!is_escapable (at[1])) {
      return TRUE;
    }
    at += 2;
  }
  return FALSE;
}

/* A \u escape at `at`. Returns how many bytes were dealt with. */
static gsize
repair_escape (GString *out, const char *at, const char *end)
{
  guint32 unit = escape_unit (at, end);

  if (unit == NOT_HEX) {
    g_string_append_unichar (out, 0xFFFD);
    return 2;
  }
  if (is_high (unit)) {
    guint32 low = escape_unit (at + ESCAPE_BYTES, end);
    gboolean is_pair = low != NOT_HEX && is_low (low);
    g_string_append_unichar (out,
                             is_pair ? 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00) : 0xFFFD);
    return is_pair ? 2 * ESCAPE_BYTES : ESCAPE_BYTES;
  }
  if (is_low (unit))
    g_string_append_unichar (out, 0xFFFD);
  else if (unit != 0)
    g_string_append_len (out, at, ESCAPE_BYTES);
  return ESCAPE_BYTES;
}

static gboolean
is_plain (char c)
{
  return ((guint8)c >= 0x20 || c == '\t' || c == '\n' || c == '\r') && c != '\\';
}

void
forge_json_repair (const char *text, gsize length, GString *out)
{
  const char *end = text + length;

  g_string_truncate (out, 0);
  while (text < end) {
    const char *run = text;
    while (text < end && is_plain (*text))
      text++;
    forge_text_append_utf8 (out, run, (gsize)(text - run));
    if (text == end)
      return;
    if (*text != '\\') {
      text++; /* a control character */
    } else if (end - text >= 2 && text[1] == 'u') {
      text += repair_escape (out, text, end);
    } else {
      gboolean is_escape = end - text >= 2 && is_escapable (text[1]);
      g_string_append_len (out, text, is_escape ? 2 : 0);
      text += is_escape ? 2 : 1;
    }
  }
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-text.h"

#include <string.h>

#define REPLACEMENT_CHARACTER 0xFFFD

/* Pieces in which UTF-16 is decoded, so that the buffer stays small whatever is pushed. */
#define UTF16_PIECE_BYTES (64 * 1024)

gunichar
forge_text_from_cp1252 (guint8 byte)
{
  static const guint16 upper[32] = {
    0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178,
  };

  return byte >= 0x80 && byte < 0xA0 ? upper[byte - 0x80] : byte;
}

void
forge_text_append_utf8 (GString *out, const char *data, gsize length)
{
  while (length > 0) {
    const char *valid_end = NULL;
    /* A NUL is not valid for GLib; it counts as a byte of its own. */
    g_utf8_validate_len (data, length, &valid_end);
    g_string_append_len (out, data, valid_end - data);
    length -= (gsize)(valid_end - data);
    data = valid_end;
    if (length == 0)
      return;
    g_string_append_unichar (out, forge_text_from_cp1252 ((guint8)*data));
    data++;
    length--;
  }
}

void
forge_text_collect_head (char *head, gsize size, const char *data, gsize length)
{
  gsize used = strlen (head);

  for (gsize i = 0; i < length && used + 1 < size; i++) {
    guint8 byte = (guint8)data[i];
    gboolean is_blank = byte <= ' ';
    if (byte > '~' || (is_blank && (used == 0 || head[used - 1] == ' ')))
      continue;
    head[used++] = is_blank ? ' ' : (char)byte;
    head[used] = '\0';
  }
}

static gsize
boundary_before (const char *text, gsize at)
{
  while (at > 0 && ((guint8)text[at] & 0xC0) == 0x80)
    at--;
  return at;
}

void
forge_text_tidy (GString *text, gsize max_bytes)
{
  gsize used = 0;

  for (gsize i = 0; i < text->len; i++) {
    gboolean is_blank = (guint8)text->str[i] <= ' ';
    if (is_blank && (used == 0 || text->str[used - 1] == ' '))
      continue;
    text->str[used++] = is_blank ? ' ' : text->str[i];
  }
  g_string_truncate (text, used);
  if (text->len > max_bytes)
    g_string_truncate (text, boundary_before (text->str, max_bytes));
  while (text->len > 0 && text->str[text->len - 1] == ' ')
    g_string_truncate (text, text->len - 1);
}

void
forge_text_input_init (ForgeTextInput *input, ForgeTextSink sink, gpointer user_data)
{
  *input = (ForgeTextInput){ .odd_byte = -1, .sink = sink, .user_data = user_data };
}

void
forge_text_input_clear (ForgeTextInput *input)
{
  if (input->decoded)
    g_string_free (input->decoded, TRUE);
  input->decoded = NULL;
}

static void
append_utf16_unit (ForgeTextInput *input, gunichar2 unit)
{
  GString *out = input->decoded;
  gboolean is_low = unit >= 0xDC00 && unit < 0xE000;

  if (input->high && is_low) {
    g_string_append_unichar (out,
                             0x10000 + (((gunichar)input->high - 0xD800) << 10) +
                                 ((gunichar)unit - 0xDC00));
    input->high = 0;
    return;
  }
  if (input->high)
    g_string_append_unichar (out, REPLACEMENT_CHARACTER);
  input->high = 0;
  if (unit >= 0xD800 && unit < 0xDC00)
    input->high = unit;
  else
    g_string_append_unichar (out, is_low ? REPLACEMENT_CHARACTER : unit);
}

static void
decode_utf16 (ForgeTextInput *input, const char *data, gsize length)
{
  g_string_truncate (input->decoded, 0);
  for (gsize i = 0; i < length; i++) {
    guint8 byte = (guint8)data[i];
    if (input->odd_byte < 0) {
      input->odd_byte = byte;
      continue;
    }
    guint8 first = (guint8)input->odd_byte;
    input->odd_byte = -1;
    append_utf16_unit (input,
                       input->is_big_endian ? (gunichar2)(first << 8 | byte)
                                            : (gunichar2)(byte << 8 | first));
  }
  if (input->decoded->len > 0)
    input->sink (input->decoded->str, input->decoded->len, input->user_data);
}

static void
pass (ForgeTextInput *input, const char *data, gsize length)
{
  if (!input->is_utf16) {
    if (length > 0)
      input->sink (data, length, input->user_data);
    return;
  }
  for (gsize at = 0; at < length; at += UTF16_PIECE_BYTES)
    decode_utf16 (input, data + at, MIN (length - at, UTF16_PIECE_BYTES));
}

/* Decides by the first bytes; `n` may be less than 3 only at the end of the text. */
static void
decide (ForgeTextInput *input)
{
  const guint8 *lead = input->lead;
  guint n = input->n_lead;
  guint skip = 0;

  input->is_known = TRUE;
  if (n >= 3 && lead[0] == 0xEF && lead[1] == 0xBB && lead[2] == 0xBF)
    skip = 3;
  else if (n >= 2 && ((lead[0] == 0xFF && lead[1] == 0xFE) || (lead[0] == 0xFE && lead[1] == 0xFF)))
    skip = 2;
  if (skip == 2 || (n >= 2 && skip == 0 && (!lead[0] != !lead[1]))) {
    input->is_utf16 = TRUE;
    input->is_big_endian = lead[0] == 0xFE || lead[0] == 0;
    input->decoded = g_string_new (NULL);
  }
  pass (input, (const char *)lead + skip, n - skip);
}

void
forge_text_input_push (ForgeTextInput *input, const char *data, gsize length)
{
  while (!input->is_known && length > 0) {
    input->lead[input->n_lead++] = (guint8)*data++;
    length--;
    if (input->n_lead == G_N_ELEMENTS (input->lead))
      decide (input);
  }
  if (length > 0)
    pass (input, data, length);
}

void
forge_text_input_end (ForgeTextInput *input)
{
  if (!input->is_known)
    decide (input);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-name-fold.h"

#include <string.h>

typedef struct {
  gunichar from;
  const char *to;
} Letter;

/* Letters that no decomposition leads to Latin. Cyrillic follows what broadcasters write in their
 * own Latin names (й y, ж zh, х kh), Greek the usual pronunciation. Sorted by code point. */
static const Letter letters[] = {
  { 0x00df, "ss" }, { 0x00e6, "ae" },  { 0x00f0, "d" },  { 0x00f8, "o" },  { 0x00fe, "th" },
  { 0x0111, "d" },  { 0x0127, "h" },   { 0x0131, "i" },  { 0x0142, "l" },  { 0x0153, "oe" },
  { 0x0259, "e" },  { 0x03b1, "a" },   { 0x03b2, "v" },  { 0x03b3, "g" },  { 0x03b4, "d" },
  { 0x03b5, "e" },  { 0x03b6, "z" },   { 0x03b7, "i" },  { 0x03b8, "th" }, { 0x03b9, "i" },
  { 0x03ba, "k" },  { 0x03bb, "l" },   { 0x03bc, "m" },  { 0x03bd, "n" },  { 0x03be, "x" },
  { 0x03bf, "o" },  { 0x03c0, "p" },   { 0x03c1, "r" },  { 0x03c2, "s" },  { 0x03c3, "s" },
  { 0x03c4, "t" },  { 0x03c5, "y" },   { 0x03c6, "f" },  { 0x03c7, "ch" }, { 0x03c8, "ps" },
  { 0x03c9, "o" },  { 0x0430, "a" },   { 0x0431, "b" },  { 0x0432, "v" },  { 0x0433, "g" },
  { 0x0434, "d" },  { 0x0435, "e" },   { 0x0436, "zh" }, { 0x0437, "z" },  { 0x0438, "i" },
  { 0x0439, "y" },  { 0x043a, "k" },   { 0x043b, "l" },  { 0x043c, "m" },  { 0x043d, "n" },
  { 0x043e, "o" },  { 0x043f, "p" },   { 0x0440, "r" },  { 0x0441, "s" },  { 0x0442, "t" },
  { 0x0443, "u" },  { 0x0444, "f" },   { 0x0445, "kh" }, { 0x0446, "ts" }, { 0x0447, "ch" },
  { 0x0448, "sh" }, { 0x0449, "sch" }, { 0x044a, "" },   { 0x044b, "y" },  { 0x044c, "" },
  { 0x044d, "e" },  { 0x044e, "yu" },  { 0x044f, "ya" }, { 0x0452, "dj" }, { 0x0454, "ye" },
  { 0x0455, "z" },  { 0x0456, "i" },   { 0x0458, "j" },  { 0x0459, "lj" }, { 0x045a, "nj" },
  { 0x045b, "c" },  { 0x045f, "dz" },  { 0x0491, "g" },  { 0x0629, "ه" },  { 0x0640, "" },
  { 0x0649, "ي" },  { 0x06a9, "ك" },   { 0x06cc, "ي" },
};

gboolean
forge_fold_is_invisible (gunichar c)
{
  switch (g_unichar_type (c)) {
  case G_UNICODE_NON_SPACING_MARK:
  case G_UNICODE_ENCLOSING_MARK:
  case G_UNICODE_SPACING_MARK:
  case G_UNICODE_FORMAT:
    return TRUE;
  default:
    return c == 0x00a9 || c == 0x00ae || c == 0x2122 || c == 0x0640;
  }
}

static const char *
find_letter (gunichar c)
{
  guint low = 0, high = G_N_ELEMENTS (letters);

  while (low < high) {
    guint middle = (low + high) / 2;

    if (letters[middle].from == c)
      return letters[middle].to;
    if (c < letters[middle].from)
      high = middle;
    else
      low = middle + 1;
  }
  return NULL;
}

/* Appends one decomposed character. */
static guint
fold_part (gunichar c, char *out)
{
  gunichar lower = g_unichar_tolower (c);
  const char *latin;

  if (lower < 0x80) {
    out[0] = (char)lower;
    return 1;
  }
  if (forge_fold_is_invisible (lower))
    return 0;
  latin = find_letter (lower);
  if (!latin)
    return (guint)g_unichar_to_utf8 (lower, out);
  memcpy (out, latin, strlen (latin));
  return (guint)strlen (latin);
}

guint
forge_fold_char (gunichar c, char out[FORGE_FOLD_MAX_BYTES])
{
  gunichar parts[G_UNICHAR_MAX_DECOMPOSITION_LENGTH];
  gsize n;
  guint length = 0;

  if (c < 0x80) {
    out[0] = g_ascii_tolower ((char)c);
    out[1] = 0;
    return 1;
  }
  /* й is a letter of its own, not и with a mark. */
  if (c == 0x0419 || c == 0x0439) {
    parts[0] = 0x0439;
    n = 1;
  } else if (forge_fold_is_invisible (c)) {
    n = 0;
  } else {
    n = g_unichar_fully_decompose (c, TRUE, parts, G_N_ELEMENTS (parts));
  }
  for (gsize i = 0; i < n && length + 6 < FORGE_FOLD_MAX_BYTES; i++)
    length += fold_part (parts[i], out + length);
  out[length] = 0;
  return length;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-name-skeleton.h"

#include <string.h>

static gboolean
is_arabic_char (gunichar c)
{
  return c >= 0x0620 && c <= 0x06ff;
}

gboolean
forge_name_is_arabic (const ForgeName *name)
{
  for (guint i = 0; i < name->n_tokens; i++)
    if (is_arabic_char (g_utf8_get_char (forge_name_token (name, i))))
      return TRUE;
  return FALSE;
}

/* The Latin consonant; 0 for vowels, half vowels and throat sounds that romanisation drops. */
static char
arabic_consonant (gunichar c)
{
  static const struct {
    gunichar from;
    char to;
  } table[] = {
    { 0x0628, 'b' }, { 0x062a, 't' }, { 0x062b, 't' }, { 0x062c, 'g' }, { 0x062e, 'k' },
    { 0x062f, 'd' }, { 0x0630, 'd' }, { 0x0631, 'r' }, { 0x0632, 'z' }, { 0x0633, 's' },
    { 0x0634, 's' }, { 0x0635, 's' }, { 0x0636, 'd' }, { 0x0637, 't' }, { 0x0638, 'z' },
    { 0x063a, 'g' }, { 0x0641, 'f' }, { 0x0642, 'k' }, { 0x0643, 'k' }, { 0x0644, 'l' },
    { 0x0645, 'm' }, { 0x0646, 'n' }, { 0x067e, 'b' }, { 0x0686, 's' }, { 0x06a4, 'f' },
    { 0x06af, 'g' },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    if (table[i].from == c)
      return table[i].to;
  return 0;
}

static char
latin_consonant (const char *p)
{
  switch (*p) {
  case 'q':
    return 'k';
  case 'c':
    return p[1] && strchr ("eiyh", p[1]) ? 's' : 'k';
  case 'j':
    return 'g';
  case 'p':
    return p[1] == 'h' ? 'f' : 'b';
  case 'v':
    return 'f';
  case 'a':
  case 'e':
  case 'i':
  case 'o':
  case 'u':
  case 'w':
  case 'y':
  case 'h':
    return 0;
  default:
    return g_ascii_isalnum (*p) ? *p : 0;
  }
}

/* The token without its article. */
static const char *
skip_article (const char *text)
{
  if (g_str_has_prefix (text, "ال") && strlen (text) > 6)
    return text + strlen ("ال");
  if (strcmp (text, "al") == 0 || strcmp (text, "el") == 0)
    return "";
  if ((g_str_has_prefix (text, "al") || g_str_has_prefix (text, "el")) && strlen (text) >= 5)
    return text + 2;
  return text;
}

void
forge_name_skeleton (const ForgeName *name, char *out, gsize size)
{
  gsize used = 0;

  for (guint i = 0; i < name->n_tokens; i++) {
    const char *p = skip_article (forge_name_token (name, i));
    char last = 0;

    if (name->tokens[i].kind == FORGE_TOKEN_FILLER || name->tokens[i].kind == FORGE_TOKEN_COUNTRY)
      continue;
    for (; *p && used + 1 < size; p = g_utf8_next_char (p)) {
      gunichar c = g_utf8_get_char (p);
      char consonant = c < 0x80 ? latin_consonant (p) : arabic_consonant (c);

      if (consonant && consonant != last)
        out[used++] = consonant;
      last = consonant ? consonant : last;
    }
  }
  out[used] = 0;
}

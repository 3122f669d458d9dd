/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-xml-plain.h"

#include "formats/forge-xml-repair.h"

#include <string.h>

/* "&#x20AC;" */
#define MAX_REFERENCE_BYTES 8

/* Bytes that are more than themselves in text: control characters, '<', '&', and ']' of "]]>". */
static const guint8 is_special_in_text[256] = {
  [0 ... 8] = 1, [11 ... 12] = 1, [14 ... 31] = 1, ['<'] = 1, ['&'] = 1, [']'] = 1,
};

/* The same in an attribute's value, where blanks other than ' ' would be changed by a parser. */
static const guint8 is_special_in_value[256] = {
  [0 ... 31] = 1, ['<'] = 1, ['&'] = 1, ['"'] = 1, ['\''] = 1,
};

static gboolean
is_name_start (char c)
{
  return g_ascii_isalpha (c) || c == '_';
}

static const char *
skip_name (const char *at, const char *end)
{
  if (at == end || !is_name_start (*at))
    return NULL;
  while (at < end && (g_ascii_isalnum (*at) || *at == '-' || *at == '_' || *at == '.'))
    at++;
  return at;
}

static gboolean
is_same (const ForgeXmlSlice *slice, const char *at, gsize length)
{
  return slice->length == length && memcmp (slice->at, at, length) == 0;
}

/* The character of the numeric reference between '#' and ';'; 0 if it is none that is plain. */
static gunichar
numeric_reference (const char *at, const char *end)
{
  gboolean is_hex = at < end && *at == 'x';
  gunichar value = 0;

  for (at += is_hex; at < end; at++) {
    int digit = is_hex ? g_ascii_xdigit_value (*at) : g_ascii_digit_value (*at);
    if (digit < 0)
      return 0;
    value = value * (is_hex ? 16 : 10) + (gunichar)digit;
  }
  return value >= 0x20 && value < 0xD800 ? value : 0;
}

/* The character of the reference at `at` (a '&'), 0 if it is not plain. `next` is what follows. */
static gunichar
read_reference (const char *at, const char *end, const char **next)
{
  static const struct {
    char name[5];
    char character;
  } named[] = { { "amp", '&' }, { "lt", '<' }, { "gt", '>' }, { "quot", '"' }, { "apos", '\'' } };
  const char *semicolon = memchr (at, ';', MIN ((gsize)(end - at), MAX_REFERENCE_BYTES));
  const char *name = at + 1;

  if (!semicolon)
    return 0;
  *next = semicolon + 1;
  if (*name == '#')
    return numeric_reference (name + 1, semicolon);
  for (guint i = 0; i < G_N_ELEMENTS (named); i++)
    if (strlen (named[i].name) == (gsize)(semicolon - name) &&
        memcmp (named[i].name, name, (gsize)(semicolon - name)) == 0)
      return (gunichar)named[i].character;
  return 0;
}

/* The value behind the quote at `at`. Returns the closing quote, NULL if it is not plain. */
static const char *
skip_value (const char *at, const char *end)
{
  char quote = *at++;

  while (at < end) {
    while (at < end && !is_special_in_value[(guint8)*at])
      at++;
    if (at == end)
      return NULL;
    if (*at == quote)
      return at;
    if (*at == '"' || *at == '\'')
      at++;
    else if (*at != '&' || !read_reference (at, end, &at))
      return NULL;
  }
  return NULL;
}

/* One attribute at `at`. Returns what follows, NULL if it is not plain. */
static const char *
read_attribute (const char *at, const char *end, ForgeXmlTag *tag)
{
  const char *name_end = skip_name (at, end);
  guint n = tag->n_attributes;

  if (!name_end || end - name_end < 2 || *name_end != '=' || n == FORGE_XML_PLAIN_MAX_ATTRIBUTES ||
      (name_end[1] != '"' && name_end[1] != '\''))
    return NULL;
  gsize length = (gsize)(name_end - at);
  for (guint i = 0; i < n; i++)
    if (is_same (&tag->names[i], at, length))
      return NULL;
  const char *close = skip_value (name_end + 1, end);
  if (!close)
    return NULL;
  tag->names[n] = (ForgeXmlSlice){ at, length };
  tag->values[n] = (ForgeXmlSlice){ name_end + 2, (gsize)(close - name_end - 2) };
  tag->n_attributes++;
  return close + 1;
}

const char *
forge_xml_plain_tag (const char *at, const char *end, ForgeXmlTag *tag)
{
  const char *name_end = at < end ? skip_name (at + 1, end) : NULL;

  if (!name_end)
    return NULL;
  tag->name = (ForgeXmlSlice){ at + 1, (gsize)(name_end - at - 1) };
  tag->n_attributes = 0;
  at = name_end;
  while (at && at < end && *at == ' ') {
    while (at < end && *at == ' ')
      at++;
    if (at < end && *at != '>' && *at != '/')
      at = read_attribute (at, end, tag);
  }
  if (!at || at == end)
    return NULL;
  tag->is_empty = *at == '/';
  at += tag->is_empty;
  return at < end && *at == '>' ? at + 1 : NULL;
}

/* Up to the next '<' or the end, NULL if the text is not plain. */
static const char *
skip_text (const char *at, const char *end)
{
  for (;;) {
    while (at < end && !is_special_in_text[(guint8)*at])
      at++;
    if (at == end || *at == '<')
      return at;
    if (*at == '&') {
      if (!read_reference (at, end, &at))
        return NULL;
    } else if (*at == ']' && !(end - at >= 2 && at[1] == ']')) {
      at++;
    } else {
      return NULL;
    }
  }
}

typedef struct {
  ForgeXmlSlice open[FORGE_XML_MAX_DEPTH];
  guint depth;
  const char *wanted;
  const char *wanted_from; /* the content of a wanted child that is open */
  ForgeXmlSlice *found;
} PlainWalk;

static gboolean
has_text (const char *at, const char *end)
{
  while (at < end && (guint8)*at <= ' ')
    at++;
  return at < end;
}

static const char *
walk_start_tag (PlainWalk *walk, const char *at, const char *end)
{
  ForgeXmlTag tag;

  at = forge_xml_plain_tag (at, end, &tag);
  /* The item is one level itself; its limit is expat's to judge. */
  if (!at || walk->wanted_from || walk->depth + 1 == FORGE_XML_MAX_DEPTH)
    return NULL;
  if (tag.is_empty)
    return at;
  if (walk->depth == 0 && walk->found->length == 0 &&
      is_same (&tag.name, walk->wanted, strlen (walk->wanted)))
    walk->wanted_from = at;
  walk->open[walk->depth++] = tag.name;
  return at;
}

static const char *
walk_end_tag (PlainWalk *walk, const char *at, const char *end)
{
  const ForgeXmlSlice *open = walk->depth > 0 ? &walk->open[walk->depth - 1] : NULL;

  if (!open || (gsize)(end - at) < open->length + 3 ||
      memcmp (at + 2, open->at, open->length) != 0 || at[2 + open->length] != '>')
    return NULL;
  if (walk->wanted_from && has_text (walk->wanted_from, at))
    *walk->found = (ForgeXmlSlice){ walk->wanted_from, (gsize)(at - walk->wanted_from) };
  walk->wanted_from = NULL;
  walk->depth--;
  return at + open->length + 3;
}

gboolean
forge_xml_plain_content (const char *data, gsize length, const char *wanted, ForgeXmlSlice *found)
{
  PlainWalk walk = { .wanted = wanted, .found = found };
  const char *end = data + length;

  *found = (ForgeXmlSlice){ data, 0 };
  while ((data = skip_text (data, end)) && data < end) {
    data = end - data > 1 && data[1] == '/' ? walk_end_tag (&walk, data, end)
                                            : walk_start_tag (&walk, data, end);
    if (!data)
      return FALSE;
  }
  return data && walk.depth == 0;
}

/* U+FFFE and U+FFFF are valid UTF-8 but no XML; their 62 neighbours are declined with them. */
static gboolean
has_noncharacter (const char *data, gsize length)
{
  const char *end = data + length;

  for (const char *at = data; (at = memchr (at, 0xEF, (gsize)(end - at))); at++)
    if (end - at > 1 && (guint8)at[1] == 0xBF)
      return TRUE;
  return FALSE;
}

gboolean
forge_xml_plain_encoding (const char *data, gsize length)
{
  return g_utf8_validate_len (data, length, NULL) && !has_noncharacter (data, length);
}

void
forge_xml_plain_append_text (GString *out, const ForgeXmlSlice *text)
{
  const char *at = text->at, *end = text->at + text->length;

  while (at < end) {
    const char *amp = memchr (at, '&', (gsize)(end - at));
    g_string_append_len (out, at, (amp ? amp : end) - at);
    if (!amp)
      return;
    at = amp + 1;
    gunichar character = read_reference (amp, end, &at);
    if (character)
      g_string_append_unichar (out, character);
  }
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-xml-repair.h"

#include "formats/forge-html-entities.h"
#include "formats/forge-text.h"
#include "formats/forge-xmltv.h"

#include <string.h>

/* "&#x0010FFFF;" and "&thetasym;" are the longest that make sense. */
#define MAX_REFERENCE_BYTES 12

typedef struct {
  const char *at;
  gsize length;
} Slice;

typedef struct {
  const char *at, *end;
  GString *out;
  Slice open[FORGE_XML_MAX_DEPTH];
  guint depth;
  gsize inner_start, inner_end;
  gboolean is_done; /* the outermost element was closed */
  gboolean has_failed;
} Repair;

static gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Spec: XML 1.0 §2.2. */
static gboolean
is_xml_character (gunichar c)
{
  return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xD7FF) ||
         (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

static gboolean
is_name_start (char c)
{
  return g_ascii_isalpha (c) || c == '_';
}

static gsize
name_length (const char *at, const char *end)
{
  const char *p = at;

  while (p < end && (g_ascii_isalnum (*p) || (*p && strchr ("_-.:", *p))))
    p++;
  return (gsize)(p - at);
}

static void
append_name (GString *out, const char *name, gsize length)
{
  gsize start = out->len;

  g_string_append_len (out, name, (gssize)length);
  if (length > 4 && memcmp (name, "xml:", 4) == 0)
    return;
  /* A prefix that was declared on the document's root means nothing outside of it. */
  for (gsize i = start; i < out->len; i++)
    if (out->str[i] == ':')
      out->str[i] = '_';
}

/* The character that "#38" or "#x26" names, 0 if none. */
static gunichar
numeric_reference (const char *text, gsize length)
{
  gboolean is_hex = length > 1 && (text[1] == 'x' || text[1] == 'X');
  gunichar value = 0;

  for (gsize i = is_hex ? 2 : 1; i < length; i++) {
    int digit = is_hex ? g_ascii_xdigit_value (text[i]) : g_ascii_digit_value (text[i]);
    if (digit < 0 || value > 0x10FFFF)
      return 0;
    value = value * (is_hex ? 16 : 10) + (gunichar)digit;
  }
  return value;
}

static gboolean
is_numeric_reference (const char *text, gsize length)
{
  gsize digits_at = length > 1 && (text[1] == 'x' || text[1] == 'X') ? 2 : 1;

  if (length <= digits_at || text[0] != '#')
    return FALSE;
  for (gsize i = digits_at; i < length; i++)
    if (digits_at == 2 ? !g_ascii_isxdigit (text[i]) : !g_ascii_isdigit (text[i]))
      return FALSE;
  return TRUE;
}

static gboolean
is_xml_entity (const char *name, gsize length)
{
  static const char *const names[] = { "amp", "lt", "gt", "quot", "apos" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strlen (names[i]) == length && memcmp (names[i], name, length) == 0)
      return TRUE;
  return FALSE;
}

/* `at` is a '&'. Returns how many bytes were dealt with. */
static gsize
repair_reference (GString *out, const char *at, const char *end)
{
  gsize limit = MIN ((gsize)(end - at), MAX_REFERENCE_BYTES);
  const char *semicolon = memchr (at, ';', limit);
  gsize length = semicolon ? (gsize)(semicolon - at - 1) : 0;

  if (length > 0 && is_numeric_reference (at + 1, length)) {
    if (is_xml_character (numeric_reference (at + 1, length)))
      g_string_append_len (out, at, (gssize)length + 2);
    return length + 2;
  }
  if (length > 0 && is_xml_entity (at + 1, length)) {
    g_string_append_len (out, at, (gssize)length + 2);
    return length + 2;
  }
  gunichar character = length > 0 ? forge_html_entity (at + 1, length) : 0;
  if (character) {
    g_string_append_unichar (out, character);
    return length + 2;
  }
  g_string_append (out, "&amp;");
  return 1;
}

/* `at` is not ASCII. Returns how many bytes were dealt with. */
static gsize
repair_character (GString *out, const char *at, const char *end)
{
  gunichar character = g_utf8_get_char_validated (at, end - at);
  gsize length = 1;

  if (character == (gunichar)-1 || character == (gunichar)-2)
    character = forge_text_from_cp1252 ((guint8)*at);
  else
    length = (gsize)(g_utf8_next_char (at) - at);
  if (is_xml_character (character))
    g_string_append_unichar (out, character);
  return length;
}

static gboolean
is_plain (char c)
{
  return (guint8)c >= 0x20 && (guint8)c < 0x80 && c != '&' && c != '<' && c != '>' && c != '"';
}

/* One byte that is not plain and not '&'. Returns how many bytes were dealt with. */
static gsize
repair_special (GString *out, const char *at, const char *end, gboolean is_attribute)
{
  if ((guint8)*at >= 0x80)
    return repair_character (out, at, end);
  if (*at == '<')
    g_string_append (out, "&lt;");
  else if (*at == '>') /* "]]>" may not stand in text */
    g_string_append (out, "&gt;");
  else if (*at == '"' && is_attribute)
    g_string_append (out, "&quot;");
  else if (*at == '"' || is_blank (*at))
    g_string_append_c (out, *at);
  return 1;
}

void
forge_xml_append_repaired (GString *out, const char *data, gsize length, gboolean is_attribute)
{
  const char *end = data + length;

  while (data < end) {
    const char *run = data;
    while (data < end && is_plain (*data))
      data++;
    g_string_append_len (out, run, data - run);
    if (data == end)
      return;
    data += *data == '&' ? repair_reference (out, data, end)
                         : repair_special (out, data, end, is_attribute);
  }
}

void
forge_xml_append_escaped (GString *out, const char *text)
{
  const char *end = text + strlen (text);

  while (text < end) {
    const char *run = text;
    while (text < end && is_plain (*text))
      text++;
    g_string_append_len (out, run, text - run);
    if (text == end)
      return;
    if (*text == '&') {
      g_string_append (out, "&amp;");
      text++;
    } else {
      text += repair_special (out, text, end, TRUE);
    }
  }
}

static const char *
find (const char *at, const char *end, const char *needle)
{
  return at < end ? memmem (at, (gsize)(end - at), needle, strlen (needle)) : NULL;
}

static gboolean
starts_with (const char *at, const char *end, const char *prefix)
{
  gsize length = strlen (prefix);

  return (gsize)(end - at) >= length && memcmp (at, prefix, length) == 0;
}

static void
escape_bracket (Repair *repair)
{
  g_string_append (repair->out, "&lt;");
  repair->at++;
}

/* The '>' that ends the tag at `at`, NULL if another tag begins first. */
static const char *
find_tag_end (const char *at, const char *end)
{
  char quote = 0;

  for (const char *p = at + 1; p < end; p++) {
    if (*p == '<' && p + 1 < end && (is_name_start (p[1]) || p[1] == '/'))
      return NULL;
    if (quote)
      quote = *p == quote ? 0 : quote;
    else if (*p == '>')
      return p;
    else if (*p == '"' || *p == '\'')
      quote = *p;
  }
  return NULL;
}

/* Where the tag at `at` ends if its quotes are broken: the first '>', or the next tag. */
static const char *
guess_tag_end (const char *at, const char *end)
{
  const char *p = at + 1;

  while (p < end && *p != '>' && *p != '<')
    p++;
  return p;
}

static void
close_innermost (Repair *repair)
{
  Slice *name = &repair->open[--repair->depth];

  if (repair->depth == 0) {
    repair->inner_end = repair->out->len;
    repair->is_done = TRUE;
  }
  g_string_append (repair->out, "</");
  append_name (repair->out, name->at, name->length);
  g_string_append_c (repair->out, '>');
}

static void
repair_end_tag (Repair *repair)
{
  const char *name = repair->at + 2;
  gsize length = name_length (name, repair->end);
  const char *tag_end = guess_tag_end (name - 1, repair->end);

  if (length == 0 || tag_end == repair->end || *tag_end != '>') {
    escape_bracket (repair);
    return;
  }
  repair->at = tag_end + 1;
  for (guint i = repair->depth; i > 0; i--) {
    const Slice *open = &repair->open[i - 1];
    if (open->length != length || memcmp (open->at, name, length) != 0)
      continue;
    while (repair->depth >= i)
      close_innermost (repair);
    return;
  }
  /* It closes nothing that is open: left out. */
}

/* The value behind an attribute's '='. Moves `at` behind it. */
static Slice
read_value (const char **at, const char *end)
{
  const char *p = *at;

  if (p < end && (*p == '"' || *p == '\'')) {
    const char *close = memchr (p + 1, *p, (gsize)(end - p - 1));
    Slice value = { p + 1, (gsize)((close ? close : end) - p - 1) };
    *at = close ? close + 1 : end;
    return value;
  }
  while (p < end && !is_blank (*p))
    p++;
  Slice value = { *at, (gsize)(p - *at) };
  *at = p;
  return value;
}

static const char *
skip_blanks (const char *at, const char *end)
{
  while (at < end && is_blank (*at))
    at++;
  return at;
}

static gboolean
is_repeated (const Slice *seen, guint n, const Slice *name)
{
  for (guint i = 0; i < n; i++)
    if (seen[i].length == name->length && memcmp (seen[i].at, name->at, name->length) == 0)
      return TRUE;
  return FALSE;
}

/* Attributes of one tag between `at` and `end`. */
static void
repair_attributes (Repair *repair, const char *at, const char *end)
{
  Slice seen[FORGE_XML_MAX_ATTRIBUTES];
  guint n = 0;

  while ((at = skip_blanks (at, end)) < end) {
    Slice name = { at, name_length (at, end) };
    if (name.length == 0 || !is_name_start (*at)) {
      at++;
      continue;
    }
    at = skip_blanks (at + name.length, end);
    Slice value = { at, 0 };
    if (at < end && *at == '=') {
      at = skip_blanks (at + 1, end);
      value = read_value (&at, end);
    }
    if (is_repeated (seen, n, &name))
      continue;
    if (n == G_N_ELEMENTS (seen)) {
      repair->has_failed = TRUE;
      return;
    }
    seen[n++] = name;
    g_string_append_c (repair->out, ' ');
    append_name (repair->out, name.at, name.length);
    g_string_append (repair->out, "=\"");
    forge_xml_append_repaired (repair->out, value.at, value.length, TRUE);
    g_string_append_c (repair->out, '"');
  }
}

static void
open_element (Repair *repair, Slice name, gboolean is_empty)
{
  if (repair->depth == FORGE_XML_MAX_DEPTH) {
    repair->has_failed = TRUE;
    return;
  }
  g_string_append_c (repair->out, '>');
  if (repair->depth == 0)
    repair->inner_start = repair->out->len;
  repair->open[repair->depth++] = name;
  if (is_empty)
    close_innermost (repair);
}

static void
repair_start_tag (Repair *repair)
{
  const char *tag_end = find_tag_end (repair->at, repair->end);
  Slice name = { repair->at + 1, name_length (repair->at + 1, repair->end) };

  if (!tag_end && repair->depth == 0)
    tag_end = guess_tag_end (repair->at, repair->end);
  if (!tag_end || (name.at + name.length < tag_end && !is_blank (name.at[name.length]) &&
                   name.at[name.length] != '/')) {
    escape_bracket (repair);
    return;
  }
  gboolean is_empty = tag_end[-1] == '/';
  g_string_append_c (repair->out, '<');
  append_name (repair->out, name.at, name.length);
  repair_attributes (repair, name.at + name.length, tag_end - (is_empty ? 1 : 0));
  repair->at = tag_end < repair->end && *tag_end == '>' ? tag_end + 1 : tag_end;
  open_element (repair, name, is_empty);
}

static void
repair_cdata (Repair *repair)
{
  const char *text = repair->at + strlen ("<![CDATA[");
  const char *close = find (text, repair->end, "]]>");
  const char *end = close ? close : repair->end;

  for (const char *p = text; p < end;) {
    const char *amp = memchr (p, '&', (gsize)(end - p));
    const char *stop = amp ? amp : end;
    forge_xml_append_repaired (repair->out, p, (gsize)(stop - p), FALSE);
    if (amp)
      g_string_append (repair->out, "&amp;");
    p = amp ? amp + 1 : end;
  }
  repair->at = close ? close + 3 : repair->end;
}

/* A comment or processing instruction that ends with `terminator`: left out. */
static void
drop_until (Repair *repair, const char *terminator)
{
  const char *close = find (repair->at + 2, repair->end, terminator);

  if (close)
    repair->at = close + strlen (terminator);
  else
    escape_bracket (repair);
}

static void
repair_markup (Repair *repair)
{
  const char *at = repair->at;
  gboolean is_inside = repair->depth > 0;

  if (starts_with (at, repair->end, "<!--"))
    drop_until (repair, "-->");
  else if (starts_with (at, repair->end, "<?"))
    drop_until (repair, "?>");
  else if (is_inside && starts_with (at, repair->end, "<![CDATA["))
    repair_cdata (repair);
  else if (is_inside && starts_with (at, repair->end, "</"))
    repair_end_tag (repair);
  else if (at + 1 < repair->end && is_name_start (at[1]))
    repair_start_tag (repair);
  else
    escape_bracket (repair);
}

static void
repair_text (Repair *repair)
{
  const char *next = memchr (repair->at, '<', (gsize)(repair->end - repair->at));

  if (!next)
    next = repair->end;
  forge_xml_append_repaired (repair->out, repair->at, (gsize)(next - repair->at), FALSE);
  repair->at = next;
}

gboolean
forge_xml_repair (const char *item,
                  gsize length,
                  GString *out,
                  gsize *inner_start,
                  gsize *inner_end)
{
  Repair repair = { .at = item, .end = item + length, .out = out };

  g_string_truncate (out, 0);
  while (repair.at < repair.end && !repair.is_done && !repair.has_failed) {
    if (*repair.at == '<')
      repair_markup (&repair);
    else
      repair_text (&repair);
    if (repair.depth == 0 && !repair.is_done)
      return FALSE; /* it does not begin with a tag */
  }
  while (repair.depth > 0 && !repair.has_failed)
    close_innermost (&repair);
  *inner_start = repair.inner_start;
  *inner_end = repair.inner_end;
  return repair.is_done && !repair.has_failed;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-name-scan.h"

#include "guide/forge-name-fold.h"

#include <string.h>

/* Longest delay that "+N" means; larger numbers belong to the name ("ESPN+ 045"). */
#define MAX_SHIFT_HOURS 24

typedef struct {
  ForgeScan *scan;
  const char *name, *end;
  gboolean camel;
  gboolean open; /* a word is being written */
  guint gap;     /* bits since the last word */
  guint depth;   /* of brackets */
  gunichar previous;
} Scanner;

static gboolean
is_dash (gunichar c)
{
  return c == '-' || (c >= 0x2010 && c <= 0x2015) || c == 0x2212;
}

static gboolean
is_apostrophe (gunichar c)
{
  return c == '\'' || c == 0x2018 || c == 0x2019 || c == 0x00b4 || c == '`' || c == 0x02bc;
}

static gboolean
is_pipe (gunichar c)
{
  return c == '|' || c == 0x00a6 || c == 0x2502 || c == 0x2503 || c == 0x2551 || c == 0x2758 ||
         c == 0x254e;
}

/* Drawn for the eye: the frame of separators such as "##### UK #####" or "▬▬ FR ▬▬". */
static gboolean
is_decoration (gunichar c)
{
  if (c < 0x80)
    return c && strchr ("#=*_~-^<>!", (int)c) != NULL;
  return is_dash (c) || (c >= 0x2500 && c <= 0x27bf && !is_pipe (c)) || c == 0x2022 ||
         c == 0x00b7 || c == 0x00bb || c == 0x00ab;
}

static guint
gap_of (gunichar c)
{
  if (is_pipe (c))
    return FORGE_GAP_PIPE;
  if (is_dash (c) || c == '.' || c == '_')
    return FORGE_GAP_GLUE;
  switch (c) {
  case ':':
    return FORGE_GAP_COLON;
  case '/':
  case '\\':
    return FORGE_GAP_SLASH;
  case '(':
  case '[':
  case '{':
    return FORGE_GAP_OPEN;
  case ')':
  case ']':
  case '}':
    return FORGE_GAP_CLOSE;
  default:
    return c <= ' ' || g_unichar_isspace (c) ? FORGE_GAP_BLANK : FORGE_GAP_SYMBOL;
  }
}

static void
end_word (Scanner *s)
{
  if (!s->open)
    return;
  s->open = FALSE;
  s->scan->used++; /* keeps the NUL that terminates the word */
}

static ForgeRawWord *
begin_word (Scanner *s, const char *at)
{
  ForgeScan *scan = s->scan;
  ForgeRawWord *word;

  end_word (s);
  if (scan->n == FORGE_SCAN_MAX_WORDS || scan->used + 1 >= FORGE_SCAN_MAX_TEXT_BYTES)
    return NULL;
  word = &scan->words[scan->n++];
  *word = (ForgeRawWord){ .start = (guint16)(at - s->name),
                          .end = (guint16)(at - s->name),
                          .text = scan->used,
                          .before = (guint16)s->gap,
                          .depth = (guint8)MIN (s->depth, 255) };
  scan->text[scan->used] = 0;
  s->gap = 0;
  s->open = TRUE;
  return word;
}

static void
append (Scanner *s, const char *at, const char *next, const char *text, guint length)
{
  ForgeScan *scan = s->scan;
  ForgeRawWord *word;

  if (!s->open && !begin_word (s, at))
    return;
  word = &scan->words[scan->n - 1];
  word->end = (guint16)(next - s->name);
  if (scan->used + length + 1 >= FORGE_SCAN_MAX_TEXT_BYTES || word->length + length > 60)
    return;
  memcpy (scan->text + scan->used, text, length);
  scan->used += length;
  scan->text[scan->used] = 0;
  word->length += length;
}

static gboolean
is_number (const char *text)
{
  return text[strspn (text, "0123456789")] == 0;
}

/* "+": a time shift before a number, otherwise the word "plus". "HD+" is a quality, "1+1" a name.
 * Returns the byte after what was read. */
static const char *
scan_plus (Scanner *s, const char *at)
{
  const char *p = at + 1;
  guint hours = 0, digits = 0;
  ForgeRawWord *word;
  gboolean leads = s->open && is_number (forge_scan_text (s->scan, s->scan->n - 1));

  for (; p < s->end && g_ascii_isdigit (*p); p++, digits++)
    hours = MIN (hours * 10 + (guint)(*p - '0'), 1000);
  if (digits == 0 || hours == 0 || hours > MAX_SHIFT_HOURS || leads ||
      (p < s->end && g_ascii_isalpha (*p) && *p != 'h' && *p != 'H')) {
    s->gap |= s->open ? FORGE_GAP_GLUE : 0;
    word = begin_word (s, at);
    append (s, at, at + 1, "plus", 4);
    if (word)
      word->kind = FORGE_RAW_PLUS;
    end_word (s);
    return at + 1;
  }
  if (p < s->end && (*p == 'h' || *p == 'H'))
    p++;
  word = begin_word (s, at);
  if (word) {
    word->kind = FORGE_RAW_SHIFT;
    word->number = (guint8)hours;
    word->end = (guint16)(p - s->name);
  }
  end_word (s);
  return p;
}

/* 🇬🇧 is two regional indicators: the code "gb" as a prefix of its own. */
static const char *
scan_flag (Scanner *s, const char *at, const char *next, gunichar first)
{
  gunichar second = next < s->end ? g_utf8_get_char (next) : 0;
  char code[2];

  if (second < 0x1f1e6 || second > 0x1f1ff)
    return next;
  code[0] = (char)('a' + (first - 0x1f1e6));
  code[1] = (char)('a' + (second - 0x1f1e6));
  next = g_utf8_next_char (next);
  s->gap |= FORGE_GAP_PIPE;
  if (begin_word (s, at))
    append (s, at, next, code, 2);
  end_word (s);
  s->gap = FORGE_GAP_PIPE;
  return next;
}

static void
scan_gap (Scanner *s, gunichar c, const char *next)
{
  guint gap = gap_of (c);
  gboolean blank_before = s->previous == ' ' || s->previous == 0;

  end_word (s);
  if (is_dash (c) && blank_before && (next >= s->end || *next == ' '))
    gap = FORGE_GAP_DASH;
  if (gap == FORGE_GAP_OPEN)
    s->depth++;
  if (gap == FORGE_GAP_CLOSE && s->depth > 0)
    s->depth--;
  s->gap |= gap;
}

static gboolean
breaks_camel (const Scanner *s, gunichar c, const char *next)
{
  gunichar following = next < s->end ? g_utf8_get_char (next) : 0;

  if (!s->open || !g_unichar_isupper (c))
    return FALSE;
  if (!s->camel) /* but "ScotHD" is two words anywhere */
    return g_unichar_islower (s->previous) && c == 'H' && following == 'D' &&
           !g_ascii_isalnum (next[1]);
  return g_unichar_islower (s->previous) ||
         (g_unichar_isupper (s->previous) && g_unichar_islower (following));
}

static const char *
scan_char (Scanner *s, const char *at)
{
  gunichar c = g_utf8_get_char (at);
  const char *next = g_utf8_next_char (at);
  char folded[FORGE_FOLD_MAX_BYTES];
  guint length;

  if (is_apostrophe (c) || forge_fold_is_invisible (c))
    return next;
  if (c == '+' || c == 0x207a) /* superscript plus: two more bytes */
    return c == '+' ? scan_plus (s, at) : next;
  if (c >= 0x1f1e6 && c <= 0x1f1ff)
    return scan_flag (s, at, next, c);
  if (c == 0x26bd && s->open) { /* seen: a football for the letter o */
    append (s, at, next, "o", 1);
    return next;
  }
  length = forge_fold_char (c, folded);
  if (length == 0)
    return next;
  if (!g_unichar_isalnum (g_utf8_get_char (folded))) {
    scan_gap (s, c, next);
    return next;
  }
  if (breaks_camel (s, c, next)) {
    end_word (s);
    s->gap |= FORGE_GAP_CAMEL;
  }
  append (s, at, next, folded, length);
  return next;
}

/* Counts frame characters from one end, blanks aside. */
static gboolean
is_separator_line (const char *name, const char *end)
{
  guint leading = 0, trailing = 0, run = 0, longest = 0;
  gboolean seen_text = FALSE;
  gunichar last = 0;

  for (const char *p = name; p < end; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);

    if (c == ' ')
      continue;
    if (!is_decoration (c)) {
      seen_text |= g_unichar_isalnum (c);
      trailing = run = 0;
      last = c;
      continue;
    }
    trailing++;
    leading += !seen_text;
    run = c == last ? run + 1 : 1;
    longest = MAX (longest, run);
    last = c;
  }
  return leading >= 3 || (leading >= 2 && trailing >= 2) || longest >= 4;
}

void
forge_name_scan (ForgeScan *scan, const char *name, gboolean camel)
{
  char buffer[FORGE_SCAN_MAX_INPUT_BYTES];
  Scanner s = { .scan = scan, .name = buffer, .camel = camel };
  gsize length = strnlen (name, sizeof buffer - 1);

  memcpy (buffer, name, length);
  buffer[length] = 0;
  for (const char *bad = buffer; !g_utf8_validate (bad, (gssize)(buffer + length - bad), &bad);)
    buffer[bad - buffer] = ' ';
  s.end = buffer + length;

  scan->n = 0;
  scan->used = 0;
  scan->is_separator = is_separator_line (buffer, s.end);
  for (const char *p = buffer; p < s.end;) {
    const char *next = scan_char (&s, p);

    s.previous = g_utf8_get_char (p);
    p = next;
  }
  end_word (&s);
  scan->after = (guint16)s.gap;
}

const char *
forge_scan_text (const ForgeScan *scan, guint index)
{
  return scan->text + scan->words[index].text;
}

guint
forge_scan_gap_after (const ForgeScan *scan, guint index)
{
  return index + 1 < scan->n ? scan->words[index + 1].before : scan->after;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/forge-media-name.h"

#include <string.h>

#define FIRST_YEAR 1880
#define LAST_YEAR  2100
/* Longest "4K-MULTI-VOSTFR" in front of a title. */
#define MAX_PREFIX_BYTES 24
#define MAX_TAG_BYTES    40

static const char *const languages[] = {
  "AF",  "AL",  "AR",  "BE",  "BG",  "BR",  "BS",  "CA",  "CH",     "CN",   "CZ",     "DA",  "DE",
  "DK",  "EE",  "EL",  "EN",  "ES",  "ET",  "EU",  "EX",  "FA",     "FI",   "FR",     "GE",  "GR",
  "HE",  "HI",  "HR",  "HU",  "ID",  "IE",  "IL",  "IN",  "IR",     "IS",   "IT",     "JA",  "JP",
  "KO",  "KR",  "KU",  "LA",  "LT",  "LV",  "MK",  "ML",  "MT",     "NL",   "NO",     "PH",  "PK",
  "PL",  "PT",  "RO",  "RS",  "RU",  "SE",  "SK",  "SL",  "SO",     "SQ",   "SR",     "SV",  "SW",
  "TA",  "TE",  "TH",  "TR",  "UA",  "UK",  "UR",  "US",  "VI",     "VN",   "ZH",     "ENG", "FRE",
  "FRA", "GER", "DEU", "ITA", "SPA", "ESP", "LAT", "POR", "NLD",    "DUT",  "POL",    "RUS", "TUR",
  "ARA", "HIN", "ALB", "GRE", "SWE", "NOR", "DAN", "FIN", "NORDIC", "EXYU", "LATINO",
};

/* What stands around titles and belongs to none: picture, sound, dubbing, who showed it first. */
static const char *const labels[] = {
  "4K",     "8K",    "UHD",  "FHD",    "HD",    "SD",     "LQ",     "HQ",    "2160P", "1080P",
  "1080I",  "720P",  "576P", "480P",   "360P",  "HDR",    "HDR10",  "DV",    "HEVC",  "H264",
  "H265",   "X264",  "X265", "AVC",    "AAC",   "AC3",    "DTS",    "5.1",   "ATMOS", "MULTI",
  "SUB",    "SUBS",  "DUB",  "DUBBED", "VOST",  "VOSTFR", "VF",     "VFF",   "VFQ",   "TRUEFRENCH",
  "WEBRIP", "WEBDL", "WEB",  "BLURAY", "BRRIP", "BDRIP",  "DVDRIP", "HDTV",  "HDTS",  "HDCAM",
  "NF",     "AMZ",   "AMZN", "D+",     "A+",    "P+",     "DSNP",   "ATVP",  "HBO",   "HMAX",
  "MAX",    "VOD",   "TOP",  "NEW",    "3D",    "REMUX",  "10BIT",  "60FPS",
};

static gboolean
is_one_of (const char *const *table, gsize n, const char *word)
{
  for (gsize i = 0; i < n; i++)
    if (strcmp (table[i], word) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_language (const char *word)
{
  return is_one_of (languages, G_N_ELEMENTS (languages), word);
}

static gboolean
is_label (const char *word)
{
  g_autofree char *upper = g_ascii_strup (word, -1);

  return is_one_of (labels, G_N_ELEMENTS (labels), upper);
}

static void
note_language (ForgeMediaName *out, const char *word)
{
  if (!out->language && is_language (word))
    out->language = g_strdup (word);
}

/* TRUE if `text` is nothing but codes ("4K-DE", "MULTI SUB"); they are noted. At least one. */
static gboolean
take_codes (ForgeMediaName *out, const char *text)
{
  g_auto (GStrv) words = g_strsplit_set (text, " -_/,", -1);
  guint n = 0;

  for (guint i = 0; words[i]; i++) {
    if (!*words[i])
      continue;
    if (!is_language (words[i]) && !is_label (words[i]))
      return FALSE;
    n++;
  }
  for (guint i = 0; n > 0 && words[i]; i++)
    note_language (out, words[i]);
  return n > 0;
}

/* ---- years and ids ---- */

int
forge_media_year (const char *text)
{
  int year = 0;

  for (guint i = 0; text && i < 4; i++) {
    if (!g_ascii_isdigit (text[i]))
      return 0;
    year = year * 10 + (text[i] - '0');
  }
  return text && !g_ascii_isdigit (text[4]) && year >= FIRST_YEAR && year <= LAST_YEAR ? year : 0;
}

static gboolean
take_year (ForgeMediaName *out, const char *text)
{
  int year = strlen (text) == 4 ? forge_media_year (text) : 0;

  if (year > 0 && out->year == 0)
    out->year = year;
  return year > 0;
}

/* "tmdb-550", "tmdbid=550", "imdbid-tt0137523": what media servers write into folder names. */
static gboolean
take_id (ForgeMediaName *out, const char *text)
{
  static const char *const names[] = { "tmdbid", "tmdb", "imdbid", "imdb", "tvdbid", "tvdb" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    gsize length = strlen (names[i]);
    if (g_ascii_strncasecmp (text, names[i], length) != 0 || !strchr ("-=: ", text[length]))
      continue;
    gint64 id = text[length] ? g_ascii_strtoll (text + length + 1, NULL, 10) : 0;
    if (i < 2 && id > 0 && out->tmdb_id == 0)
      out->tmdb_id = id;
    return TRUE;
  }
  return FALSE;
}

/* ---- around the title ---- */

/* Signs that stand between a title and what is around it. */
static gboolean
is_separator (gunichar c)
{
  return g_unichar_isspace (c) || c == '|' || c == 0x2503 /* ┃ */ || c == 0x258e /* ▎ */ ||
         c == 0x2758 /* ❘ */ || c == '_' || c == 0x2022 /* • */ || c == 0x2605 /* ★ */;
}

static void
trim (GString *text)
{
  const char *start = text->str;

  while (*start && (is_separator (g_utf8_get_char (start)) || *start == '-' || *start == ','))
    start = g_utf8_next_char (start);
  g_string_erase (text, 0, start - text->str);
  while (text->len > 0) {
    const char *last = g_utf8_prev_char (text->str + text->len);
    if (!is_separator (g_utf8_get_char (last)) && *last != '-' && *last != ',')
      return;
    g_string_truncate (text, (gsize)(last - text->str));
  }
}

/* Bytes of what ends a prefix at `at` (" - ", "|", ": "), 0 = nothing does. */
static gsize
separator_bytes (const char *at)
{
  gunichar c = g_utf8_get_char (at);

  if (g_str_has_prefix (at, " - ") || g_str_has_prefix (at, " – "))
    return g_str_has_prefix (at, " - ") ? 3 : strlen (" – ");
  if (*at == ':' && at[1] == ' ')
    return 2;
  return c && !g_unichar_isspace (c) && c != '_' && is_separator (c)
             ? (gsize)(g_utf8_next_char (at) - at)
             : 0;
}

/* "DE| …", "4K-DE - …", "EN: …" */
static gboolean
take_plain_prefix (ForgeMediaName *out, GString *text)
{
  for (gsize i = 1; i < text->len && i <= MAX_PREFIX_BYTES; i++) {
    gsize separator = separator_bytes (text->str + i);
    if (separator == 0)
      continue;
    g_autofree char *codes = g_strndup (text->str, i);
    /* Real titles begin with "It: …". */
    if (text->str[i] == ':' && strcmp (codes, "IT") == 0)
      return FALSE;
    if (i + separator >= text->len || !take_codes (out, codes))
      return FALSE;
    g_string_erase (text, 0, (gssize)(i + separator));
    return TRUE;
  }
  return FALSE;
}

static char
closing_of (char opening)
{
  return opening == '[' ? ']' : opening == '(' ? ')' : opening == '{' ? '}' : '\0';
}

/* "[DE] …", "(4K) …" */
static gboolean
take_bracket_prefix (ForgeMediaName *out, GString *text)
{
  char closing = closing_of (text->str[0]);
  const char *end = closing ? strchr (text->str, closing) : NULL;

  if (!end || end - text->str > MAX_PREFIX_BYTES || !end[1])
    return FALSE;
  g_autofree char *inner = g_strndup (text->str + 1, (gsize)(end - text->str - 1));
  if (!take_codes (out, inner) && !take_id (out, inner))
    return FALSE;
  g_string_erase (text, 0, end - text->str + 1);
  return TRUE;
}

/* Two-letter countries in brackets at the end tell series apart: "The Office (US)". */
static gboolean
is_country_mark (const char *inner)
{
  static const char *const marks[] = { "US", "UK", "CA", "IN", "IE", "BR", "ES", "DE", "FR" };

  return is_one_of (marks, G_N_ELEMENTS (marks), inner);
}

/* "… (2021)", "… [MULTI]", "… {tmdb-550}" */
static gboolean
take_bracket_suffix (ForgeMediaName *out, GString *text)
{
  char last = text->str[text->len - 1];
  char opening = last == ']' ? '[' : last == ')' ? '(' : last == '}' ? '{' : '\0';
  const char *start = opening ? strrchr (text->str, opening) : NULL;

  if (!start || start == text->str || text->str + text->len - start > MAX_TAG_BYTES)
    return FALSE;
  g_autofree char *inner = g_strndup (start + 1, (gsize)(text->str + text->len - start - 2));
  g_strstrip (inner);
  if (opening == '(' && is_country_mark (inner))
    return FALSE;
  if (!take_year (out, inner) && !take_id (out, inner) && !take_codes (out, inner))
    return FALSE;
  g_string_truncate (text, (gsize)(start - text->str));
  return TRUE;
}

/* Labels that are no words of a language: "HEVC", "1080p", but not the "Max" of "Mad Max". */
static gboolean
is_bare_label (const char *word)
{
  static const char *const ordinary[] = { "TOP", "NEW", "MAX", "WEB", "SUB", "DUB", "VOD", "3D" };
  gboolean has_digit = strpbrk (word, "0123456789") != NULL;
  g_autofree char *upper = g_ascii_strup (word, -1);

  return is_label (word) && (has_digit || strcmp (upper, word) == 0) &&
         !is_one_of (ordinary, G_N_ELEMENTS (ordinary), upper);
}

/* "… - 2021", "… 1080p" */
static gboolean
take_plain_suffix (ForgeMediaName *out, GString *text)
{
  const char *space = strrchr (text->str, ' ');

  if (!space)
    return FALSE;
  gboolean is_after_dash = space - text->str >= 2 && space[-1] == '-' && space[-2] == ' ';
  if (is_after_dash ? !take_year (out, space + 1) : !is_bare_label (space + 1))
    return FALSE;
  g_string_truncate (text, (gsize)(space - text->str));
  return TRUE;
}

/* Takes off what `take` knows as long as something of the title is left. */
typedef gboolean (*Take) (ForgeMediaName *out, GString *text);

static gboolean
try_take (ForgeMediaName *out, GString *text, Take take)
{
  g_autofree char *before = g_strdup (text->str);

  if (text->len == 0 || !take (out, text))
    return FALSE;
  trim (text);
  if (text->len > 0)
    return TRUE;
  g_string_assign (text, before);
  return FALSE;
}

void
forge_media_name_parse (const char *name, ForgeMediaName *out)
{
  g_autoptr (GString) text = g_string_new (name);

  *out = (ForgeMediaName){ .quality = forge_quality_from_name (name) };
  trim (text);
  while (try_take (out, text, take_bracket_prefix) || try_take (out, text, take_plain_prefix))
    continue;
  while (try_take (out, text, take_bracket_suffix) || try_take (out, text, take_plain_suffix))
    continue;
  out->title = g_strdup (text->len > 0 ? text->str : name);
}

void
forge_media_name_clear (ForgeMediaName *name)
{
  g_free (name->title);
  g_free (name->language);
}

/* ---- folding ---- */

static void
append_blank (GString *out)
{
  if (out->len > 0 && out->str[out->len - 1] != ' ')
    g_string_append_c (out, ' ');
}

static void
append_folded (GString *out, gunichar c)
{
  if (g_unichar_isalnum (c)) {
    g_string_append_unichar (out, c);
  } else if (c == '&') {
    append_blank (out);
    g_string_append (out, "and ");
  } else if (!g_unichar_ismark (c) && c != '\'' && c != 0x2019 /* ’ */) {
    append_blank (out);
  }
}

char *
forge_media_fold (const char *title)
{
  g_autofree char *folded = g_utf8_casefold (title, -1);
  g_autofree char *plain = g_utf8_normalize (folded, -1, G_NORMALIZE_ALL);
  g_autoptr (GString) out = g_string_new (NULL);

  for (const char *p = plain; p && *p; p = g_utf8_next_char (p))
    append_folded (out, g_utf8_get_char (p));
  if (out->len > 0 && out->str[out->len - 1] == ' ')
    g_string_truncate (out, out->len - 1);
  return out->len > 0 ? g_string_free (g_steal_pointer (&out), FALSE) : g_steal_pointer (&folded);
}

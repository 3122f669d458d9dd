/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-name.h"

#include "guide/forge-name-scan.h"
#include "guide/forge-name-station.h"
#include "guide/forge-name-words.h"

#include <string.h>

/* Longest code that is taken for a group only because pipes enclose it: "|UGANDA|". */
#define MAX_UNKNOWN_CODE_BYTES 12
/* Most words of one prefix: "|UNITED KINGDOM HEVC|". */
#define MAX_PREFIX_WORDS 3

typedef struct {
  ForgeScan scan;
  ForgeName *name;
  ForgeNameOrigin origin;
  ForgeCountrySet home; /* prefix, or what the caller knew */
  guint body, end;      /* words [body, end) are the name proper */
  /* for forge_name_clean (): which words belong to the name */
  guint8 kept[FORGE_SCAN_MAX_WORDS];
} Parser;

const char *
forge_name_token (const ForgeName *name, guint index)
{
  return name->text + name->tokens[index].text;
}

void
forge_name_stem (const ForgeName *name, guint index, char *out, gsize size)
{
  g_strlcpy (out, forge_name_token (name, index), MIN (size, name->tokens[index].stem + 1u));
}

/* Classics and classic are one; news keeps its s. */
static gsize
stem_length (const char *text, gsize length)
{
  if (length < 4 || text[length - 1] != 's' || strchr ("suiw", text[length - 2]))
    return length;
  return length - 1;
}

static void
add_token (Parser *p, const char *text, gsize length, ForgeTokenKind kind, gboolean aside)
{
  ForgeName *name = p->name;
  gboolean plural = kind == FORGE_TOKEN_WORD || kind == FORGE_TOKEN_DESCRIPTOR;

  if (length == 0 || name->n_tokens == FORGE_NAME_MAX_TOKENS ||
      name->used + length + 1 > FORGE_NAME_MAX_TEXT_BYTES)
    return;
  name->tokens[name->n_tokens++] =
      (ForgeNameToken){ .text = name->used,
                        .length = (guint8)length,
                        .stem = (guint8)(plural ? stem_length (text, length) : length),
                        .kind = (guint8)kind,
                        .aside = aside };
  memcpy (name->text + name->used, text, length);
  name->text[name->used + length] = 0;
  name->used += length + 1;
}

/* -- call signs -------------------------------------------------------------------------------- */

static gboolean
may_be_american (const Parser *p)
{
  ForgeCountrySet us = { 0 };

  forge_country_set_add_codes (&us, "us ca");
  return forge_country_set_is_empty (&p->home) || forge_country_set_intersects (&p->home, &us);
}

static void
take_call_sign (Parser *p, const char *text, gsize length, int sub_channel, gboolean aside)
{
  memcpy (p->name->call_sign, text, length);
  p->name->call_sign[length] = 0;
  p->name->sub_channel = sub_channel <= 1 ? 0 : sub_channel;
  add_token (p, text, length, FORGE_TOKEN_WORD, aside);
  if (sub_channel > 1) {
    char digits[16];

    add_token (p,
               digits,
               (gsize)g_snprintf (digits, sizeof digits, "%d", sub_channel),
               FORGE_TOKEN_NUMBER,
               aside);
  }
}

/* Reads a station at word `i`. Returns the number of words read, 0 = it is none. A bare word is one
 * only in brackets, beside a network or with a suffix: too many words look alike. */
static guint
read_call_sign (Parser *p, guint i)
{
  const char *text = forge_scan_text (&p->scan, i);
  const ForgeRawWord *word = &p->scan.words[i];
  gsize length = forge_station_call_sign_length (text);
  int sub_channel = 0;
  guint used = 1;
  gboolean sure;

  if (length == 0 || p->name->call_sign[0] || !may_be_american (p))
    return 0;
  /* Canada's look like words more often: only where the country is known. */
  if (text[0] == 'c' && forge_country_set_is_empty (&p->home))
    return 0;
  if (text[length]) {
    if (!forge_station_is_suffix (text + length, &sub_channel) ||
        (g_ascii_isdigit (text[length]) && forge_country_set_is_empty (&p->home)))
      return 0;
    take_call_sign (p, text, length, sub_channel, word->depth > 0);
    return 1;
  }
  if (forge_station_is_denied (text))
    return 0;
  sure = (word->depth > 0 && length >= 4) || length == 5 ||
         (i > p->body && forge_name_is_affiliate (forge_scan_text (&p->scan, i - 1))) ||
         (i > p->body + 1 && forge_name_is_affiliate (forge_scan_text (&p->scan, i - 2)) &&
          length == 4);
  if (i + 1 < p->end && ((p->scan.words[i + 1].before & FORGE_GAP_GLUE) || length == 5) &&
      forge_station_is_suffix (forge_scan_text (&p->scan, i + 1), &sub_channel)) {
    sure = TRUE;
    used = 2;
  }
  if (!sure)
    return 0;
  take_call_sign (p, text, length, sub_channel, word->depth > 0);
  return used;
}

/* -- prefixes ---------------------------------------------------------------------------------- */

/* "us445" counts as "us". */
static const ForgeWord *
find_code (const char *text)
{
  const ForgeWord *word = forge_word_find (text);
  gsize letters = forge_station_count_letters (text);
  char code[4];

  if (word || letters < 2 || letters > 3 || forge_station_count_digits (text + letters) < 2 ||
      text[letters + forge_station_count_digits (text + letters)])
    return word;
  memcpy (code, text, letters);
  code[letters] = 0;
  word = forge_word_find (code);
  return word && word->kind == FORGE_WORD_CODE ? word : NULL;
}

static gboolean
says_country (const ForgeWord *word)
{
  return word && (word->kind == FORGE_WORD_CODE || word->kind == FORGE_WORD_COUNTRY ||
                  word->kind == FORGE_WORD_GROUP);
}

static gboolean
may_be_prefix (const ForgeWord *word)
{
  return says_country (word) ||
         (word && (word->kind == FORGE_WORD_LABEL || word->kind == FORGE_WORD_QUALITY ||
                   word->kind == FORGE_WORD_TAG));
}

/* "AR" is Arabic nearly always, but Argentina where the category says so. */
static void
note_iso (ForgeName *name, const ForgeWord *word)
{
  int country = strlen (word->word) == 2 ? forge_country_from_code (word->word) : -1;

  if (country >= 0)
    forge_country_set_add (&name->iso, (guint)country);
}

/* Reads words [from, to) as a prefix; also glued ("EX-YU", "United Kingdom"). FALSE if a word is
 * no code. */
static gboolean
read_codes (ForgeName *name,
            const ForgeScan *scan,
            guint from,
            guint to,
            ForgeCountrySet *countries)
{
  g_autoptr (GString) glued = g_string_new (NULL);
  const ForgeWord *word;

  for (guint i = from; i < to; i++)
    g_string_append (glued, forge_scan_text (scan, i));
  word = find_code (glued->str);
  if (may_be_prefix (word)) {
    forge_word_add_countries (word, countries);
    note_iso (name, word);
    return TRUE;
  }
  for (guint i = from; i < to; i++)
    if (!may_be_prefix (find_code (forge_scan_text (scan, i))))
      return FALSE;
  /* The I of "UK-I" is no country. */
  for (guint i = from; i < to; i++)
    if (scan->words[i].length > 1)
      forge_word_add_countries (find_code (forge_scan_text (scan, i)), countries);
  return TRUE;
}

/* The word after the segment that starts at `from`: up to a pipe, colon, dash, bracket or symbol.
 */
static guint
segment_end (const ForgeScan *scan, guint from)
{
  const guint ends = FORGE_GAP_PIPE | FORGE_GAP_COLON | FORGE_GAP_DASH | FORGE_GAP_CLOSE |
                     FORGE_GAP_SYMBOL;
  guint to = from + 1;

  while (to < scan->n && !(scan->words[to].before & ends))
    to++;
  return to;
}

/* Quality in a prefix ("|UK|FHD|") counts for the stream. */
static void
note_quality (ForgeName *name, const char *text)
{
  ForgeQuality quality = forge_quality_from_name (text);

  if (quality != FORGE_QUALITY_UNKNOWN)
    name->quality = name->quality == FORGE_QUALITY_UNKNOWN ? quality : MAX (name->quality, quality);
}

/* Consumes one segment at p->body if it is a prefix. */
static gboolean
read_prefix (Parser *p)
{
  const ForgeScan *scan = &p->scan;
  guint from = p->body, to = segment_end (scan, from);
  guint after = forge_scan_gap_after (scan, to - 1);
  gboolean enclosed = (scan->words[from].before & FORGE_GAP_PIPE) && (after & FORGE_GAP_PIPE);
  ForgeCountrySet countries = { 0 };

  if (to >= scan->n || to - from > MAX_PREFIX_WORDS || scan->words[from].kind != FORGE_RAW_WORD)
    return FALSE;
  if (!read_codes (p->name, scan, from, to, &countries)) {
    if (!enclosed || from > 0 || to - from > 1 || scan->words[from].length > MAX_UNKNOWN_CODE_BYTES)
      return FALSE;
    p->name->has_unknown_prefix = TRUE;
  }
  /* "USA - Eastern" in a guide is not a prefix but the end of a name: only short codes there. */
  if ((after & FORGE_GAP_DASH) && !(after & FORGE_GAP_PIPE) && scan->words[from].length > 4)
    return FALSE;
  if (!forge_country_set_is_empty (&countries) &&
      !forge_country_set_narrow (&p->name->prefix, &countries))
    forge_country_set_unite (&p->name->prefix, &countries);
  for (guint i = from; i < to; i++)
    note_quality (p->name, forge_scan_text (scan, i));
  p->body = to;
  return TRUE;
}

/* "USA CNN", "UK Sky News" without any sign between: only codes that are no words. */
static void
read_bare_prefix (Parser *p)
{
  const char *first = forge_scan_text (&p->scan, p->body);

  if (p->body > 0 || p->end - p->body < 2 || !forge_country_set_is_empty (&p->name->prefix))
    return;
  if (strcmp (first, "us") != 0 && strcmp (first, "uk") != 0)
    return;
  if (strcmp (forge_scan_text (&p->scan, 1), "tv") == 0)
    return;
  forge_word_add_countries (forge_word_find (first), &p->name->prefix);
  p->body++;
}

/* -- words of the name ------------------------------------------------------------------------- */

static gboolean
is_text (const Parser *p, guint i, const char *text)
{
  return i < p->end && p->scan.words[i].kind == FORGE_RAW_WORD &&
         strcmp (forge_scan_text (&p->scan, i), text) == 0;
}

static gboolean
is_dropped (const ForgeWord *word)
{
  return word && (word->kind == FORGE_WORD_QUALITY || word->kind == FORGE_WORD_TAG);
}

/* TRUE if only quality, tags and a region follow word `i`. */
static gboolean
is_last (const Parser *p, guint i)
{
  for (i++; i < p->end; i++) {
    const ForgeWord *word;

    if (p->scan.words[i].kind != FORGE_RAW_WORD)
      continue;
    word = forge_word_find (forge_scan_text (&p->scan, i));
    if (!is_dropped (word) && !(word && word->kind == FORGE_WORD_REGION))
      return FALSE;
  }
  return TRUE;
}

/* Quality or tag of two words. Returns how many words it takes. */
static guint
two_word_tag (const Parser *p, guint i)
{
  if ((is_text (p, i, "full") || is_text (p, i, "ultra")) && is_text (p, i + 1, "hd"))
    return 2;
  if (is_text (p, i, "4k") && is_text (p, i + 1, "ultra"))
    return 2;
  /* "PBS Kids 24/7": at the end it says no more than that the channel never sleeps. */
  if (i > p->body && is_text (p, i, "24") && is_text (p, i + 1, "7"))
    return 2;
  if ((is_text (p, i, "h") || is_text (p, i, "x")) &&
      (is_text (p, i + 1, "265") || is_text (p, i + 1, "264")))
    return 2;
  if ((is_text (p, i, "60") || is_text (p, i, "50")) && is_text (p, i + 1, "fps"))
    return 2;
  return 0;
}

/* "(LIVE ON MATCHES)", "( During Games only )", "(H)". */
static gboolean
is_remark (const Parser *p, guint i)
{
  return p->scan.words[i].depth > 0 && p->origin == FORGE_NAME_OF_STREAM &&
         (p->scan.words[i].length == 1 || is_text (p, i, "matches") || is_text (p, i, "games") ||
          is_text (p, i, "during") || is_text (p, i, "only") || is_text (p, i, "on"));
}

static gboolean
is_state (const char *text)
{
  static const char states[] = "al ak az ar ca co ct dc de fl ga hi id il in ia ks ky la me md ma "
                               "mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok or pa ri sc sd tn tx "
                               "ut vt va wa wv wi wy";

  return strlen (text) == 2 && strstr (states, text) != NULL;
}

/* "(POMPANO BEACH FL)": a bracket that ends with a state. */
static gboolean
is_place (const Parser *p, guint i)
{
  while (i + 1 < p->end && p->scan.words[i + 1].depth > 0 &&
         !(p->scan.words[i + 1].before & (FORGE_GAP_OPEN | FORGE_GAP_CLOSE)))
    i++;
  return is_state (forge_scan_text (&p->scan, i)) && may_be_american (p) &&
         !forge_country_set_is_empty (&p->home);
}

/* A code at the end or in brackets that agrees with what is known: "MTV DE", "Klan (AL)". */
static gboolean
is_country_suffix (const Parser *p, guint i, const ForgeWord *word)
{
  ForgeCountrySet countries = { 0 };

  if (!says_country (word) || (i == p->body && is_last (p, i)))
    return FALSE;
  if (word->kind == FORGE_WORD_COUNTRY)
    return TRUE;
  if ((p->scan.words[i].depth == 0 && !is_last (p, i)) ||
      (word->kind == FORGE_WORD_GROUP && strlen (word->becomes) > 2))
    return FALSE;
  forge_word_add_countries (word, &countries);
  return forge_country_set_is_empty (&p->home)
             ? p->scan.words[i].depth > 0
             : forge_country_set_intersects (&countries, &p->home);
}

/* What the letter at the end of a name means in countries with several languages: "MySports 6 F".
 */
static const char *
language_of (const char *text)
{
  static const struct {
    const char *text, *language;
  } languages[] = {
    { "f", "french" },  { "fr", "french" }, { "d", "german" },
    { "de", "german" }, { "i", "italian" }, { "n", "dutch" },
    { "nl", "dutch" },  { "e", "english" }, { "en", "english" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (languages); i++)
    if (strcmp (text, languages[i].text) == 0)
      return languages[i].language;
  return NULL;
}

static gboolean
is_language_letter (const Parser *p, guint i)
{
  ForgeCountrySet several = { 0 };

  if (i == p->body || !is_last (p, i) || !language_of (forge_scan_text (&p->scan, i)))
    return FALSE;
  forge_country_set_add_codes (&several, "ch be");
  return forge_country_set_intersects (&several, &p->home);
}

/* East and West are regions at the end of a name ("HBO West", "HBO - Eastern Feed"), but parts of
 * it elsewhere ("West Palm Beach", "South West"). */
static gboolean
is_region (const Parser *p, guint i)
{
  const char *before = i > p->body ? forge_scan_text (&p->scan, i - 1) : "south";

  if (p->scan.words[i].before & FORGE_GAP_CAMEL)
    return FALSE;
  if (strcmp (before, "south") == 0 || strcmp (before, "north") == 0 ||
      strcmp (before, "middle") == 0 || strcmp (before, "far") == 0 || strcmp (before, "wild") == 0)
    return FALSE;
  return is_last (p, i) || p->scan.words[i].depth > 0 ||
         (forge_scan_gap_after (&p->scan, i) & (FORGE_GAP_CLOSE | FORGE_GAP_OPEN | FORGE_GAP_DASH));
}

static void add_text (Parser *p, const char *text, gboolean aside);

/* "classics" is known as "classic". */
static const ForgeWord *
find_singular (const char *text, gsize length)
{
  gsize stem = stem_length (text, length);
  char singular[64];
  const ForgeWord *word;

  if (stem == length || stem >= sizeof singular)
    return NULL;
  memcpy (singular, text, stem);
  singular[stem] = 0;
  word = forge_word_find (singular);
  return word && word->kind == FORGE_WORD_DESCRIPTOR ? word : NULL;
}

/* Adds a run of letters: alias, known word or plain. */
static void
add_word (Parser *p, const char *text, gboolean aside)
{
  const ForgeWord *word = forge_word_find (text);
  gsize length = strlen (text);

  if (!word)
    word = find_singular (text, length);
  if (word && word->kind == FORGE_WORD_ALIAS) {
    g_auto (GStrv) parts = g_strsplit (word->becomes, " ", -1);

    for (char **part = parts; *part; part++)
      add_text (p, *part, aside);
    return;
  }
  if (word && word->kind == FORGE_WORD_NUMBER)
    add_token (p, word->becomes, strlen (word->becomes), FORGE_TOKEN_NUMBER, aside);
  else if (word && word->kind == FORGE_WORD_FILLER)
    add_token (p, text, length, FORGE_TOKEN_FILLER, aside);
  else if (strcmp (text, "ch") == 0)
    add_token (p, "channel", strlen ("channel"), FORGE_TOKEN_FILLER, aside);
  else if (word &&
           (word->kind == FORGE_WORD_DESCRIPTOR || (word->kind == FORGE_WORD_GROUP && length >= 5)))
    add_token (p, text, length, FORGE_TOKEN_DESCRIPTOR, aside);
  else
    add_token (p, text, length, length == 1 ? FORGE_TOKEN_DESCRIPTOR : FORGE_TOKEN_WORD, aside);
}

static void
add_number (Parser *p, const char *digits, gsize length, gboolean aside)
{
  while (length > 1 && *digits == '0') {
    digits++;
    length--;
  }
  add_token (p, digits, length, FORGE_TOKEN_NUMBER, aside);
}

static gboolean
is_ordinal (const char *ending)
{
  static const char *const endings[] = { "th", "st", "nd", "rd", "e", "eme", "er" };

  for (gsize i = 0; i < G_N_ELEMENTS (endings); i++)
    if (strcmp (ending, endings[i]) == 0)
      return TRUE;
  return FALSE;
}

/* Splits "tvp1" and "13th" where letters meet digits. */
static void
add_text (Parser *p, const char *text, gboolean aside)
{
  gsize whole = strlen (text);

  while (*text) {
    gboolean digits = g_ascii_isdigit (*text);
    char part[64];
    gsize n = 0;

    while (text[n] && g_ascii_isdigit (text[n]) == digits && n < sizeof part - 1)
      n++;
    memcpy (part, text, n);
    part[n] = 0;
    text += n;
    if (!digits) {
      /* "Eurosport 1HD", "360 HD7" */
      if (strcmp (part, "hd") != 0 || n == whole)
        add_word (p, part, aside);
      continue;
    }
    add_number (p, part, n, aside);
    if (is_ordinal (text))
      return;
  }
}

static void
read_region (Parser *p, const ForgeWord *word)
{
  p->name->region = word->becomes[0] == 'e' ? FORGE_REGION_EAST : FORGE_REGION_WEST;
}

/* FALSE if the "+" at word `i` is no part of the name. */
static gboolean
read_plus (Parser *p, guint i)
{
  const ForgeWord *before = i > 0 ? forge_word_find (forge_scan_text (&p->scan, i - 1)) : NULL;
  ForgeName *name = p->name;

  if (before && before->kind == FORGE_WORD_QUALITY)
    return FALSE; /* "HD+" */
  if (p->scan.words[i].before == FORGE_GAP_BLANK &&
      forge_scan_gap_after (&p->scan, i) == FORGE_GAP_BLANK && !is_last (p, i))
    return FALSE; /* "Crime + Investigation" */
  if (name->n_tokens > 0 && strcmp (forge_name_token (name, name->n_tokens - 1), "plus") == 0)
    return TRUE; /* "Plus+" */
  add_token (p, "plus", 4, FORGE_TOKEN_DESCRIPTOR, FALSE);
  return TRUE;
}

/* Reads the word at `i` and returns how many words that took. */
static guint
read_word (Parser *p, guint i)
{
  const ForgeRawWord *raw = &p->scan.words[i];
  const char *text = forge_scan_text (&p->scan, i);
  gboolean aside = raw->depth > 0;
  const ForgeWord *word;
  guint taken;

  if (raw->kind == FORGE_RAW_SHIFT) {
    p->name->shift_hours = raw->number;
    return 1;
  }
  if (raw->kind == FORGE_RAW_PLUS) {
    p->kept[i] = (guint8)read_plus (p, i);
    return 1;
  }
  taken = two_word_tag (p, i);
  if (taken > 0)
    return taken;
  word = forge_word_find (text);
  if (is_dropped (word) || (is_remark (p, i) && !is_language_letter (p, i)))
    return 1;
  p->kept[i] = TRUE;
  taken = read_call_sign (p, i);
  if (taken > 0) {
    p->kept[i + taken - 1] = TRUE;
    return taken;
  }
  if (aside && is_place (p, i)) {
    add_token (p, text, raw->length, FORGE_TOKEN_PLACE, TRUE);
  } else if (word && word->kind == FORGE_WORD_REGION && is_region (p, i)) {
    read_region (p, word);
  } else if (is_language_letter (p, i)) {
    add_word (p, language_of (text), aside);
  } else if (is_country_suffix (p, i, word)) {
    forge_word_add_countries (word, &p->name->words);
    add_token (p, text, raw->length, FORGE_TOKEN_COUNTRY, aside);
  } else if (is_state (text) && is_last (p, i) && p->name->call_sign[0]) {
    add_token (p, text, raw->length, FORGE_TOKEN_PLACE, aside);
  } else {
    add_text (p, text, aside);
  }
  return 1;
}

/* -- whole names ------------------------------------------------------------------------------- */

static gboolean
is_loop (const Parser *p)
{
  return p->end - p->body > 2 && is_text (p, p->body, "24") && is_text (p, p->body + 1, "7") &&
         (p->scan.words[p->body + 1].before & FORGE_GAP_SLASH);
}

static void
read_prefixes (Parser *p)
{
  p->end = p->scan.n;
  while (p->body + 1 < p->end && read_prefix (p))
    ;
  if (p->origin == FORGE_NAME_OF_STREAM)
    read_bare_prefix (p);
  if (forge_country_set_is_empty (&p->name->prefix))
    return;
  if (!forge_country_set_narrow (&p->home, &p->name->prefix))
    p->home = p->name->prefix;
}

static void
parse (Parser *p, const char *text, const ForgeCountrySet *home)
{
  ForgeName *name = p->name;

  *name = (ForgeName){ .quality = FORGE_QUALITY_UNKNOWN };
  forge_name_scan (&p->scan, text, p->origin == FORGE_NAME_OF_GUIDE_ID);
  p->body = p->end = 0;
  memset (p->kept, 0, sizeof p->kept);
  p->home = home ? *home : (ForgeCountrySet){ 0 };
  if (p->scan.n == 0) {
    name->kind = FORGE_NAME_EMPTY;
    return;
  }
  if (p->scan.is_separator) {
    name->kind = FORGE_NAME_SEPARATOR;
    return;
  }
  if (p->origin != FORGE_NAME_OF_GUIDE_ID)
    read_prefixes (p);
  p->end = p->scan.n;
  if (is_loop (p))
    name->kind = FORGE_NAME_LOOP;
  for (guint i = p->body; i < p->end;)
    i += read_word (p, i);
  /* A channel that is called like a tag or quality ("4K TV" without the TV) keeps it. */
  if (name->n_tokens == 0 && p->body < p->end) {
    p->kept[p->body] = TRUE;
    add_text (p, forge_scan_text (&p->scan, p->body), FALSE);
  }
}

void
forge_name_parse (ForgeName *name,
                  const char *text,
                  ForgeNameOrigin origin,
                  const ForgeCountrySet *home)
{
  Parser p;

  p.name = name;
  p.origin = origin;
  parse (&p, text, home);
  note_quality (name, text);
}

void
forge_name_parse_group (const char *group, ForgeCountrySet *countries)
{
  ForgeCountrySet codes = { 0 };
  ForgeScan scan;

  *countries = (ForgeCountrySet){ 0 };
  forge_name_scan (&scan, group, FALSE);
  for (guint i = 0; i < scan.n; i++) {
    const char *text = forge_scan_text (&scan, i);
    const ForgeWord *word = forge_word_find (text);
    gboolean at_code = i == 0 || (scan.words[i].before & FORGE_GAP_PIPE) || scan.words[i].depth;

    if (!says_country (word))
      continue;
    if (word->kind == FORGE_WORD_COUNTRY || strlen (text) >= 4)
      forge_word_add_countries (word, countries);
    else if (at_code)
      forge_word_add_countries (word, &codes);
  }
  /* Names say more than codes: "AR| ARGENTINA", "SW| SWEDEN". */
  if (forge_country_set_is_empty (countries))
    *countries = codes;
  else
    forge_country_set_narrow (countries, &codes);
}

static gboolean
is_telling (const ForgeNameToken *token)
{
  return token->kind != FORGE_TOKEN_FILLER && token->kind != FORGE_TOKEN_COUNTRY &&
         token->kind != FORGE_TOKEN_PLACE;
}

void
forge_name_join (const ForgeName *name, gboolean telling, char *out, gsize size)
{
  gsize used = 0;

  out[0] = 0;
  for (guint i = 0; i < name->n_tokens; i++) {
    const ForgeNameToken *token = &name->tokens[i];

    if ((telling && !is_telling (token)) || used + token->length + 1 >= size)
      continue;
    memcpy (out + used, forge_name_token (name, i), token->length + 1u);
    used += token->length;
  }
}

/* Copies words that were kept, with what stood between neighbours. */
static char *
join_kept (const Parser *p, const char *text)
{
  g_autoptr (GString) clean = g_string_new (NULL);
  guint last = G_MAXUINT;

  for (guint i = p->body; i < p->end; i++) {
    const ForgeRawWord *word = &p->scan.words[i];

    if (!p->kept[i] && word->kind != FORGE_RAW_SHIFT)
      continue;
    if (last != G_MAXUINT && last + 1 == i)
      g_string_append_len (clean,
                           text + p->scan.words[last].end,
                           word->start - p->scan.words[last].end);
    else if (clean->len > 0)
      g_string_append_c (clean, ' ');
    g_string_append_len (clean, text + word->start, word->end - word->start);
    last = i;
  }
  /* A bracket whose content stayed is closed again. */
  if (last != G_MAXUINT && p->scan.words[last].depth > 0 && strchr (clean->str, '('))
    g_string_append_c (clean, ')');
  return g_strdup (g_strstrip (clean->str));
}

char *
forge_name_clean (const char *text)
{
  ForgeName name;
  Parser p;
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autofree char *clean = NULL;

  p.name = &name;
  p.origin = FORGE_NAME_OF_STREAM;
  parse (&p, valid, NULL);
  clean = join_kept (&p, valid);
  if (!*clean) {
    g_free (clean);
    clean = g_strdup (g_strstrip (valid));
  }
  return g_steal_pointer (&clean);
}

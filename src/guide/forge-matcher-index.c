/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-matcher-private.h"
#include "guide/forge-name-renames.h"
#include "guide/forge-name-scan.h"
#include "guide/forge-name-skeleton.h"
#include "guide/forge-name-words.h"

#include <math.h>
#include <string.h>

/*
 * An inverted index over guide names: term → names that have it. Terms are tokens, joined
 * neighbours (so that "DiscoveryScience" finds "Discovery Science"), whole names, call signs and
 * ids, told apart by their first byte.
 */

/* idf counts as if a guide had at least so many channels, so that words weigh alike in a guide of
 * twelve and of twelve thousand. */
#define MIN_CHANNELS_FOR_IDF 4000

/* Names of one channel beyond this are ignored (seen: 15; hostile: any). */
#define MAX_NAMES_PER_CHANNEL 24

typedef struct {
  guint32 term, name;
} Posting;

ForgeMatchIndex *
forge_match_index_new (void)
{
  ForgeMatchIndex *index = g_new0 (ForgeMatchIndex, 1);

  index->strings = g_string_chunk_new (64 * 1024);
  index->term_ids = g_hash_table_new (g_str_hash, g_str_equal);
  index->terms = g_array_new (FALSE, TRUE, sizeof (ForgeMatchTerm));
  index->channels = g_array_new (FALSE, TRUE, sizeof (ForgeMatchChannel));
  index->names = g_array_new (FALSE, TRUE, sizeof (ForgeMatchName));
  index->tokens = g_array_new (FALSE, TRUE, sizeof (ForgeMatchToken));
  index->pending = g_array_new (FALSE, FALSE, sizeof (Posting));
  forge_neighbourhoods_init (&index->neighbourhoods);
  forge_country_set_add_codes (&index->exporters, "us uk");
  forge_word_add_countries (forge_word_find ("arab"), &index->arab);
  return index;
}

void
forge_match_index_free (ForgeMatchIndex *index)
{
  if (!index)
    return;
  g_string_chunk_free (index->strings);
  g_hash_table_unref (index->term_ids);
  g_array_unref (index->terms);
  g_array_unref (index->channels);
  g_array_unref (index->names);
  g_array_unref (index->tokens);
  g_clear_pointer (&index->pending, g_array_unref);
  g_free (index->postings);
  g_free (index);
}

static guint32
intern_term (ForgeMatchIndex *index, ForgeTermKind kind, const char *text)
{
  char key[FORGE_NAME_MAX_TEXT_BYTES + 2];
  gpointer found;
  ForgeMatchTerm term = { 0 };

  key[0] = (char)kind;
  g_strlcpy (key + 1, text, sizeof key - 1);
  found = g_hash_table_lookup (index->term_ids, key);
  if (found)
    return GPOINTER_TO_UINT (found) - 1;
  term.text = g_string_chunk_insert (index->strings, key);
  g_array_append_val (index->terms, term);
  g_hash_table_insert (index->term_ids, (gpointer)term.text, GUINT_TO_POINTER (index->terms->len));
  return index->terms->len - 1;
}

static guint32
post (ForgeMatchIndex *index, ForgeTermKind kind, const char *text, guint32 name)
{
  Posting posting = { intern_term (index, kind, text), name };

  g_array_append_val (index->pending, posting);
  return posting.term;
}

static void
post_pairs (ForgeMatchIndex *index, const ForgeName *name, guint32 number)
{
  char pair[2 * FORGE_NAME_MAX_TEXT_BYTES];

  for (guint i = 0; i + 1 < name->n_tokens; i++) {
    if (name->tokens[i].kind == FORGE_TOKEN_NUMBER ||
        name->tokens[i + 1].kind == FORGE_TOKEN_NUMBER)
      continue;
    g_snprintf (pair,
                sizeof pair,
                "%s%s",
                forge_name_token (name, i),
                forge_name_token (name, i + 1));
    post (index, FORGE_TERM_PAIR, pair, number);
  }
}

/* For words that only resemble: their first and last letters. */
static void
post_ends (ForgeMatchIndex *index, const char *text, guint kind, guint32 number)
{
  gsize length = strlen (text);
  char head[FORGE_MATCH_END_BYTES + 1];

  if ((kind != FORGE_TOKEN_WORD && kind != FORGE_TOKEN_DESCRIPTOR) ||
      length < FORGE_MATCH_END_BYTES)
    return;
  g_strlcpy (head, text, sizeof head);
  post (index, FORGE_TERM_HEAD, head, number);
  post (index, FORGE_TERM_TAIL, text + length - FORGE_MATCH_END_BYTES, number);
}

/* Only where names in Arabic script are likely. */
static guint32
post_skeleton (ForgeMatchIndex *index,
               const ForgeMatchChannel *channel,
               const ForgeName *name,
               guint32 number)
{
  char skeleton[FORGE_NAME_MAX_TEXT_BYTES];

  if (!forge_name_is_arabic (name) &&
      !forge_country_set_intersects (&channel->countries, &index->arab))
    return FORGE_MATCH_NO_TERM;
  forge_name_skeleton (name, skeleton, sizeof skeleton);
  if (strlen (skeleton) < FORGE_SKELETON_MIN_BYTES)
    return FORGE_MATCH_NO_TERM;
  return post (index, FORGE_TERM_SKELETON, skeleton, number);
}

static void
note_constraints (ForgeMatchChannel *channel, const ForgeName *name)
{
  /* Seen: a "+1" among the spellings of the channel itself. The first name decides for the id. */
  if (name->shift_hours && channel->n_names == 0)
    channel->shift_hours = (gint8)name->shift_hours;
  if (name->region && !channel->region)
    channel->region = (guint8)name->region;
  if (name->call_sign[0] && !channel->call_sign[0]) {
    memcpy (channel->call_sign, name->call_sign, sizeof channel->call_sign);
    channel->sub_channel = (gint8)name->sub_channel;
  }
}

/* Adds one parsed name to the channel that is being built (the last one). */
static void
add_name (ForgeMatchIndex *index,
          ForgeMatchChannel *channel,
          const ForgeName *name,
          ForgeMatchNameKind kind)
{
  ForgeMatchName row = { .channel = index->channels->len,
                         .first_token = index->tokens->len,
                         .n_tokens = (guint16)name->n_tokens,
                         .kind = kind,
                         .is_arabic = forge_name_is_arabic (name),
                         .shift_hours = (guint8)name->shift_hours,
                         .quality = (guint8)name->quality };
  guint32 number = index->names->len;
  char joined[FORGE_NAME_MAX_TEXT_BYTES + 1], text[FORGE_NAME_MAX_TEXT_BYTES];

  note_constraints (channel, name);
  if (name->n_tokens == 0 || channel->n_names == MAX_NAMES_PER_CHANNEL)
    return;
  for (guint i = 0; i < name->n_tokens; i++) {
    ForgeMatchToken token = { .kind = name->tokens[i].kind, .aside = name->tokens[i].aside };

    forge_name_stem (name, i, text, sizeof text);
    token.term = post (index, FORGE_TERM_TOKEN, text, number);
    post_ends (index, text, token.kind, number);
    g_array_append_val (index->tokens, token);
  }
  post_pairs (index, name, number);
  forge_name_join (name, FALSE, joined, sizeof joined);
  row.full = post (index, FORGE_TERM_FULL, joined, number);
  forge_name_join (name, TRUE, joined, sizeof joined);
  row.core = post (index, FORGE_TERM_CORE, joined, number);
  row.skeleton = post_skeleton (index, channel, name, number);
  if (!row.shift_hours && (kind == FORGE_MATCH_ID || channel->feed_shift))
    row.shift_hours = (guint8)channel->shift_hours;
  g_array_append_val (index->names, row);
  channel->n_names++;
}

/* Rebrandings of the name as names of their own. */
static void
add_renames (ForgeMatchIndex *index, ForgeMatchChannel *channel, const ForgeName *name)
{
  char text[FORGE_NAME_MAX_TEXT_BYTES];
  ForgeName other;
  guint state = 0;

  while (forge_name_next_rename (name, &channel->countries, &state, text, sizeof text)) {
    forge_name_parse (&other, text, FORGE_NAME_OF_GUIDE, &channel->countries);
    other.quality = name->quality;
    other.shift_hours = name->shift_hours;
    add_name (index, channel, &other, FORGE_MATCH_FORMER);
  }
}

/* "10005.dk", "7": says nothing beside real names. */
static gboolean
is_only_number (const ForgeName *name)
{
  for (guint i = 0; i < name->n_tokens; i++)
    if (name->tokens[i].kind != FORGE_TOKEN_NUMBER)
      return FALSE;
  return TRUE;
}

/* A channel for all of Europe is not as close to each country as its own. */
static void
add_area (ForgeMatchChannel *channel, const ForgeWord *word)
{
  ForgeCountrySet countries = { 0 };

  forge_word_add_countries (word, &countries);
  if (g_str_has_prefix (word->word, "eur"))
    channel->near = countries;
  else
    channel->countries = countries;
}

/* Reads "@France", "@Plus1", "@East" into the channel; other words stay in `rest`. */
static void
read_feed (ForgeMatchChannel *channel, const char *feed, GString *rest)
{
  ForgeCountrySet countries = { 0 };
  ForgeScan scan;

  forge_name_scan (&scan, feed, TRUE);
  for (guint i = 0; i < scan.n; i++) {
    const char *text = forge_scan_text (&scan, i);
    const ForgeWord *word = forge_word_find (text);

    if (g_str_has_prefix (text, "plus") && g_ascii_isdigit (text[4]))
      channel->shift_hours = channel->feed_shift = (gint8)CLAMP (atoi (text + 4), 0, 24);
    else if (word && word->kind == FORGE_WORD_GROUP && g_str_has_prefix (text, "eur"))
      add_area (channel, word);
    else if (word && (word->kind == FORGE_WORD_CODE || word->kind == FORGE_WORD_COUNTRY ||
                      word->kind == FORGE_WORD_GROUP))
      forge_word_add_countries (word, &countries);
    else if (word && word->kind == FORGE_WORD_REGION)
      channel->region = word->becomes[0] == 'e' ? FORGE_REGION_EAST : FORGE_REGION_WEST;
    else if (!word || (word->kind != FORGE_WORD_QUALITY && word->kind != FORGE_WORD_TAG))
      g_string_append_printf (rest, " %s", text);
  }
  if (!forge_country_set_is_empty (&countries))
    channel->countries = countries;
}

/* "HGTVLatinAmerica.us" is made in the US, but shown elsewhere. Blanks the words out. */
static void
read_area (ForgeMatchChannel *channel, char *stem, const char *const *names)
{
  static const struct {
    const char *text, *word;
  } areas[] = {
    { "LatinAmerica", "latin" },    { "Latin.America", "latin" }, { "HispanicAmerica", "latin" },
    { "MiddleEastAfrica", "arab" }, { "MiddleEast", "arab" },     { "Europe", "europe" },
    { "Europa", "europe" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (areas); i++) {
    gsize length = strlen (areas[i].text);
    char *at = g_str_has_suffix (stem, areas[i].text) ? stem + strlen (stem) - length : NULL;

    if (!at || at == stem || (names && names[0] && strstr (names[0], at)))
      continue; /* part of the name */
    add_area (channel, forge_word_find (areas[i].word));
    *at = 0;
    return;
  }
}

/* Cuts "SkyNews.uk@East" into the stem and what the rest says. Returns: (transfer full) the stem
 * with words of the feed that are part of the name. */
static char *
read_id (ForgeMatchChannel *channel, const char *xmltv_id, const char *const *names)
{
  const char *at = strrchr (xmltv_id, '@');
  g_autofree char *plain = at ? g_strndup (xmltv_id, (gsize)(at - xmltv_id)) : g_strdup (xmltv_id);
  char *dot = strrchr (plain, '.');
  g_autoptr (GString) stem = g_string_new (NULL);

  if (dot) {
    char code[3] = { 0 };
    int country = -1;

    if (dot[1] && dot[2] && (dot[3] == 0 || dot[3] == '_')) {
      code[0] = g_ascii_tolower (dot[1]);
      code[1] = g_ascii_tolower (dot[2]);
      country = forge_country_from_code (code);
    }
    if (country >= 0) {
      forge_country_set_add (&channel->countries, (guint)country);
      *dot = 0;
    }
  }
  read_area (channel, plain, names);
  g_string_append (stem, plain);
  if (at)
    read_feed (channel, at + 1, stem);
  return g_strdup (stem->str);
}

void
forge_match_stem (const char *id, char *out, gsize size)
{
  const char *dot = strrchr (id, '.');
  gsize used = 0;

  if (dot && strlen (dot) != 3)
    dot = NULL;
  for (; *id && id != dot && used + 1 < size; id++)
    if (g_ascii_isalnum (*id) || (guchar)*id >= 0x80)
      out[used++] = g_ascii_tolower (*id);
  out[used] = 0;
}

static void
add_id_terms (ForgeMatchIndex *index,
              ForgeMatchChannel *channel,
              const char *stem,
              const ForgeName *name)
{
  char text[FORGE_NAME_MAX_TEXT_BYTES + 1];
  g_autofree char *folded = g_utf8_strdown (channel->xmltv_id, -1);
  guint32 number = index->names->len - 1; /* any name of the channel will do */

  if (channel->n_names == 0)
    return;
  post (index, FORGE_TERM_ID, folded, number);
  if (strchr (folded, '@')) {
    *strchr (folded, '@') = 0;
    post (index, FORGE_TERM_ID, folded, number);
  }
  forge_match_stem (folded, text, sizeof text);
  if (strlen (text) > 2 && !is_only_number (name))
    post (index, FORGE_TERM_STEM, text, number);
  /* An id that is nothing but a call sign: "WABC.us_locals1". */
  forge_match_stem (stem, text, sizeof text);
  if (!channel->call_sign[0] && forge_name_is_call_sign (text) && strlen (text) >= 4 &&
      strstr (channel->xmltv_id, "local"))
    g_strlcpy (channel->call_sign, text, sizeof channel->call_sign);
  if (channel->call_sign[0])
    post (index, FORGE_TERM_CALL, channel->call_sign, number);
}

void
forge_match_index_add (ForgeMatchIndex *index,
                       gint64 id,
                       const char *xmltv_id,
                       const char *const *names)
{
  ForgeMatchChannel channel = { .id = id, .first_name = index->names->len };
  g_autofree char *valid_id = g_utf8_make_valid (xmltv_id, -1);
  g_autofree char *stem = NULL;
  ForgeName name;
  gboolean only_number = TRUE;

  channel.xmltv_id = g_string_chunk_insert (index->strings, valid_id);
  stem = read_id (&channel, valid_id, names);
  for (guint i = 0; names && names[i] && i < MAX_NAMES_PER_CHANNEL; i++) {
    forge_name_parse (&name, names[i], FORGE_NAME_OF_GUIDE, &channel.countries);
    if (!channel.display) {
      g_autofree char *display = g_utf8_make_valid (names[i], -1);
      channel.display = g_string_chunk_insert (index->strings, g_strstrip (display));
    }
    if (forge_country_set_is_empty (&channel.countries))
      channel.countries = name.prefix;
    /* A second display-name is often only the channel's number. */
    if (is_only_number (&name) && i > 0 && !only_number)
      continue;
    only_number &= is_only_number (&name);
    add_name (index, &channel, &name, FORGE_MATCH_DISPLAY);
    add_renames (index, &channel, &name);
  }
  forge_name_parse (&name, stem, FORGE_NAME_OF_GUIDE_ID, &channel.countries);
  if (!is_only_number (&name) || channel.n_names == 0)
    add_name (index, &channel, &name, FORGE_MATCH_ID);
  if (!channel.display)
    channel.display = channel.xmltv_id;
  add_id_terms (index, &channel, stem, &name);
  forge_country_set_unite (&index->covered, &channel.countries);
  g_array_append_val (index->channels, channel);
}

float
forge_match_weight (ForgeTokenKind kind, gboolean aside, float idf)
{
  float weight;

  switch (kind) {
  case FORGE_TOKEN_FILLER:
    weight = 0.12f;
    break;
  case FORGE_TOKEN_NUMBER:
    weight = 0.35f;
    break;
  case FORGE_TOKEN_COUNTRY:
    weight = 0.2f;
    break;
  case FORGE_TOKEN_PLACE:
    weight = 0.1f;
    break;
  case FORGE_TOKEN_DESCRIPTOR:
    weight = CLAMP (idf, 0.35f, 0.5f);
    break;
  case FORGE_TOKEN_WORD:
  default:
    weight = MAX (idf, 0.2f);
    break;
  }
  return aside ? weight * 0.6f : weight;
}

/* How many different channels the names of a term belong to. */
static guint
count_channels (const ForgeMatchIndex *index, const ForgeMatchTerm *term)
{
  const guint32 *postings = index->postings + term->first_posting;
  guint32 last = G_MAXUINT32;
  guint n = 0;

  for (guint i = 0; i < term->n_postings; i++) {
    guint32 channel = g_array_index (index->names, ForgeMatchName, postings[i]).channel;

    n += channel != last;
    last = channel;
  }
  return n;
}

static void
weigh_terms (ForgeMatchIndex *index)
{
  float total = (float)MAX (index->channels->len, MIN_CHANNELS_FOR_IDF);

  for (guint i = 0; i < index->terms->len; i++) {
    ForgeMatchTerm *term = &g_array_index (index->terms, ForgeMatchTerm, i);

    term->idf = logf (total / (float)count_channels (index, term)) / logf (total);
  }
  for (guint i = 0; i < index->names->len; i++) {
    ForgeMatchName *name = &g_array_index (index->names, ForgeMatchName, i);
    const ForgeMatchToken *tokens = forge_match_index_tokens (index, name);

    for (guint j = 0; j < name->n_tokens; j++)
      name->weight += forge_match_weight (tokens[j].kind,
                                          tokens[j].aside,
                                          forge_match_index_term (index, tokens[j].term)->idf);
  }
}

void
forge_match_index_freeze (ForgeMatchIndex *index)
{
  guint32 next = 0;

  for (guint i = 0; i < index->pending->len; i++)
    g_array_index (index->terms, ForgeMatchTerm, g_array_index (index->pending, Posting, i).term)
        .n_postings++;
  for (guint i = 0; i < index->terms->len; i++) {
    ForgeMatchTerm *term = &g_array_index (index->terms, ForgeMatchTerm, i);

    term->first_posting = next;
    next += term->n_postings;
    term->n_postings = 0;
  }
  index->postings = g_new (guint32, next);
  for (guint i = 0; i < index->pending->len; i++) {
    const Posting *posting = &g_array_index (index->pending, Posting, i);
    ForgeMatchTerm *term = &g_array_index (index->terms, ForgeMatchTerm, posting->term);

    index->postings[term->first_posting + term->n_postings++] = posting->name;
  }
  g_clear_pointer (&index->pending, g_array_unref);
  weigh_terms (index);
}

const ForgeMatchTerm *
forge_match_index_find (const ForgeMatchIndex *index, ForgeTermKind kind, const char *text)
{
  char key[FORGE_NAME_MAX_TEXT_BYTES + 2];
  gpointer found;

  if (!*text)
    return NULL;
  key[0] = (char)kind;
  g_strlcpy (key + 1, text, sizeof key - 1);
  found = g_hash_table_lookup (index->term_ids, key);
  return found ? forge_match_index_term (index, GPOINTER_TO_UINT (found) - 1) : NULL;
}

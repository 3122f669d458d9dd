/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-name-fold.h"
#include "guide/forge-name-renames.h"
#include "guide/forge-name-skeleton.h"
#include "guide/forge-name-words.h"
#include "guide/forge-name.h"

#include <string.h>

/* The tokens, blank-separated; with the country, shift, region and call sign where there is one. */
static char *
describe (const char *text, ForgeNameOrigin origin, const char *home)
{
  g_autoptr (GString) out = g_string_new (NULL);
  ForgeCountrySet countries = { 0 };
  ForgeName name;

  forge_country_set_add_codes (&countries, home);
  forge_name_parse (&name, text, origin, &countries);
  for (guint i = 0; i < name.n_tokens; i++)
    g_string_append_printf (out, "%s%s", i ? " " : "", forge_name_token (&name, i));
  if (!forge_country_set_is_empty (&name.prefix)) {
    g_autofree char *prefix = forge_country_set_to_text (&name.prefix);
    g_string_append_printf (out, " [%s]", prefix);
  }
  if (name.shift_hours)
    g_string_append_printf (out, " +%d", name.shift_hours);
  if (name.region)
    g_string_append (out, name.region == FORGE_REGION_WEST ? " west" : " east");
  if (name.call_sign[0])
    g_string_append_printf (out, " @%s.%d", name.call_sign, name.sub_channel);
  return g_strdup (out->str);
}

static void
assert_describes (const char *text, const char *home, const char *want)
{
  g_autofree char *got = describe (text, FORGE_NAME_OF_STREAM, home);

  g_test_message ("%s", text);
  g_assert_cmpstr (got, ==, want);
}

static void
test_prefixes (void)
{
  static const struct {
    const char *text, *want;
  } cases[] = {
    { "UK| Nova HD", "nova [UK]" },
    { "|UK|FHD| Nova", "nova [UK]" },
    { "UK: Nova", "nova [UK]" },
    { "UK - Nova", "nova [UK]" },
    { "[GB] Nova", "nova [UK]" },
    { "┃DE┃ Nova", "nova [DE]" },
    { "🇩🇪 Nova", "nova [DE]" },
    { "USA| Nova", "nova [US]" },
    { "US445:NOVA", "nova [US]" },
    { "SP| Nova", "nova [ES]" },
    { "SW| Nova", "nova [CH/SE]" },
    { "EX-YU: Nova", "nova [RS/HR/BA…]" },
    { "UNITED KINGDOM | Nova", "nova [UK]" },
    { "VIP | Nova", "nova" },
    { "4K: Nova", "nova" },
    { "|XQZ| Nova", "nova" },
    { "USA Network HD", "usa network" },
    { "BBC: Nova", "bbc nova" },
    { "UK|", "uk" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_describes (cases[i].text, "", cases[i].want);
}

static void
test_unknown_prefix_is_noted (void)
{
  ForgeName name;

  forge_name_parse (&name, "|XQZ| Nova", FORGE_NAME_OF_STREAM, NULL);
  g_assert_true (name.has_unknown_prefix);
  forge_name_parse (&name, "|UK| Nova", FORGE_NAME_OF_STREAM, NULL);
  g_assert_false (name.has_unknown_prefix);
}

static void
test_tokens (void)
{
  static const struct {
    const char *text, *home, *want;
  } cases[] = {
    { "Sky Sports News HD", "", "sky sports news" },
    { "TVP1 / TVP 1", "", "tvp 1 tvp 1" },
    { "CANAL+ SPORT", "", "canal plus sport" },
    { "CANAL+", "", "canal plus" },
    { "Plus+", "", "plus" },
    { "Nova HD+", "", "nova" },
    { "1+1 International", "", "1 plus 1 international" },
    { "Crime + Investigation", "", "crime investigation" },
    { "Today's News", "", "todays news" },
    { "Gamma Cinéma", "", "gamma cinema" },
    { "Łódź Straße Ørsted", "", "lodz strasse orsted" },
    { "Эта Канал", "", "eta kanal" },
    { "Ζήτα TV", "", "zita tv" },
    { "Nova 01 II Two", "", "nova 1 2 2" },
    { "13th Street", "", "13 street" },
    { "beIN SP⚽RTS 1", "", "bein sports 1" },
    { "HDNet Movies", "", "hdnet movies" },
    { "Nova (backup) [VIP] HEVC h265 H.264 60 fps", "", "nova" },
    { "Eurosport 1HD", "", "eurosport 1" },
    { "MTV DE", "de", "mtv de" },
    { "Klan (AL)", "", "klan al" },
    { "MySports 6 F", "ch", "mysports 6 french" },
    { "ام بي سي 4", "", "m b c 4" },
    { "Nova\xe2\x80\x8b\xef\xb8\x8f", "", "nova" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_describes (cases[i].text, cases[i].home, cases[i].want);
}

static void
test_shift_and_region (void)
{
  static const struct {
    const char *text, *want;
  } cases[] = {
    { "Kappa +1", "kappa +1" },
    { "Kappa+1 HD", "kappa +1" },
    { "Kappa +24h", "kappa +24" },
    { "Kappa +99", "kappa plus 99" },
    { "HBO West", "hbo west" },
    { "HBO (EAST) HD", "hbo east" },
    { "HBO - Pacific Feed", "hbo west" },
    { "West Palm Beach", "west palm beach" },
    { "BBC South West", "bbc south west" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_describes (cases[i].text, "", cases[i].want);
}

static void
test_call_signs (void)
{
  static const struct {
    const char *text, *home, *want;
  } cases[] = {
    { "US: ABC 7 (WQZX) Dayton", "", "abc 7 wqzx dayton [US] @wqzx.0" },
    { "US: CBS KQZY", "", "cbs kqzy [US] @kqzy.0" },
    { "US: WQZX-DT2", "", "wqzx 2 [US] @wqzx.2" },
    { "US: K25QQ-D5", "", "k25qq 5 [US] @k25qq.5" },
    { "CA: CFQX-DT", "", "cfqx [CA] @cfqx.0" },
    { "UK: King of Kids", "", "king of kids [UK]" },
    { "US: WILD WEST", "", "wild west [US]" },
    { "DE: ABC (WQZX)", "", "abc wqzx [DE]" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_describes (cases[i].text, cases[i].home, cases[i].want);
}

static void
test_ids (void)
{
  static const struct {
    const char *text, *want;
  } cases[] = {
    { "SkyNewsHD", "sky news" },         { "BBC.One.London.HD", "bbc 1 london" },
    { "beINSports1", "be in sports 1" }, { "OstWest", "ost west" },
    { "PlanetePlus", "planete plus" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *got = describe (cases[i].text, FORGE_NAME_OF_GUIDE_ID, "");
    g_assert_cmpstr (got, ==, cases[i].want);
  }
}

static void
test_kinds (void)
{
  static const struct {
    const char *text;
    ForgeNameKind kind;
  } cases[] = {
    { "##### UK #####", FORGE_NAME_SEPARATOR },
    { "-------------|UK| NEWS -------------", FORGE_NAME_SEPARATOR },
    { "▀▄ UK ▀▄▀▄ NEWS ▄▀▄", FORGE_NAME_SEPARATOR },
    { "== NEWS ==", FORGE_NAME_SEPARATOR },
    { "", FORGE_NAME_EMPTY },
    { "🔴🔴", FORGE_NAME_EMPTY },
    { "24/7: Nova", FORGE_NAME_LOOP },
    { "Nova Kids 24/7", FORGE_NAME_CHANNEL },
    { "Nova - News", FORGE_NAME_CHANNEL },
    { "C'est à vous !", FORGE_NAME_CHANNEL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    ForgeName name;

    forge_name_parse (&name, cases[i].text, FORGE_NAME_OF_STREAM, NULL);
    g_test_message ("%s", cases[i].text);
    g_assert_cmpint (name.kind, ==, cases[i].kind);
  }
}

static void
test_quality (void)
{
  static const struct {
    const char *text;
    ForgeQuality quality;
  } cases[] = {
    { "UK| Nova FHD", FORGE_QUALITY_FHD },
    { "|UK|FHD| Nova", FORGE_QUALITY_FHD },
    { "Nova ⁴ᴷ", FORGE_QUALITY_4K },
    { "Nova", FORGE_QUALITY_UNKNOWN },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    ForgeName name;

    forge_name_parse (&name, cases[i].text, FORGE_NAME_OF_STREAM, NULL);
    g_assert_cmpint (name.quality, ==, cases[i].quality);
  }
}

static void
test_groups (void)
{
  static const struct {
    const char *group, *want;
  } cases[] = {
    { "UK | SPORTS", "UK" }, { "|AR| ARABIC SPORTS", "AE/SA/QA…" },
    { "Germany HD", "DE" },  { "SW| SWEDEN", "SE" },
    { "24/7 & EVENTS", "" }, { "AR| ARGENTINA", "AR" },
    { "What is in it", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    ForgeCountrySet countries;
    g_autofree char *got = NULL;

    forge_name_parse_group (cases[i].group, &countries);
    got = forge_country_set_to_text (&countries);
    g_test_message ("%s", cases[i].group);
    g_assert_cmpstr (got, ==, cases[i].want);
  }
}

static void
test_clean_names (void)
{
  static const struct {
    const char *text, *want;
  } cases[] = {
    { "UK| Sky News FHD", "Sky News" },
    { "|DE| Das Erste (1080p)", "Das Erste" },
    { "UK: Gamma Cinéma ᶠᴴᴰ ◉", "Gamma Cinéma" },
    { "FR: C'est à vous HD", "C'est à vous" },
    { "CANAL+ HD", "CANAL+" },
    { "UK| Kappa +1 HD", "Kappa +1" },
    { "US: ABC 7 (WQZX) HD", "ABC 7 (WQZX)" },
    { "UK| Эта Канал SD", "Эта Канал" },
    { "HD", "HD" },
    { "UK|", "UK" },
    { "", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *clean = forge_name_clean (cases[i].text);

    g_assert_cmpstr (clean, ==, cases[i].want);
  }
}

static void
test_clean_name_of_hostile_text (void)
{
  static const char *const nasty[] = { "\xff\xfe", "UK| \xc3 HD", "((((", "|||", "+1" };

  for (gsize i = 0; i < G_N_ELEMENTS (nasty); i++) {
    g_autofree char *clean = forge_name_clean (nasty[i]);

    g_assert_true (g_utf8_validate (clean, -1, NULL));
  }
}

static void
test_long_names_are_cut (void)
{
  g_autofree char *text = g_strnfill (5000, 'x');
  ForgeName name;

  for (gsize i = 3; i < 5000; i += 4)
    text[i] = ' ';
  forge_name_parse (&name, text, FORGE_NAME_OF_STREAM, NULL);
  g_assert_cmpuint (name.n_tokens, <=, FORGE_NAME_MAX_TOKENS);
  g_assert_cmpuint (name.used, <=, FORGE_NAME_MAX_TEXT_BYTES);
}

static void
test_fold (void)
{
  static const struct {
    gunichar from;
    const char *to;
  } cases[] = {
    { 'A', "a" },     { 0x1d34, "h" },  { 0xff28, "h" }, { 0x00e9, "e" }, { 0x0419, "y" },
    { 0x042f, "ya" }, { 0x03a9, "o" },  { 0x0130, "i" }, { 0x0301, "" },  { 0x200d, "" },
    { 0x2122, "" },   { 0x1d5db, "h" }, { 0x00b2, "2" }, { '!', "!" },
  };
  char out[FORGE_FOLD_MAX_BYTES];

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_assert_cmpuint (forge_fold_char (cases[i].from, out), ==, strlen (cases[i].to));
    g_assert_cmpstr (out, ==, cases[i].to);
  }
}

static void
test_every_character_folds_within_bounds (void)
{
  char out[FORGE_FOLD_MAX_BYTES];

  for (gunichar c = 1; c <= 0x10ffff; c++) {
    if (!g_unichar_validate (c))
      continue;
    g_assert_cmpuint (forge_fold_char (c, out), <, FORGE_FOLD_MAX_BYTES);
    g_assert_true (g_utf8_validate (out, -1, NULL));
  }
}

static void
test_words_are_sorted_and_sound (void)
{
  for (guint i = 0; i < forge_word_count (); i++) {
    const ForgeWord *word = forge_word_at (i);
    ForgeCountrySet countries = { 0 };

    if (i > 0)
      g_assert_cmpint (strcmp (forge_word_at (i - 1)->word, word->word), <, 0);
    g_assert_true (forge_word_find (word->word) == word);
    if (word->kind != FORGE_WORD_CODE && word->kind != FORGE_WORD_COUNTRY &&
        word->kind != FORGE_WORD_GROUP)
      continue;
    forge_word_add_countries (word, &countries);
    g_assert_false (forge_country_set_is_empty (&countries));
  }
  g_assert_null (forge_word_find ("xylophon"));
}

static void
test_country_sets (void)
{
  ForgeCountrySet set = { 0 }, other = { 0 };
  ForgeNeighbourhoods neighbourhoods;

  forge_country_set_add_codes (&set, "de zz fr");
  forge_country_set_add_codes (&other, "fr at");
  g_assert_true (forge_country_set_narrow (&set, &other));
  g_assert_true (forge_country_set_intersects (&set, &other));
  other = (ForgeCountrySet){ 0 };
  forge_country_set_add_codes (&other, "jp");
  g_assert_false (forge_country_set_narrow (&set, &other));
  g_assert_false (forge_country_set_is_empty (&set));
  g_assert_cmpint (forge_country_from_code ("gb"), ==, forge_country_from_code ("uk"));
  g_assert_cmpint (forge_country_from_code ("zz"), ==, -1);

  forge_neighbourhoods_init (&neighbourhoods);
  set = other = (ForgeCountrySet){ 0 };
  forge_country_set_add_codes (&set, "uk");
  forge_country_set_add_codes (&other, "ie");
  forge_neighbourhoods_extend (&neighbourhoods, &set);
  g_assert_true (forge_country_set_intersects (&set, &other));
}

static void
test_renames_go_both_ways (void)
{
  static const struct {
    const char *text, *country, *want;
  } cases[] = {
    { "BT Sport 2", "uk", "tnt sport 2" },
    { "TNT Sports 2", "uk", "bt sport 2" },
    { "TNT Sports 2", "us", NULL },
    { "BT Sportsman", "uk", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    ForgeCountrySet countries = { 0 };
    ForgeName name;
    char other[FORGE_NAME_MAX_TEXT_BYTES];
    guint state = 0;

    forge_country_set_add_codes (&countries, cases[i].country);
    forge_name_parse (&name, cases[i].text, FORGE_NAME_OF_GUIDE, &countries);
    if (!forge_name_next_rename (&name, &countries, &state, other, sizeof other))
      other[0] = 0;
    g_assert_cmpstr (other, ==, cases[i].want ? cases[i].want : "");
  }
}

static void
test_skeletons (void)
{
  static const char *const pairs[][2] = {
    { "القاهرة والناس", "Al Kahera Wal Nas" },
    { "صدى البلد", "Sada El Balad" },
    { "دبي ريسينج 2", "Dubai Racing 2" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i++) {
    ForgeName arabic, latin;
    char a[64], b[64];

    forge_name_parse (&arabic, pairs[i][0], FORGE_NAME_OF_GUIDE, NULL);
    forge_name_parse (&latin, pairs[i][1], FORGE_NAME_OF_GUIDE, NULL);
    g_assert_true (forge_name_is_arabic (&arabic));
    g_assert_false (forge_name_is_arabic (&latin));
    forge_name_skeleton (&arabic, a, sizeof a);
    forge_name_skeleton (&latin, b, sizeof b);
    g_assert_cmpstr (a, ==, b);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/guide/name/prefixes", test_prefixes);
  g_test_add_func ("/guide/name/unknown-prefix-is-noted", test_unknown_prefix_is_noted);
  g_test_add_func ("/guide/name/tokens", test_tokens);
  g_test_add_func ("/guide/name/shift-and-region", test_shift_and_region);
  g_test_add_func ("/guide/name/call-signs", test_call_signs);
  g_test_add_func ("/guide/name/ids", test_ids);
  g_test_add_func ("/guide/name/kinds", test_kinds);
  g_test_add_func ("/guide/name/quality", test_quality);
  g_test_add_func ("/guide/name/groups", test_groups);
  g_test_add_func ("/guide/name/clean-names", test_clean_names);
  g_test_add_func ("/guide/name/clean-name-of-hostile-text", test_clean_name_of_hostile_text);
  g_test_add_func ("/guide/name/long-names-are-cut", test_long_names_are_cut);
  g_test_add_func ("/guide/name/fold", test_fold);
  g_test_add_func ("/guide/name/every-character-folds-within-bounds",
                   test_every_character_folds_within_bounds);
  g_test_add_func ("/guide/name/words-are-sorted-and-sound", test_words_are_sorted_and_sound);
  g_test_add_func ("/guide/name/country-sets", test_country_sets);
  g_test_add_func ("/guide/name/renames-go-both-ways", test_renames_go_both_ways);
  g_test_add_func ("/guide/name/skeletons", test_skeletons);
  return g_test_run ();
}

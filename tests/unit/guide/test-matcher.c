/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-matcher.h"

#include <string.h>

#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* Confidence from which a channel is enabled by itself. */
#define SURE 0.85

typedef struct {
  const char *xmltv_id;
  const char *const *names;
} GuideChannel;

static ForgeMatcher *
matcher_with (const GuideChannel *channels, guint n)
{
  ForgeMatcher *matcher = forge_matcher_new ();

  for (guint i = 0; i < n; i++)
    forge_matcher_add (matcher, i + 1, channels[i].xmltv_id, channels[i].names);
  forge_matcher_freeze (matcher);
  return matcher;
}

/* The XMLTV id that `name` is matched to with at least `at_least`, "" = none. */
static const char *
find_at (const ForgeMatcher *matcher,
         const GuideChannel *channels,
         const char *name,
         const char *epg_id,
         const char *group,
         double at_least)
{
  ForgeMatchQuery query = { name, epg_id, group };
  ForgeMatch match = forge_matcher_find (matcher, &query, NULL);

  return match.id && match.confidence >= at_least ? channels[match.id - 1].xmltv_id : "";
}

#define assert_match(name, epg_id, group, want) \
  g_assert_cmpstr (find_at (matcher, guide, name, epg_id, group, SURE), ==, want)
#define assert_no_match(name, epg_id, group) \
  g_assert_cmpstr (find_at (matcher, guide, name, epg_id, group, 0.6), ==, "")

/* -- a small guide whose ids name no country --------------------------------------------------- */

static void
test_every_quality_without_an_id (void)
{
  static const char *const names[] = { "Alpha News",     "Beta Sport 1", "Beta Sport 2",
                                       "Gamma Cinéma",   "Delta Kids",   "Epsilon Música",
                                       "Ζήτα TV",        "Эта Канал",    "Theta 24",
                                       "Iota Discovery", "Kappa +1",     "Lambda Drama" };
  static const char *const tiers[] = { "4K", "FHD", "HD", "SD" };
  g_autoptr (ForgeMatcher) matcher = forge_matcher_new ();

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *id = g_strdup_printf ("ch%u.test", i + 1);
    g_autofree char *number = g_strdup_printf ("%u", i + 1);

    forge_matcher_add (matcher, i + 1, id, NAMES (names[i], number));
  }
  forge_matcher_freeze (matcher);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    for (guint tier = 0; tier < G_N_ELEMENTS (tiers); tier++) {
      g_autofree char *name = g_strdup_printf ("UK| %s %s", names[i], tiers[tier]);
      g_autofree char *id = g_strdup_printf ("ch%u.test", i + 1);
      ForgeMatchQuery query = { name, tier == 1 ? id : NULL, i % 2 ? "Even" : "Odd" };
      ForgeMatch match = forge_matcher_find (matcher, &query, NULL);

      g_test_message ("%s: %.3f", name, match.confidence);
      g_assert_cmpint (match.id, ==, i + 1);
      g_assert_cmpfloat (match.confidence, >=, SURE);
      g_assert_cmpfloat (match.confidence, <=, 1);
    }
}

/* -- a guide of several countries -------------------------------------------------------------- */

static const char *const sky_uk[] = { "Nova Sport 1", "Nova Sport One", NULL };
static const char *const sky_uk_2[] = { "Nova Sport 2", NULL };
static const char *const sky_extra[] = { "Nova Sport Extra", NULL };
static const char *const sky_de[] = { "Nova Sport 1", NULL };
static const char *const planet_uk[] = { "Planet Wild", NULL };
static const char *const planet_uk_1[] = { "Planet Wild +1", NULL };
static const char *const planet_fr[] = { "Planet Wild", NULL };
static const char *const movie_east[] = { "Movie Star USA - Eastern Feed", NULL };
static const char *const movie_west[] = { "Movie Star USA - Pacific Feed", NULL };
static const char *const station[] = { "ABC (WQZX) Springfield, IL", NULL };
static const char *const station_2[] = { "Retro (WQZX-DT2) Springfield, IL", NULL };
static const char *const station_other[] = { "ABC (KQZY) Shelbyville, OR", NULL };
static const char *const geographic[] = { "National Geographic", NULL };
static const char *const joined[] = { "Discovery Science", NULL };
static const char *const ring[] = { "Ring TV", NULL };
static const char *const tanz[] = { "Tanz Eins", NULL };
static const char *const mtv_de[] = { "Musikbox", NULL };
static const char *const arabic[] = { "القاهرة والناس", NULL };
static const char *const swedish[] = { "Fjord Nyheter", NULL };
static const char *const croatian[] = { "Jadran Sport 3", NULL };
static const char *const spanish[] = { "Corazón Telenovelas", NULL };
static const char *const mexican[] = { "Azteca Azul", NULL };
static const char *const renamed[] = { "TNT Sports 3", NULL };

static const char *const argentine[] = { "Canal Rojo", NULL };

static const GuideChannel guide[] = {
  { "NovaSport1.uk", sky_uk },
  { "NovaSport2.uk", sky_uk_2 },
  { "NovaSportExtra.uk", sky_extra },
  { "NovaSport1.de", sky_de },
  { "PlanetWild.uk", planet_uk },
  { "PlanetWild.uk@Plus1", planet_uk_1 },
  { "PlanetWild.fr", planet_fr },
  { "MovieStar.us@East", movie_east },
  { "MovieStar.us@West", movie_west },
  { "WQZX.us_locals1", station },
  { "WQZXDT2.us_locals1", station_2 },
  { "KQZY.us_locals1", station_other },
  { "NationalGeographic.uk", geographic },
  { "DiscoveryScience.uk", joined },
  { "RingTV.uk", ring },
  { "TanzEins.de", tanz },
  { "Musikbox.de", mtv_de },
  { "10027.eg", arabic },
  { "FjordNyheter.se", swedish },
  { "JadranSport3.hr", croatian },
  { "Corazon.es", spanish },
  { "AztecaAzul.mx", mexican },
  { "TNTSports3.uk", renamed },
  { "CanalRojo.ar", argentine },
};

static ForgeMatcher *
big_matcher (void)
{
  return matcher_with (guide, G_N_ELEMENTS (guide));
}

static void
test_decoration_is_no_hindrance (void)
{
  static const char *const spellings[] = {
    "UK| Nova Sport 2 FHD",
    "UK: NOVA SPORT 2 HD",
    "|UK| NOVA SPORTS 2 HEVC HD",
    "|UK|FHD| Nova Sport 2",
    "[UK] Nova Sport 2 ᴴᴰ",
    "UK - Nova Sport 2 ⁴ᴷ ⁶⁰ᶠᵖˢ ◉",
    "🇬🇧 UK | NOVA SPORT 2 UHD",
    "GB: Nova_Sport_2 (1080p)",
    "UK NOVASPORT2 RAW",
    "UK| Ｎｏｖａ Sport II (backup)",
    "(UK) Nova Sport 2 H.265 50FPS",
    "UK445:NOVA-SPORT-2-HD",
    "UK ✦ Nova Sport two*",
    "UK┃Nova Spørt 2 Full HD",
  };
  g_autoptr (ForgeMatcher) matcher = big_matcher ();

  for (gsize i = 0; i < G_N_ELEMENTS (spellings); i++) {
    g_test_message ("%s", spellings[i]);
    assert_match (spellings[i], NULL, NULL, "NovaSport2.uk");
  }
}

static void
test_same_name_in_another_country (void)
{
  g_autoptr (ForgeMatcher) matcher = big_matcher ();

  assert_match ("UK| Nova Sport 1 HD", NULL, NULL, "NovaSport1.uk");
  assert_match ("DE| Nova Sport 1 HD", NULL, NULL, "NovaSport1.de");
  assert_match ("FR: Planet Wild", NULL, NULL, "PlanetWild.fr");
  /* the guide has no Italian one */
  g_assert_cmpstr (find_at (matcher, guide, "IT| Nova Sport 1", NULL, NULL, SURE), ==, "");
}

static void
test_country_of_the_category (void)
{
  g_autoptr (ForgeMatcher) matcher = big_matcher ();

  assert_match ("Nova Sport 1 HD", NULL, "UK | SPORTS", "NovaSport1.uk");
  assert_match ("Nova Sport 1 HD", NULL, "|DE| GERMANY SPORTS", "NovaSport1.de");
}

static void
test_codes_that_are_not_iso (void)
{
  g_autoptr (ForgeMatcher) matcher = big_matcher ();

  assert_match ("SP| Corazon Telenovelas HD", NULL, NULL, "Corazon.es");
  assert_match ("SW| Fjord Nyheter", NULL, NULL, "FjordNyheter.se");
  assert_match ("EX-YU: Jadran Sport 3 HD", NULL, NULL, "JadranSport3.hr");
  assert_match ("LATIN| Azteca Azul", NULL, NULL, "AztecaAzul.mx");
  assert_match ("AR| Canal Rojo HD", NULL, "AR| ARGENTINA", "CanalRojo.ar");
  assert_match ("|AR| القاهرة والناس HD", NULL, "|AR| ARABIC", "10027.eg");
}

static void
test_sisters_are_other_channels (void)
{
  g_autoptr (ForgeMatcher) matcher = big_matcher ();

  assert_match ("UK| Nova Sport Extra", NULL, NULL, "NovaSportExtra.uk");
  assert_no_match ("UK| Nova Sport 3 HD", NULL, NULL);
  assert_no_match ("UK| Ring TV Kids 2", NULL, NULL);
  assert_no_match ("UK| Nova", NULL, NULL);
}

static void
test_time_shift_is_another_channel (void)
{
  g_autoptr (ForgeMatcher) matcher = big_matcher ();

  assert_match ("UK| Planet Wild +1 HD", NULL, NULL, "PlanetWild.uk@Plus1");
  assert_match ("UK| Planet Wild HD", NULL, NULL, "PlanetWild.uk");
  assert_no_match ("FR| Planet Wild +1", NULL, NULL);
}

static void
test_coasts_are_other_channels (void)
{
  g_autoptr (ForgeMatcher) matcher = big_matcher ();

  assert_match ("US: Movie Star West HD", NULL, NULL, "MovieStar.us@West");
  assert_match ("USA| MOVIE STAR (EAST)", NULL, NULL, "MovieStar.us@East");
}

static void
test_stations_by_call_sign (void)
{
  g_autoptr (ForgeMatcher) matcher = big_matcher ();

  assert_match ("US: ABC 7 (WQZX) SPRINGFIELD HD", NULL, NULL, "WQZX.us_locals1");
  assert_match ("|US| ABC KQZY", NULL, "US LOCALS", "KQZY.us_locals1");
  assert_match ("US: RETRO WQZX-DT2", NULL, NULL, "WQZXDT2.us_locals1");
  assert_no_match ("US: ABC 7 (WQZW) Dayton", NULL, NULL);
}

static void
test_abbreviations_and_joined_words (void)
{
  g_autoptr (ForgeMatcher) matcher = big_matcher ();

  assert_match ("UK| NAT GEO HD", NULL, NULL, "NationalGeographic.uk");
  assert_match ("UK| DISCOVERYSCIENCE", NULL, NULL, "DiscoveryScience.uk");
  assert_match ("UK| Natonal Geographic", NULL, NULL, "NationalGeographic.uk");
}

static void
test_rebranding (void)
{
  g_autoptr (ForgeMatcher) matcher = big_matcher ();

  g_assert_cmpstr (find_at (matcher, guide, "UK| BT Sport 3 HD", NULL, NULL, 0.6),
                   ==,
                   "TNTSports3.uk");
}

static void
test_other_scripts (void)
{
  static const char *const zita[] = { "Ζήτα Ράδιο", NULL }, *const kanal[] = { "НТВ Мир", NULL };
  static const GuideChannel channels[] = { { "Zita.gr", zita }, { "NtvMir.ru", kanal } };
  g_autoptr (ForgeMatcher) matcher = matcher_with (channels, 2), arabs = big_matcher ();

  g_assert_cmpstr (find_at (matcher, channels, "GR| ΖΗΤΑ ΡΑΔΙΟ HD", NULL, NULL, SURE),
                   ==,
                   "Zita.gr");
  g_assert_cmpstr (find_at (arabs, guide, "|AR| AL KAHERA WAL NAS", NULL, "|AR| ARABIC", 0.6),
                   ==,
                   "10027.eg");
  g_assert_cmpstr (find_at (matcher, channels, "RU: NTV Mir", NULL, NULL, SURE), ==, "NtvMir.ru");
}

static void
test_id_helps_and_is_not_believed_blindly (void)
{
  g_autoptr (ForgeMatcher) matcher = big_matcher ();

  /* a code that says nothing is settled by the id */
  assert_match ("Planet Wild", "planetwild.fr", NULL, "PlanetWild.fr");
  /* a wrong id: number, time shift and name say otherwise */
  assert_match ("UK| Nova Sport 2 HD", "NovaSport1.uk", NULL, "NovaSport2.uk");
  assert_match ("UK| Planet Wild", "PlanetWild.uk@Plus1", NULL, "PlanetWild.uk");
  assert_match ("DE| Tanz Eins", "RingTV.uk", NULL, "TanzEins.de");
  /* unknown ids and placeholders do not matter */
  assert_match ("UK| Nova Sport 2 HD", "0", NULL, "NovaSport2.uk");
  assert_match ("UK| Nova Sport 2 HD", "undefined", NULL, "NovaSport2.uk");
}

static void
test_rows_that_are_no_channels (void)
{
  static const char *const rows[] = {
    "##### UK #####",
    "------- NOVA SPORT 1 -------",
    "▀▄ UK ▀▄▀▄▀▄ RING TV ▄▀▄",
    "•●★---|UK| Ring TV |UK|---★●•",
    "UK| ",
    "",
    "HD",
    "24/7: Planet Wild Stories",
    "PPV 07: Nova Fight Night",
    "🔴🔴🔴",
  };
  g_autoptr (ForgeMatcher) matcher = big_matcher ();

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_test_message ("%s", rows[i]);
    assert_no_match (rows[i], NULL, NULL);
  }
}

static void
test_reasons_in_words (void)
{
  g_autoptr (ForgeMatcher) matcher = big_matcher ();
  g_autoptr (GPtrArray) reasons = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *all = NULL;
  ForgeMatchQuery query = { "UK| Nova Sport 2 HD", "NovaSport1.uk", NULL };

  forge_matcher_find (matcher, &query, reasons);
  g_assert_cmpuint (reasons->len, >=, 3);
  g_ptr_array_add (reasons, NULL);
  all = g_strjoinv ("\n", (char **)reasons->pdata);
  g_assert_nonnull (strstr (all, "Nova Sport 2"));
  g_assert_nonnull (strstr (all, "UK"));
  g_assert_nonnull (strstr (all, "names the guide's “Nova Sport 1”"));
}

static void
test_reasons_for_no_match (void)
{
  static const struct {
    const char *name, *why;
  } cases[] = {
    { "##### UK #####", "separator" },
    { "UK| Xylophon Qwerty", "No guide channel" },
    { "DE| Tanz Eins +1", "time shift" },
  };
  g_autoptr (ForgeMatcher) matcher = big_matcher ();

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GPtrArray) reasons = g_ptr_array_new_with_free_func (g_free);
    g_autofree char *all = NULL;
    ForgeMatchQuery query = { cases[i].name, NULL, NULL };

    forge_matcher_find (matcher, &query, reasons);
    g_ptr_array_add (reasons, NULL);
    all = g_strjoinv ("\n", (char **)reasons->pdata);
    g_test_message ("%s", all);
    g_assert_nonnull (strstr (all, cases[i].why));
  }
}

static void
test_hostile_names (void)
{
  g_autofree char *longest = g_strnfill (100000, 'a');
  g_autofree char *words = g_strnfill (30000, ' ');
  static const char *const nasty[] = {
    "\xff\xfe\xfd",
    "UK| \xc3",
    "++++++++++++",
    "+999999999999999999999",
    "((((((((((((",
    "))))|||||:::::",
    "\xe2\x80\x8b\xe2\x80\x8b",
    "ﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺ",
    "K",
    "W-",
    "K12",
    "a+b+c+d+e+f+g+h+i+j+k+l+m+n+o+p+q+r+s+t+u+v+w+x+y+z",
  };
  g_autoptr (ForgeMatcher) matcher = forge_matcher_new ();

  for (gsize i = 0; i + 2 < 30000; i += 2)
    words[i] = 'x';
  for (gsize i = 0; i < G_N_ELEMENTS (nasty); i++)
    forge_matcher_add (matcher, (gint64)i + 1, nasty[i], NAMES (nasty[i], longest, words, ""));
  forge_matcher_add (matcher, 99, "", NAMES (""));
  forge_matcher_add (matcher, 100, longest, NULL);
  forge_matcher_freeze (matcher);
  for (gsize i = 0; i < G_N_ELEMENTS (nasty); i++) {
    g_autoptr (GPtrArray) reasons = g_ptr_array_new_with_free_func (g_free);
    ForgeMatchQuery query = { nasty[i], longest, words };
    ForgeMatch match = forge_matcher_find (matcher, &query, reasons);

    g_assert_cmpfloat (match.confidence, >=, 0);
    g_assert_cmpfloat (match.confidence, <=, 1);
    for (guint j = 0; j < reasons->len; j++)
      g_assert_true (g_utf8_validate (reasons->pdata[j], -1, NULL));
  }
}

static void
test_empty_guide (void)
{
  g_autoptr (ForgeMatcher) matcher = matcher_with (NULL, 0);
  ForgeMatchQuery query = { "UK| Nova", "nova.uk", "UK" }, nothing = { 0 };

  g_assert_cmpint (forge_matcher_find (matcher, &query, NULL).id, ==, 0);
  g_assert_cmpint (forge_matcher_find (matcher, &nothing, NULL).id, ==, 0);
}

static gpointer
ask_often (gpointer data)
{
  const ForgeMatcher *matcher = data;

  for (guint i = 0; i < 500; i++)
    assert_match ("UK| Nova Sport 2 HD", NULL, NULL, "NovaSport2.uk");
  return NULL;
}

static void
test_threads_ask_at_once (void)
{
  g_autoptr (ForgeMatcher) matcher = big_matcher ();
  GThread *threads[3];

  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("ask", ask_often, matcher);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/guide/matcher/every-quality-without-an-id", test_every_quality_without_an_id);
  g_test_add_func ("/guide/matcher/decoration-is-no-hindrance", test_decoration_is_no_hindrance);
  g_test_add_func ("/guide/matcher/same-name-in-another-country",
                   test_same_name_in_another_country);
  g_test_add_func ("/guide/matcher/country-of-the-category", test_country_of_the_category);
  g_test_add_func ("/guide/matcher/codes-that-are-not-iso", test_codes_that_are_not_iso);
  g_test_add_func ("/guide/matcher/sisters-are-other-channels", test_sisters_are_other_channels);
  g_test_add_func ("/guide/matcher/time-shift-is-another-channel",
                   test_time_shift_is_another_channel);
  g_test_add_func ("/guide/matcher/coasts-are-other-channels", test_coasts_are_other_channels);
  g_test_add_func ("/guide/matcher/stations-by-call-sign", test_stations_by_call_sign);
  g_test_add_func ("/guide/matcher/abbreviations-and-joined-words",
                   test_abbreviations_and_joined_words);
  g_test_add_func ("/guide/matcher/rebranding", test_rebranding);
  g_test_add_func ("/guide/matcher/other-scripts", test_other_scripts);
  g_test_add_func ("/guide/matcher/id-helps-and-is-not-believed-blindly",
                   test_id_helps_and_is_not_believed_blindly);
  g_test_add_func ("/guide/matcher/rows-that-are-no-channels", test_rows_that_are_no_channels);
  g_test_add_func ("/guide/matcher/reasons-in-words", test_reasons_in_words);
  g_test_add_func ("/guide/matcher/reasons-for-no-match", test_reasons_for_no_match);
  g_test_add_func ("/guide/matcher/hostile-names", test_hostile_names);
  g_test_add_func ("/guide/matcher/empty-guide", test_empty_guide);
  g_test_add_func ("/guide/matcher/threads-ask-at-once", test_threads_ask_at_once);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "forge-fake-catalogue.h"

/* Bits of tiers: 4 = 4K, 3 = FHD, 2 = HD, 1 = SD. */
#define UHD   (1u << 4)
#define FHD   (1u << 3)
#define HD    (1u << 2)
#define SD    (1u << 1)
#define EVERY (UHD | FHD | HD | SD)
#define USUAL (FHD | HD | SD)

static const struct {
  const char *name, *guide_id, *country, *language;
  ForgeFakeGenre genre;
  guint category_id, tiers, guide_tiers;
} demo_channels[] = {
  { "Albion One", "albionone.uk", "UK", "en", FORGE_FAKE_GENERAL, 1, EVERY, FHD | HD },
  { "Albion Two", "albiontwo.uk", "UK", "en", FORGE_FAKE_GENERAL, 1, USUAL, FHD },
  { "Thames Drama", "thamesdrama.uk", "UK", "en", FORGE_FAKE_FILM, 1, FHD | HD, 0 },
  { "Harbour News", "harbournews.uk", "UK", "en", FORGE_FAKE_NEWS, 2, USUAL, FHD },
  { "Northlight 24", "northlight24.uk", "UK", "en", FORGE_FAKE_NEWS, 2, HD | SD, HD },
  { "Pitchside 1", "pitchside1.uk", "UK", "en", FORGE_FAKE_SPORT, 3, EVERY, UHD | FHD },
  { "Pitchside 2", "pitchside2.uk", "UK", "en", FORGE_FAKE_SPORT, 3, UHD | FHD | HD, FHD },
  { "Meadow Kids", "meadowkids.uk", "UK", "en", FORGE_FAKE_KIDS, 4, HD | SD, HD },
  { "Quarry Docs", "quarrydocs.uk", "UK", "en", FORGE_FAKE_DOCUMENTARY, 1, FHD | SD, 0 },
  { "Rheinblick", "rheinblick.de", "DE", "de", FORGE_FAKE_GENERAL, 5, EVERY, FHD },
  { "Hansa Aktuell", "hansaaktuell.de", "DE", "de", FORGE_FAKE_NEWS, 5, USUAL, FHD | HD },
  { "Alpenpanorama", "alpenpanorama.de", "DE", "de", FORGE_FAKE_DOCUMENTARY, 5, UHD | HD, HD },
  { "Kiez Kino", "kiezkino.de", "DE", "de", FORGE_FAKE_FILM, 6, FHD | HD, FHD },
  { "Torjubel", "torjubel.de", "DE", "de", FORGE_FAKE_SPORT, 6, UHD | FHD | HD, 0 },
  { "Kleine Füchse", "kleinefuechse.de", "DE", "de", FORGE_FAKE_KIDS, 5, HD | SD, HD },
  { "Lumière Une", "lumiereune.fr", "FR", "fr", FORGE_FAKE_GENERAL, 7, EVERY, FHD },
  { "Info Hexagone", "infohexagone.fr", "FR", "fr", FORGE_FAKE_NEWS, 7, USUAL, FHD },
  { "Ciné Étoile", "cineetoile.fr", "FR", "fr", FORGE_FAKE_FILM, 7, UHD | FHD, 0 },
  { "Grand Stade", "grandstade.fr", "FR", "fr", FORGE_FAKE_SPORT, 7, USUAL, FHD },
  { "Petit Nuage", "petitnuage.fr", "FR", "fr", FORGE_FAKE_KIDS, 7, SD, SD },
  { "Costa Uno", "costauno.es", "ES", "es", FORGE_FAKE_GENERAL, 8, EVERY, FHD },
  { "Meseta Noticias", "mesetanoticias.es", "ES", "es", FORGE_FAKE_NEWS, 8, HD | SD, HD },
  { "Cine Alameda", "cinealameda.es", "ES", "es", FORGE_FAKE_FILM, 8, FHD | HD, FHD },
  { "Gol Abierto", "golabierto.es", "ES", "es", FORGE_FAKE_SPORT, 8, UHD | FHD | SD, 0 },
};

static const char *const categories[] = {
  "UK| ENTERTAINMENT", "UK| NEWS",         "UK| SPORT",   "UK| KIDS",
  "DE| VOLLPROGRAMM",  "DE| KINO & SPORT", "FR| GÉNÉRAL", "ES| GENERAL",
};

/* Easy to tell apart, in several scripts, with numbers and a time shift. */
static const char *const test_names[] = {
  "Amber News", "Basalt Sport 1", "Basalt Sport 2", "Cobalt Cinéma",   "Dune Kids", "Ember Música",
  "Φάρος TV",   "Голос Канал",    "Granite 24",     "Heron Discovery", "Ivory +1",  "Juniper Drama",
};

static const char *const first_words[] = {
  "Acorn",  "Birch",  "Cedar",   "Delta",  "Elder", "Falcon", "Garnet", "Hazel",
  "Indigo", "Jasper", "Kestrel", "Laurel", "Maple", "Nimbus", "Opal",   "Pine",
  "Quartz", "Raven",  "Sable",   "Topaz",  "Umber", "Velvet", "Willow", "Zephyr",
};
static const char *const second_words[] = {
  "Arena",  "Bridge",  "Castle",  "Docks",  "Estate", "Forum",  "Garden", "Harvest",
  "Island", "Journal", "Kitchen", "Lounge", "Market", "Nature", "Orbit",  "Palace",
  "Quest",  "River",   "Stage",   "Travel", "Union",  "Valley", "World",  "Youth",
};

/* Different words for 576 of them, then with a number. */
static char *
combined_name (guint index)
{
  const guint n = G_N_ELEMENTS (first_words);
  const char *first = first_words[index % n];
  const char *second = second_words[(index / n + index) % n];

  if (index < n * n)
    return g_strdup_printf ("%s %s", first, second);
  return g_strdup_printf ("%s %s %u", first, second, index / (n * n) + 1);
}

static ForgeFakeChannel *
demo_channel (guint number)
{
  const guint n = G_N_ELEMENTS (demo_channels);
  guint i = (number - 1) % n, round = (number - 1) / n + 1;
  ForgeFakeChannel *channel = g_new0 (ForgeFakeChannel, 1);

  *channel = (ForgeFakeChannel){ .country = demo_channels[i].country,
                                 .language = demo_channels[i].language,
                                 .genre = demo_channels[i].genre,
                                 .category_id = demo_channels[i].category_id,
                                 .tiers = demo_channels[i].tiers,
                                 .guide_tiers = demo_channels[i].guide_tiers };
  channel->name = round == 1 ? g_strdup (demo_channels[i].name)
                             : g_strdup_printf ("%s %u", demo_channels[i].name, round);
  channel->guide_id = round == 1 ? g_strdup (demo_channels[i].guide_id)
                                 : g_strdup_printf ("%s%u", demo_channels[i].guide_id, round);
  return channel;
}

static ForgeFakeChannel *
test_channel (guint number)
{
  const guint n = G_N_ELEMENTS (test_names);
  ForgeFakeChannel *channel = g_new0 (ForgeFakeChannel, 1);

  *channel = (ForgeFakeChannel){ .country = "UK",
                                 .language = "en",
                                 .genre = FORGE_FAKE_GENERAL,
                                 .category_id = 1 + number % 2,
                                 .tiers = EVERY,
                                 .guide_tiers = FHD };
  channel->name = number <= n ? g_strdup (test_names[number - 1]) : combined_name (number - n - 1);
  channel->guide_id = g_strdup_printf ("ch%u.test", number);
  return channel;
}

static void
channel_free (gpointer data)
{
  ForgeFakeChannel *channel = data;

  g_free (channel->name);
  g_free (channel->guide_id);
  g_free (channel);
}

ForgeFakeCatalogue *
forge_fake_catalogue_new (gboolean is_demo, guint n_channels, guint generated_streams)
{
  ForgeFakeCatalogue *catalogue = g_new0 (ForgeFakeCatalogue, 1);

  if (n_channels == 0)
    n_channels = G_N_ELEMENTS (demo_channels);
  catalogue->generated_streams = generated_streams;
  catalogue->channels = g_ptr_array_new_with_free_func (channel_free);
  for (guint number = 1; number <= n_channels; number++) {
    ForgeFakeChannel *channel = is_demo ? demo_channel (number) : test_channel (number);
    channel->number = number;
    g_ptr_array_add (catalogue->channels, channel);
  }
  return catalogue;
}

void
forge_fake_catalogue_free (ForgeFakeCatalogue *catalogue)
{
  g_ptr_array_unref (catalogue->channels);
  g_free (catalogue);
}

const char *
forge_fake_category_name (guint category_id)
{
  return category_id >= 1 && category_id <= G_N_ELEMENTS (categories) ? categories[category_id - 1]
                                                                      : NULL;
}

const ForgeFakeChannel *
forge_fake_catalogue_channel (const ForgeFakeCatalogue *catalogue, guint stream_id)
{
  guint number = stream_id / 10;

  if (number < 1 || number > catalogue->channels->len)
    return NULL;

  const ForgeFakeChannel *channel = catalogue->channels->pdata[number - 1];
  return channel->tiers & 1u << stream_id % 10 ? channel : NULL;
}

/* Four tiers to a generated channel, the best first. */
guint
forge_fake_generated_channels (const ForgeFakeCatalogue *catalogue)
{
  return (catalogue->generated_streams + 3) / 4;
}

char *
forge_fake_generated_name (guint index)
{
  g_autofree char *name = combined_name (index);

  return g_strdup_printf ("%s Live", name);
}

gboolean
forge_fake_catalogue_has (const ForgeFakeCatalogue *catalogue, guint stream_id)
{
  guint tier = stream_id % 10;

  if (stream_id < FORGE_FAKE_GENERATED_ID)
    return forge_fake_catalogue_channel (catalogue, stream_id) != NULL;
  return tier >= 1 && tier <= 4 &&
         (stream_id - FORGE_FAKE_GENERATED_ID) / 10 < forge_fake_generated_channels (catalogue);
}

/* Films that belong to everybody, with their real ids at themoviedb.org; the picture is the demo's.
 */
static const ForgeFakeFilm films[] = {
  { 7001,
    1922,
    653,
    "Nosferatu",
    "Horror",
    "A clerk travels to a count who fears the light.",
    3,
    75 },
  { 7002,
    1927,
    19,
    "Metropolis",
    "Science Fiction",
    "A city above, a city below, and a machine.",
    4,
    90 },
  { 7003, 1926, 961, "The General", "Comedy", "An engineer, his locomotive and a war.", 2, 60 },
  { 7004,
    1902,
    775,
    "A Trip to the Moon",
    "Adventure",
    "Six astronomers are fired at the moon.",
    1,
    40 },
  { 7005, 2008, 10378, "Big Buck Bunny", "Animation", "A gentle giant loses his patience.", 3, 40 },
  { 7006, 2010, 45745, "Sintel", "Fantasy", "A girl looks for the dragon she raised.", 4, 50 },
  { 7007,
    1920,
    234,
    "The Cabinet of Dr. Caligari",
    "Thriller",
    "A sleepwalker at the fair.",
    2,
    65 },
  { 7008,
    1968,
    10331,
    "Night of the Living Dead",
    "Horror",
    "A farmhouse, and who is outside.",
    1,
    80 },
};

const ForgeFakeFilm *
forge_fake_films (guint *n)
{
  *n = G_N_ELEMENTS (films);
  return films;
}

const ForgeFakeFilm *
forge_fake_film_find (guint id)
{
  for (guint i = 0; i < G_N_ELEMENTS (films); i++)
    if (films[i].id == id)
      return &films[i];
  return NULL;
}

static const ForgeFakeEpisode episodes[] = {
  { 9101, 1, 1, "First Light" },       { 9102, 1, 2, "The Oil Merchant" },
  { 9103, 1, 3, "Fog over the Quay" }, { 9104, 1, 4, "A Borrowed Ladder" },
  { 9201, 2, 1, "Gas Street" },        { 9202, 2, 2, "The Long Evening" },
  { 9203, 2, 3, "Wick and Flame" },    { 9204, 2, 4, "Last Round" },
};

const ForgeFakeEpisode *
forge_fake_episodes (guint *n)
{
  *n = G_N_ELEMENTS (episodes);
  return episodes;
}

const ForgeFakeEpisode *
forge_fake_episode_find (guint id)
{
  for (guint i = 0; i < G_N_ELEMENTS (episodes); i++)
    if (episodes[i].id == id)
      return &episodes[i];
  return NULL;
}

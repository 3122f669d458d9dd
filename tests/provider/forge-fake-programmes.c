/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "forge-fake-guide.h"

#include <string.h>

/* A day is four blocks, each filled by one of the patterns below. */
#define BLOCK_S            21600
#define MAX_PER_BLOCK      9u
#define TITLES_PER_GENRE   5u
#define EPISODES_PER_TITLE 24u

typedef struct {
  const char *language;
  ForgeFakeGenre genre;
  const char *category;
  gboolean is_serial;
  const char *titles[TITLES_PER_GENRE];
} Shelf;

static const Shelf shelves[] = {
  { "en",
    FORGE_FAKE_NEWS,
    "News",
    FALSE,
    { "World at Work", "The Headlines", "Markets Today", "Newsroom Live", "Weather & Tides" } },
  { "en",
    FORGE_FAKE_GENERAL,
    "Series",
    TRUE,
    { "Bed & Breakfast Rescue",
      "The Last Ferry",
      "Pantry Wars",
      "Old Bricks, New Homes",
      "Quiz Street" } },
  { "en",
    FORGE_FAKE_SPORT,
    "Sports",
    FALSE,
    { "Live: League Football",
      "Rugby Hour",
      "The Dressing Room",
      "Snooker Masters",
      "Classic Finals" } },
  { "en",
    FORGE_FAKE_KIDS,
    "Children",
    TRUE,
    { "Otto the Otter", "Rocket Rabbits", "Tiny Town Tales", "The Muddy Club", "Sing It Again" } },
  { "en",
    FORGE_FAKE_DOCUMENTARY,
    "Documentary",
    TRUE,
    { "Rivers of Stone",
      "How Bridges Stand",
      "Night Creatures",
      "The Salt Road",
      "Lost Machines" } },
  { "en",
    FORGE_FAKE_FILM,
    "Movie",
    FALSE,
    { "The Long Summer", "Platform Nine", "A Letter to Agnes", "Cold Harbour", "Two Coins" } },
  { "de",
    FORGE_FAKE_NEWS,
    "Nachrichten",
    FALSE,
    { "Aktuell um diese Zeit", "Börse kompakt", "Das Wetter", "Hintergrund", "Nachtjournal" } },
  { "de",
    FORGE_FAKE_GENERAL,
    "Serie",
    TRUE,
    { "Die Hafenärztin", "Kommissar Brandt", "Küche & Garten", "Quiz am Abend", "Unser Dorf" } },
  { "de",
    FORGE_FAKE_SPORT,
    "Sport",
    FALSE,
    { "Fußball live", "Handball-Magazin", "Skispringen", "Sportschau am Tag", "Radrennen" } },
  { "de",
    FORGE_FAKE_KIDS,
    "Kinder",
    TRUE,
    { "Fuchs & Hase", "Die Baumhausbande", "Karlas Kiste", "Traumbahn", "Der kleine Bagger" } },
  { "de",
    FORGE_FAKE_DOCUMENTARY,
    "Dokumentation",
    TRUE,
    { "Über den Gipfeln", "Handwerk", "Stille Täler", "Gletscher", "Bahnen der Welt" } },
  { "de",
    FORGE_FAKE_FILM,
    "Spielfilm",
    FALSE,
    { "Sommer in Stralsund",
      "Der stumme Zeuge",
      "Ein Platz am Fenster",
      "Grenzland",
      "Die Wette" } },
  { "fr",
    FORGE_FAKE_NEWS,
    "Information",
    FALSE,
    { "Le Journal", "Éco Matin", "La Météo", "Le Débat", "Grand Reportage" } },
  { "fr",
    FORGE_FAKE_GENERAL,
    "Série",
    TRUE,
    { "Les Quais", "Brigade du Port", "À Table !", "Le Mot Juste", "Maison à Rénover" } },
  { "fr",
    FORGE_FAKE_SPORT,
    "Sport",
    FALSE,
    { "Football en direct",
      "Le Mag du Rugby",
      "Tour d’Honneur",
      "Pétanque",
      "Stade 2e Mi-temps" } },
  { "fr",
    FORGE_FAKE_KIDS,
    "Jeunesse",
    TRUE,
    { "Nina et le Nuage", "Les Petits Loups", "Cabane & Cie", "Zoé Bricole", "Le Manège" } },
  { "fr",
    FORGE_FAKE_FILM,
    "Film",
    FALSE,
    { "Un Dimanche à Sète", "La Clef", "Le Dernier Train", "Ombres", "Rue du Marché" } },
  { "es",
    FORGE_FAKE_NEWS,
    "Noticias",
    FALSE,
    { "Noticias 24", "El Tiempo", "La Tertulia", "Mercados", "Crónica" } },
  { "es",
    FORGE_FAKE_GENERAL,
    "Serie",
    TRUE,
    { "La Casa del Puerto", "Cocina de Abuela", "Calle Mayor", "Pasapalabras", "El Faro" } },
  { "es",
    FORGE_FAKE_SPORT,
    "Deportes",
    FALSE,
    { "Fútbol en directo", "El Descanso", "Ciclismo", "Baloncesto", "Grandes Finales" } },
  { "es",
    FORGE_FAKE_FILM,
    "Película",
    FALSE,
    { "Verano en Cádiz", "El Testigo", "La Última Carta", "Tormenta", "Dos Monedas" } },
};

/* Minutes; each line adds up to a block. */
static const guint8 short_patterns[][MAX_PER_BLOCK] = {
  { 60, 30, 30, 60, 60, 30, 30, 60 },
  { 45, 45, 30, 60, 30, 60, 45, 45 },
  { 30, 60, 30, 60, 30, 60, 30, 30, 30 },
};
static const guint8 long_patterns[][MAX_PER_BLOCK] = {
  { 120, 30, 105, 105 },
  { 90, 95, 115, 60 },
  { 60, 120, 90, 90 },
};

static guint
mix (guint a, gint64 b, guint c)
{
  guint64 h = (guint64)a * 0x9E3779B97F4A7C15u ^ (guint64)b * 0xC2B2AE3D27D4EB4Fu ^
              (guint64)c * 0x165667B19E3779F9u;

  h ^= h >> 31;
  h *= 0xD6E8FEB86659FD93u;
  return (guint)(h >> 33);
}

static const Shelf *
shelf_for (const ForgeFakeChannel *channel)
{
  const Shelf *general = &shelves[1];

  for (guint i = 0; i < G_N_ELEMENTS (shelves); i++) {
    if (strcmp (shelves[i].language, channel->language) != 0)
      continue;
    if (shelves[i].genre == channel->genre)
      return &shelves[i];
    if (shelves[i].genre == FORGE_FAKE_GENERAL)
      general = &shelves[i];
  }
  return general;
}

static const guint8 *
pattern_for (const ForgeFakeChannel *channel, guint random)
{
  gboolean is_long = channel->genre == FORGE_FAKE_FILM || channel->genre == FORGE_FAKE_SPORT;

  return is_long ? long_patterns[random % G_N_ELEMENTS (long_patterns)]
                 : short_patterns[random % G_N_ELEMENTS (short_patterns)];
}

static const char *
description_for (const char *language, guint random)
{
  static const struct {
    const char *language, *texts[3];
  } table[] = {
    { "en",
      { "Old friends meet again, and nothing goes to plan.",
        "A closer look at the people behind the story, with guests in the studio.",
        "The team has one evening to put things right." } },
    { "de",
      { "Alte Freunde treffen sich wieder, und nichts läuft nach Plan.",
        "Ein genauer Blick auf die Menschen hinter der Geschichte.",
        "Ein Abend bleibt, um alles in Ordnung zu bringen." } },
    { "fr",
      { "De vieux amis se retrouvent et rien ne se passe comme prévu.",
        "Un regard sur celles et ceux qui font l’histoire.",
        "Il reste une soirée pour tout arranger." } },
    { "es",
      { "Viejos amigos se reencuentran y nada sale como esperaban.",
        "Una mirada a las personas detrás de la historia.",
        "Queda una noche para arreglarlo todo." } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (strcmp (table[i].language, language) == 0)
      return table[i].texts[random % G_N_ELEMENTS (table[i].texts)];
  return table[0].texts[0];
}

static const char *
part_for (const char *language, guint random)
{
  static const struct {
    const char *language, *parts[4];
  } table[] = {
    { "en", { "The Visitor", "Low Tide", "Second Chances", "Nobody Home" } },
    { "de", { "Der Besuch", "Ebbe", "Zweite Chance", "Niemand zu Hause" } },
    { "fr", { "La Visite", "Marée basse", "Seconde Chance", "Personne" } },
    { "es", { "La visita", "Marea baja", "Otra oportunidad", "Nadie en casa" } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (strcmp (table[i].language, language) == 0)
      return table[i].parts[random % G_N_ELEMENTS (table[i].parts)];
  return table[0].parts[0];
}

static ForgeFakeProgramme
programme_at (const ForgeFakeChannel *channel,
              gint64 block,
              guint index,
              gint64 start_s,
              guint minutes)
{
  const Shelf *shelf = shelf_for (channel);
  guint random = mix (channel->number, block, index);
  ForgeFakeProgramme programme = { .start_s = start_s, .stop_s = start_s + minutes * 60 };

  programme.title = shelf->titles[random % TITLES_PER_GENRE];
  programme.category = shelf->category;
  programme.description = description_for (channel->language, random / 7);
  programme.is_new = random % 9 == 0;
  programme.has_art = shelf->genre != FORGE_FAKE_NEWS;
  if (shelf->is_serial) {
    programme.part = part_for (channel->language, random / 11);
    programme.season = 1 + random / 13 % 4;
    programme.episode = 1 + random / 53 % EPISODES_PER_TITLE;
  }
  return programme;
}

void
forge_fake_guide_each (const ForgeFakeChannel *channel,
                       gint64 from_s,
                       gint64 to_s,
                       ForgeFakeProgrammeFunc each,
                       gpointer user_data)
{
  for (gint64 block = from_s / BLOCK_S; block * BLOCK_S < to_s; block++) {
    const guint8 *pattern = pattern_for (channel, mix (channel->number, block, 99));
    gint64 start_s = block * BLOCK_S;

    for (guint i = 0; i < MAX_PER_BLOCK && pattern[i] > 0; i++) {
      ForgeFakeProgramme programme = programme_at (channel, block, i, start_s, pattern[i]);
      if (programme.stop_s > from_s && programme.start_s < to_s)
        each (&programme, user_data);
      start_s = programme.stop_s;
    }
  }
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-country.h"

#include <string.h>

/* ISO 3166 alpha-2 but "uk"; the order is the index. */
static const char *const country_codes[] = {
  "us", "uk", "ie", "de", "at", "ch", "fr", "be", "nl", "lu", "it", "es", "pt", "pl", "cz", "sk",
  "hu", "ro", "md", "bg", "gr", "cy", "tr", "ru", "ua", "by", "kz", "ge", "am", "az", "uz", "tj",
  "tm", "kg", "rs", "hr", "ba", "si", "mk", "me", "xk", "al", "se", "no", "dk", "fi", "is", "ee",
  "lv", "lt", "ca", "mx", "ar", "br", "cl", "co", "pe", "ve", "ec", "uy", "py", "bo", "cr", "pa",
  "gt", "hn", "ni", "sv", "do", "pr", "cu", "ht", "jm", "tt", "bb", "bs", "gy", "sr", "ae", "sa",
  "qa", "eg", "iq", "jo", "kw", "lb", "ly", "ma", "dz", "tn", "om", "bh", "sy", "ye", "sd", "ps",
  "mr", "so", "il", "ir", "af", "pk", "in", "bd", "lk", "np", "cn", "hk", "tw", "jp", "kr", "vn",
  "th", "ph", "id", "my", "sg", "kh", "mm", "la", "au", "nz", "za", "ng", "gh", "ke", "et", "er",
  "ug", "tz", "sn", "ci", "cm", "cd", "ml", "gn", "gm", "ga", "bf", "bj", "tg", "rw", "ao", "mz",
  "zw", "zm", "mg", "mu", "cv", "mt", "mn"
};

/* Countries that share broadcasters or a language: a channel of one is often sold in another. */
static const char *const neighbourhoods[] = {
  "de at ch li lu",
  "uk ie",
  "us ca",
  "fr be ch lu",
  "nl be",
  "es mx ar co cl pe ve ec uy py bo cr pa gt hn ni sv do pr cu",
  "pt br",
  "ru ua by kz",
  "rs hr ba si me mk xk",
  "al xk mk",
  "ae sa qa eg iq jo kw lb ly ma dz tn om bh sy ye sd ps mr",
  "se no dk fi is",
  "cz sk",
  "ro md",
  "gr cy",
  "in pk bd lk np",
  "au nz",
  "it ch",
};

int
forge_country_from_code (const char *code)
{
  if (strcmp (code, "gb") == 0)
    code = "uk";
  for (guint i = 0; i < G_N_ELEMENTS (country_codes); i++)
    if (country_codes[i][0] == code[0] && strcmp (country_codes[i], code) == 0)
      return (int)i;
  return -1;
}

const char *
forge_country_code (guint country)
{
  g_return_val_if_fail (country < G_N_ELEMENTS (country_codes), "");
  return country_codes[country];
}

void
forge_country_set_add (ForgeCountrySet *set, guint country)
{
  G_STATIC_ASSERT (G_N_ELEMENTS (country_codes) <= FORGE_COUNTRY_WORDS * 64);
  set->bits[country / 64] |= G_GUINT64_CONSTANT (1) << (country % 64);
}

void
forge_country_set_unite (ForgeCountrySet *set, const ForgeCountrySet *other)
{
  for (guint i = 0; i < FORGE_COUNTRY_WORDS; i++)
    set->bits[i] |= other->bits[i];
}

gboolean
forge_country_set_narrow (ForgeCountrySet *set, const ForgeCountrySet *other)
{
  if (!forge_country_set_intersects (set, other))
    return FALSE;
  for (guint i = 0; i < FORGE_COUNTRY_WORDS; i++)
    set->bits[i] &= other->bits[i];
  return TRUE;
}

void
forge_country_set_add_codes (ForgeCountrySet *set, const char *list)
{
  for (const char *p = list; *p; p += p[2] ? 3 : 2) {
    char code[3] = { p[0], p[1], 0 };
    int country = forge_country_from_code (code);

    if (country >= 0)
      forge_country_set_add (set, (guint)country);
  }
}

void
forge_neighbourhoods_init (ForgeNeighbourhoods *self)
{
  G_STATIC_ASSERT (G_N_ELEMENTS (neighbourhoods) <= FORGE_MAX_NEIGHBOURHOODS);
  memset (self, 0, sizeof *self);
  for (guint i = 0; i < G_N_ELEMENTS (neighbourhoods); i++)
    forge_country_set_add_codes (&self->sets[i], neighbourhoods[i]);
}

void
forge_neighbourhoods_extend (const ForgeNeighbourhoods *self, ForgeCountrySet *set)
{
  ForgeCountrySet own = *set;

  for (guint i = 0; i < FORGE_MAX_NEIGHBOURHOODS; i++)
    if (forge_country_set_intersects (&own, &self->sets[i]))
      forge_country_set_unite (set, &self->sets[i]);
}

char *
forge_country_set_to_text (const ForgeCountrySet *set)
{
  enum { SHOWN = 3 };
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (country_codes); i++) {
    if (!(set->bits[i / 64] >> (i % 64) & 1))
      continue;
    if (n++ < SHOWN)
      g_string_append_printf (text, "%s%s", text->len ? "/" : "", country_codes[i]);
  }
  if (n > SHOWN)
    g_string_append (text, "…");
  g_autofree char *upper = g_ascii_strup (text->str, -1);
  return g_steal_pointer (&upper);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-name-renames.h"

#include <string.h>

#define STAR_COUNTRIES \
  "pt mx ar br co cl pe ec uy py bo cr pa gt hn ni sv do gr rs hr ba si mk me bg ro"

typedef struct {
  const char *countries; /* ISO codes; "" = anywhere */
  const char *old, *new; /* words as forge_name_parse () gives them, without a plural s */
  gboolean family;       /* also with words after it: "bt sport 1" */
} Rename;

/* Public rebrandings. What sounds like a common word is limited to its country. */
static const Rename renames[] = {
  { "uk ie", "bt sport", "tnt sport", TRUE },
  { "uk ie", "sky movie", "sky cinema", TRUE },
  { "uk ie", "pick", "sky mix", FALSE },
  { "uk ie", "sky living", "sky witness", FALSE },
  { "uk ie", "itv be", "itv quiz", FALSE },
  { "uk ie", "itvbe", "itv quiz", FALSE },
  { "uk ie", "dave", "u dave", FALSE },
  { "uk ie", "drama", "u drama", FALSE },
  { "uk ie", "w", "u w", FALSE },
  { "uk ie", "yesterday", "u yesterday", FALSE },
  { "uk ie", "alibi", "u alibi", FALSE },
  { "uk ie", "eden", "u eden", FALSE },
  { "uk ie", "gold", "u gold", FALSE },
  { "uk ie", "cbs reality", "true crime", FALSE },
  { "us", "msnbc", "ms now", FALSE },
  { "us", "spike", "paramount network", FALSE },
  { "us", "velocity", "motor trend", FALSE },
  { "us", "diy network", "magnolia network", FALSE },
  { "us", "abc family", "freeform", FALSE },
  { "us", "wgn america", "newsnation", FALSE },
  { "us", "showtime", "paramount plus with showtime", FALSE },
  { "us", "hbo 2", "hbo hit", FALSE },
  { "us", "hbo signature", "hbo drama", FALSE },
  { "us", "hbo zone", "hbo movie", FALSE },
  { "us", "newsy", "scripp news", FALSE },
  { "us", "tbd", "roar", FALSE },
  { "ca", "family chrgd", "wildbrain tv", FALSE },
  { "ca", "comedy network", "ctv comedy channel", FALSE },
  { "ca", "space", "ctv sci fi", FALSE },
  { "ca", "bravo", "ctv drama", FALSE },
  { "ca", "much music", "much", FALSE },
  { "ca", "bnn", "bnn bloomberg", FALSE },
  { "ca", "food network", "flavour network", FALSE },
  { "de at ch", "tnt serie", "warner tv serie", FALSE },
  { "de at ch", "tnt film", "warner tv film", FALSE },
  { "de at ch", "tnt comedy", "warner tv comedy", FALSE },
  { "de at ch", "n 24", "welt", FALSE },
  { "de at ch", "rtl nitro", "nitro", FALSE },
  { "de at ch", "rtl plus", "rtl up", FALSE },
  { "fr be ch", "d 8", "c 8", FALSE },
  { "fr be ch", "d 17", "cstar", FALSE },
  { "fr be ch", "i tele", "cnews", FALSE },
  { "fr be ch", "numero 23", "rmc story", FALSE },
  { "fr be ch", "hd 1", "tf 1 serie film", FALSE },
  { "fr be ch", "nt 1", "tfx", FALSE },
  { "fr be ch", "sfr sport", "rmc sport", TRUE },
  { "es", "discovery max", "dmax", FALSE },
  { "es", "paramount channel", "paramount network", FALSE },
  { "it", "deejay tv", "nove", FALSE },
  { "nl", "nederland", "npo", TRUE },
  { "nl", "fox sport", "espn", TRUE },
  { "pl", "13 street", "13 ulica", FALSE },
  { "tr", "fox", "now", FALSE },
  { "tr", "lig tv", "bein sport", TRUE },
  { "se no dk fi", "viasat sport", "v sport", TRUE },
  { STAR_COUNTRIES, "fox", "star channel", FALSE },
  { STAR_COUNTRIES, "fox life", "star life", FALSE },
  { STAR_COUNTRIES, "fox crime", "star crime", FALSE },
  { STAR_COUNTRIES, "fox comedy", "star comedy", FALSE },
  { STAR_COUNTRIES, "fox movie", "star movie", FALSE },
};

/* The tokens without a plural s, blank-separated. */
static void
write_phrase (const ForgeName *name, char *out, gsize size)
{
  gsize used = 0;

  out[0] = 0;
  for (guint i = 0; i < name->n_tokens && used + name->tokens[i].stem + 2u < size; i++) {
    if (used > 0)
      out[used++] = ' ';
    forge_name_stem (name, i, out + used, size - used);
    used += strlen (out + used);
  }
}

/* What follows `prefix` in `phrase`; NULL if it does not begin so. */
static const char *
rest_after (const char *phrase, const char *prefix, gboolean family)
{
  gsize n = strlen (prefix);

  if (strncmp (phrase, prefix, n) != 0 || (phrase[n] && (!family || phrase[n] != ' ')))
    return NULL;
  return phrase + n;
}

static gboolean
applies (const Rename *rename, const ForgeCountrySet *countries)
{
  ForgeCountrySet own = { 0 };

  forge_country_set_add_codes (&own, rename->countries);
  return forge_country_set_intersects (&own, countries);
}

gboolean
forge_name_next_rename (const ForgeName *name,
                        const ForgeCountrySet *countries,
                        guint *state,
                        char *out,
                        gsize size)
{
  char phrase[FORGE_NAME_MAX_TEXT_BYTES];

  write_phrase (name, phrase, sizeof phrase);
  while (*state < 2 * G_N_ELEMENTS (renames)) {
    const Rename *rename = &renames[*state / 2];
    gboolean back = *state % 2;
    const char *from = back ? rename->new : rename->old, *to = back ? rename->old : rename->new;
    const char *rest = from[0] == phrase[0] ? rest_after (phrase, from, rename->family) : NULL;

    (*state)++;
    if (!rest || !applies (rename, countries))
      continue;
    g_snprintf (out, size, "%s%s", to, rest);
    return TRUE;
  }
  return FALSE;
}

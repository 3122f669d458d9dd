/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-name-station.h"

#include "guide/forge-name.h"

#include <stdlib.h>
#include <string.h>

gboolean
forge_station_is_denied (const char *text)
{
  static const char *const denied[] = {
    "kick", "kid",  "kids", "kill", "kind",  "king", "kino", "kiss", "kiwi", "knew", "know",
    "wait", "walk", "wall", "want", "war",   "warm", "was",  "way",  "wave", "wear", "wedo",
    "week", "well", "went", "were", "west",  "what", "when", "wide", "wild", "will", "wind",
    "wine", "wish", "with", "wolf", "woman", "wood", "word", "work", "wow",  "wwe",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (denied); i++)
    if (strcmp (text, denied[i]) == 0)
      return TRUE;
  return FALSE;
}

gsize
forge_station_count_letters (const char *text)
{
  gsize n = 0;

  while (g_ascii_isalpha (text[n]))
    n++;
  return n;
}

gsize
forge_station_count_digits (const char *text)
{
  gsize n = 0;

  while (g_ascii_isdigit (text[n]))
    n++;
  return n;
}

gsize
forge_station_call_sign_length (const char *text)
{
  gsize letters;

  /* Canada: CB, CF, CH, CI, CJ, CK and one to three letters. */
  if (text[0] == 'c' && text[1] && strchr ("bfhijk", text[1])) {
    letters = forge_station_count_letters (text);
    if (letters > 5 && (g_str_has_suffix (text, "dt") || g_str_has_suffix (text, "tv") ||
                        g_str_has_suffix (text, "fm")))
      letters -= 2;
    return letters >= 4 && letters <= 5 ? letters : 0;
  }
  if (text[0] != 'k' && text[0] != 'w')
    return 0;
  if (forge_station_count_digits (text + 1) == 2 && forge_station_count_letters (text + 3) >= 2)
    return 5;
  letters = forge_station_count_letters (text);
  return letters >= 3 && letters <= 4 ? letters : 0;
}

gboolean
forge_name_is_call_sign (const char *folded)
{
  gsize length = forge_station_call_sign_length (folded);

  return length > 0 && folded[length] == 0 && !forge_station_is_denied (folded);
}

gboolean
forge_station_is_suffix (const char *text, int *sub_channel)
{
  static const char *const suffixes[] = {
    "dt", "ld", "cd", "lp", "tv", "ca", "fm", "d", "hdtv", ""
  };

  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++) {
    gsize n = strlen (suffixes[i]);

    if (strncmp (text, suffixes[i], n) != 0)
      continue;
    if (text[n] == 0 && n > 0) {
      *sub_channel = 0;
      return TRUE;
    }
    if (text[n] && forge_station_count_digits (text + n) == strlen (text + n) &&
        strlen (text + n) <= 2) {
      *sub_channel = atoi (text + n);
      return TRUE;
    }
  }
  return FALSE;
}

gboolean
forge_name_is_affiliate (const char *text)
{
  static const char *const networks[] = { "abc",       "nbc",       "cbs",  "fox",
                                          "cw",        "pbs",       "ion",  "mnt",
                                          "my",        "mynetwork", "metv", "telemundo",
                                          "univision", "unimas",    "ind",  "azteca" };

  for (gsize i = 0; i < G_N_ELEMENTS (networks); i++)
    if (strcmp (text, networks[i]) == 0)
      return TRUE;
  return FALSE;
}

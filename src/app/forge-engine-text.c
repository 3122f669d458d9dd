/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-engine-text.h"

#include <glib/gi18n.h>

#include <string.h>

/* More is put into no sentence. */
#define MAX_PARTS 6
/* A reason within a reason within a sentence. */
#define MAX_DEPTH 3
/* Longer texts are answers of a provider, not sentences of ours. */
#define MAX_TEXT_BYTES 2000

#define HOLE "%s"

typedef struct {
  const char *start;
  gsize length;
} Part;

/* What a sentence is made of when several are said at once. */
#define JOINT ", "
/* More than these are answers of a provider again. */
#define MAX_JOINED 8

/* The fixed pieces of a sentence, around its holes. Returns: (transfer full). */
static char **
split (const char *sentence)
{
  char **pieces = g_strsplit (sentence, HOLE, -1);

  for (char **piece = pieces; *piece; piece++) {
    g_auto (GStrv) halves = g_strsplit (*piece, "%%", -1);
    g_free (*piece);
    *piece = g_strjoinv ("%", halves);
  }
  return pieces;
}

/* Whether `text` is `sentence` with something in each hole, as little as possible. Linear: a text
 * of a provider may be made to hurt. */
static gboolean
match (const char *sentence, const char *text, Part *parts)
{
  g_auto (GStrv) pieces = split (sentence);
  guint n = g_strv_length (pieces) - 1;

  if (n > MAX_PARTS || !g_str_has_prefix (text, pieces[0]))
    return FALSE;
  text += strlen (pieces[0]);
  for (guint i = 0; i + 1 < n; i++) {
    const char *end = strstr (text, pieces[i + 1]);
    if (!end)
      return FALSE;
    parts[i] = (Part){ .start = text, .length = (gsize)(end - text) };
    text = end + strlen (pieces[i + 1]);
  }
  if (n == 0)
    return *text == '\0';
  if (!g_str_has_suffix (text, pieces[n]))
    return FALSE;
  parts[n - 1] = (Part){ .start = text, .length = strlen (text) - strlen (pieces[n]) };
  return TRUE;
}

static char *translate (const char *text, guint depth);

static void
append_part (GString *out, const Part *part, guint depth)
{
  g_autofree char *text = part->start ? g_strndup (part->start, part->length) : g_strdup ("");
  g_autofree char *translated = translate (text, depth + 1);

  g_string_append (out, translated);
}

/* Fills the holes: "%s" takes the next part, "%2$s" the second. */
static char *
fill (const char *pattern, const Part *parts, guint depth)
{
  GString *out = g_string_new (NULL);
  guint next = 0;

  for (const char *at = pattern; *at; at++) {
    if (at[0] == '%' && at[1] == 's') {
      append_part (out, &parts[MIN (next, MAX_PARTS - 1)], depth);
      next++;
      at += 1;
    } else if (at[0] == '%' && at[1] >= '1' && at[1] <= '0' + MAX_PARTS && at[2] == '$' &&
               at[3] == 's') {
      append_part (out, &parts[at[1] - '1'], depth);
      at += 3;
    } else if (at[0] == '%' && at[1] == '%') {
      g_string_append_c (out, '%');
      at += 1;
    } else {
      g_string_append_c (out, *at);
    }
  }
  return g_string_free (out, FALSE);
}

/* NULL = none that is known. (transfer full) */
static char *
translate_sentence (const char *text, guint depth)
{
  for (const ForgeEngineSentence *each = forge_engine_sentences; each->engine; each++) {
    Part parts[MAX_PARTS] = { 0 };
    if (match (each->engine, text, parts))
      return fill (_ (each->window ? each->window : each->engine), parts, depth);
  }
  return NULL;
}

/* "the guide ends early, 3 items could not be read": each for itself. */
static char *
translate_joined (const char *text, guint depth)
{
  g_auto (GStrv) pieces = g_strsplit (text, JOINT, MAX_JOINED);

  for (char **piece = pieces; pieces[0] && pieces[1] && *piece; piece++) {
    char *translated = translate_sentence (*piece, depth + 1);
    if (translated) {
      g_free (*piece);
      *piece = translated;
    }
  }
  return g_strjoinv (JOINT, pieces);
}

static char *
translate (const char *text, guint depth)
{
  if (*text == '\0' || depth > MAX_DEPTH || strlen (text) > MAX_TEXT_BYTES)
    return g_strdup (text);
  char *whole = translate_sentence (text, depth);
  return whole ? whole : translate_joined (text, depth);
}

char *
forge_engine_text (const char *text)
{
  return translate (text ? text : "", 0);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-m3u-attributes.h"

#include <string.h>

/* More of them is no channel but an attack on the hash table. */
#define MAX_ATTRIBUTES 128

static gboolean
is_key_character (char c)
{
  return g_ascii_isalnum (c) || c == '-' || c == '_';
}

static gboolean
ends_value (char c)
{
  return c == '\0' || c == ' ' || c == '\t' || c == ',';
}

/* If the value [`start`, `end`) has swallowed another attribute (` key="` or `"key="`), because its
 * own quote is missing or the blank behind it, returns where it really ends; else `end`. */
static const char *
before_swallowed_attribute (const char *start, const char *end, char quote)
{
  for (const char *equals = start; equals + 1 < end; equals++) {
    if (*equals != '=' || (equals[1] != '"' && equals[1] != '\''))
      continue;
    const char *key = equals;
    while (key > start && is_key_character (key[-1]))
      key--;
    if (key > start && key < equals && (key[-1] == quote || (key[-1] == ' ' && equals[1] == quote)))
      return key - 1;
  }
  return end;
}

/* Where the value that begins at `start`, behind `quote`, ends. NULL if no quote ends it. */
static const char *
find_value_end (const char *start, char quote)
{
  for (const char *at = start; (at = strchr (at, quote)); at++)
    if (ends_value (at[1]))
      return before_swallowed_attribute (start, at, quote);
  return NULL;
}

/* Reads the value at `at`, behind '='. Returns what follows, NULL if quotes are unbalanced. */
static const char *
read_value (const char *at, char **value)
{
  char quote = *at == '"' || *at == '\'' ? *at : '\0';

  if (!quote) {
    gsize length = strcspn (at, " \t,");
    *value = g_strndup (at, length);
    return at + length;
  }
  const char *end = find_value_end (at + 1, quote);
  if (!end)
    return NULL;
  *value = g_strndup (at + 1, (gsize)(end - at - 1));
  return *end == quote ? end + 1 : end;
}

static void
add (GHashTable *attributes, const char *key, gsize length, char *value)
{
  char *name = g_ascii_strdown (key, (gssize)length);

  if (g_hash_table_size (attributes) >= MAX_ATTRIBUTES ||
      g_hash_table_contains (attributes, name)) {
    g_free (name);
    g_free (value);
    return;
  }
  g_hash_table_insert (attributes, name, value);
}

static const char *
skip_blanks (const char *at)
{
  return at + strspn (at, " \t");
}

GHashTable *
forge_m3u_attributes_parse (const char *text, const char **title)
{
  GHashTable *attributes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  const char *at = skip_blanks (text);
  const char *unused;

  title = title ? title : &unused;
  *title = NULL;
  while (*at && *at != ',') {
    gsize length = strcspn (at, "=, \t");
    const char *key = at;
    at = skip_blanks (at + length);
    if (*at != '=')
      continue;
    char *value = NULL;
    const char *next = read_value (skip_blanks (at + 1), &value);
    if (!next) {
      /* The comma that counts cannot be told from one in the value: the last one it is. */
      at = strrchr (at, ',');
      break;
    }
    add (attributes, key, length, value);
    at = skip_blanks (next);
  }
  if (at && *at == ',')
    *title = at + 1;
  return attributes;
}

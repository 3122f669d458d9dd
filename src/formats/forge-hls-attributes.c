/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-hls-attributes.h"

#include <string.h>

#define MAX_ATTRIBUTES 64

/* Reads a value at `text`; `*end` is what follows it. */
static char *
take_value (const char *text, const char **end)
{
  if (*text != '"') {
    gsize length = strcspn (text, ",");
    *end = text + length;
    return g_strstrip (g_strndup (text, length));
  }
  gsize length = strcspn (text + 1, "\"");
  char *value = g_strndup (text + 1, length);
  *end = text + 1 + length;
  /* Seen: blanks between the quote and the comma. */
  *end += strcspn (*end, ",");
  return value;
}

GHashTable *
forge_hls_attributes_parse (const char *text)
{
  GHashTable *attributes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  while (*text && g_hash_table_size (attributes) < MAX_ATTRIBUTES) {
    gsize length = strcspn (text, "=,");
    g_autofree char *raw = g_strndup (text, length);
    char *name = g_ascii_strup (g_strstrip (raw), -1);
    text += length;
    char *value = NULL;
    if (*text == '=') {
      text += 1 + strspn (text + 1, " \t");
      value = take_value (text, &text);
    }
    text += *text == ',';
    if (value && *name && !g_hash_table_contains (attributes, name)) {
      g_hash_table_insert (attributes, name, value);
    } else {
      g_free (name);
      g_free (value);
    }
  }
  return attributes;
}

const char *
forge_hls_attribute (GHashTable *attributes, const char *name)
{
  const char *value = g_hash_table_lookup (attributes, name);

  return value && *value ? value : NULL;
}

guint64
forge_hls_attribute_number (GHashTable *attributes, const char *name)
{
  const char *value = forge_hls_attribute (attributes, name);

  return value && g_ascii_isdigit (*value) ? g_ascii_strtoull (value, NULL, 10) : 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-json-text.h"

#include "base/forge-error.h"

#include <string.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* What may stand outside of strings. json-glib takes more (comments, for one), and a quote in there
 * would hide brackets from the count. */
static gboolean
is_json_character (char c)
{
  return g_ascii_isalnum (c) || (c && strchr ("[]{}:,+-. \t\r\n", c));
}

/* The deepest nesting of brackets; −1: a character that no JSON has. */
static int
measure_depth (const char *text, gsize length)
{
  int depth = 0, deepest = 0;
  gboolean in_string = FALSE;

  for (gsize i = 0; i < length; i++) {
    char c = text[i];
    if (in_string && c == '\\')
      i++;
    else if (c == '"')
      in_string = !in_string;
    else if (!in_string && !is_json_character (c))
      return -1;
    else if (!in_string && (c == '[' || c == '{'))
      depth++;
    else if (!in_string && (c == ']' || c == '}'))
      depth--;
    deepest = MAX (deepest, depth);
  }
  return deepest;
}

static JsonNode *
fail (GError **error, const char *reason)
{
  g_set_error (error, FORGE_ERROR, FORGE_ERROR_INVALID, "is no JSON: %s", reason);
  return NULL;
}

JsonNode *
forge_json_parse (const char *text, gssize length, GError **error)
{
  gsize size = length < 0 ? strlen (text) : (gsize)length;
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) problem = NULL;

  if (size >= strlen (BYTE_ORDER_MARK) && g_str_has_prefix (text, BYTE_ORDER_MARK)) {
    text += strlen (BYTE_ORDER_MARK);
    size -= strlen (BYTE_ORDER_MARK);
  }
  if (!g_utf8_validate_len (text, size, NULL))
    return fail (error, "it is no UTF-8 text");
  int depth = measure_depth (text, size);
  if (depth < 0)
    return fail (error, "it has a character that belongs into quotes");
  if (depth > FORGE_JSON_MAX_DEPTH)
    return fail (error, "it is nested too deep");
  if (!json_parser_load_from_data (parser, text, (gssize)size, &problem))
    return fail (error, problem->message);
  JsonNode *root = json_parser_steal_root (parser);
  return root ? root : fail (error, "it is empty");
}

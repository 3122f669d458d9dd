/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-hls-variables.h"

#include "base/forge-error.h"
#include "formats/forge-hls-attributes.h"
#include "formats/forge-hls-rewrite.h"
#include "formats/forge-hls.h"

#include <string.h>

#define MAX_NAME_BYTES 100

G_GNUC_PRINTF (3, 4)
static gboolean
fail (GError **error, ForgeError code, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, FORGE_ERROR, (gint)code, text);
  return FALSE;
}

/* The value of `name` in "a=1&name=x%20y", decoded. (transfer full), NULL = absent */
static char *
find_parameter (const char *query, const char *name)
{
  g_auto (GStrv) pairs = g_strsplit (query ? query : "", "&", -1);

  for (char **pair = pairs; *pair; pair++) {
    char *equals = strchr (*pair, '=');
    if (!equals)
      continue;
    *equals = '\0';
    g_autofree char *key = g_uri_unescape_string (*pair, NULL);
    if (key && g_str_equal (key, name))
      return g_uri_unescape_string (equals + 1, NULL);
  }
  return NULL;
}

/* No value may end the line or the quotes that it is put in. */
static gboolean
define (GHashTable *variables, const char *name, const char *value, GError **error)
{
  if (!value)
    return fail (error, FORGE_ERROR_INVALID, "The variable %.100s has no value", name);
  if (strlen (name) > MAX_NAME_BYTES || strpbrk (value, "\"\r\n"))
    return fail (error, FORGE_ERROR_INVALID, "The variable %.100s cannot be used", name);
  if (g_hash_table_size (variables) >= FORGE_HLS_MAX_VARIABLES)
    return fail (error,
                 FORGE_ERROR_TOO_LARGE,
                 "The playlist defines more than %d variables",
                 FORGE_HLS_MAX_VARIABLES);
  g_hash_table_replace (variables, g_strdup (name), g_strdup (value));
  return TRUE;
}

gboolean
forge_hls_variables_define (GHashTable *variables,
                            const char *attributes,
                            GHashTable *imports,
                            const char *query,
                            GError **error)
{
  g_autoptr (GHashTable) list = forge_hls_attributes_parse (attributes);
  const char *name = forge_hls_attribute (list, "NAME");
  const char *import = forge_hls_attribute (list, "IMPORT");
  const char *parameter = forge_hls_attribute (list, "QUERYPARAM");

  if (name) {
    const char *raw = g_hash_table_lookup (list, "VALUE");
    g_autofree char *value = forge_hls_variables_expand (variables, raw ? raw : "", error);
    return value && define (variables, name, value, error);
  }
  if (import)
    return define (variables,
                   import,
                   imports ? g_hash_table_lookup (imports, import) : NULL,
                   error);
  if (!parameter)
    return fail (error, FORGE_ERROR_INVALID, "EXT-X-DEFINE names no variable");
  g_autofree char *value = find_parameter (query, parameter);
  return define (variables, parameter, value, error);
}

/* Length of "{$name}" at `text`, 0 = it is none. */
static gsize
reference_length (const char *text)
{
  gsize name =
      text[0] == '{' && text[1] == '$'
          ? strspn (text + 2, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
          : 0;

  return name > 0 && text[2 + name] == '}' ? name + 3 : 0;
}

char *
forge_hls_variables_expand (GHashTable *variables, const char *text, GError **error)
{
  GString *out = g_string_new (NULL);

  while (*text && out->len <= FORGE_HLS_MAX_LINE_BYTES) {
    gsize length = g_hash_table_size (variables) > 0 ? reference_length (text) : 0;
    if (length == 0) {
      g_string_append_c (out, *text++);
      continue;
    }
    g_autofree char *name = g_strndup (text + 2, length - 3);
    const char *value = g_hash_table_lookup (variables, name);
    if (!value) {
      fail (error, FORGE_ERROR_INVALID, "The playlist uses the undefined variable %.100s", name);
      g_string_free (out, TRUE);
      return NULL;
    }
    g_string_append (out, value);
    text += length;
  }
  if (out->len <= FORGE_HLS_MAX_LINE_BYTES)
    return g_string_free (out, FALSE);
  g_string_free (out, TRUE);
  fail (error,
        FORGE_ERROR_TOO_LARGE,
        "A line of the playlist grows beyond %d bytes",
        FORGE_HLS_MAX_LINE_BYTES);
  return NULL;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-disposition.h"

#include <string.h>

#define FORBIDDEN           "<>:\"/\\|?*"
#define MAX_EXTENSION_BYTES 8

/* Invisible characters that turn or hide what follows: names that lie about themselves. */
static gboolean
is_direction_mark (gunichar c)
{
  return (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
         (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || c == 0x061c;
}

static GString *
clean (const char *title)
{
  g_autofree char *valid = g_utf8_make_valid (title, -1);
  GString *out = g_string_new (NULL);

  for (const char *p = valid; *p; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);
    if (c < 0x80 && strchr (FORBIDDEN, (int)c))
      g_string_append_c (out, '_');
    else if (g_unichar_isspace (c))
      g_string_append_c (out, ' ');
    else if (!g_unichar_iscntrl (c) && !is_direction_mark (c))
      g_string_append_unichar (out, c);
  }
  return out;
}

/* Windows drops dots and blanks at the end; a dot at the beginning hides. */
static void
trim (GString *name)
{
  gsize leading = strspn (name->str, ". ");

  g_string_erase (name, 0, (gssize)leading);
  while (name->len > 0 && strchr (". ", name->str[name->len - 1]))
    g_string_truncate (name, name->len - 1);
}

static void
cut (GString *name, gsize max_bytes)
{
  if (name->len <= max_bytes)
    return;
  const char *end = name->str + max_bytes;
  while (end > name->str && ((guchar)*end & 0xc0) == 0x80)
    end--;
  g_string_truncate (name, (gsize)(end - name->str));
  trim (name);
}

/* CON, PRN, AUX, NUL, COM1 …, LPT9. */
static gboolean
is_reserved (const char *name)
{
  static const char *const words[] = { "CON", "PRN", "AUX", "NUL" };
  gsize length = strcspn (name, ".");

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (length == 3 && g_ascii_strncasecmp (name, words[i], 3) == 0)
      return TRUE;
  return length == 4 && g_ascii_isdigit (name[3]) &&
         (g_ascii_strncasecmp (name, "COM", 3) == 0 || g_ascii_strncasecmp (name, "LPT", 3) == 0);
}

static char *
clean_extension (const char *extension)
{
  GString *out = g_string_new (NULL);

  for (const char *p = extension ? extension : ""; *p && out->len < MAX_EXTENSION_BYTES; p++)
    if (g_ascii_isalnum (*p))
      g_string_append_c (out, g_ascii_tolower (*p));
  return g_string_free (out, FALSE);
}

char *
forge_file_name (const char *title, const char *extension)
{
  g_autofree char *end = clean_extension (extension);
  GString *name = clean (title ? title : "");

  trim (name);
  cut (name, FORGE_FILE_NAME_MAX_BYTES - MAX_EXTENSION_BYTES - 2);
  if (name->len == 0)
    g_string_append (name, "video");
  if (is_reserved (name->str))
    g_string_prepend_c (name, '_');
  if (*end)
    g_string_append_printf (name, ".%s", end);
  return g_string_free (name, FALSE);
}

/* What old clients see. A '%' there is decoded by some of them, and quotes end it. */
static char *
ascii_name (const char *name)
{
  char *ascii = g_str_to_ascii (name, "C");

  for (char *p = ascii; *p; p++)
    if ((guchar)*p < 0x20 || (guchar)*p >= 0x7f || strchr ("\"\\%" FORBIDDEN, *p))
      *p = '_';
  return ascii;
}

char *
forge_content_disposition (gboolean is_attachment, const char *file_name)
{
  g_autofree char *ascii = ascii_name (file_name);
  /* attr-char of RFC 8187 §3.2.1, beside letters, digits and "-._~" */
  g_autofree char *coded = g_uri_escape_string (file_name, "!#$&+^`|", FALSE);

  return g_strdup_printf ("%s; filename=\"%s\"; filename*=UTF-8''%s",
                          is_attachment ? "attachment" : "inline",
                          ascii,
                          coded);
}

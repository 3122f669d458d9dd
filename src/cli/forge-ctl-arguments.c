/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli/forge-ctl-arguments.h"

#include "cli/forge-ctl-location.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MAX_SECRET_BYTES 4096

int
forge_ctl_usage (const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  g_printerr ("streamforgectl: %s\n", text);
  return FORGE_CTL_USAGE;
}

gboolean
forge_ctl_options (const GOptionEntry *entries, int *argc, char ***argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (g_option_context_parse (context, argc, argv, &error))
    return TRUE;
  forge_ctl_usage ("%s", error->message);
  return FALSE;
}

gboolean
forge_ctl_id (const char *text, const char *what, gint64 *id)
{
  if (text && g_ascii_string_to_signed (text, 10, 1, G_MAXINT64, id, NULL))
    return TRUE;
  forge_ctl_usage ("%s is a whole number, not “%s”", what, text ? text : "");
  return FALSE;
}

char *
forge_ctl_path (const char *nouns, const char *what, const char *id, const char *verb)
{
  gint64 number;

  if (!forge_ctl_id (id, what, &number))
    return NULL;
  return g_strdup_printf ("/v1/%s/%" G_GINT64_FORMAT "%s%s",
                          nouns,
                          number,
                          verb ? "/" : "",
                          verb ? verb : "");
}

char *
forge_ctl_read_secret (const char *path)
{
  g_autofree char *buffer = g_malloc0 (MAX_SECRET_BYTES + 1);
  gboolean is_stdin = strcmp (path, "-") == 0;
  FILE *file = is_stdin ? stdin : fopen (path, "re");

  if (!file) {
    g_printerr ("streamforgectl: cannot read %s: %s\n", path, g_strerror (errno));
    return NULL;
  }
  gsize length = fread (buffer, 1, MAX_SECRET_BYTES, file);
  if (!is_stdin)
    fclose (file);
  if (length == MAX_SECRET_BYTES) {
    g_printerr ("streamforgectl: the password has more than %d bytes\n", MAX_SECRET_BYTES - 1);
    return NULL;
  }
  buffer[length] = '\0';
  buffer[strcspn (buffer, "\r\n")] = '\0';
  if (*buffer)
    return g_steal_pointer (&buffer);
  g_printerr ("streamforgectl: %s holds no password\n", is_stdin ? "standard input" : path);
  return NULL;
}

gboolean
forge_ctl_assign (JsonObject *body, const char *text)
{
  const char *equals = strchr (text, '=');

  if (!equals || equals == text) {
    forge_ctl_usage ("“%s” is no KEY=VALUE", text);
    return FALSE;
  }
  g_autofree char *key = g_strndup (text, (gsize)(equals - text));
  if (strcmp (key, "password") == 0) {
    forge_ctl_usage ("a password is read from --password-file FILE, never from the command line");
    return FALSE;
  }
  g_autofree char *value = strcmp (key, "m3u") == 0 ? forge_ctl_location (equals + 1)
                                                    : g_strdup (equals + 1);
  if (!value)
    return FALSE;
  json_object_set_string_member (body, key, value);
  return TRUE;
}

JsonObject *
forge_ctl_object (const char *name, ...)
{
  JsonObject *object = json_object_new ();
  va_list args;

  va_start (args, name);
  for (const char *member = name; member; member = va_arg (args, const char *)) {
    const char *value = va_arg (args, const char *);
    if (value)
      json_object_set_string_member (object, member, value);
  }
  va_end (args);
  return object;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli/forge-ctl-location.h"

#include "cli/forge-ctl.h"

#include <string.h>

char *
forge_ctl_location_from (const char *path)
{
  g_autofree char *text = forge_ctl_read_secret (path);

  if (!text)
    return NULL;
  return strstr (text, "://") ? g_steal_pointer (&text) : g_canonicalize_filename (text, NULL);
}

char *
forge_ctl_location (const char *text)
{
  if (strcmp (text, "-") == 0)
    return forge_ctl_location_from (text);
  return strstr (text, "://") ? g_strdup (text) : g_canonicalize_filename (text, NULL);
}

/* "://user:word@" or "password=word". */
static gboolean
has_login (const char *argument)
{
  const char *host = strstr (argument, "://");
  const char *path = host ? strpbrk (host + 3, "/?#") : NULL;
  const char *at = host ? strchr (host + 3, '@') : NULL;

  return host && ((at && (!path || at < path)) || strstr (host, "password="));
}

static gboolean
is_among (const char *argument, int argc, char *const *argv)
{
  for (int i = 0; i < argc; i++)
    if (argv[i] == argument)
      return TRUE;
  return FALSE;
}

void
forge_ctl_hide_logins (char *const *arguments, int argc, char *const *argv)
{
  gboolean is_hidden = FALSE;

  for (; *arguments; arguments++)
    if (has_login (*arguments) && !is_among (*arguments, argc, argv)) {
      memset (*arguments, 'x', strlen (*arguments));
      is_hidden = TRUE;
    }
  if (is_hidden)
    g_printerr ("streamforgectl: the address holds a password, which others on this machine could "
                "read for a moment; “-” takes it from standard input\n");
}

char **
forge_ctl_note_arguments (int argc, char **argv)
{
  char **noted = g_new0 (char *, (gsize)argc + 1);

  memcpy (noted, argv, (gsize)argc * sizeof *argv);
  return noted;
}

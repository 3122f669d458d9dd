/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-application.h"
#include "base/forge-role.h"
#include "host/forge-restart.h"

#include <glib/gi18n.h>

#include <locale.h>
#include <malloc.h>

static void
set_language (void)
{
  const char *uninstalled = g_getenv ("STREAMFORGE_LOCALE_DIR");

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, uninstalled ? uninstalled : FORGE_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
}

int
main (int argc, char *argv[])
{
  g_auto (GStrv) original = g_strdupv (argv);

  forge_restart_install (original);
  mallopt (M_ARENA_MAX, 4);
  forge_role_enter (FORGE_ROLE_UI);
  set_language ();
  g_set_application_name ("StreamForge");
  g_autoptr (ForgeApplication) application = forge_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}

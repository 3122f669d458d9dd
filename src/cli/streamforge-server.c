/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-server"

#include "config.h"

#include "engine/forge-engine.h"
#include "host/forge-options.h"
#include "host/forge-restart.h"

#include <glib-unix.h>

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The engine without a desktop: parse the command line, start, print the ready line, wait for a
 * signal. */

#define EXIT_USAGE 2

static gboolean
parse_command_line (int *argc, char ***argv, ForgeOptions *options, GError **error)
{
  g_autofree GOptionEntry *entries = forge_options_entries (options);
  g_autoptr (GOptionContext) context =
      g_option_context_new ("– an HDHomeRun tuner for Xtream IPTV accounts");

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (*argc > 1) {
    g_set_error (error,
                 G_OPTION_ERROR,
                 G_OPTION_ERROR_BAD_VALUE,
                 "“%s” is not understood",
                 (*argv)[1]);
    return FALSE;
  }
  return forge_options_complete (options, error);
}

static gboolean
on_signal (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_CONTINUE;
}

/* A stop that hangs (a disk, a bus) must not keep the machine from shutting down. */
static gpointer
force_end (gpointer unused)
{
  g_usleep (3 * G_USEC_PER_SEC);
  _exit (EXIT_FAILURE);
}

static void
run_until_signal (ForgeEngine *engine)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  const char *colon = strrchr (forge_engine_url (engine), ':');

  g_unix_signal_add (SIGTERM, on_signal, loop);
  g_unix_signal_add (SIGINT, on_signal, loop);
  if (!forge_restart_is_restarted ()) {
    printf ("ready %s control %s\n", forge_engine_url (engine), forge_engine_control_path (engine));
    fflush (stdout);
  }
  forge_restart_remember_port (colon ? (guint)strtoul (colon + 1, NULL, 10) : 0);
  g_main_loop_run (loop);
  g_thread_unref (g_thread_new ("forge-end", force_end, NULL));
}

static int
run (const ForgeOptions *options)
{
  g_autoptr (GError) error = NULL;
  ForgeEngineOptions engine_options;

  forge_options_fill_engine (options, &engine_options);
  g_autoptr (ForgeEngine) engine = forge_engine_new (&engine_options, &error);
  if (!engine) {
    g_printerr ("streamforge-server: %s\n", error->message);
    return EXIT_FAILURE;
  }
  run_until_signal (engine);
  return EXIT_SUCCESS;
}

static int
parse_and_run (int argc, char *argv[], ForgeOptions *options)
{
  g_autoptr (GError) error = NULL;

  if (!parse_command_line (&argc, &argv, options, &error)) {
    g_printerr ("streamforge-server: %s\n", error->message);
    return EXIT_USAGE;
  }
  if (options->show_version) {
    printf ("streamforge-server %s\n", FORGE_VERSION);
    return EXIT_SUCCESS;
  }
  forge_log_install (options->log_level);
  return run (options);
}

int
main (int argc, char *argv[])
{
  g_auto (GStrv) original = g_strdupv (argv);
  ForgeOptions options;

  forge_restart_install (original);
  /* Two arenas are plenty here, and freed memory goes back to the system. */
  mallopt (M_ARENA_MAX, 2);
  forge_options_init (&options);
  int status = parse_and_run (argc, argv, &options);
  forge_options_clear (&options);
  return status;
}

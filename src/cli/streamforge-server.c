/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-server"

#include "config.h"

#include "base/forge-log.h"
#include "cli/forge-dirs.h"
#include "cli/forge-restart.h"
#include "engine/forge-engine.h"

#include <glib-unix.h>

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The engine without a desktop: parse the command line, start, print the ready line, wait for a
 * signal. */

#define EXIT_USAGE 2

typedef struct {
  char *data_dir, *cache_dir, *runtime_dir, *bind, *log_level;
  int port;
  gboolean is_demo, demo_if_empty, show_version;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->data_dir);
  g_free (options->cache_dir);
  g_free (options->runtime_dir);
  g_free (options->bind);
  g_free (options->log_level);
}

static gboolean
parse_command_line (int *argc, char ***argv, Options *options, GError **error)
{
  const GOptionEntry entries[] = {
    { "data-dir", 0, 0, G_OPTION_ARG_FILENAME, &options->data_dir, "Where the database is", "DIR" },
    { "cache-dir",
      0,
      0,
      G_OPTION_ARG_FILENAME,
      &options->cache_dir,
      "Where cached data is",
      "DIR" },
    { "runtime-dir",
      0,
      0,
      G_OPTION_ARG_FILENAME,
      &options->runtime_dir,
      "Where the control socket is",
      "DIR" },
    { "port", 0, 0, G_OPTION_ARG_INT, &options->port, "TCP port, 0 = any free one", "N" },
    { "bind", 0, 0, G_OPTION_ARG_STRING, &options->bind, "loopback, lan or an address", "WHERE" },
    { "log-level",
      0,
      0,
      G_OPTION_ARG_STRING,
      &options->log_level,
      "error, warning, info or debug",
      "LEVEL" },
    { "demo",
      0,
      0,
      G_OPTION_ARG_NONE,
      &options->is_demo,
      "Run against the built-in demo provider",
      NULL },
    { "demo-if-empty",
      0,
      0,
      G_OPTION_ARG_NONE,
      &options->demo_if_empty,
      "Like --demo when no account is stored",
      NULL },
    { "version",
      0,
      0,
      G_OPTION_ARG_NONE,
      &options->show_version,
      "Print the version and end",
      NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context =
      g_option_context_new ("– an HDHomeRun tuner for Xtream IPTV accounts");

  options->port = -1;
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (*argc > 1 || options->port > 65535) {
    g_set_error (error,
                 G_OPTION_ERROR,
                 G_OPTION_ERROR_BAD_VALUE,
                 "“%s” is not understood",
                 *argc > 1 ? (*argv)[1] : "--port");
    return FALSE;
  }
  return TRUE;
}

static void
fill_directories (Options *options)
{
  if (options->demo_if_empty) {
    g_autofree char *own = options->data_dir ? g_strdup (options->data_dir)
                                             : forge_dirs_data (FALSE);
    options->is_demo |= !forge_engine_has_accounts (own);
  }
  if (!options->data_dir)
    options->data_dir = forge_dirs_data (options->is_demo);
  if (!options->cache_dir)
    options->cache_dir = forge_dirs_cache (options->is_demo);
  if (!options->runtime_dir)
    options->runtime_dir = forge_dirs_runtime (options->is_demo);
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
run (const Options *options)
{
  g_autoptr (GError) error = NULL;
  guint port = forge_restart_port ();
  const ForgeEngineOptions engine_options = {
    .data_dir = options->data_dir,
    .cache_dir = options->cache_dir,
    .runtime_dir = options->runtime_dir,
    .bind = options->bind,
    .port = port ? (int)port : options->port,
    .is_demo = options->is_demo,
  };
  g_autoptr (ForgeEngine) engine = forge_engine_new (&engine_options, &error);

  if (!engine) {
    g_printerr ("streamforge-server: %s\n", error->message);
    return EXIT_FAILURE;
  }
  run_until_signal (engine);
  return EXIT_SUCCESS;
}

int
main (int argc, char *argv[])
{
  g_auto (GStrv) original = g_strdupv (argv);
  g_autoptr (GError) error = NULL;
  ForgeLogLevel level = FORGE_LOG_INFO;
  Options options = { 0 };

  forge_restart_install (original);
  /* Two arenas are plenty here, and freed memory goes back to the system. */
  mallopt (M_ARENA_MAX, 2);
  if (!parse_command_line (&argc, &argv, &options, &error) ||
      (options.log_level && !forge_log_level_parse (options.log_level, &level))) {
    g_printerr ("streamforge-server: %s\n",
                error ? error->message : "--log-level is none of error, warning, info, debug");
    options_clear (&options);
    return EXIT_USAGE;
  }
  if (options.show_version) {
    printf ("streamforge-server %s\n", FORGE_VERSION);
    options_clear (&options);
    return EXIT_SUCCESS;
  }
  forge_log_install (level);
  fill_directories (&options);
  int status = run (&options);
  options_clear (&options);
  return status;
}

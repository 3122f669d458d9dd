/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "host/forge-options.h"

#include "host/forge-dirs.h"
#include "host/forge-restart.h"

#define MAX_PORT 65535

void
forge_options_init (ForgeOptions *options)
{
  *options = (ForgeOptions){ .port = -1, .log_level = FORGE_LOG_INFO };
}

void
forge_options_clear (ForgeOptions *options)
{
  g_clear_pointer (&options->data_dir, g_free);
  g_clear_pointer (&options->cache_dir, g_free);
  g_clear_pointer (&options->runtime_dir, g_free);
  g_clear_pointer (&options->bind, g_free);
  g_clear_pointer (&options->log_level_text, g_free);
}

GOptionEntry *
forge_options_entries (ForgeOptions *options)
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
      &options->log_level_text,
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

  return g_memdup2 (entries, sizeof entries);
}

static void
fill_directories (ForgeOptions *options)
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

gboolean
forge_options_complete (ForgeOptions *options, GError **error)
{
  if (options->port > MAX_PORT) {
    g_set_error (error,
                 G_OPTION_ERROR,
                 G_OPTION_ERROR_BAD_VALUE,
                 "--port %d is more than %d",
                 options->port,
                 MAX_PORT);
    return FALSE;
  }
  if (options->log_level_text &&
      !forge_log_level_parse (options->log_level_text, &options->log_level)) {
    g_set_error (error,
                 G_OPTION_ERROR,
                 G_OPTION_ERROR_BAD_VALUE,
                 "--log-level “%s” is none of error, warning, info, debug",
                 options->log_level_text);
    return FALSE;
  }
  if (!options->show_version)
    fill_directories (options);
  return TRUE;
}

void
forge_options_fill_engine (const ForgeOptions *options, ForgeEngineOptions *engine)
{
  guint port = forge_restart_port ();

  *engine = (ForgeEngineOptions){
    .data_dir = options->data_dir,
    .cache_dir = options->cache_dir,
    .runtime_dir = options->runtime_dir,
    .bind = options->bind,
    .port = port ? (int)port : options->port,
    .is_demo = options->is_demo,
  };
}

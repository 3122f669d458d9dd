/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli/forge-ctl.h"
#include "host/forge-dirs.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

/* Finds the command in the tables and runs it; options of the program itself may stand anywhere. */

static const ForgeCtlCommand *const tables[] = {
  forge_ctl_system_commands,  forge_ctl_account_commands,  forge_ctl_guide_commands,
  forge_ctl_channel_commands, forge_ctl_device_commands,   forge_ctl_client_commands,
  forge_ctl_library_commands, forge_ctl_download_commands, forge_ctl_refresh_commands
};

static void
print_help (void)
{
  printf ("Usage: streamforgectl [--json] [--socket PATH] COMMAND …\n\n");
  for (gsize t = 0; t < G_N_ELEMENTS (tables); t++)
    for (const ForgeCtlCommand *command = tables[t]; command->noun; command++)
      printf ("  %s%s%s %s\n",
              command->noun,
              command->verb ? " " : "",
              command->verb ? command->verb : "",
              command->usage);
}

/* Takes --json, --help, --socket PATH out of the arguments. FALSE after a usage line. */
typedef struct {
  gboolean as_json, wants_help, wants_version;
  const char *socket_path;
} GlobalOptions;

static gboolean
take_globals (int *argc, char **argv, GlobalOptions *options)
{
  int kept = 1;

  for (int i = 1; i < *argc; i++) {
    if (strcmp (argv[i], "--json") == 0) {
      options->as_json = TRUE;
    } else if (strcmp (argv[i], "--help") == 0 || strcmp (argv[i], "-h") == 0) {
      options->wants_help = TRUE;
    } else if (strcmp (argv[i], "--version") == 0) {
      options->wants_version = TRUE;
    } else if (strcmp (argv[i], "--socket") == 0) {
      if (i + 1 == *argc) {
        forge_ctl_usage ("--socket needs a path");
        return FALSE;
      }
      options->socket_path = argv[++i];
    } else {
      argv[kept++] = argv[i];
    }
  }
  argv[kept] = NULL;
  *argc = kept;
  return TRUE;
}

static const ForgeCtlCommand *
find_command (const char *noun, const char *verb)
{
  for (gsize t = 0; t < G_N_ELEMENTS (tables); t++)
    for (const ForgeCtlCommand *command = tables[t]; command->noun; command++)
      if (strcmp (command->noun, noun) == 0 &&
          (!command->verb || (verb && strcmp (command->verb, verb) == 0)))
        return command;
  return NULL;
}

static int
run_command (const GlobalOptions *options, int argc, char **argv)
{
  const ForgeCtlCommand *command = find_command (argv[1], argv[2]);
  g_autofree char *runtime = forge_dirs_runtime (FALSE);
  g_autofree char *fallback = g_build_filename (runtime, "control.sock", NULL);

  if (!command)
    return forge_ctl_usage ("there is no command “%s%s%s”; see --help",
                            argv[1],
                            argv[2] ? " " : "",
                            argv[2] ? argv[2] : "");
  int used = command->verb ? 2 : 1;
  if (!*command->usage && argc > used + 1)
    return forge_ctl_usage ("%s%s%s takes nothing more, not “%s”",
                            command->noun,
                            command->verb ? " " : "",
                            command->verb ? command->verb : "",
                            argv[used + 1]);
  g_autoptr (ForgeCtl) ctl =
      forge_ctl_new (options->socket_path ? options->socket_path : fallback, options->as_json);
  return command->run (ctl, argc - used, argv + used);
}

int
main (int argc, char *argv[])
{
  GlobalOptions options = { 0 };

  setlocale (LC_ALL, "");
  if (!take_globals (&argc, argv, &options))
    return FORGE_CTL_USAGE;
  if (options.wants_version) {
    printf ("streamforgectl %s\n", FORGE_VERSION);
    return FORGE_CTL_OK;
  }
  if (options.wants_help) {
    print_help ();
    return FORGE_CTL_OK;
  }
  return argc > 1 ? run_command (&options, argc, argv) : forge_ctl_usage ("no command; see --help");
}

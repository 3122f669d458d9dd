/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli/forge-ctl.h"

#include <stdio.h>
#include <string.h>

/* Users of our Xtream API, and the doctor. */

static int
user_list (ForgeCtl *ctl, int argc, char **argv)
{
  static const char *const columns[] = { "ID:id",
                                         "NAME:name",
                                         "LINEUP:device_name",
                                         "SERVER:server",
                                         "NOW:active_connections",
                                         "AT MOST:max_connections",
                                         "FILMS:library",
                                         "PASSWORD:has_password",
                                         "SINCE:created_at",
                                         NULL };

  return forge_ctl_print (ctl, forge_ctl_call (ctl, "GET", "/v1/users", NULL), columns);
}

typedef struct {
  char *name, *password_file;
  gint64 device;
  int connections;
  gboolean with_library, without_library;
} UserOptions;

#define UNSAID (-1)
#define USER_OPTIONS \
  "[--password-file F] [--device ID] [--max-connections N] [--library|--no-library]"

static void
user_options_clear (UserOptions *options)
{
  g_free (options->name);
  g_free (options->password_file);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (UserOptions, user_options_clear)

/* FALSE after a usage line. What is left over in argv stays there. */
static gboolean
parse_user (int *argc, char ***argv, UserOptions *options)
{
  const GOptionEntry entries[] = {
    { "name", 0, 0, G_OPTION_ARG_STRING, &options->name, "", "N" },
    { "password-file", 0, 0, G_OPTION_ARG_FILENAME, &options->password_file, "", "F" },
    { "device", 0, 0, G_OPTION_ARG_INT64, &options->device, "", "ID" },
    { "max-connections", 0, 0, G_OPTION_ARG_INT, &options->connections, "", "N" },
    { "library", 0, 0, G_OPTION_ARG_NONE, &options->with_library, "", NULL },
    { "no-library", 0, 0, G_OPTION_ARG_NONE, &options->without_library, "", NULL },
    G_OPTION_ENTRY_NULL,
  };

  return forge_ctl_options (entries, argc, argv);
}

/* FALSE after a line that says why. */
static gboolean
fill_body (JsonObject *body, const UserOptions *options)
{
  if (options->device)
    json_object_set_int_member (body, "device", options->device);
  if (options->connections != UNSAID)
    json_object_set_int_member (body, "max_connections", options->connections);
  if (options->with_library || options->without_library)
    json_object_set_boolean_member (body, "library", options->with_library);
  if (!options->password_file)
    return TRUE;
  g_autofree char *password = forge_ctl_read_secret (options->password_file);
  if (password)
    json_object_set_string_member (body, "password", password);
  return password != NULL;
}

static int
user_add (ForgeCtl *ctl, int argc, char **argv)
{
  g_auto (UserOptions) options = { .connections = UNSAID };
  g_autoptr (JsonObject) body = json_object_new ();

  if (!parse_user (&argc, &argv, &options))
    return FORGE_CTL_USAGE;
  if (argc > 1 || !options.name)
    return forge_ctl_usage ("user add --name N " USER_OPTIONS);
  json_object_set_string_member (body, "name", options.name);
  if (!fill_body (body, &options))
    return FORGE_CTL_FAILED;
  return forge_ctl_print (ctl,
                          forge_ctl_call (ctl, "POST", "/v1/users", g_steal_pointer (&body)),
                          NULL);
}

static int
user_set (ForgeCtl *ctl, int argc, char **argv)
{
  g_auto (UserOptions) options = { .connections = UNSAID };
  g_autoptr (JsonObject) body = json_object_new ();

  if (!parse_user (&argc, &argv, &options))
    return FORGE_CTL_USAGE;
  if (argc != 2 || options.name)
    return forge_ctl_usage ("user set ID " USER_OPTIONS);
  g_autofree char *path = forge_ctl_path ("users", "The user", argv[1], NULL);
  if (!path)
    return FORGE_CTL_USAGE;
  if (!fill_body (body, &options))
    return FORGE_CTL_FAILED;
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "PATCH", path, g_steal_pointer (&body)), NULL);
}

static int
user_remove (ForgeCtl *ctl, int argc, char **argv)
{
  return forge_ctl_call_one (ctl, argc, argv, "DELETE", "users", "The user", NULL, "Removed.");
}

static void
print_check (JsonArray *array, guint index, JsonNode *node, gpointer unused)
{
  JsonObject *check = json_node_get_object (node);
  JsonNode *fix = json_object_get_member (check, "fix");
  g_autofree char *line = g_strdup_printf ("%-8s %s",
                                           json_object_get_string_member (check, "state"),
                                           json_object_get_string_member (check, "text"));

  puts (forge_ctl_plain (line));
  if (fix && json_node_get_value_type (fix) == G_TYPE_STRING) {
    g_autofree char *help = g_strdup_printf ("         → %s", json_node_get_string (fix));
    puts (forge_ctl_plain (help));
  }
}

static int
run_doctor (ForgeCtl *ctl, int argc, char **argv)
{
  static const char *const clients[] = { "plex", "jellyfin", "emby", "channels", "all", NULL };
  gboolean has_client = argc == 3 && strcmp (argv[1], "--as") == 0;

  if (argc != 1 && !has_client)
    return forge_ctl_usage ("doctor [--as plex|jellyfin|emby|channels]");
  if (has_client && !g_strv_contains (clients, argv[2]))
    return forge_ctl_usage ("“%s” is none of plex, jellyfin, emby, channels, all", argv[2]);
  forge_ctl_progress (ctl, "Taking the steps of a client, which takes some seconds …");
  g_autofree char *path = g_strconcat ("/v1/doctor?as=", has_client ? argv[2] : "all", NULL);
  g_autoptr (JsonNode) answer = forge_ctl_call (ctl, "GET", path, NULL);
  if (!answer || forge_ctl_wants_json (ctl))
    return forge_ctl_print (ctl, g_steal_pointer (&answer), NULL);
  json_array_foreach_element (json_node_get_array (answer), print_check, NULL);
  return FORGE_CTL_OK;
}

const ForgeCtlCommand forge_ctl_client_commands[] = {
  { "user", "list", "", user_list },
  { "user", "add", "--name N " USER_OPTIONS, user_add },
  { "user", "set", "ID " USER_OPTIONS, user_set },
  { "user", "remove", "ID", user_remove },
  { "doctor", NULL, "[--as plex|jellyfin|emby|channels]", run_doctor },
  { 0 },
};

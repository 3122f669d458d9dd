/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli/forge-ctl-location.h"
#include "cli/forge-ctl.h"

#include <gio/gio.h>

#include <stdlib.h>
#include <string.h>

static const char *const account_columns[] = { "ID:id",
                                               "NAME:name",
                                               "STATUS:status",
                                               "ENABLED:enabled",
                                               "CONNECTIONS:max_connections",
                                               "STREAMS:streams",
                                               "EXPIRES:expires_at",
                                               "REFRESHED:last_refresh",
                                               "SERVER:server",
                                               NULL };

/* The options that describe a login. */
typedef struct {
  char *name, *server, *username, *password_file, *user_agent, *proxy, *m3u, *m3u_url_file;
  char **mirrors;
  gboolean no_guide, dry_run, undo;
} LoginOptions;

static void
login_clear (LoginOptions *login)
{
  g_free (login->name);
  g_free (login->server);
  g_free (login->username);
  g_free (login->password_file);
  g_free (login->user_agent);
  g_free (login->proxy);
  g_free (login->m3u);
  g_free (login->m3u_url_file);
  g_strfreev (login->mirrors);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LoginOptions, login_clear)

static gboolean
parse_login (int *argc, char ***argv, LoginOptions *login)
{
  const GOptionEntry entries[] = {
    { "name", 0, 0, G_OPTION_ARG_STRING, &login->name, "", "N" },
    { "server", 0, 0, G_OPTION_ARG_STRING, &login->server, "", "URL" },
    { "username", 0, 0, G_OPTION_ARG_STRING, &login->username, "", "U" },
    { "password-file", 0, 0, G_OPTION_ARG_FILENAME, &login->password_file, "", "F" },
    { "user-agent", 0, 0, G_OPTION_ARG_STRING, &login->user_agent, "", "UA" },
    { "proxy", 0, 0, G_OPTION_ARG_STRING, &login->proxy, "", "URL" },
    { "mirror", 0, 0, G_OPTION_ARG_STRING_ARRAY, &login->mirrors, "", "URL" },
    { "m3u", 0, 0, G_OPTION_ARG_STRING, &login->m3u, "", "URL-or-FILE" },
    { "m3u-url-file", 0, 0, G_OPTION_ARG_FILENAME, &login->m3u_url_file, "", "F" },
    { "no-guide", 0, 0, G_OPTION_ARG_NONE, &login->no_guide, "", NULL },
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &login->dry_run, "", NULL },
    { "undo", 0, 0, G_OPTION_ARG_NONE, &login->undo, "", NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autofree char **arguments = forge_ctl_note_arguments (*argc, *argv);
  gboolean ok = forge_ctl_options (entries, argc, argv);

  forge_ctl_hide_logins (arguments, *argc, *argv);
  return ok;
}

/* NULL if the password could not be read. */
static JsonObject *
login_body (const LoginOptions *login)
{
  g_autofree char *password = login->password_file ? forge_ctl_read_secret (login->password_file)
                                                   : NULL;

  if (login->password_file && !password)
    return NULL;
  JsonObject *body = forge_ctl_object ("name",
                                       login->name,
                                       "server",
                                       login->server,
                                       "username",
                                       login->username,
                                       "password",
                                       password,
                                       "user_agent",
                                       login->user_agent,
                                       "proxy",
                                       login->proxy,
                                       NULL);
  if (login->mirrors) {
    JsonArray *mirrors = json_array_new ();
    for (char **mirror = login->mirrors; *mirror; mirror++)
      json_array_add_string_element (mirrors, *mirror);
    json_object_set_array_member (body, "mirrors", mirrors);
  }
  json_object_set_boolean_member (body, "no_guide", login->no_guide);
  json_object_set_boolean_member (body, "dry_run", login->dry_run);
  return body;
}

/* What went well enough to keep, but not quite, goes to standard error. */
static void
print_warning (JsonNode *answer)
{
  const char *warning =
      answer && JSON_NODE_HOLDS_OBJECT (answer)
          ? json_object_get_string_member_with_default (json_node_get_object (answer),
                                                        "warning",
                                                        NULL)
          : NULL;

  if (warning)
    g_printerr ("streamforgectl: %s\n", warning);
}

/* Where the list is, NULL if that cannot be read. (transfer full) */
static char *
list_of (const LoginOptions *login)
{
  return login->m3u ? forge_ctl_location (login->m3u)
                    : forge_ctl_location_from (login->m3u_url_file);
}

static int
account_add (ForgeCtl *ctl, int argc, char **argv)
{
  g_auto (LoginOptions) login = { 0 };

  if (!parse_login (&argc, &argv, &login))
    return FORGE_CTL_USAGE;
  int kinds = (login.server != NULL) + (login.m3u != NULL) + (login.m3u_url_file != NULL);
  if (!login.name || kinds != 1 || argc > 1)
    return forge_ctl_usage ("account add needs --name and either --m3u, --m3u-url-file, or "
                            "--server, --username and --password-file");
  g_autofree char *list = NULL;
  if (!login.server) {
    list = list_of (&login);
    if (!list)
      return FORGE_CTL_FAILED;
  }
  JsonObject *body = login_body (&login);
  if (!body)
    return FORGE_CTL_FAILED;
  if (list)
    json_object_set_string_member (body, "m3u", list);
  forge_ctl_progress (ctl, "Logging in, reading channels and guide …");
  JsonNode *answer = forge_ctl_call (ctl, "POST", "/v1/accounts", body);
  print_warning (answer);
  return forge_ctl_print (ctl, answer, NULL);
}

static int
account_replace (ForgeCtl *ctl, int argc, char **argv)
{
  g_auto (LoginOptions) login = { 0 };

  if (!parse_login (&argc, &argv, &login))
    return FORGE_CTL_USAGE;
  int kinds = (login.server != NULL) + (login.m3u != NULL) + (login.m3u_url_file != NULL) +
              login.undo;
  if (argc != 2 || kinds != 1)
    return forge_ctl_usage ("account replace needs an id and either --server, --username and "
                            "--password-file, or --m3u, --m3u-url-file, or --undo");
  g_autofree char *path = forge_ctl_path ("accounts", "The account", argv[1], "replace");
  if (!path)
    return FORGE_CTL_USAGE;
  g_autofree char *list = NULL;
  if ((login.m3u || login.m3u_url_file) && !(list = list_of (&login)))
    return FORGE_CTL_FAILED;
  JsonObject *body = login_body (&login);
  if (!body)
    return FORGE_CTL_FAILED;
  if (list)
    json_object_set_string_member (body, "m3u", list);
  json_object_set_boolean_member (body, "undo", login.undo);
  forge_ctl_progress (ctl, "Logging in and reading channels …");
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "POST", path, body), NULL);
}

static int
account_list (ForgeCtl *ctl, int argc, char **argv)
{
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "GET", "/v1/accounts", NULL), account_columns);
}

static int
account_show (ForgeCtl *ctl, int argc, char **argv)
{
  return forge_ctl_call_one (ctl, argc, argv, "GET", "accounts", "The account", NULL, NULL);
}

static int
account_test (ForgeCtl *ctl, int argc, char **argv)
{
  return forge_ctl_call_one (ctl, argc, argv, "POST", "accounts", "The account", "test", NULL);
}

static int
account_enable (ForgeCtl *ctl, int argc, char **argv)
{
  return forge_ctl_call_one (ctl, argc, argv, "POST", "accounts", "The account", "enable", NULL);
}

static int
account_disable (ForgeCtl *ctl, int argc, char **argv)
{
  return forge_ctl_call_one (ctl, argc, argv, "POST", "accounts", "The account", "disable", NULL);
}

static int
account_remove (ForgeCtl *ctl, int argc, char **argv)
{
  return forge_ctl_call_one (ctl, argc, argv, "DELETE", "accounts", "The account", NULL, NULL);
}

static int
account_refresh (ForgeCtl *ctl, int argc, char **argv)
{
  if (argc < 2)
    return forge_ctl_usage ("account refresh needs an id");
  return forge_ctl_refresh (ctl, "accounts", argc, argv);
}

static int
account_set (ForgeCtl *ctl, int argc, char **argv)
{
  g_auto (LoginOptions) login = { 0 };
  g_autoptr (JsonObject) body = json_object_new ();

  if (!parse_login (&argc, &argv, &login))
    return FORGE_CTL_USAGE;
  if (argc < 2 || (argc == 2 && !login.password_file))
    return forge_ctl_usage ("account set needs an id and KEY=VALUE or --password-file");
  g_autofree char *path = forge_ctl_path ("accounts", "The account", argv[1], NULL);
  if (!path)
    return FORGE_CTL_USAGE;
  for (int i = 2; i < argc; i++)
    if (!forge_ctl_assign (body, argv[i]))
      return FORGE_CTL_USAGE;
  g_autofree char **used = forge_ctl_note_arguments (argc, argv);
  forge_ctl_hide_logins (used, 0, NULL);
  if (login.password_file) {
    g_autofree char *password = forge_ctl_read_secret (login.password_file);
    if (!password)
      return FORGE_CTL_FAILED;
    json_object_set_string_member (body, "password", password);
  }
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "PATCH", path, g_steal_pointer (&body)), NULL);
}

const ForgeCtlCommand forge_ctl_account_commands[] = {
  { "account",
    "add",
    "--name N --server URL --username U --password-file F [--user-agent UA] [--proxy URL] [--mirror URL]… [--no-guide]",
    account_add },
  { "account",
    "add",
    "--name N --m3u URL|FILE|- [--m3u-url-file F] [--user-agent UA] [--proxy URL] [--no-guide]",
    account_add },
  { "account", "list", "", account_list },
  { "account", "show", "ID", account_show },
  { "account", "test", "ID", account_test },
  { "account", "refresh", "ID [--force]", account_refresh },
  { "account", "enable", "ID", account_enable },
  { "account", "disable", "ID", account_disable },
  { "account", "remove", "ID", account_remove },
  { "account", "set", "ID [KEY=VALUE]… [--password-file F]", account_set },
  { "account",
    "replace",
    "ID --server URL --username U --password-file F|--m3u URL-or-FILE|--undo [--dry-run]",
    account_replace },
  { 0 },
};

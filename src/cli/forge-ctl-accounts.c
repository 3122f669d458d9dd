/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli/forge-ctl-location.h"
#include "cli/forge-ctl.h"

#include <gio/gio.h>

#include <stdlib.h>
#include <string.h>

#define MAX_SHIFT_MINUTES (26 * 60)

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
static const char *const guide_columns[] = { "ID:id",
                                             "NAME:name",
                                             "ENABLED:enabled",
                                             "CHANNELS:channels",
                                             "PROGRAMMES:programmes",
                                             "HOURS LEFT:hours_left",
                                             "REFRESHED:last_refresh",
                                             "REMARK:status_text",
                                             NULL };

/* The options that describe a login. */
typedef struct {
  char *name, *server, *username, *password_file, *user_agent, *proxy, *m3u, *m3u_url_file;
  char **mirrors;
  gboolean no_guide, dry_run;
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
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autofree char **arguments = forge_ctl_note_arguments (*argc, *argv);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  gboolean ok = g_option_context_parse (context, argc, argv, &error);
  forge_ctl_hide_logins (arguments, *argc, *argv);
  if (!ok)
    forge_ctl_usage ("%s", error->message);
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
    list = login.m3u ? forge_ctl_location (login.m3u)
                     : forge_ctl_location_from (login.m3u_url_file);
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
  gint64 id;

  if (!parse_login (&argc, &argv, &login))
    return FORGE_CTL_USAGE;
  if (argc != 2 || !login.server)
    return forge_ctl_usage (
        "account replace needs an id, --server, --username and --password-file");
  if (!forge_ctl_id (argv[1], "The account", &id))
    return FORGE_CTL_USAGE;
  JsonObject *body = login_body (&login);
  if (!body)
    return FORGE_CTL_FAILED;
  g_autofree char *path = g_strdup_printf ("/v1/accounts/%" G_GINT64_FORMAT "/replace", id);
  forge_ctl_progress (ctl, "Logging in and reading channels …");
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "POST", path, body), NULL);
}

static int
account_list (ForgeCtl *ctl, int argc, char **argv)
{
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "GET", "/v1/accounts", NULL), account_columns);
}

/* "NOUN VERB ID" → METHOD /v1/NOUNS/ID[/VERB] */
static int
call_with_id (ForgeCtl *ctl,
              const char *method,
              const char *nouns,
              const char *what,
              const char *verb,
              int argc,
              char **argv)
{
  gint64 id;

  if (argc != 2)
    return forge_ctl_usage ("%s: just one id is needed", what);
  if (!forge_ctl_id (argv[1], what, &id))
    return FORGE_CTL_USAGE;
  g_autofree char *path = g_strdup_printf ("/v1/%s/%" G_GINT64_FORMAT "%s%s",
                                           nouns,
                                           id,
                                           verb ? "/" : "",
                                           verb ? verb : "");
  return forge_ctl_print (ctl, forge_ctl_call (ctl, method, path, NULL), NULL);
}

static int
account_show (ForgeCtl *ctl, int argc, char **argv)
{
  return call_with_id (ctl, "GET", "accounts", "The account", NULL, argc, argv);
}

static int
account_test (ForgeCtl *ctl, int argc, char **argv)
{
  return call_with_id (ctl, "POST", "accounts", "The account", "test", argc, argv);
}

static int
account_enable (ForgeCtl *ctl, int argc, char **argv)
{
  return call_with_id (ctl, "POST", "accounts", "The account", "enable", argc, argv);
}

static int
account_disable (ForgeCtl *ctl, int argc, char **argv)
{
  return call_with_id (ctl, "POST", "accounts", "The account", "disable", argc, argv);
}

static int
account_remove (ForgeCtl *ctl, int argc, char **argv)
{
  return call_with_id (ctl, "DELETE", "accounts", "The account", NULL, argc, argv);
}

/* Takes "--force" out of the arguments. */
static gboolean
take_force (int *argc, char **argv)
{
  for (int i = 1; i < *argc; i++)
    if (strcmp (argv[i], "--force") == 0) {
      memmove (&argv[i], &argv[i + 1], (gsize)(*argc - i) * sizeof *argv);
      --*argc;
      return TRUE;
    }
  return FALSE;
}

static int
refresh (ForgeCtl *ctl, const char *nouns, int argc, char **argv)
{
  gboolean force = take_force (&argc, argv);
  gint64 id = 0;

  if (argc > 2)
    return forge_ctl_usage ("refresh takes one id");
  if (argc == 2 && !forge_ctl_id (argv[1], "The id", &id))
    return FORGE_CTL_USAGE;
  JsonObject *body = json_object_new ();
  json_object_set_boolean_member (body, "force", force);
  g_autofree char *path = id ? g_strdup_printf ("/v1/%s/%" G_GINT64_FORMAT "/refresh", nouns, id)
                             : g_strdup_printf ("/v1/%s/refresh", nouns);
  forge_ctl_progress (ctl, "Refreshing …");
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "POST", path, body), NULL);
}

static int
account_refresh (ForgeCtl *ctl, int argc, char **argv)
{
  if (argc < 2)
    return forge_ctl_usage ("account refresh needs an id");
  return refresh (ctl, "accounts", argc, argv);
}

static gboolean
add_assignment (JsonObject *body, const char *text)
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

static int
account_set (ForgeCtl *ctl, int argc, char **argv)
{
  g_auto (LoginOptions) login = { 0 };
  g_autoptr (JsonObject) body = json_object_new ();
  gint64 id;

  if (!parse_login (&argc, &argv, &login))
    return FORGE_CTL_USAGE;
  if (argc < 2 || (argc == 2 && !login.password_file))
    return forge_ctl_usage ("account set needs an id and KEY=VALUE or --password-file");
  if (!forge_ctl_id (argv[1], "The account", &id))
    return FORGE_CTL_USAGE;
  for (int i = 2; i < argc; i++)
    if (!add_assignment (body, argv[i]))
      return FORGE_CTL_USAGE;
  g_autofree char **used = forge_ctl_note_arguments (argc, argv);
  forge_ctl_hide_logins (used, 0, NULL);
  if (login.password_file) {
    g_autofree char *password = forge_ctl_read_secret (login.password_file);
    if (!password)
      return FORGE_CTL_FAILED;
    json_object_set_string_member (body, "password", password);
  }
  g_autofree char *path = g_strdup_printf ("/v1/accounts/%" G_GINT64_FORMAT, id);
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "PATCH", path, g_steal_pointer (&body)), NULL);
}

/* Zones and hours are the engine's to judge; a number that is none of minutes is wrong usage. */
static gboolean
is_number_out_of_range (const char *shift)
{
  g_autoptr (GError) error = NULL;
  gint64 minutes;

  return !g_ascii_string_to_signed (shift,
                                    10,
                                    -MAX_SHIFT_MINUTES,
                                    MAX_SHIFT_MINUTES,
                                    &minutes,
                                    &error) &&
         g_error_matches (error, G_NUMBER_PARSER_ERROR, G_NUMBER_PARSER_ERROR_OUT_OF_BOUNDS);
}

static int
guide_add (ForgeCtl *ctl, int argc, char **argv)
{
  g_autofree char *name = NULL;
  g_autofree char *shift = NULL;
  const GOptionEntry entries[] = {
    { "name", 0, 0, G_OPTION_ARG_STRING, &name, "", "N" },
    { "shift", 0, 0, G_OPTION_ARG_STRING, &shift, "", "SHIFT" },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    return forge_ctl_usage ("%s", error->message);
  if (argc != 2 || !name)
    return forge_ctl_usage ("guide add needs --name and one address or file");
  if (shift && is_number_out_of_range (shift))
    return forge_ctl_usage ("--shift: “%s” is not within ±%d minutes", shift, MAX_SHIFT_MINUTES);
  g_autofree char *location = forge_ctl_location (argv[1]);
  if (!location)
    return FORGE_CTL_FAILED;
  g_autofree char **used = forge_ctl_note_arguments (argc, argv);
  forge_ctl_hide_logins (used, 0, NULL);
  JsonObject *body = forge_ctl_object ("name", name, "location", location, "shift", shift, NULL);
  forge_ctl_progress (ctl, "Reading the guide …");
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "POST", "/v1/guides", body), NULL);
}

static int
guide_list (ForgeCtl *ctl, int argc, char **argv)
{
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "GET", "/v1/guides", NULL), guide_columns);
}

static int
guide_health (ForgeCtl *ctl, int argc, char **argv)
{
  static const char *const columns[] = { "NUMBER:number",
                                         "CHANNEL:channel",
                                         "STATE:state",
                                         "HOURS LEFT:hours_left",
                                         "GAPS:gaps",
                                         "GAP MINUTES:gap_minutes",
                                         "OVERLAPS:overlaps",
                                         "DUPLICATES:duplicates",
                                         NULL };

  return forge_ctl_print (ctl, forge_ctl_call (ctl, "GET", "/v1/guides/health", NULL), columns);
}

static int
guide_search (ForgeCtl *ctl, int argc, char **argv)
{
  static const char *const columns[] = { "START:start", "STOP:stop",         "CHANNEL:channel",
                                         "TITLE:title", "SUBTITLE:subtitle", NULL };
  int limit = 100, offset = 0;
  const GOptionEntry entries[] = {
    { "limit", 0, 0, G_OPTION_ARG_INT, &limit, "", "N" },
    { "offset", 0, 0, G_OPTION_ARG_INT, &offset, "", "N" },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    return forge_ctl_usage ("%s", error->message);
  if (argc < 2)
    return forge_ctl_usage ("guide search needs the words to look for");
  g_autofree char *text = g_strjoinv (" ", argv + 1);
  g_autofree char *escaped = g_uri_escape_string (text, NULL, FALSE);
  g_autofree char *path =
      g_strdup_printf ("/v1/guide/search?q=%s&limit=%d&offset=%d", escaped, limit, offset);
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "GET", path, NULL), columns);
}

static int
guide_refresh (ForgeCtl *ctl, int argc, char **argv)
{
  return refresh (ctl, "guides", argc, argv);
}

static int
guide_set (ForgeCtl *ctl, int argc, char **argv)
{
  g_autoptr (JsonObject) body = json_object_new ();
  gint64 id;

  if (argc < 3)
    return forge_ctl_usage ("guide set needs an id and KEY=VALUE");
  if (!forge_ctl_id (argv[1], "The guide", &id))
    return FORGE_CTL_USAGE;
  for (int i = 2; i < argc; i++)
    if (!add_assignment (body, argv[i]))
      return FORGE_CTL_USAGE;
  g_autofree char *path = g_strdup_printf ("/v1/guides/%" G_GINT64_FORMAT, id);
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "PATCH", path, g_steal_pointer (&body)), NULL);
}

static int
guide_enable (ForgeCtl *ctl, int argc, char **argv)
{
  return call_with_id (ctl, "POST", "guides", "The guide", "enable", argc, argv);
}

static int
guide_disable (ForgeCtl *ctl, int argc, char **argv)
{
  return call_with_id (ctl, "POST", "guides", "The guide", "disable", argc, argv);
}

static int
guide_remove (ForgeCtl *ctl, int argc, char **argv)
{
  return call_with_id (ctl, "DELETE", "guides", "The guide", NULL, argc, argv);
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
    "ID --server URL --username U --password-file F [--dry-run]",
    account_replace },
  { "guide", "add", "--name N URL|FILE|- [--shift ±MIN|±HOURSh|ZONE]", guide_add },
  { "guide", "list", "", guide_list },
  { "guide", "health", "", guide_health },
  { "guide", "search", "TEXT… [--limit N] [--offset N]", guide_search },
  { "guide", "refresh", "[ID] [--force]", guide_refresh },
  { "guide", "set", "ID KEY=VALUE… (name, shift, priority)", guide_set },
  { "guide", "enable", "ID", guide_enable },
  { "guide", "disable", "ID", guide_disable },
  { "guide", "remove", "ID", guide_remove },
  { 0 },
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli/forge-ctl.h"

#include <gio/gio.h>

#include <stdio.h>
#include <string.h>

#define FOLLOW_EVERY_US (500 * 1000)

static const char *const session_columns[] = { "ID:id",
                                               "CHANNEL:channel",
                                               "ACCOUNT:account",
                                               "STREAM:stream",
                                               "QUALITY:quality",
                                               "HEALTH:health",
                                               "KBIT/S:bitrate_kbps",
                                               "SECONDS:uptime_s",
                                               "FAILOVERS:failovers",
                                               "VIEWERS:clients",
                                               NULL };
static const char *const setting_columns[] = { "KEY:key",
                                               "VALUE:value",
                                               "UNIT:unit",
                                               "MEANING:meaning",
                                               NULL };

static void
print_problem (JsonArray *array, guint index, JsonNode *node, gpointer unused)
{
  JsonObject *problem = json_node_get_object (node);

  printf ("\n%s: %s\n  %s\n",
          json_object_get_string_member (problem, "severity"),
          json_object_get_string_member (problem, "text"),
          json_object_get_string_member (problem, "fix"));
}

static int
show_status (ForgeCtl *ctl, int argc, char **argv)
{
  g_autoptr (JsonNode) answer = forge_ctl_call (ctl, "GET", "/v1/status", NULL);

  if (!answer)
    return FORGE_CTL_FAILED;
  int status = forge_ctl_print (ctl, json_node_ref (answer), NULL);
  if (!forge_ctl_wants_json (ctl))
    json_array_foreach_element (json_object_get_array_member (json_node_get_object (answer),
                                                              "problems"),
                                print_problem,
                                NULL);
  return status;
}

static int
session_list (ForgeCtl *ctl, int argc, char **argv)
{
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "GET", "/v1/sessions", NULL), session_columns);
}

static int
session_stop (ForgeCtl *ctl, int argc, char **argv)
{
  gint64 id;

  if (argc != 2)
    return forge_ctl_usage ("session stop ID");
  if (!forge_ctl_id (argv[1], "The session", &id))
    return FORGE_CTL_USAGE;
  g_autofree char *path = g_strdup_printf ("/v1/sessions/%" G_GINT64_FORMAT, id);
  return forge_ctl_done (ctl, forge_ctl_call (ctl, "DELETE", path, NULL), "Stopped.");
}

typedef struct {
  gboolean follow;
  char *level, *category, *since;
} LogOptions;

static void
log_options_clear (LogOptions *options)
{
  g_free (options->level);
  g_free (options->category);
  g_free (options->since);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LogOptions, log_options_clear)

/* "2026-01-31T20:15:00Z", "2026-01-31" or seconds since 1970; −1 if it is none. */
static gint64
parse_since (const char *text)
{
  g_autoptr (GTimeZone) local = g_time_zone_new_local ();
  g_autofree char *with_time = strchr (text, 'T') ? g_strdup (text)
                                                  : g_strconcat (text, "T00:00:00", NULL);
  g_autoptr (GDateTime) when = g_date_time_new_from_iso8601 (with_time, local);
  gint64 seconds;

  if (g_ascii_string_to_signed (text, 10, 0, G_MAXINT64, &seconds, NULL))
    return seconds;
  return when ? g_date_time_to_unix (when) : -1;
}

static char *
log_path (const LogOptions *options, gint64 since, gint64 after)
{
  GString *path = g_string_new (NULL);

  g_string_printf (path,
                   "/v1/events?since=%" G_GINT64_FORMAT "&after=%" G_GINT64_FORMAT,
                   since,
                   after);
  if (options->level)
    g_string_append_printf (path, "&level=%s", options->level);
  if (options->category)
    g_string_append_printf (path, "&category=%s", options->category);
  return g_string_free (path, FALSE);
}

static const char *
text_member (JsonObject *event, const char *name)
{
  JsonNode *node = json_object_get_member (event, name);

  return node && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node)
                                                                  : NULL;
}

static void
print_event (JsonArray *array, guint index, JsonNode *node, gpointer unused)
{
  JsonObject *event = json_node_get_object (node);
  const char *details = text_member (event, "details");

  printf ("%s  %-7s  %-10s  %s%s%s\n",
          text_member (event, "time"),
          text_member (event, "level"),
          text_member (event, "category"),
          text_member (event, "message"),
          details ? " – " : "",
          details ? details : "");
}

/* Prints what came and returns the newest id. */
static gint64
print_events (ForgeCtl *ctl, JsonNode *answer, gint64 after)
{
  JsonArray *events = json_node_get_array (answer);
  guint n = json_array_get_length (events);

  if (forge_ctl_wants_json (ctl)) {
    for (guint i = 0; i < n; i++) {
      g_autofree char *line = json_to_string (json_array_get_element (events, i), FALSE);
      puts (line);
    }
  } else {
    json_array_foreach_element (events, print_event, NULL);
  }
  fflush (stdout);
  return n ? json_object_get_int_member (json_array_get_object_element (events, n - 1), "id")
           : after;
}

static int
follow_log (ForgeCtl *ctl, const LogOptions *options, gint64 since)
{
  gint64 after = 0;

  for (;;) {
    g_autofree char *path = log_path (options, since, after);
    g_autoptr (JsonNode) answer = forge_ctl_call (ctl, "GET", path, NULL);
    if (!answer)
      return FORGE_CTL_FAILED;
    after = print_events (ctl, answer, after);
    g_usleep (FOLLOW_EVERY_US);
  }
}

static int
show_log (ForgeCtl *ctl, int argc, char **argv)
{
  g_auto (LogOptions) options = { 0 };
  const GOptionEntry entries[] = {
    { "follow", 0, 0, G_OPTION_ARG_NONE, &options.follow, "", NULL },
    { "level", 0, 0, G_OPTION_ARG_STRING, &options.level, "", "L" },
    { "category", 0, 0, G_OPTION_ARG_STRING, &options.category, "", "C" },
    { "since", 0, 0, G_OPTION_ARG_STRING, &options.since, "", "T" },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    return forge_ctl_usage ("%s", error->message);
  gint64 since = options.since ? parse_since (options.since) : 0;
  if (argc > 1 || since < 0)
    return forge_ctl_usage ("“%s” is not understood", argc > 1 ? argv[1] : options.since);
  if (options.follow)
    return follow_log (ctl, &options, since);
  g_autofree char *path = log_path (&options, since, 0);
  g_autoptr (JsonNode) answer = forge_ctl_call (ctl, "GET", path, NULL);
  if (!answer || forge_ctl_wants_json (ctl))
    return forge_ctl_print (ctl, g_steal_pointer (&answer), NULL);
  print_events (ctl, answer, 0);
  return FORGE_CTL_OK;
}

static int
clear_log (ForgeCtl *ctl, int argc, char **argv)
{
  return forge_ctl_done (ctl, forge_ctl_call (ctl, "DELETE", "/v1/events", NULL), "Cleared.");
}

static int
settings_list (ForgeCtl *ctl, int argc, char **argv)
{
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "GET", "/v1/settings", NULL), setting_columns);
}

static int
settings_get (ForgeCtl *ctl, int argc, char **argv)
{
  if (argc != 2)
    return forge_ctl_usage ("settings get KEY");
  g_autofree char *key = g_uri_escape_string (argv[1], NULL, FALSE);
  g_autofree char *path = g_strconcat ("/v1/settings/", key, NULL);
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "GET", path, NULL), NULL);
}

static int
settings_set (ForgeCtl *ctl, int argc, char **argv)
{
  if (argc != 3)
    return forge_ctl_usage ("settings set KEY VALUE");
  g_autofree char *key = g_uri_escape_string (argv[1], NULL, FALSE);
  g_autofree char *path = g_strconcat ("/v1/settings/", key, NULL);
  return forge_ctl_print (
      ctl,
      forge_ctl_call (ctl, "PUT", path, forge_ctl_object ("value", argv[2], NULL)),
      NULL);
}

static int
config_export (ForgeCtl *ctl, int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  if (argc != 2)
    return forge_ctl_usage ("config export FILE");
  g_autoptr (JsonNode) answer = forge_ctl_call (ctl, "GET", "/v1/config", NULL);
  if (!answer)
    return FORGE_CTL_FAILED;
  g_autofree char *text = json_to_string (answer, TRUE);
  if (!g_file_set_contents_full (argv[1], text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error)) {
    g_printerr ("streamforgectl: %s\n", error->message);
    return FORGE_CTL_FAILED;
  }
  if (!forge_ctl_wants_json (ctl))
    printf ("Written to %s. Passwords are not in it.\n", argv[1]);
  return FORGE_CTL_OK;
}

static int
config_import (ForgeCtl *ctl, int argc, char **argv)
{
  gboolean dry_run = argc == 3 && strcmp (argv[2], "--dry-run") == 0;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (argc != 2 + dry_run)
    return forge_ctl_usage ("config import FILE [--dry-run]");
  if (!g_file_get_contents (argv[1], &text, NULL, &error)) {
    g_printerr ("streamforgectl: %s\n", error->message);
    return FORGE_CTL_FAILED;
  }
  JsonNode *backup = json_from_string (text, &error);
  if (!backup) {
    g_printerr ("streamforgectl: %s is no backup: %s\n",
                argv[1],
                error ? error->message : "it is empty");
    return FORGE_CTL_FAILED;
  }
  JsonObject *body = json_object_new ();
  json_object_set_member (body, "backup", backup);
  json_object_set_boolean_member (body, "dry_run", dry_run);
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "POST", "/v1/config", body), NULL);
}

const ForgeCtlCommand forge_ctl_system_commands[] = {
  { "status", NULL, "", show_status },
  { "session", "list", "", session_list },
  { "session", "stop", "ID", session_stop },
  { "log", "clear", "", clear_log },
  { "log", NULL, "[--follow] [--level L] [--category C] [--since T]", show_log },
  { "settings", "list", "", settings_list },
  { "settings", "get", "KEY", settings_get },
  { "settings", "set", "KEY VALUE", settings_set },
  { "config", "export", "FILE", config_export },
  { "config", "import", "FILE [--dry-run]", config_import },
  { 0 },
};

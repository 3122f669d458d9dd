/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli/forge-ctl.h"
#include "formats/forge-json-text.h"

#include <gio/gio.h>

#include <stdio.h>
#include <string.h>

#define FOLLOW_EVERY_US (500 * 1000)
/* What the server takes (FORGE_HTTP_MAX_CONTROL_BODY_BYTES), less what is put around it. */
#define MAX_BACKUP_BYTES (31 * 1024 * 1024)

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
  return forge_ctl_call_one (ctl,
                             argc,
                             argv,
                             "DELETE",
                             "sessions",
                             "The session",
                             NULL,
                             "Stopped.");
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

static gboolean
is_one_of (const char *text, const char *const *words)
{
  return !text || g_strv_contains (words, text);
}

static gboolean
check_log_options (const LogOptions *options)
{
  static const char *const levels[] = { "error", "warning", "info", "debug", NULL };
  static const char *const categories[] = { "connection", "stream",  "match",  "guide",
                                            "provider",   "library", "system", NULL };

  if (!is_one_of (options->level, levels))
    forge_ctl_usage ("“%s” is none of error, warning, info, debug", options->level);
  else if (!is_one_of (options->category, categories))
    forge_ctl_usage ("“%s” is none of connection, stream, match, guide, provider, library, system",
                     options->category);
  else
    return TRUE;
  return FALSE;
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

  g_autofree char *line = g_strdup_printf ("%s  %-7s  %-10s  %s%s%s",
                                           text_member (event, "time"),
                                           text_member (event, "level"),
                                           text_member (event, "category"),
                                           text_member (event, "message"),
                                           details ? " – " : "",
                                           details ? details : "");
  puts (forge_ctl_plain (line));
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

  if (!forge_ctl_options (entries, &argc, &argv))
    return FORGE_CTL_USAGE;
  gint64 since = options.since ? parse_since (options.since) : 0;
  if (argc > 1 || since < 0)
    return forge_ctl_usage ("“%s” is not understood", argc > 1 ? argv[1] : options.since);
  if (!check_log_options (&options))
    return FORGE_CTL_USAGE;
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

/* The address of a setting; NULL after a line for a key that no address could hold. */
static char *
setting_path (const char *key)
{
  if (*key && strspn (key, "abcdefghijklmnopqrstuvwxyz_0123456789") == strlen (key))
    return g_strconcat ("/v1/settings/", key, NULL);
  g_printerr ("streamforgectl: There is no setting “%s”\n", key);
  return NULL;
}

static int
settings_get (ForgeCtl *ctl, int argc, char **argv)
{
  if (argc != 2)
    return forge_ctl_usage ("settings get KEY");
  g_autofree char *path = setting_path (argv[1]);
  if (!path)
    return FORGE_CTL_FAILED;
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "GET", path, NULL), NULL);
}

static int
settings_set (ForgeCtl *ctl, int argc, char **argv)
{
  if (argc != 3)
    return forge_ctl_usage ("settings set KEY VALUE");
  g_autofree char *path = setting_path (argv[1]);
  if (!path)
    return FORGE_CTL_FAILED;
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
  g_autofree char *said = g_strdup_printf ("Written to %s. Passwords are not in it.", argv[1]);
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, forge_ctl_object ("file", argv[1], NULL));
  return forge_ctl_done (ctl, node, said);
}

/* NULL after a line that says why. */
static JsonNode *
read_backup (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, &error)) {
    g_printerr ("streamforgectl: %s\n", error->message);
    return NULL;
  }
  if (length > MAX_BACKUP_BYTES) {
    g_printerr ("streamforgectl: %s is larger than a backup can be (%d MiB)\n",
                path,
                MAX_BACKUP_BYTES / 1024 / 1024);
    return NULL;
  }
  JsonNode *backup = forge_json_parse (text, (gssize)length, &error);
  if (!backup)
    g_printerr ("streamforgectl: %s %s\n", path, error->message);
  return backup;
}

static int
config_import (ForgeCtl *ctl, int argc, char **argv)
{
  gboolean dry_run = argc == 3 && strcmp (argv[2], "--dry-run") == 0;

  if (argc != 2 + dry_run)
    return forge_ctl_usage ("config import FILE [--dry-run]");
  JsonNode *backup = read_backup (argv[1]);
  if (!backup)
    return FORGE_CTL_FAILED;
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

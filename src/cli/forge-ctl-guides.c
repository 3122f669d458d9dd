/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli/forge-ctl-location.h"
#include "cli/forge-ctl.h"

#define MAX_SHIFT_MINUTES (26 * 60)

static const char *const guide_columns[] = { "ID:id",
                                             "NAME:name",
                                             "ENABLED:enabled",
                                             "CHANNELS:channels",
                                             "PROGRAMMES:programmes",
                                             "HOURS LEFT:hours_left",
                                             "REFRESHED:last_refresh",
                                             "REMARK:status_text",
                                             NULL };

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

  if (!forge_ctl_options (entries, &argc, &argv))
    return FORGE_CTL_USAGE;
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

  if (!forge_ctl_options (entries, &argc, &argv))
    return FORGE_CTL_USAGE;
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
  return forge_ctl_refresh (ctl, "guides", argc, argv);
}

static int
guide_set (ForgeCtl *ctl, int argc, char **argv)
{
  g_autoptr (JsonObject) body = json_object_new ();

  if (argc < 3)
    return forge_ctl_usage ("guide set needs an id and KEY=VALUE");
  g_autofree char *path = forge_ctl_path ("guides", "The guide", argv[1], NULL);
  if (!path)
    return FORGE_CTL_USAGE;
  for (int i = 2; i < argc; i++)
    if (!forge_ctl_assign (body, argv[i]))
      return FORGE_CTL_USAGE;
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "PATCH", path, g_steal_pointer (&body)), NULL);
}

static int
guide_enable (ForgeCtl *ctl, int argc, char **argv)
{
  return forge_ctl_call_one (ctl, argc, argv, "POST", "guides", "The guide", "enable", NULL);
}

static int
guide_disable (ForgeCtl *ctl, int argc, char **argv)
{
  return forge_ctl_call_one (ctl, argc, argv, "POST", "guides", "The guide", "disable", NULL);
}

static int
guide_remove (ForgeCtl *ctl, int argc, char **argv)
{
  return forge_ctl_call_one (ctl, argc, argv, "DELETE", "guides", "The guide", NULL, NULL);
}

const ForgeCtlCommand forge_ctl_guide_commands[] = {
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

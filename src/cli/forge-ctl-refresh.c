/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli/forge-ctl.h"

#include <stdio.h>

static const char *const refresh_columns[] = {
  "ID:id",       "TIME:time",       "KIND:kind",       "OF:name",         "STATE:state",
  "ADDED:added", "REMOVED:removed", "CHANGED:changed", "SUMMARY:summary", NULL
};
static const char *const change_columns[] = { "WHAT:what", "ID:id", "NAME:name", NULL };

static int
refresh_list (ForgeCtl *ctl, int argc, char **argv)
{
  if (argc > 1)
    return forge_ctl_usage ("refresh list takes no arguments");
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "GET", "/v1/refreshes", NULL), refresh_columns);
}

/* The record as lines, then its changes as a table. */
static int
print_refresh (ForgeCtl *ctl, JsonNode *answer)
{
  if (!answer || forge_ctl_wants_json (ctl))
    return forge_ctl_print (ctl, answer, NULL);
  JsonNode *changes = json_object_dup_member (json_node_get_object (answer), "changes");
  int status = forge_ctl_print (ctl, answer, NULL);
  if (changes && json_array_get_length (json_node_get_array (changes)) > 0) {
    putchar ('\n');
    return forge_ctl_print (ctl, changes, change_columns);
  }
  g_clear_pointer (&changes, json_node_unref);
  return status;
}

static int
refresh_show (ForgeCtl *ctl, int argc, char **argv)
{
  gint64 id;

  if (argc != 2)
    return forge_ctl_usage ("refresh show needs one id");
  if (!forge_ctl_id (argv[1], "The refresh", &id))
    return FORGE_CTL_USAGE;
  g_autofree char *path = g_strdup_printf ("/v1/refreshes/%" G_GINT64_FORMAT, id);
  return print_refresh (ctl, forge_ctl_call (ctl, "GET", path, NULL));
}

/* What becomes of one that is held back. */
static int
decide (ForgeCtl *ctl, const char *verb, const char *progress, int argc, char **argv)
{
  gint64 id;

  if (argc != 2)
    return forge_ctl_usage ("refresh %s needs one id", verb);
  if (!forge_ctl_id (argv[1], "The refresh", &id))
    return FORGE_CTL_USAGE;
  g_autofree char *path = g_strdup_printf ("/v1/refreshes/%" G_GINT64_FORMAT "/%s", id, verb);
  forge_ctl_progress (ctl, progress);
  return print_refresh (ctl, forge_ctl_call (ctl, "POST", path, NULL));
}

static int
refresh_apply (ForgeCtl *ctl, int argc, char **argv)
{
  return decide (ctl, "apply", "Applying …", argc, argv);
}

static int
refresh_keep (ForgeCtl *ctl, int argc, char **argv)
{
  return decide (ctl, "keep", "Keeping what is in use …", argc, argv);
}

static int
refresh_undo (ForgeCtl *ctl, int argc, char **argv)
{
  gint64 id = 0;

  if (argc > 2)
    return forge_ctl_usage ("refresh undo takes one id");
  if (argc == 2 && !forge_ctl_id (argv[1], "The refresh", &id))
    return FORGE_CTL_USAGE;
  g_autofree char *path = id ? g_strdup_printf ("/v1/refreshes/%" G_GINT64_FORMAT "/undo", id)
                             : g_strdup ("/v1/refreshes/undo");
  forge_ctl_progress (ctl, "Taking back …");
  return print_refresh (ctl, forge_ctl_call (ctl, "POST", path, NULL));
}

const ForgeCtlCommand forge_ctl_refresh_commands[] = {
  { "refresh", "list", "", refresh_list },     { "refresh", "show", "ID", refresh_show },
  { "refresh", "apply", "ID", refresh_apply }, { "refresh", "keep", "ID", refresh_keep },
  { "refresh", "undo", "[ID]", refresh_undo }, { 0 },
};

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
  if (argc != 2)
    return forge_ctl_usage ("refresh show needs one id");
  g_autofree char *path = forge_ctl_path ("refreshes", "The refresh", argv[1], NULL);
  if (!path)
    return FORGE_CTL_USAGE;
  return print_refresh (ctl, forge_ctl_call (ctl, "GET", path, NULL));
}

/* What becomes of one that is held back. */
static int
decide (ForgeCtl *ctl, const char *verb, const char *progress, int argc, char **argv)
{
  if (argc != 2)
    return forge_ctl_usage ("refresh %s needs one id", verb);
  g_autofree char *path = forge_ctl_path ("refreshes", "The refresh", argv[1], verb);
  if (!path)
    return FORGE_CTL_USAGE;
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
  if (argc > 2)
    return forge_ctl_usage ("refresh undo takes one id");
  g_autofree char *path = argc == 2 ? forge_ctl_path ("refreshes", "The refresh", argv[1], "undo")
                                    : g_strdup ("/v1/refreshes/undo");
  if (!path)
    return FORGE_CTL_USAGE;
  forge_ctl_progress (ctl, "Taking back …");
  return print_refresh (ctl, forge_ctl_call (ctl, "POST", path, NULL));
}

int
forge_ctl_refresh (ForgeCtl *ctl, const char *nouns, int argc, char **argv)
{
  gboolean force = FALSE;
  const GOptionEntry entries[] = {
    { "force", 0, 0, G_OPTION_ARG_NONE, &force, "", NULL },
    G_OPTION_ENTRY_NULL,
  };

  if (!forge_ctl_options (entries, &argc, &argv))
    return FORGE_CTL_USAGE;
  if (argc > 2)
    return forge_ctl_usage ("refresh takes one id");
  g_autofree char *path = argc == 2 ? forge_ctl_path (nouns, "The id", argv[1], "refresh")
                                    : g_strdup_printf ("/v1/%s/refresh", nouns);
  if (!path)
    return FORGE_CTL_USAGE;
  JsonObject *body = json_object_new ();
  json_object_set_boolean_member (body, "force", force);
  forge_ctl_progress (ctl, "Refreshing …");
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "POST", path, body), NULL);
}

const ForgeCtlCommand forge_ctl_refresh_commands[] = {
  { "refresh", "list", "", refresh_list },     { "refresh", "show", "ID", refresh_show },
  { "refresh", "apply", "ID", refresh_apply }, { "refresh", "keep", "ID", refresh_keep },
  { "refresh", "undo", "[ID]", refresh_undo }, { 0 },
};

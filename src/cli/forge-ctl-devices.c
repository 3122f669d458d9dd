/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli/forge-ctl.h"

#include <stdio.h>
#include <string.h>

/* Virtual tuners: device list, show, add, set, remove, new-id. */

static const char *const device_columns[] = {
  "ID:id",       "NAME:name",         "DEVICE:device_id", "PORT:port",           "FILTER:filter",
  "LIMIT:limit", "CHANNELS:channels", "PLEX:fits_plex",   "LISTENING:listening", "ADDRESS:url",
  NULL
};

static int
device_list (ForgeCtl *ctl, int argc, char **argv)
{
  if (argc != 1)
    return forge_ctl_usage ("device list takes nothing more");
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "GET", "/v1/devices", NULL), device_columns);
}

static int
device_show (ForgeCtl *ctl, int argc, char **argv)
{
  return forge_ctl_call_one (ctl, argc, argv, "GET", "devices", "The device", NULL, NULL);
}

static int
device_new_id (ForgeCtl *ctl, int argc, char **argv)
{
  return forge_ctl_call_one (ctl, argc, argv, "POST", "devices", "The device", "new-id", NULL);
}

static int
device_remove (ForgeCtl *ctl, int argc, char **argv)
{
  return forge_ctl_call_one (ctl, argc, argv, "DELETE", "devices", "The device", NULL, "Removed.");
}

static gboolean
set_number (JsonObject *body, const char *key, const char *text)
{
  gint64 number;

  if (!g_ascii_string_to_signed (text, 10, 0, G_MAXINT, &number, NULL)) {
    forge_ctl_usage ("%s is a whole number, not “%s”", key, text);
    return FALSE;
  }
  json_object_set_int_member (body, key, number);
  return TRUE;
}

static gboolean
set_flag (JsonObject *body, const char *key, const char *text)
{
  gboolean is_yes = strcmp (text, "true") == 0 || strcmp (text, "yes") == 0;

  if (!is_yes && strcmp (text, "false") != 0 && strcmp (text, "no") != 0) {
    forge_ctl_usage ("%s is true or false, not “%s”", key, text);
    return FALSE;
  }
  json_object_set_boolean_member (body, key, is_yes);
  return TRUE;
}

static void
add_group (JsonObject *body, const char *name)
{
  if (!json_object_has_member (body, "groups"))
    json_object_set_array_member (body, "groups", json_array_new ());
  if (*name)
    json_array_add_string_element (json_object_get_array_member (body, "groups"), name);
}

/* "name=…", "filter=…", "group=…" (again for more of them), "limit=…", "port=…", "enabled=…". */
static gboolean
add_value (JsonObject *body, const char *text)
{
  g_auto (GStrv) pair = g_strsplit (text, "=", 2);

  if (pair[0] && pair[1]) {
    if (strcmp (pair[0], "limit") == 0 || strcmp (pair[0], "port") == 0)
      return set_number (body, pair[0], pair[1]);
    if (strcmp (pair[0], "enabled") == 0)
      return set_flag (body, pair[0], pair[1]);
    if (strcmp (pair[0], "group") == 0) {
      add_group (body, pair[1]);
      return TRUE;
    }
    if (strcmp (pair[0], "name") == 0 || strcmp (pair[0], "filter") == 0) {
      json_object_set_string_member (body, pair[0], pair[1]);
      return TRUE;
    }
  }
  forge_ctl_usage ("“%s” is none of name=, filter=all|groups|favorites, group=, limit=, port=, "
                   "enabled=",
                   text);
  return FALSE;
}

/* NULL after a usage line. */
static JsonObject *
read_values (int argc, char **argv)
{
  g_autoptr (JsonObject) body = json_object_new ();

  for (int i = 0; i < argc; i++)
    if (!add_value (body, argv[i]))
      return NULL;
  return g_steal_pointer (&body);
}

static int
device_add (ForgeCtl *ctl, int argc, char **argv)
{
  if (argc < 3 || strcmp (argv[1], "--name") != 0)
    return forge_ctl_usage ("device add --name N [KEY=VALUE]…");
  JsonObject *body = read_values (argc - 3, argv + 3);
  if (!body)
    return FORGE_CTL_USAGE;
  json_object_set_string_member (body, "name", argv[2]);
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "POST", "/v1/devices", body), NULL);
}

static int
device_set (ForgeCtl *ctl, int argc, char **argv)
{
  if (argc < 3)
    return forge_ctl_usage ("device set ID KEY=VALUE…");
  g_autofree char *path = forge_ctl_path ("devices", "The device", argv[1], NULL);
  JsonObject *body = path ? read_values (argc - 2, argv + 2) : NULL;
  if (!body)
    return FORGE_CTL_USAGE;
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "PATCH", path, body), NULL);
}

static int
group_list (ForgeCtl *ctl, int argc, char **argv)
{
  static const char *const columns[] = { "CHANNELS:channels", "GROUP:name", NULL };

  return forge_ctl_print (ctl, forge_ctl_call (ctl, "GET", "/v1/groups", NULL), columns);
}

const ForgeCtlCommand forge_ctl_device_commands[] = {
  { "channel", "groups", "", group_list },
  { "device", "list", "", device_list },
  { "device", "show", "ID", device_show },
  { "device",
    "add",
    "--name N [filter=all|groups|favorites] [group=G]… [limit=N] [port=N]",
    device_add },
  { "device", "set", "ID KEY=VALUE…", device_set },
  { "device", "remove", "ID", device_remove },
  { "device", "new-id", "ID", device_new_id },
  { 0 },
};

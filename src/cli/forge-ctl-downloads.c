/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli/forge-ctl.h"

static const char *const download_columns[] = { "ID:id",           "STATE:state", "SIZE:size",
                                                "SPEED:speed",     "LEFT:left",   "TITLE:title",
                                                "PROBLEM:problem", NULL };

static gint64
number (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_int (node) : 0;
}

/* "312.4 MB of 1.2 GB" */
static char *
size_text (JsonObject *download)
{
  gint64 total = number (download, "total");
  g_autofree char *there = g_format_size ((guint64)number (download, "bytes"));
  g_autofree char *all = g_format_size ((guint64)total);

  if (total <= 0 || total == number (download, "bytes"))
    return g_steal_pointer (&there);
  return g_strdup_printf ("%s of %s", there, all);
}

/* "1:02:03" */
static char *
time_text (gint64 seconds)
{
  if (seconds < 3600)
    return g_strdup_printf ("%d:%02d", (int)(seconds / 60), (int)(seconds % 60));
  return g_strdup_printf ("%d:%02d:%02d",
                          (int)(seconds / 3600),
                          (int)(seconds / 60 % 60),
                          (int)(seconds % 60));
}

/* What people read beside the numbers that programs do. */
static void
add_texts (JsonArray *array, guint index, JsonNode *element, gpointer unused)
{
  JsonObject *download = json_node_get_object (element);
  gint64 speed = number (download, "bytes_per_s"), left = number (download, "seconds_left");
  g_autofree char *size = size_text (download);
  g_autofree char *rate = g_format_size ((guint64)speed);
  g_autofree char *per_second = g_strconcat (rate, "/s", NULL);
  g_autofree char *time = time_text (left);

  json_object_set_string_member (download, "size", size);
  json_object_set_string_member (download, "speed", speed > 0 ? per_second : "");
  json_object_set_string_member (download, "left", left > 0 ? time : "");
}

static int
downloads_list (ForgeCtl *ctl, int argc, char **argv)
{
  JsonNode *answer = forge_ctl_call (ctl, "GET", "/v1/downloads", NULL);

  if (answer && JSON_NODE_HOLDS_ARRAY (answer) && !forge_ctl_wants_json (ctl))
    json_array_foreach_element (json_node_get_array (answer), add_texts, NULL);
  return forge_ctl_print (ctl, answer, download_columns);
}

static int
downloads_add (ForgeCtl *ctl, int argc, char **argv)
{
  if (argc != 2)
    return forge_ctl_usage ("downloads add movie/ID or episode/ID");
  JsonObject *body = forge_ctl_object ("media", argv[1], NULL);
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "POST", "/v1/downloads", body), NULL);
}

static int
call_download (ForgeCtl *ctl,
               int argc,
               char **argv,
               const char *method,
               const char *verb,
               const char *said)
{
  return forge_ctl_call_one (ctl, argc, argv, method, "downloads", "The download", verb, said);
}

static int
downloads_pause (ForgeCtl *ctl, int argc, char **argv)
{
  return call_download (ctl, argc, argv, "POST", "pause", "Paused.");
}

static int
downloads_resume (ForgeCtl *ctl, int argc, char **argv)
{
  return call_download (ctl, argc, argv, "POST", "resume", "It goes on when its turn comes.");
}

static int
downloads_remove (ForgeCtl *ctl, int argc, char **argv)
{
  return call_download (ctl, argc, argv, "DELETE", NULL, "Removed.");
}

const ForgeCtlCommand forge_ctl_download_commands[] = {
  { "downloads", "list", "", downloads_list },
  { "downloads", "add", "movie/ID|episode/ID", downloads_add },
  { "downloads", "pause", "ID", downloads_pause },
  { "downloads", "resume", "ID", downloads_resume },
  { "downloads", "remove", "ID", downloads_remove },
  { 0 },
};

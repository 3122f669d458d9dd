/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli/forge-ctl.h"

static const char *const download_columns[] = { "ID:id",       "STATE:state", "BYTES:bytes",
                                                "TOTAL:total", "TITLE:title", "PROBLEM:problem",
                                                NULL };

static int
downloads_list (ForgeCtl *ctl, int argc, char **argv)
{
  return forge_ctl_print (ctl,
                          forge_ctl_call (ctl, "GET", "/v1/downloads", NULL),
                          download_columns);
}

static int
downloads_add (ForgeCtl *ctl, int argc, char **argv)
{
  if (argc != 2)
    return forge_ctl_usage ("downloads add movie/ID or episode/ID");
  JsonObject *body = forge_ctl_object ("media", argv[1], NULL);
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "POST", "/v1/downloads", body), NULL);
}

/* `verb` NULL: the download itself. */
static JsonNode *
call_download (ForgeCtl *ctl, const char *method, gint64 id, const char *verb)
{
  g_autofree char *path = g_strdup_printf ("/v1/downloads/%" G_GINT64_FORMAT "%s%s",
                                           id,
                                           verb ? "/" : "",
                                           verb ? verb : "");

  return forge_ctl_call (ctl, method, path, NULL);
}

static int
change (ForgeCtl *ctl, int argc, char **argv, const char *verb, const char *said)
{
  gint64 id;

  if (argc != 2)
    return forge_ctl_usage ("downloads %s ID", verb);
  if (!forge_ctl_id (argv[1], "The download", &id))
    return FORGE_CTL_USAGE;
  return forge_ctl_done (ctl, call_download (ctl, "POST", id, verb), said);
}

static int
downloads_pause (ForgeCtl *ctl, int argc, char **argv)
{
  return change (ctl, argc, argv, "pause", "Paused.");
}

static int
downloads_resume (ForgeCtl *ctl, int argc, char **argv)
{
  return change (ctl, argc, argv, "resume", "It goes on when its turn comes.");
}

static int
downloads_remove (ForgeCtl *ctl, int argc, char **argv)
{
  gint64 id;

  if (argc != 2)
    return forge_ctl_usage ("downloads remove ID");
  if (!forge_ctl_id (argv[1], "The download", &id))
    return FORGE_CTL_USAGE;
  return forge_ctl_done (ctl, call_download (ctl, "DELETE", id, NULL), "Removed.");
}

const ForgeCtlCommand forge_ctl_download_commands[] = {
  { "downloads", "list", "", downloads_list },
  { "downloads", "add", "movie/ID|episode/ID", downloads_add },
  { "downloads", "pause", "ID", downloads_pause },
  { "downloads", "resume", "ID", downloads_resume },
  { "downloads", "remove", "ID", downloads_remove },
  { 0 },
};

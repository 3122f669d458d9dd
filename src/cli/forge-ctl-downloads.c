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

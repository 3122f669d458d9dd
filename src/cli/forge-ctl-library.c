/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli/forge-ctl.h"

#include <string.h>

static const char *const title_columns[] = {
  "ID:id", "TITLE:title", "YEAR:year", "QUALITY:quality", "SOURCES:sources", "GROUP:group", NULL
};

static int
library_list (ForgeCtl *ctl, int argc, char **argv)
{
  g_autofree char *search = NULL;
  const GOptionEntry entries[] = {
    { "search", 0, 0, G_OPTION_ARG_STRING, &search, "", "TEXT" },
    G_OPTION_ENTRY_NULL,
  };

  if (!forge_ctl_options (entries, &argc, &argv))
    return FORGE_CTL_USAGE;
  if (argc != 2 || (strcmp (argv[1], "movies") != 0 && strcmp (argv[1], "series") != 0))
    return forge_ctl_usage ("library list takes movies or series, and --search TEXT");
  g_autofree char *escaped = search ? g_uri_escape_string (search, NULL, FALSE) : NULL;
  g_autofree char *path = g_strdup_printf ("/v1/library/%s%s%s",
                                           argv[1],
                                           escaped ? "?search=" : "",
                                           escaped ? escaped : "");
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "GET", path, NULL), title_columns);
}

/* "12", or with the kind: "movie/12", "series/3", "episode/7". */
static char *
path_of (const char *text)
{
  static const char *const kinds[] = { "movie", "series", "episode" };
  const char *slash = strchr (text, '/');
  gint64 id;

  for (gsize i = 0; slash && i < G_N_ELEMENTS (kinds); i++)
    if (strlen (kinds[i]) == (gsize)(slash - text) && g_str_has_prefix (text, kinds[i]))
      return forge_ctl_id (slash + 1, "The title", &id)
                 ? g_strdup_printf ("/v1/library/%s/%" G_GINT64_FORMAT, kinds[i], id)
                 : NULL;
  return forge_ctl_id (text, "The title", &id)
             ? g_strdup_printf ("/v1/library/title/%" G_GINT64_FORMAT, id)
             : NULL;
}

static int
library_show (ForgeCtl *ctl, int argc, char **argv)
{
  if (argc != 2)
    return forge_ctl_usage ("library show needs one id: 12, or episode/7");
  g_autofree char *path = path_of (argv[1]);
  if (!path)
    return FORGE_CTL_USAGE;
  forge_ctl_progress (ctl, "Asking the provider for details …");
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "GET", path, NULL), NULL);
}

static int
strm_export (ForgeCtl *ctl, int argc, char **argv)
{
  gboolean movies = FALSE, series = FALSE;
  const GOptionEntry entries[] = {
    { "movies", 0, 0, G_OPTION_ARG_NONE, &movies, "", NULL },
    { "series", 0, 0, G_OPTION_ARG_NONE, &series, "", NULL },
    G_OPTION_ENTRY_NULL,
  };

  if (!forge_ctl_options (entries, &argc, &argv))
    return FORGE_CTL_USAGE;
  if (argc != 2)
    return forge_ctl_usage ("strm export needs one folder, and takes --movies and --series");
  g_autofree char *folder = g_canonicalize_filename (argv[1], NULL);
  JsonObject *body = forge_ctl_object ("folder", folder, NULL);
  json_object_set_boolean_member (body, "movies", movies);
  json_object_set_boolean_member (body, "series", series);
  forge_ctl_progress (ctl, "Writing the library …");
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "POST", "/v1/strm/export", body), NULL);
}

static int
links_renew (ForgeCtl *ctl, int argc, char **argv)
{
  gboolean void_old = FALSE;
  g_autofree char *purpose = NULL;
  const GOptionEntry entries[] = {
    { "purpose", 0, 0, G_OPTION_ARG_STRING, &purpose, "", NULL },
    { "void-old", 0, 0, G_OPTION_ARG_NONE, &void_old, "", NULL },
    G_OPTION_ENTRY_NULL,
  };

  if (!forge_ctl_options (entries, &argc, &argv))
    return FORGE_CTL_USAGE;
  if (argc != 1)
    return forge_ctl_usage ("links renew takes --purpose strm|proxy|stream and --void-old");
  JsonObject *body = forge_ctl_object ("purpose", purpose ? purpose : "all", NULL);
  json_object_set_boolean_member (body, "void_old", void_old);
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "POST", "/v1/links/renew", body), NULL);
}

const ForgeCtlCommand forge_ctl_library_commands[] = {
  { "library", "list", "movies|series [--search TEXT]", library_list },
  { "library", "show", "ID", library_show },
  { "strm", "export", "DIR [--movies] [--series]", strm_export },
  { "links", "renew", "[--purpose strm|proxy|stream] [--void-old]", links_renew },
  { 0 },
};

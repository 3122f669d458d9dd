/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli/forge-ctl.h"

#include <stdio.h>
#include <string.h>

static const char *const channel_columns[] = { "ID:id",           "NUMBER:number",
                                               "NAME:name",       "ENABLED:enabled",
                                               "STREAMS:streams", "GUIDE:has_guide",
                                               "GROUP:group",     NULL };
static const char *const rule_columns[] = { "ID:id",         "VERDICT:verdict",
                                            "STREAM:stream", "CHANNEL:channel_key",
                                            "MADE:time",     NULL };
static const char *const finding_columns[] = { "SEVERITY:severity", "FINDING:text", NULL };

/* "--search TEXT" and one of --all, --enabled, --unmatched. */
static int
channel_list (ForgeCtl *ctl, int argc, char **argv)
{
  gboolean all = FALSE, enabled = FALSE, unmatched = FALSE;
  g_autofree char *search = NULL;
  const GOptionEntry entries[] = {
    { "all", 0, 0, G_OPTION_ARG_NONE, &all, "", NULL },
    { "enabled", 0, 0, G_OPTION_ARG_NONE, &enabled, "", NULL },
    { "unmatched", 0, 0, G_OPTION_ARG_NONE, &unmatched, "", NULL },
    { "search", 0, 0, G_OPTION_ARG_STRING, &search, "", "TEXT" },
    G_OPTION_ENTRY_NULL,
  };

  if (!forge_ctl_options (entries, &argc, &argv))
    return FORGE_CTL_USAGE;
  if (argc > 1 || all + enabled + unmatched > 1)
    return forge_ctl_usage (
        "channel list takes one of --all, --enabled, --unmatched, and --search TEXT");
  g_autofree char *escaped = search ? g_uri_escape_string (search, NULL, FALSE) : NULL;
  g_autofree char *path = g_strdup_printf ("/v1/channels?filter=%s%s%s",
                                           enabled     ? "enabled"
                                           : unmatched ? "unmatched"
                                                       : "all",
                                           escaped ? "&search=" : "",
                                           escaped ? escaped : "");
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "GET", path, NULL), channel_columns);
}

static int
channel_show (ForgeCtl *ctl, int argc, char **argv)
{
  return forge_ctl_call_one (ctl, argc, argv, "GET", "channels", "The channel", NULL, NULL);
}

/* An object with the array `member` of the ids in argv; NULL after a usage line. */
static JsonObject *
ids_object (const char *member, const char *what, int argc, char **argv)
{
  g_autoptr (JsonArray) ids = json_array_new ();

  for (int i = 0; i < argc; i++) {
    gint64 id;
    if (!forge_ctl_id (argv[i], what, &id))
      return NULL;
    json_array_add_int_element (ids, id);
  }
  JsonObject *object = json_object_new ();
  json_object_set_array_member (object, member, g_steal_pointer (&ids));
  return object;
}

static int
switch_channels (ForgeCtl *ctl, const char *path, int argc, char **argv, const char *text)
{
  if (argc < 2)
    return forge_ctl_usage ("at least one channel id is needed");
  JsonObject *body = ids_object ("ids", "The channel", argc - 1, argv + 1);
  return body ? forge_ctl_done (ctl, forge_ctl_call (ctl, "POST", path, body), text)
              : FORGE_CTL_USAGE;
}

static int
channel_enable (ForgeCtl *ctl, int argc, char **argv)
{
  return switch_channels (ctl, "/v1/channels/enable", argc, argv, "Switched on.");
}

static int
channel_disable (ForgeCtl *ctl, int argc, char **argv)
{
  return switch_channels (ctl, "/v1/channels/disable", argc, argv, "Switched off.");
}

static int
channel_favorite (ForgeCtl *ctl, int argc, char **argv)
{
  return switch_channels (ctl, "/v1/channels/favorite", argc, argv, "Starred.");
}

static int
channel_unfavorite (ForgeCtl *ctl, int argc, char **argv)
{
  return switch_channels (ctl, "/v1/channels/unfavorite", argc, argv, "No longer starred.");
}

/* POST /v1/channels/ID/VERB with one whole number. */
static int
post_number (ForgeCtl *ctl,
             const char *id_text,
             const char *verb,
             const char *member,
             const char *number_text)
{
  g_autofree char *path = forge_ctl_path ("channels", "The channel", id_text, verb);
  gint64 number;

  if (!path || !forge_ctl_id (number_text, member, &number))
    return FORGE_CTL_USAGE;
  JsonObject *body = json_object_new ();
  json_object_set_int_member (body, member, number);
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "POST", path, body), NULL);
}

static int
channel_move (ForgeCtl *ctl, int argc, char **argv)
{
  if (argc != 4 || strcmp (argv[2], "--to") != 0)
    return forge_ctl_usage ("channel move ID --to N");
  return post_number (ctl, argv[1], "move", "to", argv[3]);
}

static int
channel_number (ForgeCtl *ctl, int argc, char **argv)
{
  if (argc != 3)
    return forge_ctl_usage ("channel number ID N");
  return post_number (ctl, argv[1], "number", "number", argv[2]);
}

static int
channel_promote (ForgeCtl *ctl, int argc, char **argv)
{
  gint64 stream;

  if (argc != 2)
    return forge_ctl_usage ("channel promote STREAM_ID");
  if (!forge_ctl_id (argv[1], "The stream", &stream))
    return FORGE_CTL_USAGE;
  JsonObject *body = json_object_new ();
  json_object_set_int_member (body, "stream", stream);
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "POST", "/v1/channels/promote", body), NULL);
}

/* ID TEXT, sent as `member` to /v1/channels/ID/`verb`. */
static int
set_channel_text (ForgeCtl *ctl,
                  int argc,
                  char **argv,
                  const char *verb,
                  const char *member,
                  const char *usage)
{
  if (argc != 3)
    return forge_ctl_usage ("%s", usage);
  g_autofree char *path = forge_ctl_path ("channels", "The channel", argv[1], verb);
  if (!path)
    return FORGE_CTL_USAGE;
  return forge_ctl_print (
      ctl,
      forge_ctl_call (ctl, "POST", path, forge_ctl_object (member, argv[2], NULL)),
      NULL);
}

static int
channel_rename (ForgeCtl *ctl, int argc, char **argv)
{
  return set_channel_text (ctl,
                           argc,
                           argv,
                           "rename",
                           "name",
                           "channel rename ID NAME (\"\" goes back to the guide's name)");
}

static int
channel_group (ForgeCtl *ctl, int argc, char **argv)
{
  return set_channel_text (ctl,
                           argc,
                           argv,
                           "group",
                           "group",
                           "channel group ID NAME (\"\" goes back to the provider's group)");
}

static int
channel_logo (ForgeCtl *ctl, int argc, char **argv)
{
  return set_channel_text (ctl,
                           argc,
                           argv,
                           "logo",
                           "logo",
                           "channel logo ID URL (\"\" goes back to the provider's picture)");
}

static int
channel_reset (ForgeCtl *ctl, int argc, char **argv)
{
  if (argc != 2)
    return forge_ctl_usage ("channel reset ID");
  g_autofree char *path = forge_ctl_path ("channels", "The channel", argv[1], "reset");
  if (!path)
    return FORGE_CTL_USAGE;
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "POST", path, NULL), NULL);
}

static int
match_run (ForgeCtl *ctl, int argc, char **argv)
{
  forge_ctl_progress (ctl, "Matching …");
  return forge_ctl_done (ctl, forge_ctl_call (ctl, "POST", "/v1/match/run", NULL), "Matched.");
}

static void
print_indented (JsonArray *reasons)
{
  for (guint i = 0; i < json_array_get_length (reasons); i++) {
    g_autofree char *reason =
        forge_ctl_plain (g_strdup (json_array_get_string_element (reasons, i)));
    printf ("      %s\n", reason);
  }
}

/* A channel of the queue, then each of its streams to look at with the reasons. */
static void
print_review (JsonArray *array, guint index, JsonNode *node, gpointer unused)
{
  JsonObject *channel = json_node_get_object (node);
  JsonArray *streams = json_object_get_array_member (channel, "streams");
  g_autofree char *name =
      forge_ctl_plain (g_strdup (json_object_get_string_member (channel, "name")));

  printf ("%" G_GINT64_FORMAT "  %s\n", json_object_get_int_member (channel, "id"), name);
  for (guint i = 0; i < json_array_get_length (streams); i++) {
    JsonObject *stream = json_array_get_object_element (streams, i);

    if (!json_object_get_boolean_member_with_default (stream, "review", FALSE))
      continue;
    g_autofree char *text =
        forge_ctl_plain (g_strdup (json_object_get_string_member (stream, "name")));
    printf ("  %" G_GINT64_FORMAT "  %s  %.2f\n",
            json_object_get_int_member (stream, "id"),
            text,
            json_object_get_double_member (stream, "confidence"));
    if (json_object_has_member (stream, "reasons"))
      print_indented (json_object_get_array_member (stream, "reasons"));
  }
}

static int
match_review (ForgeCtl *ctl)
{
  g_autoptr (JsonNode) answer = forge_ctl_call (ctl, "GET", "/v1/match?review=1", NULL);

  if (!answer || forge_ctl_wants_json (ctl))
    return forge_ctl_print (ctl, g_steal_pointer (&answer), NULL);
  json_array_foreach_element (json_node_get_array (answer), print_review, NULL);
  return FORGE_CTL_OK;
}

static int
match_list (ForgeCtl *ctl, int argc, char **argv)
{
  if (argc == 2 && strcmp (argv[1], "--review") == 0)
    return match_review (ctl);
  if (argc > 1)
    return forge_ctl_usage ("match list [--review]");
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "GET", "/v1/match", NULL), channel_columns);
}

static int
match_accept_review (ForgeCtl *ctl, int argc, char **argv)
{
  char *end = NULL;
  double from = argc == 2 ? g_ascii_strtod (argv[1], &end) : 0;

  if (argc != 2 || end == argv[1] || *end || from < 0 || from > 1)
    return forge_ctl_usage (
        "match accept-review CONFIDENCE (0 to 1: all that is at least so sure)");
  JsonObject *body = json_object_new ();
  json_object_set_double_member (body, "review_from", from);
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "POST", "/v1/match/accept", body), NULL);
}

static int
match_undo (ForgeCtl *ctl, int argc, char **argv)
{
  if (argc != 1)
    return forge_ctl_usage ("match undo");
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "POST", "/v1/match/undo", NULL), NULL);
}

static int
match_set (ForgeCtl *ctl, int argc, char **argv)
{
  gboolean primary = FALSE;
  const GOptionEntry entries[] = {
    { "primary", 0, 0, G_OPTION_ARG_NONE, &primary, "", NULL },
    G_OPTION_ENTRY_NULL,
  };

  if (!forge_ctl_options (entries, &argc, &argv))
    return FORGE_CTL_USAGE;
  if (argc < 3)
    return forge_ctl_usage ("match set CHANNEL STREAM… [--primary]");
  g_autofree char *path = forge_ctl_path ("channels", "The channel", argv[1], "streams");
  JsonObject *body = path ? ids_object ("streams", "The stream", argc - 2, argv + 2) : NULL;
  if (!body)
    return FORGE_CTL_USAGE;
  json_object_set_boolean_member (body, "primary", primary);
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "POST", path, body), NULL);
}

static int
match_unset (ForgeCtl *ctl, int argc, char **argv)
{
  if (argc != 3)
    return forge_ctl_usage ("match unset CHANNEL STREAM");
  g_autofree char *streams = forge_ctl_path ("channels", "The channel", argv[1], "streams");
  g_autofree char *path =
      streams ? forge_ctl_path (streams + strlen ("/v1/"), "The stream", argv[2], NULL) : NULL;
  if (!path)
    return FORGE_CTL_USAGE;
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "DELETE", path, NULL), NULL);
}

static int
match_rules (ForgeCtl *ctl, int argc, char **argv)
{
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "GET", "/v1/match/rules", NULL), rule_columns);
}

static int
match_forget (ForgeCtl *ctl, int argc, char **argv)
{
  return forge_ctl_call_one (ctl,
                             argc,
                             argv,
                             "DELETE",
                             "match/rules",
                             "The rule",
                             NULL,
                             "Forgotten.");
}

static void
print_reasons (JsonArray *array, guint index, JsonNode *node, gpointer unused)
{
  JsonObject *stream = json_node_get_object (node);
  JsonArray *reasons = json_object_get_array_member (stream, "reasons");

  g_autofree char *name =
      forge_ctl_plain (g_strdup (json_object_get_string_member (stream, "stream")));

  printf ("%s  %.2f%s\n",
          name,
          json_object_get_double_member (stream, "confidence"),
          json_object_has_member (stream, "rejected") ? "  (rejected by you)" : "");
  print_indented (reasons);
}

static int
match_explain (ForgeCtl *ctl, int argc, char **argv)
{
  if (argc != 2)
    return forge_ctl_usage ("match explain CHANNEL");
  g_autofree char *path = forge_ctl_path ("channels", "The channel", argv[1], "explain");
  if (!path)
    return FORGE_CTL_USAGE;
  g_autoptr (JsonNode) answer = forge_ctl_call (ctl, "GET", path, NULL);
  if (!answer || forge_ctl_wants_json (ctl))
    return forge_ctl_print (ctl, g_steal_pointer (&answer), NULL);
  JsonObject *object = json_node_get_object (answer);
  g_autofree char *name =
      forge_ctl_plain (g_strdup (json_object_get_string_member (object, "channel")));
  puts (name);
  json_array_foreach_element (json_object_get_array_member (object, "streams"),
                              print_reasons,
                              NULL);
  return FORGE_CTL_OK;
}

static int
lineup_list (ForgeCtl *ctl, int argc, char **argv)
{
  return forge_ctl_print (ctl, forge_ctl_call (ctl, "GET", "/v1/lineup", NULL), channel_columns);
}

static int
lineup_check (ForgeCtl *ctl, int argc, char **argv)
{
  JsonNode *answer = forge_ctl_call (ctl, "GET", "/v1/lineup/check", NULL);

  if (answer && JSON_NODE_HOLDS_ARRAY (answer) &&
      json_array_get_length (json_node_get_array (answer)) == 0 && !forge_ctl_wants_json (ctl))
    return forge_ctl_done (ctl,
                           answer,
                           "All is well: the lineup fits Plex, no number is given twice, and every "
                           "channel has a guide.");
  return forge_ctl_print (ctl, answer, finding_columns);
}

const ForgeCtlCommand forge_ctl_channel_commands[] = {
  { "channel", "list", "[--all|--enabled|--unmatched] [--search TEXT]", channel_list },
  { "channel", "show", "ID", channel_show },
  { "channel", "enable", "ID…", channel_enable },
  { "channel", "disable", "ID…", channel_disable },
  { "channel", "favorite", "ID…", channel_favorite },
  { "channel", "unfavorite", "ID…", channel_unfavorite },
  { "channel", "move", "ID --to N", channel_move },
  { "channel", "number", "ID N", channel_number },
  { "channel", "promote", "STREAM_ID", channel_promote },
  { "channel", "rename", "ID NAME", channel_rename },
  { "channel", "group", "ID NAME", channel_group },
  { "channel", "logo", "ID URL", channel_logo },
  { "channel", "reset", "ID", channel_reset },
  { "match", "run", "", match_run },
  { "match", "list", "[--review]", match_list },
  { "match", "set", "CHANNEL STREAM… [--primary]", match_set },
  { "match", "unset", "CHANNEL STREAM", match_unset },
  { "match", "accept", "CHANNEL STREAM… (same as set)", match_set },
  { "match", "reject", "CHANNEL STREAM (same as unset)", match_unset },
  { "match", "accept-review", "CONFIDENCE", match_accept_review },
  { "match", "undo", "", match_undo },
  { "match", "rules", "", match_rules },
  { "match", "forget", "RULE", match_forget },
  { "match", "explain", "CHANNEL", match_explain },
  { "lineup", "list", "", lineup_list },
  { "lineup", "check", "", lineup_check },
  { 0 },
};

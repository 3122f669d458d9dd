/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fake provider by hand: prints one line of JSON, then takes sentences of the scenario language
 * from standard input, or "counts"; ends with standard input. */
#include "config.h"

#include "forge-fake-body.h"
#include "forge-fake-provider.h"

#include <stdio.h>
#include <string.h>

typedef struct {
  int port, channels, max_connections, generated;
  gboolean is_demo, tells_live;
} Arguments;

static gboolean
parse_arguments (int *argc, char ***argv, Arguments *arguments)
{
  const GOptionEntry entries[] = {
    { "port", 0, 0, G_OPTION_ARG_INT, &arguments->port, "TCP port, 0 = any free one", "N" },
    { "channels", 0, 0, G_OPTION_ARG_INT, &arguments->channels, "Channels, 0 = 24", "N" },
    { "max-connections",
      0,
      0,
      G_OPTION_ARG_INT,
      &arguments->max_connections,
      "Streams at once, 0 = 4",
      "N" },
    { "generated",
      0,
      0,
      G_OPTION_ARG_INT,
      &arguments->generated,
      "This many more streams in the list",
      "N" },
    { "tell-live",
      0,
      0,
      G_OPTION_ARG_NONE,
      &arguments->tells_live,
      "Print a line when a live stream begins or is made to end, with the time (CLOCK_MONOTONIC)",
      NULL },
    { "demo", 0, 0, G_OPTION_ARG_NONE, &arguments->is_demo, "What --demo shows", NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("– a small Xtream provider");
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, &error)) {
    g_printerr ("%s\n", error->message);
    return FALSE;
  }
  return arguments->port >= 0 && arguments->port <= G_MAXUINT16 && arguments->channels >= 0 &&
         arguments->max_connections >= 0 && arguments->generated >= 0;
}

static void
print_account (ForgeFakeProvider *provider)
{
  g_autoptr (GString) line = g_string_new ("{\"port\":");

  g_string_append (line, strrchr (forge_fake_provider_url (provider), ':') + 1);
  g_string_append (line, ",\"user\":");
  forge_fake_append_json (line, forge_fake_provider_username (provider));
  g_string_append (line, ",\"password\":");
  forge_fake_append_json (line, forge_fake_provider_password (provider));
  g_print ("%s}\n", line->str);
  fflush (stdout);
}

static void
print_counts (ForgeFakeProvider *provider)
{
  ForgeFakeProviderCounts counts;

  forge_fake_provider_counts (provider, &counts);
  g_print ("{\"opens\":%u,\"open\":%u,\"peak\":%u,\"refused\":%u,\"kicked\":%u,\"requests\":%u,"
           "\"conditional\":%u}\n",
           counts.opens,
           counts.open,
           counts.peak,
           counts.refused,
           counts.kicked,
           counts.requests,
           counts.conditional);
  fflush (stdout);
}

static void
on_live (guint stream_id, gboolean begins, gpointer user_data)
{
  g_autofree char *line =
      g_strdup_printf ("{\"stream\":%u,\"begins\":%s,\"at_us\":%" G_GINT64_FORMAT "}\n",
                       stream_id,
                       begins ? "true" : "false",
                       g_get_monotonic_time ());

  fputs (line, stdout);
  fflush (stdout);
}

static void
obey (ForgeFakeProvider *provider, char *line)
{
  g_autoptr (GError) error = NULL;

  g_strstrip (line);
  if (strcmp (line, "counts") == 0)
    print_counts (provider);
  else if (*line && !forge_fake_provider_say (provider, line, &error))
    g_printerr ("%s\n", error->message);
}

int
main (int argc, char *argv[])
{
  Arguments arguments = { 0 };
  g_autoptr (GError) error = NULL;
  char line[512];

  if (!parse_arguments (&argc, &argv, &arguments))
    return 2;

  const ForgeFakeProviderOptions options = { .channels = (guint)arguments.channels,
                                             .max_connections = (guint)arguments.max_connections,
                                             .is_demo = arguments.is_demo,
                                             .generated_streams = (guint)arguments.generated,
                                             .port = (guint16)arguments.port,
                                             .on_live = arguments.tells_live ? on_live : NULL };
  g_autoptr (ForgeFakeProvider) provider = forge_fake_provider_new (&options, &error);
  if (!provider) {
    g_printerr ("%s\n", error->message);
    return 1;
  }
  print_account (provider);
  while (fgets (line, sizeof line, stdin))
    obey (provider, line);
  return 0;
}

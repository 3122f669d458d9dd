/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tests/integration/forge-harness-live.h"

#include <string.h>
#include <unistd.h>

char *
live_path (Harness *h, guint index)
{
  g_autofree char *name = harness_channel_name (h, index);

  return g_strdup_printf ("/stream/%" G_GINT64_FORMAT, harness_channel (h, name));
}

void
live_set (Harness *h, const char *key, const char *value)
{
  g_autofree char *path = g_strconcat ("/v1/settings/", key, NULL);
  g_autofree char *body = g_strdup_printf ("{\"value\":\"%s\"}", value);

  json_node_unref (harness_call (h, "PUT", path, body, 200));
}

guint
live_open (Harness *h)
{
  ForgeFakeProviderCounts counts;

  forge_fake_provider_counts (h->provider, &counts);
  return counts.open;
}

char *
live_health (Harness *h, guint index)
{
  g_autoptr (JsonNode) node = harness_call (h, "GET", "/v1/sessions", NULL, 200);
  JsonArray *sessions = json_node_get_array (node);

  if (index >= json_array_get_length (sessions))
    return g_strdup ("");
  return g_strdup (
      json_object_get_string_member (json_array_get_object_element (sessions, index), "health"));
}

gint64
live_await_health (Harness *h, guint index, const char *health, guint seconds)
{
  gint64 begun_us = g_get_monotonic_time ();
  gint64 end_us = begun_us + (gint64)seconds * G_USEC_PER_SEC;

  for (;;) {
    g_autofree char *now = live_health (h, index);
    if (strcmp (now, health) == 0)
      return g_get_monotonic_time () - begun_us;
    if (g_get_monotonic_time () > end_us)
      g_error ("session %u is “%s”, not “%s” within %u s", index, now, health, seconds);
    g_usleep (20000);
  }
}

static gboolean
has_event (Harness *h, const char *text)
{
  g_autoptr (JsonNode) node = harness_call (h, "GET", "/v1/events", NULL, 200);
  JsonArray *events = json_node_get_array (node);

  for (guint i = 0; i < json_array_get_length (events); i++)
    if (strstr (json_object_get_string_member (json_array_get_object_element (events, i),
                                               "message"),
                text))
      return TRUE;
  return FALSE;
}

void
live_await_event (Harness *h, const char *text, guint seconds)
{
  gint64 end_us = g_get_monotonic_time () + (gint64)seconds * G_USEC_PER_SEC;

  while (!has_event (h, text)) {
    if (g_get_monotonic_time () > end_us)
      g_error ("no event “%s” within %u s", text, seconds);
    g_usleep (50000);
  }
}

static gboolean
is_idle (gpointer data)
{
  Harness *h = data;

  return live_open (h) == 0 && harness_sessions (h) == 0;
}

void
live_await_idle (Harness *h)
{
  harness_await (is_idle, h, 20, "all sessions and connections gone");
}

guint
live_descriptors (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir))
    n++;
  return n;
}

gsize
live_rss_kb (void)
{
  g_autofree char *text = NULL;
  gulong pages = 0;

  if (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL)) {
    const char *second = strchr (text, ' ');
    pages = second ? strtoul (second, NULL, 10) : 0;
  }
  return pages * (gulong)sysconf (_SC_PAGESIZE) / 1024;
}

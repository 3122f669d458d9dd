/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli/forge-ctl-follow.h"

#include "cli/forge-ctl.h"

#include <string.h>

#define LOOK_EVERY_US  (500 * G_TIME_SPAN_MILLISECOND)
#define TELL_TIME_US   (10 * G_USEC_PER_SEC)
#define CALL_TIMEOUT_S 10

struct _ForgeCtlFollow {
  GSocketAddress *address;
  gint64 start_s, start_us, told_us; /* wall clock; monotonic; when something was last shown */
  gint64 after;                      /* id of the last event that was seen */
  GThread *thread;
  GMutex lock;
  GCond changed;
  gboolean is_ready, is_over;
};

/* Events since the start, of those categories that long work writes; NULL = none to be had. */
static JsonNode *
fetch (const ForgeCtlFollow *follow, SoupSession *session)
{
  g_autofree char *url = g_strdup_printf (
      "http://localhost/v1/events?level=info&since=%" G_GINT64_FORMAT "&after=%" G_GINT64_FORMAT,
      follow->start_s,
      follow->after);
  g_autoptr (SoupMessage) message = soup_message_new ("GET", url);
  g_autoptr (GBytes) bytes = soup_session_send_and_read (session, message, NULL, NULL);

  if (!bytes || soup_message_get_status (message) != SOUP_STATUS_OK)
    return NULL;
  g_autofree char *text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_autoptr (JsonNode) answer = json_from_string (text, NULL);
  return answer && JSON_NODE_HOLDS_ARRAY (answer) ? g_steal_pointer (&answer) : NULL;
}

/* Trouble is told by the answer. */
static gboolean
is_of_long_work (JsonObject *event)
{
  static const char *const categories[] = { "provider", "guide", "library", "match", NULL };
  const char *category = json_object_get_string_member_with_default (event, "category", "");

  return g_strv_contains (categories, category) &&
         g_strcmp0 (json_object_get_string_member_with_default (event, "level", ""), "info") == 0;
}

static void
show (ForgeCtlFollow *follow, JsonArray *events)
{
  for (guint i = 0; i < json_array_get_length (events); i++) {
    JsonObject *event = json_array_get_object_element (events, i);
    g_autofree char *line =
        g_strdup (json_object_get_string_member_with_default (event, "message", ""));
    follow->after = json_object_get_int_member_with_default (event, "id", follow->after);
    if (!follow->is_ready || !is_of_long_work (event))
      continue;
    g_printerr ("  %s\n", forge_ctl_plain (line));
    follow->told_us = g_get_monotonic_time ();
  }
}

static void
look (ForgeCtlFollow *follow, SoupSession *session)
{
  g_autoptr (JsonNode) events = fetch (follow, session);

  if (events)
    show (follow, json_node_get_array (events));
}

static void
tell_time (ForgeCtlFollow *follow)
{
  gint64 now_us = g_get_monotonic_time ();

  if (now_us - follow->told_us < TELL_TIME_US)
    return;
  g_printerr ("  … %d s\n", (int)((now_us - follow->start_us) / G_USEC_PER_SEC));
  follow->told_us = now_us;
}

static void
set (ForgeCtlFollow *follow, gboolean *flag)
{
  g_mutex_lock (&follow->lock);
  *flag = TRUE;
  g_cond_broadcast (&follow->changed);
  g_mutex_unlock (&follow->lock);
}

/* FALSE when it is over. */
static gboolean
wait_a_moment (ForgeCtlFollow *follow)
{
  gint64 until_us = g_get_monotonic_time () + LOOK_EVERY_US;

  g_mutex_lock (&follow->lock);
  while (!follow->is_over && g_cond_wait_until (&follow->changed, &follow->lock, until_us))
    ;
  gboolean goes_on = !follow->is_over;
  g_mutex_unlock (&follow->lock);
  return goes_on;
}

static gpointer
run (gpointer data)
{
  ForgeCtlFollow *follow = data;
  g_autoptr (GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  SoupSession *session = soup_session_new_with_options ("remote-connectable",
                                                        follow->address,
                                                        "timeout",
                                                        CALL_TIMEOUT_S,
                                                        NULL);
  look (follow, session); /* what was there before is not shown */
  set (follow, &follow->is_ready);
  while (wait_a_moment (follow)) {
    look (follow, session);
    tell_time (follow);
  }
  look (follow, session);
  g_object_unref (session);
  g_main_context_pop_thread_default (context);
  return NULL;
}

ForgeCtlFollow *
forge_ctl_follow_start (GSocketAddress *address)
{
  ForgeCtlFollow *follow = g_new0 (ForgeCtlFollow, 1);

  follow->address = g_object_ref (address);
  follow->start_s = g_get_real_time () / G_USEC_PER_SEC;
  follow->start_us = follow->told_us = g_get_monotonic_time ();
  g_mutex_init (&follow->lock);
  g_cond_init (&follow->changed);
  follow->thread = g_thread_new ("follow", run, follow);
  g_mutex_lock (&follow->lock);
  while (!follow->is_ready)
    g_cond_wait (&follow->changed, &follow->lock);
  g_mutex_unlock (&follow->lock);
  return follow;
}

void
forge_ctl_follow_stop (ForgeCtlFollow *follow)
{
  if (!follow)
    return;
  set (follow, &follow->is_over);
  g_thread_join (follow->thread);
  g_object_unref (follow->address);
  g_mutex_clear (&follow->lock);
  g_cond_clear (&follow->changed);
  g_free (follow);
}

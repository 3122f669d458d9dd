/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-notifier.h"

#include "app/forge-engine-text.h"
#include "app/forge-json-read.h"

#include <glib/gi18n.h>

#include <string.h>

struct _ForgeNotifier {
  GObject parent;
  GApplication *application; /* lent */
  ForgeAppModel *model;
  GHashTable *failovers; /* session id → times its source was replaced */
  gint64 last_event;     /* the newest that was looked at, 0 = none yet */
  gint64 since_s;        /* Unix: what happened before is no news */
  GCancellable *cancellable;
  gboolean is_reading, is_stale; /* events are on their way; there are newer ones */
};

G_DEFINE_FINAL_TYPE (ForgeNotifier, forge_notifier, G_TYPE_OBJECT)

static void read_events (ForgeNotifier *self);

/* Problems that are told once, by how their id ends. */
static const struct {
  const char *prefix, *suffix, *title;
} told_problems[] = {
  { "account-", "-expiry", N_ ("Account expires soon") },
  { "refresh-", "-held", N_ ("A refresh was held back") },
};

/* ── Sending ── */

#define SERVICE            "org.freedesktop.Notifications"
#define SERVICE_TIMEOUT_MS 5000

typedef struct {
  GApplication *application;
  GNotification *notification;
  char *id;
} Telling;

static void
telling_free (Telling *telling)
{
  g_object_unref (telling->application);
  g_object_unref (telling->notification);
  g_free (telling->id);
  g_free (telling);
}

static void
finish_telling (Telling *telling, gboolean is_shown, const char *reason)
{
  if (is_shown)
    g_application_send_notification (telling->application, telling->id, telling->notification);
  else
    g_debug ("“%s” is not shown: %s", telling->id, reason);
  telling_free (telling);
}

static void
on_service_started (GObject *bus, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, &error);

  finish_telling (user_data, reply != NULL, error ? error->message : NULL);
}

/* Asks the bus about whoever shows notifications. */
static void
ask_bus (GDBusConnection *bus,
         const char *method,
         GVariant *arguments,
         const char *answer,
         GAsyncReadyCallback done,
         Telling *telling)
{
  g_dbus_connection_call (bus,
                          "org.freedesktop.DBus",
                          "/org/freedesktop/DBus",
                          "org.freedesktop.DBus",
                          method,
                          arguments,
                          G_VARIANT_TYPE (answer),
                          G_DBUS_CALL_FLAGS_NONE,
                          SERVICE_TIMEOUT_MS,
                          NULL,
                          done,
                          telling);
}

static void
on_owner_known (GObject *bus, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, &error);
  gboolean has_owner = FALSE;

  if (reply)
    g_variant_get (reply, "(b)", &has_owner);
  if (has_owner || error)
    finish_telling (user_data, has_owner, error ? error->message : NULL);
  else
    ask_bus (G_DBUS_CONNECTION (bus),
             "StartServiceByName",
             g_variant_new ("(su)", SERVICE, 0),
             "(u)",
             on_service_started,
             user_data);
}

/* GIO warns about a desktop that shows no notifications; nobody can do anything about it. So who
 * shows them is looked for, or started, first. In a sandbox it is the portal, which is always
 * there.
 */
static void
send (GApplication *application, const char *id, GNotification *notification)
{
  GDBusConnection *bus = g_application_get_dbus_connection (application);

  if (!bus)
    return;
  if (g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS)) {
    g_application_send_notification (application, id, notification);
    return;
  }
  Telling *telling = g_new0 (Telling, 1);
  telling->application = g_object_ref (application);
  telling->notification = g_object_ref (notification);
  telling->id = g_strdup (id);
  ask_bus (bus, "NameHasOwner", g_variant_new ("(s)", SERVICE), "(b)", on_owner_known, telling);
}

void
forge_notifier_tell (GApplication *application,
                     const char *id,
                     const char *title,
                     const char *text,
                     const char *place)
{
  g_autoptr (GNotification) notification = g_notification_new (title);

  g_notification_set_body (notification, text);
  g_notification_set_default_action_and_target (notification, "app.show", "s", place);
  send (application, id, notification);
}

/* ── News ── */

static gboolean
is_in (char **words, const char *word)
{
  return words && g_strv_contains ((const char *const *)words, word);
}

static const char *
title_of (const ForgeProblem *problem)
{
  for (gsize i = 0; i < G_N_ELEMENTS (told_problems); i++)
    if (g_str_has_prefix (problem->id, told_problems[i].prefix) &&
        g_str_has_suffix (problem->id, told_problems[i].suffix))
      return _ (told_problems[i].title);
  return NULL;
}

/* Each attempt of a refresh has an id of its own; held back for the same reason, it is the same
 * news.
 */
static char *
key_of (const ForgeProblem *problem)
{
  if (g_str_has_prefix (problem->id, "refresh-"))
    return g_strdup_printf ("refresh-%08x", g_str_hash (problem->text));
  return g_strdup (problem->id);
}

static void
tell_problem (ForgeNotifier *self, const ForgeProblem *problem, const char *key, const char *title)
{
  g_autofree char *text = forge_engine_text (problem->text);
  g_autofree char *place = g_strconcat ("sources/", problem->id, NULL);

  forge_notifier_tell (self->application, key, title, text, place);
}

/* What is gone may be told again when it comes back. */
static void
tell_problems (ForgeNotifier *self, ForgeLive *live)
{
  ForgeAppState *state = forge_app_model_get_state (self->model);
  g_autofree char *before = forge_app_state_get_text (state, FORGE_STATE_TOLD);
  g_auto (GStrv) told = before ? g_strsplit (before, " ", -1) : NULL;
  g_autoptr (GString) now = g_string_new (NULL);

  for (guint i = 0; i < live->problems->len; i++) {
    const ForgeProblem *problem = g_ptr_array_index (live->problems, i);
    const char *title = title_of (problem);
    if (!title)
      continue;
    g_autofree char *key = key_of (problem);
    if (!is_in (told, key))
      tell_problem (self, problem, key, title);
    g_string_append_printf (now, "%s%s", now->len > 0 ? " " : "", key);
  }
  if (g_strcmp0 (before ? before : "", now->str) != 0)
    forge_app_state_set_text (state, FORGE_STATE_TOLD, now->str);
}

static void
tell_failover (ForgeNotifier *self, const ForgeSessionInfo *session)
{
  g_autofree char *id = g_strdup_printf ("failover-%" G_GINT64_FORMAT, session->channel_id);
  g_autofree char *text =
      session->stream
          ? g_strdup_printf (_ ("%s goes on from “%s”."), session->channel, session->stream)
          : g_strdup_printf (_ ("%s is looking for another source."), session->channel);

  forge_notifier_tell (self->application, id, _ ("A source failed"), text, "sessions");
}

/* Told when the replacement plays: until then the text would be a guess. */
static void
tell_failovers (ForgeNotifier *self, ForgeLive *live)
{
  g_autoptr (GHashTable) now = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < live->sessions->len; i++) {
    const ForgeSessionInfo *session = g_ptr_array_index (live->sessions, i);
    gpointer key = GSIZE_TO_POINTER ((gsize)session->id);
    int before = GPOINTER_TO_INT (g_hash_table_lookup (self->failovers, key));
    gboolean is_over = session->failovers > before && session->health == FORGE_HEALTH_HEALTHY;
    if (is_over)
      tell_failover (self, session);
    g_hash_table_insert (now, key, GINT_TO_POINTER (is_over ? session->failovers : before));
  }
  g_hash_table_unref (self->failovers);
  self->failovers = g_steal_pointer (&now);
}

static void
on_live_changed (ForgeNotifier *self)
{
  ForgeLive *live = forge_app_model_get_live (self->model);

  if (!live)
    return;
  tell_problems (self, live);
  tell_failovers (self, live);
}

/* ── Downloads ── */

/* The title in the engine's event, NULL if it tells something else. Returns: (transfer full). */
static char *
downloaded_title (const char *message)
{
  static const char before[] = "“", after[] = "” was downloaded";

  if (!message || !g_str_has_prefix (message, before) || !g_str_has_suffix (message, after))
    return NULL;
  return g_strndup (message + strlen (before), strlen (message) - strlen (before) - strlen (after));
}

/* What ended between the start and the first look at events is news too. */
static gboolean
is_news (ForgeNotifier *self, JsonObject *event)
{
  const char *text = forge_json_read_text (event, "time");
  g_autoptr (GDateTime) time = text ? g_date_time_new_from_iso8601 (text, NULL) : NULL;

  return forge_json_read_int (event, "id") > self->last_event && time &&
         g_date_time_to_unix (time) >= self->since_s;
}

static void
tell_event (ForgeNotifier *self, JsonObject *event)
{
  g_autofree char *title = downloaded_title (forge_json_read_text (event, "message"));
  g_autofree char *id =
      g_strdup_printf ("download-%" G_GINT64_FORMAT, forge_json_read_int (event, "id"));

  if (title)
    forge_notifier_tell (self->application,
                         id,
                         _ ("Download finished"),
                         title,
                         "library/downloads");
}

static void
on_events (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ForgeNotifier) self = user_data;
  g_autoptr (JsonNode) answer = forge_app_model_call_finish (result, NULL);
  JsonArray *events = answer ? forge_json_as_array (answer) : NULL;

  if (!self->model)
    return;
  self->is_reading = FALSE;
  for (guint i = 0; events && i < json_array_get_length (events); i++) {
    JsonObject *event = json_array_get_object_element (events, i);
    if (is_news (self, event))
      tell_event (self, event);
  }
  for (guint i = 0; events && i < json_array_get_length (events); i++)
    self->last_event = MAX (self->last_event,
                            forge_json_read_int (json_array_get_object_element (events, i), "id"));
  if (self->is_stale)
    read_events (self);
}

static void
read_events (ForgeNotifier *self)
{
  g_autofree char *path =
      g_strdup_printf ("/v1/events?category=library&level=info&after=%" G_GINT64_FORMAT,
                       self->last_event);

  self->is_stale = self->is_reading;
  if (self->is_reading || !forge_app_model_get_engine (self->model))
    return;
  self->is_reading = TRUE;
  forge_app_model_call (self->model,
                        "GET",
                        path,
                        NULL,
                        self->cancellable,
                        on_events,
                        g_object_ref (self));
}

static void
forge_notifier_dispose (GObject *object)
{
  ForgeNotifier *self = FORGE_NOTIFIER (object);

  g_clear_pointer (&self->failovers, g_hash_table_unref);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (forge_notifier_parent_class)->dispose (object);
}

static void
forge_notifier_class_init (ForgeNotifierClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = forge_notifier_dispose;
}

static void
forge_notifier_init (ForgeNotifier *self)
{
  self->failovers = g_hash_table_new (NULL, NULL);
  self->cancellable = g_cancellable_new ();
  self->since_s = g_get_real_time () / G_USEC_PER_SEC;
}

ForgeNotifier *
forge_notifier_new (GApplication *application, ForgeAppModel *model)
{
  ForgeNotifier *self = g_object_new (FORGE_TYPE_NOTIFIER, NULL);

  self->application = application;
  self->model = g_object_ref (model);
  g_signal_connect_object (model,
                           "live-changed",
                           G_CALLBACK (on_live_changed),
                           self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (model,
                           "events-changed",
                           G_CALLBACK (read_events),
                           self,
                           G_CONNECT_SWAPPED);
  return self;
}

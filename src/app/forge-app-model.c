/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-app-model.h"

#include "base/forge-error.h"
#include "engine/forge-engine-call.h"

#include <glib/gi18n.h>

struct _ForgeAppModel {
  GObject parent;
  ForgeEngineHost *host;
  ForgeAppState *state; /* lent */
  ForgeWatch *watch;    /* NULL while no engine runs; so are those below */
  ForgeSnapshot *snapshot;
  ForgeLive *live;
  ForgeEngineViews *views;
};

G_DEFINE_FINAL_TYPE (ForgeAppModel, forge_app_model, G_TYPE_OBJECT)

enum { STATE, SNAPSHOT, LIVE, EVENTS, NOTICE, NAVIGATE, BADGE, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
say (ForgeAppModel *self, guint signal)
{
  g_signal_emit (self, signals[signal], 0);
}

static void
on_engine_changed (ForgeChanges changes, gpointer user_data)
{
  ForgeAppModel *self = user_data;
  ForgeEngine *engine = forge_engine_host_get_engine (self->host);

  if (changes & FORGE_CHANGE_SNAPSHOT) {
    g_clear_pointer (&self->snapshot, forge_snapshot_unref);
    self->snapshot = forge_engine_get_snapshot (engine);
    say (self, SNAPSHOT);
  }
  if (changes & FORGE_CHANGE_LIVE) {
    g_clear_pointer (&self->live, forge_live_unref);
    self->live = forge_engine_get_live (engine);
    say (self, LIVE);
  }
  if (changes & FORGE_CHANGE_EVENTS)
    say (self, EVENTS);
}

static void
let_go (ForgeAppModel *self)
{
  g_clear_pointer (&self->watch, forge_watch_free);
  g_clear_pointer (&self->views, forge_engine_views_free);
  g_clear_pointer (&self->snapshot, forge_snapshot_unref);
  g_clear_pointer (&self->live, forge_live_unref);
}

static void
take_hold (ForgeAppModel *self, ForgeEngine *engine)
{
  self->watch = forge_engine_watch (engine, on_engine_changed, self);
  self->snapshot = forge_engine_get_snapshot (engine);
  self->live = forge_engine_get_live (engine);
  self->views = forge_engine_views_new (engine);
}

static void
on_host_state (ForgeAppModel *self)
{
  ForgeEngine *engine = forge_engine_host_get_engine (self->host);
  gboolean is_running = forge_engine_host_get_state (self->host) == FORGE_HOST_RUNNING;

  if (!is_running)
    let_go (self);
  else if (!self->watch)
    take_hold (self, engine);
  say (self, STATE);
  if (!is_running)
    return;
  say (self, SNAPSHOT);
  say (self, LIVE);
  say (self, EVENTS);
}

ForgeEngineHost *
forge_app_model_get_host (ForgeAppModel *self)
{
  return self->host;
}

ForgeAppState *
forge_app_model_get_state (ForgeAppModel *self)
{
  return self->state;
}

ForgeEngine *
forge_app_model_get_engine (ForgeAppModel *self)
{
  return self->watch ? forge_engine_host_get_engine (self->host) : NULL;
}

ForgeSnapshot *
forge_app_model_get_snapshot (ForgeAppModel *self)
{
  return self->snapshot;
}

ForgeLive *
forge_app_model_get_live (ForgeAppModel *self)
{
  return self->live;
}

ForgeEngineViews *
forge_app_model_get_views (ForgeAppModel *self)
{
  return self->views;
}

void
forge_app_model_call (ForgeAppModel *self,
                      const char *method,
                      const char *path,
                      JsonNode *body,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  ForgeEngine *engine = forge_app_model_get_engine (self);

  if (engine) {
    forge_engine_call_async (engine, method, path, body, cancellable, callback, user_data);
    return;
  }
  g_clear_pointer (&body, json_node_unref);
  g_task_report_new_error (NULL,
                           callback,
                           user_data,
                           forge_app_model_call,
                           FORGE_ERROR,
                           FORGE_ERROR_RETRY,
                           "%s",
                           _ ("The tuner is not running. Try again in a moment."));
}

JsonNode *
forge_app_model_call_finish (GAsyncResult *result, GError **error)
{
  return forge_engine_call_finish (result, error);
}

typedef struct {
  ForgeAppModel *model;
  char *done_text;
} Deed;

static void
on_deed_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Deed *deed = user_data;
  g_autoptr (ForgeAppModel) model = deed->model;
  g_autofree char *done_text = deed->done_text;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = forge_app_model_call_finish (result, &error);

  g_free (deed);
  if (!answer)
    forge_app_model_notice_error (model, error);
  else if (done_text)
    forge_app_model_notice (model, done_text);
}

void
forge_app_model_do (ForgeAppModel *self,
                    const char *method,
                    const char *path,
                    JsonNode *body,
                    const char *done_text)
{
  Deed *deed = g_new0 (Deed, 1);

  deed->model = g_object_ref (self);
  deed->done_text = g_strdup (done_text);
  forge_app_model_call (self, method, path, body, NULL, on_deed_done, deed);
}

static void
on_quiet_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = forge_app_model_call_finish (result, &error);

  if (!answer)
    g_debug ("%s", error->message);
}

void
forge_app_model_do_quietly (ForgeAppModel *self, const char *method, const char *path)
{
  forge_app_model_call (self, method, path, NULL, NULL, on_quiet_done, NULL);
}

void
forge_app_model_notice_text_error (ForgeAppModel *self, const char *text)
{
  g_signal_emit (self, signals[NOTICE], 0, text, TRUE);
}

void
forge_app_model_notice (ForgeAppModel *self, const char *text)
{
  g_signal_emit (self, signals[NOTICE], 0, text, FALSE);
}

void
forge_app_model_notice_error (ForgeAppModel *self, const GError *error)
{
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_signal_emit (self, signals[NOTICE], 0, error->message, TRUE);
}

void
forge_app_model_navigate (ForgeAppModel *self, const char *page, const char *detail)
{
  g_signal_emit (self, signals[NAVIGATE], 0, page, detail);
}

void
forge_app_model_badge (ForgeAppModel *self, const char *page, guint number)
{
  g_signal_emit (self, signals[BADGE], 0, page, number);
}

const char *
forge_app_model_get_url (ForgeAppModel *self)
{
  if (!self->live)
    return NULL;
  return self->live->lan_url ? self->live->lan_url : self->live->base_url;
}

JsonNode *
forge_json_text_body (const char *name, const char *value)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, name, value);
  json_node_take_object (node, object);
  return node;
}

static void
forge_app_model_dispose (GObject *object)
{
  ForgeAppModel *self = FORGE_APP_MODEL (object);

  let_go (self);
  g_clear_object (&self->host);
  G_OBJECT_CLASS (forge_app_model_parent_class)->dispose (object);
}

static guint
plain_signal (const char *name)
{
  return g_signal_new (name,
                       FORGE_TYPE_APP_MODEL,
                       G_SIGNAL_RUN_LAST,
                       0,
                       NULL,
                       NULL,
                       NULL,
                       G_TYPE_NONE,
                       0);
}

static guint
signal_with_two (const char *name, GType first, GType second)
{
  return g_signal_new (name,
                       FORGE_TYPE_APP_MODEL,
                       G_SIGNAL_RUN_LAST,
                       0,
                       NULL,
                       NULL,
                       NULL,
                       G_TYPE_NONE,
                       2,
                       first,
                       second);
}

static void
forge_app_model_class_init (ForgeAppModelClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = forge_app_model_dispose;
  signals[STATE] = plain_signal ("state-changed");
  signals[SNAPSHOT] = plain_signal ("snapshot-changed");
  signals[LIVE] = plain_signal ("live-changed");
  signals[EVENTS] = plain_signal ("events-changed");
  signals[NOTICE] = signal_with_two ("notice", G_TYPE_STRING, G_TYPE_BOOLEAN);
  signals[BADGE] = signal_with_two ("badge", G_TYPE_STRING, G_TYPE_UINT);
  signals[NAVIGATE] = signal_with_two ("navigate", G_TYPE_STRING, G_TYPE_STRING);
}

static void
forge_app_model_init (ForgeAppModel *self)
{
}

ForgeAppModel *
forge_app_model_new (ForgeEngineHost *host, ForgeAppState *state)
{
  ForgeAppModel *self = g_object_new (FORGE_TYPE_APP_MODEL, NULL);

  self->host = g_object_ref (host);
  self->state = state;
  g_signal_connect_object (host,
                           "notify::state",
                           G_CALLBACK (on_host_state),
                           self,
                           G_CONNECT_SWAPPED);
  return self;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-engine-host.h"

#include "base/forge-role.h"
#include "host/forge-restart.h"

#include <stdlib.h>
#include <string.h>

/**
 *  state     | start ()   | thread done        | stop ()            | restart ()
 *  ----------|------------|--------------------|--------------------|---------------------
 *  STOPPED   | → STARTING | –                  | "stopped"          | → STARTING
 *  STARTING  | –          | → RUNNING / FAILED | after it: STOPPING | –
 *  RUNNING   | –          | –                  | → STOPPING         | → STOPPING, then STARTING
 *  STOPPING  | –          | → STOPPED          | –                  | then STARTING
 *  FAILED    | → STARTING | –                  | "stopped"          | → STARTING
 */

struct _ForgeEngineHost {
  GObject parent;
  const ForgeOptions *options;
  ForgeHostState state;
  ForgeEngine *engine;
  char *error;
  gboolean stop_wanted, start_wanted; /* when the thread that runs is done */
};

G_DEFINE_FINAL_TYPE (ForgeEngineHost, forge_engine_host, G_TYPE_OBJECT)

enum { PROP_0, PROP_STATE, N_PROPS };
enum { SIGNAL_STOPPED, N_SIGNALS };
static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

static void
set_state (ForgeEngineHost *self, ForgeHostState state)
{
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
  if (state == FORGE_HOST_STOPPED || state == FORGE_HOST_FAILED)
    g_signal_emit (self, signals[SIGNAL_STOPPED], 0);
}

static void
remember_port (ForgeEngine *engine)
{
  const char *colon = strrchr (forge_engine_url (engine), ':');

  forge_restart_remember_port (colon ? (guint)strtoul (colon + 1, NULL, 10) : 0);
}

/* A thread of its own: those of GIO's pool may have taken a role before. Takes over `task`. */
static void
run_task (const char *name, GThreadFunc func, GTask *task)
{
  g_thread_unref (g_thread_new (name, func, task));
}

static gpointer
start_thread (gpointer data)
{
  g_autoptr (GTask) task = data;
  ForgeEngineHost *self = g_task_get_source_object (task);
  ForgeEngineOptions options;
  GError *error = NULL;

  forge_options_fill_engine (self->options, &options);
  ForgeEngine *engine = forge_engine_new (&options, &error);
  if (engine)
    g_task_return_pointer (task, engine, (GDestroyNotify)forge_engine_free);
  else
    g_task_return_error (task, error);
  return NULL;
}

static void
on_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ForgeEngineHost *self = FORGE_ENGINE_HOST (source);
  g_autoptr (GError) error = NULL;

  self->engine = g_task_propagate_pointer (G_TASK (result), &error);
  if (self->engine) {
    remember_port (self->engine);
    set_state (self, FORGE_HOST_RUNNING);
  } else {
    self->error = g_strdup (error->message);
    set_state (self, FORGE_HOST_FAILED);
  }
  if (self->stop_wanted && self->engine)
    forge_engine_host_stop (self);
}

void
forge_engine_host_start (ForgeEngineHost *self)
{
  if (self->state != FORGE_HOST_STOPPED && self->state != FORGE_HOST_FAILED)
    return;
  g_clear_pointer (&self->error, g_free);
  self->stop_wanted = FALSE;
  self->start_wanted = FALSE;
  set_state (self, FORGE_HOST_STARTING);
  run_task ("forge-start", start_thread, g_task_new (self, NULL, on_started, NULL));
}

static gpointer
stop_thread (gpointer data)
{
  g_autoptr (GTask) task = data;

  forge_engine_free (g_task_get_task_data (task));
  g_task_return_boolean (task, TRUE);
  return NULL;
}

static void
on_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ForgeEngineHost *self = FORGE_ENGINE_HOST (source);

  set_state (self, FORGE_HOST_STOPPED);
  if (self->start_wanted)
    forge_engine_host_start (self);
}

void
forge_engine_host_stop (ForgeEngineHost *self)
{
  self->start_wanted = FALSE;
  self->stop_wanted = TRUE;
  if (self->state == FORGE_HOST_STOPPED || self->state == FORGE_HOST_FAILED)
    g_signal_emit (self, signals[SIGNAL_STOPPED], 0);
  if (self->state != FORGE_HOST_RUNNING)
    return;
  /* Whoever watches the engine lets go of it while it still lives. */
  ForgeEngine *engine = self->engine;
  self->state = FORGE_HOST_STOPPING;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
  self->engine = NULL;
  GTask *task = g_task_new (self, NULL, on_stopped, NULL);
  g_task_set_task_data (task, engine, NULL);
  run_task ("forge-stop", stop_thread, task);
}

void
forge_engine_host_restart (ForgeEngineHost *self)
{
  if (self->state == FORGE_HOST_STARTING)
    return;
  forge_engine_host_stop (self);
  self->start_wanted = TRUE;
  forge_engine_host_start (self);
}

ForgeHostState
forge_engine_host_get_state (ForgeEngineHost *self)
{
  return self->state;
}

ForgeEngine *
forge_engine_host_get_engine (ForgeEngineHost *self)
{
  return self->engine;
}

const char *
forge_engine_host_get_error (ForgeEngineHost *self)
{
  return self->error;
}

gboolean
forge_engine_host_is_demo (ForgeEngineHost *self)
{
  return self->options->is_demo;
}

static void
forge_engine_host_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_int (value, (int)FORGE_ENGINE_HOST (object)->state);
}

static void
forge_engine_host_finalize (GObject *object)
{
  ForgeEngineHost *self = FORGE_ENGINE_HOST (object);

  g_clear_pointer (&self->engine, forge_engine_free);
  g_free (self->error);
  G_OBJECT_CLASS (forge_engine_host_parent_class)->finalize (object);
}

static void
forge_engine_host_class_init (ForgeEngineHostClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = forge_engine_host_get_property;
  object_class->finalize = forge_engine_host_finalize;
  props[PROP_STATE] = g_param_spec_int ("state",
                                        NULL,
                                        NULL,
                                        FORGE_HOST_STOPPED,
                                        FORGE_HOST_FAILED,
                                        FORGE_HOST_STOPPED,
                                        G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  signals[SIGNAL_STOPPED] = g_signal_new ("stopped",
                                          FORGE_TYPE_ENGINE_HOST,
                                          G_SIGNAL_RUN_LAST,
                                          0,
                                          NULL,
                                          NULL,
                                          NULL,
                                          G_TYPE_NONE,
                                          0);
}

static void
forge_engine_host_init (ForgeEngineHost *self)
{
}

ForgeEngineHost *
forge_engine_host_new (const ForgeOptions *options)
{
  ForgeEngineHost *self = g_object_new (FORGE_TYPE_ENGINE_HOST, NULL);

  self->options = options;
  return self;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-engine-call.h"

#include "base/forge-error.h"
#include "base/forge-role.h"
#include "engine/forge-api.h"
#include "engine/forge-engine-private.h"
#include "server/forge-request-private.h"

#include <string.h>

/**
 * A pool of the engine's own: a refresh may hold a thread for minutes, and GTask's shared pool is
 * what GIO needs for files and names.
 */

typedef struct {
  ForgeEngine *engine;
  char *method, *path;
  GHashTable *query;
  JsonNode *body;
  GCancellable *stop; /* fires with the caller's or with the end of the engine */
} Call;

static void
call_free (gpointer data)
{
  Call *call = data;

  g_free (call->method);
  g_free (call->path);
  g_clear_pointer (&call->query, g_hash_table_unref);
  json_node_unref (call->body);
  g_object_unref (call->stop);
  g_free (call);
}

static void
on_stop (GCancellable *cancellable, gpointer stop)
{
  g_cancellable_cancel (stop);
}

static gulong
follow (GCancellable *leader, GCancellable *follower)
{
  return leader ? g_cancellable_connect (leader,
                                         G_CALLBACK (on_stop),
                                         g_object_ref (follower),
                                         g_object_unref)
                : 0;
}

static JsonNode *
run (const Call *call, GError **error)
{
  const ForgeRequest request = {
    .method = call->method,
    .path = call->path,
    .query = call->query,
    .base_url = forge_engine_url (call->engine),
    .peer = "local",
    .is_loopback = TRUE,
    .request_id = "window",
  };
  guint status;

  if (!call->query || !JSON_NODE_HOLDS_OBJECT (call->body)) {
    g_set_error (error, FORGE_ERROR, FORGE_ERROR_INVALID, "“%s” is no call", call->path);
    return NULL;
  }
  return forge_api_run (call->engine,
                        &request,
                        json_node_get_object (call->body),
                        call->stop,
                        &status,
                        error);
}

static void
run_call (gpointer data, gpointer engine)
{
  g_autoptr (GTask) task = data;
  const Call *call = g_task_get_task_data (task);
  GCancellable *callers = g_task_get_cancellable (task);
  GCancellable *ending = call->engine->calls_ending;
  g_autoptr (GError) error = NULL;
  JsonNode *answer = NULL;

  forge_role_enter (FORGE_ROLE_JOB);
  gulong by_caller = follow (callers, call->stop);
  gulong by_end = follow (ending, call->stop);
  if (!g_cancellable_set_error_if_cancelled (call->stop, &error))
    answer = run (call, &error);
  if (by_caller)
    g_cancellable_disconnect (callers, by_caller);
  if (by_end)
    g_cancellable_disconnect (ending, by_end);
  if (answer)
    g_task_return_pointer (task, answer, (GDestroyNotify)json_node_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

void
forge_engine_start_calls (ForgeEngine *engine)
{
  engine->calls_ending = g_cancellable_new ();
  engine->calls = g_thread_pool_new (run_call, engine, FORGE_ENGINE_MAX_CALLS, FALSE, NULL);
}

void
forge_engine_stop_calls (ForgeEngine *engine)
{
  if (engine->calls) {
    g_cancellable_cancel (engine->calls_ending);
    g_thread_pool_free (g_steal_pointer (&engine->calls), FALSE, TRUE);
  }
  g_clear_object (&engine->calls_ending);
}

static JsonNode *
empty_object (void)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, json_object_new ());
  return node;
}

void
forge_engine_call_async (ForgeEngine *engine,
                         const char *method,
                         const char *path,
                         JsonNode *body,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  const char *mark = strchr (path, '?');
  Call *call = g_new0 (Call, 1);

  call->engine = engine;
  call->method = g_strdup (method);
  call->path = mark ? g_strndup (path, (gsize)(mark - path)) : g_strdup (path);
  call->query = forge_request_decode_query (mark ? mark + 1 : NULL);
  call->body = body ? body : empty_object ();
  call->stop = g_cancellable_new ();
  g_task_set_source_tag (task, forge_engine_call_async);
  g_task_set_task_data (task, call, call_free);
  g_thread_pool_push (engine->calls, task, NULL);
}

JsonNode *
forge_engine_call_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

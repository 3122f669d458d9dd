/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tuner/forge-dial-pool.h"

#include "base/forge-role.h"
#include "tuner/forge-inbox.h"

/* More dials at once than this wait in line; a household has a handful of slots. */
#define MAX_THREADS 32

struct _ForgeDialPool {
  ForgeTunerDialFunc dial;
  ForgeTunerCatchupFunc catchup;
  gpointer dial_data;
  GMainContext *context;
  GThreadPool *threads;
  ForgeInbox *inbox;  /* of ForgeDialJob* */
  GPtrArray *running; /* of ForgeDialJob*, owned */
};

struct _ForgeDialJob {
  ForgeDialPool *pool;
  ForgeDialOrder order; /* with references */
  GCancellable *cancellable;
  GSource *guard;
  ForgeDialDoneFunc done;
  gpointer user_data;
  gint64 started_us;
  ForgeDialOutcome outcome; /* the job thread's until it is posted */
};

static void
job_free (gpointer data)
{
  ForgeDialJob *job = data;

  g_source_destroy (job->guard);
  g_source_unref (job->guard);
  forge_dial_clear (&job->outcome.dial);
  g_clear_error (&job->outcome.error);
  g_object_unref (job->cancellable);
  forge_stream_unref (job->order.stream);
  forge_account_unref (job->order.account);
  g_free (job);
}

static gboolean
open_source (const ForgeDialPool *pool, ForgeDialJob *job)
{
  const ForgeDialOrder *order = &job->order;
  ForgeDialOutcome *outcome = &job->outcome;

  if (order->start_s > 0)
    return pool->catchup (order->account,
                          order->stream,
                          order->start_s,
                          order->duration_s,
                          &outcome->dial,
                          job->cancellable,
                          pool->dial_data,
                          &outcome->error);
  return pool->dial (order->account,
                     order->stream,
                     &outcome->dial,
                     job->cancellable,
                     pool->dial_data,
                     &outcome->error);
}

/* Role: job. */
static void
run_job (gpointer data, gpointer user_data)
{
  ForgeDialJob *job = data;
  ForgeDialPool *pool = user_data;
  ForgeDialOutcome *outcome = &job->outcome;

  forge_role_enter (FORGE_ROLE_JOB);
  if (!g_cancellable_set_error_if_cancelled (job->cancellable, &outcome->error))
    outcome->is_open = open_source (pool, job);
  outcome->took_us = g_get_monotonic_time () - job->started_us;
  forge_inbox_post (pool->inbox, job);
}

static void
deliver_job (gpointer message, gpointer user_data)
{
  ForgeDialJob *job = message;

  job->done (&job->outcome, job->user_data);
  g_ptr_array_remove_fast (job->pool->running, job);
}

ForgeDialPool *
forge_dial_pool_new (const ForgeTunerConfig *config)
{
  ForgeDialPool *pool = g_new0 (ForgeDialPool, 1);

  pool->dial = config->dial;
  pool->catchup = config->catchup;
  pool->dial_data = config->dial_data;
  pool->context = g_main_context_ref (config->context);
  /* A shared pool cannot fail to be made; threads come when they are needed. */
  pool->threads = g_thread_pool_new (run_job, pool, MAX_THREADS, FALSE, NULL);
  pool->inbox = forge_inbox_new (config->context, deliver_job, pool);
  pool->running = g_ptr_array_new_with_free_func (job_free);
  return pool;
}

void
forge_dial_pool_free (ForgeDialPool *pool)
{
  for (guint i = 0; i < pool->running->len; i++)
    forge_dial_job_cancel (g_ptr_array_index (pool->running, i));
  g_thread_pool_free (pool->threads, FALSE, TRUE);
  forge_inbox_free (pool->inbox);
  g_ptr_array_unref (pool->running);
  g_main_context_unref (pool->context);
  g_free (pool);
}

static gboolean
on_guard (gpointer user_data)
{
  ForgeDialJob *job = user_data;

  job->outcome.timed_out = TRUE; /* a field that the job thread never touches */
  g_cancellable_cancel (job->cancellable);
  return G_SOURCE_REMOVE;
}

ForgeDialJob *
forge_dial_pool_start (ForgeDialPool *pool,
                       const ForgeDialOrder *order,
                       ForgeDialDoneFunc done,
                       gpointer user_data)
{
  ForgeDialJob *job = g_new0 (ForgeDialJob, 1);

  job->pool = pool;
  job->order = *order;
  forge_account_ref (order->account);
  forge_stream_ref (order->stream);
  job->cancellable = g_cancellable_new ();
  job->done = done;
  job->user_data = user_data;
  job->started_us = g_get_monotonic_time ();
  job->outcome.dial.bytes.fd = -1;
  job->guard = g_timeout_source_new (order->limit_ms);
  g_source_set_callback (job->guard, on_guard, job, NULL);
  g_source_attach (job->guard, pool->context);
  g_ptr_array_add (pool->running, job);
  g_thread_pool_push (pool->threads, job, NULL);
  return job;
}

void
forge_dial_job_cancel (ForgeDialJob *job)
{
  g_cancellable_cancel (job->cancellable);
}

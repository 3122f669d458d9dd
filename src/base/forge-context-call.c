/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-context-call.h"

typedef struct {
  ForgeContextFunc func;
  gpointer data;
  GMutex lock;
  GCond changed;
  gboolean is_done;
} Call;

static gboolean
run_call (gpointer user_data)
{
  Call *call = user_data;

  call->func (call->data);
  g_mutex_lock (&call->lock);
  call->is_done = TRUE;
  g_cond_signal (&call->changed);
  g_mutex_unlock (&call->lock);
  return G_SOURCE_REMOVE;
}

void
forge_context_call (GMainContext *context, ForgeContextFunc func, gpointer data)
{
  Call call = { .func = func, .data = data };

  g_mutex_init (&call.lock);
  g_cond_init (&call.changed);
  g_main_context_invoke_full (context, G_PRIORITY_DEFAULT, run_call, &call, NULL);
  g_mutex_lock (&call.lock);
  while (!call.is_done)
    g_cond_wait (&call.changed, &call.lock);
  g_mutex_unlock (&call.lock);
  g_cond_clear (&call.changed);
  g_mutex_clear (&call.lock);
}

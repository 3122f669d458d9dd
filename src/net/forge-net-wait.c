/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/forge-net-wait.h"

static gboolean
cancel_here (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return G_SOURCE_REMOVE;
}

/* Called on the thread that cancels. libsoup hangs its own handlers on our cancellable, and they
 * must not run beside the session's thread: the cancellation is carried over to that one. */
static void
on_outer_cancelled (GCancellable *outer, gpointer user_data)
{
  ForgeNetWait *wait = user_data;
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_HIGH);
  g_source_set_callback (source, cancel_here, g_object_ref (wait->cancellable), g_object_unref);
  g_source_attach (source, wait->context);
}

void
forge_net_wait_begin (ForgeNetWait *wait, GMainContext *context, GCancellable *outer)
{
  *wait = (ForgeNetWait){ .context = g_main_context_ref (context), .outer = outer };
  g_main_context_push_thread_default (context);
  wait->cancellable = g_cancellable_new ();
  if (outer)
    wait->outer_handler =
        g_cancellable_connect (outer, G_CALLBACK (on_outer_cancelled), wait, NULL);
}

static gboolean
on_timer (gpointer user_data)
{
  ForgeNetWait *wait = user_data;

  wait->timed_out = TRUE;
  g_cancellable_cancel (wait->cancellable);
  return G_SOURCE_REMOVE;
}

void
forge_net_wait_arm (ForgeNetWait *wait, guint timeout_ms)
{
  if (wait->timer) {
    g_source_destroy (wait->timer);
    g_clear_pointer (&wait->timer, g_source_unref);
  }
  if (timeout_ms == 0)
    return;
  wait->timer = g_timeout_source_new (timeout_ms);
  g_source_set_callback (wait->timer, on_timer, wait, NULL);
  g_source_attach (wait->timer, wait->context);
}

void
forge_net_wait_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ForgeNetWait *wait = user_data;

  wait->result = g_object_ref (result);
}

GAsyncResult *
forge_net_wait_result (ForgeNetWait *wait)
{
  while (!wait->result)
    g_main_context_iteration (wait->context, TRUE);
  return wait->result;
}

void
forge_net_wait_end (ForgeNetWait *wait)
{
  forge_net_wait_arm (wait, 0);
  if (wait->outer_handler)
    g_cancellable_disconnect (wait->outer, wait->outer_handler);
  /* Attempts that lost the race, and their sockets, go when their callbacks have run. */
  while (g_main_context_pending (wait->context))
    g_main_context_iteration (wait->context, FALSE);
  g_main_context_pop_thread_default (wait->context);
  g_clear_object (&wait->result);
  g_clear_object (&wait->cancellable);
  g_clear_pointer (&wait->context, g_main_context_unref);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "server/discovery/forge-discovery-thread.h"

#include "base/forge-context-call.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SHORTEST_TURN_NS 100000

struct _ForgeDiscoveryThread {
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
};

/* The kernel's struct sched_attr, first version; no C library of our floor has it. */
typedef struct {
  guint32 size, policy;
  guint64 flags;
  gint32 nice;
  guint32 priority;
  guint64 runtime, deadline, period; /* nanoseconds */
} SchedAttributes;

/* The shortest turn that Linux (6.12 and later) gives a normal thread: who asks for short turns
 * comes soon when it wakes up, also on a busy machine. Older kernels ignore it, and it needs no
 * right. */
static void
ask_for_short_turns (void)
{
  SchedAttributes attributes = { 0 };

  if (syscall (SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0)
    return;
  attributes.size = sizeof attributes;
  attributes.runtime = SHORTEST_TURN_NS;
  if (syscall (SYS_sched_setattr, 0, &attributes, 0) != 0)
    g_debug ("The thread of discovery has turns like others: %s", g_strerror (errno));
}

static gpointer
serve (gpointer data)
{
  ForgeDiscoveryThread *self = data;

  ask_for_short_turns ();
  g_main_context_push_thread_default (self->context);
  g_main_loop_run (self->loop);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

ForgeDiscoveryThread *
forge_discovery_thread_new (void)
{
  ForgeDiscoveryThread *self = g_new0 (ForgeDiscoveryThread, 1);

  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->thread = g_thread_new ("discovery", serve, self);
  return self;
}

static void
quit (gpointer loop)
{
  g_main_loop_quit (loop);
}

void
forge_discovery_thread_free (ForgeDiscoveryThread *self)
{
  /* From within, because a loop that does not run yet would not notice. */
  forge_context_call (self->context, quit, self->loop);
  g_thread_join (self->thread);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_free (self);
}

GMainContext *
forge_discovery_thread_context (ForgeDiscoveryThread *self)
{
  return self->context;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tuner/forge-inbox.h"

struct _ForgeInbox {
  GMutex lock; /* guards `messages` only; never held while delivering */
  GQueue messages;
  GSource *source;
  ForgeInboxFunc deliver;
  gpointer user_data;
};

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  g_source_set_ready_time (source, -1);
  return callback (user_data);
}

static GSourceFuncs inbox_source_funcs = { .dispatch = dispatch };

static gboolean
on_ready (gpointer user_data)
{
  forge_inbox_drain (user_data);
  return G_SOURCE_CONTINUE;
}

ForgeInbox *
forge_inbox_new (GMainContext *context, ForgeInboxFunc deliver, gpointer user_data)
{
  ForgeInbox *inbox = g_new0 (ForgeInbox, 1);

  g_mutex_init (&inbox->lock);
  g_queue_init (&inbox->messages);
  inbox->deliver = deliver;
  inbox->user_data = user_data;
  inbox->source = g_source_new (&inbox_source_funcs, sizeof (GSource));
  g_source_set_callback (inbox->source, on_ready, inbox, NULL);
  g_source_attach (inbox->source, context);
  return inbox;
}

void
forge_inbox_free (ForgeInbox *inbox)
{
  forge_inbox_drain (inbox);
  g_source_destroy (inbox->source);
  g_source_unref (inbox->source);
  g_mutex_clear (&inbox->lock);
  g_free (inbox);
}

void
forge_inbox_post (ForgeInbox *inbox, gpointer message)
{
  g_mutex_lock (&inbox->lock);
  gboolean was_empty = g_queue_is_empty (&inbox->messages);
  g_queue_push_tail (&inbox->messages, message);
  g_mutex_unlock (&inbox->lock);
  if (was_empty)
    g_source_set_ready_time (inbox->source, 0);
}

static gpointer
pop (ForgeInbox *inbox)
{
  g_mutex_lock (&inbox->lock);
  gpointer message = g_queue_pop_head (&inbox->messages);
  g_mutex_unlock (&inbox->lock);
  return message;
}

void
forge_inbox_drain (ForgeInbox *inbox)
{
  for (gpointer message = pop (inbox); message; message = pop (inbox))
    inbox->deliver (message, inbox->user_data);
}

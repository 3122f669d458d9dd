/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-work.h"

#include "base/forge-error.h"
#include "base/forge-role.h"

typedef struct {
  ForgeWorkFunc func;
  gpointer data;
  GDestroyNotify destroy;
  GCancellable *cancellable;
  gboolean is_waited_for; /* then the waiter frees it */
  gboolean is_done, was_dropped;
} Item;

struct _ForgeWork {
  GThread *thread;
  GMutex lock; /* guards all below */
  GCond changed;
  GQueue waiting; /* of Item* */
  Item *running;
  gboolean is_stopping;
  void (*idle) (gpointer data);
  gpointer idle_data;
  gboolean has_worked; /* since the last idle () */
};

static Item *
item_new (ForgeWorkFunc func, gpointer data, GDestroyNotify destroy)
{
  Item *item = g_new0 (Item, 1);

  item->func = func;
  item->data = data;
  item->destroy = destroy;
  item->cancellable = g_cancellable_new ();
  return item;
}

static void
item_free (Item *item)
{
  if (item->destroy)
    item->destroy (item->data);
  g_object_unref (item->cancellable);
  g_free (item);
}

/* With the lock held: hands the item back to its waiter, or frees it. */
static void
finish_item (ForgeWork *work, Item *item, gboolean was_dropped)
{
  item->was_dropped = was_dropped;
  item->is_done = TRUE;
  if (!item->is_waited_for)
    item_free (item);
  g_cond_broadcast (&work->changed);
}

static void
call_idle (ForgeWork *work)
{
  work->has_worked = FALSE;
  g_mutex_unlock (&work->lock);
  work->idle (work->idle_data);
  g_mutex_lock (&work->lock);
}

static Item *
next_item (ForgeWork *work)
{
  gint64 until_us = g_get_monotonic_time () + FORGE_WORK_IDLE_S * G_TIME_SPAN_SECOND;

  while (g_queue_is_empty (&work->waiting) && !work->is_stopping) {
    if (!work->idle || !work->has_worked)
      g_cond_wait (&work->changed, &work->lock);
    else if (!g_cond_wait_until (&work->changed, &work->lock, until_us))
      call_idle (work);
  }
  work->has_worked = TRUE;
  return work->is_stopping ? NULL : g_queue_pop_head (&work->waiting);
}

static gpointer
work_thread (gpointer user_data)
{
  ForgeWork *work = user_data;
  Item *item;

  forge_role_enter (FORGE_ROLE_JOB);
  forge_role_give_way ();
  g_mutex_lock (&work->lock);
  while ((item = next_item (work))) {
    work->running = item;
    g_mutex_unlock (&work->lock);
    item->func (item->data, item->cancellable);
    g_mutex_lock (&work->lock);
    work->running = NULL;
    finish_item (work, item, FALSE);
  }
  while ((item = g_queue_pop_head (&work->waiting)))
    finish_item (work, item, TRUE);
  g_mutex_unlock (&work->lock);
  return NULL;
}

ForgeWork *
forge_work_new (void)
{
  ForgeWork *work = g_new0 (ForgeWork, 1);

  g_mutex_init (&work->lock);
  g_cond_init (&work->changed);
  g_queue_init (&work->waiting);
  work->thread = g_thread_new ("forge-work", work_thread, work);
  return work;
}

void
forge_work_set_idle (ForgeWork *work, void (*idle) (gpointer data), gpointer data)
{
  g_mutex_lock (&work->lock);
  work->idle = idle;
  work->idle_data = data;
  g_mutex_unlock (&work->lock);
}

void
forge_work_stop (ForgeWork *work)
{
  g_mutex_lock (&work->lock);
  work->is_stopping = TRUE;
  if (work->running)
    g_cancellable_cancel (work->running->cancellable);
  g_cond_broadcast (&work->changed);
  g_mutex_unlock (&work->lock);

  g_clear_pointer (&work->thread, g_thread_join);
}

void
forge_work_free (ForgeWork *work)
{
  forge_work_stop (work);
  g_cond_clear (&work->changed);
  g_mutex_clear (&work->lock);
  g_free (work);
}

/* FALSE if it cannot be queued; the item is then still the caller's. */
static gboolean
enqueue (ForgeWork *work, Item *item, GError **error)
{
  if (work->is_stopping) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "The program is ending");
    return FALSE;
  }
  if (work->waiting.length >= FORGE_WORK_MAX_WAITING) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_RETRY,
                 "%d refreshes are waiting already: try again when they are done",
                 FORGE_WORK_MAX_WAITING);
    return FALSE;
  }
  g_queue_push_tail (&work->waiting, item);
  g_cond_broadcast (&work->changed);
  return TRUE;
}

static void
on_caller_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

/* With the lock held. */
static gboolean
wait_for_item (ForgeWork *work, Item *item, GError **error)
{
  while (!item->is_done)
    g_cond_wait (&work->changed, &work->lock);
  if (!item->was_dropped)
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "The program is ending");
  return FALSE;
}

gboolean
forge_work_run (ForgeWork *work,
                ForgeWorkFunc func,
                gpointer data,
                GCancellable *cancellable,
                GError **error)
{
  Item *item = item_new (func, data, NULL);
  gulong handler = 0;

  item->is_waited_for = TRUE;
  if (cancellable)
    handler = g_cancellable_connect (cancellable,
                                     G_CALLBACK (on_caller_cancelled),
                                     g_object_ref (item->cancellable),
                                     g_object_unref);
  g_mutex_lock (&work->lock);
  gboolean ok = enqueue (work, item, error) && wait_for_item (work, item, error);
  g_mutex_unlock (&work->lock);
  if (handler)
    g_cancellable_disconnect (cancellable, handler);
  item_free (item);
  return ok;
}

void
forge_work_push (ForgeWork *work, ForgeWorkFunc func, gpointer data, GDestroyNotify destroy)
{
  Item *item = item_new (func, data, destroy);

  g_mutex_lock (&work->lock);
  gboolean is_queued = enqueue (work, item, NULL);
  g_mutex_unlock (&work->lock);
  if (!is_queued)
    item_free (item);
}

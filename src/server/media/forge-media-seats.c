/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "server/media/forge-media-private.h"

/* A seat may be ended at any time (its user went on to something else): also while a source is
 * looked for, which takes seconds. So each has a cancellable from the request to the last byte. */

void
forge_media_wish_watch (ForgeMediaWish *wish, ForgeMediaService *service)
{
  gint64 id = (gint64)wish->seat.id;

  if (id == 0 || wish->stop)
    return;
  wish->stop = g_cancellable_new ();
  wish->watcher = service;
  g_mutex_lock (&service->lock);
  g_hash_table_replace (service->seats, g_memdup2 (&id, sizeof id), g_object_ref (wish->stop));
  g_mutex_unlock (&service->lock);
}

gboolean
forge_media_wish_is_ended (const ForgeMediaWish *wish)
{
  return wish->stop && g_cancellable_is_cancelled (wish->stop);
}

void
forge_media_wish_unwatch (ForgeMediaWish *wish)
{
  gint64 id = (gint64)wish->seat.id;

  if (!wish->stop)
    return;
  g_mutex_lock (&wish->watcher->lock);
  g_hash_table_remove (wish->watcher->seats, &id);
  g_mutex_unlock (&wish->watcher->lock);
  g_clear_object (&wish->stop);
}

static void
end_body (ForgeMediaService *service, guint64 seat)
{
  for (guint i = 0; i < service->running->len; i++) {
    ForgeMediaBody *body = g_ptr_array_index (service->running, i);
    if (forge_media_body_seat (body) == seat)
      forge_media_body_end (body);
  }
}

void
forge_media_service_end_seat (ForgeMediaService *service, guint64 seat)
{
  gint64 id = (gint64)seat;

  g_mutex_lock (&service->lock);
  GCancellable *stop = g_hash_table_lookup (service->seats, &id);
  if (stop)
    g_object_ref (stop);
  g_mutex_unlock (&service->lock);
  if (stop)
    g_cancellable_cancel (stop);
  g_clear_object (&stop);
  end_body (service, seat);
}

void
forge_media_seats_stop (ForgeMediaService *service)
{
  g_autoptr (GPtrArray) stops = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iter;
  gpointer stop;

  g_mutex_lock (&service->lock);
  g_hash_table_iter_init (&iter, service->seats);
  while (g_hash_table_iter_next (&iter, NULL, &stop))
    g_ptr_array_add (stops, g_object_ref (stop));
  g_mutex_unlock (&service->lock);
  for (guint i = 0; i < stops->len; i++)
    g_cancellable_cancel (g_ptr_array_index (stops, i));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-engine"

#include "config.h"

#include "engine/forge-event-log.h"

#include "base/forge-redact.h"
#include "base/forge-role.h"
#include "store/forge-store-misc.h"

/* More than this in the queue means that the disk hangs: what comes then is only logged. */
#define MAX_QUEUED_EVENTS 2000

struct _ForgeEventLog {
  ForgeStorePool *stores;
  ForgeClock *clock;
  GThread *thread;
  GMutex lock; /* guards all below */
  GCond changed;
  GQueue queue;                   /* of ForgeEvent* */
  ForgeEventStoredFunc on_stored; /* NULL = nobody asked */
  gpointer stored_data;
  guint64 added, written;
  gboolean is_stopping;
};

static void
write_event (ForgeEventLog *log, const ForgeEvent *event)
{
  g_autoptr (GError) error = NULL;
  ForgeStore *store = forge_store_pool_take (log->stores, &error);

  if (store) {
    if (!forge_store_add_event (store, event, &error))
      g_warning ("An event was not stored: %s", error->message);
    forge_store_pool_give (log->stores, store);
  } else {
    g_warning ("An event was not stored: %s", error->message);
  }
}

static gpointer
log_thread (gpointer user_data)
{
  ForgeEventLog *log = user_data;

  forge_role_enter (FORGE_ROLE_JOB);
  g_mutex_lock (&log->lock);
  for (;;) {
    while (g_queue_is_empty (&log->queue) && !log->is_stopping)
      g_cond_wait (&log->changed, &log->lock);
    ForgeEvent *event = g_queue_pop_head (&log->queue);
    if (!event)
      break;
    g_mutex_unlock (&log->lock);
    write_event (log, event);
    forge_event_free (event);
    g_mutex_lock (&log->lock);
    if (log->on_stored)
      log->on_stored (log->stored_data);
    log->written++;
    g_cond_broadcast (&log->changed);
  }
  g_mutex_unlock (&log->lock);
  return NULL;
}

ForgeEventLog *
forge_event_log_new (ForgeStorePool *stores, ForgeClock *clock)
{
  ForgeEventLog *log = g_new0 (ForgeEventLog, 1);

  log->stores = stores;
  log->clock = forge_clock_ref (clock);
  g_mutex_init (&log->lock);
  g_cond_init (&log->changed);
  g_queue_init (&log->queue);
  log->thread = g_thread_new ("forge-events", log_thread, log);
  return log;
}

void
forge_event_log_on_stored (ForgeEventLog *log, ForgeEventStoredFunc func, gpointer user_data)
{
  g_mutex_lock (&log->lock);
  log->on_stored = func;
  log->stored_data = user_data;
  g_mutex_unlock (&log->lock);
}

void
forge_event_log_free (ForgeEventLog *log)
{
  g_mutex_lock (&log->lock);
  log->is_stopping = TRUE;
  g_cond_broadcast (&log->changed);
  g_mutex_unlock (&log->lock);

  g_thread_join (log->thread);
  g_cond_clear (&log->changed);
  g_mutex_clear (&log->lock);
  forge_clock_unref (log->clock);
  g_free (log);
}

static void
echo (ForgeLogLevel level, const char *message, const char *details)
{
  static const GLogLevelFlags flags[] = { G_LOG_LEVEL_MESSAGE,
                                          G_LOG_LEVEL_MESSAGE,
                                          G_LOG_LEVEL_INFO,
                                          G_LOG_LEVEL_DEBUG };

  /* An event about the outside world is no programming warning: G_DEBUG=fatal-warnings must not
   * trip on it. */
  g_log (G_LOG_DOMAIN,
         flags[level],
         "%s%s%s",
         message,
         details ? " – " : "",
         details ? details : "");
}

void
forge_event_log_add (ForgeLogLevel level,
                     ForgeEventCategory category,
                     const char *message,
                     const char *details,
                     gpointer user_data)
{
  ForgeEventLog *log = user_data;
  ForgeEvent *event = g_new0 (ForgeEvent, 1);

  event->time = forge_clock_wall_s (log->clock);
  event->level = level;
  event->category = category;
  event->message = forge_redact_text (message);
  event->details = details ? forge_redact_text (details) : NULL;
  echo (level, event->message, event->details);

  g_mutex_lock (&log->lock);
  if (log->queue.length < MAX_QUEUED_EVENTS) {
    g_queue_push_tail (&log->queue, g_steal_pointer (&event));
    log->added++;
    g_cond_broadcast (&log->changed);
  }
  g_mutex_unlock (&log->lock);
  g_clear_pointer (&event, forge_event_free);
}

void
forge_event_log_flush (ForgeEventLog *log)
{
  g_mutex_lock (&log->lock);
  guint64 wanted = log->added;
  while (log->written < wanted)
    g_cond_wait (&log->changed, &log->lock);
  g_mutex_unlock (&log->lock);
}

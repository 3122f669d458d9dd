/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-engine-watch.h"

#include "engine/forge-engine-private.h"

#include <string.h>

/* How old the picture of what plays may be; the same as the bitrate's own grain. */
#define LIVE_EVERY_S 1

struct _ForgeWatch {
  ForgeEngine *engine;
  GMainContext *context;
  ForgeWatchFunc func; /* NULL after forge_watch_free (); owner's thread only */
  gpointer user_data;
  guint pending; /* atomic: ForgeChanges not yet told; 0 = no source is on its way */
};

static void
watch_clear (gpointer data)
{
  ForgeWatch *watch = data;

  g_main_context_unref (watch->context);
}

static void
watch_unref (gpointer watch)
{
  g_atomic_rc_box_release_full (watch, watch_clear);
}

static gboolean
tell (gpointer data)
{
  ForgeWatch *watch = data;
  /* Before the call: what changes during it is told again. */
  guint changes = g_atomic_int_and (&watch->pending, 0);

  if (watch->func)
    watch->func (changes, watch->user_data);
  return G_SOURCE_REMOVE;
}

static void
post (gpointer data, gpointer changes)
{
  ForgeWatch *watch = data;

  if (g_atomic_int_or (&watch->pending, GPOINTER_TO_UINT (changes)) != 0)
    return;
  g_autoptr (GSource) source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, tell, g_atomic_rc_box_acquire (watch), watch_unref);
  g_source_attach (source, watch->context);
}

void
forge_engine_tell (ForgeEngine *engine, ForgeChanges changes)
{
  g_mutex_lock (&engine->watch_lock);
  g_ptr_array_foreach (engine->watches, post, GUINT_TO_POINTER (changes));
  g_mutex_unlock (&engine->watch_lock);
}

static void
on_event_stored (gpointer engine)
{
  forge_engine_tell (engine, FORGE_CHANGE_EVENTS);
}

ForgeWatch *
forge_engine_watch (ForgeEngine *engine, ForgeWatchFunc func, gpointer user_data)
{
  ForgeWatch *watch = g_atomic_rc_box_new0 (ForgeWatch);

  watch->engine = engine;
  watch->context = g_main_context_ref_thread_default ();
  watch->func = func;
  watch->user_data = user_data;
  g_mutex_lock (&engine->watch_lock);
  g_ptr_array_add (engine->watches, watch);
  g_mutex_unlock (&engine->watch_lock);
  return watch;
}

void
forge_watch_free (ForgeWatch *watch)
{
  ForgeEngine *engine = watch->engine;

  watch->func = NULL;
  g_mutex_lock (&engine->watch_lock);
  g_ptr_array_remove_fast (engine->watches, watch);
  g_mutex_unlock (&engine->watch_lock);
  watch_unref (watch);
}

/* ── What moves by itself ── */

static void
live_clear (gpointer data)
{
  ForgeLive *live = data;

  g_ptr_array_unref (live->sessions);
  g_ptr_array_unref (live->problems);
  g_free (live->base_url);
  g_free (live->lan_url);
}

void
forge_live_unref (ForgeLive *live)
{
  g_atomic_rc_box_release_full (live, live_clear);
}

GPtrArray *
forge_engine_find_problems (ForgeEngine *engine, const ForgeSnapshot *snapshot)
{
  GPtrArray *problems = forge_problems_find (snapshot, forge_clock_wall_s (engine->clock));
  g_autoptr (GPtrArray) unfound = forge_discovery_problems (engine->discovery);

  forge_problems_add_discovery (problems, unfound);
  for (guint i = 0; i < snapshot->accounts->len; i++) {
    const ForgeAccount *account = g_ptr_array_index (snapshot->accounts, i);
    if (forge_tuner_account_is_shared (engine->tuner, account->id))
      forge_problems_add_shared (problems, account);
  }
  return problems;
}

static ForgeLive *
take_live (ForgeEngine *engine)
{
  ForgeLive *live = g_atomic_rc_box_new0 (ForgeLive);
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (engine);

  live->sessions = forge_tuner_list_sessions (engine->tuner);
  live->problems = forge_engine_find_problems (engine, snapshot);
  forge_tuner_count (engine->tuner, &live->tuners_total, &live->tuners_used);
  live->is_paused = engine->is_paused;
  live->secrets = forge_secrets_backend (engine->secrets);
  live->base_url = g_strdup (engine->url);
  live->lan_url = forge_http_server_lan_url (engine->server);
  live->taken_us = forge_clock_monotonic_us (engine->clock);
  return live;
}

static gboolean
has_same_problems (GPtrArray *one, GPtrArray *other)
{
  if (one->len != other->len)
    return FALSE;
  for (guint i = 0; i < one->len; i++) {
    const ForgeProblem *a = g_ptr_array_index (one, i), *b = g_ptr_array_index (other, i);
    if (strcmp (a->id, b->id) != 0 || strcmp (a->text, b->text) != 0)
      return FALSE;
  }
  return TRUE;
}

/* Sessions change all the time: equal only while there are none. */
static gboolean
is_same (const ForgeLive *one, const ForgeLive *other)
{
  return one->sessions->len == 0 && other->sessions->len == 0 &&
         one->is_paused == other->is_paused && one->tuners_total == other->tuners_total &&
         one->tuners_used == other->tuners_used &&
         g_strcmp0 (one->base_url, other->base_url) == 0 &&
         g_strcmp0 (one->lan_url, other->lan_url) == 0 &&
         has_same_problems (one->problems, other->problems);
}

void
forge_engine_update_live (ForgeEngine *engine)
{
  ForgeLive *live = take_live (engine);
  ForgeLive *old = engine->live;

  if (old && is_same (old, live)) {
    forge_live_unref (live);
    return;
  }
  g_mutex_lock (&engine->watch_lock);
  engine->live = live;
  g_mutex_unlock (&engine->watch_lock);
  g_clear_pointer (&old, forge_live_unref);
  forge_engine_tell (engine, FORGE_CHANGE_LIVE);
}

ForgeLive *
forge_engine_get_live (ForgeEngine *engine)
{
  g_mutex_lock (&engine->watch_lock);
  ForgeLive *live = g_atomic_rc_box_acquire (engine->live);
  g_mutex_unlock (&engine->watch_lock);
  return live;
}

static gboolean
on_live_due (gpointer user_data)
{
  ForgeEngine *engine = user_data;

  g_mutex_lock (&engine->watch_lock);
  gboolean is_watched = engine->watches->len > 0;
  g_mutex_unlock (&engine->watch_lock);
  if (is_watched)
    forge_engine_update_live (engine);
  return G_SOURCE_CONTINUE;
}

void
forge_engine_start_live (ForgeEngine *engine)
{
  forge_engine_update_live (engine);
  forge_event_log_on_stored (engine->events, on_event_stored, engine);
  engine->live_timer = g_timeout_source_new_seconds (LIVE_EVERY_S);
  g_source_set_callback (engine->live_timer, on_live_due, engine, NULL);
  g_source_attach (engine->live_timer, engine->context);
}

void
forge_engine_stop_live (ForgeEngine *engine)
{
  if (engine->live_timer)
    g_source_destroy (engine->live_timer);
  g_clear_pointer (&engine->live_timer, g_source_unref);
  g_clear_pointer (&engine->live, forge_live_unref);
}

static gboolean
look_at_network (gpointer user_data)
{
  ForgeEngine *engine = user_data;

  forge_engine_update_discovery (engine);
  forge_engine_update_live (engine);
  return G_SOURCE_REMOVE;
}

void
forge_engine_look_at_network (ForgeEngine *engine)
{
  g_main_context_invoke (engine->context, look_at_network, engine);
}

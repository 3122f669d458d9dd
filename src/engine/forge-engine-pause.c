/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-engine-private.h"

/**
 * Pause: the tuner has no account, so that nothing opens a stream, and what plays ends cleanly. The
 * lineup stays as it is: media servers must not think that the channels went away. Not stored: a
 * start is never paused.
 */

void
forge_engine_apply_accounts (ForgeEngine *engine, GPtrArray *accounts)
{
  g_autoptr (GPtrArray) none = g_ptr_array_new ();

  forge_tuner_set_accounts (engine->tuner, engine->is_paused ? none : accounts);
}

void
forge_engine_end_sessions (ForgeEngine *engine)
{
  g_autoptr (GPtrArray) sessions = forge_tuner_list_sessions (engine->tuner);

  for (guint i = 0; i < sessions->len; i++) {
    const ForgeSessionInfo *session = g_ptr_array_index (sessions, i);
    forge_tuner_stop_session (engine->tuner, session->id);
  }
}

void
forge_engine_set_paused (ForgeEngine *engine, gboolean is_paused)
{
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (engine);

  if (engine->is_paused == is_paused)
    return;
  engine->is_paused = is_paused;
  forge_engine_apply_accounts (engine, snapshot->accounts);
  if (is_paused)
    forge_engine_end_sessions (engine);
  forge_event_log_add (FORGE_LOG_INFO,
                       FORGE_EVENT_SYSTEM,
                       is_paused ? "The tuner was paused" : "The tuner goes on",
                       NULL,
                       engine->events);
  forge_engine_update_live (engine);
}

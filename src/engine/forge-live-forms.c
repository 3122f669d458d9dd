/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-live-forms.h"

struct _ForgeLiveForms {
  GMutex lock;
  GHashTable *playlists; /* account ids; guarded by the lock */
};

ForgeLiveForms *
forge_live_forms_new (void)
{
  ForgeLiveForms *forms = g_new0 (ForgeLiveForms, 1);

  g_mutex_init (&forms->lock);
  forms->playlists = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  return forms;
}

void
forge_live_forms_free (ForgeLiveForms *forms)
{
  if (!forms)
    return;
  g_hash_table_unref (forms->playlists);
  g_mutex_clear (&forms->lock);
  g_free (forms);
}

gboolean
forge_live_forms_is_playlist (ForgeLiveForms *forms, gint64 account_id)
{
  g_mutex_lock (&forms->lock);
  gboolean is_playlist = g_hash_table_contains (forms->playlists, &account_id);
  g_mutex_unlock (&forms->lock);
  return is_playlist;
}

void
forge_live_forms_note (ForgeLiveForms *forms, gint64 account_id, gboolean is_playlist)
{
  g_mutex_lock (&forms->lock);
  if (is_playlist)
    g_hash_table_add (forms->playlists, g_memdup2 (&account_id, sizeof account_id));
  else
    g_hash_table_remove (forms->playlists, &account_id);
  g_mutex_unlock (&forms->lock);
}

gboolean
forge_live_forms_is_refusal (gboolean was_playlist, guint http_status)
{
  return http_status == 405 || http_status == 406 || (was_playlist && http_status == 404);
}

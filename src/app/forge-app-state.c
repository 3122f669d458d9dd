/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-app"

#include "config.h"

#include "app/forge-app-state.h"

#define GROUP "window"

struct _ForgeAppState {
  GKeyFile *file;
  char *path;
};

ForgeAppState *
forge_app_state_new (const char *folder)
{
  ForgeAppState *self = g_new0 (ForgeAppState, 1);
  g_autoptr (GError) error = NULL;

  self->file = g_key_file_new ();
  self->path = g_build_filename (folder, "window.ini", NULL);
  if (!g_key_file_load_from_file (self->file, self->path, G_KEY_FILE_NONE, &error))
    g_debug ("The window starts afresh: %s", error->message);
  return self;
}

void
forge_app_state_free (ForgeAppState *self)
{
  g_key_file_unref (self->file);
  g_free (self->path);
  g_free (self);
}

int
forge_app_state_get_int (ForgeAppState *self, const char *key)
{
  return g_key_file_get_integer (self->file, GROUP, key, NULL);
}

gboolean
forge_app_state_get_bool (ForgeAppState *self, const char *key)
{
  return g_key_file_get_boolean (self->file, GROUP, key, NULL);
}

char *
forge_app_state_get_text (ForgeAppState *self, const char *key)
{
  return g_key_file_get_string (self->file, GROUP, key, NULL);
}

static void
save (ForgeAppState *self)
{
  g_autofree char *folder = g_path_get_dirname (self->path);
  g_autoptr (GError) error = NULL;

  g_mkdir_with_parents (folder, 0700);
  if (!g_key_file_save_to_file (self->file, self->path, &error))
    g_message ("The window’s state was not stored: %s", error->message);
}

void
forge_app_state_set_int (ForgeAppState *self, const char *key, int value)
{
  g_key_file_set_integer (self->file, GROUP, key, value);
  save (self);
}

void
forge_app_state_set_bool (ForgeAppState *self, const char *key, gboolean value)
{
  g_key_file_set_boolean (self->file, GROUP, key, value);
  save (self);
}

void
forge_app_state_set_text (ForgeAppState *self, const char *key, const char *value)
{
  g_key_file_set_string (self->file, GROUP, key, value);
  save (self);
}

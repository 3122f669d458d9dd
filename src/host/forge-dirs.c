/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "host/forge-dirs.h"

static const char *
leaf (gboolean is_demo)
{
  return is_demo ? "streamforge-demo" : "streamforge";
}

char *
forge_dirs_data (gboolean is_demo)
{
  return g_build_filename (g_get_user_data_dir (), leaf (is_demo), NULL);
}

char *
forge_dirs_cache (gboolean is_demo)
{
  return g_build_filename (g_get_user_cache_dir (), leaf (is_demo), NULL);
}

char *
forge_dirs_runtime (gboolean is_demo)
{
  const char *runtime = g_getenv ("XDG_RUNTIME_DIR");
  const char *flatpak_id = g_getenv ("FLATPAK_ID");

  if (!runtime || !*runtime)
    return g_build_filename (g_get_user_data_dir (), leaf (is_demo), "run", NULL);
  if (flatpak_id && *flatpak_id)
    return g_build_filename (runtime, "app", flatpak_id, leaf (is_demo), NULL);
  return g_build_filename (runtime, leaf (is_demo), NULL);
}

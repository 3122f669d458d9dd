/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "host/forge-dirs.h"

static void
check_runtime (const char *runtime_dir,
               const char *flatpak_id,
               gboolean is_demo,
               const char *expected)
{
  if (runtime_dir)
    g_setenv ("XDG_RUNTIME_DIR", runtime_dir, TRUE);
  else
    g_unsetenv ("XDG_RUNTIME_DIR");
  if (flatpak_id)
    g_setenv ("FLATPAK_ID", flatpak_id, TRUE);
  else
    g_unsetenv ("FLATPAK_ID");
  g_autofree char *found = forge_dirs_runtime (is_demo);
  g_assert_cmpstr (found, ==, expected);
}

static void
test_runtime (void)
{
  g_autofree char *own = g_build_filename (g_get_user_data_dir (), "streamforge", "run", NULL);

  check_runtime ("/run/user/7", NULL, FALSE, "/run/user/7/streamforge");
  check_runtime ("/run/user/7", NULL, TRUE, "/run/user/7/streamforge-demo");
  check_runtime (NULL, NULL, FALSE, own);
  check_runtime ("", NULL, FALSE, own);
}

static void
test_runtime_in_flatpak (void)
{
  g_autofree char *own = g_build_filename (g_get_user_data_dir (), "streamforge", "run", NULL);

  check_runtime ("/run/user/7", "org.x.Y", FALSE, "/run/user/7/app/org.x.Y/streamforge");
  check_runtime ("/run/user/7", "org.x.Y", TRUE, "/run/user/7/app/org.x.Y/streamforge-demo");
  check_runtime ("/run/user/7", "", FALSE, "/run/user/7/streamforge");
  check_runtime (NULL, "org.x.Y", FALSE, own);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/host/dirs/runtime", test_runtime);
  g_test_add_func ("/host/dirs/runtime-in-flatpak", test_runtime_in_flatpak);
  return g_test_run ();
}

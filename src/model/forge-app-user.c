/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/forge-app-user.h"

ForgeAppUser *
forge_app_user_new (void)
{
  ForgeAppUser *user = g_atomic_rc_box_new0 (ForgeAppUser);

  user->has_library = TRUE;
  return user;
}

ForgeAppUser *
forge_app_user_ref (ForgeAppUser *user)
{
  return g_atomic_rc_box_acquire (user);
}

static void
user_clear (gpointer data)
{
  ForgeAppUser *user = data;

  g_free (user->name);
  g_free (user->secret);
}

void
forge_app_user_unref (ForgeAppUser *user)
{
  g_atomic_rc_box_release_full (user, user_clear);
}

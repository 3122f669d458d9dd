/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-role.h"

#include <sys/resource.h>

/* Less than half of the time of a thread that is not nice: a busy machine must not stop all work.
 */
#define MORE_NICENESS 4

/* Per thread, so not shared state: each thread knows only itself. */
static _Thread_local ForgeRole current_role = FORGE_ROLE_ANY;

void
forge_role_enter (ForgeRole role)
{
  current_role = role;
}

ForgeRole
forge_role_current (void)
{
  return current_role;
}

const char *
forge_role_name (ForgeRole role)
{
  static const char *const names[] = { "any", "ui", "control", "job", "relay" };

  return (guint)role < G_N_ELEMENTS (names) ? names[role] : "any";
}

void
forge_role_give_way (void)
{
  /* Linux counts niceness by thread: 0 is the calling one. That it fails is no harm. */
  setpriority (PRIO_PROCESS, 0, getpriority (PRIO_PROCESS, 0) + MORE_NICENESS);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ForgeRole: the four kinds of thread (docs: ARCHITECTURE.md, "Threads").
 *
 * A thread says once what it is; functions that belong to one kind assert it in debug builds.
 */
typedef enum {
  FORGE_ROLE_ANY, /* a thread that never said: tests, main () before the engine */
  FORGE_ROLE_UI,
  FORGE_ROLE_CONTROL,
  FORGE_ROLE_JOB,
  FORGE_ROLE_RELAY,
} ForgeRole;

void forge_role_enter (ForgeRole role);
ForgeRole forge_role_current (void);
const char *forge_role_name (ForgeRole role);
/* From now on other threads come before the calling one on the processor: for long work
 * that must not be felt in a stream. It cannot be taken back. */
void forge_role_give_way (void);

/* Threads without a role pass, so that a unit test can call anything. */
#define forge_assert_role(role) \
  g_return_if_fail (forge_role_current () == FORGE_ROLE_ANY || forge_role_current () == (role))

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/**
 * ForgeCtlFollow: shows on standard error how long work gets on while the program waits for its
 * end: what the engine logs of accounts, guides, library and matching, and the time in between. A
 * thread with a connection of its own; whatever goes wrong with it is no reason to say anything.
 */
typedef struct _ForgeCtlFollow ForgeCtlFollow;

/* `address`: of the control socket. */
ForgeCtlFollow *forge_ctl_follow_start (GSocketAddress *address) G_GNUC_WARN_UNUSED_RESULT;
/* Shows what came last. NULL is fine. */
void forge_ctl_follow_stop (ForgeCtlFollow *follow);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeCtlFollow, forge_ctl_follow_stop)

G_END_DECLS

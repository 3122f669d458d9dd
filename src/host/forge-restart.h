/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * A crash must not end television: on SIGSEGV, SIGBUS, SIGILL, SIGFPE or SIGABRT the process
 * replaces itself by a fresh one (same process number, same arguments), at most 5 times in 10
 * minutes with growing pauses. All state is in the store, so nothing else is needed. The count
 * travels in the environment. Off under a sanitizer or a debugger's wish: STREAMFORGE_NO_RESTART=1.
 */

/* Call once, first in main (). `argv` must stay valid. */
void forge_restart_install (char *argv[]);

/* TRUE if this process took over from a crashed one: the ready line was printed before. */
gboolean forge_restart_is_restarted (void);

/* Remembers the port for the next one, so that clients find it again. 0 = none was remembered. */
void forge_restart_remember_port (guint port);
guint forge_restart_port (void);

G_END_DECLS

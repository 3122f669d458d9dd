/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * Addresses and files that a person names on the command line. An address may hold a login, which
 * belongs into no list of processes: "-" reads it from standard input.
 */

/* What stands in the place of an address: "-" is the first line of standard input; a file is named
 * from where the person stands. NULL if standard input holds nothing, which was said. Returns:
 * (transfer full). */
char *forge_ctl_location (const char *text) G_GNUC_WARN_UNUSED_RESULT;
/* The first line of `path` ("-" = standard input) as forge_ctl_location (). */
char *forge_ctl_location_from (const char *path) G_GNUC_WARN_UNUSED_RESULT;

/* Makes addresses that hold a login unreadable in the list of processes and says how it is done
 * better: those of `arguments` that are not among the `argc` ones of `argv`, which somebody still
 * needs (0 and NULL: nobody). */
void forge_ctl_hide_logins (char *const *arguments, int argc, char *const *argv);

/* The arguments as they are now, for forge_ctl_hide_logins (): option parsing takes them out.
 * Returns: (transfer container). */
char **forge_ctl_note_arguments (int argc, char **argv) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

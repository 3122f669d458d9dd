/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * What a person typed, turned into what a request is made of. Whatever is wrong with it is said in
 * one line on standard error here.
 */

/* How the program ends. */
enum { FORGE_CTL_OK = 0, FORGE_CTL_FAILED = 1, FORGE_CTL_USAGE = 2 };

/* One line on standard error, then FORGE_CTL_USAGE. */
int forge_ctl_usage (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* Takes the options `entries` out of the arguments; FALSE after a usage line. */
gboolean forge_ctl_options (const GOptionEntry *entries, int *argc, char ***argv);
/* TRUE if `text` is a whole number > 0, which goes to `id`; else a usage line was printed. */
gboolean forge_ctl_id (const char *text, const char *what, gint64 *id);
/* "/v1/NOUNS/ID", with "/VERB" unless `verb` is NULL, for the id of `what` that was typed; NULL
 * after a usage line. Returns: (transfer full). */
char *forge_ctl_path (const char *nouns, const char *what, const char *id, const char *verb)
    G_GNUC_WARN_UNUSED_RESULT;
/* The first line of a file, "-" = standard input, without its line end; NULL after a line on
 * standard error. */
char *forge_ctl_read_secret (const char *path) G_GNUC_WARN_UNUSED_RESULT;
/* Adds "KEY=VALUE" as a string member; FALSE after a line on standard error. */
gboolean forge_ctl_assign (JsonObject *body, const char *text);
/* An object with string members from NULL-terminated name/value pairs; pairs with a NULL value are
 * left out. */
JsonObject *forge_ctl_object (const char *name, ...) G_GNUC_NULL_TERMINATED
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

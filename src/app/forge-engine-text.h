/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * What the engine says is English: problems, what helps, reasons of a failure. It speaks to logs
 * and to the command line as well, and names commands there. The window shows the same sentence in
 * the user's language and in its own words. What is not known is shown as it is.
 */

/* A sentence of the engine with "%s" for whatever is put in (a number too), and the window's words
 * for it; NULL = the same. */
typedef struct {
  const char *engine, *window;
} ForgeEngineSentence;

/* All that are known (N_ ()); the last one's `engine` is NULL. */
extern const ForgeEngineSentence forge_engine_sentences[];

/* `text` (NULL = "") for the window. Names and reasons within it are looked up too. Thread: any.
 * Returns: (transfer full). */
char *forge_engine_text (const char *text) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

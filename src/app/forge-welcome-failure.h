/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * The sentence above a login that failed: what a person can do about it. What exactly happened is
 * the error's own message, below. `server`: the address as it was typed. Translated, static.
 */
const char *forge_welcome_failure_title (const GError *error, const char *server);

G_END_DECLS

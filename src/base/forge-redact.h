/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What may be said of a URL in logs, errors and events: scheme, host and port only, because every
 * Xtream URL carries the password in its path or query. NULL gives "(none)"; text that is no URL
 * gives "(not a URL)". Returns: (transfer full). Thread: any. */
char *forge_redact_url (const char *url) G_GNUC_WARN_UNUSED_RESULT;

/* `text` with every http(s) URL in it cut to its host and every user=/pass=-like query value
 * masked; for messages that come from libraries. Returns: (transfer full). Thread: any. */
char *forge_redact_text (const char *text) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "tests/integration/forge-harness.h"

G_BEGIN_DECLS

/* What tests of live television ask again and again. */

/* "/stream/ID" of the n-th channel. Returns: (transfer full). */
char *live_path (Harness *h, guint index);
void live_set (Harness *h, const char *key, const char *value);
/* Connections that the provider has open. */
guint live_open (Harness *h);
/* The health of the only, or the n-th, session; "" if there is none. (transfer full) */
char *live_health (Harness *h, guint index);
/* Waits until session `index` is `health`; returns how long that took. */
gint64 live_await_health (Harness *h, guint index, const char *health, guint seconds);
/* Waits for an event of the log whose message holds `text`. */
void live_await_event (Harness *h, const char *text, guint seconds);
/* Waits until nothing is left of anybody's watching, here and at the provider. */
void live_await_idle (Harness *h);
guint live_descriptors (void);
gsize live_rss_kb (void);

G_END_DECLS

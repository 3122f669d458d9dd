/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-engine.h"
#include "tests/provider/forge-fake-provider.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * Harness: the real engine on directories and ports of its own, with a fake provider beside it.
 * Every call asserts, so that tests read as stories.
 */
typedef struct {
  char *root;
  ForgeFakeProvider *provider;
  ForgeEngine *engine;
} Harness;

/* `channels` of the provider and its connections; the account "Test" is added. */
void harness_init (Harness *h, guint channels, guint max_connections);
void harness_clear (Harness *h);
/* Ends the engine and starts it again on the same directories. */
void harness_restart (Harness *h);

/* One sentence to the provider. */
void harness_say (Harness *h, const char *sentence);

#define HARNESS_ANY_STATUS G_MAXUINT
/* A call on the control socket; `body` is JSON text or NULL. Asserts the status (0 = any refusal).
 * Returns: (transfer full). */
JsonNode *harness_call (Harness *h,
                        const char *method,
                        const char *path,
                        const char *body,
                        guint want_status);
/* A GET over TCP. Returns the body as text (transfer full). */
char *harness_get (Harness *h, const char *path, guint want_status);

/* The id of the first channel whose name is `name`, from /v1/channels. */
gint64 harness_channel (Harness *h, const char *name);
/* The name of the n-th enabled channel. (transfer full) */
char *harness_channel_name (Harness *h, guint index);
guint harness_sessions (Harness *h);

/* Polls until `condition` holds; fails the test after `seconds`. */
typedef gboolean (*HarnessCondition) (gpointer data);
void harness_await (HarnessCondition condition, gpointer data, guint seconds, const char *what);
void harness_await_no_sessions (Harness *h);

/* A viewer on a socket of its own, reading in a thread. */
typedef struct _Viewer Viewer;
Viewer *viewer_new (Harness *h, const char *path, const char *user_agent);
/* Waits for `bytes` of body; FALSE if the stream ended before or after `seconds`. */
gboolean viewer_await_bytes (Viewer *viewer, guint64 bytes, guint seconds);
/* Waits for the response head; 0 when there is none. */
guint viewer_await_status (Viewer *viewer, guint seconds);
/* Waits for the end of the stream. */
gboolean viewer_await_end (Viewer *viewer, guint seconds);
gboolean viewer_is_open (Viewer *viewer);
/* The value of a response header, NULL = absent. (transfer none) */
const char *viewer_header (Viewer *viewer, const char *name);
/* The body so far (the first 16 MiB). Call after the end or viewer_close (). (transfer none) */
const guint8 *viewer_data (Viewer *viewer, gsize *length);
void viewer_close (Viewer *viewer); /* closes the connection, keeps the data */
void viewer_free (Viewer *viewer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Viewer, viewer_free)

G_END_DECLS

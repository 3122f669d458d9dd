/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/forge-log.h"

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  FORGE_EVENT_CONNECTION,
  FORGE_EVENT_STREAM,
  FORGE_EVENT_MATCH,
  FORGE_EVENT_GUIDE,
  FORGE_EVENT_PROVIDER,
  FORGE_EVENT_LIBRARY,
  FORGE_EVENT_SYSTEM,
} ForgeEventCategory;

const char *forge_event_category_name (ForgeEventCategory category);
/* FALSE for an unknown word. */
gboolean forge_event_category_parse (const char *name, ForgeEventCategory *category);

/* One line of the event log, for people. Plain struct; free with forge_event_free (). */
typedef struct {
  gint64 id;
  gint64 time; /* UTC seconds */
  ForgeLogLevel level;
  ForgeEventCategory category;
  char *message; /* one sentence, no secrets */
  char *details; /* NULL = none */
  gboolean read;
} ForgeEvent;

void forge_event_free (ForgeEvent *event);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeEvent, forge_event_free)

/* Where a layer reports what the user may want to know. May be called on any thread; must not
 * block. */
typedef void (*ForgeEventFunc) (ForgeLogLevel level,
                                ForgeEventCategory category,
                                const char *message,
                                const char *details,
                                gpointer user_data);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server/forge-http-server.h"

G_BEGIN_DECLS

/* One line of the routing table. */
typedef struct {
  char *pattern;
  gsize prefix_bytes; /* of the pattern before its "*"; its whole length without one */
  gboolean is_prefix;
  char **methods; /* never with HEAD: it comes with GET */
  ForgeRun run;
  ForgeHandler handler;   /* for a takeover: of HEAD */
  ForgeTakeover takeover; /* NULL = an ordinary handler */
  gpointer user_data;
} ForgeRoute;

typedef struct {
  const ForgeRoute *route; /* NULL = none fits */
  const char *tail;        /* into `path`; NULL unless the pattern ends in "*" */
  char *allow; /* value of the Allow header when only the method is wrong. (transfer full) */
} ForgeRouteMatch;

/* `method` may be HEAD. */
void forge_router_find (const ForgeRouter *router,
                        const char *method,
                        const char *path,
                        ForgeRouteMatch *match);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-ops.h"

G_BEGIN_DECLS

/**
 * Users of our own Xtream API, as blocking functions on the job role. Each publishes before it
 * returns. A password is kept as a hash only, so it can be told once, when it is made.
 */

#define FORGE_USER_AS_IT_IS (-1)

/* What a user should be. */
typedef struct {
  const char *password;   /* NULL = make one; of one that there is: the same */
  gint64 device;          /* 0 = the main one; of one that there is: the same */
  gint64 max_connections; /* 0 = no limit of its own; AS_IT_IS */
  int has_library;        /* sees films and series; AS_IT_IS */
} ForgeUserWish;

#define FORGE_USER_WISH_INIT                          \
  {                                                   \
    NULL, 0, FORGE_USER_AS_IT_IS, FORGE_USER_AS_IT_IS \
  }

/* `*made` (transfer full, may come back NULL) is the password that was made. Returns the id, 0 on
 * error: INVALID (name, password, device, connections), LIMIT. */
gint64 forge_ops_add_user (ForgeOps *ops,
                           const char *name,
                           const ForgeUserWish *wish,
                           char **made,
                           GError **error);
/* NOT_FOUND, INVALID. */
gboolean
forge_ops_update_user (ForgeOps *ops, gint64 id, const ForgeUserWish *wish, GError **error);
/* The rules of add () for the name and the number of connections alone. INVALID. */
gboolean forge_ops_check_user (const char *name, gint64 max_connections, GError **error);
gboolean forge_ops_remove_user (ForgeOps *ops, gint64 id, GError **error);

G_END_DECLS

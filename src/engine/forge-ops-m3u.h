/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-ops.h"

G_BEGIN_DECLS

typedef struct {
  const char *name, *location;    /* http(s) URL or absolute path */
  const char *user_agent, *proxy; /* NULL = none */
  gboolean without_guide;
} ForgeNewM3u;

/* Adds a channel list as an account. A list of an Xtream panel whose login works is added as that
 * Xtream account instead, and `warning` says so. Returns the id, 0 on error: then nothing is
 * stored. Work. */
gint64 forge_ops_add_m3u (ForgeOps *ops, const ForgeNewM3u *wanted, char **warning, GError **error);
/* Reads the list that would be at another location of the account. */
gboolean forge_ops_check_m3u (ForgeOps *ops,
                              const ForgeAccount *account,
                              const char *location,
                              GError **error);
/* Fills in what is stored and shown of a location. */
void forge_ops_show_m3u (ForgeAccount *account, const char *location);
/* Reads the list and counts. Returns the account (transfer full). */
ForgeAccount *forge_ops_test_m3u (ForgeOps *ops, const ForgeAccount *account, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/forge-store.h"

G_BEGIN_DECLS

/**
 * What the last answer told of a file: how long it is, of what type. Neither where it is nor what
 * it is called: keys are hashed before they come here. Old ones go by themselves.
 */
typedef struct {
  gint64 length; /* bytes, -1 = not known */
  gint64 source_id;
  char *content_type;
  gboolean is_playlist;
  gint64 time; /* when that was, UTC seconds */
} ForgeStoredFact;

#define FORGE_STORE_MAX_FACTS 20000

/* FALSE without an error: there is none since `since_s`. */
gboolean forge_store_get_fact (ForgeStore *store,
                               const char *key_hash,
                               gint64 since_s,
                               ForgeStoredFact *fact,
                               GError **error);
/* In a transaction of its own. Forgets what is older than `since_s`, and the oldest beyond
 * FORGE_STORE_MAX_FACTS. */
gboolean forge_store_save_fact (ForgeStore *store,
                                const char *key_hash,
                                const ForgeStoredFact *fact,
                                gint64 since_s,
                                GError **error);

G_END_DECLS

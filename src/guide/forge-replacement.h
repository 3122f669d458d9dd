/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/forge-store.h"

G_BEGIN_DECLS

/* What becomes of an account's streams at another provider. */
typedef struct {
  int found;   /* available streams that the new list has too, whatever their ids and spelling */
  int lost;    /* available streams that it has not */
  int revived; /* streams that had vanished before and are back */
  int fresh;   /* streams of the new list that are new */
} ForgeReplacementCounts;

/* Finds the account's streams in what is staged, by name, country, region, time shift, quality and
 * EPG id, and lets their rows go over to it (forge-store-adopt.h). Inside the caller's transaction.
 * Role: job. */
gboolean forge_replacement_adopt (ForgeStore *store,
                                  gint64 account_id,
                                  ForgeReplacementCounts *counts,
                                  GError **error);

G_END_DECLS

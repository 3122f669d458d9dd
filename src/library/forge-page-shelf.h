/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "library/forge-extraction.h"
#include "store/forge-secrets.h"
#include "store/forge-store.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ForgePageShelf: what pages held, over a restart: in the database, each sealed with a key of the
 * secret store, because addresses hold tokens. Trouble with it costs a question to the site and is
 * only logged. Thread-safe. Role: job. Blocks.
 */
typedef struct _ForgePageShelf ForgePageShelf;

/* Both are borrowed. */
ForgePageShelf *forge_page_shelf_new (ForgeStorePool *stores, ForgeSecrets *secrets)
    G_GNUC_WARN_UNUSED_RESULT;
void forge_page_shelf_free (ForgePageShelf *shelf);

/* NULL: nothing since `since_s`. `*read_s` is when the site was asked, UTC. (transfer full) */
ForgeExtraction *
forge_page_shelf_get (ForgePageShelf *shelf, const char *page, gint64 since_s, gint64 *read_s)
    G_GNUC_WARN_UNUSED_RESULT;
/* What is older than `since_s` goes. */
void forge_page_shelf_put (ForgePageShelf *shelf,
                           const char *page,
                           const ForgeExtraction *extraction,
                           gint64 read_s,
                           gint64 since_s);
void forge_page_shelf_forget (ForgePageShelf *shelf, const char *page);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-ops.h"
#include "model/forge-media.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * ForgeLibraryView: what is asked of the library, for the control socket and for /api/library
 * alike. Role: job.
 */
typedef struct _ForgeLibraryView ForgeLibraryView;

/* `ops` must outlive it. */
ForgeLibraryView *forge_library_view_new (ForgeOps *ops) G_GNUC_WARN_UNUSED_RESULT;
void forge_library_view_free (ForgeLibraryView *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeLibraryView, forge_library_view_free)

/* `list`: "movies" or "series". Query members of the request: search (or q), tmdbId, account, sort
 * = title, year, new; offset and limit. As pages of at most FORGE_LIBRARY_PAGE or, without, as one
 * array of all. Error: INVALID. Returns: (transfer full). */
#define FORGE_LIBRARY_PAGE         50
#define FORGE_LIBRARY_LARGEST_PAGE 500
JsonNode *forge_library_view_list (ForgeLibraryView *view,
                                   const char *list,
                                   const ForgeRequest *request,
                                   gboolean as_page,
                                   GError **error);
/* One, with its variants; of a series the episodes, asked of the provider where what is known is
 * old. Error: NOT_FOUND. Returns: (transfer full). Blocks: on the provider. */
JsonNode *
forge_library_view_show (ForgeLibraryView *view, ForgeMediaKind kind, gint64 id, GError **error);

/* Registers GET /api/library/…. */
void forge_library_view_register (ForgeEngine *engine, ForgeRouter *router);

G_END_DECLS

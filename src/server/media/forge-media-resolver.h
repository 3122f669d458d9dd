/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-media.h"
#include "store/forge-store.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ForgeResolver: from a title to where it is kept, remembered for half an hour; for one hour more
 * what is old is used while it is read anew. However many ask at once, it is read once; failures
 * are not remembered. Memory is the first tier, the store the second. Thread-safe.
 */
typedef struct _ForgeResolver ForgeResolver;

#define FORGE_RESOLVER_FRESH_S   (30 * 60)
#define FORGE_RESOLVER_STALE_S   (60 * 60)
#define FORGE_RESOLVER_REFRESH_S 60 /* between two refreshes of one title */
#define FORGE_RESOLVER_MAX       2000

/* What is known of a title. Immutable but for the facts; ref-counted. */
typedef struct {
  gatomicrefcount ref_count;
  ForgeMediaKind kind;
  gint64 id;
  char *handle; /* "movie/12" */
  char *title;
  int duration_s;
  GPtrArray *sources; /* of ForgeMediaSource*, the preferred one first */
  gint64 read_us;
} ForgeResolved;

ForgeResolved *forge_resolved_ref (ForgeResolved *resolved);
void forge_resolved_unref (ForgeResolved *resolved);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeResolved, forge_resolved_unref)

/* What the answer of a source told of the file. */
typedef struct {
  gint64 length; /* bytes */
  gint64 source_id;
  char *content_type;
  gboolean is_playlist;
  gint64 learned_s; /* UTC; set by learn () */
} ForgeFacts;

void forge_facts_clear (ForgeFacts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ForgeFacts, forge_facts_clear)

ForgeResolver *forge_resolver_new (ForgeStorePool *stores) G_GNUC_WARN_UNUSED_RESULT;
void forge_resolver_free (ForgeResolver *resolver);

/* Error: NOT_FOUND, STORAGE, G_IO_ERROR_CANCELLED. Blocks. Role: job. Returns: (transfer full). */
ForgeResolved *forge_resolver_get (ForgeResolver *resolver,
                                   ForgeMediaKind kind,
                                   gint64 id,
                                   GCancellable *cancellable,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Every source failed: forgets the title, so that the next get () reads it anew. FALSE if that was
 * done less than FORGE_RESOLVER_REFRESH_S ago: it is not to be tried again. */
gboolean forge_resolver_refresh (ForgeResolver *resolver, ForgeMediaKind kind, gint64 id);
/* The same for what is no title: whether it may be looked up anew. */
gboolean forge_resolver_refresh_key (ForgeResolver *resolver, const char *key);

/* `key`: a handle, or what stands for a URL. FALSE: nothing is known, or only what is older than a
 * title's life. What memory does not know the store may: it keeps facts over a restart, under a
 * hash of the key. Role: job. */
gboolean forge_resolver_recall (ForgeResolver *resolver, const char *key, ForgeFacts *facts);
/* Writes to the store in the background. */
void forge_resolver_learn (ForgeResolver *resolver, const char *key, const ForgeFacts *facts);

typedef struct {
  guint64 hits, stale_hits, misses, refreshes;
} ForgeResolverStats;
void forge_resolver_stats (ForgeResolver *resolver, ForgeResolverStats *stats);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/forge-clock.h"
#include "library/forge-page-shelf.h"

G_BEGIN_DECLS

/**
 * ForgeExtractor: what pages of allowed sites hold, asked of an installed yt-dlp.
 *
 * One run per page at a time, whoever asks for it waits for the same one; at most
 * FORGE_EXTRACTOR_MAX_RUNS of all. An answer is good for FORGE_EXTRACTOR_FRESH_S; for
 * FORGE_EXTRACTOR_STALE_S more it is used while the page is read anew; never beyond the time that
 * its own addresses name. Memory is the first tier, the shelf the second. A failure is not kept,
 * nor is one poor format where a site has just refused the rest. The caller checks the address
 * (forge_site_check). Thread: any.
 */
typedef struct _ForgeExtractor ForgeExtractor;

#define FORGE_EXTRACTOR_MAX_RUNS 4u
#define FORGE_EXTRACTOR_FRESH_S  (30 * 60)
#define FORGE_EXTRACTOR_STALE_S  (60 * 60)
#define FORGE_EXTRACTOR_KEPT     64u
#define FORGE_EXTRACTOR_RUN_S    25u

/* `program`: "yt-dlp", or a stand-in for tests. `shelf` is borrowed; NULL = memory only. */
ForgeExtractor *forge_extractor_new (const char *program, ForgeClock *clock, ForgePageShelf *shelf)
    G_GNUC_WARN_UNUSED_RESULT;
/* Nobody may be waiting any more. */
void forge_extractor_free (ForgeExtractor *extractor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeExtractor, forge_extractor_free)

/* From the next run on. */
void forge_extractor_set_program (ForgeExtractor *extractor, const char *program);

/* FALSE: UNSUPPORTED, with a sentence that says what to install. */
gboolean forge_extractor_is_there (ForgeExtractor *extractor, GError **error);

/* Error: UNSUPPORTED without the program; INVALID, NOT_FOUND, LIMIT or RETRY as the site answers;
 * G_IO_ERROR_TIMED_OUT; G_IO_ERROR_CANCELLED. Returns: (transfer full). Role: job. Blocks. */
ForgeExtraction *forge_extractor_get (ForgeExtractor *extractor,
                                      const char *url,
                                      GCancellable *cancellable,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What is known of the page, without asking the site; NULL = nothing. (transfer full) Role: job. */
ForgeExtraction *forge_extractor_recall (ForgeExtractor *extractor, const char *url)
    G_GNUC_WARN_UNUSED_RESULT;

/* What is known of the page is not good any more: the next get () asks anew. Role: job. */
void forge_extractor_forget (ForgeExtractor *extractor, const char *url);

/* One entry of a playlist or channel, as it is found; strings are lent. */
typedef struct {
  const char *url, *title;
  const char *thumbnail; /* NULL = none */
  guint index;           /* from 1 */
  guint total;           /* 0 = not known yet */
} ForgeSiteEntry;
/* FALSE: enough. */
typedef gboolean (*ForgeSiteEntryFunc) (const ForgeSiteEntry *entry, gpointer user_data);

/* Hands out the entries of a list from number `first` on. `tick` as in forge-child.h. Errors as
 * above; LIMIT when too many run. */
gboolean forge_extractor_list (ForgeExtractor *extractor,
                               const char *url,
                               guint first,
                               ForgeSiteEntryFunc each,
                               gboolean (*tick) (gpointer user_data),
                               gpointer user_data,
                               GCancellable *cancellable,
                               GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include <stdatomic.h>
#include <stdint.h>

G_BEGIN_DECLS

/**
 * ForgeMediaProgress: how far a download is that a page began with a plain link (`dl=NAME`): the
 * browser saves the file by itself and tells the page nothing, so the page asks us. A client sees
 * its own names only. Thread: any.
 */
typedef struct _ForgeMediaProgressBook ForgeMediaProgressBook;
typedef struct _ForgeMediaProgress ForgeMediaProgress;

/* Names are of letters, digits and "-". */
#define FORGE_MEDIA_MAX_PROGRESS_NAME 64
/* Kept at once; what ended goes first. */
#define FORGE_MEDIA_MAX_PROGRESS 1024

typedef enum {
  FORGE_MEDIA_PROGRESS_ACTIVE,
  FORGE_MEDIA_PROGRESS_DONE,
  FORGE_MEDIA_PROGRESS_STOPPED, /* the client went */
  FORGE_MEDIA_PROGRESS_FAILED,  /* the source did */
} ForgeMediaProgressState;

typedef struct {
  ForgeMediaProgressState state;
  gint64 bytes; /* of the file, what lies before a resumed one included */
  gint64 total; /* of the file; -1 = unknown */
} ForgeMediaProgressView;

const char *forge_media_progress_state_name (ForgeMediaProgressState state);

ForgeMediaProgressBook *forge_media_progress_book_new (void) G_GNUC_WARN_UNUSED_RESULT;
/* What was begun may end later. */
void forge_media_progress_book_free (ForgeMediaProgressBook *book);

/* From byte `first` of `total` on. A name that is used again begins anew. NULL: `name` is NULL or
 * none, or there are too many. Returns: (transfer full), for forge_media_progress_end (). */
ForgeMediaProgress *forge_media_progress_begin (ForgeMediaProgressBook *book,
                                                const char *client,
                                                const char *name,
                                                gint64 first,
                                                gint64 total);
/* Where the pump counts the bytes that it sent. NULL for NULL. */
_Atomic uint64_t *forge_media_progress_counter (ForgeMediaProgress *progress);
/* NULL is fine. */
void forge_media_progress_end (ForgeMediaProgress *progress, ForgeMediaProgressState state);
/* FALSE: that client began none of this name. */
gboolean forge_media_progress_look (ForgeMediaProgressBook *book,
                                    const char *client,
                                    const char *name,
                                    ForgeMediaProgressView *view);

G_END_DECLS

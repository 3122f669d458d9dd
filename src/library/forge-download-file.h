/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ForgeDownloadFile: "film.mp4.part" that grows until it is whole, then "film.mp4".
 *
 * Each body is asked for from a little before the end of what is there, and that overlap is
 * compared: a provider that put another file under the same address is noticed before the two are
 * mixed. Usage: open, then for each body resume_at → begin → write … and at the end finish.
 * Blocks. Thread: one at a time.
 */
typedef struct _ForgeDownloadFile ForgeDownloadFile;

/* How much of what is there is fetched again and compared. */
#define FORGE_DOWNLOAD_OVERLAP_BYTES (64 * 1024)

/* Creates the folder and the part file, or takes up the one that is there. `was_begun`: some of it
 * was written before, so that a folder that is missing is an error. STORAGE. Returns: (transfer
 * full). */
ForgeDownloadFile *forge_download_file_open (const char *path, gboolean was_begun, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* What was not finished stays for the next time. */
void forge_download_file_close (ForgeDownloadFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeDownloadFile, forge_download_file_close)

/* Bytes that are there, the compared overlap not counted twice. */
gint64 forge_download_file_size (const ForgeDownloadFile *file);
/* Where to ask from. */
gint64 forge_download_file_resume_at (const ForgeDownloadFile *file);
/* A body comes: its first byte is number `start` (0 if the server ignored what was asked), the
 * whole file has `total` bytes (-1 = unknown). INVALID if `start` leaves a hole or the total shrank
 * below what is there; STORAGE if the disk has not enough room. */
gboolean
forge_download_file_begin (ForgeDownloadFile *file, gint64 start, gint64 total, GError **error);
/* The next bytes of the body. INVALID: they differ from what is there (see reset). STORAGE. */
gboolean
forge_download_file_write (ForgeDownloadFile *file, const void *data, gsize length, GError **error);
/* Throws away what is there. */
gboolean forge_download_file_reset (ForgeDownloadFile *file, GError **error);
/* The body ended: RETRY if bytes are missing, else the file gets its name and is closed to more.
 * Never overwrites: INVALID if a file of that name appeared meanwhile. */
gboolean forge_download_file_finish (ForgeDownloadFile *file, GError **error);

/* A name for a file in `folder` that nobody uses yet, whole or as a part: "Title.mp4", "Title
 * (2).mp4" … `title` may hold anything; `extension` NULL = none; `taken` (may be NULL) holds paths
 * that are promised to others. Returns: (transfer full). */
char *forge_download_file_name (const char *folder,
                                const char *title,
                                const char *extension,
                                GHashTable *taken) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ForgeUnpack: undoes .gz, .xz, .zip, .bz2, .zst (up to three layers deep) by magic bytes, never by
 * name, and passes plain data through. Streaming, bounded memory. Built on libarchive.
 */
typedef struct _ForgeUnpack ForgeUnpack;

typedef struct {
  guint64 max_out_bytes; /* output limit, 0 = 8 GiB */
  guint max_ratio;       /* output : input beyond the first 16 MiB of output, 0 = 300 */
} ForgeUnpackLimits;

/* Reads from `source` (reference taken). `limits` may be NULL. Returns: (transfer full). */
ForgeUnpack *forge_unpack_new (GInputStream *source, const ForgeUnpackLimits *limits)
    G_GNUC_WARN_UNUSED_RESULT;
void forge_unpack_free (ForgeUnpack *unpack);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeUnpack, forge_unpack_free)

/* Returns the bytes read, 0 at the end, -1 on error (INVALID: damaged; TOO_LARGE: bomb; or the
 * source's own error). A truncated source gives what it had, then INVALID. Blocks. */
gssize forge_unpack_read (ForgeUnpack *unpack,
                          void *buffer,
                          gsize size,
                          GCancellable *cancellable,
                          GError **error);

G_END_DECLS

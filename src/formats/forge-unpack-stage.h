/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ForgeUnpackStage: one link of the chain that bytes pass: the source, or one layer of packing that
 * reads from the link below.
 */
typedef struct _ForgeUnpackStage ForgeUnpackStage;

typedef enum {
  FORGE_PACK_NONE,
  FORGE_PACK_GZIP,
  FORGE_PACK_XZ,
  FORGE_PACK_LZMA,
  FORGE_PACK_BZIP2,
  FORGE_PACK_ZSTD,
  FORGE_PACK_ZIP,
  FORGE_PACK_TAR,
} ForgePack;

/* As many first bytes as the magic of any of them needs (tar's stands at 257). */
#define FORGE_PACK_MAGIC_BYTES 262

/* What `head` begins with. */
ForgePack forge_pack_sniff (const guint8 *head, gsize length);
const char *forge_pack_name (ForgePack pack);

ForgeUnpackStage *forge_unpack_stage_new_source (GInputStream *source) G_GNUC_WARN_UNUSED_RESULT;
/* `below` stays the caller's and must outlive the stage. */
ForgeUnpackStage *forge_unpack_stage_new_gzip (ForgeUnpackStage *below) G_GNUC_WARN_UNUSED_RESULT;
ForgeUnpackStage *forge_unpack_stage_new_archive (ForgeUnpackStage *below, ForgePack pack)
    G_GNUC_WARN_UNUSED_RESULT;
void forge_unpack_stage_free (ForgeUnpackStage *stage);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeUnpackStage, forge_unpack_stage_free)

/* Ends the stage with TOO_LARGE once more than `max_out_bytes` came out, or `max_ratio` times what
 * `bottom` gave (a first 16 MiB are free). Every layer needs it: one may blow up what the next one
 * then throws away. */
void forge_unpack_stage_limit (ForgeUnpackStage *stage,
                               const ForgeUnpackStage *bottom,
                               guint64 max_out_bytes,
                               guint max_ratio);

/* Bytes read, 0 at the end, −1 with `error`. */
gssize forge_unpack_stage_read (ForgeUnpackStage *stage,
                                void *buffer,
                                gsize size,
                                GCancellable *cancellable,
                                GError **error);
/* The first bytes (fewer only at the end or before an error), which stay to be read. */
const guint8 *
forge_unpack_stage_peek (ForgeUnpackStage *stage, GCancellable *cancellable, gsize *length);

G_END_DECLS

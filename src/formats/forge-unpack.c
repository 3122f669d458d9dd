/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-unpack.h"

#include "base/forge-error.h"
#include "formats/forge-unpack-stage.h"

#define MAX_LAYERS            3
#define DEFAULT_MAX_OUT_BYTES (G_GUINT64_CONSTANT (8) << 30)
#define DEFAULT_MAX_RATIO     300

struct _ForgeUnpack {
  ForgeUnpackLimits limits;
  ForgeUnpackStage *stages[1 + MAX_LAYERS]; /* the source, then the layers from outside in */
  guint n_stages;
  gboolean is_open;
};

static void
add_stage (ForgeUnpack *unpack, ForgeUnpackStage *stage)
{
  unpack->stages[unpack->n_stages++] = stage;
  forge_unpack_stage_limit (stage,
                            unpack->stages[0],
                            unpack->limits.max_out_bytes,
                            unpack->limits.max_ratio);
}

ForgeUnpack *
forge_unpack_new (GInputStream *source, const ForgeUnpackLimits *limits)
{
  ForgeUnpack *unpack = g_new0 (ForgeUnpack, 1);

  if (limits)
    unpack->limits = *limits;
  if (unpack->limits.max_out_bytes == 0)
    unpack->limits.max_out_bytes = DEFAULT_MAX_OUT_BYTES;
  if (unpack->limits.max_ratio == 0)
    unpack->limits.max_ratio = DEFAULT_MAX_RATIO;
  add_stage (unpack, forge_unpack_stage_new_source (source));
  return unpack;
}

void
forge_unpack_free (ForgeUnpack *unpack)
{
  while (unpack->n_stages > 0)
    forge_unpack_stage_free (unpack->stages[--unpack->n_stages]);
  g_free (unpack);
}

static ForgeUnpackStage *
new_layer (ForgeUnpackStage *below, ForgePack pack)
{
  return pack == FORGE_PACK_GZIP ? forge_unpack_stage_new_gzip (below)
                                 : forge_unpack_stage_new_archive (below, pack);
}

/* Adds a layer as long as what comes out is packed. */
static gboolean
open_layers (ForgeUnpack *unpack, GCancellable *cancellable, GError **error)
{
  unpack->is_open = TRUE;
  for (;;) {
    ForgeUnpackStage *top = unpack->stages[unpack->n_stages - 1];
    gsize length = 0;
    const guint8 *head = forge_unpack_stage_peek (top, cancellable, &length);
    ForgePack pack = forge_pack_sniff (head, length);
    if (pack == FORGE_PACK_NONE)
      return TRUE;
    if (unpack->n_stages == G_N_ELEMENTS (unpack->stages)) {
      g_set_error (error,
                   FORGE_ERROR,
                   FORGE_ERROR_INVALID,
                   "packed more than %d times",
                   MAX_LAYERS);
      return FALSE;
    }
    add_stage (unpack, new_layer (top, pack));
  }
}

gssize
forge_unpack_read (ForgeUnpack *unpack,
                   void *buffer,
                   gsize size,
                   GCancellable *cancellable,
                   GError **error)
{
  /* Not every stream looks at it, and unpacking can go on for long between two reads. */
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return -1;
  if (!unpack->is_open && !open_layers (unpack, cancellable, error))
    return -1;

  return forge_unpack_stage_read (unpack->stages[unpack->n_stages - 1],
                                  buffer,
                                  size,
                                  cancellable,
                                  error);
}

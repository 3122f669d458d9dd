/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* TRUE if `id` passes the HDHomeRun checksum and is neither 0 nor the wildcard.
 * Spec: facts hdhomerun.md §1.7. Thread: any. */
gboolean forge_device_id_is_valid (guint32 id);

/* A checksummed id of the range 105xxxxx made from 16 bits of `entropy`. Never a legacy range. */
guint32 forge_device_id_make (guint16 entropy);

G_END_DECLS

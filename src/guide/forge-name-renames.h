/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "guide/forge-name.h"

G_BEGIN_DECLS

/* Other names that the channel has or had: rebrandings that no text shows ("BT Sport 1" is "TNT
 * Sports 1" since 2023). Guides and providers change at different times, so both directions count.
 * Writes the next one into `out` and returns TRUE; `*state` starts at 0. */
gboolean forge_name_next_rename (const ForgeName *name,
                                 const ForgeCountrySet *countries,
                                 guint *state,
                                 char *out,
                                 gsize size);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-channel.h"
#include "store/forge-store-guide.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Takes a piece of the document; FALSE (with `error`) stops. */
typedef gboolean (*ForgeGuideWriteFunc) (const char *data,
                                         gsize length,
                                         gpointer user_data,
                                         GError **error);

typedef struct {
  const char *base_url; /* for icon URLs */
  gint64 now_s;
  int past_hours, days; /* programmes in [now − past_hours, now + days] */
} ForgeGuideWriteOptions;

/* The XMLTV document of exactly the lineup's channels, in its order: channels first, then
 * programmes by channel and start; ids are ForgeChannel.guide_id; inner XML as it came in; channels
 * without a guide get placeholder programmes of 2 h, and the event that their stream's name tells.
 * Overlaps cut, duplicates dropped. Bounded memory. Role: job. Blocks. */
gboolean forge_guide_write (ForgeStore *store,
                            const ForgeLineup *lineup,
                            const ForgeGuideWriteOptions *options,
                            ForgeGuideWriteFunc write,
                            gpointer user_data,
                            GCancellable *cancellable,
                            GError **error);

G_END_DECLS

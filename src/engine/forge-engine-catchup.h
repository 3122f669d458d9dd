/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-account.h"
#include "model/forge-channel.h"
#include "net/forge-dial.h"

G_BEGIN_DECLS

/**
 * ForgeCatchup: which shape of catch-up address each account's panel understood last, kept in the
 * database, too. Thread: any.
 */
typedef struct _ForgeCatchup ForgeCatchup;

ForgeCatchup *forge_catchup_new (void) G_GNUC_WARN_UNUSED_RESULT;
void forge_catchup_free (ForgeCatchup *catchup);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeCatchup, forge_catchup_free)

/* ForgeTunerCatchupFunc with the engine as user_data. Role: job. */
gboolean forge_engine_catchup (const ForgeAccount *account,
                               const ForgeStream *stream,
                               gint64 start_s,
                               guint duration_s,
                               ForgeDial *dial,
                               GCancellable *cancellable,
                               gpointer engine,
                               GError **error);

G_END_DECLS

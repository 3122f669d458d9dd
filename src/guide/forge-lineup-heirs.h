/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "guide/forge-lineup-match.h"

G_BEGIN_DECLS

/* A promoted channel whose streams a guide has by now goes on as that guide's channel. A guide that
 * gives its channels other ids (another provider's guide in its place, or new ids from the same
 * one): a stored channel whose id is gone goes on as the new channel of the same guide that most of
 * its streams belong to now, with its number, place and all that the user chose. Inside the run's
 * transaction, before its channels are written. `streams` of ForgeLineupStream. */
gboolean forge_lineup_heirs_apply (ForgeStore *store,
                                   const ForgeLineupGuide *guide,
                                   const GArray *streams,
                                   GError **error);

G_END_DECLS

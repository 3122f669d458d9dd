/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/forge-byte-source.h"

#include <glib.h>

G_BEGIN_DECLS

/**
 * ForgeSlatePlayer: plays the built-in stills ("Reconnecting – please wait") as endless transport
 * streams of continuous time, at the pace of the clock. One timer of the control context feeds all
 * of them and stands still while there is none. Role: control.
 */
typedef struct _ForgeSlatePlayer ForgeSlatePlayer;

typedef enum {
  FORGE_SLATE_RECONNECTING,
  FORGE_SLATE_BUSY,    /* all tuners are in use */
  FORGE_SLATE_EXPIRED, /* the account has expired */
  FORGE_N_SLATES,
} ForgeSlate;

ForgeSlatePlayer *forge_slate_player_new (GMainContext *context) G_GNUC_WARN_UNUSED_RESULT;
/* Ends what plays. */
void forge_slate_player_free (ForgeSlatePlayer *player);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeSlatePlayer, forge_slate_player_free)

/* A source like a provider's; closing it ends the play. FALSE when there is no descriptor to be
 * had. */
gboolean
forge_slate_player_play (ForgeSlatePlayer *player, ForgeSlate slate, ForgeByteSource *bytes)
    G_GNUC_WARN_UNUSED_RESULT;
/* How many play; one whose source was closed counts until the next tick. */
guint forge_slate_player_count (const ForgeSlatePlayer *player);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server/forge-tuner-pages-private.h"

G_BEGIN_DECLS

/* The part of our Xtream API that is about films and series. */
typedef struct {
  const char *name;
  ForgeMediaKind kind;
  enum { FORGE_PANEL_CATEGORIES, FORGE_PANEL_LIST, FORGE_PANEL_DETAILS } what;
} ForgePanelAction;

/* NULL: `name` is about something else. */
const ForgePanelAction *forge_panel_action_find (const char *name);
/* `may_see` FALSE: the answer of a panel without films. Role: job. Blocks: on the provider. */
ForgeReply *forge_panel_action_answer (ForgeTunerPages *pages,
                                       const ForgePanelAction *action,
                                       gboolean may_see,
                                       const ForgeRequest *request,
                                       GCancellable *cancellable) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

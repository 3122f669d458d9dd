/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-page-sessions.h"

#include "app/forge-empty-state.h"

#include <glib/gi18n.h>

GtkWidget *
forge_page_sessions_new (ForgeAppModel *model)
{
  return forge_empty_state_new ("network-transmit-receive-symbolic",
                                _ ("Nobody is watching"),
                                NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-page-sources.h"

#include "app/forge-empty-state.h"

#include <glib/gi18n.h>

GtkWidget *
forge_page_sources_new (ForgeAppModel *model)
{
  return forge_empty_state_new (
      "network-server-symbolic",
      _ ("No account yet"),
      _ ("Add the account of your provider to get channels and a guide."));
}

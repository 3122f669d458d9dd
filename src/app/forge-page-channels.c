/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-page-channels.h"

#include "app/forge-empty-state.h"

#include <glib/gi18n.h>

GtkWidget *
forge_page_channels_new (ForgeAppModel *model)
{
  return forge_empty_state_new (
      "video-display-symbolic",
      _ ("No channels yet"),
      _ ("Connect your provider’s account; its channels are matched with the guide by themselves."));
}

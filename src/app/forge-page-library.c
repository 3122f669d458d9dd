/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-page-library.h"

#include "app/forge-empty-state.h"

#include <glib/gi18n.h>

GtkWidget *
forge_page_library_new (ForgeAppModel *model)
{
  return forge_empty_state_new ("folder-videos-symbolic",
                                _ ("No films or series yet"),
                                _ ("What your account offers besides television appears here."));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-page-guide.h"

#include "app/forge-empty-state.h"

#include <glib/gi18n.h>

GtkWidget *
forge_page_guide_new (ForgeAppModel *model)
{
  return forge_empty_state_new ("x-office-calendar-symbolic",
                                _ ("No guide yet"),
                                _ ("The guide of your account appears here once it was read."));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-page-logs.h"

#include "app/forge-empty-state.h"

#include <glib/gi18n.h>

GtkWidget *
forge_page_logs_new (ForgeAppModel *model)
{
  return forge_empty_state_new ("text-x-generic-symbolic", _ ("Nothing has happened yet"), NULL);
}

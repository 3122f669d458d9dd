/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A row of a list: something that was found (a problem, a step of the doctor), what helps, and a
 * button that helps if the window can. `severity` is "error", "warning", "info", "ok" or "skipped";
 * `text` and `fix` (NULL = none) are the engine's. `is_step`: in the doctor's dialog, which no
 * button opens again. Role: ui. Returns: (transfer floating). */
GtkWidget *forge_finding_row_new (ForgeAppModel *model,
                                  const char *id,
                                  const char *severity,
                                  const char *text,
                                  const char *fix,
                                  gboolean is_step);

G_END_DECLS

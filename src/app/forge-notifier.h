/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ForgeNotifier: the few things worth a notification, each once: an account that expires within a
 * week, a refresh that was held back, a source that failed and was replaced. A click leads to the
 * page. Role: ui.
 */
#define FORGE_TYPE_NOTIFIER (forge_notifier_get_type ())
G_DECLARE_FINAL_TYPE (ForgeNotifier, forge_notifier, FORGE, NOTIFIER, GObject)

ForgeNotifier *forge_notifier_new (GApplication *application, ForgeAppModel *model)
    G_GNUC_WARN_UNUSED_RESULT;

/* For others: "download finished" and the like. `id` replaces an older one of the same id; `page`
 * is what a click shows ("" = the window). Where no desktop shows notifications it is dropped. */
void forge_notifier_tell (GApplication *application,
                          const char *id,
                          const char *title,
                          const char *text,
                          const char *page);

G_END_DECLS

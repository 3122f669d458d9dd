/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ForgeEventList: the event log as rows, newest first, kept up to date; and a filtered face of it.
 * Signal "loaded" after rows came or went. Role: ui.
 */
#define FORGE_TYPE_EVENT_LIST (forge_event_list_get_type ())
G_DECLARE_FINAL_TYPE (ForgeEventList, forge_event_list, FORGE, EVENT_LIST, GObject)

enum {
  FORGE_EVENT_ID,            /* int64 */
  FORGE_EVENT_TIME_TEXT,     /* local time */
  FORGE_EVENT_LEVEL,         /* int, ForgeLogLevel */
  FORGE_EVENT_ICON,          /* icon name */
  FORGE_EVENT_CATEGORY,      /* "stream" … */
  FORGE_EVENT_CATEGORY_TEXT, /* the same in words */
  FORGE_EVENT_TEXT,          /* message and details */
  FORGE_EVENT_N_COLUMNS,
};

ForgeEventList *forge_event_list_new (ForgeAppModel *model) G_GNUC_WARN_UNUSED_RESULT;
/* The filtered rows. Returns: (transfer none). */
GtkTreeModel *forge_event_list_get_model (ForgeEventList *self);
/* `level`: this and worse; `category`: "" = all; `search`: part of the text, any case. */
void forge_event_list_set_filter (ForgeEventList *self,
                                  const char *level,
                                  const char *category,
                                  const char *search);
/* Warnings and errors after the event with this id. */
guint forge_event_list_count_serious_after (ForgeEventList *self, gint64 id);
gint64 forge_event_list_get_newest (ForgeEventList *self);
/* Removes all, in the store too. */
void forge_event_list_clear (ForgeEventList *self);
/* The filtered rows as text, one line each. Events never hold secrets. Returns: (transfer full). */
GBytes *forge_event_list_export (ForgeEventList *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

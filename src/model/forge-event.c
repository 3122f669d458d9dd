/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/forge-event.h"

#include <string.h>

static const char *const category_names[] = { "connection", "stream",  "match", "guide",
                                              "provider",   "library", "system" };

const char *
forge_event_category_name (ForgeEventCategory category)
{
  return (guint)category < G_N_ELEMENTS (category_names) ? category_names[category] : "system";
}

gboolean
forge_event_category_parse (const char *name, ForgeEventCategory *category)
{
  for (guint i = 0; name && i < G_N_ELEMENTS (category_names); i++)
    if (strcmp (name, category_names[i]) == 0) {
      *category = (ForgeEventCategory)i;
      return TRUE;
    }
  return FALSE;
}

void
forge_event_free (ForgeEvent *event)
{
  g_free (event->message);
  g_free (event->details);
  g_free (event);
}

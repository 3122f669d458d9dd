/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-problem-row.h"

#include "app/forge-finding-row.h"
#include "app/forge-ui.h"

#define SHOWN_KEY "forge-shown"

static char *
describe (GPtrArray *problems)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; problems && i < problems->len; i++) {
    const ForgeProblem *problem = g_ptr_array_index (problems, i);
    g_string_append_printf (text, "%s\n%s\n", problem->id, problem->text);
  }
  return g_string_free (text, FALSE);
}

void
forge_problem_rows_update (GtkListBox *list, ForgeAppModel *model)
{
  ForgeLive *live = forge_app_model_get_live (model);
  GPtrArray *problems = live ? live->problems : NULL;
  g_autofree char *shown = describe (problems);

  if (g_strcmp0 (g_object_get_data (G_OBJECT (list), SHOWN_KEY), shown) == 0)
    return;
  forge_ui_clear (GTK_CONTAINER (list));
  for (guint i = 0; problems && i < problems->len; i++) {
    const ForgeProblem *problem = g_ptr_array_index (problems, i);
    gtk_container_add (GTK_CONTAINER (list),
                       forge_finding_row_new (model,
                                              problem->id,
                                              problem->severity,
                                              problem->text,
                                              problem->fix,
                                              FALSE));
  }
  g_object_set_data_full (G_OBJECT (list), SHOWN_KEY, g_steal_pointer (&shown), g_free);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-welcome-groups.h"

#include "app/forge-ui.h"

#include <glib/gi18n.h>

typedef struct {
  const char *name; /* lent by the table; "" = none */
  GArray *on, *off; /* of gint64: channels by how they are now */
  GtkWidget *check; /* lent */
} Group;

struct _ForgeWelcomeGroups {
  GtkListBox *list;
  ForgeChannelTable *table; /* NULL before the first show */
  GPtrArray *groups;        /* of Group* */
};

static void
group_free (gpointer data)
{
  Group *group = data;

  g_array_unref (group->on);
  g_array_unref (group->off);
  g_free (group);
}

static Group *
find_or_add (GHashTable *by_name, GPtrArray *groups, const char *name)
{
  Group *group = g_hash_table_lookup (by_name, name);

  if (group)
    return group;
  group = g_new0 (Group, 1);
  group->name = name;
  group->on = g_array_new (FALSE, FALSE, sizeof (gint64));
  group->off = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_hash_table_insert (by_name, (gpointer)name, group);
  g_ptr_array_add (groups, group);
  return group;
}

/* What is on comes first, then the large ones. */
static int
compare_groups (gconstpointer a, gconstpointer b)
{
  const Group *one = *(const Group *const *)a, *other = *(const Group *const *)b;

  if (one->on->len != other->on->len)
    return one->on->len > other->on->len ? -1 : 1;
  if (one->off->len != other->off->len)
    return one->off->len > other->off->len ? -1 : 1;
  return g_utf8_collate (one->name, other->name);
}

static void
collect (ForgeWelcomeGroups *self)
{
  g_autoptr (GHashTable) by_name = g_hash_table_new (g_str_hash, g_str_equal);
  guint n = forge_channel_table_length (self->table);

  g_ptr_array_set_size (self->groups, 0);
  for (guint i = 0; i < n; i++) {
    const ForgeChannelLine *line = forge_channel_table_line (self->table, i);
    if (line->match == FORGE_MATCH_NONE)
      continue;
    Group *group = find_or_add (by_name, self->groups, line->group ? line->group : "");
    g_array_append_val (line->enabled ? group->on : group->off, line->id);
  }
  g_ptr_array_sort (self->groups, compare_groups);
}

static void
add_row (ForgeWelcomeGroups *self, Group *group)
{
  guint n = group->on->len + group->off->len;
  g_autofree char *count =
      g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u channel", "%u channels", n), n);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *number = gtk_label_new (count);

  group->check = gtk_check_button_new_with_label (*group->name ? group->name : _ ("Other"));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (group->check), group->on->len > 0);
  gtk_style_context_add_class (gtk_widget_get_style_context (number), "dim-label");
  gtk_style_context_add_class (gtk_widget_get_style_context (box), "forge-row");
  gtk_box_pack_start (GTK_BOX (box), group->check, TRUE, TRUE, 0);
  gtk_box_pack_end (GTK_BOX (box), number, FALSE, FALSE, 0);
  gtk_widget_show_all (box);
  gtk_container_add (GTK_CONTAINER (self->list), box);
  forge_ui_row_is_no_control (GTK_LIST_BOX_ROW (gtk_widget_get_parent (box)));
}

void
forge_welcome_groups_show (ForgeWelcomeGroups *self, ForgeChannelTable *table)
{
  forge_ui_clear (GTK_CONTAINER (self->list));
  g_clear_pointer (&self->table, forge_channel_table_unref);
  self->table = forge_channel_table_ref (table);
  collect (self);
  for (guint i = 0; i < self->groups->len; i++)
    add_row (self, g_ptr_array_index (self->groups, i));
}

static gboolean
is_checked (const Group *group)
{
  return gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (group->check));
}

/* A group that was on in part and stays checked is left as the matching made it. */
GArray *
forge_welcome_groups_changed (ForgeWelcomeGroups *self, gboolean to_enabled)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (guint i = 0; i < self->groups->len; i++) {
    const Group *group = g_ptr_array_index (self->groups, i);
    if (to_enabled && is_checked (group) && group->on->len == 0)
      g_array_append_vals (ids, group->off->data, group->off->len);
    else if (!to_enabled && !is_checked (group))
      g_array_append_vals (ids, group->on->data, group->on->len);
  }
  return ids->len > 0 ? g_steal_pointer (&ids) : NULL;
}

guint
forge_welcome_groups_count (ForgeWelcomeGroups *self)
{
  return self->groups->len;
}

ForgeWelcomeGroups *
forge_welcome_groups_new (GtkListBox *list)
{
  ForgeWelcomeGroups *self = g_new0 (ForgeWelcomeGroups, 1);

  self->list = list;
  self->groups = g_ptr_array_new_with_free_func (group_free);
  return self;
}

void
forge_welcome_groups_free (ForgeWelcomeGroups *self)
{
  g_ptr_array_unref (self->groups);
  g_clear_pointer (&self->table, forge_channel_table_unref);
  g_free (self);
}

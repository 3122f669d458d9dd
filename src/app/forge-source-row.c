/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-source-row.h"

#include "app/forge-engine-text.h"
#include "app/forge-json-read.h"
#include "app/forge-session-text.h"
#include "app/forge-ui.h"
#include "app/forge-widgets.h"

#include <glib/gi18n.h>

#include <string.h>

#define SECONDS_PER_DAY  86400
#define SECONDS_PER_HOUR 3600

struct _ForgeSourceRow {
  GtkListBoxRow parent;
  GtkWidget *texts, *buttons;
  char *name;
};

G_DEFINE_FINAL_TYPE (ForgeSourceRow, forge_source_row, GTK_TYPE_LIST_BOX_ROW)

enum { WANTED, N_SIGNALS };
static guint signals[N_SIGNALS];

static gint64
wall_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static void
on_clicked (GtkWidget *button, gpointer user_data)
{
  g_signal_emit (user_data, signals[WANTED], 0, g_object_get_data (G_OBJECT (button), "action"));
}

static gboolean
on_switched (GtkSwitch *toggle, gboolean state, gpointer user_data)
{
  g_signal_emit (user_data, signals[WANTED], 0, state ? FORGE_SOURCE_ENABLE : FORGE_SOURCE_DISABLE);
  /* It follows when the engine has done it. */
  return GDK_EVENT_STOP;
}

static void
add (ForgeSourceRow *self, GtkWidget *widget, const char *action)
{
  gtk_widget_set_valign (widget, GTK_ALIGN_CENTER);
  if (action) {
    g_object_set_data (G_OBJECT (widget), "action", (gpointer)action);
    g_signal_connect (widget, "clicked", G_CALLBACK (on_clicked), self);
  }
  gtk_box_pack_start (GTK_BOX (self->buttons), widget, FALSE, FALSE, 0);
}

static void
add_icon (ForgeSourceRow *self, const char *icon, const char *label, const char *action)
{
  g_autofree char *name = g_strdup_printf ("%s: %s", label, self->name);

  add (self, forge_icon_button (icon, label, name), action);
}

static void
add_text_button (ForgeSourceRow *self, const char *label, const char *action)
{
  GtkWidget *button = gtk_button_new_with_label (label);
  g_autofree char *name = g_strdup_printf ("%s: %s", label, self->name);

  forge_ui_set_name (button, name);
  add (self, button, action);
}

static void
add_switch (ForgeSourceRow *self, gboolean is_on)
{
  GtkWidget *toggle = gtk_switch_new ();

  gtk_switch_set_active (GTK_SWITCH (toggle), is_on);
  gtk_widget_set_margin_start (toggle, 6);
  forge_ui_set_name (toggle, self->name);
  g_signal_connect (toggle, "state-set", G_CALLBACK (on_switched), self);
  add (self, toggle, NULL);
}

static void
add_busy (ForgeSourceRow *self)
{
  GtkWidget *spinner = gtk_spinner_new ();

  gtk_spinner_start (GTK_SPINNER (spinner));
  add (self, spinner, NULL);
  add_text_button (self, _ ("Cancel"), FORGE_SOURCE_CANCEL);
}

/* A line of the menu behind the last button. */
static void
add_menu_item (ForgeSourceRow *self, GtkWidget *box, const char *label, const char *action)
{
  GtkWidget *item = gtk_model_button_new ();

  g_object_set (item, "text", label, NULL);
  forge_ui_set_name (item, label);
  g_object_set_data (G_OBJECT (item), "action", (gpointer)action);
  g_signal_connect (item, "clicked", G_CALLBACK (on_clicked), self);
  gtk_container_add (GTK_CONTAINER (box), item);
}

/* Returns: (transfer none) the box for add_menu_item (). */
static GtkWidget *
add_menu (ForgeSourceRow *self)
{
  GtkWidget *button = gtk_menu_button_new ();
  GtkWidget *popover = gtk_popover_new (button);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  g_autofree char *name = g_strdup_printf (_ ("More: %s"), self->name);

  gtk_button_set_image (GTK_BUTTON (button),
                        gtk_image_new_from_icon_name ("view-more-symbolic", GTK_ICON_SIZE_BUTTON));
  gtk_style_context_add_class (gtk_widget_get_style_context (button), "flat");
  forge_ui_set_name (button, name);
  gtk_container_set_border_width (GTK_CONTAINER (box), 9);
  gtk_container_add (GTK_CONTAINER (popover), box);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (button), popover);
  add (self, button, NULL);
  return box;
}

static void
add_line (ForgeSourceRow *self, GtkWidget *label)
{
  gtk_box_pack_start (GTK_BOX (self->texts), label, FALSE, FALSE, 0);
}

static void
add_caption (ForgeSourceRow *self, const char *text)
{
  if (text && *text)
    add_line (self, forge_caption_label (text));
}

static void
add_warning (ForgeSourceRow *self, const char *text)
{
  g_autofree char *shown = forge_engine_text (text);

  if (*shown)
    add_line (self, forge_ui_label (shown, "forge-warning"));
}

/* "5 min ago" */
static char *
describe_refresh (gint64 time)
{
  if (time == 0)
    return g_strdup (_ ("never refreshed"));
  g_autofree char *age = forge_duration_text (MAX (wall_s () - time, 0));
  return g_strdup_printf (_ ("refreshed %s ago"), age);
}

static char *
describe_expiry (gint64 expires_at)
{
  g_autoptr (GDateTime) moment = g_date_time_new_from_unix_local (expires_at);

  if (expires_at == 0 || !moment)
    return g_strdup (_ ("does not expire"));
  g_autofree char *date = g_date_time_format (moment, "%x");
  return expires_at < wall_s () ? g_strdup_printf (_ ("expired on %s"), date)
                                : g_strdup_printf (_ ("until %s"), date);
}

static const char *
status_text (ForgeAccountStatus status)
{
  switch (status) {
  case FORGE_ACCOUNT_EXPIRED:
    return _ ("Expired");
  case FORGE_ACCOUNT_DISABLED:
    return _ ("Disabled by the provider");
  case FORGE_ACCOUNT_BANNED:
    return _ ("Banned by the provider");
  case FORGE_ACCOUNT_UNAUTHORIZED:
    return _ ("Name or password refused");
  case FORGE_ACCOUNT_UNREACHABLE:
    return _ ("Not reachable");
  case FORGE_ACCOUNT_ACTIVE:
  default:
    return _ ("Active");
  }
}

/* Only the host: what stands behind it may tell who the user is. */
static char *
host_of (const char *address)
{
  g_autoptr (GUri) uri = address ? g_uri_parse (address, G_URI_FLAGS_NONE, NULL) : NULL;

  return g_strdup (uri && g_uri_get_host (uri) ? g_uri_get_host (uri) : address);
}

static void
add_account_texts (ForgeSourceRow *self, const ForgeAccount *account)
{
  g_autofree char *host = host_of (account->server);
  g_autofree char *expiry = describe_expiry (account->expires_at);
  g_autofree char *age = describe_refresh (account->last_refresh);
  g_autofree char *first =
      g_strdup_printf (_ ("%s · %s · %s · %d of %d connections in use"),
                       account->enabled ? status_text (account->status) : _ ("Off"),
                       host ? host : "",
                       expiry,
                       account->active_connections,
                       forge_account_slots (account));
  g_autofree char *second = g_strdup_printf (_ ("%d streams, %d films, %d series · %s"),
                                             account->streams,
                                             account->movies,
                                             account->series,
                                             age);

  add_caption (self, first);
  add_caption (self, second);
  add_warning (self, account->status_text);
}

static ForgeSourceRow *
row_new (const char *name)
{
  ForgeSourceRow *self = g_object_new (FORGE_TYPE_SOURCE_ROW, "activatable", FALSE, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *title = forge_name_label (name);

  self->name = g_strdup (name);
  self->texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  self->buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_style_context_add_class (gtk_widget_get_style_context (box), "forge-row");
  gtk_style_context_add_class (gtk_widget_get_style_context (title), "forge-row-title");
  add_line (self, title);
  gtk_box_pack_start (GTK_BOX (box), self->texts, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (box), self->buttons, FALSE, FALSE, 0);
  gtk_container_add (GTK_CONTAINER (self), box);
  forge_ui_set_name (GTK_WIDGET (self), name);
  return self;
}

static GtkWidget *
finish (ForgeSourceRow *self)
{
  gtk_widget_show_all (GTK_WIDGET (self));
  return GTK_WIDGET (self);
}

GtkWidget *
forge_source_row_new_account (const ForgeAccount *account, gboolean is_busy)
{
  ForgeSourceRow *self = row_new (account->name);

  add_account_texts (self, account);
  if (is_busy) {
    add_busy (self);
    return finish (self);
  }
  add_icon (self, "view-refresh-symbolic", _ ("Refresh"), FORGE_SOURCE_REFRESH);
  GtkWidget *menu = add_menu (self);
  add_menu_item (self, menu, _ ("Test the login"), FORGE_SOURCE_TEST);
  add_menu_item (self, menu, _ ("Replace…"), FORGE_SOURCE_REPLACE);
  add_menu_item (self, menu, _ ("Remove…"), FORGE_SOURCE_REMOVE);
  gtk_widget_show_all (menu);
  add_switch (self, account->enabled);
  return finish (self);
}

static void
add_guide_texts (ForgeSourceRow *self, const ForgeGuideSource *guide, const char *account)
{
  g_autofree char *place = NULL;
  g_autofree char *age = describe_refresh (guide->last_refresh);
  g_autofree char *left = forge_duration_text (MAX (guide->last_stop - wall_s (), 0) /
                                               SECONDS_PER_HOUR * SECONDS_PER_HOUR);
  g_autofree char *second = g_strdup_printf (_ ("%d channels, %d programmes, %s left · %s"),
                                             guide->channels,
                                             guide->programmes,
                                             left,
                                             age);

  if (account)
    place = g_strdup_printf (_ ("Comes with the account “%s”"), account);
  else
    place = host_of (guide->location);
  add_caption (self, place);
  add_caption (self, second);
  if (guide->shift_minutes) {
    g_autofree char *shift = g_strdup_printf (_ ("Shifted by %+d min"), guide->shift_minutes);
    add_caption (self, shift);
  }
  add_warning (self, guide->status_text);
}

GtkWidget *
forge_source_row_new_guide (const ForgeGuideSource *guide, const char *account, gboolean is_busy)
{
  ForgeSourceRow *self = row_new (guide->name);

  add_guide_texts (self, guide, account);
  if (is_busy) {
    add_busy (self);
    return finish (self);
  }
  add_icon (self, "view-refresh-symbolic", _ ("Refresh"), FORGE_SOURCE_REFRESH);
  if (!account)
    add_icon (self, "user-trash-symbolic", _ ("Remove…"), FORGE_SOURCE_REMOVE);
  add_switch (self, guide->enabled);
  return finish (self);
}

static const char *
refresh_state (const char *state)
{
  if (g_strcmp0 (state, "held") == 0)
    return _ ("Held back: it would remove too much");
  if (g_strcmp0 (state, "kept") == 0)
    return _ ("Declined");
  if (g_strcmp0 (state, "undone") == 0)
    return _ ("Taken back");
  return _ ("Applied");
}

static char *
describe_changes (JsonObject *refresh)
{
  return g_strdup_printf (_ ("%s · %d new, %d gone, %d changed"),
                          refresh_state (forge_json_read_text (refresh, "state")),
                          (int)forge_json_read_int (refresh, "added"),
                          (int)forge_json_read_int (refresh, "removed"),
                          (int)forge_json_read_int (refresh, "changed"));
}

static char *
describe_moment (const char *iso8601)
{
  g_autoptr (GDateTime) utc = iso8601 ? g_date_time_new_from_iso8601 (iso8601, NULL) : NULL;
  g_autoptr (GDateTime) local = utc ? g_date_time_to_local (utc) : NULL;

  return local ? g_date_time_format (local, "%x %H:%M") : g_strdup ("");
}

GtkWidget *
forge_source_row_new_refresh (JsonObject *refresh, gboolean is_busy)
{
  const char *name = forge_json_read_text (refresh, "name");
  const char *state = forge_json_read_text (refresh, "state");
  g_autofree char *moment = describe_moment (forge_json_read_text (refresh, "time"));
  g_autofree char *title = g_strdup_printf ("%s, %s", name ? name : "", moment);
  ForgeSourceRow *self = row_new (title);
  g_autofree char *changes = describe_changes (refresh);
  g_autofree char *summary = forge_engine_text (forge_json_read_text (refresh, "summary"));

  add_caption (self, changes);
  add_caption (self, summary);
  if (is_busy) {
    add_busy (self);
    return finish (self);
  }
  add_text_button (self, _ ("Changes…"), FORGE_SOURCE_CHANGES);
  if (g_strcmp0 (state, "held") == 0) {
    add_text_button (self, _ ("Keep as it is"), FORGE_SOURCE_KEEP);
    add_text_button (self, _ ("Apply"), FORGE_SOURCE_APPLY);
  } else if (g_strcmp0 (state, "applied") == 0) {
    add_text_button (self, _ ("Take back"), FORGE_SOURCE_UNDO);
  }
  return finish (self);
}

static void
forge_source_row_finalize (GObject *object)
{
  g_free (FORGE_SOURCE_ROW (object)->name);
  G_OBJECT_CLASS (forge_source_row_parent_class)->finalize (object);
}

static void
forge_source_row_class_init (ForgeSourceRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = forge_source_row_finalize;
  signals[WANTED] = g_signal_new ("wanted",
                                  FORGE_TYPE_SOURCE_ROW,
                                  G_SIGNAL_RUN_LAST,
                                  0,
                                  NULL,
                                  NULL,
                                  NULL,
                                  G_TYPE_NONE,
                                  1,
                                  G_TYPE_STRING);
}

static void
forge_source_row_init (ForgeSourceRow *self)
{
}

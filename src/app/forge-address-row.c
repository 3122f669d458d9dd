/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-address-row.h"

#include "app/forge-qr-code.h"

#include <glib/gi18n.h>

#define COPIED_SHOWN_S 2

struct _ForgeAddressRow {
  GtkListBoxRow parent;
  GtkLabel *title, *address;
  GtkButton *copy;
  GtkLabel *copy_label;
  GtkMenuButton *qr;
  ForgeQrCode *code;
  guint copied_timer;
};

G_DEFINE_FINAL_TYPE (ForgeAddressRow, forge_address_row, GTK_TYPE_LIST_BOX_ROW)

enum { PROP_0, PROP_TITLE, PROP_ADDRESS, N_PROPS };

static gboolean
on_copied_over (gpointer user_data)
{
  ForgeAddressRow *self = user_data;

  self->copied_timer = 0;
  gtk_label_set_text (self->copy_label, _ ("Copy"));
  return G_SOURCE_REMOVE;
}

static void
on_copy_clicked (ForgeAddressRow *self)
{
  GtkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (self), GDK_SELECTION_CLIPBOARD);

  gtk_clipboard_set_text (clipboard, gtk_label_get_text (self->address), -1);
  gtk_label_set_text (self->copy_label, _ ("Copied"));
  g_clear_handle_id (&self->copied_timer, g_source_remove);
  self->copied_timer = g_timeout_add_seconds (COPIED_SHOWN_S, on_copied_over, self);
}

void
forge_address_row_set_address (ForgeAddressRow *self, const char *address)
{
  const char *text = address ? address : "";

  /* A selection would go with the text. */
  if (g_str_equal (gtk_label_get_text (self->address), text))
    return;
  gtk_label_set_text (self->address, text);
  gtk_widget_set_sensitive (GTK_WIDGET (self->copy), *text != '\0');
  gtk_widget_set_sensitive (GTK_WIDGET (self->qr), *text != '\0');
  forge_qr_code_set_text (self->code, text);
}

static void
set_title (ForgeAddressRow *self, const char *title)
{
  g_autofree char *copy = g_strdup_printf (_ ("Copy: %s"), title);
  g_autofree char *qr = g_strdup_printf (_ ("QR code: %s"), title);

  gtk_label_set_text (self->title, title);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self->copy)), copy);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self->qr)), qr);
}

static void
forge_address_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  ForgeAddressRow *self = FORGE_ADDRESS_ROW (object);

  if (id == PROP_TITLE)
    set_title (self, g_value_get_string (value));
  else
    forge_address_row_set_address (self, g_value_get_string (value));
}

static void
forge_address_row_dispose (GObject *object)
{
  g_clear_handle_id (&FORGE_ADDRESS_ROW (object)->copied_timer, g_source_remove);
  G_OBJECT_CLASS (forge_address_row_parent_class)->dispose (object);
}

static void
forge_address_row_class_init (ForgeAddressRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS;

  object_class->set_property = forge_address_row_set_property;
  object_class->dispose = forge_address_row_dispose;
  g_object_class_install_property (object_class,
                                   PROP_TITLE,
                                   g_param_spec_string ("title", NULL, NULL, "", flags));
  g_object_class_install_property (object_class,
                                   PROP_ADDRESS,
                                   g_param_spec_string ("address", NULL, NULL, "", flags));
  g_type_ensure (FORGE_TYPE_QR_CODE);
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/streamforge/StreamForge/ui/address-row.ui");
  gtk_widget_class_bind_template_child (widget_class, ForgeAddressRow, title);
  gtk_widget_class_bind_template_child (widget_class, ForgeAddressRow, address);
  gtk_widget_class_bind_template_child (widget_class, ForgeAddressRow, copy);
  gtk_widget_class_bind_template_child (widget_class, ForgeAddressRow, copy_label);
  gtk_widget_class_bind_template_child (widget_class, ForgeAddressRow, qr);
  gtk_widget_class_bind_template_child (widget_class, ForgeAddressRow, code);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_clicked);
}

static void
forge_address_row_init (ForgeAddressRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_label_set_mnemonic_widget (self->title, GTK_WIDGET (self->address));
}

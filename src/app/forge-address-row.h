/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ForgeAddressRow: one address for a client: what it is for, the address to select, a button that
 * copies it and one that shows it as a QR code. Properties "title", "subtitle", "address" ("" hides
 * the buttons).
 */
#define FORGE_TYPE_ADDRESS_ROW (forge_address_row_get_type ())
G_DECLARE_FINAL_TYPE (ForgeAddressRow, forge_address_row, FORGE, ADDRESS_ROW, GtkListBoxRow)

void forge_address_row_set_address (ForgeAddressRow *self, const char *address);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ForgeQrCode: draws a text as a QR code, always dark on white with its quiet zone, so that cameras
 * read it in a dark window too.
 */
#define FORGE_TYPE_QR_CODE (forge_qr_code_get_type ())
G_DECLARE_FINAL_TYPE (ForgeQrCode, forge_qr_code, FORGE, QR_CODE, GtkDrawingArea)

/* "" shows nothing. */
void forge_qr_code_set_text (ForgeQrCode *self, const char *text);

G_END_DECLS

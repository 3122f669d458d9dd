/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-qr-code.h"

#include <glib/gi18n.h>

#include <qrencode.h>

#define SIDE_PX 220
/* Spec: ISO/IEC 18004: four modules of light around the symbol. */
#define QUIET_MODULES 4

struct _ForgeQrCode {
  GtkDrawingArea parent;
  QRcode *code; /* NULL = nothing to show */
};

G_DEFINE_FINAL_TYPE (ForgeQrCode, forge_qr_code, GTK_TYPE_DRAWING_AREA)

static void
draw_modules (const QRcode *code, cairo_t *cr)
{
  for (int y = 0; y < code->width; y++)
    for (int x = 0; x < code->width; x++)
      if (code->data[y * code->width + x] & 1)
        cairo_rectangle (cr, x + QUIET_MODULES, y + QUIET_MODULES, 1, 1);
}

static gboolean
forge_qr_code_draw (GtkWidget *widget, cairo_t *cr)
{
  const QRcode *code = FORGE_QR_CODE (widget)->code;
  int width = gtk_widget_get_allocated_width (widget),
      height = gtk_widget_get_allocated_height (widget);

  if (!code)
    return FALSE;
  /* Whole pixels per module, so that no edge is grey. */
  int n_modules = code->width + 2 * QUIET_MODULES;
  int scale = MAX (MIN (width, height) / n_modules, 1);
  cairo_translate (cr, (width - scale * n_modules) / 2, (height - scale * n_modules) / 2);
  cairo_scale (cr, scale, scale);
  cairo_set_antialias (cr, CAIRO_ANTIALIAS_NONE);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_rectangle (cr, 0, 0, n_modules, n_modules);
  cairo_fill (cr);
  cairo_set_source_rgb (cr, 0, 0, 0);
  draw_modules (code, cr);
  cairo_fill (cr);
  return FALSE;
}

void
forge_qr_code_set_text (ForgeQrCode *self, const char *text)
{
  g_autofree char *name = g_strdup_printf (_ ("QR code of %s"), text);

  g_clear_pointer (&self->code, QRcode_free);
  if (*text)
    self->code = QRcode_encodeString (text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self)), name);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
forge_qr_code_finalize (GObject *object)
{
  g_clear_pointer (&FORGE_QR_CODE (object)->code, QRcode_free);
  G_OBJECT_CLASS (forge_qr_code_parent_class)->finalize (object);
}

static void
forge_qr_code_class_init (ForgeQrCodeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = forge_qr_code_finalize;
  GTK_WIDGET_CLASS (klass)->draw = forge_qr_code_draw;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), ATK_ROLE_IMAGE);
}

static void
forge_qr_code_init (ForgeQrCode *self)
{
  gtk_widget_set_size_request (GTK_WIDGET (self), SIDE_PX, SIDE_PX);
}

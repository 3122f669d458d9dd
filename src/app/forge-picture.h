/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ForgePicture: artwork of a programme or a title, fetched by the engine when it is to be seen and
 * taken apart on a job thread. Takes no room until it is there, and none if it cannot be had. Role:
 * ui.
 */
#define FORGE_TYPE_PICTURE (forge_picture_get_type ())
G_DECLARE_FINAL_TYPE (ForgePicture, forge_picture, FORGE, PICTURE, GtkBin)

/* Not larger than this, in pixels of the desktop. Returns: (transfer floating). */
GtkWidget *forge_picture_new (ForgeAppModel *model, int width, int height);
/* In place of the one before; `what` as forge_engine_views_picture_async (), NULL = none. `name`:
 * what a screen reader says. */
void
forge_picture_show (ForgePicture *self, ForgePictureKind kind, const char *what, const char *name);

/* Pictures of more are not taken apart: small files can claim any size. */
#define FORGE_PICTURE_MAX_PIXELS (16 * 1024 * 1024)

/* `data` as pixels, made smaller to fit `width` × `height`. INVALID: no picture, TOO_LARGE. Thread:
 * any. Returns: (transfer full). */
GdkPixbuf *forge_picture_decode (GBytes *data, int width, int height, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

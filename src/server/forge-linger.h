/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ForgeLingerers: connections that were answered in the middle of their request and are being
 * closed. Closing at once would reset them (unread input) and the client might lose the answer;
 * so their input is read and dropped, for a moment. Bounded in number, bytes and time.
 */
typedef struct _ForgeLingerers ForgeLingerers;

ForgeLingerers *forge_lingerers_new (GMainContext *context) G_GNUC_WARN_UNUSED_RESULT;
void forge_lingerers_free (ForgeLingerers *lingerers);

/* Takes `fd` (non-blocking), ends our direction and closes it when the client is done. */
void forge_lingerers_add (ForgeLingerers *lingerers, int fd);

G_END_DECLS

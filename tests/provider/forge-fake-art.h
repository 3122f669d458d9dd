/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "forge-fake-body.h"

G_BEGIN_DECLS

/* "URL/art/wide/N.png": a picture of 320 × 180 that looks the same whenever a title does; a poster
 * of 200 × 300 is "tall". Returns: (transfer full). */
char *forge_fake_art_url (const ForgeFakeProvider *provider, gboolean is_tall, const char *title)
    G_GNUC_WARN_UNUSED_RESULT;

/* Answers one. */
gboolean forge_fake_art_reply (ForgeFakeConnection *connection,
                               const ForgeFakeRequest *request,
                               const char *shape,
                               const char *name);

G_END_DECLS

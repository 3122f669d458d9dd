/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * Passwords of users that we make ourselves, as salted hashes: PBKDF2 with HMAC-SHA256 (RFC 8018).
 * Some milliseconds each, so whoever asks often remembers the answer. Thread: any.
 */

/* They are typed with a remote control and stand in addresses. */
#define FORGE_MIN_PASSWORD_BYTES 6
#define FORGE_MAX_PASSWORD_BYTES 64

/* "pbkdf2-sha256:ROUNDS:SALT:HASH" in hex. Error: INTERNAL. Returns: (transfer full). */
char *forge_password_hash (const char *password, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* FALSE also for a secret that is none. Takes as long for a wrong password as for the right one. */
gboolean forge_password_is_right (const char *password, const char *secret);
/* Twelve letters and digits without look-alikes, 59 bits. Error: INTERNAL. Returns: (transfer
 * full).
 */
char *forge_password_make (GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ForgeError: what the caller should do about a failure, never where it came from.
 *
 * Messages carry the offending value and the limit that it broke, never a credential and
 * never a URL with a path (see forge-redact.h).
 */
typedef enum {
  FORGE_ERROR_RETRY,       /* passing trouble: the same call may succeed later */
  FORGE_ERROR_AUTH,        /* the credentials were refused */
  FORGE_ERROR_LIMIT,       /* a slot, quota or connection limit is used up */
  FORGE_ERROR_NOT_FOUND,   /* no such thing */
  FORGE_ERROR_INVALID,     /* the input is wrong and stays wrong */
  FORGE_ERROR_TOO_LARGE,   /* the input exceeds a stated bound */
  FORGE_ERROR_STORAGE,     /* the database, disk or keyring failed */
  FORGE_ERROR_UNSUPPORTED, /* understood, but not possible here */
  FORGE_ERROR_HELD_BACK,   /* nothing was changed, to protect the user's lineup */
  FORGE_ERROR_INTERNAL,    /* a bug of ours */
} ForgeError;

#define FORGE_ERROR (forge_error_quark ())
GQuark forge_error_quark (void);

/* The stable word for `code` in JSON ("retry", "auth", …). Thread: any. */
const char *forge_error_code_name (ForgeError code);

/* TRUE if `error` is one of ours with code RETRY or LIMIT, i.e. worth another try unchanged. */
gboolean forge_error_is_retryable (const GError *error);

G_END_DECLS

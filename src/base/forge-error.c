/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"

G_DEFINE_QUARK (forge - error - quark, forge_error)

const char *
forge_error_code_name (ForgeError code)
{
  static const char *const names[] = {
    [FORGE_ERROR_RETRY] = "retry",         [FORGE_ERROR_AUTH] = "auth",
    [FORGE_ERROR_LIMIT] = "limit",         [FORGE_ERROR_NOT_FOUND] = "not_found",
    [FORGE_ERROR_INVALID] = "invalid",     [FORGE_ERROR_TOO_LARGE] = "too_large",
    [FORGE_ERROR_STORAGE] = "storage",     [FORGE_ERROR_UNSUPPORTED] = "unsupported",
    [FORGE_ERROR_HELD_BACK] = "held_back", [FORGE_ERROR_INTERNAL] = "internal",
  };

  return (guint)code < G_N_ELEMENTS (names) ? names[code] : "internal";
}

gboolean
forge_error_is_retryable (const GError *error)
{
  return g_error_matches (error, FORGE_ERROR, FORGE_ERROR_RETRY) ||
         g_error_matches (error, FORGE_ERROR, FORGE_ERROR_LIMIT);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Internal to formats: EXT-X-DEFINE. Spec: draft-pantos-hls-rfc8216bis §4.3, §4.4.2.3. */

/* Takes the tag's attribute list; values may hold variables defined before. `imports` may be NULL;
 * `query` is that of the playlist's address, NULL = none. INVALID: none of NAME, IMPORT,
 * QUERYPARAM, or what it names is not there; TOO_LARGE: too many. */
gboolean forge_hls_variables_define (GHashTable *variables,
                                     const char *attributes,
                                     GHashTable *imports,
                                     const char *query,
                                     GError **error);
/* `text` with each "{$name}" replaced. Without any variable it stays as it is; else INVALID for a
 * name that is not defined; TOO_LARGE. (transfer full) */
char *forge_hls_variables_expand (GHashTable *variables, const char *text, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

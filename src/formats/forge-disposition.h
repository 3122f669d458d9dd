/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define FORGE_FILE_NAME_MAX_BYTES 200

/* `title` as the name of a file that every system takes: no separators, control or direction
 * characters, no name that Windows reserves, at most FORGE_FILE_NAME_MAX_BYTES of UTF-8 with its
 * `extension` (NULL = none; letters and digits count). "video" if nothing is left. (transfer full)
 */
char *forge_file_name (const char *title, const char *extension) G_GNUC_WARN_UNUSED_RESULT;

/* A Content-Disposition: an ASCII name for old clients and the true one. Spec: RFC 6266, RFC 8187.
 * (transfer full) */
char *forge_content_disposition (gboolean is_attachment, const char *file_name)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

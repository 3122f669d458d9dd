/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Takes the data directory for this process until the descriptor is closed or the process ends,
 * however it ends. Returns the descriptor, or -1: STORAGE "another StreamForge (process N) is using
 * …". */
int forge_instance_lock (const char *data_dir, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

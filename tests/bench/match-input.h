/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-channel.h"

G_BEGIN_DECLS

/* What the matching benchmarks read: a guide (XMLTV, plain or gzipped) and a provider's list. */

/* `names` is NULL-terminated. */
typedef void (*BenchChannelFunc) (const char *id, const char *const *names, gpointer user_data);
gboolean
bench_read_guide (const char *path, BenchChannelFunc each, gpointer user_data, GError **error);

/* Of ForgeStream*, position as in the file; `categories_path` may be NULL. (transfer full) */
GPtrArray *bench_read_streams (const char *path, const char *categories_path, GError **error);

G_END_DECLS

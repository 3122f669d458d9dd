/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * How a person says by how much a guide is off:
 *
 *   "Europe/Berlin"                      it shows the clock of that zone, summer time and all
 *   "-60", "90", "-60 min"               minutes
 *   "+2", "-5" (a sign, up to 14)        hours, as in "UTC+2"
 *   "2h", "-1.5 h", "+02:00"             hours
 *   "0", "", "none"                      not at all
 *
 * INVALID for everything else and beyond FORGE_MAX_SHIFT_MINUTES. `*zone` is NULL unless it is a
 * zone, and then `*minutes` is 0.
 */
gboolean forge_shift_parse (const char *text, int *minutes, char **zone, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* INVALID unless `zone` is NULL or known on this machine. */
gboolean forge_check_zone (const char *zone, GError **error);

G_END_DECLS

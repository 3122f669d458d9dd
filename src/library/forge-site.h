/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Is `url` a page of one of `hosts` (separated by "|" or blanks; each with its sub-domains)? Read
 * as a URL, never as text: http(s), a host, no user name. Error: INVALID, naming what is allowed.
 * Thread: any. */
gboolean forge_site_check (const char *url, const char *hosts, GError **error);
/* The page without what only tells who shared it: fragment, "utm_…", "si", "feature", "pp",
 * "fbclid". Two spellings of one page are one key. Returns: (transfer full). */
char *forge_site_canonical (const char *url) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-media.h"

G_BEGIN_DECLS

/**
 * The answers of an Xtream panel about films and series; types as forge-panel-json.h says. Spec:
 * facts xtream-xmltv-hls.md §1.4, §1.5. Ids are ours, pictures on our side: `base_url`/poster/….
 * Pure. Texts are (transfer full).
 */

/* Of forge_store_list_media_groups (). */
char *forge_panel_media_categories (GPtrArray *groups) G_GNUC_WARN_UNUSED_RESULT;
/* One element of get_vod_streams or, of a series, of get_series. */
char *forge_panel_media_row (const ForgeMedia *media, guint num, const char *base_url)
    G_GNUC_WARN_UNUSED_RESULT;
/* get_vod_info; NULL = no such film. */
char *forge_panel_film (const ForgeMedia *media, const char *base_url) G_GNUC_WARN_UNUSED_RESULT;
/* get_series_info; NULL = no such series. `episodes` of ForgeMedia*, by season and number. */
char *forge_panel_series (const ForgeMedia *media, GPtrArray *episodes, const char *base_url)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Members as panels write them. `text` NULL is "". */
void forge_panel_add_text (JsonBuilder *builder, const char *name, const char *text);
void forge_panel_add_int (JsonBuilder *builder, const char *name, gint64 value);
/* A number that panels send as text. */
void forge_panel_add_digits (JsonBuilder *builder, const char *name, gint64 value);
/* "category_id" and "category_ids" of a group (NULL = none). */
void forge_panel_add_category (JsonBuilder *builder, const char *group);
/* One element of a list of categories. */
void forge_panel_add_category_row (JsonBuilder *builder, const char *group);
/* The text of what was built; frees the builder. Returns: (transfer full). */
char *forge_panel_finish (JsonBuilder *builder);

G_END_DECLS

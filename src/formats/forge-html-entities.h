/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The character that the HTML 4 entity `name` (without & and ;, `length` bytes, case matters)
 * stands for; 0 if there is none or XML has it itself. Thread: any. */
gunichar forge_html_entity (const char *name, gsize length);

G_END_DECLS

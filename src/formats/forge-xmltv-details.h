/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ForgeXmltvDetails: what a person reads of one programme. All texts plain, trimmed, NULL = not
 * said; of several languages the first.
 */
typedef struct {
  char *title, *subtitle, *description;
  char **categories; /* NULL-terminated, never NULL */
  char *date;        /* year or date of production */
  char *episode;     /* "S2 E5", "E5" or as the file has it on screen */
  char *icon;        /* URL */
  char *rating;      /* "12" */
} ForgeXmltvDetails;

/* `inner`: the XML between the tags of a <programme>, as forge-xmltv.h hands it out. What cannot be
 * read is left out. Thread: any. Returns: (transfer full), never NULL. */
ForgeXmltvDetails *forge_xmltv_details_new (const char *inner, gsize length)
    G_GNUC_WARN_UNUSED_RESULT;
void forge_xmltv_details_free (ForgeXmltvDetails *details);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeXmltvDetails, forge_xmltv_details_free)

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "formats/forge-xmltv-cutter.h"
#include "formats/forge-xmltv.h"

G_BEGIN_DECLS

/**
 * ForgeXmltvReader: reads one element that the cutter found. Owns the one expat parser, which is
 * reset for each element.
 */
typedef struct _ForgeXmltvReader ForgeXmltvReader;

ForgeXmltvReader *forge_xmltv_reader_new (int zone_minutes) G_GNUC_WARN_UNUSED_RESULT;
/* As forge_xmltv_set_zone (). */
gboolean forge_xmltv_reader_set_zone (ForgeXmltvReader *reader, const char *zone);
void forge_xmltv_reader_free (ForgeXmltvReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeXmltvReader, forge_xmltv_reader_free)

typedef enum {
  FORGE_XMLTV_READ_OK,
  FORGE_XMLTV_READ_MALFORMED, /* a repair may help */
  FORGE_XMLTV_READ_REFUSED,   /* beyond a limit, or without a field that it must have */
} ForgeXmltvReadResult;

/* Reads `item`. After OK the values are lent until the next call. */
ForgeXmltvReadResult forge_xmltv_reader_read (ForgeXmltvReader *reader, const ForgeXmltvItem *item);
const ForgeXmltvChannel *forge_xmltv_reader_channel (ForgeXmltvReader *reader);
const ForgeXmltvProgramme *forge_xmltv_reader_programme (ForgeXmltvReader *reader);
/* What was wrong after anything but OK. */
const char *forge_xmltv_reader_problem (ForgeXmltvReader *reader);

G_END_DECLS

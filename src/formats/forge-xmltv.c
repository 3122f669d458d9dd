/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-xmltv.h"

#include "formats/forge-text.h"
#include "formats/forge-xml-repair.h"
#include "formats/forge-xmltv-cutter.h"
#include "formats/forge-xmltv-item.h"

#include <string.h>

/* A repaired or converted item may be a little longer than the limit for read ones. */
#define MAX_REWRITTEN_BYTES (2 * FORGE_XMLTV_MAX_ITEM_BYTES)

#define NO_CONVERTER ((GIConv)-1)

struct _ForgeXmltv {
  ForgeXmltvHandler handler;
  gpointer user_data;
  ForgeTextInput input;
  ForgeXmltvCutter *cutter;
  ForgeXmltvReader *reader;
  GIConv converter; /* from the declared encoding, if that is neither UTF-8 nor UTF-16 */
  GString *rewritten, *converted;
  ForgeXmltvCounts counts;
};

static void
note_skipped (ForgeXmltv *xmltv, const char *what, guint64 offset, const char *problem)
{
  ForgeXmltvCounts *counts = &xmltv->counts;

  if (counts->skipped++ == 0)
    g_snprintf (counts->first_error,
                sizeof counts->first_error,
                "%s at byte %" G_GUINT64_FORMAT ": %s",
                what,
                offset,
                problem);
}

static void
hand_out (ForgeXmltv *xmltv, ForgeXmltvKind kind)
{
  if (kind == FORGE_XMLTV_CHANNEL) {
    xmltv->counts.channels++;
    if (xmltv->handler.channel)
      xmltv->handler.channel (forge_xmltv_reader_channel (xmltv->reader), xmltv->user_data);
    return;
  }
  xmltv->counts.programmes++;
  if (xmltv->handler.programme)
    xmltv->handler.programme (forge_xmltv_reader_programme (xmltv->reader), xmltv->user_data);
}

/* Appends `length` bytes of the declared encoding as UTF-8; FALSE where they are not of it. */
static gboolean
convert (ForgeXmltv *xmltv, const char *data, gsize length)
{
  char piece[1024];
  char *in = (char *)data;

  g_iconv (xmltv->converter, NULL, NULL, NULL, NULL);
  while (length > 0) {
    char *out = piece;
    gsize room = sizeof piece;
    gsize before = length;
    g_iconv (xmltv->converter, &in, &length, &out, &room);
    if (length == before)
      return FALSE;
    g_string_append_len (xmltv->converted, piece, out - piece);
  }
  return TRUE;
}

/* Makes `item` UTF-8 if the document declared another encoding and the item is not UTF-8 anyway:
 * a wrong declaration is common. */
static void
convert_item (ForgeXmltv *xmltv, ForgeXmltvItem *item)
{
  ForgeXmltvItem copy = *item;

  if (g_utf8_validate_len (item->data, item->length, NULL))
    return;
  g_string_truncate (xmltv->converted, 0);
  if (!convert (xmltv, item->data, item->inner_start))
    return;
  copy.inner_start = xmltv->converted->len;
  if (!convert (xmltv, item->data + item->inner_start, item->inner_end - item->inner_start))
    return;
  copy.inner_end = xmltv->converted->len;
  if (!convert (xmltv, item->data + item->inner_end, item->length - item->inner_end) ||
      xmltv->converted->len > MAX_REWRITTEN_BYTES)
    return;
  copy.data = xmltv->converted->str;
  copy.length = xmltv->converted->len;
  *item = copy;
}

static ForgeXmltvReadResult
read_repaired (ForgeXmltv *xmltv, const ForgeXmltvItem *item)
{
  ForgeXmltvItem repaired = *item;

  if (!forge_xml_repair (item->data,
                         item->length,
                         xmltv->rewritten,
                         &repaired.inner_start,
                         &repaired.inner_end) ||
      xmltv->rewritten->len > MAX_REWRITTEN_BYTES)
    return FORGE_XMLTV_READ_MALFORMED;
  repaired.data = xmltv->rewritten->str;
  repaired.length = xmltv->rewritten->len;

  ForgeXmltvReadResult result = forge_xmltv_reader_read (xmltv->reader, &repaired);
  xmltv->counts.repaired += result == FORGE_XMLTV_READ_OK;
  return result;
}

static void
on_item (const ForgeXmltvItem *found, gpointer user_data)
{
  ForgeXmltv *xmltv = user_data;
  ForgeXmltvItem item = *found;

  if (xmltv->converter != NO_CONVERTER)
    convert_item (xmltv, &item);
  ForgeXmltvReadResult result = forge_xmltv_reader_read (xmltv->reader, &item);
  if (result == FORGE_XMLTV_READ_MALFORMED)
    result = read_repaired (xmltv, &item);
  if (result == FORGE_XMLTV_READ_OK)
    hand_out (xmltv, item.kind);
  else
    note_skipped (xmltv,
                  item.kind == FORGE_XMLTV_CHANNEL ? "channel" : "programme",
                  item.offset,
                  forge_xmltv_reader_problem (xmltv->reader));
}

static void
on_oversized (guint64 offset, gpointer user_data)
{
  note_skipped (user_data, "item", offset, "longer than 1 MiB");
}

/* UTF-16 was dealt with by its byte order before the declaration could be read. */
static gboolean
needs_no_converter (const char *name)
{
  static const char *const prefixes[] = { "utf", "ucs", "us-ascii", "ascii" };

  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    if (g_ascii_strncasecmp (name, prefixes[i], strlen (prefixes[i])) == 0)
      return TRUE;
  return FALSE;
}

static void
on_encoding (const char *name, gpointer user_data)
{
  ForgeXmltv *xmltv = user_data;

  if (xmltv->converter != NO_CONVERTER || needs_no_converter (name))
    return;
  /* What people call latin-1 is windows-1252 (as in the HTML standard). */
  if (g_ascii_strcasecmp (name, "iso-8859-1") == 0 || g_ascii_strcasecmp (name, "latin1") == 0)
    name = "windows-1252";
  /* An unknown name: items that are not UTF-8 are then repaired as windows-1252. */
  xmltv->converter = g_iconv_open ("UTF-8", name);
}

static void
on_bytes (const char *data, gsize length, gpointer user_data)
{
  ForgeXmltv *xmltv = user_data;

  forge_text_collect_head (xmltv->counts.head, sizeof xmltv->counts.head, data, length);
  forge_xmltv_cutter_push (xmltv->cutter, data, length);
}

ForgeXmltv *
forge_xmltv_new (const ForgeXmltvHandler *handler, gpointer user_data, int zone_minutes)
{
  static const ForgeXmltvCutterHandler cutter_handler = { on_item, on_oversized, on_encoding };
  ForgeXmltv *xmltv = g_new0 (ForgeXmltv, 1);

  xmltv->handler = *handler;
  xmltv->user_data = user_data;
  xmltv->cutter = forge_xmltv_cutter_new (&cutter_handler, xmltv);
  xmltv->reader = forge_xmltv_reader_new (zone_minutes);
  xmltv->converter = NO_CONVERTER;
  xmltv->rewritten = g_string_new (NULL);
  xmltv->converted = g_string_new (NULL);
  forge_text_input_init (&xmltv->input, on_bytes, xmltv);
  return xmltv;
}

gboolean
forge_xmltv_set_zone (ForgeXmltv *xmltv, const char *zone)
{
  return forge_xmltv_reader_set_zone (xmltv->reader, zone);
}

void
forge_xmltv_free (ForgeXmltv *xmltv)
{
  forge_text_input_clear (&xmltv->input);
  forge_xmltv_cutter_free (xmltv->cutter);
  forge_xmltv_reader_free (xmltv->reader);
  g_string_free (xmltv->rewritten, TRUE);
  g_string_free (xmltv->converted, TRUE);
  if (xmltv->converter != NO_CONVERTER)
    g_iconv_close (xmltv->converter);
  g_free (xmltv);
}

void
forge_xmltv_push (ForgeXmltv *xmltv, const char *data, gsize length)
{
  forge_text_input_push (&xmltv->input, data, length);
}

void
forge_xmltv_end (ForgeXmltv *xmltv, ForgeXmltvCounts *counts)
{
  gboolean is_closed = FALSE;

  forge_text_input_end (&xmltv->input);
  forge_xmltv_cutter_end (xmltv->cutter, &xmltv->counts.saw_root, &is_closed);
  xmltv->counts.truncated = !is_closed;
  *counts = xmltv->counts;
}

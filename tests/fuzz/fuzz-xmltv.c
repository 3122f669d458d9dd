/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whatever comes in: what is handed out is well-formed outside of its document and reads the same
 * through expat, and the split into pieces changes nothing. */
#include "config.h"

#include "formats/forge-xmltv.h"

#include <expat.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
append (GString *out, const char *attributes, const char *inner, gsize length)
{
  g_string_append_printf (out, "<p%s>", attributes ? attributes : "");
  g_string_append_len (out, inner, (gssize)length);
  g_string_append (out, "</p>");
}

static void
on_channel (const ForgeXmltvChannel *channel, gpointer user_data)
{
  GString *out = user_data;

  g_assert (channel->names[0] && *channel->id);
  for (guint i = 0; channel->names[i]; i++)
    forge_xml_append_escaped (out, channel->names[i]);
  append (out,
          NULL,
          channel->extra ? channel->extra : "",
          channel->extra ? strlen (channel->extra) : 0);
}

static void
on_again (const ForgeXmltvProgramme *again, gpointer user_data)
{
  const ForgeXmltvProgramme **first = user_data;

  g_assert (g_str_equal (again->channel, (*first)->channel));
  g_assert (g_str_equal (again->title, (*first)->title));
  g_assert (g_strcmp0 (again->attributes, (*first)->attributes) == 0);
  *first = NULL;
}

/* The comment keeps the fast path off. */
static void
assert_same_by_expat (const ForgeXmltvProgramme *programme)
{
  static const ForgeXmltvHandler handler = { .programme = on_again };
  const ForgeXmltvProgramme *first = programme;
  g_autoptr (ForgeXmltv) xmltv = forge_xmltv_new (&handler, &first, 0);
  g_autoptr (GString) document = g_string_new ("<tv><programme start=\"2026\" channel=\"");
  ForgeXmltvCounts counts;

  /* The end of the document inside of an item: well-formed, but the cutter ends the item there. */
  if (memmem (programme->inner, programme->inner_length, "</tv", 4))
    return;
  forge_xml_append_escaped (document, programme->channel);
  g_string_append_printf (document, "\"%s>", programme->attributes ? programme->attributes : "");
  g_string_append_len (document, programme->inner, (gssize)programme->inner_length);
  g_string_append (document, "<!-- --></programme></tv>");
  forge_xmltv_push (xmltv, document->str, document->len);
  forge_xmltv_end (xmltv, &counts);
  g_assert (first == NULL && counts.repaired == 0 && counts.programmes == 1);
}

static void
on_programme (const ForgeXmltvProgramme *programme, gpointer user_data)
{
  assert_same_by_expat (programme);
  forge_xml_append_escaped (user_data, programme->channel);
  forge_xml_append_escaped (user_data, programme->title);
  append (user_data, programme->attributes, programme->inner, programme->inner_length);
}

static GString *
read_in_pieces (const char *data, size_t size, size_t piece)
{
  static const ForgeXmltvHandler handler = { on_channel, on_programme };
  GString *out = g_string_new ("<all>");
  g_autoptr (ForgeXmltv) xmltv = forge_xmltv_new (&handler, out, 0);
  ForgeXmltvCounts counts;

  for (size_t at = 0; at < size; at += piece)
    forge_xmltv_push (xmltv, data + at, MIN (piece, size - at));
  forge_xmltv_end (xmltv, &counts);
  g_string_append_printf (out,
                          "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %d</all>",
                          counts.skipped,
                          counts.repaired,
                          counts.truncated);
  return out;
}

static void
assert_well_formed (const GString *text)
{
  XML_Parser parser = XML_ParserCreateNS ("UTF-8", ' ');

  g_assert (XML_Parse (parser, text->str, (int)text->len, 1) == XML_STATUS_OK);
  XML_ParserFree (parser);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  GString *whole = read_in_pieces ((const char *)data, size, size + 1);
  GString *pieces = read_in_pieces ((const char *)data, size, size % 7 + 1);

  assert_well_formed (whole);
  g_assert (g_string_equal (whole, pieces));
  g_string_free (whole, TRUE);
  g_string_free (pieces, TRUE);
  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-xmltv-item.h"

#include "formats/forge-local-time.h"
#include "formats/forge-text.h"
#include "formats/forge-xml-plain.h"
#include "formats/forge-xml-repair.h"

#include <expat.h>
#include <string.h>

#define MAX_NAMES       64
#define MAX_NAME_BYTES  255
#define MAX_TITLE_BYTES 512
#define MAX_ID_BYTES    1024
/* Text that is collected before it is cut to one of the above: blanks may precede it. */
#define MAX_CAPTURE_BYTES 4096

/* Longer names of attributes are read by expat. */
#define MAX_PLAIN_NAME_BYTES 63

/* The parser is kept for so many elements, then reset: it remembers every name that it saw. */
#define ELEMENTS_PER_RESET 1000

/* What the elements stand in while the parser is kept. */
#define WRAPPER "<tv>"

typedef struct {
  gsize start, end;
} Range;

struct _ForgeXmltvReader {
  XML_Parser expat;
  unsigned long hash_salt;
  guint elements_left; /* until the parser must be reset */
  gsize base_offset;   /* bytes that it had before this element */
  int zone_minutes;
  ForgeLocalTime *local; /* NULL = times are what they say */

  const ForgeXmltvItem *item;
  int depth;
  const char *problem;
  gboolean is_refused;

  GString *id; /* or the programme's channel */
  GString *attributes, *title, *icon, *extra, *text;
  GPtrArray *names;
  GArray *known_parts; /* of Range: what `extra` leaves out */
  gsize part_start;    /* of the child element that is open */
  gboolean is_capturing, in_known_part, has_title, has_start;
  gint64 start, stop;

  ForgeXmltvChannel channel;
  ForgeXmltvProgramme programme;
};

ForgeXmltvReader *
forge_xmltv_reader_new (int zone_minutes)
{
  ForgeXmltvReader *reader = g_new0 (ForgeXmltvReader, 1);

  reader->expat = XML_ParserCreate ("UTF-8");
  /* Without one, expat asks the kernel for random bytes after every reset. 0 means "none". */
  reader->hash_salt = ((unsigned long)g_random_int () << 1) | 1;
  reader->zone_minutes = zone_minutes;
  reader->id = g_string_new (NULL);
  reader->attributes = g_string_new (NULL);
  reader->title = g_string_new (NULL);
  reader->icon = g_string_new (NULL);
  reader->extra = g_string_new (NULL);
  reader->text = g_string_new (NULL);
  reader->names = g_ptr_array_new_with_free_func (g_free);
  reader->known_parts = g_array_new (FALSE, FALSE, sizeof (Range));
  return reader;
}

gboolean
forge_xmltv_reader_set_zone (ForgeXmltvReader *reader, const char *zone)
{
  g_clear_pointer (&reader->local, forge_local_time_free);
  reader->local = forge_local_time_new (zone);
  return reader->local != NULL;
}

void
forge_xmltv_reader_free (ForgeXmltvReader *reader)
{
  GString *const strings[] = { reader->id,   reader->attributes, reader->title,
                               reader->icon, reader->extra,      reader->text };

  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    g_string_free (strings[i], TRUE);
  g_ptr_array_unref (reader->names);
  g_array_unref (reader->known_parts);
  XML_ParserFree (reader->expat);
  g_clear_pointer (&reader->local, forge_local_time_free);
  g_free (reader);
}

static void
stop_with (ForgeXmltvReader *reader, const char *problem, gboolean is_refused)
{
  if (reader->problem)
    return;
  reader->problem = problem;
  reader->is_refused = is_refused;
  XML_StopParser (reader->expat, XML_FALSE);
}

/* A prefix was declared on the document's root, if at all, and would hang in the air elsewhere. */
static gboolean
has_foreign_prefix (const char *name)
{
  return strchr (name, ':') != NULL && strncmp (name, "xml:", 4) != 0;
}

static void
check_tag (ForgeXmltvReader *reader, const char *name, const char **attributes)
{
  guint n = 0;

  if (reader->depth > FORGE_XML_MAX_DEPTH)
    stop_with (reader, "nested deeper than 64", TRUE);
  if (has_foreign_prefix (name))
    stop_with (reader, "namespace prefix", FALSE);
  for (; attributes[n * 2]; n++)
    if (has_foreign_prefix (attributes[n * 2]))
      stop_with (reader, "namespace prefix", FALSE);
  if (n > FORGE_XML_MAX_ATTRIBUTES)
    stop_with (reader, "more than 64 attributes", TRUE);
}

static void
set_tidy (GString *out, const char *text, gsize max_bytes)
{
  g_string_assign (out, text);
  forge_text_tidy (out, max_bytes);
}

static gboolean
read_time (ForgeXmltvReader *reader, const char *text, gint64 *utc_s)
{
  return reader->local ? forge_xmltv_parse_local_time (text, reader->local, utc_s)
                       : forge_xmltv_parse_time (text, reader->zone_minutes, utc_s);
}

static void
read_programme_attribute (ForgeXmltvReader *reader, const char *name, const char *value)
{
  if (strcmp (name, "start") == 0) {
    reader->has_start = read_time (reader, value, &reader->start);
  } else if (strcmp (name, "stop") == 0) {
    if (!read_time (reader, value, &reader->stop))
      reader->stop = 0;
  } else if (strcmp (name, "channel") == 0) {
    set_tidy (reader->id, value, MAX_ID_BYTES);
  } else {
    g_string_append_printf (reader->attributes, " %s=\"", name);
    forge_xml_append_escaped (reader->attributes, value);
    g_string_append_c (reader->attributes, '"');
  }
}

static void
read_root (ForgeXmltvReader *reader, const char **attributes)
{
  for (; attributes[0]; attributes += 2)
    if (reader->item->kind == FORGE_XMLTV_PROGRAMME)
      read_programme_attribute (reader, attributes[0], attributes[1]);
    else if (strcmp (attributes[0], "id") == 0)
      set_tidy (reader->id, attributes[1], MAX_ID_BYTES);
}

static void
on_text (void *user_data, const char *text, int length)
{
  ForgeXmltvReader *reader = user_data;

  if (reader->text->len < MAX_CAPTURE_BYTES)
    g_string_append_len (reader->text, text, length);
}

static void
begin_capture (ForgeXmltvReader *reader)
{
  g_string_truncate (reader->text, 0);
  reader->is_capturing = TRUE;
  XML_SetCharacterDataHandler (reader->expat, on_text);
}

static void
begin_channel_part (ForgeXmltvReader *reader, const char *name, const char **attributes)
{
  reader->part_start = (gsize)XML_GetCurrentByteIndex (reader->expat) - reader->base_offset;
  reader->in_known_part = TRUE;
  if (strcmp (name, "display-name") == 0) {
    begin_capture (reader);
    return;
  }
  if (strcmp (name, "icon") == 0 && reader->icon->len == 0) {
    for (; attributes[0]; attributes += 2)
      if (strcmp (attributes[0], "src") == 0)
        g_string_assign (reader->icon, attributes[1]);
    return;
  }
  reader->in_known_part = FALSE;
}

static void
on_start (void *user_data, const char *name, const char **attributes)
{
  ForgeXmltvReader *reader = user_data;

  reader->depth++;
  check_tag (reader, name, attributes);
  if (reader->depth == 1)
    read_root (reader, attributes);
  if (reader->depth != 2)
    return;
  if (reader->item->kind == FORGE_XMLTV_CHANNEL)
    begin_channel_part (reader, name, attributes);
  else if (!reader->has_title && strcmp (name, "title") == 0)
    begin_capture (reader);
}

static void
add_name (ForgeXmltvReader *reader)
{
  forge_text_tidy (reader->text, MAX_NAME_BYTES);
  if (reader->text->len > 0 && reader->names->len < MAX_NAMES)
    g_ptr_array_add (reader->names, g_strndup (reader->text->str, reader->text->len));
}

static void
end_capture (ForgeXmltvReader *reader)
{
  reader->is_capturing = FALSE;
  XML_SetCharacterDataHandler (reader->expat, NULL);
  if (reader->item->kind == FORGE_XMLTV_CHANNEL) {
    add_name (reader);
    return;
  }
  set_tidy (reader->title, reader->text->str, MAX_TITLE_BYTES);
  reader->has_title = reader->title->len > 0;
}

static void
on_end (void *user_data, const char *name)
{
  ForgeXmltvReader *reader = user_data;

  if (reader->depth-- != 2)
    return;
  if (reader->is_capturing)
    end_capture (reader);
  if (reader->item->kind == FORGE_XMLTV_CHANNEL && reader->in_known_part) {
    Range part = { reader->part_start,
                   (gsize)XML_GetCurrentByteIndex (reader->expat) +
                       (gsize)XML_GetCurrentByteCount (reader->expat) - reader->base_offset };
    g_array_append_val (reader->known_parts, part);
  }
}

/* A reset costs as much as half an element, so it is not done for each. */
static void
reset_parser (ForgeXmltvReader *reader)
{
  XML_ParserReset (reader->expat, "UTF-8");
  XML_SetHashSalt (reader->expat, reader->hash_salt);
  XML_SetUserData (reader->expat, reader);
  XML_Parse (reader->expat, WRAPPER, strlen (WRAPPER), XML_FALSE);
  XML_SetElementHandler (reader->expat, on_start, on_end);
  reader->base_offset = strlen (WRAPPER);
  reader->elements_left = ELEMENTS_PER_RESET;
}

static void
begin (ForgeXmltvReader *reader, const ForgeXmltvItem *item)
{
  reader->item = item;
  reader->depth = 0;
  reader->problem = NULL;
  reader->is_refused = FALSE;
  reader->is_capturing = reader->in_known_part = reader->has_title = reader->has_start = FALSE;
  reader->start = reader->stop = 0;
  g_string_truncate (reader->id, 0);
  g_string_truncate (reader->attributes, 0);
  g_string_truncate (reader->title, 0);
  g_string_truncate (reader->icon, 0);
  if (reader->names->len > 0)
    g_ptr_array_set_size (reader->names, 0);
  g_array_set_size (reader->known_parts, 0);
}

static void
fill_programme (ForgeXmltvReader *reader)
{
  const ForgeXmltvItem *item = reader->item;

  reader->programme = (ForgeXmltvProgramme){
    .channel = reader->id->str,
    .start = reader->start,
    .stop = reader->stop,
    .title = reader->title->str,
    .attributes = reader->attributes->len > 0 ? reader->attributes->str : NULL,
    .inner = item->data + item->inner_start,
    .inner_length = item->inner_end - item->inner_start,
  };
}

/* The content without the parts that have a field of their own. */
static void
collect_extra (ForgeXmltvReader *reader)
{
  const ForgeXmltvItem *item = reader->item;
  gsize at = item->inner_start;

  g_string_truncate (reader->extra, 0);
  for (guint i = 0; i < reader->known_parts->len; i++) {
    const Range *part = &g_array_index (reader->known_parts, Range, i);
    g_string_append_len (reader->extra, item->data + at, (gssize)(part->start - at));
    at = part->end;
  }
  g_string_append_len (reader->extra, item->data + at, (gssize)(item->inner_end - at));
  g_strstrip (reader->extra->str);
  reader->extra->len = strlen (reader->extra->str);
}

static void
fill_channel (ForgeXmltvReader *reader)
{
  collect_extra (reader);
  if (reader->names->len == 0)
    g_ptr_array_add (reader->names, g_strdup (reader->id->str));
  g_ptr_array_add (reader->names, NULL);
  g_strstrip (reader->icon->str);
  reader->channel = (ForgeXmltvChannel){
    .id = reader->id->str,
    .names = (const char *const *)reader->names->pdata,
    .icon = *reader->icon->str ? reader->icon->str : NULL,
    .extra = *reader->extra->str ? reader->extra->str : NULL,
  };
}

static ForgeXmltvReadResult
finish (ForgeXmltvReader *reader)
{
  gboolean is_channel = reader->item->kind == FORGE_XMLTV_CHANNEL;

  if (reader->id->len == 0)
    reader->problem = is_channel ? "no id" : "no channel";
  else if (!is_channel && !reader->has_start)
    reader->problem = "no start time";
  if (reader->problem)
    return FORGE_XMLTV_READ_REFUSED;
  if (is_channel)
    fill_channel (reader);
  else
    fill_programme (reader);
  return FORGE_XMLTV_READ_OK;
}

static ForgeXmltvReadResult
read_with_expat (ForgeXmltvReader *reader)
{
  const ForgeXmltvItem *item = reader->item;

  if (reader->elements_left == 0)
    reset_parser (reader);
  reader->elements_left--;
  enum XML_Status status = XML_Parse (reader->expat, item->data, (int)item->length, XML_FALSE);
  /* A tag that is still open would swallow the next element. */
  if (status == XML_STATUS_OK && reader->depth == 0) {
    ForgeXmltvReadResult result = finish (reader);
    reader->base_offset += item->length;
    return result;
  }
  reader->elements_left = 0;
  if (!reader->problem)
    reader->problem = status == XML_STATUS_OK ? "not closed"
                                              : XML_ErrorString (XML_GetErrorCode (reader->expat));
  return reader->is_refused ? FORGE_XMLTV_READ_REFUSED : FORGE_XMLTV_READ_MALFORMED;
}

static void
read_plain_attributes (ForgeXmltvReader *reader, const ForgeXmlTag *tag)
{
  char name[MAX_PLAIN_NAME_BYTES + 1];

  for (guint i = 0; i < tag->n_attributes; i++) {
    memcpy (name, tag->names[i].at, tag->names[i].length);
    name[tag->names[i].length] = '\0';
    g_string_truncate (reader->text, 0);
    forge_xml_plain_append_text (reader->text, &tag->values[i]);
    read_programme_attribute (reader, name, reader->text->str);
  }
}

static gboolean
has_short_names (const ForgeXmlTag *tag)
{
  for (guint i = 0; i < tag->n_attributes; i++)
    if (tag->names[i].length > MAX_PLAIN_NAME_BYTES)
      return FALSE;
  return TRUE;
}

/* Nearly all programmes are plain XML, for which expat would need three quarters of an import's
 * time. FALSE if this one is not, with nothing read. */
static gboolean
read_plain (ForgeXmltvReader *reader)
{
  const ForgeXmltvItem *item = reader->item;
  const char *inner = item->data + item->inner_start;
  ForgeXmlSlice title;
  ForgeXmlTag tag;

  if (item->kind != FORGE_XMLTV_PROGRAMME || !item->is_closed ||
      forge_xml_plain_tag (item->data, inner, &tag) != inner || !has_short_names (&tag) ||
      !forge_xml_plain_content (inner, item->inner_end - item->inner_start, "title", &title) ||
      title.length > MAX_CAPTURE_BYTES || !forge_xml_plain_encoding (item->data, item->length))
    return FALSE;
  read_plain_attributes (reader, &tag);
  forge_xml_plain_append_text (reader->title, &title);
  forge_text_tidy (reader->title, MAX_TITLE_BYTES);
  return TRUE;
}

ForgeXmltvReadResult
forge_xmltv_reader_read (ForgeXmltvReader *reader, const ForgeXmltvItem *item)
{
  begin (reader, item);
  return read_plain (reader) ? finish (reader) : read_with_expat (reader);
}

const ForgeXmltvChannel *
forge_xmltv_reader_channel (ForgeXmltvReader *reader)
{
  return &reader->channel;
}

const ForgeXmltvProgramme *
forge_xmltv_reader_programme (ForgeXmltvReader *reader)
{
  return &reader->programme;
}

const char *
forge_xmltv_reader_problem (ForgeXmltvReader *reader)
{
  return reader->problem ? reader->problem : "";
}

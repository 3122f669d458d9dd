/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "server/discovery/forge-hdhr-messages.h"

#include <string.h>

#define DEVICE_TYPE_TUNER 1u
#define WILDCARD          0xFFFFFFFFu

typedef struct {
  gboolean names_type, wants_tuner;
  gboolean names_id, wants_us;
} Wish;

static void
note_type (Wish *wish, guint32 type)
{
  wish->names_type = TRUE;
  wish->wants_tuner |= type == DEVICE_TYPE_TUNER || type == WILDCARD;
}

static gboolean
note_type_list (Wish *wish, const ForgeHdhrTag *list)
{
  guint32 type;

  for (gsize at = 0; at < list->value_bytes; at += 4) {
    const ForgeHdhrTag item = { .value = list->value + at,
                                .value_bytes = MIN (list->value_bytes - at, 4) };
    if (!forge_hdhr_tag_u32 (&item, &type))
      return FALSE;
    note_type (wish, type);
  }
  wish->names_type = TRUE;
  return TRUE;
}

static gboolean
note_tag (Wish *wish, const ForgeHdhrTag *tag, guint32 device_id)
{
  guint32 number;

  switch (tag->name) {
  case FORGE_HDHR_TAG_DEVICE_TYPE:
    if (!forge_hdhr_tag_u32 (tag, &number))
      return FALSE;
    note_type (wish, number);
    return TRUE;
  case FORGE_HDHR_TAG_MULTI_TYPE:
    return note_type_list (wish, tag);
  case FORGE_HDHR_TAG_DEVICE_ID:
    if (!forge_hdhr_tag_u32 (tag, &number))
      return FALSE;
    wish->names_id = TRUE;
    wish->wants_us |= number == device_id || number == WILDCARD;
    return TRUE;
  default:
    return TRUE;
  }
}

gboolean
forge_hdhr_discover_is_for (const guint8 *bytes, gsize length, guint32 device_id)
{
  ForgeHdhrFrame frame;
  ForgeHdhrReader reader;
  ForgeHdhrTag tag;
  Wish wish = { 0 };

  if (forge_hdhr_frame_parse (bytes, length, &frame) != FORGE_HDHR_FRAME_COMPLETE ||
      frame.type != FORGE_HDHR_DISCOVER_REQUEST)
    return FALSE;
  forge_hdhr_reader_init (&reader, &frame);
  while (forge_hdhr_reader_next (&reader, &tag))
    if (!note_tag (&wish, &tag, device_id))
      return FALSE;
  return !reader.is_broken && (!wish.names_type || wish.wants_tuner) &&
         (!wish.names_id || wish.wants_us);
}

gsize
forge_hdhr_discover_reply (ForgeHdhrWriter *writer, const ForgeHdhrAnswer *answer)
{
  g_autofree char *lineup_url = g_strconcat (answer->base_url, "/lineup.json", NULL);

  forge_hdhr_writer_begin (writer, FORGE_HDHR_DISCOVER_REPLY);
  forge_hdhr_writer_add_u32 (writer, FORGE_HDHR_TAG_DEVICE_TYPE, DEVICE_TYPE_TUNER);
  forge_hdhr_writer_add_u32 (writer, FORGE_HDHR_TAG_DEVICE_ID, answer->device_id);
  if (answer->device_auth)
    forge_hdhr_writer_add_text (writer, FORGE_HDHR_TAG_DEVICE_AUTH, answer->device_auth);
  forge_hdhr_writer_add_text (writer, FORGE_HDHR_TAG_BASE_URL, answer->base_url);
  forge_hdhr_writer_add_u8 (writer,
                            FORGE_HDHR_TAG_TUNER_COUNT,
                            (guint8)CLAMP (answer->tuner_count, 1, 255));
  forge_hdhr_writer_add_text (writer, FORGE_HDHR_TAG_LINEUP_URL, lineup_url);
  return forge_hdhr_writer_end (writer);
}

/* Up to the NUL that clients count in; some senders leave it out. */
static gboolean
copy_string (const ForgeHdhrTag *tag, char *text, gsize text_size)
{
  gsize length = strnlen ((const char *)tag->value, tag->value_bytes);

  if (length >= text_size)
    return FALSE;
  memcpy (text, tag->value, length);
  text[length] = '\0';
  return TRUE;
}

static gboolean
note_argument (ForgeHdhrGetset *request, const ForgeHdhrTag *tag)
{
  switch (tag->name) {
  case FORGE_HDHR_TAG_NAME:
    return copy_string (tag, request->name, sizeof request->name);
  case FORGE_HDHR_TAG_VALUE:
    request->is_set = TRUE;
    return copy_string (tag, request->value, sizeof request->value);
  case FORGE_HDHR_TAG_LOCK_KEY:
    return forge_hdhr_tag_u32 (tag, &request->lock_key);
  default:
    return TRUE;
  }
}

gboolean
forge_hdhr_getset_parse (const ForgeHdhrFrame *frame, ForgeHdhrGetset *request)
{
  ForgeHdhrReader reader;
  ForgeHdhrTag tag;

  *request = (ForgeHdhrGetset){ 0 };
  if (frame->type != FORGE_HDHR_GETSET_REQUEST)
    return FALSE;
  forge_hdhr_reader_init (&reader, frame);
  while (forge_hdhr_reader_next (&reader, &tag))
    if (!note_argument (request, &tag))
      return FALSE;
  return !reader.is_broken && request->name[0];
}

gsize
forge_hdhr_getset_reply (ForgeHdhrWriter *writer,
                         const char *name,
                         gboolean is_error,
                         const char *text)
{
  forge_hdhr_writer_begin (writer, FORGE_HDHR_GETSET_REPLY);
  forge_hdhr_writer_add_string (writer, FORGE_HDHR_TAG_NAME, name);
  forge_hdhr_writer_add_string (writer,
                                is_error ? FORGE_HDHR_TAG_ERROR : FORGE_HDHR_TAG_VALUE,
                                text);
  return forge_hdhr_writer_end (writer);
}

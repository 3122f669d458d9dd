/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whatever comes on port 65001: frames end where they say, requests fit their fields, and what we
 * would answer is a frame that we would read. */
#include "config.h"

#include "server/discovery/forge-hdhr-messages.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check_tags (const ForgeHdhrFrame *frame)
{
  ForgeHdhrReader reader;
  ForgeHdhrTag tag;

  forge_hdhr_reader_init (&reader, frame);
  while (forge_hdhr_reader_next (&reader, &tag)) {
    g_assert (tag.value >= frame->payload);
    g_assert (tag.value + tag.value_bytes <= frame->payload + frame->payload_bytes);
  }
}

static void
check_getset (const ForgeHdhrFrame *frame)
{
  ForgeHdhrGetset request;
  ForgeHdhrWriter writer;
  ForgeHdhrFrame again;

  if (!forge_hdhr_getset_parse (frame, &request))
    return;
  g_assert (strlen (request.name) <= FORGE_HDHR_MAX_NAME_BYTES);
  g_assert (strlen (request.value) <= FORGE_HDHR_MAX_ARGUMENT_BYTES);
  gsize length = forge_hdhr_getset_reply (&writer, request.name, FALSE, request.value);
  g_assert (length > 0);
  g_assert (forge_hdhr_frame_parse (writer.bytes, length, &again) == FORGE_HDHR_FRAME_COMPLETE);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  ForgeHdhrFrame frame;

  forge_hdhr_discover_is_for (data, size, 0x1040ABC5);
  if (forge_hdhr_frame_parse (data, size, &frame) != FORGE_HDHR_FRAME_COMPLETE)
    return 0;
  g_assert (frame.frame_bytes <= size && frame.payload_bytes <= FORGE_HDHR_MAX_PAYLOAD_BYTES);
  check_tags (&frame);
  check_getset (&frame);
  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "relay/forge-chunked.h"

#include <string.h>

static int
hex_value (uint8_t c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

static ForgeChunkedState
end_size_line (ForgeChunked *chunked)
{
  chunked->line_bytes = 0;
  chunked->line_has_text = false;
  return chunked->left > 0 ? FORGE_CHUNKED_DATA : FORGE_CHUNKED_TRAILER;
}

static ForgeChunkedState
take_size (ForgeChunked *chunked, uint8_t c)
{
  int value = hex_value (c);

  if (value >= 0) {
    chunked->left = chunked->left << 4 | (unsigned)value;
    return ++chunked->size_digits <= FORGE_CHUNKED_SIZE_DIGITS ? FORGE_CHUNKED_SIZE
                                                               : FORGE_CHUNKED_BROKEN;
  }
  if (chunked->size_digits == 0)
    return FORGE_CHUNKED_BROKEN;
  if (c == '\r')
    return FORGE_CHUNKED_LINE_END;
  if (c == '\n')
    return end_size_line (chunked);
  /* Seen: servers that pad the size with blanks. */
  return c == ';' || c == ' ' || c == '\t' ? FORGE_CHUNKED_EXTENSION : FORGE_CHUNKED_BROKEN;
}

static ForgeChunkedState
take_extension (ForgeChunked *chunked, uint8_t c)
{
  if (c == '\r')
    return FORGE_CHUNKED_LINE_END;
  if (c == '\n')
    return end_size_line (chunked);
  return ++chunked->line_bytes < FORGE_CHUNKED_LINE_MAX_BYTES ? FORGE_CHUNKED_EXTENSION
                                                              : FORGE_CHUNKED_BROKEN;
}

static ForgeChunkedState
take_data_end (ForgeChunked *chunked, uint8_t c)
{
  if (c == '\r' && chunked->line_bytes++ == 0)
    return FORGE_CHUNKED_DATA_END;
  if (c != '\n')
    return FORGE_CHUNKED_BROKEN;
  chunked->left = 0;
  chunked->size_digits = 0;
  chunked->line_bytes = 0;
  return FORGE_CHUNKED_SIZE;
}

static ForgeChunkedState
take_trailer (ForgeChunked *chunked, uint8_t c)
{
  if (++chunked->line_bytes > FORGE_CHUNKED_LINE_MAX_BYTES)
    return FORGE_CHUNKED_BROKEN;
  if (c == '\n' && !chunked->line_has_text)
    return FORGE_CHUNKED_DONE;
  if (c != '\r')
    chunked->line_has_text = c != '\n';
  return FORGE_CHUNKED_TRAILER;
}

static ForgeChunkedState
take_control (ForgeChunked *chunked, uint8_t c)
{
  switch (chunked->state) {
  case FORGE_CHUNKED_SIZE:
    return take_size (chunked, c);
  case FORGE_CHUNKED_EXTENSION:
    return take_extension (chunked, c);
  case FORGE_CHUNKED_LINE_END:
    return c == '\n' ? end_size_line (chunked) : FORGE_CHUNKED_BROKEN;
  case FORGE_CHUNKED_DATA_END:
    return take_data_end (chunked, c);
  case FORGE_CHUNKED_TRAILER:
    return take_trailer (chunked, c);
  case FORGE_CHUNKED_DATA:
  case FORGE_CHUNKED_DONE:
  case FORGE_CHUNKED_BROKEN:
  default:
    return FORGE_CHUNKED_BROKEN;
  }
}

static size_t
take_data (ForgeChunked *chunked, uint8_t *out, const uint8_t *in, size_t size)
{
  size_t take = size < chunked->left ? size : (size_t)chunked->left;

  if (out != in)
    memmove (out, in, take);
  chunked->left -= take;
  if (chunked->left == 0)
    chunked->state = FORGE_CHUNKED_DATA_END;
  return take;
}

size_t
forge_chunked_run (ForgeChunked *chunked, uint8_t *bytes, size_t size)
{
  size_t out = 0;

  for (size_t at = 0; at < size;) {
    if (chunked->state == FORGE_CHUNKED_DONE || chunked->state == FORGE_CHUNKED_BROKEN)
      break;
    if (chunked->state == FORGE_CHUNKED_DATA) {
      size_t taken = take_data (chunked, bytes + out, bytes + at, size - at);
      out += taken;
      at += taken;
    } else {
      chunked->state = take_control (chunked, bytes[at++]);
    }
  }
  return out;
}

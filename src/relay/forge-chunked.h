/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * ForgeChunked: takes HTTP chunked transfer coding off a byte stream, in place.
 * Spec: RFC 9112 §7.1. All zero is the start.
 *
 *   state      | until                 | next
 *   -----------+-----------------------+------------------------------
 *   SIZE       | a hex digit is over   | EXTENSION, LINE_END
 *   EXTENSION  | CR or LF              | LINE_END, DATA (size 0: TRAILER)
 *   LINE_END   | LF                    | DATA (size 0: TRAILER)
 *   DATA       | size bytes passed     | DATA_END
 *   DATA_END   | [CR] LF               | SIZE
 *   TRAILER    | an empty line         | DONE
 */
typedef enum {
  FORGE_CHUNKED_SIZE,
  FORGE_CHUNKED_EXTENSION,
  FORGE_CHUNKED_LINE_END,
  FORGE_CHUNKED_DATA,
  FORGE_CHUNKED_DATA_END,
  FORGE_CHUNKED_TRAILER,
  FORGE_CHUNKED_DONE,
  FORGE_CHUNKED_BROKEN,
} ForgeChunkedState;

/* A chunk's size line with its extension, and all trailers. */
#define FORGE_CHUNKED_LINE_MAX_BYTES 4096u
#define FORGE_CHUNKED_SIZE_DIGITS    15u

typedef struct {
  ForgeChunkedState state;
  uint64_t left;        /* data bytes of this chunk to come */
  unsigned size_digits; /* seen in this size line */
  size_t line_bytes;    /* of this extension or of the trailers */
  bool line_has_text;   /* the trailer line at hand is not empty */
} ForgeChunked;

/* Replaces the coded `bytes` by the data in them; returns how much that is. Look at `state`
 * afterwards: DONE ignores what follows, BROKEN keeps the data before the fault. */
size_t forge_chunked_run (ForgeChunked *chunked, uint8_t *bytes, size_t size);

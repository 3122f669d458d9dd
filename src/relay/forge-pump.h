/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* C11 and POSIX only. */
#include "base/forge-byte-source.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * ForgePump: moves files from sources to clients on a few epoll threads: what the relay is to
 * channels, for what has an end. One body is one answer to one client; its source may be lost and
 * replaced in the middle, the client sees one file. A body reads only what its client takes: one
 * buffer each, whatever the file's size.
 *
 *   state   | on                                  | does
 *   --------+-------------------------------------+----------------------------------------
 *   FLOWING | the source's last byte              | SOURCE_CLOSED; the rest goes out
 *   FLOWING | source ends early, fails, is silent | SOURCE_LOST → BARE
 *   FLOWING | drop_source ()                      | SOURCE_CLOSED → BARE
 *   BARE    | resume ()                           | FLOWING
 *   any     | all sent                            | DONE, and gone
 *   any     | the client is gone, end ()          | ENDED, and gone
 */
typedef struct ForgePump ForgePump;
typedef uint64_t ForgePumpId; /* 0 = none */

typedef enum {
  FORGE_PUMP_SOURCE_CLOSED, /* it is not needed any more, or it was asked for */
  FORGE_PUMP_SOURCE_LOST,   /* another one is needed, from `received` on */
  FORGE_PUMP_DONE,          /* the last event: all was sent */
  FORGE_PUMP_ENDED,         /* the last event: the client went, or end () */
} ForgePumpEventKind;

typedef struct {
  ForgePumpEventKind kind;
  ForgePumpId id;
  void *body_data;   /* of the spec */
  uint64_t received; /* bytes of the body so far */
  uint64_t sent;     /* to the client, with its head */
  int error;         /* of SOURCE_LOST: errno, 0 = it ended, ETIMEDOUT = silent */
} ForgePumpEvent;

/* Thread: relay. Must not block; may post. */
typedef void (*ForgePumpEventFunc) (const ForgePumpEvent *event, void *user_data);

typedef struct {
  ForgeByteSource bytes; /* ownership moves, always */
  bool is_chunked;
  const uint8_t *leftover; /* read already, still coded; copied */
  size_t leftover_bytes;
  uint64_t skip; /* decoded bytes to throw away first */
} ForgePumpSource;

typedef struct {
  int client_fd; /* ownership moves, always */
  const char *head;
  size_t head_bytes;
  int64_t length;    /* of the body; -1 = until the source ends */
  bool send_chunked; /* code the body: only with length -1 */
  ForgePumpSource source;
  void *body_data;
  /* NULL, or where the worker tells how many bytes of the body were sent, until the last event. */
  _Atomic uint64_t *sent;
} ForgePumpSpec;

typedef struct {
  unsigned workers;
  unsigned source_idle_ms; /* a source that sends nothing for so long is lost */
  unsigned client_idle_ms; /* a client that takes nothing for so long is gone */
  ForgePumpEventFunc event;
  void *user_data;
} ForgePumpConfig;

#define FORGE_PUMP_BUFFER_BYTES (128u * 1024u)

/* NULL with errno set. */
ForgePump *forge_pump_new (const ForgePumpConfig *config);
/* Ends every body; their ENDED events come before it returns. Thread: any but relay. */
void forge_pump_free (ForgePump *pump);

/* 0 if there is no memory or descriptor; then everything handed over is closed. Thread: any. */
ForgePumpId forge_pump_start (ForgePump *pump, const ForgePumpSpec *spec);
/* The source goes on where the last one ended. It is closed if the body is gone. */
void forge_pump_resume (ForgePump *pump, ForgePumpId id, const ForgePumpSource *source);
/* Closes the source; SOURCE_CLOSED follows unless the body is gone. */
void forge_pump_drop_source (ForgePump *pump, ForgePumpId id);
/* Breaks the connection off, so that the client sees that it is not complete. */
void forge_pump_end (ForgePump *pump, ForgePumpId id);

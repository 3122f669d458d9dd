/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "relay/forge-chunked.h"
#include "relay/forge-pump.h"

#include <pthread.h>
#include <stdatomic.h>

/* In front of the data: "1ffff\r\n"; behind it: "\r\n" and "0\r\n\r\n". */
#define FORGE_PUMP_FRAME_BYTES 16u

typedef struct ForgePumpWorker ForgePumpWorker;
typedef struct ForgePumpBody ForgePumpBody;
typedef struct ForgePumpCommand ForgePumpCommand;

typedef enum {
  FORGE_PUMP_FLOWING,
  FORGE_PUMP_BARE,     /* without a source, more to come */
  FORGE_PUMP_FLUSHING, /* all received */
  FORGE_PUMP_CLOSING,  /* all sent: waits for the client's end */
  FORGE_PUMP_DEAD,     /* freed at the end of the round */
} ForgePumpState;

/* What epoll points to. */
typedef struct {
  ForgePumpBody *body;
  bool is_source;
} ForgePumpWatch;

struct ForgePumpBody {
  ForgePumpId id;
  ForgePumpWorker *worker;
  ForgePumpBody *next, *previous;
  ForgePumpState state;
  ForgePumpWatch client_watch, source_watch;
  int client_fd;
  uint32_t client_events, source_events; /* as epoll knows them */
  ForgeByteSource source;
  bool is_chunked, send_chunked;
  ForgeChunked chunked;
  uint8_t *leftover; /* of the source, to be read before it; NULL = none */
  size_t leftover_bytes;
  uint64_t skip;
  int64_t left; /* bytes to receive, -1 = until the end */
  uint64_t received, sent;
  int64_t source_ms, client_ms; /* last progress */
  uint8_t *head;                /* freed once sent */
  size_t head_from, head_to;
  uint8_t *buffer;
  size_t from, to; /* what is to be sent */
  void *data;
  _Atomic uint64_t *told; /* of the spec; NULL = nobody asks */
};

struct ForgePumpCommand {
  ForgePumpCommand *next;
  enum { FORGE_PUMP_ADD, FORGE_PUMP_RESUME, FORGE_PUMP_DROP, FORGE_PUMP_END, FORGE_PUMP_STOP } kind;
  ForgePumpId id;
  ForgePumpBody *body;    /* ADD */
  ForgePumpSource source; /* RESUME; .leftover is owned */
};

struct ForgePumpWorker {
  ForgePump *pump;
  pthread_t thread;
  int epoll_fd, event_fd;
  pthread_mutex_t lock; /* guards the queue */
  ForgePumpCommand *first, *last;
  ForgePumpBody *bodies;
  int64_t now_ms;
};

struct ForgePump {
  ForgePumpConfig config;
  ForgePumpWorker *workers;
  _Atomic uint64_t next_id;
};

/* Takes over what `spec` owns only on success. NULL: no memory. */
ForgePumpBody *forge_pump_body_new (const ForgePumpSpec *spec);
void forge_pump_body_free (ForgePumpBody *body);
/* All on the worker's thread. */
void forge_pump_body_begin (ForgePumpBody *body);
/* Takes over the source with its leftover. */
void forge_pump_body_resume (ForgePumpBody *body, const ForgePumpSource *source);
void forge_pump_body_drop (ForgePumpBody *body);
void forge_pump_body_end (ForgePumpBody *body);
void forge_pump_body_on_event (ForgePumpBody *body, bool is_source, uint32_t events);
void forge_pump_body_tick (ForgePumpBody *body);

void forge_pump_source_close (ForgeByteSource *source);

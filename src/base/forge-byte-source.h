/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* C11 and POSIX only: the relay includes this. */
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * ForgeByteSource: a connected, non-blocking descriptor that bytes are read from, plain or through
 * TLS. Whoever opens one (net/forge-dial) fills it, whoever reads one (relay) closes it.
 */
typedef struct {
  /* Like recv (): > 0 bytes, 0 at the end, -1 with errno (EAGAIN = wait for the descriptor). */
  ssize_t (*read) (void *context, void *buffer, size_t size);
  /* True while bytes are decoded but unread: the descriptor will not announce them. */
  bool (*has_buffered) (void *context);
  /* Frees the context and closes the descriptor. */
  void (*close) (void *context);
} ForgeByteSourceOps;

typedef struct {
  int fd;                        /* for epoll; -1 = none */
  const ForgeByteSourceOps *ops; /* NULL = recv () and close () on fd */
  void *context;
} ForgeByteSource;

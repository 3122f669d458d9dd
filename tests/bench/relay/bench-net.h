/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* What the relay's benchmark programs share. Loopback only. */

static inline int64_t
bench_now_us (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static inline void
bench_die (const char *what)
{
  perror (what);
  exit (1);
}

static inline struct sockaddr_in
bench_loopback (unsigned port)
{
  return (struct sockaddr_in){ .sin_family = AF_INET,
                               .sin_port = htons ((uint16_t)port),
                               .sin_addr = { htonl (INADDR_LOOPBACK) } };
}

static inline void
bench_raise_limits (void)
{
  struct rlimit files;

  getrlimit (RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit (RLIMIT_NOFILE, &files);
}

static inline int
bench_listen (unsigned port)
{
  struct sockaddr_in address = bench_loopback (port);
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

  setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind (fd, (struct sockaddr *)&address, sizeof address) < 0 || listen (fd, 1024) < 0)
    bench_die ("listen");
  return fd;
}

/* Connected, with "GET /`path`" sent. */
static inline int
bench_get (unsigned port, unsigned path)
{
  struct sockaddr_in address = bench_loopback (port);
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  char request[128];
  int n = snprintf (request, sizeof request, "GET /%u HTTP/1.0\r\nHost: bench\r\n\r\n", path);

  if (fd < 0 || connect (fd, (struct sockaddr *)&address, sizeof address) < 0 ||
      send (fd, request, (size_t)n, MSG_NOSIGNAL) != n)
    bench_die ("connect");
  return fd;
}

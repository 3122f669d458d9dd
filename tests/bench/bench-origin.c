/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mpegts/forge-ts-psi.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* A source for load tests: every GET is answered with an endless transport stream, paced at --kbps
 * or (0) as fast as it goes. One second of packets is made once and looped; each PID's packets per
 * loop are a multiple of 16, so continuity counters run on over the seam. */

#define MAX_CONNECTIONS 4096
#define TICK_NS         (10 * 1000 * 1000)
#define HEAD_START_MS   100
#define VIDEO_PID       0x100
#define PMT_PID         0x1000
#define TABLES_PER_LOOP 16
#define UNITS_PER_LOOP  25

typedef struct {
  int fd;
  bool is_streaming;
  int64_t began_us;
  uint64_t sent; /* body bytes */
} Connection;

typedef struct {
  uint8_t *loop;
  size_t loop_bytes;
  uint64_t bytes_per_s; /* 0 = no pace */
  int epoll, listener, timer;
  Connection connections[MAX_CONNECTIONS]; /* by descriptor */
} Origin;

static int64_t
now_us (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void
put_header (uint8_t *packet, unsigned pid, bool starts_unit, unsigned counter)
{
  memset (packet, 0xFF, FORGE_TS_PACKET_BYTES);
  packet[0] = FORGE_TS_SYNC;
  packet[1] = (uint8_t)((starts_unit ? 0x40 : 0) | pid >> 8);
  packet[2] = (uint8_t)pid;
  packet[3] = (uint8_t)(0x10 | (counter & 15));
}

/* A section behind its pointer field, with its CRC. */
static void
put_section (uint8_t *packet, const uint8_t *section, size_t size)
{
  uint8_t *out = packet + 5;
  packet[4] = 0;
  memcpy (out, section, size);
  uint32_t crc = forge_ts_crc32 (section, size);
  for (int i = 0; i < 4; i++)
    out[size + (size_t)i] = (uint8_t)(crc >> (24 - 8 * i));
}

static void
put_pat (uint8_t *packet, unsigned counter)
{
  static const uint8_t section[] = {
    0x00, 0xB0, 13, 0, 1, 0xC1, 0, 0, 0, 1, 0xE0 | (PMT_PID >> 8), PMT_PID & 0xFF
  };
  put_header (packet, 0, true, counter);
  put_section (packet, section, sizeof section);
}

static void
put_pmt (uint8_t *packet, unsigned counter)
{
  static const uint8_t section[] = { 0x02,
                                     0xB0,
                                     18,
                                     0,
                                     1,
                                     0xC1,
                                     0,
                                     0,
                                     0xE0 | (VIDEO_PID >> 8),
                                     VIDEO_PID & 0xFF,
                                     0xF0,
                                     0,
                                     0x1B,
                                     0xE0 | (VIDEO_PID >> 8),
                                     VIDEO_PID & 0xFF,
                                     0xF0,
                                     0 };
  put_header (packet, PMT_PID, true, counter);
  put_section (packet, section, sizeof section);
}

/* The start of a picture: adaptation field (random access where it is a key picture), PES head, a
 * NAL unit. */
static void
put_unit_start (uint8_t *packet, unsigned counter, bool is_key)
{
  static const uint8_t pes[] = { 0, 0, 1, 0xE0, 0, 0, 0x80, 0x80, 5, 0x21, 0, 1, 0, 1 };
  put_header (packet, VIDEO_PID, true, counter);
  packet[3] |= 0x20;
  packet[4] = 1;
  packet[5] = is_key ? 0x40 : 0;
  memcpy (packet + 6, pes, sizeof pes);
  uint8_t *nal = packet + 6 + sizeof pes;
  nal[0] = nal[1] = 0;
  nal[2] = 1;
  nal[3] = is_key ? 0x65 : 0x41;
}

static void
make_loop (Origin *origin, unsigned kbps)
{
  size_t packets = (size_t)kbps * 125 / FORGE_TS_PACKET_BYTES / TABLES_PER_LOOP * TABLES_PER_LOOP;
  unsigned pat = 0, pmt = 0, video = 0;

  origin->loop_bytes = packets * FORGE_TS_PACKET_BYTES;
  origin->loop = malloc (origin->loop_bytes);
  for (size_t i = 0; i < packets; i++) {
    uint8_t *packet = origin->loop + i * FORGE_TS_PACKET_BYTES;
    size_t in_table_span = i % (packets / TABLES_PER_LOOP);
    if (in_table_span == 0)
      put_pat (packet, pat++);
    else if (in_table_span == 1)
      put_pmt (packet, pmt++);
    else if (i == 2 || i % (packets / UNITS_PER_LOOP) == 5)
      put_unit_start (packet, video++, i == 2);
    else
      put_header (packet, VIDEO_PID, false, video++);
  }
}

static void
drop (Connection *connection)
{
  close (connection->fd);
  connection->fd = -1;
  connection->is_streaming = false;
}

static uint64_t
due_bytes (const Origin *origin, const Connection *connection, int64_t at_us)
{
  if (origin->bytes_per_s == 0)
    return UINT64_MAX;
  uint64_t due = (uint64_t)(at_us - connection->began_us + HEAD_START_MS * 1000) *
                 origin->bytes_per_s / 1000000;
  return due / FORGE_TS_PACKET_BYTES * FORGE_TS_PACKET_BYTES;
}

static void
feed (Origin *origin, Connection *connection, int64_t at_us)
{
  uint64_t due = due_bytes (origin, connection, at_us);

  while (connection->sent < due) {
    size_t at = connection->sent % origin->loop_bytes, size = origin->loop_bytes - at;
    if (size > due - connection->sent)
      size = due - connection->sent;
    ssize_t n = send (connection->fd, origin->loop + at, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0) {
      if (errno != EAGAIN)
        drop (connection);
      return;
    }
    connection->sent += (uint64_t)n;
  }
}

static void
accept_all (Origin *origin)
{
  int fd;

  while ((fd = accept4 (origin->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
    if (fd >= MAX_CONNECTIONS) {
      close (fd);
      continue;
    }
    origin->connections[fd] = (Connection){ .fd = fd };
    struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP, .data.fd = fd };
    epoll_ctl (origin->epoll, EPOLL_CTL_ADD, fd, &event);
  }
}

static void
start_stream (Origin *origin, Connection *connection)
{
  static const char head[] =
      "HTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\nConnection: close\r\n\r\n";

  if (send (connection->fd, head, sizeof head - 1, MSG_NOSIGNAL) != (ssize_t)sizeof head - 1) {
    drop (connection);
    return;
  }
  connection->is_streaming = true;
  connection->began_us = now_us ();
  struct epoll_event event = { .events = (origin->bytes_per_s ? 0u : EPOLLOUT) | EPOLLRDHUP,
                               .data.fd = connection->fd };
  epoll_ctl (origin->epoll, EPOLL_CTL_MOD, connection->fd, &event);
  feed (origin, connection, connection->began_us);
}

static void
on_connection (Origin *origin, Connection *connection, uint32_t events)
{
  char request[8192];

  if (connection->is_streaming) {
    if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
      drop (connection);
    else
      feed (origin, connection, now_us ());
    return;
  }
  ssize_t n = recv (connection->fd, request, sizeof request, 0);
  if (n <= 0)
    drop (connection);
  else if (memmem (request, (size_t)n, "\r\n\r\n", 4))
    start_stream (origin, connection);
}

static void
on_tick (Origin *origin)
{
  uint64_t count;
  int64_t at_us = now_us ();

  if (read (origin->timer, &count, sizeof count) < 0)
    return;
  for (int fd = 0; fd < MAX_CONNECTIONS; fd++)
    if (origin->connections[fd].is_streaming && origin->bytes_per_s)
      feed (origin, &origin->connections[fd], at_us);
}

static unsigned
listen_somewhere (Origin *origin)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof address;

  origin->listener = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (bind (origin->listener, (struct sockaddr *)&address, size) < 0 ||
      listen (origin->listener, 1024) < 0 ||
      getsockname (origin->listener, (struct sockaddr *)&address, &size) < 0) {
    perror ("listen");
    exit (1);
  }
  return ntohs (address.sin_port);
}

static void
add_to_epoll (Origin *origin, int fd)
{
  struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

  epoll_ctl (origin->epoll, EPOLL_CTL_ADD, fd, &event);
}

int
main (int argc, char *argv[])
{
  static Origin origin;
  unsigned kbps = argc == 3 && strcmp (argv[1], "--kbps") == 0 ? (unsigned)atoi (argv[2]) : 8000;
  struct epoll_event events[256];

  make_loop (&origin, kbps ? kbps : 8000);
  origin.bytes_per_s = (uint64_t)kbps * 125;
  origin.epoll = epoll_create1 (EPOLL_CLOEXEC);
  origin.timer = timerfd_create (CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  timerfd_settime (origin.timer, 0, &(struct itimerspec){ { 0, TICK_NS }, { 0, TICK_NS } }, NULL);
  printf ("{\"port\": %u}\n", listen_somewhere (&origin));
  fflush (stdout);
  add_to_epoll (&origin, origin.listener);
  add_to_epoll (&origin, origin.timer);
  for (;;) {
    int n = epoll_wait (origin.epoll, events, 256, -1);
    for (int i = 0; i < n; i++) {
      if (events[i].data.fd == origin.listener)
        accept_all (&origin);
      else if (events[i].data.fd == origin.timer)
        on_tick (&origin);
      else if (origin.connections[events[i].data.fd].fd == events[i].data.fd)
        on_connection (&origin, &origin.connections[events[i].data.fd], events[i].events);
    }
  }
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* A client for load tests: paths on standard input, one connection each, reads for --seconds and
 * prints JSON: bytes, failed connections, time to the first body byte, the longest silence of a
 * body. It reads with read (), so /proc/PID/io counts its bytes. */

#define MAX_CONNECTIONS 4096
#define MAX_HEAD_BYTES  8192
/* Small sips cost the kernel the same for every relay: rest between reads, so that both are read
 * alike. */
#define REST_US 10000

typedef struct {
  int fd;
  int64_t asked_us, first_us;  /* 0 = not yet */
  int64_t last_us, silence_us; /* of the body; the silence includes REST_US */
  char head[MAX_HEAD_BYTES];
  size_t head_bytes;
  bool has_body, has_failed;
} Connection;

typedef struct {
  unsigned port, stagger_ms;
  double seconds;
  int epoll;
  size_t n;
  Connection *connections;
  char *buffer;
  uint64_t bytes;
} Sink;

#define BUFFER_BYTES (1 << 18)

static int64_t
now_us (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void
fail (Connection *connection)
{
  connection->has_failed = true;
  close (connection->fd);
  connection->fd = -1;
}

static void
open_one (Sink *sink, size_t index, const char *path)
{
  Connection *connection = &sink->connections[index];
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_port = htons ((uint16_t)sink->port),
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  char request[2048];

  connection->fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect (connection->fd, (struct sockaddr *)&address, sizeof address) < 0) {
    fail (connection);
    return;
  }
  int size = snprintf (request,
                       sizeof request,
                       "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nUser-Agent: bench-%zu\r\n\r\n",
                       path,
                       sink->port,
                       index);
  connection->asked_us = now_us ();
  if (send (connection->fd, request, (size_t)size, MSG_NOSIGNAL) != size) {
    fail (connection);
    return;
  }
  fcntl (connection->fd, F_SETFL, O_NONBLOCK);
  struct epoll_event event = { .events = EPOLLIN, .data.u64 = index };
  epoll_ctl (sink->epoll, EPOLL_CTL_ADD, connection->fd, &event);
}

static void
take_head (Connection *connection, const char *bytes, size_t size, int64_t at_us)
{
  size_t room = MAX_HEAD_BYTES - connection->head_bytes, n = size < room ? size : room;

  memcpy (connection->head + connection->head_bytes, bytes, n);
  connection->head_bytes += n;
  char *end = memmem (connection->head, connection->head_bytes, "\r\n\r\n", 4);
  if (!end)
    return;
  if (strncmp (connection->head + 9, "200", 3) != 0) {
    fail (connection);
    return;
  }
  if ((size_t)(end + 4 - connection->head) < connection->head_bytes || n < size) {
    connection->has_body = true;
    connection->first_us = at_us;
  }
}

static void
note_silence (Connection *connection, int64_t at_us)
{
  if (connection->has_body && at_us - connection->last_us > connection->silence_us)
    connection->silence_us = at_us - connection->last_us;
  connection->last_us = at_us;
}

static void
drain (Sink *sink, Connection *connection)
{
  int64_t at_us = now_us ();

  for (;;) {
    ssize_t n = read (connection->fd, sink->buffer, BUFFER_BYTES);
    if (n < 0 && errno == EAGAIN)
      return;
    if (n <= 0) {
      fail (connection);
      return;
    }
    sink->bytes += (uint64_t)n;
    note_silence (connection, at_us);
    if (!connection->has_body) {
      take_head (connection, sink->buffer, (size_t)n, at_us);
      if (connection->has_failed)
        return;
    }
    if (n < BUFFER_BYTES)
      return;
  }
}

static void
pump (Sink *sink, int timeout_ms)
{
  struct epoll_event events[512];
  int n = epoll_wait (sink->epoll, events, 512, timeout_ms);

  for (int i = 0; i < n; i++) {
    Connection *connection = &sink->connections[events[i].data.u64];
    if (connection->fd >= 0)
      drain (sink, connection);
  }
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return x < y ? -1 : x > y;
}

static void
print_result (const Sink *sink)
{
  double *first_ms = calloc (sink->n + 1, sizeof *first_ms);
  size_t n = 0, failed = 0;
  int64_t silence_us = 0;

  for (size_t i = 0; i < sink->n; i++) {
    const Connection *connection = &sink->connections[i];
    failed += connection->has_failed || !connection->has_body;
    if (connection->silence_us > silence_us)
      silence_us = connection->silence_us;
    if (connection->has_body)
      first_ms[n++] = (double)(connection->first_us - connection->asked_us) / 1000;
  }
  qsort (first_ms, n, sizeof *first_ms, compare);
  printf (
      "{\"bytes\": %llu, \"failed\": %zu, \"silence_ms\": %.1f, \"first_byte_ms\": {\"p50\": %.3f, \"p99\": %.3f, \"max\": %.3f}}\n",
      (unsigned long long)sink->bytes,
      failed,
      (double)silence_us / 1000,
      n ? first_ms[n / 2] : -1,
      n ? first_ms[n * 99 / 100] : -1,
      n ? first_ms[n - 1] : -1);
  free (first_ms);
}

static void
parse (Sink *sink, int argc, char *argv[])
{
  for (int i = 1; i + 1 < argc; i += 2) {
    if (strcmp (argv[i], "--port") == 0)
      sink->port = (unsigned)atoi (argv[i + 1]);
    else if (strcmp (argv[i], "--seconds") == 0)
      sink->seconds = atof (argv[i + 1]);
    else if (strcmp (argv[i], "--stagger-ms") == 0)
      sink->stagger_ms = (unsigned)atoi (argv[i + 1]);
  }
}

int
main (int argc, char *argv[])
{
  Sink sink = { .seconds = 10 };
  char path[1024];

  parse (&sink, argc, argv);
  sink.epoll = epoll_create1 (EPOLL_CLOEXEC);
  sink.connections = calloc (MAX_CONNECTIONS, sizeof *sink.connections);
  sink.buffer = malloc (BUFFER_BYTES);
  while (sink.n < MAX_CONNECTIONS && fgets (path, sizeof path, stdin)) {
    path[strcspn (path, "\r\n")] = '\0';
    if (*path)
      open_one (&sink, sink.n++, path);
    pump (&sink, (int)sink.stagger_ms);
  }
  int64_t end_us = now_us () + (int64_t)(sink.seconds * 1e6);
  while (now_us () < end_us) {
    bool all_started = true;
    for (size_t i = 0; i < sink.n && all_started; i++)
      all_started = sink.connections[i].has_body || sink.connections[i].has_failed;
    pump (&sink, 20);
    /* First bytes are noticed at once; later reads are gathered. */
    if (all_started)
      usleep (REST_US);
  }
  print_result (&sink);
  return 0;
}

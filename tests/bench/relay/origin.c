/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench-net.h"
#include "ts-builder.h"

#include <errno.h>
#include <poll.h>

/* An HTTP server of transport streams, the same one for every path: `origin PORT KBPS [FILE]`.
 * KBPS 0 = as fast as it goes. Without FILE the stream is made up: tables, a random access point
 * each second, counters that fit when it loops. With FILE that is sent once. */
#define TICK_MS 5
/* Media that a new client gets at once. */
#define LEAD_US        20000
#define PICTURES_PER_S 25u
#define LOOP_S         16u /* counters are modulo 16: every PID fits again after 16 equal seconds */
#define MAX_CLIENTS    4096

typedef struct {
  int fd;
  int64_t begun_us;
  uint64_t sent;
} Client;

typedef struct {
  TsBuilder clip;
  bool is_once;
  uint64_t bytes_per_s; /* 0 = unpaced */
  Client clients[MAX_CLIENTS];
  unsigned n_clients;
} Origin;

static const char head[] = "HTTP/1.0 200 OK\r\nContent-Type: video/mp2t\r\n\r\n";

static void
make_clip (Origin *origin, unsigned kbps)
{
  size_t packets = (size_t)kbps * 1000 / 8 / PICTURES_PER_S / FORGE_TS_PACKET_BYTES;

  for (unsigned s = 0; s < LOOP_S; s++)
    ts_gop (&origin->clip, (uint64_t)s * FORGE_TS_CLOCK_HZ, PICTURES_PER_S, packets ? packets : 1);
}

static void
load_clip (Origin *origin, const char *path)
{
  FILE *file = fopen (path, "rb");
  uint8_t block[65536];
  size_t n;

  if (!file)
    bench_die (path);
  while ((n = fread (block, 1, sizeof block, file)) > 0)
    ts_append (&origin->clip, block, n);
  fclose (file);
  origin->is_once = true;
}

static void
accept_clients (Origin *origin, int listener)
{
  int fd;

  while ((fd = accept4 (listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
    if (origin->n_clients == MAX_CLIENTS || send (fd, head, sizeof head - 1, MSG_NOSIGNAL) < 0) {
      close (fd);
      continue;
    }
    origin->clients[origin->n_clients++] =
        (Client){ .fd = fd, .begun_us = bench_now_us () - LEAD_US };
  }
}

/* Bytes that are due now. */
static size_t
count_due (const Origin *origin, const Client *client)
{
  uint64_t due = client->sent + (1u << 20);

  if (origin->bytes_per_s)
    due = (uint64_t)(bench_now_us () - client->begun_us) * origin->bytes_per_s / 1000000;
  if (origin->is_once && due > origin->clip.size)
    due = origin->clip.size;
  return due > client->sent ? (size_t)(due - client->sent) : 0;
}

/* False when the client is done with. */
static bool
serve_client (const Origin *origin, Client *client)
{
  for (size_t due = count_due (origin, client); due > 0;) {
    size_t at = (size_t)(client->sent % origin->clip.size);
    size_t size = origin->clip.size - at < due ? origin->clip.size - at : due;
    ssize_t n = send (client->fd, origin->clip.bytes + at, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0)
      return errno == EAGAIN;
    client->sent += (uint64_t)n;
    due -= (size_t)n;
    if ((size_t)n < size)
      break;
  }
  return !origin->is_once || client->sent < origin->clip.size;
}

static void
serve_clients (Origin *origin)
{
  for (unsigned i = 0; i < origin->n_clients; i++) {
    if (serve_client (origin, &origin->clients[i]))
      continue;
    /* Read the request away, or closing would reset the connection and lose the tail. */
    char request[4096];
    shutdown (origin->clients[i].fd, SHUT_WR);
    while (recv (origin->clients[i].fd, request, sizeof request, MSG_DONTWAIT) > 0)
      continue;
    close (origin->clients[i].fd);
    origin->clients[i--] = origin->clients[--origin->n_clients];
  }
}

int
main (int argc, char *argv[])
{
  Origin *origin = calloc (1, sizeof *origin);

  if (argc < 3 || !origin) {
    fprintf (stderr, "usage: origin PORT KBPS [FILE]\n");
    return 2;
  }
  unsigned kbps = (unsigned)atoi (argv[2]);
  bench_raise_limits ();
  if (argc > 3)
    load_clip (origin, argv[3]);
  else
    make_clip (origin, kbps ? kbps : 8000);
  origin->bytes_per_s = (uint64_t)kbps * 125;
  int listener = bench_listen ((unsigned)atoi (argv[1]));
  fcntl (listener, F_SETFL, O_NONBLOCK);
  for (;;) {
    accept_clients (origin, listener);
    serve_clients (origin);
    struct pollfd wait = { .fd = listener, .events = POLLIN };
    bool is_paced = origin->bytes_per_s || origin->n_clients == 0;
    poll (&wait, 1, is_paced ? TICK_MS : 0);
  }
}

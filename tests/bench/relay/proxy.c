/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench-net.h"
#include "relay/forge-relay.h"

#include <poll.h>
#include <pthread.h>
#include <stdbool.h>

/* The relay behind the smallest HTTP front that does: `proxy PORT ORIGIN_PORT [WORKERS]`. Viewers
 * of the same path share a feed; it is closed when its source or its last viewer is gone. */
#define MAX_PATHS  4096
#define HEAD_BYTES 8192

typedef struct {
  ForgeRelay *relay;
  unsigned origin_port;
  pthread_mutex_t lock;
  struct {
    ForgeFeedId feed;
    unsigned viewers;
  } paths[MAX_PATHS];
} Proxy;

static void
on_event (const ForgeRelayEvent *event, void *user_data)
{
  Proxy *proxy = user_data;
  bool is_viewer = event->type == FORGE_RELAY_VIEWER_GONE;

  if (!is_viewer && event->type != FORGE_RELAY_SOURCE_LOST)
    return;
  pthread_mutex_lock (&proxy->lock);
  for (unsigned i = 0; i < MAX_PATHS; i++) {
    if (proxy->paths[i].feed != event->feed)
      continue;
    if (!is_viewer || --proxy->paths[i].viewers == 0) {
      proxy->paths[i].feed = 0;
      forge_relay_close_feed (proxy->relay, event->feed);
    }
    break;
  }
  pthread_mutex_unlock (&proxy->lock);
}

/* Reads up to and with the empty line and what happens to follow. Returns the bytes read, 0 on
 * failure; `head_bytes` = where the body begins. */
static size_t
read_head (int fd, char *bytes, size_t *head_bytes)
{
  size_t n = 0;

  while (n < HEAD_BYTES - 1) {
    ssize_t got = recv (fd, bytes + n, HEAD_BYTES - 1 - n, 0);
    if (got <= 0)
      return 0;
    n += (size_t)got;
    bytes[n] = 0;
    const char *end = memmem (bytes, n, "\r\n\r\n", 4);
    if (end) {
      *head_bytes = (size_t)(end - bytes) + 4;
      return n;
    }
  }
  return 0;
}

/* Connects the origin to a new feed. */
static void
open_source (Proxy *proxy, ForgeFeedId feed, unsigned path)
{
  char head[HEAD_BYTES];
  size_t body_at = 0;
  int fd = bench_get (proxy->origin_port, path);
  size_t n = read_head (fd, head, &body_at);

  fcntl (fd, F_SETFL, O_NONBLOCK);
  forge_relay_set_source (proxy->relay,
                          feed,
                          &(ForgeSourceSpec){ .bytes = { .fd = fd },
                                              .leftover = (uint8_t *)head + body_at,
                                              .leftover_bytes = n - body_at });
}

static void
add_viewer (Proxy *proxy, int client, unsigned path)
{
  static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\n\r\n";
  const ForgeFeedOptions options = { .stall_ms = 3000, .viewer_timeout_ms = 30000 };

  pthread_mutex_lock (&proxy->lock);
  ForgeFeedId feed = proxy->paths[path].feed;
  bool is_new = feed == 0;
  if (is_new)
    feed = proxy->paths[path].feed = forge_relay_open_feed (proxy->relay, &options);
  proxy->paths[path].viewers = is_new ? 1 : proxy->paths[path].viewers + 1;
  forge_relay_add_viewer (
      proxy->relay,
      feed,
      &(ForgeViewerSpec){ .fd = client, .head = head, .head_bytes = sizeof head - 1 });
  pthread_mutex_unlock (&proxy->lock);
  if (is_new)
    open_source (proxy, feed, path);
}

typedef struct {
  Proxy *proxy;
  int fd;
} Client;

/* A thread for each request, until its connection is the relay's. */
static void *
serve_client (void *data)
{
  Client client = *(Client *)data;
  char request[HEAD_BYTES];
  size_t end;
  unsigned path;

  free (data);
  if (!read_head (client.fd, request, &end) || sscanf (request, "GET /%u", &path) != 1 ||
      path >= MAX_PATHS)
    close (client.fd);
  else
    add_viewer (client.proxy, client.fd, path);
  return NULL;
}

static void
serve (Proxy *proxy, int fd)
{
  Client *client = malloc (sizeof *client);
  pthread_t thread;

  if (!client)
    bench_die ("malloc");
  *client = (Client){ proxy, fd };
  if (pthread_create (&thread, NULL, serve_client, client) != 0)
    bench_die ("thread");
  pthread_detach (thread);
}

int
main (int argc, char *argv[])
{
  static Proxy proxy;

  if (argc < 3) {
    fprintf (stderr, "usage: proxy PORT ORIGIN_PORT [WORKERS]\n");
    return 2;
  }
  bench_raise_limits ();
  pthread_mutex_init (&proxy.lock, NULL);
  proxy.origin_port = (unsigned)atoi (argv[2]);
  proxy.relay =
      forge_relay_new (&(ForgeRelayConfig){ .workers = argc > 3 ? (unsigned)atoi (argv[3]) : 0,
                                            .event = on_event,
                                            .user_data = &proxy });
  if (!proxy.relay)
    bench_die ("relay");
  int listener = bench_listen ((unsigned)atoi (argv[1]));
  for (int fd; (fd = accept4 (listener, NULL, NULL, SOCK_CLOEXEC)) >= 0;)
    serve (&proxy, fd);
  forge_relay_free (proxy.relay);
  return 1;
}

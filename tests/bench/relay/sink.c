/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench-net.h"

#include <stdbool.h>
#include <sys/epoll.h>

/* Opens streams, reads them for a while and prints JSON: `sink PORT VIEWERS CHANNELS SECONDS
 * [PID]`. Viewer i asks for path i % CHANNELS. With PID: the CPU time that process used meanwhile.
 */
#define MAX_VIEWERS  4096
#define WARM_UP_US   2000000
#define READ_BYTES   (256u * 1024u)
#define DRAIN_EVENTS 256

typedef struct {
  int fd;
  int64_t asked_us, first_us;
  uint64_t bytes, counted;
} Viewer;

/* User and system time of a process and, while they live, its children are not included. */
static double
cpu_seconds (long pid)
{
  char path[64], line[1024];
  unsigned long user = 0, system = 0;

  snprintf (path, sizeof path, "/proc/%ld/stat", pid);
  FILE *file = pid > 0 ? fopen (path, "r") : NULL;
  if (!file)
    return 0;
  if (fgets (line, sizeof line, file)) {
    const char *after = strrchr (line, ')');
    if (after)
      sscanf (after + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
  }
  fclose (file);
  return (double)(user + system) / (double)sysconf (_SC_CLK_TCK);
}

static int
compare_times (const void *a, const void *b)
{
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

  return x < y ? -1 : x > y;
}

static bool
read_viewer (Viewer *viewer, uint8_t *block)
{
  ssize_t n = recv (viewer->fd, block, READ_BYTES, MSG_DONTWAIT);

  if (n <= 0)
    return n < 0;
  if (viewer->first_us == 0)
    viewer->first_us = bench_now_us ();
  viewer->bytes += (uint64_t)n;
  return true;
}

static void
run_until (int epoll_fd, uint8_t *block, int64_t until_us)
{
  struct epoll_event events[DRAIN_EVENTS];

  for (int64_t now_us; (now_us = bench_now_us ()) < until_us;) {
    int n = epoll_wait (epoll_fd, events, DRAIN_EVENTS, (int)((until_us - now_us) / 1000) + 1);
    for (int i = 0; i < n; i++) {
      Viewer *viewer = events[i].data.ptr;
      if (read_viewer (viewer, block))
        continue;
      epoll_ctl (epoll_fd, EPOLL_CTL_DEL, viewer->fd, NULL);
      fprintf (stderr, "stream ended after %llu bytes\n", (unsigned long long)viewer->bytes);
    }
    usleep (2000); /* a player does not read each segment either */
  }
}

static void
report (Viewer *viewers, unsigned n, double seconds, double cpu_s)
{
  int64_t first[MAX_VIEWERS];
  uint64_t total = 0, least = UINT64_MAX;
  unsigned silent = 0;

  for (unsigned i = 0; i < n; i++) {
    uint64_t bytes = viewers[i].bytes - viewers[i].counted;
    first[i] = viewers[i].first_us ? viewers[i].first_us - viewers[i].asked_us : INT64_MAX;
    silent += viewers[i].first_us == 0;
    total += bytes;
    least = bytes < least ? bytes : least;
  }
  qsort (first, n, sizeof first[0], compare_times);
  printf ("{\"viewers\":%u,\"silent\":%u,\"gbytes\":%.3f,\"mbit_s\":%.1f,\"least_mbit_s\":%.2f,"
          "\"first_ms\":{\"median\":%.1f,\"max\":%.1f},\"cpu_s\":%.2f,\"cpu_s_per_gb\":%.3f}\n",
          n,
          silent,
          (double)total / 1e9,
          (double)total * 8 / seconds / 1e6,
          (double)least * 8 / seconds / 1e6,
          (double)first[n / 2] / 1000,
          (double)first[n - 1] / 1000,
          cpu_s,
          total ? cpu_s / ((double)total / 1e9) : 0);
}

int
main (int argc, char *argv[])
{
  static Viewer viewers[MAX_VIEWERS];
  uint8_t *block = malloc (READ_BYTES);

  if (argc < 5 || !block) {
    fprintf (stderr, "usage: sink PORT VIEWERS CHANNELS SECONDS [PID]\n");
    return 2;
  }
  unsigned port = (unsigned)atoi (argv[1]), n = (unsigned)atoi (argv[2]);
  unsigned channels = (unsigned)atoi (argv[3]);
  double seconds = atof (argv[4]);
  long pid = argc > 5 ? atol (argv[5]) : 0;
  int epoll_fd = epoll_create1 (EPOLL_CLOEXEC);

  bench_raise_limits ();
  if (n == 0 || n > MAX_VIEWERS || channels == 0)
    return 2;
  for (unsigned i = 0; i < n; i++) {
    viewers[i].asked_us = bench_now_us ();
    viewers[i].fd = bench_get (port, i % channels);
    struct epoll_event want = { .events = EPOLLIN, .data.ptr = &viewers[i] };
    epoll_ctl (epoll_fd, EPOLL_CTL_ADD, viewers[i].fd, &want);
    run_until (epoll_fd, block, bench_now_us () + 1);
  }
  run_until (epoll_fd, block, bench_now_us () + WARM_UP_US);
  for (unsigned i = 0; i < n; i++)
    viewers[i].counted = viewers[i].bytes;
  double cpu_before = cpu_seconds (pid);
  int64_t begun_us = bench_now_us ();
  run_until (epoll_fd, block, begun_us + (int64_t)(seconds * 1e6));
  double took = (double)(bench_now_us () - begun_us) / 1e6;
  report (viewers, n, took, cpu_seconds (pid) - cpu_before);
  free (block);
  return 0;
}

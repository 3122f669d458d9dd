/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "relay/forge-pump.h"

#include <glib.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LENGTH  (3 * 1000 * 1000)
#define HEAD    "HTTP/1.1 200 OK\r\n\r\n"
#define WAIT_MS 30000

/* Events, in the order in which they came. POSIX locks, because ThreadSanitizer cannot see GLib's.
 */
typedef struct {
  pthread_mutex_t lock;
  pthread_cond_t came;
  GQueue queue; /* of ForgePumpEvent* */
} Events;

typedef struct {
  ForgePump *pump;
  Events events;
  guint8 *file;
} Fixture;

static void
on_event (const ForgePumpEvent *event, void *user_data)
{
  Events *events = user_data;

  pthread_mutex_lock (&events->lock);
  g_queue_push_tail (&events->queue, g_memdup2 (event, sizeof *event));
  pthread_cond_signal (&events->came);
  pthread_mutex_unlock (&events->lock);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  pthread_mutex_init (&fixture->events.lock, NULL);
  pthread_cond_init (&fixture->events.came, NULL);
  g_queue_init (&fixture->events.queue);
  const ForgePumpConfig config = { .workers = 2,
                                   .source_idle_ms = GPOINTER_TO_UINT (data),
                                   .client_idle_ms = WAIT_MS,
                                   .event = on_event,
                                   .user_data = &fixture->events };
  fixture->pump = forge_pump_new (&config);
  fixture->file = g_malloc (LENGTH);
  for (guint i = 0; i < LENGTH; i++)
    fixture->file[i] = (guint8)(i * 7 + i / 251);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  if (fixture->pump)
    forge_pump_free (fixture->pump);
  g_queue_clear_full (&fixture->events.queue, g_free);
  pthread_cond_destroy (&fixture->events.came);
  pthread_mutex_destroy (&fixture->events.lock);
  g_free (fixture->file);
}

static ForgePumpEvent
expect (Fixture *fixture, ForgePumpEventKind kind)
{
  Events *events = &fixture->events;
  struct timespec end;
  int error = 0;

  clock_gettime (CLOCK_REALTIME, &end);
  end.tv_sec += WAIT_MS / 1000;
  pthread_mutex_lock (&events->lock);
  while (g_queue_is_empty (&events->queue) && error == 0)
    error = pthread_cond_timedwait (&events->came, &events->lock, &end);
  g_autofree ForgePumpEvent *event = g_queue_pop_head (&events->queue);
  pthread_mutex_unlock (&events->lock);
  g_assert_nonnull (event);
  g_assert_cmpint (event->kind, ==, kind);
  return *event;
}

static void
make_pair (int *ours, int *theirs)
{
  int pair[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  *ours = pair[0];
  *theirs = pair[1];
  fcntl (*ours, F_SETFL, fcntl (*ours, F_GETFL) | O_NONBLOCK);
}

/* Writes on a thread of its own, then closes. */
typedef struct {
  int fd;
  GBytes *bytes;
} Writer;

static gpointer
write_all (gpointer data)
{
  Writer *writer = data;
  gsize size;
  const char *at = g_bytes_get_data (writer->bytes, &size);

  while (size > 0) {
    ssize_t n = send (writer->fd, at, size, MSG_NOSIGNAL);
    if (n <= 0)
      break;
    at += n;
    size -= (gsize)n;
  }
  close (writer->fd);
  g_bytes_unref (writer->bytes);
  g_free (writer);
  return NULL;
}

static GThread *
write_later (int fd, gconstpointer data, gsize size)
{
  Writer *writer = g_new (Writer, 1);

  *writer = (Writer){ fd, g_bytes_new (data, size) };
  return g_thread_new ("writer", write_all, writer);
}

static gpointer
read_all (gpointer data)
{
  int fd = GPOINTER_TO_INT (data);
  GByteArray *out = g_byte_array_new ();
  guint8 buffer[50000];

  for (;;) {
    struct pollfd ready = { .fd = fd, .events = POLLIN };
    g_assert_cmpint (poll (&ready, 1, WAIT_MS), ==, 1);
    ssize_t n = recv (fd, buffer, sizeof buffer, 0);
    if (n <= 0)
      break;
    g_byte_array_append (out, buffer, (guint)n);
  }
  close (fd);
  return out;
}

static void
assert_file (const GByteArray *got, const guint8 *file, gsize length)
{
  g_assert_cmpuint (got->len, ==, strlen (HEAD) + length);
  g_assert_cmpint (memcmp (got->data, HEAD, strlen (HEAD)), ==, 0);
  g_assert_cmpint (memcmp (got->data + strlen (HEAD), file, length), ==, 0);
}

static ForgePumpId
start (Fixture *fixture, int client, int source, gint64 length, const guint8 *leftover, gsize n)
{
  const ForgePumpSpec spec = {
    .client_fd = client,
    .head = HEAD,
    .head_bytes = strlen (HEAD),
    .length = length,
    .source = { .bytes = { .fd = source }, .leftover = leftover, .leftover_bytes = n }
  };
  ForgePumpId id = forge_pump_start (fixture->pump, &spec);

  g_assert_cmpuint (id, !=, 0);
  return id;
}

static void
test_whole (Fixture *fixture, gconstpointer data)
{
  int client, reader, source, writer;

  make_pair (&client, &reader);
  make_pair (&source, &writer);
  /* more than the length: the rest is not the file's */
  GThread *thread = write_later (writer, fixture->file + 100, LENGTH - 100);
  start (fixture, client, source, LENGTH - 50, fixture->file, 100);
  g_autoptr (GByteArray) got = read_all (GINT_TO_POINTER (reader));
  assert_file (got, fixture->file, LENGTH - 50);
  expect (fixture, FORGE_PUMP_SOURCE_CLOSED);
  ForgePumpEvent done = expect (fixture, FORGE_PUMP_DONE);
  g_assert_cmpuint (done.received, ==, LENGTH - 50);
  g_assert_cmpuint (done.sent, ==, strlen (HEAD) + LENGTH - 50);
  g_thread_join (thread);
}

/* Lost four times in the middle; once the next source begins too early and is skipped into. */
static void
test_resumed (Fixture *fixture, gconstpointer data)
{
  int client, reader, source, writer;
  GPtrArray *threads = g_ptr_array_new ();

  make_pair (&client, &reader);
  make_pair (&source, &writer);
  g_ptr_array_add (threads, write_later (writer, fixture->file, 700001));
  ForgePumpId id = start (fixture, client, source, LENGTH, NULL, 0);
  GThread *collector = g_thread_new ("reader", read_all, GINT_TO_POINTER (reader));
  for (guint i = 0; i < 4; i++) {
    ForgePumpEvent lost = expect (fixture, FORGE_PUMP_SOURCE_LOST);
    guint64 skip = i == 1 ? 5000 : 0, from = lost.received - skip;
    guint64 n = i == 3 ? LENGTH - from : 500000 + skip;
    make_pair (&source, &writer);
    g_ptr_array_add (threads, write_later (writer, fixture->file + from + 10, n - 10));
    const ForgePumpSource next = { .bytes = { .fd = source },
                                   .leftover = fixture->file + from,
                                   .leftover_bytes = 10,
                                   .skip = skip };
    forge_pump_resume (fixture->pump, id, &next);
  }
  g_autoptr (GByteArray) got = g_thread_join (collector);
  assert_file (got, fixture->file, LENGTH);
  expect (fixture, FORGE_PUMP_SOURCE_CLOSED);
  expect (fixture, FORGE_PUMP_DONE);
  for (guint i = 0; i < threads->len; i++)
    g_thread_join (g_ptr_array_index (threads, i));
  g_ptr_array_unref (threads);
}

static void
test_given_up (Fixture *fixture, gconstpointer data)
{
  int client, reader, source, writer;

  make_pair (&client, &reader);
  make_pair (&source, &writer);
  GThread *thread = write_later (writer, fixture->file, 1000);
  ForgePumpId id = start (fixture, client, source, LENGTH, NULL, 0);
  ForgePumpEvent lost = expect (fixture, FORGE_PUMP_SOURCE_LOST);
  g_assert_cmpint (lost.error, ==, 0);
  g_assert_cmpuint (lost.received, ==, 1000);
  forge_pump_end (fixture->pump, id);
  expect (fixture, FORGE_PUMP_ENDED);
  g_autoptr (GByteArray) got = read_all (GINT_TO_POINTER (reader));
  g_assert_cmpuint (got->len, <=, strlen (HEAD) + 1000);
  g_thread_join (thread);
}

/* Every chunk whole, and the last one there. */
static char *
unframe (const GByteArray *got)
{
  g_autofree char *text = g_strndup ((const char *)got->data, got->len);
  GString *out = g_string_new (NULL);
  char *at = text + strlen (HEAD);

  for (;;) {
    gsize size = g_ascii_strtoull (at, &at, 16);
    g_assert_true (g_str_has_prefix (at, "\r\n"));
    g_string_append_len (out, at + 2, (gssize)size);
    at += 2 + size;
    g_assert_true (g_str_has_prefix (at, "\r\n"));
    at += 2;
    if (size == 0)
      break;
  }
  g_assert_cmpstr (at, ==, "");
  return g_string_free (out, FALSE);
}

static void
test_chunked (Fixture *fixture, gconstpointer data)
{
  int client, reader, source, writer;
  const char *coded = "5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nT: r\r\n\r\njunk";

  for (guint cut = 0; cut < strlen (coded) - 4; cut++) {
    make_pair (&client, &reader);
    make_pair (&source, &writer);
    GThread *thread = write_later (writer, coded + cut, strlen (coded) - cut);
    const ForgePumpSpec spec = { .client_fd = client,
                                 .head = HEAD,
                                 .head_bytes = strlen (HEAD),
                                 .length = -1,
                                 .send_chunked = true,
                                 .source = { .bytes = { .fd = source },
                                             .is_chunked = true,
                                             .leftover = (const guint8 *)coded,
                                             .leftover_bytes = cut } };
    forge_pump_start (fixture->pump, &spec);
    g_autoptr (GByteArray) got = read_all (GINT_TO_POINTER (reader));
    g_autofree char *plain = unframe (got);
    g_assert_cmpstr (plain, ==, "hello world");
    expect (fixture, FORGE_PUMP_SOURCE_CLOSED);
    expect (fixture, FORGE_PUMP_DONE);
    g_thread_join (thread);
  }
}

/* Half a chunked body is no body. */
static void
test_chunked_cut_off (Fixture *fixture, gconstpointer data)
{
  int client, reader, source, writer;

  make_pair (&client, &reader);
  make_pair (&source, &writer);
  GThread *thread = write_later (writer, "5\r\nhel", 6);
  const ForgePumpSpec spec = { .client_fd = client,
                               .head = HEAD,
                               .head_bytes = strlen (HEAD),
                               .length = -1,
                               .source = { .bytes = { .fd = source }, .is_chunked = true } };
  forge_pump_start (fixture->pump, &spec);
  ForgePumpEvent lost = expect (fixture, FORGE_PUMP_SOURCE_LOST);
  g_assert_cmpuint (lost.received, ==, 3);
  close (reader);
  expect (fixture, FORGE_PUMP_ENDED);
  g_thread_join (thread);
}

static void
test_client_leaves (Fixture *fixture, gconstpointer data)
{
  int client, reader, source, writer;
  char byte;

  make_pair (&client, &reader);
  make_pair (&source, &writer);
  start (fixture, client, source, LENGTH, NULL, 0);
  close (reader);
  expect (fixture, FORGE_PUMP_ENDED);
  struct pollfd end = { .fd = writer, .events = POLLIN };
  g_assert_cmpint (poll (&end, 1, WAIT_MS), ==, 1);
  g_assert_cmpint (recv (writer, &byte, 1, 0), ==, 0);
  close (writer);
}

/* Live TV wants the connection: closed at once, whatever the client does; then it goes on. */
static void
test_dropped (Fixture *fixture, gconstpointer data)
{
  int client, reader, source, writer;
  char byte;

  make_pair (&client, &reader);
  make_pair (&source, &writer);
  ForgePumpId id = start (fixture, client, source, LENGTH, fixture->file, 1000);
  forge_pump_drop_source (fixture->pump, id);
  ForgePumpEvent closed = expect (fixture, FORGE_PUMP_SOURCE_CLOSED);
  struct pollfd end = { .fd = writer, .events = POLLIN };
  g_assert_cmpint (poll (&end, 1, WAIT_MS), ==, 1);
  g_assert_cmpint (recv (writer, &byte, 1, 0), ==, 0);
  close (writer);
  make_pair (&source, &writer);
  GThread *thread = write_later (writer, fixture->file + closed.received, LENGTH - closed.received);
  const ForgePumpSource next = { .bytes = { .fd = source } };
  forge_pump_resume (fixture->pump, id, &next);
  g_autoptr (GByteArray) got = read_all (GINT_TO_POINTER (reader));
  assert_file (got, fixture->file, LENGTH);
  g_thread_join (thread);
}

static void
test_silent (Fixture *fixture, gconstpointer data)
{
  int client, reader, source, writer;

  make_pair (&client, &reader);
  make_pair (&source, &writer);
  start (fixture, client, source, LENGTH, fixture->file, 1000);
  ForgePumpEvent lost = expect (fixture, FORGE_PUMP_SOURCE_LOST);
  g_assert_cmpint (lost.error, ==, ETIMEDOUT);
  g_assert_cmpuint (lost.received, ==, 1000);
  close (reader);
  close (writer);
  expect (fixture, FORGE_PUMP_ENDED);
}

/* A client that does not read: the source is held up, nothing is piled up, nothing is lost. */
static void
test_slow_client (Fixture *fixture, gconstpointer data)
{
  int client, reader, source, writer;

  make_pair (&client, &reader);
  make_pair (&source, &writer);
  fcntl (writer, F_SETFL, O_NONBLOCK);
  start (fixture, client, source, -1, NULL, 0);
  gsize taken = 0;
  struct pollfd room = { .fd = writer, .events = POLLOUT };
  /* until everything between is full for a whole second */
  while (poll (&room, 1, 1000) == 1 && taken < 20 * LENGTH) {
    ssize_t n = send (writer, fixture->file, 10000, MSG_NOSIGNAL);
    taken += n > 0 ? (gsize)n : 0;
  }
  g_assert_cmpuint (taken, <, 4 * 1024 * 1024);
  close (writer);
  g_autoptr (GByteArray) got = read_all (GINT_TO_POINTER (reader));
  g_assert_cmpuint (got->len, ==, strlen (HEAD) + taken);
}

static void
test_freed_while_flowing (Fixture *fixture, gconstpointer data)
{
  int client, reader, source, writer;

  make_pair (&client, &reader);
  make_pair (&source, &writer);
  start (fixture, client, source, LENGTH, fixture->file, 1000);
  forge_pump_free (g_steal_pointer (&fixture->pump));
  expect (fixture, FORGE_PUMP_ENDED);
  close (reader);
  close (writer);
}

#define ADD(name, idle_ms, func) \
  g_test_add ("/relay/pump/" name, Fixture, GUINT_TO_POINTER (idle_ms), set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("whole-file", WAIT_MS, test_whole);
  ADD ("resumed-byte-for-byte", WAIT_MS, test_resumed);
  ADD ("given-up", WAIT_MS, test_given_up);
  ADD ("chunked", WAIT_MS, test_chunked);
  ADD ("chunked-cut-off", WAIT_MS, test_chunked_cut_off);
  ADD ("client-leaves", WAIT_MS, test_client_leaves);
  ADD ("dropped-for-live", WAIT_MS, test_dropped);
  ADD ("silent-source", 300, test_silent);
  ADD ("slow-client", WAIT_MS, test_slow_client);
  ADD ("freed-while-flowing", WAIT_MS, test_freed_while_flowing);
  return g_test_run ();
}

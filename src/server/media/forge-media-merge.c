/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-server"
#include "config.h"

#include "base/forge-error.h"
#include "formats/forge-mp4-front.h"
#include "net/forge-remux.h"
#include "server/media/forge-media-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/**
 * ForgeMediaMerge: picture and sound that a site keeps apart, as one file. Both are bodies like any
 * other – opened through the guard, opened again where they broke off – whose client is an
 * installed ffmpeg; what it prints is the source of the body that the real client gets.
 *
 *   picture ─▶ pump ─▶ socket ─┐
 *                              ├─▶ ffmpeg ─▶ socket ─▶ pump ─▶ client
 *   sound ───▶ pump ─▶ socket ─┘
 *
 * Nothing is written to a disk; a client that takes nothing stops all of it. It is killed with its
 * client, and before an input that cannot go on is closed: a file that was cut short must not look
 * whole.
 */

#define PICTURE    0
#define SOUND      1
#define INPUTS     2
#define PEEK_BYTES 4096u
#define PEEK_MS    10000u
#define INDEX_MS   20000u

struct _ForgeMediaMerge {
  gatomicrefcount ref_count; /* one for each body, one for the source of the output */
  ForgeMediaService *service;
  ForgeRemux *remux;
  int out_fd;                     /* our end of what it prints; the output's source owns it */
  ForgeMediaBody *inputs[INPUTS]; /* until they are started. Role: control, after start () */
  int feeds[INPUTS];
};

/* ---- places ---- */

static gboolean
take_place (ForgeMediaService *service, GError **error)
{
  g_mutex_lock (&service->lock);
  gboolean may = service->merges < FORGE_MEDIA_MAX_MERGES;
  service->merges += may;
  g_mutex_unlock (&service->lock);
  if (may)
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_LIMIT,
               "Picture and sound are being joined for %u clients already; try again when one is "
               "finished",
               FORGE_MEDIA_MAX_MERGES);
  return FALSE;
}

static void
give_place (ForgeMediaService *service)
{
  g_mutex_lock (&service->lock);
  service->merges--;
  g_mutex_unlock (&service->lock);
}

/* ---- life ---- */

void
forge_media_merge_reap (gpointer data, gpointer unused)
{
  forge_remux_free (data);
}

ForgeMediaMerge *
forge_media_merge_ref (ForgeMediaMerge *merge)
{
  g_atomic_ref_count_inc (&merge->ref_count);
  return merge;
}

/* Waiting for the end of a process is the reapers' work. */
void
forge_media_merge_unref (ForgeMediaMerge *merge)
{
  if (!g_atomic_ref_count_dec (&merge->ref_count))
    return;
  if (merge->remux)
    g_thread_pool_push (merge->service->reapers, merge->remux, NULL);
  for (guint i = 0; i < INPUTS; i++)
    if (merge->feeds[i] >= 0)
      close (merge->feeds[i]);
  if (merge->out_fd >= 0)
    close (merge->out_fd);
  give_place (merge->service);
  g_free (merge);
}

void
forge_media_merge_kill (ForgeMediaMerge *merge)
{
  if (merge->remux)
    forge_remux_kill (merge->remux);
}

void
forge_media_merge_start (ForgeMediaMerge *merge)
{
  for (guint i = 0; i < INPUTS; i++) {
    int fd = merge->feeds[i];
    merge->feeds[i] = -1;
    forge_media_body_feed (g_steal_pointer (&merge->inputs[i]), fd);
  }
}

void
forge_media_merge_abandon (ForgeMediaMerge *merge)
{
  forge_media_merge_kill (merge);
  for (guint i = 0; i < INPUTS; i++)
    g_clear_pointer (&merge->inputs[i], forge_media_body_discard);
}

/* ---- what it prints, as a source ---- */

/* Its end is only good if it says so; between the two it is a matter of microseconds. */
static ssize_t
read_output (void *context, void *buffer, size_t size)
{
  ForgeMediaMerge *merge = context;
  ssize_t n = recv (merge->out_fd, buffer, size, 0);

  if (n != 0)
    return n;
  switch (forge_remux_look (merge->remux)) {
  case FORGE_REMUX_DONE:
    return 0;
  case FORGE_REMUX_RUNNING:
    errno = EAGAIN;
    return -1;
  case FORGE_REMUX_FAILED:
  default:
    errno = EIO;
    return -1;
  }
}

static bool
has_buffered (void *context)
{
  return false;
}

static void
close_output (void *context)
{
  ForgeMediaMerge *merge = context;

  close (merge->out_fd);
  merge->out_fd = -1;
  forge_media_merge_unref (merge);
}

static const ForgeByteSourceOps output_ops = { read_output, has_buffered, close_output };

/* ---- starting ---- */

typedef struct {
  ForgeMediaService *service;
  const ForgeMediaMergeWish *wish;
  ForgeMediaWish wishes[INPUTS];
  ForgeMediaOpened opened[INPUTS];
  ForgeRemuxInput inputs[INPUTS];
  ForgeMediaInput parts[INPUTS];
  GCancellable *cancellable;
} Start;

static ForgeMediaWish
input_wish (const ForgeMediaMergeWish *merge, guint n)
{
  const ForgeMediaWish *whole = merge->whole;
  ForgeMediaWish wish = { .client = g_strdup (whole->client),
                          .request_id = g_strdup (whole->request_id),
                          .is_watched = whole->is_watched };

  forge_media_wish_site (&wish, merge->urls[n], merge->page, merge->ids[n]);
  return wish;
}

static gboolean
refuse (GError **error, const char *text)
{
  g_set_error_literal (error, FORGE_ERROR, FORGE_ERROR_INVALID, text);
  return FALSE;
}

/* What stands behind the media, over a connection of its own. (transfer full) */
static GBytes *
fetch_tail (Start *start, guint n, gint64 at, GError **error)
{
  ForgeMediaPlace place = { .first = at, .last = -1, .length = start->opened[n].length };
  g_auto (ForgeMediaOpened) tail = { 0 };

  if (place.length - at > FORGE_MP4_MAX_INDEX_BYTES) {
    refuse (error, "The index of the file is too large");
    return NULL;
  }
  if (!forge_media_open (start->service,
                         &start->wishes[n],
                         &place,
                         &tail,
                         start->cancellable,
                         error))
    return NULL;
  if (tail.first != at) {
    refuse (error, "The site cannot send the file's index, which stands at its end");
    return NULL;
  }
  return forge_fetch_read_all (&tail.fetch,
                               FORGE_MP4_MAX_INDEX_BYTES,
                               INDEX_MS,
                               start->cancellable,
                               error);
}

/* An MP4 file with its index at the end cannot be read from a pipe: the index goes in front. */
static gboolean
bring_index (Start *start, guint n, const GByteArray *head, GError **error)
{
  ForgeMediaOpened *opened = &start->opened[n];
  ForgeMediaInput *part = &start->parts[n];
  ForgeMp4Layout layout;

  *part = (ForgeMediaInput){ .length = opened->length };
  if (!forge_mp4_has_index_behind (head->data, head->len, opened->length, &layout))
    return TRUE;
  g_autoptr (GBytes) tail = fetch_tail (start, n, layout.media_end, error);
  g_autoptr (GBytes) index = tail ? forge_mp4_take_index (tail, error) : NULL;
  if (!index || layout.front_end > head->len)
    return index ? refuse (error, "The file begins in a way that is not known") : FALSE;
  GByteArray *front = g_byte_array_new ();
  g_byte_array_append (front, head->data, (guint)layout.front_end);
  g_byte_array_append (front, g_bytes_get_data (index, NULL), (guint)g_bytes_get_size (index));
  *part = (ForgeMediaInput){ .head = g_byte_array_free_to_bytes (front),
                             .first = layout.front_end,
                             .length = layout.media_end - layout.front_end };
  return TRUE;
}

static gboolean
sniff (Start *start, guint n, GError **error)
{
  ForgeMediaOpened *opened = &start->opened[n];
  ForgeRemuxInput *input = &start->inputs[n];

  if (opened->is_playlist)
    return refuse (error, "Picture and sound in playlists cannot be joined");
  g_autoptr (GByteArray) head =
      forge_fetch_peek (&opened->fetch, PEEK_BYTES, PEEK_MS, start->cancellable);
  input->format = forge_remux_sniff (head->data, head->len, &input->offset_s);
  input->offset_s = 0; /* files begin at zero */
  if (!input->format)
    return refuse (error,
                   n == PICTURE ? "The picture is in a container that is not known"
                                : "The sound is in a container that is not known");
  if (start->wish->output == FORGE_REMUX_WEBM && !g_str_equal (input->format, "matroska"))
    return refuse (error, "This does not fit into a WebM file; ask for format=mkv");
  return bring_index (start, n, head, error);
}

static gboolean
open_input (Start *start, guint n, GError **error)
{
  ForgeMediaPlace place = { .last = -1, .length = -1 };

  start->wishes[n] = input_wish (start->wish, n);
  return forge_media_open (start->service,
                           &start->wishes[n],
                           &place,
                           &start->opened[n],
                           start->cancellable,
                           error) &&
         sniff (start, n, error);
}

static gboolean
run_ffmpeg (Start *start, ForgeMediaMerge *merge, GError **error)
{
  g_autofree char *program = forge_remux_find ();
  int pair[2];

  if (!program)
    return refuse (error, "ffmpeg is not installed any more");
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0 ||
      fcntl (pair[0], F_SETFL, O_NONBLOCK) < 0) {
    g_set_error (error, FORGE_ERROR, FORGE_ERROR_RETRY, "No socket: %s", g_strerror (errno));
    return FALSE;
  }
  merge->out_fd = pair[0];
  merge->remux = forge_remux_new (program,
                                  start->wish->output,
                                  start->inputs,
                                  INPUTS,
                                  pair[1],
                                  merge->feeds,
                                  error);
  close (pair[1]);
  return merge->remux != NULL;
}

static void
make_inputs (Start *start, ForgeMediaMerge *merge)
{
  for (guint i = 0; i < INPUTS; i++)
    merge->inputs[i] = forge_media_body_new_input (start->service,
                                                   &start->wishes[i],
                                                   &start->opened[i],
                                                   &start->parts[i],
                                                   merge);
}

/* The output's body, which holds all the rest. */
static ForgeMediaBody *
make_output (Start *start, ForgeMediaMerge *merge)
{
  g_auto (ForgeMediaOpened) opened = { .length = -1 };

  opened.fetch.head.status = 200;
  opened.fetch.dial.bytes = (ForgeByteSource){ .fd = merge->out_fd,
                                               .ops = &output_ops,
                                               .context = forge_media_merge_ref (merge) };
  opened.lease = forge_media_lease_take (start->service, 0, start->wish->whole, NULL, NULL);
  return forge_media_body_new_merged (start->service, start->wish->whole, &opened, merge);
}

static ForgeMediaBody *
start_merge (Start *start, GError **error)
{
  ForgeMediaMerge *merge = g_new0 (ForgeMediaMerge, 1);
  ForgeMediaBody *body = NULL;

  g_atomic_ref_count_init (&merge->ref_count);
  merge->service = start->service;
  merge->out_fd = merge->feeds[PICTURE] = merge->feeds[SOUND] = -1;
  if (run_ffmpeg (start, merge, error)) {
    make_inputs (start, merge);
    body = make_output (start, merge);
  }
  forge_media_merge_unref (merge);
  return body;
}

ForgeMediaBody *
forge_media_merge_open (ForgeMediaService *service,
                        const ForgeMediaMergeWish *wish,
                        GCancellable *cancellable,
                        GError **error)
{
  Start start = { .service = service, .wish = wish, .cancellable = cancellable };
  ForgeMediaBody *body = NULL;

  if (!take_place (service, error))
    return NULL;
  if (open_input (&start, PICTURE, error) && open_input (&start, SOUND, error))
    body = start_merge (&start, error);
  else
    give_place (service);
  for (guint i = 0; i < INPUTS; i++) {
    g_clear_pointer (&start.parts[i].head, g_bytes_unref);
    forge_media_opened_clear (&start.opened[i]);
    forge_media_wish_clear (&start.wishes[i]);
  }
  return body;
}

/* ---- containers ---- */

static const struct {
  const char *extension, *type;
  ForgeRemuxOutput output;
} containers[] = { { "mp4", "video/mp4", FORGE_REMUX_MP4 },
                   { "webm", "video/webm", FORGE_REMUX_WEBM },
                   { "mkv", "video/x-matroska", FORGE_REMUX_MATROSKA } };

const char *
forge_media_merge_container (const char *extension, ForgeRemuxOutput *output)
{
  for (gsize i = 0; i < G_N_ELEMENTS (containers); i++)
    if (g_ascii_strcasecmp (containers[i].extension, extension) == 0) {
      *output = containers[i].output;
      return containers[i].type;
    }
  return NULL;
}

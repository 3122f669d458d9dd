/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tuner/forge-clips.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define S(n) ((gint64)(n)*G_USEC_PER_SEC)

/* Sends `size` bytes made from `seed`, after `leftover` of them, and reads them in parts. */
static guint64
hash_of (guint8 seed, gsize size, gsize leftover, gsize part)
{
  g_autofree guint8 *data = g_malloc (size), *out = g_malloc (part);
  int ends[2], big = 1 << 20;
  gsize got = leftover;

  for (gsize i = 0; i < size; i++)
    data[i] = (guint8)(seed + i * 7 + i / 251);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
  g_assert_cmpint (setsockopt (ends[0], SOL_SOCKET, SO_SNDBUF, &big, sizeof big), ==, 0);
  ForgeByteSource bytes = { .fd = ends[1] };
  g_autoptr (ForgeClipSample) sample = forge_clip_sample_wrap (&bytes, data, leftover);
  while (got < size) {
    gsize now = MIN (part, size - got);
    g_assert_cmpint (send (ends[0], data + got, now, MSG_DONTWAIT), ==, (gssize)now);
    g_assert_cmpint (bytes.ops->read (bytes.context, out, part), ==, (gssize)now);
    g_assert_cmpmem (out, now, data + got, now);
    got += now;
  }
  g_assert_cmpint (bytes.ops->read (bytes.context, out, part), ==, -1);
  g_assert_cmpint (errno, ==, EAGAIN);
  g_assert_false (bytes.ops->has_buffered (bytes.context));
  close (ends[0]);
  g_assert_cmpint (bytes.ops->read (bytes.context, out, part), ==, 0);
  bytes.ops->close (bytes.context);
  g_assert_cmpint (recv (ends[1], out, 1, 0), ==, -1);
  g_assert_cmpint (errno, ==, EBADF);
  return forge_clip_sample_hash (sample);
}

static void
test_the_beginning_decides_however_it_is_cut (void)
{
  guint64 hash = hash_of (1, 70000, 0, 10000);

  g_assert_cmpuint (hash, !=, 0);
  g_assert_cmpuint (hash_of (1, 90000, 1234, 777), ==, hash);
  g_assert_cmpuint (hash_of (1, 80000, 70000, 4096), ==, hash);
  g_assert_cmpuint (hash_of (2, 70000, 0, 10000), !=, hash);
  g_assert_cmpuint (hash_of (1, FORGE_CLIP_SAMPLE_BYTES - 1, 0, 10000), ==, 0);
}

static ssize_t
inner_read (void *context, void *buffer, size_t size)
{
  memset (buffer, 7, size);
  return (ssize_t)size;
}

static bool
inner_has_buffered (void *context)
{
  return true;
}

static void
inner_close (void *context)
{
  *(gboolean *)context = TRUE;
}

static void
test_what_it_wraps_goes_on_as_before (void)
{
  static const ForgeByteSourceOps ops = { inner_read, inner_has_buffered, inner_close };
  gboolean is_closed = FALSE;
  ForgeByteSource bytes = { .fd = 99, .ops = &ops, .context = &is_closed };
  guint8 buffer[100];
  g_autoptr (ForgeClipSample) sample = forge_clip_sample_wrap (&bytes, NULL, 0);

  g_assert_cmpint (bytes.fd, ==, 99);
  g_assert_true (bytes.ops->has_buffered (bytes.context));
  g_assert_cmpint (bytes.ops->read (bytes.context, buffer, sizeof buffer), ==, 100);
  g_assert_cmpint (buffer[99], ==, 7);
  bytes.ops->close (bytes.context);
  g_assert_true (is_closed);
  g_assert_cmpuint (forge_clip_sample_hash (sample), ==, 0);
}

static void
test_two_channels_do_not_begin_alike (void)
{
  g_autoptr (ForgeClips) clips = forge_clips_new ();

  g_assert_false (forge_clips_note (clips, 5, 1, 10, S (1)));
  g_assert_false (forge_clips_note (clips, 5, 1, 10, S (100))); /* the same channel */
  g_assert_false (forge_clips_note (clips, 6, 2, 20, S (101)));
  g_assert_false (forge_clips_note (clips, 5, 2, 10, S (102))); /* the same stream */
  g_assert_true (forge_clips_note (clips, 5, 2, 20, S (102)));
}

static void
test_the_same_moment_proves_nothing (void)
{
  g_autoptr (ForgeClips) clips = forge_clips_new ();

  g_assert_false (forge_clips_note (clips, 5, 1, 10, S (1)));
  g_assert_false (forge_clips_note (clips, 5, 2, 20, S (3)));
  g_assert_true (forge_clips_note (clips, 5, 3, 30, S (17)));
}

static void
test_memory_is_bounded (void)
{
  g_autoptr (ForgeClips) clips = forge_clips_new ();

  g_assert_false (forge_clips_note (clips, 5, 1, 10, S (1)));
  g_assert_false (
      forge_clips_note (clips, 5, 2, 20, S (2) + 86400 * (gint64)G_USEC_PER_SEC)); /* a day later */
  for (guint i = 0; i < 1000; i++)
    g_assert_false (
        forge_clips_note (clips, 1000 + i, 1, 10, S (3) + 86400 * (gint64)G_USEC_PER_SEC));
  g_assert_false (forge_clips_note (clips, 5, 3, 30, S (60) + 86400 * (gint64)G_USEC_PER_SEC));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add_func ("/tuner/clips/" path, func)
  ADD ("the-beginning-decides-however-it-is-cut", test_the_beginning_decides_however_it_is_cut);
  ADD ("what-it-wraps-goes-on-as-before", test_what_it_wraps_goes_on_as_before);
  ADD ("two-channels-do-not-begin-alike", test_two_channels_do_not_begin_alike);
  ADD ("the-same-moment-proves-nothing", test_the_same_moment_proves_nothing);
  ADD ("memory-is-bounded", test_memory_is_bounded);
#undef ADD
  return g_test_run ();
}

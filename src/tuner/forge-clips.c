/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tuner/forge-clips.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

/* Spec: Fowler–Noll–Vo, FNV-1a with 64 bits. It need not resist attacks: who can forge it may as
 * well send a clip. */
#define FNV_OFFSET G_GUINT64_CONSTANT (0xcbf29ce484222325)
#define FNV_PRIME  G_GUINT64_CONSTANT (0x100000001b3)

/* Two channels with one and the same source begin alike if they are opened at the same moment:
 * panels send some seconds of what they have in store. Less far apart proves nothing. */
#define SAME_MOMENT_US (15 * G_USEC_PER_SEC)
#define MEMORY_US      (24 * 60 * 60 * (gint64)G_USEC_PER_SEC)
#define MAX_REMEMBERED 256

struct _ForgeClipSample {
  ForgeByteSource inner;
  guint64 running; /* the reader's */
  gsize left;      /* the reader's: bytes to hash */
  _Atomic guint64 hash;
};

static void
hash_bytes (ForgeClipSample *sample, const guint8 *bytes, gsize size)
{
  gsize part = MIN (size, sample->left);

  if (sample->left == 0)
    return;
  for (gsize i = 0; i < part; i++)
    sample->running = (sample->running ^ bytes[i]) * FNV_PRIME;
  sample->left -= part;
  if (sample->left == 0)
    atomic_store (&sample->hash, MAX (sample->running, 1));
}

static ssize_t
sample_read (void *context, void *buffer, size_t size)
{
  ForgeClipSample *sample = context;
  ssize_t n = sample->inner.ops ? sample->inner.ops->read (sample->inner.context, buffer, size)
                                : recv (sample->inner.fd, buffer, size, MSG_DONTWAIT);

  if (n > 0) {
    int saved = errno;
    hash_bytes (sample, buffer, (gsize)n);
    errno = saved;
  }
  return n;
}

static bool
sample_has_buffered (void *context)
{
  const ForgeClipSample *sample = context;
  const ForgeByteSourceOps *ops = sample->inner.ops;

  return ops && ops->has_buffered && ops->has_buffered (sample->inner.context);
}

static void
sample_close (void *context)
{
  ForgeClipSample *sample = context;

  if (sample->inner.ops)
    sample->inner.ops->close (sample->inner.context);
  else
    close (sample->inner.fd);
  forge_clip_sample_unref (sample);
}

static const ForgeByteSourceOps sample_ops = { .read = sample_read,
                                               .has_buffered = sample_has_buffered,
                                               .close = sample_close };

ForgeClipSample *
forge_clip_sample_wrap (ForgeByteSource *bytes, const guint8 *leftover, gsize leftover_bytes)
{
  ForgeClipSample *sample = g_atomic_rc_box_new0 (ForgeClipSample);

  sample->inner = *bytes;
  sample->running = FNV_OFFSET;
  sample->left = FORGE_CLIP_SAMPLE_BYTES;
  hash_bytes (sample, leftover, leftover_bytes);
  *bytes = (ForgeByteSource){ .fd = sample->inner.fd,
                              .ops = &sample_ops,
                              .context = g_atomic_rc_box_acquire (sample) };
  return sample;
}

void
forge_clip_sample_unref (ForgeClipSample *sample)
{
  g_atomic_rc_box_release (sample);
}

guint64
forge_clip_sample_hash (const ForgeClipSample *sample)
{
  return atomic_load (&sample->hash);
}

typedef struct {
  guint64 hash;
  gint64 channel_id, stream_id;
  gint64 at_us;
} Beginning;

struct _ForgeClips {
  GArray *seen; /* of Beginning, oldest first */
};

ForgeClips *
forge_clips_new (void)
{
  ForgeClips *clips = g_new0 (ForgeClips, 1);

  clips->seen = g_array_new (FALSE, FALSE, sizeof (Beginning));
  return clips;
}

void
forge_clips_free (ForgeClips *clips)
{
  g_array_unref (clips->seen);
  g_free (clips);
}

static gboolean
is_known_clip (const ForgeClips *clips, const Beginning *now)
{
  for (guint i = 0; i < clips->seen->len; i++) {
    const Beginning *seen = &g_array_index (clips->seen, Beginning, i);
    if (seen->hash == now->hash && seen->channel_id != now->channel_id &&
        seen->stream_id != now->stream_id && seen->at_us + SAME_MOMENT_US <= now->at_us)
      return TRUE;
  }
  return FALSE;
}

gboolean
forge_clips_note (ForgeClips *clips,
                  guint64 hash,
                  gint64 channel_id,
                  gint64 stream_id,
                  gint64 now_us)
{
  const Beginning beginning = { hash, channel_id, stream_id, now_us };
  guint old = 0;

  while (old < clips->seen->len &&
         (g_array_index (clips->seen, Beginning, old).at_us + MEMORY_US <= now_us ||
          clips->seen->len - old >= MAX_REMEMBERED))
    old++;
  g_array_remove_range (clips->seen, 0, old);
  gboolean is_clip = is_known_clip (clips, &beginning);
  g_array_append_val (clips->seen, beginning);
  return is_clip;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/forge-hls-pacer.h"

#include "net/forge-hls-cut.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TICK_US    (40 * G_TIME_SPAN_MILLISECOND)
#define BLOCKED_US (5 * G_TIME_SPAN_MILLISECOND)
/* Sent bytes of a segment are given back in steps, not with every send. */
#define COMPACT_BYTES (256 * 1024)

typedef struct {
  GByteArray *bytes; /* from `dropped` on */
  gsize dropped, sent;
  gint64 start_us, duration_us; /* on the media time line, which begins at 0 */
  gint64 expected_bytes;        /* -1 = unknown */
  gboolean is_complete;
} Part;

struct _ForgeHlsPacer {
  GSource *source;
  int fd; /* -1 = none yet */
  ForgeHlsPace pace;
  GQueue parts;         /* the last one may still grow */
  gint64 media_us;      /* the end of the last part */
  gint64 origin_us;     /* the clock when media time 0 is due; 0 = nothing was sent yet */
  gint64 pumped_us;     /* the last look at the clock */
  gsize last_part_size; /* for parts of unknown size */
  guint64 sent_bytes;
  gboolean is_blocked, is_broken;
  ForgeHlsPacerFunc on_first; /* NULL = none, or it was called */
  gpointer on_first_data;
};

typedef struct {
  GSource source;
  ForgeHlsPacer *pacer;
} PacerSource;

static gsize
part_size (const Part *part)
{
  return part->dropped + part->bytes->len;
}

static void
part_free (gpointer data)
{
  Part *part = data;

  g_byte_array_unref (part->bytes);
  g_free (part);
}

static gboolean
part_is_over (const Part *part)
{
  return part->is_complete && part->sent == part_size (part);
}

/* How far on the media time line things are due. */
static gint64
due_us (const ForgeHlsPacer *pacer, gint64 now_us)
{
  return now_us - pacer->origin_us + pacer->pace.lead_us;
}

/* Bytes of `part` that may have been sent by now. */
static gsize
allowed_bytes (const ForgeHlsPacer *pacer, const Part *part, gint64 now_us)
{
  gint64 into_us = due_us (pacer, now_us) - part->start_us;
  gsize size = part_size (part), expected = size;

  if (into_us < 0)
    return 0;
  if (into_us >= part->duration_us)
    return size;
  if (!part->is_complete)
    expected =
        MAX (size, part->expected_bytes > 0 ? (gsize)part->expected_bytes : pacer->last_part_size);
  gsize allowed = (gsize)((double)expected * (double)into_us / (double)part->duration_us);
  return MIN (allowed - allowed % FORGE_HLS_PACKET_BYTES, size);
}

/* TRUE if all of them went. */
static gboolean
send_bytes (ForgeHlsPacer *pacer, Part *part, gsize until)
{
  while (part->sent < until) {
    ssize_t n = send (pacer->fd,
                      part->bytes->data + (part->sent - part->dropped),
                      until - part->sent,
                      MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0) {
      pacer->is_blocked = errno == EAGAIN;
      pacer->is_broken = errno != EAGAIN;
      return FALSE;
    }
    part->sent += (gsize)n;
    pacer->sent_bytes += (guint64)n;
  }
  return TRUE;
}

static void
compact (Part *part)
{
  gsize gone = part->sent - part->dropped;

  if (gone < COMPACT_BYTES || gone < part->bytes->len / 2)
    return;
  g_byte_array_remove_range (part->bytes, 0, (guint)gone);
  part->dropped = part->sent;
}

/* TRUE: the part is over and so it is the next one's turn. */
static gboolean
pump_part (ForgeHlsPacer *pacer, Part *part, gint64 now_us)
{
  if (!send_bytes (pacer, part, allowed_bytes (pacer, part, now_us)))
    return FALSE;
  if (!part_is_over (part)) {
    compact (part);
    return FALSE;
  }
  pacer->last_part_size = part->duration_us > 0 ? part_size (part) : pacer->last_part_size;
  part_free (g_queue_pop_head (&pacer->parts));
  return TRUE;
}

static void
keep_time (ForgeHlsPacer *pacer, gint64 now_us)
{
  if (pacer->origin_us == 0)
    pacer->origin_us = now_us;
  else if (forge_hls_pacer_stored_us (pacer) > pacer->pace.plenty_us)
    pacer->origin_us -= (now_us - pacer->pumped_us) / 4;
  pacer->pumped_us = now_us;
}

static void
pump (ForgeHlsPacer *pacer)
{
  gint64 now_us = g_get_monotonic_time ();

  pacer->is_blocked = FALSE;
  if (pacer->fd < 0 || pacer->is_broken || g_queue_is_empty (&pacer->parts)) {
    g_source_set_ready_time (pacer->source, -1);
    return;
  }
  keep_time (pacer, now_us);
  Part *part;
  while ((part = g_queue_peek_head (&pacer->parts)) && pump_part (pacer, part, now_us))
    continue;
  g_source_set_ready_time (
      pacer->source,
      !part || pacer->is_broken ? -1 : now_us + (pacer->is_blocked ? BLOCKED_US : TICK_US));
}

static gboolean
on_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  ForgeHlsPacer *pacer = ((PacerSource *)source)->pacer;

  pump (pacer);
  if (pacer->sent_bytes > 0 && pacer->on_first) {
    ForgeHlsPacerFunc on_first = g_steal_pointer (&pacer->on_first);
    on_first (pacer->on_first_data);
  }
  return G_SOURCE_CONTINUE;
}

static void
wake (ForgeHlsPacer *pacer)
{
  if (!pacer->is_blocked)
    g_source_set_ready_time (pacer->source, 0);
}

ForgeHlsPacer *
forge_hls_pacer_new (GMainContext *context, const ForgeHlsPace *pace)
{
  static GSourceFuncs funcs = { .dispatch = on_dispatch };
  ForgeHlsPacer *pacer = g_new0 (ForgeHlsPacer, 1);

  pacer->fd = -1;
  pacer->pace = *pace;
  g_queue_init (&pacer->parts);
  pacer->source = g_source_new (&funcs, sizeof (PacerSource));
  ((PacerSource *)pacer->source)->pacer = pacer;
  g_source_set_ready_time (pacer->source, -1);
  g_source_attach (pacer->source, context);
  return pacer;
}

void
forge_hls_pacer_free (ForgeHlsPacer *pacer)
{
  if (!pacer)
    return;
  g_source_destroy (pacer->source);
  g_source_unref (pacer->source);
  g_queue_clear_full (&pacer->parts, part_free);
  if (pacer->fd >= 0)
    close (pacer->fd);
  g_free (pacer);
}

void
forge_hls_pacer_attach (ForgeHlsPacer *pacer, int fd)
{
  pacer->fd = fd;
  wake (pacer);
}

void
forge_hls_pacer_on_first (ForgeHlsPacer *pacer, ForgeHlsPacerFunc func, gpointer user_data)
{
  pacer->on_first = func;
  pacer->on_first_data = user_data;
}

/* Ran dry: what comes now is due now, not in a heap. The lead at the start is no such case. */
static void
forgive_delay (ForgeHlsPacer *pacer)
{
  gint64 late_us = due_us (pacer, g_get_monotonic_time ()) - pacer->media_us;

  if (pacer->origin_us != 0 && g_queue_is_empty (&pacer->parts) && late_us > 0 &&
      pacer->media_us >= pacer->pace.lead_us)
    pacer->origin_us += late_us;
}

void
forge_hls_pacer_begin (ForgeHlsPacer *pacer, gint64 duration_us, gint64 expected_bytes)
{
  Part *part = g_new0 (Part, 1);

  forgive_delay (pacer);
  part->bytes = g_byte_array_new ();
  part->start_us = pacer->media_us;
  part->duration_us = duration_us;
  part->expected_bytes = expected_bytes;
  pacer->media_us += duration_us;
  g_queue_push_tail (&pacer->parts, part);
}

void
forge_hls_pacer_append (ForgeHlsPacer *pacer, const void *data, gsize length)
{
  Part *part = g_queue_peek_tail (&pacer->parts);

  g_return_if_fail (part && !part->is_complete);
  g_byte_array_append (part->bytes, data, (guint)length);
  wake (pacer);
}

void
forge_hls_pacer_finish (ForgeHlsPacer *pacer)
{
  Part *part = g_queue_peek_tail (&pacer->parts);

  g_return_if_fail (part && !part->is_complete);
  part->is_complete = TRUE;
  wake (pacer);
}

gint64
forge_hls_pacer_stored_us (const ForgeHlsPacer *pacer)
{
  const Part *head = g_queue_peek_head ((GQueue *)&pacer->parts);

  if (!head)
    return 0;
  gsize size = part_size (head);
  double sent = size > 0 ? (double)head->sent / (double)size : 0;
  return pacer->media_us - head->start_us - (gint64)(sent * (double)head->duration_us);
}

gsize
forge_hls_pacer_stored_bytes (const ForgeHlsPacer *pacer)
{
  gsize bytes = 0;

  for (const GList *link = pacer->parts.head; link; link = link->next) {
    const Part *part = link->data;
    bytes += part_size (part) - part->sent;
  }
  return bytes;
}

guint64
forge_hls_pacer_sent_bytes (const ForgeHlsPacer *pacer)
{
  return pacer->sent_bytes;
}

const guint8 *
forge_hls_pacer_peek (const ForgeHlsPacer *pacer, gsize *size)
{
  const Part *head = g_queue_peek_head ((GQueue *)&pacer->parts);

  *size = head ? head->bytes->len : 0;
  return head ? head->bytes->data : NULL;
}

GMainContext *
forge_hls_pacer_context (const ForgeHlsPacer *pacer)
{
  return g_source_get_context (pacer->source);
}

gboolean
forge_hls_pacer_is_broken (const ForgeHlsPacer *pacer)
{
  return pacer->is_broken;
}

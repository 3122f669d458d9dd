/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "forge-fake-slots.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

struct _ForgeFakeSlots {
  GPtrArray *viewers;   /* ForgeFakeViewer, the oldest first */
  GArray *released_us;  /* when a closed connection stops counting */
  GHashTable *opens_of; /* stream id → count */
  ForgeFakeProviderCounts counts;
};

ForgeFakeSlots *
forge_fake_slots_new (void)
{
  ForgeFakeSlots *slots = g_new0 (ForgeFakeSlots, 1);

  slots->viewers = g_ptr_array_new_with_free_func (g_free);
  slots->released_us = g_array_new (FALSE, FALSE, sizeof (gint64));
  slots->opens_of = g_hash_table_new (NULL, NULL);
  return slots;
}

void
forge_fake_slots_free (ForgeFakeSlots *slots)
{
  g_ptr_array_unref (slots->viewers);
  g_array_unref (slots->released_us);
  g_hash_table_unref (slots->opens_of);
  g_free (slots);
}

void
forge_fake_make_token (char token[FORGE_FAKE_TOKEN_CHARS + 1])
{
  for (guint i = 0; i < FORGE_FAKE_TOKEN_CHARS; i++)
    token[i] = "0123456789abcdef"[g_random_int_range (0, 16)];
  token[FORGE_FAKE_TOKEN_CHARS] = '\0';
}

guint
forge_fake_slots_opens_of (ForgeFakeSlots *slots, guint stream_id)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (slots->opens_of, GUINT_TO_POINTER (stream_id)));
}

void
forge_fake_slots_note_request (ForgeFakeSlots *slots, guint id)
{
  guint opens = forge_fake_slots_opens_of (slots, id) + 1;

  g_hash_table_insert (slots->opens_of, GUINT_TO_POINTER (id), GUINT_TO_POINTER (opens));
}

void
forge_fake_slots_note_open (ForgeFakeSlots *slots, guint stream_id)
{
  forge_fake_slots_note_request (slots, stream_id);
  slots->counts.opens++;
}

static void
hold_back (ForgeFakeSlots *slots, const ForgeFakeAllowance *allowance)
{
  gint64 until_us = g_get_monotonic_time () + allowance->release_delay_us;

  if (allowance->release_delay_us > 0)
    g_array_append_val (slots->released_us, until_us);
}

static void
forget_expired (ForgeFakeSlots *slots)
{
  gint64 now_us = g_get_monotonic_time ();

  for (guint i = slots->released_us->len; i-- > 0;)
    if (g_array_index (slots->released_us, gint64, i) <= now_us)
      g_array_remove_index (slots->released_us, i);
  for (guint i = slots->viewers->len; i-- > 0;) {
    const ForgeFakeViewer *viewer = slots->viewers->pdata[i];
    if (viewer->fd < 0 && viewer->until_us <= now_us)
      g_ptr_array_remove_index (slots->viewers, i);
  }
}

guint
forge_fake_slots_used (ForgeFakeSlots *slots)
{
  forget_expired (slots);
  return slots->viewers->len + slots->released_us->len;
}

/* Closed connections whose thread did not wake up yet: a client that closes one stream and then
 * opens another must find its slot free. */
static void
sweep_closed (ForgeFakeSlots *slots, const ForgeFakeAllowance *allowance)
{
  for (guint i = slots->viewers->len; i-- > 0;) {
    const ForgeFakeViewer *viewer = slots->viewers->pdata[i];
    struct pollfd gone = { .fd = viewer->fd, .events = POLLRDHUP };

    if (viewer->fd >= 0 && poll (&gone, 1, 0) > 0) {
      g_ptr_array_remove_index (slots->viewers, i);
      hold_back (slots, allowance);
    }
  }
}

/* The oldest loses its connection: its client sees a clean end, as when a panel kills the process
 * that served it. Its thread closes the descriptor. */
static gboolean
kick_oldest (ForgeFakeSlots *slots)
{
  if (slots->viewers->len == 0)
    return FALSE;

  const ForgeFakeViewer *oldest = slots->viewers->pdata[0];
  if (oldest->fd >= 0)
    shutdown (oldest->fd, SHUT_RDWR);
  g_ptr_array_remove_index (slots->viewers, 0);
  slots->counts.kicked++;
  return TRUE;
}

static ForgeFakeAdmission
over_limit (ForgeFakeSlots *slots, ForgeFakePolicy policy)
{
  slots->counts.refused++;
  if (policy == FORGE_FAKE_KICK && kick_oldest (slots))
    return FORGE_FAKE_ADMITTED;
  return policy == FORGE_FAKE_SHOW_SLATE ? FORGE_FAKE_GETS_SLATE : FORGE_FAKE_REFUSED;
}

static ForgeFakeViewer *
add_viewer (ForgeFakeSlots *slots, guint stream_id, int fd)
{
  ForgeFakeViewer *viewer = g_new0 (ForgeFakeViewer, 1);

  viewer->stream_id = stream_id;
  viewer->fd = fd;
  viewer->until_us = g_get_monotonic_time () + FORGE_FAKE_HLS_IDLE_US;
  if (fd < 0)
    forge_fake_make_token (viewer->token);
  g_ptr_array_add (slots->viewers, viewer);
  slots->counts.peak = MAX (slots->counts.peak, slots->viewers->len);
  return viewer;
}

ForgeFakeAdmission
forge_fake_slots_admit (ForgeFakeSlots *slots,
                        const ForgeFakeAllowance *allowance,
                        guint stream_id,
                        int fd,
                        ForgeFakeViewer **viewer)
{
  ForgeFakeAdmission admission = FORGE_FAKE_ADMITTED;

  sweep_closed (slots, allowance);
  if (allowance->max > 0 && forge_fake_slots_used (slots) >= allowance->max)
    admission = over_limit (slots, allowance->policy);
  if (admission == FORGE_FAKE_ADMITTED)
    *viewer = add_viewer (slots, stream_id, fd);
  return admission;
}

void
forge_fake_slots_leave (ForgeFakeSlots *slots, const ForgeFakeAllowance *allowance, int fd)
{
  for (guint i = 0; i < slots->viewers->len; i++) {
    const ForgeFakeViewer *viewer = slots->viewers->pdata[i];
    if (viewer->fd == fd) {
      g_ptr_array_remove_index (slots->viewers, i);
      hold_back (slots, allowance);
      return;
    }
  }
}

ForgeFakeViewer *
forge_fake_slots_touch (ForgeFakeSlots *slots, const char *token)
{
  forget_expired (slots);
  for (guint i = 0; i < slots->viewers->len; i++) {
    ForgeFakeViewer *viewer = slots->viewers->pdata[i];
    if (viewer->fd < 0 && strcmp (viewer->token, token) == 0) {
      viewer->until_us = g_get_monotonic_time () + FORGE_FAKE_HLS_IDLE_US;
      return viewer;
    }
  }
  return NULL;
}

void
forge_fake_slots_counts (ForgeFakeSlots *slots, ForgeFakeProviderCounts *counts)
{
  forget_expired (slots);
  *counts = slots->counts;
  counts->open = slots->viewers->len;
}

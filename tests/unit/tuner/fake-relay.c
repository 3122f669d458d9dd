/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "fake-world.h"

#include <string.h>
#include <unistd.h>

/* The functions of relay/forge-relay.h, linked instead of the real ones. */

/* The tuner makes its relay itself; this is how a test gets at it. */
static ForgeRelay *newest_relay;

ForgeRelay *
fake_relay_newest (void)
{
  return newest_relay;
}

static void
emit_now (ForgeRelay *relay, const ForgeRelayEvent *event)
{
  relay->config.event (event, relay->config.user_data);
}

static void
emit (ForgeRelay *relay, FakeFeed *feed, ForgeRelayEvent event)
{
  event.feed = feed->id;
  if (relay->holds_back)
    g_queue_push_tail (&feed->pending, g_memdup2 (&event, sizeof event));
  else
    emit_now (relay, &event);
}

gboolean
fake_feed_deliver (World *world, FakeFeed *feed)
{
  g_autofree ForgeRelayEvent *event = g_queue_pop_head (&feed->pending);

  if (event)
    emit_now (world->relay, event);
  return event != NULL;
}

static void
viewer_free (gpointer data)
{
  FakeViewer *viewer = data;

  close (viewer->fd);
  g_free (viewer->head);
  g_free (viewer->answer);
  g_free (viewer);
}

static void
feed_free (gpointer data)
{
  FakeFeed *feed = data;

  g_assert_false (feed->has_source || feed->has_slate);
  g_ptr_array_unref (feed->viewers);
  g_queue_clear_full (&feed->pending, g_free);
  g_free (feed);
}

ForgeRelay *
forge_relay_new (const ForgeRelayConfig *config)
{
  ForgeRelay *relay = g_new0 (ForgeRelay, 1);

  relay->config = *config;
  relay->feeds = g_ptr_array_new_with_free_func (feed_free);
  relay->answers = g_ptr_array_new_with_free_func (g_free);
  newest_relay = relay;
  return relay;
}

static FakeFeed *
find (ForgeRelay *relay, ForgeFeedId id)
{
  for (guint i = 0; i < relay->feeds->len; i++) {
    FakeFeed *feed = g_ptr_array_index (relay->feeds, i);
    if (feed->id == id && !feed->is_closed)
      return feed;
  }
  return NULL;
}

static void
close_source (FakeFeed *feed)
{
  feed->has_source = feed->has_slate = FALSE;
  if (feed->bytes.ops)
    feed->bytes.ops->close (feed->bytes.context);
  else
    close (feed->bytes.fd);
}

static void
drop_source (ForgeRelay *relay, FakeFeed *feed)
{
  if (!feed->has_source && !feed->has_slate)
    return;
  close_source (feed);
  emit (relay,
        feed,
        (ForgeRelayEvent){ .type = FORGE_RELAY_SOURCE_CLOSED, .source_tag = feed->tag });
}

static void
remove_viewer (ForgeRelay *relay, FakeFeed *feed, guint index, ForgeViewerGone gone)
{
  FakeViewer *viewer = g_ptr_array_index (feed->viewers, index);
  ForgeRelayEvent event = { .type = FORGE_RELAY_VIEWER_GONE, .viewer = viewer->id, .gone = gone };

  if (viewer->answer)
    g_ptr_array_add (relay->answers, g_steal_pointer (&viewer->answer));
  g_ptr_array_remove_index (feed->viewers, index);
  emit (relay, feed, event);
}

static void
close_feed (ForgeRelay *relay, FakeFeed *feed)
{
  drop_source (relay, feed);
  while (feed->viewers->len > 0)
    remove_viewer (relay, feed, 0, FORGE_VIEWER_GONE_DROPPED);
  feed->is_closed = TRUE;
  emit (relay, feed, (ForgeRelayEvent){ .type = FORGE_RELAY_FEED_CLOSED });
}

void
forge_relay_free (ForgeRelay *relay)
{
  relay->holds_back = FALSE;
  for (guint i = 0; i < relay->feeds->len; i++) {
    FakeFeed *feed = g_ptr_array_index (relay->feeds, i);
    for (ForgeRelayEvent *event = g_queue_pop_head (&feed->pending); event;
         event = g_queue_pop_head (&feed->pending)) {
      emit_now (relay, event);
      g_free (event);
    }
    if (!feed->is_closed)
      close_feed (relay, feed);
  }
  g_ptr_array_unref (relay->feeds);
  g_ptr_array_unref (relay->answers);
  g_free (relay);
}

ForgeFeedId
forge_relay_open_feed (ForgeRelay *relay, const ForgeFeedOptions *options)
{
  FakeFeed *feed = g_new0 (FakeFeed, 1);

  g_assert_cmpuint (options->stall_ms, >, 0);
  g_assert_cmpuint (options->viewer_timeout_ms, >, 0);
  feed->id = ++relay->last_id;
  feed->viewers = g_ptr_array_new_with_free_func (viewer_free);
  g_queue_init (&feed->pending);
  g_ptr_array_add (relay->feeds, feed);
  return feed->id;
}

void
forge_relay_close_feed (ForgeRelay *relay, ForgeFeedId id)
{
  FakeFeed *feed = find (relay, id);

  if (feed)
    close_feed (relay, feed);
}

void
forge_relay_set_source (ForgeRelay *relay, ForgeFeedId id, const ForgeSourceSpec *spec)
{
  FakeFeed *feed = find (relay, id);

  if (!feed) {
    spec->bytes.ops->close (spec->bytes.context);
    return;
  }
  g_assert_false (feed->has_source); /* only a slate may be replaced */
  g_assert_cmpuint (spec->tag, !=, feed->tag);
  drop_source (relay, feed);
  feed->has_slate = spec->bytes.ops == NULL;
  feed->has_source = !feed->has_slate;
  feed->tag = spec->tag;
  feed->bytes = spec->bytes;
}

void
forge_relay_drop_source (ForgeRelay *relay, ForgeFeedId id)
{
  FakeFeed *feed = find (relay, id);

  if (feed)
    drop_source (relay, feed);
}

ForgeViewerId
forge_relay_add_viewer (ForgeRelay *relay, ForgeFeedId id, const ForgeViewerSpec *spec)
{
  FakeFeed *feed = find (relay, id);
  FakeViewer *viewer = g_new0 (FakeViewer, 1);
  ForgeViewerId viewer_id = ++relay->last_id;

  viewer->id = viewer_id;
  viewer->fd = spec->fd;
  viewer->head = g_strndup (spec->head, spec->head_bytes);
  viewer->duration_ms = spec->duration_ms;
  if (feed) {
    g_ptr_array_add (feed->viewers, viewer);
    return viewer_id;
  }
  viewer_free (viewer);
  ForgeRelayEvent event = { .type = FORGE_RELAY_VIEWER_GONE, .feed = id, .viewer = viewer_id };
  emit_now (relay, &event);
  return viewer_id;
}

void
forge_relay_drop_viewer (ForgeRelay *relay, ForgeFeedId id, ForgeViewerId viewer)
{
  g_assert_not_reached (); /* the tuner has no use for it */
}

void
forge_relay_answer (ForgeRelay *relay,
                    ForgeFeedId id,
                    ForgeViewerId viewer_id,
                    const char *bytes,
                    size_t length)
{
  FakeFeed *feed = find (relay, id);

  for (guint i = 0; feed && i < feed->viewers->len; i++) {
    FakeViewer *viewer = g_ptr_array_index (feed->viewers, i);
    if (viewer->id != viewer_id)
      continue;
    viewer->answer = g_strndup (bytes, length);
    remove_viewer (relay, feed, i, FORGE_VIEWER_GONE_ANSWERED);
    return;
  }
}

bool
forge_relay_feed_stats (ForgeRelay *relay,
                        ForgeFeedId id,
                        ForgeFeedStats *stats,
                        ForgeViewerStats *viewers,
                        unsigned max_viewers,
                        unsigned *n_viewers)
{
  FakeFeed *feed = find (relay, id);

  if (!feed)
    return false;
  *stats = (ForgeFeedStats){ .source_bytes = 188000, .bitrate_kbps = 8000, .is_flowing = true };
  *n_viewers = MIN (feed->viewers->len, max_viewers);
  for (unsigned i = 0; i < *n_viewers; i++)
    viewers[i] = (ForgeViewerStats){
      .viewer = ((FakeViewer *)g_ptr_array_index (feed->viewers, i))->id,
      .bytes = 94000,
      .behind_bytes = feed->is_taken ? 0 : 250000,
    };
  return true;
}

void
feed_flows (World *world, FakeFeed *feed)
{
  g_assert_true (feed->has_source);
  emit (world->relay,
        feed,
        (ForgeRelayEvent){ .type = FORGE_RELAY_SOURCE_FLOWING,
                           .source_tag = feed->tag,
                           .video_type = feed->video_type });
}

void
feed_loses (World *world, FakeFeed *feed, ForgeSourceLost lost)
{
  g_assert_true (feed->has_source);
  close_source (feed);
  emit (world->relay,
        feed,
        (ForgeRelayEvent){ .type = FORGE_RELAY_SOURCE_LOST,
                           .source_tag = feed->tag,
                           .lost = lost,
                           .bytes = feed->bytes_read });
}

void
feed_viewer_leaves (World *world, FakeFeed *feed, guint index)
{
  remove_viewer (world->relay, feed, index, FORGE_VIEWER_GONE_CLOSED);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "fake-world.h"

#include "base/forge-error.h"
#include "tuner/forge-tuner-private.h"

#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* A connection that is open at the provider. */
typedef struct {
  FakeProvider *provider;
  gint64 account_id;
  int fd;
} Connection;

static void
leave (FakeProvider *provider, gint64 account_id, gboolean was_connected)
{
  gint64 until_us = g_get_monotonic_time () + provider->release_delay_ms * G_TIME_SPAN_MILLISECOND;

  g_mutex_lock (&provider->lock);
  provider->open[account_id]--;
  if (was_connected && provider->release_delay_ms > 0)
    g_array_append_val (provider->releases[account_id], until_us);
  g_mutex_unlock (&provider->lock);
}

static void
close_connection (void *context)
{
  Connection *connection = context;

  close (connection->fd);
  leave (connection->provider, connection->account_id, TRUE);
  g_free (connection);
}

static const ForgeByteSourceOps connection_ops = { .close = close_connection };

/* Closed connections that the provider still counts. */
static int
count_lingering (FakeProvider *provider, gint64 account_id)
{
  int n = 0;

  for (guint i = 0; i < provider->releases[account_id]->len; i++)
    n += g_array_index (provider->releases[account_id], gint64, i) > g_get_monotonic_time ();
  return n;
}

/* A request arrives: counts it and says what becomes of it. */
static FakeManner
arrive (FakeProvider *provider, const ForgeStream *stream)
{
  gint64 account = stream->account_id;

  g_mutex_lock (&provider->lock);
  FakeManner manner =
      GPOINTER_TO_INT (g_hash_table_lookup (provider->manners, GINT_TO_POINTER (stream->id)));
  g_array_append_val (provider->dialled, stream->id);
  provider->open[account]++;
  provider->peak[account] = MAX (provider->peak[account], provider->open[account]);
  if (manner == FAKE_OK &&
      provider->open[account] + count_lingering (provider, account) > provider->max[account])
    manner = FAKE_LIMIT;
  provider->refused += manner == FAKE_LIMIT;
  g_mutex_unlock (&provider->lock);
  return manner;
}

static void
hang (GCancellable *cancellable, GError **error)
{
  GPollFD fd;

  g_assert_true (g_cancellable_make_pollfd (cancellable, &fd));
  g_assert_cmpint (g_poll (&fd, 1, 20000), ==, 1);
  g_cancellable_release_fd (cancellable);
  g_assert_true (g_cancellable_set_error_if_cancelled (cancellable, error));
}

static gboolean
refuse (const ForgeStream *stream,
        ForgeDial *dial,
        FakeManner manner,
        GCancellable *cancellable,
        GError **error)
{
  static const struct {
    FakeManner manner;
    guint status;
    ForgeError code;
  } refusals[] = { { FAKE_NOT_FOUND, 404, FORGE_ERROR_NOT_FOUND },
                   { FAKE_LIMIT, 403, FORGE_ERROR_LIMIT },
                   { FAKE_AUTH, 401, FORGE_ERROR_AUTH },
                   { FAKE_NO_BYTES, 200, FORGE_ERROR_RETRY } };

  if (manner == FAKE_HANGS) {
    hang (cancellable, error);
    return FALSE;
  }
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    if (refusals[i].manner == manner) {
      dial->http_status = refusals[i].status;
      g_set_error (error, FORGE_ERROR, refusals[i].code, "host answered %u", dial->http_status);
    }
  return FALSE;
}

static gboolean
fake_dial (const ForgeAccount *account,
           const ForgeStream *stream,
           ForgeDial *dial,
           GCancellable *cancellable,
           gpointer user_data,
           GError **error)
{
  FakeProvider *provider = user_data;
  FakeManner manner = arrive (provider, stream);

  g_assert_cmpint (account->id, ==, stream->account_id);
  if (manner != FAKE_OK && manner != FAKE_HLS && manner != FAKE_SLATE) {
    gboolean is_open = refuse (stream, dial, manner, cancellable, error);
    leave (provider, stream->account_id, FALSE);
    return is_open;
  }
  Connection *connection = g_new0 (Connection, 1);
  connection->provider = provider;
  connection->account_id = stream->account_id;
  connection->fd = eventfd (0, EFD_CLOEXEC);
  dial->kind = manner == FAKE_HLS ? FORGE_DIAL_HLS : FORGE_DIAL_TS;
  dial->bytes = (ForgeByteSource){ connection->fd, &connection_ops, connection };
  dial->content_length = manner == FAKE_SLATE ? 165628 : -1;
  dial->http_status = 200;
  return TRUE;
}

static gboolean
fake_catchup (const ForgeAccount *account,
              const ForgeStream *stream,
              gint64 start_s,
              guint duration_s,
              ForgeDial *dial,
              GCancellable *cancellable,
              gpointer user_data,
              GError **error)
{
  FakeProvider *provider = user_data;

  g_mutex_lock (&provider->lock);
  provider->catchup_start_s = start_s;
  provider->catchup_duration_s = duration_s;
  g_mutex_unlock (&provider->lock);
  return fake_dial (account, stream, dial, cancellable, user_data, error);
}

/* net/forge-dial.h, linked instead of the real one. */
void
forge_dial_clear (ForgeDial *dial)
{
  if (dial->bytes.fd >= 0)
    dial->bytes.ops->close (dial->bytes.context);
  g_clear_pointer (&dial->leftover, g_free);
  g_clear_pointer (&dial->final_host, g_free);
  dial->bytes.fd = -1;
}

static void
on_event (ForgeLogLevel level,
          ForgeEventCategory category,
          const char *message,
          const char *details,
          gpointer user_data)
{
  World *world = user_data;

  g_assert_cmpint (category, ==, FORGE_EVENT_STREAM);
  g_ptr_array_add (world->log, g_strdup (message));
}

static gboolean
on_tick (gpointer user_data)
{
  return G_SOURCE_CONTINUE; /* so that AWAIT looks at what other threads changed */
}

static void
provider_init (FakeProvider *provider)
{
  g_mutex_init (&provider->lock);
  provider->manners = g_hash_table_new (g_direct_hash, g_direct_equal);
  provider->dialled = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (guint i = 0; i < FAKE_ACCOUNTS; i++)
    provider->releases[i] = g_array_new (FALSE, FALSE, sizeof (gint64));
}

static void
start_tuner (World *world)
{
  ForgeTunerConfig config = { .dial = fake_dial,
                              .catchup = fake_catchup,
                              .dial_data = &world->provider,
                              .event = on_event,
                              .event_data = world,
                              .context = world->context };
  g_autoptr (ForgeSettings) settings = forge_settings_new (world->settings);
  g_autoptr (GError) error = NULL;

  world->tuner = forge_tuner_new (&config, settings, &error);
  g_assert_no_error (error);
  world->relay = fake_relay_newest ();
}

static World *
world_prepare (void)
{
  World *world = g_new0 (World, 1);

  world->context = g_main_context_new ();
  world->tick = g_timeout_source_new (2);
  g_source_set_callback (world->tick, on_tick, NULL, NULL);
  g_source_attach (world->tick, world->context);
  provider_init (&world->provider);
  world->log = g_ptr_array_new_with_free_func (g_free);
  world->accounts = g_ptr_array_new_with_free_func ((GDestroyNotify)forge_account_unref);
  world->clients = g_ptr_array_new ();
  world->settings = g_hash_table_new (g_str_hash, g_str_equal);
  g_hash_table_insert (world->settings, (char *)"tune_hold_ms", (char *)"3000");
  g_hash_table_insert (world->settings, (char *)"takeover_after_ms", (char *)"60");
  g_hash_table_insert (world->settings, (char *)"linger_ms", (char *)"0");
  return world;
}

World *
world_new (void)
{
  World *world = world_prepare ();

  start_tuner (world);
  return world;
}

World *
world_new_with (const char *key, const char *value, ...)
{
  World *world = world_prepare ();
  va_list args;

  va_start (args, value);
  for (; key; key = va_arg (args, const char *), value = key ? va_arg (args, const char *) : NULL)
    g_hash_table_insert (world->settings, (char *)key, (char *)value);
  va_end (args);
  start_tuner (world);
  return world;
}

void
world_close_clients (World *world)
{
  for (guint i = 0; i < world->clients->len; i++)
    close (GPOINTER_TO_INT (world->clients->pdata[i]));
  g_ptr_array_set_size (world->clients, 0);
}

void
world_free (World *world)
{
  world_close_clients (world);
  forge_tuner_free (world->tuner);
  for (guint i = 0; i < FAKE_ACCOUNTS; i++) {
    g_assert_cmpint (world->provider.open[i], ==, 0);
    g_assert_cmpint (world->provider.peak[i], <=, world->provider.max[i]);
    g_array_unref (world->provider.releases[i]);
  }
  g_hash_table_unref (world->provider.manners);
  g_array_unref (world->provider.dialled);
  g_mutex_clear (&world->provider.lock);
  g_hash_table_unref (world->settings);
  g_ptr_array_unref (world->accounts);
  g_ptr_array_unref (world->log);
  g_ptr_array_unref (world->clients);
  g_source_destroy (world->tick);
  g_source_unref (world->tick);
  g_main_context_unref (world->context);
  g_free (world);
}

void
world_be_patient (World *world, guint start_grace_ms, guint slate_after_ms, guint give_up_ms)
{
  const ForgeTunerPatience patience = { start_grace_ms, slate_after_ms, give_up_ms };

  forge_tuner_set_patience (world->tuner, &patience);
}

void
world_add_account (World *world, gint64 id, int max)
{
  ForgeAccount *account = forge_account_new ();

  g_assert_cmpint (id, <, FAKE_ACCOUNTS);
  account->id = id;
  account->name = g_strdup_printf ("Account %d", (int)id);
  account->panel_max_connections = max;
  world->provider.max[id] = max;
  g_ptr_array_add (world->accounts, account);
  forge_tuner_set_accounts (world->tuner, world->accounts);
}

void
world_set (World *world, gint64 stream_id, FakeManner manner)
{
  g_mutex_lock (&world->provider.lock);
  g_hash_table_insert (world->provider.manners,
                       GINT_TO_POINTER (stream_id),
                       GINT_TO_POINTER (manner));
  g_mutex_unlock (&world->provider.lock);
}

void
channel_add (ForgeChannel *channel, gint64 account_id, gint64 stream_id, ForgeQuality quality)
{
  ForgeStream *stream = forge_stream_new ();

  stream->id = stream_id;
  stream->account_id = account_id;
  stream->quality = quality;
  stream->name = g_strdup_printf ("Stream %d", (int)stream_id);
  forge_channel_add_candidate (channel, stream, 1.0, FALSE, FALSE);
  forge_stream_unref (stream);
}

ForgeChannel *
world_channel (gint64 id, guint qualities)
{
  static const ForgeQuality ladder[] = { FORGE_QUALITY_4K,
                                         FORGE_QUALITY_FHD,
                                         FORGE_QUALITY_HD,
                                         FORGE_QUALITY_SD };
  ForgeChannel *channel = forge_channel_new ();

  channel->id = id;
  channel->number = (int)id;
  channel->name = g_strdup_printf ("Channel %d", (int)id);
  for (guint i = 0; i < qualities; i++)
    channel_add (channel, 1, id * 10 + 4 - i, ladder[i]);
  return channel;
}

int
world_tune_request (World *world, ForgeChannel *channel, const ForgeTuneRequest *request)
{
  ForgeTuneRequest with_socket = *request;
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
  with_socket.fd = ends[0];
  g_ptr_array_add (world->clients, GINT_TO_POINTER (ends[1]));
  forge_tuner_tune (world->tuner, channel, &with_socket);
  return ends[1];
}

int
world_tune (World *world, ForgeChannel *channel, const char *address, const char *user_agent)
{
  ForgeTuneRequest request = { .address = address,
                               .user_agent = user_agent,
                               .request_id = "r1",
                               .wanted_tuner = -1 };

  return world_tune_request (world, channel, &request);
}

FakeFeed *
world_feed (World *world, guint index)
{
  for (guint i = 0; i < world->relay->feeds->len; i++) {
    FakeFeed *feed = g_ptr_array_index (world->relay->feeds, i);
    if (!feed->is_closed && index-- == 0)
      return feed;
  }
  return NULL;
}

guint
world_n_feeds (World *world)
{
  guint n = 0;

  while (world_feed (world, n))
    n++;
  return n;
}

guint
world_n_sources (World *world)
{
  guint n = 0;

  for (guint i = 0; i < world->relay->feeds->len; i++)
    n += ((FakeFeed *)g_ptr_array_index (world->relay->feeds, i))->has_source;
  return n;
}

guint
world_n_answers (World *world, const char *part)
{
  guint n = 0;

  for (guint i = 0; i < world->relay->answers->len; i++)
    n += strstr (g_ptr_array_index (world->relay->answers, i), part) != NULL;
  return n;
}

gboolean
world_has_logged (World *world, const char *part)
{
  for (guint i = 0; i < world->log->len; i++)
    if (strstr (g_ptr_array_index (world->log, i), part))
      return TRUE;
  return FALSE;
}

int
world_open (World *world, gint64 account_id)
{
  g_mutex_lock (&world->provider.lock);
  int n = world->provider.open[account_id];
  g_mutex_unlock (&world->provider.lock);
  return n;
}

guint
world_n_dialled (World *world)
{
  g_mutex_lock (&world->provider.lock);
  guint n = world->provider.dialled->len;
  g_mutex_unlock (&world->provider.lock);
  return n;
}

gint64
world_dialled (World *world, guint index)
{
  gint64 id = -1;

  g_mutex_lock (&world->provider.lock);
  if (index < world->provider.dialled->len)
    id = g_array_index (world->provider.dialled, gint64, index);
  g_mutex_unlock (&world->provider.lock);
  return id;
}

int
world_used (World *world)
{
  int total, used;

  forge_tuner_count (world->tuner, &total, &used);
  return used;
}

ForgeSessionInfo *
world_session (World *world, guint index)
{
  g_autoptr (GPtrArray) list = forge_tuner_list_sessions (world->tuner);

  return index < list->len ? g_ptr_array_steal_index (list, index) : NULL;
}

void
world_settle (World *world)
{
  while (g_main_context_iteration (world->context, FALSE))
    ;
}

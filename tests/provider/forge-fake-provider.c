/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-fake-provider"
#include "config.h"

#include "forge-fake-provider.h"

#include "base/forge-error.h"
#include "forge-fake-api.h"
#include "forge-fake-art.h"
#include "forge-fake-guide.h"
#include "forge-fake-trouble.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* Connections at once, each with a thread; more are closed unanswered. */
#define MAX_CONNECTIONS 128u
/* The deepest call chain needs a few KiB of buffers; sanitizers want several times that. */
#define STACK_BYTES     (512u * 1024u)
#define BACKLOG         1024
#define DEFAULT_LIMIT   4u
#define ACCEPT_PAUSE_MS 50
/* Live TV was on before: an HLS window and a loop number above 0 exist from the first request. */
#define ON_AIR_BEFORE_US (60 * G_USEC_PER_SEC)

/* With every character that has to be escaped somewhere. */
#define TEST_USERNAME "ann+marie@home"
#define TEST_PASSWORD "p@ss/w:rd&1%"

void
forge_fake_allowance_locked (ForgeFakeProvider *provider, ForgeFakeAllowance *allowance)
{
  ForgeFakeFaults state;

  forge_fake_script_take (provider->script,
                          FORGE_FAKE_TARGET_ACCOUNT,
                          0,
                          FORGE_FAKE_ALL_VERBS,
                          &state);
  *allowance = (ForgeFakeAllowance){ .max = provider->max_connections };
  if (forge_fake_has (&state, FORGE_FAKE_LIMIT)) {
    allowance->max = (guint)state.values[FORGE_FAKE_LIMIT];
    allowance->policy = state.policy;
  }
  if (forge_fake_has (&state, FORGE_FAKE_RELEASE_DELAY))
    allowance->release_delay_us = state.values[FORGE_FAKE_RELEASE_DELAY] * 1000;
}

static gboolean
not_found (ForgeFakeConnection *connection, const ForgeFakeRequest *request)
{
  /* Seen: panels answer anything that is wrong with nginx' own 404 page. */
  return forge_fake_reply (connection, request, 404, "text/html", NULL, "");
}

/* 0 if the account is fit to play, else the status that playing is answered with. */
static guint
account_refusal (ForgeFakeProvider *provider)
{
  ForgeFakeFaults state;

  pthread_mutex_lock (&provider->lock);
  forge_fake_script_take (provider->script,
                          FORGE_FAKE_TARGET_ACCOUNT,
                          0,
                          FORGE_FAKE_ALL_VERBS,
                          &state);
  pthread_mutex_unlock (&provider->lock);
  if (forge_fake_has (&state, FORGE_FAKE_BANNED))
    return 403;
  return forge_fake_has (&state, FORGE_FAKE_EXPIRED) ? 404 : 0;
}

static gboolean
route_script (ForgeFakeConnection *connection, const ForgeFakeRequest *request)
{
  ForgeFakeProvider *provider = connection->provider;

  if (strcmp (forge_fake_request_query (request, "username"), provider->username) != 0 ||
      strcmp (forge_fake_request_query (request, "password"), provider->password) != 0)
    return forge_fake_reply (connection,
                             request,
                             200,
                             "application/json",
                             NULL,
                             "{\"user_info\":{\"auth\":0}}");
  if (strcmp (request->parts[0], "xmltv.php") == 0)
    return forge_fake_guide_reply (connection, request);
  if (strcmp (request->parts[0], "get.php") == 0)
    return forge_fake_m3u_reply (connection, request);
  return forge_fake_api_reply (connection, request);
}

static gboolean
play (ForgeFakeConnection *connection,
      const ForgeFakeRequest *request,
      ForgeFakeKind kind,
      guint id)
{
  if (kind != FORGE_FAKE_LIVE)
    return forge_fake_vod_reply (connection, request, kind, id);
  if (!forge_fake_catalogue_has (connection->provider->catalogue, id))
    return not_found (connection, request);
  return forge_fake_live_reply (connection, request, id);
}

/* To where no connection comes about. FALSE if that was not said. */
static gboolean
misdirect (ForgeFakeConnection *connection,
           const ForgeFakeRequest *request,
           const ForgeFakeFaults *faults)
{
  const char *host = connection->provider->url + strlen ("http://");
  g_autofree char *more = NULL;

  if (forge_fake_has (faults, FORGE_FAKE_NOWHERE))
    more = g_strdup ("Location: http://127.0.0.1:9/live\r\n");
  else if (forge_fake_has (faults, FORGE_FAKE_NO_TLS))
    more = g_strdup_printf ("Location: https://%s/live\r\n", host);
  return more && forge_fake_reply (connection, request, 302, "text/html", more, "");
}

/* A playlist is never redirected: it names a token itself. */
static gboolean
route_play (ForgeFakeConnection *connection,
            const ForgeFakeRequest *request,
            ForgeFakeKind kind,
            guint id,
            const char *extension)
{
  ForgeFakeFaults faults;

  forge_fake_stream_faults (connection, id, FORGE_FAKE_ROUTE_VERBS, &faults);
  if (kind == FORGE_FAKE_LIVE &&
      (strcmp (extension, ".m3u8") == 0 || forge_fake_has (&faults, FORGE_FAKE_HLS)))
    return forge_fake_catalogue_has (connection->provider->catalogue, id)
               ? forge_fake_hls_master_reply (connection, request, id)
               : not_found (connection, request);
  if (forge_fake_has (&faults, FORGE_FAKE_HLS_ONLY))
    return forge_fake_reply (connection, request, 405, "text/html", NULL, "");
  if (misdirect (connection, request, &faults))
    return TRUE;
  if (forge_fake_has (&faults, FORGE_FAKE_REDIRECT))
    return forge_fake_redirect_reply (connection, request, kind, id);
  return play (connection, request, kind, id);
}

/* "13", "13.ts", "13.m3u8": the number, 0 if there is none; `extension` is set to what follows. */
static guint
parse_media_name (const char *name, const char **extension)
{
  char *end = NULL;
  guint64 id = g_ascii_strtoull (name, &end, 10);

  *extension = end;
  return g_ascii_isdigit (*name) && id <= G_MAXINT32 ? (guint)id : 0;
}

/* 0 = live, as in addresses without a kind; then `parts` is moved behind the kind. */
static ForgeFakeKind
parse_kind (char ***parts)
{
  static const char *const kinds[] = { "live", "movie", "series" };

  for (guint i = 0; (*parts)[0] && i < G_N_ELEMENTS (kinds); i++) {
    if (strcmp ((*parts)[0], kinds[i]) == 0) {
      *parts += 1;
      return (ForgeFakeKind)i;
    }
  }
  return FORGE_FAKE_LIVE;
}

/* [live|movie|series]/USER/PASSWORD/ID[.EXT] */
static gboolean
route_media (ForgeFakeConnection *connection, const ForgeFakeRequest *request)
{
  ForgeFakeProvider *provider = connection->provider;
  char **parts = request->parts;
  ForgeFakeKind kind = parse_kind (&parts);
  const char *extension = "";

  if (g_strv_length (parts) != 3 || strcmp (parts[0], provider->username) != 0 ||
      strcmp (parts[1], provider->password) != 0)
    return not_found (connection, request);

  guint id = parse_media_name (parts[2], &extension);
  guint refusal = account_refusal (provider);
  if (refusal > 0)
    return forge_fake_reply (connection, request, refusal, "text/html", NULL, "");
  return route_play (connection, request, kind, id, extension);
}

static gboolean
route_edge (ForgeFakeConnection *connection, const ForgeFakeRequest *request)
{
  ForgeFakeToken token;

  if (!forge_fake_token_take (connection->provider, request->parts[1], &token))
    return forge_fake_reply (connection, request, 403, "text/plain", NULL, "token");
  return play (connection, request, token.kind, token.id);
}

static gboolean
has_login (const ForgeFakeProvider *provider, const char *username, const char *password)
{
  return strcmp (username, provider->username) == 0 && strcmp (password, provider->password) == 0;
}

static gboolean
route_timeshift (ForgeFakeConnection *connection, const ForgeFakeRequest *request)
{
  ForgeFakeProvider *provider = connection->provider;
  gboolean is_query = strcmp (request->parts[0], "streaming") == 0;
  const char *username = is_query ? forge_fake_request_query (request, "username")
                                  : request->parts[1];
  const char *password = is_query ? forge_fake_request_query (request, "password")
                                  : request->parts[2];
  guint refusal = account_refusal (provider);

  if (!has_login (provider, username, password))
    return not_found (connection, request);
  if (refusal > 0)
    return forge_fake_reply (connection, request, refusal, "text/html", NULL, "");
  return is_query ? forge_fake_timeshift_query_reply (connection, request)
                  : forge_fake_timeshift_reply (connection, request);
}

static gboolean
route (ForgeFakeConnection *connection, const ForgeFakeRequest *request)
{
  static const char *const scripts[] = { "player_api.php", "xmltv.php", "get.php", NULL };
  char **parts = request->parts;
  guint n = g_strv_length (parts);

  if (n == 0)
    return not_found (connection, request);
  if (n == 1 && g_strv_contains (scripts, parts[0]))
    return route_script (connection, request);
  if (n == 2 && strcmp (parts[0], "edge") == 0)
    return route_edge (connection, request);
  if (n == 3 && strcmp (parts[0], "hls") == 0)
    return forge_fake_hls_reply (connection, request, parts[1], parts[2]);
  if (n == 3 && strcmp (parts[0], "art") == 0)
    return forge_fake_art_reply (connection, request, parts[1], parts[2]);
  if ((n == 6 && strcmp (parts[0], "timeshift") == 0) ||
      (n == 2 && strcmp (parts[0], "streaming") == 0 && strcmp (parts[1], "timeshift.php") == 0))
    return route_timeshift (connection, request);
  return route_media (connection, request);
}

/* Never the path: it holds the password. */
static void
note_request (ForgeFakeProvider *provider, const ForgeFakeRequest *request)
{
  pthread_mutex_lock (&provider->lock);
  provider->requests++;
  provider->conditional += request->is_conditional ? 1 : 0;
  pthread_mutex_unlock (&provider->lock);
  if (!provider->options.is_demo)
    g_debug ("%s /%s %s",
             request->is_head ? "HEAD" : "GET",
             g_strv_length (request->parts) == 1 ? request->parts[0] : "…",
             forge_fake_request_query (request, "action"));
}

static void
close_connection (ForgeFakeConnection *connection)
{
  ForgeFakeProvider *provider = connection->provider;
  ForgeFakeAllowance allowance;

  pthread_mutex_lock (&provider->lock);
  forge_fake_allowance_locked (provider, &allowance);
  forge_fake_slots_leave (provider->slots, &allowance, connection->fd);
  close (connection->fd);
  connection->fd = -1;
  connection->is_done = TRUE;
  pthread_mutex_unlock (&provider->lock);
}

static void *
serve_connection (void *data)
{
  ForgeFakeConnection *connection = data;
  gboolean is_usable = TRUE;

  while (is_usable && !connection->must_close) {
    g_autoptr (ForgeFakeRequest) request = forge_fake_request_read (connection);

    if (!request)
      break;
    note_request (connection->provider, request);
    is_usable = route (connection, request);
  }
  close_connection (connection);
  return NULL;
}

/* Joins the threads that have ended, and with `all` the others, too. */
static guint
join_connections (ForgeFakeProvider *provider, gboolean all)
{
  guint alive = 0;

  for (guint i = provider->connections->len; i-- > 0;) {
    ForgeFakeConnection *connection = provider->connections->pdata[i];

    pthread_mutex_lock (&provider->lock);
    gboolean is_done = connection->is_done;
    pthread_mutex_unlock (&provider->lock);
    if (!is_done && !all) {
      alive++;
      continue;
    }
    pthread_join (connection->thread, NULL);
    g_ptr_array_remove_index_fast (provider->connections, i);
  }
  return alive;
}

static gboolean
start_thread (pthread_t *thread, void *(*run) (void *), void *data)
{
  pthread_attr_t attributes;

  pthread_attr_init (&attributes);
  pthread_attr_setstacksize (&attributes, STACK_BYTES);
  int failure = pthread_create (thread, &attributes, run, data);
  pthread_attr_destroy (&attributes);
  return failure == 0;
}

static void
accept_connection (ForgeFakeProvider *provider)
{
  int fd = accept4 (provider->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  const int on = 1;

  if (fd < 0) {
    /* Out of descriptors: the listener stays readable, so it must not be looked at for a while. */
    struct pollfd stop = { .fd = provider->stop_fd, .events = POLLIN };
    (void)poll (&stop, 1, ACCEPT_PAUSE_MS);
    return;
  }
  if (join_connections (provider, FALSE) >= MAX_CONNECTIONS) {
    close (fd);
    return;
  }
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);

  g_autofree ForgeFakeConnection *connection = g_new0 (ForgeFakeConnection, 1);
  connection->provider = provider;
  connection->fd = fd;
  if (start_thread (&connection->thread, serve_connection, connection))
    g_ptr_array_add (provider->connections, g_steal_pointer (&connection));
  else
    close (fd);
}

static void *
accept_loop (void *data)
{
  ForgeFakeProvider *provider = data;
  struct pollfd fds[2] = { { .fd = provider->listener, .events = POLLIN },
                           { .fd = provider->stop_fd, .events = POLLIN } };

  for (;;) {
    int n = poll (fds, G_N_ELEMENTS (fds), -1);

    if ((n < 0 && errno != EINTR) || fds[1].revents)
      break;
    if (n > 0 && fds[0].revents)
      accept_connection (provider);
  }
  join_connections (provider, TRUE);
  return NULL;
}

static gboolean
set_errno_error (GError **error, const char *what)
{
  g_set_error (error, FORGE_ERROR, FORGE_ERROR_INTERNAL, "%s: %s", what, g_strerror (errno));
  return FALSE;
}

static gboolean
listen_on_loopback (ForgeFakeProvider *provider, GError **error)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_port = htons (provider->options.port),
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof address;
  const int on = 1;

  provider->stop_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  provider->listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (provider->stop_fd < 0 || provider->listener < 0)
    return set_errno_error (error, "no descriptor for the demo provider");
  setsockopt (provider->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind (provider->listener, (struct sockaddr *)&address, size) < 0 ||
      listen (provider->listener, BACKLOG) < 0 ||
      getsockname (provider->listener, (struct sockaddr *)&address, &size) < 0)
    return set_errno_error (error, "the demo provider cannot listen");
  provider->url = g_strdup_printf ("http://127.0.0.1:%u", ntohs (address.sin_port));
  return TRUE;
}

static void
make_credentials (ForgeFakeProvider *provider)
{
  char random[FORGE_FAKE_TOKEN_CHARS + 1];

  forge_fake_make_token (random);
  provider->username = g_strdup (provider->options.is_demo ? "demo" : TEST_USERNAME);
  provider->password = g_strdup (provider->options.is_demo ? random : TEST_PASSWORD);
}

static void
provider_destroy (ForgeFakeProvider *provider)
{
  if (provider->listener >= 0)
    close (provider->listener);
  if (provider->stop_fd >= 0)
    close (provider->stop_fd);
  g_ptr_array_unref (provider->connections);
  g_array_unref (provider->tokens);
  forge_fake_slots_free (provider->slots);
  forge_fake_script_free (provider->script);
  forge_fake_catalogue_free (provider->catalogue);
  pthread_mutex_destroy (&provider->lock);
  g_free (provider->url);
  g_free (provider->username);
  g_free (provider->password);
  g_free (provider);
}

static ForgeFakeProvider *
provider_make (const ForgeFakeProviderOptions *options)
{
  ForgeFakeProvider *provider = g_new0 (ForgeFakeProvider, 1);

  provider->options = *options;
  provider->max_connections = options->max_connections ? options->max_connections : DEFAULT_LIMIT;
  provider->listener = provider->stop_fd = -1;
  provider->started_us = g_get_monotonic_time () - ON_AIR_BEFORE_US;
  provider->catalogue =
      forge_fake_catalogue_new (options->is_demo, options->channels, options->generated_streams);
  provider->script = forge_fake_script_new ();
  provider->slots = forge_fake_slots_new ();
  provider->connections = g_ptr_array_new_with_free_func (g_free);
  provider->tokens = g_array_new (FALSE, FALSE, sizeof (ForgeFakeToken));
  pthread_mutex_init (&provider->lock, NULL);
  make_credentials (provider);
  return provider;
}

static gboolean
provider_start (ForgeFakeProvider *provider, GError **error)
{
  for (guint tier = 0; tier < FORGE_FAKE_TIERS; tier++)
    if (!forge_fake_clip_load (&provider->clips[tier], tier, error))
      return FALSE;
  if (!listen_on_loopback (provider, error))
    return FALSE;
  if (start_thread (&provider->acceptor, accept_loop, provider))
    return TRUE;
  return set_errno_error (error, "no thread for the demo provider");
}

ForgeFakeProvider *
forge_fake_provider_new (const ForgeFakeProviderOptions *options, GError **error)
{
  g_return_val_if_fail (options, NULL);

  ForgeFakeProvider *provider = provider_make (options);
  if (provider_start (provider, error))
    return provider;
  provider_destroy (provider);
  return NULL;
}

void
forge_fake_provider_free (ForgeFakeProvider *provider)
{
  const guint64 stop = 1;

  g_return_if_fail (provider);
  if (write (provider->stop_fd, &stop, sizeof stop) != sizeof stop)
    g_critical ("the demo provider cannot be stopped: %s", g_strerror (errno));
  pthread_join (provider->acceptor, NULL);
  provider_destroy (provider);
}

const char *
forge_fake_provider_url (ForgeFakeProvider *provider)
{
  return provider->url;
}

const char *
forge_fake_provider_username (ForgeFakeProvider *provider)
{
  return provider->username;
}

const char *
forge_fake_provider_password (ForgeFakeProvider *provider)
{
  return provider->password;
}

gboolean
forge_fake_provider_say (ForgeFakeProvider *provider, const char *sentence, GError **error)
{
  pthread_mutex_lock (&provider->lock);
  gboolean is_understood = forge_fake_script_say (provider->script, sentence, error);
  pthread_mutex_unlock (&provider->lock);
  return is_understood;
}

void
forge_fake_provider_counts (ForgeFakeProvider *provider, ForgeFakeProviderCounts *counts)
{
  pthread_mutex_lock (&provider->lock);
  forge_fake_slots_counts (provider->slots, counts);
  counts->requests = provider->requests;
  counts->conditional = provider->conditional;
  pthread_mutex_unlock (&provider->lock);
}

guint
forge_fake_provider_opens_of (ForgeFakeProvider *provider, guint stream_id)
{
  pthread_mutex_lock (&provider->lock);
  guint opens = forge_fake_slots_opens_of (provider->slots, stream_id);
  pthread_mutex_unlock (&provider->lock);
  return opens;
}

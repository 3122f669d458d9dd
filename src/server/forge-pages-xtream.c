/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "server/forge-app-gate.h"
#include "server/forge-pages-xtream-private.h"
#include "server/forge-panel-json.h"
#include "server/forge-request-private.h"

#include <stdio.h>
#include <string.h>

/* Our own Xtream API, for apps that know no other way in: users that we made, the lineup of a
 * device, the films and series of the library.
 */

#define SHORT_GUIDE_ROWS     4
#define MAX_SHORT_GUIDE_ROWS 100
#define MAX_TABLE_ROWS       2000
#define MAX_PAST_MINUTES     1440
#define REFUSED              "{\"user_info\":{\"auth\":0}}"

/* What a user may see at this moment. */
typedef struct {
  ForgeAppUser *user;
  ForgePagesSnapshot now; /* of the user's device */
} Visit;

static void
visit_clear (Visit *visit)
{
  g_clear_pointer (&visit->user, forge_app_user_unref);
  forge_pages_snapshot_clear (&visit->now);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Visit, visit_clear)

/* FALSE: the pair is wrong. */
static gboolean
enter (ForgeTunerPages *pages,
       const ForgeRequest *request,
       const char *name,
       const char *password,
       Visit *visit)
{
  visit->user = forge_app_gate_open (pages->gate, name, password, request->peer);
  if (!visit->user)
    return FALSE;
  forge_pages_snapshot_of (pages, visit->user->device, &visit->now);
  return TRUE;
}

static gboolean
enter_by_query (ForgeTunerPages *pages, const ForgeRequest *request, Visit *visit)
{
  return enter (pages,
                request,
                forge_request_query (request, "username"),
                forge_request_query (request, "password"),
                visit);
}

static gint64
now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static char *
login_text (ForgeTunerPages *pages, const ForgeRequest *request, const Visit *visit)
{
  int tuners = g_atomic_int_get (&pages->tuners_total), own_limit = visit->user->max_connections;
  const ForgePanelLogin login = {
    .username = visit->user->name,
    .password = forge_request_query (request, "password"),
    .created_at = visit->user->created_at,
    .now_s = now_s (),
    .max_connections = own_limit > 0 ? MIN (own_limit, tuners) : tuners,
    .active_connections = (int)forge_app_seats_count (pages->seats, visit->user->id),
    .base_url = request->base_url,
  };

  return forge_panel_login (&login);
}

static ForgeChannel *
find_stream (const Visit *visit, const char *id)
{
  gint64 value;

  if (!id || !visit->now.lineup || !g_ascii_string_to_signed (id, 10, 1, G_MAXINT64, &value, NULL))
    return NULL;
  return forge_lineup_find_id (visit->now.lineup, value);
}

static char *
guide_text (ForgeTunerPages *pages,
            const ForgeRequest *request,
            const Visit *visit,
            gboolean is_table)
{
  const char *limit = forge_request_query (request, "limit");
  ForgeStore *store = forge_store_pool_take (pages->stores, NULL);
  guint64 rows = limit ? g_ascii_strtoull (limit, NULL, 10) : SHORT_GUIDE_ROWS;
  char *text;

  if (!store)
    return g_strdup ("{\"epg_listings\":[]}");
  text =
      forge_panel_guide (store,
                         find_stream (visit, forge_request_query (request, "stream_id")),
                         is_table ? MAX_TABLE_ROWS : (guint)CLAMP (rows, 1, MAX_SHORT_GUIDE_ROWS),
                         is_table,
                         now_s ());
  forge_store_pool_give (pages->stores, store);
  return text;
}

static char *
answer_action (ForgeTunerPages *pages,
               const ForgeRequest *request,
               const char *action,
               const Visit *visit)
{
  if (!*action || strcmp (action, "get_account_info") == 0 || strcmp (action, "get_profile") == 0)
    return login_text (pages, request, visit);
  if (strcmp (action, "get_short_epg") == 0)
    return guide_text (pages, request, visit, FALSE);
  if (strcmp (action, "get_simple_data_table") == 0)
    return guide_text (pages, request, visit, TRUE);
  if (visit->now.lineup && strcmp (action, "get_live_categories") == 0)
    return forge_panel_categories (visit->now.lineup);
  if (visit->now.lineup && strcmp (action, "get_live_streams") == 0)
    return forge_panel_streams (visit->now.lineup,
                                forge_request_query (request, "category_id"),
                                request->base_url);
  return g_strdup ("[]");
}

static ForgeReply *
on_player_api (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  ForgeTunerPages *pages = user_data;
  const char *named = forge_request_query (request, "action"), *action = named ? named : "";
  const ForgePanelAction *about_films = forge_panel_action_find (action);
  g_auto (Visit) visit = { 0 };

  if (!enter_by_query (pages, request, &visit))
    return forge_pages_document (FORGE_TYPE_JSON, g_strdup (REFUSED));
  if (about_films)
    return forge_panel_action_answer (pages,
                                      about_films,
                                      visit.user->has_library,
                                      request,
                                      cancellable);
  return forge_pages_document (FORGE_TYPE_JSON, answer_action (pages, request, action, &visit));
}

/* Some apps send their form as a body. */
static ForgeReply *
on_player_api_post (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  ForgeRequest with_form = *request;
  g_autofree char *text = request->body ? g_strndup (g_bytes_get_data (request->body, NULL),
                                                     g_bytes_get_size (request->body))
                                        : NULL;
  g_autoptr (GHashTable) form = forge_request_decode_query (text);

  if (!form)
    return forge_reply_new_status (400);
  if (g_hash_table_size (form) > 0)
    with_form.query = form;
  return on_player_api (&with_form, cancellable, user_data);
}

static char *
encode (const char *text)
{
  return g_uri_escape_string (text, NULL, FALSE);
}

static ForgeReply *
on_get (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  ForgeTunerPages *pages = user_data;
  g_auto (Visit) visit = { 0 };

  if (!enter_by_query (pages, request, &visit))
    return forge_reply_new_status (403);
  g_autofree char *name = encode (visit.user->name);
  g_autofree char *password = encode (forge_request_query (request, "password"));
  const ForgePagesPlaylist playlist = {
    .lineup = visit.now.lineup,
    .base_url = request->base_url,
    .is_plain = g_strcmp0 (forge_request_query (request, "type"), "m3u") == 0,
    .username = name,
    .password = password,
  };
  return forge_pages_document (FORGE_TYPE_M3U, forge_pages_playlist_text (&playlist));
}

static ForgeReply *
on_xmltv (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  ForgeTunerPages *pages = user_data;
  g_auto (Visit) visit = { 0 };

  if (!enter_by_query (pages, request, &visit))
    return forge_reply_new_status (403);
  return forge_pages_guide_reply (pages, &visit.now, request->base_url, FALSE);
}

/* "USER/PASSWORD/ID.ts", decoded. A password may hold a slash, a user name or an id may not. */
typedef struct {
  char *name, *password, *id;
  char *extension; /* "ts"; "" without one */
} Path;

static void
path_clear (Path *path)
{
  g_free (path->name);
  g_free (path->password);
  g_free (path->id);
  g_free (path->extension);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Path, path_clear)

static gboolean
split_path (const char *tail, Path *path)
{
  const char *first = strchr (tail, '/'), *last = strrchr (tail, '/');

  if (!first || last == first)
    return FALSE;
  path->name = g_strndup (tail, (gsize)(first - tail));
  path->password = g_strndup (first + 1, (gsize)(last - first) - 1);
  const char *dot = strrchr (last, '.');
  path->id = g_strndup (last + 1, dot ? (gsize)(dot - last) - 1 : strlen (last + 1));
  path->extension = g_strdup (dot ? dot + 1 : "");
  return TRUE;
}

/* NULL and `*seat`, or the refusal. `what`: "live/5". */
static ForgeReply *
take_seat (ForgeTunerPages *pages,
           const ForgeRequest *request,
           const Visit *visit,
           const char *what,
           ForgeSeat *seat)
{
  g_autoptr (GArray) ended = g_array_new (FALSE, FALSE, sizeof (guint64));
  gboolean may = forge_app_seats_take (pages->seats, visit->user, request->peer, what, seat, ended);

  if (ended->len > 0 && pages->library.end_seats)
    pages->library.end_seats (ended, pages->library.user_data);
  return may ? NULL : forge_reply_new_tuner_error (403, "809 Playback Connection Limit");
}

static ForgeReply *
take_channel_seat (ForgeTunerPages *pages,
                   const ForgeRequest *request,
                   const Visit *visit,
                   const ForgeChannel *channel,
                   ForgeSeat *seat)
{
  g_autofree char *what = g_strdup_printf ("live/%" G_GINT64_FORMAT, channel->id);

  return take_seat (pages, request, visit, what, seat);
}

static gboolean
is_served (const char *extension)
{
  return !*extension || strcmp (extension, "ts") == 0 || strcmp (extension, "m3u8") == 0;
}

/* There is one form only; players that look at what comes, and not at the name, play it. */
static ForgeReply *
to_ts (const char *id)
{
  ForgeReply *reply = forge_reply_new_status (302);
  g_autofree char *place = g_strconcat (id, ".ts", NULL);

  forge_reply_add_header (reply, "Location", place);
  forge_reply_add_header (reply, "Cache-Control", "no-store");
  return reply;
}

/* NULL and `*channel` (transfer full), or the refusal: without a body, as all of streams. `seat`
 * NULL: nothing will be opened. */
static ForgeReply *
find_live (ForgeTunerPages *pages,
           const ForgeRequest *request,
           ForgeChannel **channel,
           ForgeSeat *seat)
{
  g_auto (Path) path = { 0 };
  g_auto (Visit) visit = { 0 };

  if (!split_path (request->tail, &path))
    return forge_reply_new_status (404);
  if (!enter (pages, request, path.name, path.password, &visit))
    return forge_reply_new_status (403);
  ForgeChannel *found = find_stream (&visit, path.id);
  if (!found || !forge_pages_has_source (found) || !is_served (path.extension))
    return forge_reply_new_tuner_error (404, "801 Unknown Channel");
  if (strcmp (path.extension, "m3u8") == 0)
    return to_ts (path.id);
  *channel = forge_channel_ref (found);
  return seat ? take_channel_seat (pages, request, &visit, found, seat) : NULL;
}

static ForgeReply *
on_live (const ForgeRequest *request, int fd, gpointer user_data)
{
  ForgeTunerPages *pages = user_data;
  g_autoptr (ForgeChannel) channel = NULL;
  ForgeSeat seat = { 0 };
  ForgeReply *refusal = find_live (pages, request, &channel, &seat);
  const ForgeTuneRequest order = { .fd = fd,
                                   .seat = seat,
                                   .address = request->peer,
                                   .user_agent = request->user_agent,
                                   .request_id = request->request_id,
                                   .wanted_tuner = -1 };

  if (refusal)
    return refusal;
  forge_tuner_tune (pages->tuner, channel, &order);
  forge_pages_note_tuners (pages);
  return NULL;
}

static ForgeReply *
on_live_head (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (ForgeChannel) channel = NULL;
  ForgeReply *refusal = find_live (user_data, request, &channel, NULL);

  return refusal ? refusal : forge_reply_new_endless (FORGE_TYPE_TS);
}

/* "MINUTES/2026-01-31:20-15/ID.ts" after user and password; our panel's time zone is UTC. */
typedef struct {
  guint minutes;
  gint64 start_s;
  const char *id;
} Past;

static gboolean
parse_past (char **parts, Past *past)
{
  int year, month, day, hour, minute;
  guint64 minutes;
  char *dot = strrchr (parts[4], '.');

  if (dot)
    *dot = '\0';
  past->id = parts[4];
  if (!g_ascii_string_to_unsigned (parts[2], 10, 1, MAX_PAST_MINUTES, &minutes, NULL) ||
      sscanf (parts[3], "%4d-%2d-%2d%*1[:_]%2d-%2d", &year, &month, &day, &hour, &minute) != 5)
    return FALSE;
  g_autoptr (GDateTime) start = g_date_time_new_utc (year, month, day, hour, minute, 0);
  past->minutes = (guint)minutes;
  past->start_s = start ? g_date_time_to_unix (start) : 0;
  return start != NULL;
}

static ForgeReply *
find_past (ForgeTunerPages *pages,
           const ForgeRequest *request,
           Past *past,
           ForgeChannel **channel,
           ForgeSeat *seat)
{
  g_auto (GStrv) parts = g_strsplit (request->tail, "/", -1);
  g_auto (Visit) visit = { 0 };

  if (g_strv_length (parts) != 5)
    return forge_reply_new_status (404);
  if (!enter (pages, request, parts[0], parts[1], &visit))
    return forge_reply_new_status (403);
  if (!parse_past (parts, past))
    return forge_reply_new_tuner_error (400, "807 No Video Data");
  ForgeChannel *found = find_stream (&visit, past->id);
  if (!found || !forge_pages_has_source (found))
    return forge_reply_new_tuner_error (404, "801 Unknown Channel");
  if (!forge_pages_is_in_archive (found, past->start_s))
    return forge_reply_new_tuner_error (404, "807 No Video Data");
  *channel = forge_channel_ref (found);
  return seat ? take_channel_seat (pages, request, &visit, found, seat) : NULL;
}

static ForgeReply *
on_timeshift (const ForgeRequest *request, int fd, gpointer user_data)
{
  ForgeTunerPages *pages = user_data;
  g_autoptr (ForgeChannel) channel = NULL;
  Past past = { 0 };
  ForgeSeat seat = { 0 };
  ForgeReply *refusal = find_past (pages, request, &past, &channel, &seat);
  const ForgeTuneRequest order = { .fd = fd,
                                   .seat = seat,
                                   .address = request->peer,
                                   .user_agent = request->user_agent,
                                   .request_id = request->request_id,
                                   .duration_s = past.minutes * 60,
                                   .wanted_tuner = -1,
                                   .start_s = past.start_s };

  if (refusal)
    return refusal;
  forge_tuner_tune (pages->tuner, channel, &order);
  return NULL;
}

static ForgeReply *
on_timeshift_head (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (ForgeChannel) channel = NULL;
  Past past = { 0 };
  ForgeReply *refusal = find_past (user_data, request, &past, &channel, NULL);

  return refusal ? refusal : forge_reply_new_endless (FORGE_TYPE_TS);
}

/* "USER/PASSWORD/ID.EXTENSION"; what the file is called says nothing about what it is. */
static ForgeReply *
serve_media (ForgeTunerPages *pages,
             ForgeMediaKind kind,
             const ForgeRequest *request,
             GCancellable *cancellable)
{
  const ForgePagesLibrary *library = &pages->library;
  g_auto (Path) path = { 0 };
  g_auto (Visit) visit = { 0 };
  ForgeSeat seat = { 0 };
  gint64 id;

  if (!split_path (request->tail, &path))
    return forge_reply_new_status (404);
  if (!enter (pages, request, path.name, path.password, &visit))
    return forge_reply_new_status (403);
  if (!g_ascii_string_to_signed (path.id, 10, 1, G_MAXINT64, &id, NULL) || !library->serve ||
      !visit.user->has_library)
    return forge_reply_new_status (404);
  g_autofree char *what = forge_media_handle (kind, id);
  ForgeReply *refusal = request->is_head ? NULL : take_seat (pages, request, &visit, what, &seat);
  return refusal ? refusal
                 : library->serve (kind, id, &seat, request, cancellable, library->user_data);
}

static ForgeReply *
on_movie (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  return serve_media (user_data, FORGE_MEDIA_MOVIE, request, cancellable);
}

static ForgeReply *
on_episode (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  return serve_media (user_data, FORGE_MEDIA_EPISODE, request, cancellable);
}

void
forge_pages_add_xtream (ForgeTunerPages *pages, ForgeRouter *router)
{
  forge_router_add (router, "GET", "/player_api.php", FORGE_RUN_MEDIA, on_player_api, pages);
  forge_router_add (router, "POST", "/player_api.php", FORGE_RUN_MEDIA, on_player_api_post, pages);
  forge_router_add (router, "GET", "/get.php", FORGE_RUN_JOB, on_get, pages);
  forge_router_add (router, "GET", "/xmltv.php", FORGE_RUN_JOB, on_xmltv, pages);
  forge_router_add (router, "GET", "/movie/*", FORGE_RUN_MEDIA, on_movie, pages);
  forge_router_add (router, "GET", "/series/*", FORGE_RUN_MEDIA, on_episode, pages);
  forge_router_add_takeover (router, "/live/*", on_live, on_live_head, pages);
  forge_router_add_takeover (router, "/timeshift/*", on_timeshift, on_timeshift_head, pages);
}

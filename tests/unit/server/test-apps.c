/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "forge-test-server.h"
#include "server/forge-app-gate.h"
#include "server/forge-app-seats.h"
#include "server/forge-artwork.h"
#include "server/forge-panel-json.h"
#include "server/forge-panel-library.h"
#include "store/forge-password.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>

#include <string.h>

static GPtrArray *
make_users (const char *name, const char *password)
{
  GPtrArray *users = g_ptr_array_new_with_free_func ((GDestroyNotify)forge_app_user_unref);
  ForgeAppUser *user = forge_app_user_new ();

  user->id = 1;
  user->name = g_strdup (name);
  user->secret = forge_password_hash (password, NULL);
  g_ptr_array_add (users, user);
  return users;
}

static gboolean
opens (ForgeAppGate *gate, const char *name, const char *password, const char *peer)
{
  g_autoptr (ForgeAppUser) user = forge_app_gate_open (gate, name, password, peer);

  return user != NULL;
}

static void
test_only_the_right_pair_opens (void)
{
  g_autoptr (ForgeAppGate) gate = forge_app_gate_new ();
  g_autoptr (GPtrArray) users = make_users ("tv", "right one");
  g_autoptr (GPtrArray) others = make_users ("tv", "another");

  g_assert_false (opens (gate, "tv", "right one", "10.0.0.1"));
  forge_app_gate_set_users (gate, users);
  g_assert_true (opens (gate, "tv", "right one", "10.0.0.2"));
  g_assert_false (opens (gate, "tv", "wrong one", "10.0.0.3"));
  g_assert_false (opens (gate, "TV", "right one", "10.0.0.4"));
  g_assert_false (opens (gate, "tv", "", "10.0.0.5"));
  g_assert_false (opens (gate, NULL, NULL, "10.0.0.6"));
  forge_app_gate_set_users (gate, others);
  g_assert_false (opens (gate, "tv", "right one", "10.0.0.7"));
  g_assert_true (opens (gate, "tv", "another", "10.0.0.8"));
}

/* A peer that guesses is stopped; one that was right goes on. */
static void
test_guesses_are_few (void)
{
  g_autoptr (ForgeAppGate) gate = forge_app_gate_new ();
  g_autoptr (GPtrArray) users = make_users ("tv", "right one");

  forge_app_gate_set_users (gate, users);
  g_assert_true (opens (gate, "tv", "right one", "10.0.0.2"));
  for (guint i = 0; i < 50; i++)
    g_assert_false (opens (gate, "nobody", "guess", "10.0.0.2"));
  g_assert_false (opens (gate, "tv", "right  one", "10.0.0.2"));
  g_assert_true (opens (gate, "tv", "right one", "10.0.0.2"));
}

static void
test_passwords_are_salted_hashes (void)
{
  g_autofree char *one = forge_password_hash ("secret", NULL);
  g_autofree char *two = forge_password_hash ("secret", NULL);
  g_autofree char *made = forge_password_make (NULL);

  g_assert_cmpstr (one, !=, two);
  g_assert_null (strstr (one, "secret"));
  g_assert_true (forge_password_is_right ("secret", one));
  g_assert_true (forge_password_is_right ("secret", two));
  g_assert_false (forge_password_is_right ("Secret", one));
  g_assert_false (forge_password_is_right ("secret", "secret"));
  g_assert_false (forge_password_is_right ("secret", "pbkdf2-sha256:10000:00:00"));
  g_assert_false (forge_password_is_right ("secret", NULL));
  g_assert_cmpuint (strlen (made), ==, 12);
}

static void
test_a_broken_secret_opens_nothing (void)
{
  static const char *const broken[] = {
    "",
    ":",
    "pbkdf2-sha256:0:00112233445566778899aabbccddeeff:00",
    "pbkdf2-sha256:99999999999:00112233445566778899aabbccddeeff:00",
    "pbkdf2-sha256:1:00112233445566778899aabbccddeeXX:"
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
    "plain:1:00112233445566778899aabbccddeeff:"
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (broken); i++)
    g_assert_false (forge_password_is_right ("", broken[i]));
}

static void
test_category_ids_are_permanent (void)
{
  g_assert_cmpuint (forge_panel_category_id ("UK| NEWS"), ==, 1848685126);
  g_assert_cmpuint (forge_panel_category_id (NULL), ==, forge_panel_category_id (""));
  g_assert_cmpuint (forge_panel_category_id (NULL), >, 0);
}

/* ── Seats ── */

#define HOLD_US (60 * G_USEC_PER_SEC)

typedef struct {
  ForgeAppSeats *seats;
  ForgeAppUser *user;
  GArray *ended;
} Seats;

static void
seats_set_up (Seats *f, gconstpointer limit)
{
  f->seats = forge_app_seats_new (HOLD_US);
  f->user = forge_app_user_new ();
  f->user->id = 1;
  f->user->max_connections = GPOINTER_TO_INT (limit);
  f->ended = g_array_new (FALSE, FALSE, sizeof (guint64));
}

static void
seats_tear_down (Seats *f, gconstpointer limit)
{
  forge_app_user_unref (f->user);
  g_array_unref (f->ended);
  forge_app_seats_unref (f->seats);
}

static ForgeSeat
take (Seats *f, const char *address, const char *what)
{
  ForgeSeat seat = { 0 };

  g_assert_true (forge_app_seats_take (f->seats, f->user, address, what, &seat, f->ended));
  g_assert_cmpuint (seat.id, >, 0);
  return seat;
}

static void
assert_refused (Seats *f, const char *address, const char *what)
{
  ForgeSeat seat = { 0 };

  g_assert_false (forge_app_seats_take (f->seats, f->user, address, what, &seat, f->ended));
  g_assert_cmpuint (seat.id, ==, 0);
}

/* A player that opens a film three times watches one film. */
static void
test_one_thing_is_one_seat (Seats *f, gconstpointer limit)
{
  ForgeSeat first = take (f, "10.0.0.1", "movie/7"), second = take (f, "10.0.0.1", "movie/7");

  g_assert_cmpuint (forge_app_seats_count (f->seats, 1), ==, 1);
  assert_refused (f, "10.0.0.2", "movie/7");
  forge_seat_leave (&first);
  g_assert_cmpuint (forge_app_seats_count (f->seats, 1), ==, 1);
  forge_seat_leave (&second);
  forge_seat_leave (&second);
  g_assert_cmpuint (forge_app_seats_count (f->seats, 1), ==, 0);
  second = take (f, "10.0.0.2", "movie/7");
  forge_seat_leave (&second);
}

/* … and its connections end together when it goes on to another one. */
static void
test_a_device_goes_on (Seats *f, gconstpointer limit)
{
  ForgeSeat first = take (f, "10.0.0.1", "live/5"), second = take (f, "10.0.0.1", "live/5");
  ForgeSeat third = take (f, "10.0.0.1", "live/6");

  g_assert_cmpuint (f->ended->len, ==, 2);
  g_assert_cmpuint (g_array_index (f->ended, guint64, 0), ==, first.id);
  g_assert_cmpuint (g_array_index (f->ended, guint64, 1), ==, second.id);
  g_assert_cmpuint (forge_app_seats_count (f->seats, 1), ==, 1);
  /* 10.0.0.1 is not the beginning of 10.0.0.11. */
  assert_refused (f, "10.0.0.11", "live/5");
  forge_seat_leave (&first);
  forge_seat_leave (&second);
  g_assert_cmpuint (forge_app_seats_count (f->seats, 1), ==, 1);
  forge_seat_leave (&third);
}

static void
test_users_do_not_share (Seats *f, gconstpointer limit)
{
  ForgeSeat first = take (f, "10.0.0.1", "live/5");

  f->user->id = 2;
  ForgeSeat second = take (f, "10.0.0.1", "live/6");
  g_assert_cmpuint (f->ended->len, ==, 0);
  f->user->max_connections = 0;
  ForgeSeat third = take (f, "10.0.0.3", "live/6");
  g_assert_cmpuint (forge_app_seats_count (f->seats, 1), ==, 1);
  g_assert_cmpuint (forge_app_seats_count (f->seats, 2), ==, 2);
  forge_seat_leave (&first);
  forge_seat_leave (&second);
  forge_seat_leave (&third);
}

static gboolean
take_part (Seats *f, const char *address, const char *what)
{
  ForgeSeat seat = { 0 };
  gboolean may = forge_app_seats_take_part (f->seats, f->user, address, what, &seat, f->ended);

  forge_seat_leave (&seat);
  return may;
}

/* A film that comes in parts counts between them. */
static void
test_parts_count_between_them (Seats *f, gconstpointer limit)
{
  ForgeSeat first = take (f, "10.0.0.1", "movie/7");

  forge_seat_keep (&first);
  forge_seat_leave (&first);
  g_assert_cmpuint (forge_app_seats_count (f->seats, 1), ==, 1);
  g_assert_true (take_part (f, "10.0.0.1", "movie/7"));
  assert_refused (f, "10.0.0.2", "movie/8");
  g_assert_false (take_part (f, "10.0.0.2", "movie/7"));
  g_assert_cmpuint (forge_app_seats_count (f->seats, 1), ==, 1);
}

/* … until none was asked for during the hold time; a player that paused goes on, if there is
 * room. */
static void
test_parts_count_for_a_while (Seats *f, gconstpointer limit)
{
  forge_app_seats_unref (f->seats);
  f->seats = forge_app_seats_new (1);
  ForgeSeat first = take (f, "10.0.0.1", "movie/7");

  forge_seat_keep (&first);
  forge_seat_leave (&first);
  g_usleep (1000);
  g_assert_cmpuint (forge_app_seats_count (f->seats, 1), ==, 0);
  g_assert_true (take_part (f, "10.0.0.2", "movie/8"));
  g_usleep (1000);
  g_assert_true (take_part (f, "10.0.0.1", "movie/7"));
}

/* What a device left gives no parts for so long, or its old player would end the new one. */
static void
test_parts_of_what_was_left (Seats *f, gconstpointer limit)
{
  ForgeSeat first = take (f, "10.0.0.1", "movie/7");

  forge_seat_keep (&first);
  forge_seat_leave (&first);
  ForgeSeat second = take (f, "10.0.0.1", "movie/8");
  g_assert_cmpuint (f->ended->len, ==, 0); /* there was no connection to end */
  g_assert_false (take_part (f, "10.0.0.1", "movie/7"));
  g_assert_cmpuint (forge_app_seats_count (f->seats, 1), ==, 1);
  ForgeSeat third = take (f, "10.0.0.1", "movie/7"); /* it begins anew */
  g_assert_cmpuint (f->ended->len, ==, 1);
  g_assert_true (take_part (f, "10.0.0.1", "movie/7"));
  forge_seat_leave (&second);
  forge_seat_leave (&third);
}

/* A connection may end after everything else. */
static void
test_a_seat_outlives_its_table (void)
{
  Seats f;

  seats_set_up (&f, NULL);
  ForgeSeat seat = take (&f, "10.0.0.1", "live/5");
  seats_tear_down (&f, NULL);
  forge_seat_leave (&seat);
}

static ForgeMedia *
make_media (ForgeMediaKind kind, gint64 id)
{
  ForgeMedia *media = forge_media_new (kind);

  media->id = id;
  media->title = g_strdup ("A \"title\"");
  return media;
}

static JsonObject *
parse (const char *text, JsonParser *parser)
{
  g_autoptr (GError) error = NULL;

  json_parser_load_from_data (parser, text, -1, &error);
  g_assert_no_error (error);
  return json_node_get_object (json_parser_get_root (parser));
}

static gboolean
is_text (JsonObject *object, const char *name, const char *text)
{
  JsonNode *node = json_object_get_member (object, name);

  return node && json_node_get_value_type (node) == G_TYPE_STRING &&
         g_str_equal (json_node_get_string (node), text);
}

/* Apps miss keys, not values. */
static void
test_a_film_without_facts_has_all_keys (void)
{
  g_autoptr (ForgeMedia) media = make_media (FORGE_MEDIA_MOVIE, 7);
  g_autofree char *row = forge_panel_media_row (media, 1, "http://tv:5004");
  g_autofree char *details = forge_panel_film (media, "http://tv:5004");
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *object = parse (row, parser);

  g_assert_true (is_text (object, "name", "A \"title\""));
  g_assert_true (is_text (object, "year", ""));
  g_assert_true (is_text (object, "stream_icon", ""));
  g_assert_true (is_text (object, "container_extension", "mp4"));
  g_assert_true (is_text (object, "tmdb", ""));
  g_assert_cmpint (json_object_get_int_member (object, "stream_id"), ==, 7);
  object = json_object_get_object_member (parse (details, parser), "info");
  g_assert_true (is_text (object, "duration", "00:00:00"));
  g_assert_cmpint (json_object_get_int_member (object, "tmdb_id"), ==, 0);
}

static void
test_a_film_with_facts (void)
{
  g_autoptr (ForgeMedia) media = make_media (FORGE_MEDIA_MOVIE, 7);
  g_autoptr (JsonParser) parser = json_parser_new ();

  media->year = 1999;
  media->rating = g_strdup ("7.3");
  media->poster = g_strdup ("http://secret.example/p.jpg");
  media->duration_s = 2 * 3600 + 3 * 60 + 4;
  g_autofree char *row = forge_panel_media_row (media, 1, "http://tv:5004");
  g_autofree char *details = forge_panel_film (media, "http://tv:5004");
  JsonObject *object = parse (row, parser);
  g_assert_true (is_text (object, "name", "A \"title\" (1999)"));
  g_assert_true (is_text (object, "stream_icon", "http://tv:5004/poster/movie/7"));
  g_assert_cmpfloat (json_object_get_double_member (object, "rating_5based"), ==, 3.7);
  object = json_object_get_object_member (parse (details, parser), "info");
  g_assert_true (is_text (object, "duration", "02:03:04"));
  g_assert_null (strstr (details, "secret.example"));
}

/* Season 0 is one, and an object stays one when it is empty. */
static void
test_episodes_are_an_object (void)
{
  g_autoptr (ForgeMedia) media = make_media (FORGE_MEDIA_SERIES, 3);
  g_autoptr (GPtrArray) episodes =
      g_ptr_array_new_with_free_func ((GDestroyNotify)forge_media_unref);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *none = forge_panel_series (media, episodes, "http://tv:5004");

  g_assert_nonnull (strstr (none, "\"episodes\":{}"));
  for (int i = 0; i < 4; i++) {
    ForgeMedia *episode = make_media (FORGE_MEDIA_EPISODE, 10 + i);
    episode->season = i / 2;
    episode->number = i % 2 + 1;
    g_ptr_array_add (episodes, episode);
  }
  g_autofree char *text = forge_panel_series (media, episodes, "http://tv:5004");
  JsonObject *object = json_object_get_object_member (parse (text, parser), "episodes");
  JsonArray *season = json_object_get_array_member (object, "0");
  g_assert_cmpuint (json_array_get_length (season), ==, 2);
  g_assert_true (is_text (json_array_get_object_element (season, 1), "id", "11"));
  g_assert_cmpuint (json_object_get_size (object), ==, 2);
}

/* ── Pictures ── */

static const char png[] = "\x89PNG\r\n\x1a\nrest of the picture";

typedef struct {
  TestServer server;
  ForgeArtwork *artwork;
  char *folder, *url;
  guint asked;
  const char *content;
  gsize length;
} Pictures;

static ForgeReply *
on_picture (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  Pictures *f = user_data;

  f->asked++;
  return f->content ? forge_reply_new ("image/png", g_bytes_new (f->content, f->length))
                    : forge_reply_new_status (404);
}

static ForgeReply *
on_away (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  ForgeReply *reply = forge_reply_new_status (302);

  forge_reply_add_header (reply, "Location", "http://169.254.169.254/secret");
  return reply;
}

static void
set_up (Pictures *f, gconstpointer trusts)
{
  g_autoptr (ForgeGuard) guard = NULL;

  *f = (Pictures){ .content = png, .length = sizeof png };
  test_server_init (&f->server, 0);
  forge_router_add (f->server.router, "GET", "/picture", FORGE_RUN_CONTROL, on_picture, f);
  forge_router_add (f->server.router, "GET", "/away", FORGE_RUN_CONTROL, on_away, f);
  test_server_start (&f->server);
  f->folder = g_dir_make_tmp ("forge-artwork-XXXXXX", NULL);
  f->url = g_strdup_printf ("http://127.0.0.1:%u/picture", f->server.port);
  f->artwork = forge_artwork_new (f->folder);
  const char *trusted[] = { f->url, NULL };
  guard = forge_guard_new (NULL, trusts ? trusted : NULL);
  forge_artwork_set_source (f->artwork, guard, "test", TRUE);
}

static void
tear_down (Pictures *f, gconstpointer trusts)
{
  GDir *dir = g_dir_open (f->folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (f->folder, name, NULL);
    g_unlink (path);
  }
  g_dir_close (dir);
  g_rmdir (f->folder);
  forge_artwork_free (f->artwork);
  test_server_clear (&f->server);
  g_free (f->folder);
  g_free (f->url);
}

static GBytes *
get (Pictures *f, const char *url, GError **error)
{
  const char *type = NULL;
  GBytes *picture = forge_artwork_get (f->artwork, url, &type, NULL, error);

  if (picture)
    g_assert_cmpstr (type, ==, "image/png");
  return picture;
}

static void
test_a_picture_is_fetched_once (Pictures *f, gconstpointer trusts)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) first = get (f, f->url, &error);
  g_autoptr (GBytes) second = NULL;

  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (first, NULL), g_bytes_get_size (first), png, sizeof png);
  f->content = NULL;
  second = get (f, f->url, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (first, second));
  g_assert_cmpuint (f->asked, ==, 1);
}

static void
test_what_is_no_picture_is_refused (Pictures *f, gconstpointer trusts)
{
  g_autoptr (GError) error = NULL;

  f->content = "<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>";
  f->length = strlen (f->content);
  g_assert_null (get (f, f->url, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  g_clear_error (&error);
  /* Nor is it asked for again at once. */
  f->content = png;
  f->length = sizeof png;
  g_assert_null (get (f, f->url, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND);
  g_assert_cmpuint (f->asked, ==, 1);
}

static void
test_a_huge_one_is_refused (Pictures *f, gconstpointer trusts)
{
  g_autofree char *huge = g_malloc0 (FORGE_ARTWORK_MAX_BYTES + 100);
  g_autoptr (GError) error = NULL;

  memcpy (huge, png, 8);
  f->content = huge;
  f->length = FORGE_ARTWORK_MAX_BYTES + 100;
  g_assert_null (get (f, f->url, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_TOO_LARGE);
}

/* Where a guide points is not trusted: neither the address nor where it leads. */
static void
test_nothing_is_fetched_at_home (Pictures *f, gconstpointer trusts)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (get (f, f->url, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  g_assert_cmpuint (f->asked, ==, 0);
  g_assert_false (forge_artwork_may_redirect (f->artwork, f->url));
  g_assert_false (forge_artwork_may_redirect (f->artwork, "http://192.168.1.1/reboot"));
  g_assert_true (forge_artwork_may_redirect (f->artwork, "http://logos.example.com/a.png"));
}

static void
test_a_redirect_leads_nowhere_forbidden (Pictures *f, gconstpointer trusts)
{
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u/away", f->server.port);
  g_autoptr (GError) error = NULL;

  g_assert_null (get (f, url, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
}

static void
test_kinds_of_pictures (void)
{
  g_assert_cmpstr (forge_artwork_sniff (png, sizeof png), ==, "image/png");
  g_assert_cmpstr (forge_artwork_sniff ("\xff\xd8\xff\xe0....", 8), ==, "image/jpeg");
  g_assert_cmpstr (forge_artwork_sniff ("GIF89a..", 8), ==, "image/gif");
  g_assert_cmpstr (forge_artwork_sniff ("RIFF....WEBPVP8 ", 16), ==, "image/webp");
  g_assert_null (forge_artwork_sniff ("<svg></svg>", 11));
  g_assert_null (forge_artwork_sniff ("\x89PNG", 4));
  g_assert_null (forge_artwork_sniff ("", 0));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server/apps/only-the-right-pair-opens", test_only_the_right_pair_opens);
  g_test_add_func ("/server/apps/guesses-are-few", test_guesses_are_few);
  g_test_add_func ("/server/apps/passwords-are-salted-hashes", test_passwords_are_salted_hashes);
  g_test_add_func ("/server/apps/a-broken-secret-opens-nothing",
                   test_a_broken_secret_opens_nothing);
  g_test_add_func ("/server/apps/category-ids-are-permanent", test_category_ids_are_permanent);
#define ADD_SEATS(name, limit, func)   \
  g_test_add ("/server/seats/" name,   \
              Seats,                   \
              GINT_TO_POINTER (limit), \
              seats_set_up,            \
              func,                    \
              seats_tear_down)
  ADD_SEATS ("one-thing-is-one-seat", 1, test_one_thing_is_one_seat);
  ADD_SEATS ("a-device-goes-on", 1, test_a_device_goes_on);
  ADD_SEATS ("users-do-not-share", 1, test_users_do_not_share);
  ADD_SEATS ("parts-count-between-them", 1, test_parts_count_between_them);
  ADD_SEATS ("parts-count-for-a-while", 1, test_parts_count_for_a_while);
  ADD_SEATS ("parts-of-what-was-left", 1, test_parts_of_what_was_left);
  g_test_add_func ("/server/seats/a-seat-outlives-its-table", test_a_seat_outlives_its_table);
  g_test_add_func ("/server/apps/a-film-without-facts-has-all-keys",
                   test_a_film_without_facts_has_all_keys);
  g_test_add_func ("/server/apps/a-film-with-facts", test_a_film_with_facts);
  g_test_add_func ("/server/apps/episodes-are-an-object", test_episodes_are_an_object);
  g_test_add_func ("/server/artwork/kinds-of-pictures", test_kinds_of_pictures);
#define ADD(name, trusts, func) \
  g_test_add ("/server/artwork/" name, Pictures, GINT_TO_POINTER (trusts), set_up, func, tear_down)
  ADD ("a-picture-is-fetched-once", TRUE, test_a_picture_is_fetched_once);
  ADD ("what-is-no-picture-is-refused", TRUE, test_what_is_no_picture_is_refused);
  ADD ("a-huge-one-is-refused", TRUE, test_a_huge_one_is_refused);
  ADD ("nothing-is-fetched-at-home", FALSE, test_nothing_is_fetched_at_home);
  ADD ("a-redirect-leads-nowhere-forbidden", TRUE, test_a_redirect_leads_nowhere_forbidden);
  return g_test_run ();
}

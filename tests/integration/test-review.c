/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tests/integration/forge-harness.h"

#include <string.h>

/* What the user says of a match, and what follows when it is said again. */

static void
add_account (Harness *h, const char *name)
{
  g_autofree char *body =
      g_strdup_printf ("{\"name\":\"%s\",\"server\":\"%s\",\"username\":\"%s\",\"password\":\"%s\","
                       "\"no_guide\":true}",
                       name,
                       forge_fake_provider_url (h->provider),
                       forge_fake_provider_username (h->provider),
                       forge_fake_provider_password (h->provider));

  json_node_unref (harness_call (h, "POST", "/v1/accounts", body, 200));
}

/* How many of the channel's streams have this name; of the account `account` (may be NULL) the id.
 */
static guint
count_streams (Harness *h, gint64 channel, const char *name, const char *account, gint64 *id)
{
  g_autofree char *path = g_strdup_printf ("/v1/channels/%" G_GINT64_FORMAT, channel);
  g_autoptr (JsonNode) node = harness_call (h, "GET", path, NULL, 200);
  JsonArray *streams = json_object_get_array_member (json_node_get_object (node), "streams");
  guint n = 0;

  for (guint i = 0; i < json_array_get_length (streams); i++) {
    JsonObject *stream = json_array_get_object_element (streams, i);
    if (g_strcmp0 (json_object_get_string_member (stream, "name"), name) != 0)
      continue;
    n++;
    if (account && g_strcmp0 (json_object_get_string_member (stream, "account"), account) == 0)
      *id = json_object_get_int_member (stream, "id");
  }
  return n;
}

static char *
first_stream_name (Harness *h, gint64 channel)
{
  g_autofree char *path = g_strdup_printf ("/v1/channels/%" G_GINT64_FORMAT, channel);
  g_autoptr (JsonNode) node = harness_call (h, "GET", path, NULL, 200);
  JsonArray *streams = json_object_get_array_member (json_node_get_object (node), "streams");

  return g_strdup (
      json_object_get_string_member (json_array_get_object_element (streams, 0), "name"));
}

static guint
count_rules (Harness *h)
{
  g_autoptr (JsonNode) rules = harness_call (h, "GET", "/v1/match/rules", NULL, 200);

  return json_array_get_length (json_node_get_array (rules));
}

static void
reject (Harness *h, gint64 channel, gint64 stream)
{
  g_autofree char *path = g_strdup_printf ("/v1/channels/%" G_GINT64_FORMAT
                                           "/streams/%" G_GINT64_FORMAT,
                                           channel,
                                           stream);

  json_node_unref (harness_call (h, "DELETE", path, NULL, 200));
  json_node_unref (harness_call (h, "POST", "/v1/match/run", NULL, 200));
}

static void
accept (Harness *h, gint64 channel, gint64 stream)
{
  g_autofree char *path = g_strdup_printf ("/v1/channels/%" G_GINT64_FORMAT "/streams", channel);
  g_autofree char *body = g_strdup_printf ("{\"streams\":[%" G_GINT64_FORMAT "]}", stream);

  json_node_unref (harness_call (h, "POST", path, body, 200));
  json_node_unref (harness_call (h, "POST", "/v1/match/run", NULL, 200));
}

static gboolean
has_event (Harness *h, const char *part)
{
  g_autoptr (JsonNode) events = harness_call (h, "GET", "/v1/events?category=match", NULL, 200);
  g_autofree char *text = json_to_string (events, FALSE);

  return strstr (text, part) != NULL;
}

/* Three accounts have the same stream. */
static void
test_a_repeated_decision_is_a_rule (void)
{
  Harness h;
  gint64 first = 0, second = 0;

  harness_init (&h, 3, 2);
  add_account (&h, "Second");
  add_account (&h, "Third");
  g_autofree char *channel_name = harness_channel_name (&h, 0);
  gint64 channel = harness_channel (&h, channel_name);
  g_autofree char *name = first_stream_name (&h, channel);
  g_assert_cmpuint (count_streams (&h, channel, name, "Test", &first), ==, 3);
  g_assert_cmpuint (count_streams (&h, channel, name, "Second", &second), ==, 3);

  /* once: that stream and no other, whatever is matched anew */
  reject (&h, channel, first);
  g_assert_cmpuint (count_streams (&h, channel, name, NULL, NULL), ==, 2);
  g_assert_cmpuint (count_rules (&h), ==, 0);
  /* the same stream again is no repetition */
  reject (&h, channel, first);
  g_assert_cmpuint (count_rules (&h), ==, 0);
  /* twice: the third account's, too */
  reject (&h, channel, second);
  g_assert_cmpuint (count_streams (&h, channel, name, NULL, NULL), ==, 0);
  g_assert_cmpuint (count_rules (&h), ==, 1);
  g_assert_true (has_event (&h, "because you said so 2 times"));

  /* taken back, the rule goes with the decision, and what was said once still is */
  json_node_unref (harness_call (&h, "POST", "/v1/match/undo", NULL, 200));
  g_assert_cmpuint (count_rules (&h), ==, 0);
  g_assert_cmpuint (count_streams (&h, channel, name, NULL, NULL), ==, 2);
  reject (&h, channel, second);
  g_assert_cmpuint (count_rules (&h), ==, 1);

  /* the contrary ends a rule at once: that one is back, and the third, but not the second */
  accept (&h, channel, first);
  g_assert_cmpuint (count_rules (&h), ==, 0);
  g_assert_cmpuint (count_streams (&h, channel, name, NULL, NULL), ==, 2);
  /* and said twice it is a rule */
  accept (&h, channel, second);
  g_autoptr (JsonNode) rules = harness_call (&h, "GET", "/v1/match/rules", NULL, 200);
  JsonArray *array = json_node_get_array (rules);
  g_assert_cmpuint (json_array_get_length (array), ==, 1);
  JsonObject *rule = json_array_get_object_element (array, 0);
  g_assert_cmpstr (json_object_get_string_member (rule, "verdict"), ==, "accept");
  g_assert_cmpstr (json_object_get_string_member (rule, "stream"), ==, name);
  g_assert_cmpuint (count_streams (&h, channel, name, NULL, NULL), ==, 3);
  g_autofree char *forget = g_strdup_printf ("/v1/match/rules/%" G_GINT64_FORMAT,
                                             json_object_get_int_member (rule, "id"));
  json_node_unref (harness_call (&h, "DELETE", forget, NULL, 200));
  json_node_unref (harness_call (&h, "DELETE", forget, NULL, 404));
  harness_clear (&h);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/integration/review/a-repeated-decision-is-a-rule",
                   test_a_repeated_decision_is_a_rule);
  return g_test_run ();
}

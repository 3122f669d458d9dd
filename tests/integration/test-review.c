/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tests/integration/forge-harness.h"

/* What the user says of one match is followed on other accounts. */

static void
add_second_account (Harness *h)
{
  g_autofree char *body = g_strdup_printf (
      "{\"name\":\"Second\",\"server\":\"%s\",\"username\":\"%s\",\"password\":\"%s\","
      "\"no_guide\":true}",
      forge_fake_provider_url (h->provider),
      forge_fake_provider_username (h->provider),
      forge_fake_provider_password (h->provider));

  json_node_unref (harness_call (h, "POST", "/v1/accounts", body, 200));
}

/* How many of the channel's streams have this name; the id of one of the account "Test". */
static guint
count_streams (Harness *h, gint64 channel, const char *name, gint64 *id)
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
    if (g_strcmp0 (json_object_get_string_member (stream, "account"), "Test") == 0)
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

static void
test_a_rejected_pair_is_a_rule (void)
{
  Harness h;
  gint64 stream = 0;

  harness_init (&h, 3, 2);
  add_second_account (&h);
  g_autofree char *channel_name = harness_channel_name (&h, 0);
  gint64 channel = harness_channel (&h, channel_name);
  g_autofree char *name = first_stream_name (&h, channel);
  g_assert_cmpuint (count_streams (&h, channel, name, &stream), ==, 2);

  g_autofree char *reject = g_strdup_printf ("/v1/channels/%" G_GINT64_FORMAT
                                             "/streams/%" G_GINT64_FORMAT,
                                             channel,
                                             stream);
  json_node_unref (harness_call (&h, "DELETE", reject, NULL, 200));
  json_node_unref (harness_call (&h, "POST", "/v1/match/run", NULL, 200));
  g_assert_cmpuint (count_streams (&h, channel, name, &stream), ==, 0);

  /* Taken into favour again on one account, it comes back on both. */
  g_autofree char *accept = g_strdup_printf ("/v1/channels/%" G_GINT64_FORMAT "/streams", channel);
  g_autofree char *body = g_strdup_printf ("{\"streams\":[%" G_GINT64_FORMAT "]}", stream);
  json_node_unref (harness_call (&h, "POST", accept, body, 200));
  json_node_unref (harness_call (&h, "POST", "/v1/match/run", NULL, 200));
  g_assert_cmpuint (count_streams (&h, channel, name, &stream), ==, 2);

  g_autoptr (JsonNode) rules = harness_call (&h, "GET", "/v1/match/rules", NULL, 200);
  JsonArray *array = json_node_get_array (rules);
  g_assert_cmpuint (json_array_get_length (array), ==, 1);
  JsonObject *rule = json_array_get_object_element (array, 0);
  g_assert_cmpstr (json_object_get_string_member (rule, "verdict"), ==, "accept");
  g_assert_cmpstr (json_object_get_string_member (rule, "stream"), ==, name);
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
  g_test_add_func ("/integration/review/a-rejected-pair-is-a-rule", test_a_rejected_pair_is_a_rule);
  return g_test_run ();
}

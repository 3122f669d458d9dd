/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-api-private.h"
#include "store/forge-store-rules.h"

/* Rules that the user's matches made: /v1/match/rules…. */

static JsonNode *
rule_shape (gconstpointer item, gpointer user_data)
{
  const ForgeMatchRule *rule = item;
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *time = forge_time_to_iso8601 (rule->time);

  json_object_set_int_member (object, "id", rule->id);
  json_object_set_string_member (object, "verdict", rule->accept ? "accept" : "reject");
  json_object_set_string_member (object, "stream", rule->stream_name);
  json_object_set_string_member (object, "channel_key", rule->channel_key);
  json_object_set_int_member (object, "account_id", rule->account_id);
  json_object_set_string_member (object, "time", time);
  json_node_take_object (node, object);
  return node;
}

static JsonNode *
list_rules (ForgeApiCall *call, GError **error)
{
  g_autoptr (GPtrArray) rules = forge_store_list_rules (call->ops.store, error);

  return rules ? forge_json_array (rules, rule_shape, NULL) : NULL;
}

static JsonNode *
delete_rule (ForgeApiCall *call, GError **error)
{
  return forge_api_done (forge_store_delete_rule (call->ops.store, call->ids[0], error));
}

const ForgeApiRoute forge_api_rule_routes[] = {
  { "GET", "/v1/match/rules", FALSE, list_rules },
  { "DELETE", "/v1/match/rules/{id}", FALSE, delete_rule },
  { 0 },
};

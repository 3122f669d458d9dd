/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-api-private.h"
#include "guide/forge-guide-health.h"

/* How good the guide of each channel is: /v1/guides/health. */

static JsonNode *
health_shape (gconstpointer item, gpointer user_data)
{
  const ForgeGuideHealth *health = item;
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_object_set_int_member (object, "channel_id", health->channel_id);
  json_object_set_int_member (object, "number", health->number);
  json_object_set_string_member (object, "channel", health->name);
  json_object_set_string_member (object, "state", forge_guide_health_state (health));
  json_object_set_int_member (object, "programmes", health->programmes);
  json_object_set_int_member (object, "hours_left", health->hours_left);
  json_object_set_int_member (object, "gaps", health->gaps);
  json_object_set_int_member (object, "gap_minutes", health->gap_minutes);
  json_object_set_int_member (object, "overlaps", health->overlaps);
  json_object_set_int_member (object, "duplicates", health->duplicates);
  json_node_take_object (node, object);
  return node;
}

static JsonNode *
show_health (ForgeApiCall *call, GError **error)
{
  g_autoptr (GPtrArray) list =
      forge_guide_health_list (call->ops.store,
                               forge_clock_wall_s (call->ops.engine->clock),
                               error);

  return list ? forge_json_array (list, health_shape, NULL) : NULL;
}

const ForgeApiRoute forge_api_guide_health_routes[] = {
  { "GET", "/v1/guides/health", FALSE, show_health },
  { 0 },
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-json-read.h"

static JsonNode *
find (JsonObject *object, const char *name, GType type)
{
  JsonNode *node = object ? json_object_get_member (object, name) : NULL;

  return node && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type ? node
                                                                                         : NULL;
}

const char *
forge_json_read_text (JsonObject *object, const char *name)
{
  JsonNode *node = find (object, name, G_TYPE_STRING);

  return node ? json_node_get_string (node) : NULL;
}

gint64
forge_json_read_int (JsonObject *object, const char *name)
{
  JsonNode *node = find (object, name, G_TYPE_INT64);

  return node ? json_node_get_int (node) : 0;
}

gboolean
forge_json_read_flag (JsonObject *object, const char *name)
{
  JsonNode *node = find (object, name, G_TYPE_BOOLEAN);

  return node && json_node_get_boolean (node);
}

JsonArray *
forge_json_read_array (JsonObject *object, const char *name)
{
  return object ? forge_json_as_array (json_object_get_member (object, name)) : NULL;
}

JsonObject *
forge_json_as_object (JsonNode *node)
{
  return node && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

JsonArray *
forge_json_as_array (JsonNode *node)
{
  return node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static void
add_member (JsonObject *object, const char *type, va_list *rest)
{
  const char *name = va_arg (*rest, const char *), *text;

  switch (*type) {
  case 'i':
    json_object_set_int_member (object, name, va_arg (*rest, gint64));
    break;
  case 'b':
    json_object_set_boolean_member (object, name, va_arg (*rest, gboolean));
    break;
  default:
    text = va_arg (*rest, const char *);
    if (text)
      json_object_set_string_member (object, name, text);
  }
}

JsonNode *
forge_json_body (const char *type, ...)
{
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  va_list rest;

  va_start (rest, type);
  for (; type; type = va_arg (rest, const char *))
    add_member (object, type, &rest);
  va_end (rest);
  json_node_take_object (node, object);
  return node;
}

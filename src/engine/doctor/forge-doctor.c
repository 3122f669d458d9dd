/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/doctor/forge-doctor-private.h"

#include <string.h>

static const char *const client_names[] = { "all", "plex", "jellyfin", "emby", "channels" };

gboolean
forge_doctor_client_parse (const char *name, ForgeDoctorClient *client)
{
  for (guint i = 0; name && i < G_N_ELEMENTS (client_names); i++)
    if (strcmp (client_names[i], name) == 0) {
      *client = (ForgeDoctorClient)i;
      return TRUE;
    }
  return FALSE;
}

const char *
forge_doctor_client_name (ForgeDoctorClient client)
{
  return client_names[client];
}

const char *
forge_doctor_user_agent (ForgeDoctorClient client)
{
  static const char *const agents[] = {
    "StreamForge doctor",
    "PlexMediaServer/1.43.0 (StreamForge doctor)",
    "Jellyfin-Server/10.9.11",
    "Emby Server/4.8 (StreamForge doctor)",
    "Channels DVR (StreamForge doctor)",
  };

  return agents[client];
}

gboolean
forge_doctor_is_for (const ForgeDoctor *doctor, ForgeDoctorClient client)
{
  return doctor->client == FORGE_DOCTOR_ALL || doctor->client == client;
}

void
forge_doctor_add (ForgeDoctor *doctor,
                  const char *id,
                  ForgeCheckState state,
                  const char *address,
                  char *text,
                  const char *fix)
{
  static const char *const names[] = { "ok", "info", "skipped", "warning", "error" };
  JsonObject *check = json_object_new ();

  json_object_set_string_member (check, "id", id);
  json_object_set_string_member (check, "client", client_names[doctor->client]);
  if (address)
    json_object_set_string_member (check, "address", address);
  else
    json_object_set_null_member (check, "address");
  json_object_set_string_member (check, "state", names[state]);
  json_object_set_string_member (check, "text", text);
  if (fix)
    json_object_set_string_member (check, "fix", fix);
  else
    json_object_set_null_member (check, "fix");
  json_array_add_object_element (doctor->checks, check);
  g_free (text);
}

GPtrArray *
forge_doctor_addresses (const ForgeDoctor *doctor)
{
  GPtrArray *addresses = g_ptr_array_new ();
  gboolean is_one = strcmp (doctor->bind, "lan") != 0 && strcmp (doctor->bind, "loopback") != 0;

  for (guint i = 0; i < doctor->interfaces->len; i++) {
    ForgeInterface *interface = g_ptr_array_index (doctor->interfaces, i);
    if (is_one ? strcmp (interface->address, doctor->bind) == 0
               : doctor->is_open || interface->kind == FORGE_INTERFACE_LOOPBACK)
      g_ptr_array_add (addresses, interface);
  }
  return addresses;
}

const char *
forge_doctor_main_address (const ForgeDoctor *doctor)
{
  g_autoptr (GPtrArray) addresses = forge_doctor_addresses (doctor);

  for (guint i = 0; i < addresses->len; i++) {
    const ForgeInterface *interface = g_ptr_array_index (addresses, i);
    if (interface->kind == FORGE_INTERFACE_HOME)
      return interface->address;
  }
  return addresses->len ? ((ForgeInterface *)g_ptr_array_index (addresses, 0))->address
                        : "127.0.0.1";
}

/* What only the control thread knows. */
static void
look_at_engine (ForgeEngine *engine, gpointer data)
{
  ForgeDoctor *doctor = data;
  ForgeHttpServerStats stats;
  int used, total;

  forge_http_server_stats (engine->server, &stats);
  forge_tuner_count (engine->tuner, &total, &used);
  doctor->bind = g_strdup (engine->bind ? engine->bind : "loopback");
  doctor->http_port = engine->port;
  doctor->hdhr_port = forge_discovery_hdhr_port (engine->discovery);
  doctor->lan_url = forge_http_server_lan_url (engine->server);
  doctor->is_open = doctor->lan_url != NULL || strcmp (doctor->bind, "lan") == 0;
  doctor->tuners_used = (guint)used;
  doctor->tuners_total = (guint)total;
  doctor->refused_peers = stats.refused_peers;
  doctor->refused_hosts = stats.refused_hosts;
}

static void
doctor_clear (ForgeDoctor *doctor)
{
  g_clear_pointer (&doctor->snapshot, forge_snapshot_unref);
  g_clear_pointer (&doctor->interfaces, g_ptr_array_unref);
  g_clear_pointer (&doctor->bind, g_free);
  g_clear_pointer (&doctor->lan_url, g_free);
  g_clear_pointer (&doctor->checks, json_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ForgeDoctor, doctor_clear)

JsonNode *
forge_doctor_run (ForgeOps *ops, ForgeDoctorClient client, GError **error)
{
  static void (*const examinations[]) (ForgeDoctor *) = {
    forge_doctor_check_network,  forge_doctor_check_discovery, forge_doctor_check_documents,
    forge_doctor_check_accounts, forge_doctor_check_lineup,    forge_doctor_check_guide,
    forge_doctor_check_stream,
  };
  g_auto (ForgeDoctor) doctor = { .ops = ops,
                                  .client = client,
                                  .web_port = FORGE_DISCOVERY_WEB_PORT,
                                  .checks = json_array_new () };

  doctor.snapshot = forge_engine_get_snapshot (ops->engine);
  doctor.interfaces = forge_interfaces_list ();
  forge_engine_on_control (ops->engine, look_at_engine, &doctor);
  for (gsize i = 0; i < G_N_ELEMENTS (examinations); i++) {
    if (g_cancellable_set_error_if_cancelled (ops->cancellable, error))
      return NULL;
    examinations[i](&doctor);
  }
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);
  json_node_take_array (node, g_steal_pointer (&doctor.checks));
  return node;
}

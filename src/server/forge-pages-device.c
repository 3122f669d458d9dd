/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "server/discovery/forge-hdhr-messages.h"
#include "server/forge-tuner-pages-private.h"

/* Spec: facts hdhomerun.md §3.2. */
#define AUTH_CHARACTERS 24

/* Nobody checks it locally, but it must be there and stay the same. */
static char *
make_device_auth (const char *uuid)
{
  g_autofree char *seed = g_strdup_printf ("streamforge device auth %s", uuid);
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, seed, -1);

  return g_strndup (digest, AUTH_CHARACTERS);
}

static void
add_text (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static ForgeReply *
on_discover (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  ForgeTunerPages *pages = user_data;
  g_auto (ForgePagesSnapshot) now = { 0 };
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree char *lineup_url = g_strconcat (request->base_url, "/lineup.json", NULL);
  g_autofree char *auth = NULL;

  forge_pages_snapshot (pages, request->local_port, &now);
  auth = make_device_auth (forge_pages_uuid (&now));
  json_builder_begin_object (builder);
  add_text (builder, "FriendlyName", forge_pages_name (&now));
  add_text (builder, "ModelNumber", FORGE_HDHR_MODEL);
  add_text (builder, "FirmwareName", FORGE_HDHR_FIRMWARE);
  add_text (builder, "FirmwareVersion", FORGE_HDHR_FIRMWARE_VERSION);
  add_text (builder, "DeviceID", forge_pages_device_id (&now));
  add_text (builder, "DeviceAuth", auth);
  add_text (builder, "BaseURL", request->base_url);
  add_text (builder, "LineupURL", lineup_url);
  json_builder_set_member_name (builder, "TunerCount");
  json_builder_add_int_value (builder, forge_pages_tuner_count (pages));
  json_builder_end_object (builder);
  return forge_pages_json (builder);
}

static void
append_element (GString *xml, const char *name, const char *text)
{
  g_string_append_printf (xml, "    <%s>", name);
  forge_pages_append_text (xml, text);
  g_string_append_printf (xml, "</%s>\n", name);
}

/* Spec: UPnP Device Architecture 1.0 §2.1. */
static ForgeReply *
on_device_xml (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  g_auto (ForgePagesSnapshot) now = { 0 };
  g_autofree char *udn = NULL;
  GString *xml = g_string_new ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                               "<root xmlns=\"urn:schemas-upnp-org:device-1-0\">\n"
                               "  <specVersion><major>1</major><minor>0</minor></specVersion>\n"
                               "  <URLBase>");

  forge_pages_snapshot (user_data, request->local_port, &now);
  udn = g_strconcat ("uuid:", forge_pages_uuid (&now), NULL);
  forge_pages_append_text (xml, request->base_url);
  g_string_append (xml, "</URLBase>\n  <device>\n");
  append_element (xml, "deviceType", "urn:schemas-upnp-org:device:MediaServer:1");
  append_element (xml, "friendlyName", forge_pages_name (&now));
  append_element (xml, "manufacturer", "Silicondust");
  append_element (xml, "modelName", FORGE_HDHR_MODEL);
  append_element (xml, "modelNumber", FORGE_HDHR_MODEL);
  append_element (xml, "serialNumber", forge_pages_device_id (&now));
  append_element (xml, "UDN", udn);
  g_string_append (xml, "  </device>\n</root>\n");
  return forge_pages_document (FORGE_TYPE_XML, g_string_free (xml, FALSE));
}

void
forge_pages_add_device (ForgeTunerPages *pages, ForgeRouter *router)
{
  forge_router_add (router, "GET", "/discover.json", FORGE_RUN_CONTROL, on_discover, pages);
  forge_router_add (router, "GET", "/device.xml", FORGE_RUN_CONTROL, on_device_xml, pages);
  forge_router_add (router, "GET", "/capability", FORGE_RUN_CONTROL, on_device_xml, pages);
}

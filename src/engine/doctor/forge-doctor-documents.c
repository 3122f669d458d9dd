/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/doctor/forge-doctor-private.h"
#include "formats/forge-json-text.h"

#include <string.h>

/* What a client reads to set the tuner up, in its order, on every address. */

#define MAX_DOCUMENT_BYTES (64 * 1024 * 1024)
/* Plex forgets a device that is slower. */
#define SLOW_US       (1 * G_USEC_PER_SEC)
#define SLOW_GUIDE_US (10 * G_USEC_PER_SEC)
#define RESTART_FIX   "Start StreamForge again; if it stays so, report it."

/* FALSE after a finding. */
static gboolean
fetch (ForgeDoctor *doctor,
       const char *address,
       guint port,
       const char *method,
       const char *path,
       ForgeProbeReply *reply)
{
  const ForgeProbeAsk question = { .address = address,
                                   .port = port,
                                   .method = method,
                                   .path = path,
                                   .user_agent = forge_doctor_user_agent (doctor->client),
                                   .max_bytes = MAX_DOCUMENT_BYTES,
                                   .max_time_s = 60 };
  g_autoptr (GError) error = NULL;

  if (!forge_probe_http (&question, reply, doctor->ops->cancellable, &error)) {
    forge_doctor_add (
        doctor,
        "http",
        FORGE_CHECK_ERROR,
        address,
        g_strdup_printf ("%s:%u does not answer %s: %s", address, port, path, error->message),
        RESTART_FIX);
    return FALSE;
  }
  if (reply->status == 200)
    return TRUE;
  forge_doctor_add (
      doctor,
      "http",
      FORGE_CHECK_ERROR,
      address,
      g_strdup_printf ("%s:%u answers %s with %u", address, port, path, reply->status),
      RESTART_FIX);
  return FALSE;
}

static JsonNode *
fetch_json (ForgeDoctor *doctor, const char *address, guint port, const char *path, gint64 *us)
{
  g_auto (ForgeProbeReply) reply = { 0 };

  if (!fetch (doctor, address, port, "GET", path, &reply))
    return NULL;
  *us = MAX (*us, reply.total_us);
  return forge_json_parse ((const char *)reply.body->data, (gssize)reply.body->len, NULL);
}

static const char *
text_of (JsonNode *document, const char *member)
{
  JsonNode *node = document && JSON_NODE_HOLDS_OBJECT (document)
                       ? json_object_get_member (json_node_get_object (document), member)
                       : NULL;

  return node && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node)
                                                                  : "";
}

static gboolean
is_right_identity (JsonNode *document, const ForgeDevice *device, const char *address)
{
  return strcmp (text_of (document, "DeviceID"), device->device_id) == 0 &&
         strstr (text_of (document, "BaseURL"), address) &&
         strstr (text_of (document, "LineupURL"), address);
}

static void
check_lineup_document (ForgeDoctor *doctor,
                       const char *address,
                       guint port,
                       const ForgeDeviceView *view,
                       gint64 *slowest_us)
{
  g_autoptr (JsonNode) lineup = fetch_json (doctor, address, port, "/lineup.json", slowest_us);
  guint rows = lineup && JSON_NODE_HOLDS_ARRAY (lineup)
                   ? json_array_get_length (json_node_get_array (lineup))
                   : 0;

  if (lineup && rows != forge_lineup_size (view->lineup))
    forge_doctor_add (doctor,
                      "lineup-document",
                      FORGE_CHECK_WARNING,
                      address,
                      g_strdup_printf ("lineup.json has %u channels, “%s” has %u",
                                       rows,
                                       view->device->name,
                                       forge_lineup_size (view->lineup)),
                      "A refresh may have come in between; try again.");
}

/* Plex's dialog posts a scan and waits for its end. */
static gboolean
check_scan (ForgeDoctor *doctor, const char *address, guint port, gint64 *slowest_us)
{
  g_auto (ForgeProbeReply) started = { 0 };
  g_autoptr (JsonNode) status =
      fetch_json (doctor, address, port, "/lineup_status.json", slowest_us);

  return status &&
         fetch (doctor, address, port, "POST", "/lineup.post?scan=start&source=Cable", &started) &&
         started.body->len == 0;
}

static void
check_setup (ForgeDoctor *doctor, const char *address, guint port, const ForgeDeviceView *view)
{
  gint64 slowest_us = 0;
  g_autoptr (JsonNode) device = fetch_json (doctor, address, port, "/discover.json", &slowest_us);

  if (!device)
    return;
  if (!is_right_identity (device, view->device, address)) {
    forge_doctor_add (
        doctor,
        "setup",
        FORGE_CHECK_ERROR,
        address,
        g_strdup_printf ("discover.json on %s:%u is not “%s” at this address",
                         address,
                         port,
                         view->device->name),
        "Something else answers on this port, or a proxy is in between; choose another "
        "port.");
    return;
  }
  if (forge_doctor_is_for (doctor, FORGE_DOCTOR_PLEX) &&
      !check_scan (doctor, address, port, &slowest_us))
    return;
  check_lineup_document (doctor, address, port, view, &slowest_us);
  forge_doctor_add (doctor,
                    "setup",
                    slowest_us > SLOW_US ? FORGE_CHECK_WARNING : FORGE_CHECK_OK,
                    address,
                    g_strdup_printf ("“%s” can be set up at %s:%u (documents within %d ms)",
                                     view->device->name,
                                     address,
                                     port,
                                     (int)(slowest_us / 1000)),
                    slowest_us > SLOW_US
                        ? "The machine is too busy: Plex shows a device that takes "
                          "more than a second as gone."
                        : NULL);
}

/* The button "detect" of Jellyfin and Emby. */
static void
check_web_port (ForgeDoctor *doctor, const char *address)
{
  const ForgeProbeAsk question = { .address = address,
                                   .port = doctor->web_port,
                                   .method = "GET",
                                   .path = "/discover.json",
                                   .user_agent = forge_doctor_user_agent (doctor->client),
                                   .max_bytes = 4096,
                                   .max_time_s = 3 };
  const ForgeDeviceView *first =
      forge_device_views_find (doctor->snapshot->devices, FORGE_DEVICE_MAIN);
  g_auto (ForgeProbeReply) reply = { 0 };
  gboolean is_ours = forge_probe_http (&question, &reply, doctor->ops->cancellable, NULL) &&
                     reply.status == 200 && reply.body->len && first &&
                     memmem (reply.body->data, reply.body->len, first->device->device_id, 8);
  g_autofree char *fix =
      g_strdup_printf ("Enter http://%s:%u by hand in the client.", address, doctor->http_port);

  forge_doctor_add (doctor,
                    "detect-button",
                    is_ours ? FORGE_CHECK_OK : FORGE_CHECK_WARNING,
                    address,
                    g_strdup_printf ("Jellyfin and Emby ask port %u of %s when they detect tuners; "
                                     "%s",
                                     doctor->web_port,
                                     address,
                                     is_ours ? "we answer there" : "we do not answer there"),
                    is_ours ? NULL : fix);
}

static guint
port_of (const ForgeDoctor *doctor, const ForgeDevice *device)
{
  return device->id == FORGE_DEVICE_MAIN ? doctor->http_port : device->port;
}

static void
check_address (ForgeDoctor *doctor, const ForgeInterface *interface)
{
  for (guint i = 0; i < doctor->snapshot->devices->len; i++) {
    const ForgeDeviceView *view = g_ptr_array_index (doctor->snapshot->devices, i);
    if (view->device->enabled)
      check_setup (doctor, interface->address, port_of (doctor, view->device), view);
  }
  if (interface->kind != FORGE_INTERFACE_LOOPBACK &&
      (doctor->client == FORGE_DOCTOR_JELLYFIN || doctor->client == FORGE_DOCTOR_EMBY))
    check_web_port (doctor, interface->address);
}

static guint
count_missing (const ForgeLineup *lineup, const GByteArray *guide)
{
  guint missing = 0;

  for (guint i = 0; i < forge_lineup_size (lineup); i++) {
    g_autofree char *tag =
        g_strdup_printf ("<channel id=\"%s\"", forge_lineup_channel (lineup, i)->guide_id);
    missing += !memmem (guide->data, guide->len, tag, strlen (tag));
  }
  return missing;
}

static void
check_guide_document (ForgeDoctor *doctor)
{
  const char *address = forge_doctor_main_address (doctor);
  const ForgeDeviceView *first =
      forge_device_views_find (doctor->snapshot->devices, FORGE_DEVICE_MAIN);
  g_auto (ForgeProbeReply) reply = { 0 };

  if (!first || !fetch (doctor, address, doctor->http_port, "GET", "/epg.xml", &reply))
    return;
  guint missing = count_missing (first->lineup, reply.body);
  gboolean is_whole = reply.body->len >= 8 &&
                      memmem (reply.body->data + reply.body->len - 8, 8, "</tv>", 5);
  gboolean is_slow = reply.total_us > SLOW_GUIDE_US;
  forge_doctor_add (doctor,
                    "guide-document",
                    missing || !is_whole ? FORGE_CHECK_ERROR
                    : is_slow            ? FORGE_CHECK_WARNING
                                         : FORGE_CHECK_OK,
                    address,
                    g_strdup_printf ("epg.xml: %u of %u channels, %.1f MB in %.1f s%s",
                                     forge_lineup_size (first->lineup) - missing,
                                     forge_lineup_size (first->lineup),
                                     (double)reply.body->len / 1e6,
                                     (double)reply.total_us / 1e6,
                                     is_whole ? "" : ", cut off"),
                    missing || !is_whole ? "Try again; a refresh may have come in between."
                    : is_slow ? "Keep fewer days (settings set guide_days 7): clients give up."
                              : NULL);
}

void
forge_doctor_check_documents (ForgeDoctor *doctor)
{
  g_autoptr (GPtrArray) addresses = forge_doctor_addresses (doctor);

  for (guint i = 0; i < addresses->len; i++)
    check_address (doctor, g_ptr_array_index (addresses, i));
  check_guide_document (doctor);
}

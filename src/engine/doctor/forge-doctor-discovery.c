/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/doctor/forge-doctor-private.h"

#include <string.h>

/* Is the tuner found by itself: the question of every client, on every address. */

#define SLOW_US 5000

static guint32
id_of (const ForgeDevice *device)
{
  return (guint32)g_ascii_strtoull (device->device_id, NULL, 16);
}

static const ForgeProbeAnswer *
find_answer (GArray *answers, guint32 device_id)
{
  for (guint i = 0; i < answers->len; i++) {
    const ForgeProbeAnswer *answer = &g_array_index (answers, ForgeProbeAnswer, i);
    if (answer->device_id == device_id)
      return answer;
  }
  return NULL;
}

/* Other devices that answered: a real tuner, or another emulator. */
static guint
count_foreign (const ForgeDoctor *doctor, GArray *answers)
{
  guint foreign = answers->len;

  for (guint i = 0; i < doctor->snapshot->devices->len; i++) {
    const ForgeDeviceView *view = g_ptr_array_index (doctor->snapshot->devices, i);
    foreign -= find_answer (answers, id_of (view->device)) != NULL;
  }
  return foreign;
}

static void
judge_answer (ForgeDoctor *doctor,
              const char *id,
              const char *address,
              const ForgeDevice *device,
              GArray *answers)
{
  const ForgeProbeAnswer *answer = find_answer (answers, id_of (device));

  if (!answer) {
    forge_doctor_add (
        doctor,
        id,
        FORGE_CHECK_ERROR,
        address,
        g_strdup_printf ("“%s” does not answer discovery on %s", device->name, address),
        "Look at the other findings here; until then add the tuner by its address.");
    return;
  }
  if (strcmp (answer->sender, address) != 0 || !answer->base_url ||
      !strstr (answer->base_url, address)) {
    forge_doctor_add (
        doctor,
        id,
        FORGE_CHECK_ERROR,
        address,
        g_strdup_printf ("“%s” answers from %s with %s, not from the address that was "
                         "asked",
                         device->name,
                         answer->sender,
                         answer->base_url ? answer->base_url : "no address"),
        "Name one address: settings set bind ADDRESS, then start again.");
    return;
  }
  forge_doctor_add (doctor,
                    id,
                    FORGE_CHECK_OK,
                    address,
                    g_strdup_printf ("“%s” (%s) answers discovery on %s in %.1f ms%s",
                                     device->name,
                                     device->device_id,
                                     address,
                                     (double)answer->took_us / 1000,
                                     answer->took_us > SLOW_US ? ", slowly" : ""),
                    NULL);
}

static void
check_foreign (ForgeDoctor *doctor, const char *address, GArray *answers)
{
  guint foreign = count_foreign (doctor, answers);

  if (foreign)
    forge_doctor_add (doctor,
                      "other-tuners",
                      FORGE_CHECK_INFO,
                      address,
                      g_strdup_printf ("%u other tuners answer in this network", foreign),
                      "Take care to choose StreamForge in the client.");
}

/* `is_broadcast`: as clients at home do, else as one that knows the address. */
static void
ask (ForgeDoctor *doctor, const ForgeInterface *interface, gboolean is_broadcast)
{
  const char *id = is_broadcast ? "discovery-broadcast" : "discovery";
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) answers = forge_probe_discover (interface->address,
                                                     is_broadcast ? NULL : interface->address,
                                                     doctor->hdhr_port,
                                                     doctor->ops->cancellable,
                                                     &error);

  if (!answers) {
    forge_doctor_add (doctor,
                      id,
                      is_broadcast ? FORGE_CHECK_SKIPPED : FORGE_CHECK_ERROR,
                      interface->address,
                      g_strdup_printf ("%s cannot send %s: %s",
                                       interface->name,
                                       is_broadcast ? "broadcasts" : "to itself",
                                       error->message),
                      "Without a route for broadcasts add the tuner by its address.");
    return;
  }
  for (guint i = 0; i < doctor->snapshot->devices->len; i++) {
    const ForgeDeviceView *view = g_ptr_array_index (doctor->snapshot->devices, i);
    if (view->device->enabled)
      judge_answer (doctor, id, interface->address, view->device, answers);
  }
  if (is_broadcast)
    check_foreign (doctor, interface->address, answers);
}

static void
ask_control (ForgeDoctor *doctor, const char *address)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *model = forge_probe_control (address,
                                                doctor->hdhr_port,
                                                "/sys/model",
                                                doctor->ops->cancellable,
                                                &error);

  forge_doctor_add (doctor,
                    "control",
                    model ? FORGE_CHECK_OK : FORGE_CHECK_ERROR,
                    address,
                    model
                        ? g_strdup_printf ("The control protocol answers on %s: %s", address, model)
                        : g_strdup_printf ("The control protocol does not answer on %s: %s",
                                           address,
                                           error->message),
                    model ? NULL : "Start StreamForge again; if it stays so, report it.");
}

/* Ports that are taken, port 80: known since the start. */
static void
add_known_problems (ForgeDoctor *doctor)
{
  g_autoptr (GPtrArray) problems = forge_discovery_problems (doctor->ops->engine->discovery);

  for (guint i = 0; i < problems->len; i++) {
    const ForgeDiscoveryProblem *problem = g_ptr_array_index (problems, i);
    gboolean is_web = strcmp (problem->id, "port-80") == 0;
    if (is_web && !forge_doctor_is_for (doctor, FORGE_DOCTOR_JELLYFIN) &&
        !forge_doctor_is_for (doctor, FORGE_DOCTOR_EMBY))
      continue;
    forge_doctor_add (doctor,
                      problem->id,
                      strcmp (problem->id, "discovery-off") == 0 ? FORGE_CHECK_ERROR
                      : strcmp (problem->severity, "info") == 0  ? FORGE_CHECK_INFO
                                                                 : FORGE_CHECK_WARNING,
                      NULL,
                      g_strdup (problem->text),
                      problem->fix);
  }
}

void
forge_doctor_check_discovery (ForgeDoctor *doctor)
{
  g_autoptr (GPtrArray) addresses = forge_doctor_addresses (doctor);

  add_known_problems (doctor);
  if (!doctor->hdhr_port) {
    if (!forge_settings_bool (doctor->snapshot->settings, "discovery"))
      forge_doctor_add (doctor,
                        "discovery",
                        FORGE_CHECK_WARNING,
                        NULL,
                        g_strdup ("Discovery is switched off: no client finds the tuner by itself"),
                        "settings set discovery true, or add the tuner by its address.");
    return;
  }
  for (guint i = 0; i < addresses->len; i++) {
    const ForgeInterface *interface = g_ptr_array_index (addresses, i);
    ask (doctor, interface, FALSE);
    if (interface->kind == FORGE_INTERFACE_HOME && doctor->is_open)
      ask (doctor, interface, TRUE);
    if (forge_doctor_is_for (doctor, FORGE_DOCTOR_ALL))
      ask_control (doctor, interface->address);
  }
}

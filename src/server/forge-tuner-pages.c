/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "server/forge-tuner-pages.h"

#include "base/forge-role.h"
#include "server/discovery/forge-hdhr-variables.h"
#include "server/forge-tuner-pages-private.h"

ForgeTunerPages *
forge_tuner_pages_new (ForgeTuner *tuner, ForgeStorePool *stores, ForgeSettings *settings)
{
  ForgeTunerPages *pages = g_new0 (ForgeTunerPages, 1);

  pages->tuner = tuner;
  pages->stores = stores;
  g_mutex_init (&pages->mutex);
  pages->now.settings = forge_settings_ref (settings);
  pages->gate = forge_app_gate_new ();
  pages->seats = forge_app_seats_new (FORGE_APP_SEATS_HOLD_US);
  return pages;
}

void
forge_pages_snapshot_clear (ForgePagesSnapshot *snapshot)
{
  g_clear_pointer (&snapshot->settings, forge_settings_unref);
  g_clear_pointer (&snapshot->lineup, forge_lineup_unref);
  g_clear_pointer (&snapshot->devices, g_ptr_array_unref);
  snapshot->device = NULL;
}

void
forge_tuner_pages_free (ForgeTunerPages *pages)
{
  forge_pages_snapshot_clear (&pages->now);
  forge_app_gate_free (pages->gate);
  forge_app_seats_unref (pages->seats);
  g_clear_pointer (&pages->artwork, forge_artwork_free);
  g_clear_pointer (&pages->posters, forge_artwork_free);
  g_clear_pointer (&pages->programmes, forge_artwork_free);
  g_mutex_clear (&pages->mutex);
  g_free (pages);
}

/* NULL `view`: the main one. */
static void
show_device (ForgePagesSnapshot *snapshot, ForgeDeviceView *view)
{
  snapshot->device = view ? view : forge_device_views_find (snapshot->devices, FORGE_DEVICE_MAIN);
  if (!snapshot->device)
    return;
  g_clear_pointer (&snapshot->lineup, forge_lineup_unref);
  snapshot->lineup = forge_lineup_ref (snapshot->device->lineup);
}

static void
take_snapshot (ForgeTunerPages *pages, ForgePagesSnapshot *snapshot)
{
  g_mutex_lock (&pages->mutex);
  snapshot->settings = forge_settings_ref (pages->now.settings);
  snapshot->lineup = pages->now.lineup ? forge_lineup_ref (pages->now.lineup) : NULL;
  snapshot->guide_revision = pages->now.guide_revision;
  snapshot->devices = pages->now.devices ? g_ptr_array_ref (pages->now.devices) : NULL;
  g_mutex_unlock (&pages->mutex);
}

void
forge_pages_snapshot (ForgeTunerPages *pages, guint port, ForgePagesSnapshot *snapshot)
{
  take_snapshot (pages, snapshot);
  if (snapshot->devices)
    show_device (snapshot, forge_device_views_find_port (snapshot->devices, port));
}

void
forge_pages_snapshot_of (ForgeTunerPages *pages, gint64 device, ForgePagesSnapshot *snapshot)
{
  take_snapshot (pages, snapshot);
  if (snapshot->devices)
    show_device (snapshot, forge_device_views_find (snapshot->devices, device));
}

const char *
forge_pages_name (const ForgePagesSnapshot *snapshot)
{
  return snapshot->device ? snapshot->device->device->name
                          : forge_settings_text (snapshot->settings, "friendly_name");
}

const char *
forge_pages_device_id (const ForgePagesSnapshot *snapshot)
{
  return snapshot->device ? snapshot->device->device->device_id
                          : forge_settings_text (snapshot->settings, "device_id");
}

const char *
forge_pages_uuid (const ForgePagesSnapshot *snapshot)
{
  return snapshot->device ? snapshot->device->device->uuid
                          : forge_settings_text (snapshot->settings, "device_uuid");
}

void
forge_tuner_pages_set_lineup (ForgeTunerPages *pages, ForgeLineup *lineup, guint64 guide_revision)
{
  ForgeLineup *old;

  forge_assert_role (FORGE_ROLE_CONTROL);

  g_mutex_lock (&pages->mutex);
  old = pages->now.lineup;
  pages->now.lineup = forge_lineup_ref (lineup);
  pages->now.guide_revision = guide_revision;
  g_mutex_unlock (&pages->mutex);
  g_clear_pointer (&old, forge_lineup_unref);
}

void
forge_tuner_pages_set_devices (ForgeTunerPages *pages, GPtrArray *views)
{
  GPtrArray *old;

  forge_assert_role (FORGE_ROLE_CONTROL);

  g_mutex_lock (&pages->mutex);
  old = pages->now.devices;
  pages->now.devices = g_ptr_array_ref (views);
  g_mutex_unlock (&pages->mutex);
  forge_pages_note_tuners (pages);
  g_clear_pointer (&old, g_ptr_array_unref);
}

void
forge_tuner_pages_set_settings (ForgeTunerPages *pages, ForgeSettings *settings)
{
  ForgeSettings *old;

  forge_assert_role (FORGE_ROLE_CONTROL);

  g_mutex_lock (&pages->mutex);
  old = pages->now.settings;
  pages->now.settings = forge_settings_ref (settings);
  g_mutex_unlock (&pages->mutex);
  forge_settings_unref (old);
}

ForgeReply *
forge_pages_document (const char *content_type, char *text)
{
  ForgeReply *reply = forge_reply_new_text (content_type, text);

  forge_reply_add_header (reply, "Cache-Control", "no-cache");
  return reply;
}

ForgeReply *
forge_pages_json (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);

  return forge_pages_document (FORGE_TYPE_JSON, json_to_string (root, FALSE));
}

/* Spec: XML 1.0 §2.2, without the line breaks that no name needs. */
static gboolean
is_printable (gunichar character)
{
  return character >= 0x20 && character != 0x7f && character != 0xfffe && character != 0xffff;
}

static void
append_character (GString *document, gunichar character)
{
  switch (character) {
  case '&':
    g_string_append (document, "&amp;");
    break;
  case '<':
    g_string_append (document, "&lt;");
    break;
  case '>':
    g_string_append (document, "&gt;");
    break;
  case '"':
    g_string_append (document, "&quot;");
    break;
  case '\'':
    g_string_append (document, "&#39;");
    break;
  default:
    g_string_append_unichar (document, character);
  }
}

void
forge_pages_append_text (GString *document, const char *text)
{
  for (const char *at = text; at && *at; at = g_utf8_next_char (at)) {
    gunichar character = g_utf8_get_char (at);
    if (is_printable (character))
      append_character (document, character);
  }
}

void
forge_tuner_pages_keep_artwork (ForgeTunerPages *pages, const char *folder)
{
  g_autofree char *posters = g_strconcat (folder, "-posters", NULL);
  g_autofree char *programmes = g_strconcat (folder, "-programmes", NULL);

  g_return_if_fail (!pages->artwork);
  pages->artwork = forge_artwork_new (folder);
  pages->posters = forge_artwork_new (posters);
  pages->programmes = forge_artwork_new (programmes);
}

void
forge_tuner_pages_set_library (ForgeTunerPages *pages, const ForgePagesLibrary *library)
{
  pages->library = *library;
}

void
forge_pages_read_details (ForgeTunerPages *pages,
                          ForgeMediaKind kind,
                          gint64 id,
                          GCancellable *cancellable)
{
  const ForgePagesLibrary *library = &pages->library;
  g_autoptr (GError) error = NULL;

  if (library->read_details &&
      !library->read_details (kind, id, cancellable, library->user_data, &error))
    g_debug ("Details of %s %" G_GINT64_FORMAT ": %s",
             forge_media_kind_name (kind),
             id,
             error->message);
}

void
forge_tuner_pages_set_guard (ForgeTunerPages *pages,
                             ForgeGuard *guard,
                             const char *user_agent,
                             gboolean verify_tls)
{
  if (!pages->artwork)
    return;
  forge_artwork_set_source (pages->artwork, guard, user_agent, verify_tls);
  forge_artwork_set_source (pages->posters, guard, user_agent, verify_tls);
  forge_artwork_set_source (pages->programmes, guard, user_agent, verify_tls);
}

void
forge_tuner_pages_set_users (ForgeTunerPages *pages, GPtrArray *users)
{
  forge_app_gate_set_users (pages->gate, users);
}

gboolean
forge_tuner_pages_take_part (ForgeTunerPages *pages,
                             gint64 user_id,
                             const char *address,
                             const char *what,
                             ForgeSeat *seat)
{
  g_autoptr (ForgeAppUser) user = forge_app_gate_find (pages->gate, user_id);
  g_autoptr (GArray) ended = g_array_new (FALSE, FALSE, sizeof (guint64));
  gboolean may = user && user->has_library &&
                 forge_app_seats_take_part (pages->seats, user, address, what, seat, ended);

  if (ended->len > 0 && pages->library.end_seats)
    pages->library.end_seats (ended, pages->library.user_data);
  return may;
}

guint
forge_tuner_pages_user_connections (ForgeTunerPages *pages, gint64 user)
{
  return forge_app_seats_count (pages->seats, user);
}

void
forge_pages_note_tuners (ForgeTunerPages *pages)
{
  int total, used;

  forge_tuner_count (pages->tuner, &total, &used);
  g_atomic_int_set (&pages->tuners_total, MAX (total, 1));
  g_atomic_int_set (&pages->tuners_used, used);
}

int
forge_pages_tuner_count (ForgeTunerPages *pages)
{
  forge_pages_note_tuners (pages);
  return (int)forge_hdhr_tuner_count (pages->tuner);
}

void
forge_tuner_pages_register (ForgeTunerPages *pages, ForgeRouter *router)
{
  forge_pages_add_device (pages, router);
  forge_pages_add_lineup (pages, router);
  forge_pages_add_guide (pages, router);
  forge_pages_add_streams (pages, router);
  forge_pages_add_artwork (pages, router);
  forge_pages_add_xtream (pages, router);
  forge_pages_add_status (pages, router);
  forge_pages_add_web (pages, router);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/forge-engine-private.h"
#include "formats/forge-catchup.h"
#include "provider/forge-m3u-list.h"
#include "store/forge-store-guide.h"

/* Entries of a channel list: they play where the list says, and what has been where it says that.
 */

/* Of a wish that names no length. */
#define DEFAULT_DURATION_S (2 * 3600)

gboolean
forge_engine_dial_url (ForgeEngine *engine,
                       const char *url,
                       const ForgeDialOptions *options,
                       ForgeDial *dial,
                       GCancellable *cancellable,
                       GError **error)
{
  if (!forge_dial_open (url, options, dial, cancellable, error))
    return FALSE;
  return dial->kind != FORGE_DIAL_HLS ||
         forge_hls_open (engine->hls, url, options, dial, cancellable, error);
}

/* `*catchup_id` (transfer full): of the programme that ran at `start_s`; NULL if there is none or
 * the template does without. */
static gboolean
read_entry (ForgeEngine *engine,
            const ForgeStream *stream,
            gint64 start_s,
            ForgeStreamAddress *address,
            char **catchup_id,
            GCancellable *cancellable,
            GError **error)
{
  ForgeStore *store = forge_store_pool_take (engine->stores, error);

  if (!store)
    return FALSE;
  gboolean ok =
      forge_provider_stream_address (store, engine->secrets, stream, address, cancellable, error);
  if (ok && start_s > 0 && address->catchup && forge_catchup_wants_id (address->catchup))
    ok = forge_store_find_catchup_id (store, stream->id, start_s, catchup_id, error);
  forge_store_pool_give (engine->stores, store);
  return ok;
}

/* What the entry says goes before what the account says. */
static ForgeDialOptions
own_options (const ForgeDialOptions *options, const ForgeStreamAddress *address)
{
  ForgeDialOptions own = *options;

  if (address->user_agent)
    own.user_agent = address->user_agent;
  own.referrer = address->referrer;
  return own;
}

gboolean
forge_engine_dial_entry (ForgeEngine *engine,
                         const ForgeStream *stream,
                         const ForgeDialOptions *options,
                         ForgeDial *dial,
                         GCancellable *cancellable,
                         GError **error)
{
  g_auto (ForgeStreamAddress) address = { 0 };
  g_autofree char *catchup_id = NULL;

  if (!read_entry (engine, stream, 0, &address, &catchup_id, cancellable, error))
    return FALSE;
  const ForgeDialOptions own = own_options (options, &address);
  return forge_engine_dial_url (engine, address.live, &own, dial, cancellable, error);
}

static char *
fill (const ForgeStreamAddress *address,
      const char *catchup_id,
      gint64 start_s,
      guint duration_s,
      GError **error)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  const ForgeCatchupTime time = { .start_s = start_s + address->catchup_offset * 60,
                                  .duration_s = duration_s ? duration_s : DEFAULT_DURATION_S,
                                  .now_s = g_get_real_time () / G_USEC_PER_SEC,
                                  .zone = zone,
                                  .catchup_id = catchup_id };
  char *url = address->catchup ? forge_catchup_fill (address->catchup, &time) : NULL;

  if (!url)
    g_set_error_literal (error,
                         FORGE_ERROR,
                         FORGE_ERROR_NOT_FOUND,
                         address->catchup
                             ? "The guide has no catchup-id for what ran then"
                             : "The list does not say where this channel's archive is");
  return url;
}

gboolean
forge_engine_catchup_entry (ForgeEngine *engine,
                            const ForgeStream *stream,
                            gint64 start_s,
                            guint duration_s,
                            const ForgeDialOptions *options,
                            ForgeDial *dial,
                            GCancellable *cancellable,
                            GError **error)
{
  g_auto (ForgeStreamAddress) address = { 0 };
  g_autofree char *catchup_id = NULL;

  if (!read_entry (engine, stream, start_s, &address, &catchup_id, cancellable, error))
    return FALSE;
  g_autoptr (ForgeSecret) url = fill (&address, catchup_id, start_s, duration_s, error);
  if (!url)
    return FALSE;
  const ForgeDialOptions own = own_options (options, &address);
  return forge_engine_dial_url (engine, url, &own, dial, cancellable, error);
}

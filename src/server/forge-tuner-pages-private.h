/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server/forge-app-gate.h"
#include "server/forge-app-seats.h"
#include "server/forge-artwork.h"
#include "server/forge-tuner-pages.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define FORGE_TYPE_JSON "application/json; charset=utf-8"
#define FORGE_TYPE_XML  "application/xml; charset=utf-8"
#define FORGE_TYPE_HTML "text/html; charset=utf-8"
#define FORGE_TYPE_M3U  "audio/x-mpegurl; charset=utf-8"
#define FORGE_TYPE_TS   "video/mp2t"

/* What the documents are made of at one moment; documents are built on job threads too. */
typedef struct {
  ForgeSettings *settings;
  ForgeLineup *lineup; /* of the device asked for; NULL until the first one is there */
  guint64 guide_revision;
  GPtrArray *devices;      /* of ForgeDeviceView*; NULL = none were set */
  ForgeDeviceView *device; /* the one asked for; owned by `devices`; NULL as above */
} ForgePagesSnapshot;

void forge_pages_snapshot_clear (ForgePagesSnapshot *snapshot);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ForgePagesSnapshot, forge_pages_snapshot_clear)

struct _ForgeTunerPages {
  ForgeTuner *tuner;      /* borrowed; control role only */
  ForgeStorePool *stores; /* borrowed */
  GMutex mutex;           /* only for taking and replacing `now` */
  ForgePagesSnapshot now;
  ForgeAppGate *gate;
  ForgeAppSeats *seats;
  ForgeArtwork *artwork;    /* NULL = none: clients are sent to the source */
  ForgeArtwork *posters;    /* of films and series; NULL as above */
  ForgeArtwork *programmes; /* what guides show; NULL as above */
  ForgePagesLibrary library;
  gint tuners_total, tuners_used; /* atomic: as last seen on the control thread */
};

/* What a request that came in on TCP port `port` is about. Thread: any. */
void forge_pages_snapshot (ForgeTunerPages *pages, guint port, ForgePagesSnapshot *snapshot);

/* The same for a device by its id; the main one if there is none such. */
void forge_pages_snapshot_of (ForgeTunerPages *pages, gint64 device, ForgePagesSnapshot *snapshot);

/* The identity of the device asked for. Lent by the snapshot. */
const char *forge_pages_name (const ForgePagesSnapshot *snapshot);
const char *forge_pages_device_id (const ForgePagesSnapshot *snapshot);
const char *forge_pages_uuid (const ForgePagesSnapshot *snapshot);

/* A 200 that clients must revalidate. Take the text. */
ForgeReply *forge_pages_document (const char *content_type, char *text);
ForgeReply *forge_pages_json (JsonBuilder *builder);

/* Appends `text` escaped for XML and HTML, without what XML 1.0 cannot say. NULL appends nothing.
 */
void forge_pages_append_text (GString *document, const char *text);
/* TunerCount: never 0, because clients then see no device. Role: control. */
int forge_pages_tuner_count (ForgeTunerPages *pages);

/* Looks how many tuners are in use, for job threads. Role: control. */
void forge_pages_note_tuners (ForgeTunerPages *pages);

/* A playlist with the URLs that its reader may use. Texts are lent. */
typedef struct {
  ForgeLineup *lineup; /* NULL = empty */
  const char *base_url;
  gboolean is_plain;               /* names and URLs only, as type=m3u has it */
  gboolean by_number;              /* /auto/vN instead of /stream/ID */
  const char *username, *password; /* of an app, encoded for paths: /live/… ; NULL = none */
} ForgePagesPlaylist;
char *forge_pages_playlist_text (const ForgePagesPlaylist *playlist) G_GNUC_WARN_UNUSED_RESULT;

/* As ForgePagesLibrary has it; trouble is no reason not to show what is known. */
void forge_pages_read_details (ForgeTunerPages *pages,
                               ForgeMediaKind kind,
                               gint64 id,
                               GCancellable *cancellable);

/* The guide document of the snapshot's lineup. */
ForgeReply *forge_pages_guide_reply (ForgeTunerPages *pages,
                                     const ForgePagesSnapshot *now,
                                     const char *base_url,
                                     gboolean is_gzip_file) G_GNUC_WARN_UNUSED_RESULT;

/* TRUE if a stream of the channel is there now. */
gboolean forge_pages_has_source (const ForgeChannel *channel);
/* How many days back a source of the channel plays, 0 = none does. */
int forge_pages_archive_days (const ForgeChannel *channel);
/* TRUE if catch-up can begin at `start_s`. */
gboolean forge_pages_is_in_archive (const ForgeChannel *channel, gint64 start_s);

/* Each registers the routes of its documents. */
void forge_pages_add_device (ForgeTunerPages *pages, ForgeRouter *router);
void forge_pages_add_lineup (ForgeTunerPages *pages, ForgeRouter *router);
void forge_pages_add_guide (ForgeTunerPages *pages, ForgeRouter *router);
void forge_pages_add_streams (ForgeTunerPages *pages, ForgeRouter *router);
void forge_pages_add_artwork (ForgeTunerPages *pages, ForgeRouter *router);
void forge_pages_add_xtream (ForgeTunerPages *pages, ForgeRouter *router);
void forge_pages_add_status (ForgeTunerPages *pages, ForgeRouter *router);
void forge_pages_add_web (ForgeTunerPages *pages, ForgeRouter *router);

G_END_DECLS

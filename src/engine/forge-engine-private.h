/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/forge-clock.h"
#include "engine/forge-engine-catchup.h"
#include "engine/forge-engine-watch.h"
#include "engine/forge-engine.h"
#include "engine/forge-event-log.h"
#include "engine/forge-live-forms.h"
#include "engine/forge-scheduler.h"
#include "engine/forge-snapshot.h"
#include "engine/forge-work.h"
#include "guide/forge-lineup-match.h"
#include "net/forge-hls-source.h"
#include "net/forge-http.h"
#include "server/discovery/forge-discovery.h"
#include "server/forge-http-server.h"
#include "server/forge-tuner-pages.h"
#include "server/media/forge-media-service.h"
#include "store/forge-secrets.h"
#include "store/forge-store.h"
#include "tests/provider/forge-fake-provider.h"
#include "tuner/forge-tuner.h"

G_BEGIN_DECLS

typedef struct _ForgeDownloads ForgeDownloads;

struct _ForgeEngine {
  /* set once by forge_engine_new (), read by any thread */
  ForgeClock *clock;
  int lock_fd;   /* of the data directory */
  gint is_ready; /* atomic; the start is over, the demo's too */
  ForgeStorePool *stores;
  ForgeSecrets *secrets;
  ForgeEventLog *events;
  ForgeWork *work;
  ForgeLineupMemory *lineup_memory; /* on the work queue's thread */
  ForgeHlsPool *hls;                /* outlives the tuner, whose relay closes the streams */
  ForgeLiveForms *live_forms;
  ForgeCatchup *catchup;
  ForgeDownloads *downloads;
  struct _ForgeFlights *flights; /* details of titles that are being asked for */
  ForgeFakeProvider *demo;       /* NULL unless --demo */
  char *url, *control_path;
  gint64 started_us;

  GMainContext *context; /* the control role's */
  GMainLoop *loop;
  GThread *thread;

  /* control role only */
  ForgeTuner *tuner;
  ForgeTunerPages *pages;
  ForgeMediaService *media;
  ForgeRouter *router, *control_router;
  ForgeHttpServer *server;
  ForgeScheduler *scheduler;
  ForgeDiscovery *discovery; /* its problems: any role */
  char *bind;                /* as HTTP listens */
  guint port;                /* of HTTP; 0 = it does not listen */
  GSource *audit;
  gboolean is_paused; /* by the user: no stream is opened */

  guint64 last_publication; /* atomic by the lock below: numbers the readings */
  guint64 shown_publication;

  GThreadPool *calls;         /* of GTask*: what the window asked for */
  GCancellable *calls_ending; /* fires for all of them */
  GSource *live_timer;        /* control role only */

  GMutex watch_lock;  /* guards the two below, nothing else */
  GPtrArray *watches; /* of ForgeWatch*, lent */
  ForgeLive *live;    /* written by the control role only */

  struct ForgeWeb *web; /* set once; NULL without HTTP */

  gint search_waits; /* atomic: the search will be brought up to date */

  GMutex snapshot_lock; /* guards the pointer below and the two above, nothing else */
  ForgeSnapshot *snapshot;
};

/* The two halves of the window's seam (forge-engine-call.h, forge-engine-watch.h): begin when the
 * engine listens, end before the control side goes. */
void forge_engine_start_calls (ForgeEngine *engine);
void forge_engine_stop_calls (ForgeEngine *engine);
void forge_engine_start_live (ForgeEngine *engine);
void forge_engine_stop_live (ForgeEngine *engine);
/* Looks again at once, for changes that a person made. Role: control. */
void forge_engine_update_live (ForgeEngine *engine);
/* Pause (forge-engine-pause.c). Role: control. */
void forge_engine_set_paused (ForgeEngine *engine, gboolean is_paused);
/* Hands `accounts` to the tuner, or none while paused. */
void forge_engine_apply_accounts (ForgeEngine *engine, GPtrArray *accounts);
/* Ends everything that plays, as if each viewer had left. */
void forge_engine_end_sessions (ForgeEngine *engine);
/* Tells every watch. Thread: any. */
void forge_engine_tell (ForgeEngine *engine, ForgeChanges changes);
/* All problems, with what only tuner and discovery know. Role: control. Of ForgeProblem*. Returns:
 * (transfer full). */
GPtrArray *forge_engine_find_problems (ForgeEngine *engine, const ForgeSnapshot *snapshot)
    G_GNUC_WARN_UNUSED_RESULT;

/* Reads a new snapshot through `store` and hands it to tuner and pages; returns when clients see
 * it. Role: job. */
gboolean forge_engine_publish (ForgeEngine *engine, ForgeStore *store, GError **error);

/* Brings the search of programmes up to date when the other work is done. Thread: any. */
void forge_engine_update_search_later (ForgeEngine *engine);

/* Runs `func` on the control thread and waits for it. Role: job. */
typedef void (*ForgeControlFunc) (ForgeEngine *engine, gpointer data);
void forge_engine_on_control (ForgeEngine *engine, ForgeControlFunc func, gpointer data);

/* A client with the account's own user agent, proxy and the TLS setting; `account` NULL = defaults.
 * Belongs to the calling thread. Returns: (transfer full). */
ForgeHttp *forge_engine_make_http (ForgeEngine *engine, const ForgeAccount *account);
/* The same with less patience, for a login that a person waits for. */
ForgeHttp *forge_engine_make_login_http (ForgeEngine *engine, const ForgeAccount *account);
/* The account's proxy with its login. NULL without an error: none. (transfer full), free with
 * forge_secret_free (). */
char *forge_engine_reveal_proxy (ForgeEngine *engine,
                                 const ForgeAccount *account,
                                 GCancellable *cancellable,
                                 GError **error);

/* How clients find us: made once, then told whenever settings, lineup or the listener change. Role:
 * control. */
void forge_engine_make_discovery (ForgeEngine *engine, const ForgeEngineOptions *options);
void forge_engine_update_discovery (ForgeEngine *engine);

/* ForgeMediaOpenFunc with the engine as user_data. */
gboolean forge_engine_open_media (const ForgeMediaAddress *address,
                                  const ForgeFetchRange *range,
                                  ForgeFetch *fetch,
                                  GCancellable *cancellable,
                                  gpointer engine,
                                  GError **error);

/* ForgeMediaFindFunc with the engine as user_data: asks the page anew. */
char *forge_engine_find_again (const ForgeMediaFormat *format,
                               const char *failed_url,
                               GCancellable *cancellable,
                               gpointer engine,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Films and series for the pages that apps read. Before the first request. */
void forge_engine_give_library (ForgeEngine *engine);

/* Where pictures of channels may be fetched: anywhere public, and at home where the user typed an
 * address of it. Role: control. */
void forge_engine_update_artwork (ForgeEngine *engine, const ForgeSnapshot *snapshot);

/* ForgeTunerDialFunc with the engine as user_data: resolves secret and URL, tries the account's
 * mirrors on network trouble. */
gboolean forge_engine_dial (const ForgeAccount *account,
                            const ForgeStream *stream,
                            ForgeDial *dial,
                            GCancellable *cancellable,
                            gpointer engine,
                            GError **error);
/* Opens `url`; a playlist becomes a transport stream. Role: job. */
gboolean forge_engine_dial_url (ForgeEngine *engine,
                                const char *url,
                                const ForgeDialOptions *options,
                                ForgeDial *dial,
                                GCancellable *cancellable,
                                GError **error);
/* An entry of a channel list, live and from its archive. `options` are the account's. Role: job. */
gboolean forge_engine_dial_entry (ForgeEngine *engine,
                                  const ForgeStream *stream,
                                  const ForgeDialOptions *options,
                                  ForgeDial *dial,
                                  GCancellable *cancellable,
                                  GError **error);
gboolean forge_engine_catchup_entry (ForgeEngine *engine,
                                     const ForgeStream *stream,
                                     gint64 start_s,
                                     guint duration_s,
                                     const ForgeDialOptions *options,
                                     ForgeDial *dial,
                                     GCancellable *cancellable,
                                     GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/forge-context-call.h"
#include "net/forge-remux.h"
#include "relay/forge-pump.h"
#include "server/media/forge-media-progress.h"
#include "server/media/forge-media-resolver.h"
#include "server/media/forge-media-service.h"

G_BEGIN_DECLS

/**
 * The parts of the media service that know each other.
 *
 *   request (job) ── open: resolve → lease → fetch → judge ──▶ ForgeMediaOpened ──▶ reply
 *                                                                │ take (control)
 *   pump ── events ──▶ ForgeMediaBody (control) ◀───────────────┘
 *                        │ lost: a job opens again at that byte
 *                        │ live TV wants the slot: parked, goes on when one is free
 */
typedef struct _ForgeMediaBody ForgeMediaBody;
typedef struct _ForgeMediaLease ForgeMediaLease;
typedef struct _ForgeMediaMerge ForgeMediaMerge;

struct _ForgeMediaService {
  ForgeMediaServiceConfig config;
  ForgeResolver *resolver;
  ForgeMediaProgressBook *progress;
  ForgePump *pump;      /* NULL once it is stopped; control role */
  GThreadPool *openers; /* of ForgeMediaBody* whose source was lost */
  GThreadPool *reapers; /* of ForgeRemux* that have ended or have to */
  GCancellable *stopping;

  GMutex keys_lock; /* held while keys are loaded or made, so that this is done once */
  GMutex lock;      /* guards the next seven */
  ForgeLinkKeys *keys;
  ForgeSettings *settings;
  GHashTable *clients; /* address → number of bodies */
  guint bodies;
  guint merges;      /* of picture and sound */
  GHashTable *moved; /* playlists that were fetched anew; NULL = none */
  GHashTable *seats; /* id of a seat (gint64) → GCancellable of what is opened or sent for it */

  /* control role */
  GPtrArray *running; /* of ForgeMediaBody*, oldest first */
  GSource *tick;      /* while one waits for a slot */
};

/* ── what is asked ── */

/* Who asks, and for what. Strings are owned. */
typedef struct {
  char *client; /* address */
  char *request_id;
  char *key; /* "movie/12", "movie/12 DE", "site/HASH": what facts are remembered by */
  ForgeMediaKind kind;
  gint64 id;                  /* 0 = a URL */
  char *language;             /* whose sources come first, "DE"; NULL = any */
  gint64 prefers;             /* the account whose sources come before that; 0 = any */
  char *url;                  /* of a site, or of a part of a playlist */
  char *page;                 /* of the site where that address was found; NULL = not known */
  char *format_id;            /* what it is there */
  gboolean is_part;           /* of the playlist that is there, not what the page names */
  gint64 account_id;          /* whose playlist that part came from; 0 = a site */
  gboolean is_watched;        /* somebody sees it stop; FALSE = a download */
  ForgeSeat seat;             /* left when it is over */
  GCancellable *stop;         /* cancelled when the seat is ended; NULL = nobody ends it */
  ForgeMediaService *watcher; /* that does so */
  char *progress_name;        /* what a page calls it; NULL = nobody asks */
} ForgeMediaWish;

void forge_media_wish_clear (ForgeMediaWish *wish);
/* From here on what is opened for it ends with its seat, if it has one. */
void forge_media_wish_watch (ForgeMediaWish *wish, ForgeMediaService *service);
gboolean forge_media_wish_is_ended (const ForgeMediaWish *wish);
void forge_media_wish_unwatch (ForgeMediaWish *wish);
/* All of them, at the end. */
void forge_media_seats_stop (ForgeMediaService *service);
/* An address of a site, and where it was found (`page` NULL = not known). */
void
forge_media_wish_site (ForgeMediaWish *wish, const char *url, const char *page, const char *id);
/* The key of a title; `language` may be NULL. (transfer full) */
char *forge_media_wish_key (const char *handle, const char *language);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ForgeMediaWish, forge_media_wish_clear)

/* ── leases: slots of the tuner, held from other threads ── */

/* A connection of the account, waiting until `deadline_us` (monotonic) for one; an older body of
 * the same client and title gives its own up. LIMIT when none came free. `account_id` 0: a lease
 * that holds nothing. Role: job. Returns: (transfer full). */
ForgeMediaLease *forge_media_lease_take (ForgeMediaService *service,
                                         gint64 account_id,
                                         const ForgeMediaWish *wish,
                                         GCancellable *cancellable,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Only when its connection is closed. NULL is fine. Thread: any. */
void forge_media_lease_give (ForgeMediaLease *lease, gboolean was_connected);
/* Whom to tell when live TV needs it; called at once if it was asked already. Role: control. */
void forge_media_lease_set_body (ForgeMediaLease *lease, ForgeMediaBody *body);
/* Role: control. NULL: not free now. */
ForgeMediaLease *forge_media_lease_try (ForgeMediaService *service,
                                        gint64 account_id,
                                        gboolean is_watched,
                                        gint64 *wait_us);
gint64 forge_media_lease_account (const ForgeMediaLease *lease);
/* The provider ended the connection; the next one will use the same slot. Role: control. */
void forge_media_lease_note_lost (ForgeMediaLease *lease);

/* Runs `func` on the control thread and waits. Role: any. */
void forge_media_on_control (ForgeMediaService *service, ForgeContextFunc func, gpointer data);

/* ── opening ── */

typedef struct {
  ForgeFetch fetch;
  ForgeMediaLease *lease;
  gint64 source_id;
  gint64 account_id;
  gint64 first;  /* the fetch's body begins here */
  gint64 length; /* of the whole; -1 = unknown */
  gboolean is_playlist;
} ForgeMediaOpened;

/* What a source says of the file's version: its strong ETag or its date. Of one source and host
 * only: two accounts that have the same file say different things of it. */
typedef struct {
  gint64 source_id;
  char *host, *text; /* NULL = it says nothing */
} ForgeMediaVersion;

void forge_media_version_clear (ForgeMediaVersion *version);
/* Of what was opened just now. (members transfer full) */
ForgeMediaVersion forge_media_version_of (const ForgeMediaOpened *opened);

void forge_media_opened_clear (ForgeMediaOpened *opened);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ForgeMediaOpened, forge_media_opened_clear)

typedef struct {
  gint64 first, last;               /* wanted; last -1 = to the end */
  gint64 length;                    /* must agree with this; -1 = not known */
  const ForgeMediaVersion *version; /* and with this, where it says anything; NULL = with none */
  gboolean is_patient;              /* tries again after 1, 2 and 4 s what may help */
  gboolean is_probe;                /* only the head matters */
  ForgeMediaLease *lease; /* to use for its account; taken over, also on failure. NULL = none yet */
} ForgeMediaPlace;

/* Tries every source; when all fail, once more after reading the title or the page anew (at most
 * once a minute); the wish then has the new address. What starts before `first` because the source
 * knows no ranges is still fine: see `opened->first`. The error is that of the best source;
 * TOO_LARGE: `first` lies behind the end, and opened->length is set. Role: job. */
gboolean forge_media_open (ForgeMediaService *service,
                           ForgeMediaWish *wish,
                           ForgeMediaPlace *place,
                           ForgeMediaOpened *opened,
                           GCancellable *cancellable,
                           GError **error);

/* ── bodies ── */

/* TRUE if one more may begin; then release () must follow, or a body that does it. */
gboolean forge_media_reserve (ForgeMediaService *service, const char *client);
void forge_media_release (ForgeMediaService *service, const char *client);

/* An answer of `length` bytes from `first` on. Takes over what `opened` and `wish` hold. Give it to
 * forge_reply_new_file () with the two functions below. A reserved place comes with it. */
ForgeMediaBody *forge_media_body_new (ForgeMediaService *service,
                                      ForgeMediaWish *wish,
                                      ForgeMediaOpened *opened,
                                      gint64 first,
                                      gint64 length) G_GNUC_WARN_UNUSED_RESULT;
void forge_media_body_take (int fd,
                            const char *head,
                            gsize head_bytes,
                            gboolean send_chunked,
                            gpointer body);
void forge_media_body_discard (gpointer body);
/* Of its wish. (transfer none) */
const char *forge_media_body_key (const ForgeMediaBody *body);

/* The two below are of a merge, of which each takes a reference. What a client gets; the inputs
 * start with it. */
ForgeMediaBody *forge_media_body_new_merged (ForgeMediaService *service,
                                             ForgeMediaWish *wish,
                                             ForgeMediaOpened *opened,
                                             ForgeMediaMerge *merge) G_GNUC_WARN_UNUSED_RESULT;
/* What goes into it: `head` (NULL = nothing; taken over), then the file from `first` on, `length`
 * bytes of it (-1 = to an end that nobody knows). It has no place of its own. */
typedef struct {
  GBytes *head;
  gint64 first, length;
} ForgeMediaInput;
ForgeMediaBody *forge_media_body_new_input (ForgeMediaService *service,
                                            ForgeMediaWish *wish,
                                            ForgeMediaOpened *opened,
                                            ForgeMediaInput *input,
                                            ForgeMediaMerge *merge) G_GNUC_WARN_UNUSED_RESULT;
/* Begins to send it into `fd` (taken over), or discards it. Role: control. */
void forge_media_body_feed (ForgeMediaBody *body, int fd);

/* Role: control. */
guint64 forge_media_body_seat (const ForgeMediaBody *body);
void forge_media_body_end (ForgeMediaBody *body);
void forge_media_body_yield (ForgeMediaBody *body);
gboolean forge_media_body_give_way (ForgeMediaService *service, const ForgeMediaWish *wish);
/* The pump is about to end: none of them is to look whole. */
void forge_media_bodies_cut (ForgeMediaService *service);
/* Thread functions and events. */
void forge_media_body_run_opener (gpointer body, gpointer service);
void forge_media_body_on_event (const ForgePumpEvent *event, void *service);

/* ── picture and sound that a site keeps apart ── */

/* Each is a process: an ffmpeg. */
#define FORGE_MEDIA_MAX_MERGES 4u

typedef struct {
  ForgeMediaWish *whole; /* taken over on success; without a URL of its own */
  const char *urls[2];   /* picture, sound: checked already */
  const char *page;      /* where they were found; NULL = not known */
  const char *ids[2];    /* what they are there */
  ForgeRemuxOutput output;
} ForgeMediaMergeWish;

/* "mp4", "webm", "mkv" → the media type (transfer none) and `output`; NULL: another. */
const char *forge_media_merge_container (const char *extension, ForgeRemuxOutput *output);
/* Opens both and starts ffmpeg. The body is to be taken like any other; a reserved place comes with
 * it. Error: LIMIT when too many run, INVALID for what ffmpeg cannot put together, else as
 * forge_media_open (). Role: job. */
ForgeMediaBody *forge_media_merge_open (ForgeMediaService *service,
                                        const ForgeMediaMergeWish *wish,
                                        GCancellable *cancellable,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Role: control. */
void forge_media_merge_start (ForgeMediaMerge *merge);
/* Nothing of it will be read any more. */
void forge_media_merge_abandon (ForgeMediaMerge *merge);
/* So that what it printed does not pass for whole. Thread: any. */
void forge_media_merge_kill (ForgeMediaMerge *merge);
ForgeMediaMerge *forge_media_merge_ref (ForgeMediaMerge *merge);
void forge_media_merge_unref (ForgeMediaMerge *merge);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeMediaMerge, forge_media_merge_unref)
/* Thread function. */
void forge_media_merge_reap (gpointer remux, gpointer unused);

/* ── pages ── */

void forge_media_pages_add (ForgeMediaService *service, ForgeRouter *router);

/* Answers a request for `wish` (taken over), bytes or a playlist. `disposition` may be NULL. Role:
 * job. */
typedef struct {
  const char *disposition;
  const char *cache_state; /* X-Cache */
  const char *context;     /* of a playlist's part: see forge-media-playlist.h; NULL = of a title */
} ForgeMediaAnswer;
ForgeReply *forge_media_answer (ForgeMediaService *service,
                                ForgeMediaWish *wish,
                                const ForgeMediaAnswer *answer,
                                const ForgeRequest *request,
                                GCancellable *cancellable);
/* The same for picture and sound apart: their only representation, without ranges. */
ForgeReply *forge_media_answer_merged (ForgeMediaService *service,
                                       const ForgeMediaMergeWish *wish,
                                       const char *content_type,
                                       const char *disposition,
                                       const ForgeRequest *request,
                                       GCancellable *cancellable);
/* {"error",…} with the status that fits. */
ForgeReply *forge_media_error_reply (const GError *error);
/* NULL if the request may go on: signed, or from this machine and (`needs_signature` FALSE) without
 * a signature. */
ForgeReply *forge_media_check_signature (ForgeMediaService *service,
                                         ForgeLinkPurpose purpose,
                                         gboolean needs_signature,
                                         const ForgeRequest *request,
                                         GCancellable *cancellable);
char *forge_media_setting (ForgeMediaService *service, const char *key);
/* How long a request waits for a connection: the setting for live TV counts here too. */
gint64 forge_media_hold_us (ForgeMediaService *service);

G_END_DECLS

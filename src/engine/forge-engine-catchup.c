/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-engine-catchup.h"

#include "base/forge-error.h"
#include "engine/forge-engine-login.h"
#include "engine/forge-engine-private.h"
#include "provider/forge-xtream.h"
#include "store/forge-store-learned.h"

/* Panels count in minutes; the end of what was asked for is cut by the viewer's own duration. */
#define DEFAULT_MINUTES 120u
#define SPARE_MINUTES   5u
#define MAX_MINUTES     480u

/* An archive is looked up on a disk somewhere before its first byte. */
#define FIRST_BYTE_MS 8000

/* Seen: the first minute's file is missing, the next one is there. */
#define MISSING_MINUTE_S 60

struct _ForgeCatchup {
  GMutex lock;        /* guards the table; never held while dialling */
  GHashTable *shapes; /* account id → shape that worked */
};

ForgeCatchup *
forge_catchup_new (void)
{
  ForgeCatchup *catchup = g_new0 (ForgeCatchup, 1);

  g_mutex_init (&catchup->lock);
  catchup->shapes = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  return catchup;
}

void
forge_catchup_free (ForgeCatchup *catchup)
{
  g_hash_table_unref (catchup->shapes);
  g_mutex_clear (&catchup->lock);
  g_free (catchup);
}

/* Looks in memory only; FALSE = not there. */
static gboolean
look_up_shape (ForgeCatchup *catchup, gint64 account_id, guint *shape)
{
  gpointer value = NULL;

  g_mutex_lock (&catchup->lock);
  gboolean is_known = g_hash_table_lookup_extended (catchup->shapes, &account_id, NULL, &value);
  g_mutex_unlock (&catchup->lock);
  *shape = GPOINTER_TO_UINT (value);
  return is_known;
}

static void
note_shape (ForgeCatchup *catchup, gint64 account_id, guint shape)
{
  g_mutex_lock (&catchup->lock);
  g_hash_table_replace (catchup->shapes,
                        g_memdup2 (&account_id, sizeof account_id),
                        GUINT_TO_POINTER (shape));
  g_mutex_unlock (&catchup->lock);
}

/* A database that fails costs a few requests, no more. */
static guint
recall_shape (ForgeEngine *engine, gint64 account_id)
{
  g_autoptr (GError) error = NULL;
  gint64 stored = 0;
  guint shape;

  if (look_up_shape (engine->catchup, account_id, &shape))
    return shape;
  ForgeStore *store = forge_store_pool_take (engine->stores, &error);
  if (store &&
      !forge_store_get_learned (store, account_id, FORGE_LEARNED_CATCHUP_SHAPE, &stored, &error))
    stored = 0;
  if (store)
    forge_store_pool_give (engine->stores, store);
  if (error)
    g_debug ("what catch-up was like: %s", error->message);
  shape = stored > 0 && stored < FORGE_XTREAM_CATCHUP_SHAPES ? (guint)stored : 0;
  note_shape (engine->catchup, account_id, shape);
  return shape;
}

static void
remember_shape (ForgeEngine *engine, gint64 account_id, guint shape)
{
  g_autoptr (GError) error = NULL;
  guint known;

  if (look_up_shape (engine->catchup, account_id, &known) && known == shape)
    return;
  note_shape (engine->catchup, account_id, shape);
  ForgeStore *store = forge_store_pool_take (engine->stores, &error);
  if (store &&
      !forge_store_save_learned (store, account_id, FORGE_LEARNED_CATCHUP_SHAPE, shape, &error))
    g_debug ("what catch-up is like: %s", error->message);
  if (store)
    forge_store_pool_give (engine->stores, store);
}

static guint
minutes_of (guint duration_s)
{
  if (duration_s == 0)
    return DEFAULT_MINUTES;
  return MIN ((duration_s + 59) / 60 + SPARE_MINUTES, MAX_MINUTES);
}

/* One request for an archive. */
typedef struct {
  const ForgeAccount *account;
  ForgeXtreamLogin login;
  const ForgeDialOptions *options;
  gint64 remote_id, start_s;
  guint minutes;
} Wish;

typedef enum {
  OPENED,
  OTHER_SHAPE, /* the panel may understand another one */
  MISSING,     /* the same, and it may be the minute that is missing */
  OTHER_HOST,  /* nobody answers there */
  REFUSED,     /* whatever the shape */
} Verdict;

static Verdict
judge (const ForgeDial *dial, const GError *error, GCancellable *cancellable)
{
  if (g_cancellable_is_cancelled (cancellable) ||
      g_error_matches (error, FORGE_ERROR, FORGE_ERROR_AUTH) ||
      g_error_matches (error, FORGE_ERROR, FORGE_ERROR_LIMIT) || dial->http_status == 406)
    return REFUSED;
  if (dial->http_status == 0)
    return OTHER_HOST;
  return dial->http_status == 404 ? MISSING : OTHER_SHAPE;
}

static Verdict
ask (const Wish *wish, guint shape, ForgeDial *dial, GCancellable *cancellable, GError **error)
{
  g_autofree char *url = forge_xtream_catchup_url (&wish->login,
                                                   wish->remote_id,
                                                   wish->start_s,
                                                   wish->minutes,
                                                   wish->account->timezone,
                                                   shape);
  g_autoptr (GError) failure = NULL;

  g_clear_error (error);
  forge_dial_clear (dial);
  *dial = (ForgeDial){ .bytes = { .fd = -1 } };
  if (!url || !forge_dial_open (url, wish->options, dial, cancellable, &failure)) {
    Verdict verdict = judge (dial, failure, cancellable);
    g_propagate_error (error, g_steal_pointer (&failure));
    return verdict;
  }
  if (dial->kind == FORGE_DIAL_TS)
    return OPENED;
  g_set_error_literal (error,
                       FORGE_ERROR,
                       FORGE_ERROR_UNSUPPORTED,
                       "the archive is no transport stream");
  return OTHER_SHAPE;
}

/* Every shape, the one that worked last first. */
static Verdict
ask_shapes (ForgeEngine *engine,
            const Wish *wish,
            ForgeDial *dial,
            GCancellable *cancellable,
            GError **error)
{
  guint known = recall_shape (engine, wish->account->id);
  gboolean is_missing = TRUE;

  for (guint i = 0; i < FORGE_XTREAM_CATCHUP_SHAPES; i++) {
    guint shape = i == 0 ? known : i <= known ? i - 1 : i;
    Verdict verdict = ask (wish, shape, dial, cancellable, error);
    if (verdict == OPENED)
      remember_shape (engine, wish->account->id, shape);
    if (verdict != OTHER_SHAPE && verdict != MISSING)
      return verdict;
    is_missing = is_missing && verdict == MISSING;
  }
  if (!is_missing)
    return OTHER_SHAPE;
  Wish later = *wish;
  later.start_s += MISSING_MINUTE_S;
  return ask (&later, known, dial, cancellable, error);
}

gboolean
forge_engine_catchup (const ForgeAccount *account,
                      const ForgeStream *stream,
                      gint64 start_s,
                      guint duration_s,
                      ForgeDial *dial,
                      GCancellable *cancellable,
                      gpointer user_data,
                      GError **error)
{
  ForgeEngine *engine = user_data;
  g_auto (ForgeEngineLogin) login = { 0 };
  g_autoptr (GError) failure = NULL;

  if (!forge_engine_login_open (&login, engine, account, FIRST_BYTE_MS, cancellable, error))
    return FALSE;
  if (account->kind == FORGE_ACCOUNT_M3U)
    return forge_engine_catchup_entry (engine,
                                       stream,
                                       start_s,
                                       duration_s,
                                       &login.options,
                                       dial,
                                       cancellable,
                                       error);
  Wish wish = { .account = account,
                .login = { account->server, account->username, login.password },
                .options = &login.options,
                .remote_id = stream->remote_id,
                .start_s = start_s,
                .minutes = minutes_of (duration_s) };
  Verdict verdict = ask_shapes (engine, &wish, dial, cancellable, &failure);
  for (char **mirror = account->mirrors; mirror && *mirror && verdict == OTHER_HOST; mirror++) {
    wish.login.server = *mirror;
    verdict = ask_shapes (engine, &wish, dial, cancellable, &failure);
  }
  if (failure)
    g_propagate_error (error, g_steal_pointer (&failure));
  return verdict == OPENED;
}

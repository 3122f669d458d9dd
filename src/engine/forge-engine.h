/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ForgeEngine: the composition root. Owns the store, the secrets, the tuner, the servers and the
 * control thread they run on. A host (streamforge-server, streamforge) makes one and waits.
 */
typedef struct _ForgeEngine ForgeEngine;

typedef struct {
  const char *data_dir;    /* streamforge.db, secrets; created */
  const char *cache_dir;   /* created */
  const char *runtime_dir; /* control.sock; created, mode 0700 */
  const char *bind;        /* NULL = as the setting says */
  int port;                /* < 0 = as the setting says, 0 = any free one */
  guint hdhr_port;         /* UDP and TCP of discovery; 0 = 65001, the one that clients know */
  gboolean is_demo;        /* add the built-in provider as an account */
} ForgeEngineOptions;

/* Starts everything and returns when clients are answered. Errors are fit for a person: STORAGE
 * (another instance runs on the directory, port in use, disk), INVALID (bind). Blocks. Returns:
 * (transfer full). */
ForgeEngine *forge_engine_new (const ForgeEngineOptions *options, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Ends sessions, refreshes and servers in order; at most about 3 s. */
void forge_engine_free (ForgeEngine *engine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeEngine, forge_engine_free)

/* "http://127.0.0.1:5004". Returns: (transfer none). */
const char *forge_engine_url (ForgeEngine *engine);
const char *forge_engine_control_path (ForgeEngine *engine);

/* TRUE if a database in `data_dir` holds an account: scripts ask before they choose the demo. */
gboolean forge_engine_has_accounts (const char *data_dir);

G_END_DECLS

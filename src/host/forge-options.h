/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/forge-log.h"
#include "engine/forge-engine.h"

G_BEGIN_DECLS

/**
 * ForgeOptions: the command line that every host of the engine understands, and where things are
 * then.
 */
typedef struct {
  char *data_dir, *cache_dir, *runtime_dir, *bind, *log_level_text;
  ForgeLogLevel log_level;
  int port; /* < 0 = as the setting says */
  gboolean is_demo, demo_if_empty, show_version;
} ForgeOptions;

/* All fields at their defaults. */
void forge_options_init (ForgeOptions *options);
void forge_options_clear (ForgeOptions *options);

/* The entries, ending with an empty one; they write into `options`, which must stay. Returns:
 * (transfer full), g_free (). */
GOptionEntry *forge_options_entries (ForgeOptions *options) G_GNUC_WARN_UNUSED_RESULT;
/* After parsing: checks the values and fills in directories and the log level. Error:
 * G_OPTION_ERROR. May look into the database (demo_if_empty). */
gboolean forge_options_complete (ForgeOptions *options, GError **error);

/* What the engine is started with; lends the strings. A port that a crashed process had is taken
 * again. */
void forge_options_fill_engine (const ForgeOptions *options, ForgeEngineOptions *engine);

G_END_DECLS

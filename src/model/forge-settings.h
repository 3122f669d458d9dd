/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * The typed settings: one table says key, type, default, range and meaning. Values are stored as
 * text (store layer); this module only knows what is allowed.
 */
typedef enum {
  FORGE_SETTING_BOOL, /* "true" / "false" */
  FORGE_SETTING_INT,  /* min…max, with a unit */
  FORGE_SETTING_TEXT, /* at most max bytes of UTF-8 */
  FORGE_SETTING_CHOICE,
} ForgeSettingType;

typedef struct {
  const char *key;
  ForgeSettingType type;
  const char *fallback; /* the default, as text */
  gint64 min, max;
  const char *choices; /* "a|b|c", NULL unless CHOICE */
  const char *unit;    /* NULL = none */
  const char *meaning; /* one sentence */
} ForgeSettingSpec;

/* The whole table, `n` entries. Thread: any. */
const ForgeSettingSpec *forge_settings_table (guint *n);
/* NULL for an unknown key. */
const ForgeSettingSpec *forge_settings_find (const char *key);

/* Checks `text` against `spec` and returns it in canonical form ("yes" → "true", " 5" → "5").
 * Error: INVALID, naming the value and what is allowed. Returns: (transfer full). */
char *forge_settings_canonical (const ForgeSettingSpec *spec, const char *text, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/**
 * ForgeSettings: an immutable set of values (default where none was stored).
 */
typedef struct _ForgeSettings ForgeSettings;

/* `values`: key → canonical text; unknown keys are ignored. Returns: (transfer full). */
ForgeSettings *forge_settings_new (GHashTable *values) G_GNUC_WARN_UNUSED_RESULT;
ForgeSettings *forge_settings_ref (ForgeSettings *settings);
void forge_settings_unref (ForgeSettings *settings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeSettings, forge_settings_unref)

/* The key must exist in the table (programmer error otherwise). Returns: (transfer none). */
const char *forge_settings_text (const ForgeSettings *settings, const char *key);
gint64 forge_settings_int (const ForgeSettings *settings, const char *key);
gboolean forge_settings_bool (const ForgeSettings *settings, const char *key);

G_END_DECLS

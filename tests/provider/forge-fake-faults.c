/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "forge-fake-faults.h"

#include "base/forge-error.h"

#include <string.h>

#define DOCUMENT (FORGE_FAKE_TARGET_LOGIN | FORGE_FAKE_TARGET_LIST | FORGE_FAKE_TARGET_GUIDE)
#define MEDIA    (FORGE_FAKE_TARGET_STREAM | FORGE_FAKE_TARGET_STREAMS)
#define ROWS     (FORGE_FAKE_TARGET_LIST | FORGE_FAKE_TARGET_GUIDE)

#define MAX_MS    G_GINT64_CONSTANT (600000)
#define MAX_BYTES (G_GINT64_CONSTANT (1) << 40)
#define MAX_COUNT G_GINT64_CONSTANT (1000000)

typedef struct {
  const char *word;
  guint targets;
  gint64 min, max; /* max 0 = takes no value */
} VerbSpec;

static const VerbSpec specs[FORGE_FAKE_N_VERBS] = {
  [FORGE_FAKE_DELAY] = { "delay", MEDIA | DOCUMENT, 0, MAX_MS },
  [FORGE_FAKE_SILENT] = { "silent", MEDIA | DOCUMENT, 0, 0 },
  [FORGE_FAKE_HEADERS_ONLY] = { "headers-only", MEDIA | DOCUMENT, 0, 0 },
  [FORGE_FAKE_STALL_AFTER] = { "stall-after", MEDIA | DOCUMENT, 0, MAX_BYTES },
  [FORGE_FAKE_DROP_AFTER] = { "drop-after", MEDIA | DOCUMENT, 0, MAX_BYTES },
  [FORGE_FAKE_RESET_AFTER] = { "reset-after", MEDIA | DOCUMENT, 0, MAX_BYTES },
  [FORGE_FAKE_STATUS] = { "status", MEDIA | DOCUMENT, 200, 999 },
  [FORGE_FAKE_HTML] = { "html", MEDIA | DOCUMENT, 0, 0 },
  [FORGE_FAKE_SLATE] = { "slate", MEDIA, 0, 0 },
  [FORGE_FAKE_NULL_ONLY] = { "null-only", MEDIA, 0, 0 },
  [FORGE_FAKE_NOISE] = { "noise", MEDIA, 0, 0 },
  [FORGE_FAKE_MISALIGN] = { "misalign", MEDIA, 0, 0 },
  [FORGE_FAKE_BURST] = { "burst", MEDIA, 0, MAX_MS },
  [FORGE_FAKE_NO_TABLES_AFTER] = { "no-tables-after", MEDIA, 0, MAX_BYTES },
  [FORGE_FAKE_NO_VIDEO_AFTER] = { "no-video-after", MEDIA, 0, MAX_BYTES },
  [FORGE_FAKE_SCRAMBLED_AFTER] = { "scrambled-after", MEDIA, 0, MAX_BYTES },
  [FORGE_FAKE_SLOW_AFTER] = { "slow-after", MEDIA, 0, MAX_BYTES },
  [FORGE_FAKE_WRONG_LENGTH] = { "wrong-length", MEDIA | DOCUMENT, 0, 0 },
  [FORGE_FAKE_REDIRECT] = { "redirect", MEDIA, 0, 0 },
  [FORGE_FAKE_NOWHERE] = { "nowhere", MEDIA, 0, 0 },
  [FORGE_FAKE_NO_TLS] = { "no-tls", MEDIA, 0, 0 },
  [FORGE_FAKE_HLS] = { "hls", MEDIA, 0, 0 },
  [FORGE_FAKE_HLS_ONLY] = { "hls-only", MEDIA, 0, 0 },
  [FORGE_FAKE_HLS_AES] = { "hls-aes", MEDIA, 0, 0 },
  [FORGE_FAKE_HLS_JUMPS] = { "hls-jumps", MEDIA, 0, 0 },
  [FORGE_FAKE_HLS_STALE] = { "hls-stale", MEDIA, 0, 0 },
  [FORGE_FAKE_HLS_TOKEN] = { "hls-token", MEDIA, 0, MAX_COUNT },
  [FORGE_FAKE_HLS_FRAGMENTS] = { "hls-fragments", MEDIA, 0, 0 },
  [FORGE_FAKE_HLS_SAMPLED] = { "hls-sampled", MEDIA, 0, 0 },
  [FORGE_FAKE_TRUNCATED] = { "truncated", DOCUMENT, 0, 0 },
  [FORGE_FAKE_TRUNCATED_GZIP] = { "truncated-gzip", ROWS, 0, 0 },
  [FORGE_FAKE_EMPTY] = { "empty", DOCUMENT, 0, 0 },
  [FORGE_FAKE_HALF] = { "half", ROWS, 0, 0 },
  [FORGE_FAKE_STRINGS] = { "strings", FORGE_FAKE_TARGET_LOGIN | FORGE_FAKE_TARGET_LIST, 0, 0 },
  [FORGE_FAKE_DUPLICATES] = { "duplicates", ROWS, 0, 0 },
  [FORGE_FAKE_PROGRAMMES] = { "programmes", FORGE_FAKE_TARGET_GUIDE, 0, G_MAXINT32 },
  [FORGE_FAKE_EXPIRED] = { "expired", FORGE_FAKE_TARGET_ACCOUNT, 0, 0 },
  [FORGE_FAKE_BANNED] = { "banned", FORGE_FAKE_TARGET_ACCOUNT, 0, 0 },
  [FORGE_FAKE_LIMIT] = { "limit", FORGE_FAKE_TARGET_ACCOUNT, 0, 1000 },
  [FORGE_FAKE_RELEASE_DELAY] = { "release-delay", FORGE_FAKE_TARGET_ACCOUNT, 0, MAX_MS },
  [FORGE_FAKE_TIMESHIFT] = { "timeshift", FORGE_FAKE_TARGET_ACCOUNT, 0, 4 },
  [FORGE_FAKE_STRANGERS] = { "strangers", FORGE_FAKE_TARGET_ACCOUNT, 0, 1000 },
};

typedef struct {
  ForgeFakeTarget target;
  guint stream_id; /* of STREAM, else 0 */
  ForgeFakeVerb verb;
  gint64 value;
  ForgeFakePolicy policy;
  guint remaining; /* 0 = for ever */
} Entry;

struct _ForgeFakeScript {
  GArray *entries;
};

ForgeFakeScript *
forge_fake_script_new (void)
{
  ForgeFakeScript *script = g_new0 (ForgeFakeScript, 1);

  script->entries = g_array_new (FALSE, TRUE, sizeof (Entry));
  return script;
}

void
forge_fake_script_free (ForgeFakeScript *script)
{
  g_array_unref (script->entries);
  g_free (script);
}

/* The words of a sentence, taken one by one. */
typedef struct {
  char **words;
  guint next;
} Words;

static const char *
next_word (Words *words)
{
  return words->words[words->next] ? words->words[words->next++] : NULL;
}

static gboolean
refuse (GError **error, const char *what, const char *word)
{
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "scenario: “%s” is not %s",
               word ? word : "(nothing)",
               what);
  return FALSE;
}

static gboolean
parse_number (Words *words, const char *what, gint64 min, gint64 max, gint64 *value, GError **error)
{
  const char *word = next_word (words);

  if (word && g_ascii_string_to_signed (word, 10, min, max, value, NULL))
    return TRUE;
  g_autofree char *range =
      g_strdup_printf ("%s from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, what, min, max);
  return refuse (error, range, word);
}

static gboolean
parse_target (Words *words, Entry *entry, GError **error)
{
  static const struct {
    const char *word;
    ForgeFakeTarget target;
  } table[] = {
    { "stream", FORGE_FAKE_TARGET_STREAM }, { "streams", FORGE_FAKE_TARGET_STREAMS },
    { "login", FORGE_FAKE_TARGET_LOGIN },   { "list", FORGE_FAKE_TARGET_LIST },
    { "guide", FORGE_FAKE_TARGET_GUIDE },   { "account", FORGE_FAKE_TARGET_ACCOUNT },
  };
  const char *word = next_word (words);
  gint64 stream_id = 0;

  for (guint i = 0; word && i < G_N_ELEMENTS (table); i++)
    if (strcmp (table[i].word, word) == 0)
      entry->target = table[i].target;
  if (!entry->target)
    return refuse (error, "stream, streams, login, list, guide or account", word);
  if (entry->target == FORGE_FAKE_TARGET_STREAM &&
      !parse_number (words, "a stream id", 1, G_MAXINT32, &stream_id, error))
    return FALSE;
  entry->stream_id = (guint)stream_id;
  return TRUE;
}

static gboolean
parse_policy (Words *words, Entry *entry, GError **error)
{
  static const char *const policies[] = { "refuse", "kick", "slate" };
  const char *word = next_word (words);

  for (guint i = 0; word && i < G_N_ELEMENTS (policies); i++) {
    if (strcmp (policies[i], word) == 0) {
      entry->policy = (ForgeFakePolicy)i;
      return TRUE;
    }
  }
  return refuse (error, "refuse, kick or slate", word);
}

static gboolean
parse_verb (Words *words, Entry *entry, GError **error)
{
  const char *word = next_word (words);
  guint verb = 0;

  while (word && verb < FORGE_FAKE_N_VERBS && strcmp (specs[verb].word, word) != 0)
    verb++;
  if (!word || verb == FORGE_FAKE_N_VERBS)
    return refuse (error, "a verb of this language", word);
  if (!(specs[verb].targets & entry->target))
    return refuse (error, "a verb that fits what it is said of", word);
  entry->verb = (ForgeFakeVerb)verb;
  if (specs[verb].max > 0 &&
      !parse_number (words, word, specs[verb].min, specs[verb].max, &entry->value, error))
    return FALSE;
  return verb != FORGE_FAKE_LIMIT || parse_policy (words, entry, error);
}

/* "x COUNT" makes sense for what happens to a request, not for a state of the account. */
static gboolean
parse_count (Words *words, Entry *entry, GError **error)
{
  const char *word = next_word (words);
  gint64 count = 0;

  if (!word)
    return TRUE;
  if (strcmp (word, "x") != 0 || entry->target == FORGE_FAKE_TARGET_ACCOUNT ||
      entry->verb == FORGE_FAKE_PROGRAMMES)
    return refuse (error, "expected here", word);
  if (!parse_number (words, "a count", 1, MAX_COUNT, &count, error))
    return FALSE;
  entry->remaining = (guint)count;
  word = next_word (words);
  return !word || refuse (error, "expected here", word);
}

static void
forget (ForgeFakeScript *script, const Entry *like, guint64 verbs)
{
  for (guint i = script->entries->len; i-- > 0;) {
    const Entry *entry = &g_array_index (script->entries, Entry, i);
    if (entry->target == like->target && entry->stream_id == like->stream_id &&
        (verbs & FORGE_FAKE_BIT (entry->verb)))
      g_array_remove_index (script->entries, i);
  }
}

gboolean
forge_fake_script_say (ForgeFakeScript *script, const char *sentence, GError **error)
{
  g_autoptr (GRegex) blanks = g_regex_new ("\\s+", 0, 0, NULL);
  g_autofree char *trimmed = g_strstrip (g_strdup (sentence));
  g_auto (GStrv) split = g_regex_split (blanks, trimmed, 0);
  Words words = { split, 0 };
  Entry entry = { 0 };

  if (!parse_target (&words, &entry, error))
    return FALSE;
  if (words.words[words.next] && strcmp (words.words[words.next], "ok") == 0) {
    words.next++;
    if (words.words[words.next])
      return refuse (error, "expected after ok", words.words[words.next]);
    forget (script, &entry, FORGE_FAKE_ALL_VERBS);
    return TRUE;
  }
  if (!parse_verb (&words, &entry, error) || !parse_count (&words, &entry, error))
    return FALSE;
  forget (script, &entry, FORGE_FAKE_BIT (entry.verb));
  g_array_append_val (script->entries, entry);
  return TRUE;
}

static void
take_from (ForgeFakeScript *script, const Entry *like, guint64 verbs, ForgeFakeFaults *taken)
{
  for (guint i = script->entries->len; i-- > 0;) {
    Entry *entry = &g_array_index (script->entries, Entry, i);

    if (entry->target != like->target || entry->stream_id != like->stream_id ||
        !(verbs & ~taken->verbs & FORGE_FAKE_BIT (entry->verb)))
      continue;
    taken->verbs |= FORGE_FAKE_BIT (entry->verb);
    taken->values[entry->verb] = entry->value;
    if (entry->verb == FORGE_FAKE_LIMIT)
      taken->policy = entry->policy;
    if (entry->remaining > 0 && --entry->remaining == 0)
      g_array_remove_index (script->entries, i);
  }
}

void
forge_fake_script_take (ForgeFakeScript *script,
                        ForgeFakeTarget target,
                        guint stream_id,
                        guint64 verbs,
                        ForgeFakeFaults *taken)
{
  memset (taken, 0, sizeof *taken);
  take_from (script, &(Entry){ .target = target, .stream_id = stream_id }, verbs, taken);
  if (target == FORGE_FAKE_TARGET_STREAM)
    take_from (script, &(Entry){ .target = FORGE_FAKE_TARGET_STREAMS }, verbs, taken);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Bounds of one name; what is longer is cut (real names stay below 120 bytes). */
#define FORGE_SCAN_MAX_WORDS       40
#define FORGE_SCAN_MAX_TEXT_BYTES  400
#define FORGE_SCAN_MAX_INPUT_BYTES 600

/* What stands between two words. */
typedef enum {
  FORGE_GAP_BLANK = 1 << 0,
  FORGE_GAP_GLUE = 1 << 1, /* "." "_" "-" without blanks */
  FORGE_GAP_PIPE = 1 << 2,
  FORGE_GAP_COLON = 1 << 3,
  FORGE_GAP_DASH = 1 << 4, /* between blanks */
  FORGE_GAP_SLASH = 1 << 5,
  FORGE_GAP_OPEN = 1 << 6,  /* ( [ { < */
  FORGE_GAP_CLOSE = 1 << 7, /* ) ] } > */
  FORGE_GAP_SYMBOL = 1 << 8,
  FORGE_GAP_CAMEL = 1 << 9, /* a change of case */
} ForgeGap;

typedef enum {
  FORGE_RAW_WORD,
  FORGE_RAW_PLUS,  /* a "+" that is a letter: Canal+ */
  FORGE_RAW_SHIFT, /* "+1": `number` hours later */
} ForgeRawKind;

typedef struct {
  guint16 start, end; /* bytes in the name as given */
  guint16 text;       /* offset in ForgeScan.text, NUL-terminated */
  guint16 before;     /* ForgeGap bits since the word before */
  guint8 length;      /* of the text, bytes */
  guint8 kind;        /* ForgeRawKind */
  guint8 number;      /* SHIFT */
  guint8 depth;       /* > 0: inside brackets */
} ForgeRawWord;

typedef struct {
  guint n;
  guint16 after; /* ForgeGap bits after the last word */
  gboolean is_separator;
  ForgeRawWord words[FORGE_SCAN_MAX_WORDS];
  guint16 used;
  char text[FORGE_SCAN_MAX_TEXT_BYTES];
} ForgeScan;

/* Cuts `name` into folded words (forge-name-fold.h) and says what stood between them. `camel`: a
 * change of case ends a word, as in XMLTV ids ("SkyNews.uk"). Invalid UTF-8 counts as blanks. */
void forge_name_scan (ForgeScan *scan, const char *name, gboolean camel);

/* The folded text of a word. Returns: (transfer none). */
const char *forge_scan_text (const ForgeScan *scan, guint index);
/* The gap bits that follow word `index`. */
guint forge_scan_gap_after (const ForgeScan *scan, guint index);

G_END_DECLS

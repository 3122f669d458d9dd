/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-xmltv-cutter.h"

#include <string.h>

/* What is pushed is taken in pieces of this size, so that the buffer holds an item and one piece.
 */
#define PIECE_BYTES (256 * 1024)

/* Longer ones are no markup but damage: they must not swallow the document. */
#define MAX_DOCTYPE_BYTES     (64 * 1024)
#define MAX_INSTRUCTION_BYTES (4 * 1024)

/* An end tag may hold blanks before its '>'. */
#define MAX_END_TAG_BYTES 64

/* "</programme" and the character behind it. */
#define LOOKAHEAD_BYTES 12

typedef enum {
  BETWEEN,
  COMMENT,
  CDATA,
  DOCTYPE,
  START_TAG,
  BODY,
  BODY_COMMENT,
  BODY_CDATA,
} CutterState;

/* What one step of the machine came to. */
typedef enum {
  NEXT, /* go on with the state as it is now */
  WAIT, /* needs more bytes */
} Step;

struct _ForgeXmltvCutter {
  ForgeXmltvCutterHandler handler;
  gpointer user_data;

  char *buffer;
  gsize length, allocated;
  gsize start; /* what stands before it is done with */
  gsize scan;  /* ≥ start: what stands before it was looked at */
  guint64 base_offset;

  CutterState state;
  char quote;          /* in START_TAG and DOCTYPE */
  guint bracket_depth; /* in DOCTYPE */
  gboolean in_doctype_comment;
  ForgeXmltvKind kind; /* of the open item */
  gsize inner_start;   /* of the open item, from `start` */
  gboolean is_final, saw_root, saw_item, is_closed;
};

ForgeXmltvCutter *
forge_xmltv_cutter_new (const ForgeXmltvCutterHandler *handler, gpointer user_data)
{
  ForgeXmltvCutter *cutter = g_new0 (ForgeXmltvCutter, 1);

  cutter->handler = *handler;
  cutter->user_data = user_data;
  return cutter;
}

void
forge_xmltv_cutter_free (ForgeXmltvCutter *cutter)
{
  g_free (cutter->buffer);
  g_free (cutter);
}

static gsize
left_at (const ForgeXmltvCutter *cutter, gsize at)
{
  return cutter->length - at;
}

/* Inlined, so that the lengths of literals are known when it is compiled. */
static inline gboolean
looking_at (const ForgeXmltvCutter *cutter, gsize at, const char *text)
{
  gsize length = strlen (text);

  return left_at (cutter, at) >= length && memcmp (cutter->buffer + at, text, length) == 0;
}

static gboolean
ends_name (char c)
{
  return c == '>' || c == ' ' || c == '/' || c == '\n' || c == '\r' || c == '\t';
}

/* A tag's name, followed by something that ends it. At the very end of the document nothing has to
 * follow. */
static inline gboolean
looking_at_tag (const ForgeXmltvCutter *cutter, gsize at, const char *tag)
{
  gsize length = strlen (tag);

  if (!looking_at (cutter, at, tag))
    return FALSE;
  if (left_at (cutter, at) == length)
    return cutter->is_final;
  return ends_name (cutter->buffer[at + length]);
}

static gboolean
looking_at_item (const ForgeXmltvCutter *cutter, gsize at, ForgeXmltvKind *kind)
{
  if (looking_at_tag (cutter, at, "<programme"))
    *kind = FORGE_XMLTV_PROGRAMME;
  else if (looking_at_tag (cutter, at, "<channel"))
    *kind = FORGE_XMLTV_CHANNEL;
  else
    return FALSE;
  return TRUE;
}

static void
move_to (ForgeXmltvCutter *cutter, gsize at)
{
  cutter->start = cutter->scan = at;
}

static void
enter (ForgeXmltvCutter *cutter, CutterState state, gsize scan)
{
  cutter->state = state;
  cutter->scan = scan;
}

static Step
begin_tag (ForgeXmltvCutter *cutter, ForgeXmltvKind kind)
{
  cutter->kind = kind;
  cutter->quote = 0;
  enter (cutter, START_TAG, cutter->start + 1);
  return NEXT;
}

/* Looks for `terminator` from `scan`; FALSE leaves `scan` where the search must go on. */
static gboolean
scan_for (ForgeXmltvCutter *cutter, const char *terminator)
{
  gsize length = strlen (terminator);
  const char *from = cutter->buffer + cutter->scan;
  const char *found = memmem (from, left_at (cutter, cutter->scan), terminator, length);

  if (found) {
    cutter->scan = (gsize)(found - cutter->buffer) + length;
    return TRUE;
  }
  if (left_at (cutter, cutter->scan) >= length)
    cutter->scan = cutter->length - (length - 1);
  return FALSE;
}

/* Markup outside of items that is skipped up to `terminator`, however long it is. */
static Step
step_skip (ForgeXmltvCutter *cutter, const char *terminator)
{
  gboolean is_found = scan_for (cutter, terminator);

  cutter->start = cutter->scan;
  if (is_found)
    cutter->state = BETWEEN;
  return is_found ? NEXT : WAIT;
}

static void
read_declaration (ForgeXmltvCutter *cutter, const char *text, gsize length)
{
  const char *key = memmem (text, length, "encoding", strlen ("encoding"));
  const char *end = text + length;

  if (!key || cutter->saw_item || cutter->saw_root)
    return;
  key += strlen ("encoding");
  while (key < end && strchr (" \t\r\n=", *key))
    key++;
  if (key == end || (*key != '"' && *key != '\''))
    return;
  const char *close = memchr (key + 1, *key, (gsize)(end - key - 1));
  if (!close)
    return;
  g_autofree char *name = g_strndup (key + 1, (gsize)(close - key - 1));
  cutter->handler.encoding (name, cutter->user_data);
}

static Step
step_instruction (ForgeXmltvCutter *cutter)
{
  gsize limit = MIN (left_at (cutter, cutter->start), MAX_INSTRUCTION_BYTES);
  const char *at = cutter->buffer + cutter->start;
  const char *close = memmem (at, limit, "?>", 2);

  if (!close && limit < MAX_INSTRUCTION_BYTES && !cutter->is_final)
    return WAIT;
  if (close && looking_at (cutter, cutter->start, "<?xml"))
    read_declaration (cutter, at, (gsize)(close - at));
  move_to (cutter, close ? (gsize)(close - cutter->buffer) + 2 : cutter->start + 1);
  return NEXT;
}

static Step
step_exclamation (ForgeXmltvCutter *cutter)
{
  if (looking_at (cutter, cutter->start, "<!--")) {
    move_to (cutter, cutter->start + 4);
    cutter->state = COMMENT;
  } else if (looking_at (cutter, cutter->start, "<![CDATA[")) {
    move_to (cutter, cutter->start + 9);
    cutter->state = CDATA;
  } else {
    cutter->quote = 0;
    cutter->bracket_depth = 0;
    cutter->in_doctype_comment = FALSE;
    enter (cutter, DOCTYPE, cutter->start + 2);
  }
  return NEXT;
}

static Step
step_between (ForgeXmltvCutter *cutter)
{
  const char *bracket =
      memchr (cutter->buffer + cutter->start, '<', left_at (cutter, cutter->start));
  ForgeXmltvKind kind;

  move_to (cutter, bracket ? (gsize)(bracket - cutter->buffer) : cutter->length);
  if (!bracket || (!cutter->is_final && left_at (cutter, cutter->start) < LOOKAHEAD_BYTES))
    return WAIT;
  if (looking_at_item (cutter, cutter->start, &kind))
    return begin_tag (cutter, kind);
  if (looking_at_tag (cutter, cutter->start, "<tv"))
    return begin_tag (cutter, FORGE_XMLTV_ROOT);
  if (looking_at (cutter, cutter->start, "<!"))
    return step_exclamation (cutter);
  if (looking_at (cutter, cutter->start, "<?"))
    return step_instruction (cutter);
  if (looking_at_tag (cutter, cutter->start, "</tv"))
    cutter->is_closed = TRUE;
  move_to (cutter, cutter->start + 1);
  return NEXT;
}

/* One character of <!DOCTYPE …>. TRUE when it is the last one. */
static gboolean
doctype_ends_at (ForgeXmltvCutter *cutter, char c)
{
  if (cutter->quote)
    cutter->quote = c == cutter->quote ? 0 : cutter->quote;
  else if (c == '"' || c == '\'')
    cutter->quote = c;
  else if (c == '[')
    cutter->bracket_depth++;
  else if (c == ']')
    cutter->bracket_depth -= cutter->bracket_depth > 0;
  else if (c == '>')
    return cutter->bracket_depth == 0;
  return FALSE;
}

/* Passes over a comment inside the DOCTYPE: an apostrophe in it is no quote. */
static gboolean
skip_doctype_comment (ForgeXmltvCutter *cutter)
{
  if (!scan_for (cutter, "-->"))
    return FALSE;
  cutter->in_doctype_comment = FALSE;
  return TRUE;
}

static Step
step_doctype (ForgeXmltvCutter *cutter)
{
  while (cutter->scan - cutter->start <= MAX_DOCTYPE_BYTES) {
    if (cutter->in_doctype_comment && !skip_doctype_comment (cutter))
      break;
    if (cutter->scan >= cutter->length)
      break;
    char c = cutter->buffer[cutter->scan];
    if (c == '<' && !cutter->quote && left_at (cutter, cutter->scan) < 4 && !cutter->is_final)
      break;
    if (!cutter->quote && looking_at (cutter, cutter->scan, "<!--")) {
      cutter->in_doctype_comment = TRUE;
      cutter->scan += 4;
      continue;
    }
    cutter->scan++;
    if (!doctype_ends_at (cutter, c))
      continue;
    move_to (cutter, cutter->scan);
    cutter->state = BETWEEN;
    return NEXT;
  }
  if (cutter->scan - cutter->start <= MAX_DOCTYPE_BYTES && !cutter->is_final)
    return WAIT;
  /* It never ends: no DOCTYPE, then. */
  move_to (cutter, cutter->start + 2);
  cutter->state = BETWEEN;
  return NEXT;
}

static void
emit (ForgeXmltvCutter *cutter, gsize inner_end, gsize end, gboolean is_closed)
{
  ForgeXmltvItem item = {
    .kind = cutter->kind,
    .data = cutter->buffer + cutter->start,
    .length = end - cutter->start,
    .inner_start = cutter->inner_start,
    .inner_end = inner_end - cutter->start,
    .is_closed = is_closed,
    .offset = cutter->base_offset + cutter->start,
  };

  cutter->saw_item = TRUE;
  if (item.length > FORGE_XMLTV_MAX_ITEM_BYTES)
    cutter->handler.oversized (item.offset, cutter->user_data);
  else
    cutter->handler.item (&item, cutter->user_data);
  move_to (cutter, end);
  cutter->state = BETWEEN;
}

/* The open item has outgrown the limit: forget it and go on in `state` where the scan stands. */
static gboolean
is_outgrown (ForgeXmltvCutter *cutter, CutterState state)
{
  if (cutter->scan - cutter->start <= FORGE_XMLTV_MAX_ITEM_BYTES)
    return FALSE;
  cutter->saw_item = TRUE;
  cutter->handler.oversized (cutter->base_offset + cutter->start, cutter->user_data);
  move_to (cutter, cutter->scan);
  cutter->state = state;
  return TRUE;
}

static Step
end_tag (ForgeXmltvCutter *cutter, gsize at, gboolean has_bracket)
{
  gboolean is_empty = has_bracket && cutter->buffer[at - 1] == '/';
  gsize after = at + (has_bracket ? 1 : 0);

  if (cutter->kind == FORGE_XMLTV_ROOT) {
    cutter->saw_root = TRUE;
    cutter->is_closed = is_empty;
    move_to (cutter, after);
    cutter->state = BETWEEN;
    return NEXT;
  }
  cutter->inner_start = after - cutter->start;
  if (is_empty)
    emit (cutter, after, after, TRUE);
  else
    enter (cutter, BODY, after);
  return NEXT;
}

static gboolean
begins_markup (char c)
{
  return g_ascii_isalpha (c) || c == '/' || c == '_' || c == '!' || c == '?';
}

static Step
step_start_tag (ForgeXmltvCutter *cutter)
{
  gsize at = cutter->scan;

  for (; at < cutter->length; at++) {
    char c = cutter->buffer[at];
    if (c == '<') {
      if (left_at (cutter, at) < 2 && !cutter->is_final)
        break;
      /* No tag holds another: a quote or the '>' is missing. */
      if (left_at (cutter, at) < 2 || begins_markup (cutter->buffer[at + 1]))
        return end_tag (cutter, at, FALSE);
    } else if (cutter->quote) {
      cutter->quote = c == cutter->quote ? 0 : cutter->quote;
    } else if (c == '"' || c == '\'') {
      cutter->quote = c;
    } else if (c == '>') {
      return end_tag (cutter, at, TRUE);
    }
  }
  cutter->scan = at;
  return is_outgrown (cutter, BETWEEN) ? NEXT : WAIT;
}

static const char *
end_tag_of (ForgeXmltvKind kind)
{
  return kind == FORGE_XMLTV_PROGRAMME ? "</programme" : "</channel";
}

/* The end tag of the open item stands at `at`. */
static Step
step_end_tag (ForgeXmltvCutter *cutter, gsize at)
{
  gsize close = at + strlen (end_tag_of (cutter->kind));

  while (close < cutter->length && close - at < MAX_END_TAG_BYTES &&
         strchr (" \t\r\n", cutter->buffer[close]) && cutter->buffer[close])
    close++;
  if (close == cutter->length && !cutter->is_final)
    return WAIT;
  if (close < cutter->length && cutter->buffer[close] == '>')
    emit (cutter, at, close + 1, TRUE);
  else
    emit (cutter, at, at, FALSE);
  return NEXT;
}

/* Deals with the '<' at `scan`; WAIT if more of it must be seen. */
static Step
step_body_markup (ForgeXmltvCutter *cutter)
{
  gsize at = cutter->scan;
  ForgeXmltvKind kind;

  if (left_at (cutter, at) < LOOKAHEAD_BYTES && !cutter->is_final)
    return WAIT;
  char c = left_at (cutter, at) > 1 ? cutter->buffer[at + 1] : '\0';
  if (c == '/' && looking_at_tag (cutter, at, end_tag_of (cutter->kind)))
    return step_end_tag (cutter, at);
  if ((c == '/' && looking_at_tag (cutter, at, "</tv")) ||
      ((c == 'p' || c == 'c') && looking_at_item (cutter, at, &kind)))
    emit (cutter, at, at, FALSE);
  else if (c == '!' && looking_at (cutter, at, "<!--"))
    enter (cutter, BODY_COMMENT, at + 4);
  else if (c == '!' && looking_at (cutter, at, "<![CDATA["))
    enter (cutter, BODY_CDATA, at + 9);
  else
    cutter->scan = at + 1;
  return NEXT;
}

static Step
step_body (ForgeXmltvCutter *cutter)
{
  while (cutter->state == BODY) {
    const char *bracket =
        memchr (cutter->buffer + cutter->scan, '<', left_at (cutter, cutter->scan));
    cutter->scan = bracket ? (gsize)(bracket - cutter->buffer) : cutter->length;
    if (is_outgrown (cutter, BETWEEN))
      return NEXT;
    if (!bracket || step_body_markup (cutter) == WAIT)
      return WAIT;
  }
  return NEXT;
}

static Step
step_body_skip (ForgeXmltvCutter *cutter, const char *terminator, CutterState outside)
{
  if (scan_for (cutter, terminator)) {
    cutter->state = BODY;
    return NEXT;
  }
  return is_outgrown (cutter, outside) ? NEXT : WAIT;
}

static Step
step (ForgeXmltvCutter *cutter)
{
  switch (cutter->state) {
  case BETWEEN:
    return step_between (cutter);
  case COMMENT:
    return step_skip (cutter, "-->");
  case CDATA:
    return step_skip (cutter, "]]>");
  case DOCTYPE:
    return step_doctype (cutter);
  case START_TAG:
    return step_start_tag (cutter);
  case BODY:
    return step_body (cutter);
  case BODY_COMMENT:
    return step_body_skip (cutter, "-->", COMMENT);
  case BODY_CDATA:
    return step_body_skip (cutter, "]]>", CDATA);
  default:
    return WAIT;
  }
}

static void
append (ForgeXmltvCutter *cutter, const char *data, gsize length)
{
  if (cutter->length + length > cutter->allocated) {
    cutter->allocated = MAX (cutter->allocated * 2, cutter->length + length);
    cutter->buffer = g_realloc (cutter->buffer, cutter->allocated);
  }
  memcpy (cutter->buffer + cutter->length, data, length);
  cutter->length += length;
}

static void
drop_done (ForgeXmltvCutter *cutter)
{
  if (cutter->start == 0)
    return;
  memmove (cutter->buffer, cutter->buffer + cutter->start, left_at (cutter, cutter->start));
  cutter->base_offset += cutter->start;
  cutter->length -= cutter->start;
  cutter->scan -= cutter->start;
  cutter->start = 0;
}

void
forge_xmltv_cutter_push (ForgeXmltvCutter *cutter, const char *data, gsize length)
{
  while (length > 0) {
    gsize piece = MIN (length, PIECE_BYTES);
    append (cutter, data, piece);
    while (step (cutter) == NEXT)
      continue;
    drop_done (cutter);
    data += piece;
    length -= piece;
  }
}

void
forge_xmltv_cutter_end (ForgeXmltvCutter *cutter, gboolean *saw_root, gboolean *is_closed)
{
  cutter->is_final = TRUE;
  while (cutter->buffer && step (cutter) == NEXT)
    continue;
  *saw_root = cutter->saw_root || cutter->saw_item;
  *is_closed = cutter->is_closed && cutter->state == BETWEEN;
}

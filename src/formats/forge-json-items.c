/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-json-items.h"

#include "formats/forge-json-repair.h"
#include "formats/forge-text.h"

#include <math.h>
#include <string.h>

#define MAX_KEY_BYTES 1024
#define MAX_DEPTH     64

/* A list that does not begin within this much text is none. */
#define MAX_PREAMBLE_BYTES (64 * 1024)

typedef enum {
  PREAMBLE, /* before the first bracket */
  OPENING,  /* a bracket: the next character says whether it is JSON's */
  BETWEEN,  /* items */
  KEY,      /* in the name of an object's member */
  COLON,    /* behind it */
  SCALAR,   /* in an item that is a number or word */
  TEXT,     /* in an item that is a string */
  NESTED,   /* in an item that is an object or array */
  DONE,
} ItemsState;

struct _ForgeJsonItems {
  ForgeJsonItemFunc each;
  gpointer user_data;
  JsonParser *parser;
  ForgeJsonCounts counts;
  gsize max_item_bytes;

  ItemsState state;
  gsize preamble_bytes;
  gboolean is_html, has_text_before, has_stopped;

  GString *item, *key, *repaired;
  gboolean is_oversized, is_too_deep;
  guint depth;      /* of brackets open in the item */
  guint64 is_array; /* bit n: the bracket of depth n + 1 is '[' */
  gboolean in_string, is_escaped;
  char previous;   /* the last character outside of strings that was no blank */
  char tail[3];    /* the last characters of the string, blanks left out */
  gsize tail_from; /* where in the item the '{' of `tail` stands */
};

ForgeJsonItems *
forge_json_items_new (ForgeJsonItemFunc each, gpointer user_data)
{
  ForgeJsonItems *items = g_new0 (ForgeJsonItems, 1);

  items->each = each;
  items->user_data = user_data;
  items->max_item_bytes = FORGE_JSON_ITEM_BYTES;
  items->parser = json_parser_new ();
  items->item = g_string_new (NULL);
  items->key = g_string_new (NULL);
  items->repaired = g_string_new (NULL);
  return items;
}

void
forge_json_items_set_max_item (ForgeJsonItems *items, gsize bytes)
{
  items->max_item_bytes = bytes;
}

void
forge_json_items_free (ForgeJsonItems *items)
{
  g_object_unref (items->parser);
  g_string_free (items->item, TRUE);
  g_string_free (items->key, TRUE);
  g_string_free (items->repaired, TRUE);
  g_free (items);
}

static gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static gboolean
parse (ForgeJsonItems *items, const GString *text)
{
  return json_parser_load_from_data (items->parser, text->str, (gssize)text->len, NULL) &&
         json_parser_get_root (items->parser) != NULL;
}

/* json-glib must never see a surrogate escape that stands alone: it would end the program. */
static gboolean
parse_or_repair (ForgeJsonItems *items)
{
  if (!forge_json_needs_repair (items->item->str, items->item->len) && parse (items, items->item))
    return TRUE;
  forge_json_repair (items->item->str, items->item->len, items->repaired);
  return parse (items, items->repaired);
}

static const char *
clean_key (ForgeJsonItems *items)
{
  if (!items->counts.is_object)
    return NULL;
  if (g_utf8_validate_len (items->key->str, items->key->len, NULL))
    return items->key->str;
  g_string_truncate (items->repaired, 0);
  forge_text_append_utf8 (items->repaired, items->key->str, items->key->len);
  g_string_assign (items->key, items->repaired->str);
  return items->key->str;
}

/* The item is complete: parse it and hand it out. */
static void
end_item (ForgeJsonItems *items)
{
  items->state = BETWEEN;
  if (items->is_oversized || items->is_too_deep || !parse_or_repair (items)) {
    items->counts.skipped++;
    return;
  }
  items->counts.items++;
  if (!items->each (json_parser_get_root (items->parser), clean_key (items), items->user_data)) {
    items->has_stopped = TRUE;
    items->state = DONE;
  }
}

static void
append (ForgeJsonItems *items, char c)
{
  if (items->item->len < items->max_item_bytes)
    g_string_append_c (items->item, c);
  else
    items->is_oversized = TRUE;
}

static void
begin_item (ForgeJsonItems *items, ItemsState state)
{
  g_string_truncate (items->item, 0);
  items->is_oversized = items->is_too_deep = items->in_string = items->is_escaped = FALSE;
  items->depth = 0;
  items->previous = 0;
  items->state = state;
}

static gboolean
is_in_array (const ForgeJsonItems *items)
{
  guint bit = MIN (items->depth, MAX_DEPTH) - 1;

  return items->depth > 0 && (items->is_array >> bit & 1);
}

static void
open_bracket (ForgeJsonItems *items, char c)
{
  if (items->depth < MAX_DEPTH) {
    guint64 bit = G_GUINT64_CONSTANT (1) << items->depth;
    items->is_array = c == '[' ? items->is_array | bit : items->is_array & ~bit;
  } else {
    items->is_too_deep = TRUE;
  }
  items->depth++;
}

/* A '{' where only a member's name may stand: the bracket before it was never closed. Drop what was
 * read and begin anew here, or one missing '}' would swallow the rest of the list. */
static gboolean
is_new_beginning (const ForgeJsonItems *items, char c)
{
  return c == '{' && items->depth > 0 && !items->counts.is_object && !is_in_array (items) &&
         (items->previous == ',' || items->previous == '{' || items->previous == '}');
}

static void
push_nested_plain (ForgeJsonItems *items, char c)
{
  if (is_new_beginning (items, c)) {
    items->counts.skipped++;
    begin_item (items, NESTED);
  }
  append (items, c);
  if (is_blank (c))
    return;
  items->previous = c;
  if (c == '"') {
    items->in_string = TRUE;
    memset (items->tail, 0, sizeof items->tail);
  } else if (c == '{' || c == '[') {
    open_bracket (items, c);
  } else if ((c == '}' || c == ']') && --items->depth == 0) {
    end_item (items);
  }
}

/* A string that ends in «},{»: the quote before it was one too many, and this one belongs to the
 * first name of the next item. */
static gboolean
is_out_of_phase (const ForgeJsonItems *items)
{
  return !items->counts.is_object && memcmp (items->tail, "},{", sizeof items->tail) == 0;
}

static void
rejoin_phase (ForgeJsonItems *items)
{
  items->counts.skipped++;
  begin_item (items, NESTED);
  append (items, '{');
  open_bracket (items, '{');
  append (items, '"');
  items->previous = '"';
  items->in_string = TRUE;
  memset (items->tail, 0, sizeof items->tail);
}

static void
push_nested_string (ForgeJsonItems *items, char c)
{
  if (items->is_escaped) {
    items->is_escaped = FALSE;
  } else if (c == '\\') {
    items->is_escaped = TRUE;
  } else if (c == '"') {
    if (is_out_of_phase (items)) {
      rejoin_phase (items);
      return;
    }
    items->in_string = FALSE;
  }
  if (!is_blank (c)) {
    items->tail[0] = items->tail[1];
    items->tail[1] = items->tail[2];
    items->tail[2] = c;
  }
  append (items, c);
}

static void
push_text (ForgeJsonItems *items, char c)
{
  append (items, c);
  if (items->is_escaped)
    items->is_escaped = FALSE;
  else if (c == '\\')
    items->is_escaped = TRUE;
  else if (c == '"')
    end_item (items);
}

static void
push_key (ForgeJsonItems *items, char c)
{
  if (items->is_escaped) {
    items->is_escaped = FALSE;
  } else if (c == '\\') {
    items->is_escaped = TRUE;
    return;
  } else if (c == '"') {
    items->state = COLON;
    return;
  }
  if (items->key->len < MAX_KEY_BYTES && c != '\0')
    g_string_append_c (items->key, c);
}

static void
push_value_start (ForgeJsonItems *items, char c)
{
  if (c == '"') {
    begin_item (items, TEXT);
    append (items, c);
  } else if (c == '{' || c == '[') {
    begin_item (items, NESTED);
    push_nested_plain (items, c);
  } else {
    begin_item (items, SCALAR);
    append (items, c);
  }
}

static void
push_between (ForgeJsonItems *items, char c)
{
  if (is_blank (c) || c == ',')
    return;
  if (c == (items->counts.is_object ? '}' : ']')) {
    items->state = DONE;
  } else if (c == '}' || c == ']') {
    return; /* one bracket too many */
  } else if (!items->counts.is_object) {
    push_value_start (items, c);
  } else if (c == '"') {
    g_string_truncate (items->key, 0);
    items->is_escaped = FALSE;
    items->state = KEY;
  }
}

static void
push_colon (ForgeJsonItems *items, char c)
{
  if (c == ',' || c == '}')
    items->state = BETWEEN;
  if (c == '}')
    push_between (items, c);
  else if (c != ':' && c != ',' && !is_blank (c))
    push_value_start (items, c);
}

static void
push_scalar (ForgeJsonItems *items, char c)
{
  if (c != ',' && c != ']' && c != '}' && !is_blank (c)) {
    append (items, c);
    return;
  }
  end_item (items);
  if (items->state == BETWEEN)
    push_between (items, c);
}

/* HTML holds brackets too: scripts, styles, JSON for search engines. */
static void
look_for_html (ForgeJsonItems *items)
{
  const char *head = items->counts.head;

  items->is_html = g_ascii_strncasecmp (head, "<!doctype", 9) == 0 ||
                   g_ascii_strncasecmp (head, "<html", 5) == 0;
}

static void
push_preamble (ForgeJsonItems *items, char c)
{
  items->has_text_before = items->counts.head[0] != '\0';
  forge_text_collect_head (items->counts.head, sizeof items->counts.head, &c, 1);
  if (++items->preamble_bytes <= 32)
    look_for_html (items);
  if (items->is_html || items->preamble_bytes > MAX_PREAMBLE_BYTES || (c != '[' && c != '{'))
    return;
  items->counts.is_object = c == '{';
  items->state = OPENING;
}

/* Only what can follow in JSON makes the bracket the list's: PHP notices hold brackets too. */
static void
push_opening (ForgeJsonItems *items, char c)
{
  if (is_blank (c))
    return;
  const char *allowed = items->counts.is_object  ? "\"}"
                        : items->has_text_before ? "{[\""
                                                 : "{[\"]-0123456789tfn";
  gboolean is_json = c != '\0' && strchr (allowed, c);
  items->state = is_json ? BETWEEN : PREAMBLE;
  if (is_json)
    forge_text_collect_head (items->counts.head, sizeof items->counts.head, &c, 1);
  if (is_json)
    push_between (items, c);
  else
    push_preamble (items, c);
}

static void
push_character (ForgeJsonItems *items, char c)
{
  switch (items->state) {
  case PREAMBLE:
    push_preamble (items, c);
    break;
  case OPENING:
    push_opening (items, c);
    break;
  case BETWEEN:
    push_between (items, c);
    break;
  case KEY:
    push_key (items, c);
    break;
  case COLON:
    push_colon (items, c);
    break;
  case SCALAR:
    push_scalar (items, c);
    break;
  case TEXT:
    push_text (items, c);
    break;
  case NESTED:
    if (items->in_string)
      push_nested_string (items, c);
    else
      push_nested_plain (items, c);
    break;
  case DONE:
  default:
    break;
  }
}

gboolean
forge_json_items_push (ForgeJsonItems *items, const char *data, gsize length)
{
  for (gsize i = 0; i < length && items->state != DONE; i++)
    push_character (items, data[i]);
  return !items->has_stopped;
}

ForgeJsonEnd
forge_json_items_end (ForgeJsonItems *items, ForgeJsonCounts *counts)
{
  *counts = items->counts;
  if (items->state == PREAMBLE)
    return FORGE_JSON_NOT_JSON;
  return items->state == DONE ? FORGE_JSON_COMPLETE : FORGE_JSON_TRUNCATED;
}

/* The member's value, or the first one if it is an array; NULL for null and absent. */
static JsonNode *
find_value (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);

  if (node && JSON_NODE_HOLDS_ARRAY (node)) {
    JsonArray *array = json_node_get_array (node);
    node = json_array_get_length (array) > 0 ? json_array_get_element (array, 0) : NULL;
  }
  return node && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

static gint64
integer_from_double (double value, gint64 fallback)
{
  if (!isfinite (value) || value >= 9.2e18 || value <= -9.2e18)
    return fallback;
  return (gint64)value;
}

/* The first number in `text`: "7.5 GB" → 7. */
static gint64
integer_from_text (const char *text, gint64 fallback)
{
  const char *digit = strpbrk (text, "0123456789");

  if (!digit)
    return fallback;
  if (digit > text && digit[-1] == '-')
    digit--;
  guint64 magnitude = 0;
  const char *at = digit + (*digit == '-');
  for (; g_ascii_isdigit (*at); at++) {
    if (magnitude > G_MAXINT64 / 10 - 1)
      return fallback;
    magnitude = magnitude * 10 + (guint64)(*at - '0');
  }
  return *digit == '-' ? -(gint64)magnitude : (gint64)magnitude;
}

gint64
forge_json_int (JsonObject *object, const char *member, gint64 fallback)
{
  JsonNode *node = find_value (object, member);

  if (!node || !JSON_NODE_HOLDS_VALUE (node))
    return fallback;
  switch (json_node_get_value_type (node)) {
  case G_TYPE_INT64:
    return json_node_get_int (node);
  case G_TYPE_DOUBLE:
    return integer_from_double (json_node_get_double (node), fallback);
  case G_TYPE_BOOLEAN:
    return json_node_get_boolean (node);
  case G_TYPE_STRING:
    return integer_from_text (json_node_get_string (node), fallback);
  default:
    return fallback;
  }
}

gboolean
forge_json_bool (JsonObject *object, const char *member, gboolean fallback)
{
  static const char *const yes[] = { "true", "yes", "on", "y", "t" };
  static const char *const no[] = { "false", "no", "off", "n", "f" };
  JsonNode *node = find_value (object, member);

  if (!node || !JSON_NODE_HOLDS_VALUE (node))
    return fallback;
  if (json_node_get_value_type (node) != G_TYPE_STRING)
    return forge_json_int (object, member, fallback ? 1 : 0) != 0;
  g_autofree char *text = g_strstrip (g_strdup (json_node_get_string (node)));
  for (guint i = 0; i < G_N_ELEMENTS (yes); i++) {
    if (g_ascii_strcasecmp (text, yes[i]) == 0)
      return TRUE;
    if (g_ascii_strcasecmp (text, no[i]) == 0)
      return FALSE;
  }
  return integer_from_text (text, fallback ? 1 : 0) != 0;
}

char *
forge_json_text (JsonObject *object, const char *member)
{
  JsonNode *node = find_value (object, member);
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  if (!node || !JSON_NODE_HOLDS_VALUE (node))
    return NULL;
  switch (json_node_get_value_type (node)) {
  case G_TYPE_INT64:
    return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
  case G_TYPE_DOUBLE:
    return g_strdup (g_ascii_formatd (number, sizeof number, "%.15g", json_node_get_double (node)));
  case G_TYPE_BOOLEAN:
    return g_strdup (json_node_get_boolean (node) ? "true" : "false");
  case G_TYPE_STRING:
    break;
  default:
    return NULL;
  }
  g_autofree char *text = g_strstrip (g_strdup (json_node_get_string (node)));
  return *text ? g_steal_pointer (&text) : NULL;
}

JsonObject *
forge_json_object (JsonObject *object, const char *member)
{
  JsonNode *node = find_value (object, member);

  return node && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

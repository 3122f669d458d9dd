/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli/forge-ctl.h"

#include "cli/forge-ctl-follow.h"

#include <gio/gunixsocketaddress.h>
#include <libsoup/soup.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Refreshes of large accounts take minutes; the server answers when they are done. */
#define CALL_TIMEOUT_S 1800
#define MAX_CELL_CHARS 48

struct _ForgeCtl {
  SoupSession *session;
  GSocketAddress *address;
  char *socket_path;
  gboolean as_json;
  gboolean is_long; /* what is asked next takes its time */
};

ForgeCtl *
forge_ctl_new (const char *socket_path, gboolean as_json)
{
  ForgeCtl *ctl = g_new0 (ForgeCtl, 1);

  ctl->address = g_unix_socket_address_new (socket_path);
  ctl->socket_path = g_strdup (socket_path);
  ctl->as_json = as_json;
  ctl->session = soup_session_new_with_options ("remote-connectable",
                                                ctl->address,
                                                "timeout",
                                                CALL_TIMEOUT_S,
                                                NULL);
  return ctl;
}

void
forge_ctl_free (ForgeCtl *ctl)
{
  g_object_unref (ctl->session);
  g_object_unref (ctl->address);
  g_free (ctl->socket_path);
  g_free (ctl);
}

gboolean
forge_ctl_wants_json (ForgeCtl *ctl)
{
  return ctl->as_json;
}

static void
set_body (SoupMessage *message, JsonObject *body)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, body);
  char *text = json_to_string (node, FALSE);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));
  soup_message_set_request_body_from_bytes (message, "application/json", bytes);
}

/* The person's sentence of an error answer, else the status. */
static void
print_refusal (SoupMessage *message, JsonNode *answer)
{
  JsonNode *text = answer && JSON_NODE_HOLDS_OBJECT (answer)
                       ? json_object_get_member (json_node_get_object (answer), "message")
                       : NULL;

  if (text && json_node_get_value_type (text) == G_TYPE_STRING) {
    g_autofree char *line = forge_ctl_plain (json_node_dup_string (text));
    g_printerr ("streamforgectl: %s\n", line);
  } else {
    g_printerr ("streamforgectl: the server answered %u\n", soup_message_get_status (message));
  }
}

JsonNode *
forge_ctl_call (ForgeCtl *ctl, const char *method, const char *path, JsonObject *body)
{
  g_autofree char *url = g_strconcat ("http://localhost", path, NULL);
  g_autoptr (SoupMessage) message = soup_message_new (method, url);
  g_autoptr (GError) error = NULL;

  if (body)
    set_body (message, body);
  ForgeCtlFollow *follow = ctl->is_long ? forge_ctl_follow_start (ctl->address) : NULL;
  g_autoptr (GBytes) bytes = soup_session_send_and_read (ctl->session, message, NULL, &error);
  forge_ctl_follow_stop (follow);
  ctl->is_long = FALSE;
  if (!bytes) {
    g_printerr ("streamforgectl: no StreamForge answers at %s (%s). Is it running?\n",
                ctl->socket_path,
                error->message);
    return NULL;
  }
  g_autofree char *text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_autoptr (JsonNode) answer = json_from_string (text, &error);
  if (soup_message_get_status (message) == SOUP_STATUS_OK && answer)
    return g_steal_pointer (&answer);
  print_refusal (message, answer);
  return NULL;
}

static char *value_text (JsonNode *node);

/* "total 4, used 0". (transfer full) */
static char *
members_text (JsonObject *object)
{
  g_autoptr (GList) members = json_object_get_members (object);
  GString *out = g_string_new (NULL);

  for (GList *l = members; l; l = l->next) {
    g_autofree char *text = value_text (json_object_get_member (object, l->data));
    g_string_append_printf (out, "%s%s %s", out->len ? ", " : "", (const char *)l->data, text);
  }
  return g_string_free (out, FALSE);
}

char *
forge_ctl_plain (char *text)
{
  for (char *at = text; *at; at++)
    if (g_ascii_iscntrl (*at))
      *at = ' ';
  /* U+0080 to U+009F do the same in some terminals. */
  for (char *at = text; (at = strchr (at, '\xc2')); at++)
    if ((guchar)at[1] >= 0x80 && (guchar)at[1] < 0xa0)
      at[1] = '\xa0';
  return text;
}

static char *
value_text_as_it_is (JsonNode *node)
{
  if (!node || JSON_NODE_HOLDS_NULL (node))
    return g_strdup ("–");
  if (JSON_NODE_HOLDS_ARRAY (node))
    return g_strdup_printf ("%u", json_array_get_length (json_node_get_array (node)));
  if (JSON_NODE_HOLDS_OBJECT (node))
    return members_text (json_node_get_object (node));
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_dup_string (node);
  if (json_node_get_value_type (node) == G_TYPE_BOOLEAN)
    return g_strdup (json_node_get_boolean (node) ? "yes" : "no");
  if (json_node_get_value_type (node) == G_TYPE_DOUBLE)
    return g_strdup_printf ("%.2f", json_node_get_double (node));
  return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
}

/* A value as text for a cell or a line. (transfer full) */
static char *
value_text (JsonNode *node)
{
  return forge_ctl_plain (value_text_as_it_is (node));
}

/* Cut to MAX_CELL_CHARS characters. (transfer full) */
static char *
cell_text (JsonNode *node)
{
  g_autofree char *text = value_text (node);

  if (g_utf8_strlen (text, -1) <= MAX_CELL_CHARS)
    return g_steal_pointer (&text);
  g_autofree char *cut = g_utf8_substring (text, 0, MAX_CELL_CHARS - 1);
  return g_strconcat (cut, "…", NULL);
}

static void
print_padded (const char *text, glong width)
{
  fputs (text, stdout);
  for (glong i = g_utf8_strlen (text, -1); i < width; i++)
    putchar (' ');
}

static void
print_row (GPtrArray *cells, guint first, guint n_columns, const glong *widths)
{
  for (guint c = 0; c < n_columns; c++) {
    gboolean is_last = c + 1 == n_columns;
    print_padded (g_ptr_array_index (cells, first + c), is_last ? 0 : widths[c] + 2);
  }
  putchar ('\n');
}

static void
print_table (JsonArray *array, const char *const *columns)
{
  guint n_columns = g_strv_length ((char **)columns), n_rows = json_array_get_length (array) + 1;
  g_autoptr (GPtrArray) cells = g_ptr_array_new_with_free_func (g_free);
  g_autofree glong *widths = g_new0 (glong, n_columns);

  for (guint row = 0; row < n_rows; row++)
    for (guint c = 0; c < n_columns; c++) {
      const char *member = strchr (columns[c], ':') + 1;
      char *text =
          row == 0
              ? g_strndup (columns[c], (gsize)(member - 1 - columns[c]))
              : cell_text (json_object_get_member (json_array_get_object_element (array, row - 1),
                                                   member));
      widths[c] = MAX (widths[c], g_utf8_strlen (text, -1));
      g_ptr_array_add (cells, text);
    }
  for (guint row = 0; row < n_rows; row++)
    print_row (cells, row * n_columns, n_columns, widths);
}

static void
print_object (JsonObject *object)
{
  g_autoptr (GList) members = json_object_get_members (object);
  glong width = 0;

  for (GList *l = members; l; l = l->next)
    width = MAX (width, g_utf8_strlen (l->data, -1));
  for (GList *l = members; l; l = l->next) {
    g_autofree char *text = value_text (json_object_get_member (object, l->data));
    print_padded (l->data, width + 2);
    puts (text);
  }
}

static void
print_json (JsonNode *node)
{
  g_autofree char *text = json_to_string (node, TRUE);

  puts (text);
}

int
forge_ctl_print (ForgeCtl *ctl, JsonNode *answer, const char *const *columns)
{
  g_autoptr (JsonNode) node = answer;

  if (!node)
    return FORGE_CTL_FAILED;
  if (ctl->as_json)
    print_json (node);
  else if (JSON_NODE_HOLDS_ARRAY (node) && columns)
    print_table (json_node_get_array (node), columns);
  else if (JSON_NODE_HOLDS_OBJECT (node))
    print_object (json_node_get_object (node));
  return FORGE_CTL_OK;
}

int
forge_ctl_done (ForgeCtl *ctl, JsonNode *answer, const char *text)
{
  g_autoptr (JsonNode) node = answer;

  if (!node)
    return FORGE_CTL_FAILED;
  if (ctl->as_json)
    print_json (node);
  else
    puts (text);
  return FORGE_CTL_OK;
}

int
forge_ctl_call_one (ForgeCtl *ctl,
                    int argc,
                    char **argv,
                    const char *method,
                    const char *nouns,
                    const char *what,
                    const char *verb,
                    const char *said)
{
  if (argc != 2)
    return forge_ctl_usage ("%s: just one id is needed", what);
  g_autofree char *path = forge_ctl_path (nouns, what, argv[1], verb);
  if (!path)
    return FORGE_CTL_USAGE;
  JsonNode *answer = forge_ctl_call (ctl, method, path, NULL);
  return said ? forge_ctl_done (ctl, answer, said) : forge_ctl_print (ctl, answer, NULL);
}

void
forge_ctl_progress (ForgeCtl *ctl, const char *text)
{
  g_printerr ("%s\n", text);
  ctl->is_long = TRUE;
}

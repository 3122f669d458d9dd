/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-xmltv-details.h"

#include <stdlib.h>
#include <string.h>

/* More of them is noise that no window shows. */
#define MAX_CATEGORIES 8
/* Series and episode numbers beyond this are no numbers. */
#define MAX_EPISODE 100000

typedef struct {
  ForgeXmltvDetails *details;
  GStrvBuilder *categories;
  guint n_categories;
  guint depth;   /* 1 = a child of the programme */
  char *child;   /* the open child of the programme, NULL = none */
  char *system;  /* of an <episode-num> */
  GString *text; /* of the open child */
} Reading;

static void
on_start (GMarkupParseContext *context,
          const char *name,
          const char **attributes,
          const char **values,
          gpointer user_data,
          GError **error)
{
  Reading *reading = user_data;

  if (reading->depth++ != 1)
    return;
  g_free (reading->child);
  reading->child = g_strdup (name);
  g_clear_pointer (&reading->system, g_free);
  g_string_truncate (reading->text, 0);
  for (guint i = 0; attributes[i]; i++)
    if (strcmp (attributes[i], "system") == 0)
      reading->system = g_strdup (values[i]);
    else if (strcmp (attributes[i], "src") == 0 && strcmp (name, "icon") == 0 &&
             !reading->details->icon)
      reading->details->icon = g_strdup (values[i]);
}

static void
on_text (GMarkupParseContext *context,
         const char *text,
         gsize length,
         gpointer user_data,
         GError **error)
{
  Reading *reading = user_data;

  if (reading->child)
    g_string_append_len (reading->text, text, (gssize)length);
}

/* "1.4.0/1" counts from 0: season 2, episode 5. Any part may be missing. Spec: xmltv.dtd,
 * episode-num, system xmltv_ns. */
static char *
episode_from_ns (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, ".", 3);
  int numbers[2] = { 0, 0 };

  for (guint i = 0; i < 2 && parts[i]; i++) {
    const char *digits = g_strstrip (parts[i]);
    if (g_ascii_isdigit (*digits))
      numbers[i] = (int)MIN (strtol (digits, NULL, 10), MAX_EPISODE) + 1;
  }
  if (numbers[1] == 0)
    return NULL;
  return numbers[0] > 0 ? g_strdup_printf ("S%d E%d", numbers[0], numbers[1])
                        : g_strdup_printf ("E%d", numbers[1]);
}

/* The numbered form says more than what some files have for the screen. */
static void
take_episode (Reading *reading, const char *text)
{
  ForgeXmltvDetails *details = reading->details;

  if (g_strcmp0 (reading->system, "xmltv_ns") == 0) {
    char *episode = episode_from_ns (text);
    if (episode) {
      g_free (details->episode);
      details->episode = episode;
    }
  } else if (!details->episode && g_strcmp0 (reading->system, "onscreen") == 0) {
    details->episode = g_strdup (text);
  }
}

static void
take_category (Reading *reading, const char *text)
{
  if (reading->n_categories == MAX_CATEGORIES)
    return;
  g_strv_builder_add (reading->categories, text);
  reading->n_categories++;
}

static char **
plain_field (ForgeXmltvDetails *details, const char *name)
{
  const struct {
    const char *name;
    char **field;
  } fields[] = {
    { "title", &details->title },   { "sub-title", &details->subtitle },
    { "date", &details->date },     { "desc", &details->description },
    { "rating", &details->rating },
  };

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    if (strcmp (fields[i].name, name) == 0)
      return fields[i].field;
  return NULL;
}

static void
take_child (Reading *reading)
{
  const char *text = g_strstrip (reading->text->str);
  char **field = plain_field (reading->details, reading->child);

  if (!*text)
    return;
  if (field && !*field)
    *field = g_strdup (text);
  else if (strcmp (reading->child, "category") == 0)
    take_category (reading, text);
  else if (strcmp (reading->child, "episode-num") == 0)
    take_episode (reading, text);
}

static void
on_end (GMarkupParseContext *context, const char *name, gpointer user_data, GError **error)
{
  Reading *reading = user_data;

  if (--reading->depth != 1 || !reading->child)
    return;
  take_child (reading);
  g_clear_pointer (&reading->child, g_free);
}

static const GMarkupParser parser = { on_start, on_end, on_text, NULL, NULL };

ForgeXmltvDetails *
forge_xmltv_details_new (const char *inner, gsize length)
{
  ForgeXmltvDetails *details = g_new0 (ForgeXmltvDetails, 1);
  g_autoptr (GStrvBuilder) categories = g_strv_builder_new ();
  g_autoptr (GString) text = g_string_new (NULL);
  Reading reading = { .details = details, .categories = categories, .text = text };
  g_autoptr (GMarkupParseContext) context =
      g_markup_parse_context_new (&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, &reading, NULL);

  /* What came before a mistake stays. */
  if (!g_markup_parse_context_parse (context, "<p>", -1, NULL) ||
      !g_markup_parse_context_parse (context, inner, (gssize)length, NULL) ||
      !g_markup_parse_context_parse (context, "</p>", -1, NULL))
    g_debug ("The details of a programme end early");
  g_free (reading.child);
  g_free (reading.system);
  details->categories = g_strv_builder_end (categories);
  return details;
}

void
forge_xmltv_details_free (ForgeXmltvDetails *details)
{
  g_free (details->title);
  g_free (details->subtitle);
  g_free (details->description);
  g_free (details->date);
  g_free (details->episode);
  g_free (details->icon);
  g_free (details->rating);
  g_strfreev (details->categories);
  g_free (details);
}

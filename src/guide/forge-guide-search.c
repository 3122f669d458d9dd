/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-guide-search.h"

#include "formats/forge-xmltv-texts.h"
#include "formats/forge-xmltv.h"
#include "guide/forge-guide-substitute.h"
#include "model/forge-search-words.h"

#include <string.h>

static void
add_words (const ForgeProgrammeRow *row, GString *words)
{
  g_autoptr (GString) texts = g_string_sized_new (512);

  forge_xmltv_append_texts (texts, row->inner, row->inner_length);
  forge_search_add_words (words, texts->str, texts->len);
}

gboolean
forge_guide_update_search (ForgeStore *store,
                           gint64 now_s,
                           GCancellable *cancellable,
                           GError **error)
{
  return forge_store_update_search (store, now_s, add_words, cancellable, error);
}

/* ---- events that only a name tells ---- */

typedef struct {
  const ForgeChannel *channel; /* lent by the lineup */
  ForgeEventName event;
} Event;

static void
event_clear (gpointer data)
{
  forge_event_name_clear (&((Event *)data)->event);
}

static int
earlier_first (gconstpointer a, gconstpointer b)
{
  gint64 left = ((const Event *)a)->event.start, right = ((const Event *)b)->event.start;

  return left < right ? -1 : left > right;
}

/* Each of `words` begins a word of `text`, as the index has it. */
static gboolean
has_words (const char *text, const char *const *words)
{
  g_autoptr (GString) found = g_string_new (NULL);

  forge_search_add_words (found, text, strlen (text));
  for (; *words; words++) {
    g_autofree char *start = g_strconcat (" ", *words, NULL);
    if (!strstr (found->str, start))
      return FALSE;
  }
  return TRUE;
}

static gboolean
find_event (ForgeStore *store,
            const ForgeGuideQuery *query,
            const char *const *words,
            const ForgeChannel *channel,
            ForgeEventName *event)
{
  return forge_guide_find_event (store, channel, query->now_s, event) &&
         event->stop > query->now_s && has_words (event->title, words) &&
         forge_guide_is_silent (store, channel, query->now_s, query->days);
}

/* By start. Returns: (transfer full), of Event. */
static GArray *
find_events (ForgeStore *store, const ForgeGuideQuery *query, const char *const *words)
{
  GArray *events = g_array_new (FALSE, TRUE, sizeof (Event));

  g_array_set_clear_func (events, event_clear);
  for (guint i = 0; words[0] && query->lineup && i < forge_lineup_size (query->lineup); i++) {
    Event event = { .channel = forge_lineup_channel (query->lineup, i) };
    if (find_event (store, query, words, event.channel, &event.event))
      g_array_append_val (events, event);
    else
      forge_event_name_clear (&event.event);
  }
  g_array_sort (events, earlier_first);
  return events;
}

/* ---- both, in one order ---- */

typedef struct {
  GArray *events;
  guint next; /* of them */
  guint skip; /* found ones that belong to pages before */
  guint left; /* to hand out */
  ForgeFoundFunc each;
  gpointer user_data;
} Merge;

/* FALSE: enough. */
static gboolean
hand_out (Merge *merge, const ForgeFoundProgramme *found)
{
  if (merge->skip > 0) {
    merge->skip--;
    return TRUE;
  }
  return merge->left > 0 && merge->each (found, merge->user_data) && --merge->left > 0;
}

static gboolean
hand_out_event (Merge *merge, const Event *event)
{
  g_autoptr (GString) inner = g_string_new ("<title>");

  forge_xml_append_escaped (inner, event->event.title);
  g_string_append (inner, "</title>");
  const ForgeFoundProgramme found = {
    .channel_id = event->channel->id,
    .number = event->channel->number,
    .channel = event->channel->name,
    .row = { .start = event->event.start,
             .stop = event->event.stop,
             .title = event->event.title,
             .attributes = "",
             .inner = inner->str,
             .inner_length = inner->len },
  };
  return hand_out (merge, &found);
}

static gboolean
hand_out_events (Merge *merge, gint64 before)
{
  for (; merge->next < merge->events->len; merge->next++) {
    const Event *event = &g_array_index (merge->events, Event, merge->next);
    if (event->event.start >= before)
      return TRUE;
    if (!hand_out_event (merge, event))
      return FALSE;
  }
  return TRUE;
}

static gboolean
on_found (const ForgeFoundProgramme *found, gpointer user_data)
{
  Merge *merge = user_data;

  if (hand_out_events (merge, found->row.start) && hand_out (merge, found))
    return TRUE;
  merge->left = 0;
  return FALSE;
}

gboolean
forge_guide_search (ForgeStore *store,
                    const ForgeGuideQuery *query,
                    ForgeFoundFunc each,
                    gpointer user_data,
                    GError **error)
{
  g_auto (GStrv) typed = forge_search_query (query->typed);
  const char *const *words = (const char *const *)typed;
  g_autoptr (GArray) events = find_events (store, query, words);
  /* Events push what guides say back by at most their number. */
  guint behind = MIN (query->offset, events->len);
  const ForgeProgrammeQuery stored = { words,
                                       query->now_s,
                                       query->limit + behind,
                                       query->offset - behind };
  Merge merge = { .events = events,
                  .skip = behind,
                  .left = query->limit,
                  .each = each,
                  .user_data = user_data };

  if (!forge_store_search_programmes (store, &stored, on_found, &merge, error))
    return FALSE;
  if (merge.left > 0)
    hand_out_events (&merge, G_MAXINT64);
  return TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-matcher-private.h"

/* Below this share of common words a candidate is not worth naming. */
#define MIN_COVER_TO_MENTION 0.2

typedef struct {
  const ForgeMatchIndex *index;
  const ForgeQuery *query;
  const ForgeMatchDecision *decision;
  const ForgeMatchChannel *channel;
  const double *f;
  GPtrArray *reasons;
} Teller;

G_GNUC_PRINTF (2, 3)
static void
say (Teller *t, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_ptr_array_add (t->reasons, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

static gboolean
has (const Teller *t, ForgeFeature feature)
{
  return t->f[feature] > 0;
}

static void
tell_name (Teller *t, const char *name)
{
  g_autoptr (GString) stream_only = g_string_new (NULL);
  g_autoptr (GString) guide_only = g_string_new (NULL);
  const char *display = t->channel->display;

  if (has (t, FORGE_FEATURE_SAME_FULL) || has (t, FORGE_FEATURE_SAME_CORE)) {
    say (t,
         has (t, FORGE_FEATURE_FORMER)    ? "“%s” is another name of the guide's “%s”."
         : has (t, FORGE_FEATURE_FROM_ID) ? "“%s” reads like the id of the guide's “%s”."
                                          : "“%s” has the name of the guide's “%s”.",
         name,
         display);
    return;
  }
  if (has (t, FORGE_FEATURE_SAME_SKELETON)) {
    say (t, "“%s” is the guide's “%s” in another script.", name, display);
    return;
  }
  forge_match_differences (t->index, t->query, t->decision->name, stream_only, guide_only);
  say (t, "“%s” resembles the guide's “%s”.", name, display);
  if (stream_only->len > 0)
    say (t, "Only the stream's name has: %s.", stream_only->str);
  if (guide_only->len > 0)
    say (t, "Only the guide's name has: %s.", guide_only->str);
  if (has (t, FORGE_FEATURE_NUMBERS_DIFFER))
    say (t, "The numbers in the names differ.");
}

static void
tell_country (Teller *t)
{
  g_autofree char *here = forge_country_set_to_text (&t->query->countries);
  g_autofree char *there = forge_country_set_to_text (&t->channel->countries);

  if (has (t, FORGE_FEATURE_SAME_COUNTRY))
    say (t,
         t->query->country_by_group ? "The category says %s, as the guide does."
                                    : "Both are from %s.",
         t->query->country_by_group ? here : there);
  else if (has (t, FORGE_FEATURE_NEAR_COUNTRY) || has (t, FORGE_FEATURE_OTHER_COUNTRY))
    say (t, "The stream is from %s, the guide channel from %s.", here, there);
}

static const char *
region_text (guint region)
{
  return region == FORGE_REGION_WEST ? "West" : region == FORGE_REGION_EAST ? "East" : "no region";
}

static void
tell_feed (Teller *t)
{
  const ForgeName *name = &t->query->name;

  if (has (t, FORGE_FEATURE_SHIFT_DIFFERS))
    say (t,
         "The time shift differs: +%d here, +%d in the guide.",
         name->shift_hours,
         forge_match_index_name (t->index, t->decision->name)->shift_hours);
  else if (name->shift_hours)
    say (t, "Both are shifted by %d h.", name->shift_hours);
  if (has (t, FORGE_FEATURE_REGION_DIFFERS))
    say (t,
         "The region differs: %s here, %s in the guide.",
         region_text (name->region),
         region_text (t->channel->region));
}

static void
tell_station (Teller *t)
{
  const ForgeName *name = &t->query->name;

  if (!name->call_sign[0] || !t->channel->call_sign[0])
    return;
  g_autofree char *here = g_ascii_strup (name->call_sign, -1);
  g_autofree char *there = g_ascii_strup (t->channel->call_sign, -1);

  if (has (t, FORGE_FEATURE_CALL_SAME))
    say (t, "Both carry the call sign %s.", here);
  else
    say (t, "The call signs differ: %s here, %s in the guide.", here, there);
  if (has (t, FORGE_FEATURE_SUB_CHANNEL_DIFFERS))
    say (t, "They are different sub-channels of the station.");
}

static void
tell_id (Teller *t, const char *epg_id)
{
  const ForgeMatchTerm *epg = t->query->epg;
  const ForgeMatchName *other;

  if (has (t, FORGE_FEATURE_ID_SAME)) {
    say (t, "The provider's EPG id “%s” is this guide channel's.", epg_id);
  } else if (epg) {
    other = forge_match_index_name (t->index, *forge_match_index_postings (t->index, epg));
    say (t,
         "The provider's EPG id “%s” names the guide's “%s”, which fits the name less.",
         epg_id,
         forge_match_index_channel (t->index, other->channel)->display);
  } else if (has (t, FORGE_FEATURE_ID_STEM)) {
    say (t, "The provider's EPG id “%s” reads like this guide channel's.", epg_id);
  }
}

static void
tell_rival (Teller *t)
{
  const ForgeMatchName *rival;

  if (!t->decision->has_rival || t->decision->score - t->decision->rival_score > 3)
    return;
  rival = forge_match_index_name (t->index, t->decision->rival);
  say (t,
       "“%s” (%s) fits nearly as well.",
       forge_match_index_channel (t->index, rival->channel)->display,
       forge_match_index_channel (t->index, rival->channel)->xmltv_id);
}

static void
tell_why_none (const ForgeQuery *query, GPtrArray *reasons)
{
  const char *why = "No guide channel has a word of this name.";

  if (query->name.kind == FORGE_NAME_SEPARATOR)
    why = "This is a separator line of the provider's list, not a channel.";
  else if (query->n_tokens == 0)
    why = "Nothing is left of this name without its decoration.";
  g_ptr_array_add (reasons, g_strdup (why));
}

void
forge_match_explain (const ForgeMatchIndex *index,
                     const ForgeMatchQuery *asked,
                     const ForgeQuery *query,
                     const ForgeMatchDecision *decision,
                     GPtrArray *reasons)
{
  Teller t = { .index = index, .query = query, .decision = decision, .reasons = reasons };
  g_autofree char *name = g_utf8_make_valid (asked->name ? asked->name : "", -1);
  g_autofree char *epg_id = g_utf8_make_valid (asked->epg_id ? asked->epg_id : "", -1);

  t.f = decision->features;
  if (!decision->found ||
      (decision->confidence < FORGE_MATCH_MIN_CONFIDENCE && !has (&t, FORGE_FEATURE_ID_SAME) &&
       t.f[FORGE_FEATURE_STREAM_COVER] < MIN_COVER_TO_MENTION)) {
    tell_why_none (query, reasons);
    return;
  }
  t.channel =
      forge_match_index_channel (index, forge_match_index_name (index, decision->name)->channel);
  tell_name (&t, name);
  tell_country (&t);
  tell_feed (&t);
  tell_station (&t);
  tell_id (&t, epg_id);
  tell_rival (&t);
  if (query->name.kind == FORGE_NAME_LOOP || query->event_group)
    say (&t, "The stream looks like an event or a loop of one programme.");
  if (decision->confidence < FORGE_MATCH_MIN_CONFIDENCE)
    say (&t, "Together that is too little for a match.");
}

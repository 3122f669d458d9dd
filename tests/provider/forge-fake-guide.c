/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "forge-fake-guide.h"

#include "forge-fake-art.h"

#include <string.h>
#include <time.h>

#define HOUR_S      3600
#define HOURS_BACK  6
#define HOURS_AHEAD 72

static void
append_time (GString *out, const char *name, gint64 when_s)
{
  time_t when = (time_t)when_s;
  struct tm utc;
  char text[32];

  gmtime_r (&when, &utc);
  strftime (text, sizeof text, "%Y%m%d%H%M%S +0000", &utc);
  g_string_append_printf (out, " %s=\"%s\"", name, text);
}

static void
append_element (GString *out, const char *name, const char *attribute, const char *text)
{
  g_string_append_printf (out, "<%s%s>", name, attribute);
  forge_fake_append_xml (out, text);
  g_string_append_printf (out, "</%s>", name);
}

typedef struct {
  ForgeFakeBody *body;
  const ForgeFakeProvider *provider;
  const char *channel_id, *language;
  gboolean is_doubled;
} Writer;

static void
append_episode (GString *out, const ForgeFakeProgramme *programme)
{
  if (programme->season == 0)
    return;
  g_string_append_printf (out,
                          "<episode-num system=\"xmltv_ns\">%u.%u.</episode-num>"
                          "<episode-num system=\"onscreen\">S%02uE%02u</episode-num>",
                          programme->season - 1,
                          programme->episode - 1,
                          programme->season,
                          programme->episode);
}

static void
append_programme (GString *out, const Writer *writer, const ForgeFakeProgramme *programme)
{
  g_autofree char *language = g_strdup_printf (" lang=\"%s\"", writer->language);

  g_string_append (out, "<programme");
  append_time (out, "start", programme->start_s);
  append_time (out, "stop", programme->stop_s);
  g_string_append_printf (out, " channel=\"%s\">", writer->channel_id);
  append_element (out, "title", language, programme->title);
  if (programme->part)
    append_element (out, "sub-title", language, programme->part);
  append_element (out, "desc", language, programme->description);
  append_element (out, "category", language, programme->category);
  if (programme->has_art) {
    g_autofree char *url = forge_fake_art_url (writer->provider, FALSE, programme->title);
    g_string_append_printf (out, "<icon src=\"%s\" width=\"320\" height=\"180\"/>", url);
  }
  append_episode (out, programme);
  /* What few programs know must come out of ours as it went in. */
  if (programme->is_new)
    g_string_append (out,
                     "<rating system=\"MPAA\"><value>PG</value></rating>"
                     "<star-rating><value>7/10</value></star-rating><new/>"
                     "<x-custom note=\"kept\">yes &amp; no</x-custom>");
  g_string_append (out, "</programme>\n");
}

static void
on_programme (const ForgeFakeProgramme *programme, gpointer user_data)
{
  const Writer *writer = user_data;

  append_programme (writer->body->text, writer, programme);
  if (writer->is_doubled)
    append_programme (writer->body->text, writer, programme);
  forge_fake_body_push (writer->body);
}

static void
append_channel (GString *out, const char *guide_id, const char *name, guint number)
{
  g_string_append_printf (out, "<channel id=\"%s\">", guide_id);
  append_element (out, "display-name", "", name);
  g_string_append_printf (out, "<display-name>%u</display-name></channel>\n", number);
}

/* What a request gets of the guide. */
typedef struct {
  gint64 hour_s;
  guint n_channels, n_generated, n_programmes;
  gboolean is_doubled, is_truncated;
} Plan;

static Plan
plan_for (const ForgeFakeProvider *provider, const ForgeFakeFaults *faults)
{
  gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;
  Plan plan = { .hour_s = now_s - now_s % HOUR_S,
                .n_channels = provider->catalogue->channels->len };

  if (forge_fake_has (faults, FORGE_FAKE_PROGRAMMES)) {
    plan.n_programmes = (guint)faults->values[FORGE_FAKE_PROGRAMMES];
    plan.n_generated = MAX (forge_fake_generated_channels (provider->catalogue), 1);
  }
  if (forge_fake_has (faults, FORGE_FAKE_EMPTY))
    plan.n_channels = plan.n_generated = plan.n_programmes = 0;
  if (forge_fake_has (faults, FORGE_FAKE_HALF)) {
    plan.n_channels /= 2;
    plan.n_generated /= 2;
    plan.n_programmes /= 2;
  }
  plan.is_doubled = forge_fake_has (faults, FORGE_FAKE_DUPLICATES);
  plan.is_truncated = forge_fake_has (faults, FORGE_FAKE_TRUNCATED);
  return plan;
}

/* The document is a function of the plan, so its name is, too. Returns: (transfer full). */
static char *
etag_of (const Plan *plan)
{
  return g_strdup_printf ("\"%" G_GINT64_MODIFIER "x-%x-%x-%x-%x\"",
                          plan->hour_s,
                          plan->n_channels,
                          plan->n_generated,
                          plan->n_programmes,
                          plan->is_doubled ? 1u : 0u);
}

static void
write_channels (ForgeFakeBody *body, const ForgeFakeProvider *provider, const Plan *plan)
{
  for (guint i = 0; i < plan->n_channels; i++) {
    const ForgeFakeChannel *channel = provider->catalogue->channels->pdata[i];
    append_channel (body->text, channel->guide_id, channel->name, channel->number);
    if (plan->is_doubled)
      append_channel (body->text, channel->guide_id, channel->name, channel->number);
  }
  for (guint i = 0; i < plan->n_generated; i++) {
    g_autofree char *name = forge_fake_generated_name (i);
    g_autofree char *guide_id = g_strdup_printf ("gen%u.test", i);
    append_channel (body->text, guide_id, name, 10000 + i);
    forge_fake_body_push (body);
  }
}

/* FALSE if the document shall end here. */
static gboolean
write_programmes (ForgeFakeBody *body, const ForgeFakeProvider *provider, const Plan *plan)
{
  for (guint i = 0; i < plan->n_channels; i++) {
    const ForgeFakeChannel *channel = provider->catalogue->channels->pdata[i];
    Writer writer = { body, provider, channel->guide_id, channel->language, plan->is_doubled };

    forge_fake_guide_each (channel,
                           plan->hour_s - HOURS_BACK * HOUR_S,
                           plan->hour_s + HOURS_AHEAD * HOUR_S,
                           on_programme,
                           &writer);
    if (plan->is_truncated && i >= plan->n_channels / 2) {
      g_string_append (body->text, "<programme start=\"2025");
      return FALSE;
    }
  }
  return TRUE;
}

static void
write_generated (ForgeFakeBody *body, const Plan *plan)
{
  for (guint i = 0; i < plan->n_programmes && plan->n_generated > 0; i++) {
    guint per_channel = (plan->n_programmes + plan->n_generated - 1) / plan->n_generated;
    char guide_id[32];
    gint64 start_s = plan->hour_s - HOURS_BACK * HOUR_S + (gint64)(i % per_channel) * HOUR_S;
    ForgeFakeProgramme programme = { .start_s = start_s,
                                     .stop_s = start_s + HOUR_S,
                                     .title = "Hour by Hour",
                                     .description = "A programme to fill the guide.",
                                     .category = "Series",
                                     .season = 1 + i % 9,
                                     .episode = 1 + i % 99 };

    g_snprintf (guide_id, sizeof guide_id, "gen%u.test", i / per_channel);
    on_programme (&programme, &(Writer){ body, NULL, guide_id, "en", plan->is_doubled });
  }
}

gboolean
forge_fake_guide_reply (ForgeFakeConnection *connection, const ForgeFakeRequest *request)
{
  ForgeFakeProvider *provider = connection->provider;
  ForgeFakeFaults faults;
  ForgeFakeBody body;

  if (!forge_fake_document_faults (connection, request, FORGE_FAKE_TARGET_GUIDE, &faults))
    return !connection->must_close;

  Plan plan = plan_for (provider, &faults);
  g_autofree char *etag = etag_of (&plan);
  g_autofree char *more = g_strdup_printf ("ETag: %s\r\n", etag);

  /* A fault must reach the client, not hide behind "unchanged". */
  if ((faults.verbs & ~(FORGE_FAKE_BIT (FORGE_FAKE_PROGRAMMES))) == 0 &&
      g_strcmp0 (request->if_none_match, etag) == 0)
    return forge_fake_reply_head (connection, 304, NULL, -1, more);
  forge_fake_body_begin (&body, connection, request, &faults, "application/xml", more);
  g_string_append (body.text,
                   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE tv SYSTEM "
                   "\"xmltv.dtd\">\n<tv generator-info-name=\"demo\">\n");
  write_channels (&body, provider, &plan);
  if (write_programmes (&body, provider, &plan)) {
    write_generated (&body, &plan);
    g_string_append (body.text, "</tv>\n");
  }
  return forge_fake_body_end (&body);
}

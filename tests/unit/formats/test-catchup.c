/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-catchup.h"

static void
test_modes_are_known_by_name (void)
{
  static const struct {
    const char *text;
    ForgeCatchupMode mode;
  } cases[] = {
    { "default", FORGE_CATCHUP_DEFAULT },
    { "Append", FORGE_CATCHUP_APPEND },
    { "shift", FORGE_CATCHUP_SHIFT },
    { "timeshift", FORGE_CATCHUP_SHIFT },
    { "flussonic", FORGE_CATCHUP_FLUSSONIC },
    { "fs", FORGE_CATCHUP_FLUSSONIC },
    { "flussonic-hls", FORGE_CATCHUP_FLUSSONIC_HLS },
    { "flussonic-ts", FORGE_CATCHUP_FLUSSONIC_TS },
    { "XC", FORGE_CATCHUP_XC },
    { "vod", FORGE_CATCHUP_VOD },
    { "whatever", FORGE_CATCHUP_NONE },
    { NULL, FORGE_CATCHUP_NONE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (forge_catchup_mode_from_text (cases[i].text), ==, cases[i].mode);
}

static void
test_templates_follow_the_mode (void)
{
  static const struct {
    ForgeCatchupMode mode;
    const char *source, *url, *pattern;
  } cases[] = {
    { FORGE_CATCHUP_DEFAULT, "http://a/{utc}", "http://h/live", "http://a/{utc}" },
    { FORGE_CATCHUP_DEFAULT, "?utc={utc}", "http://h/live", "http://h/live?utc={utc}" },
    { FORGE_CATCHUP_DEFAULT, NULL, "http://h/live", NULL },
    { FORGE_CATCHUP_APPEND, "&s=${start}", "http://h/live?a=1", "http://h/live?a=1&s=${start}" },
    { FORGE_CATCHUP_APPEND, NULL, "http://h/live", NULL },
    { FORGE_CATCHUP_SHIFT, NULL, "http://h/live", "http://h/live?utc={utc}&lutc={lutc}" },
    { FORGE_CATCHUP_SHIFT, NULL, "http://h/live?a=1", "http://h/live?a=1&utc={utc}&lutc={lutc}" },
    { FORGE_CATCHUP_FLUSSONIC,
      NULL,
      "http://h/151/mpegts?token=t",
      "http://h/151/timeshift_abs-${start}.ts?token=t" },
    { FORGE_CATCHUP_FLUSSONIC,
      NULL,
      "http://h/a/b/index.m3u8?token=t",
      "http://h/a/b/timeshift_rel-{offset:1}.m3u8?token=t" },
    { FORGE_CATCHUP_FLUSSONIC,
      NULL,
      "http://h/325/mono.m3u8",
      "http://h/325/mono-timeshift_rel-{offset:1}.m3u8" },
    { FORGE_CATCHUP_FLUSSONIC_TS,
      NULL,
      "http://h/325/index.m3u8",
      "http://h/325/timeshift_abs-${start}.ts" },
    { FORGE_CATCHUP_FLUSSONIC_HLS,
      NULL,
      "http://h/325/mpegts",
      "http://h/325/timeshift_rel-{offset:1}.m3u8" },
    { FORGE_CATCHUP_FLUSSONIC, NULL, "http://h/mpegts", NULL },
    { FORGE_CATCHUP_FLUSSONIC, NULL, "http://h/1/video.mp4", NULL },
    { FORGE_CATCHUP_XC,
      NULL,
      "http://h:80/me@x/pw/1477",
      "http://h:80/timeshift/me@x/pw/{duration:60}/{Y}-{m}-{d}:{H}-{M}/1477.ts" },
    { FORGE_CATCHUP_XC,
      NULL,
      "http://h/live/u/p/7.m3u8",
      "http://h/timeshift/u/p/{duration:60}/{Y}-{m}-{d}:{H}-{M}/7.m3u8" },
    { FORGE_CATCHUP_XC, NULL, "http://h/one", NULL },
    { FORGE_CATCHUP_XC, NULL, "http://h/u/p/7?x=1", NULL },
    { FORGE_CATCHUP_VOD, NULL, "http://h/one", "{catchup-id}" },
    { FORGE_CATCHUP_VOD, "http://v/{catchup-id}.ts", "http://h/one", "http://v/{catchup-id}.ts" },
    { FORGE_CATCHUP_NONE, "http://a/{utc}", "http://h/one", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *pattern =
        forge_catchup_template (cases[i].mode, cases[i].source, cases[i].url);
    g_assert_cmpstr (pattern, ==, cases[i].pattern);
  }
}

/* 2026-01-31 20:15:30 UTC, one hour of it, asked for two hours later. */
#define START_S G_GINT64_CONSTANT (1769890530)

static void
test_every_variable_is_filled (void)
{
  static const struct {
    const char *pattern, *url;
  } cases[] = {
    { "{utc}", "1769890530" },
    { "${start}", "1769890530" },
    { "{utcend}", "1769894130" },
    { "${end}", "1769894130" },
    { "{lutc}", "1769897730" },
    { "${now}", "1769897730" },
    { "${timestamp}", "1769897730" },
    { "{duration}", "3600" },
    { "${duration}", "3600" },
    { "{duration:60}", "60" },
    { "{offset}", "7200" },
    { "${offset}", "7200" },
    { "{offset:60}", "120" },
    { "{offset:3600}", "2" },
    /* in the zone of the machine, as Kodi fills them */
    { "{Y}-{m}-{d}:{H}-{M}-{S}", "2026-01-31:21-15-30" },
    { "{utc:Y-m-d_H:M:S}", "2026-01-31_21:15:30" },
    { "${start:YmdHMS}", "20260131211530" },
    { "{utcend:H-M}", "22-15" },
    { "${timestamp:H}", "23" },
    { "{catchup-id}", "abc" },
    { "http://h/{catchup-id}?u={utc}&u={utc}", "http://h/abc?u=1769890530&u=1769890530" },
    /* what is no variable stays */
    { "{what}", "{what}" },
    { "{duration:0}", "{duration:0}" },
    { "{duration:x}", "{duration:x}" },
    { "{utc", "{utc" },
    { "$1 {} ${}", "$1 {} ${}" },
  };
  g_autoptr (GTimeZone) zone = g_time_zone_new_offset (3600);
  const ForgeCatchupTime time = { .start_s = START_S,
                                  .duration_s = 3600,
                                  .now_s = START_S + 7200,
                                  .zone = zone,
                                  .catchup_id = "abc" };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *url = forge_catchup_fill (cases[i].pattern, &time);
    g_assert_cmpstr (url, ==, cases[i].url);
  }
}

static void
test_what_cannot_be_filled_is_no_address (void)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_utc ();
  const ForgeCatchupTime no_id = { .start_s = START_S, .now_s = START_S, .zone = zone };
  const ForgeCatchupTime never = { .start_s = G_MAXINT64, .zone = zone };
  g_autofree char *ahead =
      forge_catchup_fill ("{offset}",
                          &(ForgeCatchupTime){ .start_s = START_S, .now_s = 0, .zone = zone });

  g_assert_true (forge_catchup_wants_id ("http://h/{catchup-id}"));
  g_assert_false (forge_catchup_wants_id ("http://h/{utc}"));
  g_assert_null (forge_catchup_fill ("http://h/{catchup-id}", &no_id));
  g_assert_null (forge_catchup_fill ("http://h/{utc}", &never));
  g_assert_cmpstr (ahead, ==, "0");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/formats/catchup/modes-are-known-by-name", test_modes_are_known_by_name);
  g_test_add_func ("/formats/catchup/templates-follow-the-mode", test_templates_follow_the_mode);
  g_test_add_func ("/formats/catchup/every-variable-is-filled", test_every_variable_is_filled);
  g_test_add_func ("/formats/catchup/what-cannot-be-filled-is-no-address",
                   test_what_cannot_be_filled_is_no_address);
  return g_test_run ();
}

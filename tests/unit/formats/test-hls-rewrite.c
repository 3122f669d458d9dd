/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "formats/forge-hls-rewrite.h"
#include "formats/forge-hls.h"

#include <string.h>

#define BASE "http://edge.example:8080/a/b/list.m3u8?token=T&quality=hd"

/* "<kind ordinal@sequence url>" */
static char *
mark (const ForgeHlsUri *uri, gpointer user_data)
{
  return g_strdup_printf ("<%s %u@%" G_GINT64_FORMAT " %s>",
                          forge_hls_uri_kind_name (uri->kind),
                          uri->ordinal,
                          uri->sequence,
                          uri->url);
}

static GString *
rewrite_with (GHashTable *imports,
              const char *text,
              ForgeHlsRewriteSummary *summary,
              GError **error)
{
  const ForgeHlsRewriteConfig config = { .base_url = BASE, .imports = imports, .map = mark };

  return forge_hls_rewrite_all (&config, text, strlen (text), summary, error);
}

static void
expect (const char *text, const char *wanted)
{
  g_autoptr (GError) error = NULL;
  GString *out = rewrite_with (NULL, text, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (out->str, ==, wanted);
  g_string_free (out, TRUE);
}

static void
test_multivariant (void)
{
  expect (
      "#EXTM3U\r\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a,b=c\",NAME=\"x\",URI=\"au/x.m3u8\"\r\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS=\"avc1,mp4a\"\r\n# a comment\r\n//cdn.example/v.m3u8\r\n"
      "#EXT-X-I-FRAME-STREAM-INF:URI=\"/i.m3u8\",BANDWIDTH=2\r\n"
      "#EXT-X-SESSION-KEY:METHOD=AES-128,URI=\"../k\"\r\n"
      "#EXT-X-SESSION-DATA:DATA-ID=\"d\",URI=\"?q=1\"\r\n"
      "#EXT-X-IMAGE-STREAM-INF:BANDWIDTH=1,URI=\"img.m3u8\"\r\n",
      "#EXTM3U\r\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a,b=c\",NAME=\"x\",URI=\"<playlist 0@-1 "
      "http://edge.example:8080/a/b/au/x.m3u8>\"\r\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS=\"avc1,mp4a\"\r\n# a comment\r\n<playlist 1@-1 "
      "http://cdn.example/v.m3u8>\r\n"
      "#EXT-X-I-FRAME-STREAM-INF:URI=\"<playlist 2@-1 http://edge.example:8080/i.m3u8>\","
      "BANDWIDTH=2\r\n"
      "#EXT-X-SESSION-KEY:METHOD=AES-128,URI=\"<key 3@-1 http://edge.example:8080/a/k>\"\r\n"
      "#EXT-X-SESSION-DATA:DATA-ID=\"d\",URI=\"<data 4@-1 "
      "http://edge.example:8080/a/b/list.m3u8?q=1>\"\r\n"
      "#EXT-X-IMAGE-STREAM-INF:BANDWIDTH=1,URI=\"<playlist 5@-1 "
      "http://edge.example:8080/a/b/img.m3u8>\"\r\n");
}

static void
test_media (void)
{
  expect (
      "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-MEDIA-SEQUENCE:70\n#EXT-X-SKIP:SKIPPED-SEGMENTS=3\n"
      "#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x1,KEYFORMAT=\"identity\"\n"
      "#EXT-X-MAP:URI=\"i.mp4\",BYTERANGE=\"10@0\"\n#EXTINF:4,a \"title\",URI=\"no\"\n"
      "#EXT-X-BYTERANGE:9@1\n s 1.ts \n#EXT-X-KEY:METHOD=NONE\n#EXTINF:4,\ns2.ts?x={$y}\n"
      "#EXT-X-PART:DURATION=1,URI=\"p.ts\"\n#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"h.ts\","
      "BYTERANGE-START=5\n#EXT-X-PRELOAD-HINT:TYPE=MAP,URI=\"m.mp4\"\n"
      "#EXT-X-RENDITION-REPORT:URI=\"../r.m3u8\",LAST-MSN=7\n#EXT-X-PREFETCH:f.ts\n"
      "#EXT-X-TILES:URI=\"t.jpg\"\n#EXT-X-UNKNOWN:A=1,X-COM-URL=\"u\",B=\"c,URI=d\"\n"
      "#EXT-X-DATERANGE:ID=\"1\",X-ASSET-URI=\"ad.m3u8\"",
      "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-MEDIA-SEQUENCE:70\n#EXT-X-SKIP:SKIPPED-SEGMENTS=3\n"
      "#EXT-X-KEY:METHOD=AES-128,URI=\"<key 0@73 http://edge.example:8080/a/b/k>\",IV=0x1,"
      "KEYFORMAT=\"identity\"\n"
      "#EXT-X-MAP:URI=\"<map 1@73 http://edge.example:8080/a/b/i.mp4>\",BYTERANGE=\"10@0\"\n"
      "#EXTINF:4,a \"title\",URI=\"no\"\n#EXT-X-BYTERANGE:9@1\n<segment 2@73 "
      "http://edge.example:8080/a/b/s%201.ts>\n#EXT-X-KEY:METHOD=NONE\n#EXTINF:4,\n<segment 3@74 "
      "http://edge.example:8080/a/b/s2.ts?x={$y}>\n"
      "#EXT-X-PART:DURATION=1,URI=\"<segment 4@75 http://edge.example:8080/a/b/p.ts>\"\n"
      "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"<segment 5@75 http://edge.example:8080/a/b/h.ts>\","
      "BYTERANGE-START=5\n"
      "#EXT-X-PRELOAD-HINT:TYPE=MAP,URI=\"<map 6@75 http://edge.example:8080/a/b/m.mp4>\"\n"
      "#EXT-X-RENDITION-REPORT:URI=\"<playlist 7@75 http://edge.example:8080/a/r.m3u8>\","
      "LAST-MSN=7\n#EXT-X-PREFETCH:<segment 8@75 http://edge.example:8080/a/b/f.ts>\n"
      "#EXT-X-TILES:URI=\"<segment 9@75 http://edge.example:8080/a/b/t.jpg>\"\n"
      "#EXT-X-UNKNOWN:A=1,X-COM-URL=\"<data 10@75 http://edge.example:8080/a/b/u>\","
      "B=\"c,URI=d\"\n"
      "#EXT-X-DATERANGE:ID=\"1\",X-ASSET-URI=\"<playlist 11@75 "
      "http://edge.example:8080/a/b/ad.m3u8>\"");
}

static void
test_left_alone_or_out (void)
{
  expect ("#EXTM3U\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://x\",KEYFORMAT=\"com.apple\"\n"
          "#EXT-X-SESSION-DATA:DATA-ID=\"x\",URI=\"data:text/plain,x\"\n"
          "#EXT-X-CONTENT-STEERING:SERVER-URI=\"/s\"\n"
          "#EXT-X-DATERANGE:ID=\"a\",X-ASSET-LIST=\"l.json\"\n"
          "#EXT-X-KEY:METHOD=AES-128,URI=\"file:///etc/passwd\"\n\n"
          "#EXTINF:1,\nrtmp://x/y\n#EXTINF:1,\nhttp:///nohost\n",
          "#EXTM3U\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://x\",KEYFORMAT=\"com.apple\"\n"
          "#EXT-X-SESSION-DATA:DATA-ID=\"x\",URI=\"data:text/plain,x\"\n"
          "#EXT-X-KEY:METHOD=AES-128,URI=\"\"\n\n#EXTINF:1,\n#EXTINF:1,\n");
}

static void
test_variables (void)
{
  g_autoptr (GHashTable) imports = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GError) error = NULL;

  g_hash_table_insert (imports, (gpointer) "auth", (gpointer) "A/../B");
  GString *out =
      rewrite_with (imports,
                    "#EXTM3U\n#EXT-X-DEFINE:NAME=\"host\",VALUE=\"cdn.example\"\n"
                    "#EXT-X-DEFINE:NAME=\"root\",VALUE=\"http://{$host}/r\"\n"
                    "#EXT-X-DEFINE:IMPORT=\"auth\"\n#EXT-X-DEFINE:QUERYPARAM=\"token\"\n"
                    "#EXT-X-KEY:METHOD=AES-128,URI=\"{$root}/k\",IV={$token}\n"
                    "# {$none} in a comment\n#EXTINF:4,\n{$root}/{$auth}/s.ts?t={$token}\n",
                    NULL,
                    &error);
  g_assert_no_error (error);
  g_assert_cmpstr (
      out->str,
      ==,
      "#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"<key 0@0 http://cdn.example/r/k>\",IV=T\n"
      "# {$none} in a comment\n#EXTINF:4,\n"
      "<segment 1@0 http://cdn.example/r/B/s.ts?t=T>\n");
  g_string_free (out, TRUE);
}

static void
test_refused (void)
{
  static const struct {
    const char *text;
    ForgeError code;
  } cases[] = {
    { "", FORGE_ERROR_INVALID },
    { "<html>", FORGE_ERROR_INVALID },
    { "\n\nx\n#EXTM3U\n", FORGE_ERROR_INVALID },
    { "#EXTM3U\n#EXT-X-DEFINE:IMPORT=\"x\"\n", FORGE_ERROR_INVALID },
    { "#EXTM3U\n#EXT-X-DEFINE:QUERYPARAM=\"none\"\n", FORGE_ERROR_INVALID },
    { "#EXTM3U\n#EXT-X-DEFINE:VALUE=\"none\"\n", FORGE_ERROR_INVALID },
    { "#EXTM3U\n#EXT-X-DEFINE:NAME=\"a\",VALUE=\"1\"\n{$b}.ts\n", FORGE_ERROR_INVALID },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (rewrite_with (NULL, cases[i].text, NULL, &error));
    g_assert_error (error, FORGE_ERROR, (int)cases[i].code);
  }
  g_autoptr (GError) error = NULL;
  g_autofree char *line = g_strnfill (FORGE_HLS_MAX_LINE_BYTES + 1, 'a');
  g_autofree char *text = g_strconcat ("#EXTM3U\n", line, NULL);
  g_assert_null (rewrite_with (NULL, text, NULL, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_TOO_LARGE);
}

/* Doubling variables must end at the bound, not in memory. */
static void
test_growing_variables (void)
{
  g_autoptr (GString) text =
      g_string_new ("#EXTM3U\n#EXT-X-DEFINE:NAME=\"v0\",VALUE=\"xxxxxxxx\"\n");
  g_autoptr (GError) error = NULL;

  for (guint i = 1; i < 40; i++)
    g_string_append_printf (text,
                            "#EXT-X-DEFINE:NAME=\"v%u\",VALUE=\"{$v%u}{$v%u}{$v%u}{$v%u}\"\n",
                            i,
                            i - 1,
                            i - 1,
                            i - 1,
                            i - 1);
  g_assert_null (rewrite_with (NULL, text->str, NULL, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_TOO_LARGE);
}

static void
test_summary (void)
{
  ForgeHlsRewriteSummary summary;
  GString *out = rewrite_with (NULL,
                               "#EXTM3U\n#EXTINF:4.5,\na.ts\n#EXTINF:5.5\nb.ts\n#EXT-X-ENDLIST\n",
                               &summary,
                               NULL);

  g_assert_true (!summary.is_multivariant && summary.has_end);
  g_assert_cmpint (summary.duration_us, ==, 10 * G_USEC_PER_SEC);
  g_assert_cmpuint (summary.addresses, ==, 2);
  g_string_free (out, TRUE);
}

/* ---- properties ---- */

static char *
our_link (const ForgeHlsUri *uri, gpointer user_data)
{
  g_autofree char *coded = g_uri_escape_string (uri->url, NULL, FALSE);

  return g_strconcat ("http://us.example/strm/proxy?u=", coded, NULL);
}

static const char *const lines[] = {
  "#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO=\"a\"",
  "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"n,URI=\",URI=\"@\"",
  "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI=\"@\"",
  "#EXT-X-SESSION-KEY:METHOD=AES-128,URI=\"@\"",
  "#EXT-X-SESSION-DATA:DATA-ID=\"x\",URI=\"@\",LANGUAGE=\"en\"",
  "#EXT-X-KEY:METHOD=AES-128,URI=\"@\",IV=0x00",
  "#EXT-X-MAP:URI=\"@\",BYTERANGE=\"1@0\"",
  "#EXT-X-PART:DURATION=0.3,URI=\"@\",INDEPENDENT=YES",
  "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"@\"",
  "#EXT-X-RENDITION-REPORT:URI=\"@\",LAST-MSN=1",
  "#EXT-X-IMAGE-STREAM-INF:URI=\"@\"",
  "#EXT-X-TILES:URI=\"@\"",
  "#EXT-X-DATERANGE:ID=\"x\",X-ASSET-URI=\"@\"",
  "#EXT-X-VENDOR:X-THING-URI=\"@\",X-OTHER-URL=\"@\"",
  "#EXT-X-VENDOR:X-AD-LIST=\"https://ads.example/@\",X-CODEC-LIST=\"avc1,mp4a\"",
  "#EXT-X-DATERANGE:ID=\"y\",X-ASSET-URI=\"{$host}/@\"",
  "#EXT-X-MAP:URI=\"{$host}/i.mp4?@\"",
  "{$host}/@",
  "#EXT-X-PREFETCH:@",
  "@",
  "#EXTINF:4.0,title",
  "#EXT-X-BYTERANGE:10@0",
  "# comment with http://direct.example/x",
  "",
  "#EXT-X-DISCONTINUITY",
  "#EXT-X-MEDIA-SEQUENCE:9",
};

static const char *const addresses[] = {
  "seg.ts",          "../up/seg.ts",     "/root.ts?a=b&c=d",
  "//cdn.example/x", "http://o/y?z=%20", "https://s.example:8443/",
  "?only=query",     "a,b=c.ts",
};

/* `*n`: addresses put in. */
static GString *
random_playlist (guint *n)
{
  GString *text =
      g_string_new ("#EXTM3U\n#EXT-X-DEFINE:NAME=\"host\",VALUE=\"http://v.example\"\n");
  guint count = (guint)g_test_rand_int_range (0, 30);

  *n = 0;
  for (guint i = 0; i < count; i++) {
    const char *line = lines[g_test_rand_int_range (0, G_N_ELEMENTS (lines))];
    for (const char *p = line; *p; p++) {
      if (*p != '@' || g_ascii_isdigit (p[1])) {
        g_string_append_c (text, *p);
        continue;
      }
      g_string_append (text, addresses[g_test_rand_int_range (0, G_N_ELEMENTS (addresses))]);
      (*n)++;
    }
    g_string_append (text, g_test_rand_bit () ? "\n" : "\r\n");
  }
  return text;
}

static guint
count (const char *text, const char *part)
{
  guint n = 0;

  for (const char *p = strstr (text, part); p; p = strstr (p + 1, part))
    n++;
  return n;
}

/* What is left when every one of our links is taken out. */
static char *
shape (const char *text)
{
  g_autoptr (GRegex) link =
      g_regex_new ("http://us\\.example/strm/proxy\\?u=[A-Za-z0-9%._~-]*", 0, 0, NULL);

  return g_regex_replace_literal (link, text, -1, 0, "@", 0, NULL);
}

static GString *
rewrite_in_pieces (const ForgeHlsRewriteConfig *config, const GString *text)
{
  g_autoptr (ForgeHlsRewrite) rewrite = forge_hls_rewrite_new (config, NULL);
  GString *out = g_string_new (NULL);
  gsize at = 0;

  while (at < text->len) {
    gsize piece = (gsize)g_test_rand_int_range (1, 20), n = MIN (piece, text->len - at);
    g_assert_true (forge_hls_rewrite_push (rewrite, text->str + at, n, out, NULL));
    at += n;
  }
  g_assert_true (forge_hls_rewrite_end (rewrite, out, NULL));
  return out;
}

/* Every address is ours afterwards, nothing else changed, once more changes no shape, and it does
 * not matter how the text is cut. */
static void
test_properties (void)
{
  const ForgeHlsRewriteConfig config = { .base_url = BASE, .map = our_link };

  for (guint i = 0; i < 5000; i++) {
    guint n;
    ForgeHlsRewriteSummary summary;
    g_autoptr (GString) text = random_playlist (&n);
    g_autoptr (GString) out = forge_hls_rewrite_all (&config, text->str, text->len, &summary, NULL);
    g_assert_cmpuint (summary.addresses, ==, n);
    g_assert_cmpuint (count (out->str, "http://us.example/strm/proxy?u="), ==, n);
    g_assert_cmpuint (summary.skipped, ==, 0);
    g_assert_cmpuint (count (out->str, "\n") + 1, ==, count (text->str, "\n")); /* DEFINE */
    g_assert_cmpuint (count (out->str, "\r"), ==, count (text->str, "\r"));
    g_assert_null (strstr (out->str, "{$"));

    g_autoptr (GString) again = forge_hls_rewrite_all (&config, out->str, out->len, NULL, NULL);
    g_autofree char *first = shape (out->str), *second = shape (again->str);
    g_assert_cmpstr (first, ==, second);

    g_autoptr (GString) pieces = rewrite_in_pieces (&config, text);
    g_assert_cmpstr (pieces->str, ==, out->str);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/formats/hls-rewrite/multivariant", test_multivariant);
  g_test_add_func ("/formats/hls-rewrite/media", test_media);
  g_test_add_func ("/formats/hls-rewrite/left-alone-or-out", test_left_alone_or_out);
  g_test_add_func ("/formats/hls-rewrite/variables", test_variables);
  g_test_add_func ("/formats/hls-rewrite/refused", test_refused);
  g_test_add_func ("/formats/hls-rewrite/growing-variables", test_growing_variables);
  g_test_add_func ("/formats/hls-rewrite/summary", test_summary);
  g_test_add_func ("/formats/hls-rewrite/properties", test_properties);
  return g_test_run ();
}

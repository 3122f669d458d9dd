/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "server/forge-gzip.h"

#include <gio/gio.h>

#include <string.h>

/* Guides shrink to a tenth at any level; 5 costs half the time of 9. */
#define LEVEL        5
#define OUTPUT_BYTES 16384

struct _ForgeGzip {
  GConverter *converter;
  ForgeSink sink;
  gpointer sink_data;
  char output[OUTPUT_BYTES];
};

ForgeGzip *
forge_gzip_new (ForgeSink sink, gpointer sink_data)
{
  ForgeGzip *gzip = g_new (ForgeGzip, 1);

  gzip->converter = G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, LEVEL));
  gzip->sink = sink;
  gzip->sink_data = sink_data;
  return gzip;
}

void
forge_gzip_free (ForgeGzip *gzip)
{
  g_object_unref (gzip->converter);
  g_free (gzip);
}

static gboolean
convert (ForgeGzip *gzip,
         const char *data,
         gsize length,
         GConverterFlags flags,
         gboolean *is_finished,
         GError **error)
{
  do {
    gsize taken = 0, made = 0;
    GConverterResult result = g_converter_convert (gzip->converter,
                                                   data,
                                                   length,
                                                   gzip->output,
                                                   sizeof gzip->output,
                                                   flags,
                                                   &taken,
                                                   &made,
                                                   error);
    if (result == G_CONVERTER_ERROR)
      return FALSE;
    data += taken;
    length -= taken;
    if (made && !gzip->sink (gzip->output, made, gzip->sink_data, error))
      return FALSE;
    *is_finished = result == G_CONVERTER_FINISHED;
  } while (length > 0);
  return TRUE;
}

gboolean
forge_gzip_write (const char *data, gsize length, gpointer user_data, GError **error)
{
  gboolean is_finished;

  return length == 0 ||
         convert (user_data, data, length, G_CONVERTER_NO_FLAGS, &is_finished, error);
}

gboolean
forge_gzip_finish (ForgeGzip *gzip, GError **error)
{
  gboolean is_finished = FALSE;

  while (!is_finished)
    if (!convert (gzip, "", 0, G_CONVERTER_INPUT_AT_END, &is_finished, error))
      return FALSE;
  return TRUE;
}

static gboolean
append_output (const char *data, gsize length, gpointer output, GError **error)
{
  g_byte_array_append (output, (const guint8 *)data, (guint)length);
  return TRUE;
}

GBytes *
forge_gzip_bytes (GBytes *bytes)
{
  GByteArray *output = g_byte_array_new ();
  g_autoptr (ForgeGzip) gzip = forge_gzip_new (append_output, output);
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  if (forge_gzip_write (data, length, gzip, NULL) && forge_gzip_finish (gzip, NULL))
    return g_byte_array_free_to_bytes (output);
  g_byte_array_unref (output);
  return NULL;
}

static gboolean
has_positive_weight (char **parameters)
{
  for (; *parameters; parameters++) {
    const char *parameter = g_strstrip (*parameters);
    if (g_ascii_strncasecmp (parameter, "q=", 2) == 0)
      return g_ascii_strtod (parameter + 2, NULL) > 0;
  }
  return TRUE;
}

gboolean
forge_gzip_is_accepted (const char *accept_encoding)
{
  g_auto (GStrv) codings = g_strsplit (accept_encoding ? accept_encoding : "", ",", -1);
  gboolean is_any_accepted = FALSE;

  for (char **coding = codings; *coding; coding++) {
    g_auto (GStrv) parts = g_strsplit (*coding, ";", -1);
    const char *name = parts[0] ? g_strstrip (parts[0]) : "";
    if (g_ascii_strcasecmp (name, "gzip") == 0 || g_ascii_strcasecmp (name, "x-gzip") == 0)
      return has_positive_weight (parts + 1);
    if (strcmp (name, "*") == 0)
      is_any_accepted = has_positive_weight (parts + 1);
  }
  return is_any_accepted;
}

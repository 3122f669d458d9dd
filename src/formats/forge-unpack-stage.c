/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-unpack-stage.h"

#include "base/forge-error.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

#define IN_BYTES (64 * 1024)

/* A zip or tar with more files than this before the guide is no guide. */
#define MAX_ENTRIES 1000

/* Small files may be packed as tightly as they like. */
#define RATIO_FREE_BYTES (16 * 1024 * 1024)

typedef gssize (*StageRead) (ForgeUnpackStage *stage,
                             void *buffer,
                             gsize size,
                             GCancellable *cancellable,
                             GError **error);

struct _ForgeUnpackStage {
  StageRead read;
  ForgeUnpackStage *below;
  const ForgeUnpackStage *bottom; /* of the chain; NULL = no limits */
  guint64 out_bytes, max_out_bytes;
  guint max_ratio;

  guint8 head[FORGE_PACK_MAGIC_BYTES];
  gsize head_length, head_taken;
  gboolean has_peeked;
  GError *pending_error; /* met while peeking; reported after the head was read */

  GInputStream *source;

  GConverter *inflater;
  guint8 *in;
  gsize in_at, in_length;
  gboolean has_ended, is_between_members;

  struct archive *archive;
  ForgePack pack;
  gboolean is_open;
  const guint8 *block; /* what libarchive handed out last */
  gsize block_length;
  GCancellable *cancellable; /* of the read that runs, for the callback */
  GError *below_error;       /* of the link below, met inside libarchive */
};

ForgePack
forge_pack_sniff (const guint8 *head, gsize length)
{
  static const struct {
    ForgePack pack;
    guint8 length;
    guint8 magic[6];
  } magics[] = {
    { FORGE_PACK_GZIP, 3, { 0x1F, 0x8B, 0x08 } },
    { FORGE_PACK_XZ, 6, { 0xFD, '7', 'z', 'X', 'Z', 0 } },
    { FORGE_PACK_ZIP, 4, { 'P', 'K', 3, 4 } },
    { FORGE_PACK_ZIP, 4, { 'P', 'K', 5, 6 } }, /* an empty one */
    { FORGE_PACK_BZIP2, 3, { 'B', 'Z', 'h' } },
    { FORGE_PACK_ZSTD, 4, { 0x28, 0xB5, 0x2F, 0xFD } },
    { FORGE_PACK_LZMA, 3, { 0x5D, 0, 0 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (magics); i++)
    if (length >= magics[i].length && memcmp (head, magics[i].magic, magics[i].length) == 0)
      return magics[i].pack;
  if (length >= FORGE_PACK_MAGIC_BYTES && memcmp (head + 257, "ustar", 5) == 0)
    return FORGE_PACK_TAR;
  return FORGE_PACK_NONE;
}

const char *
forge_pack_name (ForgePack pack)
{
  static const char *const names[] = {
    "plain", "gzip", "xz", "lzma", "bzip2", "zstd", "zip", "tar"
  };

  return names[pack];
}

static gssize
read_source (ForgeUnpackStage *stage,
             void *buffer,
             gsize size,
             GCancellable *cancellable,
             GError **error)
{
  return g_input_stream_read (stage->source, buffer, size, cancellable, error);
}

ForgeUnpackStage *
forge_unpack_stage_new_source (GInputStream *source)
{
  ForgeUnpackStage *stage = g_new0 (ForgeUnpackStage, 1);

  stage->read = read_source;
  stage->source = g_object_ref (source);
  return stage;
}

/* Makes sure that something is left to inflate. FALSE at the end (no error) and on error. */
static gboolean
fill_in (ForgeUnpackStage *stage, gsize wanted, GCancellable *cancellable, GError **error)
{
  while (stage->in_length - stage->in_at < wanted) {
    memmove (stage->in, stage->in + stage->in_at, stage->in_length - stage->in_at);
    stage->in_length -= stage->in_at;
    stage->in_at = 0;
    gssize n = forge_unpack_stage_read (stage->below,
                                        stage->in + stage->in_length,
                                        IN_BYTES - stage->in_length,
                                        cancellable,
                                        error);
    if (n <= 0)
      return FALSE;
    stage->in_length += (gsize)n;
  }
  return TRUE;
}

/* Several gzip members may follow each other (cat a.gz b.gz); anything else behind one is padding.
 */
static gboolean
begin_member (ForgeUnpackStage *stage, GCancellable *cancellable, GError **error)
{
  if (!fill_in (stage, 3, cancellable, error) ||
      forge_pack_sniff (stage->in + stage->in_at, 3) != FORGE_PACK_GZIP)
    return FALSE;
  g_converter_reset (stage->inflater);
  stage->is_between_members = FALSE;
  return TRUE;
}

static void
set_damaged (GError **error, ForgePack pack, gboolean is_truncated, const char *detail)
{
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               is_truncated ? "the %s data ends early%s%s" : "the %s data is damaged%s%s",
               forge_pack_name (pack),
               detail ? ": " : "",
               detail ? detail : "");
}

/* Inflates once. Returns the bytes made, 0 if it made none, −1 on error. */
static gssize
inflate_some (ForgeUnpackStage *stage, void *buffer, gsize size, GError **error)
{
  gsize bytes_read = 0, bytes_written = 0;
  g_autoptr (GError) problem = NULL;
  GConverterResult result = g_converter_convert (stage->inflater,
                                                 stage->in + stage->in_at,
                                                 stage->in_length - stage->in_at,
                                                 buffer,
                                                 size,
                                                 G_CONVERTER_NO_FLAGS,
                                                 &bytes_read,
                                                 &bytes_written,
                                                 &problem);

  if (result == G_CONVERTER_ERROR) {
    if (!g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT)) {
      set_damaged (error, FORGE_PACK_GZIP, FALSE, NULL);
      return -1;
    }
    stage->in_at = stage->in_length;
    return 0;
  }
  stage->in_at += bytes_read;
  stage->is_between_members = result == G_CONVERTER_FINISHED;
  return (gssize)bytes_written;
}

static gssize
read_gzip (ForgeUnpackStage *stage,
           void *buffer,
           gsize size,
           GCancellable *cancellable,
           GError **error)
{
  g_autoptr (GError) problem = NULL;

  while (!stage->has_ended) {
    if (stage->is_between_members ? !begin_member (stage, cancellable, &problem)
                                  : !fill_in (stage, 1, cancellable, &problem)) {
      stage->has_ended = TRUE;
      if (problem)
        g_propagate_error (error, g_steal_pointer (&problem));
      else if (stage->is_between_members)
        return 0;
      else
        set_damaged (error, FORGE_PACK_GZIP, TRUE, NULL);
      return -1;
    }
    gssize n = inflate_some (stage, buffer, size, error);
    stage->has_ended = n < 0;
    if (n != 0)
      return n;
  }
  return 0;
}

ForgeUnpackStage *
forge_unpack_stage_new_gzip (ForgeUnpackStage *below)
{
  ForgeUnpackStage *stage = g_new0 (ForgeUnpackStage, 1);

  stage->read = read_gzip;
  stage->below = below;
  stage->inflater = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
  stage->in = g_malloc (IN_BYTES);
  return stage;
}

static la_ssize_t
on_archive_wants (struct archive *archive, void *user_data, const void **buffer)
{
  ForgeUnpackStage *stage = user_data;
  gssize n = forge_unpack_stage_read (stage->below,
                                      stage->in,
                                      IN_BYTES,
                                      stage->cancellable,
                                      &stage->below_error);

  *buffer = stage->in;
  if (n < 0)
    archive_set_error (archive, EIO, "input failed");
  return n;
}

static gboolean
fail (ForgeUnpackStage *stage, GError **error)
{
  const char *detail = archive_error_string (stage->archive);

  if (stage->below_error)
    g_propagate_error (error, g_steal_pointer (&stage->below_error));
  else
    set_damaged (error,
                 stage->pack,
                 detail && (strcasestr (detail, "truncated") || strcasestr (detail, "end of file")),
                 detail);
  return FALSE;
}

/* Takes the next non-empty block of the open entry. FALSE at its end (no error) and on error. */
static gboolean
next_block (ForgeUnpackStage *stage, GError **error)
{
  const void *block = NULL;
  size_t length = 0;
  la_int64_t offset = 0;
  int result;

  do
    result = archive_read_data_block (stage->archive, &block, &length, &offset);
  while (result == ARCHIVE_RETRY ||
         (result >= ARCHIVE_WARN && result != ARCHIVE_EOF && length == 0));
  if (result == ARCHIVE_EOF)
    return FALSE;
  if (result < ARCHIVE_WARN)
    return fail (stage, error);
  stage->block = block;
  stage->block_length = length;
  return TRUE;
}

static gboolean
has_guide_name (const char *name)
{
  static const char *const endings[] = { ".xml", ".xmltv" };

  for (guint i = 0; name && i < G_N_ELEMENTS (endings); i++) {
    gsize ending = strlen (endings[i]);
    gsize length = strlen (name);
    if (length >= ending && g_ascii_strcasecmp (name + length - ending, endings[i]) == 0)
      return TRUE;
  }
  return FALSE;
}

/* Whether the first block of an entry could be a guide or a list: markup, a playlist, JSON, UTF-16
 * or another layer of packing. An archive that streams by cannot be searched twice for the biggest
 * file, so the first one that looks right is taken. */
static gboolean
looks_like_document (const guint8 *data, gsize length)
{
  gsize at = length >= 3 && memcmp (data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;

  if (forge_pack_sniff (data, length) != FORGE_PACK_NONE)
    return TRUE;
  if (length >= 2 && (memcmp (data, "\xFF\xFE", 2) == 0 || memcmp (data, "\xFE\xFF", 2) == 0))
    return TRUE;
  while (at < length && g_ascii_isspace (data[at]))
    at++;
  return at < length && strchr ("<#[{", data[at]) && data[at] != '\0';
}

static gboolean
is_wanted (ForgeUnpackStage *stage, struct archive_entry *entry)
{
  if (stage->pack != FORGE_PACK_ZIP && stage->pack != FORGE_PACK_TAR)
    return TRUE;
  return has_guide_name (archive_entry_pathname (entry)) ||
         looks_like_document (stage->block, stage->block_length);
}

/* Goes to the entry that is wanted, its first block in `block`. FALSE at the end (no error). */
static gboolean
find_entry (ForgeUnpackStage *stage, GError **error)
{
  gboolean is_single = stage->pack != FORGE_PACK_ZIP && stage->pack != FORGE_PACK_TAR;
  struct archive_entry *entry = NULL;
  guint n = 0;

  for (; n < MAX_ENTRIES; n++) {
    int result = archive_read_next_header (stage->archive, &entry);
    if (result == ARCHIVE_EOF)
      break;
    if (result < ARCHIVE_WARN)
      return fail (stage, error);
    if (!is_single && archive_entry_filetype (entry) != AE_IFREG)
      continue;
    g_autoptr (GError) problem = NULL;
    if (next_block (stage, &problem)) {
      if (is_wanted (stage, entry))
        return TRUE;
      stage->block_length = 0;
    } else if (problem) {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  }
  if (!is_single)
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "none of the %u files in the %s archive is a guide",
                 n,
                 forge_pack_name (stage->pack));
  return FALSE;
}

static void
allow_only (struct archive *archive, ForgePack pack)
{
  if (pack == FORGE_PACK_XZ)
    archive_read_support_filter_xz (archive);
  else if (pack == FORGE_PACK_LZMA)
    archive_read_support_filter_lzma (archive);
  else if (pack == FORGE_PACK_BZIP2)
    archive_read_support_filter_bzip2 (archive);
  else if (pack == FORGE_PACK_ZSTD)
    archive_read_support_filter_zstd (archive);

  if (pack == FORGE_PACK_ZIP) {
    archive_read_support_format_zip_streamable (archive);
  } else if (pack == FORGE_PACK_TAR) {
    archive_read_support_format_tar (archive);
  } else {
    archive_read_support_format_raw (archive);
    archive_read_support_format_empty (archive);
  }
}

static gboolean
open_archive (ForgeUnpackStage *stage, GError **error)
{
  stage->is_open = TRUE;
  allow_only (stage->archive, stage->pack);
  if (archive_read_open (stage->archive, stage, NULL, on_archive_wants, NULL) != ARCHIVE_OK)
    return fail (stage, error);
  return find_entry (stage, error);
}

static gssize
read_archive (ForgeUnpackStage *stage,
              void *buffer,
              gsize size,
              GCancellable *cancellable,
              GError **error)
{
  g_autoptr (GError) problem = NULL;

  if (stage->has_ended)
    return 0;
  stage->cancellable = cancellable;
  if (!stage->is_open)
    stage->has_ended = !open_archive (stage, &problem);
  else if (stage->block_length == 0)
    stage->has_ended = !next_block (stage, &problem);
  stage->cancellable = NULL;
  if (problem) {
    g_propagate_error (error, g_steal_pointer (&problem));
    return -1;
  }
  if (stage->has_ended)
    return 0;

  gsize n = MIN (size, stage->block_length);
  memcpy (buffer, stage->block, n);
  stage->block += n;
  stage->block_length -= n;
  return (gssize)n;
}

ForgeUnpackStage *
forge_unpack_stage_new_archive (ForgeUnpackStage *below, ForgePack pack)
{
  ForgeUnpackStage *stage = g_new0 (ForgeUnpackStage, 1);

  stage->read = read_archive;
  stage->below = below;
  stage->pack = pack;
  stage->archive = archive_read_new ();
  stage->in = g_malloc (IN_BYTES);
  return stage;
}

void
forge_unpack_stage_free (ForgeUnpackStage *stage)
{
  g_clear_pointer (&stage->archive, archive_read_free);
  g_clear_object (&stage->inflater);
  g_clear_object (&stage->source);
  g_clear_error (&stage->pending_error);
  g_clear_error (&stage->below_error);
  g_free (stage->in);
  g_free (stage);
}

const guint8 *
forge_unpack_stage_peek (ForgeUnpackStage *stage, GCancellable *cancellable, gsize *length)
{
  while (!stage->has_peeked && stage->head_length < sizeof stage->head) {
    gssize n = stage->read (stage,
                            stage->head + stage->head_length,
                            sizeof stage->head - stage->head_length,
                            cancellable,
                            &stage->pending_error);
    if (n <= 0)
      break;
    stage->head_length += (gsize)n;
  }
  stage->has_peeked = TRUE;
  *length = stage->head_length;
  return stage->head;
}

static gssize
take_head (ForgeUnpackStage *stage, void *buffer, gsize size)
{
  gsize n = MIN (size, stage->head_length - stage->head_taken);

  memcpy (buffer, stage->head + stage->head_taken, n);
  stage->head_taken += n;
  return (gssize)n;
}

void
forge_unpack_stage_limit (ForgeUnpackStage *stage,
                          const ForgeUnpackStage *bottom,
                          guint64 max_out_bytes,
                          guint max_ratio)
{
  stage->bottom = bottom;
  stage->max_out_bytes = max_out_bytes;
  stage->max_ratio = max_ratio;
}

static gboolean
is_within_limits (const ForgeUnpackStage *stage, GError **error)
{
  if (!stage->bottom)
    return TRUE;
  if (stage->out_bytes > stage->max_out_bytes) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_TOO_LARGE,
                 "it is larger than %" G_GUINT64_FORMAT " bytes",
                 stage->max_out_bytes);
    return FALSE;
  }
  if (stage->bottom == stage || stage->out_bytes <= RATIO_FREE_BYTES ||
      stage->out_bytes / stage->max_ratio <= stage->bottom->out_bytes)
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_TOO_LARGE,
               "it unpacks to more than %u times its size",
               stage->max_ratio);
  return FALSE;
}

gssize
forge_unpack_stage_read (ForgeUnpackStage *stage,
                         void *buffer,
                         gsize size,
                         GCancellable *cancellable,
                         GError **error)
{
  gssize n;

  if (stage->head_taken < stage->head_length) {
    n = take_head (stage, buffer, size);
  } else if (stage->pending_error) {
    g_propagate_error (error, g_steal_pointer (&stage->pending_error));
    return -1;
  } else {
    n = stage->read (stage, buffer, size, cancellable, error);
  }
  if (n > 0)
    stage->out_bytes += (guint64)n;
  return n > 0 && !is_within_limits (stage, error) ? -1 : n;
}

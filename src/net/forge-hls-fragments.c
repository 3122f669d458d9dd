/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/forge-hls-fragments.h"

#include <gnutls/crypto.h>
#include <string.h>

#define BLOCK_BYTES FORGE_HLS_KEY_BYTES

#define TYPE(a, b, c, d) \
  ((guint32)(a) << 24 | (guint32)(b) << 16 | (guint32)(c) << 8 | (guint32)(d))

/* Before the boxes of a sample entry, behind its header. */
#define VISUAL_ENTRY_BYTES  78u
#define AUDIO_ENTRY_BYTES   28u
#define ENTRY_LIST_AT       8u /* in stsd: version, flags, count */
#define TENC_IV_AT          24u
#define FULL_BOX_BYTES      4u /* version and flags */
#define SUBSAMPLE_BYTES     6u
#define SENC_HAS_SUBSAMPLES 0x2u

/* tfhd, trun: which optional fields are there */
#define TFHD_BASE        0x1u
#define TFHD_DESCRIPTION 0x2u
#define TFHD_DURATION    0x8u
#define TFHD_SIZE        0x10u
#define TRUN_OFFSET      0x1u
#define TRUN_FIRST_FLAGS 0x4u
#define TRUN_DURATION    0x100u
#define TRUN_SIZE        0x200u
#define TRUN_FLAGS       0x400u
#define TRUN_COMPOSITION 0x800u

/* A piece of a file that is read from its front; once it was too short, all that is read is 0. */
typedef struct {
  guint8 *at;
  gsize left;
  gboolean is_broken;
} Span;

typedef struct {
  guint32 type;
  guint8 *type_at;
  Span body;
} Box;

static guint8 *
take (Span *span, gsize bytes)
{
  if (span->left < bytes) {
    span->is_broken = TRUE;
    span->left = 0;
    return NULL;
  }
  guint8 *at = span->at;
  span->at += bytes;
  span->left -= bytes;
  return at;
}

static guint64
take_number (Span *span, guint bytes)
{
  const guint8 *at = take (span, bytes);
  guint64 number = 0;

  for (guint i = 0; at && i < bytes; i++)
    number = number << 8 | at[i];
  return number;
}

/* FALSE at the end, or where a box is longer than what it is in. */
static gboolean
next_box (Span *in, Box *box)
{
  Span rest = *in;
  guint64 size = take_number (&rest, 4);
  guint head = 8;

  box->type_at = take (&rest, 4);
  if (!box->type_at)
    return FALSE;
  box->type = TYPE (box->type_at[0], box->type_at[1], box->type_at[2], box->type_at[3]);
  if (size == 1) {
    size = take_number (&rest, 8);
    head = 16;
  } else if (size == 0) {
    size = in->left; /* up to the end */
  }
  if (rest.is_broken || size < head || size > in->left)
    return FALSE;
  box->body = (Span){ .at = in->at + head, .left = (gsize)size - head };
  in->at += size;
  in->left -= (gsize)size;
  return TRUE;
}

static gboolean
find_box (Span in, guint32 type, Box *box)
{
  while (next_box (&in, box))
    if (box->type == type)
      return TRUE;
  return FALSE;
}

/* Goes down a path of boxes, each the first of its type. */
static gboolean
find_path (Span in, const guint32 *path, guint n, Box *box)
{
  for (guint i = 0; i < n; i++) {
    if (!find_box (in, path[i], box))
      return FALSE;
    in = box->body;
  }
  return TRUE;
}

static void
free_box (const Box *box)
{
  memcpy (box->type_at, "free", 4);
}

/* ---- initialisation ---- */

static gboolean
read_tenc (ForgeHlsFragmentsTrack *track, Span tenc)
{
  guint version = (guint)take_number (&tenc, 1);

  take (&tenc, 4); /* flags, reserved */
  guint pattern = (guint)take_number (&tenc, 1);
  gboolean is_protected = take_number (&tenc, 1) == 1;
  track->iv_bytes = (guint)take_number (&tenc, 1);
  take (&tenc, 16); /* key id: the playlist has said which */
  track->crypt_blocks = version > 0 ? pattern >> 4 : 0;
  track->skip_blocks = version > 0 ? pattern & 0x0Fu : 0;
  if (track->iv_bytes == 0 && is_protected) {
    gsize bytes = (gsize)take_number (&tenc, 1);
    const guint8 *iv = bytes <= BLOCK_BYTES ? take (&tenc, bytes) : NULL;
    if (!iv)
      return FALSE;
    memcpy (track->iv, iv, bytes);
  }
  return is_protected && !tenc.is_broken && track->iv_bytes <= BLOCK_BYTES;
}

/* One entry of the table of sample descriptions. FALSE: encrypted, but not so that we can read it.
 */
static gboolean
open_entry (ForgeHlsFragmentsTrack *track, const Box *entry)
{
  static const guint32 to_tenc[] = { TYPE ('s', 'c', 'h', 'i'), TYPE ('t', 'e', 'n', 'c') };
  gboolean is_video = entry->type == TYPE ('e', 'n', 'c', 'v');
  Span boxes = entry->body;
  Box sinf, frma, schm, tenc;

  if (!is_video && entry->type != TYPE ('e', 'n', 'c', 'a'))
    return TRUE;
  take (&boxes, is_video ? VISUAL_ENTRY_BYTES : AUDIO_ENTRY_BYTES);
  if (!find_box (boxes, TYPE ('s', 'i', 'n', 'f'), &sinf) ||
      !find_box (sinf.body, TYPE ('f', 'r', 'm', 'a'), &frma) || frma.body.left < 4 ||
      !find_box (sinf.body, TYPE ('s', 'c', 'h', 'm'), &schm) ||
      schm.body.left < FULL_BOX_BYTES + 4 ||
      memcmp (schm.body.at + FULL_BOX_BYTES, "cbcs", 4) != 0 ||
      !find_path (sinf.body, to_tenc, G_N_ELEMENTS (to_tenc), &tenc) ||
      !read_tenc (track, tenc.body))
    return FALSE;
  track->is_encrypted = TRUE;
  memcpy (entry->type_at, frma.body.at, 4);
  free_box (&sinf);
  return TRUE;
}

static guint32
read_track_id (Span tkhd)
{
  guint version = (guint)take_number (&tkhd, 1);

  take (&tkhd, 3 + (version == 1 ? 16 : 8)); /* flags, times */
  return (guint32)take_number (&tkhd, 4);
}

static gboolean
open_track (ForgeHlsFragments *fragments, Span trak)
{
  static const guint32 to_stsd[] = { TYPE ('m', 'd', 'i', 'a'),
                                     TYPE ('m', 'i', 'n', 'f'),
                                     TYPE ('s', 't', 'b', 'l'),
                                     TYPE ('s', 't', 's', 'd') };
  Box tkhd, stsd, entry;

  if (fragments->n_tracks == FORGE_HLS_MAX_TRACKS ||
      !find_box (trak, TYPE ('t', 'k', 'h', 'd'), &tkhd) ||
      !find_path (trak, to_stsd, G_N_ELEMENTS (to_stsd), &stsd))
    return FALSE;
  ForgeHlsFragmentsTrack *track = &fragments->tracks[fragments->n_tracks++];
  *track = (ForgeHlsFragmentsTrack){ .id = read_track_id (tkhd.body) };
  take (&stsd.body, ENTRY_LIST_AT);
  while (next_box (&stsd.body, &entry))
    if (!open_entry (track, &entry))
      return FALSE;
  return TRUE;
}

static ForgeHlsFragmentsTrack *
find_track (ForgeHlsFragments *fragments, guint32 id)
{
  for (guint i = 0; i < fragments->n_tracks; i++)
    if (fragments->tracks[i].id == id)
      return &fragments->tracks[i];
  return NULL;
}

static void
read_trex (ForgeHlsFragments *fragments, Span trex)
{
  take (&trex, FULL_BOX_BYTES);
  ForgeHlsFragmentsTrack *track = find_track (fragments, (guint32)take_number (&trex, 4));
  take (&trex, 8); /* description, duration */
  if (track)
    track->sample_bytes = (guint32)take_number (&trex, 4);
}

static gboolean
has_encrypted (const ForgeHlsFragments *fragments)
{
  for (guint i = 0; i < fragments->n_tracks; i++)
    if (fragments->tracks[i].is_encrypted)
      return TRUE;
  return FALSE;
}

gboolean
forge_hls_fragments_open (ForgeHlsFragments *fragments, guint8 *init, gsize length)
{
  Box moov, box, trex;

  *fragments = (ForgeHlsFragments){ 0 };
  if (!find_box ((Span){ .at = init, .left = length }, TYPE ('m', 'o', 'o', 'v'), &moov))
    return FALSE;
  for (Span at = moov.body; next_box (&at, &box);) {
    if (box.type == TYPE ('t', 'r', 'a', 'k') && !open_track (fragments, box.body))
      return FALSE;
    if (box.type == TYPE ('p', 's', 's', 'h'))
      free_box (&box);
  }
  if (find_box (moov.body, TYPE ('m', 'v', 'e', 'x'), &box))
    while (next_box (&box.body, &trex))
      if (trex.type == TYPE ('t', 'r', 'e', 'x'))
        read_trex (fragments, trex.body);
  return has_encrypted (fragments);
}

/* ---- samples ---- */

/* A track's part of one fragment. */
typedef struct {
  const ForgeHlsFragmentsTrack *track;
  gnutls_cipher_hd_t cipher;
  Span segment;
  gsize moof_at;
  guint32 sample_bytes;
  gboolean has_senc, has_subsamples;
  Span senc; /* from the first sample on */
} Run;

/* A range whose IV begins anew: blocks as the pattern says; what is no whole block is in the clear.
 */
static void
decrypt_range (const Run *run, guint8 *data, gsize length)
{
  guint8 iv[BLOCK_BYTES];
  const ForgeHlsFragmentsTrack *track = run->track;
  gsize skip = track->skip_blocks * BLOCK_BYTES, crypt = track->crypt_blocks * BLOCK_BYTES;

  memcpy (iv, track->iv, sizeof iv);
  gnutls_cipher_set_iv (run->cipher, iv, sizeof iv);
  if (skip == 0 || crypt == 0)
    crypt = length;
  while (length >= BLOCK_BYTES) {
    gsize part = MIN (crypt, length - length % BLOCK_BYTES);
    gnutls_cipher_decrypt (run->cipher, data, part);
    gsize step = MIN (part + skip, length);
    data += step;
    length -= step;
  }
}

static gboolean
decrypt_parts (Run *run, guint8 *data, gsize length)
{
  guint n = (guint)take_number (&run->senc, 2);

  for (guint i = 0; i < n && !run->senc.is_broken; i++) {
    gsize clear = (gsize)take_number (&run->senc, 2);
    gsize encrypted = (gsize)take_number (&run->senc, 4);
    if (clear > length || encrypted > length - clear)
      return FALSE;
    decrypt_range (run, data + clear, encrypted);
    data += clear + encrypted;
    length -= clear + encrypted;
  }
  return !run->senc.is_broken;
}

static gboolean
decrypt_sample (Run *run, guint8 *data, gsize length)
{
  ForgeHlsFragmentsTrack own = *run->track;
  Run with_own = *run;

  if (own.iv_bytes > 0) {
    const guint8 *iv = take (&run->senc, own.iv_bytes);
    if (!iv)
      return FALSE;
    memset (own.iv, 0, sizeof own.iv);
    memcpy (own.iv, iv, own.iv_bytes);
  }
  with_own.track = &own;
  with_own.senc = run->senc;
  gboolean is_done = TRUE;
  if (run->has_subsamples)
    is_done = decrypt_parts (&with_own, data, length);
  else
    decrypt_range (&with_own, data, length);
  run->senc = with_own.senc;
  return is_done;
}

/* The samples of one trun; `*data_at` is where they begin, and then where they end. */
static gboolean
decrypt_trun (Run *run, Span trun, gsize *data_at)
{
  guint flags = (guint)(take_number (&trun, 4) & 0xFFFFFFu);
  guint32 n = (guint32)take_number (&trun, 4);

  if (flags & TRUN_OFFSET)
    *data_at = run->moof_at + (gsize)(gint32)take_number (&trun, 4);
  if (flags & TRUN_FIRST_FLAGS)
    take (&trun, 4);
  for (guint32 i = 0; i < n; i++) {
    take (&trun, flags & TRUN_DURATION ? 4 : 0);
    gsize bytes = flags & TRUN_SIZE ? (gsize)take_number (&trun, 4) : run->sample_bytes;
    take (&trun, (flags & TRUN_FLAGS ? 4u : 0u) + (flags & TRUN_COMPOSITION ? 4u : 0u));
    if (trun.is_broken || bytes == 0 || *data_at > run->segment.left ||
        bytes > run->segment.left - *data_at ||
        !decrypt_sample (run, run->segment.at + *data_at, bytes))
      return FALSE;
    *data_at += bytes;
  }
  return !trun.is_broken;
}

/* ---- fragments ---- */

static gboolean
read_tfhd (const ForgeHlsFragments *fragments, Run *run, Span tfhd)
{
  guint flags = (guint)(take_number (&tfhd, 4) & 0xFFFFFFu);

  run->track = find_track ((ForgeHlsFragments *)fragments, (guint32)take_number (&tfhd, 4));
  /* Offsets in a file that we do not have. */
  if (!run->track || (flags & TFHD_BASE))
    return FALSE;
  take (&tfhd, (flags & TFHD_DESCRIPTION ? 4u : 0u) + (flags & TFHD_DURATION ? 4u : 0u));
  run->sample_bytes = flags & TFHD_SIZE ? (guint32)take_number (&tfhd, 4)
                                        : run->track->sample_bytes;
  return !tfhd.is_broken;
}

static void
read_senc (Run *run, Box *senc)
{
  guint flags = (guint)(take_number (&senc->body, 4) & 0xFFFFFFu);

  take (&senc->body, 4); /* how many: trun says it, too */
  run->has_senc = TRUE;
  run->has_subsamples = (flags & SENC_HAS_SUBSAMPLES) != 0;
  run->senc = senc->body;
  free_box (senc);
}

static gboolean
decrypt_traf (const ForgeHlsFragments *fragments, Run *run, Span traf)
{
  gsize data_at = run->moof_at;
  Box box;

  if (!find_box (traf, TYPE ('t', 'f', 'h', 'd'), &box) || !read_tfhd (fragments, run, box.body))
    return FALSE;
  if (!run->track->is_encrypted)
    return TRUE;
  run->has_senc = run->has_subsamples = FALSE;
  if (find_box (traf, TYPE ('s', 'e', 'n', 'c'), &box))
    read_senc (run, &box);
  if (run->track->iv_bytes > 0 && !run->has_senc)
    return FALSE;
  while (next_box (&traf, &box)) {
    if (box.type == TYPE ('s', 'a', 'i', 'z') || box.type == TYPE ('s', 'a', 'i', 'o'))
      free_box (&box);
    if (box.type == TYPE ('t', 'r', 'u', 'n') && !decrypt_trun (run, box.body, &data_at))
      return FALSE;
  }
  return TRUE;
}

static gboolean
decrypt_segment (const ForgeHlsFragments *fragments, Run *run)
{
  Span rest = run->segment;
  Box moof, traf;
  guint n = 0;

  while (rest.left > 0) {
    run->moof_at = (gsize)(rest.at - run->segment.at);
    if (!next_box (&rest, &moof))
      return FALSE;
    if (moof.type != TYPE ('m', 'o', 'o', 'f'))
      continue;
    n++;
    while (next_box (&moof.body, &traf))
      if (traf.type == TYPE ('t', 'r', 'a', 'f') && !decrypt_traf (fragments, run, traf.body))
        return FALSE;
  }
  return n > 0;
}

gboolean
forge_hls_fragments_decrypt (const ForgeHlsFragments *fragments,
                             const guint8 key[FORGE_HLS_KEY_BYTES],
                             guint8 *data,
                             gsize length)
{
  guint8 key_copy[FORGE_HLS_KEY_BYTES], iv[FORGE_HLS_KEY_BYTES] = { 0 };
  const gnutls_datum_t key_datum = { key_copy, sizeof key_copy }, iv_datum = { iv, sizeof iv };
  Run run = { .segment = { .at = data, .left = length } };

  memcpy (key_copy, key, sizeof key_copy);
  if (gnutls_cipher_init (&run.cipher, GNUTLS_CIPHER_AES_128_CBC, &key_datum, &iv_datum) < 0)
    return FALSE;
  gboolean is_done = decrypt_segment (fragments, &run);
  gnutls_cipher_deinit (run.cipher);
  return is_done;
}

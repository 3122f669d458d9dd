/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cbcs.h"

#include <gnutls/crypto.h>
#include <string.h>

#define SLICE_LEAD_BYTES 36 /* in the clear: its length, its header */

typedef struct {
  const guint8 *key, *iv;
  GByteArray *out;
  gsize trun_at[2]; /* in `out`, of the fragment at hand */
  guint n_truns;
} Work;

static guint32
read_32 (const guint8 *at)
{
  guint32 value;

  memcpy (&value, at, 4);
  return GUINT32_FROM_BE (value);
}

static void
write_32 (guint8 *at, guint32 value)
{
  value = GUINT32_TO_BE (value);
  memcpy (at, &value, 4);
}

static void
put (Work *work, const void *data, gsize length)
{
  g_byte_array_append (work->out, data, (guint)length);
}

static void
put_number (Work *work, guint32 value, guint bytes)
{
  guint8 all[4];

  write_32 (all, value);
  put (work, all + 4 - bytes, bytes);
}

static gsize
begin_box (Work *work, const char *type)
{
  gsize at = work->out->len;

  put_number (work, 0, 4);
  put (work, type, 4);
  return at;
}

static void
end_box (Work *work, gsize at)
{
  write_32 (work->out->data + at, (guint32)(work->out->len - at));
}

/* ---- initialisation ---- */

static void
put_sinf (Work *work, const char *original, gboolean is_video)
{
  gsize sinf = begin_box (work, "sinf"), box = begin_box (work, "frma");

  put (work, original, 4);
  end_box (work, box);
  box = begin_box (work, "schm");
  put (work, "\0\0\0\0cbcs\0\1\0\0", 12);
  end_box (work, box);
  gsize schi = begin_box (work, "schi");
  box = begin_box (work, "tenc");
  put_number (work, 1 << 24, 4); /* version 1 */
  put_number (work,
              is_video ? 0x190100 : 0x000100,
              4); /* pattern, protected, no IVs of their own */
  put (work, "the key's own id", 16);
  put_number (work, 16, 1);
  put (work, work->iv, 16);
  end_box (work, box);
  end_box (work, schi);
  end_box (work, sinf);
}

static void
put_entry (Work *work, const guint8 *entry)
{
  gboolean is_video = memcmp (entry + 4, "avc1", 4) == 0;
  gsize at = begin_box (work, is_video ? "encv" : "enca");

  put (work, entry + 8, read_32 (entry) - 8);
  put_sinf (work, is_video ? "avc1" : "mp4a", is_video);
  end_box (work, at);
}

/* ---- samples ---- */

static void
encrypt (const Work *work, guint8 *data, gsize length, gsize step)
{
  guint8 key[16], iv[16];
  const gnutls_datum_t key_datum = { key, 16 }, iv_datum = { iv, 16 };
  gnutls_cipher_hd_t cipher;

  memcpy (key, work->key, 16);
  memcpy (iv, work->iv, 16);
  g_assert_cmpint (gnutls_cipher_init (&cipher, GNUTLS_CIPHER_AES_128_CBC, &key_datum, &iv_datum),
                   ==,
                   0);
  for (gsize at = 0; at + 16 <= length; at += step)
    gnutls_cipher_encrypt (cipher, data + at, 16);
  gnutls_cipher_deinit (cipher);
}

static void
put_range (Work *work, gsize clear, gsize encrypted, guint *n)
{
  put_number (work, (guint32)clear, 2);
  put_number (work, (guint32)encrypted, 4);
  ++*n;
}

/* Encrypts one picture and writes down where. */
static void
encrypt_picture (Work *work, guint8 *sample, gsize length)
{
  gsize count_at = work->out->len, clear = 0;
  guint n = 0;

  put_number (work, 0, 2);
  for (gsize at = 0; at < length;) {
    gsize nal = 4 + read_32 (sample + at);
    guint type = sample[at + 4] & 0x1F;
    if ((type == 1 || type == 5) && nal > SLICE_LEAD_BYTES) {
      encrypt (work, sample + at + SLICE_LEAD_BYTES, nal - SLICE_LEAD_BYTES, 160);
      put_range (work, clear + SLICE_LEAD_BYTES, nal - SLICE_LEAD_BYTES, &n);
      clear = 0;
    } else {
      clear += nal;
    }
    at += nal;
  }
  if (clear > 0)
    put_range (work, clear, 0, &n);
  work->out->data[count_at + 1] = (guint8)n;
}

/* As ffmpeg writes them: `base` is the fragment's moof. Sound, all of which is encrypted, needs no
 * table. */
static void
encrypt_samples (Work *work, const guint8 *tfhd, const guint8 *trun, guint8 *base)
{
  gboolean is_video = work->n_truns == 1;
  guint32 head = read_32 (tfhd + 8) & 0xFFFFFF, flags = read_32 (trun + 8) & 0xFFFFFF;
  guint32 same = head & 0x10 ? read_32 (tfhd + 16 + (head & 0x8 ? 4 : 0)) : 0;
  const guint8 *at = trun + 20 + (flags & 0x4 ? 4 : 0);
  guint8 *sample = base + read_32 (trun + 16);
  gsize senc = is_video ? begin_box (work, "senc") : 0;

  if (is_video) {
    put_number (work, 2, 4); /* with ranges */
    put (work, trun + 12, 4);
  }
  for (guint32 n = read_32 (trun + 12); n > 0; n--) {
    at += flags & 0x100 ? 4 : 0;
    gsize bytes = flags & 0x200 ? read_32 (at) : same;
    at += (flags & 0x200 ? 4 : 0) + (flags & 0x400 ? 4 : 0) + (flags & 0x800 ? 4 : 0);
    if (is_video)
      encrypt_picture (work, sample, bytes);
    else
      encrypt (work, sample, bytes, 16);
    sample += bytes;
  }
  if (is_video)
    end_box (work, senc);
}

/* ---- boxes ---- */

static gboolean
is_container (const guint8 *type)
{
  static const char *const types[] = { "moov", "trak", "mdia", "minf", "stbl", "moof", "traf" };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (memcmp (type, types[i], 4) == 0)
      return TRUE;
  return FALSE;
}

/* Writes the boxes of a range anew; samples are encrypted where they lie, behind it. */
static void
put_boxes (Work *work, guint8 *data, gsize length, guint8 *moof)
{
  const guint8 *tfhd = NULL, *trun = NULL;

  for (gsize at = 0; at + 8 <= length; at += read_32 (data + at)) {
    guint8 *box = data + at, *type = box + 4;
    gsize bytes = read_32 (box), begun = work->out->len;
    if (memcmp (type, "moof", 4) == 0) {
      moof = box;
      work->n_truns = 0;
    }
    if (is_container (type)) {
      begin_box (work, (const char *)type);
      put_boxes (work, box + 8, bytes - 8, moof);
      end_box (work, begun);
    } else if (memcmp (type, "stsd", 4) == 0) {
      begin_box (work, "stsd");
      put (work, box + 8, 8);
      put_entry (work, box + 16);
      end_box (work, begun);
    } else if (memcmp (type, "mfra", 4) != 0) { /* an index of places that are others now */
      put (work, box, bytes);
    }
    if (memcmp (type, "tfhd", 4) == 0)
      tfhd = box;
    if (memcmp (type, "trun", 4) == 0) {
      trun = box;
      work->trun_at[work->n_truns++] = begun;
    }
    for (guint i = 0; memcmp (type, "moof", 4) == 0 && i < work->n_truns; i++) {
      guint8 *offset = work->out->data + work->trun_at[i] + 16;
      write_32 (offset, read_32 (offset) + (guint32)(work->out->len - begun - bytes));
    }
  }
  if (tfhd && trun)
    encrypt_samples (work, tfhd, trun, moof);
}

GByteArray *
cbcs_encrypt (const guint8 *file, gsize length, const guint8 key[16], const guint8 iv[16])
{
  g_autofree guint8 *copy = g_memdup2 (file, length);
  Work work = { .key = key, .iv = iv, .out = g_byte_array_new () };

  put_boxes (&work, copy, length, NULL);
  return work.out;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The character that windows-1252 means by `byte`; its five holes give U+FFFD. Thread: any. */
gunichar forge_text_from_cp1252 (guint8 byte);

/* Appends `data` as UTF-8: what is valid stays, any other byte is read as windows-1252. */
void forge_text_append_utf8 (GString *out, const char *data, gsize length);

/* Appends the printable ASCII of `data` to `head` (size `size`, NUL-terminated) until it is full;
 * blanks and control characters become one blank. For "this is not X but …". */
void forge_text_collect_head (char *head, gsize size, const char *data, gsize length);

/* `text` cut to `max_bytes` on a character boundary, blanks trimmed and collapsed, in place. */
void forge_text_tidy (GString *text, gsize max_bytes);

/**
 * ForgeTextInput: the byte-order mark at the start of a text that arrives in pieces. UTF-16 (also
 * without a mark, if the first character is ASCII) becomes UTF-8, all else passes unchanged.
 */
typedef void (*ForgeTextSink) (const char *data, gsize length, gpointer user_data);

typedef struct {
  guint8 lead[3]; /* held back until the encoding is known */
  guint n_lead;
  gboolean is_known, is_utf16, is_big_endian;
  int odd_byte;   /* -1 = none */
  gunichar2 high; /* a high surrogate that waits, 0 = none */
  GString *decoded;
  ForgeTextSink sink;
  gpointer user_data;
} ForgeTextInput;

void forge_text_input_init (ForgeTextInput *input, ForgeTextSink sink, gpointer user_data);
void forge_text_input_clear (ForgeTextInput *input);
void forge_text_input_push (ForgeTextInput *input, const char *data, gsize length);
/* Hands out what was held back; at the end of the text. */
void forge_text_input_end (ForgeTextInput *input);

G_END_DECLS

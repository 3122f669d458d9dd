/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define FORGE_XMLTV_MAX_ITEM_BYTES (1024 * 1024)

/**
 * ForgeXmltvCutter: finds the <channel> and <programme> elements in a stream of bytes of any
 * encoding that contains ASCII. It only knows where markup begins and ends, so no damage inside an
 * item reaches the next one. Work is linear in the input whatever it holds.
 *
 *   between ──<!--──▶ comment      between ──<programme──▶ start tag ──>──▶ body ──</programme>──▶
 * item ──<!D───▶ doctype                                               │ ──<!--, <![CDATA[──▶ skip
 *           ──<?────▶ (in place)                                            └──<programme, </tv──▶
 * unclosed item
 */
typedef struct _ForgeXmltvCutter ForgeXmltvCutter;

typedef enum {
  FORGE_XMLTV_ROOT, /* only inside the cutter */
  FORGE_XMLTV_CHANNEL,
  FORGE_XMLTV_PROGRAMME,
} ForgeXmltvKind;

/* Lent until the callback returns. */
typedef struct {
  ForgeXmltvKind kind;
  const char *data; /* from '<' to the '>' of the end tag */
  gsize length;
  gsize inner_start, inner_end; /* the content, as offsets in `data` */
  gboolean is_closed;           /* FALSE: another item began before its end tag */
  guint64 offset;               /* of `data` in the document */
} ForgeXmltvItem;

typedef struct {
  void (*item) (const ForgeXmltvItem *item, gpointer user_data);
  /* An item above the limit, left out. */
  void (*oversized) (guint64 offset, gpointer user_data);
  /* The XML declaration's encoding; at most once, before the first item. */
  void (*encoding) (const char *name, gpointer user_data);
} ForgeXmltvCutterHandler;

ForgeXmltvCutter *forge_xmltv_cutter_new (const ForgeXmltvCutterHandler *handler,
                                          gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void forge_xmltv_cutter_free (ForgeXmltvCutter *cutter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeXmltvCutter, forge_xmltv_cutter_free)

void forge_xmltv_cutter_push (ForgeXmltvCutter *cutter, const char *data, gsize length);
/* `saw_root`: a <tv> was there; `is_closed`: and its end, with nothing open. */
void forge_xmltv_cutter_end (ForgeXmltvCutter *cutter, gboolean *saw_root, gboolean *is_closed);

G_END_DECLS

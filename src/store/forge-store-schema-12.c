/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-private.h"

/* Whether a title has a source that can be played now (FORGE_SOURCE_IS_HERE). Asked of each of
 * 60,000 titles before a page far down the list, that took most of the page's time; as a column it
 * is in the indexes that the pages are read from. Triggers, because sources come and go in many
 * places and with their account. */
#define SHOWN(title)                                                                             \
  "EXISTS (SELECT 1 FROM title_source s JOIN account a ON a.id = s.account_id WHERE s.title_id " \
  "= " title " AND s.gone_at IS NULL AND a.enabled)"
#define REFRESH(title) \
  "UPDATE title SET shown = " SHOWN (title) " WHERE id = " title " AND shown <> " SHOWN (title) ";"

const char forge_store_version_12[] =
    "ALTER TABLE title ADD COLUMN shown INTEGER NOT NULL DEFAULT 0;"
    "UPDATE title SET shown = 1 WHERE " SHOWN (
        "title.id") ";"
                    "CREATE INDEX title_shown ON title (kind) WHERE shown = 1;"
                    "CREATE INDEX title_by_name ON title (kind, folded, year) WHERE shown = 1;"
                    "CREATE INDEX title_by_year ON title (kind, year DESC, folded) WHERE shown = 1;"

                    "CREATE TRIGGER title_source_came AFTER INSERT ON title_source BEGIN " REFRESH (
                        "NEW.title_id") " END;"
                                        "CREATE TRIGGER title_source_went AFTER DELETE ON title_source BEGIN " REFRESH (
                                            "OLD.title_id") " END;"
                                                            "CREATE TRIGGER title_source_moved AFTER UPDATE OF title_id, gone_at ON title_source"
                                                            " WHEN OLD.title_id <> NEW.title_id OR OLD.gone_at IS NOT NEW.gone_at BEGIN " REFRESH (
                                                                "OLD.title_id") " " REFRESH ("NEW.title_id") " END;"
                                                                                                             "CREATE TRIGGER title_account_switched AFTER UPDATE OF enabled ON account"
                                                                                                             " WHEN OLD.enabled <> NEW.enabled BEGIN"
                                                                                                             "  UPDATE title SET shown = " SHOWN (
                                                                                                                 "title.id") "  WHERE id IN (SELECT title_id FROM title_source WHERE account_id = NEW.id);"
                                                                                                                             " END;";

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/**
 * SQL expressions that translate channel keys. Here a promoted channel is "stream:<account
 * id>:<remote id>"; in exports and in the pending tables it is "stream:<account name>:<remote id>",
 * because ids differ between databases. Other keys are the same in both.
 */

/* The account id of a "stream:" key (CAST reads the leading digits), and its remote id. */
#define FORGE_KEY_ACCOUNT_ID(key) "CAST (substr (" key ", 8) AS INTEGER)"
#define FORGE_KEY_REMOTE_ID(key) \
  "CAST (substr (" key ", 8 + instr (substr (" key ", 8), ':')) AS INTEGER)"

#define FORGE_PORTABLE_KEY(key)                                                  \
  "CASE WHEN " key " GLOB 'stream:*' THEN 'stream:' || coalesce ("               \
  "(SELECT name FROM account WHERE id = " FORGE_KEY_ACCOUNT_ID (                 \
      key) "), "                                                                 \
           "(SELECT name FROM former_account WHERE id = " FORGE_KEY_ACCOUNT_ID ( \
               key) "), '')"                                                     \
                    " || substr (" key ", 7 + instr (substr (" key ", 8), ':')) ELSE " key " END"

/* NULL while the account is not there. Of names that begin alike ("A", "A:1") the longer wins. */
#define FORGE_LOCAL_KEY(key)                                                          \
  "CASE WHEN " key " GLOB 'stream:*' THEN "                                           \
  "(SELECT 'stream:' || n.id || substr (" key ", 8 + length (n.name)) FROM account n" \
  " WHERE substr (" key ", 1, 8 + length (n.name)) = 'stream:' || n.name || ':'"      \
  " ORDER BY length (n.name) DESC LIMIT 1) ELSE " key " END"

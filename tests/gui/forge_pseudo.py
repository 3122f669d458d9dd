# SPDX-License-Identifier: GPL-3.0-or-later
"""A catalogue in Arabic letters without meaning, made from a real one: GTK mirrors the window, and every string that was
forgotten stays Latin and is seen at once.
"""
import os
import re
import struct

MAGIC = 0x950412DE
LATIN, ARABIC = "abcdefghijklmnopqrstuvwxyz", "ابتثجحخدذرزسشصضطظعغفقكلمنه"
LETTERS = str.maketrans(LATIN + LATIN.upper(), ARABIC * 2)
# What must stay: formats, markup, entities.
KEEP = re.compile(r"(%[-+ #0-9.]*l*[a-zA-Z%]|<[^>]*>|&[a-z]+;|\{[^}]*\})")


def read_catalogue(path):
    with open(path, "rb") as handle:
        data = handle.read()
    magic, _, count, originals, translations = struct.unpack("<5I", data[:20])
    assert magic == MAGIC, path

    def text(table, index):
        length, offset = struct.unpack_from("<2I", data, table + 8 * index)
        return data[offset:offset + length].decode()
    return [(text(originals, index), text(translations, index)) for index in range(count)]


def write_catalogue(path, entries):
    """Sorted by original, as gettext wants; no hash table."""
    entries = sorted((original.encode(), translation.encode()) for original, translation in entries)
    count = len(entries)
    offset = 28 + 16 * count
    tables, strings = b"", b""
    for column in (0, 1):
        for entry in entries:
            tables += struct.pack("<2I", len(entry[column]), offset + len(strings))
            strings += entry[column] + b"\0"
    head = struct.pack("<7I", MAGIC, 0, count, 28, 28 + 8 * count, 0, offset)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as handle:
        handle.write(head + tables + strings)


def disguise(text):
    return "".join(part if KEEP.fullmatch(part) else part.translate(LETTERS) for part in KEEP.split(text))


def header(text):
    text = re.sub(r"^Language: .*$", "Language: ar", text, flags=re.M)
    return re.sub(r"^Plural-Forms: .*$", "Plural-Forms: nplurals=2; plural=(n != 1);", text, flags=re.M)


def make_pseudo_arabic(source, folder, domain):
    """FOLDER/ar/LC_MESSAGES/DOMAIN.mo from a finished catalogue."""
    entries = [(original, disguise(translation) if original else header(translation))
               for original, translation in read_catalogue(source)]
    write_catalogue(os.path.join(folder, "ar", "LC_MESSAGES", domain + ".mo"), entries)

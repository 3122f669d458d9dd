#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a large lineup out of a labelled one: 12,000 guide channels and 40,000 streams.

usage: make-lineup.py GUIDE.xml.gz STREAMS.json CATEGORIES.json DIRECTORY [--n-channels N] [--n-streams N]

Channels beyond those of the guide are copies of every seventh one under another country; streams are
repeated with another prefix, quality and EPG id each round, as a second and third provider would
write them. Deterministic.
"""
import argparse
import gzip
import json
import os
import re

PREFIXES = ["{}: ", "|{}| ", "{} - ", "[{}] ", "VIP | {} | ", "┃{}┃ ", "{}| "]
TAGS = ["", " FHD", " HD", " UHD", " ᴴᴰ", " SD", " HEVC", " (BACKUP)", " RAW"]
ABROAD = {"uk": "au", "us": "ca", "de": "at", "es": "mx", "fr": "be", "it": "ch", "pt": "br", "pl": "cz"}


def grow_guide(text, wanted):
    channels = re.findall(r"<channel .*?</channel>", text, re.S)
    extra = []
    for channel in channels[::7] * 9:
        if len(channels) + len(extra) >= wanted:
            break
        copy = re.sub(r'(<channel id="[^"@]*\.)(\w\w)([^"]*")',
                      lambda m: m[1] + ABROAD.get(m[2], "nz") + m[3], channel, count=1)
        extra.append(copy.replace('"', f'"{len(extra)}x', 1) if copy == channel else copy)
    return '<?xml version="1.0" encoding="UTF-8"?>\n<tv>\n' + "\n".join(channels[:wanted] + extra) + "\n</tv>\n"


def decorate(row, turn):
    """Another provider's writing of the same name; one without a country stays without."""
    prefix = re.match(r"\W*([A-Z]{2,5})(?=[^\w+&' ]| [^\w+&' ])\W+", row["name"])
    name = row["name"]
    if prefix and prefix.end() < len(name):
        name = PREFIXES[turn % len(PREFIXES)].format(prefix[1]) + name[prefix.end():]
    return dict(row, name=name + TAGS[(turn + row["stream_id"]) % len(TAGS)],
                stream_id=row["stream_id"] + 1000000 * turn,
                epg_channel_id=row["epg_channel_id"] if turn % 2 else None)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in ("guide", "streams", "categories", "directory"):
        parser.add_argument(name)
    parser.add_argument("--n-channels", type=int, default=12000)
    parser.add_argument("--n-streams", type=int, default=40000)
    args = parser.parse_args()
    os.makedirs(args.directory, exist_ok=True)
    with gzip.open(args.guide, "rt", encoding="utf-8") as file:
        guide = grow_guide(file.read(), args.n_channels)
    with open(args.streams, encoding="utf-8") as file:
        rows = json.load(file)
    grown, turn = list(rows), 1
    while len(grown) < args.n_streams:
        grown += [decorate(row, turn) for row in rows]
        turn += 1
    with open(args.categories, encoding="utf-8") as file:
        categories = json.load(file)
    for name, text in (("guide.xml", guide), ("streams.json", json.dumps(grown[:args.n_streams])),
                       ("categories.json", json.dumps(categories))):
        with open(os.path.join(args.directory, name), "w", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    main()

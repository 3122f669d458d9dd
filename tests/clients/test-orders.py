#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks the server what Plex and Jellyfin ask, in their order and with their headers, as reported by users and read in
Jellyfin's source. No replacement for the programs: it shows that we answer what they are known to want.

    test-orders.py SERVER
"""
import concurrent.futures
import gzip
import http.client
import json
import re
import socket
import sys
import time
import urllib.parse
import xml.etree.ElementTree as ElementTree

from forgeclients import HDHR_PORT, Server, ask_by_udp, check, enter_own_network

PLEX = {"User-Agent": "PlexMediaServer/1.43.0", "Accept-Encoding": "gzip", "Connection": "close"}
PLEX_GRAB = {"User-Agent": "Lavf/60.16.100", "Range": "bytes=0-", "Connection": "close", "Icy-MetaData": "1", "Accept": "*/*"}
JELLYFIN = {"User-Agent": "Jellyfin-Server/10.9.11", "Accept": "application/json"}
# What Jellyfin sends byte for byte: any type, any id.
JELLYFIN_UDP = bytes.fromhex("0002000c0104ffffffff0204ffffffff73cc7d8f")
STREAM_BYTES = 188 * 500
SOON_S = 1.0


def ask(url, headers, method="GET"):
    """(status, headers, body, seconds) on a connection of its own, as Plex does."""
    parts = urllib.parse.urlsplit(url)
    begun = time.monotonic()
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    try:
        connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), headers=headers)
        reply = connection.getresponse()
        body = reply.read()
    finally:
        connection.close()
    if reply.headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    return reply.status, reply.headers, body, time.monotonic() - begun


def ask_json(url, headers):
    status, _, body, seconds = ask(url, headers)
    assert status == 200, f"{url}: {status}"
    assert seconds < SOON_S, f"{url} took {seconds:.1f} s"
    return json.loads(body)


class Stream:
    """A channel being watched."""

    def __init__(self, url, headers):
        parts = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
        self.connection.request("GET", parts.path, headers=headers)
        self.reply = self.connection.getresponse()

    def read_packets(self):
        """TRUE if what comes is transport stream."""
        data = self.reply.read(STREAM_BYTES)
        return len(data) == STREAM_BYTES and all(data[at] == 0x47 for at in range(0, STREAM_BYTES, 188))

    def close(self):
        self.reply.close()
        self.connection.close()


def start_plex_setup(url):
    """The dialog "set up Plex tuner", with the address entered by hand."""
    device = ask_json(url + "/discover.json", PLEX)
    check("Plex: discover.json has the identity", re.fullmatch("[0-9A-F]{8}", device["DeviceID"]) is not None and
          isinstance(device["TunerCount"], int) and device["BaseURL"] == url and device["LineupURL"] == url + "/lineup.json")
    for _ in range(2):
        status = ask_json(url + "/lineup_status.json", PLEX)
        ask_json(url + "/discover.json", PLEX)
    check("Plex: a scan is possible", status["ScanPossible"] == 1 and status["Source"] in status["SourceList"])
    ask_json(device["LineupURL"], PLEX)
    code, headers, body, _ = ask(f"{url}/lineup.post?scan=start&source={status['Source']}", PLEX, "POST")
    check("Plex: the scan starts", code == 200 and body == b"" and headers["Content-Length"] == "0")
    deadline = time.monotonic() + 10
    while ask_json(url + "/lineup_status.json", PLEX)["ScanInProgress"]:
        assert time.monotonic() < deadline, "the scan never ends"
        time.sleep(0.2)
    return device, ask_json(device["LineupURL"], PLEX)


def check_lineup(lineup, url):
    numbers = [row["GuideNumber"] for row in lineup]
    check("Plex: numbers are unique texts", len(set(numbers)) == len(numbers) > 0 and
          all(isinstance(number, str) and re.fullmatch(r"\d+(\.\d+)?", number) for number in numbers))
    check("Plex: at most 480 channels", len(lineup) <= 480)
    check("Plex: streams are on the same port", all(row["URL"].startswith(f"{url}/auto/v") for row in lineup))
    check("Plex: nothing is marked as protected", not any("DRM" in row for row in lineup))


def check_guide(url, lineup):
    status, _, body, seconds = ask(url + "/epg.xml", PLEX)
    check("Plex: the guide comes soon", status == 200 and seconds < 5, f"{len(body)} bytes in {seconds:.2f} s")
    guide = ElementTree.fromstring(body)
    ids = {channel.get("id") for channel in guide.iter("channel")}
    check("Plex: the guide has the lineup's channels", len(ids) == len(lineup))
    zoned = re.compile(r"\d{14} [+-]\d{4}")
    programmes = list(guide.iter("programme"))
    check("Plex: each programme has times with a zone, a title and a known channel", len(programmes) > 0 and all(
        zoned.fullmatch(p.get("start")) and zoned.fullmatch(p.get("stop")) and p.get("channel") in ids and p.findtext("title")
        for p in programmes), f"{len(programmes)} programmes")
    return guide


def check_grabs(url, device, lineup):
    """Every tuner taken, one too many, and the slot of one that leaves."""
    count = device["TunerCount"]
    streams = [Stream(row["URL"], PLEX_GRAB) for row in lineup[:count]]
    first = streams[0].reply
    check("Plex: Range is answered 200 without a length", first.status == 200 and first.headers["Content-Length"] is None and
          first.headers["Content-Type"].startswith("video/"))
    with concurrent.futures.ThreadPoolExecutor() as pool:
        check(f"Plex: {count} grabs at once", all(pool.map(Stream.read_packets, streams)))
    check("Plex: polls are answered while all is busy",
          ask_json(url + "/discover.json", PLEX)["DeviceID"] == device["DeviceID"] and
          ask_json(url + "/lineup_status.json", PLEX)["ScanInProgress"] == 0)
    busy = [tuner for tuner in ask_json(url + "/status.json", PLEX) if "VctNumber" in tuner]
    check("Plex: status.json shows them", len(busy) == count)
    status, headers, body, seconds = ask(lineup[count]["URL"], PLEX_GRAB)
    check("Plex: one more is refused with an empty body", status == 503 and body == b"" and
          headers["X-HDHomeRun-Error"].startswith("805"), f"after {seconds:.1f} s")
    streams[0].close()
    again = Stream(lineup[count]["URL"], PLEX_GRAB)
    check("Plex: the slot of one that left is free", again.reply.status == 200 and again.read_packets())
    for stream in [*streams[1:], again]:
        stream.close()


def plex(server):
    device, lineup = start_plex_setup(server.url)
    check_lineup(lineup, server.url)
    guide = check_guide(server.url, lineup)
    check_grabs(server.url, device, lineup)
    return guide


def find_by_jellyfin(server):
    """Its detection: UDP, then discover.json of the address that replied."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(3)
        client.sendto(JELLYFIN_UDP, ("127.0.0.1", HDHR_PORT))
        reply, sender = client.recvfrom(2048)
    check("Jellyfin: takes the reply for one", len(reply) > 13 and reply[1] == 3 and sender[0] == "127.0.0.1")
    found, _, _ = ask_by_udp(JELLYFIN_UDP, ("127.0.0.1", HDHR_PORT))
    check("Jellyfin: the reply has our URL", found[0x2A].decode() == server.url)


def match_like_jellyfin(row, guide):
    """hdhr_<number>, then the number, then the name without blanks and dashes."""
    def plain(name):
        return name.replace(" ", "").replace("-", "").lower()
    channels = list(guide.iter("channel"))

    def number(channel):
        names = [name.text or "" for name in channel.iter("display-name")] + [channel.findtext("lcn") or ""]
        return next((name for name in names if re.fullmatch(r"\d+(\.\d+)?", name)), channel.get("id"))
    tests = (lambda channel: channel.get("id") == f"hdhr_{row['GuideNumber']}", lambda channel: number(channel) == row["GuideNumber"],
             lambda channel: any(plain(name.text or "") == plain(row["GuideName"]) for name in channel.iter("display-name")))
    for test in tests:
        for channel in channels:
            if test(channel):
                return channel.get("id")
    return None


def ids_of_playlist(url):
    """{number: guide id}"""
    text = ask(url + "/lineup.m3u", JELLYFIN)[2].decode()
    return dict(re.findall(r'channel-number="([^"]*)" tvg-id="([^"]*)"', text))


def jellyfin(server, guide):
    find_by_jellyfin(server)
    device = ask_json(server.url + "/discover.json", JELLYFIN)
    check("Jellyfin: no transcoding model", "hdtc" not in device["ModelNumber"].lower())
    lineup = [row for row in ask_json(device["LineupURL"], JELLYFIN) if not row.get("DRM")]
    check("Jellyfin: channels", len(lineup) > 0 and all(row["GuideName"] and row["URL"] for row in lineup))
    wanted = ids_of_playlist(server.url)
    wrong = [row["GuideName"] for row in lineup if match_like_jellyfin(row, guide) != wanted[row["GuideNumber"]]]
    check("Jellyfin: every channel finds its own guide", not wrong, ", ".join(wrong))
    stream = Stream(lineup[0]["URL"], {"User-Agent": "Jellyfin-Server/10.9.11"})
    check("Jellyfin: the stream", stream.reply.status == 200 and stream.read_packets())
    stream.close()
    status, headers, body, _ = ask(server.url + "/auto/v99999", JELLYFIN)
    check("Jellyfin: an error has no body that it would store", status == 404 and body == b"" and headers["X-HDHomeRun-Error"] is not None)


def main():
    enter_own_network()
    with Server(sys.argv[1]) as server:
        guide = plex(server)
        jellyfin(server, guide)


main()

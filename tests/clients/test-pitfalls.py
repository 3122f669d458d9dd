#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tuner emulators are known to get wrong, where no other test shows it (README.md has the whole list), and a flood
of nonsense on the ports of discovery.

    test-pitfalls.py SERVER CTL
"""
import http.client
import json
import os
import random
import re
import socket
import sys
import time
import urllib.request
import xml.etree.ElementTree as ElementTree

from forgeclients import HDHR_PORT, Server, ask_by_udp, check, enter_own_network, frame

SERVER, _ = sys.argv[1:3]
ANYBODY = bytes.fromhex("0002000c0104ffffffff0204ffffffff73cc7d8f")
DATAGRAMS, CONNECTIONS = 42_000, 8_000
PAGE_KIB = os.sysconf("SC_PAGE_SIZE") // 1024


def get_json(url):
    with urllib.request.urlopen(url, timeout=10) as reply:
        return json.loads(reply.read())


def open_stream(server, path, headers=None, version="HTTP/1.1"):
    """(socket, status, head) of a stream that runs."""
    client = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    lines = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    client.sendall(f"GET {path} {version}\r\nHost: 127.0.0.1:{server.port}\r\n{lines}\r\n".encode())
    data = b""
    while b"\r\n\r\n" not in data:
        piece = client.recv(4096)
        if not piece:
            break
        data += piece
    head = data.split(b"\r\n\r\n")[0].decode()
    return client, int(head.split()[1]), head


def check_documents(server):
    device = get_json(server.url + "/discover.json")
    check("15: no model that transcodes", "HDTC" not in device["ModelNumber"].upper())
    check("8: TunerCount is a number", type(device["TunerCount"]) is int and device["TunerCount"] >= 1)
    lineup = get_json(server.url + "/lineup.json")
    numbers = [row["GuideNumber"] for row in lineup]
    check("8: GuideNumbers are unique texts, none 0", all(isinstance(number, str) for number in numbers)
          and len(set(numbers)) == len(numbers) and "0" not in numbers)
    check("16: no codec that was only guessed", not any(key in row for row in lineup for key in ("VideoCodec", "AudioCodec")))
    check("19: nothing marked as protected, nothing as favourite", not any(key in row for row in lineup for key in ("DRM", "Favorite")))
    check("10: streams on the port of the documents", all(row["URL"].startswith(server.url + "/auto/v") for row in lineup))
    return lineup


def check_guide(server, lineup):
    begun = time.monotonic()
    with urllib.request.urlopen(server.url + "/epg.xml", timeout=30) as reply:
        guide = ElementTree.fromstring(reply.read())
    check("17: the guide is quick", time.monotonic() - begun < 10, f"{time.monotonic() - begun:.2f} s")
    ids = [channel.get("id") for channel in guide.findall("channel")]
    check("17: ids are letter-led, segmented and unique", len(set(ids)) == len(ids) == len(lineup)
          and all(re.fullmatch(r"[A-Z]\d+(\.[a-z]+)+", name) for name in ids), ids[0])
    check("17: each channel by name and number", [[name.text for name in channel.findall("display-name")][:2] for channel in
                                                  guide.findall("channel")] == [[row["GuideName"], row["GuideNumber"]] for row in lineup])
    programmes = guide.findall("programme")
    check("17: times have a zone, none ends before it starts", all(
        re.fullmatch(r"\d{14} [+-]\d{4}", programme.get("start")) and programme.get("stop") > programme.get("start") for programme in programmes))
    check("17: programmes belong to channels of the file", {programme.get("channel") for programme in programmes} <= set(ids))
    ends = {}
    overlaps = 0
    for programme in programmes:
        overlaps += programme.get("start") < ends.get(programme.get("channel"), "")
        ends[programme.get("channel")] = programme.get("stop")
    check("17: no two at a time", overlaps == 0)
    series = [programme for programme in programmes if programme.find("episode-num") is not None]
    systems = {number.get("system") for programme in series for number in programme.findall("episode-num")}
    check("17: series have episode numbers that Plex reads", series and systems & {"xmltv_ns", "onscreen"}, f"{len(series)}, {sorted(systems)}")
    for name in ("category", "new"):
        check(f"17: {name} comes through", any(programme.find(name) is not None for programme in programmes))


def check_streams(server, lineup):
    path = "/auto/v" + lineup[0]["GuideNumber"]
    for version in ("HTTP/1.1", "HTTP/1.0"):
        client, status, head = open_stream(server, path, {"Range": "bytes=0-"}, version)
        check(f"14: 200 and no length for a Range, {version}", status == 200 and "content-length" not in head.lower() and
              "content-range" not in head.lower() and "transfer-encoding" not in head.lower())
        client.close()
    for wrong in ("/auto/v99999", "/auto/ch503000000", "/tuner9/v1"):
        client, status, head = open_stream(server, wrong)
        check(f"13: {wrong}: the reason in a header, no body", status == 404 and "X-HDHomeRun-Error: 801" in head
              and re.search(r"Content-Length: 0\b", head) is not None)
        client.close()


def used_tuners(server):
    return sum(1 for tuner in get_json(server.url + "/status.json") if "VctNumber" in tuner)


def check_kodi(server, lineup):
    """Kodi starts a channel with three requests, the first closing as the second opens; then it zaps like that."""
    refused = most = 0
    for row in lineup[:3]:
        for _ in range(3):
            client, status, _ = open_stream(server, "/auto/v" + row["GuideNumber"], {"User-Agent": "Kodi/20.1", "Range": "bytes=0-"})
            refused += status != 200
            client.close()
        last, status, _ = open_stream(server, "/auto/v" + row["GuideNumber"], {"User-Agent": "Kodi/20.1"})
        refused += status != 200
        most = max(most, used_tuners(server))
        last.close()
        until = time.monotonic() + 20
        while used_tuners(server) and time.monotonic() < until:
            time.sleep(0.05)
    check("12: four requests for each of three channels, none refused", refused == 0)
    check("12: all four on one tuner, free soon after", most == 1 and used_tuners(server) == 0, str(most))
    for _ in range(20):
        head = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        head.request("HEAD", "/auto/v" + lineup[8]["GuideNumber"])
        assert head.getresponse().status == 200
        head.close()
    check("12: HEAD takes no tuner", used_tuners(server) == 0)


def footprint(server):
    """(descriptors, resident KiB) of the process that listens."""
    pid = server.serving_pid()
    with open(f"/proc/{pid}/statm", encoding="ascii") as handle:
        resident = int(handle.read().split()[1]) * PAGE_KIB
    return len(os.listdir(f"/proc/{pid}/fd")), resident


def nonsense(generator):
    """A frame that is wrong in one of the ways there are."""
    kind = generator.randrange(6)
    if kind == 0:
        return generator.randbytes(generator.randrange(1, 1500))
    good = bytearray(frame(generator.choice((2, 4)), generator.randbytes(generator.randrange(1, 200))))
    if kind == 1:
        good[-1 - generator.randrange(4)] ^= 1 << generator.randrange(8)
    elif kind == 2:
        del good[generator.randrange(1, len(good)):]
    elif kind == 3:
        good[2:4] = generator.randbytes(2)
    elif kind == 4:
        good = bytearray(frame(generator.randrange(5, 65536), bytes(good[4:-4])))
    return bytes(good)


def flood(server, generator, datagrams, connections):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect(("127.0.0.1", HDHR_PORT))
        for _ in range(datagrams):
            try:
                client.send(nonsense(generator))
            except ConnectionRefusedError:
                pass
    for _ in range(connections):
        with socket.create_connection(("127.0.0.1", HDHR_PORT), timeout=20) as client:
            client.sendall(nonsense(generator))


def settled(server, limit):
    """The footprint once descriptors are back, at most 20 s later."""
    until = time.monotonic() + 20
    while footprint(server)[0] > limit and time.monotonic() < until:
        time.sleep(0.05)
    return footprint(server)


def check_flood(server):
    generator = random.Random(65001)
    before_device = get_json(server.url + "/discover.json")
    descriptors = footprint(server)[0]
    flood(server, generator, DATAGRAMS // 10, CONNECTIONS // 10)
    first = settled(server, descriptors)
    begun = time.monotonic()
    flood(server, generator, DATAGRAMS, CONNECTIONS)
    last = settled(server, descriptors)
    check("a flood: descriptors as before", last[0] <= descriptors, f"{descriptors} before, {last[0]} after")
    # A sanitizer keeps what was freed for a while; it looks for leaks by itself.
    check("a flood: memory as before", "FORGE_SANITIZED" in os.environ or last[1] - first[1] < 4096,
          f"{first[1]} KiB, then {last[1]} KiB")
    reply = ask_by_udp(ANYBODY, ("127.0.0.1", HDHR_PORT))
    check("a flood: discovery answers", reply is not None and reply[0][2].hex().upper() == before_device["DeviceID"],
          f"{DATAGRAMS + CONNECTIONS} packets in {time.monotonic() - begun:.1f} s")
    check("a flood: nothing changed", get_json(server.url + "/discover.json") == before_device)


def main():
    enter_own_network()
    with Server(SERVER) as server:
        lineup = check_documents(server)
        check_guide(server, lineup)
        check_streams(server, lineup)
        check_kodi(server, lineup)
        check_flood(server)
        before = get_json(server.url + "/discover.json")["DeviceID"], [(row["GuideNumber"], row["GuideName"]) for row in lineup]
        server.stop()
        server.start()
        after = get_json(server.url + "/discover.json")["DeviceID"], [(row["GuideNumber"], row["GuideName"])
                                                                      for row in get_json(server.url + "/lineup.json")]
        check("1, 20: the same id and numbers after a restart", before == after, before[0])


main()

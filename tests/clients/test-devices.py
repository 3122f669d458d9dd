#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several virtual tuners on one machine: each found by itself, each with its own lineup, guide and port.

    test-devices.py SERVER CTL
"""
import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
import xml.etree.ElementTree as ElementTree

from forgeclients import Server, check, enter_own_network, need_program

SERVER, CTL = sys.argv[1:3]


def ctl(server, *words):
    done = subprocess.run([CTL, "--json", "--socket", server.control, *words], capture_output=True, text=True, check=False)
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr.strip()


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=10) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.headers.get("X-HDHomeRun-Error")


def found_by_discovery():
    text = subprocess.run(["hdhomerun_config", "discover", "127.0.0.1"], capture_output=True, text=True, check=False).stdout
    return set(re.findall(r"hdhomerun device ([0-9A-F]{8}) found", text))


def found_by_udp():
    """Every reply to one question, by id: hdhomerun_config of 2022 shows one device per address."""
    import socket
    from forgeclients import HDHR_PORT, frame, tags
    replies = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.5)
        client.sendto(frame(2, bytes.fromhex("0104000000010204ffffffff")), ("127.0.0.1", HDHR_PORT))
        try:
            while True:
                reply = tags(client.recvfrom(2048)[0])
                replies[reply[2].hex().upper()] = reply[0x2A].decode()
        except TimeoutError:
            return replies


def check_lineup(device, numbers):
    lineup = json.loads(get(device["url"] + "/lineup.json")[1])
    check(f"{device['name']}: its channels", [row["GuideNumber"] for row in lineup] == numbers, str(len(lineup)))
    check(f"{device['name']}: URLs on its own port", all(row["URL"].startswith(device["url"] + "/auto/v") for row in lineup))
    guide = ElementTree.fromstring(get(device["url"] + "/epg.xml")[1])
    check(f"{device['name']}: the guide of exactly these", len(guide.findall("channel")) == len(numbers))
    about = json.loads(get(device["url"] + "/discover.json")[1])
    check(f"{device['name']}: its own identity", about["DeviceID"] == device["device_id"] and about["FriendlyName"] == device["name"]
          and about["BaseURL"] == device["url"])


def test_backup(server, starred, group):
    """Devices, users and stars go to another machine; identities and passwords do not."""
    ctl(server, "device", "add", "--name", "One group", f"group={group}", "limit=7")
    ctl(server, "user", "add", "--name", "child", "--device", str(ctl(server, "device", "list")[1][-1]["id"]), "--max-connections", "2",
        "--no-library")
    path = server.root + "/backup.json"
    check("a backup", ctl(server, "config", "export", path)[0] == 0)
    with open(path, encoding="utf-8") as handle:
        text = handle.read()
    devices = ctl(server, "device", "list")[1]
    check("without identities and secrets", "pbkdf2" not in text and not any(device["device_id"] in text for device in devices))
    with Server(SERVER) as other:
        check("tried first", ctl(other, "config", "import", path, "--dry-run")[0] == 0 and len(ctl(other, "device", "list")[1]) == 1
              and ctl(other, "user", "list")[1] == [])
        code, said = ctl(other, "config", "import", path)
        check("imported", code == 0, str(said))
        again = ctl(other, "device", "list")[1]
        same = ("name", "filter", "groups", "limit", "enabled", "channels")
        check("the same devices", [[device[key] for key in same] for device in again] == [[device[key] for key in same] for device in devices])
        check("with new identities, on free ports", not {device["device_id"] for device in again} & {device["device_id"] for device in devices}
              and not {device["port"] for device in again[1:]} & {device["port"] for device in devices} and len(again) >= 4)
        check("the same stars", [channel["number"] for channel in ctl(other, "channel", "list", "--enabled")[1] if channel["favorite"]]
              == [channel["number"] for channel in starred])
        user = ctl(other, "user", "list")[1][0]
        check("the user", (user["name"], user["device_name"], user["max_connections"], user["library"], user["has_password"])
              == ("child", "One group", 2, False, False))
        check("opens nothing without a password", json.loads(get(f"{other.url}/player_api.php?username=child&password=")[1])
              == {"user_info": {"auth": 0}})
        done = subprocess.run([CTL, "--json", "--socket", other.control, "user", "set", str(user["id"]), "--password-file", "-"],
                              input="another password-1".replace(" ", "-"), capture_output=True, text=True, check=True)
        check("until it gets one", json.loads(done.stdout)["has_password"]
              and json.loads(get(f"{other.url}/player_api.php?username=child&password=another-password-1")[1])["user_info"]["auth"] == 1)
        ctl(other, "config", "import", path)
        check("a second import adds nothing", len(ctl(other, "device", "list")[1]) == len(again) and ctl(other, "user", "list")[1][0]["has_password"])


def main():
    need_program("hdhomerun_config")
    enter_own_network()
    with Server(SERVER) as server:
        first = ctl(server, "device", "list")[1][0]
        check("one device at first, as it was before", first["main"] and first["channels"] == 24 and first["url"] == server.url)
        check("exactly one is found", found_by_discovery() == {first["device_id"]})

        groups = {group["name"]: group["channels"] for group in ctl(server, "channel", "groups")[1]}
        group = min(groups, key=groups.get)
        plex = ctl(server, "device", "add", "--name", "For Plex", "limit=5")[1]
        kids = ctl(server, "device", "add", "--name", "One group", f"group={group}")[1]
        stars = ctl(server, "device", "add", "--name", "Stars", "filter=favorites")[1]
        check("counted against Plex's limit", plex["channels"] == 5 and plex["fits_plex"] and plex["plex_limit"] == 480)
        check("nothing starred yet, an empty list", get(stars["url"] + "/lineup.json") == (200, "[]"))
        everything = json.loads(get(server.url + "/lineup.json")[1])
        channels = ctl(server, "channel", "list", "--enabled")[1]
        starred = [channels[3], channels[7]]
        ctl(server, "channel", "favorite", *[str(channel["id"]) for channel in starred])
        check_lineup(first, [row["GuideNumber"] for row in everything])
        check_lineup(plex, [row["GuideNumber"] for row in everything[:5]])
        check_lineup(kids, [str(channel["number"]) for channel in channels if channel["group"] == group])
        check_lineup(stars, [str(channel["number"]) for channel in starred])
        check("a channel it does not have", get(plex["url"] + f"/auto/v{everything[6]['GuideNumber']}") == (404, "801 Unknown Channel"))
        wanted = {device["device_id"]: device["url"] for device in (first, plex, kids, stars)}
        check("each answers discovery for itself", found_by_udp() == wanted)

        with urllib.request.urlopen(plex["url"] + f"/auto/v{everything[0]['GuideNumber']}", timeout=20) as stream:
            data = stream.read(188 * 20)
        check("and plays", all(data[at] == 0x47 for at in range(0, len(data), 188)))

        renewed = ctl(server, "device", "new-id", str(plex["id"]))[1]
        check("a new id on demand", renewed["device_id"] != plex["device_id"] and renewed["device_id"] in found_by_udp())
        ctl(server, "device", "remove", str(kids["id"]))
        check("a removed one is silent", kids["device_id"] not in found_by_udp())
        check("and its port closed", subprocess.run(["curl", "-s", "-m", "2", kids["url"]], check=False).returncode != 0)
        check("the first one cannot be removed", ctl(server, "device", "remove", "1")[0] == 1)

        code, text = ctl(server, "device", "add", "--name", "Taken", f"port={plex['port']}")
        check("a port in use is named", code == 1 and str(plex["port"]) in text, text)
        code, text = ctl(server, "device", "set", str(plex["id"]), "filter=best")
        check("an unknown filter is named", code == 1 and "best" in text, text)

        test_backup(server, starred, group)

        second = ctl(server, "device", "set", "1", "limit=3")[1]
        check("the first one can be limited too", second["channels"] == 3 and len(json.loads(get(server.url + "/lineup.json")[1])) == 3)


main()

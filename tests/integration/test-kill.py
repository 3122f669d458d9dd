# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 in the middle of refreshes of the real server.

An account's list, then a guide, is turned back and forth between two; the server is killed at a random moment of a refresh and
started again. What it serves then is the lineup (and the programmes) of one of the two, whole: ids, numbers, order of the streams,
what is on. What the user decided is there. FORGE_KILLS=N kills N times each (a few otherwise), FORGE_SEED repeats a run.
"""
import os
import random
import sqlite3
import sys
import threading
import time
import urllib.request

from forge_kit import Server, await_true

KILLS_IN_SUITE = 20
CHANNELS = 60
HALF_HOURS = 7 * 48


def channel_name(number):
    words = ("Alpha", "Bravo", "Castor", "Delta", "Epsilon", "Foxglove", "Gamma", "Helios", "Iris", "Juno", "Kestrel", "Lyra")
    return f"{words[number % 12]} {words[number // 12 + 3]}"


def write_guide(path):
    hour = time.strftime("%Y%m%d%H0000 +0000", time.gmtime())
    later = time.strftime("%Y%m%d%H0000 +0000", time.gmtime(time.time() + 36000))
    with open(path, "w", encoding="utf-8") as file:
        file.write("<tv>\n")
        for i in range(CHANNELS):
            file.write(f'<channel id="c{i}.uk"><display-name>{channel_name(i)}</display-name></channel>\n')
        for i in range(CHANNELS):
            file.write(f'<programme start="{hour}" stop="{later}" channel="c{i}.uk"><title>All day</title></programme>\n')
        file.write("</tv>\n")


def write_list(path, turn):
    """List 0 has the first two thirds of the channels, list 1 the last two; what both have is written otherwise."""
    first, last = (0, CHANNELS * 2 // 3) if turn == 0 else (CHANNELS // 3, CHANNELS)
    tiers = ("HD", "SD") if turn == 0 else ("FHD", "SD", "4K")
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write("#EXTM3U\n")
        for i in range(first, last):
            for tier in tiers:
                file.write(f'#EXTINF:-1 group-title="UK",UK| {channel_name(i)} {tier}\n'
                           f"http://127.0.0.1:9/live/user/secret/{i * 10 + len(tier) + ord(tier[0])}.ts\n")
    os.rename(path + ".new", path)


def write_week(path, turn):
    """Guide 0 has the first two thirds of the channels, guide 1 the last two; every title names its guide."""
    first, last = (0, CHANNELS * 2 // 3) if turn == 0 else (CHANNELS // 3, CHANNELS)
    begun = int(time.time()) // 3600 * 3600 + 3600
    times = [time.strftime("%Y%m%d%H%M00 +0000", time.gmtime(begun + i * 1800)) for i in range(HALF_HOURS + 1)]
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write("<tv>\n")
        for i in range(first, last):
            file.write(f'<channel id="c{i}.uk"><display-name>{channel_name(i)}</display-name></channel>\n')
        for i in range(first, last):
            for k in range(HALF_HOURS):
                file.write(f'<programme start="{times[k]}" stop="{times[k + 1]}" channel="c{i}.uk"><title>Guide {turn}</title>'
                           f"<desc>Half hour {k} of channel {i}</desc></programme>\n")
        file.write("</tv>\n")
    os.rename(path + ".new", path)


def programmes(server):
    """How many of each guide clients get."""
    with urllib.request.urlopen(server.url + "/epg.xml", timeout=60) as answer:
        text = answer.read().decode()
    assert text.endswith("</tv>\n")
    return tuple(text.count(f"<title>Guide {turn}</title>") for turn in (0, 1))


def lineup(server):
    """All that clients and the user see of the channels."""
    return {channel["id"]: (channel["number"], channel["name"], channel["enabled"],
                            tuple((stream["name"], stream["primary"], stream["manual"]) for stream in channel["streams"]))
            for channel in server.call("GET", "/v1/channels?filter=all")}


class World:
    def __init__(self):
        self.server = Server()
        self.guide = os.path.join(self.server.root, "guide.xml")
        self.list = os.path.join(self.server.root, "list.m3u")
        write_guide(self.guide)
        write_list(self.list, 0)
        self.server.call("POST", "/v1/guides", {"name": "Guide", "location": self.guide})
        self.account = self.server.call("POST", "/v1/accounts", {"name": "Home", "m3u": self.list, "no_guide": True})["id"]

    def refresh(self, turn):
        write_list(self.list, turn)
        self.server.call("POST", f"/v1/accounts/{self.account}/refresh", {"force": True})
        return lineup(self.server)

    def decide(self):
        """A name, a channel that is off, and a stream that is taken away for good, of those that both lists have."""
        channels = self.server.call("GET", "/v1/channels?filter=all")
        shared = [c for c in channels if c["name"] in {channel_name(i) for i in range(CHANNELS // 3, CHANNELS * 2 // 3)}]
        self.server.call("POST", f"/v1/channels/{shared[0]['id']}/rename", {"name": "Mine"})
        self.server.call("POST", "/v1/channels/disable", {"ids": [shared[1]["id"]]})
        stream = next(s for s in shared[2]["streams"] if s["name"].endswith("SD"))
        self.server.call("DELETE", f"/v1/channels/{shared[2]['id']}/streams/{stream['id']}")
        return shared[0]["id"], shared[1]["id"], shared[2]["id"]

    def import_guide(self, turn):
        write_week(self.guide, turn)
        self.server.call("POST", "/v1/guides/refresh", {"force": True})
        return lineup(self.server), programmes(self.server)

    def kill_in_refresh(self, turn, after_s):
        write_list(self.list, turn)
        self.kill_in_call(f"/v1/accounts/{self.account}/refresh", after_s)

    def kill_in_import(self, turn, after_s):
        write_week(self.guide, turn)
        self.kill_in_call("/v1/guides/refresh", after_s)

    def kill_in_call(self, path, after_s):
        def ask():
            try:
                self.server.api("POST", path, {"force": True})
            except OSError:
                pass  # its server is gone
            except Exception as error:  # pylint: disable=broad-except
                if type(error).__module__ != "http.client":
                    raise

        thread = threading.Thread(target=ask)
        thread.start()
        time.sleep(after_s)
        self.server.kill()
        thread.join(30)
        assert not thread.is_alive()
        self.server.start()


def check_database(server):
    with sqlite3.connect(os.path.join(server.data, "streamforge.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        assert database.execute("SELECT stale FROM lineup_state").fetchall() == [(0,)]


def check_decisions(found, decided):
    renamed, switched_off, parted = decided
    assert found[renamed][1] == "Mine" and not found[switched_off][2]
    assert not any(name.endswith("SD") for name, _, _ in found[parted][3])


def kill_refreshes(kills, chance):
    world = World()
    decided = world.decide()
    world.refresh(1)  # once each, so that tombstones and numbers are what they will be
    expected = [world.refresh(0)]
    begun = time.monotonic()
    expected.append(world.refresh(1))
    took_s = time.monotonic() - begun
    assert expected[0] != expected[1]
    left = [0, 0]
    mended = 0
    now = 1
    for i in range(kills):
        world.kill_in_refresh(1 - now, chance.uniform(0, 1.3 * took_s))
        found = lineup(world.server)
        assert found in expected, f"kill {i}: a lineup of neither list"
        left[found == expected[1 - now]] += 1
        now = expected.index(found)
        check_decisions(found, decided)
        events = world.server.call("GET", "/v1/events?category=match")
        mended = sum("had been interrupted" in event["message"] for event in events)
        check_database(world.server)
    print(f"# a refresh takes {took_s * 1000:.0f} ms; after {kills} kills the old lineup {left[0]} times, the new one {left[1]} times,"
          f" made up for at the start {mended} times", flush=True)
    world.server.close()


def count_generations(server):
    with sqlite3.connect(os.path.join(server.data, "streamforge.db")) as database:
        return database.execute("SELECT count (DISTINCT generation) FROM guide_entry").fetchone()[0]


def kill_imports(kills, chance):
    world = World()
    decided = world.decide()
    world.import_guide(1)
    expected = [world.import_guide(0)]
    begun = time.monotonic()
    expected.append(world.import_guide(1))
    took_s = time.monotonic() - begun
    assert expected[0][0] != expected[1][0]
    assert [bool(n) for n in expected[0][1]] == [True, False] and [bool(n) for n in expected[1][1]] == [False, True]
    left = [0, 0]
    now = 1
    for i in range(kills):
        world.kill_in_import(1 - now, chance.uniform(0, 1.2 * took_s))
        found = lineup(world.server), programmes(world.server)
        assert found in expected, f"kill {i}: of the guides {found[1]}, a lineup of {[found[0] == one[0] for one in expected]}"
        left[found == expected[1 - now]] += 1
        now = expected.index(found)
        check_decisions(found[0], decided)
        check_database(world.server)
    assert world.import_guide(1 - now) == expected[1 - now]
    # the one in use and the one that it can be taken back to: what the kills left lying about is gone
    await_true(lambda: count_generations(world.server) <= 2, "the sweep of unfinished imports", 60)
    print(f"# an import takes {took_s * 1000:.0f} ms; after {kills} kills the old guide {left[0]} times, the new one {left[1]} times",
          flush=True)
    world.server.close()


def main():
    kills = int(os.environ.get("FORGE_KILLS", KILLS_IN_SUITE))
    seed = int(os.environ.get("FORGE_SEED", random.randrange(1 << 30)))
    print("TAP version 13\n1..2", flush=True)
    print(f"# seed {seed}, {kills} kills each", flush=True)
    kill_refreshes(kills, random.Random(seed))
    print("ok 1 - kill -9 in a refresh leaves the old or the new lineup", flush=True)
    kill_imports(kills, random.Random(seed))
    print("ok 2 - kill -9 in an import leaves the old or the new guide", flush=True)


if __name__ == "__main__":
    sys.exit(main())

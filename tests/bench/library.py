#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a viewer and other clients feel while a large library is imported. Prints JSON; times in milliseconds.

    tests/bench/library.py --build BUILD [--films 60000] [--quiet 10]

One account gives live TV, another one films. The same is measured for some seconds before, without an import, and during the import:
the longest time in which the stream was silent, and how long /lineup.json, a search and a page far down the list took.
"""
import argparse
import json
import os
import statistics
import sys
import threading
import time

parser = argparse.ArgumentParser()
parser.add_argument("--build", required=True)
parser.add_argument("--films", type=int, default=60000)
parser.add_argument("--quiet", type=float, default=10)
OPTIONS = parser.parse_args()
os.environ["FORGE_BUILD_DIR"] = os.path.abspath(OPTIONS.build)
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
import http.client  # noqa: E402
import urllib.parse  # noqa: E402

from forge_kit import Provider, Server, await_true  # noqa: E402
from forge_panel import Handler, Panel, fetch  # noqa: E402

WORDS = "Ocean Night Élan Wolf Paper Summer Ruin Moon Garden Signal Winter Harbour Mirror Desert Clock Lantern Storm".split()


def film(n):
    name = f"EN - {WORDS[n % len(WORDS)]} of the {WORDS[n // 7 % len(WORDS)]} {n} ({1950 + n % 75})"
    return {"num": n, "name": name, "stream_type": "movie", "stream_id": n + 1, "stream_icon": f"http://images.example/w600/{n}.jpg",
            "rating": "6.5", "added": str(1600000000 + n), "category_id": "1", "container_extension": "mkv", "tmdb": n + 1000 if n % 3 else ""}


class LargeHandler(Handler):
    def do_GET(self):
        if "action=get_vod_streams" in self.path:
            return self.reply(self.server.films)
        return super().do_GET()


class Viewer(threading.Thread):
    """The longest silence since the last look."""

    def __init__(self, server, path):
        super().__init__(daemon=True)
        self.link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        self.link.request("GET", path)
        self.answer = self.link.getresponse()
        assert self.answer.status == 200
        self.longest, self.bytes, self.is_over = 0, 0, False
        self.start()

    def run(self):
        last = time.monotonic()
        while not self.is_over and (data := self.answer.read1(65536)):
            now = time.monotonic()
            self.longest, last = max(self.longest, now - last), now
            self.bytes += len(data)


def timed(server, path):
    begun = time.monotonic()
    assert fetch(server, path).status == 200
    return (time.monotonic() - begun) * 1000


def watch(server, viewer, is_over):
    paths = {"lineup": "/lineup.json", "search": "/api/library/movies?q=wolf+of&limit=50",
             "deep_page": f"/api/library/movies?offset={OPTIONS.films - 50}&limit=50"}
    times = {name: [] for name in paths}
    viewer.longest, before, begun = 0, viewer.bytes, time.monotonic()
    while not is_over():
        for name, path in paths.items():
            times[name].append(timed(server, path))
        time.sleep(0.05)
    assert viewer.bytes > before
    return {"seconds": round(time.monotonic() - begun, 1), "stream_silence": round(viewer.longest * 1000),
            **{name: {"median": round(statistics.median(values), 1), "max": round(max(values), 1)} for name, values in times.items()}}


def main():
    provider = Provider("--channels", 4, "--max-connections", 2)
    panel = Panel()
    panel.RequestHandlerClass = LargeHandler
    panel.films = json.dumps([film(n) for n in range(OPTIONS.films)]).encode()
    server = Server()
    server.add_account(provider, "Live")
    viewer = Viewer(server, urllib.parse.urlsplit(server.get("/lineup.json").json()[0]["URL"]).path)
    await_true(lambda: viewer.bytes > 1_000_000, "a picture", 30)
    end = time.monotonic() + OPTIONS.quiet
    result = {"films": OPTIONS.films, "load": os.getloadavg()[0], "before": watch(server, viewer, lambda: time.monotonic() > end)}
    importing = threading.Thread(target=lambda: server.add_account(panel, "Films"))
    importing.start()
    result["first_import"] = watch(server, viewer, lambda: not importing.is_alive())
    end = time.monotonic() + OPTIONS.quiet
    result["after"] = watch(server, viewer, lambda: time.monotonic() > end)
    again = threading.Thread(target=lambda: server.call("POST", "/v1/accounts/2/refresh", {"force": True}, seconds=300))
    again.start()
    result["second_import"] = watch(server, viewer, lambda: not again.is_alive())
    viewer.is_over = True
    server.close()
    panel.close()
    provider.close()
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()

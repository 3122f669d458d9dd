#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Breaks streams while they play and measures what the viewer sees.

    tests/bench/failover.py --build BUILD [--rounds 9] [--json FILE]

Each round: 12 viewers on 12 channels of the fake provider; the best three streams of each channel end, reset or stall after some
seconds, so every viewer lives through three failures. Counts how many went on, the gaps between bytes, and what ffmpeg prints when it
decodes the captures.
"""
import argparse
import collections
import http.client
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bench  # noqa: E402

CHANNELS = 12
FAULTS = ("drop-after", "reset-after", "stall-after")
STALL_S = 3.0
ROUND_S = 34


class FakeProvider:
    """streamforge-fake-provider, told what to do on its standard input."""

    def __init__(self, build):
        self.process = subprocess.Popen([os.path.join(build, "tests/provider/streamforge-fake-provider"), "--channels", str(CHANNELS),
                                         "--max-connections", "40"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        ready = json.loads(self.process.stdout.readline())
        self.url, self.user, self.password = f"http://127.0.0.1:{ready['port']}", ready["user"], ready["password"]

    def say(self, sentence):
        self.process.stdin.write(sentence + "\n")
        self.process.stdin.flush()

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


class Viewer(threading.Thread):
    def __init__(self, app, path):
        super().__init__(daemon=True)
        self.app, self.path, self.data, self.gaps, self.ends = app, path, bytearray(), [], threading.Event()
        self.alive_at_end = False
        self.start()

    def run(self):
        connection = http.client.HTTPConnection(self.app.host, self.app.port, timeout=30)
        connection.request("GET", self.path, headers={"User-Agent": self.path})
        reply, last = connection.getresponse(), None
        while not self.ends.is_set():
            block = reply.read1(65536)
            if not block:
                return
            now = time.monotonic()
            if last is not None:
                self.gaps.append(now - last)
            last = now
            self.data += block
        self.alive_at_end = True
        connection.close()


def whole_units(data):
    """Without the unit that was cut off at the end on each PID: a capture ends anywhere."""
    kept, last = [data[i:i + 188] for i in range(0, len(data) - 187, 188)], {}
    for index, packet in enumerate(kept):
        if packet[1] & 0x40:
            last[(packet[1] & 0x1F) << 8 | packet[2]] = index
    return b"".join(p for i, p in enumerate(kept) if i < last.get((p[1] & 0x1F) << 8 | p[2], len(kept)))


def decode_messages(data):
    with tempfile.NamedTemporaryFile(suffix=".ts") as handle:
        handle.write(whole_units(bytes(data)))
        handle.flush()
        done = subprocess.run(["ffmpeg", "-v", "warning", "-i", handle.name, "-map", "0:v", "-map", "0:a", "-f", "null", "-"],
                              capture_output=True, text=True, check=False)
    return [line for line in done.stderr.splitlines() if line.strip()]


def play_round(app, provider, paths, chooser):
    planned = []
    for channel in range(1, CHANNELS + 1):
        for tier in (4, 3, 2):
            fault = chooser.choice(FAULTS)
            planned.append((channel, fault))
            provider.say(f"stream {channel * 10 + tier} {fault} {chooser.randrange(300000, 800000)}")
    viewers = [Viewer(app, path) for path in paths]
    time.sleep(ROUND_S)
    sessions = app.ctl("session", "list")
    for viewer in viewers:
        viewer.ends.set()
    for viewer in viewers:
        viewer.join(10)
    for channel in range(1, CHANNELS + 1):
        for tier in (4, 3, 2):
            provider.say(f"stream {channel * 10 + tier} ok")
    while app.ctl("session", "list"):
        time.sleep(0.2)
    return planned, viewers, sessions


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json")
    args = parser.parse_args()
    args.build = os.path.abspath(args.build)
    chooser, provider, app = random.Random(args.seed), FakeProvider(args.build), bench.App(args.build)
    app.ctl("account", "add", "--name", "Bench", "--server", provider.url, "--username", provider.user, "--password-file", "-", text=provider.password)
    paths = [re.sub(r"^https?://[^/]+", "", entry["URL"]) for entry in json.loads(app.get("/lineup.json"))]
    injected, failovers, ended, worst, messages = collections.Counter(), 0, 0, [], collections.Counter()
    for _ in range(args.rounds):
        planned, viewers, sessions = play_round(app, provider, paths, chooser)
        injected.update(fault for _, fault in planned)
        failovers += sum(session["failovers"] for session in sessions)
        ended += sum(not viewer.alive_at_end for viewer in viewers)
        for channel, viewer in enumerate(viewers, 1):
            stalls = any(fault == "stall-after" for n, fault in planned if n == channel)
            worst.append((stalls, max(viewer.gaps, default=99)))
        for viewer in viewers[:4]:
            messages.update(re.sub(r"0x[0-9a-f]+|\d+", "N", line) for line in decode_messages(viewer.data))
    events = collections.Counter(re.sub(r"“[^”]*”|[\d.]+", "…", event["message"]) for event in app.ctl("log") if event["category"] == "stream")
    app.stop()
    provider.stop()
    quick = sorted(gap for stalls, gap in worst if not stalls)
    slow = sorted(gap for stalls, gap in worst if stalls)
    result = {"machine": bench.machine(), "injected": dict(injected), "total_injected": sum(injected.values()), "failovers": failovers,
              "viewers_cut_off": ended, "worst_gap_without_stall_s": {"median": quick[len(quick) // 2] if quick else None, "max": quick[-1] if quick else None},
              "worst_gap_with_stall_s": {"median": slow[len(slow) // 2] if slow else None, "max": slow[-1] if slow else None},
              "decoded_captures": args.rounds * 4, "decoder_messages": dict(messages),
              "events": dict(events.most_common(12))}
    bench.show("failover", result)
    if args.json:
        with open(args.json, "w") as handle:
            json.dump(result, handle, indent=2)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Breaks streams while they play and measures what the viewer sees.

    tests/bench/failover.py --build BUILD [--rounds 5] [--burst MS] [--json FILE] [--keep DIR]

Each round: 24 viewers on 24 channels of the fake provider; the best three streams of each channel end, reset or stall after some
seconds, so every viewer lives through three failures. On every fourth channel a backup may also refuse, answer with a page or send nothing
but null packets. Counts how many went on; how long nothing came (any byte; any packet of media); the steps of the picture's time stamps;
and what ffmpeg prints when it decodes each whole capture. The provider tells when it makes a stream end, so each gap without media is told
apart: at an end or a reset, at a stall, or in between, where it is the provider's own pace (a key picture fills a fifth of a second of a
constant bit rate). `since_failure` is what is ours of it: from the failure to the next media. `--burst`: how much of its past the provider sends at once to whoever connects, as panels do; else it
begins at the present. `--keep`: where captures go of which ffmpeg said something.
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

CHANNELS = 24
FAULTS = ("drop-after", "reset-after", "stall-after")
REFUSALS = ("status 404", "status 503", "html", "null-only")
NULL_PID, MEDIA_PIDS_FROM = 0x1FFF, 0x20
CLOCK_HZ, WRAP = 90000, 1 << 33
STALL_S = 3.0
ROUND_S = 34
BYTES_PER_S = 200000  # of the fastest stream


class FakeProvider:
    """streamforge-fake-provider, told what to do on its standard input."""

    def __init__(self, build):
        self.process = subprocess.Popen([os.path.join(build, "tests/provider/streamforge-fake-provider"), "--channels", str(CHANNELS),
                                         "--max-connections", "60", "--tell-live"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        ready = json.loads(self.process.stdout.readline())
        self.url, self.user, self.password = f"http://127.0.0.1:{ready['port']}", ready["user"], ready["password"]
        self.told = []  # (when in seconds, stream, whether it begins; else it is made to end)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            told = json.loads(line)
            self.told.append((told["at_us"] / 1e6, told["stream"], told["begins"]))

    def say(self, sentence):
        self.process.stdin.write(sentence + "\n")
        self.process.stdin.flush()

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


class Viewer(threading.Thread):
    def __init__(self, app, path):
        super().__init__(daemon=True)
        self.app, self.path, self.data, self.ends = app, path, bytearray(), threading.Event()
        self.silence = 0.0  # the longest, in seconds
        self.media = []  # when some came
        self.alive_at_end = False
        self.start()

    def has_media(self, start):
        return any((self.data[i + 1] & 0x1F) << 8 | self.data[i + 2] not in (0, NULL_PID) for i in range(start, len(self.data) - 187, 188))

    def run(self):
        connection = http.client.HTTPConnection(self.app.host, self.app.port, timeout=30)
        connection.request("GET", self.path, headers={"User-Agent": self.path})
        reply, last = connection.getresponse(), None
        while not self.ends.is_set():
            start = len(self.data) // 188 * 188
            block = reply.read1(65536)
            if not block:
                return
            now = time.monotonic()
            self.data += block
            if last is not None:
                self.silence = max(self.silence, now - last)
            last = now
            if self.has_media(start):
                self.media.append(now)
        self.alive_at_end = True
        connection.close()


def gaps_while(media, start, end):
    """The times without media that are under way between two times: (from, to)."""
    return [(before, after) for before, after in zip(media, media[1:]) if before <= end and after > start]


def find_failures(plan, told):
    """(when a stream of the plan failed, when the next one was opened, whether it stalled). The last one of a round opens nothing."""
    faults, events = dict(plan), [event for event in sorted(told) if event[1] // 10 == plan[0][0] // 10]
    return [(at, following[0], "stall" in faults.get(stream, "")) for (at, stream, begins), following in zip(events, events[1:])
            if not begins and following[2]]


def read_stamp(data, at):
    return (data[at] >> 1 & 7) << 30 | data[at + 1] << 22 | (data[at + 2] >> 1) << 15 | data[at + 3] << 7 | data[at + 4] >> 1


def picture_steps(data):
    """Seconds from each picture's DTS to the next one's."""
    steps, last = [], None
    for i in range(0, len(data) - 187, 188):
        payload = i + 4 + (1 + data[i + 4] if data[i + 3] & 0x20 else 0)
        if not data[i + 1] & 0x40 or payload + 19 > i + 188 or data[payload:payload + 3] != b"\0\0\1" or data[payload + 3] & 0xF0 != 0xE0:
            continue
        flags = data[payload + 7] >> 6
        if not flags:
            continue
        stamp = read_stamp(data, payload + (14 if flags == 3 else 9))
        if last is not None:
            by = (stamp - last) % WRAP
            steps.append((by - WRAP if by > WRAP // 2 else by) / CLOCK_HZ)
        last = stamp
    return steps


def continuity_errors(data):
    last, bad = {}, 0
    for i in range(0, len(data) - 187, 188):
        pid, counter = (data[i + 1] & 0x1F) << 8 | data[i + 2], data[i + 3] & 0x0F
        if pid != NULL_PID and data[i + 3] & 0x10:
            bad += pid in last and counter != (last[pid] + 1) & 0x0F
            last[pid] = counter
    return bad


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


def plan_channel(channel, chooser, burst_ms):
    """(stream, fault in words) for the best three streams of a channel."""
    out, at_once = [], burst_ms * BYTES_PER_S // 1000
    for tier in (4, 3, 2):
        fault = f"{chooser.choice(FAULTS)} {at_once + chooser.randrange(300000, 800000)}"
        if channel % 4 == 0 and tier < 4 and chooser.random() < 0.5:
            fault = chooser.choice(REFUSALS)
        out.append((channel * 10 + tier, fault))
    return out


def play_round(app, provider, paths, chooser, burst_ms):
    plans = [plan_channel(channel, chooser, burst_ms) for channel in range(1, CHANNELS + 1)]
    for plan in plans:
        for stream, fault in plan:
            provider.say(f"stream {stream} {fault}")
    viewers = [Viewer(app, path) for path in paths]
    time.sleep(ROUND_S)
    sessions = app.ctl("session", "list")
    for viewer in viewers:
        viewer.ends.set()
    for viewer in viewers:
        viewer.join(10)
    for plan in plans:
        for stream, _ in plan:
            provider.say(f"stream {stream} ok")
    while app.ctl("session", "list"):
        time.sleep(0.2)
    return plans, viewers, sessions


def median_and_max(values):
    values = sorted(values)
    return {"median": round(values[len(values) // 2], 3), "max": round(values[-1], 3), "of": len(values)} if values else None


class Totals:
    def __init__(self):
        self.injected, self.messages = collections.Counter(), collections.Counter()
        self.failovers = self.cut_off = self.captures = self.unclean = self.continuity = self.steps_back = 0
        self.silence, self.steps = {True: [], False: []}, []
        self.at_end, self.since_failure, self.at_stall, self.between = [], [], [], []

    def add_gaps(self, failures, media):
        for at, opened, is_stall in failures:
            gaps = gaps_while(media, at, opened)
            if not gaps:
                continue  # of the round before
            (self.at_stall if is_stall else self.at_end).append(max(after - before for before, after in gaps))
            if not is_stall:
                self.since_failure.append(gaps[-1][1] - at)
        self.between.append(max((after - before for before, after in zip(media, media[1:])
                                 if not any(before <= opened and after > at for at, opened, _ in failures)), default=0))

    def add_viewer(self, plan, viewer, told, keep):
        stalls = any("stall" in fault for _, fault in plan)
        if not any(fault in REFUSALS for _, fault in plan):
            self.silence[stalls].append(viewer.silence)
            self.add_gaps(find_failures(plan, told), viewer.media)
        data = bytes(viewer.data)
        steps, messages = picture_steps(data), decode_messages(data)
        self.steps.append(max(steps, default=99))
        self.steps_back += sum(step < 0 for step in steps)
        self.continuity += continuity_errors(data)
        self.captures += 1
        self.unclean += bool(messages)
        self.cut_off += not viewer.alive_at_end
        self.messages.update(re.sub(r"0x[0-9a-f]+|\d+", "N", line) for line in messages)
        if keep and messages:
            with open(os.path.join(keep, f"capture-{self.captures}.ts"), "wb") as handle:
                handle.write(data)
            print(self.captures, plan, messages[:4], file=sys.stderr)

    def result(self):
        return {"injected": dict(self.injected), "total_injected": sum(self.injected.values()), "failovers": self.failovers,
                "viewers": self.captures, "viewers_cut_off": self.cut_off,
                "longest_silence_s": {"without_stall": median_and_max(self.silence[False]), "with_stall": median_and_max(self.silence[True])},
                "without_media_s": {"at_end_or_reset": median_and_max(self.at_end), "since_failure": median_and_max(self.since_failure),
                                    "at_stall": median_and_max(self.at_stall), "longest_between": median_and_max(self.between)},
                "largest_step_of_picture_dts_s": median_and_max(self.steps), "picture_steps_back": self.steps_back,
                "continuity_errors": self.continuity, "captures_with_decoder_messages": self.unclean, "decoder_messages": dict(self.messages)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--burst", type=int, default=0, metavar="MS")
    parser.add_argument("--json")
    parser.add_argument("--keep")
    args = parser.parse_args()
    args.build = os.path.abspath(args.build)
    chooser, provider, app = random.Random(args.seed), FakeProvider(args.build), bench.App(args.build)
    app.ctl("account", "add", "--name", "Bench", "--server", provider.url, "--username", provider.user, "--password-file", "-", text=provider.password)
    paths = {int(entry["GuideNumber"]): re.sub(r"^https?://[^/]+", "", entry["URL"]) for entry in json.loads(app.get("/lineup.json"))}
    paths = [paths[number] for number in sorted(paths)][:CHANNELS]
    totals = Totals()
    if args.burst:
        provider.say(f"streams burst {args.burst}")
    for _ in range(args.rounds):
        plans, viewers, sessions = play_round(app, provider, paths, chooser, args.burst)
        totals.injected.update(fault.split()[0] for plan in plans for _, fault in plan)
        totals.failovers += sum(session["failovers"] for session in sessions)
        for plan, viewer in zip(plans, viewers):
            totals.add_viewer(plan, viewer, provider.told, args.keep)
    events = collections.Counter(re.sub(r"“[^”]*”|[\d.]+", "…", event["message"]) for event in app.ctl("log") if event["category"] == "stream")
    app.stop()
    provider.stop()
    result = {"machine": bench.machine(), **totals.result(), "events": dict(events.most_common(12))}
    bench.show("failover", result)
    if args.json:
        with open(args.json, "w") as handle:
            json.dump(result, handle, indent=2)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast discovery answers: quiet, and with the machine and the engine busy.

    tests/bench/discovery.py [--requests 10000] BUILD

Makes a network namespace of its own. Paced below what we answer a second, from many addresses of 127/8, because a source gets 20.
Busy: one endless loop per processor, in a session of their own as other programs are, and four clients that read lineup and guide over
and over. A time is from sending the question to the kernel's stamp on the answer: how late this program wakes up is not counted.
Prints JSON; times in milliseconds.
"""
import argparse
import json
import multiprocessing
import os
import socket
import struct
import sys
import time
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "clients"))
from forgeclients import HDHR_PORT, Server, enter_own_network, tags  # noqa: E402

ASK = bytes.fromhex("0002000c0104ffffffff0204ffffffff73cc7d8f")
PAUSE_S = 1 / 180  # of 200 replies a second
SOURCES = 250
LATE_S = 2.0
SO_TIMESTAMPNS = 35  # Linux; Python has no name for it


def spin():
    os.setsid()
    while True:
        pass


def read_documents(url):
    while True:
        for path in ("/lineup.json", "/epg.xml", "/lineup.xml", "/discover.json"):
            with urllib.request.urlopen(url + path, timeout=60) as reply:
                reply.read()


def ask(number):
    """Milliseconds to the answer, None = none came."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.bind((f"127.{number % 5 + 1}.{number % SOURCES // 5 + 1}.{number % 50 + 1}", 0))
        client.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        client.settimeout(LATE_S)
        begun = time.clock_gettime_ns(time.CLOCK_REALTIME)
        client.sendto(ASK, ("127.0.0.1", HDHR_PORT))
        try:
            reply, ancillary, _, _ = client.recvmsg(2048, 256)
        except TimeoutError:
            return None
    seconds, nanoseconds = struct.unpack("qq", next(data for _, kind, data in ancillary if kind == SO_TIMESTAMPNS))
    assert tags(reply)[0] == 3
    return (seconds * 10**9 + nanoseconds - begun) / 1e6


def measure(requests):
    times, lost, late = [], 0, 0
    for number in range(requests):
        took = ask(number)
        if took is None:
            lost += 1
        else:
            times.append(took)
            late += took > 5
        time.sleep(PAUSE_S)
    times.sort()
    at = lambda share: round(times[min(int(len(times) * share), len(times) - 1)], 3)
    return {"requests": requests, "lost": lost, "over_5_ms": late, "p50": at(0.5), "p99": at(0.99), "p999": at(0.999), "max": at(1)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=10000)
    parser.add_argument("build")
    options = parser.parse_args()
    enter_own_network()
    with Server(os.path.join(options.build, "src/cli/streamforge-server")) as server:
        result = {"quiet": measure(options.requests)}
        spinners = [multiprocessing.Process(target=spin, daemon=True) for _ in range(os.cpu_count())]
        readers = [multiprocessing.Process(target=read_documents, args=(server.url,), daemon=True) for _ in range(4)]
        for worker in spinners + readers:
            worker.start()
        result["busy"] = measure(options.requests)
        for worker in spinners + readers:
            worker.terminate()
            worker.join()
    print(json.dumps(result, indent=1))


main()

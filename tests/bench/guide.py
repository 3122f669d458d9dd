#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A guide of 1 GB (1.5 million programmes) through the whole program, while somebody watches a channel.

    tests/bench/guide.py --build BUILD [--programmes N] [--readers 4] [--json FILE]

Measured from outside: the time of `guide add`, CPU and peak memory of the process above idle, the longest silence on
the viewer's socket; then a search, /epg.xml read by several at once (one of them slowly), and the same guide again
a day later. Needs a release build; 3 GB of disk in $TMPDIR.
"""
import argparse
import http.client
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from bench import App, Origin, PeakRss, Provider, Sink, cpu_s, machine, memory_mb, settle, show

CHANNELS = 2200


class Files(http.server.ThreadingHTTPServer):
    """A web server for the guide: large files without holding them in memory."""

    daemon_threads = True

    def __init__(self, path):
        self.path = path
        super().__init__(("127.0.0.1", 0), FileHandler)
        threading.Thread(target=self.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server_address[1]}/guide.xml.gz"


class FileHandler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *unused):
        pass

    def do_GET(self):
        with open(self.server.path, "rb") as handle:
            self.send_response(200)
            self.send_header("Content-Type", "application/gzip")
            self.send_header("Content-Length", str(os.fstat(handle.fileno()).st_size))
            self.end_headers()
            shutil.copyfileobj(handle, self.wfile, 1 << 20)


def make(build, programmes, path, begin):
    """Returns the bytes of the XML."""
    with open(path, "wb") as out:
        maker = subprocess.Popen([os.path.join(build, "tests/bench/make-guide"), str(programmes), str(CHANNELS), str(int(begin))], stdout=subprocess.PIPE)
        tee = subprocess.Popen(["tee", path + ".xml"], stdin=maker.stdout, stdout=subprocess.PIPE)
        subprocess.run(["gzip", "-1"], stdin=tee.stdout, stdout=out, check=True)
    size = os.stat(path + ".xml").st_size
    os.unlink(path + ".xml")
    return size


def timed(function):
    begun = time.monotonic()
    result = function()
    return time.monotonic() - begun, result


class Viewer(threading.Thread):
    """bench-sink in slices of some seconds on one channel: each slice's longest silence."""

    def __init__(self, app, path, seconds=6):
        super().__init__(daemon=True)
        self.app, self.path, self.seconds = app, path, seconds
        self.silences, self.failed, self.ends = [], 0, threading.Event()
        # One viewer stays all the time, so that the source is never reopened.
        self.keeper = Sink(app.build, app.port, [path], 3600)
        time.sleep(3)
        self.start()

    def run(self):
        while not self.ends.is_set():
            result = Sink(self.app.build, self.app.port, [self.path], self.seconds).result()
            self.silences.append(result["silence_ms"])
            self.failed += result["failed"]

    def stop(self):
        self.ends.set()
        self.join()
        self.keeper.process.kill()
        return max(self.silences)


def first_stream(app):
    return re.sub(r"^https?://[^/]+", "", json.loads(app.get("/lineup.json"))[0]["URL"])


def await_index(app, begun):
    """Until the index of words is made, which nobody is told: the seconds since `begun` when the work went quiet."""
    while True:
        cpu, at = cpu_s(app.pids), time.monotonic()
        time.sleep(1.5)
        if cpu_s(app.pids) - cpu < 0.2 and app.ctl("guide", "search", "doctor"):
            return at - begun


def measure(app, work):
    idle = settle(app)
    viewer = Viewer(app, first_stream(app))
    while not viewer.silences:
        time.sleep(0.2)
    before = max(viewer.silences)
    viewer.silences.clear()
    base = memory_mb(app.pids)
    peak, cpu, begun = PeakRss(app.pids), cpu_s(app.pids), time.monotonic()
    work()
    seconds, cpu_import = time.monotonic() - begun, cpu_s(app.pids) - cpu
    top_import = peak.peak
    searchable = await_index(app, begun)
    cpu = cpu_s(app.pids) - cpu
    return {"seconds": seconds, "cpu_s": cpu_import, "seconds_until_searchable": searchable, "cpu_s_with_index": cpu,
            "peak_mb_above_idle": top_import - base, "peak_mb_with_index": peak.stop() - base, "rss_before_mb": base, "idle_mb": idle,
            "longest_silence_ms": viewer.stop(), "silence_without_import_ms": before, "viewers_failed": viewer.failed}


def read_epg(app, results, pause=0.0, gzipped=False):
    """One reader of /epg.xml; a slow one rests between pieces of 64 KiB."""
    connection = http.client.HTTPConnection(app.host, app.port, timeout=600)
    connection.request("GET", "/epg.xml", headers={"Accept-Encoding": "gzip"} if gzipped else {})
    reply = connection.getresponse()
    size = 0
    while piece := reply.read(1 << 16):
        size += len(piece)
        if pause:
            time.sleep(pause)
    results.append({"bytes": size, "status": reply.status, "etag": reply.getheader("ETag")})
    connection.close()


def epg(app, readers, slow_pause):
    base = settle(app)
    peak, results = PeakRss(app.pids), []
    cpu = cpu_s(app.pids)
    threads = [threading.Thread(target=read_epg, args=(app, results, slow_pause if i == 0 and readers > 1 else 0, i % 2 == 1)) for i in range(readers)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"readers": readers, "seconds": time.monotonic() - begun, "cpu_s": cpu_s(app.pids) - cpu,
            "peak_mb_above_idle": peak.stop() - base, "mb": [round(r["bytes"] / 1e6, 1) for r in results], "etags": len({r["etag"] for r in results})}


def search(app):
    times = {}
    for words in ("doctor", "garden mystery river", "do wint", "fusse", "mos"):
        seconds, hits = timed(lambda: app.ctl("guide", "search", words))
        times[words] = f"{seconds * 1000:.0f} ms, {len(hits)} hits"
    return times


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--programmes", type=int, default=1500000)
    parser.add_argument("--readers", type=int, default=4)
    parser.add_argument("--json")
    args = parser.parse_args()
    args.build = os.path.abspath(args.build)
    folder = tempfile.mkdtemp(prefix="streamforge-guide-")
    path = os.path.join(folder, "guide.xml.gz")
    result = {"machine": machine(), "load": os.getloadavg()[0]}
    # It begins now: what lies in the past is not stored.
    xml_bytes = make(args.build, args.programmes, path, time.time() + 26 * 3600)
    origin = Origin(args.build, 8000)
    # The guide's channels are "Channel N HD".
    streams = [{"num": i, "name": f"Channel {i} HD", "stream_type": "live", "stream_id": i + 1, "category_id": "1"} for i in range(520)]
    provider = Provider(streams, origin=f"http://127.0.0.1:{origin.port}")
    files = Files(path)
    app = App(args.build)
    app.add_account(provider, "--no-guide")
    result["guide"] = {"xml_mb": xml_bytes / 1e6, "gz_mb": os.stat(path).st_size / 1e6}
    result["first import"] = measure(app, lambda: app.ctl("guide", "add", "--name", "Bench", files.url))
    status = app.ctl("status")
    result["guide"].update(programmes=status["guide"]["programmes"], channels=status["guide"]["channels"], enabled=status["channels"]["enabled"],
                           database_mb=os.stat(f"{app.root}/data/streamforge.db").st_size / 1e6)
    result["search"] = search(app)
    result["epg, one reader"] = epg(app, 1, 0)
    result["epg, several"] = epg(app, args.readers, 0.01)
    make(args.build, args.programmes, path, time.time() + 27 * 3600)
    guide = app.ctl("guide", "list")[0]["id"]
    result["second import"] = measure(app, lambda: app.ctl("guide", "refresh", str(guide)))
    result["database_mb_after_second"] = os.stat(f"{app.root}/data/streamforge.db").st_size / 1e6
    app.stop()
    origin.stop()
    provider.shutdown()
    files.shutdown()
    shutil.rmtree(folder)
    show("guide", result)
    if args.json:
        with open(args.json, "w") as handle:
            json.dump(result, handle, indent=2)
    return 0


if __name__ == "__main__":
    sys.exit(main())

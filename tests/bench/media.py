#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""/api/stream beside nginx: the same file from the same origin, in one run.

    tests/bench/media.py --build BUILD [--gb 10] [--rounds 5]

Needs nginx and curl. The origin is an nginx of its own that serves a sparse file. Columns: nginx as a proxy with its
default buffering, nginx without, StreamForge. CPU is that of the proxy's process(es), from /proc.
"""
import argparse
import concurrent.futures
import http.client
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bench import App, cpu_s, free_port, memory_mb  # noqa: E402
import bench  # noqa: E402

CONF = """
worker_processes 1; pid {root}/{name}.pid; error_log {root}/{name}.log; daemon off; user root;
events {{ worker_connections 2048; }}
http {{ access_log off; sendfile on; tcp_nopush on; client_body_temp_path {root}/{name}-b; proxy_temp_path {root}/{name}-p;
fastcgi_temp_path {root}/f; uwsgi_temp_path {root}/u; scgi_temp_path {root}/s;
proxy_max_temp_file_size 0; server {{ listen 127.0.0.1:{port} backlog=1024; {body} }} }}
"""


class Nginx:
    def __init__(self, root, name, body):
        self.port = free_port()
        path = os.path.join(root, name + ".conf")
        with open(path, "w") as handle:
            handle.write(CONF.format(root=root, name=name, port=self.port, body=body))
        self.process = subprocess.Popen(["nginx", "-p", root, "-c", path])
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.1).close()
                break
            except OSError:
                time.sleep(0.02)
        children = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True).stdout.split()
        self.pids = [self.process.pid, *map(int, children)]

    def close(self):
        self.process.terminate()
        self.process.wait(10)


class Panel(bench.Handler):
    """Films are redirected to the origin."""

    def do_GET(self):
        if self.path.startswith("/movie/"):
            return self.reply(b"", status=302, headers=[("Location", self.server.origin + "/film.mp4")])
        if "action=get_vod_streams" in self.path:
            return self.reply(json.dumps([{"stream_id": 1, "name": "Film (2020)", "container_extension": "mp4", "tmdb": 1}]).encode())
        return super().do_GET()


def download(url, limit=None):
    """Wall seconds and bytes."""
    command = ["curl", "-sS", "-o", "/dev/null", "-w", "%{size_download} %{time_total} %{http_code}", url]
    if limit:
        command[1:1] = ["-r", f"0-{limit - 1}"]
    size, seconds, code = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert code in ("200", "206"), code
    return int(size), float(seconds)


def first_byte_ms(url):
    parts = urllib.parse.urlsplit(url)
    begun = time.monotonic()
    link = http.client.HTTPConnection(parts.hostname, parts.port)
    link.request("GET", f"{parts.path}?{parts.query}", headers={"Range": "bytes=0-99"})
    link.getresponse().read(1)
    taken = (time.monotonic() - begun) * 1000
    link.close()
    return taken


def head_ms(url):
    parts = urllib.parse.urlsplit(url)
    begun = time.monotonic()
    link = http.client.HTTPConnection(parts.hostname, parts.port)
    link.request("HEAD", f"{parts.path}?{parts.query}")
    link.getresponse().read()
    taken = (time.monotonic() - begun) * 1000
    link.close()
    return taken


def measure(name, url, pids, rounds, size):
    rates, costs = [], []
    for _ in range(rounds):
        before = cpu_s(pids)
        got, seconds = download(url, size)
        rates.append(got / seconds / 1e6)
        costs.append((cpu_s(pids) - before) / (got / 1e9))
    print(name, rates, costs, file=sys.stderr)
    return {"name": name, "mb_per_s": round(statistics.median(rates), 1), "cpu_s_per_gb": round(statistics.median(costs), 3)}


def many(url, count):
    """So many at once, each to its end, from as many loopback addresses as the limit per client asks for."""
    parts = urllib.parse.urlsplit(url)

    def one(i):
        link = http.client.HTTPConnection(parts.hostname, parts.port, timeout=120, source_address=(f"127.0.1.{1 + i // 8}", 0))
        link.request("GET", f"{parts.path}?{parts.query}", headers={"Range": "bytes=0-3999999"})
        answer = link.getresponse()
        barrier.wait(120)
        body = 0
        while True:
            piece = answer.read(65536)
            if not piece:
                break
            body += len(piece)
        link.close()
        return answer.status, body

    barrier = threading.Barrier(count)
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        results = list(pool.map(one, range(count)))
    return sum(1 for status, body in results if status == 206 and body == 4000000)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--gb", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    root = tempfile.mkdtemp(prefix="streamforge-media-bench-")
    with open(os.path.join(root, "film.mp4"), "wb") as handle:
        handle.truncate(int(options.gb * 1e9))
    origin = Nginx(root, "origin", f"root {root};")
    base = f"http://127.0.0.1:{origin.port}"
    buffered = Nginx(root, "buffered", f"location / {{ proxy_pass {base}; }}")
    direct = Nginx(root, "direct", f"location / {{ proxy_pass {base}; proxy_buffering off; }}")
    provider = bench.Provider([], origin=base)
    provider.RequestHandlerClass = Panel
    app = App(options.build)
    app.ctl("account", "add", "--name", "Bench", "--server", provider.url, "--username", "u", "--password-file", "-", "--no-guide", text="p")
    film = app.ctl("library", "list", "movies")
    film = json.loads(film.stdout)[0]["id"] if hasattr(film, "stdout") else film[0]["id"]
    url = f"http://{app.host}:{app.port}/api/stream?id=movie/{film}"
    size = int(1e9)
    rows = []
    for _ in range(1):
        rows.append(measure("nginx, buffered", f"http://127.0.0.1:{buffered.port}/film.mp4", buffered.pids, options.rounds, size))
        rows.append(measure("streamforge", url, app.pids, options.rounds, size))
        rows.append(measure("nginx, unbuffered", f"http://127.0.0.1:{direct.port}/film.mp4", direct.pids, options.rounds, size))
        rows.append(measure("streamforge, again", url, app.pids, options.rounds, size))
    ours = [first_byte_ms(url) for _ in range(20)]
    theirs = [first_byte_ms(base + "/film.mp4") for _ in range(20)]
    cached = [head_ms(url) for _ in range(50)]
    held = many(url, 256)
    rss = [memory_mb(app.pids)]
    stop = threading.Event()

    def watch():
        while not stop.wait(0.2):
            rss.append(memory_mb(app.pids))

    watcher = threading.Thread(target=watch)
    watcher.start()
    got, seconds = download(url)
    stop.set()
    watcher.join()
    result = {"rows": rows, "first_byte_ms": {"streamforge": round(statistics.median(ours), 2), "source": round(statistics.median(theirs), 2)},
              "head_from_cache_ms": round(statistics.median(cached), 2), "bodies_at_once": held,
              "whole_file": {"gb": got / 1e9, "s": round(seconds, 1), "rss_mb_first": round(rss[0], 1), "rss_mb_min": round(min(rss[1:] or rss), 1),
                             "rss_mb_max": round(max(rss), 1)}}
    print(json.dumps(result, indent=1))
    app.process.terminate()
    app.process.wait(10)
    for server in (buffered, direct, origin):
        server.close()
    os.unlink(os.path.join(root, "film.mp4"))


if __name__ == "__main__":
    main()

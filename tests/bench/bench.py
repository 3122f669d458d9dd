#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Benchmarks of the whole program, side by side with nginx where that makes sense.

    tests/bench/bench.py --build BUILD relay|import|start|all [--seconds 20] [--json FILE]

Needs a release build (-Dbuildtype=release), nginx and /proc. Prints a table, and JSON with --json. Every figure is
of the process named, from /proc; machines are noisy, so compare the columns of one run.
"""
import argparse
import gzip
import http.client
import http.server
import json
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_s(pids):
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat") as handle:
            fields = handle.read().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def memory_mb(pids, field="VmRSS"):
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/status") as handle:
            total += int(re.search(field + r":\s+(\d+)", handle.read()).group(1))
    return total / 1024


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Provider(http.server.ThreadingHTTPServer):
    """Just enough of an Xtream panel: a login, a list, a guide; live streams are redirected to the origin."""

    daemon_threads = True
    request_queue_size = 1024  # the default of 5 makes connects wait a second

    def __init__(self, streams, guide=None, origin=None):
        self.list = json.dumps(streams).encode()
        self.guide, self.origin = guide, origin
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *unused):
        pass

    def reply(self, body, kind="application/json", status=200, headers=()):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        server = self.server
        if self.path.startswith("/live/"):
            name = self.path.rsplit("/", 1)[1]
            return self.reply(b"", status=302, headers=[("Location", f"{server.origin}/{name}")])
        if self.path.startswith("/xmltv.php"):
            if server.guide is None:
                return self.reply(b"", status=404)
            with open(server.guide, "rb") as handle:
                return self.reply(handle.read(), "application/gzip")
        if "action=get_live_streams" in self.path:
            return self.reply(server.list)
        if "action=" in self.path:
            return self.reply(b"[]")
        info = {"user_info": {"auth": 1, "status": "Active", "exp_date": None, "max_connections": "1000", "active_cons": 0},
                "server_info": {"timezone": "UTC"}}
        return self.reply(json.dumps(info).encode())


class App:
    """streamforge-server on directories of its own."""

    def __init__(self, build, root=None):
        self.build = build
        self.root = root or tempfile.mkdtemp(prefix="streamforge-bench-")
        env = {k: v for k, v in os.environ.items() if k not in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR")}
        begun = time.monotonic()
        self.log = open(os.path.join(self.root, "log"), "ab")
        self.process = subprocess.Popen(
            [os.path.join(build, "src/cli/streamforge-server"), "--data-dir", f"{self.root}/data", "--cache-dir", f"{self.root}/cache",
             "--runtime-dir", f"{self.root}/run", "--port", "0", "--log-level", "warning"], stdout=subprocess.PIPE, stderr=self.log, text=True, env=env)
        line = self.process.stdout.readline()
        self.ready_ms = (time.monotonic() - begun) * 1000
        match = re.match(r"ready http://([^:]+):(\d+) control (\S+)", line)
        if not match:
            raise SystemExit(f"no ready line but {line!r}")
        self.host, self.port, self.socket = match.group(1), int(match.group(2)), match.group(3)
        self.pids = [self.process.pid]

    def ctl(self, *args, text=None):
        done = subprocess.run([os.path.join(self.build, "src/cli/streamforgectl"), "--json", "--socket", self.socket, *args], input=text,
                              text=True, capture_output=True, check=False)
        if done.returncode:
            raise SystemExit(f"streamforgectl {' '.join(args)}: {done.stderr}")
        return json.loads(done.stdout) if done.stdout.strip() else None

    def add_account(self, provider, *options):
        return self.ctl("account", "add", "--name", "Bench", "--server", provider.url, "--username", "u", "--password-file", "-", *options, text="p")

    def get(self, path):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        connection.request("GET", path)
        reply = connection.getresponse()
        body = reply.read()
        connection.close()
        return body

    def stop(self, keep=False):
        self.process.terminate()
        self.process.wait(10)
        self.log.close()
        if not keep:
            shutil.rmtree(self.root)


class Nginx:
    """nginx as the plain relay it is measured against."""

    def __init__(self, origin_port):
        self.root = tempfile.mkdtemp(prefix="nginx-bench-")
        self.port = free_port()
        config = f"""
daemon off; master_process on; worker_processes auto; pid {self.root}/pid; error_log {self.root}/error.log crit;
worker_rlimit_nofile 8192; events {{ worker_connections 4096; }}
http {{ access_log off; client_body_temp_path {self.root}/b; proxy_temp_path {self.root}/p; fastcgi_temp_path {self.root}/f;
  uwsgi_temp_path {self.root}/u; scgi_temp_path {self.root}/s;
  server {{ listen 127.0.0.1:{self.port} backlog=1024;
    location / {{ proxy_pass http://127.0.0.1:{origin_port}; proxy_buffering off; proxy_http_version 1.1; }} }} }}
"""
        with open(f"{self.root}/nginx.conf", "w") as handle:
            handle.write(config)
        self.process = subprocess.Popen(["nginx", "-p", self.root, "-c", f"{self.root}/nginx.conf"], stderr=subprocess.DEVNULL)
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        children = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False).stdout.split()
        self.pids = [self.process.pid, *map(int, children)]

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self.root)


class Origin:
    """The C origin: every path is a live stream."""

    def __init__(self, build, kbps):
        self.process = subprocess.Popen([os.path.join(build, "tests/bench/bench-origin"), "--kbps", str(kbps)], stdout=subprocess.PIPE, text=True)
        self.port = json.loads(self.process.stdout.readline())["port"]

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


class Sink:
    """The C client: opens all URLs of one host, reads for some seconds, prints what it got."""

    def __init__(self, build, port, paths, seconds, stagger_ms=0):
        self.process = subprocess.Popen([os.path.join(build, "tests/bench/bench-sink"), "--port", str(port), "--seconds", str(seconds),
                                         "--stagger-ms", str(stagger_ms)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdin.write("\n".join(paths) + "\n")
        self.process.stdin.close()

    def result(self):
        return json.loads(self.process.stdout.readline())


WARM_UP_S = 4


def measure(build, target, port, paths, seconds):
    """CPU seconds per GB that `target` needs while the sink reads all paths."""
    sink = Sink(build, port, paths, WARM_UP_S + seconds + 2)
    time.sleep(WARM_UP_S)
    net, cpu = sink_bytes(sink), cpu_s(target.pids)
    time.sleep(seconds)
    net, cpu = sink_bytes(sink) - net, cpu_s(target.pids) - cpu
    memory = memory_mb(target.pids)
    result = sink.result()
    sink.process.wait(10)
    return {"cpu_s_per_gb": cpu / (net / 1e9), "mbit_s": net * 8 / 1e6 / seconds, "rss_mb": memory, "failed": result["failed"],
            "first_byte_ms": result["first_byte_ms"]}


def sink_bytes(sink):
    """The sink's counter, from its shared line in /proc: bytes it read from sockets."""
    with open(f"/proc/{sink.process.pid}/io") as handle:
        return int(re.search(r"rchar: (\d+)", handle.read()).group(1))


def live_list(count):
    return [{"num": i, "name": f"Bench {i:04d}", "stream_type": "live", "stream_id": i, "category_id": "1"} for i in range(1, count + 1)]


def lineup_paths(app):
    return [re.sub(r"^https?://[^/]+", "", entry["URL"]) for entry in json.loads(app.get("/lineup.json"))]


def relay_case(build, streams, viewers, kbps, seconds):
    """`viewers` viewers on each of `streams` channels; nginx opens one upstream for each viewer."""
    origin = Origin(build, kbps)
    provider = Provider(live_list(streams), origin=f"http://127.0.0.1:{origin.port}")
    app = App(build)
    app.add_account(provider, "--no-guide")
    ours = measure(build, app, app.port, [p for p in lineup_paths(app) for _ in range(viewers)], seconds)
    app.stop()
    nginx = Nginx(origin.port)
    theirs = measure(build, nginx, nginx.port, [f"/{i}.ts" for i in range(1, streams + 1) for _ in range(viewers)], seconds)
    nginx.stop()
    origin.stop()
    provider.shutdown()
    return {"streams": streams, "viewers": viewers, "kbps": kbps, "streamforge": ours, "nginx": theirs,
            "ratio": ours["cpu_s_per_gb"] / theirs["cpu_s_per_gb"]}


def first_byte_case(build, rounds=40):
    """First body byte through us and straight from the origin, alternating; one new channel each time."""
    origin = Origin(build, 8000)
    provider = Provider(live_list(rounds), origin=f"http://127.0.0.1:{origin.port}")
    app = App(build)
    app.add_account(provider, "--no-guide")
    paths, direct, through = lineup_paths(app), [], []
    for i, path in enumerate(paths[:rounds]):
        direct.append(Sink(build, origin.port, [f"/{i + 1}.ts"], 0.3).result()["first_byte_ms"]["max"])
        through.append(Sink(build, app.port, [path], 0.3).result()["first_byte_ms"]["max"])
    app.stop()
    origin.stop()
    provider.shutdown()
    median = lambda values: sorted(values)[len(values) // 2]
    added = [b - a for a, b in zip(direct, through)]
    return {"direct_ms": median(direct), "through_ms": median(through), "added_ms": median(added), "added_p95_ms": sorted(added)[int(len(added) * .95)]}


def viewer_memory_case(build, viewers=60):
    """What one more viewer of a shared channel costs."""
    origin = Origin(build, 8000)
    provider = Provider(live_list(1), origin=f"http://127.0.0.1:{origin.port}")
    app = App(build)
    app.add_account(provider, "--no-guide")
    path = lineup_paths(app)[0]
    first = Sink(build, app.port, [path], 20)
    time.sleep(6)
    before = memory_mb(app.pids)
    more = Sink(build, app.port, [path] * viewers, 8)
    time.sleep(5)
    after = memory_mb(app.pids)
    more.process.wait(20)
    first.process.wait(30)
    app.stop()
    origin.stop()
    provider.shutdown()
    return {"viewers": viewers, "rss_mb_per_viewer": (after - before) / viewers}


def bench_relay(args):
    return {
        "200 x 8 Mbit/s, 1:1": relay_case(args.build, 200, 1, 8000, args.seconds),
        "25 x 8 Mbit/s, 8 viewers each": relay_case(args.build, 25, 8, 8000, args.seconds),
        "4 at full speed": relay_case(args.build, 4, 1, 0, min(args.seconds, 10)),
        "first byte": first_byte_case(args.build),
        "memory of a viewer": viewer_memory_case(args.build),
    }


class PeakRss(threading.Thread):
    """Samples resident memory while something runs."""

    def __init__(self, pids):
        super().__init__(daemon=True)
        self.pids, self.peak, self.ends = pids, 0, threading.Event()
        self.start()

    def run(self):
        while not self.ends.wait(0.02):
            self.peak = max(self.peak, memory_mb(self.pids))

    def stop(self):
        self.ends.set()
        self.join()
        return self.peak


def make_guide(build, programmes, channels, path):
    """A gzipped guide; returns the bytes of its XML."""
    # Begin now: what lies in the past is not stored.
    maker = subprocess.Popen([os.path.join(build, "tests/bench/make-guide"), str(programmes), str(channels), str(int(time.time()) + 26 * 3600)], stdout=subprocess.PIPE)
    size = 0
    with gzip.open(path, "wb", 4) as out:
        while block := maker.stdout.read(1 << 20):
            size += len(block)
            out.write(block)
    maker.wait()
    return size


def settle(app):
    """Waits until resident memory stands still."""
    last = None
    for _ in range(40):
        now = memory_mb(app.pids)
        if last is not None and abs(now - last) < 0.1:
            return now
        last = now
        time.sleep(0.25)
    return last


def bench_import(args):
    """50,000 streams and a guide of 250,000 programmes over 1,000 channels."""
    folder = tempfile.mkdtemp(prefix="streamforge-guide-")
    guide = os.path.join(folder, "guide.xml.gz")
    xml_bytes = make_guide(args.build, args.programmes, 1000, guide)
    # The guide's names are "Channel N"-like; the first 1,000 streams are named alike so that there is a lineup.
    names = guide_names(guide)
    rows = [{"num": i, "name": f"UK| {names[i]} HD" if i < len(names) else f"XX| Generated Stream {i} FHD", "stream_type": "live", "stream_id": i + 1,
             "stream_icon": f"http://img.example/{i}.png", "epg_channel_id": None, "added": "1700000000", "category_id": str(i % 40),
             "tv_archive": 0, "direct_source": ""} for i in range(args.streams)]
    provider = Provider(rows)
    app = App(args.build)
    idle_empty = settle(app)
    peak = PeakRss(app.pids)
    begun = time.monotonic()
    app.add_account(provider, "--no-guide")
    account_s, account_peak = time.monotonic() - begun, peak.stop()
    idle_streams = settle(app)
    peak = PeakRss(app.pids)
    cpu, begun = cpu_s(app.pids), time.monotonic()
    app.ctl("guide", "add", "--name", "Bench", guide)
    guide_s, guide_peak, cpu = time.monotonic() - begun, peak.stop(), cpu_s(app.pids) - cpu
    idle_full = settle(app)
    begun = time.monotonic()
    epg = app.get("/epg.xml")
    epg_s = time.monotonic() - begun
    lineup_ms = []
    for _ in range(50):
        begun = time.monotonic()
        size = len(json.loads(app.get("/lineup.json")))
        lineup_ms.append((time.monotonic() - begun) * 1000)
    status = app.ctl("status")
    app.stop(keep=True)
    again = App(args.build, app.root)
    again.get("/lineup.json")
    cold = settle(again)
    ready = [again.ready_ms]
    again.stop(keep=True)
    for _ in range(4):
        again = App(args.build, app.root)
        ready.append(again.ready_ms)
        again.stop(keep=True)
    shutil.rmtree(app.root)
    shutil.rmtree(folder)
    provider.shutdown()
    return {"streams": args.streams, "programmes": status["guide"]["programmes"], "guide_xml_mb": xml_bytes / 1e6, "account_add_s": account_s,
            "account_peak_mb_above_idle": account_peak - idle_empty, "guide_import_s": guide_s, "guide_cpu_s": cpu,
            "guide_peak_mb_above_idle": guide_peak - idle_streams, "rss_idle_empty_mb": idle_empty, "rss_idle_full_mb": idle_full,
            "rss_after_restart_mb": cold, "epg_xml_mb": len(epg) / 1e6, "epg_xml_s": epg_s, "lineup_channels": size,
            "lineup_json_ms": sorted(lineup_ms)[len(lineup_ms) // 2], "ready_ms": sorted(ready)[len(ready) // 2]}


def guide_names(path):
    names = []
    with gzip.open(path, "rt", encoding="utf-8") as handle:
        for line in handle:
            if "<programme" in line:
                break
            found = re.search(r"<display-name[^>]*>([^<]+)<", line)
            if found:
                names.append(found.group(1))
    return names


def show(title, value, indent=0):
    if isinstance(value, dict):
        print(" " * indent + title)
        for key, item in value.items():
            show(key, item, indent + 2)
    else:
        text = f"{value:.3f}" if isinstance(value, float) else str(value)
        print(" " * indent + f"{title:34s} {text}")


def machine():
    with open("/proc/cpuinfo") as handle:
        model = re.search(r"model name\s*:\s*(.*)", handle.read())
    return {"cpu": model.group(1) if model else platform.machine(), "cores": os.cpu_count(), "kernel": platform.release(),
            "date": time.strftime("%Y-%m-%d")}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["relay", "import", "start", "all"])
    parser.add_argument("--build", required=True)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--streams", type=int, default=50000)
    parser.add_argument("--programmes", type=int, default=250000)
    parser.add_argument("--json")
    args = parser.parse_args()
    args.build = os.path.abspath(args.build)
    result = {"machine": machine()}
    if args.what in ("relay", "all"):
        result["relay"] = bench_relay(args)
    if args.what in ("import", "all"):
        result["import"] = bench_import(args)
    if args.what == "start":
        full = bench_import(args)
        result["start"] = {key: full[key] for key in ("streams", "programmes", "ready_ms", "rss_after_restart_mb", "lineup_json_ms")}
    show("benchmarks", result)
    if args.json:
        with open(args.json, "w") as handle:
            json.dump(result, handle, indent=2)
    return 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: GPL-3.0-or-later
"""An Xtream panel with films and a series that breaks off, refuses, moves and lies, and a server with it as its account."""
import http.client
import http.server
import json
import os
import random
import re
import threading
import time
import urllib.parse

from forge_kit import Server

SIZE = 3 * 1000 * 1000 + 17
FILM = random.Random(7).randbytes(SIZE)
SEGMENTS = [random.Random(i).randbytes(188 * 200) for i in range(6)]

TONGUES = {"21": b"english " * 1000, "22": b"deutsch " * 1500}


class Panel(http.server.ThreadingHTTPServer):
    """An Xtream panel with films: 11 is a file, 12 a list of HLS variants, 13 a file without a length."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, limit=2, host="127.0.0.1"):
        self.limit, self.lock = limit, threading.Lock()
        self.drop_after, self.refuse, self.ranges, self.token = [], [], True, 1
        self.open = self.most = 0
        self.shows = None  # a folder of real segments, and how many of them the list holds at a time
        self.asked, self.gone = [], set()
        self.delay_s, self.is_down = 0, False  # how get_vod_info and get_series_info are answered
        self.film, self.etag, self.lie = FILM, None, 0  # of film 11; how many bytes less it sends than it says
        self.coding = None  # that film 11 claims to be in
        self.hold = None  # an event before which film 11 stands still after its beginning
        self.on_drop = None  # called before a body is sent that breaks off
        self.silent = None  # an event before which film 13 is not answered
        super().__init__((host, 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()
        self.user, self.password = "user", "p%40ss word"
        self.url = f"http://{host}:{self.server_address[1]}"

    def handle_error(self, *unused):
        """Clients that hang up are part of the tests."""

    def close(self):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *unused):
        pass

    def reply(self, body, kind="application/json", status=200, headers=()):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self):
        server = self.server
        path = urllib.parse.urlsplit(self.path).path
        server.asked.append(self.path)
        if path.startswith(("/movie/", "/hls/")):
            with server.lock:
                server.open += 1
                server.most = max(server.most, server.open)
            try:
                return self.media(path)
            finally:
                self.wfile.flush()
                with server.lock:
                    server.open -= 1
        if "action=get_vod_streams" in self.path:
            return self.reply(json.dumps([
                {"stream_id": 11, "name": "Tést Film (2020)", "container_extension": "mp4", "tmdb": 550, "added": "1"},
                {"stream_id": 12, "name": "Variants (2021)", "container_extension": "m3u8", "tmdb": 551, "added": "1"},
                {"stream_id": 21, "name": "EN - Tongues (2019)", "container_extension": "mp4", "tmdb": 600, "added": "1"},
                {"stream_id": 22, "name": "DE - Tongues (2019)", "container_extension": "mp4", "tmdb": 600, "added": "1"},
                {"stream_id": 13, "name": "Endless (2022)", "container_extension": "mkv", "tmdb": 552, "added": "1"}]).encode())
        if "action=get_series&" in self.path + "&":
            return self.reply(json.dumps([{"series_id": 80, "name": "A Series", "tmdb": 1396, "cover": "http://pictures.example/80.jpg",
                                           "last_modified": "5"}]).encode())
        if "_info" in self.path:
            time.sleep(server.delay_s)
            return self.reply(*((b"down", "text/plain", 503) if server.is_down else (json.dumps(self.info()).encode(),)))
        if "action=" in self.path:
            return self.reply(b"[]")
        info = {"user_info": {"auth": 1, "status": "Active", "exp_date": None, "max_connections": str(server.limit), "active_cons": 0},
                "server_info": {"timezone": "UTC"}}
        return self.reply(json.dumps(info).encode())

    do_HEAD = do_GET

    def info(self):
        if "series_id=80" in self.path:
            return {"info": {"name": "A Series", "tmdb": 1396}, "episodes": {
                str(season): [{"id": str(800 + 10 * season + n), "episode_num": n, "title": f"Part {n}", "container_extension": "mp4",
                               "season": season, "info": {"duration_secs": 1500}} for n in (1, 2, 3)] for season in (1, 2)}}
        return {"info": {"tmdb_id": 550, "duration_secs": 5400, "movie_image": "http://pictures.example/11.jpg"},
                "movie_data": {"stream_id": 11}}

    def media(self, path):
        server = self.server
        if server.refuse:
            return self.reply(b"<html>no</html>", "text/html", server.refuse.pop(0))
        if path.endswith("/11.mp4"):
            return self.file()
        if path.endswith(("/21.mp4", "/22.mp4")):
            return self.reply(b"gone", "text/plain", 404) if path[-6:-4] in server.gone else self.tongue(TONGUES[path[-6:-4]])
        if path.endswith("/13.mkv"):
            if server.silent:
                server.silent.wait(60)
            self.send_response(200)
            self.send_header("Content-Type", "video/x-matroska")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for at in range(0, SIZE, 70001):
                piece = FILM[at:at + 70001]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            return self.wfile.write(b"0\r\n\r\n")
        return self.hls(path)

    def file(self):
        server, film = self.server, self.server.film
        match = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")) if server.ranges else None
        first = int(match.group(1)) if match else 0
        if first >= len(film):
            return self.reply(b"", "video/mp4", 416, [("Content-Range", f"bytes */{len(film)}")])
        last = min(int(match.group(2)), len(film) - 1) if match and match.group(2) else len(film) - 1
        self.send_response(206 if match else 200)
        self.send_header("Content-Type", "video/mp4")
        self.send_header("Content-Length", str(last - first + 1 + (server.lie if last == len(film) - 1 else 0)))
        self.send_header("Connection", "close")
        if server.coding:
            self.send_header("Content-Encoding", server.coding)
        if server.etag:
            self.send_header("ETag", server.etag)
        if match:
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(film)}")
        self.end_headers()
        body = film[first:last + 1]
        if server.drop_after and len(body) > 1:
            body = body[:server.drop_after.pop(0)]
            if server.on_drop:
                server.on_drop()
        if server.hold:
            self.wfile.write(body[:100])
            self.wfile.flush()
            server.hold.wait(120)
            body = body[100:]
        self.wfile.write(body)
        self.close_connection = True

    def tongue(self, film):
        first = int(self.headers.get("Range", "bytes=0-")[len("bytes="):].split("-")[0])
        ranged = [("Content-Range", f"bytes {first}-{len(film) - 1}/{len(film)}")]
        return self.reply(film[first:], "video/mp4", 206 if "Range" in self.headers else 200, ranged if "Range" in self.headers else ())

    def real(self, name):
        folder, window, begun = self.server.shows
        if name == "master.m3u8":
            return self.reply(b'#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=500000,CODECS="avc1.42c00b,mp4a.40.2"\nlist.m3u8\n', "text/plain")
        if name != "list.m3u8":
            with open(os.path.join(folder, name), "rb") as handle:
                return self.reply(handle.read(), "video/mp2t")
        count = len([one for one in os.listdir(folder) if one.endswith(".ts")])
        first = min(int(time.monotonic() - begun), count - window) if window else 0
        last = min(first + (window or count), count)
        head = f"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:{first}\n"
        end = "#EXT-X-ENDLIST\n" if last == count else ""
        return self.reply((head + "".join(f"#EXTINF:1.0,\n{i:03}.ts\n" for i in range(first, last)) + end).encode(), "audio/x-mpegurl")

    def hls(self, path):
        token = self.server.token
        if self.server.shows and path.startswith("/hls/"):
            return self.real(path.rsplit("/", 1)[1])
        if path.startswith("/movie/"):
            return self.reply(b"", status=302, headers=[("Location", f"/hls/{token}/master.m3u8")])
        if f"/hls/{token}/" not in path:
            return self.reply(b"gone", "text/plain", 403)
        name = path.rsplit("/", 1)[1]
        if name == "master.m3u8":
            return self.reply(b'#EXTM3U\n#EXT-X-DEFINE:NAME="d",VALUE="deep"\n#EXT-X-STREAM-INF:BANDWIDTH=1000\n{$d}/low.m3u8?a=b\n'
                              b"#EXT-X-STREAM-INF:BANDWIDTH=2000\ndeep/high.m3u8\n", "text/plain")
        if name in ("low.m3u8", "high.m3u8"):
            lines = "".join(f"#EXTINF:4,\nseg{i}.ts\n" for i in range(len(SEGMENTS)))
            return self.reply(f'#EXTM3U\n#EXT-X-DEFINE:IMPORT="d"\n#EXT-X-TARGETDURATION:4\n#EXT-X-KEY:METHOD=AES-128,URI="key?t={token}"\n'
                              f"{lines}#EXT-X-ENDLIST\n".encode(), "application/octet-stream")
        if name == "key":
            return self.reply(b"k" * 16, "application/octet-stream")
        return self.reply(SEGMENTS[int(name[3:-3])], "video/mp2t")


class World:
    def __init__(self, **options):
        self.panel = Panel(**options)

    def __enter__(self):
        self.server = Server()
        self.server.add_account(self.panel)
        return self.panel, self.server

    def __exit__(self, *unused):
        self.server.close()
        self.panel.close()


class Reply:
    def __init__(self, answer, body):
        self.status, self.body = answer.status, body
        self.headers = {name.lower(): value for name, value in answer.getheaders()}


def fetch(server, path, headers=None, method="GET"):
    link = http.client.HTTPConnection("127.0.0.1", int(server.url.rsplit(":", 1)[1]), timeout=90)
    try:
        link.request(method, path, headers=headers or {})
        answer = link.getresponse()
        return Reply(answer, answer.read())
    finally:
        link.close()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Films as files: a download through kill -9 of the server, .strm files in a player that seeks, and at another provider."""
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse

from forge_kit import Provider, Server, await_true, main
from forge_panel import FILM, Handler, Panel, World, fetch

MOON = 7004  # "A Trip to the Moon" at the fake provider


def handle_of(server, title):
    return next(film["handle"] for film in server.ctl_json("library", "list", "movies") if film["title"].startswith(title))


def strm_files(server, folder):
    server.ctl_json("strm", "export", folder, "--movies")
    names = [os.path.join(place, name) for place, _, files in os.walk(folder) for name in files if name.endswith(".strm")]
    return {os.path.basename(name): open(name, encoding="utf-8").read().strip() for name in names}


def download(server):
    return server.call("GET", "/v1/downloads")[0]


def test_killed_in_the_middle_again_and_again():
    provider = Provider("--max-connections", 2)
    server = Server()
    try:
        server.add_account(provider)
        folder = os.path.join(server.root, "films")
        server.ctl_json("settings", "set", "download_dir", folder)
        handle = handle_of(server, "A Trip to the Moon")
        whole = fetch(server, "/api/stream?id=" + handle).body
        assert len(whole) > 600_000
        provider.tell(f"stream {MOON} stall-after 200000")
        server.call("POST", "/v1/downloads", {"media": handle})
        path, before = download(server)["path"], 0
        for kill in range(3):
            part = await_true(lambda: os.path.exists(path + ".part") and os.path.getsize(path + ".part") > before and
                              os.path.getsize(path + ".part"), f"more bytes before kill {kill}", 60)
            server.kill()
            before = os.path.getsize(path + ".part")
            assert before >= part and not os.path.exists(path)
            with open(path + ".part", "rb") as file:
                assert whole.startswith(file.read())
            server.start()
        provider.tell(f"stream {MOON} ok")
        await_true(lambda: download(server)["state"] == "done", "the film", 60)
        with open(path, "rb") as file:
            assert file.read() == whole
        assert os.listdir(folder) == [os.path.basename(path)]
        _, out, _ = server.ctl("downloads", "list")
        assert re.search(r"STATE +SIZE +SPEED +LEFT +TITLE", out) and re.search(r"done +[\d.]+.[kM]B ", out), out
    finally:
        server.close()
        provider.close()


def metric(server, name):
    return float(re.search(rf"^streamforge_{name} (\S+)$", server.get("/metrics").body.decode(), re.M).group(1))


def test_a_film_that_is_watched_lets_go_within_a_second():
    """On the only connection; a player's film and a browser's download."""
    provider = Provider("--max-connections", 1)
    server = Server()
    try:
        server.ctl("settings", "set", "linger_ms", "0")
        server.add_account(provider)
        handle = handle_of(server, "A Trip to the Moon")
        channel = urllib.parse.urlsplit(server.get("/lineup.json").json()[0]["URL"]).path
        for count, kind in enumerate(("inline", "attachment"), 1):
            provider.tell(f"stream {MOON} stall-after 300000")
            film = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
            film.request("GET", f"/api/stream?id={handle}&disposition={kind}")
            answer = film.getresponse()
            assert len(answer.read(100_000)) == 100_000
            begun = time.monotonic()
            live = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
            live.request("GET", channel)
            picture = live.getresponse()
            assert len(picture.read(188)) == 188
            assert metric(server, "media_yields_total") == count
            slowest = metric(server, "media_yield_slowest_seconds")
            print(f"# {kind}: let go within {slowest:.3f} s, a picture {time.monotonic() - begun:.3f} s after the tune")
            assert slowest < 1.0, slowest
            for one in (picture, live, answer, film):
                one.close()
            await_true(lambda: not server.call("GET", "/v1/sessions") and metric(server, "tuners_used") == 0, "nothing is in use", 30)
    finally:
        server.close()
        provider.close()


def test_a_playlist_is_no_file():
    with World() as (_, server):
        folder = os.path.join(server.root, "films")
        server.ctl_json("settings", "set", "download_dir", folder)
        server.call("POST", "/v1/downloads", {"media": handle_of(server, "Variants")})
        await_true(lambda: download(server)["state"] == "failed", "the refusal")
        assert "as a playlist only" in download(server)["problem"], download(server)


class MovedHandler(Handler):
    """The same films under other numbers, and without TMDB ids: only title and year tell that they are the same."""

    SHIFT = 5000

    def do_GET(self):
        self.path = re.sub(r"/(\d{4})\.", lambda found: f"/{int(found.group(1)) - self.SHIFT}.", self.path)
        super().do_GET()

    do_HEAD = do_GET

    def reply(self, body, *arguments, **more):
        if "action=get_vod_streams" in self.path:
            films = json.loads(body)
            for film in films:
                film["stream_id"] += self.SHIFT
                film["added"] = "77"
                del film["tmdb"]
            body = json.dumps(films).encode()
        super().reply(body, *arguments, **more)


def test_links_outlive_a_provider_with_other_numbers():
    folder = tempfile.mkdtemp(prefix="forge-strm-")
    moved = Panel()
    moved.RequestHandlerClass = MovedHandler
    try:
        with World() as (panel, server):
            files = strm_files(server, folder)
            url = urllib.parse.urlsplit(next(text for name, text in files.items() if name.startswith("Tést Film (2020)")))
            path = url.path + "?" + url.query
            assert fetch(server, path).body == FILM
            done = server.ctl("account", "replace", "1", "--server", moved.url, "--username", "new", "--password-file", "-", stdin="new\n",
                              seconds=120)
            assert done[0] == 0, done
            panel.asked.clear()
            moved.asked.clear()
            assert fetch(server, path, {"Range": "bytes=5-104"}).body == FILM[5:105]
            assert any(one.startswith("/movie/new/new/11.") for one in moved.asked) and not panel.asked, (moved.asked, panel.asked)
            assert strm_files(server, folder) == files, "an export writes the same links again"
    finally:
        moved.close()
        shutil.rmtree(folder)


def frame_at(place, second):
    """The checksum of the picture that a player shows after a jump."""
    done = subprocess.run(["ffmpeg", "-v", "error", "-ss", str(second), "-i", place, "-map", "0:v", "-frames:v", "1", "-f", "framecrc", "-"],
                          capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0 and not done.stderr, (place, second, done.stderr[-500:])
    return done.stdout.splitlines()[-1]


def test_a_player_seeks_in_a_strm_file():
    """As Kodi does: the address from the file, jumps to and fro by ranges."""
    if not shutil.which("ffmpeg"):
        return "ffmpeg is not installed"
    provider = Provider("--max-connections", 1)
    server = Server()
    folder = tempfile.mkdtemp(prefix="forge-strm-")
    try:
        server.add_account(provider)
        url = next(text for name, text in strm_files(server, folder).items() if name.startswith("A Trip to the Moon"))
        film = os.path.join(folder, "film")
        with open(film, "wb") as file:
            file.write(fetch(server, "/api/stream?id=" + handle_of(server, "A Trip to the Moon")).body)
        length = float(subprocess.run(["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", url],
                                      capture_output=True, text=True, timeout=90, check=True).stdout)
        assert length > 5, length
        for second in (0, length * 0.8, length * 0.3):
            assert frame_at(url, second) == frame_at(film, second), second
    finally:
        server.close()
        provider.close()
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main([value for name, value in list(globals().items()) if name.startswith("test_")]))

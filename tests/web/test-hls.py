#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""hls.js in headless Chromium plays a rewritten film and a rewritten live list, from a page of another origin.

hls.js is a dependency of this test alone: one pinned version, checked by its hash, fetched by npm into the build folder the first time.
"""
import base64
import hashlib
import http.server
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
from forge_kit import BUILD, await_true  # noqa: E402
from forge_panel import World  # noqa: E402

VERSION = "1.7.4"
SHA512 = "3GlxGdPvT2YHvQYOt+yOzT/DEior/qJVNIylHA77kgeoBTdQQqi70GwefNEUmHQeNGyjC8U62+bruqW/Tpm+tg=="
FETCH_S = 120
FILM_S = 8
PAGE = b"""<!DOCTYPE html><meta charset="utf-8"><link rel="icon" href="data:,"><title>hls.js</title><video muted></video>
<script src="hls.js"></script><script>
const video = document.querySelector('video');
window.report = { errors: [], ended: false, levels: 0 };
const hls = new Hls({ liveSyncDurationCount: 2 });
hls.on(Hls.Events.ERROR, (name, data) => report.errors.push(`${data.fatal ? 'fatal ' : ''}${data.details}`));
hls.on(Hls.Events.MANIFEST_PARSED, (name, data) => { report.levels = data.levels.length; video.play(); });
video.addEventListener('ended', () => { report.ended = true; });
hls.loadSource(new URLSearchParams(location.search).get('list'));
hls.attachMedia(video);
</script>"""


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def is_right(path):
    with open(path, "rb") as handle:
        return base64.b64encode(hashlib.sha512(handle.read()).digest()).decode() == SHA512


def fetch_player():
    """The text of hls.js."""
    folder = os.path.join(BUILD, "tests", "web")
    package = os.path.join(folder, f"hls.js-{VERSION}.tgz")
    os.makedirs(folder, exist_ok=True)
    if not os.path.exists(package):
        if not shutil.which("npm"):
            skip("npm is not installed, so hls.js cannot be fetched")
        try:
            done = subprocess.run(["npm", "pack", "--silent", f"hls.js@{VERSION}"], cwd=folder, capture_output=True, text=True,
                                  timeout=FETCH_S, check=False)
        except subprocess.TimeoutExpired:
            skip("the registry of npm does not answer, so hls.js cannot be fetched")
        if done.returncode or not os.path.exists(package):
            skip(f"hls.js {VERSION} cannot be fetched: {done.stderr.strip()[-200:]}")
    assert is_right(package), f"{package} is not hls.js {VERSION}: its hash is another one"
    with tarfile.open(package) as archive:
        return archive.extractfile("package/dist/hls.min.js").read()


class Pages(http.server.ThreadingHTTPServer):
    """Another origin, as that of somebody's own player page."""

    daemon_threads = True

    def __init__(self, player):
        self.player = player
        super().__init__(("127.0.0.1", 0), PageHandler)
        threading.Thread(target=self.serve_forever, daemon=True).start()
        self.origin = f"http://127.0.0.1:{self.server_address[1]}"


class PageHandler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body, kind = (self.server.player, "text/javascript") if self.path == "/hls.js" else (PAGE, "text/html")
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *unused):
        pass


def make_segments(folder):
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=160x90:rate=10", "-f", "lavfi", "-i", "sine",
                    "-t", str(FILM_S), "-g", "10", "-c:v", "libx264", "-profile:v", "baseline", "-pix_fmt", "yuv420p",
                    "-preset", "ultrafast", "-c:a", "aac", "-f", "segment", "-segment_time", "1", "-segment_format", "mpegts",
                    os.path.join(folder, "%03d.ts")], check=True)


def play(browser, url, is_over, what):
    browser.driver.get(url)
    state = {}

    def look():
        state.update(browser.driver.execute_script(
            "return { ...report, at: video.currentTime, width: video.videoWidth, failed: video.error && video.error.message }"))
        fatal = [error for error in state["errors"] if error.startswith("fatal")]
        assert not fatal and not state["failed"], (what, state)
        return is_over(state)
    try:
        await_true(look, what, 90)
    except AssertionError as error:
        raise AssertionError(f"{error}: {state}") from None
    assert state["levels"] == 1 and state["width"] == 160, state
    print(f"# {what}: {state}")


def main():
    for program in ("ffmpeg", "chromium", "chromedriver"):
        if not shutil.which(program):
            skip(f"{program} is not installed")
    pages = Pages(fetch_player())
    from forge_browser import Browser
    folder = tempfile.mkdtemp(prefix="forge-hls-")
    try:
        make_segments(folder)
        with World() as (panel, server):
            server.ctl("settings", "set", "cors_origins", pages.origin)
            films = server.ctl_json("library", "list", "movies")
            film = next(film["id"] for film in films if film["title"].startswith("Variants"))
            browser = Browser(server.root, "about:blank", "--autoplay-policy=no-user-gesture-required")
            try:
                url = f"{pages.origin}/?list={server.url}/strm/stream?kind=movie%26id={film}"
                panel.shows = (folder, 0, time.monotonic())
                play(browser, url, lambda state: state["ended"] and state["at"] > FILM_S - 1, "a film to its end")
                panel.shows = (folder, 4, time.monotonic())
                play(browser, url, lambda state: state["ended"], "a live list that moves on and ends")
            finally:
                browser.close()
    finally:
        pages.shutdown()
        shutil.rmtree(folder)
    print("ok hls.js plays both")


if __name__ == "__main__":
    main()

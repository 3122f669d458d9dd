#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of allowed sites: /api/extract, /api/stream, /api/batch with a yt-dlp that says what it was told, and with the real one."""
import concurrent.futures
import hashlib
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
import urllib.parse

from forge_kit import Events, Server, await_true, enter_network, main
from forge_panel import FILM, Panel

SITE = "11.11.11.11"  # of nobody in the network of this test, but a public address
OTHER_SITE = "11.11.11.12"

STUB = """#!/bin/sh
echo "$*" >> "{folder}/runs"
for url in "$@"; do :; done
name=$(basename "$url")
[ -f "{folder}/$name.sh" ] && . "{folder}/$name.sh"
cat "{folder}/$name.json"
"""


class Site(http.server.ThreadingHTTPServer):
    """Files of a folder, with ranges; what stands in `cut` breaks off there, once."""

    daemon_threads = True

    def __init__(self, folder, address=SITE):
        self.folder, self.cut, self.asked, self.refuse = folder, {}, [], {}
        self.hides_length = False  # of the whole, when it sends a part
        self.heads, self.moved, self.wants = [], {}, None  # names → where they went; a header without which nothing is given
        super().__init__((address, 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()
        self.url = f"http://{address}:{self.server_address[1]}"

    def handle_error(self, *unused):
        pass


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *unused):
        pass

    def do_GET(self):
        site, name = self.server, os.path.basename(urllib.parse.urlsplit(self.path).path)
        site.asked.append((self.path, self.headers.get("Range")))
        site.heads.append((name, dict(self.headers.items())))
        if name in site.moved:
            self.send_response(302)
            self.send_header("Location", site.moved[name])
            self.send_header("Content-Length", "0")
            return self.end_headers()
        if site.wants and self.headers.get(site.wants[0]) != site.wants[1]:
            site.refuse.setdefault(name, []).insert(0, 403)
        path, cut = os.path.join(site.folder, name), site.cut.pop(name, None)
        if site.refuse.get(name) or not os.path.exists(path):
            self.send_response(site.refuse[name].pop(0) if site.refuse.get(name) else 404)
            self.send_header("Content-Length", "0")
            return self.end_headers()
        with open(path, "rb") as handle:
            data = handle.read()
        match = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        first = int(match.group(1)) if match else 0
        last = min(int(match.group(2)), len(data) - 1) if match and match.group(2) else len(data) - 1
        kinds = {"html": "text/html", "mp4": "video/mp4", "webm": "video/webm", "m4a": "audio/mp4"}
        self.send_response(206 if match else 200)
        self.send_header("Content-Type", kinds.get(name.rsplit(".", 1)[-1], "application/octet-stream"))
        self.send_header("Content-Length", str(last - first + 1))
        self.send_header("Connection", "close")
        if match:
            self.send_header("Content-Range", f"bytes {first}-{last}/{'*' if site.hides_length else len(data)}")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[first:last + 1][:cut])
        self.close_connection = True

    do_HEAD = do_GET


class World:
    def __init__(self, arguments=(), sites=SITE, program=None):
        self.folder = tempfile.mkdtemp(prefix="forge-sites-")
        self.arguments, self.sites, self.program = arguments, sites, program

    def __enter__(self):
        self.site = Site(self.folder)
        self.stub = os.path.join(self.folder, "stub")
        with open(self.stub, "w") as handle:
            handle.write(STUB.format(folder=self.folder))
        os.chmod(self.stub, 0o755)
        self.server = Server(arguments=self.arguments)
        for key, value in (("allowed_sites", self.sites), ("extract_program", self.program or self.stub)):
            self.server.ctl("settings", "set", key, value)
        return self

    def __exit__(self, *unused):
        self.server.close()
        self.site.shutdown()
        self.site.server_close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def page(self, name, text=None, script=None):
        """What yt-dlp says of a page, and the page's address."""
        if text is not None:
            with open(os.path.join(self.folder, name + ".json"), "w") as handle:
                handle.write(text if isinstance(text, str) else json.dumps(text))
        if script is not None:
            with open(os.path.join(self.folder, name + ".sh"), "w") as handle:
                handle.write(script)
        return f"{self.site.url}/watch/{name}"

    def runs(self):
        path = os.path.join(self.folder, "runs")
        return open(path).read().splitlines() if os.path.exists(path) else []


class Reply:
    def __init__(self, answer, body):
        self.status, self.body = answer.status, body
        self.headers = {name.lower(): value for name, value in answer.getheaders()}

    def json(self):
        return json.loads(self.body)


def local(url):
    parts = urllib.parse.urlsplit(url)
    return parts.path + ("?" + parts.query if parts.query else "")


def connect(server, path, method="GET", body=None, headers=None):
    link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=90)
    link.request(method, local(path), body=body, headers=headers or {})
    return link, link.getresponse()


def ask(server, path, method="GET", body=None, headers=None):
    link, answer = connect(server, path, method, body, headers)
    try:
        return Reply(answer, answer.read())
    finally:
        link.close()


def extract(server, url, **options):
    return ask(server, "/api/extract", "POST", json.dumps({"url": url, "options": options}), {"Content-Type": "application/json"})


# ---- picture and sound apart ----

def make_media(folder, families=("mp4", "webm"), times=1, front=True):
    """A picture and its sound in files of their own, of six seconds, or so many times that; the index in front or at the end."""
    fast = ["-movflags", "+faststart"] if front else []
    source = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-f", "lavfi", "-i", "sine=frequency=500"]
    ends = [["-map", "0:v", "-c:v", "libx264", "-preset", "ultrafast", "-b:v", "2M", "-g", "25", *fast, "picture.mp4"],
            ["-map", "1:a", "-c:a", "aac", "-b:a", "192k", *fast, "sound.m4a"],
            ["-map", "0:v", "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "1M", "-g", "25", "picture.webm"],
            ["-map", "1:a", "-c:a", "libopus", "sound.webm"]]
    for end in ends:
        if ("webm" if end[-1].endswith(".webm") else "mp4") not in families:
            continue
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", *source, "-t", "6", *end], cwd=folder, check=True)
        if times > 1:
            short = os.path.join(folder, "short-" + end[-1])
            os.rename(os.path.join(folder, end[-1]), short)
            subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-stream_loop", str(times - 1), "-i", short, "-c", "copy", *fast, end[-1]], cwd=folder, check=True)


def apart(site, token=""):
    one = {"protocol": "https", "vcodec": "none", "acodec": "none"}
    return {"title": "Apart: a tést", "duration": 6, "thumbnail": "https://i.example/t.jpg", "formats": [
        {**one, "format_id": "140", "ext": "m4a", "acodec": "mp4a.40.2", "url": f"{site.url}/sound.m4a{token}", "tbr": 192},
        {**one, "format_id": "251", "ext": "webm", "acodec": "opus", "url": f"{site.url}/sound.webm{token}", "tbr": 96},
        {**one, "format_id": "137", "ext": "mp4", "vcodec": "avc1.4d401f", "height": 1080, "url": f"{site.url}/picture.mp4{token}", "tbr": 2000},
        {**one, "format_id": "248", "ext": "webm", "vcodec": "vp8", "height": 720, "url": f"{site.url}/picture.webm{token}", "tbr": 1000}]}


def frames(path):
    """Decodes all of it: how many pictures and how many seconds of sound."""
    out = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", path, "-map", "0:v:0", "-map", "0:a:0", "-f", "framecrc", "-"],
                         capture_output=True, text=True, check=True)
    assert out.stderr == "", out.stderr
    lines = [line.split(",") for line in out.stdout.splitlines() if not line.startswith("#")]
    rate = int(re.search(r"#sample_rate 1: (\d+)", out.stdout).group(1))
    return sum(1 for line in lines if line[0].strip() == "0"), sum(int(line[3]) for line in lines if line[0].strip() == "1") / rate


def children(pid):
    found = []
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/stat") as stat:
                text = stat.read()
            name, rest = text[text.index("(") + 1:text.rindex(")")], text[text.rindex(")") + 2:].split()
            if int(rest[1]) == pid and rest[0] != "Z":
                found.append((int(entry), name, int(rest[2])))
        except (OSError, ValueError):
            pass
    return found


def ffmpegs(server):
    return [one for one in children(server.process.pid) if one[1] == "ffmpeg"]


def test_picture_and_sound_become_one_file():
    if not shutil.which("ffmpeg"):
        return "ffmpeg is not installed"
    with World() as world:
        make_media(world.folder)
        page = world.page("apart", apart(world.site))
        for family, container, kind in (("mp4", "mp4", "video/mp4"), ("webm", "webm", "video/webm")):
            answer = extract(world.server, page, format=family).json()
            pair = next(one for one in answer["streams"] if one["url"] == answer["selected_stream_url"])
            assert pair["merged"] and pair["has_audio"] and pair["has_video"] and pair["format"] == container, pair
            got = ask(world.server, pair["url"])
            assert got.status == 200 and got.headers["content-type"] == kind and got.headers["accept-ranges"] == "none", got.headers
            assert "content-length" not in got.headers and got.headers["x-cache"] == "BYPASS"
            assert "filename*=UTF-8''Apart_%20a%20t%C3%A9st." + container in got.headers["content-disposition"], got.headers
            path = os.path.join(world.folder, "got." + container)
            with open(path, "wb") as handle:
                handle.write(got.body)
            pictures, seconds = frames(path)
            assert pictures == 150 and 5.9 <= seconds <= 6.1, (pictures, seconds)
            head = ask(world.server, pair["url"], "HEAD")
            assert head.status == 200 and head.body == b"" and head.headers["content-type"] == kind
        await_true(lambda: not ffmpegs(world.server), "no ffmpeg is left")
        # a part of it cannot be asked for: the whole comes
        assert ask(world.server, pair["url"], headers={"Range": "bytes=10-"}).status == 200


def test_an_index_at_the_end_comes_first():
    """Such files cannot be read from a pipe: a second request fetches the index; also when the media breaks off."""
    if not shutil.which("ffmpeg"):
        return "ffmpeg is not installed"
    with World() as world:
        make_media(world.folder, ["mp4"], front=False)
        with open(os.path.join(world.folder, "picture.mp4"), "rb") as handle:
            assert handle.read().index(b"moov") > 100000, "it is at the end"
        url = extract(world.server, world.page("apart", apart(world.site)), format="mp4").json()["selected_stream_url"]
        whole = ask(world.server, url)
        path = os.path.join(world.folder, "got.mp4")
        with open(path, "wb") as handle:
            handle.write(whole.body)
        pictures, seconds = frames(path)
        assert whole.status == 200 and pictures == 150 and 5.9 <= seconds <= 6.1, (whole.status, pictures, seconds)
        world.site.cut = {"picture.mp4": 300001}
        again = ask(world.server, url)
        assert hashlib.sha256(again.body).digest() == hashlib.sha256(whole.body).digest(), (len(again.body), len(whole.body))
        await_true(lambda: not ffmpegs(world.server), "no ffmpeg is left")


def test_an_input_that_breaks_off_goes_on():
    if not shutil.which("ffmpeg"):
        return "ffmpeg is not installed"
    with World() as world:
        make_media(world.folder, ["mp4"])
        whole = ask(world.server, extract(world.server, world.page("apart", apart(world.site)), format="mp4").json()["selected_stream_url"])
        world.site.cut = {"picture.mp4": 300001, "sound.m4a": 50003}
        again = ask(world.server, extract(world.server, world.page("apart"), format="mp4").json()["selected_stream_url"])
        assert whole.body and hashlib.sha256(again.body).digest() == hashlib.sha256(whole.body).digest(), (len(again.body), len(whole.body))
        assert ("/picture.mp4", "bytes=300001-") in [(path, (wanted or "")[:13]) for path, wanted in world.site.asked], world.site.asked[-6:]


def test_an_input_that_is_lost_breaks_the_answer_off():
    if not shutil.which("ffmpeg"):
        return "ffmpeg is not installed"
    with World() as world:
        make_media(world.folder, ["mp4"])
        url = extract(world.server, world.page("apart", apart(world.site)), format="mp4").json()["selected_stream_url"]
        world.site.cut = {"picture.mp4": 300001}
        link, answer = connect(world.server, url)
        world.site.refuse = {"picture.mp4": [404] * 100}
        try:
            answer.read()
            raise AssertionError("an answer that was cut short passed for whole")
        except (http.client.IncompleteRead, ConnectionError):
            pass
        link.close()
        await_true(lambda: not ffmpegs(world.server), "no ffmpeg is left")
        with open(os.path.join(world.folder, "picture.mp4"), "wb") as handle:
            handle.write(b"this is no picture" * 1000)
        world.site.refuse = {}
        refused = ask(world.server, url)
        assert refused.status == 502 and "container" in refused.json()["message"], (refused.status, refused.body)


def test_joined_files_end_with_their_clients_and_are_few():
    if not shutil.which("ffmpeg"):
        return "ffmpeg is not installed"
    with World() as world:
        make_media(world.folder, ["mp4"], times=40)
        url = extract(world.server, world.page("apart", apart(world.site)), format="mp4").json()["selected_stream_url"]
        links = [connect(world.server, url) for _ in range(4)]
        assert [answer.status for _, answer in links] == [200] * 4 and all(answer.read(1000) for _, answer in links)
        running = ffmpegs(world.server)
        assert len(running) == 4 and all(pid == group for pid, _, group in running), running
        for pid, _, _ in running:
            with open(f"/proc/{pid}/cmdline", "rb") as line:
                words = line.read()
            assert b"http" not in words and SITE.encode() not in words and b"pipe" in words, words
        fifth = ask(world.server, url)
        assert fifth.status == 503 and fifth.headers["retry-after"] == "2", (fifth.status, fifth.headers)
        for link, answer in links:
            answer.close()
            link.close()
        await_true(lambda: not ffmpegs(world.server), "they ended with their clients")
        assert ask(world.server, url).status == 200


def test_no_input_leaves_the_list():
    with World() as world:
        good = urllib.parse.quote(world.site.url + "/picture.mp4", safe="")
        for bad in ("http://127.0.0.1/a", "http://example.com/a", "file:///etc/passwd", "http://169.254.169.254/"):
            for query in (f"url={good}&audio={urllib.parse.quote(bad, safe='')}", f"url={urllib.parse.quote(bad, safe='')}&audio={good}"):
                answer = ask(world.server, "/api/stream?" + query)
                assert answer.status == 400, (query, answer.status)
        assert world.site.asked == []
        assert ask(world.server, f"/api/stream?id=movie/1&audio={good}").status == 400
        assert ask(world.server, f"/api/stream?url={good}&audio={good}&format=avi").status == 400


# ---- pages ----

def whole(site, count=3):
    """A page with files of both, the names of their bytes."""
    return {"title": "Whole", "duration": 60.5, "thumbnail": "https://i.example/t.jpg", "formats": [
        {"format_id": str(height), "ext": "mp4", "height": height, "vcodec": "avc1", "acodec": "mp4a", "tbr": height, "filesize": height,
         "url": f"{site.url}/{height}.mp4", **({"format_note": "watermarked"} if height == 480 else {})} for height in (360, 480, 720)[:count]]}


def put(world, name, data):
    with open(os.path.join(world.folder, name), "wb") as handle:
        handle.write(data)


def test_extract_of_a_page():
    with World() as world:
        page = world.page("whole", whole(world.site), script="sleep 0.3")
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda quality: extract(world.server, page, quality=quality), ("best", "720p", "480p", "360p")))
        assert [answer.status for answer in answers] == [200] * 4 and len(world.runs()) == 1, world.runs()
        best, _, middle, low = [answer.json() for answer in answers]
        chosen = [next(one["quality"] for one in answer["streams"] if one["url"] == answer["selected_stream_url"]) for answer in (best, middle, low)]
        assert chosen == ["720p", "360p", "360p"], chosen  # what is marked only if nothing else is there, or it is wanted
        assert best["title"] == "Whole" and best["duration"] == 60 and best["thumbnail"] and best["streams"][0]["size"] == 720, best
        marked = extract(world.server, page, quality="480p", watermark=True).json()
        assert "480.mp4" in urllib.parse.unquote(marked["selected_stream_url"])
        words = world.runs()[0].split()
        assert words[0] == "--ignore-config" and words[-2:] == ["--", page], words
        assert extract(world.server, "https://youtube.com.evil.example/x").status == 400
        missing = extract(world.server, world.page("missing", script='echo "ERROR: [x] Video unavailable" >&2; exit 1'))
        assert missing.status == 404 and missing.json()["message"].endswith("Video unavailable"), missing.body
        broken = extract(world.server, world.page("broken", "{"))
        assert broken.status == 503 and broken.json()["retryable"], (broken.status, broken.body)
        world.server.ctl("settings", "set", "extract_program", "/nonexistent/yt-dlp")
        absent = extract(world.server, world.page("other"))
        assert absent.status == 501 and "installed" in absent.json()["message"], absent.body


def test_a_page_that_takes_too_long():
    with World() as world:
        world.server.ctl("settings", "set", "extract_timeout_ms", "700")
        late = extract(world.server, world.page("late", whole(world.site), script="sleep 100"))
        assert late.status == 504 and late.json()["retryable"], (late.status, late.body)
        await_true(lambda: not children(world.server.process.pid), "it was killed")


def guarded(site):
    """A page whose files want to be asked as its own player asks."""
    return {"title": "t", "duration": 6, "formats": [
        {"format_id": "22", "ext": "mp4", "height": 720, "vcodec": "a", "acodec": "b", "url": f"{site.url}/film.mp4?token=SECRET",
         "cookies": f"sid=SECRET; Domain={SITE}; Path=/; Version=0; other=1; Domain=.example.org",
         "http_headers": {"User-Agent": "Player/1", "Referer": "https://page.example/", "Accept-Encoding": "gzip", "Range": "bytes=5-",
                          "X-Broken": "a\r\nX-Injected: b", "Host": "evil.example"}}]}


def test_a_site_is_asked_as_it_wants():
    with World() as world:
        film = bytes(range(256)) * 2000
        put(world, "film.mp4", film)
        world.site.wants = ("Cookie", "sid=SECRET")
        answer = extract(world.server, world.page("guarded", guarded(world.site)))
        url = answer.json()["selected_stream_url"]
        assert b"sid=" not in answer.body and b"page.example" not in answer.body, answer.body
        world.site.cut = {"film.mp4": 100001}  # also where it goes on
        got = ask(world.server, url)
        assert got.status == 200 and got.body == film, (got.status, len(got.body))
        for name, head in world.site.heads:
            assert head["Cookie"] == "sid=SECRET" and head["User-Agent"] == "Player/1" and head["Referer"] == "https://page.example/", head
            assert head["Accept-Encoding"] == "identity" and "X-Injected" not in head and head["Host"].startswith(SITE), head
        # not for whoever the address leads to
        other = Site(world.folder, OTHER_SITE)
        world.server.ctl("settings", "set", "allowed_sites", f"{SITE},{OTHER_SITE}")
        world.site.moved = {"film.mp4": other.url + "/film.mp4"}
        assert ask(world.server, url).body == film
        assert other.heads and not any("Cookie" in head or "Referer" in head for _, head in other.heads), other.heads
        other.shutdown()
        other.server_close()
        # nor for another address of the list that somebody puts into the link
        forged = "/api/stream?" + urllib.parse.urlencode({"url": other.url + "/film.mp4", "page": f"{world.site.url}/watch/guarded", "fid": "22"})
        again = Site(world.folder, OTHER_SITE)
        forged = forged.replace(urllib.parse.quote(other.url, safe=""), urllib.parse.quote(again.url, safe=""))
        assert ask(world.server, forged).body == film and "Cookie" not in again.heads[-1][1], again.heads
        again.shutdown()
        again.server_close()
        for text in (world.server.err.text(), open(os.path.join(world.server.data, "streamforge.db"), "rb").read().decode("latin-1")):
            assert "SECRET" not in text and "guarded" not in text


def test_a_playlist_of_a_site_is_asked_as_it_wants():
    with World() as world:
        put(world, "list.m3u8", b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\none.ts\n#EXT-X-ENDLIST\n")
        put(world, "one.ts", b"G" * 188)
        world.site.wants = ("Cookie", "sid=SECRET")
        document = guarded(world.site)
        document["formats"][0].update(url=f"{world.site.url}/list.m3u8", protocol="m3u8_native")
        url = extract(world.server, world.page("list", document)).json()["selected_stream_url"]
        text = ask(world.server, url).body.decode()
        parts = re.findall(r"/strm/proxy/[^\s\"]+", text)
        assert len(parts) == 1 and SITE not in re.sub(r"u=[^&]*", "", parts[0]), text
        assert ask(world.server, parts[0]).body == b"G" * 188
        assert world.site.heads[-1][0] == "one.ts" and world.site.heads[-1][1]["User-Agent"] == "Player/1", world.site.heads


def test_a_page_is_remembered_over_a_restart():
    with World() as world:
        film = bytes(range(256)) * 2000
        put(world, "film.mp4", film)
        world.site.wants = ("Cookie", "sid=SECRET")
        page = world.page("guarded", guarded(world.site))
        first = extract(world.server, page).json()
        world.server.stop()
        world.server.start()
        again = extract(world.server, page).json()
        assert len(world.runs()) == 1 and again["title"] == first["title"] and len(again["streams"]) == len(first["streams"]), world.runs()
        assert ask(world.server, again["selected_stream_url"]).body == film
        # a link that was given out before goes on with what is remembered
        assert ask(world.server, first["selected_stream_url"], headers={"Range": "bytes=9-"}).body == film[9:]
        assert len(world.runs()) == 1


def test_an_address_that_expired_is_looked_up_again():
    with World() as world:
        film = bytes(range(256)) * 12000
        put(world, "old.mp4", film)
        put(world, "new.mp4", film)
        document = {"title": "t", "formats": [{"format_id": "22", "ext": "mp4", "height": 720, "vcodec": "a", "acodec": "b",
                                               "url": f"{world.site.url}/old.mp4"}]}
        page = world.page("expires", document)
        url = extract(world.server, page).json()["selected_stream_url"]
        tag = ask(world.server, url, "HEAD").headers["etag"]
        document["formats"][0]["url"] = f"{world.site.url}/new.mp4"
        world.page("expires", document)
        # in the middle: it breaks off, and the old address is refused from then on
        world.site.cut, world.site.refuse = {"old.mp4": 1000003}, {}
        link, answer = connect(world.server, url)
        world.site.refuse = {"old.mp4": [403] * 100}
        assert answer.read() == film and answer.getheader("ETag") == tag
        link.close()
        assert len(world.runs()) == 2 and ("/new.mp4", "bytes=1000003-") in [(path, (wanted or "")[:14]) for path, wanted in world.site.asked], world.site.asked
        # and from the start, but not again within the minute
        assert ask(world.server, url).status in (404, 502, 503) and len(world.runs()) == 2


def test_a_throttled_address_is_asked_in_parts():
    """What states its length comes at full speed only in parts: the client sees one file."""
    with World() as world:
        film = os.urandom(1 << 20) * 21
        put(world, "big.mp4", film)
        document = {"title": "t", "formats": [{"format_id": "22", "ext": "mp4", "height": 720, "vcodec": "a", "acodec": "b",
                                               "url": f"{world.site.url}/big.mp4?clen={len(film)}"}]}
        url = extract(world.server, world.page("big", document)).json()["selected_stream_url"]
        got = ask(world.server, url)
        assert got.status == 200 and got.headers["content-length"] == str(len(film)) and got.body == film, (got.status, len(got.body))
        assert [wanted for _, wanted in world.site.asked] == ["bytes=0-9499999", "bytes=9500000-18999999", f"bytes=19000000-{len(film) - 1}"], world.site.asked
        world.site.asked.clear()
        part = ask(world.server, url, headers={"Range": "bytes=-10000000"})
        assert part.status == 206 and part.body == film[-10000000:] and len(world.site.asked) == 2, world.site.asked
        world.site.hides_length = True  # the first part must not pass for all of it
        hidden = ask(world.server, url)
        assert hidden.status == 502 and "how long" in hidden.json()["message"], (hidden.status, len(hidden.body))


def test_no_redirect_leads_home():
    """Whatever a site of the list says, nothing at home or on this machine is asked, in no spelling."""
    with World() as world:
        home = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        home.folder, home.cut, home.asked, home.refuse, home.heads, home.moved, home.wants = world.folder, {}, [], {}, [], {}, None
        home.hides_length = False
        threading.Thread(target=home.serve_forever, daemon=True).start()
        put(world, "film.mp4", b"secret")
        port = home.server_address[1]
        for host in ("127.0.0.1", "localhost", "2130706433", "0x7f000001", "017700000001", "127.1", "[::1]", "[::ffff:127.0.0.1]",
                     "[::ffff:7f00:1]", "0.0.0.0", "169.254.169.254", "10.0.0.1", "192.168.1.1", f"{SITE}@127.0.0.1", "127.0.0.1.", "[64:ff9b::7f00:1]"):
            world.site.moved = {"film.mp4": f"http://{host}:{port}/film.mp4"}
            got = ask(world.server, "/api/stream?url=" + urllib.parse.quote(f"{world.site.url}/film.mp4?{len(host)}", safe=""))
            assert got.status in (400, 502) and b"secret" not in got.body, (host, got.status, got.body)
            direct = ask(world.server, "/api/stream?url=" + urllib.parse.quote(f"http://{host}:{port}/film.mp4", safe=""))
            assert direct.status == 400, (host, direct.status)
        assert home.asked == [], home.asked
        home.shutdown()
        home.server_close()


def test_batch_of_a_list():
    with World() as world:
        line = 'echo \'{"url":"https://v.example/%d","title":"Video %d","n_entries":3,"thumbnails":[{"url":"https://i.example/%d"}]}\'\n'
        gate = os.path.join(world.folder, "gate")
        script = line % (1, 1, 1) + line % (2, 2, 2) + f'while [ ! -e "{gate}" ]; do sleep 0.05; done\n' + line % (3, 3, 3) + "exit 0\n"
        path = "/api/batch?url=" + urllib.parse.quote(world.page("list", "", script), safe="")
        world.server.ctl("settings", "set", "batch_keep_alive_ms", "500")
        events = Events(world.server, path)
        assert events.next()[0] == "comment"
        found = [events.next() for _ in range(4)]  # they come while it still looks for more
        assert [(number, one["type"]) for number, one in found] == [(1, "link"), (None, "progress"), (2, "link"), (None, "progress")], found
        assert found[2][1] == {"type": "link", "url": "https://v.example/2", "title": "Video 2", "index": 2, "total": 3,
                               "thumbnail": "https://i.example/2"}, found[2]
        assert events.next() == ("comment", "keep-alive")
        second = Events(world.server, path)
        third = ask(world.server, path)
        assert third.status == 429 and "retry-after" in third.headers, (third.status, third.headers)
        second.close()
        with open(gate, "w"):
            pass
        rest = [one for one in events.all() if one[0] != "comment"]
        assert rest[0][0] == 3 and rest[-1] == (None, {"type": "done", "total": 3}), rest
        Events(world.server, path, {"Last-Event-ID": "2"}).all()
        assert any("--playlist-start 3 " in run for run in world.runs()), world.runs()


def test_a_reader_who_leaves_ends_the_search():
    with World() as world:
        script = 'echo \'{"url":"https://v.example/1","title":"One"}\'\nsleep 300 &\nwait\n'
        events = Events(world.server, "/api/batch?url=" + urllib.parse.quote(world.page("endless", "", script), safe=""))
        while events.next()[0] != 1:
            pass
        assert children(world.server.process.pid)
        events.close()
        await_true(lambda: not children(world.server.process.pid), "it ended with its reader")


def test_the_real_program():
    """A page of plain HTML through yt-dlp's generic extractor, to the last byte of the film."""
    if not shutil.which("yt-dlp") or not shutil.which("ffmpeg"):
        return "yt-dlp or ffmpeg is not installed"
    with World(program="yt-dlp") as world:
        make_media(world.folder, ["mp4"])
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", "picture.mp4", "-i", "sound.m4a", "-c", "copy", "both.mp4"], cwd=world.folder, check=True)
        put(world, "page.html", b'<html><head><title>A real page</title></head><body><video src="/both.mp4"></video></body></html>')
        answer = extract(world.server, world.site.url + "/page.html")
        assert answer.status == 200, (answer.status, answer.body)
        page = answer.json()
        assert page["title"].startswith("A real page") and page["selected_stream_url"], page
        with open(os.path.join(world.folder, "both.mp4"), "rb") as handle:
            film = handle.read()
        got = ask(world.server, page["selected_stream_url"])
        assert got.status == 200 and got.body == film and "A%20real%20page" in got.headers["content-disposition"], got.headers
        part = ask(world.server, page["selected_stream_url"], headers={"Range": "bytes=1000-1999"})
        assert part.status == 206 and part.body == film[1000:2000]
        gone = extract(world.server, world.site.url + "/nothing.html")
        assert gone.status == 404 and SITE not in gone.json()["message"].replace("404", ""), (gone.status, gone.body)


# ---- other devices at home ----

HOME = "10.77.0.1"


def from_home(server, path, method="GET", body=None, headers=None):
    link = http.client.HTTPConnection(HOME, server.port, timeout=60, source_address=(HOME, 0))
    try:
        link.request(method, local(path), body=body, headers=headers or {})
        answer = link.getresponse()
        return Reply(answer, answer.read())
    finally:
        link.close()


def test_other_devices_need_a_signature():
    for words in ("link add home0 type veth peer name home1", f"address add {HOME}/24 dev home0", "link set home0 up", "link set home1 up"):
        if subprocess.run(["ip", *words.split()], check=False, capture_output=True).returncode:
            return "no pair of interfaces can be made here"
    panel, server = Panel(), Server(arguments=["--bind", "lan"])
    folder = tempfile.mkdtemp(prefix="forge-home-")
    try:
        server.add_account(panel)
        film = next(one for one in server.ctl_json("library", "list", "movies") if one["title"].startswith("Tést"))
        unsigned = (f"/api/stream?id={film['handle']}", f"/strm/stream?kind=movie&id={film['id']}")
        for path in unsigned:
            assert ask(server, path, headers={"Range": "bytes=0-9"}).status == 206, "this machine needs none"
            assert from_home(server, path).status == 401, path
        answer = from_home(server, "/api/extract", "POST", json.dumps({"url": "streamforge:" + film["handle"]}))
        url = answer.json()["selected_stream_url"]
        assert answer.status == 200 and url.startswith(f"http://{HOME}:{server.port}/api/stream?"), (answer.status, url)
        assert from_home(server, url).body == FILM
        assert from_home(server, url.replace("title=", "title=x")).status == 401
        found = from_home(server, "/api/stream/extract?tmdbId=550&mediaType=movie")
        assert found.headers["cache-control"] == "private, max-age=1800, stale-while-revalidate=3600"
        assert from_home(server, found.json()["data"]["sources"][0]["url"], headers={"Range": "bytes=0-9"}).body == FILM[:10]
        server.ctl_json("strm", "export", folder, "--movies")
        name = next(os.path.join(place, name) for place, _, files in os.walk(folder) for name in files if name.startswith("Variants"))
        master = from_home(server, open(name).read().strip()).body.decode()
        part = from_home(server, re.findall(r"/strm/proxy/[^\s\"]+", master)[0])
        assert part.status == 200 and part.body.startswith(b"#EXTM3U"), part.status
        assert from_home(server, re.sub(r"sig=[^&\s]*", "", local(re.findall(r"/strm/proxy/[^\s\"]+", master)[0]))).status == 401
        assert from_home(server, "/metrics").status in (403, 404), "figures are for this machine"
    finally:
        server.close()
        panel.close()
        shutil.rmtree(folder)


if __name__ == "__main__":
    enter_network(SITE, OTHER_SITE)
    sys.exit(main([value for name, value in list(globals().items()) if name.startswith("test_")]))

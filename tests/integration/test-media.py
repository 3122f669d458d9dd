#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Films over HTTP: /api/stream, /strm/stream, /strm/proxy against a panel that breaks off, refuses, moves and lies."""
import concurrent.futures
import hashlib
import http.client
import json
import os
import re
import select
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

from forge_kit import Provider, Server, await_true, main
from forge_panel import FILM, SEGMENTS, SIZE, TONGUES, Panel, World, fetch


def film_path(server, name="Tést", **query):
    films = server.ctl_json("library", "list", "movies")
    handle = next(film["handle"] for film in films if film["title"].startswith(name))
    return "/api/stream?" + urllib.parse.urlencode({"id": handle, **query})


def strm_path(server, name):
    films = server.ctl_json("library", "list", "movies")
    return "/strm/stream?kind=movie&id=" + str(next(film["id"] for film in films if film["title"].startswith(name)))


def test_ranges():
    with World() as (panel, server):
        path = film_path(server)
        # the first request of all asks for the end: nothing is known of the file yet
        for wanted, first, last in (("bytes=-500", SIZE - 500, SIZE - 1), ("bytes=0-99", 0, 99), (f"bytes={SIZE - 10}-", SIZE - 10, SIZE - 1),
                                    (f"bytes=5-{SIZE + 9}", 5, SIZE - 1), ("bytes=1048570-1048590", 1048570, 1048590)):
            answer = fetch(server, path, {"Range": wanted})
            assert answer.status == 206 and answer.body == FILM[first:last + 1], (wanted, answer.status, len(answer.body))
            assert answer.headers["content-range"] == f"bytes {first}-{last}/{SIZE}", answer.headers
        for wanted in ("lines=1-2", "bytes=2-1", "bytes=0-1,4-5", "bytes=x"):
            answer = fetch(server, path, {"Range": wanted})
            assert answer.status == 200 and answer.body == FILM, (wanted, answer.status)
        answer = fetch(server, path, {"Range": f"bytes={SIZE}-"})
        assert answer.status == 416 and answer.headers["content-range"] == f"bytes */{SIZE}", answer.headers
        tag = answer = fetch(server, path, method="HEAD").headers["etag"]
        assert fetch(server, path, {"Range": "bytes=0-9", "If-Range": tag}).status == 206
        assert fetch(server, path, {"Range": "bytes=0-9", "If-Range": '"other"'}).body == FILM
        assert fetch(server, path, {"If-None-Match": tag}).status == 304


def test_head_costs_no_body():
    with World() as (panel, server):
        for _ in range(2):
            answer = fetch(server, film_path(server, title='Tést: "Film" / 1', format="mp4"), method="HEAD")
            assert answer.status == 200 and answer.headers["content-length"] == str(SIZE) and answer.headers["accept-ranges"] == "bytes"
            name = answer.headers["content-disposition"]
            assert name.startswith("attachment") and "filename*=UTF-8''T%C3%A9st" in name and "/" not in name.split("filename*")[0], name
        assert sum(1 for path in panel.asked if path.startswith("/movie/")) == 1


def test_goes_on_where_a_source_broke_off():
    with World() as (panel, server):
        panel.drop_after = [700001, 1, 900000, 5]
        answer = fetch(server, film_path(server))
        assert answer.status == 200 and hashlib.sha256(answer.body).digest() == hashlib.sha256(FILM).digest()
        panel.drop_after = [600000]
        panel.ranges = False  # now it only sends the whole: the beginning is read for nothing
        assert fetch(server, film_path(server)).body == FILM


def test_refusals_in_the_middle():
    with World() as (panel, server):
        panel.drop_after = [1000000]

        def refuse():
            await_true(lambda: not panel.drop_after, "the first connection")
            panel.refuse = [403, 404]

        threading.Thread(target=refuse).start()
        assert fetch(server, film_path(server)).body == FILM


def films_asked(panel):
    return sum(1 for path in panel.asked if path.startswith("/movie/"))


def test_each_refusal_is_looked_up_again_once():
    """At the start and in the middle; the second time within a minute it is the answer."""
    for status in (401, 403, 404, 410, 429, 451, 503):
        with World(limit=9) as (panel, server):
            path = film_path(server)
            panel.refuse = [status]
            got = fetch(server, path, {"Range": "bytes=5-"})
            assert got.status == 206 and got.body == FILM[5:] and films_asked(panel) == 2, (status, got.status, panel.asked)
            # in the middle of a body
            panel.drop_after, panel.on_drop = [1000000], lambda panel=panel, status=status: setattr(panel, "refuse", [status])
            link, answer = open_stream(server, path)
            assert answer.read() == FILM and answer.getheader("ETag") == got.headers["etag"], status
            link.close()
            if status not in (403, 404):
                continue
            # within the minute nothing is looked up again: what does not pass by itself is the answer at once
            panel.asked.clear()
            panel.refuse = [status] * 100
            got = fetch(server, path)
            once = status == 404
            assert got.status == (404 if once else 502), (status, got.status)
            assert films_asked(panel) == (1 if once else 4), (status, films_asked(panel))
            assert json.loads(got.body)["retryable"] is not once, (status, got.body)


def cut_short(server, path):
    """What comes of an answer that breaks off."""
    link, answer = open_stream(server, path)
    part = b""
    try:
        while piece := answer.read(1 << 16):
            part += piece
    except (http.client.IncompleteRead, ConnectionError):
        pass
    assert len(part) < int(answer.getheader("Content-Length")), "an answer that was cut short passed for whole"
    link.close()
    return part


def test_two_files_are_never_mixed():
    other = bytes(reversed(FILM))
    for film, before, after in ((FILM + b"more", None, None), (other, '"one"', '"two"')):
        with World(limit=9) as (panel, server):
            def replace(panel=panel, film=film, after=after):
                panel.film, panel.etag, panel.on_drop = film, after, None

            panel.etag, panel.drop_after, panel.on_drop = before, [1000000], replace
            part = cut_short(server, film_path(server))
            assert FILM.startswith(part) and len(part) <= 1000000, len(part)
            again = fetch(server, film_path(server))
            assert again.status == 200 and again.body == film, "who begins anew gets the new one"


def test_a_source_that_lies_about_its_length():
    with World(limit=9) as (panel, server):
        panel.lie = 1000  # never sends the end
        assert FILM.startswith(cut_short(server, film_path(server)))
        panel.lie = 0
        assert fetch(server, film_path(server)).body == FILM
        panel.lie = -1000  # sends more than it said
        got = fetch(server, film_path(server))
        assert got.status == 200 and got.body == FILM[:SIZE - 1000]


def test_a_killed_program_goes_on_with_the_same_file():
    """kill -9 in the middle; the client asks for the rest as curl -C - does."""
    with World() as (panel, server):
        path = film_path(server)
        panel.drop_after = [900000] + [0] * 100
        link, answer = open_stream(server, path)
        start, tag = answer.read(800000), answer.getheader("ETag")
        server.kill()
        link.close()
        panel.drop_after = []
        server.start()
        rest = fetch(server, path, {"Range": f"bytes={len(start)}-", "If-Range": tag})
        assert rest.status == 206 and rest.headers["etag"] == tag
        assert hashlib.sha256(start + rest.body).digest() == hashlib.sha256(FILM).digest()


def raw(server, text, half_closed=False):
    """Every byte of the answers to some bytes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as link:
        link.sendall(text)
        if half_closed:
            link.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := link.recv(1 << 16):
            answer += piece
        return answer


def test_bytes_on_the_wire():
    with World(limit=9) as (panel, server):
        path = film_path(server)
        host = f"Host: 127.0.0.1:{server.port}\r\n".encode()
        get = f"GET {path} HTTP/1.1\r\n".encode() + host
        tag = fetch(server, path, method="HEAD").headers["etag"]
        for wanted, status, first, last in (
                ("bytes=0-0", 206, 0, 0), ("bytes=-1", 206, SIZE - 1, SIZE - 1), ("bytes=-0", 416, 0, 0), (f"bytes={SIZE}-", 416, 0, 0),
                ("bytes=9-99999999999999999999", 206, 9, SIZE - 1), ("bytes=99999999999999999999-", 416, 0, 0),
                ("bytes=-99999999999999999999", 206, 0, SIZE - 1), (" bytes=3-4", 206, 3, 4), ("BYTES=3-4", 206, 3, 4),
                ("bytes=4-3", 200, 0, 0), ("bytes=0-1,3-4", 200, 0, 0), ("items=0-1", 200, 0, 0), ("bytes=+1-2", 200, 0, 0),
                ("bytes=--1", 200, 0, 0), ("bytes", 200, 0, 0), ("", 200, 0, 0)):
            got = fetch(server, path, {"Range": wanted})
            assert got.status == status, (wanted, got.status)
            if status == 206:
                assert got.body == FILM[first:last + 1] and got.headers["content-range"] == f"bytes {first}-{last}/{SIZE}", wanted
            elif status == 416:
                assert got.headers["content-range"] == f"bytes */{SIZE}" and json.loads(got.body)["retryable"] is False, wanted
            else:
                assert got.body == FILM and "content-range" not in got.headers, wanted
        for validator, status in ((tag, 206), ("W/" + tag, 200), ('"other"', 200), ("Sat, 29 Oct 1994 19:43:31 GMT", 200), ("*", 200)):
            assert fetch(server, path, {"Range": "bytes=0-4", "If-Range": validator}).status == status, validator
        for validator, status in ((tag, 304), ("W/" + tag, 304), ("*", 304), (f'"x", {tag}', 304), ('"x"', 206)):
            assert fetch(server, path, {"Range": "bytes=0-4", "If-None-Match": validator}).status == status, validator
        # one after another on a line that stays open; the file comes last and ends it
        document = b"GET /discover.json HTTP/1.1\r\n" + host + b"\r\n"
        answers = raw(server, document + document + get + b"Range: bytes=0-9\r\n\r\n")
        assert answers.count(b"HTTP/1.1 200") == 2 and answers.count(b"HTTP/1.1 206") == 1 and answers.endswith(FILM[:10])
        answers = raw(server, b"GET " + path.encode() + b" HTTP/1.0\r\nRange: bytes=0-9\r\n\r\n")
        assert answers.startswith(b"HTTP/1.0 206") and answers.endswith(b"\r\n\r\n" + FILM[:10])
        answers = raw(server, f"GET {film_path(server, 'Endless')} HTTP/1.0\r\n\r\n".encode())
        head, _, body = answers.partition(b"\r\n\r\n")
        assert body == FILM and b"chunked" not in head.lower(), head
        # a reader of a few bytes now and then gets the file too, and holds up nobody
        slow, answer = open_stream(server, path)
        pieces = [answer.read(4096)]
        for _ in range(20):
            time.sleep(0.02)
            pieces.append(answer.read(4096))
        assert fetch(server, film_path(server, "Endless")).body == FILM
        assert b"".join(pieces) + answer.read() == FILM
        slow.close()


def test_another_account_has_the_same_film():
    with World() as (panel, server):
        other = Panel()
        server.add_account(other, name="Other")
        path = film_path(server)
        tag = fetch(server, path, method="HEAD").headers["etag"]
        first = panel if any(one.startswith("/movie/") for one in panel.asked) else other
        first.refuse = [404] * 100
        answer = fetch(server, path)
        assert answer.body == FILM and answer.headers["etag"] == tag
        other.close()


def test_language():
    with World() as (panel, server):
        english, german = TONGUES["21"], TONGUES["22"]
        for lang, film in (("DE", german), ("EN", english), ("de", german), ("EN", english)):
            answer = fetch(server, "/strm/stream?tmdb=600&lang=" + lang)
            assert answer.status == 200 and answer.body == film, (lang, answer.status, answer.body[:8])
            assert fetch(server, "/strm/stream?tmdb=600&lang=" + lang, method="HEAD").headers["content-length"] == str(len(film))
        either = fetch(server, "/strm/stream?tmdb=600").body
        assert either in (english, german) and fetch(server, "/strm/stream?tmdb=600&lang=FR").body == either
        panel.gone = {"22"}
        assert fetch(server, "/strm/stream?tmdb=600&lang=DE").body == english
        panel.gone = set()  # who watches on gets the rest of the same file, who begins the language
        assert fetch(server, "/strm/stream?tmdb=600&lang=DE", {"Range": "bytes=4000-"}).body == english[4000:]
        assert fetch(server, "/strm/stream?tmdb=600&lang=DE").body == german
        assert fetch(server, "/strm/stream?tmdb=600&lang=D%2F").status == 400
        assert fetch(server, "/strm/stream?tmdb=600&language=DE").body == german


def test_refused_in_words():
    with World() as (panel, server):
        panel.refuse = [404] * 100
        answer = fetch(server, film_path(server))
        assert answer.status == 404 and set(json.loads(answer.body)) == {"error", "message", "retryable"}, answer.body
        assert b"p%40ss" not in answer.body and b"/movie/" not in answer.body
        for path, status in (("/api/stream", 400), ("/api/stream?id=movie/99999", 404), ("/api/stream?id=series/1", 400),
                             ("/api/stream?url=http%3A%2F%2F127.0.0.1%2F", 400), ("/strm/stream?kind=movie", 400), ("/strm/stream?kind=series&id=1", 400),
                             ("/strm/stream?kind=series&id=1&s=1&e=1", 404), ("/strm/stream?kind=radio&id=1", 400),
                             ("/api/stream?id=movie/1&account=x", 400),
                             ("/strm/stream?kind=movie&id=1&sig=1.x", 401), ("/strm/proxy?u=http%3A%2F%2Fx%2F&ctx=x", 401)):
            answer = fetch(server, path)
            assert answer.status == status and "message" in json.loads(answer.body), (path, answer.status)


def test_a_file_in_a_coding_is_refused():
    """Its bytes could not be counted: a length of what is coded would be that of another file."""
    with World() as (panel, server):
        panel.coding = "gzip"
        answer = fetch(server, film_path(server), {"Accept-Encoding": "gzip"})
        assert answer.status == 502 and "coding" in json.loads(answer.body)["message"], (answer.status, answer.body)


def test_unknown_length():
    with World() as (panel, server):
        answer = fetch(server, film_path(server, "Endless"))
        assert answer.status == 200 and answer.body == FILM and "content-length" not in answer.headers


def test_one_connection_at_a_time():
    with World(limit=1) as (panel, server):
        path = film_path(server)
        port = int(server.url.rsplit(":", 1)[1])
        first = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        first.request("GET", path)
        answer = first.getresponse()
        start = answer.read(1000)
        # a player that seeks: the new request gets the connection, and the old one still ends well
        assert fetch(server, path, {"Range": "bytes=2000000-2000099"}).body == FILM[2000000:2000100]
        assert start + answer.read() == FILM
        first.close()
        assert panel.most <= 1, panel.most


def test_limits_of_bodies():
    """Eight for a client, 256 for all; the next is told when to come again, and gets in when one has left."""
    with World(limit=300) as (panel, server):
        path = film_path(server)
        fetch(server, path, method="HEAD")
        panel.hold = threading.Event()

        def begin(place):
            return from_device(server, f"127.0.1.{1 + place // 8}", path)

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            links = list(pool.map(begin, range(8)))
            assert [answer.status for _, answer in links] == [200] * 8
            ninth = from_device(server, "127.0.1.1", path)
            assert ninth[1].status == 503 and ninth[1].getheader("Retry-After") == "2", ninth[1].status
            refusal = json.loads(ninth[1].read())
            assert refusal["error"] == "limit" and refusal["retryable"] and "256" in refusal["message"], refusal
            links += list(pool.map(begin, range(8, 256)))
            assert [answer.status for _, answer in links] == [200] * 256
        last = from_device(server, "127.0.1.99", path)
        assert last[1].status == 503 and last[1].getheader("Retry-After") == "2", "the 257th of all"
        assert from_device(server, "127.0.1.99", "/discover.json")[1].status == 200, "nothing else is refused"
        links[0][0].close()
        links[0][1].close()
        await_true(lambda: from_device(server, "127.0.1.99", path)[1].status == 200, "there is room again")
        panel.hold.set()
        for link, answer in links[1:5]:
            assert hashlib.sha256(answer.read()).digest() == hashlib.sha256(FILM).digest()
        for link, answer in links:
            answer.close()
            link.close()


def test_live_links_lead_to_the_channel():
    with World() as (panel, server):
        got = fetch(server, "/strm/stream?kind=live&id=7")
        assert got.status == 302 and got.headers["location"] == f"{server.url}/stream/7" and got.body == b"", (got.status, got.headers)
        assert fetch(server, "/strm/stream?kind=live&id=7", method="HEAD").status == 302
        for query, status in (("kind=live", 400), ("kind=live&id=x", 400), ("kind=live&id=7&sig=1.x", 401)):
            assert fetch(server, "/strm/stream?" + query).status == status, query


def children(text):
    return re.findall(r"/strm/proxy/[^\s\"]+", text)


def test_playlists():
    with World() as (panel, server):
        master = fetch(server, strm_path(server, "Variants"))
        text = master.body.decode()
        assert master.headers["content-type"] == "application/vnd.apple.mpegurl" and text.startswith("#EXTM3U")
        links = children(text)
        assert len(links) == 2 and panel.url not in text and "DEFINE" not in text, text
        media = fetch(server, links[1]).body.decode()
        parts = children(media)
        assert len(parts) == 1 + len(SEGMENTS) and "/hls/1" not in re.sub(r"u=[^&]*", "", media), media
        assert fetch(server, parts[0]).body == b"k" * 16
        for i, segment in enumerate(SEGMENTS):
            assert fetch(server, parts[1 + i]).body == segment
        part = fetch(server, parts[1], {"Range": "bytes=10-19"})
        assert part.status == 206 and part.body == SEGMENTS[0][10:20]
        assert fetch(server, parts[1].replace("segment", "other")).status == 401
        # the token changes: what the player still holds goes on working
        panel.token, begun = 2, time.monotonic()
        assert fetch(server, parts[3]).body == SEGMENTS[2]
        assert fetch(server, parts[5]).body == SEGMENTS[4]
        assert fetch(server, parts[0]).body == b"k" * 16
        assert time.monotonic() - begun < 15, "nobody waits for an address that has gone stale"


def test_ffmpeg_plays_films_and_live_lists():
    if not shutil.which("ffmpeg") or not shutil.which("ffprobe"):
        return "ffmpeg is not installed"
    folder = tempfile.mkdtemp(prefix="forge-media-")
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=160x90:rate=10", "-f", "lavfi", "-i", "sine",
                    "-t", "8", "-g", "10", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-f", "segment", "-segment_time", "1",
                    "-segment_format", "mpegts", os.path.join(folder, "%03d.ts")], check=True)
    with World() as (panel, server):
        url = server.url + strm_path(server, "Variants")
        for window in (0, 4):
            panel.shows = (folder, window, time.monotonic())
            done = subprocess.run(["ffmpeg", "-v", "warning", "-i", url, "-map", "0:v", "-map", "0:a", "-f", "framecrc", "-"],
                                  capture_output=True, text=True, timeout=90, check=False)
            frames = [line for line in done.stdout.splitlines() if line.startswith("0,")]
            assert done.returncode == 0 and len(frames) >= (80 if not window else 40), (window, len(frames), done.stderr[-800:])
            assert "error" not in done.stderr.lower(), done.stderr
    shutil.rmtree(folder)


def open_stream(server, path):
    link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    link.request("GET", path)
    return link, link.getresponse()


def test_live_television_takes_the_slot_of_a_film_and_gives_it_back():
    """One connection: the film stands still while somebody watches television, and is whole in the end."""
    provider = Provider("--max-connections", 1)
    server = Server()
    try:
        for key, value in (("linger_ms", "0"), ("tune_hold_ms", "10000")):
            server.ctl("settings", "set", key, value)
        server.add_account(provider)
        path = film_path(server, "A Trip to the Moon")
        whole = fetch(server, path)
        assert whole.status == 200 and len(whole.body) > 600_000, len(whole.body)
        channel = urllib.parse.urlsplit(server.get("/lineup.json").json()[0]["URL"]).path
        for kind in ("attachment", "inline"):
            provider.tell("stream 7004 stall-after 300000")
            film, answer = open_stream(server, path + "&disposition=" + kind)
            assert answer.getheader("Content-Length") == str(len(whole.body))
            start = answer.read(300_000)
            provider.tell("stream 7004 ok")
            live, picture = open_stream(server, channel)
            assert picture.status == 200, (kind, picture.status, picture.getheader("X-HDHomeRun-Error"))
            assert len(picture.read(188 * 500)) == 188 * 500
            assert len(server.call("GET", "/v1/sessions")) == 1
            # nothing of the film comes now, though the provider would send it; its connection stays
            assert not select.select([answer], [], [], 1.5)[0], "the film ended or went on beside live television"
            picture.close()
            live.close()
            rest = answer.read()
            assert hashlib.sha256(start + rest).digest() == hashlib.sha256(whole.body).digest(), (kind, len(start) + len(rest))
            answer.close()
            film.close()
    finally:
        server.close()
        provider.close()


def run_openssl(folder, *words):
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


def make_certificates(folder):
    """An authority, what it signed for 127.0.0.1, and what nobody signed."""
    new = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    run_openssl(folder, *new, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test authority", "-addext", "keyUsage=critical,keyCertSign")
    run_openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "good.key", "-out", "good.csr", "-subj", "/CN=127.0.0.1")
    with open(os.path.join(folder, "names"), "w") as handle:
        handle.write("subjectAltName=IP:127.0.0.1\n")
    run_openssl(folder, "x509", "-req", "-in", "good.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-out", "good.pem",
                "-extfile", "names")
    run_openssl(folder, *new, "-keyout", "bad.key", "-out", "bad.pem", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")


def tls_panel(folder, name):
    panel = Panel()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(folder, name + ".pem"), os.path.join(folder, name + ".key"))
    panel.socket = context.wrap_socket(panel.socket, server_side=True, do_handshake_on_connect=False)
    panel.url = panel.url.replace("http:", "https:")
    return panel


def test_films_over_tls():
    """Who is trusted gives the film, in parts too, and goes on where it broke off; a certificate of nobody is refused in words,
    unless the check is switched off."""
    if not shutil.which("openssl"):
        return "openssl is not installed"
    folder = tempfile.mkdtemp(prefix="forge-tls-")
    make_certificates(folder)
    good, bad = tls_panel(folder, "good"), tls_panel(folder, "bad")
    server = Server(env={"SSL_CERT_FILE": os.path.join(folder, "ca.pem")})
    try:
        server.add_account(good)
        path = film_path(server)
        good.drop_after = [700001, 900000]
        got = fetch(server, path)
        assert got.status == 200 and hashlib.sha256(got.body).digest() == hashlib.sha256(FILM).digest(), (got.status, len(got.body))
        part = fetch(server, path, {"Range": "bytes=-1000"})
        assert part.status == 206 and part.body == FILM[-1000:]
        master = fetch(server, strm_path(server, "Variants"))
        assert master.status == 200 and len(children(master.body.decode())) == 2
        # the same name, the same film, and nobody who vouches for it
        code, _, words = server.ctl("account", "add", "--name", "Bad", "--server", bad.url, "--username", "user", "--password-file", "-",
                                    stdin="p%40ss word\n", seconds=120)
        assert code == 1 and "certificate" in words.lower(), (code, words)
        server.ctl("settings", "set", "verify_tls", "false")
        server.add_account(bad, name="Bad")
        server.ctl("account", "disable", "1")
        assert fetch(server, path).body == FILM
        server.ctl("settings", "set", "verify_tls", "true")
        refused = fetch(server, path)
        assert refused.status == 502 and "certificate" in json.loads(refused.body)["message"], (refused.status, refused.body)
    finally:
        server.close()
        good.close()
        bad.close()
        shutil.rmtree(folder)


def from_device(server, device, path, headers=None):
    """As another device: the loopback net is large."""
    link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60, source_address=(device, 0))
    link.request("GET", path, headers=headers or {})
    answer = link.getresponse()
    return link, answer


def ask_from(server, device, path):
    link, answer = from_device(server, device, path)
    body = answer.read()
    link.close()
    return answer, body


ONE, OTHER = "127.0.0.2", "127.0.0.3"


def user_paths(server, **more):
    """A user with one connection, and what its films are called for it."""
    user = server.call("POST", "/v1/users", {"name": "kid", "password": "pass-word-1", "max_connections": 1, **more})
    films = {film["title"].split(" (")[0]: film["id"] for film in server.ctl_json("library", "list", "movies")}
    return user, {name: f"/movie/kid/pass-word-1/{number}.mp4" for name, number in films.items()}


def watches(server, user):
    return next(one["active_connections"] for one in server.call("GET", "/v1/users") if one["id"] == user["id"])


def test_a_film_in_parts_counts_for_its_user():
    with World(limit=9) as (panel, server):
        user, film = user_paths(server)
        master = ask_from(server, ONE, film["Variants"])[1].decode()
        media = ask_from(server, ONE, children(master)[1])[1].decode()
        parts = children(media)
        for i, segment in enumerate(SEGMENTS[:3]):
            assert ask_from(server, ONE, parts[1 + i])[1] == segment
            assert watches(server, user) == 1, "between two parts too"
        # another device is refused: other films, this one, and its parts
        for path in (film["Tést Film"], film["Variants"]):
            answer, body = ask_from(server, OTHER, path)
            assert answer.status == 403 and answer.getheader("X-HDHomeRun-Error", "").startswith("809") and body == b"", answer.status
        answer, body = ask_from(server, OTHER, parts[2])
        assert answer.status == 403 and json.loads(body)["error"] == "limit", (answer.status, body)
        # the same device goes on to something else: that is all it watches, and its old player gets no more
        assert ask_from(server, ONE, film["Tést Film"])[1] == FILM
        answer, body = ask_from(server, ONE, parts[3])
        assert answer.status == 403 and json.loads(body)["message"], (answer.status, body)
        assert watches(server, user) == 0
        # and back: it begins anew
        again = children(ask_from(server, ONE, film["Variants"])[1].decode())
        assert ask_from(server, ONE, children(ask_from(server, ONE, again[1])[1].decode())[1])[1] == SEGMENTS[0]
        server.api("DELETE", f"/v1/users/{user['id']}")
        await_true(lambda: ask_from(server, ONE, parts[2])[0].status == 403, "nobody any more")


def test_a_seat_that_ends_stops_what_is_opened_for_it():
    with World(limit=9) as (panel, server):
        user, film = user_paths(server)
        panel.silent = threading.Event()  # no head comes for films whose name ends so
        first, begun = [], time.monotonic()

        def open_slowly():
            first.append((ask_from(server, ONE, film["Endless"])[0].status, time.monotonic() - begun))

        thread = threading.Thread(target=open_slowly)
        thread.start()
        await_true(lambda: any("/13.mkv" in path for path in panel.asked), "the panel was asked for it")
        assert ask_from(server, ONE, film["Tést Film"])[1] == FILM
        thread.join(60)
        assert first and first[0][0] == 503 and first[0][1] < 8, first  # not the ten seconds that a head may take
        panel.silent.set()
        await_true(lambda: panel.open == 0, "the connection was closed")
        assert watches(server, user) == 0


def test_unplugged_client_frees_the_connection():
    with World(limit=1) as (panel, server):
        link = http.client.HTTPConnection("127.0.0.1", int(server.url.rsplit(":", 1)[1]), timeout=60)
        link.request("GET", film_path(server))
        link.getresponse().read(10)
        link.close()
        await_true(lambda: panel.open == 0, "the panel's connection is closed")


if __name__ == "__main__":
    sys.exit(main([value for name, value in list(globals().items()) if name.startswith("test_")]))

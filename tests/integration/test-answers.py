#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""/api/extract, /api/stream/extract and /api/batch of the library: shapes, limits, headers, time limits, one question to the panel."""
import concurrent.futures
import http.client
import json
import os
import shutil
import sqlite3
import sys
import tempfile
import time
import urllib.parse

from forge_kit import Events, await_true, main
from forge_panel import FILM, Panel, World, fetch


def extract(server, body, **headers):
    link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        link.request("POST", "/api/extract", json.dumps(body) if not isinstance(body, str) else body,
                     {"Content-Type": "application/json", **headers})
        answer = link.getresponse()
        return answer.status, dict((name.lower(), value) for name, value in answer.getheaders()), json.loads(answer.read())
    finally:
        link.close()


def local(url):
    parts = urllib.parse.urlsplit(url)
    return parts.path + "?" + parts.query


def asked(panel, word):
    return sum(1 for path in panel.asked if word in path)


def film_id(server):
    return next(film["id"] for film in server.ctl_json("library", "list", "movies") if film["title"].startswith("Tést"))


def test_extract_of_the_library():
    with World() as (panel, server):
        movie = f"streamforge:movie/{film_id(server)}"
        status, headers, answer = extract(server, {"url": movie, "options": {"quality": "1080p", "format": "mp4"}})
        assert status == 200 and answer["title"] == "Tést Film (2020)" and "no-store" in headers["cache-control"], (status, answer)
        assert headers["x-ratelimit-limit"] == "10" and headers["x-ratelimit-remaining"] == "9" and headers["x-response-time"].endswith("ms")
        one = answer["streams"][0]
        assert one["has_video"] and one["has_audio"] and one["format"] == "mp4" and one["url"] == answer["selected_stream_url"], one
        assert panel.url not in json.dumps(answer) and "p%40ss" not in json.dumps(answer)
        got = fetch(server, local(one["url"]))
        assert got.status == 200 and got.body == FILM and got.headers["content-disposition"].startswith("attachment")
        formats = answer["metadata"]["formats"]  # as clients of the parent read it
        assert answer["status"] == "success" and answer["metadata"]["original_url"] == movie and len(formats) == 1, answer
        assert formats[0]["format_id"] == one["id"] and formats[0]["ext"] == "mp4" and formats[0]["is_audio_only"] is False
        flat = extract(server, {"url": movie, "quality": "720p"})[2]
        assert local(flat["selected_stream_url"]).split("exp=")[0] == local(one["url"]).split("exp=")[0]
        for body, status in (("{", 400), ("[]", 400), ({}, 400), ({"url": "streamforge:movie/x"}, 400), ({"url": "streamforge:movie/99999"}, 404),
                             ({"url": "streamforge:series/1"}, 400), ({"url": "https://example.com/x"}, 400), ({"url": 5}, 400)):
            code, _, answer = extract(server, body)
            assert code == status and set(answer) >= {"error", "message", "retryable"}, (body, code, answer)
        # ten a minute, and when to come again
        code, headers, answer = extract(server, {"url": movie})
        assert code == 429 and 1 <= int(headers["retry-after"]) <= 60 and answer["retryable"], (code, headers)
        assert answer["retryAfter"] == int(headers["retry-after"])
        figures = fetch(server, "/metrics").body.decode()
        for line in ('streamforge_web_answers_total{path="/api/extract",status="200"} 2', 'status="429"} 1', 'status="400"} 7',
                     'streamforge_web_seconds_count{path="/api/extract"} 11', "streamforge_media_bodies 0", "streamforge_resolver_misses_total "):
            assert line in figures, (line, [one for one in figures.splitlines() if "web_" in one or "resolver" in one])


def test_bodies_that_are_no_json():
    """What a page of another site may send without asking is not read; what curl -d sends is."""
    with World() as (panel, server):
        movie = {"url": f"streamforge:movie/{film_id(server)}"}
        for kind, origin, wanted in (("application/json; charset=utf-8", None, 200), ("application/x-www-form-urlencoded", None, 200),
                                     ("application/x-www-form-urlencoded", "https://evil.example", 415), ("text/plain", None, 415),
                                     ("multipart/form-data; boundary=x", None, 415), ("application/json", server.url, 200)):
            code, headers, answer = extract(server, movie, **{"Content-Type": kind, **({"Origin": origin} if origin else {})})
            assert code == wanted and "access-control-allow-origin" not in headers, (kind, origin, code)
            assert code == 200 or (answer["error"] == "Unsupported media type" and answer["retryable"] is False), answer


def test_sources_of_a_film():
    with World() as (panel, server):
        for cache in ("MISS", "HIT"):
            got = fetch(server, "/api/stream/extract?tmdbId=550&mediaType=movie")
            answer = json.loads(got.body)
            assert got.status == 200 and got.headers["x-cache"] == cache, (got.status, got.headers)
            assert got.headers["cache-control"] == "public, s-maxage=1800, stale-while-revalidate=3600"
            data, metadata = answer["data"], answer["metadata"]
            assert answer["success"] and data["duration"] == 5400 and data["subtitles"] == [], answer
            assert data["poster"] == f"{server.url}/poster/movie/{film_id(server)}", data
            assert metadata["tmdbId"] == "550" and metadata["mediaType"] == "movie" and metadata["sourceCount"] == len(data["sources"]) == 1
            assert "panel" not in got.body.decode() and panel.url not in got.body.decode() and "pictures.example" not in got.body.decode()
            source = data["sources"][0]
            assert source["type"] == "mp4" and source["container"] == "mp4" and "exp=" not in source["url"], source
            assert fetch(server, local(source["url"])).body == FILM
        assert asked(panel, "get_vod_info") == 1
        panel.is_down = True  # a film can be played without its details
        got = fetch(server, "/api/stream/extract?tmdbId=551&type=movie")
        answer = json.loads(got.body)
        assert got.status == 200 and answer["data"]["sources"][0]["type"] == "hls" and answer["data"]["poster"] is None, answer


def test_each_account_is_a_source():
    """Two accounts have the film, in different files: each address leads to its own, and to the other when its account has lost it."""
    with World() as (panel, server):
        other = Panel()
        other.film = FILM[:2_000_000]
        server.add_account(other, name="Other")
        sources = json.loads(fetch(server, "/api/stream/extract?tmdbId=550&mediaType=movie").body)["data"]["sources"]
        assert len(sources) == 2 and sources[0]["url"] != sources[1]["url"], sources
        films = [fetch(server, local(one["url"])) for one in sources]
        assert {len(one.body) for one in films} == {len(FILM), 2_000_000} and films[0].headers["etag"] != films[1].headers["etag"]
        for one, film in zip(sources, films):  # the same again, also from the middle on
            assert fetch(server, local(one["url"]), {"Range": "bytes=1000000-"}).body == film.body[1000000:]
        small = next(one for one, film in zip(sources, films) if len(film.body) == 2_000_000)
        other.refuse = [404] * 100
        assert fetch(server, local(small["url"])).body == FILM
        streams = extract(server, {"url": f"streamforge:movie/{film_id(server)}"})[2]["streams"]
        other.refuse = []
        assert {len(fetch(server, local(one["url"])).body) for one in streams} == {len(FILM), 2_000_000}
        other.close()


def test_sources_of_an_episode():
    with World() as (panel, server):
        panel.delay_s = 0.5
        path = "/api/stream/extract?tmdbId=1396&mediaType=tv&season=2&episode=3"
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: fetch(server, path), range(8)))
        for got in answers:
            answer = json.loads(got.body)
            assert got.status == 200 and answer["data"]["duration"] == 1500 and answer["metadata"]["episode"] == 3, answer
            assert "/poster/series/" in answer["data"]["poster"], answer
        assert asked(panel, "get_series_info") == 1, "the first look at a series is taken once"
        number = next(one["id"] for one in server.ctl_json("library", "list", "series"))
        for query, status in ((f"kind=series&id={number}&s=2&e=3", 502), (f"kind=series&id={number}&season=2&episode=9", 404)):
            assert fetch(server, "/strm/stream?" + query, method="HEAD").status == status, query  # the panel has no files of a series
        for query, status in (("tmdbId=1396&mediaType=tv&season=3&episode=1", 404), ("tmdbId=7&mediaType=tv&season=1&episode=1", 404),
                              ("tmdbId=1396&mediaType=tv&season=x&episode=1", 400), ("tmdbId=1396&mediaType=tv", 400),
                              ("tmdbId=550&mediaType=radio", 400), ("mediaType=movie", 400)):
            got = fetch(server, "/api/stream/extract?" + query)
            assert got.status == status and set(json.loads(got.body)) >= {"error", "message", "retryable"}, (query, got.status)


def test_too_late():
    with World() as (panel, server):
        server.ctl("settings", "set", "extract_timeout_ms", "300")
        panel.delay_s = 5
        got = fetch(server, "/api/stream/extract?tmdbId=1396&mediaType=tv&season=1&episode=1")
        answer = json.loads(got.body)
        assert got.status == 504 and answer["retryable"] and "300 ms" in answer["message"], (got.status, answer)
        panel.delay_s = 0  # no failure is remembered
        server.ctl("settings", "set", "extract_timeout_ms", "30000")
        assert fetch(server, "/api/stream/extract?tmdbId=1396&mediaType=tv&season=1&episode=1").status == 200
        panel.is_down = True
        other = fetch(server, "/api/stream/extract?tmdbId=1396&mediaType=tv&season=1&episode=2")
        assert other.status == 200, "what was read of a series serves on"


def ask_a_hundred_times(server, path):
    """The answers, and the one behind them; None if it took so long that the first do not count any more."""
    begun = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: fetch(server, path), range(100)))
    last = fetch(server, path)
    return (answers, last) if time.monotonic() - begun < 55 else None


def test_a_hundred_a_minute():
    with World() as (panel, server):
        path = "/api/stream/extract?tmdbId=1&mediaType=movie"
        found = ask_a_hundred_times(server, path)
        if not found:
            return "this machine does not manage a hundred questions in a minute"
        answers, last = found
        assert [one.status for one in answers] == [404] * 100
        assert sorted(int(one.headers["x-ratelimit-remaining"]) for one in answers) == list(range(100))
        assert last.status == 429 and last.headers["x-ratelimit-limit"] == "100" and last.headers["x-ratelimit-remaining"] == "0", last.headers
        assert 1 <= int(last.headers["retry-after"]) <= 60 and int(last.headers["x-ratelimit-reset"]) > 1_600_000_000_000
        assert json.loads(last.body)["retryable"]


def links(events):
    return [(number, one["title"], one["index"], one["total"]) for number, one in events if number not in (None, "comment")]


def test_batch_of_a_series():
    with World() as (panel, server):
        events = Events(server, "/api/batch?tmdbId=1396")
        assert events.answer.status == 200 and events.answer.getheader("content-type").startswith("text/event-stream")
        assert events.answer.getheader("cache-control") == "no-store" and events.answer.getheader("content-encoding") is None
        found = events.all()
        assert [one[2:] for one in links(found)] == [(n, 6) for n in range(1, 7)] and [one[0] for one in links(found)] == [1, 2, 3, 4, 5, 6]
        assert found[-1] == (None, {"type": "done", "total": 6}), found[-1]
        assert [one["current"] for number, one in found if number is None and one["type"] == "progress"] == [1, 2, 3, 4, 5, 6]
        first = next(one for number, one in found if number == 1)
        assert first["type"] == "link" and "S01E01" in first["title"] and first["handle"].startswith("episode/"), first
        season = Events(server, "/api/batch?tmdbId=1396&season=2").all()
        assert len(links(season)) == 3 and all("S02" in one[1] for one in links(season)), season
        # who comes back gets what follows, by header or by query
        rest = Events(server, "/api/batch?tmdbId=1396", {"Last-Event-ID": "4"}).all()
        assert [one[0] for one in links(rest)] == [5, 6] and rest[-1][1] == {"type": "done", "total": 6}, rest
        assert [one[0] for one in links(Events(server, "/api/batch?tmdbId=1396&lastEventId=5").all())] == [6]
        assert [one[0] for one in links(Events(server, "/api/batch?tmdbId=1396", {"Last-Event-ID": "x"}).all())] == [1, 2, 3, 4, 5, 6]
        for query, status in (("", 400), ("tmdbId=x", 400), ("tmdbId=99", 404), ("url=https%3A%2F%2Fexample.com", 400)):
            assert fetch(server, "/api/batch?" + query).status == status, query
        assert fetch(server, "/api/batch?tmdbId=99").status == 404
        got = fetch(server, "/api/batch?tmdbId=99")
        assert got.status == 429 and "retry-after" in got.headers, "ten a minute"


def test_trouble_in_a_batch_is_an_event():
    with World() as (panel, server):
        panel.is_down = True
        found = Events(server, "/api/batch?tmdbId=1396").all()
        assert found[-1][1]["type"] == "error" and panel.url not in found[-1][1]["message"] and len(links(found)) == 0, found


def test_signed_files_survive_a_new_account():
    """What a .strm file holds is right after the provider and its password changed, and a changed link is refused."""
    with World() as (panel, server):
        folder = tempfile.mkdtemp(prefix="forge-strm-")
        server.ctl_json("strm", "export", folder, "--movies", "--series")
        names = [os.path.join(place, name) for place, _, files in os.walk(folder) for name in files if name.endswith(".strm")]
        film = next(name for name in names if "Tést Film (2020) [tmdbid-550]" in name)
        assert sum(1 for name in names if f"{os.sep}Season " in name) == 6, names
        url = local(open(film).read().strip())
        assert "exp=" not in url and fetch(server, url).body == FILM
        with World() as (other, _):
            done = server.ctl("account", "replace", "1", "--server", other.url, "--username", "someone", "--password-file", "-", stdin="new\n",
                              seconds=120)
            assert done[0] == 0, done
            panel.refuse = [403] * 1000
            got = fetch(server, url)
            assert got.status == 200 and got.body == FILM and asked(other, "/movie/") > 0
        position = url.index("sig=") + 6
        assert fetch(server, url[:position] + ("a" if url[position] != "a" else "b") + url[position + 1:]).status == 401
        shutil.rmtree(folder)


def test_keys_are_renewed():
    with World() as (panel, server):
        folder = tempfile.mkdtemp(prefix="forge-strm-")

        def exported():
            server.ctl_json("strm", "export", folder, "--movies")
            name = next(os.path.join(place, name) for place, _, files in os.walk(folder) for name in files if name.startswith("Tést"))
            return local(open(name).read().strip())

        first = exported()
        assert "sig=1." in first and fetch(server, first, {"Range": "bytes=0-9"}).status == 206
        server.ctl_json("links", "renew", "--purpose", "strm")
        second = exported()
        assert "sig=2." in second, second
        for url in (first, second):  # a new key signs, the old one still opens
            assert fetch(server, url, {"Range": "bytes=0-9"}).body == FILM[:10]
        download = local(extract(server, {"url": f"streamforge:movie/{film_id(server)}"})[2]["selected_stream_url"])
        assert "sig=1." in download, "a key for each purpose"
        server.ctl_json("links", "renew", "--purpose", "strm", "--void-old")
        for url in (first, second):
            assert fetch(server, url).status == 401, url
        third = exported()
        assert "sig=3." in third and fetch(server, third, {"Range": "bytes=0-9"}).status == 206
        assert fetch(server, download, {"Range": "bytes=0-9"}).status == 206
        # also after a restart
        server.stop()
        server.start()
        assert fetch(server, third, {"Range": "bytes=0-9"}).status == 206 and fetch(server, second).status == 401
        code, _, words = server.ctl("links", "renew", "--purpose", "other")
        assert code == 1 and "other" in words, words
        shutil.rmtree(folder)


def facts(server):
    with sqlite3.connect(os.path.join(server.data, "streamforge.db")) as base:
        return base.execute("SELECT count (*) FROM media_fact").fetchone()[0]


def test_what_is_known_of_a_film_outlives_a_restart():
    with World() as (panel, server):
        path = f"/api/stream?id=movie/{film_id(server)}"
        length = fetch(server, path, method="HEAD").headers["content-length"]
        await_true(lambda: facts(server), "what was learned is written in the background")
        server.stop()
        server.start()
        panel.asked.clear()
        assert fetch(server, path, method="HEAD").headers["content-length"] == length
        assert asked(panel, "/movie/") == 0, panel.asked
        with open(os.path.join(server.data, "streamforge.db"), "rb") as handle:
            assert f"movie/{film_id(server)}".encode() not in handle.read().replace(b"/api", b""), "keys are hashed"


if __name__ == "__main__":
    sys.exit(main([value for name, value in list(globals().items()) if name.startswith("test_")]))

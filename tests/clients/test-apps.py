#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Apps that speak the Xtream API to us (television, films, series), a second StreamForge among them, and the doctor at home and alone.

    test-apps.py SERVER CTL
"""
import base64
import contextlib
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import urllib.parse
import xml.etree.ElementTree as ElementTree

from forgeclients import HDHR_PORT, Server, add_cable, add_host, await_true, check, enter_own_network, ip, on_host

SERVER, CTL = sys.argv[1:3]


def ctl(server, *words, stdin=None):
    done = subprocess.run([CTL, "--json", "--socket", server.control, *words], capture_output=True, text=True, input=stdin, check=False)
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr.strip()


def ask(url, method="GET", body=None, headers=None, limit=None):
    """(status, headers, body)"""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    try:
        connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body=body, headers=headers or {})
        reply = connection.getresponse()
        return reply.status, reply.headers, reply.read(limit) if limit else reply.read()
    finally:
        connection.close()


def api(url, user, action=None, **more):
    query = {"username": user["name"], "password": user["password"], **({"action": action} if action else {}), **more}
    return json.loads(ask(f"{url}/player_api.php?{urllib.parse.urlencode(query)}")[2])


def check_types(url, user):
    """As the facts say that panels mix them: XStreamity crashes without active_cons, Smarters on one that is text."""
    login = api(url, user)
    about, server = login["user_info"], login["server_info"]
    texts = ("username", "password", "message", "status", "is_trial", "created_at", "max_connections")
    check("login: texts", all(isinstance(about[key], str) for key in texts))
    check("login: numbers", about["auth"] == 1 and type(about["active_cons"]) is int and about["exp_date"] is None)
    check("login: only what is served", about["allowed_output_formats"] == ["ts"])
    check("login: where to go on", f"http://{server['url']}:{server['port']}" == url and server["server_protocol"] == "http"
          and type(server["timestamp_now"]) is int and server["timezone"] == "UTC")
    categories = api(url, user, "get_live_categories")
    check("categories", len(categories) > 3 and all(row["category_id"].isdigit() and row["parent_id"] == 0 for row in categories))
    streams = api(url, user, "get_live_streams")
    wanted = {"num": int, "name": str, "stream_type": str, "stream_id": int, "stream_icon": str, "epg_channel_id": str, "added": str,
              "is_adult": str, "category_id": str, "category_ids": list, "custom_sid": str, "tv_archive": int, "direct_source": str,
              "tv_archive_duration": int}
    check("streams: all channels", len(streams) == 24)
    check("streams: types", all(type(row[key]) is kind for row in streams for key, kind in wanted.items()))
    check("streams: known categories", {row["category_id"] for row in streams} == {row["category_id"] for row in categories})
    one = api(url, user, "get_live_streams", category_id=categories[0]["category_id"])
    check("streams of one category", 0 < len(one) < 24 and all(row["category_id"] == categories[0]["category_id"] for row in one))
    return streams


def has_types(row, texts="", numbers="", lists=""):
    return (all(type(row[key]) is str for key in texts.split()) and all(type(row[key]) is int for key in numbers.split())
            and all(type(row[key]) is list for key in lists.split()))


def check_films(url, user):
    categories = api(url, user, "get_vod_categories")
    films = api(url, user, "get_vod_streams")
    check("films: categories", categories and {row["category_id"] for row in films} == {row["category_id"] for row in categories}
          and has_types(categories[0], "category_id category_name", "parent_id"))
    check("films: types", len(films) >= 3 and [row["num"] for row in films] == list(range(1, len(films) + 1)) and all(
        has_types(row, "name title year stream_type stream_icon rating added plot cast director genre release_date youtube_trailer "
                  "episode_run_time category_id container_extension custom_sid direct_source tmdb", "num stream_id", "category_ids")
        and type(row["rating_5based"]) is float for row in films))
    check("films of one category", api(url, user, "get_vod_streams", category_id=categories[0]["category_id"]) == films)
    check("films of no category", api(url, user, "get_vod_streams", category_id=77) == [])
    film = films[0]
    about = api(url, user, "get_vod_info", vod_id=film["stream_id"])
    check("a film", has_types(about["info"], "name o_name cover_big plot releasedate duration rating kinopoisk_url",
                              "tmdb_id duration_secs bitrate", "backdrop_path video audio") and about["info"]["duration_secs"] > 0
          and about["movie_data"]["stream_id"] == film["stream_id"]
          and about["movie_data"]["container_extension"] == film["container_extension"])
    check("no such film", api(url, user, "get_vod_info", vod_id=4711) == {"info": [], "movie_data": []})
    return film


def check_series(url, user):
    categories, series = api(url, user, "get_series_categories"), api(url, user, "get_series")
    check("series: types", categories and series and all(
        has_types(row, "name title year cover plot cast director genre release_date releaseDate last_modified rating youtube_trailer "
                  "episode_run_time category_id tmdb", "num series_id", "backdrop_path category_ids") for row in series))
    about = api(url, user, "get_series_info", series_id=series[0]["series_id"])
    episodes = [episode for season in about["episodes"].values() for episode in season]
    check("a series: seasons", [(season["season_number"], season["episode_count"]) for season in about["seasons"]]
          == [(int(key), len(season)) for key, season in about["episodes"].items()] and len(about["seasons"]) == 2)
    check("a series: episodes", len(episodes) == 8 and all(
        has_types(row, "id title container_extension added custom_sid direct_source", "episode_num season", "subtitles")
        and has_types(row["info"], "plot movie_image", "duration_secs") for row in episodes))
    check("no such series", api(url, user, "get_series_info", series_id=4711) == {"seasons": [], "info": [], "episodes": {}})
    return episodes[0]


def check_media(url, user, film, episode):
    """As players open a film: the beginning, the end, then where they really start."""
    login = f"{user['name']}/{urllib.parse.quote(user['password'], safe='')}"
    path = f"{url}/movie/{login}/{film['stream_id']}.{film['container_extension']}"
    status, headers, _ = ask(path, "HEAD")
    size = int(headers["Content-Length"])
    check("HEAD of a film", status == 200 and size > 1_000_000 and headers["Accept-Ranges"] == "bytes")
    for wanted, first, last in ((f"bytes={size - 1000}-", size - 1000, size - 1), ("bytes=188000-564187", 188000, 564187)):
        status, headers, data = ask(path, headers={"Range": wanted})
        check(f"a film: {wanted.split('=')[1]}", status == 206 and len(data) == last - first + 1
              and headers["Content-Range"] == f"bytes {first}-{last}/{size}")
    check("the bytes are those of the file", is_ts(data))
    status, headers, whole = ask(path)
    check("a film from beginning to end", status == 200 and len(whole) == size and whole[188000:564188] == data)
    status, headers, data = ask(f"{url}/series/{login}/{episode['id']}.{episode['container_extension']}", headers={"Range": "bytes=0-1879"})
    check("an episode", status == 206 and is_ts(data))
    check("a film for nobody", ask(f"{url}/movie/{user['name']}/nonsense/{film['stream_id']}.mp4")[0::2] == (403, b""))
    check("a film that is not there", ask(f"{url}/movie/{login}/4711.mp4")[0] == 404)
    check("a film without a number", ask(f"{url}/movie/{login}/abc.mp4")[0] == 404)


def check_guide(url, user, streams):
    rows = api(url, user, "get_short_epg", stream_id=streams[0]["stream_id"], limit=3)["epg_listings"]
    title = base64.b64decode(rows[0]["title"]).decode()
    check("short guide", len(rows) == 3 and title and rows[0]["start_timestamp"].isdigit()
          and re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", rows[0]["start"]) is not None, title)
    table = api(url, user, "get_simple_data_table", stream_id=streams[0]["stream_id"])["epg_listings"]
    check("the whole guide of a channel", len(table) > 3 and sum(row["now_playing"] for row in table) == 1
          and any(row["has_archive"] for row in table), str(len(table)))
    check("no guide of what is not there", api(url, user, "get_short_epg", stream_id=4711) == {"epg_listings": []})
    query = urllib.parse.urlencode({"username": user["name"], "password": user["password"]})
    guide = ElementTree.fromstring(ask(f"{url}/xmltv.php?{query}")[2])
    check("xmltv.php has the ids of the streams", {channel.get("id") for channel in guide.findall("channel")}
          == {row["epg_channel_id"] for row in streams})
    playlist = ask(f"{url}/get.php?{query}&type=m3u_plus&output=ts")[2].decode()
    check("get.php", playlist.startswith("#EXTM3U") and playlist.count("/live/") == 24 and "tvg-id=" in playlist)
    check("get.php, plain", "tvg-id" not in ask(f"{url}/get.php?{query}&type=m3u")[2].decode())


def is_ts(data):
    return len(data) >= 188 * 10 and all(data[at] == 0x47 for at in range(0, len(data) - 187, 188))


def check_live(url, user, streams):
    base, stream = f"{url}/live/{user['name']}/{user['password']}", streams[0]["stream_id"]
    status, headers, data = ask(f"{base}/{stream}.ts", limit=188 * 200, headers={"Range": "bytes=0-", "User-Agent": "okhttp/4.9"})
    check("a stream plays", status == 200 and headers["Content-Type"] == "video/mp2t" and is_ts(data))
    check("HEAD opens nothing", ask(f"{base}/{stream}.ts", "HEAD")[0] == 200)
    status, headers, body = ask(f"{base}/{stream}.m3u8")
    check("the other form leads to this one, without the password", (status, headers["Location"], body) == (302, f"{stream}.ts", b""))
    check("a form that nobody serves", ask(f"{base}/{stream}.flv")[0] == 404)
    check("an unknown stream", ask(f"{base}/4711.ts")[0] == 404)
    status, _, body = ask(f"{url}/live/{user['name']}/nonsense/{stream}.ts")
    check("a wrong password, and no body", (status, body) == (403, b""))
    check("login refused as panels do", api(url, {**user, "password": "nonsense"}) == {"user_info": {"auth": 0}})
    form = urllib.parse.urlencode({"username": user["name"], "password": user["password"], "action": "get_live_categories"})
    posted = ask(f"{url}/player_api.php", "POST", form, {"Content-Type": "application/x-www-form-urlencoded"})
    check("a form in the body", posted[0] == 200 and len(json.loads(posted[2])) > 3)


@contextlib.contextmanager
def watch(url, address="127.0.0.1"):
    """(status, X-HDHomeRun-Error, response) of something that goes on."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30, source_address=(address, 0))
    try:
        connection.request("GET", parts.path)
        reply = connection.getresponse()
        try:
            yield reply.status, reply.headers["X-HDHomeRun-Error"], reply
        finally:
            reply.close()
    finally:
        connection.close()


def ends(reply):
    """Reads until the other side closes."""
    try:
        while reply.read(65536):
            pass
    except (http.client.IncompleteRead, ConnectionError):
        pass
    return True


def await_entry(url, user):
    """After wrong pairs their address pauses."""
    await_true(lambda: api(url, user)["user_info"]["auth"] == 1, "the pause after wrong pairs is over")


def check_limit(server, url, streams, film):
    """A user's own limit: a device may go on to something else, another one is refused."""
    user = ctl(server, "user", "add", "--name", "bedroom", "--max-connections", "1")[1]
    live, movie = (f"{url}/{kind}/{user['name']}/{user['password']}" for kind in ("live", "movie"))
    now = lambda: (ctl(server, "user", "list")[1][0]["active_connections"], api(url, user)["user_info"]["active_cons"])
    await_entry(url, user)
    login = api(url, user)["user_info"]
    check("its own limit is told", (login["max_connections"], login["active_cons"]) == ("1", 0))
    with watch(f"{live}/{streams[0]['stream_id']}.ts") as (status, _, first):
        check("the first plays", status == 200 and is_ts(first.read(188 * 100)))
        check("and counts", now() == (1, 1), str(now()))
        with watch(f"{live}/{streams[1]['stream_id']}.ts", "127.0.0.2") as (status, error, _):
            check("another device is refused", (status, error) == (403, "809 Playback Connection Limit"), f"{status} {error}")
        with watch(f"{live}/{streams[1]['stream_id']}.ts") as (status, _, second):
            check("the same device goes on", status == 200 and is_ts(second.read(188 * 100)) and ends(first))
            check("and counts once", now() == (1, 1), str(now()))
            with watch(f"{movie}/{film['stream_id']}.ts") as (status, _, third):
                check("to a film, too", status == 200 and is_ts(third.read(188 * 100)) and ends(second))
                with watch(f"{live}/{streams[0]['stream_id']}.ts") as (status, _, fourth):
                    check("and back", status == 200 and is_ts(fourth.read(188 * 100)) and ends(third))
    await_true(lambda: now() == (0, 0), "all left")
    code, text = ctl(server, "user", "set", str(user["id"]), "--max-connections", "101")
    check("a limit out of its range", code == 1 and "101" in text and "100" in text, text)
    ctl(server, "user", "set", str(user["id"]), "--max-connections", "0")
    check("no limit of its own: what there is", api(url, user)["user_info"]["max_connections"] == login_of_all(server))
    ctl(server, "user", "set", str(user["id"]), "--no-library")
    check("without the library", api(url, user, "get_vod_streams") == [] and api(url, user, "get_series") == []
          and ask(f"{movie}/{film['stream_id']}.ts", "HEAD")[0] == 404 and len(api(url, user, "get_live_streams")) == 24)
    ctl(server, "user", "remove", str(user["id"]))


def login_of_all(server):
    return str(ctl(server, "status")[1]["tuners"]["total"])


def check_nothing_leaks(server, user):
    """The password is nowhere but with the user."""
    for folder, _, names in os.walk(server.root):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                with open(path, "rb") as handle:
                    assert user["password"].encode() not in handle.read(), path
    check("the password is neither in the database nor in a log", True)


def check_as_provider(server, user):
    """Our own client understands us: the panel's types are right by the same parser that reads real panels."""
    with Server(SERVER) as second:
        code, account = ctl(second, "account", "add", "--name", "Other", "--server", server.url, "--username", user["name"],
                            "--password-file", "-", stdin=user["password"])
        check("a second StreamForge takes us for a provider", code == 0 and account["streams"] == 24 and account["status"] == "active",
              str(account)[:200])
        check("with films and series", account["movies"] >= 3 and account["series"] == 1, f"{account['movies']}, {account['series']}")
        channels = ctl(second, "channel", "list", "--all")[1]
        check("and finds our guide", any(any(stream["account"] == "Other" for stream in channel["streams"]) and channel["has_guide"]
                                         for channel in channels))


def test_users(server):
    user = ctl(server, "user", "add", "--name", "living-room")[1]
    check("a password is made and told once", len(user["password"]) >= 10 and "password" not in ctl(server, "user", "list")[1][0])
    streams = check_types(server.url, user)
    check_guide(server.url, user, streams)
    check_live(server.url, user, streams)
    film = check_films(server.url, user)
    check_media(server.url, user, film, check_series(server.url, user))
    check_limit(server, server.url, streams, film)
    check_nothing_leaks(server, user)
    check_as_provider(server, user)

    kids = ctl(server, "device", "add", "--name", "Kids", "limit=3")[1]
    child = ctl(server, "user", "add", "--name", "child", "--device", str(kids["id"]), "--password-file", "-", stdin="s3cret%?word")[1]
    child["password"] = "s3cret%?word"
    await_entry(server.url, child)
    check("a user of a smaller lineup", len(api(server.url, child, "get_live_streams")) == 3)
    path = urllib.parse.quote(child["password"], safe="")
    check("an odd password in a path", ask(f"{server.url}/live/child/{path}/{streams[0]['stream_id']}.ts", "HEAD")[0] == 200)
    check("a channel of others", ask(f"{server.url}/live/child/{path}/{streams[20]['stream_id']}.ts", "HEAD")[0] == 404)
    code, text = ctl(server, "user", "add", "--name", "child")
    check("a name is given once", code == 1 and "child" in text, text)
    code, text = ctl(server, "user", "add", "--name", "a/b")
    check("a name that no address can hold", code == 1, text)
    code, text = ctl(server, "user", "add", "--name", "short", "--password-file", "-", stdin="abc")
    check("a short password is not repeated", code == 1 and "abc" not in text, text)
    ctl(server, "user", "remove", str(user["id"]))
    check("removed, refused at once", api(server.url, user) == {"user_info": {"auth": 0}})


def doctor(server, client=None):
    checks = ctl(server, "doctor", *(["--as", client] if client else []))[1]
    assert all(set(check) >= {"id", "client", "address", "state", "text", "fix"} for check in checks)
    assert all(entry["fix"] for entry in checks if entry["state"] in ("warning", "error")), "a failure without a fix"
    return {(entry["id"], entry["address"]): entry for entry in checks}


def states(checks, name):
    return {entry["state"] for (key, _), entry in checks.items() if key == name}


def test_doctor_alone(server):
    checks = doctor(server)
    for name in ("discovery", "control", "setup", "guide-document", "stream", "account-1"):
        check(f"doctor: {name}", states(checks, name) == {"ok"}, str(states(checks, name)))
    check("doctor: only this machine", states(checks, "bind") == {"warning"})
    ctl(server, "channel", "disable", *[str(channel["id"]) for channel in ctl(server, "channel", "list", "--enabled")[1]])
    checks = doctor(server)
    check("doctor: an empty lineup", "error" in states(checks, "lineup-size") and states(checks, "stream") == {"skipped"})


def test_doctor_port_in_use():
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", HDHR_PORT))
        other.listen()
        with Server(SERVER) as server:
            found = doctor(server)[("discovery-off", None)]
            check("doctor: port in use", found["state"] == "error" and str(HDHR_PORT) in found["text"], found["text"])


def test_doctor_at_home():
    for name in "AB":
        add_host(name)
    add_cable("A", "B", "first", 77)
    ip("-n", "A", "route", "add", "default", "via", "10.77.0.2")
    ip("-n", "A", "link", "add", "docker0", "type", "veth", "peer", "name", "container")
    ip("-n", "A", "link", "set", "container", "up")
    ip("-n", "A", "addr", "add", "172.17.0.1/16", "dev", "docker0")
    ip("-n", "A", "link", "set", "docker0", "up")
    with Server(SERVER, "lan", "A") as server:
        checks = doctor(server)
        for address in ("127.0.0.1", "10.77.0.1", "172.17.0.1"):
            check(f"doctor: {address}", checks[("discovery", address)]["state"] == "ok" and checks[("setup", address)]["state"] == "ok")
        check("doctor: by broadcast", checks[("discovery-broadcast", "10.77.0.1")]["state"] == "ok")
        check("doctor: the right interface", checks[("interface", "10.77.0.1")]["state"] == "ok")
        check("doctor: says what it cannot see", states(checks, "firewall") <= {"info", "warning"} and states(checks, "firewall"))
        check("doctor: port 80 for Jellyfin", doctor(server, "jellyfin")[("detect-button", "10.77.0.1")]["state"] == "ok")
        check("doctor: Plex", states(doctor(server, "plex"), "setup") == {"ok"})
        ip("-n", "B", "addr", "add", "172.31.9.9/32", "dev", "first")
        ip("-n", "A", "route", "add", "172.31.9.9/32", "dev", "first")
        with on_host("B"), socket.socket() as stranger:
            stranger.bind(("172.31.9.9", 0))
            stranger.settimeout(5)
            stranger.connect(("10.77.0.1", server.port))
            try:
                stranger.sendall(b"GET / HTTP/1.0\r\n\r\n")
                stranger.recv(100)
            except ConnectionError:
                pass
        check("doctor: another network was refused", states(doctor(server), "strangers") == {"warning"})
    with Server(SERVER, "172.17.0.1", "A") as server:
        checks = doctor(server)
        check("doctor: the wrong interface", checks[("interface", "172.17.0.1")]["state"] == "warning",
              checks[("interface", "172.17.0.1")]["text"])


# A container has a marker there, and one network of its own.
IN_A_CONTAINER = ("unshare", "-m", "sh", "-c", 'mount -t tmpfs tmpfs /run && touch /run/.containerenv && exec "$@"', "sh")


def test_doctor_in_a_container():
    for name in "CD":
        add_host(name)
    add_cable("C", "D", "inside", 78)
    with Server(SERVER, "lan", "C", IN_A_CONTAINER) as server:
        found = doctor(server)[("bridge-network", None)]
        check("doctor: a network of a container", found["state"] == "error" and "--network host" in found["fix"], found["text"])


def test_long_work_is_followed(server):
    """On standard error, step by step, while the command waits."""
    for words, said in ((("account", "refresh", "1"), "Refreshing …"), (("match", "run"), "Matching …")):
        done = subprocess.run([CTL, "--socket", server.control, *words], capture_output=True, text=True, check=False)
        check(f"{words[1]} says what it does", done.returncode == 0 and done.stderr.startswith(said), repr(done.stderr))
    with Server(SERVER) as second:
        user = ctl(server, "user", "add", "--name", "follower")[1]
        added = subprocess.run([CTL, "--socket", second.control, "account", "add", "--name", "Other", "--server", server.url, "--username",
                                user["name"], "--password-file", "-"], input=user["password"], capture_output=True, text=True, check=False)
        lines = added.stderr.splitlines()
        check("and how it gets on", added.returncode == 0 and lines[0].startswith("Logging in") and any("24 streams" in line for line in lines)
              and any("films" in line for line in lines) and not any("Demo" in line for line in lines), str(lines))


def main():
    enter_own_network()
    with Server(SERVER) as server:
        test_users(server)
        test_long_work_is_followed(server)
        test_doctor_alone(server)
    test_doctor_port_in_use()
    test_doctor_at_home()
    test_doctor_in_a_container()


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""streamforgectl and the control socket, held to what other programs rely on: shapes, exit codes, wrong input."""
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time

from forge_kit import CTL, Provider, Server, await_true, main

ISO_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
ACCOUNT_STATES = {"active", "expired", "disabled", "banned", "unauthorized", "unreachable"}
QUALITIES = {"4K", "FHD", "HD", "SD", "unknown"}
HEALTH = {"starting", "healthy", "stalled", "failing_over", "slate"}
LEVELS = {"error", "warning", "info", "debug"}
CATEGORIES = {"connection", "stream", "match", "guide", "provider", "library", "system"}
SEVERITIES = {"error", "warning", "info"}


def is_int(value):
    return isinstance(value, int) and not isinstance(value, bool)


def is_text(value):
    return isinstance(value, str)


def is_bool(value):
    return isinstance(value, bool)


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_time(value):
    return is_text(value) and ISO_TIME.match(value) is not None


def or_null(check):
    return lambda value: value is None or check(value)


def one_of(values):
    return lambda value: value in values


def list_of(shape):
    return lambda value: isinstance(value, list) and all(fits(item, shape) for item in value)


def shaped(shape):
    return lambda value: fits(value, shape)


def fits(value, shape):
    if callable(shape):
        return shape(value)
    assert isinstance(value, dict), value
    for key, check in shape.items():
        optional = key.endswith("?")
        name = key.rstrip("?")
        assert optional or name in value, (name, "is missing in", sorted(value))
        assert name not in value or check(value[name]), (name, "is", value[name])
    return True


ACCOUNT = {"id": is_int, "name": is_text, "server": is_text, "status": one_of(ACCOUNT_STATES), "enabled": is_bool,
           "expires_at": or_null(is_time), "max_connections": is_int, "active_connections": is_int, "streams": is_int,
           "movies": is_int, "series": is_int, "last_refresh": or_null(is_time)}
PROBLEM = {"id": is_text, "severity": one_of(SEVERITIES), "text": is_text, "fix": is_text}
STATUS = {"version": is_text, "ready": is_bool, "base_url": is_text, "lan_url": or_null(is_text), "uptime_s": is_int,
          "tuners": shaped({"total": is_int, "used": is_int}),
          "channels": shaped({"total": is_int, "enabled": is_int, "matched": is_int, "unmatched": is_int}),
          "guide": shaped({"sources": is_int, "channels": is_int, "programmes": is_int, "hours_left": is_int}),
          "accounts": list_of(ACCOUNT), "problems": list_of(PROBLEM)}
STREAM = {"id": is_int, "name": is_text, "quality": one_of(QUALITIES), "account": is_text, "confidence": is_number,
          "primary": is_bool, "manual": is_bool, "available": is_bool}
CHANNEL = {"id": is_int, "number": is_int, "name": is_text, "guide_id": or_null(is_text), "enabled": is_bool,
           "group": or_null(is_text), "logo": or_null(is_text), "streams": list_of(STREAM)}
CLIENT = {"address": is_text, "user_agent": or_null(is_text), "since_s": is_int, "behind_ms": is_int, "bytes": is_int}
SESSION = {"id": is_int, "channel_id": is_int, "channel": is_text, "account": or_null(is_text), "stream": or_null(is_text),
           "quality": one_of(QUALITIES), "health": one_of(HEALTH), "bitrate_kbps": is_int, "uptime_s": is_int,
           "failovers": is_int, "bytes": is_int, "clients": list_of(CLIENT)}
EVENT = {"time": is_time, "level": one_of(LEVELS), "category": one_of(CATEGORIES), "message": is_text,
         "details": or_null(is_text), "read": is_bool}
EXPLAIN = {"channel": is_text, "streams": list_of({"stream": is_text, "confidence": is_number,
                                                  "reasons": list_of(is_text), "rejected?": is_bool})}
GUIDE = {"id": is_int, "name": is_text, "location": or_null(is_text), "shift_minutes": is_int, "enabled": is_bool,
         "channels": is_int, "programmes": is_int, "hours_left": is_int, "last_refresh": or_null(is_time)}
SETTING = {"key": is_text, "value": lambda value: value is not None, "type": is_text, "meaning": is_text}
FINDING = {"id": is_text, "severity": one_of(SEVERITIES), "text": is_text}


class World:
    """A provider and a server with its account."""

    def __init__(self, channels=6, **more):
        self.provider = Provider("--channels", channels)
        self.server = Server(**more)
        self.server.add_account(self.provider)

    def __enter__(self):
        return self.provider, self.server

    def __exit__(self, kind, *_):
        try:
            self.server.close()
        except AssertionError:
            if kind is None:
                raise
        finally:
            self.provider.close()


def write_guide(path, channels=3):
    day = time.strftime("%Y%m%d", time.gmtime(time.time() + 86400))
    with open(path, "w") as out:
        out.write("<tv>")
        for i in range(channels):
            out.write(f'<channel id="c{i}.test"><display-name>File Channel {i}</display-name></channel>')
        for i in range(channels):
            for hour in range(24):
                out.write(f'<programme channel="c{i}.test" start="{day}{hour:02}0000 +0000" stop="{day}{hour:02}5900 +0000">'
                          f"<title>At {hour}</title></programme>")
        out.write("</tv>")
    return path


def refused(server, method, path, body=None, status=None):
    """The answer of a refusal, whose shape is checked."""
    answer = server.api(method, path, body)
    assert answer.status >= 400 and (status is None or answer.status == status), (path, body, answer.status, answer.body)
    refusal = answer.json()
    assert fits(refusal, {"error": is_text, "message": is_text, "retryable": is_bool})
    return refusal


def test_every_list_and_object_has_its_shape():
    with World() as (provider, server):
        assert fits(server.ctl_json("status"), STATUS)
        accounts = server.ctl_json("account", "list")
        assert list_of(ACCOUNT)(accounts) and len(accounts) == 1
        account = str(accounts[0]["id"])
        for verb in ("show", "test", "refresh"):
            assert fits(server.ctl_json("account", verb, account), ACCOUNT)
        assert fits(server.ctl_json("account", "set", account, "max_connections=3"), ACCOUNT)
        assert list_of(CHANNEL)(server.ctl_json("channel", "list", "--all"))
        channels = server.ctl_json("channel", "list", "--enabled")
        assert list_of(CHANNEL)(channels) and channels and channels[0]["streams"]
        channel = str(channels[0]["id"])
        assert fits(server.ctl_json("channel", "show", channel), CHANNEL)
        assert fits(server.ctl_json("channel", "rename", channel, "Mine"), CHANNEL)
        assert fits(server.ctl_json("channel", "number", channel, "777"), CHANNEL)
        assert fits(server.ctl_json("channel", "move", channel, "--to", "2"), CHANNEL)
        assert fits(server.ctl_json("match", "explain", channel), EXPLAIN)
        assert list_of(CHANNEL)(server.ctl_json("match", "list"))
        assert list_of(CHANNEL)(server.ctl_json("lineup", "list"))
        assert list_of(FINDING)(server.ctl_json("lineup", "check"))
        assert list_of(GUIDE)(server.ctl_json("guide", "list"))
        assert list_of(SETTING)(server.ctl_json("settings", "list"))
        assert fits(server.ctl_json("settings", "get", "port"), SETTING)
        assert list_of(EVENT)(server.ctl_json("log"))
        stream = str(channels[1]["streams"][0]["id"])
        assert fits(server.ctl_json("channel", "promote", stream), CHANNEL)
        assert fits(server.ctl_json("match", "set", channel, stream, "--primary"), CHANNEL)
        assert fits(server.ctl_json("match", "unset", channel, stream), CHANNEL)
        explained = server.ctl_json("match", "explain", channel)
        assert fits(explained, EXPLAIN) and any(one.get("rejected") for one in explained["streams"])


def test_what_is_added_is_printed():
    with World() as (provider, server):
        path = write_guide(os.path.join(server.root, "guide.xml"))
        assert fits(server.ctl_json("guide", "add", "--name", "File", path), GUIDE)
        added = server.ctl_json("account", "add", "--name", "Second", "--server", provider.url, "--username", provider.user,
                                "--password-file", "-", "--no-guide", stdin=provider.password + "\n")
        assert fits(added, ACCOUNT) and added["name"] == "Second"


def test_sessions_have_their_shape():
    with World() as (provider, server):
        channel = server.ctl_json("channel", "list", "--enabled")[0]
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        connection.request("GET", f"/stream/{channel['id']}", headers={"User-Agent": "Test/1"})
        answer = connection.getresponse()
        assert answer.status == 200 and len(answer.read(188 * 50)) == 188 * 50
        sessions = await_true(lambda: [one for one in server.ctl_json("session", "list") if one["health"] == "healthy"],
                              "a healthy session")
        assert list_of(SESSION)(sessions)
        assert sessions[0]["channel_id"] == channel["id"] and sessions[0]["clients"][0]["user_agent"] == "Test/1"
        assert server.ctl_json("status")["tuners"]["used"] == 1
        code, out, _ = server.ctl("session", "stop", str(sessions[0]["id"]))
        assert code == 0 and out.strip()
        await_true(lambda: server.ctl_json("session", "list") == [], "the session's end")
        connection.close()


def test_removing_an_account_ends_its_streams():
    with World() as (provider, server):
        channel = server.ctl_json("channel", "list", "--enabled")[0]
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        connection.request("GET", f"/stream/{channel['id']}")
        answer = connection.getresponse()
        assert len(answer.read(188 * 20)) == 188 * 20
        account = str(server.ctl_json("account", "list")[0]["id"])
        server.ctl_json("account", "remove", account)
        await_true(lambda: server.ctl_json("status")["tuners"]["used"] == 0, "the slot to come free", 90)
        connection.close()
        assert server.ctl_json("account", "list") == []
        assert server.get(f"/stream/{channel['id']}").status in (404, 503)


WRONG_USAGE = [
    [], ["nonsense"], ["account"], ["account", "nonsense"], ["--socket"], ["status", "more"], ["status", "--more"],
    ["account", "list", "more"], ["account", "add"], ["account", "add", "--name", "x"], ["account", "show"],
    ["account", "show", "x"], ["account", "show", "0"], ["account", "show", "-1"], ["account", "show", "1", "2"],
    ["account", "show", "99999999999999999999"], ["account", "set", "1"], ["account", "set", "1", "x"],
    ["account", "set", "1", "=x"], ["account", "set", "1", "password=x"], ["account", "refresh"], ["account", "replace", "1"],
    ["guide", "add", "/x"], ["guide", "add", "--name", "x"], ["guide", "add", "--name", "x", "/x", "--shift", "9999999999999"],
    ["guide", "add", "--name", "x", "/x", "--shift", "5000"],
    ["guide", "list", "more"], ["guide", "remove"], ["channel", "list", "--all", "--enabled"], ["channel", "list", "--more"],
    ["channel", "enable"], ["channel", "enable", "1", "x"], ["channel", "move", "1", "2"], ["channel", "number", "1", "-1"],
    ["channel", "rename", "1"], ["match", "run", "more"], ["match", "list", "more"], ["match", "set", "1"],
    ["match", "explain", ""], ["lineup", "list", "more"], ["lineup", "check", "more"], ["session", "list", "more"],
    ["session", "stop"], ["log", "more"], ["log", "clear", "more"], ["log", "--since", "yesterday"], ["log", "--level", "loud"],
    ["log", "--category", "x&level=error"], ["settings", "list", "more"], ["settings", "get"], ["settings", "set", "port"],
    ["config", "export"], ["config", "import", "/x", "--more"],
]
FAILURES = [
    ["account", "show", "999"], ["account", "test", "999"], ["account", "refresh", "999"], ["account", "enable", "999"],
    ["account", "remove", "999"], ["account", "set", "999", "name=x"], ["account", "set", "1", "nonsense=x"],
    ["account", "set", "1", "name="], ["account", "set", "1", "server=ftp://x"], ["account", "set", "1", "proxy=x"],
    ["account", "set", "1", "max_connections=x"], ["account", "set", "1", "user_agent=a\nb"], ["guide", "refresh", "999"],
    ["guide", "remove", "999"], ["guide", "add", "--name", "", "/x"], ["guide", "add", "--name", "x", "/nonexistent"],
    ["guide", "add", "--name", "x", "ftp://x"], ["guide", "add", "--name", "x", "/etc"], ["guide", "add", "--name", "x", "/dev/zero"],
    ["guide", "add", "--name", "x" * 101, "/x"],
    ["channel", "show", "999"], ["channel", "enable", "999"], ["channel", "number", "999", "5"], ["channel", "number", "1", "100000"],
    ["channel", "rename", "1", "x" * 300], ["channel", "promote", "999999"], ["match", "set", "1", "999999"],
    ["match", "unset", "1", "999999"], ["match", "explain", "999"], ["session", "stop", "999"], ["settings", "get", "nonsense"],
    ["settings", "get", ""], ["settings", "get", "a/b"], ["settings", "get", ".."], ["settings", "set", "port", "99999"],
    ["settings", "set", "port", ""], ["settings", "set", "verify_tls", "maybe"], ["settings", "set", "refresh_time", "25:00"],
    ["settings", "set", "bind", "nonsense"], ["settings", "set", "friendly_name", "a\nb"], ["settings", "set", "device_id", "ZZZZZZZZ"],
    ["config", "export", "/nonexistent/x"], ["config", "import", "/nonexistent"], ["config", "import", "/dev/null"],
    ["config", "import", "/etc"], ["account", "add", "--name", "x", "--server", "x", "--username", "u", "--password-file", "/nonexistent"],
    ["account", "add", "--name", "x", "--server", "http://127.0.0.1:1", "--username", "u", "--password-file", "/dev/null"],
]


def last_line(text):
    lines = [line for line in text.splitlines() if line]
    assert lines and lines[-1].startswith("streamforgectl: ") and len(lines) <= 2, text
    return lines[-1]


def test_wrong_usage_ends_with_2():
    with World() as (provider, server):
        for arguments in WRONG_USAGE:
            code, out, err = server.ctl(*arguments)
            assert code == 2 and not out, (arguments, code, out, err)
            last_line(err)


def test_failures_end_with_1_and_one_line():
    with World() as (provider, server):
        before = server.call("GET", "/v1/config")
        for arguments in FAILURES:
            code, out, err = server.ctl("--json", *arguments)
            assert code == 1 and not out, (arguments, code, out, err)
            line = last_line(err)
            assert len(line) > len("streamforgectl: ") + 10, line
        assert server.call("GET", "/v1/config") == before
        code, _, err = server.ctl("--socket", "/nonexistent/s", "status")
        assert code == 1 and "Is it running?" in last_line(err)


def test_members_of_the_wrong_type_are_refused():
    wrong = [5, -1, 1.5, True, "", "text", [], ["x", 1], {}, {"a": 1}, [[1]], [None], 10 ** 30]
    routes = [("PATCH", "/v1/accounts/1", "name", str), ("PATCH", "/v1/accounts/1", "user_agent", str),
              ("POST", "/v1/accounts/1/replace", "dry_run", bool), ("POST", "/v1/accounts/1/refresh", "force", bool),
              ("POST", "/v1/guides/refresh", "force", bool), ("POST", "/v1/channels/enable", "ids", list),
              ("POST", "/v1/channels/1/move", "to", int), ("POST", "/v1/channels/1/number", "number", int),
              ("POST", "/v1/channels/1/rename", "name", str), ("POST", "/v1/channels/promote", "stream", int),
              ("POST", "/v1/config", "dry_run", bool), ("PUT", "/v1/settings/port", "value", str),
              ("POST", "/v1/guides", "shift_minutes", int), ("POST", "/v1/accounts", "mirrors", list),
              ("POST", "/v1/accounts", "no_guide", bool), ("POST", "/v1/channels/1/streams", "primary", bool)]
    with World() as (provider, server):
        rest = {"/v1/accounts/1/replace": {"server": provider.url, "username": provider.user, "password": provider.password},
                "/v1/guides": {"name": "G", "location": "/nonexistent"},
                "/v1/accounts": {"name": "Z", "server": provider.url, "username": provider.user, "password": provider.password},
                "/v1/config": {"backup": server.call("GET", "/v1/config")},
                "/v1/channels/1/streams": {"streams": [1]}}
        before = server.call("GET", "/v1/config")
        for method, path, member, right in routes:
            for value in wrong:
                if type(value) is right and (right is not list or value and all(type(item) is int for item in value)):
                    continue
                if path == "/v1/accounts" and value == []:
                    continue
                refused(server, method, path, {**rest.get(path, {}), member: value}, 400 if value != 10 ** 30 else None)
        assert server.call("GET", "/v1/config") == before


def test_all_or_nothing():
    """A list with one bad entry, an edit with one bad value: nothing of it is done."""
    with World() as (provider, server):
        before = server.call("GET", "/v1/config")
        ids = [channel["id"] for channel in server.call("GET", "/v1/channels?filter=all")]
        refused(server, "POST", "/v1/channels/disable", {"ids": ids + [999999]}, 404)
        streams = [one["id"] for one in server.call("GET", f"/v1/channels/{ids[0]}")["streams"]]
        refused(server, "POST", f"/v1/channels/{ids[1]}/streams", {"streams": streams + [999999]}, 404)
        refused(server, "PATCH", "/v1/accounts/1", {"name": "Other", "server": "ftp://x"}, 400)
        refused(server, "PATCH", "/v1/accounts/1", {"name": "Other", "password": ""}, 400)
        assert server.call("GET", "/v1/config") == before


def test_hostile_bodies_are_refused():
    bodies = [b"", b"{", b"[]", b"null", b"1", b'"x"', b"\xff\xfe", b"{}{}", b"{" * 100000, b"[" * 1000000,
              b'{"a":' * 100000 + b"1" + b"}" * 100000, b'{"a":' + b"[" * 65 + b"]" * 65 + b"}", b"/* \" */{}", b"\0" * 1000]
    with World() as (provider, server):
        for body in bodies:
            answer = server.api("POST", "/v1/accounts", raw=body)
            assert answer.status == 400, (body[:20], answer.status)
            assert fits(answer.json(), {"error": is_text, "message": is_text})
        deep = "[" * 200000 + "]" * 200000
        path = os.path.join(server.root, "deep.json")
        with open(path, "w") as out:
            out.write(deep)
        code, _, err = server.ctl("config", "import", path)
        assert code == 1 and "nested too deep" in last_line(err), err
        assert server.call("GET", "/v1/status")["ready"]


def test_a_body_of_40_mb_is_refused():
    with World() as (provider, server):
        memory = server.memory_kib()
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(30)
        connection.connect(server.socket)
        connection.sendall(b"POST /v1/config HTTP/1.1\r\nHost: localhost\r\nContent-Length: 41943040\r\n\r\n")
        try:
            for _ in range(40):
                connection.sendall(b" " * (1 << 20))
        except OSError:
            pass
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")
        connection.close()
        assert server.memory_kib() < memory + 20000
        path = os.path.join(server.root, "large.json")
        with open(path, "w") as out:
            out.write('{"format":"' + "x" * (40 << 20) + '"}')
        code, _, err = server.ctl("config", "import", path)
        assert code == 1 and "MiB" in last_line(err), err


def test_broken_requests_leave_nothing_behind():
    whole = b"POST /v1/match/run HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"
    with World() as (provider, server):
        descriptors = server.descriptors()
        for length in range(0, len(whole) + 1, 3):
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(server.socket)
            connection.sendall(whole[:length])
            connection.close()
        await_true(lambda: server.descriptors() <= descriptors + 2, "the descriptors to be closed", 60)
        assert server.call("GET", "/v1/status")["ready"]


def test_twenty_calls_at_once():
    calls = [["account", "refresh", "1"], ["guide", "refresh"], ["status"], ["channel", "list"], ["match", "run"],
             ["account", "disable", "1"], ["account", "enable", "1"], ["log"], ["settings", "set", "guide_days", "9"],
             ["account", "test", "1"]] * 2
    results = []

    def call(server, arguments):
        results.append((arguments, *server.ctl(*arguments)))

    with World() as (provider, server):
        threads = [threading.Thread(target=call, args=(server, arguments)) for arguments in calls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(results) == len(calls)
        for arguments, code, out, err in results:
            assert code == 0, (arguments, err)
        server.call("POST", "/v1/accounts/1/enable")
        lineup = server.get("/lineup.json").json()
        assert len(lineup) == 6


def test_what_waits_does_not_block_what_is_asked():
    """A provider that answers nothing holds the work queue; status and lineup answer all the same, and the end is clean."""
    with World() as (provider, server):
        provider.tell("login silent")
        threads = [threading.Thread(target=server.ctl, args=("account", "refresh", "1"), daemon=True) for _ in range(20)]
        for thread in threads:
            thread.start()
        await_true(lambda: provider.counts()["requests"] > 0, "the refreshes to begin")
        for _ in range(20):
            begun = time.monotonic()
            assert server.ctl("status")[0] == 0
            assert server.get("/lineup.json").status == 200
            assert time.monotonic() - begun < 5
        assert server.stop() < 3 and server.process.returncode == 0
        for thread in threads:
            thread.join(20)


def test_the_backup_goes_round():
    with World() as (provider, server):
        server.call("POST", "/v1/channels/1/rename", {"name": "Mine"})
        server.call("POST", "/v1/channels/2/number", {"number": 4242})
        path = os.path.join(server.root, "backup.json")
        assert server.ctl("config", "export", path)[0] == 0
        backup = json.load(open(path))
        assert provider.password not in open(path).read()
        for _ in range(2):
            code, out, err = server.ctl("config", "import", path)
            assert code == 0, err
            assert server.call("GET", "/v1/config") == backup
        server.call("POST", "/v1/channels/1/rename", {"name": "Other"})
        changed = server.call("GET", "/v1/config")
        assert server.ctl("config", "import", path, "--dry-run")[0] == 0
        assert server.call("GET", "/v1/config") == changed


def test_bad_backups_change_nothing():
    head = {"format": "streamforge-backup", "version": 1}
    good = {"name": "Imported", "server": "http://h", "username": "u"}
    bad = [{}, [], None, "x", {"format": "other", "version": 1}, {**head, "version": 2}, {**head, "version": "1"},
           {**head, "settings": []}, {**head, "accounts": {}}, {**head, "accounts": [good, 5]},
           {**head, "accounts": [good, {"name": "x"}]}, {**head, "accounts": [good, {**good, "name": "x" * 101}]},
           {**head, "accounts": [{**good, "name": "a\u001b[31m"}]}, {**head, "accounts": [{**good, "max_connections": 10 ** 12}]},
           {**head, "accounts": [{**good, "enabled": "yes"}]}, {**head, "accounts": [{**good, "server": "ftp://h"}]},
           {**head, "accounts": [{**good, "proxy": "nonsense"}]}, {**head, "accounts": [{**good, "mirrors": "ftp://x"}]},
           {**head, "guides": [{"name": "g", "location": "relative"}]}, {**head, "guides": [{"location": "/x"}]},
           {**head, "guides": [{"name": "g", "location": "/x", "shift_minutes": 10 ** 9}]},
           {**head, "accounts": [good], "channels": {}}, {**head, "accounts": [good], "channels": [{}]},
           {**head, "settings": {"guide_days": "3"}, "channels": [{"key": "k", "number": 0, "position": 0}]},
           {**head, "channels": [{"key": "k" * 5000, "number": 1, "position": 0}]},
           {**head, "channels": [{"key": "k", "number": 1, "position": 0, "name": "n" * 5000}]}]
    with World() as (provider, server):
        before = server.call("GET", "/v1/config")
        for backup in bad:
            for dry_run in (True, False):
                refused(server, "POST", "/v1/config", {"backup": backup, "dry_run": dry_run})
                assert server.call("GET", "/v1/config") == before, backup
        text = json.dumps(before)
        path = os.path.join(server.root, "cut.json")
        with open(path, "w") as out:
            out.write(text[:len(text) // 2])
        code, _, err = server.ctl("config", "import", path)
        assert code == 1 and "is no JSON" in last_line(err)
        assert server.call("GET", "/v1/config") == before


def test_somebody_elses_backup_adds():
    """Accounts and guides by name; the identity of this device stays; unknown settings are counted."""
    other = {"format": "streamforge-backup", "version": 1,
             "settings": {"guide_days": "9", "device_id": "11111111", "from_the_future": "x", "port": "99999"},
             "accounts": [{"name": "Other", "server": "http://other.invalid:8080/", "username": "ann", "enabled": False}],
             "guides": [{"name": "Other guide", "account": "Other", "enabled": False}],
             "channels": [{"key": "guide:unknown.test", "number": 77, "position": 0, "name": "Unknown"}]}
    with World() as (provider, server):
        identity = server.get("/discover.json").json()["DeviceID"]
        for _ in range(2):
            summary = server.call("POST", "/v1/config", {"backup": other})["summary"]
            assert "1 accounts, 1 guides, 0 devices, 0 users, 1 channels, 3 settings left out" in summary, summary
            accounts = server.call("GET", "/v1/accounts")
            assert [one["name"] for one in accounts] == ["Test", "Other"]
            assert accounts[1]["status"] == "unauthorized" and not accounts[1]["enabled"]
            assert len(server.call("GET", "/v1/guides")) == 2
        assert server.call("GET", "/v1/settings/guide_days")["value"] == 9
        assert server.get("/discover.json").json()["DeviceID"] == identity


def test_replace_shows_first_and_keeps_the_lineup():
    with World() as (provider, server):
        other = Provider("--channels", 6)
        before = server.get("/lineup.json").body
        login = ["--server", other.url, "--username", other.user, "--password-file", "-"]
        server.call("PATCH", "/v1/accounts/1", {"mirrors": "http://mirror.invalid"})
        shown = server.ctl_json("account", "replace", "1", *login, "--dry-run", stdin=other.password)
        assert "24 of 24 streams are there again" in shown["preview"] and shown["server"] == provider.url
        assert server.ctl("account", "replace", "1", *login, stdin="wrong")[0] == 1
        assert server.ctl_json("account", "show", "1")["server"] == provider.url
        done = server.ctl_json("account", "replace", "1", *login, stdin=other.password)
        # The old provider's mirrors must not see the new login.
        assert done["server"] == other.url and done["mirrors"] == []
        assert server.get("/lineup.json").body == before
        other.close()


def test_accounts_that_cannot_be_added():
    hole = socket.socket()
    hole.bind(("127.0.0.1", 0))
    hole.listen(5)
    with World(1) as (provider, server):
        login = {"name": "New", "server": provider.url, "username": provider.user, "password": provider.password}
        cases = [({**login, "password": "wrong"}, 403), ({**login, "name": "Test"}, 400), ({**login, "name": " "}, 400),
                 ({**login, "server": "http://127.0.0.1:1"}, 503), ({**login, "server": "http://no.such.host.invalid"}, 503),
                 ({**login, "server": "http://[::1"}, 400), ({**login, "user_agent": "a\r\nX: y"}, 400),
                 ({**login, "username": "a\nb"}, 400), ({**login, "mirrors": ["http://m"] * 17}, 400)]
        for body, status in cases:
            message = refused(server, "POST", "/v1/accounts", body, status)["message"]
            assert provider.password not in message
        for fault in ("login html", "login empty", "login status 500", "login truncated", "account expired", "account banned"):
            provider.tell(fault)
            refused(server, "POST", "/v1/accounts", login)
            provider.tell(fault.split()[0] + " ok")
        assert len(server.call("GET", "/v1/accounts")) == 1
        # A black hole holds a person up for half a minute and not for longer; here the client gives up first.
        begun = time.monotonic()
        try:
            server.api("POST", "/v1/accounts", {**login, "server": f"http://127.0.0.1:{hole.getsockname()[1]}"}, seconds=1)
            raise AssertionError("an answer from a black hole")
        except TimeoutError:
            pass
        # The queue is free again at once.
        assert server.api("POST", "/v1/match/run", seconds=10).status == 200
        assert time.monotonic() - begun < 10
        added = server.call("POST", "/v1/accounts", {**login, "name": "Twin"})
        assert "Test" in added["warning"]
    hole.close()


def test_addresses_with_a_password_come_from_elsewhere():
    with World(1) as (provider, server):
        url = f"{provider.url}/get.php?username=demo&password=wrong-secret&type=m3u_plus"
        for options, text in ((["--m3u", "-"], url + "\n"), (["--m3u-url-file", os.path.join(server.root, "url")], None)):
            with open(os.path.join(server.root, "url"), "w") as handle:
                handle.write(url + "\n")
            code, out, err = server.ctl("account", "add", "--name", "List", *options, stdin=text)
            assert code == 1 and "wrong-secret" not in out + err, (code, out, err)
        assert server.ctl("account", "add", "--name", "List", "--m3u", "-", stdin="")[0] == 1
        assert server.ctl("guide", "add", "--name", "None", "-", stdin="")[0] == 1
        for name in ("streamforge.db", "streamforge.db-wal"):
            with open(os.path.join(server.data, name), "rb") as handle:
                assert b"wrong-secret" not in handle.read(), name


def test_a_password_on_the_command_line_is_hidden_at_once():
    """A control socket that never answers, so that there is time to look at the list of processes."""
    import tempfile
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as silent:
        path = os.path.join(folder, "control.sock")
        silent.bind(path)
        silent.listen(8)
        url = "http://panel.example/get.php?username=u&password=word-in-clear"
        for command in (["account", "add", "--name", "A", "--m3u", url], ["account", "add", "--name", "A", "--m3u=" + url],
                        ["account", "set", "1", "m3u=" + url], ["guide", "add", "--name", "A", url]):
            client = subprocess.Popen([CTL, "--socket", path, *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            connection, _ = silent.accept()
            with open(f"/proc/{client.pid}/cmdline", "rb") as handle:
                arguments = handle.read()
            assert b"word-in-clear" not in arguments, arguments
            connection.close()
            client.terminate()
            assert "standard input" in client.communicate(timeout=60)[1]


def test_log_follows():
    with World() as (provider, server):
        follower = subprocess.Popen([CTL, "--json", "--socket", server.socket, "log", "--follow"], stdout=subprocess.PIPE,
                                    text=True, env=server.env)
        first = json.loads(follower.stdout.readline())
        assert fits(first, EVENT)
        server.call("POST", "/v1/accounts/1/refresh")
        seen = [json.loads(follower.stdout.readline()) for _ in range(2)]
        assert all(fits(one, EVENT) for one in seen)
        follower.kill()
        follower.wait()
        follower.stdout.close()


if __name__ == "__main__":
    sys.exit(main([value for name, value in list(globals().items()) if name.startswith("test_")]))

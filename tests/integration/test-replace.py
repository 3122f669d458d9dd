# SPDX-License-Identifier: GPL-3.0-or-later
"""An account goes to another provider, to a list and back: what clients and the user know of their channels stays."""
import glob
import http.server
import json
import os
import sys
import threading
import time
import urllib.parse

from forge_kit import Server, await_true

NAMES = ("Alpha News", "Bravo Sport 1", "Bravo Sport 2", "Castor Drama", "Delta Kids", "Echo Music", "Foxglove", "Gamma Life")
FILMS = ("Some Film", "Other Film")
FILM = bytes(range(256)) * 64


class Panel(http.server.ThreadingHTTPServer):
    """A provider of its own spelling and ids."""
    daemon_threads = True

    def __init__(self, user, password, spell, first_id, guide_id, step=1):
        self.user, self.password = user, password
        self.streams = {first_id + i * step: spell(name, tier) for i, (name, tier) in
                        enumerate((name, tier) for name in NAMES for tier in ("HD", "SD"))}
        self.films = {first_id + 500 + i: name for i, name in enumerate(FILMS)}
        self.guide = {guide_id(name): name for name in NAMES}
        self.asked = []
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *unused):
        pass  # a player that went away

    def document(self, action):
        if action == "get_live_categories":
            return [{"category_id": "1", "category_name": "UK", "parent_id": 0}]
        if action == "get_live_streams":
            return [{"num": i, "name": name, "stream_type": "live", "stream_id": number, "category_id": "1"}
                    for i, (number, name) in enumerate(self.streams.items())]
        if action == "get_vod_streams":
            return [{"num": i, "name": f"{name} (2020)", "stream_id": number, "container_extension": "mkv", "category_id": "2",
                     "added": str(number)} for i, (number, name) in enumerate(self.films.items())]
        if action:
            return []
        return {"user_info": {"auth": 1, "status": "Active", "username": self.user, "password": self.password,
                              "max_connections": "2", "active_cons": 0, "exp_date": None, "allowed_output_formats": ["ts"]},
                "server_info": {"timezone": "UTC", "timestamp_now": int(time.time())}}

    def xmltv(self):
        begin = int(time.time()) // 3600 * 3600 - 3600
        times = [time.strftime("%Y%m%d%H%M%S +0000", time.gmtime(begin + hour * 3600)) for hour in range(49)]
        return "".join(["<tv>", *(f'<channel id="{i}"><display-name>{name}</display-name></channel>' for i, name in self.guide.items()),
                        *(f'<programme start="{times[k]}" stop="{times[k + 1]}" channel="{i}"><title>{name} {k}</title></programme>'
                          for i, name in self.guide.items() for k in range(48)), "</tv>"])


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *unused):
        pass

    def reply(self, body, status=200):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        panel = self.server
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        parts = url.path.strip("/").split("/")
        if parts[0] in ("live", "movie"):
            panel.asked.append(url.path)
            known = panel.streams if parts[0] == "live" else panel.films
            number = int(parts[3].split(".")[0])
            if parts[1:3] != [panel.user, panel.password] or number not in known:
                return self.reply(b"", 404)
            return self.film(known[number]) if parts[0] == "movie" else self.reply(b"", 503)
        if (query.get("username"), query.get("password")) != (panel.user, panel.password):
            return self.reply(b'{"user_info":{"auth":0}}')
        if parts[0] == "xmltv.php":
            return self.reply(panel.xmltv().encode())
        return self.reply(json.dumps(panel.document(query.get("action"))).encode())

    def film(self, name):
        body = name.encode() + FILM
        first, last = 0, len(body) - 1
        if (span := self.headers.get("Range")):
            begin, _, end = span.removeprefix("bytes=").partition("-")
            first, last = int(begin), min(int(end), last) if end else last
        self.send_response(206 if span else 200)
        self.send_header("Content-Type", "video/x-matroska")
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", f'"{len(body)}"')
        if span:
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(body)}")
        self.send_header("Content-Length", str(last - first + 1))
        self.end_headers()
        self.wfile.write(body[first:last + 1])


def first_panel():
    return Panel("bob", "old-secret", lambda name, tier: f"UK| {name} {tier}", 1, lambda name: name.replace(" ", "").lower() + ".uk")


def second_panel():
    """Ids that were others', another way to write, other guide ids."""
    return Panel("alice", "new-secret", lambda name, tier: f"UK: {name.upper()} {tier}", 5, lambda name: f"ch-{sum(name.encode())}", 3)


def channels(server):
    """By id, all that clients and the user see, but for the spelling of the streams."""
    return {c["id"]: (c["number"], c["name"], c["guide_id"], c["enabled"], c["group"], c.get("logo"),
                      tuple((s["id"], s["quality"], s["primary"], s["manual"]) for s in c["streams"]))
            for c in server.call("GET", "/v1/channels?filter=all")}


def decide(server):
    """One of each kind of decision."""
    found = {c["name"]: c for c in server.call("GET", "/v1/channels?filter=all")}
    ids = {name: found[name]["id"] for name in NAMES}
    server.call("POST", f"/v1/channels/{ids['Alpha News']}/rename", {"name": "My news"})
    server.call("POST", f"/v1/channels/{ids['Bravo Sport 1']}/number", {"number": 777})
    server.call("POST", "/v1/channels/disable", {"ids": [ids["Bravo Sport 2"]]})
    server.call("POST", f"/v1/channels/{ids['Castor Drama']}/move", {"to": 1})
    server.call("POST", f"/v1/channels/{ids['Delta Kids']}/group", {"group": "Children"})
    server.call("POST", f"/v1/channels/{ids['Echo Music']}/logo", {"logo": "http://127.0.0.1/logo.png"})
    rejected = next(s for s in found["Foxglove"]["streams"] if s["quality"] == "SD")
    server.call("DELETE", f"/v1/channels/{ids['Foxglove']}/streams/{rejected['id']}")
    chosen = next(s for s in found["Gamma Life"]["streams"] if s["quality"] == "SD")
    server.call("POST", f"/v1/channels/{ids['Alpha News']}/streams", {"streams": [chosen["id"]], "primary": True})
    return ids, rejected["id"], chosen["id"]


def write_list(path, panel):
    with open(path, "w", encoding="utf-8") as file:
        file.write("#EXTM3U\n")
        for number, name in panel.streams.items():
            file.write(f'#EXTINF:-1 group-title="UK",{name.replace("UK: ", "UK - ").title().replace("Uk", "UK")}\n'
                       f"http://127.0.0.1:9/play/x{number}?token=list-secret\n")
    return path


def ask_for(server, panel, channel):
    """The address that a viewer of the channel makes the panel see first."""
    before = len(panel.asked)
    server.get(f"/stream/{channel}?duration=1", seconds=60)
    await_true(lambda: len(panel.asked) > before, "the panel is asked")
    return panel.asked[before]


class World:
    def __init__(self):
        self.old, self.new = first_panel(), second_panel()
        self.server = Server()
        self.account = self.server.add_account(self.old, name="Home")["id"]
        assert len(self.server.call("GET", "/v1/channels?filter=enabled")) == len(NAMES)
        self.ids, self.rejected, self.chosen = decide(self.server)
        self.server.call("POST", "/v1/match/run")
        self.before = channels(self.server)
        self.server.ctl("strm", "export", os.path.join(self.server.root, "library"), "--movies")
        links = glob.glob(os.path.join(self.server.root, "library", "**", "*.strm"), recursive=True)
        assert len(links) == len(FILMS), links
        with open(next(link for link in links if "Some Film" in link), encoding="utf-8") as file:
            self.link = urllib.parse.urlsplit(file.read().strip())

    def replace(self, status=200, **body):
        return self.server.call("POST", f"/v1/accounts/{self.account}/replace", body, status=status, seconds=120)

    def go(self, panel, **more):
        return self.replace(server=panel.url, username=panel.user, password=panel.password, **more)

    def check(self):
        after = channels(self.server)
        for channel, known in self.before.items():
            assert after.get(channel) == known, (channel, known, after.get(channel))
        assert len(after) == len(self.before)

    def check_link(self):
        answer = self.server.get(self.link.path + "?" + self.link.query)
        assert answer.status == 200 and answer.body == b"Some Film" + FILM, (answer.status, len(answer.body))

    def close(self):
        self.server.close()
        self.old.shutdown()
        self.new.shutdown()




def test_a_preview_changes_nothing(world):
    answer = world.go(world.new, dry_run=True)
    assert "16 of 16 streams are there again, 0 are not, 0 are new; nothing was changed" in answer["preview"], answer
    world.check()
    assert world.server.call("GET", f"/v1/accounts/{world.account}")["server"] == world.old.url
    assert ask_for(world.server, world.old, world.ids["Foxglove"]).startswith("/live/bob/old-secret/")


def test_what_fails_changes_nothing(world):
    world.replace(status=403, server=world.new.url, username="alice", password="wrong")
    world.replace(status=503, server="http://127.0.0.1:9", username="alice", password="x")
    world.replace(status=404, m3u="/nowhere/list.m3u")
    world.replace(status=400, m3u="/nowhere/list.m3u", server=world.new.url)
    world.replace(status=404, undo=True)
    account = world.server.call("GET", f"/v1/accounts/{world.account}")
    assert account["status"] == "active" and account["server"] == world.old.url, account
    world.check()
    world.check_link()


def test_a_new_password(world):
    world.old.password = "renewed"
    answer = world.go(world.old)
    assert "16 of 16" in answer["preview"], answer
    world.check()
    assert ask_for(world.server, world.old, world.ids["Foxglove"]).startswith("/live/bob/renewed/")


def test_a_new_provider(world):
    answer = world.go(world.new)
    assert "16 of 16" in answer["preview"] and answer["server"] == world.new.url, answer
    world.check()
    path = ask_for(world.server, world.new, world.ids["Foxglove"])
    number = int(path.rsplit("/", 1)[1].split(".")[0])
    assert path.startswith("/live/alice/new-secret/") and world.new.streams[number] == "UK: FOXGLOVE HD", path
    path = ask_for(world.server, world.new, world.ids["Alpha News"])  # the stream that was chosen by hand
    assert world.new.streams[int(path.rsplit("/", 1)[1].split(".")[0])] == "UK: GAMMA LIFE SD", path
    world.check_link()
    assert any(path.startswith("/movie/alice/new-secret/") for path in world.new.asked)
    guide = world.server.get("/epg.xml").body.decode()
    assert guide.count("<title>Gamma Life ") >= 40
    # what the guide says is of the new ids
    sources = world.server.call("GET", "/v1/guides")
    assert sources[0]["channels"] == len(NAMES) and not sources[0].get("status_text"), sources
    world.server.call("POST", f"/v1/accounts/{world.account}/refresh", {})
    world.server.call("POST", "/v1/match/run")
    world.check()


def test_a_list_and_back(world):
    path = write_list(os.path.join(world.server.root, "list.m3u"), world.new)
    code, out, err = world.server.ctl("account", "replace", str(world.account), "--m3u", path, "--dry-run")
    assert code == 0 and "16 of 16" in out, (code, out, err)
    world.check()
    answer = world.replace(m3u=path)
    assert answer["kind"] == "m3u" and "16 of 16" in answer["preview"], answer
    world.check()
    world.server.call("POST", f"/v1/accounts/{world.account}/refresh", {})
    world.check()
    code, out, err = world.server.ctl("account", "replace", str(world.account), "--undo")
    assert code == 0 and "16 of 16" in out, (code, out, err)
    account = world.server.call("GET", f"/v1/accounts/{world.account}")
    assert account["kind"] == "xtream" and account["server"] == world.new.url and account["max_connections"] == 2, account
    world.check()
    assert ask_for(world.server, world.new, world.ids["Foxglove"]).startswith("/live/alice/new-secret/")
    world.check_link()


def test_no_secret_is_left_about(world):
    for path in glob.glob(os.path.join(world.server.data, "streamforge.db*")):
        with open(path, "rb") as file:
            data = file.read()
        for secret in (b"old-secret", b"new-secret", b"renewed", b"list-secret"):
            assert secret not in data, (path, secret)


def main():
    tests = [test_a_preview_changes_nothing, test_what_fails_changes_nothing, test_a_new_password, test_a_new_provider,
             test_a_list_and_back, test_no_secret_is_left_about]
    print(f"TAP version 13\n1..{len(tests)}", flush=True)
    world = World()
    for number, test in enumerate(tests, 1):
        test(world)
        print(f"ok {number} - {test.__name__[5:].replace('_', ' ')}", flush=True)
    world.close()


if __name__ == "__main__":
    sys.exit(main())

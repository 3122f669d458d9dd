# SPDX-License-Identifier: GPL-3.0-or-later
"""The review queue as a person works it off: reasons in words, many at once, and everything can be taken back."""
import os
import sys
import time

from forge_kit import Server

NAMES = ("UK| Alpha News SD", "UK| Alpha News World 4K", "UK| Alfa News 4K", "UK| Alpha News Live Now 4K", "Alpha News Extra 4K",
         "FR| Alpha News 4K", "IE| Alpha News 4K", "UK| Beta Sport 1 HD")


def write_files(root):
    hour = time.strftime("%Y%m%d%H0000 +0000", time.gmtime())
    later = time.strftime("%Y%m%d%H0000 +0000", time.gmtime(time.time() + 36000))
    guide, playlist = os.path.join(root, "guide.xml"), os.path.join(root, "list.m3u")
    with open(guide, "w", encoding="utf-8") as file:
        file.write("<tv>\n")
        for xmltv_id, name in (("News.uk", "Alpha News"), ("gamma.uk", "Gamma Drama"), ("Sport.uk", "Beta Sport 1")):
            file.write(f'<channel id="{xmltv_id}"><display-name>{name}</display-name></channel>\n'
                       f'<programme start="{hour}" stop="{later}" channel="{xmltv_id}"><title>All day</title></programme>\n')
        file.write("</tv>\n")
    with open(playlist, "w", encoding="utf-8") as file:
        file.write("#EXTM3U\n")
        for number, name in enumerate(NAMES):
            file.write(f"#EXTINF:-1,{name}\nhttp://127.0.0.1:9/live/user/secret/{number + 1}.ts\n")
    return guide, playlist


def matches(server):
    return {(channel["id"], stream["id"]): (stream["manual"], round(stream["confidence"], 3))
            for channel in server.call("GET", "/v1/match") for stream in channel["streams"]}


def queue(server):
    return [(channel, stream) for channel in server.call("GET", "/v1/match?review=1")
            for stream in channel["streams"] if stream["review"]]


def test_reasons(server):
    waiting = queue(server)
    assert waiting, "nothing to review"
    for channel, stream in waiting:
        assert 0.6 <= stream["confidence"] < 0.85 and not stream["manual"]
        assert any(channel["name"] in reason for reason in stream["reasons"]), stream
    sure = [stream for channel in server.call("GET", "/v1/match?review=1") for stream in channel["streams"] if not stream["review"]]
    assert all(stream["confidence"] >= 0.85 for stream in sure) and sure
    code, text, _ = server.ctl("match", "list", "--review")
    assert code == 0
    for _, stream in waiting:
        assert stream["name"] in text
        assert stream["reasons"][0] in text


def test_many_at_once_and_back(server):
    before, rules = matches(server), server.call("GET", "/v1/match/rules")
    waiting = queue(server)
    answer = server.call("POST", "/v1/match/accept", {"review_from": 0})
    assert answer == {"ok": True, "pairs": len(waiting)}, answer
    assert queue(server) == []
    accepted = matches(server)
    for channel, stream in waiting:
        assert accepted[channel["id"], stream["id"]][0], "not manual"
    server.call("POST", "/v1/match/run")
    assert matches(server) == accepted, "a run changed a manual choice"
    assert server.call("GET", "/v1/match/rules") == rules, "one stroke is no repetition"
    undone = server.call("POST", "/v1/match/undo")
    assert undone["verdict"] == "accept" and undone["pairs"] == len(waiting), undone
    assert matches(server) == before and server.call("GET", "/v1/match/rules") == rules
    assert len(queue(server)) == len(waiting)


def test_each_decision_goes_back_in_its_turn(server):
    start = matches(server)
    (news, first), (_, other) = sorted(start)[:2]
    server.call("POST", "/v1/match/reject", {"pairs": [[news, first]]})
    rejected = matches(server)
    assert (news, first) not in rejected
    server.call("POST", f"/v1/channels/{news}/streams", {"streams": [other], "primary": True})
    assert matches(server)[news, other][0]
    server.call("DELETE", f"/v1/channels/{news}/streams/{other}")
    assert (news, other) not in matches(server)
    verdicts = [decision["verdict"] for decision in server.call("GET", "/v1/match/decisions")]
    assert verdicts[:3] == ["reject", "accept", "reject"], verdicts
    assert server.ctl("match", "undo")[0] == 0
    assert matches(server)[news, other][0]
    assert server.ctl("match", "undo")[0] == 0
    assert matches(server) == rejected
    assert server.ctl("match", "undo")[0] == 0
    assert matches(server) == start
    assert server.call("GET", "/v1/match/decisions") == []
    answer = server.call("POST", "/v1/match/undo", status=404)
    assert "no decision" in answer["message"], answer


def test_nonsense_changes_nothing(server):
    before = matches(server)
    (channel, stream) = sorted(before)[0]
    for body, status in (({}, 400), ({"pairs": [[channel]]}, 400), ({"pairs": [[channel, "1"]]}, 400), ({"pairs": 7}, 400),
                         ({"review_from": "all"}, 400), ({"pairs": [[channel, stream]], "review_from": 0.5}, 400),
                         ({"pairs": [[channel, stream], [channel, 99999]]}, 404),
                         ({"pairs": [[channel, stream]] * 5001}, 413)):
        answer = server.api("POST", "/v1/match/reject", body)
        assert answer.status == status, (str(body)[:100], answer.status, answer.body)
        assert answer.json()["message"]
    assert matches(server) == before and server.call("GET", "/v1/match/decisions") == []


def main():
    tests = [test_reasons, test_many_at_once_and_back, test_each_decision_goes_back_in_its_turn, test_nonsense_changes_nothing]
    print(f"TAP version 13\n1..{len(tests)}", flush=True)
    server = Server()
    guide, playlist = write_files(server.root)
    server.call("POST", "/v1/guides", {"name": "Guide", "location": guide})
    server.call("POST", "/v1/accounts", {"name": "Home", "m3u": playlist, "no_guide": True})
    for number, test in enumerate(tests, 1):
        test(server)
        print(f"ok {number} - {test.__name__[5:].replace('_', ' ')}", flush=True)
    server.close()


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor against a provider that refuses, an account that others use, guides with gaps and lineups that are too long."""
import http.client
import os
import time
import urllib.parse

from forge_kit import Provider, Server, await_true, main

HOUR = 3600


class House:
    """A provider, a server and a look at what the doctor says."""

    def __init__(self, *provider, **account):
        self.provider = Provider(*provider)
        self.server = Server()
        self.account = self.server.add_account(self.provider, **account)

    def close(self):
        self.server.close()
        self.provider.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def ask(self, client="all"):
        """id → checks, when nothing plays any more"""
        await_true(lambda: self.server.call("GET", "/v1/sessions") == [], "the last stream is closed")
        found = {}
        for check in self.server.call("GET", f"/v1/doctor?as={client}", seconds=120):
            assert check["fix"] or check["state"] in ("ok", "info", "skipped"), f"a failure without a fix: {check}"
            found.setdefault(check["id"], []).append(check)
        return found

    def one(self, name, client="all"):
        checks = self.ask(client).get(name)
        assert checks and len(checks) == 1, (name, checks)
        return checks[0]


def assert_said(check, state, text, fix=""):
    assert check["state"] == state and text in check["text"] and fix in (check["fix"] or ""), check


def test_a_provider_that_refuses():
    with House("--channels", 3) as house:
        assert_said(house.one("account-1"), "ok", "is active with 4 connections")
        assert_said(house.one("stream"), "ok", "plays")
        house.provider.tell("streams status 403")
        assert_said(house.one("stream"), "error", "HTTP 403", "account test")
        house.provider.tell("streams status 404")
        assert_said(house.one("stream"), "error", "HTTP 404", "account refresh")
        house.provider.tell("streams status 458")
        assert_said(house.one("stream"), "error", "HTTP 458", "counts another connection")
        house.provider.tell("streams ok")
        house.provider.tell("account expired")
        assert_said(house.one("account-1"), "error", "expired", "renew the subscription")
        house.provider.tell("account ok")
        house.provider.tell("account banned")
        assert_said(house.one("account-1"), "error", "banned", "replace the account")
        house.provider.tell("account ok")
        assert_said(house.one("account-1"), "ok", "is active")
        house.provider.tell("login status 403")
        assert_said(house.one("account-1"), "error", "The provider refuses account “Test”", "account")
        house.provider.tell("login ok")
        house.provider.close()
        assert_said(house.one("account-1"), "error", "127.0.0.1", "Is the internet there")
        house.provider = Provider("--channels", 1)  # for close ()


def test_an_account_that_others_use():
    with House("--channels", 3) as house:
        house.provider.tell("account limit 1 refuse")
        house.server.call("POST", "/v1/accounts/1/test")
        parts = urllib.parse.urlsplit(house.provider.url)
        stranger = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
        stranger.request("GET", f"/live/{urllib.parse.quote(house.provider.user)}/{urllib.parse.quote(house.provider.password, safe='')}/13.ts")
        reply = stranger.getresponse()
        assert reply.status == 200 and reply.read(188), reply.status
        checks = house.ask()
        assert_said(checks["account-1"][0], "warning", "Someone else is using account “Test”", "change the password")
        assert_said(checks["stream"][0], "error", "does not play", "counts another connection")
        reply.close()
        stranger.close()
        await_true(lambda: house.one("account-1")["state"] == "ok", "the stranger's connection is gone", 60)


def xmltv(channels):
    """{name: [(first hour, last hour)]} from now on."""
    now = int(time.time())
    stamp = lambda hours: time.strftime("%Y%m%d%H%M%S +0000", time.gmtime(now + int(hours * HOUR)))
    out = ['<?xml version="1.0" encoding="UTF-8"?><tv>']
    for name in channels:
        out.append(f'<channel id="own.{name.replace(" ", "")}"><display-name>{name}</display-name></channel>')
    for name, spans in channels.items():
        for first, last in spans:
            hour = first
            while hour < last:
                out.append(f'<programme start="{stamp(hour)}" stop="{stamp(min(hour + 1, last))}" channel="own.{name.replace(" ", "")}">'
                           f"<title>Show</title></programme>")
                hour += 1
    return "\n".join(out + ["</tv>"])


def test_gaps_in_the_guide():
    with House("--channels", 6, no_guide=True) as house:
        names = [channel["name"] for channel in house.server.call("GET", "/v1/channels?filter=enabled")]
        assert len(names) == 6, names
        assert_said(house.one("guide-none"), "info", "6 of 6 channels have no guide", "guide add")
        full, short, holes, empty = names[:4]
        path = os.path.join(house.server.root, "guide.xml")
        with open(path, "w", encoding="utf-8") as handle:
            handle.write(xmltv({full: [(-1, 40)], short: [(-1, 6)], holes: [(-1, 5), (9, 40)], empty: [(-48, -24)]}))
        house.server.call("POST", "/v1/guides", {"name": "Own", "location": path}, seconds=120)
        enabled = [channel["name"] for channel in house.server.call("GET", "/v1/channels?filter=enabled")]
        checks = house.ask()
        size = len(enabled)
        assert_said(checks["guide"][0], "ok", f"1 of {size} channels have a guide for the next 24 hours")
        assert_said(checks["guide-short"][0], "warning", f"1 of {size} channels have a guide that ends within the next 24 hours: {short}",
                    "guide refresh")
        assert_said(checks["guide-holes"][0], "warning", f"1 of {size} channels have holes of more than an hour", "guide refresh")
        assert_said(checks["guide-gaps"][0], "warning", f"1 of {size} channels belong to a guide that says nothing about now", "guide refresh")


def test_more_channels_than_plex_takes():
    with House("--channels", 490) as house:
        server = house.server
        server.call("POST", "/v1/channels/enable", {"ids": [channel["id"] for channel in server.call("GET", "/v1/channels?filter=all")]})
        assert_said(house.one("lineup-size", "plex"), "warning", "490 channels; Plex takes 480", "limit=480")
        problem = [problem for problem in server.call("GET", "/v1/status")["problems"] if problem["id"].endswith("plex-limit")]
        assert [entry["id"] for entry in problem] == ["lineup-plex-limit"], problem
        server.call("POST", "/v1/devices", {"name": "For Plex", "limit": 480})
        first, second = house.ask("plex")["lineup-size"]
        assert_said(first, "warning", "490 channels", "limit=480")
        assert_said(second, "ok", "“For Plex” shows 480 channels")
        server.call("PATCH", "/v1/devices/1", {"limit": 300})
        assert all(check["state"] == "ok" for check in house.ask("plex")["lineup-size"])
        assert not [problem for problem in server.call("GET", "/v1/status")["problems"] if problem["id"].endswith("plex-limit")]


main([test_a_provider_that_refuses, test_an_account_that_others_use, test_gaps_in_the_guide, test_more_channels_than_plex_takes])

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""HDHomeRun discovery and control as clients see them: hdhomerun_config on this machine and across a small home of
three hosts in network namespaces, multi-homing, IPv6, port 80, SSDP, and the settings that switch them.

    test-hdhr.py SERVER CTL
"""
import re
import socket
import statistics
import struct
import subprocess
import sys
import time
import urllib.request

from forgeclients import (HDHR_PORT, Server, add_cable, add_host, ask_by_udp, check, enter_own_network, frame, ip, need_program,
                          on_host, tags)

ANYBODY = bytes.fromhex("0002000c0104ffffffff0204ffffffff73cc7d8f")
SSDP_GROUP = "239.255.255.250"
REPLY_TARGET_MS = 5.0
SERVER, CTL = sys.argv[1:3]


def config(*words, host=None, timeout_s=30):
    """hdhomerun_config: (exit code, what it prints)."""
    where = ["ip", "netns", "exec", host] if host else []
    done = subprocess.run([*where, "hdhomerun_config", *words], capture_output=True, text=True, timeout=timeout_s, check=False)
    return done.returncode, (done.stdout + done.stderr).strip()


def ctl(server, *words):
    done = subprocess.run([CTL, "--socket", server.control, *words], capture_output=True, text=True, check=True)
    return done.stdout


def http(url, host=None):
    """(status, body)"""
    if host:
        with on_host(host):
            return http(url)
    with urllib.request.urlopen(url, timeout=5) as reply:
        return reply.status, reply.read().decode()


def check_values(target):
    expected = {
        "/sys/model": "hdhomerun5_atsc",
        "/sys/hwmodel": "HDHR5-4US",
        "/sys/version": "20250815",
        "/tuner0/status": "ch=none lock=none ss=0 snq=0 seq=0 bps=0 pps=0",
        "/tuner0/vstatus": "vch=none name=none auth=unspecified cci=none cgms=none",
        "/tuner3/lockkey": "none",
        "/lineup/scan": "state=complete progress=100% found=24",
    }
    for name, value in expected.items():
        check(f"get {name}", config(target, "get", name) == (0, value))
    code, text = config(target, "get", "help")
    check("get help lists the variables", code == 0 and "/tuner<n>/status" in text)
    code, text = config(target, "get", "/sys/features")
    check("get /sys/features", code == 0 and "channelmap: us-bcast" in text)
    for name in ("/nonsense", "/tuner4/status", "/tuner9/status"):
        check(f"get {name} is refused", config(target, "get", name) == (1, "ERROR: unknown getset variable"))
    check("set of a channel", config(target, "set", "/tuner0/channel", "auto:177000000")[0] == 0)
    check("set of a UDP target is refused", config(target, "set", "/tuner0/target", "udp://127.0.0.1:5000")[0] == 1)


def check_scan(target):
    """It takes minutes, so only its beginning: it locks, asks for the channel map and goes through frequencies."""
    with subprocess.Popen(["hdhomerun_config", target, "scan", "0"], stdout=subprocess.PIPE, text=True) as scan:
        lines = [scan.stdout.readline() for _ in range(8)]
        locked = config(target, "get", "/tuner0/lockkey")
        refused = config(target, "set", "/tuner0/channel", "none")
        scan.kill()
    check("scan runs and finds nothing", any("LOCK: none" in line for line in lines), lines[0].strip())
    check("its lock is seen", locked == (0, "127.0.0.1"), locked[1])
    check("and keeps others out", refused[0] == 1 and "resource locked by 127.0.0.1" in refused[1], refused[1])


def test_this_machine():
    with Server(SERVER) as server:
        code, text = config("discover", "127.0.0.1")
        found = re.fullmatch(r"hdhomerun device ([0-9A-F]{8}) found at 127\.0\.0\.1", text)
        check("hdhomerun_config discover 127.0.0.1", code == 0 and found is not None, text)
        check("with the id of discover.json", f'"{found[1]}"' in http(server.url + "/discover.json")[1])
        check_values("127.0.0.1")
        check_scan("127.0.0.1")
        check("another id is not ours", config("12345678", "get", "/sys/model")[0] == 1)

        times = []
        for _ in range(15):
            _, sender, took_ms = ask_by_udp(ANYBODY, ("127.0.0.1", HDHR_PORT))
            times.append(took_ms)
            assert sender == ("127.0.0.1", HDHR_PORT)
        check(f"reply within {REPLY_TARGET_MS} ms", statistics.median(times) <= REPLY_TARGET_MS,
              f"median {statistics.median(times):.2f} ms, worst {max(times):.2f} ms")

        ctl(server, "settings", "set", "discovery", "false")
        check("switched off, no answer", ask_by_udp(ANYBODY, ("127.0.0.1", HDHR_PORT), 0.3) is None)
        with socket.socket() as client:
            check("and no control", client.connect_ex(("127.0.0.1", HDHR_PORT)) != 0)
        ctl(server, "settings", "set", "discovery", "true")
        check("switched on, an answer", ask_by_udp(ANYBODY, ("127.0.0.1", HDHR_PORT)) is not None)

        with Server(SERVER) as second:
            problems = ctl(second, "--json", "status")
            check("a second one says that the port is taken", "discovery-off" in problems and "65001" in problems)
            check("and serves HTTP", http(second.url + "/lineup_status.json")[0] == 200)


def build_home():
    """A has the server and two networks; B lives on the first, C on the second."""
    for name in "ABC":
        add_host(name)
    add_cable("A", "B", "first", 77)
    add_cable("A", "C", "second", 78)
    # Without a default route a host cannot send to 255.255.255.255.
    ip("-n", "A", "route", "add", "default", "via", "10.77.0.2")
    ip("-n", "B", "route", "add", "default", "via", "10.77.0.1")
    ip("-n", "C", "route", "add", "default", "via", "10.78.0.1")


def broadcast(host, address):
    with on_host(host):
        return ask_by_udp(ANYBODY, (address, HDHR_PORT))


def check_broadcasts(server):
    for host, address, target in (("B", "10.77.0.1", "255.255.255.255"), ("B", "10.77.0.1", "10.77.0.255"),
                                  ("C", "10.78.0.1", "255.255.255.255"), ("C", "10.78.0.1", "10.78.0.1")):
        found, sender, took_ms = broadcast(host, target)
        check(f"{host} asks {target}", sender[0] == address and found[0x2A] == f"http://{address}:{server.port}".encode(),
              f"{found[0x2A].decode()} in {took_ms:.2f} ms")
        check("order and sizes of the reply", list(found) == [0, 1, 2, 0x2A, 0x10, 0x27] and len(found[0x2A]) <= 28
              and found[0x10] == b"\x04" and found[0x27] == found[0x2A] + b"/lineup.json")


def ask_group(host, link, own_address, group):
    """Discovery over IPv6 from one of the host's addresses: (base URL, sender)."""
    with on_host(host), socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as client:
        index = socket.if_nametoindex(link)
        client.bind((own_address, 0, 0, index))
        client.settimeout(2)
        client.sendto(ANYBODY, (group, HDHR_PORT, 0, index))
        reply, sender = client.recvfrom(2048)
    return tags(reply)[0x2A].decode(), sender[0].split("%")[0]


def check_ipv6(server):
    check("ff02::176, link-local: the URL has the interface's IPv4 address",
          ask_group("B", "first", "fe80::77:2", "ff02::176") == (f"http://10.77.0.1:{server.port}", "fe80::77:1"))
    check("ff02::176, own addresses",
          ask_group("B", "first", "fd00:77::2", "ff02::176") == (f"http://[fd00:77::1]:{server.port}", "fd00:77::1"))
    check("ff05::176, own addresses",
          ask_group("C", "second", "fd00:78::2", "ff05::176") == (f"http://[fd00:78::1]:{server.port}", "fd00:78::1"))


def check_config_across(device_id):
    check("discover by broadcast", config("discover", host="B") == (0, f"hdhomerun device {device_id} found at 10.77.0.1"))
    check("discover by address", config("discover", "10.78.0.1", host="C")[1].endswith("found at 10.78.0.1"))
    check("get by id", config(device_id, "get", "/sys/model", host="B") == (0, "hdhomerun5_atsc"))
    check("a foreign id finds nobody", config("105DEAD3", "get", "/sys/model", host="B")[0] == 1)
    code, text = config("discover", host="A")
    check("a client on the same machine", code == 0 and device_id in text, text.replace("\n", ", "))


def check_port_80():
    status, text = http("http://10.77.0.1/discover.json", "B")
    check("port 80 serves the same, as Jellyfin looks there", status == 200 and '"LineupURL":"http://10.77.0.1:80/lineup.json"' in text)


def check_strangers():
    """A private address that is in no network of ours, as through a router."""
    ip("-n", "B", "addr", "add", "172.31.9.9/32", "dev", "first")
    ip("-n", "A", "route", "add", "172.31.9.9/32", "dev", "first")
    with on_host("B"), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.bind(("172.31.9.9", 0))
        client.settimeout(0.3)
        client.sendto(ANYBODY, ("10.77.0.1", HDHR_PORT))
        try:
            answer = client.recvfrom(2048)
        except TimeoutError:
            answer = None
    check("a stranger gets no answer", answer is None)


def search(host, target):
    text = f'M-SEARCH * HTTP/1.1\r\nHOST: {SSDP_GROUP}:1900\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: {target}\r\n\r\n'
    replies = []
    with on_host(host), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(1.5)
        client.sendto(text.encode(), (SSDP_GROUP, 1900))
        try:
            while True:
                replies.append(client.recvfrom(2048)[0].decode())
        except TimeoutError:
            return replies


def listen_to_ssdp(host):
    with on_host(host):
        listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("", 1900))
        group = struct.pack("=4sLi", socket.inet_aton(SSDP_GROUP), 0, socket.if_nametoindex("first" if host == "B" else "second"))
        listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
        listener.settimeout(5)
        return listener


def heard(listener, word):
    """Three announcements of that kind."""
    names = set()
    until = time.monotonic() + 5
    while len(names) < 3 and time.monotonic() < until:
        text = listener.recvfrom(2048)[0].decode()
        if f"NTS: {word}" in text and text.startswith("NOTIFY * "):
            names.add(re.search(r"^NT: (.*)\r$", text, re.M)[1])
    return len(names) == 3


def check_ssdp(server):
    check("SSDP is silent by default", not search("B", "ssdp:all"))
    with listen_to_ssdp("B") as listener:
        ctl(server, "settings", "set", "ssdp", "true")
        check("SSDP announces", heard(listener, "ssdp:alive"))
        replies = search("C", "ssdp:all")
        locations = {re.search(r"^LOCATION: (.*)\r$", text, re.M)[1] for text in replies}
        check("three answers with the right location", len(replies) == 3 and locations == {f"http://10.78.0.1:{server.port}/device.xml"})
        uuid = re.search(r"^USN: (uuid:[0-9a-f-]{36})", replies[0], re.M)[1]
        check("device.xml is there and has the same UDN", f"<UDN>{uuid}</UDN>" in http(locations.pop(), "C")[1])
        check("never Plex's grabber types", not search("B", "urn:plex-tv:service:MediaGrabber:1"))
        server.stop()
        check("SSDP says goodbye", heard(listener, "ssdp:byebye"))


def test_home():
    build_home()
    with Server(SERVER, "lan", "A") as server:
        device_id = re.search(r'"DeviceID":"([0-9A-F]{8})"', http(f"http://10.77.0.1:{server.port}/discover.json", "B")[1])[1]
        check_config_across(device_id)
        check_broadcasts(server)
        check_ipv6(server)
        check_port_80()
        check_strangers()
        check_ssdp(server)
    with Server(SERVER, "loopback", "A"):
        check("closed to the home, no answer to a broadcast", broadcast("B", "255.255.255.255") is None)
        check("nor to its address", broadcast("B", "10.77.0.1") is None)
        with on_host("B"), socket.socket() as client:
            check("and no control port", client.connect_ex(("10.77.0.1", HDHR_PORT)) != 0)
    with Server(SERVER, "10.78.0.1", "A") as server:
        check("open on one network: the other gets no answer", broadcast("B", "255.255.255.255") is None)
        check("its own does", broadcast("C", "255.255.255.255")[0][0x2A] == f"http://10.78.0.1:{server.port}".encode())


def main():
    need_program("hdhomerun_config")
    enter_own_network()
    assert ANYBODY == frame(2, bytes.fromhex("0104ffffffff0204ffffffff"))
    test_this_machine()
    test_home()


main()

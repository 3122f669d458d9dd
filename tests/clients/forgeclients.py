# SPDX-License-Identifier: GPL-3.0-or-later
"""What the client tests share: a network of their own, the server under test, HDHomeRun frames."""
import contextlib
import ctypes
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import zlib

SKIPPED = 77  # what meson takes for "not run"
CLONE_NEWNET = 0x40000000
INNER = "FORGE_CLIENTS_INNER"
HDHR_PORT = 65001  # fixed in every client, so each test has a network namespace of its own


def skip(reason):
    print(f"SKIP: {reason}")
    sys.exit(SKIPPED)


def need_program(name):
    if not shutil.which(name):
        skip(f"{name} is not installed")


def enter_own_network():
    """Runs this script again in network and mount namespaces of its own; nothing is left behind."""
    if os.environ.get(INNER):
        with open(os.devnull, "wb") as null:
            subprocess.run(["mkdir", "-p", "/run/netns"], check=False, stderr=null)
        if subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run/netns"], check=False).returncode:
            skip("no private /run/netns can be mounted")
        ip("link", "set", "lo", "up")
        return
    need_program("unshare")
    need_program("ip")
    flags = ["-nm"] if os.geteuid() == 0 else ["-Urnm"]
    command = ["unshare", *flags, "--propagation", "private"]
    if subprocess.run([*command, "true"], check=False, capture_output=True).returncode:
        skip("this system allows no network namespace (root, or unprivileged user namespaces)")
    os.execvpe("unshare", [*command, sys.executable, *sys.argv], {**os.environ, INNER: "1"})


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def add_host(name):
    ip("netns", "add", name)
    ip("-n", name, "link", "set", "lo", "up")


def add_cable(a, b, link, subnet):
    """Connects two hosts: .1 and .2 of 10.`subnet`.0.0/24, fd00:`subnet`::/64, fe80::`subnet`:0/64."""
    ip("link", "add", link, "netns", a, "type", "veth", "peer", "name", link, "netns", b)
    for host, number in ((a, 1), (b, 2)):
        ip("-n", host, "addr", "add", f"10.{subnet}.0.{number}/24", "brd", f"10.{subnet}.0.255", "dev", link)
        ip("-n", host, "link", "set", link, "addrgenmode", "none", "up")
        for address in (f"fd00:{subnet}::{number}", f"fe80::{subnet}:{number}"):
            ip("-n", host, "-6", "addr", "add", f"{address}/64", "dev", link, "nodad")


@contextlib.contextmanager
def on_host(name):
    """Sockets that are made inside belong to that host."""
    libc = ctypes.CDLL(None, use_errno=True)

    def switch(path):
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        if libc.setns(fd, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns {path}")
        os.close(fd)

    home = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    switch(f"/run/netns/{name}")
    try:
        yield
    finally:
        libc.setns(home, CLONE_NEWNET)
        os.close(home)


class Server:
    """streamforge-server --demo on directories of its own."""

    def __init__(self, program, bind="loopback", host=None, around=()):
        self.root = tempfile.mkdtemp(prefix="forge-clients-")
        where = ["ip", "netns", "exec", host] if host else []
        options = [f"--{name}-dir={self.root}/{name}" for name in ("data", "cache", "runtime")]
        self.command = [*where, *around, program, "--demo", "--port", "0", "--bind", bind, *options]
        self.start()

    def start(self):
        """Again on the same directories after a stop ()."""
        self.log = open(f"{self.root}/log", "ab")
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        ready = self.process.stdout.readline().split()
        assert ready[:1] == ["ready"], f"the server did not start: {open(self.log.name, encoding='utf-8').read()}"
        self.url, self.control = ready[1], ready[3]
        self.port = int(self.url.rsplit(":", 1)[1])

    def serving_pid(self):
        """The process that serves: a child of the one that starts it again after a crash."""
        pid = self.process.pid
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as handle:
            children = handle.read().split()
        return int(children[0]) if children else pid

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.stop()
        shutil.rmtree(self.root, ignore_errors=True)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(20)
        self.log.close()
        assert code == 0, f"the server ended with {code}: {open(self.log.name, encoding='utf-8').read()[-4000:]}"


def frame(kind, payload):
    head = struct.pack(">HH", kind, len(payload)) + payload
    return head + struct.pack("<I", zlib.crc32(head))


def tags(datagram):
    """{tag: value} of a frame; asserts that it is well-formed."""
    kind, length = struct.unpack(">HH", datagram[:4])
    payload, crc = datagram[4:4 + length], datagram[4 + length:]
    assert struct.unpack("<I", crc)[0] == zlib.crc32(datagram[:4 + length]), "wrong CRC"
    found = {0: kind}
    while payload:
        tag, size, at = payload[0], payload[1], 2
        if size & 0x80:
            size, at = (size & 0x7F) | payload[2] << 7, 3
        found.setdefault(tag, payload[at:at + size])
        payload = payload[at + size:]
    return found


def ask_by_udp(request, address, timeout_s=2.0):
    """(tags, sender, milliseconds) of the first reply, None when there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        client.settimeout(timeout_s)
        begun = time.perf_counter()
        try:
            client.sendto(request, address)
            reply, sender = client.recvfrom(2048)
        except (TimeoutError, ConnectionRefusedError):
            return None
        return tags(reply), sender, (time.perf_counter() - begun) * 1000


def await_true(condition, what, seconds=20.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.05)


def check(name, condition, detail=""):
    print(f"{'ok  ' if condition else 'FAIL'} {name}{f': {detail}' if detail else ''}", flush=True)
    if not condition:
        sys.exit(1)

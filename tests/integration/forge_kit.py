# SPDX-License-Identifier: GPL-3.0-or-later
"""What the process tests share: the programs as a person starts them, on folders and ports of their own."""
import http.client
import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

BUILD = os.environ.get("FORGE_BUILD_DIR", os.path.join(os.getcwd(), "build"))
SERVER = os.path.join(BUILD, "src/cli/streamforge-server")
CTL = os.path.join(BUILD, "src/cli/streamforgectl")
PROVIDER = os.path.join(BUILD, "tests/provider/streamforge-fake-provider")
READY_TIMEOUT_S = 60


def clean_environment(root):
    """No Secret Service, nobody's home: passwords go to the encrypted file below `root`."""
    keep = {key: os.environ[key] for key in ("PATH", "LC_ALL", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LD_LIBRARY_PATH")
            if key in os.environ}
    return {"LC_ALL": "C.UTF-8", **keep, "HOME": root, "XDG_RUNTIME_DIR": root, "GIO_USE_VFS": "local",
            "GSETTINGS_BACKEND": "memory", "TZ": "UTC"}


INNER = "FORGE_INNER_NETWORK"


def enter_network(*addresses):
    """Runs this script again in a network of its own, where `addresses`, which are nobody's, are this machine: what the guard takes for
    the open Internet. Ends it as skipped where the system allows no such network."""
    if os.environ.get(INNER):
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        for address in addresses:
            subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)
        return
    command = ["unshare", "-n" if os.geteuid() == 0 else "-Urn"]
    if not shutil.which("ip") or not shutil.which("unshare") or subprocess.run([*command, "true"], check=False, capture_output=True).returncode:
        print("1..0 # SKIP this system allows no network of one's own (ip, unshare, user namespaces)")
        sys.exit(0)
    os.execvpe("unshare", [*command, sys.executable, *sys.argv], {**os.environ, INNER: "1"})


def await_true(condition, what, seconds=20.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")


class Lines:
    """Reads a pipe in a thread, so that nothing blocks and nothing is lost."""

    def __init__(self, stream):
        self.all = []
        self._queue = queue.Queue()
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def _read(self, stream):
        for line in stream:
            self.all.append(line.rstrip("\n"))
            self._queue.put(line.rstrip("\n"))
        self._queue.put(None)

    def next(self, seconds):
        try:
            return self._queue.get(timeout=seconds)
        except queue.Empty:
            return None

    def text(self):
        return "\n".join(self.all)


class Provider:
    def __init__(self, *arguments):
        self.process = subprocess.Popen([PROVIDER, *map(str, arguments)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.about = json.loads(self.process.stdout.readline())
        self.url = f"http://127.0.0.1:{self.about['port']}"
        self.user, self.password = self.about["user"], self.about["password"]

    def say(self, sentence):
        self.process.stdin.write(sentence + "\n")
        self.process.stdin.flush()

    def counts(self):
        """Also the sign that all that was said before is in force."""
        self.say("counts")
        return json.loads(self.process.stdout.readline())

    def tell(self, sentence):
        self.say(sentence)
        self.counts()

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(10)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Server:
    def __init__(self, root=None, arguments=(), data=None, env=None, start=True):
        self.own_root = root is None
        self.root = root or tempfile.mkdtemp(prefix="forge-")
        self.data = data or os.path.join(self.root, "data")
        self.runtime = os.path.join(self.root, "run")
        self.env = {**clean_environment(self.root), **(env or {})}
        self.arguments = list(arguments)
        self.process = None
        if start:
            self.start()

    def spawn(self, *more):
        self.process = subprocess.Popen([SERVER, "--data-dir", self.data, "--cache-dir", os.path.join(self.root, "cache"),
                                         "--runtime-dir", self.runtime, "--port", "0", *self.arguments, *more],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace",
                                        env=self.env, cwd="/")
        self.out, self.err = Lines(self.process.stdout), Lines(self.process.stderr)

    def start(self, *more):
        self.spawn(*more)
        line = self.out.next(READY_TIMEOUT_S)
        if not line or not line.startswith("ready http://"):
            raise AssertionError(f"no ready line but {line!r}; {self.err.text()[-2000:]}")
        _, self.url, _, self.socket = line.split(" ", 3)
        self.port = int(self.url.rsplit(":", 1)[1])
        return self

    def stop(self, seconds=30):
        """SIGTERM. Returns how long the end took."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(seconds)
        took = time.monotonic() - begun
        self.check()
        return took

    def kill(self):
        self.process.kill()
        self.process.wait(10)

    def wait(self, seconds=30):
        return self.process.wait(seconds)

    def check(self):
        """No sanitizer or GLib complaint on the way."""
        text = self.err.text()
        for bad in ("ERROR: AddressSanitizer", "runtime error:", "LeakSanitizer", "-CRITICAL **", "-WARNING **",
                    "Assertion"):
            assert bad not in text, text[-6000:]

    def close(self):
        if self.process and self.process.poll() is None:
            self.stop()
        elif self.process:
            self.check()
        if self.own_root:
            shutil.rmtree(self.root, ignore_errors=True)

    def api(self, method, path, body=None, seconds=60, raw=None):
        connection = UnixConnection(self.socket, seconds)
        data = raw if raw is not None else (json.dumps(body) if body is not None else None)
        try:
            connection.request(method, path, body=data)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        except ConnectionError as error:
            raise AssertionError(f"{method} {path}: {error}; the server said: {self.err.text()[-3000:]}") from error
        finally:
            connection.close()

    def call(self, method, path, body=None, status=200, seconds=60):
        answer = self.api(method, path, body, seconds)
        assert answer.status == status, (method, path, answer.status, answer.body[:400])
        return json.loads(answer.body) if answer.body else None

    def get(self, path, headers=None, seconds=30):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            connection.request("GET", path, headers=headers or {})
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def ctl(self, *arguments, stdin=None, seconds=60):
        """(exit code, standard output, standard error)"""
        done = subprocess.run([CTL, "--socket", self.socket, *arguments], input=stdin, capture_output=True, text=True,
                              timeout=seconds, env=self.env)
        return done.returncode, done.stdout, done.stderr

    def ctl_json(self, *arguments, stdin=None, seconds=60):
        code, out, err = self.ctl("--json", *arguments, stdin=stdin, seconds=seconds)
        assert code == 0, (arguments, code, err)
        return json.loads(out)

    def add_account(self, provider, name="Test", **more):
        return self.call("POST", "/v1/accounts", {"name": name, "server": provider.url, "username": provider.user,
                                                  "password": provider.password, **more}, seconds=300)

    def memory_kib(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1])
        return 0

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


class Events:
    """One text/event-stream, read as it comes."""

    def __init__(self, server, path, headers=None):
        self.link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        self.link.request("GET", path, headers=headers or {})
        self.answer = self.link.getresponse()

    def next(self):
        """(id or None, event) or ("comment", text); None at the end."""
        number = None
        while line := self.answer.readline().decode():
            line = line.rstrip("\n")
            if line.startswith(":"):
                return "comment", line[1:].strip()
            if line.startswith("id:"):
                number = int(line[3:])
            elif line.startswith("data:"):
                return number, json.loads(line[5:])
        return None

    def all(self):
        found = []
        while (one := self.next()) is not None:
            found.append(one)
        return found

    def close(self):
        self.answer.close()
        self.link.close()


def main(tests):
    """Runs `tests` (functions) as TAP; names on the command line choose some."""
    wanted = sys.argv[1:]
    chosen = [test for test in tests if not wanted or test.__name__ in wanted]
    failed = 0
    print(f"1..{len(chosen)}", flush=True)
    for number, test in enumerate(chosen, 1):
        name = test.__name__.removeprefix("test_").replace("_", "-")
        begun = time.monotonic()
        try:
            skipped = test()
        except Exception as error:  # the line of the failure is what counts
            failed += 1
            import traceback
            for line in traceback.format_exc().splitlines():
                print(f"# {line}")
            print(f"not ok {number} {name}: {type(error).__name__}", flush=True)
        else:
            print(f"ok {number} {name}{' # SKIP ' + skipped if skipped else ''}", flush=True)
            print(f"# {time.monotonic() - begun:.1f} s", flush=True)
    return 1 if failed else 0

# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords with a real keyring: unlocked, locked, and none at all."""
import contextlib
import os
import shutil
import subprocess
import tempfile

from forge_gui import App, Provider, UnixConnection, await_true, find, main

SERVICE = ["gdbus", "call", "--session", "-d", "org.freedesktop.secrets", "-o", "/org/freedesktop/secrets", "-m"]


@contextlib.contextmanager
def keyring():
    """gnome-keyring, unlocked, with a login collection of its own."""
    data = tempfile.mkdtemp(prefix="forge-keyring-")
    env = {**os.environ, "XDG_DATA_HOME": data}
    daemon = subprocess.Popen(["gnome-keyring-daemon", "--unlock", "--components=secrets", "--foreground"], env=env,
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    daemon.stdin.write(b"the keyring's own")
    daemon.stdin.close()
    await_true(lambda: subprocess.run([*SERVICE, "org.freedesktop.DBus.Peer.Ping"], capture_output=True, timeout=20,
                                      check=False).returncode == 0, "the keyring answers")
    try:
        yield
    finally:
        daemon.terminate()
        daemon.wait(20)
        shutil.rmtree(data, ignore_errors=True)


@contextlib.contextmanager
def world():
    root = tempfile.mkdtemp(prefix="forge-secrets-")
    provider = Provider()
    with App(root=root) as app:
        app.await_ready()
        yield provider, app
    provider.close()
    shutil.rmtree(root, ignore_errors=True)


def add_account(app, provider):
    return app.call("POST", "/v1/accounts", {"name": "Home", "server": provider.url, "username": provider.user,
                                             "password": provider.password})


def lock():
    done = subprocess.run([*SERVICE, "org.freedesktop.Secret.Service.Lock",
                           "['/org/freedesktop/secrets/collection/login']"], capture_output=True, text=True, timeout=20,
                          check=False)
    assert done.returncode == 0, done.stderr


def refused(app, method, path):
    connection = UnixConnection(os.path.join(app.runtime, "control.sock"), 60)
    connection.request(method, path)
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    assert answer.status >= 400, body
    return body


def files_with(root, text):
    found = []
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                with open(path, "rb") as handle:
                    if text.encode() in handle.read():
                        found.append(path)
    return found


def an_unlocked_keyring_keeps_the_password():
    with keyring(), world() as (provider, app):
        assert app.status()["secrets"] == "keyring"
        account = add_account(app, provider)
        done = subprocess.run(["secret-tool", "lookup", "name", f"account/{account['id']}"], capture_output=True, text=True,
                              timeout=20, check=False)
        assert done.stdout == provider.password, done
        assert files_with(app.root, provider.password) == []
        app.restart()
        app.await_ready()
        assert app.call("POST", f"/v1/accounts/{account['id']}/test")["status"] == "active"


def a_locked_keyring_is_named_as_the_reason():
    with keyring(), world() as (provider, app):
        account = add_account(app, provider)
        lock()
        message = refused(app, "POST", f"/v1/accounts/{account['id']}/test")
        assert "locked" in message and "nlock" in message, message
        # The window answers all the while.
        app.go("Overview")
        find(app.window(), "list box", "Addresses")


def without_a_keyring_an_encrypted_file_keeps_it():
    with world() as (provider, app):
        assert app.status()["secrets"] == "file"
        account = add_account(app, provider)
        assert files_with(app.root, provider.password) == []
        app.restart()
        app.await_ready()
        assert app.call("POST", f"/v1/accounts/{account['id']}/test")["status"] == "active"
        find(app.go("Settings"), "label", "In an encrypted file, because no keyring answers on this desktop.", is_showing=False)


if __name__ == "__main__":
    main([an_unlocked_keyring_keeps_the_password, a_locked_keyring_is_named_as_the_reason,
          without_a_keyring_an_encrypted_file_keeps_it])

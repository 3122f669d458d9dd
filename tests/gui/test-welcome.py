# SPDX-License-Identifier: GPL-3.0-or-later
"""The first run, as a person goes through it who has nothing but the provider's letter."""
import contextlib
import shutil
import socket
import sys
import tempfile
import threading
import time
import urllib.parse

from forge_gui import (App, Provider, State, act, await_gone, await_true, click, clipboard, find, find_labelled, find_now, has,
                       main, set_text, text_of, walk)

WELCOME = "Welcome to StreamForge"
GROUPS = "Which channels do you want?"
PLACE = "Where is Plex?"
READY = "Your tuner is ready"


@contextlib.contextmanager
def world(*arguments):
    root = tempfile.mkdtemp(prefix="forge-welcome-")
    provider = Provider()
    with App(*arguments, root=root) as app:
        app.await_ready()
        yield provider, app
    provider.close()
    shutil.rmtree(root, ignore_errors=True)


def every(root, role):
    return [node for node in walk(root) if node.get_role_name() == role and has(node, State.SHOWING)]


def sign_in(window, server, user, password):
    find(window, "label", WELCOME)
    set_text(find(window, "text", "Address of the provider"), server)
    set_text(find(window, "text", "User name"), user)
    set_text(find(window, "password text", "Password"), password)
    click(window, "Connect")


def three_fields_to_the_address_in_plex():
    with world() as (provider, app):
        window = app.window()
        begun = time.monotonic()
        sign_in(window, provider.url, provider.user, provider.password)
        find(window, "label", GROUPS)
        checks = every(window, "check box")
        assert checks, "no groups"
        act(checks[-1])
        click(window, "Next")
        find(window, "label", PLACE)
        click(window, "Next")
        find(window, "label", READY)
        took = time.monotonic() - begun
        print(f"# from the first field to the address: {took:.1f} s")
        assert took < 120
        url = app.status()["base_url"]
        await_true(lambda: text_of(find_labelled(window, "Address of the tuner")) == url, "the address")
        click(window, "Copy: Address of the tuner")
        await_true(lambda: clipboard() == url, "the address in the clipboard")
        click(window, "Finish")
        find(window, "list box", "Addresses")
        assert app.status()["channels"]["enabled"] > 0
        # Not again at the next start.
        app.restart()
        window = app.window()
        app.await_ready()
        find(window, "list item", "Overview")
        assert find_now(window, "label", WELCOME) is None


def another_device_opens_the_tuner_to_the_home_network():
    with world() as (provider, app):
        window = app.window()
        sign_in(window, provider.url, provider.user, provider.password)
        find(window, "label", GROUPS)
        click(window, "Next")
        find(window, "label", PLACE)
        act(find(window, "radio button", "On another device at home"))
        click(window, "Next")
        find(window, "label", READY)
        assert app.call("GET", "/v1/settings/bind")["value"] == "lan"
        status = app.await_ready().status()
        shown = text_of(find_labelled(window, "Address of the tuner"))
        assert shown == (status["lan_url"] or status["base_url"]), (shown, status)


@contextlib.contextmanager
def port_that(behaves):
    """The number of a port whose connections are given to behaves (connection)."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held = []

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    held.append(server.accept()[0])
                    behaves(held[-1])
        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        for connection in held:
            connection.close()
        server.shutdown(socket.SHUT_RDWR)


def answer_without_tls(connection):
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
    connection.close()


UNREACHABLE = "The provider cannot be reached. Check the address and your internet connection."
INSECURE = "There is no secure connection to this address. Many providers have none: try http:// instead."
REFUSED = "The provider does not accept this user name and password."
UNSERVED = "The login is right, but the provider serves this account no more. Ask the provider."
NO_PANEL = "This does not work. Check the address: it begins with http:// and often ends with a number."


def try_and_fail(app, window, title, detail, server, user, password):
    sign_in(window, server, user, password)
    find(window, "label", title)
    await_true(lambda: next((node for node in every(window, "label") if detail in text_of(node)), None), f"“{detail}” below “{title}”")
    await_gone(window, "spinner")
    await_true(lambda: has(find(window, "push button", "Connect"), State.SENSITIVE), "another try")
    assert app.call("GET", "/v1/accounts") == []


def a_login_that_fails_says_why_and_can_be_corrected():
    with world() as (provider, app), port_that(answer_without_tls) as plain, port_that(lambda connection: None) as silent:
        window = app.window()
        login = (provider.url, provider.user, provider.password)
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            nobody = f"http://127.0.0.1:{unused.getsockname()[1]}"
            try_and_fail(app, window, UNREACHABLE, "refused", nobody, "me", "secret")
        try_and_fail(app, window, UNREACHABLE, "no-such-host.invalid", "http://no-such-host.invalid:8080", "me", "secret")
        try_and_fail(app, window, INSECURE, "127.0.0.1", f"https://127.0.0.1:{plain}", "me", "secret")
        try_and_fail(app, window, NO_PANEL, "space", "http://my provider", "me", "secret")
        try_and_fail(app, window, REFUSED, "refuses the user name or the password", provider.url, provider.user, "wrong")
        for sentence, title, detail in (("account expired", UNSERVED, "expired"), ("account banned", UNSERVED, "banned")):
            provider.tell(sentence)
            try_and_fail(app, window, title, detail, *login)
            provider.tell("account ok")
        for sentence, title, detail in (("login html", NO_PANEL, "<html>"), ("login truncated", NO_PANEL, "does not speak of an account"),
                                        ("login empty", REFUSED, "empty answer"), ("login status 512", UNREACHABLE, "512"),
                                        ("login status 403", REFUSED, "403")):
            provider.tell(sentence)
            try_and_fail(app, window, title, detail, *login)
            provider.tell("login ok")
        # A server that takes the call and never says a word; waiting for it can be given up.
        sign_in(window, f"http://127.0.0.1:{silent}", "me", "secret")
        click(window, "Cancel")
        await_gone(window, "spinner")
        # Or it ends by itself.
        try_and_fail(app, window, INSECURE, "no connection within", f"https://127.0.0.1:{silent}", "me", "secret")
        # After all that the right words still work.
        sign_in(window, *login)
        find(window, "label", GROUPS)


def a_whole_link_is_enough():
    with world() as (provider, app):
        window = app.window()
        link = f"{provider.url}/get.php?" + urllib.parse.urlencode({"username": provider.user, "password": provider.password})
        sign_in(window, link, "", "")
        find(window, "label", GROUPS)
        assert provider.password not in str(app.call("GET", "/v1/accounts"))


def it_can_be_left_and_found_again():
    with world() as (provider, app):
        window = app.window()
        find(window, "label", WELCOME)
        click(window, "Not Now")
        click(window, "Add account: There is no account yet")
        find(window, "label", WELCOME)


def an_account_that_was_added_elsewhere_ends_it():
    with world() as (provider, app):
        window = app.window()
        find(window, "push button", "Not Now")
        app.call("POST", "/v1/accounts", {"name": "Home", "server": provider.url, "username": provider.user, "password": provider.password})
        find(window, "label", "An account was added elsewhere.")
        await_true(lambda: find_now(window, "push button", "Not Now") is None, "the assistant is gone")


if __name__ == "__main__":
    main([case for case in [three_fields_to_the_address_in_plex, another_device_opens_the_tuner_to_the_home_network,
          a_login_that_fails_says_why_and_can_be_corrected, a_whole_link_is_enough,
          it_can_be_left_and_found_again,
          an_account_that_was_added_elsewhere_ends_it] if not sys.argv[1:] or case.__name__ in sys.argv[1:]])

# SPDX-License-Identifier: GPL-3.0-or-later
"""The first run, as a person goes through it who has nothing but the provider's letter."""
import contextlib
import shutil
import socket
import tempfile
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


def a_wrong_password_says_so_and_can_be_corrected():
    with world() as (provider, app):
        window = app.window()
        sign_in(window, provider.url, provider.user, "wrong")
        find(window, "label", "The provider does not accept this user name and password.")
        assert app.call("GET", "/v1/accounts") == []
        set_text(find(window, "password text", "Password"), provider.password)
        click(window, "Connect")
        find(window, "label", GROUPS)


def a_server_that_is_not_there_says_so():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with world() as (provider, app):
            window = app.window()
            sign_in(window, f"http://127.0.0.1:{port}", "me", "secret")
            find(window, "label", "The provider cannot be reached. Check the address and your internet connection.")
            await_gone(window, "spinner")


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
    main([three_fields_to_the_address_in_plex, another_device_opens_the_tuner_to_the_home_network,
          a_wrong_password_says_so_and_can_be_corrected, a_server_that_is_not_there_says_so, a_whole_link_is_enough,
          it_can_be_left_and_found_again,
          an_account_that_was_added_elsewhere_ends_it])

# SPDX-License-Identifier: GPL-3.0-or-later
"""On Wayland: a copy from the tray's menu reaches the clipboard although no window of the program has the focus, which a compositor
does not allow. sway runs in a window of the test's X server (that gives it a keyboard, without which nobody has the focus)."""
import contextlib
import glob
import os
import shutil
import subprocess
import sys
import tempfile

from forge_gui import App, await_true, click, find_labelled, main, text_of
from forge_tray import Tray

TUNER = "Tuner, for Plex, Jellyfin, Emby and Channels"
# sway refuses to run as root; in a namespace of its own it does not.
USER = ["unshare", "-U", "--map-user=1000", "--map-group=1000"] if os.geteuid() == 0 else []


def skip(why):
    print(f"1..0 # SKIP {why}")
    sys.exit(0)


@contextlib.contextmanager
def compositor():
    """Its environment for programs."""
    config = os.path.join(os.environ["HOME"], "sway.conf")
    with open(config, "w", encoding="utf-8") as handle:
        handle.write("xwayland disable\n")
    runtime = os.environ["XDG_RUNTIME_DIR"]
    with open(os.path.join(os.environ["HOME"], "sway.log"), "wb") as log:
        sway = subprocess.Popen([*USER, "sway", "-c", config], stdout=log, stderr=log,
                                env={**os.environ, "WLR_BACKENDS": "x11", "WLR_RENDERER": "pixman"})
    try:
        socket = await_true(lambda: [path for path in glob.glob(os.path.join(runtime, "wayland-*")) if not path.endswith(".lock")],
                            "the compositor")[0]
        yield {"WAYLAND_DISPLAY": os.path.basename(socket), "GDK_BACKEND": "wayland"}
    finally:
        sway.terminate()
        sway.wait(30)


def clipboard(env):
    done = subprocess.run(["wl-paste", "-n"], env={**os.environ, **env}, capture_output=True, text=True, timeout=30, check=False)
    return done.stdout if done.returncode == 0 else None


@contextlib.contextmanager
def world(*arguments):
    root = tempfile.mkdtemp(prefix="forge-wayland-")
    with compositor() as env, Tray() as tray, App("--demo", *arguments, root=root, env=env) as app:
        app.await_ready()
        await_true(lambda: tray.labels()[0] == "0 of 4 tuners in use", "the status line")
        yield env, tray, app
    shutil.rmtree(root, ignore_errors=True)


def copy_from_the_tray_works_without_a_window():
    with world("--minimized") as (env, tray, app):
        url = app.status()["base_url"]
        for label, address in (("Copy Plex address", url), ("Copy guide address", url + "/epg.xml")):
            tray.click(label)
            await_true(lambda address=address: clipboard(env) == address, f"{address} in the clipboard")
            # The small window that it took goes by itself.
            await_true(lambda: not app.has_window(), "no window any more")
            # And the text outlives it.
            assert clipboard(env) == address


def copy_in_the_window_works():
    with world() as (env, tray, app):
        window = app.window()
        url = app.status()["base_url"]
        await_true(lambda: text_of(find_labelled(window, TUNER)) == url, "the address of the tuner")
        click(window, f"Copy: {TUNER}")
        await_true(lambda: clipboard(env) == url, "the address in the clipboard")


if __name__ == "__main__":
    for program in ("sway", "wl-paste", "unshare"):
        if not shutil.which(program):
            skip(f"{program} is not installed")
    if subprocess.run([*USER, "true"], check=False, capture_output=True).returncode:
        skip("this system allows no user namespaces, and sway does not run as root")
    main([copy_from_the_tray_works_without_a_window, copy_in_the_window_works])

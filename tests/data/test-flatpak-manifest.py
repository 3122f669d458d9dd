#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Flatpak manifest: everything pinned, and no permission that the program can do without."""
import json
import os
import re
import shutil
import subprocess

from forge_checks import APP_ID, ROOT, Checks, read

MANIFEST = os.path.join("flatpak", APP_ID + ".json")
# Each has its reason in flatpak/README.md. A new one is a decision, so it is written here too.
PERMISSIONS = {
    "--share=ipc",
    "--share=network",
    "--socket=wayland",
    "--socket=fallback-x11",
    "--filesystem=xdg-download",
    "--talk-name=org.kde.StatusNotifierWatcher",
    "--talk-name=org.freedesktop.secrets",
}
MODULES = ["intltool", "libdbusmenu", "ayatana-ido", "libayatana-indicator", "libayatana-appindicator", "qrencode", "streamforge"]
BUILD_SYSTEMS = {"autotools", "cmake", "cmake-ninja", "meson", "simple", "qmake"}


def check_source(checks, module, source):
    kind = source.get("type")
    if kind == "archive":
        checks.that(re.match(r"https://", source.get("url", "")), f"{module}: {source.get('url')} is not https")
        checks.that(re.fullmatch(r"[0-9a-f]{64}", source.get("sha256", "")), f"{module}: the archive has no sha256")
    elif kind == "git":
        checks.that(re.fullmatch(r"[0-9a-f]{40}", source.get("commit", "")), f"{module}: the branch is not pinned to a commit")
    else:
        checks.that(kind in ("dir", "shell"), f"{module}: a source of type {kind}")


def check_modules(checks, modules):
    checks.that([module["name"] for module in modules] == MODULES, "other modules, or another order: a library comes before its user")
    for module in modules:
        checks.that(module.get("buildsystem", "autotools") in BUILD_SYSTEMS, f"{module['name']} builds with {module.get('buildsystem')}")
        for source in module["sources"]:
            check_source(checks, module["name"], source)


def check_permissions(checks, arguments):
    given = set(arguments)
    checks.that(len(given) == len(arguments), "a permission is given twice")
    checks.that(given <= PERMISSIONS, f"more than decided: {sorted(given - PERMISSIONS)}")
    checks.that(PERMISSIONS <= given, f"less than needed: {sorted(PERMISSIONS - given)}")
    readme = read("flatpak", "README.md")
    for permission in given:
        checks.that(f"`{permission}`" in readme, f"flatpak/README.md does not say why {permission}")


def check_with_flatpak_builder(checks):
    """The real parser, where it is installed: it knows misspelt keys."""
    if not shutil.which("flatpak-builder"):
        print("flatpak-builder is not installed: its own check is left out")
        return
    done = subprocess.run(["flatpak-builder", "--show-manifest", os.path.join(ROOT, MANIFEST)], capture_output=True, text=True, check=False)
    checks.that(done.returncode == 0, f"flatpak-builder: {done.stderr.strip()}")
    checks.that("nknown property" not in done.stderr, f"flatpak-builder: {done.stderr.strip()}")


def main():
    checks = Checks()
    manifest = json.loads(read(MANIFEST))
    checks.that(manifest["id"] == APP_ID, f"the id is {manifest['id']}")
    checks.that(manifest["command"] == "streamforge", f"it starts {manifest['command']}")
    checks.that(manifest["runtime"] == "org.gnome.Platform" and manifest["sdk"] == "org.gnome.Sdk", "not GNOME's runtime")
    check_permissions(checks, manifest["finish-args"])
    check_modules(checks, manifest["modules"])
    check_with_flatpak_builder(checks)
    checks.finish()


if __name__ == "__main__":
    main()

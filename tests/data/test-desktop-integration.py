#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Desktop file, AppStream metainfo, D-Bus service and icons: valid, translated, and of one mind with each other."""
import configparser
import glob
import os
import re
import struct
import subprocess
import sys
import xml.etree.ElementTree as ET

from forge_checks import APP_ID, ROOT, Checks, read

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
MAX_SCREENSHOT_BYTES = 200 * 1024
TRAY_STATES = ["idle", "streaming", "problem", "paused"]
# Our id has a capital letter as GNOME's have; 0.16 of the validator is older than <developer>.
APPSTREAM_ALLOWED = ["cid-contains-uppercase-letter", f"     {APP_ID}", "unknown-tag developer", "Validation was successful"]


def languages():
    return [line for line in read("po", "LINGUAS").split() if re.fullmatch(r"[a-z]{2}(_[A-Z]{2})?", line)]


def check_desktop_file(checks, path):
    checks.silent("desktop-file-validate", path)
    parser = configparser.RawConfigParser(strict=True, delimiters=("=",))
    parser.optionxform = str
    parser.read(path, encoding="utf-8")
    entry = parser["Desktop Entry"]
    checks.that(os.path.basename(path) == APP_ID + ".desktop", f"{path} is not named by the application's id")
    checks.that(entry["Icon"] == APP_ID, f"the icon is {entry['Icon']}")
    checks.that(entry.get("DBusActivatable") == "true", "the desktop file is not D-Bus activatable")
    actions = [name for name in entry.get("Actions", "").split(";") if name]
    for language in languages():
        keys = [("Desktop Entry", "Comment"), ("Desktop Entry", "Keywords")]
        for section, key in keys + [(f"Desktop Action {name}", "Name") for name in actions]:
            checks.that(f"{key}[{language}]" in parser[section], f"{section} has no {key} in {language}")
    return actions


def check_service(checks, path):
    parser = configparser.RawConfigParser()
    parser.read(path, encoding="utf-8")
    service = parser["D-BUS Service"]
    checks.that(service["Name"] == APP_ID, f"the D-Bus service is named {service['Name']}")
    checks.that(os.path.isabs(service["Exec"]), f"D-Bus needs an absolute path, not {service['Exec']}")
    checks.that(os.path.basename(path) == APP_ID + ".service", f"{path} is not named by its bus name")


def check_metainfo(checks, path):
    checks.silent("appstreamcli", "validate", "--no-net", "--pedantic", "--no-color", path, allowed=APPSTREAM_ALLOWED)
    tree = ET.parse(path).getroot()
    releases = [release.get("version") for release in tree.iter("release")]
    checks.that(releases[0] == os.environ["FORGE_VERSION"], f"the newest release is {releases[0]}")
    checks.that(tree.findtext("launchable") == APP_ID + ".desktop", "the metainfo launches something else")
    translated = {element.get(XML_LANG) for element in tree.findall("summary")}
    for language in languages():
        checks.that(language in translated, f"the metainfo has no summary in {language}")
    return [image.text for image in tree.iter("image")]


def png_size(path):
    with open(path, "rb") as handle:
        head = handle.read(24)
    return struct.unpack(">II", head[16:24]) if head[:8] == b"\x89PNG\r\n\x1a\n" else None


def check_screenshots(checks, urls):
    """Each screenshot of the metainfo is in the tree, small, and large enough for a software centre."""
    checks.that(len(urls) >= 3, f"{len(urls)} screenshots, three are wanted")
    for url in urls:
        path = os.path.join(ROOT, "docs", "screenshots", os.path.basename(url))
        if checks.that(os.path.exists(path), f"{path} is missing"):
            size = os.path.getsize(path)
            checks.that(size <= MAX_SCREENSHOT_BYTES, f"{path} has {size} bytes, at most {MAX_SCREENSHOT_BYTES}")
            width, height = png_size(path) or (0, 0)
            checks.that(width >= 620 and height >= 348, f"{path} is {width}×{height}, at least 620×348")


def check_symbolic(checks, path, text):
    """GTK recolours fills only: a stroke would stay dark on a dark panel."""
    checks.that('viewBox="0 0 16 16"' in text, f"{path} is not drawn on 16×16")
    checks.that("stroke" not in text, f"{path} has a stroke")
    checks.that(re.search(r"gradient|<image|<text", text, re.I) is None, f"{path} has more than plain shapes")


def check_icons(checks):
    paths = glob.glob(os.path.join(ROOT, "data", "icons", "hicolor", "*", "apps", "*.svg"))
    names = {os.path.basename(path)[:-4] for path in paths}
    for name in [APP_ID, APP_ID + "-symbolic"] + [f"{APP_ID}-{state}-symbolic" for state in TRAY_STATES]:
        checks.that(name in names, f"the icon {name} is missing")
    for path in paths:
        text = read(path)
        ET.fromstring(text.encode())
        checks.that(os.path.basename(path).startswith(APP_ID), f"{path}: Flatpak would not export it")
        if path.endswith("-symbolic.svg"):
            check_symbolic(checks, path, text)
    check_tray_states_differ(checks, paths)


def check_tray_states_differ(checks, paths):
    """Drawn at 16 px, each state has its own outline, not just its own colour."""
    drawn = {}
    for path in [path for path in paths if re.search("-(%s)-symbolic" % "|".join(TRAY_STATES), path)]:
        grey = re.sub(r'fill="#[0-9a-f]+"', 'fill="#000000"', read(path)).encode()
        done = subprocess.run(["rsvg-convert", "-w", "16", "-h", "16"], input=grey, capture_output=True, check=False)
        checks.that(done.returncode == 0, f"{path} cannot be drawn: {done.stderr.decode()}")
        drawn.setdefault(done.stdout, []).append(path)
    checks.that(len(drawn) == len(TRAY_STATES), f"{len(drawn)} of {len(TRAY_STATES)} tray states can be told apart")


def main(desktop, metainfo, service):
    checks = Checks()
    check_desktop_file(checks, desktop)
    check_service(checks, service)
    check_screenshots(checks, check_metainfo(checks, metainfo))
    check_icons(checks)
    checks.finish()


if __name__ == "__main__":
    main(*sys.argv[1:])

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks what the compiler does not: layering, licences, formatting, sizes, folders' README files."""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# What each folder of src/ may include besides itself (ARCHITECTURE.md, "Layers").
LAYERS = {
    "base": set(),
    "formats": {"base"},
    "model": {"base"},
    "mpegts": {"base"},
    "relay": {"base", "mpegts"},
    "store": {"base", "model"},
    "net": {"base", "formats", "model", "mpegts"},
    "provider": {"base", "formats", "model", "net", "store"},
    "guide": {"base", "formats", "model", "net", "store"},
    "library": {"base", "formats", "model", "net", "store"},
    "tuner": {"base", "model", "mpegts", "relay", "net", "store", "provider"},
    "server": {"base", "formats", "model", "mpegts", "relay", "net", "store", "provider", "guide", "library", "tuner"},
    "engine": {"base", "formats", "model", "mpegts", "relay", "net", "store", "provider", "guide", "library", "tuner", "server", "tests"},
    "host": {"base", "engine"},
    "app": {"base", "model", "engine", "host"},
    "cli": {"base", "formats", "model", "mpegts", "net", "provider", "guide", "engine", "host"},
}
# Made by the build, without a folder.
GENERATED = {"config.h", "forge-slates.h"}
# C11 and POSIX only: no GLib in the data plane.
PLAIN_C = {"mpegts", "relay"}
MAX_FILE_LINES = 800
MAX_TEST_LINES = 1200
MAX_README_LINES = 40

problems = []


def report(path, text):
    problems.append(f"{os.path.relpath(path, ROOT)}: {text}")


def tracked(*patterns):
    out = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns], cwd=ROOT,
                         capture_output=True, text=True, check=True).stdout
    return [os.path.join(ROOT, name) for name in out.split("\n") if name and os.path.exists(os.path.join(ROOT, name))]


def check_includes(path, text):
    layer = os.path.relpath(path, os.path.join(ROOT, "src")).split(os.sep)[0]
    if layer not in LAYERS:
        return report(path, "is in a folder that the layers do not know")
    for name in re.findall(r'^\s*#\s*include\s+"([^"]+)"', text, re.M):
        if name in GENERATED:
            continue
        folder = name.split("/")[0] if "/" in name else None
        if folder is None:
            report(path, f'includes "{name}" without its folder')
        elif folder != layer and folder not in LAYERS[layer]:
            report(path, f'{layer} may not include "{name}"')
    if layer in PLAIN_C and re.search(r"#\s*include\s+<(glib|gio|gobject|libsoup|json-glib|gtk)", text):
        report(path, "is data plane: C11 and POSIX only")
    if "gtk/gtk.h" in text and layer not in ("app",):
        report(path, "GTK stays out of the core")


def check_source(path):
    with open(path, encoding="utf-8") as handle:
        text = handle.read()
    lines = text.count("\n")
    if not text.startswith("/* SPDX-License-Identifier: GPL-3.0-or-later"):
        report(path, "does not begin with its SPDX line")
    limit = MAX_TEST_LINES if os.path.basename(path).startswith("test-") else MAX_FILE_LINES
    if lines > limit:
        report(path, f"has {lines} lines, at most {limit}")
    if path.endswith(".h") and "#pragma once" not in text:
        report(path, "has no #pragma once")
    if re.search(r"\b(TODO|FIXME|XXX)\b", text):
        report(path, "says that it is unfinished")
    if os.sep + "src" + os.sep in path:
        check_includes(path, text)
        if re.search(r"\bgoto\b", re.sub(r"/\*.*?\*/|//[^\n]*|\"(\\.|[^\"\\])*\"", "", text, flags=re.S)):
            report(path, "uses goto")
        # Who cancels on another thread drops a reference to the source, and with it locks its context, when all is over. No test can
        # be sure to hit that moment, which corrupted the heap (net/forge-hls-session.c).
        if "g_cancellable_source_new (" in text:
            report(path, "has a GCancellableSource: connect to the cancellable and disconnect instead")


def check_format(paths):
    done = subprocess.run(["clang-format", "--dry-run", "-Werror", *paths], cwd=ROOT, capture_output=True, text=True, check=False)
    for path in sorted({line.split(":")[0] for line in done.stderr.splitlines() if "error:" in line}):
        report(os.path.join(ROOT, path), "is not formatted: clang-format -i")


def check_readmes():
    for layer in LAYERS:
        path = os.path.join(ROOT, "src", layer, "README.md")
        if not os.path.exists(path):
            report(path, "is missing")
            continue
        with open(path, encoding="utf-8") as handle:
            lines = handle.read().count("\n")
        if lines > MAX_README_LINES:
            report(path, f"has {lines} lines, at most {MAX_README_LINES}")


def is_first_in_its_source(path):
    """Its own .c file includes it before anything but config.h: the build has compiled it alone."""
    source = path[:-2] + ".c"
    if not os.path.exists(source):
        return False
    with open(source, encoding="utf-8") as handle:
        included = re.findall(r'^#\s*include\s+["<]([^">]+)[">]', handle.read(), re.M)
    return next((name for name in included if name != "config.h"), None) == os.path.relpath(path, os.path.join(ROOT, "src"))


def check_headers_alone(paths):
    """Every header compiles by itself."""
    flags = subprocess.run(["pkg-config", "--cflags", "gio-2.0", "gio-unix-2.0", "json-glib-1.0", "libsoup-3.0", "sqlite3", "gtk+-3.0"],
                           capture_output=True, text=True, check=True).stdout.split()
    for path in paths:
        done = subprocess.run(["gcc", "-std=gnu17", "-D_GNU_SOURCE", "-fsyntax-only", "-Wall", "-Werror", f"-I{ROOT}/src", f"-I{ROOT}", *flags,
                               "-x", "c", "-include", path, "/dev/null"], capture_output=True, text=True, check=False)
        if done.returncode:
            report(path, "does not compile alone: " + done.stderr.strip().split("\n")[0])


def literals_of(text):
    """The strings of a C source, neighbours joined, with %s for everything that is put in."""
    text = re.sub(r'"\s*G_G\w+_FORMAT\s*"', "s", text)
    text = re.sub(r'"\s*G_G\w+_FORMAT', 's"', text)
    text = re.sub(r'(?<!\\)"\s*"', "", text)
    return [re.sub(r"%[-+.0-9]*(?:ll|l|z)?[a-z]", "%s", found) for found in re.findall(r'"((?:[^"\\\n]|\\.)*)"', text)]


def is_said(piece, said, parts=3):
    """As it is, or put together of a few strings."""
    piece = piece.strip(" .,;:")
    if len(piece) < 4 or piece in said:
        return True
    cuts = [at for at, character in enumerate(piece) if character in " ;:,"] if parts > 1 else []
    return any(piece[:cut].strip(" .,;:") in said and is_said(piece[cut:], said, parts - 1) for cut in cuts)


def check_engine_sentences():
    """What the window translates is said somewhere: a sentence that was changed would stay English without a word."""
    path = os.path.join(ROOT, "src/app/forge-engine-sentences.c")
    said = []
    for source in tracked("src/*.c"):
        if os.sep + "app" + os.sep not in source:
            with open(source, encoding="utf-8") as handle:
                said += literals_of(handle.read())
    said = "\n".join(said)
    with open(path, encoding="utf-8") as handle:
        rows = re.findall(r'^  \{ (?:N_ \()?"((?:[^"\\]|\\.)*)"', handle.read(), re.M)
    for row in rows:
        for piece in row.split("%s"):
            if not is_said(piece, said):
                report(path, f"nobody says “{piece.strip()}” of “{row[:60]}”")


def check_reasons_are_translated():
    """Whatever the matcher says of a stream is among the window's sentences."""
    with open(os.path.join(ROOT, "src/app/forge-engine-sentences.c"), encoding="utf-8") as handle:
        known = set(literals_of(handle.read()))
    path = os.path.join(ROOT, "src/guide/forge-matcher-reasons.c")
    with open(path, encoding="utf-8") as handle:
        for text in literals_of(handle.read()):
            if text.endswith(".") and text not in known:
                report(path, f"the window knows no “{text}”")


def main():
    sources = tracked("src/*.c", "src/*.h", "tests/*.c", "tests/*.h")
    for path in sources:
        check_source(path)
    check_format(sources)
    check_readmes()
    check_engine_sentences()
    check_reasons_are_translated()
    check_headers_alone([path for path in sources if path.endswith(".h") and not is_first_in_its_source(path)])
    for problem in problems:
        print(problem)
    print(f"{len(sources)} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

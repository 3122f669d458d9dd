#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""VLC and ffprobe on the lineup and on /auto, as people use them.

    test-players.py SERVER
"""
import json
import os
import pwd
import shutil
import subprocess
import sys
import threading
import urllib.request

from forgeclients import Server, check, enter_own_network, need_program

SERVER = sys.argv[1]


def probe(url):
    """Kinds of the streams that ffprobe finds."""
    done = subprocess.run(["ffprobe", "-v", "error", "-of", "json", "-show_entries", "stream=codec_name", "-i", url],
                          capture_output=True, text=True, timeout=60, check=False)
    return {stream["codec_name"] for stream in json.loads(done.stdout or "{}").get("streams", [])}, done.stderr.strip()


def decode(url):
    """Three seconds through ffmpeg's decoder: (exit code, what it complains about)."""
    done = subprocess.run(["ffmpeg", "-v", "error", "-t", "3", "-i", url, "-f", "null", "-"], capture_output=True, text=True, timeout=90,
                          check=False)
    return done.returncode, done.stderr.strip()


def test_ffmpeg(server):
    with urllib.request.urlopen(server.url + "/lineup.json", timeout=10) as reply:
        lineup = json.loads(reply.read())
    for url in (lineup[0]["URL"], server.url + "/tuner1/v" + lineup[1]["GuideNumber"]):
        kinds, said = probe(url)
        check(f"ffprobe {url.rsplit('/', 2)[1]}: picture and sound", {"h264", "aac"} <= kinds, said or str(kinds))
    code, said = decode(lineup[2]["URL"])
    check("ffmpeg decodes it without a complaint", code == 0 and said == "", said)
    kinds, said = probe(server.url + "/auto/v99999")
    check("ffprobe on an unknown channel ends", not kinds and "404" in said, said)


def test_vlc(server):
    """As another user: VLC does not run as root."""
    cvlc = shutil.which("cvlc")
    if not cvlc or not os.path.isdir("/usr/lib/x86_64-linux-gnu/vlc/plugins/access"):
        print("ok   VLC is not installed with its plugins: left out")
        return
    as_nobody = ["setpriv", "--reuid", str(pwd.getpwnam("nobody").pw_uid), "--clear-groups"] if os.geteuid() == 0 else []
    for path in ("/lineup.m3u", "/auto/v1"):
        with subprocess.Popen([*as_nobody, cvlc, "-vv", "-V", "dummy", "-A", "dummy", "--no-sub-autodetect-file", server.url + path],
                              stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, errors="replace",
                              env={**os.environ, "HOME": "/tmp", "XDG_RUNTIME_DIR": "/tmp"}) as player:
            watchdog = threading.Timer(60, player.kill)
            watchdog.start()
            lines = []
            for line in player.stderr:
                lines.append(line)
                if "Received first picture" in line:
                    break
            watchdog.cancel()
            player.kill()
        check(f"VLC shows a picture of {path}", "Received first picture" in lines[-1], "" if "Received first picture" in lines[-1] else "".join(lines[-3:]))


def main():
    need_program("ffprobe")
    enter_own_network()
    with Server(SERVER) as server:
        test_ffmpeg(server)
        test_vlc(server)


main()

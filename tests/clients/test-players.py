#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""VLC and ffprobe on the lineup and on /auto, as people use them.

    test-players.py SERVER CTL
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

SERVER, CTL = sys.argv[1:3]


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


def make_app_path(server):
    """What an app that prefers HLS asks for: it is sent to the one form that there is."""
    done = subprocess.run([CTL, "--json", "--socket", server.control, "user", "add", "--name", "tv"], capture_output=True, text=True, check=True)
    query = f"username=tv&password={json.loads(done.stdout)['password']}"
    with urllib.request.urlopen(f"{server.url}/player_api.php?{query}&action=get_live_streams", timeout=10) as reply:
        return f"/live/tv/{json.loads(done.stdout)['password']}/{json.loads(reply.read())[0]['stream_id']}.m3u8"


def test_vlc(server, app_path):
    """As another user: VLC does not run as root."""
    cvlc = shutil.which("cvlc")
    if not cvlc or not os.path.isdir("/usr/lib/x86_64-linux-gnu/vlc/plugins/access"):
        print("ok   VLC is not installed with its plugins: left out")
        return
    as_nobody = ["setpriv", "--reuid", str(pwd.getpwnam("nobody").pw_uid), "--clear-groups"] if os.geteuid() == 0 else []
    for path in ("/lineup.m3u", "/auto/v1", app_path):
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
        check(f"VLC shows a picture of {path.split('/')[1]}", "Received first picture" in lines[-1], "" if "Received first picture" in lines[-1] else "".join(lines[-3:]))


def main():
    need_program("ffprobe")
    enter_own_network()
    with Server(SERVER) as server:
        app_path = make_app_path(server)
        test_ffmpeg(server)
        code, said = decode(server.url + app_path)
        check("ffmpeg plays what apps call .m3u8", code == 0 and said == "", said)
        test_vlc(server, app_path)


main()

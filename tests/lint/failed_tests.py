#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names the tests that failed in the last run of a build folder, a line each."""
import json
import os
import sys

with open(os.path.join(sys.argv[1], "meson-logs", "testlog.json"), encoding="utf-8") as handle:
    for line in handle:
        test = json.loads(line)
        if test["result"] not in ("OK", "SKIP", "EXPECTEDFAIL"):
            print(test["name"].rsplit(" / ", 1)[-1])

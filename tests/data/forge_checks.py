# SPDX-License-Identifier: GPL-3.0-or-later
"""Collects what is wrong, and ends the test with all of it."""
import os
import subprocess
import sys

ROOT = os.environ["G_TEST_SRCDIR"]
APP_ID = "io.github.streamforge.StreamForge"


class Checks:
    def __init__(self):
        self.count = 0
        self.problems = []

    def that(self, holds, problem):
        self.count += 1
        if not holds:
            self.problems.append(problem)
        return bool(holds)

    def silent(self, *command, allowed=()):
        """The command ends well and says nothing but lines that hold one of the allowed texts."""
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        said = [line for line in lines if not any(text in line for text in allowed)]
        self.that(done.returncode == 0 and not said, f"{command[0]} ended {done.returncode}: " + " / ".join(said))

    def finish(self):
        for problem in self.problems:
            print(problem)
        print(f"{self.count} checks, {len(self.problems)} problems")
        sys.exit(1 if self.problems or not self.count else 0)


def read(*parts):
    with open(os.path.join(ROOT, *parts), encoding="utf-8") as handle:
        return handle.read()

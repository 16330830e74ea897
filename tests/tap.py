# SPDX-License-Identifier: BSD-3-Clause
"""The Test Anything Protocol, so that meson sees, counts and names every case of a test program."""
import math
import os
import re
import sys
import traceback


class Skip(Exception):
    """Raised by a case that needs something this machine lacks; the message says what."""


def patience(seconds):
    """So many seconds, or more where scripts/test found the machine slow: a limit that only a bug is to reach."""
    return math.ceil(seconds * float(os.environ.get("SLOWNESS", 1)))


def without_stalls(errors):
    """What udpechod wrote on standard error, less its word that the machine gave a worker's core to others for long."""
    return re.sub(r"^udpechod: worker on core \d+: has not polled for [\d.]+ s: .*\n", "", errors, flags=re.M)


class Tap:
    """Runs cases and prints one TAP line each; exit_status() is what the program should exit with."""

    def __init__(self):
        self.number = 0
        self.failed = 0

    def case(self, name, function, *arguments):
        """Runs function(*arguments) as the case NAME; an exception fails it, Skip skips it."""
        self.number += 1
        try:
            function(*arguments)
        except Skip as reason:
            print(f"ok {self.number} - {name} # SKIP {reason}", flush=True)
            return
        except Exception:
            self.failed += 1
            # Of what a TAP program prints, meson shows standard error alone.
            print(traceback.format_exc(), end="", file=sys.stderr, flush=True)
            print(f"not ok {self.number} - {name}", flush=True)
            return
        print(f"ok {self.number} - {name}", flush=True)

    def exit_status(self):
        """Prints the plan, which TAP wants first or last, and returns 0 or 1."""
        print(f"1..{self.number}", flush=True)
        return 1 if self.failed else 0

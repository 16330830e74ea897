#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Signals at every phase, from the first call to the last: `test_signals.py SHIM UDPECHOD [--runs=N|--all]`.

Whenever it comes, SIGTERM or SIGINT is an orderly end, SIGHUP a reload and SIGPIPE nothing at all; until they are held,
which is before anything is taken or changed, they are what they always are.
"""
import signal
import sys
import tempfile

from fault import SIGNAL, enter_own_namespaces, open_program
from kinds import Live, Offline
from sweep import Sweep, runs_of
from tap import Skip, Tap


def main():
    shim, udpechod = map(open_program, sys.argv[1:3])
    tap, runs = Tap(), runs_of(sys.argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        try:
            enter_own_namespaces()
            sweep = Sweep(shim)
        except Skip as reason:
            print(f"1..0 # SKIP {reason}")
            return 0
        for kind in (Offline(udpechod, folder), Live(udpechod, folder)):
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
                tap.case(f"{number.name}: {kind.name}", sweep.all, kind, runs and runs // 4,
                         number.name, {"mode": SIGNAL, "signal": number})
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())

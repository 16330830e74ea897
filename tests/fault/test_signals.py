#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Signals at every phase, from the first call to the last: `test_signals.py SHIM UDPECHOD [--runs=N|--all]`.

Whenever it comes, SIGTERM or SIGINT is an orderly end, SIGHUP a reload and SIGPIPE nothing at all; until they are held,
which is before anything is taken or changed, they are what they always are.
"""
import signal
import sys

from fault import SIGNAL
from kinds import Live, Offline
from sweep import run_test


def run_cases(tap, sweep, folder, runs, udpechod):
    for kind in (Offline(udpechod, folder), Live(udpechod, folder)):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
            tap.case(f"{number.name}: {kind.name}", sweep.all, kind, runs and runs // 4,
                     number.name, {"mode": SIGNAL, "signal": number})


if __name__ == "__main__":
    sys.exit(run_test(1, run_cases))

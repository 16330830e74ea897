#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What the client refuses as wrong usage.

Usage: test_usage.py UDPECHO
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from client import run
from tap import Tap


def wrong_usage(arguments, why):
    status, stdout, stderr = run(*arguments)
    assert (status, stdout, stderr) == (2, "", f"udpecho: {why}; try 'udpecho --help'\n"), (status, stdout, stderr)


HOST = "127.0.0.1"
USAGE = [
    (["--csv=x.svg", "--plot=x.svg", HOST], "--csv=x.svg: the same file as --plot"),
    (["--csv=-", "--json", HOST], "--csv=-: --json has standard output; name a file"),
    (["--rate=0", HOST], "--rate=0: not a number from 0.01 to 100M, such as 1000, 20k or 1.5M"),
    (["--rate=1e3", HOST], "--rate=1e3: not a number from 0.01 to 100M, such as 1000, 20k or 1.5M"),
    (["--size=23", HOST], "--size=23: not a size from 24 to 65507 bytes, or a range of sizes"),
    (["--size=100-50", HOST], "--size=100-50: not a size from 24 to 65507 bytes, or a range of sizes"),
    (["--size=65508", HOST], "--size=65508: not a size from 24 to 65507 bytes, or a range of sizes"),
    (["--count=0", HOST], "--count=0: not a whole number from 1 to 1000000M"),
    (["--count=1.5", HOST], "--count=1.5: not a whole number from 1 to 1000000M"),
    (["--duration=1x", HOST], "--duration=1x: not a time, such as 10s, 5ms or 2h; at least 1ms, at most a day"),
    (["--window=0", HOST], "--window=0: not a number from 1 to 65536"),
    (["--flows=5000", HOST], "--flows=5000: not a number from 1 to 4096"),
    (["--flows=4096", HOST + ",127.0.0.2"], "--flows=4096: more than 4096 flows to all hosts together"),
    (["--dscp=64", HOST], "--dscp=64: not a number from 0 to 63"),
    (["--ttl=0", HOST], "--ttl=0: not a number from 1 to 255"),
    (["--max-loss=101", HOST], "--max-loss=101: not a percentage from 0 to 100"),
    (["--max-p99=fast", HOST], "--max-p99=fast: not a time, such as 10s, 5ms or 2h; at least 1us, at most a day"),
    (["--plot=x.gif", HOST], "--plot=x.gif: the name has to end in .svg or .png"),
    (["--ping", "a,,b"], "HOST: missing"),
    (["--rate=5", "--window=5", HOST], "--window: not together with --rate"),
    (["-m", "-i", "1", HOST], "--interval: not together with --mtu"),
    (["--mtu", "--csv=x.csv", HOST], "--mtu: not together with options that measure, such as --count"),
    (["a,b"], "HOST: standard input goes to one host only; use --ping for several"),
]


def main():
    tap = Tap()
    for arguments, why in USAGE:
        tap.case(f"usage: {' '.join(arguments)}", wrong_usage, arguments, why)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Proves lib/packet with Frama-C: `prove.py [--full] [--jobs=N]`.

WP proves what the functions promise each other, for frames of any length. Eva then looks for a byte
out of bounds, for each length of the contiguous part by itself: up to 128, or with --full, 1514.
"""
import argparse
import concurrent.futures
import os
import sys
import time

import framac

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.dirname(HERE))
from tap import Tap  # noqa: E402

BOUNDED = 128
FULL = 1514
CHUNK = 43


def timed(function, *arguments):
    start = time.monotonic()
    result = function(*arguments)
    return result, time.monotonic() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help=f"lengths up to {FULL}, not {BOUNDED}")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="how many at a time (one for each CPU)")
    arguments = parser.parse_args()

    framac.find_solvers()
    tap = Tap()
    last = FULL if arguments.full else BOUNDED
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        cases = []
        for first in range(0, last + 1, CHUNK):
            until = min(first + CHUNK - 1, last)
            cases.append((f"eva: no alarm, {first} to {until} bytes", pool.submit(timed, framac.eva, TREE, first, until)))
        for name, functions, accesses in framac.WP:
            cases.append((f"wp: {name}: {functions[0]}", pool.submit(timed, framac.wp, TREE, name, functions, accesses)))
        for name, future in cases:
            tap.case(name, future.result)
            if not future.exception():
                result, seconds = future.result()
                print(f"# {seconds:.1f} s", flush=True)
                for line in str(result).splitlines():
                    print(f"# {line}", flush=True)
    return tap.exit_status()


sys.exit(main())

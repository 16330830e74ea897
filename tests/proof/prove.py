#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Proves lib/packet with Frama-C: `prove.py [--full] [--seeded] [--jobs=N]`.

WP proves what the functions promise each other, for frames of any length. Eva looks for a byte out of
bounds, for each length of the contiguous part by itself: up to 128, or with --full, 1514. The proof
itself is tested by bugs put in on purpose, of each of which it has to fail: with --seeded, those alone.
"""
import argparse
import concurrent.futures
import os
import shutil
import sys
import tempfile
import time

import framac
from seeds import SEEDS

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.dirname(HERE))
from tap import Tap  # noqa: E402

BOUNDED = 128
FULL = 1514
CHUNK = 43  # lengths for one run of Eva, which keeps all that it has seen


def proofs(last):
    """The cases of a proof up to LAST bytes: name, function, arguments."""
    for first in range(0, last + 1, CHUNK):
        until = min(first + CHUNK - 1, last)
        yield f"eva: no alarm, {first} to {until} bytes", framac.eva, (TREE, first, until)
    for row in framac.WP:
        yield f"wp: {row[0]}: {row[2]}", framac.wp, (TREE, *row)
    yield "z3: a checksum is right after its update", framac.z3, (TREE,)


def prove_seed(name, text, instead, proof):
    """Fails unless PROOF fails of a copy of the tree with INSTEAD for TEXT in the file NAME; returns how."""
    with tempfile.TemporaryDirectory() as tree:
        for part in ("include", "lib/packet", "tests/proof"):
            shutil.copytree(os.path.join(TREE, part), os.path.join(tree, part))
        path = os.path.join(tree, "tests/proof" if name.endswith(".smt2") else "lib/packet", name)
        with open(path, encoding="utf-8") as file:
            source = file.read()
        assert source.count(text) == 1, f"the text to change is {source.count(text)} times in {name}"
        with open(path, "w", encoding="utf-8") as file:
            file.write(source.replace(text, instead))
        try:
            if proof == "z3":
                framac.z3(tree)
            elif isinstance(proof, int):
                framac.eva(tree, proof, proof)
            else:
                options = next(row[1] for row in framac.WP if row[0] == name and proof in row[2].split(","))
                framac.wp(tree, name, options, proof, timeout=10)
        except framac.Unproven as unproven:
            return str(unproven).split("[eva:summary]", maxsplit=1)[0].replace(tree + "/", "")
    raise AssertionError("proved, bug and all")


def timed(function, *arguments):
    start = time.monotonic()
    result = function(*arguments)
    return result, time.monotonic() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help=f"lengths up to {FULL}, not {BOUNDED}")
    parser.add_argument("--seeded", action="store_true", help="the seeded bugs alone")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="how many at a time (one for each CPU)")
    arguments = parser.parse_args()

    framac.find_solvers()
    if arguments.seeded:
        cases = [(f"seeded: {bug}", prove_seed, tuple(how)) for bug, *how in SEEDS]
    else:
        cases = list(proofs(FULL if arguments.full else BOUNDED))
    tap = Tap()
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        futures = [(name, pool.submit(timed, function, *parameters)) for name, function, parameters in cases]
        for name, future in futures:
            tap.case(name, future.result)
            if not future.exception():
                result, seconds = future.result()
                for line in f"{seconds:.1f} s\n{result}".splitlines():
                    print(f"# {line}", flush=True)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())

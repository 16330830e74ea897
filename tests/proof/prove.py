#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Proves lib/packet: `prove.py [--full] [--seeded] [--jobs=N]`.

With Frama-C, WP proves what the functions promise each other, for frames of any length, and Eva looks for
a byte out of bounds, for each length of the contiguous part by itself: up to 128, or with --full, 1514.
Programs that run on every value at once (programs.py) say where each byte of a reply comes from, for
frames of any length with plain headers, or with --full, with any.

The proof itself is tested by bugs put in on purpose, of each of which it has to fail: a few, or with
--seeded, all of them and nothing else.
"""
import argparse
import concurrent.futures
import os
import shutil
import sys
import tempfile
import time

import framac
import programs
from seeds import QUICK, SEEDS

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.dirname(HERE))
from tap import Tap  # noqa: E402

BOUNDED = 128
FULL = 1514
SHAPES = [(0, 5)]  # tags, and 32-bit words of IPv4 header
ALL_SHAPES = [(tags, words) for tags in range(3) for words in range(5, 16)]
PLAIN_LAST = 64  # what is behind a plain frame's headers is the sum's alone
CHUNK = 46  # lengths for one run of Eva, which keeps all that it has seen


def chunks(last):
    """The lengths up to LAST in runs, first and last of each: headers may be cut short in all of one, or in none."""
    for begin, end in ((0, framac.HEADERS_MAX), (framac.HEADERS_MAX + 1, last)):
        for first in range(begin, end + 1, CHUNK):
            yield first, min(first + CHUNK - 1, end)


def proofs(last):
    """The cases of a proof up to LAST bytes: name, function, arguments."""
    for first, until in chunks(last):
        yield f"eva: no alarm, {first} to {until} bytes", framac.eva, (TREE, first, until)
    yield f"eva: no alarm in the vector algorithm, 0 to {PLAIN_LAST} bytes", framac.eva_plain, (TREE, 0, PLAIN_LAST)
    for row in framac.WP:
        yield f"wp: {row[0]}: {row[2]}", framac.wp, (TREE, *row)
    yield "known: a reply that scapy wrote", programs.prove, (TREE, "known")
    yield "scalar: equal to the reference", programs.prove, (TREE, "scalar")
    yield "scalar: the addresses that the reference knows", programs.prove, (TREE, "owns")
    for proof in ("update", "swap", "halves"):
        yield f"sums: right after {proof}", programs.prove, (TREE, proof)
    for tags, words in ALL_SHAPES if last == FULL else SHAPES:
        name = f"reply: each byte, {tags} tags, header of {4 * words} bytes"
        yield name, programs.prove, (TREE, "reply", f"TAGS={tags}", f"WORDS={words}")


def prove_one(tree, name, proof):
    """The PROOF that a seed of the file NAME names, of TREE as it is."""
    if isinstance(proof, int):
        return framac.eva(tree, proof, proof)
    if proof == "plain":
        return framac.eva_plain(tree, 0, PLAIN_LAST)
    if isinstance(proof, tuple):
        return programs.prove(tree, *proof)
    options = next(row[1] for row in framac.WP if row[0] == name and proof in row[2].split(","))
    return framac.wp(tree, name, options, proof)


def prove_seed(name, text, instead, proof):
    """Fails unless PROOF fails of a copy of the tree with INSTEAD for TEXT in the file NAME; returns how."""
    with tempfile.TemporaryDirectory() as tree:
        for part in ("include", "lib/packet", "tests/proof"):
            shutil.copytree(os.path.join(TREE, part), os.path.join(tree, part))
        path = os.path.join(tree, "lib/packet", name)
        with open(path, encoding="utf-8") as file:
            source = file.read()
        assert source.count(text) == 1, f"the text to change is {source.count(text)} times in {name}"
        with open(path, "w", encoding="utf-8") as file:
            file.write(source.replace(text, instead))
        try:
            prove_one(tree, name, proof)
        except framac.Unproven as unproven:
            return str(unproven).split("[eva:summary]", maxsplit=1)[0].replace(tree + "/", "")
    raise AssertionError("proved, bug and all")


def controls(seeds):
    """The proofs of SEEDS of the tree without a bug, so that one that is only too slow is not taken for a catch."""
    for name, proof in dict.fromkeys((seed[1] if isinstance(seed[-1], str) else None, seed[-1]) for seed in seeds):
        yield f"no bug: {proof}", prove_one, (TREE, name, proof)


def seeded(seeds):
    """The cases of SEEDS."""
    return [(f"seeded: {bug}", prove_seed, tuple(how)) for bug, *how in seeds]


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
        cases = [*controls(SEEDS), *seeded(SEEDS)]
    elif arguments.full:
        cases = list(proofs(FULL))
    else:
        cases = [*proofs(BOUNDED), *seeded(QUICK)]
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

#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Mutation testing of lib/packet: changes each operator and constant in turn, and runs the tests.

    mutate.py FOLDER [--sample=N] [--golden] [--jobs=N] [PATH...]

A mutant whose machine code is the same as before is no other program; that needs no test. Of the
others each must fail a test of tests/unit or tests/equal, as it is or under ASan and UBSan; or, where
that takes too long to be tried with all, one of tests/golden. One that runs for ever, which is four
times as long as without it, is told apart. What survives is explained in survivors.txt, or is an
error, as is an explanation of what does not survive; --golden tries also these with tests/golden.
With --sample only every so many mutants are tried, N in all, and none of those that are explained.
FOLDER is for what is built.

The output is TAP, a line for each source; results go to FOLDER/results.txt as they come.
"""
import argparse
import os
import shutil
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import workshop
from bench import ELSEWHERE, ENDLESS, KILLED, REFUSED, SAME, SURVIVED, Bench
from mutants import mutants_of
from workshop import LIBRARY, ROOT

SURVIVORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "survivors.txt")
HEADERS = [f"include/udpecho/packet/{name}.h"
           for name in ("wire", "checksum", "ip_address", "services", "identity", "packet", "plain", "verdict")]
SAID = {KILLED: "killed", ENDLESS: "never end", SURVIVED: "survive", SAME: "with the same code",
        ELSEWHERE: "only in code that this CPU can't run", REFUSED: "refused by the compiler"}
ALWAYS_SAID = (KILLED, SURVIVED, SAME)


def read_survivors():
    """(path, before, after) of each mutant that survives and is explained."""
    explained = set()
    with open(SURVIVORS, encoding="utf-8") as file:
        blocks = "\n".join(line for line in file.read().splitlines() if not line.startswith("#")).split("\n\n")
    for block in filter(None, (block.strip("\n") for block in blocks)):
        path, *lines = block.splitlines()
        before, found = None, 0
        for line in lines:
            if line.startswith("- "):
                before = line[2:]
            elif line.startswith("+ ") and before:
                explained.add((path, before, line[2:]))
                found += 1
        if not found or lines[-1].startswith(("- ", "+ ")):
            sys.exit(f"survivors.txt: not a path, a line with - and some with + (and more of them), and a reason:\n{block}")
    return explained


def key(mutant):
    return mutant.path, mutant.before, mutant.after


def collect(paths):
    """All mutants that can be tried here."""
    found = [f"{LIBRARY}/{name}" for name in workshop.sources()]
    mutants = []
    for path in paths or found + HEADERS:
        with open(os.path.join(ROOT, path), encoding="utf-8") as file:
            made = mutants_of(path, file.read())
        if not workshop.runs_here(path):
            print(f"# {path}: {len(made)} mutants are not tried: this CPU has no such instructions")
            continue
        mutants += made
    return mutants


def sample(mutants, count):
    """COUNT of them, evenly, and the same each time."""
    return [mutants[i * len(mutants) // count] for i in range(count)] if 0 < count < len(mutants) else mutants


def find_wrong(tried, explained):
    """(mutant, why) of each that should have been killed, and of each explanation that is wrong."""
    survivors = {key(mutant) for mutant, what in tried if what == SURVIVED}
    for mutant, what in tried:
        if what == SURVIVED and key(mutant) not in explained:
            yield mutant, "survives, and survivors.txt does not say why"
        elif key(mutant) in explained and key(mutant) not in survivors:  # the same line may stand twice in a source
            yield mutant, f"survivors.txt says that it survives, but it is: {what}"


def judge(tally, wrong, path, number):
    """The line of TAP for one source."""
    bad = [mutant for mutant in wrong if mutant[0].path == path]
    counts = [(tally[path, what], text) for what, text in SAID.items() if what in ALWAYS_SAID or tally[path, what]]
    print(f"{'not ' if bad else ''}ok {number} - {path}: {sum(count for count, _ in counts)} mutants: "
          + ", ".join(f"{count} {text}" for count, text in counts))
    for mutant, why in bad:
        print(f"#   {path}:{mutant.number}: {why}\n#   - {mutant.before}\n#   + {mutant.after}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--golden", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("paths", nargs="*")
    options = parser.parse_intermixed_args()
    explained, mutants = read_survivors(), collect(options.paths)
    stale = explained - {key(mutant) for mutant in mutants}
    stale = {entry for entry in stale if workshop.runs_here(entry[0]) and (not options.paths or entry[0] in options.paths)}
    for path, before, after in sorted(stale):
        print(f"# survivors.txt explains what is no mutant: {path}\n#   - {before}\n#   + {after}")
    chosen = sample([mutant for mutant in mutants if key(mutant) not in explained], options.sample) if options.sample else mutants
    folder = os.path.abspath(options.folder)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    bench = Bench(folder)
    tally, tried = Counter(), []
    with ThreadPoolExecutor(options.jobs) as pool, open(f"{folder}/results.txt", "w", encoding="utf-8") as results:
        outcomes = pool.map(lambda mutant: bench.try_mutant(mutant, options.golden or key(mutant) not in explained), chosen)
        for mutant, (what, killer) in zip(chosen, outcomes):
            print(what, killer, f"{mutant.path}:{mutant.number}", mutant.before, "=>", mutant.after, sep="\t", file=results,
                  flush=True)
            tally[mutant.path, what] += 1
            tally[what] += 1
            tried.append((mutant, what))
    wrong = list(find_wrong(tried, explained))
    paths = list(dict.fromkeys(mutant.path for mutant in chosen))
    print(f"1..{len(paths) + 1}")
    for number, path in enumerate(paths, 1):
        judge(tally, wrong, path, number)
    print(f"{'not ' if stale else ''}ok {len(paths) + 1} - each explanation is of a mutant")
    print(f"# {len(chosen)} of {len(mutants)} mutants: " + ", ".join(f"{tally[what]} {text}" for what, text in SAID.items()))
    sys.exit(1 if wrong or stale else 0)


if __name__ == "__main__":
    main()

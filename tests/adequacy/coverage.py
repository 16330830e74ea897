#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Coverage of lib/packet: each line, and both ways of each branch, by tests/unit and tests/equal.

    coverage.py FOLDER [--html=FILE] [--fuzz=CORPUS]

What no test reaches is an error, unless uncovered.txt says why, and so is an exception that is
reached. The output is TAP, a line for each source. FOLDER is for what is built. With --fuzz it is the
coverage by the fuzzers' corpus instead, of which nothing is asked.
"""
import argparse
import collections
import glob
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import workshop
from workshop import EQUAL, ROOT, UNIT

sys.path.insert(0, os.path.join(ROOT, "tests", "fuzz"))
import seeds  # noqa: E402

EXCEPTIONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "uncovered.txt")
# No optimisation: a line is a line. Each source is compiled where it stands, so that gcovr finds it.
FLAGS = ["-O0", "-g", "--coverage"]


def read_exceptions():
    """(path, line as it is, less blanks around) -> why no test reaches it, or not both ways."""
    exceptions = {}
    with open(EXCEPTIONS, encoding="utf-8") as file:
        blocks = "\n".join(line for line in file.read().splitlines() if not line.startswith("#")).split("\n\n")
    for block in filter(None, (block.strip("\n") for block in blocks)):
        path, line, *why = block.splitlines()
        if not why:
            sys.exit(f"uncovered.txt: not a path, a line of it and a reason:\n{block}")
        exceptions[path, line.strip()] = " ".join(part.strip() for part in why)
    return exceptions


def build_library(folder):
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda name: workshop.compile_module(name, folder, FLAGS), workshop.modules()))
    workshop.link_library([workshop.object_of(name, folder) for name in workshop.modules()], folder, FLAGS)


def run_tests(folder):
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda name: workshop.compile_test(name, folder, ["-O1"]), (*UNIT, EQUAL)))
    for name in (*UNIT, EQUAL):
        if workshop.run_test(name, folder, folder)[0] != workshop.PASSED:
            sys.exit(f"coverage.py: test_{name} fails")


def run_corpus(folder, corpus):
    """What the fuzzers of lib/packet have found so far, and what they begin with."""
    for name, parts in (("packet", ["tests/fuzz/mend.c"]), ("burst", ["tests/equal/burst.c", "tests/equal/sample.c"])):
        seeds.write(name, f"{folder}/seeds/{name}")
        sources = [f"tests/fuzz/{part}.c" for part in (f"fuzz_{name}", "fuzz", "replay")] + parts
        workshop.compiler(["-std=gnu11", "-w", "-D_GNU_SOURCE", "-O1", *workshop.includes(None),
                           *(f"{ROOT}/{part}" for part in sources), "-o", f"{folder}/{name}", f"-L{folder}", "-lpacket"])
        inputs = glob.glob(f"{folder}/seeds/{name}/*") + glob.glob(f"{corpus}/{name}/*")
        subprocess.run([f"{folder}/{name}", *inputs], env=dict(os.environ, LD_LIBRARY_PATH=folder), check=True,
                       stdout=subprocess.DEVNULL)


def gcovr(folder, *options):
    return subprocess.run(["gcovr", "--root", ROOT, "--filter", "lib/packet/", "--filter", "include/udpecho/", *options, folder],
                          cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout


def missed(record):
    """The lines of a file that no test reaches, or whose branches it does not go both ways: number -> what."""
    found = {}
    for line in record["lines"]:
        ways = [branch for branch in line["branches"] if branch["count"] == 0 and not branch.get("throw")]
        if line.get("gcovr/noncode"):
            continue
        if line["count"] == 0:
            found[line["line_number"]] = "no test reaches it"
        elif ways:
            found[line["line_number"]] = f"{len(ways)} of {len(line['branches'])} branches are never taken"
    return found


def judge(tally, record, exceptions, used):
    """The line of TAP for one source."""
    path = record["file"]
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        text = [line.strip() for line in file]
    wrong, excused = [], 0
    for number, what in missed(record).items():
        entry = path, text[number - 1]
        if entry in exceptions:
            used.add(entry)
            excused += 1
        elif workshop.runs_here(path):
            wrong.append(f"{path}:{number}: {what}: {text[number - 1]}")
    lines = [line for line in record["lines"] if not line.get("gcovr/noncode")]
    branches = [branch for line in lines for branch in line["branches"]]
    reached = sum(line["count"] > 0 for line in lines), sum(branch["count"] > 0 for branch in branches)
    did = f"{path}: {reached[0]} of {len(lines)} lines, {reached[1]} of {len(branches)} branches, {excused} exceptions"
    if not workshop.runs_here(path):
        print(f"# {did}: this CPU has no such instructions")
        return
    tally += collections.Counter({"number": 1, "wrong": len(wrong), "lines": len(lines), "lines reached": reached[0],
                                  "branches": len(branches), "branches reached": reached[1]})
    print(f"{'not ' if wrong else ''}ok {tally['number']} - {did}")
    for line in wrong:
        print(f"#   {line}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--html")
    parser.add_argument("--fuzz")
    options = parser.parse_args()
    folder = os.path.abspath(options.folder)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    build_library(folder)
    if options.fuzz:
        run_corpus(folder, options.fuzz)
        print(gcovr(folder, "--txt", "-") + gcovr(folder, "--txt", "-", "--branches"))
        return
    run_tests(folder)
    exceptions, used, tally = read_exceptions(), set(), collections.Counter()
    for record in json.loads(gcovr(folder, "--json", "-"))["files"]:
        judge(tally, record, exceptions, used)
    unused = [entry for entry in exceptions if entry not in used and workshop.runs_here(entry[0])]
    print(f"{'not ' if unused else ''}ok {tally['number'] + 1} - each exception is one")
    for path, line in unused:
        print(f"#   {path}: it is covered, or not there: {line}")
    print(f"1..{tally['number'] + 1}")
    print(f"# {tally['lines reached']} of {tally['lines']} lines, {tally['branches reached']} of {tally['branches']} branches")
    if options.html:
        gcovr(folder, "--html-details", options.html)
    sys.exit(1 if tally["wrong"] or unused else 0)


if __name__ == "__main__":
    main()

#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Clang takes each source that gcc takes, and warns of nothing: `test_clang.py BUILD`.

The fuzzers' build compiles lib/ with it: what is left are the programs and the tests.
"""
import collections
import concurrent.futures
import json
import os
import shlex
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from tap import Skip, Tap  # noqa: E402

TOP = os.path.dirname(os.path.dirname(HERE))


def folders(build):
    """The command that compiles each source, by the folder that it is in. A source of several programs has several."""
    found = collections.defaultdict(dict)
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        for entry in json.load(file):
            source = os.path.relpath(os.path.join(build, entry["file"]), TOP)
            if source.startswith(("app/", "tests/")):
                found[os.path.dirname(source)][source] = entry["command"]
    return found


def complain(build, command):
    """Returns what clang says of a source, which it reads as if to compile it. It writes nothing, but the command says -c."""
    words = shlex.split(command)
    options = words[next(i for i, word in enumerate(words) if word.startswith("-")):]
    done = subprocess.run(["clang", *options, "-fsyntax-only", "-MF", "/dev/null", "-Werror",
                           "-Wno-unused-command-line-argument", "-fno-color-diagnostics"],
                          cwd=build, capture_output=True, text=True, check=False)
    return done.stderr if done.returncode == 0 else done.stderr or f"clang fails: {command}"


def check(build, commands):
    if shutil.which("clang") is None:
        raise Skip("wants clang")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        complaints = "".join(pool.map(lambda command: complain(build, command), commands))
    assert complaints == "", complaints


def main():
    tap = Tap()
    for folder, commands in sorted(folders(sys.argv[1]).items()):
        tap.case(folder, check, sys.argv[1], commands.values())
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())

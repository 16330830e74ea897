# SPDX-License-Identifier: BSD-3-Clause
"""Where one mutant is tried: built, and given to one test after the other until one fails."""
import filecmp
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
from threading import RLock

import workshop
from workshop import EQUAL, FAILED, LIBRARY, PASSED, ROOT, TIMED_OUT, UNIT, Broken

WAYS = {"plain": ["-O2"], "sanitize": ["-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]}

# The variant that a source is all of: the others need not be tried against it, and no unit test comes to it.
VARIANTS = {"plain.c": "scalar", "lanes.h": "scalar", "group.h": None, "avx2.h": "avx2", "avx512.h": "avx512",
            "x86.h": "avx2", "sixteen.h": "avx2", "sums.h": "avx2"}

REFUSED, SAME, ELSEWHERE, KILLED, ENDLESS, SURVIVED = "refused", "same", "elsewhere", "killed", "endless", "survived"


class Way:
    """The library and its tests compiled in one way, each part when it is first needed."""

    def __init__(self, name, folder):
        self.name, self.flags, self.folder = name, WAYS[name], f"{folder}/{name}"
        self.is_brief = name != "plain"
        self.lock, self.limits, self.files = RLock(), {}, {}

    def library(self):
        """Where it is, with its objects; self.files has what each is made of."""
        with self.lock:
            if not self.files:
                os.makedirs(self.folder)
                for name in workshop.FLAGS:
                    workshop.read_intrinsics(name, self.folder, self.flags)
                for name in workshop.modules():
                    workshop.compile_module(name, self.folder, self.flags, read=self.folder)
                workshop.link_library([workshop.object_of(name, self.folder) for name in workshop.modules()], self.folder, self.flags)
                self.files = {name: workshop.files_of(name) for name in workshop.modules()}
        return self.folder

    def limit(self, test, variant):
        """CPU seconds that a test may take: several times what it does without any mutant."""
        with self.lock:
            if (test, variant) not in self.limits:
                if not os.path.exists(f"{self.library()}/test_{test}"):
                    workshop.compile_test(test, self.folder, self.flags)
                result, seconds = workshop.run_test(test, self.folder, self.folder, variant, is_brief=self.is_brief)
                if result != PASSED:
                    sys.exit(f"mutate.py: test_{test} ({self.name}) fails without any mutant")
                self.limits[test, variant] = 1 + math.ceil(4 * seconds)
            return self.limits[test, variant]

    def compile(self, path, changed, place):
        """The library in PLACE, with the changed PATH. Gives the names of the modules that become others."""
        differs, objects = [], {name: workshop.object_of(name, self.library()) for name in workshop.modules()}
        for name in sorted(objects, key=lambda name: not workshop.runs_here(name)):
            if path not in self.files[name] or (differs and not workshop.runs_here(name)):
                continue
            workshop.compile_module(name, place, self.flags, changed, self.folder)
            if not filecmp.cmp(objects[name], workshop.object_of(name, place), shallow=False):
                differs.append(name)
                objects[name] = workshop.object_of(name, place)
        if differs:
            workshop.link_library(objects.values(), place, self.flags)
        return differs

    def killer(self, mutant, changed, place):
        """The first test that the library in PLACE does not pass, and how; None: it passes them all. What both
        sides must agree on, how large things are, the tests are compiled with."""
        base, extension = os.path.splitext(name := os.path.basename(mutant.path))
        is_shared = mutant.path.startswith("include/") and re.match(r"#define|\w+ \w+\[", mutant.before)
        variant = VARIANTS.get(name, None if extension == ".h" else "scalar")
        order = ("plain", EQUAL) if name in VARIANTS else (*sorted(UNIT, key=lambda test: test != base), EQUAL)
        for test in order:
            limit = self.limit(test, variant)
            if is_shared:
                workshop.compile_test(test, place, self.flags, changed)
            result, _ = workshop.run_test(test, place if is_shared else self.folder, place, variant, limit,
                                          self.is_brief)
            if result != PASSED:
                return result, test if self.name == "plain" else f"{test} ({self.name})"
        return None


class Golden:
    """The golden tests: a program of its own, built of a copy of the project in which the mutant stands."""

    def __init__(self, folder):
        self.tree, self.lock = f"{folder}/golden", RLock()

    def fails(self):
        with subprocess.Popen(["/usr/bin/python3", f"{self.tree}/tests/golden/run.py", f"{self.tree}/build/app/udpechod/udpechod"],
                              stdout=subprocess.PIPE, text=True) as process:
            failed = next((line for line in process.stdout if line.startswith("not ok")), None)
            if failed:
                process.kill()
        return failed is not None or process.returncode != 0

    def build(self):
        return subprocess.run(["ninja", "-C", f"{self.tree}/build", "app/udpechod/udpechod"], stdout=subprocess.DEVNULL,
                              check=False).returncode == 0

    def kill(self, mutant, text):
        """Whether a golden test fails with TEXT in the mutant's place."""
        with self.lock:
            if not os.path.exists(self.tree):
                shutil.copytree(ROOT, self.tree, ignore=shutil.ignore_patterns("build*", ".git"))
                subprocess.run(["meson", "setup", f"{self.tree}/build", self.tree], stdout=subprocess.DEVNULL, check=True)
                if not self.build() or self.fails():
                    sys.exit("mutate.py: the golden tests fail without any mutant")
            with open(f"{self.tree}/{mutant.path}", "w", encoding="utf-8") as file:
                file.write(text)
            try:
                return self.build() and self.fails()
            finally:
                shutil.copy(f"{ROOT}/{mutant.path}", f"{self.tree}/{mutant.path}")


class Bench:
    """What is built once, and the trial of one mutant."""

    def __init__(self, folder):
        self.folder = folder
        self.ways = [Way(name, folder) for name in WAYS]
        self.golden = Golden(folder)

    def try_mutant(self, mutant, with_golden):
        """What becomes of it, and by which test."""
        with open(os.path.join(ROOT, mutant.path), encoding="utf-8") as file:
            text = file.read()
        text = text[:mutant.start] + mutant.text + text[mutant.end:]
        with tempfile.TemporaryDirectory(dir=self.folder) as changed:
            target = os.path.join(changed, mutant.path)
            if mutant.path.startswith(LIBRARY):  # all of it, as quoted headers are looked for beside the source first
                shutil.copytree(os.path.join(ROOT, LIBRARY), os.path.join(changed, LIBRARY))
            else:
                os.makedirs(os.path.dirname(target))
            with open(target, "w", encoding="utf-8") as file:
                file.write(text)
            try:
                for way in self.ways:
                    place = os.path.join(changed, way.name)
                    os.mkdir(place)
                    differs = way.compile(mutant.path, changed, place)
                    if way is self.ways[0] and not any(map(workshop.runs_here, differs)):
                        return (ELSEWHERE if differs else SAME), ""
                    killer = way.killer(mutant, changed, place)
                    if killer:
                        return {FAILED: KILLED, TIMED_OUT: ENDLESS}[killer[0]], killer[1]
            except Broken:
                return REFUSED, ""
        if with_golden and self.golden.kill(mutant, text):
            return KILLED, "golden"
        return SURVIVED, ""

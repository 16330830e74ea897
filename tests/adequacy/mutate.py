#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Mutation testing of lib/packet: changes each operator and constant in turn, and runs the tests.

    mutate.py FOLDER [--sample=N] [--jobs=N] [PATH...]

A mutant whose machine code is the same as before is no other program; that needs no test. Of the
others each must fail a test of tests/unit, as it is or under ASan and UBSan, or tests/equal. What
survives is explained in survivors.txt, or is an error, as is an explanation of what does not
survive. With --sample only every so many mutants are tried, N in all. FOLDER is for what is built.

The output is TAP, a line for each source; results go to FOLDER/results.txt as they come.
"""
import argparse
import os
import re
import shutil
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import workshop
from mutants import mutants_of
from workshop import EQUAL, LIBRARY, ROOT, UNIT, Broken

SURVIVORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "survivors.txt")
HEADERS = [f"include/udpecho/{name}.h" for name in ("wire", "checksum", "identity", "packet", "plain", "verdict")]
PLAIN = ["-O2"]
SANITIZE = ["-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]

# The variant that a source is all of: the others need not be tried against it.
VARIANTS = {"plain_scalar": "scalar", "plain_avx2": "avx2", "plain_avx512": "avx512", "plain_x86": "avx2"}

REFUSED, SAME, KILLED, SURVIVED = "refused", "same", "killed", "survived"


def read_survivors():
    """(path, before, after) of each mutant that survives and is explained, and the explanation."""
    explained = {}
    with open(SURVIVORS, encoding="utf-8") as file:
        blocks = "\n".join(line for line in file.read().splitlines() if not line.startswith("#")).split("\n\n")
    for block in filter(None, (block.strip("\n") for block in blocks)):
        path, *lines = block.splitlines()
        removed = [line[2:] for line in lines if line.startswith("- ")]
        added = [line[2:] for line in lines if line.startswith("+ ")]
        why = " ".join(line.strip() for line in lines if not line.startswith(("- ", "+ ")))
        if len(removed) != 1 or not added or not why:
            sys.exit(f"survivors.txt: not a path, one line that begins with -, some with + and a reason:\n{block}")
        explained |= {(path, removed[0], after): why for after in added}
    return explained


def key(mutant):
    return mutant.path, mutant.before, mutant.after


class Bench:
    """What is built once, and the trial of one mutant."""

    def __init__(self, folder):
        self.folder = folder
        self.kinds = {"plain": PLAIN, "sanitize": SANITIZE}
        with ThreadPoolExecutor() as pool:
            for kind, flags in self.kinds.items():
                place = f"{folder}/{kind}"
                os.makedirs(place, exist_ok=True)
                list(pool.map(lambda name: workshop.compile_module(name, place, flags), workshop.modules()))
                workshop.link_library([f"{place}/{name}.o" for name in workshop.modules()], place, flags)
                list(pool.map(lambda name: workshop.compile_test(name, place, flags), (*UNIT, EQUAL)))
                for name in (*UNIT, EQUAL):
                    if not workshop.passes(name, place, place):
                        sys.exit(f"mutate.py: test_{name} ({kind}) fails without any mutant")

    def compile(self, mutant, kind, changed, place):
        """The mutant's library in PLACE. Gives whether its machine code is another."""
        is_header = mutant.path.endswith(".h")
        module = os.path.basename(mutant.path).removesuffix(".c")
        differs, objects = False, []
        for name in workshop.modules():
            made = f"{self.folder}/{kind}/{name}.o"
            if is_header or name == module:
                workshop.compile_module(name, place, self.kinds[kind], changed)
                with open(made, "rb") as before, open(f"{place}/{name}.o", "rb") as after:
                    differs |= before.read() != after.read()
                made = f"{place}/{name}.o"
            objects.append(made)
        if differs:
            workshop.link_library(objects, place, self.kinds[kind])
        return differs

    def killer(self, mutant, kind, changed, place):
        """The first test that fails. What both sides must agree on, how large things are, the tests are compiled with."""
        module = os.path.basename(mutant.path).partition(".")[0]
        is_shared = mutant.path.endswith(".h") and re.match(r"#define|\w+ \w+\[", mutant.before)
        order = sorted(UNIT, key=lambda name: name != module)
        order = [EQUAL, *order] if module in VARIANTS else [*order, EQUAL]
        for name in order:
            programs = f"{self.folder}/{kind}"
            if is_shared:
                programs = place
                workshop.compile_test(name, place, self.kinds[kind], changed)
            if not workshop.passes(name, programs, place, VARIANTS.get(module)):
                return name if kind == "plain" else f"{name} ({kind})"
        return None

    def try_mutant(self, mutant):
        """What becomes of it, and by which test."""
        with open(os.path.join(ROOT, mutant.path), encoding="utf-8") as file:
            text = file.read()
        with tempfile.TemporaryDirectory(dir=self.folder) as changed:
            target = os.path.join(changed, mutant.path)
            if mutant.path.startswith(LIBRARY):  # all of it, as quoted headers are looked for beside the source first
                shutil.copytree(os.path.join(ROOT, LIBRARY), os.path.dirname(target))
            else:
                os.makedirs(os.path.dirname(target))
            with open(target, "w", encoding="utf-8") as file:
                file.write(text[:mutant.start] + mutant.text + text[mutant.end:])
            try:
                for kind in self.kinds:
                    place = os.path.join(changed, kind)
                    os.mkdir(place)
                    if not self.compile(mutant, kind, changed, place) and kind == "plain":
                        return SAME, ""
                    killer = self.killer(mutant, kind, changed, place)
                    if killer:
                        return KILLED, killer
            except Broken:
                return REFUSED, ""
        return SURVIVED, ""


def collect(paths):
    """All mutants that can be tried here."""
    found = [f"{LIBRARY}/{name}" for name in sorted(os.listdir(os.path.join(ROOT, LIBRARY))) if name.endswith((".c", ".h"))]
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


def judge(tally, wrong, path, number):
    """The line of TAP for one source."""
    bad = [mutant for mutant in wrong if mutant[0].path == path]
    counts = Counter({what: tally[path, what] for what in (KILLED, SURVIVED, SAME, REFUSED)})
    print(f"{'not ' if bad else ''}ok {number} - {path}: {sum(counts.values())} mutants: {counts[KILLED]} killed, "
          f"{counts[SURVIVED]} survived, {counts[SAME]} with the same code, {counts[REFUSED]} refused by the compiler")
    for mutant, why in bad:
        print(f"#   {path}:{mutant.number}: {why}\n#   - {mutant.before}\n#   + {mutant.after}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("paths", nargs="*")
    options = parser.parse_args()
    explained, mutants = read_survivors(), collect(options.paths)
    stale = set(explained) - {key(mutant) for mutant in mutants}
    stale = {entry for entry in stale if workshop.runs_here(entry[0]) and (not options.paths or entry[0] in options.paths)}
    for path, before, after in sorted(stale):
        print(f"# survivors.txt explains what is no mutant: {path}\n#   - {before}\n#   + {after}")
    chosen = sample(mutants, options.sample)
    folder = os.path.abspath(options.folder)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    bench = Bench(folder)
    tally, wrong = Counter(), []
    with ThreadPoolExecutor(options.jobs) as pool, open(f"{folder}/results.txt", "w", encoding="utf-8") as results:
        for mutant, (what, killer) in zip(chosen, pool.map(bench.try_mutant, chosen)):
            print(what, killer, f"{mutant.path}:{mutant.number}", mutant.before, "=>", mutant.after, sep="\t", file=results,
                  flush=True)
            tally[mutant.path, what] += 1
            if what == SURVIVED and key(mutant) not in explained:
                wrong.append((mutant, "survives, and survivors.txt does not say why"))
            elif what != SURVIVED and key(mutant) in explained:
                wrong.append((mutant, f"survivors.txt says that it survives, but it is: {what}"))
    paths = list(dict.fromkeys(mutant.path for mutant in chosen))
    print(f"1..{len(paths) + 1}")
    for number, path in enumerate(paths, 1):
        judge(tally, wrong, path, number)
    total = Counter(what for (_, what), count in tally.items() for _ in range(count))
    print(f"# {len(chosen)} of {len(mutants)} mutants: " + ", ".join(f"{count} {what}" for what, count in total.items()))
    print(f"{'not ' if stale else ''}ok {len(paths) + 1} - each explanation is of a mutant")
    sys.exit(1 if wrong or stale else 0)


if __name__ == "__main__":
    main()

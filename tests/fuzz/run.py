#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs harnesses, some at a time, each for so many seconds, and reports in TAP what they did.

    run.py [--engine=libfuzzer|afl] [--seconds=N] [--jobs=N] [--work=FOLDER] [--minimise] [--keep] PROGRAM...

Each begins with the seeds that seeds.py makes, the inputs of tests/fuzz/corpus, which found bugs, and
what FOLDER holds of an earlier run. New inputs go there; --minimise leaves the fewest that reach as
much, and --keep puts those into tests/fuzz/corpus. What fails goes to FOLDER/found. FUZZ_SECONDS is the
default of --seconds.
"""
import argparse
import glob
import hashlib
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import seeds  # noqa: E402
from tap import Tap  # noqa: E402

CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")
SANITIZERS = {
    "ASAN_OPTIONS": "abort_on_error=1:symbolize={symbolize}:detect_leaks={leaks}:allocator_may_return_null=1",
    "UBSAN_OPTIONS": "halt_on_error=1:abort_on_error=1:print_stacktrace=1:symbolize={symbolize}",
    "LSAN_OPTIONS": "print_suppressions=0:symbolize={symbolize}",
}
# As it is no machine that does nothing else: CPU frequency, affinity and core dumps stay as they are.
AFL = {"AFL_NO_UI": "1", "AFL_SKIP_CPUFREQ": "1", "AFL_NO_AFFINITY": "1", "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1",
       "AFL_ALLOW_TMP": "1"}


def environment(engine):
    values = {"symbolize": int(engine == "libfuzzer"), "leaks": int(engine == "libfuzzer")}
    made = {name: text.format(**values) for name, text in SANITIZERS.items()}
    return dict(os.environ, **made, **(AFL if engine == "afl" else {}))


class Harness:
    """One program, and its folders."""

    def __init__(self, program, options):
        self.program, self.options = os.path.abspath(program), options
        self.name = os.path.basename(program).removeprefix("fuzz_")
        self.work = os.path.abspath(options.work)
        self.corpus, self.seeds = f"{self.work}/corpus/{self.name}", f"{self.work}/seeds/{self.name}"
        self.found = f"{self.work}/found/{self.name}-"
        for folder in (self.corpus, os.path.dirname(self.found)):
            os.makedirs(folder, exist_ok=True)
        shutil.rmtree(self.seeds, ignore_errors=True)
        self.dictionary = seeds.write(self.name, self.seeds)

    def inputs(self):
        """The folders of what there is to begin with."""
        return [folder for folder in (self.seeds, f"{CORPUS}/{self.name}") if os.path.isdir(folder)]

    def call(self, command, engine):
        return subprocess.run(command, env=environment(engine), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", check=False, cwd=self.work)

    def fail(self, done):
        raise AssertionError(f"status {done.returncode}; inputs that fail: {self.found}*\n" + done.stdout[-6000:])

    def libfuzzer(self):
        """Gives what it did, in words."""
        done = self.call([self.program, f"-max_total_time={self.options.seconds}", "-timeout=120", "-rss_limit_mb=2560",
                          "-max_len=4096", "-print_final_stats=1", f"-artifact_prefix={self.found}",
                          *([f"-dict={self.dictionary}"] if self.dictionary else []), self.corpus, *self.inputs()],
                         "libfuzzer")
        executions = re.search(r"number_of_executed_units: (\d+)", done.stdout)
        last = re.findall(r"cov: (\d+) ft: \d+ corp: (\d+)", done.stdout)
        if done.returncode != 0 or not executions or not last:
            self.fail(done)
        assert int(executions[1]) > len(os.listdir(self.seeds)), "it ran little more than the seeds:\n" + done.stdout[-2000:]
        return f"{executions[1]} executions, {last[-1][0]} edges, {last[-1][1]} inputs in {self.options.seconds} s"

    def afl(self):
        """The same by AFL++."""
        state, start = f"{self.work}/afl/{self.name}", f"{self.work}/start/{self.name}"
        for folder in (state, start):
            shutil.rmtree(folder, ignore_errors=True)
        for folder in (start, os.path.dirname(state)):
            os.makedirs(folder, exist_ok=True)
        for folder in (*self.inputs(), self.corpus):
            for path in glob.glob(f"{folder}/*"):
                shutil.copy(path, start)
        done = self.call(["afl-fuzz", "-i", start, "-o", state, "-V", str(self.options.seconds), "-m", "none", "-t", "5000",
                          *(["-x", self.dictionary] if self.dictionary else []), "--", self.program], "afl")
        for kind in ("crashes", "hangs"):
            for path in glob.glob(f"{state}/default/{kind}/id*"):
                shutil.copy(path, f"{self.found}{kind}-{os.path.basename(path)}")
        try:
            with open(f"{state}/default/fuzzer_stats", encoding="ascii") as file:
                stats = dict(re.findall(r"^(\w+)\s*: (.*)$", file.read(), re.MULTILINE))
        except OSError:
            self.fail(done)
        if done.returncode != 0 or stats["saved_crashes"] != "0" or stats["saved_hangs"] != "0":
            self.fail(done)
        for path in glob.glob(f"{state}/default/queue/id*"):
            shutil.copy(path, self.corpus)
        return f"{stats['execs_done']} executions, {stats['edges_found']} edges in {self.options.seconds} s (AFL++)"

    def minimise(self):
        """Leaves as few inputs in the corpus as reach as much as all, beside the seeds."""
        fewest = self.corpus + ".fewest"
        shutil.rmtree(fewest, ignore_errors=True)
        os.makedirs(fewest)
        if self.options.engine == "afl":  # its driver reads from where it is told to by "-"; else it would run without
            done = self.call(["afl-cmin", "-i", self.corpus, "-o", fewest, "-m", "none", "-t", "5000", "--", self.program, "-"],
                             "afl")
        else:
            done = self.call([self.program, "-merge=1", fewest, self.corpus], "libfuzzer")
        count = len(os.listdir(self.corpus)), len(os.listdir(fewest))
        if done.returncode != 0 or count[1] < min(2, count[0]):
            self.fail(done)
        shutil.rmtree(self.corpus)
        os.rename(fewest, self.corpus)
        if self.options.keep:
            self.keep()
        return f"; {count[1]} of {count[0]} inputs reach as much"

    def keep(self):
        """Puts the corpus into the tree, each input under a name that comes of what is in it, as libFuzzer has it."""
        os.makedirs(f"{CORPUS}/{self.name}", exist_ok=True)
        for path in glob.glob(f"{self.corpus}/*"):
            with open(path, "rb") as file:
                name = hashlib.sha1(file.read()).hexdigest()
            shutil.copyfile(path, f"{CORPUS}/{self.name}/{name}")

    def run(self):
        """Gives what it did and None, or a name and the exception."""
        try:
            did = self.libfuzzer() if self.options.engine == "libfuzzer" else self.afl()
            if self.options.minimise or self.options.keep:
                did += self.minimise()
            return did, None
        except Exception as error:
            return "it fails", error


def raise_if(error):
    if error:
        raise error


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", choices=("libfuzzer", "afl"), default="libfuzzer")
    parser.add_argument("--seconds", type=int, default=int(os.environ.get("FUZZ_SECONDS", "60")))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--work", default="build-fuzz/work")
    parser.add_argument("--minimise", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("programs", nargs="+")
    options = parser.parse_args()
    tap = Tap()
    with ThreadPoolExecutor(options.jobs) as pool:
        harnesses = [Harness(program, options) for program in options.programs]
        for harness, (did, error) in zip(harnesses, pool.map(Harness.run, harnesses)):
            tap.case(f"{harness.name}: {did}", raise_if, error)
    sys.exit(tap.exit_status())


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: BSD-3-Clause
"""A program's run, again and again, with something going wrong at another of its calls each time."""
import collections
import concurrent.futures
import queue
import re
import signal
import sys
import tempfile

from fault import RECORD, Lane, Run, enter_own_namespaces, environment, link_state, open_program
from tap import Skip, Tap, without_stalls

LANES = 4
# Libraries that end the program themselves where a call of theirs fails: nobody who calls them can mend that. And how.
ENDED_BY_LIBRARY = {
    # rte_cfgfile_load_with_params() does not look at what it was given.
    "rte_cfgfile_create": (-signal.SIGSEGV, "SEGV"),
    # It calls exit().
    "numa_bitmask_alloc": (1, "?"),
    # numa_node_of_cpu() does not look at it either.
    "numa_node_to_cpus": (-signal.SIGSEGV, "SEGV"),
    # What it does as it is loaded, before main().
    "librte_common_mlx5": (-signal.SIGSEGV, "SEGV"),
}


def library_of(where, status, errors):
    """Whose doing it was, by itself or as a sanitizer saw it; None: nobody's."""
    for place, (signal_, word) in ENDED_BY_LIBRARY.items():
        if place in where and (status == signal_ or f"AddressSanitizer: {word}" in errors):
            return place
    return None


def runs_of(arguments):
    """What --runs or --all says: how many runs of a kind, 0: as many as there are calls."""
    for argument in arguments:
        if argument.startswith("--runs="):
            return int(argument[len("--runs="):])
    return 0 if "--all" in arguments else 40


def pick(numbers, most):
    """At most so many of them, from the first to the last."""
    return numbers if len(numbers) <= most else [numbers[i * len(numbers) // most] for i in range(most)]


def choose(own, others, count, most):
    """Of COUNT calls those to try: at most so many, half of them the program's own; 0: all."""
    if most == 0:
        return list(range(1, count + 1))
    some = pick(own, max(most // 2, most - len(others)))
    return some + pick(others, most - len(some))


def one_line(name, run):
    return re.fullmatch(rf"{name}: [^\n]+\n", run.errors) is not None


def judge(kind, lane, run, expected):
    """What became of it, in a few words; those that are wrong begin with a "!"."""
    name = kind.name.split(",")[0]
    if run.hung:
        return "! hangs"
    if library_of(run.where, run.status, run.errors):
        lane.clear()
        return f"ended by {library_of(run.where, run.status, run.errors)}"
    if "in __asan::AsanThread::Init" in run.errors:
        return "ended by the sanitizer, whose own call it was"
    if "Sanitizer" in run.errors or "runtime error" in run.errors:
        return "! " + next((line for line in run.errors.splitlines() if "SUMMARY" in line or "runtime error" in line), "?")
    if run.signal and run.status == -run.signal and not run.held:
        return "ended by the signal before it is held"
    if run.status not in (0, 1, 2):
        return f"! status {run.status}"
    if lane.left_behind():
        return f"! leaves {lane.left_behind()}"
    if link_state(lane.number) != lane.link:
        return "! leaves the interface changed"
    if run.status != 0:
        return "one line" if one_line(name, run) and not run.signal else "! not one line"
    if run.signal and run.errors == f"{name}: told to stop\n":
        return "told to stop"
    if run.signal == signal.SIGHUP and run.errors == f"{name}: reload refused, the old configuration stays in effect: told to stop\n":
        return "told to stop as it reloads"
    if run.errors:
        return "! succeeds, and complains"
    try:
        same = kind.result(lane, run) == expected
    except (ValueError, AttributeError, AssertionError, KeyError) as error:
        return f"! succeeds, and its result is {error}"
    if run.signal in (signal.SIGTERM, signal.SIGINT):
        return "stops, and reports"
    return "does without" if same and not run.signal else "goes on" if same else "! succeeds, and with another result"


class Sweep:
    def __init__(self, shim):
        self.shim = shim
        self.lanes = queue.Queue()
        for number in range(LANES):
            self.lanes.put(Lane(number))

    def run(self, kind, expected=None, **fields):
        """Its verdict and the run; of a RECORD, the calls that there were."""
        lane = self.lanes.get()
        try:
            run = Run(self.shim, lane, kind.arguments(lane), kind.given, **kind.fields, **fields)
            if fields["mode"] == RECORD:
                assert run.status == 0 and without_stalls(run.errors) == "", (run.status, run.errors, run.out)
                return kind.result(lane, run), *lane.control.first_of_each_path()
            return judge(kind, lane, run, expected), run
        finally:
            self.lanes.put(lane)

    def environment(self, lane):
        return environment(self.shim, lane)

    def all(self, kind, most, what, fields):
        """At so many calls, of those that came by a way of their own; 0: at each call there is."""
        expected, own, others, count = self.run(kind, mode=RECORD)
        numbers = choose(own, others, count, most)
        with concurrent.futures.ThreadPoolExecutor(LANES) as pool:
            outcomes = list(pool.map(lambda number: self.run(kind, expected, target=number, **fields), numbers))
        table = collections.Counter(verdict for verdict, run in outcomes if run.fired)
        print(f"# {kind.name}: {count} calls by {len(own) + len(others)} ways, {what} at {sum(table.values())} of them: " +
              ", ".join(f"{n} {verdict}" for verdict, n in table.most_common()))
        for number, (verdict, run) in zip(numbers, outcomes):
            if verdict.startswith("!"):
                print(f"# {kind.name}: call {number}, {run.where}: {verdict}: {run.errors[-600:]!r}")
        assert not any(verdict.startswith("!") for verdict, _ in outcomes)


def run_test(program_count, run_cases):
    """A test's main(): RUN_CASES(tap, sweep, folder, runs, program...) in namespaces of its own. Gives its status."""
    shim, *programs = map(open_program, sys.argv[1:2 + program_count])
    tap = Tap()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        try:
            enter_own_namespaces()
            sweep = Sweep(shim)
        except Skip as reason:
            print(f"1..0 # SKIP {reason}")
            return 0
        run_cases(tap, sweep, folder, runs_of(sys.argv), *programs)
    return tap.exit_status()

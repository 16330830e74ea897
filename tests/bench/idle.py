# SPDX-License-Identifier: BSD-3-Clause
"""What each way to idle costs: in round trips, and in time of a core.

Over a veth (AF_XDP), and a TAP, whose driver has interrupts: round trips back to back, in which
no way lets the worker idle for long, and with pauses, in which all do.
"""
import json
import os
import time

import bench
import live
from tap import Skip
from world import APPLIANCE, Appliance, World

PAUSE_US = 2000
WAYS = {"af_xdp": ("spin", "pause", "sleep"), "tap": ("spin", "sleep", "interrupt")}
COLUMNS = {
    "back_to_back": ("p50 back to back, µs", 1, 1000),
    "p50": (f"p50 every {PAUSE_US // 1000} ms, µs", 1, 1000),
    "p99": (f"p99 every {PAUSE_US // 1000} ms, µs", 1, 1000),
    "core_paced": (f"% of a core, every {PAUSE_US // 1000} ms", 1, 1),
    "core_idle": ("% of a core, nothing", 1, 1),
}


def ticks(process):
    """That the process has had of the cores, in hundredths of a second or so."""
    with open(f"/proc/{process}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def share(process, meanwhile):
    """How many percent of a core the process had, and what the callable gives."""
    before, start = ticks(process), time.monotonic()
    result = meanwhile()
    passed = time.monotonic() - start
    return 100 * (ticks(process) - before) / os.sysconf("SC_CLK_TCK") / passed, result


def measure(options, kind, way):
    seconds = 0.5 if options.quick else 2

    def client(*arguments):
        done = world.run(options.build / "tests/bench/live_client", f"--core={live.CLIENT_CORE}",
                         f"--seconds={seconds}", *arguments, APPLIANCE, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    with World(kind) as world, \
            Appliance(world, options.udpechod, f"--cores={live.SERVER_CORE}", f"--idle={way}") as appliance:
        process = appliance.process.pid
        live.wait_for_echo(world)
        fast = client()
        core_paced, paced = share(process, lambda: client(f"--pause={PAUSE_US}"))
        core_idle, _ = share(process, lambda: time.sleep(seconds))
        appliance.stop()
    return {"back_to_back": fast["p50"], "p50": paced["p50"], "p99": paced["p99"],
            "core_paced": core_paced, "core_idle": core_idle}


def run(options):
    contenders = {f"{kind}, {way}": lambda kind=kind, way=way: measure(options, kind, way)
                  for kind, ways in WAYS.items() for way in ways}
    try:
        runs = bench.rounds("idle", options, contenders)
    except (Skip, PermissionError) as why:
        bench.fail(f"idle: {why}")
    return {"ways": {name: {column: bench.spread(run[column] for run in of_one) for column in COLUMNS}
                     for name, of_one in runs.items()}}


def tables(result):
    return bench.table(["device, idle", *(heading for heading, _, _ in COLUMNS.values())],
                       [[name, *(bench.show(values[column], digits, scale)
                                 for column, (_, digits, scale) in COLUMNS.items())]
                        for name, values in result["ways"].items()])


def plot(result, path):
    bench.bars(path, {name: {"round trips with pauses": values["p50"]} for name, values in result["ways"].items()},
               "ns", "Median round trip with pauses, by way to idle", None)

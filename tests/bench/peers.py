# SPDX-License-Identifier: BSD-3-Clause
"""udpechod against dpdk-testpmd, which checks nothing: one worker core, the same endless device.

testpmd's io touches no frame: it is the ceiling of this set-up. macswap swaps MAC addresses, 5tswap
IP addresses and ports too. udpechod checks every header and the UDP checksum, and counts.
It takes 8 frames at a time from a software device, testpmd 32 unless told: "5tswap, burst 8" is told.
"""
import re
import statistics
import subprocess
import tempfile
import threading

import endless
from bench import bars, cpu, end, fail, ratios, rounds, show, spread, table

SIZES = (60, 128, 512, 1024, 1500)
MODES = ("io", "macswap", "5tswap", "5tswap, burst 8")  # as testpmd has them, and --burst
# With the flags of /proc/cpuinfo that each needs.
VARIANTS = {"reference": set(), "scalar": set(), "avx2": {"avx2", "bmi1"},
            "avx512": {"avx512f", "avx512bw", "avx512vl", "bmi1"}}
OURS = "udpechod"


def testpmd(path, mode, seconds):
    """Frames a second: the mean of so many whole seconds, without the one in which it starts."""
    forward, _, burst = mode.partition(", burst ")
    command = ["dpdk-testpmd", "-l", "0,1", "--no-pci", "--no-huge", "--no-shconf", "--no-telemetry",
               "-m", "256", "--vdev", endless.vdev(path), "--", f"--forward-mode={forward}", "--auto-start",
               "--stats-period=1", "--total-num-mbufs=16384", "--port-topology=loop", f"--burst={burst or 32}"]
    samples = []
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True) as process:
        watchdog = threading.Timer(seconds + 30, process.kill)
        watchdog.start()
        try:
            while len(samples) <= seconds and (line := process.stdout.readline()):
                found = re.match(r"\s*Rx-pps:\s+(\d+)", line)
                if found and int(found[1]) > 0:
                    samples.append(int(found[1]))
            if len(samples) <= seconds:
                fail(f"testpmd {mode}: no statistics")
            end(process)
        finally:
            watchdog.cancel()
            process.kill()
    return statistics.mean(samples[1:])


def contenders(options, path, seconds, variants):
    found = {OURS: lambda: endless.answered(options, [path], seconds, "--cores=1")}
    for mode in MODES:
        found[mode] = lambda mode=mode: testpmd(path, mode, seconds)
    for variant in variants:
        found[variant] = lambda variant=variant: endless.answered(
            options, [path], seconds, "--cores=1", f"--variant={variant}")
    return found


def run(options):
    seconds = 2 if options.quick else 3
    flags = cpu()[1]
    known = [variant for variant, needed in VARIANTS.items() if needed <= flags]
    result = {"sizes": {}}
    with tempfile.TemporaryDirectory() as folder:
        for size in (SIZES[0], SIZES[-1]) if options.quick else SIZES:
            path = f"{folder}/{size}.pcap"
            endless.capture(path, size)
            variants = known if size == SIZES[0] else ()
            pps = rounds(f"{size} bytes", options, contenders(options, path, seconds, variants))
            result["sizes"][size] = {
                "pps": {name: spread(values) for name, values in pps.items()},
                "ours / peer": {mode: ratios(pps[OURS], pps[mode]) for mode in MODES},
                "variants": {variant: {mode: ratios(pps[variant], pps[mode]) for mode in MODES}
                             for variant in variants},
            }
    return result


def tables(result):
    sizes = result["sizes"]
    first = next(iter(sizes))
    speed = table(["Mpps, bytes of a frame", OURS, *MODES],
                  [[size, *(show(row["pps"][name], 1, 1e6) for name in (OURS, *MODES))]
                   for size, row in sizes.items()])
    ratio = table(["ratio, bytes of a frame", *(f"{OURS} / {mode}" for mode in MODES)],
                  [[size, *(show(row["ours / peer"][mode]) for mode in MODES)] for size, row in sizes.items()])
    variants = table([f"--variant, {first} bytes", "Mpps", *(f"/ {mode}" for mode in MODES)],
                     [[variant, show(sizes[first]["pps"][variant], 1, 1e6), *(show(row[mode]) for mode in MODES)]
                      for variant, row in sizes[first]["variants"].items()])
    return f"{speed}\n{ratio}\n{variants}"


def plot(result, path):
    bars(path, {f"{size} bytes": {name: row["ours / peer"][name] for name in MODES}
                for size, row in result["sizes"].items()},
         f"{OURS} / testpmd", "Echoes a second of udpechod, as a multiple of testpmd's frames a second", 1)

# SPDX-License-Identifier: BSD-3-Clause
"""What the burst stage costs alone: instructions and TSC cycles a packet, without a driver.

Instructions are counted by stepping through one burst, in stage_measure.c: the same on every run. Cycles are
hot (mbufs in the level 2 cache) and cold (18 MiB of them), medians of rounds.

Residence time is measured of one burst in 64: its instructions are the mean of those 64, its ratios to
the cycles without are of rounds in alternation, as it costs less than the machine's noise.
"""
import json
import subprocess

import bench

# The most instructions a packet, headers alone, to reach and to dream of.
TARGETS = {"scalar": (110, 80), "avx2": (45, 33), "avx512": (32, 23)}
HEADERS = "all good, no UDP checksum"
RESIDENCE = "with residence time"


def run(options):
    figures = {}
    for i in range(options.rounds):
        bench.progress(f"stage, round {i + 1} of {options.rounds}")
        output = subprocess.run([options.build / "tests/bench/stage"], check=True, text=True,
                                stdout=subprocess.PIPE).stdout
        for line in output.splitlines():
            figure = json.loads(line)
            case = figures.setdefault(figure["case"], {})
            for key in ("instructions", "hot", "cold", "hot_ratio", "cold_ratio"):
                if key in figure:
                    case.setdefault(figure["variant"], {}).setdefault(key, []).append(figure[key])
    return {"cases": {case: {variant: {key: bench.spread(values) for key, values in keys.items()}
                             for variant, keys in variants.items()}
                      for case, variants in figures.items()}}


def residence_costs(cases, variant):
    """Spreads in percent of "all good": instructions, and cycles hot and cold."""
    figures = cases[RESIDENCE][variant]
    instructions = bench.ratios(figures["instructions"]["values"],
                                cases["all good"][variant]["instructions"]["values"])
    return [bench.spread(100 * (ratio - 1) for ratio in ratios["values"])
            for ratios in (instructions, figures["hot_ratio"], figures["cold_ratio"])]


def tables(result):
    cases = result["cases"]
    variants = list(cases[HEADERS])
    rows = []
    for case, figures in cases.items():
        rows.append([case] + [f"{figures[variant]['instructions']['median']:.0f}" for variant in variants] +
                    [f"{figures[variant][key]['median']:.1f}" for key in ("hot", "cold") for variant in variants])
    header = ["a packet"] + [f"{variant} {unit}" for unit in ("instructions", "cycles hot", "cycles cold")
                             for variant in variants]
    text = bench.table(header, rows)
    text += "\n" + bench.table(
        ["instructions a packet, headers alone", "measured", "to reach", "dream"],
        [[variant, f"{cases[HEADERS][variant]['instructions']['median']:.0f}", *TARGETS[variant]]
         for variant in TARGETS if variant in variants])
    text += "\n" + bench.table(
        ["residence time costs, % of all good", "instructions", "cycles hot", "cycles cold", "target"],
        [[variant, *map(bench.show, residence_costs(cases, variant)), "under 2 %"] for variant in variants])
    return text


def plot(result, path):
    bench.bars(path, {case: {variant: figures[variant]["hot"] for variant in figures}
                      for case, figures in result["cases"].items()},
               "TSC cycles a packet", "The burst stage alone, hot")

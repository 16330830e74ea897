#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs the benchmarks (scripts/bench), and what they have in common.

Each benchmark is a file NAME.py beside this one, with a docstring whose first line says what it
measures, and with

    run(options) -> dict           measures; the result is all that the other two need, as JSON
    tables(result) -> str          as Markdown
    plot(result, path)             as an SVG, with bars() or by hand

options.rounds is how often to go round, options.quick asks for a first look in a minute,
options.build is the folder of the release build: options.udpechod and options.udpecho are the
programs in it, options.build / "tests/bench" what tests/bench/meson.build builds.

Contenders take turns, rounds(title, options, {name: callable}): a slow spell of the machine then hits
all of them, and the ratios of one round can be trusted where absolute figures cannot. spread()
keeps what matters of many rounds, ratios() compares two contenders round by round. end() stops a
process and wants it to have ended well, appliance() runs udpechod and returns its report.

main() adds "environment" to the result, writes it to build-bench/results/NAME.json, prints the
tables, keeps them as NAME.md, and draws NAME.svg. With --show it measures nothing and starts from the
JSON.
"""
import argparse
import importlib
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BUILD = TOP / "build-bench"
RESULTS = BUILD / "results"
NAMES = ("peers", "stage", "live", "idle", "scale")
MESON_OPTIONS = ("-Dbuildtype=release", "-Db_lto=true", "-Dtests=false", "-Dbenchmarks=true")


def fail(what):
    sys.exit(f"bench: {what}")


def progress(what):
    """For whoever watches: the tables alone go to standard output."""
    print(f"bench: {what}", file=sys.stderr, flush=True)


def rounds(title, options, contenders):
    """{name: what its callable returned, for each round}, in alternation: A B C A B C ..."""
    values = {name: [] for name in contenders}
    for i in range(options.rounds):
        for name, contend in contenders.items():
            progress(f"{title}, round {i + 1} of {options.rounds}: {name}")
            values[name].append(contend())
    return values


def spread(values):
    """What matters of the values of several rounds."""
    values = list(values)
    return {"median": statistics.median(values), "min": min(values), "max": max(values), "values": values}


def ratios(ours, theirs):
    """The spread of ours / theirs, taken round by round."""
    return spread(a / b for a, b in zip(ours, theirs))


def show(value, digits=2, scale=1):
    """A spread as "median (min to max)"."""
    median, low, high = (f"{value[key] / scale:.{digits}f}" for key in ("median", "min", "max"))
    return f"{median} ({low} to {high})"


def table(header, rows):
    """Markdown, its columns lined up: the first to the left, the others to the right."""
    cells = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(3, *(len(row[i]) for row in cells)) for i in range(len(header))]
    cells.insert(1, ["-" * widths[0]] + ["-" * (width - 1) + ":" for width in widths[1:]])
    return "\n".join(
        "| " + " | ".join(cell.rjust(width) if i else cell.ljust(width)
                          for i, (cell, width) in enumerate(zip(row, widths))) + " |"
        for row in cells) + "\n"


def bars(path, groups, label, title, line=None):
    """Draws groups, {group: {bar: spread}}: a bar to each median, a whisker from min to max, and a
    line across where things are even."""
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot

    names = list(dict.fromkeys(name for group in groups.values() for name in group))
    figure, axes = pyplot.subplots(figsize=(max(7, max(1.1, 0.3 * len(names)) * len(groups) + 2), 4))
    width = 0.8 / len(names)
    for i, name in enumerate(names):
        there = [(x, group[name]) for x, group in enumerate(groups.values()) if name in group]
        medians = [value["median"] for _, value in there]
        axes.bar([x + (i - (len(names) - 1) / 2) * width for x, _ in there], medians, width, label=name,
                 yerr=[[value["median"] - value["min"] for _, value in there],
                       [value["max"] - value["median"] for _, value in there]], capsize=2)
    if line is not None:
        axes.axhline(line, color="black", linewidth=0.8, linestyle="--")
    axes.set_xticks(range(len(groups)), groups)
    axes.set_ylabel(label)
    axes.set_title(title)
    if len(names) > 1:
        axes.legend()
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)


def end(process, within=20):
    """SIGTERM, and what the process printed: fails unless it ends well, and in time."""
    process.terminate()
    try:
        output, _ = process.communicate(timeout=within)
    except subprocess.TimeoutExpired:
        process.kill()
        fail(f"does not end: {' '.join(map(str, process.args))}")
    if process.returncode != 0:
        fail(f"exit status {process.returncode}: {' '.join(map(str, process.args))}")
    return output


def appliance(options, arguments, seconds, meanwhile=None):
    """Runs udpechod for so long; its report. meanwhile(pid) is called before it is stopped."""
    with subprocess.Popen([options.udpechod, "--report=json", "--log-level=warning", *arguments], text=True,
                          stdout=subprocess.PIPE) as process:
        try:
            time.sleep(seconds)
            if meanwhile and process.poll() is None:
                meanwhile(process.pid)
            return json.loads(end(process))
        finally:
            process.kill()


def cpu():
    """Model and flags of the first CPU."""
    fields = {}
    for line in Path("/proc/cpuinfo").read_text(encoding="ascii").splitlines():
        key, _, value = line.partition(":")
        fields.setdefault(key.strip(), value.strip())
    return fields.get("model name", platform.machine()), frozenset(fields.get("flags", "").split())


def busy():
    """How many cores others keep busy, over a second: the noise to come."""
    def ticks():
        values = [int(value) for value in Path("/proc/stat").read_text(encoding="ascii").split("\n")[0].split()[1:9]]
        return sum(values) - values[3] - values[4]  # all but idle and iowait

    before = ticks()
    time.sleep(1)
    return (ticks() - before) / os.sysconf("SC_CLK_TCK")


def environment():
    def output(*command):
        return subprocess.run(command, cwd=TOP, check=True, text=True, capture_output=True).stdout.strip()

    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "commit": output("git", "describe", "--always", "--dirty", "--abbrev=12"),
        "cpu": cpu()[0],
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "dpdk": output("pkg-config", "--modversion", "libdpdk"),
        "compiler": output("cc", "--version").splitlines()[0],
        "build": " ".join(MESON_OPTIONS),
        "busy": round(busy(), 2),
    }


def describe(result):
    """One line under the tables: where the figures come from."""
    where = result["environment"]
    return (f"{where['cores']} cores of {where['cpu']}, {where['busy']} of them busy with something else; "
            f"Linux {where['kernel']}, DPDK {where['dpdk']}, {where['compiler']}; commit {where['commit']}, "
            f"{where['date']}. Median (min to max) of {result['rounds']} rounds.\n")


def measure(name, options):
    benchmark = importlib.import_module(name)
    stored = RESULTS / f"{name}.json"
    if options.show:
        if not stored.exists():
            fail(f"no results yet: scripts/bench {name}")
        result = json.loads(stored.read_text(encoding="utf-8"))
    else:
        progress(f"{name}: {benchmark.__doc__.splitlines()[0]}")
        where = environment()
        if where["busy"] > 0.1:
            progress(f"warning: {where['busy']} cores are busy with something else")
        result = {"environment": where, "rounds": options.rounds, **benchmark.run(options)}
        # Tables and plot see what JSON keeps of it, so that --show shows the same.
        written = json.dumps(result, indent=1) + "\n"
        result = json.loads(written)
        RESULTS.mkdir(parents=True, exist_ok=True)
        stored.write_text(written, encoding="utf-8")
    text = f"## {name}\n\n{benchmark.tables(result)}\n{describe(result)}"
    stored.with_suffix(".md").write_text(text, encoding="utf-8")
    print(text, flush=True)
    benchmark.plot(result, str(stored.with_suffix(".svg")))


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description="Measures udpechod, beside its peers. Builds what it measures, "
        "as a release, in build-bench; leaves results, tables and plots in build-bench/results.")
    parser.add_argument("names", nargs="*", metavar="|".join(NAMES), help="default: all of them")
    parser.add_argument("--rounds", type=int, metavar="N", help="default 5, or 2 with --quick")
    parser.add_argument("--quick", action="store_true", help="a first look: fewer cases, shorter runs")
    parser.add_argument("--show", action="store_true", help="tables and plots of the last results again")
    options = parser.parse_args(arguments)
    for name in options.names:
        if name not in NAMES:
            parser.error(f"no benchmark {name}: {', '.join(NAMES)}")
    options.rounds = options.rounds or (2 if options.quick else 5)
    if options.rounds < 1:
        parser.error("--rounds: at least one")
    options.build = BUILD
    options.udpechod = BUILD / "app/udpechod/udpechod"
    options.udpecho = BUILD / "app/udpecho/udpecho"
    return options


def main():
    options = parse(sys.argv[1:])
    if not options.show:
        for command in (["scripts/setup", "--bench"], ["scripts/build", BUILD.name, *MESON_OPTIONS]):
            if subprocess.run(command, cwd=TOP, stdout=sys.stderr, check=False).returncode != 0:
                fail(f"{' '.join(command)} failed")
    # One module, whether run or imported: the benchmarks import it by its name.
    sys.modules["bench"] = sys.modules[__name__]
    for name in options.names or NAMES:
        measure(name, options)


if __name__ == "__main__":
    main()

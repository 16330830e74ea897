#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Replays each golden case through udpechod, pcap in, pcap out, byte for byte: `run.py UDPECHOD [CASE...]`."""
import difflib
import filecmp
import os
import re
import sys
import tempfile

import offline
from casefile import dump, parse_case

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = os.path.join(HERE, "cases")
COUNTED = ("rx_packets", "rx_bytes", "tx_packets", "tx_bytes", "tx_full", "fragments_added", "fragments_expired", "fragments_evicted",
           "announcements")
sys.path.insert(0, os.path.dirname(HERE))
from tap import Skip, Tap, without_stalls  # noqa: E402


def render(explain, report, replies):
    """All that a run should show, as lines that a diff can compare."""
    lines = [f"explain {line}" for line in explain]
    lines += [f"{key} {report.get(key)}" for key in COUNTED]
    lines += [f"count {name} {count}" for name, count in report.get("verdicts", {}).items()]
    for record in replies:
        lines += [f"reply at {record.time_ns} ns, {len(record.frame)} bytes", *dump(record.frame)]
    return lines


def blur(explain, case):
    """The lines of --explain, with `...` for each detail that the case leaves open."""
    exact = {number for number, exchange in enumerate(case.exchanges) if exchange.explain is not None}
    return [line if number in exact else re.sub(r"^(\S+ \S+ )\S.*", r"\1...", line) for number, line in enumerate(explain)]


def expected(case, records):
    """The same lines, of what the case asks for."""
    verdicts = [exchange.verdict for exchange in case.exchanges]
    replies = [offline.Record(record.time_ns, reply)
               for record, exchange in zip(records, case.exchanges) for reply in exchange.replies]
    report = {
        "rx_packets": len(records),
        "rx_bytes": sum(len(record.frame) for record in records),
        "tx_packets": len(replies),
        "tx_bytes": sum(len(reply.frame) for reply in replies),
        "tx_full": 0,
        "fragments_added": sum(max(0, len(exchange.replies) - 1) for exchange in case.exchanges),
        "fragments_expired": case.fragments_expired,
        "fragments_evicted": 0,
        "announcements": 0,
        "verdicts": {name: verdicts.count(name) for name in offline.read_verdicts()},
    }
    explain = [f"{number} {exchange.verdict} {exchange.explain or '...'}" for number, exchange in enumerate(case.exchanges, 1)]
    return render(explain, report, replies)


def check_errors(errors, records):
    """Standard error is silent, but for one line about records that were cut short."""
    errors = without_stalls(errors)
    cut = sum((record.wire_length or 0) > len(record.frame) for record in records)
    if cut:
        assert errors.count("\n") == 1 and f" {cut} of {len(records)} records are cut short" in errors, errors
    else:
        assert errors == "", errors


def check(program, path):
    """Runs one case twice."""
    with open(path, encoding="utf-8") as file:
        case = parse_case(file.read())
    records = offline.number_frames((one.frame, one.wire_length, one.time_us) for one in case.exchanges)
    with tempfile.TemporaryDirectory() as directory:
        first = offline.run(program, records, case.arguments, directory, case.files)
        assert first.status == 0, f"exit status {first.status}, standard error:\n{first.errors}"
        check_errors(first.errors, records)
        actual = render(blur(first.explain, case), first.report, first.replies)
        difference = list(difflib.unified_diff(expected(case, records), actual, case.name, "udpechod", lineterm=""))
        assert not difference, "\n".join(["not what the case asks for", *difference])
        offline.check_law(first.report)
        second = offline.run(program, records, case.arguments, directory, case.files)
        assert second.out_pcap == first.out_pcap, "a second run wrote another out.pcap"


def check_generated():
    """The committed text is what cases*.py say."""
    try:
        from generate import generate
        with tempfile.TemporaryDirectory() as directory:
            generate(directory)
            names = sorted(os.listdir(directory))
            assert names == sorted(os.listdir(CASES)), "other cases than in cases*.py: run generate.py"
            _, stale, broken = filecmp.cmpfiles(directory, CASES, names, shallow=False)
            assert not stale + broken, f"run generate.py, these are out of date: {' '.join(stale + broken)}"
    except ModuleNotFoundError as error:
        raise Skip(f"no module {error.name} for this Python") from error


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    program, names = os.path.abspath(sys.argv[1]), sys.argv[2:]
    if not os.access(program, os.X_OK):
        sys.exit(f"run.py: {program}: not a program")
    tap = Tap()
    tap.case("the cases are what cases*.py say", check_generated)
    found = [name.removesuffix(".txt") for name in sorted(os.listdir(CASES))]
    offline.in_parallel(tap, [(name, check, [program], os.path.join(CASES, f"{name}.txt"))
                              for name in found if not names or name in names])
    sys.exit(tap.exit_status())


if __name__ == "__main__":
    main()

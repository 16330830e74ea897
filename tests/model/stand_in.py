#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The model behind udpechod's offline command line, so that the tests can be tested: right, or wrong as asked.

    stand_in.py [--wrong=WHAT] OPTION...

What can be wrong is in wrongs.py.
"""
import argparse
import json
import os
import sys

import wrongs
from model import replay, replies_of
from offline import read_pcap, read_verdicts, write_pcap
from settings import parse_options


def main():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--wrong", default="")
    parser.add_argument("-d")
    parser.add_argument("--explain", action="store_true")
    parser.add_argument("--report")
    options, others = parser.parse_known_args()
    wrongs.spoil_model(options.wrong)
    source, sink = options.d.removeprefix("pcap:").split(",")
    records, rows = read_pcap(source), read_verdicts()
    answers, expired = replay(parse_options(others), records)
    names = [answer.verdict for answer in answers]
    replies = replies_of(records, answers)
    report = {
        "version": "model", "uptime_s": 0, "rx_packets": len(records), "rx_bytes": sum(len(r.frame) for r in records),
        "tx_packets": len(replies), "tx_bytes": sum(len(r.frame) for r in replies), "tx_full": 0,
        "fragments_added": sum(max(0, len(answer.replies) - 1) for answer in answers), "fragments_expired": expired,
        "fragments_evicted": 0, "announcements": 0, "partial_checksums": 0, "verified_checksums": 0, "arp_conflicts": 0,
        "verdicts": {name: names.count(name) for name in rows}, "devices": [], "workers": [],
    }
    explain = [f"{number} {answer.verdict} {answer.detail or rows[answer.verdict].explanation}"
               for number, answer in enumerate(answers, 1)]
    wrongs.spoil_output(options.wrong, replies, report, explain)
    cut = sum(record.wire_length > len(record.frame) for record in records)
    if cut:
        print(f"stand_in.py: {source}: {cut} of {len(records)} records are cut short", file=sys.stderr)
    for line in explain:
        number, verdict, *why = line.split(" ", 2)
        print(json.dumps({"number": int(number), "verdict": verdict, "why": "".join(why)}))
    print(json.dumps(report))
    write_pcap(sink, replies)
    if options.wrong == "another file each time":  # with the same frames: only the unused time zone differs
        with open(sink, "r+b") as file:
            file.seek(8)
            file.write(os.urandom(4))


if __name__ == "__main__":
    main()

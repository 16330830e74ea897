#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The model behind udpechod's offline command line, so that the tests can be tested: right, or wrong as asked.

The environment variable WRONG names what to do wrong; see test_harness.py.
"""
import argparse
import json
import os
import sys

from model import Model, RESPONDERS
import model as module
from offline import Record, read_pcap, read_verdicts, write_pcap

WRONG = os.environ.get("WRONG", "")


def spoil(replies, report, names):
    """What can be wrong with output rather than with a decision."""
    if WRONG == "a reply lost" and replies:
        replies.pop()
    if WRONG == "a reply twice" and replies:
        replies.append(replies[-1])
    if WRONG == "replies out of order":
        replies.reverse()
    if WRONG == "a byte of a reply" and replies:
        replies[0] = replies[0]._replace(frame=replies[0].frame[:-1] + b"?")
    if WRONG == "a reply too long" and replies:
        replies[0] = replies[0]._replace(frame=replies[0].frame + b"\0")
    if WRONG == "time of a reply":
        replies[:] = [reply._replace(time_ns=reply.time_ns + 1000) for reply in replies]
    if WRONG == "rx_bytes":
        report["rx_bytes"] += 4
    if WRONG == "tx_bytes":
        report["tx_bytes"] += 4
    if WRONG == "tx_full":
        report["tx_full"] += 1
    if WRONG == "a row missing":
        del report["verdicts"]["rate-limit"]
    if WRONG == "a frame counted twice":
        report["verdicts"]["eth-type"] += 1
    if WRONG == "a verdict" and names:
        names[0] = "rate-limit"


def spoil_model():
    """Bugs that a datapath could have."""
    if WRONG == "another TTL":
        original = Model.__init__
        Model.__init__ = lambda self, *arguments: original(self, *arguments, ttl=63)
    if WRONG == "a responder forgotten":
        module.RESPONDERS = RESPONDERS[:-1]
    if WRONG == "options let in unread":
        module.options_are_fine = lambda options: True
    if WRONG == "checksums not looked at":
        module.checksum = lambda data: 0
    if WRONG == "one kind of tag":
        module.TAGS = (0x8100,)
    if WRONG == "martians answered":
        module.NEVER_ANSWERED = []
    if WRONG == "multicast answered":
        module.NEVER_ANSWERED = module.NEVER_ANSWERED[:2]


def main():
    if WRONG == "exit status":
        sys.exit(1)
    if WRONG == "a line on standard error":
        print("udpechod: chatting", file=sys.stderr)
    spoil_model()
    parser = argparse.ArgumentParser()
    parser.add_argument("-d")
    parser.add_argument("--explain", action="store_true")
    parser.add_argument("--report")
    options, identity = parser.parse_known_args()
    source, sink = options.d.removeprefix("pcap:").split(",")
    records, rows, appliance = read_pcap(source), read_verdicts(), Model.from_arguments(identity)
    answers = [appliance.answer(record.frame) for record in records]
    names = [verdict for verdict, _ in answers]
    replies = [Record(record.time_ns, reply) for record, (_, reply) in zip(records, answers) if reply is not None]
    report = {
        "version": "model", "uptime_s": 0, "rx_packets": len(records), "rx_bytes": sum(len(r.frame) for r in records),
        "tx_packets": len(replies), "tx_bytes": sum(len(r.frame) for r in replies), "tx_full": 0,
        "verdicts": {name: names.count(name) for name in rows}, "devices": [], "workers": [],
    }
    spoil(replies, report, names)
    for number, name in enumerate(names, 1):
        print(number, name, rows[name].explanation)
    print(json.dumps(report, indent=2))
    write_pcap(sink, replies)
    if WRONG == "another file each time":  # with the same frames: only the unused time zone differs
        with open(sink, "r+b") as file:
            file.seek(8)
            file.write(os.urandom(4))


if __name__ == "__main__":
    main()

#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Tests the tests: run.py and compare.py pass a stand-in for udpechod, and fail it for each thing that it does wrong."""
import os
import random
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
GOLDEN = os.path.join(HERE, "..", "golden")
sys.path[:0] = [os.path.dirname(HERE), GOLDEN]
import compare  # noqa: E402
import frames  # noqa: E402
import run  # noqa: E402
from tap import Tap  # noqa: E402

STAND_IN = os.path.join(HERE, "stand_in.py")
# What is done wrong, and the golden case that has to notice.
WRONGS = {
    "exit status": "udp-echo", "a line on standard error": "udp-echo", "a reply lost": "udp-echo", "a reply twice": "udp-echo",
    "replies out of order": "mixed-burst", "a byte of a reply": "udp-echo", "a reply too long": "udp-echo",
    "time of a reply": "udp-echo", "rx_bytes": "udp-echo", "tx_bytes": "udp-echo", "tx_full": "udp-echo",
    "a row missing": "no-frames", "a frame counted twice": "no-frames", "a verdict": "udp-echo", "another TTL": "ttl",
    "a responder forgotten": "udp-source-port", "options let in unread": "ip-options-refused",
    "checksums not looked at": "ip-checksum", "one kind of tag": "vlan-two-tags", "martians answered": "ip-source",
    "multicast answered": "ip-source",
}
ONLY_GOLDEN = {"another file each time": "udp-echo"}  # compare.py runs the program once


def notices(check, *arguments):
    """Whether the check fails, as opposed to falls over."""
    try:
        check(*arguments)
    except AssertionError:
        return True
    return False


def golden(wrong, case):
    os.environ["WRONG"] = wrong
    return notices(run.check, STAND_IN, os.path.join(GOLDEN, "cases", f"{case}.txt"))


def compared(wrong):
    os.environ["WRONG"] = wrong
    dice = random.Random(1)
    comparison = compare.Comparison(STAND_IN, None)
    return notices(comparison.compare, compare.IDENTITIES[0], [frames.wild(dice) for _ in range(2000)])


def check_golden(wrong, case):
    assert not golden("", case), f"{case} fails without anything wrong"
    assert golden(wrong, case), f"{case} passes in spite of it"


def check_compare(wrong):
    assert compared(wrong) == bool(wrong), "what should fail passes, or the other way round"


if __name__ == "__main__":
    tap = Tap()
    tap.case("compare.py passes the model itself", check_compare, "")
    for name, noticed_by in (WRONGS | ONLY_GOLDEN).items():
        tap.case(f"run.py notices: {name}", check_golden, name, noticed_by)
    for name in WRONGS:
        tap.case(f"compare.py notices: {name}", check_compare, name)
    sys.exit(tap.exit_status())

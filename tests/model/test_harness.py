#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Tests the tests: run.py and compare.py pass a stand-in for udpechod, and fail it for each thing that it does wrong."""
import functools
import os
import random
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
GOLDEN = os.path.join(HERE, "..", "golden")
sys.path[:0] = [os.path.dirname(HERE), GOLDEN]
import compare  # noqa: E402
import fragments  # noqa: E402
import fragments6  # noqa: E402
import frames  # noqa: E402
import frames6  # noqa: E402
import offline  # noqa: E402
import run  # noqa: E402
import wrongs  # noqa: E402
from tap import Tap  # noqa: E402

STAND_IN = os.path.join(HERE, "stand_in.py")
# A case of each kind; that the model is right in all of them is test_model.py's to say.
PASSED = ("no-frames", "mixed-burst", "truncated-record", "ip-checksum", "fragments-refragmented", "fragments-expired",
          "acl-longest-match", "rate-limit", "icmp-unreachable", *sorted(set(wrongs.IPV6.values())))


def notices(check, *arguments):
    """Whether the check fails, as opposed to falls over."""
    try:
        check(*arguments)
    except AssertionError:
        return True
    return False


def check_golden(wrong, case):
    noticed = notices(run.check, [STAND_IN, f"--wrong={wrong}"], os.path.join(GOLDEN, "cases", f"{case}.txt"))
    assert noticed == bool(wrong), f"{case} passes in spite of it, or fails without anything wrong"


@functools.cache
def traffic():
    """Some frames and datagrams in fragments, none of which raises the MTU by much."""
    dice = random.Random(1)
    wild = [frame for frame in (frames.wild(dice) for _ in range(800)) if len(frame) < 1600]
    return fragments.mix(dice, wild, 300)


@functools.cache
def traffic6():
    """The same of IPv6."""
    dice = random.Random(1)
    wild = [frame for frame in frames6.edges() + [frames6.wild(dice) for _ in range(1500)] if len(frame) < 1600]
    return fragments.mix(dice, wild, 200, [fragments6.fragmented])


class Comparison(compare.Comparison):
    """A comparison that asks the model once for each setting: it is always the same file."""
    opinions = {}

    def model(self, arguments, records, directory):
        key = tuple(arguments)
        if key not in self.opinions:
            self.opinions[key] = super().model(arguments, records, directory)
        return self.opinions[key]


def check_compare(wrong, arguments, sent):
    comparison = Comparison([STAND_IN, f"--wrong={wrong}"], None)
    noticed = notices(comparison.compare, arguments, sent(), random.Random(2))
    assert noticed == bool(wrong), "what should fail passes, or the other way round"


if __name__ == "__main__":
    tap = Tap()
    every = wrongs.OUTPUT | wrongs.MODEL
    golden = every | wrongs.IPV6 | wrongs.ONLY_GOLDEN
    ipv4, ipv6 = (compare.POLICY, traffic), (compare.POLICY6, traffic6)
    tap.case("compare.py passes the model itself", check_compare, "", *ipv4)
    tap.case("and with IPv6", check_compare, "", *ipv6)
    offline.in_parallel(tap, [
        *((f"run.py passes the model itself in {case}", check_golden, "", case) for case in PASSED),
        *((f"run.py notices: {name}", check_golden, name, case) for name, case in golden.items()),
        *((f"compare.py notices: {name}", check_compare, name, *ipv4) for name in every),
        *((f"compare.py notices: {name}", check_compare, name, *ipv6) for name in (*wrongs.IPV6, *wrongs.ONLY_COMPARED)),
    ])
    sys.exit(tap.exit_status())

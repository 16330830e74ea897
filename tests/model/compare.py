#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Compares udpechod with the model on thousands of frames: verdicts, replies, and the report's counts.

Each setting gets the edge frames, each bit of each base frame flipped, and its share of random frames
and of datagrams in fragments, at times that are microseconds or seconds apart. Where a setting has IPv6,
so have three of four random frames.
"""
import argparse
import difflib
import os
import random
import sys
import tempfile
from collections import Counter

import fragments
import fragments6
import frames
import frames6

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(HERE, "..", "golden")]
import offline  # noqa: E402
from casefile import dump  # noqa: E402
from model import replay  # noqa: E402
from settings import parse_options  # noqa: E402
from tap import Tap, without_stalls  # noqa: E402

MAC = ["-m", frames.OUR_MAC]
FILES = {"acl.conf": """\
# sources of base frames, their neighbours by a bit, and those of frames.ADDRESSES
allow 0.0.0.0/0
deny 128.0.0.0/1
allow 192.0.0.0/3
deny 198.19.0.0/16
allow 198.19.1.0/24
deny 198.18.0.3/32
deny 198.18.0.128/25
deny 203.0.113.8/31
allow 203.0.113.8/32
# of no source here
deny ::/0
allow ::c612:0/112
""", "acl6.conf": """\
# the same of frames6.ADDRESSES
allow ::/0
deny 2001:2::/48
allow 2001:2::/56
deny 2001:2::3/128
deny 2001:2::8/125
allow 2001:2:0:100::/56
deny fe80::/65
allow fe80::1
# of no source here
deny c612::/16
deny ::c612:0/112
"""}
POLICY = ["-a", "198.18.0.2/24", *MAC, "--acl=acl.conf", "--rate-limit=40:10", "--rate-limit-prefix=8",
          "--icmp-arp-rate-limit=30:5", "--icmp-unreachable=10", "--block-source-port=5000-5009,40001"]
SETTINGS = (
    ["-a", "198.18.0.2/24", *MAC],
    ["-a", "198.18.0.2/24", *MAC, "-p", "any", "--icmp-arp-rate-limit=100:7"],
    ["-a", "198.18.0.2/31", "-a", "203.0.113.9/30", *MAC, "-p", "7,7000-7099", "--icmp-unreachable"],
    ["-a", "198.18.0.2", *MAC, "-p", "1-65535"],
    POLICY,
)
DUAL = ["-a", "2001:2::2/64", "-a", "198.18.0.2/24", *MAC]
POLICY6 = [*DUAL, "--acl=acl6.conf", "--rate-limit=40:10", "--icmp-arp-rate-limit=30:5", "--icmp-unreachable=10",
           "--block-source-port=5000-5009,40001"]
SETTINGS6 = (
    ["-a", "2001:2::2/64", *MAC],
    [*DUAL, "-a", "2001:2:0:7::ab:cdef", "-p", "any", "--icmp-arp-rate-limit=100:7"],
    [*DUAL, "-a", "2001:2:0:7::ab:cdef/127", "-p", "7,7000-7099", "--icmp-unreachable", "--rate-limit=100:10",
     "--rate-limit-prefix6=47"],
    POLICY6,
)
FRAMES_A_FILE = 5000
SHOWN = 5  # differences, in full


def render(verdict, replies, detail):
    lines = [f"verdict: {verdict} {detail}"]
    for reply in replies:
        lines += [f"reply: {len(reply)} bytes", *dump(reply)]
    return lines


def without_identification(frame):
    """A reply, and the identification that it has as a fragment of IPv6, which nobody can predict (RFC 7739)."""
    start = frames.network(frame)
    if frame[start - 2:start] != b"\x86\xdd" or frame[start + 6] != frames6.FRAGMENT:
        return frame, None
    return frame[:start + 44] + bytes(4) + frame[start + 48:], frame[start + 44:start + 48]


def hide_identifications(replies):
    """The replies to each frame without identifications: the fragments of a datagram share one, and no two datagrams do."""
    hidden, used = {}, set()
    for time, packets in replies.items():
        hidden[time], found = [list(column) for column in zip(*map(without_identification, packets))]
        assert len(set(found)) == 1 and not used & set(found), f"identifications {found} of the reply at {time} ns"
        used |= set(found) - {None}
    return hidden


def report_of(received, answers, expired):
    """What the report should count."""
    replies = [reply for answer in answers for reply in answer.replies]
    return {"rx_packets": len(received), "rx_bytes": sum(map(len, received)),
            "tx_packets": len(replies), "tx_bytes": sum(map(len, replies)), "tx_full": 0,
            "fragments_expired": expired, "fragments_evicted": 0, "announcements": 0,
            "fragments_added": sum(max(0, len(answer.replies) - 1) for answer in answers)}


class Comparison:
    """Counts and keeps the differences of all files compared. The program is a list of words."""

    def __init__(self, program, keep):
        self.program = program
        self.keep = keep
        self.compared = 0
        self.differences = []
        self.verdicts = Counter()
        self.added = self.expired = 0

    def compare(self, arguments, traffic, dice):
        """Compares one setting, file by file."""
        before = len(self.differences)
        for at in range(0, len(traffic), FRAMES_A_FILE):
            some = traffic[at:at + FRAMES_A_FILE]
            self.file(arguments, offline.number_frames(
                (frame, None, time) for frame, time in zip(some, fragments.spread(dice, len(some)))))
        found = self.differences[before:]
        assert not found, "\n".join([f"{len(found)} differences", *found[:SHOWN]])

    def run(self, arguments, records):
        """What the program and the model do with a file."""
        with tempfile.TemporaryDirectory() as scratch:
            directory = scratch
            if self.keep:
                directory = os.path.join(self.keep, str(self.compared))
                os.makedirs(directory, exist_ok=True)
            run = offline.run(self.program, records, arguments, directory, FILES)
            return run, *self.model(arguments, records, directory)

    def model(self, arguments, records, directory):
        return replay(parse_options(arguments), records, directory)

    def file(self, arguments, records):
        run, answers, expired = self.run(arguments, records)
        assert (run.status, without_stalls(run.errors)) == (0, ""), f"exit status {run.status}, standard error:\n{run.errors}"
        assert len(run.explain) == len(records), f"{len(run.explain)} lines of --explain for {len(records)} frames"

        replies = {}  # a reply has the time of the frame that it answers, and no two frames have the same
        for record in run.replies:
            replies.setdefault(record.time_ns, []).append(record.frame)
        replies = hide_identifications(replies)
        for number, (record, answer, line) in enumerate(zip(records, answers, run.explain), 1):
            theirs, verdict, detail, *_ = [*line.split(" ", 2), "", "", ""]
            if answer.detail is None:
                detail = "" if detail else "without a detail"
            if theirs != str(number):
                verdict = f"of another number: {line}"
            ours = [without_identification(reply)[0] for reply in answer.replies]
            expected = [answer.verdict, ours, answer.detail or ""]
            actual = [verdict, replies.pop(record.time_ns, []), detail]
            if expected != actual:
                self.differences.append("\n".join([
                    f"frame {number} of {' '.join(arguments)}, {len(record.frame)} bytes", *dump(record.frame[:256]),
                    *difflib.unified_diff(render(*expected), render(*actual), "model", "udpechod", n=1, lineterm="")]))
        self.compared += len(records)
        counts = Counter(answer.verdict for answer in answers)
        totals = report_of([record.frame for record in records], answers, expired)
        self.verdicts += counts
        self.added += totals["fragments_added"]
        self.expired += expired
        if replies:
            self.differences.append(f"replies at the time of no frame: {sorted(replies)[:SHOWN]}")
        if [record.time_ns for record in run.replies] != sorted(record.time_ns for record in run.replies):
            self.differences.append("replies are not in the order of their requests")
        offline.check_law(run.report)
        theirs = {name: run.report[name] for name in totals}
        if theirs != totals or +Counter(run.report["verdicts"]) != counts:
            self.differences.append(f"the report counts {theirs} {run.report['verdicts']}, the model {totals} {dict(counts)}")

    def all_verdicts(self):
        """A generator of frames that never gets somewhere would compare nothing there."""
        rare = [name for name in offline.read_verdicts() if name not in offline.LIVE_ONLY and self.verdicts[name] < 10]
        rare += [] if self.added >= 10 and self.expired >= 10 else ["fragments added or expired"]
        assert not rare, f"hardly a frame got the verdict {', '.join(rare)}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", metavar="UDPECHOD")
    parser.add_argument("--frames", type=int, default=9000, metavar="N", help="random frames, all settings together (9000)")
    parser.add_argument("--datagrams", type=int, default=2160, metavar="N",
                        help="datagrams in fragments, likewise, and once more (2160)")
    parser.add_argument("--seed", type=int, default=1, help="of the random frames (1)")
    parser.add_argument("--keep", metavar="DIRECTORY", help="leave the pcap files there")
    options = parser.parse_args()

    keep = options.keep and os.path.abspath(options.keep)
    tap, comparison = Tap(), Comparison([os.path.abspath(options.program)], keep)
    fixed, fixed6 = frames.edges() + frames.flipped(), frames6.edges() + frames6.flipped()
    count = len(SETTINGS) + len(SETTINGS6)
    for number, arguments in enumerate(SETTINGS + SETTINGS6):
        dice, datagrams = random.Random(options.seed + number / 100), options.datagrams // count
        always, makers, fragmenters = fixed, [frames.wild], [fragments.fragmented]
        if arguments in SETTINGS6:
            always = dice.sample(fixed6, len(fixed6) // len(SETTINGS6))
            makers, fragmenters = [frames.wild, *[frames6.wild] * 3], [fragments.fragmented, *[fragments6.fragmented] * 3]
        wild = [dice.choice(makers)(dice) for _ in range(options.frames // count)]
        tap.case(f"udpechod {' '.join(arguments)} does as the model",
                 comparison.compare, arguments, fragments.mix(dice, always + wild, datagrams, fragmenters), dice)
        short = [frame for frame in wild if len(frame) <= 1514]
        tap.case("and where no frame is longer than 1514 bytes, but some are fragments",
                 comparison.compare, arguments, fragments.mix(dice, short, datagrams, fragmenters), dice)
    tap.case("each verdict was met", comparison.all_verdicts)
    print(f"# frames compared: {comparison.compared}, differences: {len(comparison.differences)}")
    for name, count in comparison.verdicts.most_common():
        print(f"#   {count:7} {name}")
    print(f"#   {comparison.added:7} fragments added, {comparison.expired} expired")
    sys.exit(tap.exit_status())


if __name__ == "__main__":
    main()

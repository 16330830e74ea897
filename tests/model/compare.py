#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Compares udpechod with the model on thousands of frames: verdicts, replies, and the report's counts.

Each identity gets the edge frames, each bit of each base frame flipped, and its share of random frames.
"""
import argparse
import difflib
import os
import random
import sys
import tempfile
from collections import Counter

import frames as make

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(HERE, "..", "golden")]
import offline  # noqa: E402
from casefile import dump  # noqa: E402
from model import Model  # noqa: E402
from tap import Tap  # noqa: E402

MAC = ["-m", make.OUR_MAC]
IDENTITIES = (
    ["-a", "198.18.0.2/24", *MAC],
    ["-a", "198.18.0.2/24", *MAC, "-p", "any"],
    ["-a", "198.18.0.2/31", "-a", "203.0.113.9/30", *MAC, "-p", "7,7000-7099"],
    ["-a", "198.18.0.2", *MAC, "-p", "1-65535"],
)
FRAMES_A_FILE = 5000
SHOWN = 5  # differences, in full
LATER = {"icmp-unreachable", "ip-fragment-kept", "acl", "rate-limit"}  # which no setting above brings about


def render(verdict, replies):
    lines = [f"verdict: {verdict}"]
    for reply in replies:
        lines += [f"reply: {len(reply)} bytes", *dump(reply)]
    return lines


class Comparison:
    """Counts and keeps the differences of all files compared."""

    def __init__(self, program, keep):
        self.program = program
        self.keep = keep
        self.compared = 0
        self.differences = []
        self.verdicts = Counter()

    def compare(self, arguments, frames):
        """Compares one identity, file by file."""
        before = len(self.differences)
        for at in range(0, len(frames), FRAMES_A_FILE):
            self.file(arguments, frames[at:at + FRAMES_A_FILE])
        found = self.differences[before:]
        assert not found, "\n".join([f"{len(found)} differences", *found[:SHOWN]])

    def file(self, arguments, frames):
        model, records = Model.from_arguments(arguments), offline.number_frames((frame, None) for frame in frames)
        with tempfile.TemporaryDirectory() as scratch:
            directory = scratch
            if self.keep:
                directory = os.path.join(self.keep, str(self.compared))
                os.makedirs(directory, exist_ok=True)
            run = offline.run(self.program, records, arguments, directory)
        assert (run.status, run.errors) == (0, ""), f"exit status {run.status}, standard error:\n{run.errors}"
        assert len(run.explain) == len(frames), f"{len(run.explain)} lines of --explain for {len(frames)} frames"

        replies = {}  # a reply has the time of its request, and that says its number
        for record in run.replies:
            replies.setdefault((record.time_ns - 10**9) // 1000, []).append(record.frame)
        counts, bytes_out = Counter(), 0
        for number, (frame, line) in enumerate(zip(frames, run.explain), 1):
            verdict, reply = model.answer(frame)
            counts[verdict] += 1
            bytes_out += len(reply or b"")
            theirs = line.split()[1] if line.split()[0] == str(number) else f"of another number: {line}"
            expected, actual = [verdict, [reply] if reply is not None else []], [theirs, replies.pop(number, [])]
            if expected != actual:
                self.differences.append("\n".join([
                    f"frame {number} of {' '.join(arguments)}, {len(frame)} bytes", *dump(frame[:256]),
                    *difflib.unified_diff(render(*expected), render(*actual), "model", "udpechod", n=1, lineterm="")]))
        self.compared += len(frames)
        self.verdicts += counts
        if replies:
            self.differences.append(f"replies at the time of no frame: {sorted(replies)[:SHOWN]}")
        times = [record.time_ns for record in run.replies]
        if times != sorted(times):
            self.differences.append("replies are not in the order of their requests")
        offline.check_law(run.report)
        totals = {"rx_packets": len(frames), "rx_bytes": sum(map(len, frames)), "tx_packets": sum(
            counts[name] for name in ("udp-echo", "icmp-echo", "arp-reply")), "tx_bytes": bytes_out, "tx_full": 0}
        theirs = {name: run.report[name] for name in totals}
        if theirs != totals or +Counter(run.report["verdicts"]) != counts:
            self.differences.append(f"the report counts {theirs} {run.report['verdicts']}, the model {totals} {dict(counts)}")

    def all_verdicts(self):
        """A generator of frames that never gets somewhere would compare nothing there."""
        rare = [name for name in offline.read_verdicts() if name not in LATER and self.verdicts[name] < 10]
        assert not rare, f"hardly a frame got the verdict {', '.join(rare)}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", metavar="UDPECHOD")
    parser.add_argument("--frames", type=int, default=5000, metavar="N", help="random frames, all identities together (5000)")
    parser.add_argument("--seed", type=int, default=1, help="of the random frames (1)")
    parser.add_argument("--keep", metavar="DIRECTORY", help="leave the pcap files there")
    options = parser.parse_args()

    tap, comparison = Tap(), Comparison(os.path.abspath(options.program), options.keep)
    dice = random.Random(options.seed)
    fixed = make.edges() + make.flipped()
    for arguments in IDENTITIES:
        frames = fixed + [make.wild(dice) for _ in range(options.frames // len(IDENTITIES))]
        tap.case(f"udpechod {' '.join(arguments)} does as the model", comparison.compare, arguments, frames)
    tap.case("each verdict was met", comparison.all_verdicts)
    print(f"# frames compared: {comparison.compared}, differences: {len(comparison.differences)}")
    for name, count in comparison.verdicts.most_common():
        print(f"#   {count:7} {name}")
    sys.exit(tap.exit_status())


if __name__ == "__main__":
    main()

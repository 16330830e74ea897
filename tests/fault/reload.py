# SPDX-License-Identifier: BSD-3-Clause
"""One appliance that is told to reload again and again, and each time another of its calls fails."""
import json
import re
import signal
import socket
import subprocess

from fault import FAIL, OFF, PATIENCE, RECORD
from offline import check_law
from sweep import choose, library_of
from world import wait_until


class Reloaded:
    """An appliance that runs on, and what it says."""

    def __init__(self, sweep, lane, kind):
        self.lane, self.seen = lane, 0
        self.log = open(f"{kind.folder}/log", "w+", encoding="utf-8")
        lane.control.set(mode=OFF)
        self.process = subprocess.Popen([*kind.arguments(lane), "--log-level=notice"], stdin=subprocess.DEVNULL, stdout=-1,
                                        stderr=self.log, env=sweep.environment(lane), close_fds=False, preexec_fn=lane.prepare)
        wait_until(lambda: "running" in self.lines(), "the start", PATIENCE)

    def lines(self):
        assert self.process.poll() is None, f"status {self.process.returncode}: {self.said()}"
        return self.said()

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def reload(self, **fields):
        """What came of it: "reloaded", or why not."""
        self.lane.control.set(**fields)
        self.process.send_signal(signal.SIGHUP)
        wait_until(lambda: len(self.outcomes()) > self.seen, "a word about the reload", PATIENCE)
        self.lane.control.map[:8] = bytes(8)  # the mode: off
        self.seen += 1
        return self.outcomes()[self.seen - 1]

    def outcomes(self):
        return re.findall(r"^udpechod: (reloaded|reload refused, .*)\n", self.lines(), re.M)

    def echoes(self):
        """Whether one whom the access list lets in is answered."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.settimeout(1)
            for _ in range(10):
                peer.sendto(b"there?", (f"198.18.{self.lane.number}.2", 7))
                try:
                    return peer.recv(100) == b"there?"
                except socket.timeout:
                    continue
        return False

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        out, _ = self.process.communicate(timeout=PATIENCE)
        assert self.process.returncode == 0, f"status {self.process.returncode}: {self.said()}"
        report = json.loads(out)
        check_law(report)
        return report


def fail_reloads(sweep, kind, most):
    """Each reload is done, or refused with one line; and either way it answers as the list says."""
    lane = sweep.lanes.get()
    kind.fields = {}
    appliance = Reloaded(sweep, lane, kind)
    try:
        assert appliance.reload(mode=OFF) == "reloaded" and appliance.echoes()
        assert appliance.reload(mode=RECORD) == "reloaded"
        own, others, count = lane.control.first_of_each_path()
        numbers = choose(own, others, count, most)
        refused = ended = 0
        for number in numbers:
            try:
                outcome = appliance.reload(mode=FAIL, target=number)
            except AssertionError:
                if not library_of(lane.control.where, appliance.process.wait(PATIENCE), appliance.said()):
                    raise
                ended, refused = ended + 1, 0  # those of the next one are counted
                lane.clear()
                appliance = Reloaded(sweep, lane, kind)
                continue
            where = lane.control.where
            assert outcome == "reloaded" or outcome.startswith("reload refused, the old configuration stays in effect: "), outcome
            refused += outcome != "reloaded"
            assert appliance.echoes(), f"call {number}, {where}: {outcome}, and no echo"
        report = appliance.end()
    finally:
        appliance.process.kill()
        appliance.process.wait()
        sweep.lanes.put(lane)
    print(f"# a reload: {count} calls by {len(own) + len(others)} ways, one that fails at {len(numbers)} of them: "
          f"{ended} ended by rte_cfgfile_create(), the rest refused with one line, or done | it answers after each | "
          "law holds | pool full")
    assert report["reloads_refused"] == refused and refused > 0, report
    assert lane.left_behind() == [], lane.left_behind()

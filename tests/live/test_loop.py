#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""One spoofed datagram between two appliances, and how the traffic dies: `test_loop.py UDPECHOD`.

    namespace A                            namespace B
    udpechod 198.18.0.2 - echo0 == veth == echo1 - udpechod 198.18.0.3

The datagram is sent to B in A's name, from A's port. What B answers, A takes for a request. Each
frame on the link is counted where it arrives.
"""
import contextlib
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import time

import world
from world import PATIENCE, command, die_with_us, inside, wait_until

sys.path.insert(0, os.path.join(world.HERE, "..", "golden"))
from offline import check_law  # noqa: E402
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from tap import Skip, Tap

NUMBERS = itertools.count()
CORES = sorted(os.sched_getaffinity(0))  # one each, where there are two
QUIET = 0.5  # seconds without a frame: the traffic has died
MANY = 2000  # frames: it never will


class Pair:
    """Two namespaces and the link between them."""

    def __enter__(self):
        if os.geteuid() != 0:
            raise Skip("wants root, for network namespaces")
        name = f"udpechod-{os.getpid()}-loop{next(NUMBERS)}"
        self.spaces = [f"{name}-a", f"{name}-b"]
        try:
            for space in self.spaces:
                command("ip", "netns", "add", space)
                command("ip", "netns", "exec", space, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1",
                        "net.ipv6.conf.default.disable_ipv6=1")
            command("ip", "-n", self.spaces[0], "link", "add", "echo0", "type", "veth",
                    "peer", "name", "echo1", "netns", self.spaces[1])
            for number, space in enumerate(self.spaces):
                command("ip", "-n", space, "link", "set", f"echo{number}", "up")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for space in self.spaces:
            subprocess.run(["ip", "netns", "delete", space], check=False, stderr=subprocess.DEVNULL)

    def mac(self, number):
        return json.loads(command("ip", "-n", self.spaces[number], "-json", "link", "show", f"echo{number}"))[0]["address"]

    @contextlib.contextmanager
    def appliance(self, number, program, arguments):
        process = subprocess.Popen(
            ["ip", "netns", "exec", self.spaces[number], program, "-d", f"af_packet:echo{number}",
             "-a", f"198.18.0.{2 + number}/24", f"--cores={CORES[number % len(CORES)]}", "--no-probe", "--report=json", "--log-level=warning", *arguments],
            stdout=-1, stderr=-1, text=True, preexec_fn=die_with_us)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def stop(process):
    process.send_signal(signal.SIGTERM)
    out, errors = process.communicate(timeout=4 * PATIENCE)
    assert (process.returncode, errors) == (0, ""), f"status {process.returncode}: {errors}"
    report = json.loads(out)
    check_law(report)
    return report


class Watcher:
    """Sees what arrives at one end of the link; what leaves it passes by the kernel's taps."""

    def __init__(self, stack, space, interface):
        with inside(space):
            self.socket = stack.enter_context(socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)))
            self.socket.bind((interface, 3))
        self.socket.settimeout(0.02)

    def frames(self):
        """Those that have come since the last call."""
        with contextlib.suppress(socket.timeout):
            while True:
                frame, address = self.socket.recvfrom(2048)
                if address[2] != socket.PACKET_OUTGOING:
                    yield frame


def collect_ttls(watchers):
    """Those of the frames on the link, both ways, until it is quiet or there is no end to it."""
    ttls, end = [], time.monotonic() + QUIET
    while time.monotonic() < end and len(ttls) < MANY:
        for watcher in watchers:
            for frame in watcher.frames():
                if frame[12:14] == b"\x08\x00":
                    ttls.append(frame[22])
                    end = time.monotonic() + QUIET
                if len(ttls) >= MANY:
                    break
    return ttls


def has_announced(watcher):
    return any(frame[12:14] == b"\x08\x06" for frame in watcher.frames())


def bounce(program, ttl, ports, settings):
    """Sends the one datagram; returns the TTL of each frame on the link, and both reports."""
    with Pair() as pair, contextlib.ExitStack() as stack:
        watchers = [Watcher(stack, space, f"echo{number}") for number, space in enumerate(pair.spaces)]
        processes = [stack.enter_context(pair.appliance(number, program, settings[number])) for number in (0, 1)]
        for watcher in watchers:
            wait_until(lambda seen=watcher: has_announced(seen), "the announcement from the other end")
        datagram = Ether(src=pair.mac(0), dst=pair.mac(1)) / IP(src="198.18.0.2", dst="198.18.0.3", ttl=ttl) / \
            UDP(sport=ports[0], dport=ports[1]) / b"round and round"
        watchers[0].socket.send(bytes(datagram))  # in A's namespace: as if A had sent it
        ttls = collect_ttls(watchers)
        return ttls, [stop(process) for process in processes]


def describe(ttls):
    """The TTLs in short: the first few and the last."""
    words = [str(ttl) for ttl in sorted(ttls, reverse=True)]
    return " ".join(words if len(words) < 6 else [*words[:3], "...", words[-1]])


def check_dies(program, ttl, ports, settings, expected, verdict):
    """These TTLs, and then an appliance names the verdict that ended it."""
    ttls, reports = bounce(program, ttl, ports, settings)
    print(f"# A: udpechod {' '.join(settings[0])}; B: udpechod {' '.join(settings[1])}")
    print(f"# one datagram to B in A's name, port {ports[0]} to port {ports[1]}, TTL {ttl}")
    print(f"# frames on the link: {len(ttls)}{' and no end' if len(ttls) >= MANY else ', then none'}; "
          f"TTL, highest first: {describe(ttls)}")
    for name, report in zip("AB", reports):
        counts = {key: value for key, value in report["verdicts"].items() if value}
        print(f"# {name}: {counts}")
    # The ends of the link are read in turn, so only the set has an order.
    assert sorted(ttls, reverse=True) == expected, f"{len(ttls)} frames, expected {len(expected)}: {describe(ttls)}"
    assert sum(report["verdicts"]["udp-echo"] for report in reports) == len(ttls) - 1, reports
    assert sum(report["verdicts"][verdict] for report in reports) == 1, reports


def main():
    program = os.path.abspath(sys.argv[1])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    list_, every = ["-p", "7,7000-7099"], ["-p", "any"]
    at_once, falling = [64], list(range(64, 0, -1))
    tap = Tap()
    for name, ports, settings, expected, verdict in (
            ("the default port", (7, 7), ([], []), at_once, "udp-source-port"),
            ("a list of ports", (7050, 7000), (list_, list_), at_once, "udp-source-port"),
            ("every port", (7777, 8888), (every, every), falling, "udp-ttl"),
            ("every port, the highest TTL", (7777, 8888), (every, every), [255, *falling], "udp-ttl"),
            ("every port, against a list", (7000, 8888), (list_, every), falling, "udp-ttl"),
            ("lists that differ", (7000, 8000), (["-p", "7000"], ["-p", "8000"]), falling, "udp-ttl"),
            ("every port, from a well-known responder", (19, 8888), (every, every), at_once, "udp-source-port"),
            ("lists that differ, and block each other's",
             (7000, 8000), (["-p", "7000", "--block-source-port=8000"], ["-p", "8000", "--block-source-port=7000"]),
             at_once, "udp-source-port")):
        tap.case(f"the traffic dies: {name}", check_dies, program, expected[0], ports, settings, expected, verdict)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())

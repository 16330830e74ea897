#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Datagrams of any size through ordinary sockets: `test_fragments.py UDPECHOD UDPECHO`."""
import os
import random
import signal
import socket
import sys

import world
from test_live import check_client, check_pipe, check_ping, noise
from world import APPLIANCE, CLIENT, Appliance, World

from scapy.layers.inet import IP, UDP, fragment
from scapy.layers.l2 import Ether
from tap import Tap

LARGEST = 65507
LARGEST_OF_AF_PACKET = 65300  # the kernel hands over whole datagrams, and an mbuf ends at 64 KiB


def check_sizes(kind, udpechod, udpecho, offload, largest):
    with World(kind, checksum_offload=offload) as place, Appliance(place, udpechod) as appliance:
        for size in (1473, 4000, 20001, largest):
            check_client(place, udpecho, size)
        check_ping(place, 20000)
        check_ping(place, largest)  # whose header is as long as UDP's
        check_pipe(place, "socat", "-b", "9000", "-", f"UDP4:{APPLIANCE}:7", size=9000)
        check_pipe(place, "nc", "-u", "-n", APPLIANCE, "7", size=9000)
        report = appliance.stop()
    assert report["verdicts"]["udp-echo"] == 6 and report["verdicts"]["icmp-echo"] == 6, report
    assert report["fragments_added"] > 0 and report["fragments_expired"] == 0, report


def set_mtu(place, mtu):
    for namespace, interface in ((place.client, place.interface), (place.appliance, world.INTERFACE)):
        world.command("ip", "-n", namespace, "link", "set", interface, "mtu", str(mtu))


def check_jumbo(kind, mtu, udpechod, udpecho):
    """As long as the link takes in one frame, and longer."""
    with World(kind) as place:
        set_mtu(place, mtu)
        with Appliance(place, udpechod) as appliance:
            check_client(place, udpecho, mtu - 28)
            report = appliance.stop()
            assert report["fragments_added"] == 0, report
        with Appliance(place, udpechod) as appliance:
            check_client(place, udpecho, 30000)
            report = appliance.stop()
    assert report["fragments_added"] > 0, report


def check_too_large(udpechod, udpecho):
    """What the device cannot take whole is counted, not lost."""
    with World("af_packet") as place, Appliance(place, udpechod) as appliance:
        done = place.run(udpecho, "-w", "1", APPLIANCE, input=noise(LARGEST))
        assert done.returncode == 1 and b"i/o timeout" in done.stderr, done
        report = appliance.stop()
    assert report["verdicts"]["ip-malformed"] == 1, report


def check_partial_refused(udpechod, udpecho):
    with World("af_packet", checksum_offload=True) as place, \
            Appliance(place, udpechod, "--partial-checksums=off") as appliance:
        done = place.run(udpecho, "-w", "1", APPLIANCE, input=b"partial")
        assert done.returncode == 1 and b"i/o timeout" in done.stderr, done
        report = appliance.stop()
    assert report["verdicts"]["udp-checksum"] == 1 and report["partial_checksums"] == 0, report


def fragments(place, appliance, identification):
    whole = IP(src=CLIENT, dst=APPLIANCE, id=identification) / UDP(sport=40000, dport=7) / noise(4000)
    ether = Ether(src=place.mac().hex(":"), dst=appliance.mac.hex(":"))
    return [bytes(ether / part) for part in fragment(whole, fragsize=1480)]


def check_incomplete(udpechod):
    """The last fragment never comes. Its buffers do come back: the orderly end says so."""
    with World("af_xdp") as place, Appliance(place, udpechod) as appliance:
        with place.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as raw:
            raw.bind((place.interface, 0x0800))
            for identification in range(500):
                for frame in fragments(place, appliance, identification)[:-1]:
                    raw.send(frame)
        wait_for_silence(place, appliance)
        report = appliance.stop()
    assert report["verdicts"]["ip-fragment-kept"] == report["fragments_expired"] == 1000, report


def wait_for_silence(place, appliance):
    """Frames are judged in turn: once a later request is answered, they all are."""
    with place.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as raw:
        raw.bind((place.interface, 0x0806))
        appliance.greet(raw, 252)


def check_flood(kind, udpechod):
    """Whole, damaged, and in fragments, shuffled: the law of the report holds, and nothing is kept."""
    chance = random.Random(7)
    with World(kind) as place, Appliance(place, udpechod) as appliance:
        frames = [frame for identification in range(40) for frame in fragments(place, appliance, identification)]
        ether = Ether(src=place.mac().hex(":"), dst=appliance.mac.hex(":"))
        frames += [bytes(ether / IP(src=CLIENT, dst=APPLIANCE) / UDP(sport=40000, dport=7) / noise(size))
                   for size in range(100)]
        for _ in range(100):
            damaged = bytearray(chance.choice(frames))
            damaged[chance.randrange(12, 42)] ^= 1 << chance.randrange(8)
            frames.append(bytes(damaged))
        with place.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as raw:
            raw.bind((place.interface, 0x0800))
            for _ in range(20000):
                raw.send(chance.choice(frames))
        wait_for_silence(place, appliance)
        report = appliance.stop()
    verdicts = report["verdicts"]
    # A TAP loses much of a flood, before it is ours to count.
    assert min(verdicts[name] for name in ("udp-echo", "ip-fragment-kept", "ip-checksum")) > 100, verdicts


def main():
    udpechod, udpecho = map(os.path.abspath, sys.argv[1:3])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    tap = Tap()
    for kind in ("af_xdp", "pcap-live", "tap", "af_packet"):
        largest = LARGEST_OF_AF_PACKET if kind == "af_packet" else LARGEST
        for offload in (False, True):
            tap.case(f"{kind}: up to {largest} bytes, the peer's offloads {'on' if offload else 'off'}",
                     check_sizes, kind, udpechod, udpecho, offload, largest)
    for kind, mtu in (("af_packet", 9000), ("pcap-live", 9000), ("af_xdp", 3000)):
        tap.case(f"{kind}: an MTU of {mtu}", check_jumbo, kind, mtu, udpechod, udpecho)
    tap.case("af_packet: 65507 bytes are counted", check_too_large, udpechod, udpecho)
    tap.case("partial checksums refused", check_partial_refused, udpechod, udpecho)
    tap.case("incomplete datagrams", check_incomplete, udpechod)
    for kind in ("af_xdp", "tap"):
        tap.case(f"{kind}: a flood", check_flood, kind, udpechod)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())

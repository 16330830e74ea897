# SPDX-License-Identifier: BSD-3-Clause
"""Frames for the emulated NICs: sound ones of every size, and those that the model is compared on."""
import functools
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "model"))
import fragments  # noqa: E402
import frames as make  # noqa: E402

from scapy.layers.inet import ICMP, IP, UDP, fragment  # noqa: E402
from scapy.layers.l2 import ARP, Dot1AD, Dot1Q, Ether  # noqa: E402

ETHER = Ether(dst=make.OUR_MAC, src=make.PEER_MAC)
PACKET = IP(src=make.PEER, dst=make.OURS, id=0x1234, ttl=57)
UDP_HEAD, PING_HEAD = UDP(sport=40000, dport=7), ICMP(type=8, id=0xBEEF, seq=7)
TAGS = {"802.1Q": Dot1Q(vlan=5, prio=3), "802.1ad": Dot1AD(vlan=100), "QinQ": Dot1AD(vlan=100) / Dot1Q(vlan=5),
        "two of 802.1Q": Dot1Q(vlan=100) / Dot1Q(vlan=5)}
ALL_SIZES = range(1473)
SOME_SIZES = (0, 1, 17, 18, 19, 100, 1000, 1463, 1464, 1465, 1468, 1471, 1472)


def noise(size):
    return random.Random(size).randbytes(size)


@functools.cache
def echoes(sizes=ALL_SIZES):
    return [bytes(ETHER / PACKET / UDP_HEAD / noise(size)) for size in sizes]


@functools.cache
def pings(sizes=SOME_SIZES):
    return [bytes(ETHER / PACKET / PING_HEAD / noise(size)) for size in sizes]


@functools.cache
def questions():
    """By ARP, to everybody and to us alone, with and without a tag."""
    ask = ARP(op=1, hwsrc=make.PEER_MAC, psrc=make.PEER, hwdst="00:00:00:00:00:00", pdst=make.OURS)
    everybody = Ether(dst="ff:ff:ff:ff:ff:ff", src=make.PEER_MAC)
    return [bytes(frame) for frame in (everybody / ask, ETHER / ask, everybody / TAGS["802.1Q"] / ask, everybody / TAGS["QinQ"] / ask)]


@functools.cache
def tagged(tag):
    packets = [PACKET / UDP_HEAD / noise(size) for size in SOME_SIZES] + [PACKET / PING_HEAD / noise(size) for size in SOME_SIZES]
    return [bytes(ETHER / TAGS[tag] / packet) for packet in packets]


@functools.cache
def malformed(wild):
    """Extreme ones, some of those with a bit flipped, and random ones; all that a NIC can tell the destination of, and that
    are no longer than a frame may be."""
    dice = random.Random(8)
    frames = make.edges() + make.flipped()[::7] + [make.wild(dice) for _ in range(wild)]
    return [frame for frame in frames if 6 <= len(frame) <= 1514]


def pieces(size, step, number, tag=None):
    """A datagram in fragments of STEP bytes each."""
    link = ETHER if tag is None else ETHER / TAGS[tag]
    packet = IP(src=make.PEER, dst=make.OURS, id=number, ttl=57) / UDP_HEAD / noise(size)
    return [bytes(link / piece) for piece in fragment(packet, step)]


@functools.cache
def tiny_fragments():
    """As many as a datagram may have, of 8 bytes each but the last; each alone is less than the shortest frame."""
    return pieces(128 * 8 - 8, 8, 1) + pieces(127 * 8 - 8 - 3, 8, 2, "QinQ")


@functools.cache
def jumbo():
    """For an MTU of 9000: long ones, and a datagram in fragments as long."""
    frames = echoes((0, 18, 1472, 1473, 2000, 4000, 8192, 8971, 8972)) + pings((1473, 8972))
    return frames + [bytes(ETHER / TAGS["QinQ"] / PACKET / UDP_HEAD / noise(8972))] + pieces(65507, 8976, 7) + pieces(9000, 1480, 8)


@functools.cache
def large_datagrams():
    return pieces(65507, 1480, 3) + pieces(20000, 1480, 4, "802.1Q") + pieces(1473, 1480, 5) + pieces(9000, 512, 6)


@functools.cache
def random_fragments(datagrams):
    """Cut anywhere, shuffled, overlapping, twice, lost; four datagrams at a time."""
    dice, mixed = random.Random(9), []
    for at in range(100, 100 + datagrams, 4):
        queues = [fragments.fragmented(dice, number, 1480) for number in range(at, at + 4)]
        while queues := [queue for queue in queues if queue]:
            mixed.append(dice.choice(queues).pop(0))
    return [frame for frame in mixed if len(frame) <= 1522]

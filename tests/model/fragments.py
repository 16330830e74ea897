# SPDX-License-Identifier: BSD-3-Clause
"""Datagrams in fragments to compare two implementations on: cut anywhere, shuffled, overlapping, twice, lost."""

from scapy.layers.inet import ICMP, IP, UDP, IPOption
from scapy.layers.l2 import Dot1AD, Dot1Q, Ether

import frames as make

SIZES = (0, 5, 8, 24, 100, 1472, 1473, 2953, 4000)
SOURCES = (make.PEER, make.PEER, make.PEER, "198.18.0.3", "198.19.1.1", "203.0.113.8", "10.1.2.3")
TAGS = (None, None, None, Dot1Q(vlan=5), Dot1Q(vlan=6), Dot1AD(vlan=100) / Dot1Q(vlan=5))
NO_OPTIONS, ROUTE = [], [IPOption(b"\x83\3\4\0")]
FEW_OPTIONS, ALL_OPTIONS = [IPOption(b"\x94\4\0\0")], [IPOption(b"\1" * 40)]
FAULTS = ("lost", "duplicate", "duplicate", "other bytes", "overlap", "moved", "cut", "more", "longer", "end", "behind", "empty")


def size_of(random):
    if random.random() < 0.02:
        return random.choice((65507, 65500, 65499, 65467, random.randrange(20000, 65508)))
    return random.choice((*SIZES, random.randrange(200), random.randrange(6000)))


def whole(random):
    """The protocol and what IPv4 carries, mostly good."""
    data, source = random.randbytes(size_of(random)), random.choice(SOURCES)
    if random.random() < 0.2:
        protocol, packet = 1, ICMP(type=random.choice((8, 8, 8, 8, 0)), id=7, seq=random.randrange(65536)) / data
    else:
        udp = UDP(sport=random.choice((*[40000] * 9, 40001, 5005, 53, 11211)), dport=random.choice((*[7] * 9, 7050, 9)))
        if random.random() < 0.1:
            udp.chksum = 0
        if random.random() < 0.03:
            udp.len = max(0, len(data) + 8 + random.choice((-8, -1, 1)))
        protocol, packet = 17, udp / data
    packed = bytearray(bytes(IP(src=source, dst=make.OURS) / packet)[20:])
    if random.random() < 0.03:
        packed[random.randrange(len(packed))] ^= 1
    return source, protocol, bytes(packed)


def cuts(random, size, largest):
    """Where to cut: (start, end) of each fragment, two at least if there is room for two."""
    largest = largest // 8 * 8
    step = random.choice((8 if size < 300 else largest, 16 if size < 900 else largest, largest, 736, 512, None))
    bounds = [0]
    while bounds[-1] < size:
        ahead = step or random.randrange(8, largest + 1, 8)
        bounds.append(min(size, bounds[-1] + min(ahead, max(8, size // 2 // 8 * 8) if len(bounds) == 1 else ahead)))
    return list(zip(bounds, bounds[1:]))


def break_one(random, pieces, data):
    """One thing wrong with the (start, more, bytes) of a datagram."""
    at = random.randrange(len(pieces))
    start, more, held = pieces[at]
    fault, spot = random.choice(FAULTS), random.randrange(len(pieces) + 1)
    if fault == "lost":
        del pieces[at]
    elif fault == "duplicate":
        pieces.insert(spot, pieces[at])
    elif fault == "other bytes":
        pieces.insert(spot, (start, more, random.randbytes(len(held))))
    elif fault == "overlap":
        pieces.insert(spot, (max(0, start - 8), True, data[max(0, start - 8):start + 8].ljust(16, b"?")))
    elif fault == "moved":
        pieces[at] = (start + random.choice((8, 16, 1480)), more, held)
    elif fault == "cut":
        pieces[at] = (start, more, held[:random.randrange(len(held) + 1)])
    elif fault == "more":
        pieces[at] = (start, not more, held)
    elif fault == "longer":
        pieces[at] = (start, more, held + bytes(random.choice((1, 8))))
    elif fault == "end":
        pieces.insert(spot, (random.randrange(0, len(data) + 64, 8) or 8, False, random.randbytes(random.randrange(9))))
    elif fault == "behind":
        pieces.insert(spot, (random.choice((65512, 65504, 65528, len(data) // 8 * 8 + 8)), random.random() < 0.5, bytes(8)))
    elif fault == "empty":
        pieces.insert(spot, (len(data) // 8 * 8, random.random() < 0.2, b""))


def fragmented(random, number, largest):
    """The frames of one datagram with that identification, in the order of their arrival."""
    source, protocol, data = whole(random)
    if len(data) > 9000:
        largest = max(largest, 1480)
    pieces = [(start, end < len(data), data[start:end]) for start, end in cuts(random, len(data), largest)]
    if random.random() < 0.35:
        break_one(random, pieces, data)
    if random.random() < 0.5:
        random.shuffle(pieces)
    elif random.random() < 0.3:
        pieces.reverse()
    if random.random() < 0.02:
        protocol = 6
    tag, frames = random.choice(TAGS), []
    for start, more, held in pieces:
        options = random.choice((FEW_OPTIONS, ALL_OPTIONS, *[NO_OPTIONS] * (3 if start == 0 else 12)))
        if random.random() < 0.005:
            options = ROUTE
        if len(held) + 60 > largest + 20:
            options = NO_OPTIONS
        flags = random.choice((0, 0, 0, 2, 4, 6)) | more
        header = IP(src=source, dst=make.OURS, id=number, proto=protocol, flags=flags, frag=start // 8, options=options,
                    ttl=random.choice((1, 2, 57, 64, 65)), tos=random.choice((0, 0, 3, 0xB8)))
        link = Ether(dst=make.OUR_MAC, src=random.choice((make.PEER_MAC, make.PEER_MAC, "02:00:00:00:00:09")))
        packet = (link if tag is None else link / tag) / header / held
        frame = bytes(packet)
        if random.random() < 0.1:
            frame += random.randbytes(random.randrange(1, 19))
        if random.random() < 0.005:
            frame = make.mend_ip(make.mutate(random, frame))
        frames.append(frame)
    return frames


def mix(random, frames, datagrams, fragmenters=(fragmented,), largest=1480):
    """The frames, and among them that many datagrams in fragments: each in a moment, or over a long while."""
    placed = [(random.random(), frame) for frame in frames]
    for number in range(datagrams):
        fragments = random.choice(fragmenters)(random, random.choice((number, number, number % 4)), largest)
        first, while_ = random.random(), random.choice((0.0, 0.001, 0.01, 0.01, 0.3))
        places = sorted(first + random.random() * while_ for _ in fragments)
        placed += zip(places, fragments)
    return [frame for _, frame in sorted(placed, key=lambda place: place[0])]


def spread(random, count):
    """As many times, in microseconds: a busy moment, pauses, and now and then one of seconds."""
    times, now = [], 10**6
    for _ in range(count):
        now += random.choice((1, 1, 1, 50, 2000, random.randrange(1, 20000)))
        if random.random() < 0.003:
            now += random.choice((1_000_000, 2_500_000, 4_999_999, 5_000_000, random.randrange(1, 6_000_000)))
        times.append(now)
    return times

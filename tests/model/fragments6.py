# SPDX-License-Identifier: BSD-3-Clause
"""IPv6 datagrams in fragments to compare two implementations on."""
from scapy.layers.inet import UDP
from scapy.layers.inet6 import ICMPv6EchoRequest, IPv6, IPv6ExtHdrFragment
from scapy.layers.l2 import Ether
from scapy.packet import Raw

import frames6 as make
from fragments import TAGS, break_one, cuts, size_of

SOURCES = (make.PEER, make.PEER, make.PEER, "2001:2::3", "2001:2:0:1::5", "fe80::1")


def whole(random):
    """The source, the protocol and what IPv6 carries, mostly good."""
    source, protocol = random.choice(SOURCES), random.choice((17, 17, 17, 17, 58))
    if protocol == 58:
        layer = ICMPv6EchoRequest(type=random.choice((*[128] * 8, 129, 135)), id=7, seq=random.randrange(65536))
    else:
        layer = UDP(sport=random.choice((*[40000] * 9, 40001, 5005, 53)), dport=random.choice((*[7] * 9, 7050, 9)))
    size = random.choice((65527, 65526, 65520, 65512, 65503)) if random.random() < 0.01 else size_of(random)
    packet = IPv6(src=source, dst=make.OURS) / layer / Raw(random.randbytes(size))
    data = bytearray(bytes(packet)[40:])
    if protocol == 17 and random.random() < 0.03:
        data[4:8] = bytes(4)
    if random.random() < 0.03:
        data[random.randrange(len(data))] ^= 1
    return source, protocol, bytes(data)


def fragmented(random, number, largest):
    """The frames of one datagram with that identification, in the order of their arrival."""
    source, protocol, data = whole(random)
    if len(data) > 9000:
        largest = max(largest, 1440)
    pieces = [(start, end < len(data), data[start:end]) for start, end in cuts(random, len(data), largest - 40)]
    if random.random() < 0.35:
        break_one(random, pieces, data)
    if random.random() < 0.5:
        random.shuffle(pieces)
    elif random.random() < 0.3:
        pieces.reverse()
    if random.random() < 0.03:
        protocol = random.choice((6, 60, 43, 59))
    tag, frames = random.choice(TAGS), []
    for start, more, held in pieces:
        says = protocol if random.random() < 0.98 else random.choice((17, 58))
        reserved = {"res1": random.choice((0, 0, 5)), "res2": random.choice((0, 0, 3))}
        piece = IPv6ExtHdrFragment(id=number, nh=says, offset=start // 8, m=more, **reserved)
        header = IPv6(src=source, dst=make.OURS if random.random() < 0.99 else make.GROUP, hlim=random.choice((1, 2, 57, 64, 65)),
                      tc=random.choice((0, 0, 3, 0xB8)), fl=random.choice((0, 0xABCDE)))
        link = Ether(dst=make.OUR_MAC, src=random.choice((make.PEER_MAC, make.PEER_MAC, "02:00:00:00:00:09")))
        frame = bytes((link if tag is None else link / tag) / header / piece / Raw(held))
        if random.random() < 0.2 and len(held) + 8 <= largest - 40:
            headers = [make.extension(random, random.choice((make.HOP_BY_HOP, make.OPTIONS, make.ROUTING)))]
            frame = make.insert(frame, [one for one in headers if len(one[1]) <= 32])
        if random.random() < 0.1:
            frame += random.randbytes(random.randrange(1, 19))
        if random.random() < 0.005:
            frame = make.mutate(random, frame)
        frames.append(frame)
    return frames

# SPDX-License-Identifier: BSD-3-Clause
"""IPv6 frames to compare two implementations on: chains of extension headers, groups, discovery, fragments."""
import ipaddress
from struct import pack, pack_into, unpack_from

from scapy.layers.inet import UDP
from scapy.layers.inet6 import (ICMPv6EchoRequest, ICMPv6ND_NS, ICMPv6NDOptSrcLLAddr, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment,
                                IPv6ExtHdrHopByHop, IPv6ExtHdrRouting, PadN)
from scapy.layers.l2 import Dot1AD, Dot1Q, Ether
from scapy.packet import Raw
from scapy.utils import checksum

OUR_MAC, PEER_MAC, GROUP_MAC = "02:00:00:00:00:02", "02:00:00:00:00:01", "33:33:ff:00:00:02"
OURS, PEER, GROUP = "2001:2::2", "2001:2::1", "ff02::1:ff00:2"
ADDRESSES = (OURS, OURS, PEER, GROUP, "ff02::1", "ff02::2", "ff01::1", "ff02::1:ff00:9", "ff02::1:ff00:3", "::", "::1", "::2", "fe80::1",
             "2001:2:0:1::9", "2001:2::3", "::ffff:198.18.0.1", "2001:db8::1", "ff02::1:0:0:1", "ff02::2:ff00:2")
MACS = (OUR_MAC, OUR_MAC, PEER_MAC, GROUP_MAC, "33:33:00:00:00:01", "33:33:00:00:00:02", "33:33:ff:00:00:09", "ff:ff:ff:ff:ff:ff")
NEXT = (0, 6, 17, 43, 44, 50, 51, 58, 59, 60, 135, 255)
TYPES = (1, 3, 4, 127, 128, 129, 130, 132, 133, 134, 135, 136, 137, 138, 143, 255)
# Headers of the chain: their kind, and their bytes but for the first, which tells what is next.
HEADERS = (
    (60, b"\0\1\4\0\0\0\0"), (60, b"\0\0\0\0\0\0\0"), (60, b"\1\1\14" + bytes(12)), (60, b"\0\x1e\2ab\0\0"), (60, b"\0\x5e\2ab\0\0"),
    (60, b"\0\xc2\4\0\1\0\0"), (60, b"\0\1\5\0\0\0\0"), (60, b"\3\1\4\0\0\0\0"), (60, b"\0\0\0\0\0\0\1"),
    (43, b"\0\0\0\0\0\0\0"), (43, b"\2\0\0" + bytes(20)), (43, b"\0\4\1\0\0\0\0"), (43, b"\0\3\0\0\0\0\0"),
    (44, b"\0\0\0\0\0\0\1"), (44, b"\xff\0\6\0\0\0\2"), (44, b"\0\0\1\0\0\0\3"), (44, b"\0\0\x08\0\0\0\4"), (51, b"\1\0\0\0\0\0\0"),
    (0, b"\0\5\2\0\0\1\0"), (0, b"\0\1\4\0\0\0\0"))


def base_frames():
    """Valid frames of each kind."""
    ether, text = Ether(dst=OUR_MAC, src=PEER_MAC), b"echo!"
    ip, udp = IPv6(src=PEER, dst=OURS, hlim=57), UDP(sport=40000, dport=7)
    pad = [PadN(optdata=bytes(4))]
    solicitation = Ether(dst=GROUP_MAC, src=PEER_MAC) / IPv6(src=PEER, dst=GROUP, hlim=255) / ICMPv6ND_NS(tgt=OURS)
    return [bytes(packet) for packet in (
        ether / ip / udp / text,
        ether / IPv6(src=PEER, dst="2001:2:0:1::9", tc=0xB8, fl=0x12345) / UDP(sport=40000, dport=7050) / b"even",
        ether / ip / IPv6ExtHdrHopByHop(options=pad) / IPv6ExtHdrDestOpt(options=pad) / udp / text,
        ether / Dot1Q(vlan=5) / ip / IPv6ExtHdrRouting(segleft=0) / IPv6ExtHdrFragment(id=7) / udp / text,
        ether / ip / ICMPv6EchoRequest(id=1, seq=2, data=text),
        solicitation / ICMPv6NDOptSrcLLAddr(lladdr=PEER_MAC),
        Ether(dst=GROUP_MAC, src=PEER_MAC) / IPv6(src="::", dst=GROUP, hlim=255) / ICMPv6ND_NS(tgt=OURS),
        Ether(bytes(solicitation)[:14]) / bytes(solicitation)[14:],
        ether / ip / UDP(sport=40000, dport=9) / bytes(200),
        ether / Dot1AD(vlan=9) / Dot1Q(vlan=5) / ip / udp / text)]


BASES = base_frames()
FLIPPED = (0, 2, 3, 5)  # of these, each bit


def network(frame):
    """Where the bytes behind Ethernet and its tags start."""
    start = 14
    while start < 22 and frame[start - 2:start] in (b"\x81\0", b"\x88\xa8"):
        start += 4
    return start


def upper(frame):
    """The kind and the place of what is behind the extension headers, as far as they make sense."""
    start = network(frame)
    kind, at = frame[start + 6], start + 40
    while kind in (0, 43, 44, 60) and at + 8 <= len(frame):
        size = 8 if kind == 44 else 8 + 8 * frame[at + 1]
        kind, at = frame[at], at + size
    return kind, at


def mend_length(frame):
    """Makes the payload length that of what is there."""
    frame, start = bytearray(frame), network(frame)
    if len(frame) >= start + 40:
        pack_into("!H", frame, start + 4, min(0xFFFF, len(frame) - start - 40))
    return bytes(frame)


def mend(frame):
    """Makes the checksum of UDP or ICMPv6 right, if there is one to be right."""
    frame, start = bytearray(frame), network(frame)
    if len(frame) < start + 40:
        return bytes(frame)
    kind, at = upper(frame)
    end = min(len(frame), start + 40 + unpack_from("!H", frame, start + 4)[0])
    if kind not in (17, 58) or end - at < 8:
        return bytes(frame)
    size = unpack_from("!H", frame, at + 4)[0] if kind == 17 else end - at
    if 8 <= size <= end - at:
        field = at + (6 if kind == 17 else 2)
        frame[field:field + 2] = b"\0\0"
        pseudo = bytes(frame[start + 8:start + 40]) + pack("!II", size, kind)
        total = checksum(pseudo + bytes(frame[at:at + size]))
        pack_into("!H", frame, field, total or (0xFFFF if kind == 17 else 0))
    return bytes(frame)


def flipped():
    """Each bit of some base frames flipped, as it is and with the checksum mended: each frame once."""
    frames = dict.fromkeys(BASES)
    for base in (BASES[number] for number in FLIPPED):
        for bit in range(len(base) * 8):
            frame = bytearray(base)
            frame[bit // 8] ^= 0x80 >> bit % 8
            frames.update(dict.fromkeys((bytes(frame), mend(frame))))
    return list(frames)


def extend(random, frame):
    """The frame with one more extension header, first or last."""
    frame, start = bytearray(frame), network(frame)
    if len(frame) < start + 40:
        return bytes(frame)
    kind, data = random.choice(HEADERS)
    if kind == 0 or random.random() < 0.5:
        spot, place = start + 6, start + 40
    else:
        spot, place, at = start + 6, start + 40, start + 40
        while frame[spot] in (0, 43, 44, 60) and at + 8 <= len(frame):
            spot, at = at, at + (8 if frame[spot] == 44 else 8 + 8 * frame[at + 1])
        place = min(at, len(frame))
    header = bytes([frame[spot]]) + data
    frame[spot] = kind
    frame[place:place] = header
    pack_into("!H", frame, start + 4, (unpack_from("!H", frame, start + 4)[0] + len(header)) % 0x10000)
    return bytes(frame)


def mutate(random, frame):
    """A random change of a frame: of a field, of its length, of its chain of headers."""
    if random.random() < 0.35:
        return extend(random, frame)
    frame, start = bytearray(frame), network(frame)
    kind, at = random.randrange(10), min(upper(frame)[1] if len(frame) >= start + 40 else start, max(0, len(frame) - 1))
    if kind == 0:
        frame[random.randrange(len(frame))] = random.randrange(256)
    elif kind == 1:
        if len(frame) >= start + 6:
            pack_into("!H", frame, start + 4, (unpack_from("!H", frame, start + 4)[0] + random.randint(-9, 9)) % 0x10000)
    elif kind == 2:
        del frame[random.randrange(1, len(frame) + 1):]
    elif kind == 3:
        frame += random.randbytes(random.choice((1, 2, 8, 16, 300, 1300, random.randrange(1, 3000))))
        return mend_length(frame) if random.random() < 0.5 else bytes(frame)
    elif kind in (4, 5):
        spot = start + random.choice((8, 24))
        frame[spot:spot + 16] = ipaddress.IPv6Address(random.choice(ADDRESSES)).packed
    elif kind == 6:
        spot = random.choice((0, 0, 6))
        frame[spot:spot + 6] = bytes.fromhex(random.choice(MACS).replace(":", ""))
    elif kind == 7:
        frame[start + 6:start + 7] = bytes([random.choice(NEXT)])
    elif kind == 8:
        frame[start + 7:start + 8] = bytes([random.choice((0, 1, 2, 63, 64, 65, 254, 255))])
    else:
        spot = at + random.choice((0, 0, 1, 2, 4, 8, 24, 25))
        frame[spot:spot + 1] = bytes([random.choice((*TYPES, 0, 2, 8))])
    return bytes(frame)


def wild(random):
    """One random frame: mostly a base frame changed here and there, its checksum mended more often than not."""
    frame = random.choice(BASES)
    for _ in range(random.choice((0, 1, 1, 1, 2, 2, 3, 9))):
        frame = mutate(random, frame)
    return random.choice((mend, mend, mend, bytes))(frame)


def carrier(random, source, number, start, more, data):
    """One fragment: behind options now and then."""
    header = IPv6ExtHdrFragment(id=number, offset=start // 8, m=int(more), nh=17)
    packet = IPv6(src=source, dst=OURS, hlim=random.choice((1, 57, 64, 255)), tc=random.choice((0, 3, 0xB8)))
    if random.random() < 0.1:
        packet = packet / IPv6ExtHdrDestOpt(options=[PadN(optdata=bytes(4))])
    return bytes(Ether(dst=OUR_MAC, src=PEER_MAC) / packet / header / Raw(data))


def fragmented(random, number, pieces_of, break_one):
    """The frames of one datagram in fragments: cut and spoilt as those of IPv4 are."""
    source = random.choice((PEER, PEER, "2001:2::3", "fe80::1"))
    size = random.choice((5, 24, 100, 1452, 2953, 4000, random.randrange(6000)))
    data = bytes(IPv6(src=source, dst=OURS) / UDP(sport=40000, dport=random.choice((7, 7, 7, 9))) / random.randbytes(size))[40:]
    pieces = [(start, end < len(data), data[start:end]) for start, end in pieces_of(random, len(data), 1440)]
    if random.random() < 0.35:
        break_one(random, pieces, data)
    if random.random() < 0.5:
        random.shuffle(pieces)
    return [carrier(random, source, number, start, more, held) for start, more, held in pieces]

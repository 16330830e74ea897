# SPDX-License-Identifier: BSD-3-Clause
"""IPv6 frames to compare two implementations on: good ones, each bit of them flipped, and wild ones."""
import ipaddress
from struct import pack, pack_into, unpack_from

from scapy.layers.inet import UDP
from scapy.layers.inet6 import ICMPv6EchoRequest, ICMPv6MLQuery2, ICMPv6ND_NS, ICMPv6ND_RS, ICMPv6NDOptSrcLLAddr, IPv6
from scapy.layers.l2 import Dot1AD, Dot1Q, Ether
from scapy.packet import Padding, Raw
from scapy.utils import checksum

from frames import MACS, OUR_MAC, PEER_MAC, network

OURS, OTHER, PEER = "2001:2::2", "2001:2:0:7::ab:cdef", "2001:2::1"
GROUP, OTHER_GROUP, ALL_NODES = "ff02::1:ff00:2", "ff02::1:ffab:cdef", "ff02::1"
GROUP_MACS = ("33:33:00:00:00:01", "33:33:ff:00:00:02", "33:33:ff:ab:cd:ef", "33:33:ff:00:00:03", "33:33:00:00:00:02",
              "33:33:ff:00:02:00")
ADDRESSES = (OURS, OTHER, PEER, "2001:2::3", "2001:2:0:1::5", "2001:2:0:7::1", "fe80::1", "fe80::ff:fe00:2", "::", "::1", "::2",
             "::ffff:198.18.0.1", "::ffff:0:0:1", "::c612:1", "64:ff9b::c612:1", "fec0::1", "ff00::", "feff::1", GROUP,
             OTHER_GROUP, ALL_NODES, "ff02::2", "ff01::1", "ff02::1:ff00:3", "ff02::16")
HOP_BY_HOP, ROUTING, FRAGMENT, OPTIONS = 0, 43, 44, 60
HEADERS = (0, 1, 6, 17, 17, 43, 44, 50, 51, 58, 58, 59, 60, 135, 139, 140, 253, 255)
BYTES = (0, 1, 2, 5, 8, 17, 44, 58, 59, 60, 63, 64, 65, 0x60, 0x61, 127, 128, 129, 130, 133, 135, 136, 137, 138, 254, 255)
WORDS = (0, 1, 7, 8, 9, 23, 24, 53, 7000, 7050, 11211, 0x0800, 0x86DD, 0x8100, 0x88A8, 0x7FFF, 0x8000, 0x8700, 0xFFF8,
         0xFFFE, 0xFFFF)
SKIPPED = (b"\0", b"\0\0\0", b"\1\0", b"\1\4\0\0\0\0", b"\5\2\0\0", b"\4\1\4", b"\x3e\3\1\2\3", b"\x26\2\0\0", b"\x11\0")
REFUSED = (b"\xc2\4\0\1\0\0", b"\xc9\x10" + bytes(16), b"\x5e\0", b"\x9e\1\0", b"\x45\2\0\0", b"\1\xff", b"\1", b"\x3e")
ND_OPTIONS = (b"\1\1\2\0\0\0\0\1", b"\2\1\2\0\0\0\0\1", b"\x0e\1abcdef", b"\xff\2" + bytes(14), b"\1\2" + bytes(14),
              b"\1\0" + bytes(6), b"\1\3" + bytes(14), b"\1", b"\x0e\1" + bytes(3), bytes(8))


def chain(headers, protocol):
    """The first next header, and the bytes of extension headers (kind, bytes) that lead to the protocol."""
    kinds = [kind for kind, _ in headers] + [protocol]
    return kinds[0], b"".join(bytes([following]) + body[1:] for (_, body), following in zip(headers, kinds[1:]))


def options_header(options):
    """Padded, and with its length; its next header is the chain's to fill in."""
    gap = -(2 + len(options)) % 8
    padding = bytes([1, gap - 2]) + bytes(gap - 2) if gap > 1 else bytes(gap)
    return bytes([0, (2 + len(options) + gap) // 8 - 1]) + options + padding


def extension(random, kind):
    """A header of that kind, mostly one that we skip."""
    if kind == FRAGMENT:
        word = random.choice((0, 0, 0, 0, 2, 6, 1, 8, 9, 0xFFF8))
        return kind, pack("!BBHI", 0, random.choice((0, 0, 9)), word, random.randrange(4))
    if kind == ROUTING:
        more, left = random.choice((0, 0, 1, 2)), random.choice((*[0] * 9, 1, 255))
        return kind, bytes([0, more, random.choice((0, 2, 3, 4, 253)), left]) + random.randbytes(4 + 8 * more)
    options = b"".join(random.choice(SKIPPED) for _ in range(random.choice((0, 1, 1, 2, 3, 20))))
    if random.random() < 0.15:
        options += random.choice(REFUSED)
    header = options_header(options)
    if random.random() < 0.05:
        header = header[:1] + bytes([random.choice((0, header[1] + 1, 255))]) + header[2:]
    return kind, header


def extensions(random):
    """Mostly a good chain: of few headers, or as many as there may be or more."""
    count = random.choice((1, 1, 1, 2, 2, 3, 4, 7, 8, 9))
    kinds = [random.choice((OPTIONS, OPTIONS, ROUTING)) for _ in range(count)]
    if random.random() < 0.5:
        kinds[0] = HOP_BY_HOP
    if random.random() < 0.4:
        kinds[random.randrange(count)] = FRAGMENT
    if random.random() < 0.08:
        kinds[random.randrange(count)] = random.choice((HOP_BY_HOP, FRAGMENT))
    return [extension(random, kind) for kind in kinds]


def insert(frame, headers):
    """The frame with extension headers in front of what its IPv6 header carries."""
    start = network(frame)
    if len(frame) < start + 40:
        return frame
    first, body = chain(headers, frame[start + 6])
    frame = bytearray(frame)
    frame[start + 6] = first
    frame[start + 40:start + 40] = body
    pack_into("!H", frame, start + 4, min(0xFFFF, unpack_from("!H", frame, start + 4)[0] + len(body)))
    return bytes(frame)


def base_frames():
    """Valid frames of each kind, with few bytes of data, for their headers matter."""
    ether, text = Ether(dst=OUR_MAC, src=PEER_MAC), b"echo!"
    ip, udp, ping = IPv6(src=PEER, dst=OURS, hlim=57), UDP(sport=40000, dport=7), ICMPv6EchoRequest(id=0xBEEF, seq=7, data=text)
    ask, known = ICMPv6ND_NS(tgt=OURS), ICMPv6NDOptSrcLLAddr(lladdr=PEER_MAC)
    near, group = IPv6(src=PEER, dst=GROUP, hlim=255), Ether(dst=GROUP_MACS[1], src=PEER_MAC)
    all_nodes = Ether(dst=GROUP_MACS[0], src=PEER_MAC)
    packets = [
        ether / ip / udp / text,
        ether / IPv6(src=PEER, dst=OURS, hlim=64, tc=0xB8, fl=0x12345) / UDP(sport=40000, dport=7050) / b"even",
        ether / Dot1Q(vlan=5, prio=3) / ip / udp / text,
        ether / ip / udp / b"hi" / Padding(b"\xaa" * 6),
        ether / ip / UDP(sport=40000, dport=7, len=13) / text / b"OPTS",
        ether / ip / udp,
        ether / ip / ping,
        ether / Dot1AD(vlan=100) / Dot1Q(vlan=5) / IPv6(src="fe80::1", dst=OURS, tc=1, fl=0xFFFFF) / ping,
        group / near / ask / known,
        group / Dot1Q(vlan=5) / IPv6(src="::", dst=GROUP, hlim=255) / ask,
        ether / IPv6(src="fe80::1", dst=OURS, hlim=255) / ask,
        all_nodes / IPv6(src=PEER, dst=ALL_NODES, hlim=255) / ask / known,
        all_nodes / IPv6(src="fe80::1", dst=ALL_NODES, hlim=255) / ICMPv6ND_RS(),
        all_nodes / IPv6(src="fe80::1", dst=ALL_NODES, hlim=1, nh=0) / Raw(b"\x3a\0\5\2\0\0\1\0") / ICMPv6MLQuery2(),
    ]
    whole = [bytes(packet) for packet in packets]
    router_alert, limit = (HOP_BY_HOP, options_header(b"\5\2\0\0")), (OPTIONS, options_header(b"\4\1\4"))
    route, atomic = (ROUTING, b"\0\0\4\0\0\0\0\0"), (FRAGMENT, b"\0\0\0\0\0\0\0\7")
    chained = [insert(whole[0], [router_alert]), insert(whole[0], [router_alert, limit, route, atomic, limit]),
               insert(whole[6], [atomic]), insert(whole[8], [limit]), insert(whole[1], [limit])]
    return [mend(frame) for frame in whole + chained]


def upper(frame):
    """Where what the extension headers lead to starts and ends, and its protocol; None if there is no such place."""
    start = network(frame)
    if len(frame) < start + 40 or frame[start - 2:start] != b"\x86\xdd":
        return None
    kind, at, end = frame[start + 6], start + 40, min(len(frame), start + 40 + unpack_from("!H", frame, start + 4)[0])
    while kind in (HOP_BY_HOP, ROUTING, FRAGMENT, OPTIONS) and at + 8 <= end:
        kind, at = frame[at], at + 8 + (0 if kind == FRAGMENT else frame[at + 1] * 8)
    return (kind, at, end) if at <= end else None


def mend(frame):
    """Makes the UDP or ICMPv6 checksum right, if there is one to be right."""
    place = upper(frame)
    if place is None or place[0] not in (17, 58):
        return frame
    kind, at, end = place
    if kind == 17 and end - at >= 8:
        end = min(end, at + max(8, unpack_from("!H", frame, at + 4)[0]))
    field = at + (6 if kind == 17 else 2)
    if field + 2 > end:
        return frame
    frame, start = bytearray(frame), network(frame)
    frame[field:field + 2] = b"\0\0"
    check = checksum(bytes(frame[start + 8:start + 40]) + pack("!II", end - at, kind) + bytes(frame[at:end]))
    pack_into("!H", frame, field, check or (0xFFFF if kind == 17 else 0))
    return bytes(frame)


def fit(frame):
    """Makes the payload length that of the frame."""
    frame, start = bytearray(frame), network(frame)
    if len(frame) >= start + 40:
        pack_into("!H", frame, start + 4, min(0xFFFF, len(frame) - start - 40))
    return bytes(frame)


BASES = base_frames()


def flipped():
    """Each bit of each base frame flipped, as it is and with checksums mended: each frame once."""
    frames = dict.fromkeys(BASES)
    for base in BASES:
        for bit in range(len(base) * 8):
            frame = bytearray(base)
            frame[bit // 8] ^= 0x80 >> bit % 8
            frames.update(dict.fromkeys((bytes(frame), mend(bytes(frame)))))
    return list(frames)


def edges():
    """Frames that chance would hardly make: every length, the two zeros of checksums, extreme sizes, many headers."""
    frames = [base[:length] for base in (BASES[0], BASES[15]) for length in range(1, len(base))]
    frames += [fit(base[:length]) for base in (BASES[0], BASES[8], BASES[15]) for length in range(54, len(base))]
    frames += [mend(frame) for frame in frames]
    for data in (b"", b"\0\0\0", bytes(1452), bytes(2000), b"\xff" * 8952):
        for layer in (UDP(sport=40000, dport=7), UDP(sport=40000, dport=9), ICMPv6EchoRequest(id=0, seq=0)):
            frames.append(bytes(Ether(BASES[0][:14]) / IPv6(src=PEER, dst=OURS) / layer / Raw(data)))
    for base, field in ((BASES[0], 60), (BASES[6], 56)):  # data that makes the checksum 0
        zero = bytearray(base[:field] + b"\0\0" + base[field + 2:-5] + b"\0\0\0\0")
        pack_into("!H", zero, 18, len(zero) - 54)
        if base is BASES[0]:
            pack_into("!H", zero, 58, len(zero) - 54)
        missing = unpack_from("!H", mend(bytes(zero)), field)[0]
        pack_into("!H", zero, len(zero) - 4, missing)
        frames += [bytes(zero[:field]) + check + bytes(zero[field + 2:]) for check in (b"\0\0", b"\xff\xff")]
    for count in (7, 8, 9):
        frames += [insert(base, [(OPTIONS, options_header(b""))] * count) for base in (BASES[0], BASES[1], BASES[8])]
    not_served = mend(BASES[0][:57] + b"\x09" + BASES[0][58:])
    for size in range(230, 250):  # of the largest an error quotes what fits
        frames.append(insert(not_served, [(OPTIONS, options_header(bytes([0x3E, size]) + bytes(size)))] * 5))
    return frames


def change_options(random, frame):
    """Neighbour discovery with other options."""
    frame = frame[:random.choice((len(frame), network(frame) + 64))]
    return fit(frame + b"".join(random.choice(ND_OPTIONS) for _ in range(random.choice((0, 1, 1, 2)))))


def mutate(random, frame):
    """A random change of a frame: of a field, of its length, of its headers."""
    kind, start = random.randrange(12), network(frame)
    if kind == 0:
        return insert(frame, extensions(random))
    if kind == 1:
        return change_options(random, frame)
    frame = bytearray(frame)
    if kind == 2:
        frame[random.randrange(len(frame))] = random.choice((random.choice(BYTES), random.randrange(256)))
    elif kind == 3:
        at = random.randrange(0, max(1, len(frame) - 1), 2)
        frame[at:at + 2] = pack("!H", random.choice(WORDS))
    elif kind == 4:  # a length off by little
        at = random.choice((start + 4, (upper(bytes(frame)) or (0, 0))[1] + 4))
        if len(frame) >= at + 2:
            pack_into("!H", frame, at, (unpack_from("!H", frame, at)[0] + random.randint(-9, 9)) % 0x10000)
    elif kind == 5:
        del frame[random.randrange(1, len(frame) + 1):]
        return random.choice((bytes, fit))(frame)
    elif kind == 6:
        frame += random.randbytes(random.choice((1, 2, 3, 18, 46, 300, 1400, random.randrange(1, 1500))))
        return random.choice((bytes, fit))(frame)
    elif kind in (7, 8):
        at = random.choice((start + 8, start + 8, start + 24, start + 24, start + 48))  # the last: a target
        frame[at:at + 16] = ipaddress.IPv6Address(random.choice(ADDRESSES)).packed
    elif kind == 9:
        at = random.choice((0, 0, 6))
        frame[at:at + 6] = bytes.fromhex(random.choice((*MACS, *GROUP_MACS)).replace(":", ""))
    elif kind == 10:
        frame[start + 6:start + 7] = bytes([random.choice(HEADERS)])
    else:
        frame[start + 7:start + 8] = bytes([random.choice((0, 1, 2, 63, 64, 65, 254, 255))])
    return bytes(frame)


def wild(random):
    """One random frame: mostly a base frame changed here and there, its checksums mended more often than not."""
    frame = random.choice(BASES)
    if random.random() < 0.02:
        return frame[:network(frame)] + b"\x60" + random.randbytes(random.randrange(1, 100))
    for _ in range(random.choice((0, 1, 1, 1, 2, 2, 3))):
        frame = mutate(random, frame)
    return random.choice((mend, mend, mend, mend, bytes))(frame)

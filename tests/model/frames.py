# SPDX-License-Identifier: BSD-3-Clause
"""Frames to compare two implementations on: good ones, each bit of them flipped, and wild ones."""
from struct import pack, pack_into, unpack_from

from scapy.layers.inet import ICMP, IP, UDP, IPOption, IPOption_Router_Alert
from scapy.layers.l2 import ARP, Dot1AD, Dot1Q, Ether
from scapy.packet import Padding
from scapy.utils import checksum

OUR_MAC, PEER_MAC = "02:00:00:00:00:02", "02:00:00:00:00:01"
OURS, PEER = "198.18.0.2", "198.18.0.1"

# Values at which a comparison somewhere may turn; what lies between them is much the same.
BYTES = (0, 1, 2, 4, 5, 6, 7, 8, 17, 63, 64, 65, 0x45, 0x46, 0x4F, 127, 128, 131, 137, 224, 254, 255)
WORDS = (0, 1, 7, 8, 19, 20, 21, 28, 60, 53, 123, 1434, 7000, 7099, 7100, 11211, 0x0800, 0x0806, 0x8100, 0x88A8,
         0x2000, 0x4000, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF)
ADDRESSES = (OURS, PEER, "0.0.0.0", "0.0.0.1", "1.0.0.0", "127.0.0.1", "128.0.0.1", "198.18.0.0", "198.18.0.3", "198.18.0.255",
             "198.18.255.255", "203.0.113.9", "203.0.113.8", "203.0.113.11", "223.255.255.255", "224.0.0.1", "240.0.0.1",
             "255.255.255.255")
MACS = (OUR_MAC, PEER_MAC, "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01", "03:00:00:00:00:01", "00:00:00:00:00:00")
OPTIONS = (b"\0", b"\1", b"\1\1\1\1", b"\x07\x07\x04\0\0\0\0", b"\x94\x04\0\0", b"\x83\x03\x04", b"\x89\x03\x04", b"\x44\x04\x05\0",
           b"\xde\2", b"\xde\0", b"\xde\1", b"\xde\x28", b"\xde\xff", b"\x83", b"\xff\3\0")


def base_frames():
    """Valid frames of each kind, with few bytes of data, for their headers matter."""
    ether, text = Ether(dst=OUR_MAC, src=PEER_MAC), b"echo!"
    ip, udp = IP(src=PEER, dst=OURS, id=0x1234, ttl=57), UDP(sport=40000, dport=7)
    ping = ICMP(type=8, id=0xBEEF, seq=7)
    arp = ARP(op=1, hwsrc=PEER_MAC, psrc=PEER, hwdst="00:00:00:00:00:00", pdst=OURS)
    option = [IPOption_Router_Alert(), IPOption(b"\xde\3\x09\1")]
    with_options = IP(src=PEER, dst=OURS, id=0x1234, ttl=57, options=option)
    surplus = UDP(sport=40000, dport=7, len=13, chksum=0)
    packets = [
        ether / ip / udp / text,
        ether / IP(src=PEER, dst=OURS, id=0x1234, ttl=64, flags="DF", tos=0xB8) / UDP(sport=40000, dport=7050) / b"even",
        ether / with_options / udp / text,
        ether / Dot1Q(vlan=5, prio=3) / ip / udp / text,
        ether / Dot1AD(vlan=100) / Dot1Q(vlan=5) / ip / udp / text,
        ether / ip / UDP(sport=40000, dport=7, chksum=0) / text,
        ether / ip / udp / b"hi" / Padding(b"\xaa" * 16),
        ether / ip / surplus / text / b"OPTS",
        ether / ip / udp,
        ether / ip / ping / text,
        ether / Dot1Q(vlan=5) / with_options / ping / text,
        Ether(dst="ff:ff:ff:ff:ff:ff", src=PEER_MAC) / arp,
        ether / Dot1AD(vlan=100) / Dot1Q(vlan=5) / arp / Padding(b"\x55" * 10),
    ]
    return [bytes(packet) for packet in packets]


BASES = base_frames()


def network(frame):
    """Where the bytes behind Ethernet and its tags start."""
    start = 14
    while start < 22 and frame[start - 2:start] in (b"\x81\0", b"\x88\xa8"):
        start += 4
    return start


def mend_ip(frame):
    """Makes the IPv4 header checksum right, if there is a header."""
    frame, start = bytearray(frame), network(frame)
    header = (frame[start] & 15) * 4 if len(frame) > start else 0
    if 20 <= header <= len(frame) - start and frame[start - 2:start] == b"\x08\0":
        frame[start + 10:start + 12] = b"\0\0"
        pack_into("!H", frame, start + 10, checksum(bytes(frame[start:start + header])))
    return bytes(frame)


def mend(frame):
    """Makes the UDP or ICMP checksum right too, if there is one to be right."""
    frame = bytearray(mend_ip(frame))
    start = network(frame)
    if len(frame) < start + 20 or frame[start - 2:start] != b"\x08\0":
        return bytes(frame)
    first, end = start + (frame[start] & 15) * 4, start + unpack_from("!H", frame, start + 2)[0]
    room = min(end, len(frame)) - first
    if frame[start + 9] == 17 and room >= 8:
        length = unpack_from("!H", frame, first + 4)[0]
        if 8 <= length <= room:
            frame[first + 6:first + 8] = b"\0\0"
            pseudo = bytes(frame[start + 12:start + 20]) + pack("!HH", 17, length)
            pack_into("!H", frame, first + 6, checksum(pseudo + bytes(frame[first:first + length])) or 0xFFFF)
    elif frame[start + 9] == 1 and room >= 4:
        frame[first + 2:first + 4] = b"\0\0"
        pack_into("!H", frame, first + 2, checksum(bytes(frame[first:first + room])))
    return bytes(frame)


def flipped():
    """Each bit of each base frame flipped, as it is and with checksums mended: each frame once."""
    frames = dict.fromkeys(BASES)
    for base in BASES:
        for bit in range(len(base) * 8):
            frame = bytearray(base)
            frame[bit // 8] ^= 0x80 >> bit % 8
            frames.update(dict.fromkeys((bytes(frame), mend_ip(frame), mend(frame))))
    return list(frames)


def edges():
    """Frames that chance would hardly make: the two zeros of checksums, and extreme sizes."""
    udp, ping = BASES[0], BASES[9]
    frames = [udp[:length] for length in range(1, len(udp))]
    for ttl in (57, 64):  # an identification that makes the header's checksum 0
        frame = bytearray(udp)
        frame[22], frame[18:20] = ttl, b"\0\0"
        frame = bytearray(mend_ip(frame))
        frame[18:20], frame[24:26] = frame[24:26], b"\0\0"
        frames += [bytes(frame), bytes(frame[:24]) + b"\xff\xff" + bytes(frame[26:])]
    for data in (b"\0\0\0", bytes(range(256)), bytes(1472), bytes(2000), b"\xff" * 8972):
        frames.append(bytes(Ether(udp[:14]) / IP(src=PEER, dst=OURS, id=1) / UDP(sport=40000, dport=7) / data))
        frames.append(bytes(Ether(udp[:14]) / IP(src=PEER, dst=OURS, id=1) / ICMP(type=8, id=0, seq=0) / data))
    for identifier in (0, 0xF7FF, 0xF800, 0xFFFF):  # of a ping without data: sums of 0 before or behind
        frame = bytearray(ping[:42])
        frame[16:18] = b"\0\x1c"
        frame[38:42] = pack("!HH", identifier, 0)
        frame = mend(frame)
        frames += [frame] + ([frame[:36] + b"\xff\xff" + frame[38:]] if frame[36:38] == b"\0\0" else [])
    return frames


def mutate(random, frame):
    """A random change of a frame: of a field, of its length, of its options."""
    frame, start = bytearray(frame), network(frame)
    kind = random.randrange(11)
    if kind == 0:
        frame[random.randrange(len(frame))] = random.choice(BYTES)
    elif kind == 1:
        frame[random.randrange(len(frame))] = random.randrange(256)
    elif kind == 2:
        at = random.randrange(0, max(1, min(len(frame), start + 40) - 1), 2)
        frame[at:at + 2] = pack("!H", random.choice(WORDS))
    elif kind == 3:  # a length off by little
        at = random.choice((start + 2, start + (frame[start] & 15) * 4 + 4 if len(frame) > start else 0))
        if len(frame) >= at + 2:
            pack_into("!H", frame, at, (unpack_from("!H", frame, at)[0] + random.randint(-9, 9)) % 0x10000)
    elif kind == 4:
        del frame[random.randrange(1, len(frame) + 1):]
    elif kind == 5:
        frame += random.randbytes(random.choice((1, 2, 3, 18, 46, 300, 1500, random.randrange(1, 9000))))
    elif kind == 6:
        at = random.choice((start + 12, start + 16, start + 14, start + 24))  # of IPv4, then of ARP
        frame[at:at + 4] = bytes(map(int, random.choice(ADDRESSES).split(".")))
    elif kind == 7:
        at = random.choice((0, 6, start + 8))
        frame[at:at + 6] = bytes.fromhex(random.choice(MACS).replace(":", ""))
    elif kind == 8:
        at = start + (frame[start] & 15) * 4 + random.choice((0, 2)) if len(frame) > start else 12
        frame[at:at + 2] = pack("!H", random.choice(WORDS))
    elif kind == 9:
        frame[start + 8:start + 9] = bytes([random.choice((0, 1, 2, 63, 64, 65, 255))])
    elif len(frame) >= start + 20 and frame[start] == 0x45:
        options = b"".join(random.choice(OPTIONS) for _ in range(random.randrange(1, 6)))[:40]
        options += bytes(-len(options) % 4)
        frame[start] += len(options) // 4
        pack_into("!H", frame, start + 2, (unpack_from("!H", frame, start + 2)[0] + len(options)) % 0x10000)
        frame[start + 20:start + 20] = options
    return bytes(frame)


def wild(random):
    """One random frame: mostly a base frame changed here and there, its checksums mended more often than not."""
    if random.random() < 0.02:
        return random.randbytes(random.randrange(1, 200))
    frame = random.choice(BASES)
    if random.random() < 0.02:
        return frame[:network(frame)] + random.randbytes(random.randrange(1, 100))
    for _ in range(random.choice((0, 1, 1, 1, 2, 2, 3))):
        frame = mutate(random, frame)
    return random.choice((mend, mend, mend, mend_ip, bytes))(frame)

# SPDX-License-Identifier: BSD-3-Clause
"""Fragments that become datagrams (RFC 791 and 8200, with RFC 5722's view of overlaps), and replies that become fragments."""
from collections import namedtuple
from struct import pack

from scapy.utils import checksum

LIFETIME_US = 5_000_000
MOST_FRAGMENTS = 128

# A whole one, or what a fragment says: the Ethernet header with its tags, the IPv4 header with its options, what is behind it.
# In IPv6, the header is the first 40 bytes, there may be a fragment header, and all of the packet as it came may be quoted.
Datagram = namedtuple("Datagram", "ethernet header payload reassembled fragment quoted", defaults=(None, None))
Held = namedtuple("Held", "start end more datagram")


class Drop(Exception):
    """Raised by the check that fails; its arguments are the verdict and, where the tests compare it, the detail."""


def require(condition, verdict, detail=None):
    """Goes on if the condition holds, and else drops the frame with that verdict."""
    if not condition:
        raise Drop(verdict, detail)


def fragment_word(datagram):
    """The flags and the offset: bit 13 is MF, the lowest 13 are the offset in 8 bytes."""
    return int.from_bytes(datagram.header[6:8], "big")


def is_ipv6(datagram):
    return datagram.header[0] >> 4 == 6


def as_held(datagram):
    if is_ipv6(datagram):
        word = int.from_bytes(datagram.fragment[2:4], "big")
        start, more = word & 0xFFF8, word & 1 != 0
    else:
        word = fragment_word(datagram)
        start, more = (word & 0x1FFF) * 8, word & 0x2000 != 0
    return Held(start, start + len(datagram.payload), more, datagram)


def is_fragment(datagram):
    """Of more than one: an atomic fragment of IPv6 is whole (RFC 6946)."""
    if is_ipv6(datagram) and datagram.fragment is None:
        return False
    return as_held(datagram).start > 0 or as_held(datagram).more


def check_shape(datagram):
    """What can be said of a fragment without knowing the others."""
    piece, size = as_held(datagram), len(datagram.payload)
    require(not piece.more or (size > 0 and size % 8 == 0), "ip-fragment")
    require(piece.end <= (65535 if is_ipv6(datagram) else 65535 - 20), "ip-fragment")


def key_of(datagram):
    """Tags, source, destination, identification, and of IPv4 the protocol."""
    header = datagram.header
    if is_ipv6(datagram):
        return datagram.ethernet[12:-2], header[8:24], header[24:40], datagram.fragment[4:]
    return datagram.ethernet[12:-2], header[12:16], header[16:20], header[4:6], header[9]


def reply_header(held):
    """Of the fragments of a datagram the one whose headers the datagram has."""
    return next(piece.datagram for piece in held if piece.start == 0)


class Entry:
    """A datagram of which not all is there."""

    def __init__(self, time_us):
        self.time_us = time_us
        self.held = []
        self.end = None  # known from the last fragment
        self.condemned = False

    def duplicates(self, new):
        return any(piece[:3] == new[:3] for piece in self.held)

    def contradicts(self, new):
        """Whether it overlaps another, or they disagree on where the datagram ends."""
        if any(piece.start < new.end and new.start < piece.end for piece in self.held):
            return True
        if self.end is not None and (new.end > self.end or (not new.more and new.end != self.end)):
            return True
        return not new.more and any(piece.end > new.end for piece in self.held)

    def is_whole(self):
        return self.end is not None and sum(piece.end - piece.start for piece in self.held) == self.end


class Reassembly:
    """All datagrams of which not all is there, and the count of fragments that were held in vain."""

    def __init__(self):
        self.entries = {}
        self.expired = 0

    def free(self, entry):
        self.expired += len(entry.held)
        entry.held = []

    def add(self, datagram, now_us):
        """The whole datagram that this fragment completes; else raises the fragment's verdict."""
        key, new = key_of(datagram), as_held(datagram)
        for other in self.entries.values():
            if other.time_us - now_us > LIFETIME_US:  # the clock was set back
                other.time_us = now_us
        entry = self.entries.get(key)
        if entry is not None and now_us - entry.time_us >= LIFETIME_US:
            self.free(self.entries.pop(key))
            entry = None
        if entry is None:
            entry = self.entries[key] = Entry(now_us)
        require(not entry.condemned and not entry.duplicates(new), "ip-fragment")
        if entry.contradicts(new):
            entry.condemned = True
            self.free(entry)
            raise Drop("ip-fragment", None)
        require(len(entry.held) < MOST_FRAGMENTS, "ip-fragment")
        entry.held.append(new)
        if not new.more:
            entry.end = new.end
        require(entry.is_whole(), "ip-fragment-kept")
        del self.entries[key]
        return self.join(entry, new)

    def join(self, entry, last_to_come):
        first = reply_header(entry.held)
        if not is_ipv6(first) and len(first.header) + entry.end > 65535:
            entry.held.remove(last_to_come)
            self.free(entry)
            raise Drop("ip-fragment", None)
        payload = b"".join(piece.datagram.payload for piece in sorted(entry.held, key=lambda piece: piece[:2]))
        if is_ipv6(first):
            header = first.header[:4] + pack("!HB", len(payload), first.fragment[0]) + first.header[7:]
            return Datagram(first.ethernet, header, payload, True)
        flags = fragment_word(first) & 0xC000  # without MF
        header = first.header[:2] + pack("!HH", 0, int.from_bytes(first.header[4:6], "big")) + pack("!H", flags) + first.header[8:]
        return Datagram(first.ethernet, header, payload, True)

    def finish(self):
        """The end of the run: what is still held has expired."""
        for entry in self.entries.values():
            self.free(entry)
        self.entries = {}


def split(packet, mtu):
    """An IPv4 packet without options as the packets that fit the MTU."""
    if len(packet) <= mtu:
        return [packet]
    header, data, step = packet[:20], packet[20:], (mtu - 20) // 8 * 8
    flags, packets = int.from_bytes(header[6:8], "big"), []
    for start in range(0, len(data), step):
        piece = data[start:start + step]
        more = 0x2000 if start + step < len(data) else 0
        fields = header[:2] + pack("!H", 20 + len(piece)) + header[4:6] + pack("!H", flags | more | start // 8) + header[8:10]
        packets.append(fields + pack("!H", checksum(fields + b"\0\0" + header[12:20])) + header[12:20] + piece)
    return packets

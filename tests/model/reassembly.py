# SPDX-License-Identifier: BSD-3-Clause
"""Fragments that become datagrams (RFC 791 and RFC 8200, with RFC 5722's view of overlaps)."""
from collections import namedtuple

from datagram import Drop, require

LIFETIME_US = 5_000_000
MOST_FRAGMENTS = 128

Held = namedtuple("Held", "start end more datagram")


def as_held(datagram):
    start = datagram.fragment.start
    return Held(start, start + len(datagram.payload), datagram.fragment.more, datagram)


def key_of(datagram):
    """Tags, source, destination, identification, and of IPv4 the protocol."""
    return datagram.ethernet[12:-2], *datagram.fragment.key


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
        if first.family.size_when_whole(first, entry.end) > 65535:
            entry.held.remove(last_to_come)
            self.free(entry)
            raise Drop("ip-fragment", None)
        payload = b"".join(piece.datagram.payload for piece in sorted(entry.held, key=lambda piece: piece[:2]))
        return first._replace(payload=payload, reassembled=True)

    def finish(self):
        """The end of the run: what is still held has expired."""
        for entry in self.entries.values():
            self.free(entry)
        self.entries = {}

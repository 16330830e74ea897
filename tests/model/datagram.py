# SPDX-License-Identifier: BSD-3-Clause
"""What both families of IP have in common: a datagram with what its headers say, and checks that drop it."""
from collections import namedtuple

# A whole one, or one fragment. The Ethernet header has its tags; the header is all that is in front of the payload, as it came.
Datagram = namedtuple("Datagram", "family ethernet source destination protocol ttl header payload fragment reassembled")
# The key is what fragments of one datagram share. Of IPv6 there is one only with a fragment header.
Fragment = namedtuple("Fragment", "key start more")


class Drop(Exception):
    """Raised by the check that fails; its arguments are the verdict and, where the tests compare it, the detail."""


def require(condition, verdict, detail=None):
    """Goes on if the condition holds, and else drops the frame with that verdict."""
    if not condition:
        raise Drop(verdict, detail)


def is_group(mac):
    return mac[0] & 1 == 1


def is_fragment(datagram):
    """And no atomic one (RFC 6946): something is missing in front or behind."""
    return datagram.fragment is not None and (datagram.fragment.start > 0 or datagram.fragment.more)


def check_shape(datagram):
    """What can be said of a fragment without knowing the others."""
    size = len(datagram.payload)
    require(not datagram.fragment.more or (size > 0 and size % 8 == 0), "ip-fragment")
    require(datagram.fragment.start + size <= datagram.family.HIGHEST_END, "ip-fragment")

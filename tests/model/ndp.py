# SPDX-License-Identifier: BSD-3-Clause
"""Neighbour discovery (RFC 4861): which solicitations ask for an address, and what an advertisement says."""
import ipaddress
from struct import pack

from datagram import require

DISCOVERY = range(133, 138)  # routers and redirects, too
SOLICITATION, ADVERTISEMENT = b"\x87\0", b"\x88\0"
SOURCE_LINK_LAYER, TARGET_LINK_LAYER = 1, 2
HOP_LIMIT = 255  # so nobody sent it from another link
SOLICITED, OVERRIDE = 0x40000000, 0x20000000


def is_discovery(message):
    return len(message) >= 8 and message[0] in DISCOVERY


def option_kinds(options):
    """The types of all options, or None if one is not whole."""
    kinds = []
    while options:
        size = options[1] * 8 if len(options) >= 2 else 0
        if size == 0 or size > len(options):
            return None
        kinds.append(options[0])
        options = options[size:]
    return kinds


def solicited(datagram):
    """The target of a valid solicitation (RFC 4861, 7.1.1; RFC 6980: not in fragments)."""
    message = datagram.payload
    require(message[:2] == SOLICITATION and len(message) >= 24, "nd-ignored")
    require(datagram.ttl == HOP_LIMIT and datagram.fragment is None, "nd-ignored")
    kinds = option_kinds(message[24:])
    require(kinds is not None, "nd-ignored")
    if datagram.source.is_unspecified:  # that it goes to a solicited-node group is checked already
        require(SOURCE_LINK_LAYER not in kinds, "nd-ignored")
    return ipaddress.IPv6Address(message[8:24])


def advertisement(target, mac, is_solicited):
    """What follows the checksum."""
    flags = OVERRIDE | (SOLICITED if is_solicited else 0)
    return pack("!I", flags) + target.packed + bytes([TARGET_LINK_LAYER, 1]) + mac

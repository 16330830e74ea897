# SPDX-License-Identifier: BSD-3-Clause
"""IPv6 (RFC 8200) and its ICMP (RFC 4443): which packets are for us, and what replies look like."""
import ipaddress
import random
from struct import pack, unpack

from scapy.utils import checksum

import ndp
from datagram import Datagram, Fragment, check_shape, is_fragment, is_group, require

HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION_OPTIONS = 0, 43, 44, 60
EXTENSIONS = (HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION_OPTIONS)
MOST_EXTENSIONS = 8
ICMP_PROTOCOL = 58
ECHO_REQUEST, ECHO_REPLY, PORT_UNREACHABLE = b"\x80\0", b"\x81\0", b"\1\4"
MINIMUM_MTU = 1280
ALL_NODES, UNSPECIFIED = ipaddress.IPv6Address("ff02::1"), ipaddress.IPv6Address("::")
NEVER_ANSWERED = [ipaddress.IPv6Network(n) for n in ("::/128", "::1/128", "::ffff:0:0/96", "ff00::/8")]


def solicited_node(address):
    """The group of all who have that address (RFC 4291, 2.7.1)."""
    return ipaddress.IPv6Address(ipaddress.IPv6Address("ff02::1:ff00:0").packed[:13] + address.packed[13:])


def group_mac(group):
    """Where Ethernet carries the group (RFC 2464, 7)."""
    return b"\x33\x33" + group.packed[12:]


def options_are_fine(options):
    """Whether all options are whole, and none forbids those who do not know it to go on (RFC 8200, 4.2)."""
    while options:
        kind = options[0]
        if kind == 0:  # Pad1: a single byte
            options = options[1:]
            continue
        if len(options) < 2 or 2 + options[1] > len(options) or kind >> 6 != 0:
            return False
        options = options[2 + options[1]:]
    return True


def fragment_header(header):
    """The identification, where the data starts and whether more follow."""
    word, identification = unpack("!HI", header[2:8])
    return identification, word & 0xFFF8, word & 1 == 1


def is_done(routing):
    """No segments are left of a routing header (RFC 8200, 4.4)."""
    return routing[3] == 0


def walk(packet):
    """The protocol behind the chain of extension headers, where it starts, and what a fragment header says, or None."""
    kind, at, fragment, count = packet[6], 40, None, 0
    while kind in EXTENSIONS:
        count += 1
        require(count <= MOST_EXTENSIONS, "ip-options")
        if kind == FRAGMENT:
            require(fragment is None, "ip-options")
            require(at + 8 <= len(packet), "ip-fragment")
            fragment, size = fragment_header(packet[at:at + 8]), 8
        else:
            require(kind != HOP_BY_HOP or at == 40, "ip-options")
            require(at + 8 <= len(packet) and at + 8 + packet[at + 1] * 8 <= len(packet), "ip-options")
            size = 8 + packet[at + 1] * 8
            fine = is_done(packet[at:at + size]) if kind == ROUTING else options_are_fine(packet[at + 2:at + size])
            require(fine, "ip-options")
        was, kind, at = kind, packet[at], at + size
        if was == FRAGMENT and fragment[1:] != (0, False):  # of what follows, not all is here
            break
    return kind, at, fragment


def pseudo_header(source, destination, protocol, data):
    return source.packed + destination.packed + pack("!II", len(data), protocol)


def checksum_of(source, destination, protocol, data):
    """Of UDP or ICMPv6: 0 if the data has a checksum, and it is right."""
    return checksum(pseudo_header(source, destination, protocol, data) + data)


def message(source, destination, kind, body):
    """A message of ICMPv6: type and code, the checksum, and the rest."""
    check = checksum_of(source, destination, ICMP_PROTOCOL, kind + b"\0\0" + body)
    return kind + pack("!H", check) + body


def header_of(source, destination, protocol, hop_limit, data, first_word=b"\x60\0\0\0"):
    return first_word + pack("!HBB", len(data), protocol, hop_limit) + source.packed + destination.packed


def quoted(datagram):
    """What an error says of the datagram: as much as the smallest MTU lets it (RFC 4443, 3.1)."""
    return (datagram.header + datagram.payload)[:MINIMUM_MTU - 48]


class IPv6:
    """The device's addresses of this family, and what it does with packets."""

    UDP = 17
    HIGHEST_END = 65535  # of a fragment

    def __init__(self, interfaces, mac):
        self.mac = mac
        self.addresses = {interface.ip for interface in interfaces}
        self.solicited = {solicited_node(address) for address in self.addresses}
        self.groups = self.solicited | {ALL_NODES}
        self.macs = {group_mac(group) for group in self.groups}
        self.identifications = random.Random(1)

    def read(self, ethernet, packet):
        """The datagram, or the fragment of one, in a packet."""
        require(len(packet) >= 40 and packet[0] >> 4 == 6, "ip-malformed")
        (length,) = unpack("!H", packet[4:6])
        require(40 + length <= len(packet), "ip-malformed")
        packet = packet[:40 + length]
        source, destination = ipaddress.IPv6Address(packet[8:24]), ipaddress.IPv6Address(packet[24:40])
        to_group = destination in self.groups
        require(to_group or (destination in self.addresses and not is_group(ethernet)), "ip-not-for-us")
        if source != UNSPECIFIED or destination not in self.solicited:
            require(not any(source in network for network in NEVER_ANSWERED), "ip-source")
            require(source not in self.addresses, "ip-source")

        protocol, end, says = walk(packet)
        fragment = says and Fragment((source, destination, says[0]), *says[1:])
        datagram = Datagram(self, ethernet, source, destination, protocol, packet[7], packet[:end], packet[end:], fragment, False)
        if is_fragment(datagram):
            check_shape(datagram)
        require(not to_group or (protocol == ICMP_PROTOCOL and not is_fragment(datagram)), "ip-not-for-us")
        require(protocol in (ICMP_PROTOCOL, self.UDP), "ip-protocol")
        return datagram

    def needs_leave(self, datagram):
        """Whether the access list is asked: neighbour discovery, like ARP, is for all."""
        return is_fragment(datagram) or datagram.protocol != ICMP_PROTOCOL or not ndp.is_discovery(datagram.payload)

    def size_when_whole(self, datagram, end):
        """What the header's length would say of a datagram of that many bytes, without the fragment header: 65535 at most."""
        return len(datagram.header) - 40 - 8 + end

    def udp_checksum_is_right(self, datagram, data):
        return data[6:8] != b"\0\0" and checksum_of(datagram.source, datagram.destination, self.UDP, data) == 0

    def reply(self, datagram, hop_limit, data):
        """An echo: the header as it came, but for the addresses, extension headers and the hop limit."""
        header = header_of(datagram.destination, datagram.source, datagram.protocol, hop_limit, data, datagram.header[:4])
        return header + data

    def unreachable(self, datagram):
        ends = datagram.destination, datagram.source
        error = message(*ends, PORT_UNREACHABLE, bytes(4) + quoted(datagram))
        return header_of(*ends, ICMP_PROTOCOL, 64, error) + error

    def icmp(self, datagram, hop_limit):
        """The verdict on a message, the Ethernet header to be answered, and the packet of the reply."""
        source, destination, data = datagram.source, datagram.destination, datagram.payload
        require(len(data) >= 8 and checksum_of(source, destination, ICMP_PROTOCOL, data) == 0, "icmp-ignored")
        if ndp.is_discovery(data):
            return self.neighbour(datagram)
        require(data[:2] == ECHO_REQUEST and destination in self.addresses, "icmp-ignored")
        reply = message(destination, source, ECHO_REPLY, data[4:])
        return "icmp-echo", datagram.ethernet, self.reply(datagram, hop_limit, reply)

    def neighbour(self, datagram):
        """Answers who asks for an address of ours. Who asks from :: has none, so all nodes are told."""
        target, unspecified = ndp.solicited(datagram), datagram.source == UNSPECIFIED
        require(target in self.addresses, "nd-ignored")
        ends = target, ALL_NODES if unspecified else datagram.source
        reply = message(*ends, ndp.ADVERTISEMENT, ndp.advertisement(target, self.mac, not unspecified))
        ethernet = datagram.ethernet
        if unspecified:
            ethernet = ethernet[:6] + group_mac(ALL_NODES) + ethernet[12:]
        return "nd-reply", ethernet, header_of(*ends, ICMP_PROTOCOL, ndp.HOP_LIMIT, reply) + reply

    def split(self, packet, mtu):
        """A packet without extension headers as the packets that fit the MTU. No two have the same identification."""
        if len(packet) <= mtu:
            return [packet]
        header, data, step = packet[:40], packet[40:], (mtu - 48) // 8 * 8
        identification, packets = self.identifications.getrandbits(32), []
        for start in range(0, len(data), step):
            piece = data[start:start + step]
            word = start | (start + step < len(data))
            packets.append(header[:4] + pack("!HB", 8 + len(piece), FRAGMENT) + header[7:]
                           + pack("!BBHI", header[6], 0, word, identification) + piece)
        return packets

# SPDX-License-Identifier: BSD-3-Clause
"""IPv6 in the model: its header and extension headers (RFC 8200), ICMPv6 (RFC 4443), neighbour discovery (RFC 4861)."""
import ipaddress
from struct import pack, unpack

from scapy.layers.inet6 import (ICMPv6DestUnreach, ICMPv6EchoReply, ICMPv6ND_NA, ICMPv6NDOptDstLLAddr, IPv6, in6_chksum)
from scapy.packet import Raw

from reassembly import Datagram, check_shape, is_fragment, require

ALL_NODES = ipaddress.IPv6Address("ff02::1")
NOBODY = ipaddress.IPv6Address("::")
MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
HOP_BY_HOP, UDP, ROUTING, FRAGMENT, ICMPV6, DESTINATION = 0, 17, 43, 44, 58, 60
MOST_HEADERS = 8
LEAST_MTU = 1280  # of every link


def solicited_node(address):
    """The group in which a host is asked for (RFC 4291 2.7.1)."""
    return ipaddress.IPv6Address(int(ipaddress.IPv6Address("ff02::1:ff00:0")) | int(address) & 0xFFFFFF)


def mac_of(group):
    """The MAC address of a group (RFC 2464 section 7)."""
    return "33:33:" + ":".join(f"{byte:02x}" for byte in group.packed[12:])


def options_are_skipped(options):
    """Walks the options of a header and says whether a node that knows none but padding may skip them all."""
    at = 0
    while at < len(options):
        if options[at] == 0:
            at += 1
            continue
        if options[at] >= 64 or at + 2 > len(options) or at + 2 + options[at + 1] > len(options):
            return False
        at += 2 + options[at + 1]
    return True


def extension(kind, data):
    """One header of this kind at the beginning of data: the next kind, and how long it is."""
    require(len(data) >= 8, "ip-options")
    size = 8 + 8 * data[1]
    require(size <= len(data), "ip-options")
    require(data[3] == 0 if kind == ROUTING else options_are_skipped(data[2:size]), "ip-options")
    return data[0], size


def walk(kind, data):
    """What is behind the extension headers: its kind, its bytes, and the fragment header, if there is one."""
    found, count = None, 0
    while kind in (HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION):
        require(count < MOST_HEADERS and (kind != HOP_BY_HOP or count == 0), "ip-options")
        count += 1
        if kind != FRAGMENT:
            kind, size = extension(kind, data)
            data = data[size:]
            continue
        require(found is None, "ip-options")
        require(len(data) >= 8, "ip-fragment")
        found, kind, data = data[:8], data[0], data[8:]
        if unpack("!H", found[2:4])[0] & 0xFFF9:
            break
    return kind, data, found


class Ipv6:
    """The part of the model that speaks IPv6; the model has its addresses and settings."""

    def joined(self, group):
        return group == ALL_NODES or any(group == solicited_node(own) for own in self.addresses if own.version == 6)

    def joined_macs(self):
        return {mac_of(ALL_NODES)} | {mac_of(solicited_node(own)) for own in self.addresses if own.version == 6}

    def ipv6(self, ethernet, packet):
        """The verdict on a packet, the Ethernet header to be answered, and the packets of the reply."""
        require(len(packet) >= 40 and packet[0] >> 4 == 6, "ip-malformed")
        (size,) = unpack("!H", packet[4:6])
        require(size <= len(packet) - 40, "ip-malformed")
        source, destination = ipaddress.IPv6Address(packet[8:24]), ipaddress.IPv6Address(packet[24:40])
        group = destination.is_multicast
        if group:
            require(self.joined(destination), "ip-not-for-us")
        else:
            require(destination in self.addresses and not ethernet[0] & 1, "ip-not-for-us")
        require(not source.is_multicast and not source.is_loopback and source not in MAPPED, "ip-source")
        require(source not in self.addresses, "ip-source")
        require(source != NOBODY or (group and destination != ALL_NODES), "ip-source")

        kind, payload, fragment = walk(packet[6], packet[40:40 + size])
        datagram = Datagram(ethernet, packet[:40], payload, False, fragment)
        if is_fragment(datagram):
            check_shape(datagram)
        require(not group or (kind == ICMPV6 and not is_fragment(datagram)), "ip-not-for-us")
        require(kind in (UDP, ICMPV6), "ip-protocol")
        discovery = kind == ICMPV6 and not is_fragment(datagram) and len(payload) >= 8 and 133 <= payload[0] <= 137
        require(discovery or self.access_list.allows(source), "acl")
        if is_fragment(datagram):
            datagram = self.reassembly.add(datagram, self.now_us)
            kind = datagram.header[6]
        if kind == UDP:
            whole = packet[:40 + size]
            verdict, reply = self.udp(datagram._replace(quoted=whole), source, destination)
            return verdict, datagram.ethernet, self.split(bytes(reply))
        return self.icmpv6(datagram, source, destination)

    def reply_header6(self, datagram, source, destination, hop_limit):
        """An echo's: as it came, but for the addresses, the extension headers and the hop limit."""
        (word,) = unpack("!I", datagram.header[:4])
        return IPv6(tc=word >> 20 & 0xFF, fl=word & 0xFFFFF, hlim=hop_limit, src=str(destination), dst=str(source))

    @staticmethod
    def is_right6(kind, payload, source, destination):
        return in6_chksum(kind, IPv6(src=str(source), dst=str(destination)), payload) == 0

    @staticmethod
    def unreachable6(datagram, source, destination):
        return (IPv6(src=str(destination), dst=str(source), hlim=64) / ICMPv6DestUnreach(code=4) /
                Raw(datagram.quoted[:LEAST_MTU - 48]))

    def icmpv6(self, datagram, source, destination):
        payload = datagram.payload
        require(len(payload) >= 8 and self.is_right6(ICMPV6, payload, source, destination), "icmp-ignored")
        if 133 <= payload[0] <= 137:
            ethernet, packet = self.discovery(datagram, source)
            require(self.rest_limit.take("neighbour", self.now_us), "rate-limit")
            return "nd-reply", ethernet, [packet]
        require(payload[:2] == b"\x80\x00" and not destination.is_multicast, "icmp-ignored")
        require(self.rest_limit.take("icmp", self.now_us), "rate-limit")
        identifier, sequence = unpack("!HH", payload[4:8])
        reply = ICMPv6EchoReply(id=identifier, seq=sequence, data=payload[8:])
        header = self.reply_header6(datagram, source, destination, self.ttl)
        return "icmp-echo", datagram.ethernet, self.split(bytes(header / reply))

    def discovery(self, datagram, source):
        """RFC 4861 7.1.1 and 7.2.4: the Ethernet header to be answered and the advertisement."""
        payload, header = datagram.payload, datagram.header
        require(payload[:2] == b"\x87\x00" and header[7] == 255 and len(payload) >= 24, "nd-ignored")
        require(datagram.fragment is None and not datagram.reassembled, "nd-ignored")
        options, kinds = payload[24:], []
        while options:
            require(len(options) >= 8 and 0 < options[1] * 8 <= len(options), "nd-ignored")
            kinds.append(options[0])
            options = options[options[1] * 8:]
        target = ipaddress.IPv6Address(payload[8:24])
        require(target in self.addresses and not (source == NOBODY and 1 in kinds), "nd-ignored")
        probe = source == NOBODY
        reply = (IPv6(src=str(target), dst=str(ALL_NODES if probe else source), hlim=255) /
                 ICMPv6ND_NA(R=0, S=0 if probe else 1, O=1, tgt=str(target)) / ICMPv6NDOptDstLLAddr(lladdr=self.mac))
        ethernet = datagram.ethernet
        if probe:
            ethernet = ethernet[:6] + bytes.fromhex(mac_of(ALL_NODES).replace(":", "")) + ethernet[12:]
        return ethernet, bytes(reply)


def split6(packet, mtu):
    """An IPv6 packet without extension headers as the packets that fit the MTU; their identification is 0."""
    if len(packet) <= mtu:
        return [packet]
    header, data, step, packets = packet[:40], packet[40:], (mtu - 48) // 8 * 8, []
    for start in range(0, len(data), step):
        piece = data[start:start + step]
        more = int(start + step < len(data))
        packets.append(header[:4] + pack("!HB", 8 + len(piece), FRAGMENT) + header[7:] + pack("!BBHI", header[6], 0, start | more, 0) +
                       piece)
    return packets


def without_identification(frames):
    """The frames of a reply, with 0 for the identification of IPv6 fragments, if all have the same."""
    found = {}
    for number, frame in enumerate(frames):
        start = 14
        while frame[start - 2:start] in (b"\x81\0", b"\x88\xa8"):
            start += 4
        if frame[start - 2:start] == b"\x86\xdd" and frame[start + 6] == FRAGMENT:
            found[number] = start + 44
    if len({frames[number][at:at + 4] for number, at in found.items()}) > 1:
        return frames
    return [frame[:found[number]] + bytes(4) + frame[found[number] + 4:] if number in found else frame
            for number, frame in enumerate(frames)]

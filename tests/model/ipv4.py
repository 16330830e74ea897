# SPDX-License-Identifier: BSD-3-Clause
"""IPv4 and its ICMP: which packets are for us, and what replies look like."""
import ipaddress
from struct import pack, unpack

from scapy.layers.inet import ICMP, IP, in4_chksum
from scapy.packet import Raw
from scapy.utils import checksum

from datagram import Datagram, Fragment, check_shape, is_fragment, require

SOURCE_ROUTES = (131, 137)  # loose and strict
NEVER_ANSWERED = [ipaddress.IPv4Network(n) for n in ("0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3")]
ICMP_PROTOCOL = 1


def options_are_fine(options):
    """Walks IPv4 options (RFC 791) and says whether a datagram with them may be answered."""
    while options:
        kind = options[0]
        if kind == 0:  # end of list: what follows is padding
            return True
        if kind == 1:  # no operation: a single byte
            options = options[1:]
            continue
        if len(options) < 2 or options[1] < 2 or options[1] > len(options) or kind in SOURCE_ROUTES:
            return False
        options = options[options[1]:]
    return True


def header_checksum(header):
    """What the checksum field of an IPv4 header should have."""
    return checksum(header[:10] + b"\0\0" + header[12:])


def quoted(datagram):
    """What an ICMP error says of the datagram: its header as it came, and 8 bytes."""
    return datagram.header + datagram.payload[:8]


class IPv4:
    """The device's addresses of this family, and what it does with packets."""

    UDP = 17
    HIGHEST_END = 65535 - 20  # of a fragment

    def __init__(self, interfaces):
        self.addresses = {interface.ip for interface in interfaces}
        # A /31 and a /32 have no broadcast address (RFC 3021).
        self.broadcasts = {i.network.broadcast_address for i in interfaces if i.network.prefixlen <= 30}

    def read(self, ethernet, packet):
        """The datagram, or the fragment of one, in a packet."""
        require(len(packet) >= 20, "ip-malformed")
        size, (total,) = (packet[0] & 0x0F) * 4, unpack("!H", packet[2:4])
        require(packet[0] >> 4 == 4 and size >= 20, "ip-malformed")
        require(size <= total <= len(packet), "ip-malformed")
        header, payload = packet[:size], packet[size:total]
        says, should = unpack("!H", packet[10:12])[0], header_checksum(header)
        require(checksum(header) == 0, "ip-checksum", f"header says 0x{says:04x}, computes to 0x{should:04x}")

        source, destination = ipaddress.IPv4Address(packet[12:16]), ipaddress.IPv4Address(packet[16:20])
        require(destination in self.addresses, "ip-not-for-us")
        require(not any(source in network for network in NEVER_ANSWERED), "ip-source")
        require(source not in self.addresses and source not in self.broadcasts, "ip-source")
        require(options_are_fine(header[20:]), "ip-options")
        identification, word = unpack("!HH", packet[4:8])  # of the word, bit 13 is MF, the lowest 13 are the offset in 8 bytes
        fragment = Fragment((source, destination, identification, packet[9]), (word & 0x1FFF) * 8, word & 0x2000 != 0)
        datagram = Datagram(self, ethernet, source, destination, packet[9], packet[8], header, payload, fragment, False)
        if is_fragment(datagram):
            check_shape(datagram)
        require(datagram.protocol in (ICMP_PROTOCOL, self.UDP), "ip-protocol")
        return datagram

    def needs_leave(self, _datagram):
        """Whether the access list is asked."""
        return True

    def size_when_whole(self, datagram, end):
        """What the header's length would say of a datagram of that many bytes: 65535 at most."""
        return len(datagram.header) + end

    def udp_checksum_is_right(self, datagram, data):
        pseudo = IP(src=str(datagram.source), dst=str(datagram.destination), ihl=5, len=20 + len(data))
        return data[6:8] == b"\0\0" or in4_chksum(self.UDP, pseudo, data) == 0

    def reply(self, datagram, ttl, data):
        """An echo: the header as it came, but for the addresses, the options and the TTL."""
        tos, identification, flags = datagram.header[1], *unpack("!HH", datagram.header[4:8])
        return bytes(IP(version=4, ihl=5, tos=tos, id=identification, flags=flags >> 13 & 6, frag=0, ttl=ttl,
                        proto=datagram.protocol, src=str(datagram.destination), dst=str(datagram.source)) / Raw(data))

    def unreachable(self, datagram):
        error = ICMP(type=3, code=3, unused=0) / Raw(quoted(datagram))
        return bytes(IP(id=0, flags="DF", ttl=64, src=str(datagram.destination), dst=str(datagram.source)) / error)

    def icmp(self, datagram, ttl):
        """The verdict on a message, the Ethernet header to be answered, and the packet of the reply."""
        message = datagram.payload
        require(len(message) >= 8 and message[:2] == b"\x08\x00", "icmp-ignored")
        require(checksum(message) == 0, "icmp-ignored")
        identifier, sequence = unpack("!HH", message[4:8])
        reply = ICMP(type=0, code=0, id=identifier, seq=sequence) / Raw(message[8:])
        return "icmp-echo", datagram.ethernet, self.reply(datagram, ttl, bytes(reply))

    def split(self, packet, mtu):
        """A packet without options as the packets that fit the MTU."""
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

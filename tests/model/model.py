#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""A second opinion on every frame: what the appliance should say of it, and what it should send back.

Written from the design and the RFCs, never from the C code, and with other means: each reply is
put together anew out of scapy layers, with every header checksum computed in full, where the
appliance edits the request in place and updates checksums incrementally (RFC 1624).

Can the two ways differ? One's complement has two zeros, so look at 0x0000 and 0xffff. A sum of
words folds to 0 only if each word is 0. For IPv4 neither way has such a sum: the header has its
version, and in HC' = ~(~HC + ~m + m') the new word m' (TTL with protocol, or the total length) is
not 0. So both ways write 0x0000 and never 0xffff, also for a request that (validly) came with
0xffff, and the order of several updates does not matter. For ICMP they do differ in one place: an
echo reply whose words are all zero. The incremental way gives 0x0000, a sum of 0, which receivers
refuse; in full it is 0xffff. The model says 0xffff, since a reply has to be valid.
"""
import ipaddress
import os
import sys
from collections import namedtuple
from struct import unpack

from scapy.layers.inet import ICMP, IP, UDP, in4_chksum
from scapy.layers.l2 import ARP
from scapy.packet import Raw
from scapy.utils import checksum

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden"))
from offline import Record, read_pcap, write_pcap  # noqa: E402
from ipv6 import Ipv6, split6  # noqa: E402
from reassembly import Datagram, Drop, Reassembly, check_shape, is_fragment, require, split  # noqa: E402
from settings import EVERY_PORT, AccessList, Limit, options_parser, parse_ports  # noqa: E402

TAGS = (0x8100, 0x88A8)  # 802.1Q and 802.1ad, in either order
IPV4, ARP_TYPE, IPV6 = 0x0800, 0x0806, 0x86DD
BROADCAST = "ff:ff:ff:ff:ff:ff"
SOURCE_ROUTES = (131, 137)  # loose and strict
# Ports whose well-known service answers whatever it gets: an echo to one of these could go on forever.
RESPONDERS = (7, 11, 13, 17, 19, 37, 53, 69, 123, 1434, 11211)
NEVER_ANSWERED = [ipaddress.IPv4Network(n) for n in ("0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3")]

# The replies are the frames to be sent, in order. A detail is given where the tests compare it.
Answer = namedtuple("Answer", "verdict replies detail")


def text_mac(raw):
    return ":".join(f"{byte:02x}" for byte in raw)


def is_group(mac):
    return int(mac[:2], 16) & 1 == 1


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


def mtu_of(records):
    """Offline a device takes what it has seen, and 1500 bytes at least."""
    return max([1500, *(len(record.frame) - 14 for record in records)])


class Model(Ipv6):
    """The appliance with its settings and its state; a new one for each run."""

    def __init__(self, options, directory=".", ttl=64):
        self.mac = options.mac.lower()
        interfaces = [ipaddress.ip_interface(address) for address in options.address]
        self.addresses = {interface.ip for interface in interfaces}
        # A /31 and a /32 have no broadcast address (RFC 3021).
        self.broadcasts = {i.network.broadcast_address for i in interfaces if i.version == 4 and i.network.prefixlen <= 30}
        self.ports = parse_ports(options.udp_port)
        self.blocked = {0, *RESPONDERS} | parse_ports(options.block_source_port)
        self.access_list = AccessList.read(options.acl, directory)
        self.udp_limit, self.rest_limit = Limit(options.rate_limit), Limit(options.icmp_arp_rate_limit)
        self.limit_prefix = {4: options.rate_limit_prefix, 6: options.rate_limit_prefix6}
        self.unreachable = Limit(options.icmp_unreachable) if options.icmp_unreachable else None
        self.reassembly = Reassembly()
        self.ttl = ttl
        self.mtu = 1500
        self.now_us = 0

    def answer(self, frame, now_us):
        """What becomes of a frame. Of one whose capture was cut short the captured bytes are all that count."""
        self.now_us = now_us
        try:
            return Answer(*self.ethernet(frame), None)
        except Drop as drop:
            return Answer(drop.args[0], [], drop.args[1])

    def ethernet(self, frame):
        require(len(frame) >= 14, "eth-runt")
        destination, source = text_mac(frame[0:6]), text_mac(frame[6:12])
        end = 14
        while end < 22 and unpack("!H", frame[end - 2:end])[0] in TAGS:
            end += 4
            require(len(frame) >= end, "eth-runt")
        (ethertype,) = unpack("!H", frame[end - 2:end])

        for_us = destination == self.mac or (destination == BROADCAST and ethertype == ARP_TYPE)
        for_us = for_us or (ethertype == IPV6 and destination in self.joined_macs())
        require(for_us and not is_group(source), "eth-not-for-us")
        require(ethertype in (IPV4, ARP_TYPE, IPV6), "eth-type")

        header = frame[:end]
        if ethertype == ARP_TYPE:
            verdict, packets = "arp-reply", [self.arp(frame[end:])]
        else:
            verdict, header, packets = (self.ipv4 if ethertype == IPV4 else self.ipv6)(header, frame[end:])
        own = bytes.fromhex(self.mac.replace(":", ""))
        return verdict, [header[6:12] + own + header[12:] + packet for packet in packets]

    def arp(self, packet):
        require(len(packet) >= 28, "arp-ignored")
        require(unpack("!HHBBH", packet[:8]) == (1, IPV4, 6, 4, 1), "arp-ignored")
        request = ARP(packet[:28])
        require(not is_group(request.hwsrc), "arp-ignored")
        # Somebody who asks with an address of ours: answering would not settle the conflict.
        require(ipaddress.IPv4Address(request.psrc) not in self.addresses, "arp-ignored")
        require(ipaddress.IPv4Address(request.pdst) in self.addresses, "arp-ignored")
        require(self.rest_limit.take("arp", self.now_us), "rate-limit")
        return bytes(ARP(hwtype=1, ptype=IPV4, hwlen=6, plen=4, op=2, hwsrc=self.mac, psrc=request.pdst,
                         hwdst=request.hwsrc, pdst=request.psrc))

    def ipv4(self, ethernet, packet):
        """The verdict on a packet, the Ethernet header to be answered, and the packets of the reply."""
        require(len(packet) >= 20, "ip-malformed")
        size, (total,) = (packet[0] & 0x0F) * 4, unpack("!H", packet[2:4])
        require(packet[0] >> 4 == 4 and size >= 20, "ip-malformed")
        require(size <= total <= len(packet), "ip-malformed")
        datagram = Datagram(ethernet, packet[:size], packet[size:total], False)
        says, should = unpack("!H", packet[10:12])[0], header_checksum(datagram.header)
        require(checksum(datagram.header) == 0, "ip-checksum", f"header says 0x{says:04x}, computes to 0x{should:04x}")

        source, destination = ipaddress.IPv4Address(packet[12:16]), ipaddress.IPv4Address(packet[16:20])
        require(destination in self.addresses, "ip-not-for-us")
        require(not any(source in network for network in NEVER_ANSWERED), "ip-source")
        require(source not in self.addresses and source not in self.broadcasts, "ip-source")
        require(options_are_fine(datagram.header[20:]), "ip-options")
        if is_fragment(datagram):
            check_shape(datagram)
        require(packet[9] in (1, 17), "ip-protocol")
        require(self.access_list.allows(source), "acl")
        if is_fragment(datagram):
            datagram = self.reassembly.add(datagram, self.now_us)
        verdict, reply = (self.udp if packet[9] == 17 else self.icmp)(datagram, source, destination)
        return verdict, datagram.ethernet, self.split(bytes(reply))

    def split(self, packet):
        return (split if packet[0] >> 4 == 4 else split6)(packet, self.mtu)

    def reply_header(self, datagram, source, destination, ttl):
        """An echo's: as it came, but for the addresses, the options and the TTL."""
        if source.version == 6:
            return self.reply_header6(datagram, source, destination, ttl)
        tos, identification, flags = datagram.header[1], *unpack("!HH", datagram.header[4:8])
        return IP(version=4, ihl=5, tos=tos, id=identification, flags=flags >> 13, frag=0, ttl=ttl,
                  proto=datagram.header[9], src=str(destination), dst=str(source))

    def udp(self, datagram, source, destination):
        payload = datagram.payload
        require(len(payload) >= 8, "udp-malformed")
        source_port, port, length, check = unpack("!HHHH", payload[:8])
        require(8 <= length <= len(payload), "udp-malformed")
        payload = payload[:length]  # what lies behind it is RFC 9868's surplus area
        if source.version == 6:
            require(check != 0 and self.is_right6(17, payload, source, destination), "udp-checksum")
        else:
            pseudo = IP(src=str(source), dst=str(destination), ihl=5, len=20 + length)
            require(check == 0 or in4_chksum(17, pseudo, payload) == 0, "udp-checksum")

        if port not in self.ports:
            require(self.unreachable and not datagram.reassembled, "udp-port")
            require(self.unreachable.take(None, self.now_us), "udp-port")
            if source.version == 6:
                return "icmp-unreachable", self.unreachable6(datagram, source, destination)
            error = ICMP(type=3, code=3, unused=0) / Raw(quoted(datagram))
            return "icmp-unreachable", IP(id=0, flags="DF", ttl=64, src=str(destination), dst=str(source)) / error
        require(source_port not in self.blocked, "udp-source-port")
        require(self.ports == EVERY_PORT or source_port not in self.ports, "udp-source-port")
        reply_ttl, ttl = self.ttl, datagram.header[8 if source.version == 4 else 7]
        if self.ports == EVERY_PORT or port not in RESPONDERS:
            # Its peer may not know this port for a server's: each reply has to be nearer its end.
            require(ttl > 1, "udp-ttl")
            reply_ttl = min(self.ttl, ttl - 1)
        key = source.version, int(source) >> (source.max_prefixlen - self.limit_prefix[source.version])
        require(self.udp_limit.take(key, self.now_us), "rate-limit")
        reply = UDP(sport=port, dport=source_port, len=length, chksum=check) / Raw(payload[8:])
        return "udp-echo", self.reply_header(datagram, source, destination, reply_ttl) / reply

    def icmp(self, datagram, source, destination):
        payload = datagram.payload
        require(len(payload) >= 8 and payload[:2] == b"\x08\x00", "icmp-ignored")
        require(checksum(payload) == 0, "icmp-ignored")
        require(self.rest_limit.take("icmp", self.now_us), "rate-limit")
        identifier, sequence = unpack("!HH", payload[4:8])
        reply = ICMP(type=0, code=0, id=identifier, seq=sequence) / Raw(payload[8:])
        return "icmp-echo", self.reply_header(datagram, source, destination, self.ttl) / reply


def replay(options, records, directory="."):
    """What udpechod with these options does with a capture: the answers, and the count of fragments expired."""
    model = Model(options, directory)
    model.mtu = mtu_of(records)
    answers = [model.answer(record.frame, record.time_ns // 1000) for record in records]
    model.reassembly.finish()
    return answers, model.reassembly.expired


def replies_of(records, answers):
    """The records of all replies, each at the time of the frame that it answers."""
    return [Record(record.time_ns, reply) for record, answer in zip(records, answers) for reply in answer.replies]


def main():
    parser = options_parser(description="Prints `NUMBER VERDICT` for each frame of a pcap file.")
    parser.add_argument("-w", "--write", metavar="OUT.pcap", help="write the replies there")
    parser.add_argument("pcap", metavar="IN.pcap")
    options = parser.parse_args()
    records = read_pcap(options.pcap)
    answers, _ = replay(options, records)
    for number, answer in enumerate(answers, 1):
        print(number, answer.verdict, answer.detail or "")
    if options.write:
        write_pcap(options.write, replies_of(records, answers))


if __name__ == "__main__":
    main()

#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""A second opinion on every frame: what the appliance should say of it, and what it should send back.

Written from the design and the RFCs, never from the C code, and with other means: each reply is
put together anew, out of scapy layers or bytes, with every header checksum computed in full, where the
appliance edits the request in place and updates checksums incrementally (RFC 1624).

Can the two ways differ? One's complement has two zeros, so look at 0x0000 and 0xffff. A sum of
words folds to 0 only if each word is 0. For IPv4 neither way has such a sum: the header has its
version, and in HC' = ~(~HC + ~m + m') the new word m' (TTL with protocol, or the total length) is
not 0. So both ways write 0x0000 and never 0xffff, also for a request that (validly) came with
0xffff, and the order of several updates does not matter. For ICMP they do differ in one place: an
echo reply whose words are all zero. The incremental way gives 0x0000, a sum of 0, which receivers
refuse; in full it is 0xffff. The model says 0xffff, since a reply has to be valid. ICMPv6's sum has
the addresses in it, so it is never 0.

Each header has its file. This one has Ethernet, ARP, and what the families share.
"""
import ipaddress
import os
import sys
from collections import namedtuple
from struct import unpack

from scapy.layers.inet import UDP
from scapy.layers.l2 import ARP
from scapy.packet import Raw

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden"))
from datagram import Drop, is_fragment, is_group, require  # noqa: E402
from ipv4 import IPv4  # noqa: E402
from ipv6 import IPv6  # noqa: E402
from offline import Record, read_pcap, write_pcap  # noqa: E402
from reassembly import Reassembly  # noqa: E402
from settings import EVERY_PORT, AccessList, Limit, options_parser, parse_ports  # noqa: E402

TAGS = (0x8100, 0x88A8)  # 802.1Q and 802.1ad, in either order
IPV4_TYPE, ARP_TYPE, IPV6_TYPE = 0x0800, 0x0806, 0x86DD
BROADCAST = b"\xff" * 6
# Ports whose well-known service answers whatever it gets: an echo to one of these could go on forever.
RESPONDERS = (7, 11, 13, 17, 19, 37, 53, 69, 123, 1434, 11211)

# The replies are the frames to be sent, in order. A detail is given where the tests compare it.
Answer = namedtuple("Answer", "verdict replies detail")


def mtu_of(records):
    """Offline a device takes what it has seen, and 1500 bytes at least."""
    return max([1500, *(len(record.frame) - 14 for record in records)])


class Model:
    """The appliance with its settings and its state; a new one for each run."""

    def __init__(self, options, directory=".", ttl=64):
        self.mac = bytes.fromhex(options.mac.replace(":", ""))
        interfaces = [ipaddress.ip_interface(address) for address in options.address]
        self.ipv4 = IPv4([interface for interface in interfaces if interface.version == 4])
        self.ipv6 = IPv6([interface for interface in interfaces if interface.version == 6], self.mac)
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
        end = 14
        while end < 22 and unpack("!H", frame[end - 2:end])[0] in TAGS:
            end += 4
            require(len(frame) >= end, "eth-runt")
        destination, (ethertype,) = frame[:6], unpack("!H", frame[end - 2:end])

        for_us = destination == self.mac or (destination == BROADCAST and ethertype == ARP_TYPE) \
            or (destination in self.ipv6.macs and ethertype == IPV6_TYPE)
        require(for_us and not is_group(frame[6:12]), "eth-not-for-us")
        # Without an address of it, we do not speak IPv6.
        require(ethertype in (IPV4_TYPE, ARP_TYPE, IPV6_TYPE), "eth-type")

        header = frame[:end]
        if ethertype == ARP_TYPE:
            verdict, packets = "arp-reply", [self.arp(frame[end:])]
        else:
            verdict, header, packets = self.ip(self.ipv4 if ethertype == IPV4_TYPE else self.ipv6, header, frame[end:])
        return verdict, [header[6:12] + self.mac + header[12:] + packet for packet in packets]

    def arp(self, packet):
        require(len(packet) >= 28, "arp-ignored")
        require(unpack("!HHBBH", packet[:8]) == (1, IPV4_TYPE, 6, 4, 1), "arp-ignored")
        request = ARP(packet[:28])
        require(not is_group(packet[8:14]), "arp-ignored")
        # Somebody who asks with an address of ours: answering would not settle the conflict.
        require(ipaddress.IPv4Address(request.psrc) not in self.ipv4.addresses, "arp-ignored")
        require(ipaddress.IPv4Address(request.pdst) in self.ipv4.addresses, "arp-ignored")
        require(self.rest_limit.take("arp-reply", self.now_us), "rate-limit")
        return bytes(ARP(hwtype=1, ptype=IPV4_TYPE, hwlen=6, plen=4, op=2, hwsrc=self.mac, psrc=request.pdst,
                         hwdst=request.hwsrc, pdst=request.psrc))

    def ip(self, family, ethernet, packet):
        """The verdict on a packet, the Ethernet header to be answered, and the packets of the reply."""
        datagram = family.read(ethernet, packet)
        require(not family.needs_leave(datagram) or self.access_list.allows(datagram.source), "acl")
        if is_fragment(datagram):
            datagram = self.reassembly.add(datagram, self.now_us)
        if datagram.protocol == family.UDP:
            verdict, reply = self.udp(datagram)
            ethernet = datagram.ethernet
        else:
            verdict, ethernet, reply = family.icmp(datagram, self.ttl)
            require(self.rest_limit.take(verdict, self.now_us), "rate-limit")
        return verdict, ethernet, family.split(reply, self.mtu)

    def udp(self, datagram):
        family, payload = datagram.family, datagram.payload
        require(len(payload) >= 8, "udp-malformed")
        source_port, port, length, check = unpack("!HHHH", payload[:8])
        require(8 <= length <= len(payload), "udp-malformed")
        payload = payload[:length]  # what lies behind it is RFC 9868's surplus area
        require(family.udp_checksum_is_right(datagram, payload), "udp-checksum")

        if port not in self.ports:
            require(self.unreachable and not datagram.reassembled, "udp-port")
            require(self.unreachable.take(None, self.now_us), "udp-port")
            return "icmp-unreachable", family.unreachable(datagram)
        require(source_port not in self.blocked, "udp-source-port")
        require(self.ports == EVERY_PORT or source_port not in self.ports, "udp-source-port")
        reply_ttl = self.ttl
        if self.ports == EVERY_PORT or port not in RESPONDERS:
            # Its peer may not know this port for a server's: each reply has to be nearer its end.
            require(datagram.ttl > 1, "udp-ttl")
            reply_ttl = min(self.ttl, datagram.ttl - 1)
        bits = datagram.source.max_prefixlen - self.limit_prefix[datagram.source.version]
        require(self.udp_limit.take((family, int(datagram.source) >> bits), self.now_us), "rate-limit")
        reply = UDP(sport=port, dport=source_port, len=length, chksum=check) / Raw(payload[8:])
        return "udp-echo", family.reply(datagram, reply_ttl, bytes(reply))


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

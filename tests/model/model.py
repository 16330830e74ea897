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
import argparse
import ipaddress
import os
import sys
from struct import unpack

from scapy.layers.inet import ICMP, IP, UDP, in4_chksum
from scapy.layers.l2 import ARP
from scapy.packet import Raw
from scapy.utils import checksum

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden"))
from offline import Record, read_pcap, write_pcap  # noqa: E402

TAGS = (0x8100, 0x88A8)  # 802.1Q and 802.1ad, in either order
IPV4, ARP_TYPE = 0x0800, 0x0806
BROADCAST = "ff:ff:ff:ff:ff:ff"
SOURCE_ROUTES = (131, 137)  # loose and strict
# Ports whose well-known service answers whatever it gets: an echo to one of these could go on forever.
RESPONDERS = (7, 11, 13, 17, 19, 37, 53, 69, 123, 1434, 11211)
EVERY_PORT = set(range(1, 65536))
NEVER_ANSWERED = [ipaddress.IPv4Network(n) for n in ("0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3")]


class Drop(Exception):
    """Raised by the check that fails; its argument is the verdict."""


def require(condition, verdict):
    """Goes on if the condition holds, and else drops the frame with that verdict."""
    if not condition:
        raise Drop(verdict)


def text_mac(raw):
    return ":".join(f"{byte:02x}" for byte in raw)


def is_group(mac):
    return int(mac[:2], 16) & 1 == 1


def parse_ports(text):
    """`7`, `7,7000-7099` or `any`: the set of served ports; port 0 is none (RFC 768)."""
    if text == "any":
        return EVERY_PORT
    ports = set()
    for item in text.split(","):
        low, _, high = item.partition("-")
        ports.update(range(int(low), int(high or low) + 1))
    return ports


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


class Model:
    """The appliance with one identity: its MAC, its addresses, its served ports."""

    def __init__(self, mac, addresses, ports="7", ttl=64):
        self.mac = mac.lower()
        interfaces = [ipaddress.IPv4Interface(address) for address in addresses]
        self.addresses = {interface.ip for interface in interfaces}
        # A /31 and a /32 have no broadcast address (RFC 3021).
        self.broadcasts = {i.network.broadcast_address for i in interfaces if i.network.prefixlen <= 30}
        self.ports = parse_ports(ports)
        self.ttl = ttl

    @classmethod
    def from_arguments(cls, arguments):
        """The identity that these options of udpechod give."""
        options = identity_options().parse_args(arguments)
        return cls(options.mac, options.address, options.udp_port)

    def answer(self, frame, wire_length=None):
        """The verdict on a frame and the reply to it, or None.

        Of a capture that was cut short only the captured bytes are there to answer, so the length
        that the frame had on the wire changes nothing.
        """
        try:
            return self.ethernet(frame)
        except Drop as drop:
            return drop.args[0], None

    def ethernet(self, frame):
        require(len(frame) >= 14, "eth-runt")
        destination, source = text_mac(frame[0:6]), text_mac(frame[6:12])
        end = 14
        while end < 22 and unpack("!H", frame[end - 2:end])[0] in TAGS:
            end += 4
            require(len(frame) >= end, "eth-runt")
        (ethertype,) = unpack("!H", frame[end - 2:end])

        for_us = destination == self.mac or (destination == BROADCAST and ethertype == ARP_TYPE)
        require(for_us and not is_group(source), "eth-not-for-us")
        require(ethertype in (IPV4, ARP_TYPE), "eth-type")

        verdict, reply = (self.arp if ethertype == ARP_TYPE else self.ipv4)(frame[end:])
        own = bytes.fromhex(self.mac.replace(":", ""))
        return verdict, frame[6:12] + own + frame[12:end] + reply

    def arp(self, packet):
        require(len(packet) >= 28, "arp-ignored")
        require(unpack("!HHBBH", packet[:8]) == (1, IPV4, 6, 4, 1), "arp-ignored")
        request = ARP(packet[:28])
        require(not is_group(request.hwsrc), "arp-ignored")
        # Somebody who asks with an address of ours: answering would not settle the conflict.
        require(ipaddress.IPv4Address(request.psrc) not in self.addresses, "arp-ignored")
        require(ipaddress.IPv4Address(request.pdst) in self.addresses, "arp-ignored")
        reply = ARP(hwtype=1, ptype=IPV4, hwlen=6, plen=4, op=2, hwsrc=self.mac, psrc=request.pdst,
                    hwdst=request.hwsrc, pdst=request.psrc)
        return "arp-reply", bytes(reply)

    def ipv4(self, packet):
        require(len(packet) >= 20, "ip-malformed")
        (version_ihl, tos, total, identification, fragment, ttl, protocol, _check, source, destination) = unpack(
            "!BBHHHBBH4s4s", packet[:20])
        header = (version_ihl & 0x0F) * 4
        require(version_ihl >> 4 == 4 and header >= 20, "ip-malformed")
        require(header <= total <= len(packet), "ip-malformed")
        require(checksum(packet[:header]) == 0, "ip-checksum")

        source, destination = ipaddress.IPv4Address(source), ipaddress.IPv4Address(destination)
        require(destination in self.addresses, "ip-not-for-us")
        require(not any(source in network for network in NEVER_ANSWERED), "ip-source")
        require(source not in self.addresses and source not in self.broadcasts, "ip-source")
        require(options_are_fine(packet[20:header]), "ip-options")
        require(fragment & 0x3FFF == 0, "ip-fragment")  # more fragments, or an offset
        require(protocol in (1, 17), "ip-protocol")

        payload = packet[header:total]
        if protocol == 17:
            verdict, reply_ttl, reply = self.udp(payload, str(source), str(destination), ttl)
        else:
            verdict, reply_ttl, reply = self.icmp(payload)
        answer = IP(version=4, ihl=5, tos=tos, len=20 + len(reply), id=identification, flags=fragment >> 13, frag=0,
                    ttl=reply_ttl, proto=protocol, src=str(destination), dst=str(source))
        return verdict, bytes(answer / Raw(reply))

    def udp(self, payload, source, destination, ttl):
        require(len(payload) >= 8, "udp-malformed")
        source_port, port, length, check = unpack("!HHHH", payload[:8])
        require(8 <= length <= len(payload), "udp-malformed")
        datagram = payload[:length]  # what lies behind it is RFC 9868's surplus area
        pseudo = IP(src=source, dst=destination, ihl=5, len=20 + length)
        require(check == 0 or in4_chksum(17, pseudo, datagram) == 0, "udp-checksum")

        require(port in self.ports, "udp-port")
        require(source_port != 0 and source_port not in RESPONDERS, "udp-source-port")
        require(self.ports == EVERY_PORT or source_port not in self.ports, "udp-source-port")
        reply_ttl = self.ttl
        if self.ports == EVERY_PORT:
            # Two such appliances could echo to each other: each reply has to be nearer its end.
            require(ttl > 1, "udp-ttl")
            reply_ttl = min(self.ttl, ttl - 1)
        reply = UDP(sport=port, dport=source_port, len=length, chksum=check) / Raw(datagram[8:])
        return "udp-echo", reply_ttl, bytes(reply)

    def icmp(self, payload):
        require(len(payload) >= 8 and payload[:2] == b"\x08\x00", "icmp-ignored")
        require(checksum(payload) == 0, "icmp-ignored")
        identifier, sequence = unpack("!HH", payload[4:8])
        return "icmp-echo", self.ttl, bytes(ICMP(type=0, code=0, id=identifier, seq=sequence) / Raw(payload[8:]))


def identity_options(**settings):
    parser = argparse.ArgumentParser(**settings)
    parser.add_argument("-a", "--address", action="append", required=True, metavar="IP[/LEN]")
    parser.add_argument("-m", "--mac", required=True)
    parser.add_argument("-p", "--udp-port", default="7", metavar="LIST")
    return parser


def main():
    parser = identity_options(description="Prints `NUMBER VERDICT` for each frame of a pcap file.")
    parser.add_argument("-w", "--write", metavar="OUT.pcap", help="write the replies there")
    parser.add_argument("pcap", metavar="IN.pcap")
    options = parser.parse_args()
    model = Model(options.mac, options.address, options.udp_port)
    replies = []
    for number, record in enumerate(read_pcap(options.pcap), 1):
        verdict, reply = model.answer(record.frame, record.wire_length)
        print(number, verdict)
        if reply is not None:
            replies.append(Record(record.time_ns, reply))
    if options.write:
        write_pcap(options.write, replies)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: BSD-3-Clause
"""What --explain says of a drop: the values seen, to the letter."""
from scapy.layers.inet import ICMP, TCP, UDP
from scapy.layers.l2 import ARP, Dot1Q, Ether

from cases_base import ARGUMENTS, TEXT, TO_US, ask, case, dropped, plain, raw_options, to, tweak

EXPLAIN_CASES = [
    case("explain", "Each drop says what was wrong, in the values seen.",
         dropped("13 bytes", bytes(plain())[:13], "eth-runt", explain="13 bytes are no Ethernet header"),
         dropped("to another station", Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:99") / ask() / to() / TEXT,
                 "eth-not-for-us", explain="from 02:00:00:00:00:01 to 02:00:00:00:00:99"),
         dropped("MPLS", Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02", type=0x8847) / bytes(40),
                 "eth-type", explain="ethertype 0x8847"),
         dropped("tagged MPLS", TO_US / Dot1Q(vlan=5, type=0x8847) / bytes(40),
                 "eth-type", explain="ethertype 0x8847"),
         dropped("ARP for another", TO_US / ARP(op=1, hwsrc="02:00:00:00:00:01", psrc="198.18.0.1", pdst="198.18.0.9"),
                 "arp-ignored",
                 explain="hardware 0x0001, protocol 0x0800, operation 1, from 198.18.0.1 for 198.18.0.9"),
         dropped("half an ARP packet", bytes(TO_US / ARP(op=1, hwsrc="02:00:00:00:00:01", psrc="198.18.0.1"))[:30], "arp-ignored", explain="16 bytes are no ARP packet"),
         dropped("10 bytes of IPv4", bytes(plain())[:24], "ip-malformed", explain="10 bytes are no IPv4 header"),
         dropped("version 6", plain(version=6), "ip-malformed",
                 explain="version 6, header length 20, total length 40, 40 bytes are there"),
         dropped("total length one beyond the frame", plain(len=41), "ip-malformed",
                 explain="version 4, header length 20, total length 41, 40 bytes are there"),
         dropped("to another address", TO_US / ask(dst="198.18.0.9") / to() / TEXT, "ip-not-for-us",
                 explain="198.18.0.9 is not ours"),
         dropped("from the loopback", TO_US / ask(src="127.0.0.1") / to() / TEXT, "ip-source",
                 explain="source 127.0.0.1 may not be answered"),
         dropped("a loose source route", TO_US / ask(options=raw_options(131, 3, 4, 0)) / to() / TEXT, "ip-options",
                 explain="options 83 03 04 00"),
         dropped("a fragment of no multiple of 8", TO_US / ask(flags="MF", id=0xABCD) / to() / TEXT[:1], "ip-fragment",
                 explain="identification 0xabcd, bytes 0 to 9, more to come: malformed, overlapping, or no room"),
         dropped("TCP", TO_US / ask() / TCP(), "ip-protocol", explain="protocol 6"),
         dropped("an ICMP information request", TO_US / ask() / ICMP(type=15), "icmp-ignored",
                 explain="type 15, code 0, checksum right"),
         dropped("a ping with a wrong checksum", TO_US / ask() / ICMP(type=8, chksum=1), "icmp-ignored",
                 explain="type 8, code 0, checksum wrong"),
         dropped("3 bytes of UDP", TO_US / ask(proto=17) / b"abc", "udp-malformed", explain="3 bytes are no UDP header"),
         dropped("a UDP length beyond the packet", TO_US / ask() / UDP(sport=40000, dport=7, len=9, chksum=0), "udp-malformed",
                 explain="length 9, 8 bytes are there"),
         # 198.18.0.1 to 198.18.0.2, protocol 17, length 8 twice, ports 40000 and 7: all add up to 0x2891.
         dropped("a wrong UDP checksum", TO_US / ask() / UDP(sport=40000, dport=7, len=8, chksum=0x1234), "udp-checksum",
                 explain="header says 0x1234, computes to 0xd76e"),
         dropped("a port not served", TO_US / ask() / to(9) / TEXT, "udp-port", explain="port 9 is not served"),
         dropped("from a time server", TO_US / ask() / to(sport=37) / TEXT, "udp-source-port",
                 explain="source port 37 is never answered"),
         dropped("a header that was changed on the way", tweak(plain(), 22, 56), "ip-checksum",
                 explain="header says 0xe369, computes to 0xe469")),
    case("explain-any", "The loop guard of `any` says the TTL that it found.",
         dropped("TTL 1", plain(ttl=1), "udp-ttl", explain="TTL 1 leaves none for the reply"),
         arguments=[*ARGUMENTS, "-p", "any"]),
]

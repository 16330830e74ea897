# SPDX-License-Identifier: BSD-3-Clause
"""Identities, and what matters among frames and checks: their order."""
from scapy.layers.inet import ICMP, TCP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Dot1Q, Ether

from cases_base import (ASK_ALL, MAC_ARGUMENTS, OURS, PEER_MAC, TEXT, TO_PEER, TO_US, answered, arp, arp_back, ask, back, case,
                        counting, dropped, echoed, fro, plain, plain_reply, raw_options, to)

IDENTITY_CASES = [
    case("two-addresses", "Two addresses, each answered from itself.",
         echoed("the first", plain(), plain_reply()),
         echoed("the second", plain(dst="203.0.113.9", src="203.0.113.8"), plain_reply(src="203.0.113.9", dst="203.0.113.8")),
         echoed("the second, from the first's subnet", plain(dst="203.0.113.9"), plain_reply(src="203.0.113.9")),
         dropped("from the second to the first", plain(src="203.0.113.9"), "ip-source"),
         dropped("from the first's broadcast to the second", plain(src="198.18.0.255", dst="203.0.113.9"), "ip-source"),
         dropped("from the second's broadcast to the first", plain(src="203.0.113.11"), "ip-source"),
         echoed("from .255, no broadcast address in a /30", plain(src="203.0.113.255"), plain_reply(dst="203.0.113.255")),
         answered("ARP for the second", ASK_ALL / arp(pdst="203.0.113.9"), "arp-reply", TO_PEER / arp_back(psrc="203.0.113.9")),
         dropped("ARP for the first in the second's name", ASK_ALL / arp(psrc="203.0.113.9"), "arp-ignored"),
         arguments=["-a", "198.18.0.2/24", "-a", "203.0.113.9/30", *MAC_ARGUMENTS]),
    case("prefix-31", "A /31 has two hosts and no broadcast address (RFC 3021).",
         echoed("from the upper one", plain(src="198.18.0.3"), plain_reply(dst="198.18.0.3")),
         dropped("from ourselves, the lower one", plain(src=OURS), "ip-source"),
         arguments=["-a", "198.18.0.2/31", *MAC_ARGUMENTS]),
    case("prefix-none", "An address without a prefix is a single one.",
         echoed("from .255", plain(src="198.18.0.255"), plain_reply(dst="198.18.0.255")),
         dropped("from ourselves", plain(src=OURS), "ip-source"),
         arguments=["-a", "198.18.0.2", *MAC_ARGUMENTS]),
    case("no-frames", "A file without frames: nothing to say, and an empty file of replies."),
]

WRONG_SUM = {"chksum": 0x1111}  # of IPv4, of UDP, or of ICMP

ORDER_CASES = [
    case("first-fault-counts", "Checks run in header order, and the first that fails names the verdict.",
         dropped("not our MAC, and IPv6", Ether(dst="02:00:00:00:00:03", src=PEER_MAC) / IPv6(src="fe80::1", dst="fe80::2"),
                 "eth-not-for-us"),
         dropped("version 6 in IPv4, and a wrong checksum", plain(version=6, **WRONG_SUM), "ip-malformed"),
         dropped("wrong checksum, and not our address", plain(dst="198.18.0.3", **WRONG_SUM), "ip-checksum"),
         dropped("not our address, and from loopback", plain(src="127.0.0.1", dst="198.18.0.3"), "ip-not-for-us"),
         dropped("from loopback, and source-routed",
                 TO_US / ask(src="127.0.0.1", options=raw_options(131, 3, 4, 0)) / to(), "ip-source"),
         dropped("source-routed, and a fragment", TO_US / ask(flags="MF", options=raw_options(131, 3, 4, 0)) / to(), "ip-options"),
         dropped("a fragment of 20 bytes, and TCP", TO_US / ask(flags="MF") / TCP(sport=1, dport=7), "ip-fragment"),
         dropped("a fragment of 24 bytes, and TCP", TO_US / ask(flags="MF") / TCP(sport=1, dport=7) / b"data", "ip-protocol"),
         dropped("UDP length beyond, and a wrong checksum", TO_US / ask() / to(len=99, **WRONG_SUM), "udp-malformed"),
         dropped("wrong checksum, and not our port", TO_US / ask() / to(8, **WRONG_SUM) / TEXT, "udp-checksum"),
         dropped("not our port, from port 0", TO_US / ask() / to(8, 0) / TEXT, "udp-port"))
]


def burst():
    """More frames than a burst of 64 holds: a run of good ones, a run of bad ones, then all mixed."""
    def good(number):
        text = counting(number % 40)
        return echoed(f"good, {len(text)} bytes", TO_US / ask(id=number) / to(sport=40000 + number) / text,
                      TO_PEER / back(id=number) / fro(sport=40000 + number) / text)

    def other(number):
        return (
            lambda: dropped("bad IPv4 checksum", plain(id=number, **WRONG_SUM), "ip-checksum"),
            lambda: dropped("bad UDP checksum", TO_US / ask(id=number) / to(**WRONG_SUM) / TEXT, "udp-checksum"),
            lambda: answered("ARP", ASK_ALL / arp(), "arp-reply", TO_PEER / arp_back()),
            lambda: dropped("runt", bytes(plain())[:1 + number % 13], "eth-runt"),
            lambda: answered("ping", TO_US / ask(id=number) / ICMP(type=8, id=1, seq=number), "icmp-echo",
                             TO_PEER / back(id=number) / ICMP(type=0, id=1, seq=number)),
            lambda: echoed("tagged", TO_US / Dot1Q(vlan=number) / ask(id=number) / to() / TEXT,
                           TO_PEER / Dot1Q(vlan=number) / back(id=number) / fro() / TEXT),
            lambda: dropped("not our port", TO_US / ask(id=number) / to(number) / TEXT, "udp-port"),
            lambda: echoed("with options", TO_US / ask(id=number, options=raw_options(1, 1, 1, 0)) / to() / TEXT,
                           plain_reply(id=number)),
        )[number % 8]()

    numbers = iter(range(200))
    return [*(good(next(numbers)) for _ in range(66)), *(other(next(numbers)) for _ in range(66)),
            *((good if number % 3 == 0 else other)(number) for number in numbers)]

BURST_CASES = [
    case("mixed-burst", "Good and bad frames, more than one burst of them: replies keep their order.", *burst()),
]

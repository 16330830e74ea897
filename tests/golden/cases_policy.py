# SPDX-License-Identifier: BSD-3-Clause
"""What the options decide: access list, rate limits, unreachable ports, blocked source ports."""
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import Dot1AD, Dot1Q

from cases_base import (ARGUMENTS, ASK_ALL, OURS, PEER, TEXT, TO_PEER, TO_US, answered, arp, arp_back, ask, at, back, case,
                        counting, dropped, echoed, fro, kept, payload, piece, plain, plain_reply, raw_options, to, tweak)

WHOLE = payload(to(), counting(24))
TEN_NETWORKS = """\
# The longest prefix decides, wherever it stands.
allow 10.1.2.0/24

deny 10.0.0.0/8   # all of these but
allow 10.1.0.0/16
deny 10.1.2.128/25
    allow 10.1.2.200/32
deny 10.1.2.201/32
"""
BOTH_FAMILIES = "deny ::/0\nallow 198.18.0.0/15\nallow ::c612:0/112\ndeny 0.0.0.0/0\nallow 2001:2::/48\ndeny ::c612:1\n"
ONLY_IPV6 = "deny ::/0\n"
ONLY_ONE = "deny 0.0.0.0/0\nallow 198.18.0.1/32\n"
TWICE = "deny 10.1.2.0/24\nallow 10.1.3.0/24\ndeny 10.1.2.0/24\nallow 10.1.3.0/24\n"
HALVES = "allow 0.0.0.0/0\ndeny 128.0.0.0/1\nallow 192.0.0.0/2\ndeny 203.0.113.8/31\n"
NO_PEER = "deny 198.18.0.1/32\n"


def from_source(src):
    return echoed(f"from {src}", plain(src=src), plain_reply(dst=src))


def not_from(src):
    return dropped(f"from {src}", plain(src=src), "acl")


def ping(note, number, verdict="icmp-echo", **fields):
    reply = [TO_PEER / back() / ICMP(type=0, id=1, seq=number)] if verdict == "icmp-echo" else []
    return answered(note, TO_US / ask(**fields) / ICMP(type=8, id=1, seq=number), verdict, *reply)


def asked(note, verdict="arp-reply"):
    return answered(note, ASK_ALL / arp(), verdict, *([TO_PEER / arp_back()] if verdict == "arp-reply" else []))


def over(note, src=PEER):
    return dropped(note, plain(src=src), "rate-limit")


def listed(name, about, text, *exchanges, **fields):
    return case(name, about, *exchanges, arguments=[*ARGUMENTS, "--acl=acl.conf"], files={"acl.conf": text}, **fields)


def unreachable(note, request, quoted, *tags, **fields):
    """The reply quotes the request's header with its options, and 8 bytes."""
    packet = IP(**{"src": OURS, "dst": PEER, "ttl": 64, "id": 0, "flags": "DF", "tos": 0, "proto": 1, **fields})
    reply = TO_PEER
    for tag in tags:
        reply = reply / tag
    return answered(note, request, "icmp-unreachable", reply / packet / ICMP(type=3, code=3, unused=0) / bytes(quoted))


def header_and_8(packet):
    """What is quoted of a packet without options."""
    return bytes(packet)[:28]


NOT_SERVED = ask() / to(9) / TEXT
OPTIONED = ask(options=raw_options(148, 4, 0, 0, 1, 1, 1, 0)) / to(9) / TEXT

POLICY_CASES = [
    listed("acl-longest-match", "The longest prefix that matches decides; where none does, the source is allowed.", TEN_NETWORKS,
           *map(from_source, ("198.18.0.1", "9.255.255.255", "11.0.0.0", "10.1.0.0", "10.1.255.255", "10.1.2.127", "10.1.2.200")),
           *map(not_from, ("10.0.0.0", "10.0.255.255", "10.2.0.0", "10.255.255.255", "10.1.2.128", "10.1.2.199", "10.1.2.201",
                           "10.1.2.255"))),
    listed("acl-only-one", "/0 is everybody, /32 a single one.", ONLY_ONE, from_source(PEER),
           *map(not_from, ("198.18.0.0", "198.18.0.3", "1.2.3.4", "223.255.255.255"))),
    listed("acl-families", "IPv6 prefixes say nothing of IPv4 sources.", BOTH_FAMILIES, from_source(PEER),
           *map(not_from, ("198.17.255.255", "198.20.0.0"))),
    listed("acl-only-ipv6", "A family that no line is about is allowed.", ONLY_IPV6, from_source(PEER), from_source("10.1.2.3")),
    listed("acl-halves", "Prefixes of few bits, and of many.", HALVES,
           *map(from_source, ("1.0.0.0", "126.255.255.255", "192.0.0.0", "203.0.113.7", "203.0.113.10")),
           *map(not_from, ("128.0.0.0", "191.255.255.255", "203.0.113.8", "203.0.113.9"))),
    listed("acl-twice", "The same rule twice is one.", TWICE, not_from("10.1.2.3"), from_source("10.1.3.3")),
    listed("acl-none", "A list without lines allows everybody.", "", from_source("10.1.2.3")),
    listed("acl-order", "The list is asked after the protocol and before what is behind; ARP is not subject to it.", NO_PEER,
           not_from(PEER),
           dropped("ping", TO_US / ask() / ICMP(type=8, id=1, seq=1), "acl"),
           dropped("bad UDP checksum", TO_US / ask() / to(chksum=1) / TEXT, "acl"),
           dropped("bad ICMP checksum", TO_US / ask() / ICMP(type=8, id=1, seq=1, chksum=1), "acl"),
           dropped("no UDP header", TO_US / ask(proto=17), "acl"),
           dropped("another port", TO_US / ask() / to(9) / TEXT, "acl"),
           dropped("TCP", TO_US / ask() / TCP(sport=40000, dport=7), "ip-protocol"),
           dropped("a source route", TO_US / ask(options=raw_options(131, 3, 4, 0)) / to(), "ip-options"),
           dropped("the first fragment", piece(WHOLE, 0, 16), "acl"),
           dropped("the last fragment", piece(WHOLE, 16, 32), "acl"),
           dropped("a fragment that no sender makes", TO_US / ask(flags="MF", proto=17) / TEXT, "ip-fragment"),
           dropped("a fragment of TCP", piece(WHOLE, 0, 16, proto=6), "ip-protocol"),
           asked("ARP"),
           kept("another's fragment", piece(WHOLE, 0, 16, src="198.18.0.3")), fragments_expired=1),

    case("rate-limit", "--rate-limit=2: two at once, then one for each half second, to the microsecond.",
         at("1", echoed("the first", plain(), plain_reply())), at("1.000001", echoed("the second", plain(), plain_reply())),
         at("1.000002", over("the third")), at("1.499999", over("0.499998 s after the second: 2 millionths short")),
         at("1.5", echoed("half a second after the first", plain(), plain_reply())), at("1.500001", over("and no more")),
         at("2.5", echoed("a second later: one", plain(), plain_reply())),
         at("2.5", echoed("and at once another", plain(), plain_reply())), at("2.500001", over("but not three")),
         at("60", echoed("a minute later: one", plain(), plain_reply())), at("60", echoed("two", plain(), plain_reply())),
         at("60", over("and still not three")),
         arguments=[*ARGUMENTS, "--rate-limit=2"]),
    case("rate-limit-burst", "--rate-limit=1:3: three at once, then one a second.",
         *[at("1", echoed(f"number {number}", plain(), plain_reply())) for number in (1, 2, 3)], at("1", over("number 4")),
         at("1.999999", over("0.999999 s later")), at("2", echoed("1 s later", plain(), plain_reply())),
         *[at("9", echoed(f"number {number}, 7 s later", plain(), plain_reply())) for number in (1, 2, 3)],
         at("9", over("number 4")),
         arguments=[*ARGUMENTS, "--rate-limit=1:3"]),
    case("rate-limit-thirds", "--rate-limit=3:2: a third of a second is no whole number of microseconds.",
         at("1", echoed("the first", plain(), plain_reply())), at("1", echoed("the second", plain(), plain_reply())),
         at("1.333333", over("0.333333 s later")),
         at("1.333334", echoed("0.333334 s later: 2 millionths are left", plain(), plain_reply())),
         at("1.666666", over("0.333332 s later: 2 millionths were left, and 999996 came")),
         at("1.666667", echoed("0.333333 s later: 2 and 999999", plain(), plain_reply())),
         arguments=[*ARGUMENTS, "--rate-limit=3:2"]),
    case("rate-limit-idle", "--rate-limit=16384:1: 2^50 us later, which makes 2^64 millionths, a token is there.",
         at("1", echoed("the first", plain(), plain_reply())), at("1", over("the second")),
         at("1125899907.842624", echoed("35 years later", plain(), plain_reply())), at("1125899907.842624", over("only one")),
         arguments=[*ARGUMENTS, "--rate-limit=16384:1"]),
    case("rate-limit-backwards", "A capture whose clock goes back: no time has passed.",
         at("20", echoed("the first", plain(), plain_reply())), at("10", over("10 s earlier")), at("9", over("11 s earlier")),
         arguments=[*ARGUMENTS, "--rate-limit=1"]),
    case("rate-limit-prefix-24", "The limit is for all hosts of a /24 together, and for each /24.",
         from_source("10.1.2.3"), over("from 10.1.2.4, of the same /24", "10.1.2.4"), over("from 10.1.2.255", "10.1.2.255"),
         from_source("10.1.3.3"), over("from 10.1.3.0", "10.1.3.0"), over("from 10.1.2.3 again", "10.1.2.3"),
         arguments=[*ARGUMENTS, "--rate-limit=1"]),
    case("rate-limit-prefix-32", "--rate-limit-prefix=32: for each host.",
         from_source("10.1.2.3"), from_source("10.1.2.4"), over("from 10.1.2.3 again", "10.1.2.3"),
         over("from 10.1.2.4 again", "10.1.2.4"),
         arguments=[*ARGUMENTS, "--rate-limit=1", "--rate-limit-prefix=32"]),
    case("rate-limit-prefix-9", "--rate-limit-prefix=9: for each half of a /8.",
         from_source("10.1.2.3"), over("from 10.127.255.255", "10.127.255.255"), from_source("10.128.0.0"),
         over("from 10.255.255.255", "10.255.255.255"), from_source("11.0.0.0"),
         arguments=[*ARGUMENTS, "--rate-limit=1", "--rate-limit-prefix=9"]),
    case("rate-limit-last", "Only what would be echoed takes a token: the limit is the last thing asked.",
         dropped("bad UDP checksum", TO_US / ask() / to(chksum=1) / TEXT, "udp-checksum"),
         dropped("another port", TO_US / ask() / to(9) / TEXT, "udp-port"),
         dropped("from port 53", TO_US / ask() / to(sport=53) / TEXT, "udp-source-port"),
         ping("ping", 1), asked("ARP"), echoed("the first echo", plain(), plain_reply()), over("the second"),
         dropped("bad UDP checksum", TO_US / ask() / to(chksum=1) / TEXT, "udp-checksum"),
         dropped("another port", TO_US / ask() / to(9) / TEXT, "udp-port"),
         dropped("from port 53", TO_US / ask() / to(sport=53) / TEXT, "udp-source-port"),
         ping("ping", 2), asked("ARP"),
         arguments=[*ARGUMENTS, "--rate-limit=1"]),
    case("icmp-arp-rate-limit", "A limit for ping, and one for ARP, whoever asks; none for UDP.",
         at("1", ping("ping", 1)), at("1", ping("ping", 2)), at("1", ping("ping", 3, "rate-limit")),
         at("1", asked("ARP, which pings leave alone")), at("1", asked("ARP")),
         at("1", asked("ARP", "rate-limit")), at("1", ping("ping from elsewhere", 3, "rate-limit", src="10.1.2.3")),
         at("1", echoed("an echo", plain(), plain_reply())),
         at("1.1", dropped("bad ICMP checksum", TO_US / ask() / ICMP(type=8, id=1, seq=1, chksum=1), "icmp-ignored")),
         at("1.5", asked("ARP, half a second later")), at("1.5", ping("ping", 4)), at("1.999999", ping("ping", 4, "rate-limit")),
         at("2", ping("ping", 5)), at("2", asked("ARP, which pings leave alone")), at("2", asked("ARP", "rate-limit")),
         arguments=[*ARGUMENTS, "--icmp-arp-rate-limit=2"]),
    case("icmp-arp-rate-limit-burst", "--icmp-arp-rate-limit=1:3, beside --rate-limit=1.",
         asked("ARP"), ping("ping", 1), echoed("an echo", plain(), plain_reply()), over("another"), ping("ping", 2),
         ping("ping", 3), ping("ping", 4, "rate-limit"), asked("ARP"), asked("ARP"), asked("ARP", "rate-limit"),
         arguments=[*ARGUMENTS, "--icmp-arp-rate-limit=1:3", "--rate-limit=1"]),

    case("icmp-unreachable", "A datagram to a port not served is reported, quoting its header and 8 bytes.",
         unreachable("port 9", TO_US / NOT_SERVED, header_and_8(NOT_SERVED)),
         unreachable("with options, which are quoted", TO_US / OPTIONED, bytes(OPTIONED)[:36]),
         unreachable("in a VLAN", TO_US / Dot1Q(vlan=5, prio=3) / NOT_SERVED, header_and_8(NOT_SERVED), Dot1Q(vlan=5, prio=3)),
         unreachable("behind two tags", TO_US / Dot1AD(vlan=100) / Dot1Q(vlan=5) / NOT_SERVED, header_and_8(NOT_SERVED),
                     Dot1AD(vlan=100), Dot1Q(vlan=5)),
         *[unreachable(note, TO_US / request, header_and_8(request), **fields) for note, request, fields in (
             ("without data", ask() / to(9), {}),
             ("without a checksum", ask() / to(9, chksum=0) / TEXT, {}),
             ("TOS, flags and TTL are quoted, not taken over", ask(tos=0xB8, flags="evil+DF", ttl=1) / to(9) / TEXT, {}),
             ("from elsewhere", ask(src="10.1.2.3") / to(9) / TEXT, {"dst": "10.1.2.3"}),
             ("1400 bytes, of which 8 are quoted", ask() / to(9) / counting(1400), {}),
             ("a UDP length shorter than the IP payload", ask() / to(9, len=12, chksum=0) / TEXT, {}),
             ("port 0", ask() / to(0) / TEXT, {}),
             ("from port 53: it is told, for what is told is no datagram", ask() / to(9, 53) / TEXT, {}),
             ("from a served port", ask() / to(9, 7) / TEXT, {}))],
         echoed("a served port", plain(), plain_reply()),
         arguments=[*ARGUMENTS, "--icmp-unreachable"]),
    case("icmp-unreachable-not", "Of nothing else: what is not right, not to us alone, or no UDP.",
         dropped("bad UDP checksum", TO_US / ask() / to(9, chksum=1) / TEXT, "udp-checksum"),
         dropped("UDP length beyond", TO_US / ask() / to(9, len=99) / TEXT, "udp-malformed"),
         dropped("bad IPv4 checksum", tweak(TO_US / NOT_SERVED, 22, 9), "ip-checksum"),
         dropped("broadcast frame", ASK_ALL / NOT_SERVED, "eth-not-for-us"),
         dropped("to the subnet's broadcast", TO_US / ask(dst="198.18.0.255") / to(9) / TEXT, "ip-not-for-us"),
         dropped("from the subnet's broadcast", TO_US / ask(src="198.18.0.255") / to(9) / TEXT, "ip-source"),
         dropped("from nobody", TO_US / ask(src="0.0.0.0") / to(9) / TEXT, "ip-source"),
         dropped("a source route", TO_US / ask(options=raw_options(131, 3, 4, 0)) / to(9) / TEXT, "ip-options"),
         dropped("from port 53 to a served one", TO_US / ask() / to(7, 53) / TEXT, "udp-source-port"),
         dropped("an ICMP error", TO_US / ask() / ICMP(type=3, code=3) / bytes(ask() / to()), "icmp-ignored"),
         dropped("TCP", TO_US / ask() / TCP(sport=40000, dport=9), "ip-protocol"),
         kept("the first fragment", piece(payload(to(9), counting(24)), 0, 16)),
         dropped("what was put together of two", piece(payload(to(9), counting(24)), 16, 32), "udp-port"),
         arguments=[*ARGUMENTS, "--icmp-unreachable"]),
    case("icmp-unreachable-limit",
         "--icmp-unreachable=2: two at once, then one for each half second; the other limits are others'.",
         *[at(time, unreachable(note, TO_US / NOT_SERVED, header_and_8(NOT_SERVED)) if token else
              dropped(note, TO_US / NOT_SERVED, "udp-port")) for time, note, token in (
             ("1", "the first", True), ("1", "the second", True), ("1", "the third", False),
             ("1.499999", "0.499999 s later", False),
             ("1.5", "half a second later", True), ("1.5", "once more", False))],
         at("1.5", echoed("an echo", plain(), plain_reply())), at("1.5", ping("ping", 1)),
         arguments=[*ARGUMENTS, "--icmp-unreachable=2", "--rate-limit=1", "--icmp-arp-rate-limit=1"]),
    case("icmp-unreachable-default", "--icmp-unreachable: 100 of them at once.",
         *[unreachable(f"number {number}", TO_US / UNSERVED, header_and_8(UNSERVED))
           for number in range(1, 101) for UNSERVED in [ask(id=number) / UDP(sport=number, dport=9)]],
         dropped("number 101", TO_US / NOT_SERVED, "udp-port"),
         arguments=[*ARGUMENTS, "--icmp-unreachable"]),

    case("block-source-port", "--block-source-port=5000,6000-6002: never answered, as the responders' ports are not.",
         *[dropped(f"from port {port}", TO_US / ask() / to(sport=port) / TEXT, "udp-source-port")
           for port in (5000, 6000, 6001, 6002, 0, 7, 53, 11211)],
         *[echoed(f"from port {port}", TO_US / ask() / to(sport=port) / TEXT, TO_PEER / back() / fro(sport=port) / TEXT)
           for port in (4999, 5001, 5999, 6003)],
         dropped("from port 5000 to one that is not served", TO_US / ask() / to(9, 5000) / TEXT, "udp-port"),
         arguments=[*ARGUMENTS, "--block-source-port=5000,6000-6002"]),
    case("block-source-port-any", "The same with -p any.",
         dropped("from port 5000", TO_US / ask() / to(9, 5000) / TEXT, "udp-source-port"),
         echoed("from port 5001", TO_US / ask() / to(9, 5001) / TEXT, TO_PEER / back(ttl=56) / fro(9, 5001) / TEXT),
         arguments=[*ARGUMENTS, "-p", "any", "--block-source-port=5000"]),
]

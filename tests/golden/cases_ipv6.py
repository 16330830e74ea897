# SPDX-License-Identifier: BSD-3-Clause
"""IPv6, ICMPv6 and neighbour discovery: RFC 8200, 4291, 4443, 4861."""
from scapy.layers.inet import ICMP, TCP
from scapy.layers.inet6 import (ICMPv6EchoReply, ICMPv6EchoRequest, ICMPv6DestUnreach, ICMPv6MLQuery2, ICMPv6ND_NA, ICMPv6ND_NS,
                                ICMPv6ND_RA, ICMPv6ND_RS, ICMPv6NDOptDstLLAddr, ICMPv6NDOptSrcLLAddr, ICMPv6PacketTooBig, IPv6,
                                IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, IPv6ExtHdrRouting, Jumbo, PadN, RouterAlert)
from scapy.layers.l2 import Dot1Q, Ether
from scapy.packet import Raw

from cases_base import (ARGUMENTS, OUR_MAC, PEER_MAC, TEXT, TO_PEER, TO_US, answered, ask, back, case, counting, dropped, echoed,
                        fro, kept, plain, plain_reply, to, tweak)

OURS6, PEER6, OTHER6 = "2001:2::2", "2001:2::1", "2001:2:0:1::9"
SOLICITED, SOLICITED_MAC = "ff02::1:ff00:2", "33:33:ff:00:00:02"
ALL_NODES, ALL_NODES_MAC = "ff02::1", "33:33:00:00:00:01"
BOTH = [*ARGUMENTS, "-a", "2001:2::2/64", "-a", "2001:2:0:1::9/64"]
TO_SOLICITED = Ether(dst=SOLICITED_MAC, src=PEER_MAC)


def ask6(src=PEER6, dst=OURS6, **fields):
    """The IPv6 header of a request."""
    return IPv6(**{"src": src, "dst": dst, "hlim": 57, **fields})


def back6(src=OURS6, dst=PEER6, **fields):
    """The IPv6 header of its reply: no extension headers, a hop limit of 64, all else as it came."""
    return IPv6(**{"src": src, "dst": dst, "hlim": 64, **fields})


def plain6(*between, text=TEXT, **fields):
    """A datagram with these extension headers."""
    packet = TO_US / ask6(**fields)
    for header in between:
        packet = packet / header
    return packet / to() / text


def plain_reply6(text=TEXT, **fields):
    return TO_PEER / back6(**fields) / fro() / text


def case6(name, about, *exchanges, arguments=(), **fields):
    return case(name, about, *exchanges, arguments=[*BOTH, *arguments], **fields)


def raw_extension(kind, *values):
    """A datagram behind an extension header of KIND whose bytes, but for the next header, are VALUES."""
    datagram = bytes(ask6() / to() / TEXT)[40:]
    return TO_US / ask6(nh=kind) / Raw(bytes((17, *values)) + datagram)


def solicit(target=OURS6, src=PEER6, dst=SOLICITED, ethernet=TO_SOLICITED, option=True, hlim=255, **fields):
    packet = ethernet / IPv6(src=src, dst=dst, hlim=hlim) / ICMPv6ND_NS(tgt=target, **fields)
    return packet / ICMPv6NDOptSrcLLAddr(lladdr=PEER_MAC) if option else packet


def advertise(target=OURS6, dst=PEER6, ethernet=TO_PEER, solicited=1):
    return (ethernet / IPv6(src=target, dst=dst, hlim=255) / ICMPv6ND_NA(tgt=target, R=0, S=solicited, O=1) /
            ICMPv6NDOptDstLLAddr(lladdr=OUR_MAC))


def discovered(note, request, reply):
    return answered(note, request, "nd-reply", reply)


def ignored(note, request, verdict="nd-ignored", **fields):
    return dropped(note, request, verdict, **fields)


def ping6(ethernet=TO_US, data=TEXT, **fields):
    return ethernet / ask6(**fields) / ICMPv6EchoRequest(id=1, seq=1, data=data)


def pong6(data=TEXT, **fields):
    return TO_PEER / back6(**fields) / ICMPv6EchoReply(id=1, seq=1, data=data)


def eight(kinds):
    """So many extension headers of destination options before the datagram."""
    return [IPv6ExtHdrDestOpt(options=[PadN(optdata=bytes(4))]) for _ in range(kinds)]


PAD = IPv6ExtHdrDestOpt(options=[PadN(optdata=bytes(4))])

IPV6_CASES = [
    case6("ipv6-echo", "A datagram comes back over IPv6: addresses and ports swapped, the checksum kept (RFC 8200).",
          echoed("echo", plain6(), plain_reply6()),
          echoed("our second address", plain6(dst=OTHER6), plain_reply6(src=OTHER6)),
          echoed("traffic class and flow label are kept", plain6(tc=0xB8, fl=0xABCDE), plain_reply6(tc=0xB8, fl=0xABCDE)),
          echoed("hop limit 1 and a well-known port", plain6(hlim=1), plain_reply6()),
          echoed("no payload", TO_US / ask6() / to(), TO_PEER / back6() / fro()),
          echoed("behind a tag", TO_US / Dot1Q(vlan=5) / ask6() / to() / TEXT, TO_PEER / Dot1Q(vlan=5) / back6() / fro() / TEXT),
          echoed("padding behind the packet is not sent back", bytes(plain6()) + b"pad", plain_reply6()),
          echoed("surplus behind the datagram is not sent back (RFC 9868)",
                 tweak(TO_US / ask6() / to() / TEXT / b"surplus!", 58, 0, 20, *bytes(plain6())[60:62]), plain_reply6()),
          echoed("IPv4 beside it", plain(), plain_reply()),
          echoed("from a link-local address", plain6(src="fe80::1"), plain_reply6(dst="fe80::1"))),
    case6("ipv6-malformed", "No whole IPv6 header, or a payload beyond the frame (RFC 8200 section 3).",
          ignored("no byte", bytes(plain6())[:14], "ip-malformed", explain="0 bytes are no IPv6 header"),
          ignored("39 bytes", bytes(plain6())[:53], "ip-malformed", explain="39 bytes are no IPv6 header"),
          ignored("version 4", plain6(version=4), "ip-malformed", explain="version 4, payload length 20, 20 bytes are there"),
          ignored("one byte more than there is", plain6(plen=21), "ip-malformed",
                  explain="version 6, payload length 21, 20 bytes are there"),
          ignored("no payload", TO_US / ask6(nh=17), "udp-malformed"),
          ignored("no payload, and no next header", TO_US / ask6(nh=59), "ip-protocol", explain="next header 59")),
    case6("ipv6-not-for-us", "Only our addresses, and of the groups only ours (RFC 4291 2.8).",
          ignored("a neighbour", plain6(dst="2001:2::3"), "ip-not-for-us", explain="2001:2::3 is not ours"),
          ignored("::", plain6(dst="::"), "ip-not-for-us"),
          ignored("all routers", ping6(dst="ff02::2"), "ip-not-for-us"),
          ignored("all nodes of the interface", ping6(dst="ff01::1"), "ip-not-for-us"),
          ignored("the solicited-node group of others", ping6(dst="ff02::1:ff00:3"), "ip-not-for-us"),
          ignored("a datagram to all nodes", plain6(dst=ALL_NODES), "ip-not-for-us",
                  explain="ff02::1 is not ours, or a group that gets no such reply"),
          ignored("our address under a group's MAC", TO_SOLICITED / ask6() / to() / TEXT, "ip-not-for-us",
                  explain="2001:2::2 is not ours, or came to the group 33:33:ff:00:00:02"),
          ignored("TCP to all nodes", TO_US / ask6(dst=ALL_NODES) / TCP(), "ip-not-for-us"),
          ignored("the MAC of another group", Ether(dst="33:33:00:00:00:02", src=PEER_MAC) / ask6(dst="ff02::2") / to() / TEXT,
                  "eth-not-for-us"),
          ignored("broadcast", Ether(dst="ff:ff:ff:ff:ff:ff", src=PEER_MAC) / ask6() / to() / TEXT, "eth-not-for-us"),
          ignored("IPv4 under an IPv6 group's MAC", Ether(dst=ALL_NODES_MAC, src=PEER_MAC) / ask() / to() / TEXT,
                  "eth-not-for-us")),
    case6("ipv6-source", "Sources that may not be answered (RFC 4291 2.5.2, 2.5.3, 2.5.5.2, 2.7).",
          *[ignored(note, plain6(src=src), "ip-source", explain=f"source {src} may not be answered") for note, src in (
              ("nobody", "::"), ("loopback", "::1"), ("a group", "ff02::1"), ("ourselves, as in LAND", OURS6),
              ("our other address", OTHER6), ("an IPv4 address", "::ffff:198.18.0.1"))],
          ignored("nobody, to all nodes", ping6(src="::", dst=ALL_NODES), "ip-source"),
          ignored("nobody, to our solicited-node group", ping6(src="::", dst=SOLICITED), "icmp-ignored"),
          echoed("::2, which is an address", plain6(src="::2"), plain_reply6(dst="::2"))),
    case6("ipv6-extensions", "Extension headers are read, and kept out of the reply (RFC 8200 section 4).",
          *[echoed(note, plain6(*headers), plain_reply6()) for note, headers in (
              ("hop-by-hop options", [IPv6ExtHdrHopByHop(options=[PadN(optdata=bytes(4))])]),
              ("router alert, which may be skipped", [IPv6ExtHdrHopByHop(options=[RouterAlert()])]),
              ("destination options", [PAD]),
              ("a routing header that has been followed", [IPv6ExtHdrRouting(segleft=0, addresses=["2001:2::5"])]),
              ("an atomic fragment (RFC 6946)", [IPv6ExtHdrFragment(id=7)]),
              ("all of them", [IPv6ExtHdrHopByHop(options=[PadN(optdata=bytes(4))]), PAD,
                               IPv6ExtHdrRouting(segleft=0, addresses=[]), IPv6ExtHdrFragment(id=7), PAD]),
              ("eight", eight(8)))],
          ignored("nine", plain6(*eight(9)), "ip-options"),
          ignored("hop-by-hop options behind others", plain6(PAD, IPv6ExtHdrHopByHop()), "ip-options"),
          ignored("hop-by-hop options twice", plain6(IPv6ExtHdrHopByHop(), IPv6ExtHdrHopByHop()), "ip-options"),
          ignored("a segment is left", plain6(IPv6ExtHdrRouting(type=0, segleft=1, addresses=["2001:2::5"])), "ip-options"),
          ignored("two fragment headers", plain6(IPv6ExtHdrFragment(), IPv6ExtHdrFragment()), "ip-options"),
          ignored("Jumbo (RFC 2675)", TO_US / ask6(plen=0) / IPv6ExtHdrHopByHop(options=[Jumbo(jumboplen=70000)]), "ip-options"),
          ignored("beyond the packet", raw_extension(60, 9, 1, 4, 0, 0, 0, 0), "ip-options"),
          ignored("7 bytes of one", TO_US / ask6(nh=60) / Raw(bytes((17, 0, 1, 4, 0, 0, 0))), "ip-options"),
          ignored("authentication", TO_US / ask6(nh=51) / Raw(bytes(24)), "ip-protocol", explain="next header 51")),
    case6("ipv6-options", "The type of an unknown option says whether it may be skipped (RFC 8200 4.2).",
          *[echoed(note, raw_extension(60, 0, *values), plain_reply6()) for note, values in (
              ("one byte of padding, six times", (0, 0, 0, 0, 0, 0)),
              ("four bytes of padding and two", (1, 4, 0, 0, 0, 0)),
              ("unknown, to be skipped", (0x1E, 2, 9, 9, 0, 0)),
              ("unknown, to be skipped, and may change on the way", (0x3E, 4, 9, 9, 9, 9)),
              ("two bytes at the end", (1, 2, 0, 0, 1, 0)))],
          *[ignored(note, raw_extension(60, 0, *values), "ip-options") for note, values in (
              ("unknown, to be discarded", (0x5E, 4, 9, 9, 9, 9)),
              ("unknown, to be reported", (0x9E, 4, 9, 9, 9, 9)),
              ("unknown, to be reported unless to a group", (0xC9, 4, 9, 9, 9, 9)),
              ("a byte too long", (1, 5, 0, 0, 0, 0)),
              ("no room for the length", (0, 0, 0, 0, 0, 1)))]),
    case6("ipv6-fragments", "Fragments are put together (RFC 8200 4.5), and refused where they overlap (RFC 5722).",
          *(lambda whole: [
              kept("the first of two", TO_US / ask6() / IPv6ExtHdrFragment(id=1, m=1, nh=17) / whole[:40]),
              echoed("the second", TO_US / ask6() / IPv6ExtHdrFragment(id=1, offset=5, nh=17) / whole[40:],
                     TO_PEER / back6(nh=17) / Raw(bytes(ask6(src=OURS6, dst=PEER6) / fro() / counting(80))[40:])),
              kept("the second first", TO_US / ask6() / IPv6ExtHdrFragment(id=2, offset=5, nh=17) / whole[40:]),
              echoed("and the first, behind options", TO_US / ask6() / PAD / IPv6ExtHdrFragment(id=2, m=1, nh=17) / whole[:40],
                     TO_PEER / back6(nh=17) / Raw(bytes(ask6(src=OURS6, dst=PEER6) / fro() / counting(80))[40:])),
              kept("another's with the same identification", TO_US / ask6(src="2001:2::7") / IPv6ExtHdrFragment(id=2, m=1, nh=17) /
                   whole[:40]),
              kept("one that will be contradicted", TO_US / ask6() / IPv6ExtHdrFragment(id=3, m=1, nh=17) / whole[:40]),
              ignored("the overlap", TO_US / ask6() / IPv6ExtHdrFragment(id=3, offset=4, nh=17) / whole[32:], "ip-fragment"),
              ignored("too late: the datagram is given up", TO_US / ask6() / IPv6ExtHdrFragment(id=3, offset=5, nh=17) /
                      whole[40:], "ip-fragment"),
          ])(bytes(ask6() / to() / counting(80))[40:]),
          ignored("not a multiple of 8", TO_US / ask6() / IPv6ExtHdrFragment(id=4, m=1, nh=17) / Raw(bytes(12)), "ip-fragment"),
          ignored("none, and more to come", TO_US / ask6() / IPv6ExtHdrFragment(id=4, m=1, nh=17), "ip-fragment"),
          ignored("beyond 65,535 bytes", TO_US / ask6() / IPv6ExtHdrFragment(id=4, offset=8191, nh=17) / Raw(bytes(8)),
                  "ip-fragment"),
          ignored("7 bytes of a fragment header", TO_US / ask6(nh=44) / Raw(bytes(7)), "ip-fragment",
                  explain="7 bytes are no fragment header"),
          ignored("of TCP", TO_US / ask6() / IPv6ExtHdrFragment(id=4, m=1, nh=6) / Raw(bytes(8)), "ip-protocol"),
          ignored("to a group", TO_US / ask6(dst=ALL_NODES) / IPv6ExtHdrFragment(id=4, m=1, nh=58) / Raw(bytes(8)),
                  "ip-not-for-us"),
          fragments_expired=2),
    case6("ipv6-udp", "What IPv4 asks of a datagram, and a checksum (RFC 8200 8.1).",
          ignored("a checksum of 0", tweak(plain6(), 60, 0, 0), "udp-checksum",
                  explain="header says 0, which IPv6 does not allow"),
          ignored("a wrong one", tweak(plain6(), 73, 0x22), "udp-checksum"),
          ignored("7 bytes", TO_US / ask6(nh=17) / Raw(bytes(7)), "udp-malformed"),
          ignored("a length beyond the packet", tweak(plain6(), 58, 0, 21), "udp-malformed"),
          ignored("a port not served", TO_US / ask6() / to(9) / TEXT, "udp-port", explain="port 9 is not served"),
          ignored("from chargen", TO_US / ask6() / to(sport=19) / TEXT, "udp-source-port"),
          ignored("UDP-Lite", TO_US / ask6(nh=136) / Raw(bytes(20)), "ip-protocol"),
          ignored("ICMP of IPv4", TO_US / ask6(nh=1) / ICMP(), "ip-protocol")),
    case6("ipv6-ttl", "Where every port is served, a reply has a lower hop limit than its request: the loop guard.",
          echoed("hop limit 57", plain6(), plain_reply6(hlim=56)),
          echoed("hop limit 255", plain6(hlim=255), plain_reply6()),
          ignored("hop limit 1", plain6(hlim=1), "udp-ttl", explain="hop limit 1 leaves none for the reply"),
          arguments=["-p", "any"]),
    case6("icmpv6-echo", "Echo requests to us alone are answered (RFC 4443 4.2).",
          answered("ping", ping6(), "icmp-echo", pong6()),
          answered("ping without data", ping6(data=b""), "icmp-echo", pong6(data=b"")),
          answered("ping behind options", TO_US / ask6() / PAD / ICMPv6EchoRequest(id=1, seq=1, data=TEXT), "icmp-echo", pong6()),
          ignored("to all nodes", ping6(dst=ALL_NODES), "icmp-ignored",
                  explain="type 128, code 0, checksum right, to the group ff02::1"),
          ignored("to our solicited-node group", ping6(dst=SOLICITED), "icmp-ignored"),
          ignored("a reply", TO_US / ask6() / ICMPv6EchoReply(), "icmp-ignored"),
          ignored("code 1", TO_US / ask6() / ICMPv6EchoRequest(code=1), "icmp-ignored"),
          ignored("a wrong checksum", TO_US / ask6() / ICMPv6EchoRequest(cksum=1), "icmp-ignored",
                  explain="type 128, code 0, checksum wrong"),
          ignored("7 bytes", TO_US / ask6(nh=58) / Raw(bytes(7)), "icmp-ignored", explain="7 bytes are no ICMPv6 message"),
          ignored("port unreachable", TO_US / ask6() / ICMPv6DestUnreach(code=4) / bytes(plain6())[14:], "icmp-ignored"),
          ignored("packet too big", TO_US / ask6() / ICMPv6PacketTooBig(mtu=1280) / bytes(plain6())[14:], "icmp-ignored"),
          ignored("a multicast listener query, offline", TO_US / ask6(dst=ALL_NODES, hlim=1) / ICMPv6MLQuery2(), "icmp-ignored")),
    case6("nd-reply", "A neighbour that asks for an address of ours gets our MAC (RFC 4861 7.2.4).",
          discovered("to the solicited-node group", solicit(), advertise()),
          discovered("for our second address", solicit(OTHER6, dst="ff02::1:ff00:9",
                     ethernet=Ether(dst="33:33:ff:00:00:09", src=PEER_MAC)), advertise(OTHER6)),
          discovered("without its own MAC: the reply is 8 bytes longer", solicit(option=False), advertise()),
          discovered("to us alone", solicit(dst=OURS6, ethernet=TO_US), advertise()),
          discovered("to all nodes", solicit(dst=ALL_NODES, ethernet=Ether(dst=ALL_NODES_MAC, src=PEER_MAC)), advertise()),
          discovered("is it free? (RFC 4862 5.4)", solicit(src="::", option=False),
                     advertise(dst=ALL_NODES, ethernet=Ether(dst=ALL_NODES_MAC, src=OUR_MAC), solicited=0)),
          discovered("behind a tag", TO_SOLICITED / Dot1Q(vlan=5) / solicit()[IPv6], TO_PEER / Dot1Q(vlan=5) / advertise()[IPv6]),
          discovered("an unknown option", solicit() / Raw(bytes((200, 1, 0, 0, 0, 0, 0, 0))), advertise())),
    case6("nd-ignored", "Discovery that asks nothing of us, or is not valid (RFC 4861 7.1.1).",
          ignored("for another's address", solicit("2001:2::5"), explain="type 135, code 0, hop limit 255, from 2001:2::1 for 2001:2::5"),
          ignored("hop limit 254: it came through a router", solicit(hlim=254)),
          ignored("code 1", solicit(code=1)),
          ignored("a group as the target", solicit(SOLICITED)),
          ignored("an empty option", solicit(option=False) / Raw(bytes((1, 0, 0, 0, 0, 0, 0, 0)))),
          ignored("half an option", solicit(option=False) / Raw(bytes((1, 1, 0, 0)))),
          ignored("an option beyond the packet", solicit(option=False) / Raw(bytes((1, 2, 0, 0, 0, 0, 0, 0)))),
          ignored("23 bytes", TO_SOLICITED / IPv6(src=PEER6, dst=SOLICITED, hlim=255, nh=58) /
                  Raw(bytes(ICMPv6ND_NS(tgt=OURS6, cksum=0))[:23]), "icmp-ignored"),
          ignored("from nobody, with its MAC", solicit(src="::")),
          ignored("behind a fragment header (RFC 6980)", TO_SOLICITED / IPv6(src=PEER6, dst=SOLICITED, hlim=255) /
                  IPv6ExtHdrFragment() / solicit()[ICMPv6ND_NS]),
          ignored("a wrong checksum", solicit(cksum=1), "icmp-ignored"),
          ignored("an advertisement", TO_US / IPv6(src=PEER6, dst=OURS6, hlim=255) / ICMPv6ND_NA(tgt=PEER6)),
          ignored("a router's advertisement", TO_US / IPv6(src="fe80::1", dst=ALL_NODES, hlim=255) / ICMPv6ND_RA()),
          ignored("a question for routers", TO_US / IPv6(src="fe80::1", dst=ALL_NODES, hlim=255) / ICMPv6ND_RS())),
    case6("icmpv6-unreachable", "A port that is not served is reported, with what fits into 1,280 bytes (RFC 4443 3.1).",
          *[answered(note, request, "icmp-unreachable",
                     TO_PEER / back6() / ICMPv6DestUnreach(code=4) / Raw(bytes(request[IPv6])[:1232])) for note, request in (
              ("a datagram", TO_US / ask6() / to(9) / TEXT),
              ("traffic class and flow label are not taken over", TO_US / ask6(tc=0xB8, fl=5) / to(9) / TEXT),
              ("behind options, which are quoted", TO_US / ask6() / PAD / to(9) / TEXT),
              ("1,184 bytes, which fit", TO_US / ask6() / to(9) / counting(1184)),
              ("a byte more", TO_US / ask6() / to(9) / counting(1185)),
              ("1,452 bytes", TO_US / ask6() / to(9) / counting(1452)))],
          arguments=["--icmp-unreachable"]),
]

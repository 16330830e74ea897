# SPDX-License-Identifier: BSD-3-Clause
"""Fragments that are refused, expire, or make a datagram that is."""
from scapy.layers.inet import ICMP

from cases_base import (ARGUMENTS, TO_PEER, TO_US, answered, arp, arp_back, ask, ASK_ALL, at, back, case, counting, dropped, echoed,
                        fro, kept, payload, piece, plain, plain_reply, raw_options, to, tweak)

DATA = counting(24)
WHOLE = payload(to(), DATA)  # 32 bytes of IP payload
REPLY = TO_PEER / back() / fro() / DATA
FIRST, MIDDLE, LAST = piece(WHOLE, 0, 16), piece(WHOLE, 16, 24), piece(WHOLE, 24, 32)


def condemned(note, number, *fragments):
    """Fragments kept, then one that condemns the datagram: what would have made it whole is refused."""
    *before, fault = [piece(WHOLE, *bounds, **{"id": number, **fields}) for *bounds, fields in fragments]
    return [*(kept(f"{note}: kept", fragment) for fragment in before), dropped(f"{note}: refused", fault, "ip-fragment"),
            *(dropped(f"{note}: too late", piece(WHOLE, *bounds, id=number), "ip-fragment")
              for bounds in ((0, 16), (16, 24), (24, 32)))]


def in_two(note, whole, verdict, *replies, **fields):
    """A datagram in two fragments and what becomes of it."""
    return [kept(f"{note}: the first", piece(whole, 0, 16, **fields)),
            answered(note, piece(whole, 16, len(whole), **fields), verdict, *replies)]


MORE, END = {"flags": "MF"}, {"flags": 0}

REFUSED_CASES = [
    case("ip-fragment", "Fragments that no sender makes are refused, and leave the datagram as it is.",
         kept("the first", FIRST),
         dropped("more to come, but no data", TO_US / ask(flags="MF", frag=2, proto=17), "ip-fragment"),
         dropped("more to come, but 12 bytes of data", TO_US / ask(flags="MF", frag=2, proto=17) / DATA[:12], "ip-fragment"),
         dropped("more to come, but 7 bytes of data", TO_US / ask(flags="MF", frag=1, proto=17) / DATA[:7], "ip-fragment"),
         dropped("ends behind 65515", TO_US / ask(frag=8190, proto=17) / DATA, "ip-fragment"),
         kept("the middle", MIDDLE),
         echoed("the last", LAST, REPLY)),
    case("fragments-protocol", "A fragment of neither UDP nor ICMP is not held.",
         dropped("TCP", piece(WHOLE, 0, 16, proto=6), "ip-protocol"),
         dropped("the last, of TCP", piece(WHOLE, 16, 32, proto=6), "ip-protocol"),
         dropped("TCP that ends behind 65515", TO_US / ask(frag=8191, proto=6) / DATA, "ip-fragment")),
    case("fragments-duplicate", "A fragment that is there already is refused, and nothing else changes: the first word counts.",
         kept("the first", FIRST),
         dropped("the first again", FIRST, "ip-fragment"),
         kept("the last", LAST),
         dropped("the last again", LAST, "ip-fragment"),
         dropped("the first, saying something else", tweak(FIRST, 42, 0), "ip-fragment"),
         dropped("the first, with another TTL and TOS", piece(WHOLE, 0, 16, ttl=1, tos=0xFF), "ip-fragment"),
         echoed("the middle", MIDDLE, REPLY),
         kept("the middle again: of a new datagram", MIDDLE),
         fragments_expired=1),
    case("fragments-overlap", "Any other overlap condemns the datagram: all that is held, and all that is to come.",
         *condemned("longer", 1, (0, 16, MORE), (0, 24, MORE)),
         *condemned("shorter", 2, (0, 16, MORE), (0, 8, MORE)),
         *condemned("from its middle on", 3, (0, 16, MORE), (8, 24, MORE)),
         *condemned("into the one behind", 4, (16, 24, MORE), (8, 24, MORE)),
         *condemned("over two others", 5, (8, 16, MORE), (24, 32, END), (0, 32, MORE)),
         *condemned("within another", 6, (0, 24, MORE), (8, 16, MORE)),
         *condemned("the last, now with more to come", 7, (24, 32, END), (24, 32, MORE)),
         *condemned("with more to come, now the last", 8, (24, 32, MORE), (24, 32, END)),
         fragments_expired=9),
    case("fragments-ends", "A datagram has one end, and nothing behind it.",
         *condemned("an end before the known one", 1, (24, 32, END), (8, 16, END)),
         *condemned("an end behind the known one", 2, (16, 24, END), (24, 32, END)),
         *condemned("more behind the known end", 3, (8, 16, END), (16, 24, MORE)),
         *condemned("across the known end", 4, (0, 8, MORE), (16, 24, END), (24, 32, MORE)),
         *condemned("an end before what is held", 5, (16, 24, MORE), (8, 16, END)),
         fragments_expired=6),
    case("fragments-incomplete", "What never becomes whole is counted at the end of the run.",
         kept("the first", FIRST),
         kept("the last", LAST),
         kept("the first of another", piece(WHOLE, 0, 16, id=2)),
         answered("ARP in between", ASK_ALL / arp(), "arp-reply", TO_PEER / arp_back()),
         echoed("and an echo", plain(), plain_reply()),
         fragments_expired=3),
    case("fragments-expired", "After 5 seconds it is too late, by the clock of the capture.",
         at("1", kept("the first", FIRST)),
         at("5.999999", echoed("the rest 4.999999 s later", piece(WHOLE, 16, 32), REPLY)),
         at("10", kept("the first", FIRST)),
         at("15", kept("the rest 5 s later: the first of a new datagram", piece(WHOLE, 16, 32))),
         at("19.999999", echoed("the first again, in time for that", FIRST, REPLY)),
         at("30", kept("the first", FIRST)),
         at("34.9", kept("the last", LAST)),
         at("35", kept("the middle 5 s after the first: those since do not prolong it", MIDDLE)),
         at("100", kept("a minute later the same once more", MIDDLE)),
         at("100", dropped("at the same time, twice", MIDDLE, "ip-fragment")),
         fragments_expired=5),
    case("fragments-time-backwards", "A capture whose clock goes back: 5 seconds have not passed.",
         at("20", kept("the first", FIRST)),
         at("14", echoed("the rest, 6 s earlier", piece(WHOLE, 16, 32), REPLY))),
    case("fragments-condemned-late", "A condemned datagram is refused for 5 seconds, and then forgotten.",
         at("1", kept("the first", FIRST)),
         at("2", dropped("overlaps it", piece(WHOLE, 8, 24), "ip-fragment")),
         at("3", dropped("the rest", piece(WHOLE, 16, 32), "ip-fragment")),
         at("5.999999", dropped("the first, 4.999999 s after it had come", FIRST, "ip-fragment")),
         at("6", kept("the first, 5 s after it had come", FIRST)),
         at("6.000001", echoed("the rest", piece(WHOLE, 16, 32), REPLY)),
         fragments_expired=1),
    case("fragments-checks", "A datagram that was put together has to be as right as any other.",
         *in_two("a bad UDP checksum", tweak(WHOLE, 8, 0), "udp-checksum"),
         *in_two("a bad UDP checksum, by its last byte", tweak(WHOLE, 31, 0), "udp-checksum"),
         *in_two("no UDP checksum", payload(to(chksum=0), DATA), "udp-echo", TO_PEER / back() / fro(chksum=0) / DATA),
         *in_two("UDP length beyond the data", payload(to(len=33, chksum=0), DATA), "udp-malformed"),
         *in_two("UDP length under 8", payload(to(len=7, chksum=0), DATA), "udp-malformed"),
         *in_two("another port", payload(to(8), DATA), "udp-port"),
         *in_two("from port 53", payload(to(7, 53), DATA), "udp-source-port"),
         *in_two("a bad ICMP checksum", payload(ICMP(type=8, id=1, seq=1, chksum=1), DATA), "icmp-ignored", proto=1),
         *in_two("an ICMP echo reply", payload(ICMP(type=0, id=1, seq=1), DATA), "icmp-ignored", proto=1),
         kept("a right one after all these: nothing was left behind", piece(WHOLE, 16, 32)),
         echoed("and its first", FIRST, REPLY)),
    case("fragments-headers", "Each fragment's own header is checked first, and a bad one is none of the datagram's.",
         kept("the first", FIRST),
         dropped("bad header checksum", tweak(piece(WHOLE, 16, 32), 22, 9), "ip-checksum"),
         dropped("not to us", piece(WHOLE, 16, 32, dst="198.18.0.3"), "ip-not-for-us"),
         dropped("from us", piece(WHOLE, 16, 32, src="198.18.0.2"), "ip-source"),
         dropped("loose source route", piece(WHOLE, 16, 32, options=raw_options(131, 3, 4, 0)), "ip-options"),
         echoed("a good one", piece(WHOLE, 16, 32), REPLY)),
    case("fragments-policy", "Of what was put together none is reported unreachable, and each takes its token.",
         *in_two("another port", payload(to(8), DATA), "udp-port"),
         *in_two("the first echo", WHOLE, "udp-echo", REPLY),
         *in_two("the second echo", WHOLE, "rate-limit"),
         *in_two("the first ping", payload(ICMP(type=8, id=1, seq=1), DATA), "icmp-echo",
                 TO_PEER / back() / ICMP(type=0, id=1, seq=1) / DATA, proto=1),
         *in_two("the second ping", payload(ICMP(type=8, id=1, seq=2), DATA), "rate-limit", proto=1),
         *in_two("from a blocked port", payload(to(7, 5000), DATA), "udp-source-port"),
         arguments=[*ARGUMENTS, "--icmp-unreachable", "--rate-limit=1", "--icmp-arp-rate-limit=1", "--block-source-port=5000"]),
]

# SPDX-License-Identifier: BSD-3-Clause
"""Datagrams in fragments that become whole, and replies in fragments."""
from scapy.layers.inet import ICMP
from scapy.layers.l2 import Dot1AD, Dot1Q, Ether
from scapy.packet import Padding

from cases_base import (ARGUMENTS, OUR_MAC, TEXT, TO_PEER, TO_US, answered, ask, back, case, counting, dropped, echoed, fro, kept,
                        payload, piece, piece_back, plain, raw_options, to)

SMALL = payload(to(), counting(24))  # 32 bytes of IP payload
SMALL_REPLY = TO_PEER / back() / fro() / counting(24)
OTHER = payload(to(sport=50000), counting(48)[24:])
OTHER_REPLY = TO_PEER / back() / fro(sport=50000) / counting(48)[24:]
BIG, BIG_BACK = payload(to(), counting(4000)), payload(fro(), counting(4000))
PING, PING_BACK = (payload(ICMP(type=kind, id=0xBEEF, seq=7), counting(3000)) for kind in (8, 0))
TINY = list(range(0, len(SMALL), 8))
TAG, TAGS = Dot1Q(vlan=5, prio=3), Dot1AD(vlan=100) / Dot1Q(vlan=5)


def renumbered(packet, number):
    """The reply with another identification."""
    packet = packet.copy()
    packet["IP"].id = number
    return packet


def many(count, number):
    """A datagram in that many fragments, and its reply."""
    data = counting(count * 8 - 8)
    whole = payload(to(), data)
    fragments = [piece(whole, start, start + 8, id=number) for start in range(0, len(whole), 8)]
    return fragments, TO_PEER / back(id=number) / fro() / data


LONGEST, LONGEST_REPLY = many(128, 1)
TOO_LONG, _ = many(129, 2)

FRAGMENT_CASES = [
    case("fragments-in-order", "A datagram in fragments is answered once it is whole, and by one frame if that is enough.",
         kept("bytes 0 to 16 of 32", piece(SMALL, 0, 16)),
         kept("bytes 16 to 24", piece(SMALL, 16, 24)),
         echoed("bytes 24 to 32", piece(SMALL, 24, 32), SMALL_REPLY),
         kept("the same identification anew, the first of two", piece(SMALL, 0, 24)),
         echoed("the second of two", piece(SMALL, 24, 32), SMALL_REPLY)),
    case("fragments-reversed", "Fragments may arrive in any order.",
         kept("the last", piece(SMALL, 24, 32)),
         kept("the middle", piece(SMALL, 16, 24)),
         echoed("the first", piece(SMALL, 0, 16), SMALL_REPLY),
         kept("the first again", piece(SMALL, 0, 16)),
         kept("the last again", piece(SMALL, 24, 32)),
         echoed("the middle again", piece(SMALL, 16, 24), SMALL_REPLY)),
    case("fragments-interleaved", "Source, destination, identification and protocol tell datagrams apart.",
         kept("one", piece(SMALL, 0, 16)),
         kept("of another identification", piece(OTHER, 0, 16, id=0x1235)),
         kept("from another source", piece(payload(to(chksum=0), TEXT + TEXT), 0, 16, src="198.18.0.3")),
         kept("to another address of ours", piece(payload(to(chksum=0), TEXT + TEXT), 0, 16, dst="203.0.113.9")),
         kept("of another protocol", piece(PING[:16] + bytes(8), 0, 16, proto=1)),
         echoed("a whole datagram of that identification", plain(), TO_PEER / back() / fro() / TEXT),
         echoed("the end of that to another address", piece(payload(to(chksum=0), TEXT + TEXT), 16, 32, dst="203.0.113.9"),
                TO_PEER / back(src="203.0.113.9") / fro(chksum=0) / TEXT / TEXT),
         echoed("the end of that of another identification", piece(OTHER, 16, 32, id=0x1235), renumbered(OTHER_REPLY, 0x1235)),
         echoed("the end of one", piece(SMALL, 16, 32), SMALL_REPLY),
         echoed("the end of that from another source", piece(payload(to(chksum=0), TEXT + TEXT), 16, 32, src="198.18.0.3"),
                TO_PEER / back(dst="198.18.0.3") / fro(chksum=0) / TEXT / TEXT),
         arguments=["-a", "203.0.113.9", *ARGUMENTS], fragments_expired=1),
    case("fragments-first-header", "The reply is to the first fragment's header: the one at offset 0, not the first to arrive.",
         kept("the last: another station, TOS, flags and TTL",
              piece(SMALL, 16, 32, Ether(dst=OUR_MAC, src="02:00:00:00:00:09"), tos=3, flags="evil", ttl=1)),
         echoed("the first", piece(SMALL, 0, 16, tos=0xB8, flags="MF+DF"),
                TO_PEER / back(tos=0xB8, flags="DF") / fro() / counting(24)),
         kept("the first", piece(SMALL, 0, 16, Ether(dst=OUR_MAC, src="02:00:00:00:00:09"), tos=1, flags="MF+evil")),
         echoed("the last", piece(SMALL, 16, 32, tos=2, flags="DF"),
                Ether(dst="02:00:00:00:00:09", src=OUR_MAC) / back(tos=1, flags="evil") / fro() / counting(24))),
    case("fragments-ttl", "-p any: the first fragment's TTL is the one that falls.",
         kept("the last, TTL 1", piece(SMALL, 16, 32, ttl=1)),
         echoed("the first, TTL 33", piece(SMALL, 0, 16, ttl=33), TO_PEER / back(ttl=32) / fro() / counting(24)),
         kept("the last, TTL 33", piece(SMALL, 16, 32, ttl=33)),
         dropped("the first, TTL 1", piece(SMALL, 0, 16, ttl=1), "udp-ttl"),
         arguments=[*ARGUMENTS, "-p", "any"]),
    case("fragments-refragmented", "4000 bytes come in fragments and go in fragments, of 1480 bytes each but the last.",
         kept("bytes 0 to 1480 of 4008", piece(BIG, 0, 1480)),
         kept("bytes 1480 to 2960", piece(BIG, 1480, 2960)),
         echoed("bytes 2960 to 4008", piece(BIG, 2960, 4008), TO_PEER / back(flags="MF", frag=0, proto=17) / BIG_BACK[:1480],
                TO_PEER / back(flags="MF", frag=185, proto=17) / BIG_BACK[1480:2960],
                TO_PEER / back(flags=0, frag=370, proto=17) / BIG_BACK[2960:])),
    case("fragments-refragmented-anew", "How a request was cut says nothing about its reply; TOS and flags are in each fragment.",
         kept("bytes 800 to 1600 of 4008", piece(BIG, 800, 1600)),
         kept("bytes 1600 to 3000", piece(BIG, 1600, 3000)),
         kept("bytes 3000 to 4008", piece(BIG, 3000, 4008)),
         echoed("bytes 0 to 800", piece(BIG, 0, 800, flags="MF+DF+evil", tos=0xB8),
                TO_PEER / back(flags="MF+DF+evil", frag=0, tos=0xB8, proto=17) / BIG_BACK[:1480],
                TO_PEER / back(flags="MF+DF+evil", frag=185, tos=0xB8, proto=17) / BIG_BACK[1480:2960],
                TO_PEER / back(flags="DF+evil", frag=370, tos=0xB8, proto=17) / BIG_BACK[2960:])),
    case("fragments-mtu-1500", "1500 bytes are one frame, 1501 are two.",
         *[exchange for size in (1472, 1473) for whole, reply in [(payload(to(), counting(size)), payload(fro(), counting(size)))]
           for exchange in (
               kept(f"the first of {size} bytes", piece(whole, 0, 736)),
               echoed("the rest", piece(whole, 736, len(whole)), *[
                   piece_back(reply, start, min(start + 1480, len(reply))) for start in range(0, len(reply), 1480)]))]),
    case("fragments-mtu-longer", "Offline the longest record says what the MTU is: here 2001, so 1976 bytes a fragment.",
         kept("bytes 0 to 1480 of 4008", piece(BIG, 0, 1480)),
         kept("bytes 1480 to 2960", piece(BIG, 1480, 2960)),
         echoed("bytes 2960 to 4008", piece(BIG, 2960, 4008), piece_back(BIG_BACK, 0, 1976), piece_back(BIG_BACK, 1976, 3952),
                piece_back(BIG_BACK, 3952, 4008)),
         dropped("2015 bytes that are nothing to us", TO_PEER / bytes(2001), "eth-not-for-us")),
    case("fragments-options", "The first fragment's options count for the MTU as they do in the reply: not at all.",
         kept("the first, with router alert", piece(SMALL, 0, 16, options=raw_options(148, 4, 0, 0))),
         echoed("the last, without", piece(SMALL, 16, 32), SMALL_REPLY),
         kept("the first, without", piece(SMALL, 0, 16)),
         echoed("the last, with", piece(SMALL, 16, 32, options=raw_options(1, 1, 1, 1)), SMALL_REPLY),
         dropped("the last, with a source route", piece(SMALL, 16, 32, options=raw_options(131, 3, 4, 0)), "ip-options"),
         *[exchange for whole, reply in [(payload(to(), counting(1472)), payload(fro(), counting(1472)))] for exchange in (
             kept("the first of 1504 bytes with options", piece(whole, 0, 736, options=raw_options(1, 1, 1, 1))),
             echoed("the rest: 1500 bytes without", piece(whole, 736, 1480), piece_back(reply, 0, 1480)))]),
    case("fragments-vlan", "Tags tell datagrams apart too, and are kept on each fragment of a reply.",
         kept("untagged", piece(SMALL, 0, 16)),
         kept("in VLAN 5", piece(OTHER, 16, 32, TO_US / TAG)),
         kept("in VLAN 6", piece(SMALL, 16, 32, TO_US / Dot1Q(vlan=6, prio=3))),
         echoed("in VLAN 5", piece(OTHER, 0, 16, TO_US / TAG), TO_PEER / TAG / OTHER_REPLY["IP"]),
         echoed("untagged", piece(SMALL, 16, 32), SMALL_REPLY),
         kept("two tags", piece(BIG, 0, 1480, TO_US / TAGS)),
         kept("two tags", piece(BIG, 1480, 2960, TO_US / TAGS)),
         echoed("two tags; the longest record has 1522 bytes, so the MTU is 1508: 1488 bytes a fragment",
                piece(BIG, 2960, 4008, TO_US / TAGS), piece_back(BIG_BACK, 0, 1488, TO_PEER / TAGS),
                piece_back(BIG_BACK, 1488, 2976, TO_PEER / TAGS), piece_back(BIG_BACK, 2976, 4008, TO_PEER / TAGS)),
         fragments_expired=1),
    case("fragments-ping", "Ping with more data than a frame holds.",
         kept("bytes 1480 to 2960 of 3008", piece(PING, 1480, 2960, proto=1)),
         kept("bytes 0 to 1480", piece(PING, 0, 1480, proto=1)),
         answered("the rest", piece(PING, 2960, 3008, proto=1), "icmp-echo", piece_back(PING_BACK, 0, 1480, proto=1),
                  piece_back(PING_BACK, 1480, 2960, proto=1), piece_back(PING_BACK, 2960, 3008, proto=1))),
    case("fragments-tiny", "8 bytes each, as small as they come, and padded to Ethernet's minimum: padding is no data.",
         *[kept(f"bytes {start} to {start + 8} of 32", piece(SMALL, start, start + 8) / Padding(b"\xee" * 18))
           for start in TINY[:-1]],
         echoed("bytes 24 to 32", piece(SMALL, 24, 32) / Padding(b"\xee" * 18), SMALL_REPLY)),
    case("fragments-odd-end", "The last fragment may have any length, and none too.",
         kept("the first", piece(payload(to(), b"123456789"), 0, 16)),
         echoed("1 byte", piece(payload(to(), b"123456789"), 16, 17), TO_PEER / back() / fro() / b"123456789"),
         kept("the first, with all the data", TO_US / ask(flags="MF", proto=17) / SMALL),
         echoed("no byte: that was all", TO_US / ask(frag=4, proto=17), SMALL_REPLY)),
    case("fragments-surplus", "Bytes behind the UDP length are not sent back, whatever the IP length was.",
         kept("the first", piece(payload(to(len=12, chksum=0), counting(1600)), 0, 1480)),
         echoed("the last", piece(payload(to(len=12, chksum=0), counting(1600)), 1480, 1608),
                TO_PEER / back() / fro(chksum=0) / counting(4))),
    case("fragments-128", "A datagram may come in 128 fragments; of one in more the 129th is refused.",
         *[kept(f"{number} of 128", fragment) for number, fragment in enumerate(LONGEST[:-1], 1)],
         echoed("128 of 128", LONGEST[-1], LONGEST_REPLY),
         *[kept(f"{number} of 129", fragment) for number, fragment in enumerate(TOO_LONG[:-1], 1)],
         dropped("129 of 129", TOO_LONG[-1], "ip-fragment"),
         fragments_expired=128),
]

# SPDX-License-Identifier: BSD-3-Clause
"""The golden cases: what comes in, what is said of it, and what goes out, each written by hand.

A case is a list of exchanges: a note, the request, the verdict and the reply. Expected replies are
spelled out as scapy expressions; no program of ours has a hand in them. Write a case here, run
generate.py, and read the diff of cases/.
"""
from scapy.layers.inet import (ICMP, IP, TCP, UDP, IPOption, IPOption_LSRR, IPOption_RR, IPOption_Router_Alert,
                               IPOption_SSRR)
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import ARP, LLC, STP, Dot1AD, Dot1Q, Dot3, Ether
from scapy.packet import Padding

from casefile import Case, Exchange

OUR_MAC, PEER_MAC, ALL_MACS = "02:00:00:00:00:02", "02:00:00:00:00:01", "ff:ff:ff:ff:ff:ff"
OURS, PEER = "198.18.0.2", "198.18.0.1"
MAC_ARGUMENTS = ["-m", OUR_MAC]
ARGUMENTS = ["-a", "198.18.0.2/24", *MAC_ARGUMENTS]

ASK_ALL = Ether(dst=ALL_MACS, src=PEER_MAC)
TO_US, TO_PEER = Ether(dst=OUR_MAC, src=PEER_MAC), Ether(dst=PEER_MAC, src=OUR_MAC)
TEXT = b"Hello, echo!"
TEXT_SUM = 0xC069  # the UDP checksum of TEXT from port 40000 to 7, where scapy cannot know it


def ask(src=PEER, dst=OURS, **fields):
    """The IPv4 header of a request."""
    return IP(**{"src": src, "dst": dst, "id": 0x1234, "ttl": 57, **fields})


def back(src=OURS, dst=PEER, **fields):
    """The IPv4 header of its reply: no options, a TTL of 64, all else as it came."""
    return IP(**{"src": src, "dst": dst, "id": 0x1234, "ttl": 64, **fields})


def to(port=7, sport=40000, **fields):
    return UDP(sport=sport, dport=port, **fields)


def fro(port=7, sport=40000, **fields):
    return UDP(sport=port, dport=sport, **fields)


def arp(**fields):
    """A request for our address, from the peer."""
    return ARP(**{"op": 1, "hwsrc": PEER_MAC, "psrc": PEER, "hwdst": "00:00:00:00:00:00", "pdst": OURS, **fields})


def arp_back(**fields):
    return ARP(**{"op": 2, "hwsrc": OUR_MAC, "psrc": OURS, "hwdst": PEER_MAC, "pdst": PEER, **fields})


def case(name, about, *exchanges, arguments=None):
    return Case(name, about, ARGUMENTS if arguments is None else arguments, list(exchanges))


def answered(note, request, verdict, reply, wire_length=None):
    return Exchange(note, bytes(request), verdict, bytes(reply), wire_length)


def dropped(note, request, verdict, wire_length=None):
    return Exchange(note, bytes(request), verdict, None, wire_length)


def echoed(note, request, reply):
    return answered(note, request, "udp-echo", reply)


def plain(text=TEXT, **fields):
    """A datagram that is fine but for the IPv4 fields given."""
    return TO_US / ask(**fields) / to() / text


def plain_reply(text=TEXT, **fields):
    return TO_PEER / back(**fields) / fro() / text


def counting(size):
    """A payload of which no two 32-bit words are equal, to show bytes that got lost or moved."""
    return b"".join(word.to_bytes(4, "big") for word in range(0x61000000, 0x61000000 + size // 4 + 1))[:size]


def tweak(packet, offset, *values):
    """The packet's bytes, with some replaced and no checksum mended."""
    data = bytearray(bytes(packet))
    data[offset:offset + len(values)] = bytes(values)
    return bytes(data)


UDP_CASES = [
    case("udp-echo", "A datagram to the echo port comes back to whoever sent it.",
         echoed("hello", plain(), plain_reply())),
    case("udp-zero-length", "A datagram without data is a datagram: it is echoed.",
         echoed("no data", TO_US / ask() / to(), TO_PEER / back() / fro()),
         echoed("no data, padded to the Ethernet minimum", TO_US / ask() / to() / Padding(b"\0" * 18),
                TO_PEER / back() / fro())),
    case("udp-odd-length", "The checksum of an odd number of bytes is as if there were one more, of 0.",
         echoed("1 byte", plain(b"x"), plain_reply(b"x")),
         echoed("1 byte of 255", plain(b"\xff"), plain_reply(b"\xff")),
         echoed("13 bytes", plain(b"thirteen byte"), plain_reply(b"thirteen byte")),
         echoed("13 bytes, and padding that is no part of the sum", plain(b"thirteen byte") / Padding(b"\xff" * 5),
                plain_reply(b"thirteen byte"))),
    case("udp-zero-checksum", "A sender that computed no checksum gets none back.",
         echoed("checksum 0", TO_US / ask() / to(chksum=0) / TEXT, TO_PEER / back() / fro(chksum=0) / TEXT)),
    case("udp-checksum-ffff", "A checksum that comes to 0 is sent as 0xffff, and stays that.",
         echoed("the sum is 0xffff", TO_US / ask() / to(chksum=0xFFFF) / b"\xd7\x6a",
                TO_PEER / back() / fro(chksum=0xFFFF) / b"\xd7\x6a")),
    case("udp-checksum", "A wrong UDP checksum: no echo of what the sender did not say.",
         dropped("one bit of the data flipped", tweak(plain(), 42, ord("H") ^ 1), "udp-checksum"),
         dropped("the last byte wrong", tweak(plain(), 53, 0), "udp-checksum"),
         dropped("one less than the right one", TO_US / ask() / to(chksum=TEXT_SUM - 1) / TEXT, "udp-checksum"),
         dropped("0xffff, which is not 0", TO_US / ask() / to(chksum=0xFFFF) / TEXT, "udp-checksum"),
         dropped("right for another destination: the pseudo-header counts",
                 TO_US / ask(proto=17) / bytes(ask(dst="198.18.0.3") / to() / TEXT)[20:], "udp-checksum")),
    case("udp-malformed", "No whole UDP header, or a UDP length that cannot be.",
         dropped("no byte behind the IPv4 header", TO_US / ask(proto=17), "udp-malformed"),
         dropped("7 bytes behind the IPv4 header", TO_US / ask(proto=17) / bytes(to(len=8, chksum=0))[:7],
                 "udp-malformed"),
         dropped("7 bytes, and the eighth is Ethernet padding",
                 TO_US / ask(proto=17) / bytes(to(len=8, chksum=0))[:7] / Padding(b"\0" * 19), "udp-malformed"),
         dropped("UDP length 0", TO_US / ask() / to(len=0, chksum=0) / TEXT, "udp-malformed"),
         dropped("UDP length 7", TO_US / ask() / to(len=7, chksum=0) / TEXT, "udp-malformed"),
         dropped("UDP length one beyond the IP payload", TO_US / ask() / to(len=21, chksum=0) / TEXT, "udp-malformed"),
         dropped("UDP length that only the Ethernet padding would fill",
                 TO_US / ask() / to(len=21, chksum=0) / TEXT / Padding(b"\0" * 6), "udp-malformed"),
         dropped("UDP length 65535", TO_US / ask() / to(len=65535, chksum=0) / TEXT, "udp-malformed"),
         echoed("UDP length 8, just the header", TO_US / ask() / to(chksum=0), TO_PEER / back() / fro(chksum=0))),
    case("udp-port", "Only port 7 is served, unless the options say otherwise.",
         dropped("port 0", TO_US / ask() / to(0) / TEXT, "udp-port"),
         dropped("port 6", TO_US / ask() / to(6) / TEXT, "udp-port"),
         dropped("port 8", TO_US / ask() / to(8) / TEXT, "udp-port"),
         dropped("port 1792, which is 7 with its bytes swapped", TO_US / ask() / to(1792) / TEXT, "udp-port"),
         dropped("port 65535", TO_US / ask() / to(65535) / TEXT, "udp-port"),
         dropped("from port 7 to another", TO_US / ask() / to(40000, 7) / TEXT, "udp-port")),
    case("udp-source-port", "The loop guard: no echo to a port that would answer it.",
         *[dropped(f"from port {port}, {name}", TO_US / ask() / to(sport=port) / TEXT, "udp-source-port")
           for port, name in ((0, "which nobody can answer"), (7, "echo"), (11, "systat"), (13, "daytime"),
                              (17, "qotd"), (19, "chargen"), (37, "time"), (53, "dns"), (69, "tftp"), (123, "ntp"),
                              (1434, "ms-sql-m"), (11211, "memcached"))],
         *[echoed(f"from port {port}, which is nobody's", TO_US / ask() / to(sport=port) / TEXT,
                  TO_PEER / back() / fro(sport=port) / TEXT)
           for port in (1, 8, 1792, 11210, 11212, 65535)]),
    case("ports-list", "-p 7,7000-7099: each served, none of them answered as a source.",
         *[echoed(f"to port {port}", TO_US / ask() / to(port) / TEXT, TO_PEER / back() / fro(port) / TEXT)
           for port in (7, 7000, 7050, 7099)],
         *[dropped(f"to port {port}", TO_US / ask() / to(port) / TEXT, "udp-port") for port in (6, 8, 6999, 7100)],
         *[dropped(f"from port {port}, served here", TO_US / ask() / to(7000, port) / TEXT, "udp-source-port")
           for port in (7, 7000, 7050, 7099)],
         *[echoed(f"from port {port}, just outside the list", TO_US / ask() / to(7000, port) / TEXT,
                  TO_PEER / back() / fro(7000, port) / TEXT) for port in (6999, 7100)],
         arguments=[*ARGUMENTS, "-p", "7,7000-7099"]),
    case("ports-any", "-p any: each port is served; a falling TTL ends what would be a loop.",
         *[echoed(f"to port {port}", TO_US / ask() / to(port) / TEXT, TO_PEER / back(ttl=56) / fro(port) / TEXT)
           for port in (1, 7, 53, 40000, 65535)],
         dropped("to port 0, which is none", TO_US / ask() / to(0) / TEXT, "udp-port"),
         dropped("from port 7, a responder's", TO_US / ask() / to(7, 7) / TEXT, "udp-source-port"),
         dropped("from port 0", TO_US / ask() / to(sport=0) / TEXT, "udp-source-port"),
         dropped("from port 53", TO_US / ask() / to(sport=53) / TEXT, "udp-source-port"),
         *[echoed(f"TTL {ttl}", plain(ttl=ttl), plain_reply(ttl=reply))
           for ttl, reply in ((2, 1), (3, 2), (64, 63), (65, 64), (66, 64), (255, 64))],
         dropped("TTL 1: nothing left", plain(ttl=1), "udp-ttl"),
         dropped("TTL 0", plain(ttl=0), "udp-ttl"),
         answered("ICMP with TTL 1: an echo reply is no request, so there is no loop to end",
                  TO_US / ask(ttl=1) / ICMP(type=8, id=1, seq=1) / TEXT, "icmp-echo",
                  TO_PEER / back(ttl=64) / ICMP(type=0, id=1, seq=1) / TEXT),
         arguments=[*ARGUMENTS, "-p", "any"]),
    case("surplus-area", "Bytes between the UDP length and the IP total length (RFC 9868) are not sent back.",
         echoed("8 bytes of surplus", TO_US / ask() / to(len=20, chksum=TEXT_SUM) / TEXT / b"\1\1\1\1\1\1\1\0",
                plain_reply()),
         echoed("1 byte of surplus, no checksum", TO_US / ask() / to(len=20, chksum=0) / TEXT / b"\xff",
                TO_PEER / back() / fro(chksum=0) / TEXT),
         echoed("all data is surplus", TO_US / ask() / to(len=8, chksum=0) / TEXT, TO_PEER / back() / fro(chksum=0)),
         echoed("surplus, then padding", TO_US / ask() / to(len=9, chksum=0) / b"abc" / Padding(b"\xaa" * 15),
                TO_PEER / back() / fro(chksum=0) / b"a"),
         echoed("TTL 64 and surplus: only the length changes",
                TO_US / ask(ttl=64) / to(len=20, chksum=TEXT_SUM) / TEXT / b"ABCD", plain_reply())),
    case("jumbo", "A datagram of 9000 bytes comes back whole.",
         echoed("9000 bytes of IP", plain(counting(8972)), plain_reply(counting(8972)))),
]

ETHERNET_CASES = [
    case("ethernet-padding", "What pads a short frame is not sent back.",
         echoed("padded with zeros to 60 bytes", plain(b"hi") / Padding(b"\0" * 16), plain_reply(b"hi")),
         echoed("padded with another packet's bytes", plain(b"hi") / Padding(b"secrets of etherleak"), plain_reply(b"hi")),
         echoed("with its frame check sequence", plain() / Padding(b"\xde\xad\xbe\xef"), plain_reply())),
    case("eth-runt", "Shorter than its Ethernet header and tags.",
         dropped("1 byte", b"\x02", "eth-runt"),
         dropped("13 bytes", bytes(plain())[:13], "eth-runt"),
         dropped("an 802.1Q tag cut to 0 bytes", bytes(TO_US / Dot1Q(vlan=5) / ask())[:14], "eth-runt"),
         dropped("an 802.1Q tag cut to 3 bytes", bytes(TO_US / Dot1Q(vlan=5) / ask())[:17], "eth-runt"),
         dropped("a second tag cut to 3 bytes", bytes(TO_US / Dot1AD(vlan=5) / Dot1Q(vlan=6) / ask())[:21], "eth-runt"),
         dropped("13 bytes for somebody else: too short comes first", tweak(bytes(plain())[:13], 5, 9), "eth-runt")),
    case("eth-not-for-us", "Frames that are not addressed to our MAC, or come from a group.",
         dropped("to another station", Ether(dst="02:00:00:00:00:03", src=PEER_MAC) / ask() / to() / TEXT, "eth-not-for-us"),
         dropped("to a MAC that differs in its first byte", Ether(dst="06:00:00:00:00:02", src=PEER_MAC) / ask() / to() / TEXT,
                 "eth-not-for-us"),
         dropped("a datagram to the broadcast MAC", ASK_ALL / ask() / to() / TEXT, "eth-not-for-us"),
         dropped("a datagram to a multicast MAC", Ether(dst="01:00:5e:00:00:01", src=PEER_MAC) / ask() / to() / TEXT,
                 "eth-not-for-us"),
         dropped("from a multicast MAC", Ether(dst=OUR_MAC, src="03:00:00:00:00:01") / ask() / to() / TEXT,
                 "eth-not-for-us"),
         dropped("from the broadcast MAC", Ether(dst=OUR_MAC, src=ALL_MACS) / ask() / to() / TEXT, "eth-not-for-us"),
         dropped("ARP from a multicast MAC", Ether(dst=ALL_MACS, src="03:00:00:00:00:01") / arp(), "eth-not-for-us"),
         dropped("ARP to a multicast MAC", Ether(dst="01:00:5e:00:00:01", src=PEER_MAC) / arp(), "eth-not-for-us"),
         dropped("spanning tree", Dot3(dst="01:80:c2:00:00:00", src=PEER_MAC) / LLC() / STP(), "eth-not-for-us"),
         dropped("broadcast IPv6", ASK_ALL / IPv6(src="fe80::1", dst="ff02::1") / to(),
                 "eth-not-for-us")),
    case("eth-type", "Ethertypes that we do not speak.",
         dropped("IPv6", TO_US / IPv6(src="fe80::1", dst="fe80::2") / to() / TEXT, "eth-type"),
         dropped("a length instead of a type: LLC", Dot3(dst=OUR_MAC, src=PEER_MAC) / LLC() / STP(), "eth-type"),
         dropped("MPLS", Ether(dst=OUR_MAC, src=PEER_MAC, type=0x8847) / bytes(4) / bytes(ask() / to() / TEXT), "eth-type"),
         dropped("IPv6 behind a tag", TO_US / Dot1Q(vlan=5) / IPv6(src="fe80::1", dst="fe80::2") / to(), "eth-type"),
         dropped("0x9100, an old spelling of a tag",
                 Ether(dst=OUR_MAC, src=PEER_MAC, type=0x9100) / bytes(Dot1Q(vlan=5) / ask() / to()), "eth-type"),
         dropped("no byte behind the type", Ether(dst=OUR_MAC, src=PEER_MAC, type=0x86DD), "eth-type")),
    case("vlan-one-tag", "A tag is kept as it came.",
         echoed("VLAN 5", TO_US / Dot1Q(vlan=5) / ask() / to() / TEXT, TO_PEER / Dot1Q(vlan=5) / back() / fro() / TEXT),
         echoed("priority 7, drop eligible, VLAN 0", TO_US / Dot1Q(vlan=0, prio=7, id=1) / ask() / to() / TEXT,
                TO_PEER / Dot1Q(vlan=0, prio=7, id=1) / back() / fro() / TEXT),
         echoed("VLAN 4095, padded", TO_US / Dot1Q(vlan=4095) / ask() / to() / b"hi" / Padding(b"\0" * 14),
                TO_PEER / Dot1Q(vlan=4095) / back() / fro() / b"hi"),
         echoed("a service tag alone", TO_US / Dot1AD(vlan=100) / ask() / to() / TEXT,
                TO_PEER / Dot1AD(vlan=100) / back() / fro() / TEXT)),
    case("vlan-two-tags", "Two tags are kept as they came, in either order.",
         *[echoed(note, TO_US / outer / inner / ask() / to() / TEXT, TO_PEER / outer / inner / back() / fro() / TEXT)
           for note, outer, inner in (
               ("QinQ: 802.1ad outside", Dot1AD(vlan=100, prio=3), Dot1Q(vlan=5, prio=1)),
               ("802.1Q twice", Dot1Q(vlan=100), Dot1Q(vlan=5)),
               ("802.1ad twice", Dot1AD(vlan=100), Dot1AD(vlan=5)),
               ("802.1Q outside", Dot1Q(vlan=100), Dot1AD(vlan=5)))],
         answered("ICMP", TO_US / Dot1AD(vlan=100) / Dot1Q(vlan=5) / ask() / ICMP(type=8, id=1, seq=2) / TEXT, "icmp-echo",
                  TO_PEER / Dot1AD(vlan=100) / Dot1Q(vlan=5) / back() / ICMP(type=0, id=1, seq=2) / TEXT)),
    case("vlan-three-tags", "A third tag is an ethertype that we do not speak.",
         dropped("three tags", TO_US / Dot1AD(vlan=1) / Dot1Q(vlan=2) / Dot1Q(vlan=3) / ask() / to() / TEXT, "eth-type"),
         dropped("three tags, the third cut", bytes(TO_US / Dot1AD(vlan=1) / Dot1Q(vlan=2) / Dot1Q(vlan=3) / ask())[:22],
                 "eth-type"),
         dropped("broadcast ARP behind three tags", ASK_ALL / Dot1Q() / Dot1Q() / Dot1Q() / arp(),
                 "eth-not-for-us")),
]

ARP_CASES = [
    case("arp-request", "Who has our address? We do.",
         answered("broadcast", ASK_ALL / arp(), "arp-reply", TO_PEER / arp_back()),
         answered("unicast, as a neighbour's cache refreshes itself", TO_US / arp(hwdst=OUR_MAC), "arp-reply",
                  TO_PEER / arp_back()),
         answered("padded with 18 bytes, which are not sent back", ASK_ALL / arp() / Padding(b"\x5a" * 18), "arp-reply",
                  TO_PEER / arp_back()),
         answered("from another subnet", ASK_ALL / arp(psrc="203.0.113.9"), "arp-reply",
                  TO_PEER / arp_back(pdst="203.0.113.9")),
         answered("by a proxy: the reply goes to the Ethernet source", Ether(dst=ALL_MACS, src="02:00:00:00:00:09") / arp(),
                  "arp-reply", Ether(dst="02:00:00:00:00:09", src=OUR_MAC) / arp_back())),
    case("arp-probe", "A probe (RFC 5227) for our address is answered: that defends it.",
         answered("sender 0.0.0.0", ASK_ALL / arp(psrc="0.0.0.0"), "arp-reply", TO_PEER / arp_back(pdst="0.0.0.0"))),
    case("arp-vlan", "Tagged ARP gets a reply with the same tags.",
         answered("one tag", ASK_ALL / Dot1Q(vlan=5) / arp(), "arp-reply", TO_PEER / Dot1Q(vlan=5) / arp_back()),
         answered("two tags", ASK_ALL / Dot1AD(vlan=100) / Dot1Q(vlan=5) / arp() / Padding(bytes(10)), "arp-reply",
                  TO_PEER / Dot1AD(vlan=100) / Dot1Q(vlan=5) / arp_back())),
    case("arp-ignored", "ARP that asks nothing of us, or cannot be right.",
         dropped("for somebody else", ASK_ALL / arp(pdst="198.18.0.3"), "arp-ignored"),
         dropped("for the subnet's broadcast address", ASK_ALL / arp(pdst="198.18.0.255"), "arp-ignored"),
         dropped("gratuitous, of a neighbour", ASK_ALL / arp(psrc="198.18.0.3", pdst="198.18.0.3"), "arp-ignored"),
         dropped("gratuitous, of our own address: a conflict", ASK_ALL / arp(psrc=OURS), "arp-ignored"),
         dropped("a reply", TO_US / arp(op=2), "arp-ignored"),
         dropped("reverse ARP's operation", ASK_ALL / arp(op=3), "arp-ignored"),
         dropped("operation 257: both bytes count", ASK_ALL / arp(op=257), "arp-ignored"),
         dropped("from a group's hardware address", ASK_ALL / arp(hwsrc="03:00:00:00:00:01"), "arp-ignored"),
         dropped("27 bytes", bytes(ASK_ALL / arp())[:-1], "arp-ignored"),
         dropped("no byte", bytes(ASK_ALL / arp())[:14], "arp-ignored"),
         dropped("hardware type 6", ASK_ALL / arp(hwtype=6), "arp-ignored"),
         dropped("protocol type IPv6", tweak(ASK_ALL / arp(), 16, 0x86, 0xDD), "arp-ignored"),
         dropped("hardware length 8", tweak(ASK_ALL / arp(), 18, 8), "arp-ignored"),
         dropped("protocol length 16", tweak(ASK_ALL / arp(), 19, 16), "arp-ignored")),
]

ICMP_CASES = [
    case("icmp-echo", "Ping: the data comes back, and so do identifier and sequence.",
         *[answered(note, TO_US / ask() / ICMP(type=8, id=0xBEEF, seq=7) / data, "icmp-echo",
                    TO_PEER / back() / ICMP(type=0, id=0xBEEF, seq=7) / data)
           for note, data in (("12 bytes", TEXT), ("no data", b""), ("odd", b"odd"), ("56 bytes", bytes(range(56))))],
         answered("padded", TO_US / ask() / ICMP(type=8, id=1, seq=1) / b"hi" / Padding(b"\xff" * 16), "icmp-echo",
                  TO_PEER / back() / ICMP(type=0, id=1, seq=1) / b"hi"),
         answered("tagged", TO_US / Dot1Q(vlan=5) / ask() / ICMP(type=8, id=1, seq=1) / TEXT, "icmp-echo",
                  TO_PEER / Dot1Q(vlan=5) / back() / ICMP(type=0, id=1, seq=1) / TEXT),
         answered("TTL 1", TO_US / ask(ttl=1) / ICMP(type=8, id=1, seq=1), "icmp-echo",
                  TO_PEER / back() / ICMP(type=0, id=1, seq=1))),
    case("icmp-checksum-zeros", "Where the two zeros of one's complement meet.",
         answered("all zero but for the type: the reply's checksum is 0xffff, for with 0 its sum would be 0",
                  TO_US / ask() / ICMP(type=8, id=0, seq=0, chksum=0xF7FF), "icmp-echo",
                  TO_PEER / back() / ICMP(type=0, id=0, seq=0, chksum=0xFFFF)),
         answered("the same with data of zeros", TO_US / ask() / ICMP(type=8, id=0, seq=0, chksum=0xF7FF) / bytes(7), "icmp-echo",
                  TO_PEER / back() / ICMP(type=0, id=0, seq=0, chksum=0xFFFF) / bytes(7)),
         answered("the request's checksum is 0", TO_US / ask() / ICMP(type=8, id=0xF7FF, seq=0, chksum=0), "icmp-echo",
                  TO_PEER / back() / ICMP(type=0, id=0xF7FF, seq=0, chksum=0x0800)),
         answered("the request's checksum is 0xffff, as good as 0", TO_US / ask() / ICMP(type=8, id=0xF7FF, seq=0, chksum=0xFFFF),
                  "icmp-echo", TO_PEER / back() / ICMP(type=0, id=0xF7FF, seq=0, chksum=0x0800)),
         answered("the reply's checksum is 0", TO_US / ask() / ICMP(type=8, id=0xFFFF, seq=0, chksum=0xF7FF), "icmp-echo",
                  TO_PEER / back() / ICMP(type=0, id=0xFFFF, seq=0, chksum=0)),
         answered("adding 8 to the checksum carries", TO_US / ask() / ICMP(type=8, id=0xFF00, seq=0, chksum=0xF8FE), "icmp-echo",
                  TO_PEER / back() / ICMP(type=0, id=0xFF00, seq=0, chksum=0x00FF))),
    case("icmp-ignored", "Any other ICMP is not for us to answer.",
         dropped("echo request with a bad checksum", TO_US / ask() / ICMP(type=8, id=1, seq=1, chksum=0x1234) / TEXT, "icmp-ignored"),
         dropped("echo request without a checksum", TO_US / ask() / ICMP(type=8, id=1, seq=1, chksum=0) / TEXT, "icmp-ignored"),
         dropped("echo request of code 1", TO_US / ask() / ICMP(type=8, code=1, id=1, seq=1) / TEXT, "icmp-ignored"),
         dropped("echo reply", TO_US / ask() / ICMP(type=0, id=1, seq=1) / TEXT, "icmp-ignored"),
         dropped("timestamp request",
                 TO_US / ask() / ICMP(type=13, id=1, seq=1, ts_ori=1, ts_rx=0, ts_tx=0), "icmp-ignored"),
         dropped("address mask request", TO_US / ask() / ICMP(type=17, id=1, seq=1), "icmp-ignored"),
         dropped("port unreachable", TO_US / ask() / ICMP(type=3, code=3) / bytes(ask() / to()), "icmp-ignored"),
         dropped("redirect", TO_US / ask() / ICMP(type=5, gw="198.18.0.9") / bytes(ask() / to()), "icmp-ignored"),
         dropped("7 bytes", TO_US / ask(proto=1) / b"\x08\0\xf7\xff\0\0\0", "icmp-ignored"),
         dropped("no byte", TO_US / ask(proto=1), "icmp-ignored"),
         dropped("7 bytes, and the eighth is Ethernet padding", TO_US / ask(proto=1) / b"\x08\0\xf7\xff\0\0\0" / Padding(bytes(19)),
                 "icmp-ignored")),
]


def optioned(note, options):
    """A datagram with these IPv4 options, which its reply has not."""
    return echoed(note, TO_US / ask(options=options) / to() / TEXT, plain_reply())


def raw_options(*values):
    """IPv4 options byte by byte, right or wrong; a multiple of four."""
    return [IPOption(bytes(values))]


IP_CASES = [
    case("ip-fields-kept", "TOS, identification and flags come back as they came; TTL does not.",
         *[echoed(note, plain(**fields), plain_reply(**fields)) for note, fields in (
             ("TOS 0xb8: expedited forwarding", {"tos": 0xB8}),
             ("congestion experienced", {"tos": 3}),
             ("identification 0", {"id": 0}),
             ("identification 0xffff", {"id": 0xFFFF}),
             ("don't fragment", {"flags": "DF"}),
             ("the reserved flag", {"flags": "evil"}),
             ("all at once", {"flags": "evil+DF", "tos": 0xFF, "id": 0xABCD}))]),
    case("ttl", "A reply sets out with a TTL of 64, whatever its request had left.",
         *[echoed(f"TTL {ttl}", plain(ttl=ttl), plain_reply()) for ttl in (0, 1, 63, 64, 65, 128, 255)]),
    case("ip-checksum-zeros", "Where the two zeros of one's complement meet.",
         echoed("the request's checksum is 0", plain(id=0xF59D, chksum=0), plain_reply(id=0xF59D, chksum=0xF8FF)),
         echoed("the request's checksum is 0xffff, as good as 0", plain(id=0xF59D, chksum=0xFFFF),
                plain_reply(id=0xF59D, chksum=0xF8FF)),
         echoed("0xffff, and the TTL is 64 already", plain(id=0xEE9D, ttl=64, chksum=0xFFFF), plain_reply(id=0xEE9D, chksum=0)),
         echoed("the reply's checksum is 0", plain(id=0xEE9D), plain_reply(id=0xEE9D, chksum=0)),
         echoed("0xffff, and it gets shorter",
                TO_US / ask(id=0xEE9B, ttl=64, chksum=0xFFFF) / to(len=20, chksum=TEXT_SUM) / TEXT / b"AB",
                TO_PEER / back(id=0xEE9B, chksum=2) / fro() / TEXT)),
    case("ip-malformed", "No whole IPv4 header, or lengths that cannot be.",
         dropped("no byte behind Ethernet", bytes(plain())[:14], "ip-malformed"),
         dropped("19 bytes behind Ethernet", bytes(plain())[:33], "ip-malformed"),
         dropped("version 6", plain(version=6), "ip-malformed"),
         dropped("version 5", plain(version=5), "ip-malformed"),
         dropped("a header of 16 bytes", plain(ihl=4), "ip-malformed"),
         dropped("a header of 0 bytes", plain(ihl=0), "ip-malformed"),
         dropped("a header of 60 bytes, beyond the total length", plain(ihl=15), "ip-malformed"),
         dropped("total length 0, as offloading NICs write it", plain(len=0), "ip-malformed"),
         dropped("total length 19", plain(len=19), "ip-malformed"),
         dropped("total length under the header with its options",
                 TO_US / ask(len=23, options=raw_options(1, 1, 1, 1)) / to() / TEXT, "ip-malformed"),
         dropped("total length one beyond the frame", plain(len=41), "ip-malformed"),
         dropped("total length 65535", plain(len=65535), "ip-malformed"),
         dropped("a tagged frame whose total length is 4 beyond it",
                 TO_US / Dot1Q(vlan=5) / ask(len=44) / to() / TEXT, "ip-malformed"),
         dropped("the header, and no more", TO_US / ask(proto=17), "udp-malformed")),
    case("truncated-record", "A capture that was cut short: the bytes that are there are the frame.",
         dropped("54 bytes of 300", bytes(plain(counting(258)))[:54], "ip-malformed", wire_length=300),
         dropped("one byte cut", bytes(plain())[:-1], "ip-malformed", wire_length=54),
         dropped("1 byte of 54", bytes(plain())[:1], "eth-runt", wire_length=54),
         answered("only padding was cut", plain(b"hi"), "udp-echo", plain_reply(b"hi"), wire_length=60)),
    case("ip-checksum", "A wrong header checksum.",
         dropped("one more than the right one", plain(chksum=0xE36A), "ip-checksum"),
         dropped("0, as offloading NICs write it", plain(chksum=0), "ip-checksum"),
         dropped("0xffff", plain(chksum=0xFFFF), "ip-checksum"),
         dropped("TTL changed on the way", tweak(plain(), 22, 56), "ip-checksum"),
         dropped("a wrong byte among the options",
                 tweak(TO_US / ask(options=raw_options(1, 1, 1, 1)) / to() / TEXT, 34, 0), "ip-checksum"),
         dropped("right for 20 bytes of a header of 24",
                 TO_US / ask(options=raw_options(1, 1, 1, 1), len=44, chksum=0xE265) / to() / TEXT, "ip-checksum")),
    case("ip-not-for-us", "Our MAC, but not our address. No reply to broadcast or multicast either.",
         *[dropped(note, plain(dst=dst), "ip-not-for-us") for note, dst in (
             ("a neighbour", "198.18.0.3"), ("off by the first byte", "199.18.0.2"), ("the subnet's broadcast", "198.18.0.255"),
             ("the subnet itself", "198.18.0.0"), ("limited broadcast", "255.255.255.255"), ("all hosts", "224.0.0.1"),
             ("loopback", "127.0.0.1"), ("0.0.0.0", "0.0.0.0"))],
         dropped("ping to the subnet's broadcast", TO_US / ask(dst="198.18.0.255") / ICMP(type=8, id=1, seq=1), "ip-not-for-us")),
    case("ip-source", "Sources that nobody may be answered at: martians.",
         *[dropped(f"from {src}", plain(src=src), "ip-source") for src in (
             "0.0.0.0", "0.1.2.3", "0.255.255.255", "127.0.0.1", "127.255.255.255", "224.0.0.0", "239.255.255.255", "240.0.0.1",
             "255.255.255.255", "198.18.0.255")],
         *[echoed(f"from {src}, which is fine", plain(src=src), plain_reply(dst=src)) for src in (
             "1.0.0.0", "126.255.255.255", "128.0.0.0", "223.255.255.255", "198.18.0.0", "198.18.1.255", "10.0.0.255")]),
    case("land", "From our own address: a reply would come to ourselves.",
         dropped("from us to us", plain(src=OURS), "ip-source"),
         dropped("port 7 to port 7", TO_US / ask(src=OURS) / to(7, 7) / TEXT, "ip-source"),
         dropped("ping", TO_US / ask(src=OURS) / ICMP(type=8, id=1, seq=1), "ip-source")),
    case("smurf", "Pings that would have us join a flood.",
         dropped("broadcast frame, our address", ASK_ALL / ask() / ICMP(type=8, id=1, seq=1),
                 "eth-not-for-us"),
         dropped("broadcast frame and address", ASK_ALL / ask(dst="198.18.0.255") / ICMP(type=8, id=1, seq=1),
                 "eth-not-for-us"),
         dropped("from the subnet's broadcast", TO_US / ask(src="198.18.0.255") / ICMP(type=8, id=1, seq=1), "ip-source"),
         dropped("from 255.255.255.255", TO_US / ask(src="255.255.255.255") / ICMP(type=8, id=1, seq=1), "ip-source")),
    case("fraggle", "The same with UDP, the echo and chargen ports' own flood.",
         dropped("broadcast frame and address, from chargen", ASK_ALL / ask(dst="198.18.0.255") / to(7, 19) / TEXT,
                 "eth-not-for-us"),
         dropped("to the subnet's broadcast", TO_US / ask(dst="198.18.0.255") / to(7, 19) / TEXT, "ip-not-for-us"),
         dropped("from the subnet's broadcast", TO_US / ask(src="198.18.0.255") / to(7, 7) / TEXT, "ip-source"),
         dropped("echo to echo", TO_US / ask() / to(7, 7) / TEXT, "udp-source-port"),
         dropped("chargen to echo", TO_US / ask() / to(7, 19) / TEXT, "udp-source-port")),
    case("ip-options", "Options are read, and kept out of the reply.",
         optioned("record route", [IPOption_RR(length=7, pointer=4, routers=["0.0.0.0"]), IPOption(b"\0")]),
         optioned("router alert", [IPOption_Router_Alert()]),
         optioned("no operation, four times", raw_options(1, 1, 1, 1)),
         optioned("no operation, then end of list", raw_options(1, 1, 1, 0)),
         optioned("end of list, and behind it what is no option", raw_options(0, 131, 1, 0)),
         optioned("timestamp, which is not filled in", raw_options(68, 12, 5, 0, *bytes(8))),
         optioned("an unknown option of 2 bytes, twice", raw_options(222, 2, 222, 2)),
         optioned("an unknown option that just fits", raw_options(222, 4, 9, 9)),
         optioned("40 bytes", raw_options(1, *[222, 38], *bytes(36), 0)),
         echoed("options, surplus and padding at once",
                TO_US / ask(options=raw_options(1, 1, 1, 1)) / to(len=20, chksum=TEXT_SUM) / TEXT / b"surplus" / Padding(b"padding"),
                plain_reply()),
         echoed("options behind two tags",
                TO_US / Dot1AD(vlan=100) / Dot1Q(vlan=5) / ask(options=raw_options(1, 1, 1, 1)) / to() / TEXT,
                TO_PEER / Dot1AD(vlan=100) / Dot1Q(vlan=5) / back() / fro() / TEXT),
         echoed("options, no data", TO_US / ask(options=raw_options(1, 1, 1, 1)) / to(), TO_PEER / back() / fro()),
         answered("ping with record route",
                  TO_US / ask(options=raw_options(7, 7, 4, 0, 0, 0, 0, 0)) / ICMP(type=8, id=1, seq=1) / TEXT,
                  "icmp-echo", TO_PEER / back() / ICMP(type=0, id=1, seq=1) / TEXT)),
    case("ip-options-refused", "Source routes, and options that do not parse.",
         *[dropped(note, TO_US / ask(options=options) / to() / TEXT, "ip-options") for note, options in (
             ("loose source route", [IPOption_LSRR(length=7, pointer=4, routers=["198.18.0.9"]), IPOption(b"\0")]),
             ("strict source route", [IPOption_SSRR(length=7, pointer=4, routers=["198.18.0.9"]), IPOption(b"\0")]),
             ("loose source route, completed", raw_options(131, 7, 8, 198, 18, 0, 9, 0)),
             ("loose source route behind other options", raw_options(1, 222, 2, 131, 3, 4, 0, 0)),
             ("length 0", raw_options(222, 0, 0, 0)),
             ("length 1", raw_options(222, 1, 0, 0)),
             ("length one beyond the header", raw_options(222, 5, 9, 9)),
             ("length 255", raw_options(222, 255, 9, 9)),
             ("no room for a length", raw_options(1, 1, 1, 222)))],
         dropped("ping with a loose source route", TO_US / ask(options=raw_options(131, 3, 4, 0)) / ICMP(type=8, id=1, seq=1),
                 "ip-options")),
    case("ip-fragment", "A part of a datagram is no datagram.",
         dropped("the first", TO_US / ask(flags="MF") / to(len=100) / bytes(16), "ip-fragment"),
         dropped("one in the middle", TO_US / ask(flags="MF", frag=2, proto=17) / bytes(16), "ip-fragment"),
         dropped("the last", TO_US / ask(frag=4, proto=17) / bytes(16), "ip-fragment"),
         dropped("the highest offset", TO_US / ask(frag=0x1FFF, proto=17) / bytes(7), "ip-fragment"),
         dropped("of a ping", TO_US / ask(flags="MF") / ICMP(type=8, id=1, seq=1), "ip-fragment")),
    case("ip-protocol", "Neither UDP nor ICMP.",
         dropped("TCP", TO_US / ask() / TCP(sport=40000, dport=7, seq=1, flags="S"), "ip-protocol"),
         *[dropped(note, TO_US / ask(proto=number) / bytes(to() / TEXT), "ip-protocol") for note, number in (
             ("protocol 0", 0), ("IGMP", 2), ("IPv4 in IPv4", 4), ("SCTP", 132), ("UDP-Lite", 136), ("protocol 255", 255))]),
]

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
         dropped("a fragment, and TCP", TO_US / ask(flags="MF") / TCP(sport=1, dport=7), "ip-fragment"),
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


CASES = [*UDP_CASES, *ETHERNET_CASES, *ARP_CASES, *ICMP_CASES, *IP_CASES, *IDENTITY_CASES, *ORDER_CASES,
         case("mixed-burst", "Good and bad frames, more than one burst of them: replies keep their order.", *burst())]

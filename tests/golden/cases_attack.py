# SPDX-License-Identifier: BSD-3-Clause
"""Frames that would have the appliance answer whom it should not: itself, everybody, or nobody."""
from scapy.layers.inet import ICMP
from scapy.layers.l2 import Dot1Q, Ether

from cases_base import (ALL_MACS, ASK_ALL, MAC_ARGUMENTS, OUR_MAC, OURS, PEER_MAC, TEXT, TO_PEER, TO_US, answered, arp, arp_back,
                        ask, case, dropped, echoed, kept, payload, piece, plain, plain_reply, to)

PING = ICMP(type=8, id=1, seq=1)
MARTIANS = ("0.0.0.0", "0.1.2.3", "0.255.255.255", "127.0.0.1", "127.255.255.255", "224.0.0.0", "239.255.255.255", "240.0.0.1",
            "255.255.255.255")
GROUPS = (("the lowest of groups", "01:00:00:00:00:00"), ("IPv4 multicast", "01:00:5e:00:00:01"),
          ("IPv6 multicast", "33:33:00:00:00:01"), ("spanning tree's", "01:80:c2:00:00:00"),
          ("locally administered", "03:00:00:00:00:01"), ("everybody", ALL_MACS))
WHOLE = payload(to(), TEXT + TEXT)  # 32 bytes of IP payload

ATTACK_CASES = [
    case("ip-source", "Sources that are no single host's, and some that only look so.",
         dropped("from 198.18.0.255, the subnet's broadcast", plain(src="198.18.0.255"), "ip-source"),
         *[echoed(f"from {src}, which is fine", plain(src=src), plain_reply(dst=src)) for src in (
             "1.0.0.0", "126.255.255.255", "128.0.0.0", "223.255.255.255", "198.18.0.0", "198.18.1.255", "10.0.0.255")]),
    case("martians", "Sources that nobody may be answered at.",
         *[dropped(f"from {src}", plain(src=src), "ip-source") for src in MARTIANS],
         *[dropped(f"ping from {src}", TO_US / ask(src=src) / PING, "ip-source") for src in MARTIANS],
         *[dropped(f"fragment from {src}", piece(WHOLE, 0, 16, src=src), "ip-source") for src in MARTIANS]),
    case("land", "From our own address and port: a reply would come to ourselves.",
         dropped("from us to us", plain(src=OURS), "ip-source"),
         dropped("port 7 to port 7", TO_US / ask(src=OURS) / to(7, 7) / TEXT, "ip-source"),
         dropped("with our MAC too", Ether(dst=OUR_MAC, src=OUR_MAC) / ask(src=OURS) / to(7, 7) / TEXT, "ip-source"),
         dropped("ping", TO_US / ask(src=OURS) / PING, "ip-source")),
    case("spoofed-own-address", "In the name of an address of ours, the asked one or another.",
         dropped("from our other address", plain(src="203.0.113.9"), "ip-source"),
         dropped("to it, from the first", plain(src=OURS, dst="203.0.113.9"), "ip-source"),
         dropped("ping", TO_US / ask(src="203.0.113.9") / PING, "ip-source"),
         dropped("behind a tag", TO_US / Dot1Q(vlan=5) / ask(src="203.0.113.9") / to() / TEXT, "ip-source"),
         dropped("a fragment", piece(WHOLE, 0, 16, src="203.0.113.9"), "ip-source"),
         dropped("ARP", ASK_ALL / arp(psrc="203.0.113.9"), "arp-ignored"),
         dropped("gratuitous ARP", ASK_ALL / arp(psrc=OURS), "arp-ignored"),
         echoed("with our MAC, but another's address: the reply goes to that MAC",
                Ether(dst=OUR_MAC, src=OUR_MAC) / ask() / to() / TEXT,
                Ether(dst=OUR_MAC, src=OUR_MAC) / plain_reply()["IP"]),
         arguments=["-a", "198.18.0.2/24", "-a", "203.0.113.9/24", *MAC_ARGUMENTS]),
    case("group-macs", "Neither from a group of stations nor to one: an answer would multiply.",
         *[dropped(f"from {name}", Ether(dst=OUR_MAC, src=mac) / ask() / to() / TEXT, "eth-not-for-us") for name, mac in GROUPS],
         *[dropped(f"to {name}", Ether(dst=mac, src=PEER_MAC) / ask() / to() / TEXT, "eth-not-for-us") for name, mac in GROUPS],
         *[dropped(f"ARP from {name}", Ether(dst=ALL_MACS, src=mac) / arp(), "eth-not-for-us") for name, mac in GROUPS],
         *[dropped(f"ARP that says it is from {name}", ASK_ALL / arp(hwsrc=mac), "arp-ignored") for name, mac in GROUPS],
         answered("ARP to everybody, as it should be", ASK_ALL / arp(), "arp-reply", TO_PEER / arp_back())),
    case("smurf", "Pings that would have us join a flood.",
         dropped("broadcast frame, our address", ASK_ALL / ask() / PING, "eth-not-for-us"),
         dropped("broadcast frame and address", ASK_ALL / ask(dst="198.18.0.255") / PING, "eth-not-for-us"),
         dropped("to the subnet's broadcast", TO_US / ask(dst="198.18.0.255") / PING, "ip-not-for-us"),
         dropped("to 255.255.255.255", TO_US / ask(dst="255.255.255.255") / PING, "ip-not-for-us"),
         dropped("from the subnet's broadcast", TO_US / ask(src="198.18.0.255") / PING, "ip-source"),
         dropped("from 255.255.255.255", TO_US / ask(src="255.255.255.255") / PING, "ip-source")),
    case("fraggle", "The same with UDP, the echo and chargen ports' own flood.",
         dropped("broadcast frame and address, from chargen", ASK_ALL / ask(dst="198.18.0.255") / to(7, 19) / TEXT,
                 "eth-not-for-us"),
         dropped("to the subnet's broadcast", TO_US / ask(dst="198.18.0.255") / to(7, 19) / TEXT, "ip-not-for-us"),
         dropped("from the subnet's broadcast", TO_US / ask(src="198.18.0.255") / to(7, 7) / TEXT, "ip-source"),
         dropped("echo to echo", TO_US / ask() / to(7, 7) / TEXT, "udp-source-port"),
         dropped("chargen to echo", TO_US / ask() / to(7, 19) / TEXT, "udp-source-port")),
    case("teardrop", "Fragments that overlap, which crashed systems once: no byte is said twice.",
         kept("bytes 0 to 24 of 32", piece(WHOLE, 0, 24)),
         dropped("the last one lies within the first", TO_US / ask(frag=2, proto=17) / b"tear", "ip-fragment"),
         dropped("and now what was missing: too late", piece(WHOLE, 24, 32), "ip-fragment"),
         fragments_expired=1),
    case("ping-of-death", "Fragments that end behind byte 65515: with a header, more than a datagram can be.",
         dropped("the last, of 4 bytes at 65512", TO_US / ask(frag=8189, proto=1) / b"died", "ip-fragment"),
         dropped("the last, of 1480 bytes at 64136, ends at 65616", TO_US / ask(frag=8017, proto=1) / bytes(1480), "ip-fragment"),
         dropped("more to come, of 8 bytes at 65512", TO_US / ask(flags="MF", frag=8189, proto=1) / bytes(8), "ip-fragment"),
         dropped("no byte at the highest offset, 65528", TO_US / ask(frag=8191, proto=1), "ip-fragment"),
         dropped("of UDP", TO_US / ask(frag=8191, proto=17) / bytes(7), "ip-fragment"),
         kept("the last, of 3 bytes at 65512: just fits", TO_US / ask(frag=8189, proto=1) / b"fit"),
         kept("more to come, of 8 bytes at 65504", TO_US / ask(flags="MF", frag=8188, proto=1) / bytes(8)),
         fragments_expired=2),
]

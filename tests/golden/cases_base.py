# SPDX-License-Identifier: BSD-3-Clause
"""What golden cases are written with."""
from decimal import Decimal

from scapy.layers.inet import IP, UDP, IPOption
from scapy.layers.l2 import ARP, Ether

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


def case(name, about, *exchanges, arguments=None, files=None, fragments_expired=0):
    return Case(name, about, ARGUMENTS if arguments is None else arguments, list(exchanges), files or {}, fragments_expired)


def answered(note, request, verdict, *replies, wire_length=None, explain=None):
    return Exchange(note, bytes(request), verdict, [bytes(reply) for reply in replies], wire_length, None, explain)


def dropped(note, request, verdict, wire_length=None, explain=None):
    return answered(note, request, verdict, wire_length=wire_length, explain=explain)


def at(seconds, exchange):
    """The exchange at that time: a decimal number as text, for it is to be exact."""
    return exchange._replace(time_us=int(Decimal(seconds) * 10**6))


def echoed(note, request, *replies):
    return answered(note, request, "udp-echo", *replies)


def kept(note, request):
    return dropped(note, request, "ip-fragment-kept")


def plain(text=TEXT, **fields):
    """A datagram that is fine but for the IPv4 fields given."""
    return TO_US / ask(**fields) / to() / text


def plain_reply(text=TEXT, **fields):
    return TO_PEER / back(**fields) / fro() / text


def piece(whole, start, stop, ethernet=TO_US, **fields):
    """The fragment of a request that has these bytes of its IP payload."""
    more = "MF" if stop < len(whole) else 0
    return ethernet / ask(**{"flags": more, "frag": start // 8, "proto": 17, **fields}) / whole[start:stop]


def piece_back(whole, start, stop, ethernet=TO_PEER, **fields):
    """The same of a reply."""
    more = "MF" if stop < len(whole) else 0
    return ethernet / back(**{"flags": more, "frag": start // 8, "proto": 17, **fields}) / whole[start:stop]


def payload(*layers):
    """What IPv4 carries, with a checksum that is right from the peer to us, and so from us to the peer."""
    packet = ask()
    for layer in layers:
        packet = packet / layer
    return bytes(packet)[20:]


def counting(size):
    """A payload of which no two 32-bit words are equal, to show bytes that got lost or moved."""
    return b"".join(word.to_bytes(4, "big") for word in range(0x61000000, 0x61000000 + size // 4 + 1))[:size]


def tweak(packet, offset, *values):
    """The packet's bytes, with some replaced and no checksum mended."""
    data = bytearray(bytes(packet))
    data[offset:offset + len(values)] = bytes(values)
    return bytes(data)


def optioned(note, options):
    """A datagram with these IPv4 options, which its reply has not."""
    return echoed(note, TO_US / ask(options=options) / to() / TEXT, plain_reply())


def raw_options(*values):
    """IPv4 options byte by byte, right or wrong; a multiple of four."""
    return [IPOption(bytes(values))]

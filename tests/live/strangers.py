# SPDX-License-Identifier: BSD-3-Clause
"""Frames of every kind that a network may bring, from hosts that do not exist, so that no kernel joins in."""
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import ARP, Dot1AD, Dot1Q, Ether
from scapy.packet import Padding, Raw

STRANGER, OURS = "198.18.0.77", "198.18.0.2"


def strange_frames(kind, mac, appliance_mac):
    """Frames from mac to an appliance on that kind of device, every other one to be answered."""
    ether = Ether(dst=appliance_mac, src=mac)
    broadcast = Ether(dst="ff:ff:ff:ff:ff:ff", src=mac)
    ip = IP(src=STRANGER, dst=OURS, id=0x1234, ttl=57)
    udp, data = UDP(sport=40000, dport=7), Raw(b"echo, echo!")
    ask = ARP(op=1, hwsrc=mac, psrc=STRANGER, hwdst="00:00:00:00:00:00", pdst=OURS)

    def options(raw):
        return IP(src=STRANGER, dst=OURS, options=[IPOption(raw)])

    answered = [
        ether / ip / udp / data,
        ether / ip / udp,
        ether / ip / udp / Raw(b"x" * 1472),
        ether / ip / UDP(sport=40000, dport=7, chksum=0) / data,
        ether / ip / udp / data / Padding(b"\xaa" * 30),
        ether / ip / UDP(sport=40000, dport=7, len=13, chksum=0) / b"echo!SURPLUS",
        ether / Dot1Q(vlan=5, prio=3) / ip / udp / data,
        ether / Dot1Q(vlan=100) / Dot1Q(vlan=5) / ip / udp / data,
        ether / options(b"\x94\x04\0\0") / udp / data,
        ether / ip / ICMP(type=8, id=0xBEEF, seq=7) / data,
        broadcast / ask,
        ether / ask / Padding(b"\x55" * 18),
        broadcast / Dot1Q(vlan=5) / ask,
    ]
    # The kernel itself drops this before any packet socket can hear it.
    runt = [] if kind in ("af_packet", "pcap-live") else [Raw(bytes(ether)[:12] + b"\x81\0\0\5")]
    # For net_af_packet the kernel puts fragments together (PACKET_FANOUT_FLAG_DEFRAG).
    fragments = [] if kind == "af_packet" else [
        ether / IP(src=STRANGER, dst=OURS, flags="MF") / udp / data,
        ether / IP(src=STRANGER, dst=OURS, frag=2) / Raw(b"the rest"),
    ]
    dropped = runt + fragments + [
        Ether(dst="02:00:00:00:00:99", src=mac) / ip / udp / data,
        broadcast / IP(src=STRANGER, dst="198.18.0.255") / udp / data,
        Ether(dst="01:00:5e:00:00:01", src=mac) / IP(src=STRANGER, dst="224.0.0.1") / udp / data,
        Ether(dst=appliance_mac, src="03:00:00:00:00:01") / ip / udp / data,
        ether / IPv6(src="2001:db8::1", dst="2001:db8::2") / udp / data,
        ether / Dot1Q(vlan=1) / Dot1Q(vlan=2) / Dot1Q(vlan=3) / ip / udp / data,
        broadcast / ARP(op=1, hwsrc=mac, psrc=STRANGER, pdst="198.18.0.3"),
        ether / ARP(op=2, hwsrc=mac, psrc=STRANGER, hwdst=appliance_mac, pdst=OURS),
        Raw(bytes(ether / ip / udp)[:30]),
        Raw(bytes(ether / IP(src=STRANGER, dst=OURS, version=5) / udp / data)),
        ether / IP(src=STRANGER, dst=OURS, len=200) / udp / data,
        ether / IP(src=STRANGER, dst=OURS, chksum=0x1234) / udp / data,
        ether / IP(src=STRANGER, dst="198.18.0.3") / udp / data,
        ether / IP(src="127.0.0.1", dst=OURS) / udp / data,
        ether / IP(src=OURS, dst=OURS) / udp / data,
        ether / IP(src="198.18.0.255", dst=OURS) / udp / data,
        ether / options(b"\x83\x07\x04\xc6\x12\x00\x01") / udp / data,
        ether / ip / TCP(sport=40000, dport=7, flags="S"),
        ether / ip / ICMP(type=0, id=0xBEEF, seq=7) / data,
        ether / ip / ICMP(type=8, id=0xBEEF, seq=7, chksum=0x1234) / data,
        ether / ip / UDP(sport=40000, dport=7, len=7) / data,
        ether / ip / UDP(sport=40000, dport=7, len=100) / data,
        ether / ip / UDP(sport=40000, dport=7, chksum=0x1234) / data,
        ether / ip / UDP(sport=40000, dport=9) / data,
        ether / ip / UDP(sport=0, dport=7) / data,
        ether / ip / UDP(sport=7, dport=7) / data,
        ether / ip / UDP(sport=53, dport=7) / data,
    ]
    return [bytes(packet) for pair in zip(dropped, answered) for packet in pair] \
        + [bytes(packet) for packet in dropped[len(answered):]]


def service_tagged_frames(_kind, mac, appliance_mac):
    """With the tags of 802.1ad."""
    packet = IP(src=STRANGER, dst=OURS) / UDP(sport=40000, dport=7) / Raw(b"echo, echo!")
    ether = Ether(dst=appliance_mac, src=mac)
    return [bytes(ether / Dot1AD(vlan=100) / packet), bytes(ether / Dot1AD(vlan=100) / Dot1Q(vlan=5) / packet)]

# SPDX-License-Identifier: BSD-3-Clause
"""An endless stream of good datagrams: a net_pcap device that repeats a capture from memory.

The driver copies each frame into an mbuf and frees what is sent, so that it costs little and the
same for everyone.
"""
from bench import appliance, fail

PORT = 7


def mac(device):
    """Of the net_pcap device of that number, as the driver makes them up."""
    return f"02:70:63:61:70:{device:02x}"


def address(i):
    """The address number i of a device."""
    return f"198.18.1.{2 + i}"


def capture(path, size, device=0, addresses=1, ports=(PORT,), count=64):
    """Writes COUNT frames of SIZE bytes, without FCS, each from a source and a port of its own, in
    turn to each address and port. Checksums are right."""
    from scapy.layers.inet import IP, UDP
    from scapy.layers.l2 import Ether
    from scapy.utils import wrpcap

    ether = Ether(src="02:00:00:00:00:01", dst=mac(device))
    data = bytes(i % 251 for i in range(size - 42))
    wrpcap(path, [ether / IP(src=f"198.19.{i // 200}.{1 + i % 200}", dst=address(i % addresses), id=i)
                  / UDP(sport=20000 + i, dport=ports[i % len(ports)]) / data for i in range(count)])


def vdev(path, device=0):
    return f"net_pcap{device},rx_pcap={path},infinite_rx=1"


def answered(options, paths, seconds, *arguments, addresses=1, meanwhile=None):
    """Echoes a second of udpechod, a device for each capture. One frame not echoed fails it."""
    devices = []
    for i, path in enumerate(paths):
        devices += ["-d", "vdev:" + vdev(path, i)]
        for j in range(addresses):
            devices += ["-a", address(j) + "/15"]
    report = appliance(options, [*devices, *arguments], seconds, meanwhile)
    received, echoes = report["rx_packets"], report["verdicts"]["udp-echo"]
    if not 0 < received == echoes:
        fail(f"{received} frames received, {echoes} echoed: {' '.join(arguments)}")
    return echoes / report["uptime_s"]

# SPDX-License-Identifier: BSD-3-Clause
"""The kernel's own stack as the other end of an emulated NIC: a TAP interface of several queues, in a namespace.

    namespace udpechod-PID-client                          guest
    +------------------------------------------+     +---------------+
    | sockets - kernel's stack - echo0 --- tap-|--NIC|--- udpechod   |
    +------------------------------------------+     +---------------+

With it comes what a wire has not: checksums that the kernel leaves to the device, and flows that spread over queues.
"""
import fcntl
import os
import socket
import sys
from collections import namedtuple
from struct import pack

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "live"), os.path.join(HERE, "..", "model")]
import frames as make  # noqa: E402
from lab import Daemon  # noqa: E402
from machine import PATIENCE  # noqa: E402
from world import INTERFACE, inside, wait_until  # noqa: E402

from scapy.layers.inet import IP, UDP  # noqa: E402
from scapy.layers.l2 import Ether  # noqa: E402

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_MULTI_QUEUE, IFF_NO_PI, IFF_VNET_HDR = 0x0002, 0x0100, 0x1000, 0x4000
FLOWS = 64

# A NIC on a TAP interface of so many queues, with so many of its own. What is seen of it: how many of them frames come in
# on; whether the driver says that a checksum is good, or that it is left to do. QEMU's e1000e has one queue, and its
# vmxnet3 receives on the first alone; the driver of the e1000e can say that a checksum is bad, but not that it is good.
Peer = namedtuple("Peer", "model taps queues options receiving checksums")
PEERS = (
    Peer("e1000e", 1, 1, {}, 1, None),
    Peer("vmxnet3", 1, 2, {}, 1, "verified_checksums"),
    Peer("virtio-net-pci", 2, 2, {}, 2, "partial_checksums"),
    Peer("virtio-net-pci", 2, 2, {"rss": "on"}, 2, "partial_checksums"),
)


def open_taps(place, queues):
    """The open files of a new TAP interface, one a queue."""
    flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | (IFF_MULTI_QUEUE if queues > 1 else 0)
    taps = []
    with inside(place.client):
        for _ in range(queues):
            taps.append(open("/dev/net/tun", "r+b", buffering=0))
            fcntl.ioctl(taps[-1], TUNSETIFF, pack("16sH22x", INTERFACE.encode(), flags))
    return taps


def echo(place, size):
    """A datagram of each of many flows, and each comes back."""
    peers = []
    for number in range(FLOWS):
        peer = place.socket(socket.AF_INET, socket.SOCK_DGRAM)
        peer.settimeout(PATIENCE)
        peer.connect((make.OURS, 7))
        peer.send(bytes([number]) * size)
        peers.append(peer)
    for number, peer in enumerate(peers):
        assert peer.recv(65536) == bytes([number]) * size, "another echo"
        peer.close()


def send_wrong(place):
    """One datagram whose checksum is wrong, and that nobody is to finish."""
    frame = Ether(dst=make.OUR_MAC, src=place.mac().hex(":")) / IP(src=make.PEER, dst=make.OURS) / \
        UDP(sport=40000, dport=7, chksum=0x1234) / b"wrong"
    with place.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as raw:
        raw.bind((INTERFACE, 0))
        raw.send(bytes(frame))


def check(machine, place, peer, slot):
    """Echoes to sockets, on all the queues there are, and the checksums that were not summed for it."""
    with Daemon(machine, slot, "--cores=0,1") as daemon:
        daemon.await_log("running")
        wait_until(lambda: place.run("ping", "-n", "-c", "1", "-W", "2", make.OURS).returncode == 0, "ping", PATIENCE)
        echo(place, 512)
        send_wrong(place)
        echo(place, 4000)
        report = daemon.end()
    verdicts, workers = report["verdicts"], report["workers"]
    assert verdicts["udp-echo"] == 2 * FLOWS and verdicts["udp-checksum"] == 1, verdicts
    assert [worker["queues"] for worker in workers] == [1, peer.queues - 1], workers
    received = [worker["rx_packets"] for worker in workers]
    assert sum(count > FLOWS // 8 for count in received) == peer.receiving, f"received by queues: {received}"
    # A datagram in fragments is summed by who sends it.
    expected = {"partial_checksums": 0, "verified_checksums": 0}
    if peer.checksums is not None:
        expected[peer.checksums] = FLOWS
    found = {name: report[name] for name in expected}
    assert found == expected, f"{found}, expected {expected}"
    print(f"# frames by queue: {received}, {found}", flush=True)

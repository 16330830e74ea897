#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""A flood that is too much: each frame on the wire is received, or counted as missed. `test_loss.py UDPECHOD`"""
import contextlib
import json
import os
import signal
import socket
import sys

from test_operate import exchange, wait_for_log
from world import APPLIANCE, PATIENCE, Appliance, World, command

from tap import Tap

COUNT = 30000  # more than any ring holds


def sent_by(place):
    """The client's frames on the wire: a TAP's wire is udpechod, and what it has no room for was sent to it all the same."""
    stats = json.loads(command("ip", "-n", place.client, "-json", "-s", "link", "show", place.interface))[0]["stats64"]["tx"]
    return stats["packets"] + (stats["dropped"] if place.kind == "tap" else 0)


def flood(place):
    with place.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.connect((APPLIANCE, 7))
        for _ in range(COUNT):
            peer.send(bytes(60))


def send_tagged(place, appliance):
    """Two tags, and what nobody but a packet socket wants within: received, though the interface counts it as dropped."""
    with place.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as raw:
        raw.bind((place.interface, 0x88A8))
        for _ in range(3):
            raw.send(appliance.mac + place.mac() + bytes.fromhex("8100 0005 8100 0006 0800") + bytes(46))


def await_echo(place):
    with place.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.settimeout(0.2)
        peer.connect((APPLIANCE, 7))
        for number in range(10 * PATIENCE):
            peer.send(b"%d" % number)
            with contextlib.suppress(TimeoutError):
                while peer.recv(100) != b"%d" % number:
                    pass
                return
    raise AssertionError("no echo any more")


def check_flood(kind, held, udpechod):
    with World(kind) as place, Appliance(place, udpechod, "--log-level=notice") as appliance:
        before = sent_by(place)
        send_tagged(place, appliance)
        exchange(place, 1)  # the client knows the MAC: none of its datagrams wait for that
        if held:  # nothing is polled: the rings run over
            appliance.process.send_signal(signal.SIGSTOP)
        flood(place)
        appliance.process.send_signal(signal.SIGCONT)
        await_echo(place)  # behind all that are still in a ring, which may be full for a while
        if held:
            wait_for_log(appliance, rf"^udpechod: device {place.device}: \d+ frames were lost before .* \(rx_missed\): give it more")
        sent = sent_by(place) - before
        report = appliance.end()
    (device,) = report["devices"]
    received = device["rx_packets"] - appliance.greetings
    print(f"# {kind}, {'held' if held else 'running'}: sent {sent}, received {received}, missed {device['rx_missed']}")
    assert received + device["rx_missed"] == sent and (device["rx_missed"] > 0 or not held), device
    assert device["rx_errors"] == device["rx_nombuf"] == 0, device


def main():
    udpechod = os.path.abspath(sys.argv[1])
    tap = Tap()
    for kind in ("af_xdp", "af_packet", "pcap-live", "tap"):
        for held in (False, True):
            tap.case(f"{kind}: a flood, {'and nobody polls' if held else 'polled'}", check_flood, kind, held, udpechod)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())

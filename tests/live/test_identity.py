#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Who the appliance is, whom it answers and how often: `test_identity.py UDPECHOD UDPECHO`."""
import contextlib
import os
import signal
import socket
import sys
import time
from struct import pack

import world
from test_live import check_client, is_announcement, noise
from world import APPLIANCE, PATIENCE, Appliance, World, wait_until

from tap import Tap

SECOND = "198.18.0.77"
OTHER_MAC = bytes.fromhex("020000000099")


class Listener:
    """Collects the ARP that arrives at the client."""

    def __init__(self, place):
        self.socket = place.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.socket.bind((place.interface, 0x0806))
        self.socket.setblocking(False)
        self.seen = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def announcements(self, mac):
        """How often each address was announced so far."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self.seen.append(self.socket.recv(2048))
        return [socket.inet_ntoa(frame[28:32]) for frame in self.seen if is_announcement(frame, mac)]


def stop_oddly(appliance, errors):
    """As Appliance.stop() does, where standard error is not to be silent, or there are more addresses."""
    report = appliance.end()
    said = appliance.read("errors").splitlines()
    assert len(said) == len(errors) and all(line.startswith(part) for part, line in zip(errors, said)), said
    return report


def check_addresses(udpechod, udpecho):
    """Each address is announced, found and served."""
    with World("af_packet") as place, Listener(place) as listener, \
            Appliance(place, udpechod, "-a", f"{SECOND}/24") as appliance:
        check_client(place, udpecho, 100)
        done = place.run(udpecho, "-w", str(PATIENCE), SECOND, input=noise(100))
        assert done.returncode == 0 and f"from={SECOND}:7" in done.stdout.decode(), done
        done = place.run("ping", "-n", "-c", "1", "-W", str(PATIENCE), SECOND)
        assert done.returncode == 0, done
        wait_until(lambda: sorted(listener.announcements(appliance.mac)) == sorted([APPLIANCE, SECOND]),
                   "an announcement of each address")
        for frame in listener.seen:
            if is_announcement(frame, appliance.mac):  # RFC 5227: a request, of nobody's MAC
                assert frame[14:22] == bytes.fromhex("0001080006040001") and frame[32:38] == bytes(6), frame.hex()
        report = stop_oddly(appliance, [])
    assert report["announcements"] == 2 and report["devices"][0]["addresses"] == [APPLIANCE, SECOND], report


def check_conflict(udpechod):
    """Another station says that it has the address: said once, counted each time, defended once in 10 s."""
    ours = socket.inet_aton(APPLIANCE)
    claim = pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, 1) + OTHER_MAC + ours + bytes(6) + ours
    with World("af_packet") as place, Listener(place) as listener, Appliance(place, udpechod) as appliance:
        wait_until(lambda: len(listener.announcements(appliance.mac)) == 1, "the first announcement")
        listener.socket.send(b"\xff" * 6 + OTHER_MAC + claim)
        wait_until(lambda: len(listener.announcements(appliance.mac)) == 2, "an announcement in defence")
        listener.socket.send(b"\xff" * 6 + OTHER_MAC + claim)
        # Nothing is to come, so there is nothing to wait for: several of the watch's rounds.
        time.sleep(0.3)
        with place.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as raw:
            raw.bind((place.interface, 0x0806))
            appliance.greet(raw, 252)
        report = stop_oddly(appliance, [f"udpechod: device {place.device}: another station uses an address of ours: 1 "])
    assert report["arp_conflicts"] == report["verdicts"]["arp-ignored"] == 2, report
    assert report["announcements"] == 2, report


def check_unreachable(udpechod, udpecho):
    """A client is told at once, if the operator wants it to be."""
    for arguments, why in (([], b"i/o timeout"), (["--icmp-unreachable"], b"connection refused")):
        with World("af_packet") as place, Appliance(place, udpechod, *arguments) as appliance:
            done = place.run(udpecho, "-w", "1", APPLIANCE, "9", input=b"anybody?")
            assert done.returncode == 1 and why in done.stderr, done
            report = appliance.stop()
        assert report["verdicts"]["icmp-unreachable" if arguments else "udp-port"] == 1, report


def check_acl(udpechod, udpecho):
    for rules, allowed in (("deny 198.18.0.0/15\nallow 198.18.0.1/32\n", True), ("deny 198.18.0.1/32 # them\n", False)):
        with World("af_packet") as place:
            with world.tempfile.NamedTemporaryFile("w", suffix=".acl") as file:
                file.write(rules)
                file.flush()
                # udpechod has a /tmp of its own here: the file is handed over by its descriptor.
                path = f"/proc/{os.getpid()}/fd/{file.fileno()}"
                with Appliance(place, udpechod, f"--acl={path}") as appliance:
                    done = place.run(udpecho, "-w", "1", APPLIANCE, input=b"may I?")
                    assert (done.returncode == 0) == allowed, done
                    report = appliance.stop()
        assert report["verdicts"]["udp-echo" if allowed else "acl"] == 1, report


def check_rate(udpechod):
    """A hundred datagrams in half a second: the burst and the rate are answered, and what is not is counted."""
    with World("af_packet") as place, \
            Appliance(place, udpechod, "--rate-limit=10:20", "--rate-limit-prefix=32") as appliance, \
            place.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.connect((APPLIANCE, 7))
        for _ in range(100):
            peer.send(b"me again")
            time.sleep(0.005)  # so that tokens which come too fast would show
        with place.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as raw:
            raw.bind((place.interface, 0x0806))
            appliance.greet(raw, 252)
        report = appliance.stop()
    echoes, refused = report["verdicts"]["udp-echo"], report["verdicts"]["rate-limit"]
    # Slow machines earn more tokens, but never more than for all the time that it ran.
    assert echoes + refused == 100 and 20 <= echoes <= 20 + 10 * report["uptime_s"], report


def main():
    udpechod, udpecho = map(os.path.abspath, sys.argv[1:3])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    tap = Tap()
    tap.case("several addresses, each announced and served", check_addresses, udpechod, udpecho)
    tap.case("an address conflict is reported and the address defended", check_conflict, udpechod)
    tap.case("a port not served, reported or not", check_unreachable, udpechod, udpecho)
    tap.case("the access list", check_acl, udpechod, udpecho)
    tap.case("the rate limit", check_rate, udpechod)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Who the appliance is, whom it answers and how often: `test_identity.py UDPECHOD UDPECHO`."""
import contextlib
import http.client
import os
import signal
import socket
import sys
import time
from struct import pack, unpack

import world
from test_live import check_client, is_announcement, noise
from world import APPLIANCE, CLIENT, PATIENCE, Appliance, World, inside, wait_until

from tap import Tap

SECOND = "198.18.0.77"
OTHER_MAC = bytes.fromhex("020000000099")


class Listener:
    """Collects the ARP that arrives at the client."""

    def __init__(self, place):
        self.socket = place.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        for option in (8, 23):  # of SOL_PACKET: AUXDATA, as the kernel keeps tags out of frames; IGNORE_OUTGOING
            self.socket.setsockopt(263, option, 1)
        self.socket.bind((place.interface, 3))  # ETH_P_ALL: for ARP alone, tags are forgotten
        self.socket.setblocking(False)
        self.seen = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def listen(self):
        """All that came so far."""
        with contextlib.suppress(BlockingIOError):
            while True:
                frame, ((_, _, auxiliary),), *_ = self.socket.recvmsg(2048, 64)
                status, tag, tpid = unpack("=I12xHH", auxiliary)  # struct tpacket_auxdata
                if frame[12:14] == b"\x08\x06":
                    self.seen.append(frame[:12] + pack("!HH", tpid, tag) + frame[12:] if status & 0x10 else frame)
        return self.seen

    def announcements(self, mac):
        """How often each address was announced so far."""
        self.listen()
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
        report = stop_oddly(appliance, [f"udpechod: device {place.device}: another station ({OTHER_MAC.hex(':')}) uses our address {APPLIANCE} "])
    assert report["arp_conflicts"] == report["verdicts"]["arp-ignored"] == 2, report
    assert report["announcements"] == 2, report


class Prober(Appliance):
    """As it is started by a user: nobody has its address?"""

    probe = ()


def check_probe(udpechod):
    """Nobody has it: three probes and the announcement, in this order. Who asks meanwhile is answered."""
    with World("af_packet") as place, Listener(place) as listener, Prober(place, udpechod) as appliance:
        wait_until(lambda: listener.announcements(appliance.mac), "the announcement", 3 * PATIENCE)
        unasked = [frame for frame in listener.seen if frame[:14] == b"\xff" * 6 + appliance.mac + b"\x08\x06"]
        assert [frame[20:22] + frame[28:32] + frame[38:42] for frame in unasked] == \
            [b"\0\1" + sender + socket.inet_aton(APPLIANCE) for sender in [bytes(4)] * 3 + [socket.inet_aton(APPLIANCE)]], unasked
        report = appliance.stop()
    assert report["announcements"] == 4 and report["arp_conflicts"] == 0, report


def check_duplicate(udpechod):
    """A kernel has the address: it stays that kernel's, until it gives it up and udpechod is told to look again."""
    with World("af_packet") as place, Listener(place) as listener:
        world.command("ip", "-n", place.appliance, "link", "set", "lo", "up")
        world.command("ip", "-n", place.client, "address", "add", f"{SECOND}/32", "dev", place.interface)
        with Prober(place, udpechod, "-a", SECOND, "--http=9110") as appliance:
            wait_until(lambda: "reload udpechod" in appliance.read("errors"), "a line of log", 3 * PATIENCE)
            wait_until(lambda: listener.announcements(appliance.mac) == [APPLIANCE], "the announcement of the other", 3 * PATIENCE)
            assert get_health(place) == (503, f"device {place.device}: an address of it belongs to another station\n")
            world.command("ip", "-n", place.client, "address", "del", f"{SECOND}/32", "dev", place.interface)
            assert not resolves(place, SECOND) and resolves(place, APPLIANCE)
            appliance.process.send_signal(signal.SIGHUP)
            wait_until(lambda: get_health(place)[0] == 200, "health")
            wait_until(lambda: sorted(listener.announcements(appliance.mac)) == sorted([APPLIANCE] * 2 + [SECOND]),
                       "an announcement of both", 3 * PATIENCE)
            assert resolves(place, SECOND)
            report = stop_oddly(appliance, [
                f"udpechod: device {place.device}: {SECOND} belongs to another station ({place.mac().hex(':')}): "])
    assert report["arp_conflicts"] >= 1, report


def get_health(place):
    """Status and text of /healthz."""
    with inside(place.appliance):
        connection = http.client.HTTPConnection("127.0.0.1", 9110, timeout=PATIENCE)
        connection.request("GET", "/healthz")
    with contextlib.closing(connection):
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def resolves(place, address):
    """Whether the client's kernel gets an answer by ARP."""
    world.command("ip", "-n", place.client, "neighbour", "flush", "dev", place.interface)
    return place.run("ping", "-n", "-c", "1", "-W", "1", address).returncode == 0


def check_vlans(udpechod):
    """It is announced, and defended, in the VLAN where somebody asks for it."""
    ours, tag = socket.inet_aton(APPLIANCE), pack("!HH", 0x8100, 5)
    ask = pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, 1) + OTHER_MAC + socket.inet_aton(CLIENT) + bytes(6) + ours
    claim = pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, 1) + OTHER_MAC + ours + bytes(6) + ours

    def tagged():
        return [frame for frame in listener.listen() if frame[12:16] == tag]

    with World("af_packet") as place, Listener(place) as listener, Appliance(place, udpechod) as appliance:
        wait_until(lambda: len(listener.announcements(appliance.mac)) == 1, "the first announcement")
        for packet in (ask, claim):
            listener.socket.send(b"\xff" * 6 + OTHER_MAC + tag + packet)
        wait_until(lambda: len(listener.announcements(appliance.mac)) == 2, "an announcement in defence")
        wait_until(lambda: len(tagged()) == 2, "the reply and the announcement in the VLAN")
        reply, announcement = (frame[:12] + frame[16:] for frame in tagged())
        assert reply[:12] == OTHER_MAC + appliance.mac and is_announcement(announcement, appliance.mac)
        report = stop_oddly(appliance, [f"udpechod: device {place.device}: another station ({OTHER_MAC.hex(':')}) uses our address {APPLIANCE} "])
    assert report["announcements"] == 3, report


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
    tap.case("an address is probed, then announced", check_probe, udpechod)
    tap.case("an address that a kernel has is left to it", check_duplicate, udpechod)
    tap.case("announced and defended in the VLANs that ask for it", check_vlans, udpechod)
    tap.case("a port not served, reported or not", check_unreachable, udpechod, udpecho)
    tap.case("the access list", check_acl, udpechod, udpecho)
    tap.case("the rate limit", check_rate, udpechod)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())

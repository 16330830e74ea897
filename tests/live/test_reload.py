#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Reloads: what changes, what can't, and what is refused. `test_reload.py UDPECHOD`"""
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import world
from test_live import noise
from test_operate import IP_RECVTTL, LOUD, MAC, OTHER, said
from world import APPLIANCE, PATIENCE, PREFIX, Appliance, World, wait_until

from offline import Record, write_pcap
from tap import Tap


class Configured(Appliance):
    """With a configuration file, which is not in /tmp, as it has one of its own."""

    def __init__(self, place, program, text, *arguments):
        self.file = tempfile.NamedTemporaryFile("w", suffix=".conf", dir="/var/tmp")
        super().__init__(place, program)
        self.arguments = ["-c", self.file.name, "--report=json", *arguments]
        self.write(text)

    def write(self, text, more=f"address = {APPLIANCE}{PREFIX}\n"):
        self.file.seek(0)
        self.file.truncate()
        self.file.write(f"[device it]\ndevice = {self.world.device}\n{more}[udpechod]\n{text}")
        self.file.flush()

    def reload(self, *args, **kwargs):
        before = self.read("errors").count("udpechod: reload")
        self.write(*args, **kwargs)
        self.process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.check_alive() and
                   len(re.findall(r"^udpechod: reload(?:ed$| refused)", self.read("errors"), re.M)) > 0 and
                   self.read("errors").count("udpechod: reload") > before, "a line about the reload")


def ask(place, port, ttl=False, address=APPLIANCE):
    """Whether a datagram to the port is echoed; or the reply's TTL."""
    with place.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
        peer.settimeout(0.5)
        peer.sendto(b"there?", (address, port))
        try:
            data, ancillary, _, _ = peer.recvmsg(100, 100)
        except (socket.timeout, ConnectionRefusedError):
            return None
        assert data == b"there?", data
        return int.from_bytes(ancillary[0][2][:4], "little") if ttl else True


BROKEN_LISTS = {  # that a reload refuses, and why
    "\0" * 4096: ":1: a zero byte",  # after a power cut
    "": ": it no longer has any rule",
    "# the list\n# is empty\n": ": it no longer has any rule",
    "allow 198.18.0.1/32\ndeny 198.18.0.1/32\n": ":2: line 1 says allow for the same prefix",
    "# ours\rdeny 198.18.0.1/32\r": ":1: a carriage return",
}


def check_lists(place, appliance, acl):
    """Where the list of a reload is broken, the old one stays: nobody gets in."""
    def write(text):
        acl.seek(0)
        acl.truncate()
        acl.write(text)
        acl.flush()

    setting = f"acl = {acl.name}\n"
    write("deny 198.18.0.1/32\n")
    appliance.reload(setting)
    assert ask(place, 7) is None
    for text, why in BROKEN_LISTS.items():
        write(text)
        appliance.reload(setting)
        assert said(appliance, rf"^udpechod: reload refused, .*{re.escape(acl.name)}{re.escape(why)}"), appliance.read("errors")
        assert ask(place, 7) is None, text


def check_reload(udpechod):
    """Ports, TTL, addresses, lists and limits change; what can't says so; what is wrong changes nothing."""
    with World("af_xdp") as place, Configured(place, udpechod, "udp-port = 7\n", LOUD) as appliance:
        assert (ask(place, 7), ask(place, 9)) == (True, None)
        appliance.reload("udp-port = 9\nttl = 33\n")
        assert (ask(place, 7), ask(place, 9, ttl=True)) == (None, 33)
        appliance.reload("udp-port = 7\n", f"address = {APPLIANCE}{PREFIX},{OTHER}{PREFIX}\n")
        assert (ask(place, 7), ask(place, 7, address=OTHER)) == (True, True)
        appliance.reload("udp-port = 7\n")
        assert (ask(place, 7), ask(place, 7, address=OTHER)) == (True, None)
        for text, wrong in (("udp-prot = 9\n", r"udpechod: reload refused, .*:5: udp-prot: no such setting$"),
                            ("udp-port = x\n", r"udpechod: reload refused, .*:5: udp-port: x: not a list"),
                            ("acl = /nowhere\n", r"udpechod: reload refused, .*:5: acl: /nowhere: No such file")):
            appliance.reload(text)
            assert said(appliance, wrong), appliance.read("errors")
            assert (ask(place, 7), ask(place, 9)) == (True, None)
        with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
            os.mkfifo(f"{folder}/acl")  # that nobody writes to
            appliance.reload(f"acl = {folder}/acl\n")
            assert said(appliance, rf"^udpechod: reload refused, .*:5: acl: {folder}/acl: not a regular file"), appliance.read("errors")
        appliance.reload("udp-port = 7\ncores = 0\nidle = spin\n")
        for what in ("cores", "idle"):
            assert said(appliance, rf"^udpechod: reload: {what}: changed: restart udpechod to apply it$")
        appliance.reload("rate-limit = 1:1\n")
        assert (ask(place, 7), ask(place, 7)) == (True, None)
        with tempfile.NamedTemporaryFile("w", suffix=".acl", dir="/var/tmp") as acl:
            acl.write("deny 198.18.0.1/32\n")
            acl.flush()
            appliance.reload(f"acl = {acl.name}\n")
            assert ask(place, 7) is None
            acl.seek(0)
            acl.write("allow 198.18.0.1/32\n")
            acl.flush()
            appliance.reload(f"acl = {acl.name}\n")  # another in place of the one there is
            assert ask(place, 7)
            assert not said(appliance, "no rule is about")
            acl.truncate(0)
            acl.seek(0)
            acl.write("deny ::/0\n")
            acl.flush()
            appliance.reload(f"acl = {acl.name}\n")
            assert ask(place, 7)
            assert said(appliance, r"^udpechod: acl \S+: no rule is about IPv4, so all its sources are allowed: to allow none, "
                                   r"write `deny 0\.0\.0\.0/0`$"), appliance.read("errors")
            acl.truncate(0)
            acl.seek(0)
            acl.write("allow 198.18.0.0/15\n")
            acl.flush()
            appliance.reload(f"acl = {acl.name}\n", f"address = {APPLIANCE}{PREFIX},2001:2::2/64\n")
            assert said(appliance, r"^udpechod: acl \S+: no rule is about IPv6, .*: to allow none, write `deny ::/0`$"), \
                appliance.read("errors")
            check_lists(place, appliance, acl)
            appliance.reload("udp-port = 7\n")
            assert ask(place, 7)
        report = appliance.end()
    assert (report["reloads"], report["reloads_refused"]) == (11, 4 + len(BROKEN_LISTS)), report
    assert report["verdicts"]["acl"] == 2 + len(BROKEN_LISTS) and report["verdicts"]["rate-limit"] == 1, report


def check_whole(udpechod):
    """Reloads back and forth in a flood of both: port 7 with TTL 17, or port 9 with TTL 19; never a mixture."""
    texts = ("udp-port = 7\nttl = 17\n", "udp-port = 9\nttl = 19\n")
    seen, stopping = {7: set(), 9: set()}, threading.Event()
    with World("af_xdp") as place, Configured(place, udpechod, texts[0], "--log-level=error") as appliance, \
            place.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
        peer.settimeout(0.2)

        def send():
            while not stopping.is_set():
                for port in (7, 9):
                    peer.sendto(b"which?", (APPLIANCE, port))

        sender = threading.Thread(target=send)
        sender.start()
        try:
            for number in range(40):
                appliance.write(texts[(number + 1) % 2])
                appliance.process.send_signal(signal.SIGHUP)
                end = time.monotonic() + 0.05
                while time.monotonic() < end:
                    with contextlib.suppress(socket.timeout):
                        _, ancillary, _, (_, port) = peer.recvmsg(100, 100)
                        seen[port].add(int.from_bytes(ancillary[0][2][:4], "little"))
        finally:
            stopping.set()
            sender.join()
        report = appliance.stop()
    assert seen == {7: {17}, 9: {19}}, seen
    assert report["reloads"] >= 10, report


def check_storm(udpechod):
    """Reloads every 100 ms under the highest load that there is: not one frame is lost."""
    from scapy.layers.inet import IP, UDP
    from scapy.layers.l2 import Ether
    frame = bytes(Ether(src="02:00:00:00:00:01", dst=MAC) / IP(src="198.18.0.1", dst=APPLIANCE) /
                  UDP(sport=4000, dport=7) / noise(18))
    with tempfile.TemporaryDirectory() as folder:
        capture, conf = f"{folder}/in.pcap", f"{folder}/conf"
        write_pcap(capture, [Record(0, frame)] * 64)

        def write(ttl):
            with open(conf + ".new", "w", encoding="ascii") as file:
                file.write(f"[udpechod]\nreport = json\nttl = {ttl}\nlog-level = error\n[device]\n"
                           f"device = vdev:net_pcap0,rx_pcap={capture},infinite_rx=1\naddress = {APPLIANCE}/24\n")
            os.rename(conf + ".new", conf)

        write(64)
        with subprocess.Popen([udpechod, "-c", conf], stdout=-1, stderr=-1, text=True,
                              preexec_fn=world.die_with_us) as process:
            try:
                time.sleep(1)
                for number in range(30):
                    write(1 + number)
                    process.send_signal(signal.SIGHUP)
                    time.sleep(0.1)
                process.send_signal(signal.SIGTERM)
                out, errors = process.communicate(timeout=4 * PATIENCE)
            finally:
                process.kill()
    assert (process.returncode, errors) == (0, ""), f"status {process.returncode}: {errors}"
    report = json.loads(out)
    world.check_law(report)
    print(f"# {report['reloads']} reloads, {report['rx_packets']} frames in {report['uptime_s']:.1f} s")
    assert report["reloads"] >= 25 and report["reloads_refused"] == 0, report
    assert report["rx_packets"] == report["verdicts"]["udp-echo"] == report["tx_packets"] - report["announcements"] > 0, report
    (device,) = report["devices"]
    assert device["rx_missed"] == device["rx_errors"] == device["rx_nombuf"] == report["tx_full"] == 0, report


def main():
    udpechod = os.path.abspath(sys.argv[1])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    tap = Tap()
    tap.case("reloads", check_reload, udpechod)
    tap.case("a reload is whole", check_whole, udpechod)
    tap.case("reloads every 100 ms under the highest load", check_storm, udpechod)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The appliance in operation: queues, reloads, and what breaks under it. `test_operate.py UDPECHOD UDPECHO`"""
import contextlib
import ctypes
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
from test_live import check_client, noise
from world import APPLIANCE, PATIENCE, PREFIX, Appliance, World, command, wait_until

from offline import Record, write_pcap
from tap import Tap

INTERFACE = world.INTERFACE
OTHER = "198.18.0.78"
LOUD = "--log-level=notice"
IP_RECVTTL = 12
MAC = "02:70:63:61:70:00"  # that net_pcap gives its first device


def said(appliance, pattern):
    return re.search(pattern, appliance.read("errors"), re.M)


def wait_for_log(appliance, pattern):
    wait_until(lambda: appliance.check_alive() and said(appliance, pattern), f"{pattern!r} in the log")


def check_echoes(place, udpecho):
    wait_until(lambda: place.run(udpecho, "-w", "1", APPLIANCE, input=b"again").returncode == 0, "an echo")


# Queues

def exchange(place, count):
    """One datagram and its echo from each of so many ports."""
    for i in range(count):
        with place.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.settimeout(PATIENCE)
            peer.connect((APPLIANCE, 7))
            peer.send(noise(100 + i))
            assert peer.recv(2048) == noise(100 + i)


def check_queues(kind, udpechod):
    """Two queues on two workers: flows are spread over both, and all are answered."""
    with World(kind, queues=2) as place, Appliance(place, udpechod, "--cores=0-1") as appliance:
        exchange(place, 64)
        report = appliance.stop()
    workers = [worker["tx_packets"] for worker in report["workers"]]
    print(f"# {kind}: workers on cores {[w['core'] for w in report['workers']]} sent {workers}")
    assert len(workers) == 2 and min(workers) >= 8, report
    assert [worker["queues"] for worker in report["workers"]] == [1, 1], report
    assert report["verdicts"]["udp-echo"] == 64, report


def check_rings(udpechod):
    """Many queues share the memory of AF_PACKET's rings: what eight of them have."""
    for queues, frames in ((1, 256), (16, 128)):
        with World("af_packet", queues=queues) as place, Appliance(place, udpechod, f"--queues={queues}") as appliance:
            rings = re.findall(r"frm_nr:(\d+)", command("ip", "netns", "exec", place.appliance, "ss", "--packet", "--extended"))
            exchange(place, 64)
            report = appliance.stop()
        assert rings == [str(frames)] * 2 * queues, rings
        assert report["verdicts"]["udp-echo"] == 64, report


def check_all_channels(udpechod):
    """An interface's frames are on all of its queues: one worker takes them all."""
    with World("af_xdp", queues=2) as place, Appliance(place, udpechod, "--cores=1") as appliance:
        exchange(place, 64)
        report = appliance.stop()
    assert report["workers"][0]["queues"] == 2 and report["verdicts"]["udp-echo"] == 64, report


def check_shared_limit(udpechod):
    """Ten at once for a source, whichever queue they come by."""
    with World("af_packet", queues=2) as place, \
            Appliance(place, udpechod, "--cores=0-1", "--rate-limit=1:10") as appliance:
        with contextlib.ExitStack() as stack:
            for _ in range(64):
                peer = stack.enter_context(place.socket(socket.AF_INET, socket.SOCK_DGRAM))
                peer.connect((APPLIANCE, 7))
                peer.send(b"one of many")
        with place.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as raw:
            raw.bind((place.interface, 0x0806))
            for host in (252, 251, 250, 249):  # on either queue: what came before is counted
                appliance.greet(raw, host)
        report = appliance.stop()
    echoes, refused = report["verdicts"]["udp-echo"], report["verdicts"]["rate-limit"]
    assert echoes + refused == 64 and 10 <= echoes <= 10 + report["uptime_s"] + 1, report
    assert all(worker["rx_packets"] > 8 for worker in report["workers"]), report


# Idling

def check_idle(kind, way, udpechod, udpecho):
    """Whatever it does when nothing comes, it answers what comes after."""
    with World(kind) as place, Appliance(place, udpechod, f"--idle={way}") as appliance:
        for size in (0, 100, 1400):
            time.sleep(0.3)  # idle, all ways
            check_client(place, udpecho, size)
        report = appliance.stop()
    (worker,) = report["workers"]
    rate = worker["rounds"] / report["uptime_s"]
    print(f"# {kind}: {way}: {rate:.0f} rounds a second")
    assert way == "spin" or rate < 100_000 or way == "pause", report


def check_no_interrupts(udpechod):
    with World("af_xdp") as place:
        done = place.refused(udpechod, "-a", APPLIANCE, "--idle=interrupt")
    assert done.returncode == 2 and re.fullmatch(
        rf"udpechod: device {place.device}: [^\n]*no receive interrupts: use --idle=sleep\n", done.stderr), done


def check_quiet_start(udpechod):
    """A link that has just come up is up."""
    for _ in range(5):
        with World("af_packet") as place, Appliance(place, udpechod) as appliance:
            appliance.stop()  # which wants that nothing was said


# Reloads

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
    "": ": it holds no rule any more",
    "# the list\n# is empty\n": ": it holds no rule any more",
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
            assert said(appliance, rf"^udpechod: reload: {what}: changed: takes effect with the next start$")
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
            check_lists(place, appliance, acl)
            appliance.reload("udp-port = 7\n")
            assert ask(place, 7)
        report = appliance.end()
    assert (report["reloads"], report["reloads_refused"]) == (9, 4 + len(BROKEN_LISTS)), report
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


# What breaks

def check_link(kind, end, udpechod, udpecho):
    """The link goes and comes, at our end of it or the other: said, counted, and then it answers again."""
    with World(kind) as place, Appliance(place, udpechod, LOUD) as appliance:
        space, interface = {"ours": (place.appliance, INTERFACE), "theirs": (place.client, place.interface)}[end]
        check_client(place, udpecho, 100)
        command("ip", "-n", space, "link", "set", interface, "down")
        wait_for_log(appliance, rf"^udpechod: device {place.device}: link down$")
        command("ip", "-n", space, "link", "set", interface, "up")
        wait_for_log(appliance, rf"^udpechod: device {place.device}: link up$")
        check_echoes(place, udpecho)
        report = appliance.end()
    assert report["devices"][0]["link_changes"] == 2, report


DELETED = f"link delete {INTERFACE}\n"
ANEW = DELETED + f"link add {INTERFACE} type veth peer name other\nlink set {INTERFACE} up\nlink set other up\n"


def check_gone(kind, commands, udpechod):
    """The interface is deleted, or another is in its place before anybody has looked: one line, the report, and status 1."""
    with World(kind) as place, Appliance(place, udpechod) as appliance:
        subprocess.run(["ip", "-n", place.appliance, "-batch", "-"], input=commands, text=True, check=True)
        status = appliance.process.wait(2 * PATIENCE)
        errors = appliance.read("errors")
        report = json.loads(appliance.read("out"))
    assert status == 1 and errors.splitlines()[:2] == [
        f"udpechod: device {place.device}: the interface is gone", "udpechod: no device is left"], (status, errors)
    world.check_law(report)


def check_gone_of_two(udpechod):
    """A capture that has come to its end is nobody's hope."""
    with World("af_packet") as place, tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        write_pcap(f"{folder}/in.pcap", [Record(0, bytes(60))])
        with Appliance(place, udpechod, "-d", f"pcap:{folder}/in.pcap", "-a", OTHER, "-m", MAC) as appliance:
            command("ip", "-n", place.appliance, "link", "delete", INTERFACE)
            status = appliance.process.wait(2 * PATIENCE)
            errors = appliance.read("errors")
    assert status == 1 and "the interface is gone\n" in errors, (status, errors)


class Ptrace:
    """Holds one thread of another process."""

    def __init__(self, thread):
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
        self.thread = thread

    def __enter__(self):
        assert self.libc.ptrace(0x4206, self.thread, None, None) == 0, os.strerror(ctypes.get_errno())  # SEIZE
        assert self.libc.ptrace(0x4207, self.thread, None, None) == 0  # INTERRUPT
        os.waitpid(self.thread, 0x40000000)  # __WALL
        return self

    def __exit__(self, *_):
        # Where it has ended, its tracer has to see that, if it has not yet.
        if self.libc.ptrace(17, self.thread, None, None) != 0:  # DETACH
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.thread, 0x40000000)


def worker_thread(process):
    for thread in os.listdir(f"/proc/{process}/task"):
        with open(f"/proc/{process}/task/{thread}/comm", encoding="ascii") as file:
            if file.read().startswith("rte-worker"):
                return int(thread)
    raise AssertionError("no worker")


def check_stall(udpechod, udpecho):
    """A worker that stands still is noticed, does not keep a reload from ending, and goes on."""
    with World("af_xdp") as place, Appliance(place, udpechod, LOUD) as appliance:
        with Ptrace(worker_thread(appliance.process.pid)):
            wait_for_log(appliance, r"^udpechod: worker on core \d+: has not polled for 1\.\d s")
            appliance.process.send_signal(signal.SIGHUP)
            wait_for_log(appliance, r"^udpechod: reload: a worker is stalled")
        wait_for_log(appliance, r"^udpechod: worker on core \d+: polls again after")
        check_client(place, udpecho, 100)
        report = appliance.end()
    assert report["workers"][0]["stalls"] == 1, report


def check_killed(kind, udpechod, udpecho):
    """After kill -9 the next one starts, and answers."""
    with World(kind) as place:
        with Appliance(place, udpechod) as first:
            check_client(place, udpecho, 100)
            first.process.kill()
            first.process.wait()
        with Appliance(place, udpechod) as second:
            second.link = first.link  # before the first: the second takes away what that left
            check_client(place, udpecho, 100)
            second.stop()


def check_twice(udpechod, udpecho):
    """A second one on the same interface is refused, and does the first no harm."""
    with World("af_xdp") as place, Appliance(place, udpechod) as appliance:
        done = place.refused(udpechod, "-a", OTHER)
        assert done.returncode == 1, done
        assert done.stderr == (f"udpechod: device {place.device}: another udpechod has this interface: `ss -xlp | grep "
                               f"@udpechod/{INTERFACE}` (says which process)\n"), done
        check_client(place, udpecho, 100)
        appliance.stop()


def check_log(udpechod):
    """At start it says what it runs on; offline it says nothing."""
    with World("af_packet") as place, Appliance(place, udpechod, LOUD) as appliance:
        wait_for_log(appliance, rf"^udpechod: device {place.device}: mac .*, addresses {APPLIANCE}, MTU 1500, "
                     "net_af_packet, 1 queue$")
        wait_for_log(appliance, r"^udpechod: worker on core \d+: polls 1 queue, idle: sleep$")
        wait_for_log(appliance, r"^udpechod: version .* on DPDK .*, variant \w+: running$")
        assert all(line.startswith("udpechod: ") for line in appliance.read("errors").splitlines())


def main():
    udpechod, udpecho = map(os.path.abspath, sys.argv[1:3])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    tap = Tap()
    for kind in ("af_xdp", "af_packet", "tap"):
        tap.case(f"{kind}: two queues on two workers", check_queues, kind, udpechod)
    tap.case("the rings of many queues", check_rings, udpechod)
    tap.case("one worker for all queues of an interface", check_all_channels, udpechod)
    tap.case("queues share a limit", check_shared_limit, udpechod)
    for kind, way in (("af_xdp", "spin"), ("af_xdp", "pause"), ("af_xdp", "sleep"), ("tap", "interrupt")):
        tap.case(f"{kind}: idle = {way}", check_idle, kind, way, udpechod, udpecho)
    tap.case("no interrupts where the driver has none", check_no_interrupts, udpechod)
    tap.case("the log", check_log, udpechod)
    tap.case("nothing to complain of at start", check_quiet_start, udpechod)
    tap.case("reloads", check_reload, udpechod)
    tap.case("a reload is whole", check_whole, udpechod)
    tap.case("reloads every 100 ms under the highest load", check_storm, udpechod)
    for kind in ("af_xdp", "af_packet"):
        for end in ("ours", "theirs"):
            tap.case(f"{kind}: link down and up, at {end} end", check_link, kind, end, udpechod, udpecho)
        tap.case(f"{kind}: the interface is deleted", check_gone, kind, DELETED, udpechod)
        tap.case(f"{kind}: the interface is made anew", check_gone, kind, ANEW, udpechod)
        tap.case(f"{kind}: kill -9, and another start", check_killed, kind, udpechod, udpecho)
    tap.case("tap: kill -9, and another start", check_killed, "tap", udpechod, udpecho)
    tap.case("the interface is deleted, beside a capture", check_gone_of_two, udpechod)
    tap.case("a worker stands still", check_stall, udpechod, udpecho)
    tap.case("started twice on one interface", check_twice, udpechod, udpecho)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())

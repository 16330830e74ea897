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
import time

import world
from test_live import check_client, noise
from world import APPLIANCE, PATIENCE, Appliance, World, command, wait_until

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
            if file.read().startswith(("rte-worker", "dpdk-worker")):  # DPDK 22.11, 23.11
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
                               f"@udpechod/{INTERFACE}` (shows which process)\n"), done
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

#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs udpechod under all loads at once, for hours: `soak.py UDPECHOD UDPECHO [HOURS]`. scripts/soak is the way to it.

    flood   net_pcap repeats a capture from memory, as fast as a core goes: valid datagrams of all sizes from many sources,
            frames with anything wrong in them, whole and broken datagrams in fragments
    link    af_xdp on a veth: an ordinary host on the other end sends what comes back, and frames as those above in
            others' names; the link goes down and comes up

Meanwhile both are given other policies, are scraped, asked by telemetry, and capture. Memory, descriptors, threads and
packet buffers are looked at ten times or every 10 s; they must not grow. In the end, the law must hold, every packet
buffer be back, and what the host received be what was sent to it.
"""
import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", folder) for folder in ("", "golden", "live", "model")]
import fragments  # noqa: E402
import frames  # noqa: E402
from offline import Record, write_pcap  # noqa: E402
from soaked import MAC, Soaked, growth  # noqa: E402
from tap import Tap  # noqa: E402
from world import APPLIANCE, INTERFACE, World, command  # noqa: E402
from scapy.layers.inet import IP, UDP  # noqa: E402
from scapy.layers.l2 import Ether  # noqa: E402

LONGEST_FRAME = 1514
WARM_AFTER = 300  # seconds: by then each kind of load has been there a few times
BURST = 32
SLACK_KB = 1024  # an allocator's, over hours
COLD_SLACK_KB = 128 * 1024
VERDICTS = ("udp-port", "udp-checksum", "ip-fragment", "udp-echo", "eth-type")


def traffic(dice):
    """The mixture, in an order of its own."""
    valid = [bytes(Ether(src="02:00:00:00:00:01", dst=MAC) /
                   IP(src=f"{dice.choice((5, 60, 130, 198))}.18.{dice.randrange(8)}.{dice.randrange(1, 200)}", dst=APPLIANCE) /
                   UDP(sport=dice.randrange(20000, 60000), dport=dice.choice((7, 7, 7, 7050, 9))) /
                   dice.randbytes(dice.choice((0, 1, 18, 18, 64, 512, 1400, 1472)))) for _ in range(800)]
    mixed = fragments.mix(dice, valid + [frames.wild(dice) for _ in range(600)], 60)
    return [frame for frame in mixed if 14 <= len(frame) <= LONGEST_FRAME]


class Spoofer(threading.Thread):
    """Sends the mixture into the link from the host's end, whatever becomes of it."""

    def __init__(self, place, mixture):
        super().__init__(daemon=True)
        self.raw = place.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.raw.bind((place.interface, 0x0800))
        self.mixture, self.sent, self.stopping = mixture, 0, threading.Event()

    def run(self):
        while not self.stopping.is_set():
            for frame in self.mixture:
                with contextlib.suppress(OSError):  # the link is down
                    self.raw.send(frame)
                    self.sent += 1
            time.sleep(0.05)

    def stop(self):
        self.stopping.set()
        self.join()
        self.raw.close()


def statistics(space, interface, *names):
    """Counters of an interface."""
    path = f"/sys/class/net/{interface}/statistics"
    text = command("ip", "netns", "exec", space, "cat", *(f"{path}/{name}" for name in names))
    return dict(zip(names, map(int, text.split())))


class Host:
    """The other end of the link: a client that sends as fast as it is answered, again and again."""

    def __init__(self, place, udpecho):
        self.place, self.udpecho = place, udpecho
        self.process, self.runs = None, 0

    def keep_on(self):
        if self.process is None or self.process.poll() is not None:
            self.process = self.place.start(self.udpecho, "--window=16", "--flows=4", "--size=0-1400", "--duration=3s", "--timeout=1",
                                            APPLIANCE, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.runs += 1

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def flap(place, number):
    """The link goes down and comes up, at either end in turn."""
    space, interface = ((place.appliance, INTERFACE), (place.client, place.interface))[number % 2]
    command("ip", "-n", space, "link", "set", interface, "down")
    time.sleep(0.2)
    command("ip", "-n", space, "link", "set", interface, "up")


def say(soaked, began):
    """Takes a sample, and prints it."""
    before = soaked.samples[-1] if soaked.samples else {"rx": 0, "t": 0}
    sample = soaked.sample(began)
    rate = (sample["rx"] - before["rx"]) / (sample["t"] - before["t"])
    print(f"# {sample['t']:7.0f} s  {soaked.name:5}  rss {sample['rss_kb']:7} kB  fds {sample['fds']:3}  "
          f"threads {sample['threads']}  free buffers {sample['free']:5}  {rate / 1e6:7.3f} Mpps  "
          f"reloads {soaked.reloads}  scrapes {soaked.scrapes}  captures {soaked.captures}", flush=True)


def soak(place, both, host, seconds):
    """All at once, until the time is up: how often the link flapped."""
    began, interval, flaps = time.monotonic(), min(10, seconds / 10), 0
    due = 0
    while (now := time.monotonic() - began) < seconds:
        host.keep_on()
        for soaked in both:
            soaked.reload()
            soaked.scrape()
            soaked.capture(VERDICTS[soaked.captures % len(VERDICTS)])
        if now >= due:
            for soaked in both:
                say(soaked, began)
            due += interval
            flap(place, flaps)
            flaps += 1
    for soaked in both:
        say(soaked, began)
    return flaps


def check_growth(soaked):
    is_warm = soaked.samples[-1]["t"] >= WARM_AFTER
    for name, allowed in (("fds", 0), ("threads", 0), ("rss_kb", SLACK_KB if is_warm else COLD_SLACK_KB)):
        values = [sample[name] for sample in soaked.samples]
        grown = growth(soaked.samples, name)
        print(f"# {soaked.name}: {name}: first {values[0]}, least {min(values)}, most {max(values)}, last {values[-1]}: "
              f"{'grows by ' + str(grown) if grown else 'no steady growth'}")
        assert grown <= allowed, f"{soaked.name}: {name} grows: {values}"


def check_received(place, before, report, flaps):
    """What the host's kernel says that came from the link, against what the appliance says that it sent.

    As the link goes down, what was being sent may be lost without a count of the kernel's: a burst at most.
    """
    ours = statistics(place.appliance, INTERFACE, "tx_dropped", "tx_errors")
    theirs = statistics(place.client, place.interface, "rx_packets")
    arrived = theirs["rx_packets"] - before["rx_packets"]
    lost = report["tx_packets"] - arrived - ours["tx_dropped"]
    print(f"# link: the appliance sent {report['tx_packets']}, the host received {arrived}, {ours['tx_dropped']} were dropped as the "
          f"link was down, {lost} as it went down")
    assert 0 <= lost <= flaps * BURST, (ours, theirs)


def say_report(soaked, report):
    counted = {name: count for name, count in report["verdicts"].items() if count}
    print(f"# {soaked.name}: {report['rx_packets']} received, {report['tx_packets']} sent, {report['tx_full']} not taken, "
          f"{report['fragments_added']} fragments more, {report['fragments_expired']} given up; {soaked.captured} packets captured; "
          f"the law holds, every packet buffer is back\n# {soaked.name}: {counted}")


def run(udpechod, udpecho, seconds):
    dice = random.Random(1)
    mixture = traffic(dice)
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(dir="/var/tmp"))
        place = stack.enter_context(World("af_xdp"))
        command("ip", "-n", place.appliance, "link", "set", INTERFACE, "address", MAC)
        command("ip", "-n", place.client, "neigh", "replace", APPLIANCE, "lladdr", MAC, "dev", place.interface)
        for space in (place.client, place.appliance):
            command("ip", "-n", space, "link", "set", "lo", "up")
        write_pcap(f"{folder}/in.pcap", [Record(0, frame) for frame in mixture])
        before = statistics(place.client, place.interface, "rx_packets")
        cores = sorted(os.sched_getaffinity(0))
        flood = Soaked("flood", udpechod, folder, f"vdev:net_pcap0,rx_pcap={folder}/in.pcap,infinite_rx=1", place.client,
                       [f"--cores={cores[-1]}"])
        stack.callback(flood.kill)
        link = Soaked("link", udpechod, folder, f"af_xdp:{INTERFACE}", place.appliance, [f"--cores={cores[0]}"])
        stack.callback(link.kill)
        for soaked in (flood, link):
            soaked.wait()
        spoofer = Spoofer(place, mixture)
        host = Host(place, udpecho)
        stack.callback(host.stop)
        spoofer.start()
        flaps = soak(place, (flood, link), host, seconds)
        spoofer.stop()
        host.stop()
        time.sleep(1)  # for the last replies to arrive
        for soaked in (flood, link):
            check_growth(soaked)
        report = flood.end()
        say_report(flood, report)
        assert report["rx_packets"] > 0 and report["tx_full"] == 0, report
        report = link.end()
        say_report(link, report)
        print(f"# link: {spoofer.sent} spoofed frames, {host.runs} runs of the client, the link flapped {flaps} times")
        check_received(place, before, report, flaps)


def main():
    hours = float(sys.argv[3]) if len(sys.argv) > 3 else 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    tap = Tap()
    tap.case(f"{hours * 3600:.0f} s under all loads at once", run, os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), hours * 3600)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
